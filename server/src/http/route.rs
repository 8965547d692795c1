//! The route table: what is dispatched, allowed, counted and described in
//! `/openapi.json`. Owns matching a path; knows nothing of bodies.

use percent_encoding::percent_decode_str;

use crate::keys::Access;
use crate::suggest::likeness;
use crate::wire::parameters::{
    BLIND, BULK, CHANGES, DELETE, ERASE, Parameter, SEARCH, SUGGEST, TITLES,
};

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// The kinds.
    Kinds,
    /// The profiles of the score.
    Profiles,
    /// One document.
    Get,
    /// Create or replace one document.
    Put,
    /// Change one document in part.
    Patch,
    /// Delete one document.
    Delete,
    /// Everything about a person.
    Subject,
    /// Erase a person.
    Erase,
    /// Many writes.
    Bulk,
    /// Search with a body.
    Search,
    /// Search with a query string.
    SearchQuery,
    /// Several searches with one body.
    Searches,
    /// Ends of what is being typed.
    Suggest,
    /// Every hit of a search.
    Export,
    /// Every hit of a match.
    ExportMatch,
    /// What has changed.
    Changes,
    /// Match a document.
    Match,
    /// Score exhaustively.
    Rank,
    /// Score one pair.
    Explain,
    /// How far every source is read.
    Sources,
    /// How far one source is read.
    SourceOf,
    /// Forget a source.
    Forget,
    /// The taxonomy and what the space put over it.
    Taxonomy,
    /// Put an overlay of the taxonomy.
    PutTaxonomy,
    /// Take the overlay away.
    DeleteTaxonomy,
    /// What is known of a skill.
    SkillOf,
    /// What a title is read as.
    TitleOf,
    /// The process is alive.
    Live,
    /// The server takes requests.
    Ready,
    /// Counters.
    Metrics,
    /// The description of all this.
    OpenApi,
    /// The page.
    Page,
    /// A file of the page.
    PageFile,
}

impl Operation {
    /// Whether it shows documents, so that it can be asked for those of a write:
    /// it takes `min_sequence`.
    pub fn is_read(self) -> bool {
        match self {
            Self::Kinds
            | Self::Get
            | Self::Search
            | Self::SearchQuery
            | Self::Searches
            | Self::Suggest
            | Self::Export
            | Self::ExportMatch
            | Self::Changes
            | Self::Match
            | Self::Rank
            | Self::Explain
            | Self::Sources
            | Self::SourceOf
            | Self::Taxonomy
            | Self::SkillOf
            | Self::TitleOf
            | Self::Subject => true,
            Self::Profiles
            | Self::Put
            | Self::Patch
            | Self::Delete
            | Self::Erase
            | Self::Forget
            | Self::PutTaxonomy
            | Self::DeleteTaxonomy
            | Self::Bulk
            | Self::Live
            | Self::Ready
            | Self::Metrics
            | Self::OpenApi
            | Self::Page
            | Self::PageFile => false,
        }
    }

    /// The query parameters it takes. Those of the page are its own state and
    /// nobody's here: `None`.
    pub fn parameters(self) -> Option<&'static [Parameter]> {
        match self {
            Self::SearchQuery => Some(&SEARCH),
            Self::Suggest => Some(&SUGGEST),
            Self::Bulk => Some(&BULK),
            Self::Changes => Some(&CHANGES),
            Self::Delete => Some(&DELETE),
            Self::Erase => Some(&ERASE),
            Self::Get => Some(&BLIND),
            Self::TitleOf => Some(&TITLES),
            Self::Page | Self::PageFile => None,
            Self::Kinds
            | Self::Profiles
            | Self::Subject
            | Self::Put
            | Self::Patch
            | Self::Search
            | Self::Searches
            | Self::Export
            | Self::ExportMatch
            | Self::Match
            | Self::Rank
            | Self::Explain
            | Self::Sources
            | Self::SourceOf
            | Self::Forget
            | Self::Taxonomy
            | Self::PutTaxonomy
            | Self::DeleteTaxonomy
            | Self::SkillOf
            | Self::Live
            | Self::Ready
            | Self::Metrics
            | Self::OpenApi => Some(&[]),
        }
    }
}

/// One route.
#[derive(Debug)]
pub struct Route {
    /// `GET`, `PUT`, …
    pub method: &'static str,
    /// With `{kind}`, `{id}` and `{file}` in it.
    pub path: &'static str,
    /// The right it needs where there are keys; none is open to everybody.
    pub access: Option<Access>,
    /// What it does.
    pub operation: Operation,
}

const fn route(
    method: &'static str,
    path: &'static str,
    access: Option<Access>,
    operation: Operation,
) -> Route {
    Route {
        method,
        path,
        access,
        operation,
    }
}

const READ: Option<Access> = Some(Access::Read);
const WRITE: Option<Access> = Some(Access::Write);

