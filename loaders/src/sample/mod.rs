//! Synthetic jobs and candidates for `tandem sample` and `tandem demo`.
//!
//! Owns what the documents say; writes nothing and reads no clock. Occupations, titles, tasks and skills come from
//! O*NET, cities from GeoNames (see data/README.md); companies, people and pay are invented.
//!
//! Document `i` is a function of (seed, i, `now_ms`) alone: documents can be made in any order, on any number of
//! threads, and a larger sample begins with the smaller one.

mod candidate;
mod career;
mod companies;
mod data;
mod dates;
mod job;
mod pay;
mod people;
mod prose_ad;
mod prose_cv;
mod prose_local;
mod rng;
#[cfg(test)]
mod tests;
mod words;

use serde::Serialize;

use data::{City, Country, Data};
use rng::Rng;

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
        line(&job::job(self.data, self.seed, self.now_ms, index))
    }

    /// Candidate `index` as one line of NDJSON without the line end, in the natural JSON of `candidates` in kinds.toml.
    pub fn candidate(&self, index: u64) -> String {
        line(&candidate::candidate(
            self.data,
            self.seed,
            self.now_ms,
            index,
        ))
    }
}

fn line(document: &impl Serialize) -> String {
    serde_json::to_string(document).expect("strings, numbers and lists of them always serialise")
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
