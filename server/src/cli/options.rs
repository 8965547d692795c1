//! Options that several commands have in common. Owns turning them into the
//! members of a request.

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};

use super::client::Server;
use super::error::{CliError, Exit};
use super::filters::{Known, facets, filters, split, weights};

/// Which documents can be hits, and in which order.
#[derive(Debug, Args)]
pub(super) struct Choice {
    /// Only documents with this: FIELD=VALUE, FIELD=10..20, FIELD=10.. (repeatable)
    #[arg(long = "filter", value_name = "FIELD=VALUE")]
    pub(super) filters: Vec<String>,
    /// Only documents within --km of a place, or of LAT,LON
    #[arg(long, value_name = "PLACE", allow_hyphen_values = true)]
    near: Option<String>,
    /// The radius of --near in kilometres
    #[arg(
        long,
        value_name = "KM",
        requires = "near",
        default_value_if("near", clap::builder::ArgPredicate::IsPresent, "50")
    )]
    km: Option<f64>,
    /// Documents that are no hits, separated by commas
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    exclude: Vec<String>,
    /// At most N hits with the same value of a field
    #[arg(long, value_name = "FIELD=N")]
    max_per: Option<String>,
    /// Sort by fields, - in front for descending, separated by commas; also score, pay, distance
    #[arg(
        long,
        value_name = "FIELDS",
        value_delimiter = ',',
        allow_hyphen_values = true
    )]
    sort: Vec<String>,
    /// Fields to show, separated by commas; * for all
    #[arg(long, value_name = "FIELDS", value_delimiter = ',')]
    fields: Vec<String>,
    /// Show documents about people without names, contacts, ages and the like
    #[arg(long)]
    blind: bool,
    #[command(flatten)]
    weighing: Weighing,
}

/// What the score is made of.
#[derive(Debug, Args)]
pub(super) struct Weighing {
    /// The profile of the score: technology, healthcare, … (GET /v1/profiles lists them)
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// The weight of a part of the score, 0 to 100 (repeatable)
    #[arg(long = "weight", value_name = "NAME=N")]
    weights: Vec<String>,
}

/// What has to be met.
#[derive(Debug, Args)]
pub(super) struct Wants {
    /// What takes all points where it is known not to be met, separated by commas: certificates,
    /// languages, degree, years, skills.required, remote, pay, contract
    #[arg(long = "must", value_name = "NAMES", value_delimiter = ',')]
    musts: Vec<String>,
}

/// Which part of the hits an answer has, and what is counted.
#[derive(Debug, Args)]
pub(super) struct Page {
    /// Hits in the answer
    #[arg(long, default_value_t = 10)]
    limit: usize,
    /// Show page N
    #[arg(long = "page", value_name = "N", conflicts_with = "cursor", value_parser = clap::value_parser!(u32).range(1..))]
    number: Option<u32>,
    /// Go on behind the answer that had this cursor
    #[arg(long, value_name = "CURSOR")]
    cursor: Option<String>,
    /// Count the values of a field, or FIELD=10,20,30 the ranges between bounds (repeatable)
    #[arg(long = "facet", value_name = "FIELD")]
    facets: Vec<String>,
    /// Show what was retrieved how
    #[arg(long)]
    explain_plan: bool,
}

/// How the words of a query are read.
#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent switches of a command line"
)]
pub(super) struct Reading {
    /// Strict Boolean: AND, OR, NOT, parentheses, field:value
    #[arg(long)]
    boolean: bool,
    /// No words a typo away
    #[arg(long)]
    no_typo: bool,
    /// No synonyms and other names of skills
    #[arg(long)]
    no_synonyms: bool,
    /// No filters from words such as "berlin" or "80k"
    #[arg(long)]
    no_understand: bool,
    /// A word or phrase that is taken as it stands (repeatable)
    #[arg(long, value_name = "WORDS")]
    literal: Vec<String>,
}

/// What is matched.
#[derive(Debug, Args)]
pub(super) struct Source {
    /// A stored document
    #[arg(long, value_name = "KIND/ID", group = "source")]
    from: Option<String>,
    /// A file of plain text, such as a CV; - is standard input. Needs --kind
    #[arg(long, value_name = "FILE", group = "source", requires = "kind")]
    text: Option<PathBuf>,
    /// A file with one document in JSON; - is standard input. Needs --kind
    #[arg(long, value_name = "FILE", group = "source", requires = "kind")]
    document: Option<PathBuf>,
    /// The kind of --text or --document
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
}

impl Choice {
    /// Whether the fields of the kind must be known to read the options.
    pub(super) fn needs_kind(&self) -> bool {
        !self.filters.is_empty()
    }

    /// Adds what was asked for; filters are those of `kind`.
    pub(super) fn fill(
        &self,
        body: &mut Value,
        server: &Server,
        kind: &str,
    ) -> Result<(), CliError> {
        if !self.filters.is_empty()
            && let Some(filters) = filters(&Known::ask(server, kind)?, &self.filters)?
        {
            body["filters"] = filters;
        }
        if let Some(near) = &self.near {
            body["near"] = center(near);
            body["near"]["km"] = json!(self.km);
        }
        if let Some(per) = &self.max_per {
            let (field, count) = split(per, "--max-per")?;
            let count: usize = count.parse().map_err(|_text| {
                let what = format!("--max-per {per}: {count} is not a number");
                CliError::new(Exit::Usage, what)
            })?;
            body["max_per"] = json!({"field": field, "count": count});
        }
        let lists = [
            ("exclude", &self.exclude),
            ("sort", &self.sort),
            ("fields", &self.fields),
        ];
        for (member, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
            body[member] = json!(list);
        }
        if self.blind {
            body["blind"] = json!(true);
        }
        self.weighing.fill(body)
    }
}

