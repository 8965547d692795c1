//! Requests people would send: searches and matches in the API's own form. Owns what is asked for and how often;
//! words come from documents of the same seed, so that there is something to find.

use serde_json::{Map, Value, json};

use super::data::{City, Data};
use super::dates::{DAY_MS, date_time};
use super::rng::Rng;
use super::{candidate, copies, job, query_words as words};

/// What requests are made from.
#[derive(Clone, Copy, Debug)]
pub struct Asking {
    /// Searches of jobs and matches with jobs, or those of candidates; both if not said: three of four are for jobs.
    pub kind: Option<AskedKind>,
    /// Words are those of the first so many jobs and candidates.
    pub documents: u64,
}

/// The kind that is searched.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AskedKind {
    /// `jobs`
    Jobs,
    /// `candidates`
    Candidates,
}

impl AskedKind {
    fn name(self) -> &'static str {
        match self {
            Self::Jobs => "jobs",
            Self::Candidates => "candidates",
        }
    }
}

/// What a document offers to ask for.
pub(super) struct Asked {
    pub(super) title: String,
    pub(super) skills: Vec<&'static str>,
    pub(super) company: Option<String>,
    pub(super) city: &'static City,
    pub(super) country: &'static str,
    pub(super) category: &'static str,
    pub(super) industry: &'static str,
}

const REQUEST_STREAM: u64 = 7;
const QUERY_STREAM: u64 = 8;
/// Requests that are among the common ones, of 100.
const COMMON_PERCENT: usize = 70;
/// Common requests follow Zipf's law over about 2^17, the first dozen alike.
const COMMON_BITS: u32 = 17;
const HEAD: usize = 12;
/// Requests nobody else sends have numbers from here on.
const RARE_FIRST: u64 = 1 << 32;
/// Documents that matches send are none of the stored ones.
const UNSTORED_FIRST: u64 = 1 << 40;

/// Request `index` of a log.
pub(super) fn query(
    data: &'static Data,
    seed: u64,
    now_ms: i64,
    asking: Asking,
    index: u64,
) -> Value {
    let mut rng = Rng::new(seed, REQUEST_STREAM, index);
    let number = if rng.chance(COMMON_PERCENT) {
        rng.zipf(COMMON_BITS) + rng.below(HEAD) as u64
    } else {
        RARE_FIRST + index
    };
    distinct(data, seed, now_ms, asking, number)
}

/// The distinct request `number`: the same for every place in the log that sends it.
fn distinct(data: &'static Data, seed: u64, now_ms: i64, asking: Asking, number: u64) -> Value {
    let rng = &mut Rng::new(seed, QUERY_STREAM, number);
    let common_kind = if rng.chance(75) {
        AskedKind::Jobs
    } else {
        AskedKind::Candidates
    };
    let kind = asking.kind.unwrap_or(common_kind);
    let share = rng.below(100);
    if share >= 90 {
        return matched(data, seed, now_ms, kind, UNSTORED_FIRST + number, rng);
    }
    let document = (rng.unit() * asking.documents.max(1) as f64) as u64;
    let asked = match kind {
        AskedKind::Jobs => {
            let own = copies::copy_of(seed, document).map_or(document, |copy| copy.original);
            job::asked(data, seed, own)
        }
        AskedKind::Candidates => candidate::asked(data, seed, document),
    };
    let mut body = Map::new();
    body.insert("q".to_owned(), Value::from(words::query(rng, &asked)));
    match share {
        0..60 => {}
        60..80 => filter(rng, &asked, kind, now_ms, &mut body),
        _ => {
            body.insert("facets".to_owned(), facets(rng, kind));
            if rng.chance(30) {
                filter(rng, &asked, kind, now_ms, &mut body);
            }
        }
    }
    body.insert("limit".to_owned(), Value::from(limit(rng)));
    json!({"kind": kind.name(), "search": body})
}

fn limit(rng: &mut Rng) -> u64 {
    *rng.pick(&[10, 10, 10, 20, 20, 50])
}

