//! Conditions of requests: `If-Match` and `If-None-Match` (RFC 9110, 13.1) as
//! conditions on a document's version. Owns entity tags: a strong one is the
//! version in quotes.

use hyper::HeaderMap;
use hyper::header::{HeaderName, IF_MATCH, IF_NONE_MATCH};
use tandem_index::Condition;

use crate::wire::problem::{Code, Outcome, Refusal};

/// The entity tag of a version.
pub(super) fn tag_of(version: u64) -> String {
    format!("\"{version}\"")
}

/// What a request wants to be true before it is done; all must be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Conditions {
    /// From `If-Match`: otherwise 412.
    pub matches: Option<Condition>,
    /// From `If-None-Match`: otherwise 412, or 304 of a read.
    pub matches_none: Option<Condition>,
}

impl Conditions {
    /// Reads the headers.
    pub(super) fn read(headers: &HeaderMap) -> Outcome<Self> {
        let matches = match tags(headers, &IF_MATCH)? {
            None => None,
            Some(Tags::Any) => Some(Condition::Exists),
            // Compared strongly: a weak tag is equal to none.
            Some(Tags::List(tags)) => Some(Condition::Version(versions(tags, false))),
        };
        let matches_none = match tags(headers, &IF_NONE_MATCH)? {
            None => None,
            Some(Tags::Any) => Some(Condition::Absent),
            Some(Tags::List(tags)) => Some(Condition::NotVersion(versions(tags, true))),
        };
        Ok(Self {
            matches,
            matches_none,
        })
    }

    /// Each of them.
    pub(super) fn all(&self) -> impl Iterator<Item = &Condition> {
        self.matches.iter().chain(&self.matches_none)
    }
}

/// What a header lists.
enum Tags {
    /// `*`.
    Any,
    /// Entity tags.
    List(Vec<Tag>),
}

/// An entity tag.
struct Tag {
    is_weak: bool,
    opaque: Vec<u8>,
}

/// The versions tags stand for. Others are of no version, which is no fault.
fn versions(tags: Vec<Tag>, weak_too: bool) -> Vec<u64> {
    tags.into_iter()
        .filter(|tag| weak_too || !tag.is_weak)
        .filter_map(|tag| {
            let text = String::from_utf8(tag.opaque).ok()?;
            let version: u64 = text.parse().ok()?;
            // "07" and "+7" are other tags than "7".
            (version.to_string() == text).then_some(version)
        })
        .collect()
}

fn tags(headers: &HeaderMap, name: &HeaderName) -> Outcome<Option<Tags>> {
    let lines: Vec<&[u8]> = headers
        .get_all(name)
        .iter()
        .map(hyper::header::HeaderValue::as_bytes)
        .collect();
    if lines.is_empty() {
        return Ok(None);
    }
    // Lines of a list are one list.
    let text = lines.join(&b',');
    if text.trim_ascii() == b"*" {
        return Ok(Some(Tags::Any));
    }
    // An empty list is refused: a program whose variable was empty meant something.
    let list = list(&text).filter(|list| !list.is_empty());
    list.map(|list| Some(Tags::List(list))).ok_or_else(|| {
        let name = match *name {
            IF_MATCH => "If-Match",
            _ => "If-None-Match",
        };
        let detail = format!("{name} is neither * nor a list of entity tags such as \"7\"");
        Refusal::new(Code::InvalidRequest, detail)
    })
}

/// A list of entity tags; `None` where it is none. Empty elements are skipped
/// (RFC 9110, 5.6.1.2).
fn list(text: &[u8]) -> Option<Vec<Tag>> {
    let mut tags = Vec::new();
    let mut rest = text.trim_ascii();
    while !rest.is_empty() {
        if let Some(behind) = rest.strip_prefix(b",") {
            rest = behind.trim_ascii_start();
            continue;
        }
        let strong = rest.strip_prefix(b"W/");
        let quoted = strong.unwrap_or(rest).strip_prefix(b"\"")?;
        let end = quoted.iter().position(|byte| *byte == b'"')?;
        let (opaque, behind) = quoted.split_at(end);
        if !opaque.iter().all(|byte| *byte > b' ' && *byte != 0x7F) {
            return None;
        }
        tags.push(Tag {
            is_weak: strong.is_some(),
            opaque: opaque.to_vec(),
        });
        rest = behind.get(1..).unwrap_or_default().trim_ascii_start();
        if !rest.is_empty() && !rest.starts_with(b",") {
            return None;
        }
    }
    Some(tags)
}

#[cfg(test)]
mod tests {
    use hyper::HeaderMap;
    use hyper::header::{HeaderValue, IF_MATCH, IF_NONE_MATCH};
    use tandem_index::Condition::{self, Absent, Exists, NotVersion, Version};

    use super::Conditions;

    fn read(lines: &[(bool, &str)]) -> Option<Vec<Condition>> {
        let mut headers = HeaderMap::new();
        for (matches, line) in lines {
            let name = if *matches { IF_MATCH } else { IF_NONE_MATCH };
            headers.append(name, HeaderValue::from_str(line).unwrap());
        }
        let conditions = Conditions::read(&headers).ok()?;
        Some(conditions.all().cloned().collect())
    }

    #[test]
    fn tags_are_read_as_rfc_9110_has_them() {
        for (line, strong, weak) in [
            ("*", Exists, Absent),
            (" * ", Exists, Absent),
            ("\"7\"", Version(vec![7]), NotVersion(vec![7])),
            ("\"7\", \"9\"", Version(vec![7, 9]), NotVersion(vec![7, 9])),
            (
                ",, \"7\" ,\"0\",",
                Version(vec![7, 0]),
                NotVersion(vec![7, 0]),
            ),
            // Weak tags are equal to nothing where the comparison is strong.
            ("W/\"7\"", Version(vec![]), NotVersion(vec![7])),
            ("W/\"7\",\"8\"", Version(vec![8]), NotVersion(vec![7, 8])),
            // Tags of somebody else, with commas in them.
            ("\"a,b\", \"07\"", Version(vec![]), NotVersion(vec![])),
            (
                "\"18446744073709551615\", \"18446744073709551616\"",
                Version(vec![u64::MAX]),
                NotVersion(vec![u64::MAX]),
            ),
        ] {
            assert_eq!(read(&[(true, line)]), Some(vec![strong]), "{line}");
            assert_eq!(read(&[(false, line)]), Some(vec![weak]), "{line}");
        }
        let lines = [(true, "\"1\""), (false, "*"), (true, "\"2\"")];
        assert_eq!(read(&lines), Some(vec![Version(vec![1, 2]), Absent]));
        assert_eq!(read(&[]), Some(vec![]));
    }

    #[test]
    fn what_is_no_list_of_tags_is_refused() {
        for line in [
            "",
            ",",
            "7",
            "\"7",
            "7\"",
            "\"7\" \"8\"",
            "*, \"7\"",
            "w/\"7\"",
            "W/ \"7\"",
            "\"7\"x",
            "\"7 8\"",
            "W/*",
            "'7'",
        ] {
            assert_eq!(read(&[(true, line)]), None, "{line}");
            assert_eq!(read(&[(false, line)]), None, "{line}");
        }
        assert_eq!(read(&[(true, "*"), (true, "\"7\"")]), None);
    }
}