impl Weighing {
    /// Adds what was asked for.
    pub(super) fn fill(&self, body: &mut Value) -> Result<(), CliError> {
        if let Some(profile) = &self.profile {
            body["profile"] = json!(profile);
        }
        if let Some(weights) = weights(&self.weights)? {
            body["weights"] = weights;
        }
        Ok(())
    }
}

impl Wants {
    /// Adds what was asked for.
    pub(super) fn fill(&self, body: &mut Value) {
        if !self.musts.is_empty() {
            body["musts"] = json!(self.musts);
        }
    }
}

/// `52.52,13.40`, or a place's name.
fn center(near: &str) -> Value {
    let numbers: Option<Vec<f64>> = near
        .split(',')
        .map(|part| part.trim().parse().ok())
        .collect();
    match numbers.as_deref() {
        Some([lat, lon]) => json!({"lat": lat, "lon": lon}),
        Some(_) | None => json!({"place": near}),
    }
}

impl Page {
    /// Whether the fields of the kind must be known to read the options.
    pub(super) fn needs_kind(&self) -> bool {
        self.facets.iter().any(|facet| facet.contains('='))
    }

    /// Adds what was asked for.
    pub(super) fn fill(
        &self,
        body: &mut Value,
        server: &Server,
        kind: &str,
    ) -> Result<(), CliError> {
        body["limit"] = Value::from(self.limit);
        if let Some(cursor) = &self.cursor {
            body["cursor"] = json!(cursor);
        }
        let known = if self.needs_kind() {
            Known::ask(server, kind)?
        } else {
            Known::nothing()
        };
        if let Some(facets) = facets(&known, &self.facets) {
            body["facets"] = facets;
        }
        if self.explain_plan {
            body["explain"] = json!("plan");
        }
        Ok(())
    }

    /// Asks, going through the pages in front of the one wanted.
    pub(super) fn ask(
        &self,
        server: &Server,
        path: &str,
        mut body: Value,
    ) -> Result<Value, CliError> {
        let mut answer = server.ask("POST", path, Some(&body))?;
        for page in 1..self.number.unwrap_or(1) {
            let cursor = answer["cursor"].take();
            if cursor.is_null() {
                let hits = self.limit;
                let what = if page == 1 {
                    format!("there is only 1 page of {hits} hits")
                } else {
                    format!("there are only {page} pages of {hits} hits")
                };
                return Err(
                    CliError::new(Exit::Usage, what).hint("give a smaller --page or --limit")
                );
            }
            body["cursor"] = cursor;
            answer = server.ask("POST", path, Some(&body))?;
        }
        Ok(answer)
    }
}

impl Reading {
    /// Adds what was asked for.
    pub(super) fn fill(&self, body: &mut Value) {
        if self.boolean {
            body["syntax"] = json!("boolean");
        }
        let switches = [
            ("typo", self.no_typo),
            ("synonyms", self.no_synonyms),
            ("understand", self.no_understand),
        ];
        for (member, _) in switches.into_iter().filter(|(_, off)| *off) {
            body[member] = json!(false);
        }
        if !self.literal.is_empty() {
            body["literal"] = json!(self.literal);
        }
    }
}

impl Source {
    /// The `from` member.
    pub(super) fn from(&self) -> Result<Option<Value>, CliError> {
        if let Some(from) = &self.from {
            let (kind, id) = kind_and_id(from, "--from")?;
            return Ok(Some(json!({"kind": kind, "id": id})));
        }
        let kind = self.kind.as_deref().unwrap_or_default();
        if let Some(path) = &self.text {
            return Ok(Some(json!({"kind": kind, "text": read(path)?})));
        }
        let Some(path) = &self.document else {
            return Ok(None);
        };
        let document: Value = serde_json::from_str(&read(path)?).map_err(|cause| {
            CliError::new(Exit::Usage, format!("{}: {cause}", path.display()))
                .hint("--document takes one document in JSON; --text takes plain text")
        })?;
        Ok(Some(json!({"kind": kind, "document": document})))
    }
}

/// `KIND/ID`.
pub(super) fn kind_and_id<'a>(
    given: &'a str,
    option: &str,
) -> Result<(&'a str, &'a str), CliError> {
    given
        .split_once('/')
        .filter(|(kind, id)| !kind.is_empty() && !id.is_empty())
        .ok_or_else(|| {
            CliError::new(
                Exit::Usage,
                format!("{option} {given}: expected KIND/ID, such as jobs/job-0000017"),
            )
        })
}

fn read(path: &Path) -> Result<String, CliError> {
    let failed =
        |cause: &std::io::Error| CliError::io(&format!("cannot read {}", path.display()), cause);
    if path.as_os_str() == "-" {
        let mut text = String::new();
        std::io::stdin()
            .read_to_string(&mut text)
            .map_err(|cause| failed(&cause))?;
        return Ok(text);
    }
    std::fs::read_to_string(path).map_err(|cause| failed(&cause))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::center;

    #[test]
    fn a_centre_is_a_point_or_a_place() {
        assert_eq!(center("52.5, -13"), json!({"lat": 52.5, "lon": -13.0}));
        assert_eq!(center("Paris, France"), json!({"place": "Paris, France"}));
    }
}