/// Every route.
pub const ROUTES: [Route; 34] = [
    route("GET", "/v1/kinds", READ, Operation::Kinds),
    route("GET", "/v1/profiles", READ, Operation::Profiles),
    route("POST", "/v1/search", READ, Operation::Searches),
    route("POST", "/v1/search/{kind}", READ, Operation::Search),
    route("GET", "/v1/search/{kind}", READ, Operation::SearchQuery),
    route("GET", "/v1/suggest/{kind}", READ, Operation::Suggest),
    route("POST", "/v1/export/match", READ, Operation::ExportMatch),
    route("POST", "/v1/export/{kind}", READ, Operation::Export),
    route("GET", "/v1/changes", READ, Operation::Changes),
    route("POST", "/v1/match", READ, Operation::Match),
    route("POST", "/v1/rank", READ, Operation::Rank),
    route("POST", "/v1/explain", READ, Operation::Explain),
    route("GET", "/v1/sources", READ, Operation::Sources),
    route("GET", "/v1/sources/{name}", READ, Operation::SourceOf),
    route("DELETE", "/v1/sources/{name}", WRITE, Operation::Forget),
    route("GET", "/v1/taxonomy", READ, Operation::Taxonomy),
    route("PUT", "/v1/taxonomy", WRITE, Operation::PutTaxonomy),
    route("DELETE", "/v1/taxonomy", WRITE, Operation::DeleteTaxonomy),
    route("GET", "/v1/taxonomy/titles", READ, Operation::TitleOf),
    route(
        "GET",
        "/v1/taxonomy/skills/{name}",
        READ,
        Operation::SkillOf,
    ),
    route("GET", "/v1/subjects/{id}", READ, Operation::Subject),
    route("DELETE", "/v1/subjects/{id}", WRITE, Operation::Erase),
    route("POST", "/v1/{kind}/bulk", WRITE, Operation::Bulk),
    route("GET", "/v1/{kind}/{id}", READ, Operation::Get),
    route("PUT", "/v1/{kind}/{id}", WRITE, Operation::Put),
    route("PATCH", "/v1/{kind}/{id}", WRITE, Operation::Patch),
    route("DELETE", "/v1/{kind}/{id}", WRITE, Operation::Delete),
    route("GET", "/healthz", None, Operation::Live),
    route("GET", "/livez", None, Operation::Live),
    route("GET", "/readyz", None, Operation::Ready),
    route("GET", "/metrics", READ, Operation::Metrics),
    route("GET", "/openapi.json", None, Operation::OpenApi),
    route("GET", "/", None, Operation::Page),
    route("GET", "/page/{file}", None, Operation::PageFile),
];

/// What a path's variable parts say, decoded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params {
    /// `{kind}`.
    pub kind: String,
    /// `{id}` or `{name}`; `None` when it is not UTF-8.
    pub id: Option<String>,
    /// `{file}`.
    pub file: String,
}

/// What a method and a path lead to.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    /// This route of [`ROUTES`].
    Route(usize, Params),
    /// Other methods only, as `Allow` lists them.
    Method(String),
    /// Nothing.
    Nothing,
}

/// Finds the route. HEAD is GET without its body, which the connection leaves
/// out.
pub fn find(method: &str, path: &str) -> Found {
    let method = if method == "HEAD" { "GET" } else { method };
    let mut allowed = Vec::new();
    for (place, route) in ROUTES.iter().enumerate() {
        let Some(params) = match_path(route.path, path) else {
            continue;
        };
        if route.method == method {
            return Found::Route(place, params);
        }
        if !allowed.contains(&route.method) {
            allowed.push(route.method);
        }
    }
    if allowed.is_empty() {
        Found::Nothing
    } else {
        Found::Method(allowed.join(", "))
    }
}

/// The path that was probably meant where the words of one are misspelt:
/// `/v1/search/jobs` for `/v1/serch/jobs`. `kinds` are names that stand where a
/// word of a route could.
pub fn meant<'a>(path: &str, kinds: impl Iterator<Item = &'a str>) -> Option<String> {
    let parts: Vec<&str> = path.split('/').collect();
    let known = parts.get(2).copied().unwrap_or_default();
    let kind = kinds.filter_map(|kind| likeness(known, kind));
    let kind = kind.fold(0.0, f64::max);
    let routes = ROUTES
        .iter()
        .filter(|route| !route.path.starts_with("/v1/{"));
    let (likeness, meant) = routes
        .filter_map(|route| like(route.path, &parts))
        .max_by(|a, b| a.0.total_cmp(&b.0))?;
    // A path that is a route's, or has a kind in the place of a word, is spelt right.
    (kind..1.0).contains(&likeness).then_some(meant)
}

/// How like a route's path is, and the path with the route's words.
fn like(pattern: &str, parts: &[&str]) -> Option<(f64, String)> {
    let expected: Vec<&str> = pattern.split('/').collect();
    if expected.len() != parts.len() {
        return None;
    }
    let mut least = 1.0_f64;
    let mut meant = Vec::with_capacity(parts.len());
    for (expected, part) in expected.into_iter().zip(parts) {
        if expected.starts_with('{') {
            meant.push(*part);
        } else if expected == *part {
            meant.push(expected);
        } else {
            least = least.min(likeness(part, expected)?);
            meant.push(expected);
        }
    }
    Some((least, meant.join("/")))
}

