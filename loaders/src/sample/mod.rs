//! Synthetic jobs and candidates, and requests for them, for `tandem sample` and `tandem demo`.
//!
//! Owns what the documents say; writes nothing and reads no clock. Occupations, titles, tasks and skills come from
//! O*NET, cities from GeoNames (see data/README.md); companies, people and pay are invented.
//!
//! Some jobs are nearly the same as earlier ones, see `Sampler::copy_of`. Requests are in the form of docs/api.md.
//!
//! Document `i` is a function of (seed, i, `now_ms`) alone: documents can be made in any order, on any number of
//! threads, and a larger sample begins with the smaller one.

mod candidate;
mod career;
mod companies;
mod copies;
mod data;
mod dates;
mod job;
mod pay;
mod people;
mod prose_ad;
mod prose_ad_lists;
mod prose_cv;
mod prose_cv_local;
mod prose_local;
mod query;
mod query_words;
mod rng;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_spread;
mod words;

use serde::Serialize;

pub use copies::{Copied, CopyKind};
pub use query::{AskedKind, Asking};

use data::{City, Country, Data};
use rng::Rng;

/// What a seed makes. Raised when documents or requests of a seed become others.
pub const FORMAT: u32 = 2;

/// Makes documents. Cheap to copy; the data is unpacked once a process.
#[derive(Clone, Copy)]
pub struct Sampler {
    data: &'static Data,
    seed: u64,
    now_ms: i64,
}

impl Sampler {
    /// A sampler for the seed, as seen from `now_ms` (milliseconds since 1970): ads are at most 90 days older,
    /// careers go on until then. The first one of a process unpacks the data, which takes some 15 ms.
    pub fn new(seed: u64, now_ms: i64) -> Self {
        Self {
            data: data::data(),
            seed,
            now_ms,
        }
    }

    /// Job `index` as one line of NDJSON without the line end, in the natural JSON of `jobs` in kinds.toml.
    pub fn job(&self, index: u64) -> String {
        text(|out| self.write_job(index, out))
    }

    /// Candidate `index` as one line of NDJSON without the line end, in the natural JSON of `candidates` in kinds.toml.
    pub fn candidate(&self, index: u64) -> String {
        text(|out| self.write_candidate(index, out))
    }

    /// Request `index` of a log as one line of NDJSON without the line end: `{"kind", "search"}` with the body of a
    /// search, or `{"match"}` with that of a match.
    pub fn query(&self, asking: Asking, index: u64) -> String {
        text(|out| self.write_query(asking, index, out))
    }

    /// Appends what `job` gives.
    pub fn write_job(&self, index: u64, out: &mut Vec<u8>) {
        write(out, &job::job(self.data, self.seed, self.now_ms, index));
    }

    /// Appends what `candidate` gives.
    pub fn write_candidate(&self, index: u64, out: &mut Vec<u8>) {
        let made = candidate::candidate(self.data, self.seed, self.now_ms, index);
        write(out, &made);
    }

    /// Appends what `query` gives.
    pub fn write_query(&self, asking: Asking, index: u64, out: &mut Vec<u8>) {
        let made = query::query(self.data, self.seed, self.now_ms, asking, index);
        write(out, &made);
    }

    /// What job `index` is a copy of, if it is one. Its id says the same: `job-0001171-r0000891` is ad 891 posted
    /// again, `job-0019639-c0015984` ad 15984 in another city.
    pub fn copy_of(&self, index: u64) -> Option<Copied> {
        copies::copy_of(self.seed, index)
    }
}

fn write(out: &mut Vec<u8>, document: &impl Serialize) {
    serde_json::to_writer(out, document)
        .expect("strings, numbers and lists of them always serialise, and memory takes them");
}

fn text(write: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut out = Vec::with_capacity(4_096);
    write(&mut out);
    String::from_utf8(out).expect("JSON is UTF-8")
}

/// A place in the documents' natural form.
#[derive(Clone, Serialize)]
struct Place {
    city: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    region: &'static str,
    country: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    lat: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lon: Option<f64>,
}

impl Place {
    /// The city, mostly with its coordinates.
    fn draw(rng: &mut Rng, country: &Country, city: &City) -> Self {
        let known = rng.chance(92);
        Self {
            city: city.name,
            region: city.region,
            country: country.code,
            lat: known.then_some(city.lat),
            lon: known.then_some(city.lon),
        }
    }
}