/// A match of somebody's CV with jobs, or of an ad nobody has stored with candidates.
fn matched(
    data: &'static Data,
    seed: u64,
    now_ms: i64,
    to: AskedKind,
    index: u64,
    rng: &mut Rng,
) -> Value {
    let (kind, mut document, text) = match to {
        AskedKind::Jobs => {
            let made = candidate::candidate(data, seed, now_ms, index);
            ("candidates", json!(made), "text")
        }
        AskedKind::Candidates => {
            let made = job::job(data, seed, now_ms, index);
            ("jobs", json!(made), "description")
        }
    };
    let mut from = Map::new();
    from.insert("kind".to_owned(), Value::from(kind));
    if rng.chance(50) {
        from.insert("text".to_owned(), document[text].take());
    } else {
        if let Some(members) = document.as_object_mut() {
            members.remove("id");
        }
        from.insert("document".to_owned(), document);
    }
    json!({"match": {"from": from, "to": to.name(), "limit": limit(rng)}})
}

/// Adds one or two filters, from wide ones to narrow ones.
fn filter(
    rng: &mut Rng,
    asked: &Asked,
    kind: AskedKind,
    now_ms: i64,
    body: &mut Map<String, Value>,
) {
    let mut filters = Map::new();
    for _ in 0..[1, 1, 1, 2][rng.below(4)] {
        let (field, condition) = match (rng.below(100), kind) {
            (0..22, _) => ("location.country", json!(asked.country)),
            (22..36, _) => ("location.city", json!(asked.city.name)),
            (36..46, _) => {
                body.insert("near".to_owned(), near(rng, asked.city));
                continue;
            }
            (46..58, _) => (
                "remote",
                json!(rng.say(&["remote", "hybrid", "remote", "onsite"])),
            ),
            (58..68, _) => ("category", json!(asked.category)),
            (68..74, _) if !asked.skills.is_empty() => {
                ("skills", json!({"all": [asked.skills[0]]}))
            }
            (68..78, _) => ("industry", json!(asked.industry)),
            (78..84, AskedKind::Jobs) => {
                let contract = rng.say(&["full-time", "part-time", "contract"]);
                ("contract", json!([contract]))
            }
            (84..92, AskedKind::Jobs) => {
                let days = *rng.pick(&[1, 3, 7, 14, 30]);
                let from = date_time(now_ms - days * DAY_MS);
                ("posted_at", json!({"gte": from}))
            }
            (_, AskedKind::Jobs) => {
                let least = *rng.pick(&[30_000, 40_000, 50_000, 60_000, 80_000, 100_000]);
                let unknown = rng.say(&["include", "exclude"]);
                (
                    "pay",
                    json!({"gte": least, "currency": currency(asked.country), "unknown": unknown}),
                )
            }
            (78..90, AskedKind::Candidates) => {
                ("years", json!({"gte": rng.pick(&[1, 2, 3, 5, 8, 10])}))
            }
            (_, AskedKind::Candidates) => ("open_to", json!(["full-time", "contract"])),
        };
        filters.insert(field.to_owned(), condition);
    }
    if !filters.is_empty() {
        body.insert("filters".to_owned(), Value::Object(filters));
    }
}

fn currency(country: &str) -> &'static str {
    match country {
        "US" => "USD",
        "GB" => "GBP",
        _ => "EUR",
    }
}

fn near(rng: &mut Rng, city: &City) -> Value {
    let km = *rng.pick(&[10, 25, 25, 50, 50, 100]);
    json!({"lat": city.lat, "lon": city.lon, "km": km})
}

fn facets(rng: &mut Rng, kind: AskedKind) -> Value {
    let fields: &[Value] = match kind {
        AskedKind::Jobs => &[
            json!("company"),
            json!("location"),
            json!("remote"),
            json!("skills"),
            json!("contract"),
            json!("category"),
            json!("industry"),
            json!({"field": "location.city", "limit": 20}),
            json!({"field": "pay", "ranges": [30_000, 50_000, 70_000, 100_000], "currency": "USD"}),
        ],
        AskedKind::Candidates => &[
            json!("location"),
            json!("skills"),
            json!("category"),
            json!("remote"),
            json!("open_to"),
            json!({"field": "years", "ranges": [2, 5, 10, 20]}),
        ],
    };
    let count = rng.between(1, 5);
    let places: Vec<usize> = (0..fields.len()).collect();
    let chosen = rng.some(&places, count);
    chosen
        .into_iter()
        .map(|place| fields[place].clone())
        .collect()
}