fn match_path(pattern: &str, path: &str) -> Option<Params> {
    let mut params = Params::default();
    let mut parts = path.split('/');
    for expected in pattern.split('/') {
        let part = parts.next()?;
        match expected {
            "{kind}" if is_reserved(part) => return None,
            "{kind}" => params.kind = percent_decode_str(part).decode_utf8_lossy().into_owned(),
            "{id}" | "{name}" => {
                params.id = percent_decode_str(part)
                    .decode_utf8()
                    .ok()
                    .map(std::borrow::Cow::into_owned);
            }
            "{file}" => part.clone_into(&mut params.file),
            literal if literal == part => {}
            _ => return None,
        }
    }
    parts.next().is_none().then_some(params)
}

/// Whether a name stands behind `/v1/` in a route, so that no kind can have it.
fn is_reserved(name: &str) -> bool {
    ROUTES
        .iter()
        .filter_map(|route| route.path.strip_prefix("/v1/"))
        .filter_map(|rest| rest.split('/').next())
        .any(|first| first == name)
}

#[cfg(test)]
mod tests {
    use super::{Found, Operation, ROUTES, find, meant};

    #[test]
    fn a_misspelt_route_is_told_from_a_misspelt_kind() {
        for (path, route) in [
            ("/v1/serch/jobs", Some("/v1/search/jobs")),
            ("/v1/searches/jobs", Some("/v1/search/jobs")),
            ("/v1/exprt/match", Some("/v1/export/match")),
            ("/v1/kidns", Some("/v1/kinds")),
            ("/v1/explian", Some("/v1/explain")),
            ("/v2/kinds", None),
            ("/healthy", Some("/healthz")),
            ("/openapi", Some("/openapi.json")),
            ("/v1/jbs/x", None),
            ("/v1/candidate/search", None),
            ("/v1/zzz/x", None),
            ("/nowhere", None),
            ("/v1/search/jobs", None),
        ] {
            let found = meant(path, ["jobs", "candidates"].into_iter());
            assert_eq!(found.as_deref(), route, "{path}");
        }
    }

    #[test]
    fn paths_lead_to_their_operations() {
        let cases = [
            ("GET", "/v1/kinds", Operation::Kinds),
            ("GET", "/v1/profiles", Operation::Profiles),
            ("POST", "/v1/search/jobs", Operation::Search),
            ("POST", "/v1/search", Operation::Searches),
            ("GET", "/v1/suggest/jobs", Operation::Suggest),
            ("POST", "/v1/export/jobs", Operation::Export),
            ("POST", "/v1/export/match", Operation::ExportMatch),
            ("GET", "/v1/changes", Operation::Changes),
            ("POST", "/v1/jobs/bulk", Operation::Bulk),
            ("GET", "/v1/jobs/bulk", Operation::Get),
            ("GET", "/v1/sources", Operation::Sources),
            ("GET", "/v1/sources/a%2Fb", Operation::SourceOf),
            ("DELETE", "/v1/sources/a%2Fb", Operation::Forget),
            ("PUT", "/v1/jobs/a%2Fb", Operation::Put),
            ("PUT", "/v1/jobs/", Operation::Put),
            ("GET", "/v1/subjects/bulk", Operation::Subject),
            ("DELETE", "/v1/subjects/a%2Fb", Operation::Erase),
            ("GET", "/v1/taxonomy", Operation::Taxonomy),
            ("GET", "/v1/taxonomy/titles", Operation::TitleOf),
            ("GET", "/v1/taxonomy/skills/C%2B%2B", Operation::SkillOf),
            ("GET", "/", Operation::Page),
            ("GET", "/page/app.css", Operation::PageFile),
        ];
        for (method, path, operation) in cases {
            match find(method, path) {
                Found::Route(place, _) => assert_eq!(ROUTES[place].operation, operation, "{path}"),
                other @ (Found::Method(_) | Found::Nothing) => panic!("{method} {path}: {other:?}"),
            }
        }
    }

    #[test]
    fn other_methods_and_paths_are_told_apart() {
        assert_eq!(
            find("DELETE", "/v1/search/jobs"),
            Found::Method("POST, GET".into())
        );
        assert_eq!(
            find("POST", "/v1/jobs/1"),
            Found::Method("GET, PUT, PATCH, DELETE".into())
        );
        assert_eq!(find("GET", "/v1/jobs/1/2"), Found::Nothing);
        assert_eq!(find("GET", "/v2/jobs/1"), Found::Nothing);
    }

    #[test]
    fn ids_are_decoded_and_not_utf8_is_seen() {
        for (path, id) in [
            ("/v1/jobs/a%2Fb%20c", Some("a/b c")),
            ("/v1/jobs/%FF", None),
            ("/v1/jobs/", Some("")),
        ] {
            match find("GET", path) {
                Found::Route(_, params) => assert_eq!(params.id.as_deref(), id),
                other @ (Found::Method(_) | Found::Nothing) => panic!("{path}: {other:?}"),
            }
        }
    }
}
