//! The query parameters of routes. Owns their names, descriptions and examples,
//! and what no query string may be; `query` reads them.

use form_urlencoded::parse;

use super::problem::{Code, Outcome, Refusal};
use super::query;
use crate::limits::QUERY_STRING_BYTES_MAX;

/// Refuses a query string that is too long, or has a `%` that stands for
/// nothing: what was meant by it is not known.
pub fn check(query: &str) -> Outcome<()> {
    if query.len() > QUERY_STRING_BYTES_MAX {
        let detail = format!(
            "the query string has {} bytes, at most {QUERY_STRING_BYTES_MAX} are read",
            query.len()
        );
        return Err(Refusal::new(Code::InvalidRequest, detail));
    }
    let is_escaped = |part: &str| {
        let mut behind = part.split('%').skip(1).map(str::as_bytes);
        behind.all(|rest| {
            rest.get(..2)
                .is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit))
        })
    };
    let Some(part) = query.split('&').find(|part| !is_escaped(part)) else {
        return Ok(());
    };
    let name = parse(part.as_bytes()).next().unwrap_or_default().0;
    let detail = "two hexadecimal digits follow a `%`; write %25 for the sign itself";
    Err(query::wrong(&name, detail))
}

/// A parameter: its name, what it means and an example.
pub type Parameter = (&'static str, &'static str, &'static str);

/// Those of the GET twin of search.
pub const SEARCH: [Parameter; 31] = [
    (
        "q",
        "words, phrases, +must, -not, field:word; or a Boolean expression",
        "data engineer",
    ),
    ("limit", "hits in an answer, 0 to 1,000", "10"),
    ("cursor", "from the previous answer", ""),
    ("words", "all, most or any", "most"),
    ("syntax", "auto, words or boolean", "auto"),
    ("typo", "true or false", "false"),
    ("prefix", "true or false", "false"),
    ("synonyms", "true or false", "false"),
    ("understand", "true or false", "false"),
    (
        "literal",
        "a word or phrase of q that is taken as it stands (repeatable)",
        "80k",
    ),
    ("near", "a place, or latitude,longitude", "52.52,13.40"),
    ("km", "the radius of near", "50"),
    ("near.unknown", "exclude or include", "include"),
    (
        "exclude",
        "ids that are no hits, separated by commas (repeatable)",
        "job-0000001,job-0000002",
    ),
    ("max_per", "FIELD:N, at most N hits a value", "company:2"),
    ("count", "exact or none", "exact"),
    (
        "now",
        "the time freshness and expiry are seen from: RFC 3339",
        "2026-11-20T00:00:00Z",
    ),
    ("highlight", "true or false", "true"),
    ("evidence", "true or false", "true"),
    (
        "blind",
        "true shows documents about people without names, contacts, ages and the like",
        "true",
    ),
    ("explain", "plan", "plan"),
    (
        "facets",
        "fields to count, separated by commas",
        "company,skills",
    ),
    (
        "facet.FIELD.limit",
        "the most values of a facet, 1 to 1,000",
        "20",
    ),
    (
        "facet.FIELD.search",
        "only values one of whose words begins with this",
        "ber",
    ),
    (
        "facet.FIELD.ranges",
        "rising bounds, separated by commas",
        "40000,60000,80000",
    ),
    (
        "facet.FIELD.currency",
        "the currency of the bounds of pay",
        "EUR",
    ),
    (
        "sort",
        "fields, - in front for descending, separated by commas; also score, pay, distance",
        "-posted_at",
    ),
    (
        "fields",
        "fields an answer shows, separated by commas; * for all",
        "title,company",
    ),
    (
        "filter.FIELD",
        "a value (repeat for any of them) or a range 10..20, 10.., ..20; filter.FIELD.unknown=include; \
         beside a range of filter.pay also filter.pay.currency=EUR and filter.pay.period=year",
        "DE",
    ),
    (
        "profile",
        "the profile of the score, one of /v1/profiles",
        "search",
    ),
    ("weight.NAME", "the weight of a component, 0 to 100", "50"),
];

/// Those of suggest.
pub const SUGGEST: [Parameter; 3] = [
    (
        "q",
        "what is being typed; empty gives the most frequent",
        "dat",
    ),
    ("limit", "suggestions in an answer, 1 to 100", "10"),
    (
        "types",
        "title, skill, company, place, separated by commas; all the kind has if not given",
        "title,skill",
    ),
];

/// Those of reading a document.
pub const BLIND: [Parameter; 1] = [(
    "blind",
    "true shows a document about a person without names, contacts, ages and the like",
    "true",
)];

/// Those of a delete.
pub const DELETE: [Parameter; 1] = [(
    "version",
    "the version of the delete: an older one than the document's is stale, and no document with an \
     equal or older one comes back for 7 days",
    "7",
)];

/// Those of erasing a person.
pub const ERASE: [Parameter; 1] = [(
    "now",
    "true to have every file rewritten before the answer; else that is done within the time the \
     receipt names",
    "true",
)];

/// Those of what a title is read as.
pub const TITLES: [Parameter; 1] = [("title", "a job title", "Sr. Software Engineer (m/f/d)")];

/// Those of bulk.
pub const BULK: [Parameter; 5] = [
    (
        "source",
        "the name of where the lines come from: how far it is read is kept with them",
        "jobs.ndjson",
    ),
    (
        "from",
        "the source's position in front of the body, 0 if not given; lines that are kept already are skipped",
        "0",
    ),
    (
        "to",
        "the source's position behind the body, where the body is not the source's own bytes",
        "0",
    ),
    (
        "mapping",
        "a built-in mapping of columns to fields, or auto for one that is proposed from the first 200 records",
        "auto",
    ),
    (
        "header_row",
        "the row of a table's header, from 1; what stands above it is skipped",
        "1",
    ),
];

/// Those of the change feed.
pub const CHANGES: [Parameter; 4] = [
    (
        "after",
        "the position to go on behind: `next` of the answer before, or `X-Snapshot` of an export; 0 is the beginning",
        "0",
    ),
    ("kind", "only changes of this kind (repeatable)", "jobs"),
    (
        "wait",
        "seconds to wait for a change where there is none yet, 0 to 60",
        "0",
    ),
    (
        "limit",
        "changes in an answer, 1 to 10,000; those of one sequence number are never split, so it may be a few hundred more",
        "1000",
    ),
];
