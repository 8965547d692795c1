//! Documents: synthetic ones, and the real ads and CVs of the shared data
//! folder where that is there.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;
use serde_json::{Map, Value, json};
use tandem_index::{Kinds, Prepared, prepare};
use tandem_loaders::sample::Sampler;

use crate::left_out::left_out;
use crate::support::{NOW_MS, prepared, put};

const CHECKOUT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// Jobs and candidates.
pub(crate) struct Corpus {
    pub(crate) kinds: Arc<Kinds>,
    pub(crate) jobs: Vec<Value>,
    pub(crate) candidates: Vec<Value>,
}

impl Corpus {
    /// Synthetic documents.
    pub(crate) fn sample(jobs: u64, candidates: u64, seed: u64) -> Self {
        let sampler = Sampler::new(seed, NOW_MS);
        let read = |line: String| serde_json::from_str(&line).unwrap();
        Self {
            kinds: Arc::new(Kinds::builtin()),
            jobs: (0..jobs).map(|at| read(sampler.job(at))).collect(),
            candidates: (0..candidates)
                .map(|at| read(sampler.candidate(at)))
                .collect(),
        }
    }

    /// Every document as a change, jobs first.
    pub(crate) fn changes(&self) -> Vec<Prepared> {
        let jobs = self.jobs.iter().map(|job| put(&self.kinds, "jobs", job));
        let candidates = self
            .candidates
            .iter()
            .map(|one| put(&self.kinds, "candidates", one));
        prepared(&self.kinds, jobs.chain(candidates).collect())
    }

    /// Every document the index takes, as a change; the others are left out of
    /// the corpus, and counted.
    pub(crate) fn accepted(&mut self, test: &str) -> Vec<Prepared> {
        let kinds = &self.kinds;
        let mut changes = Vec::new();
        for (kind, documents) in [
            ("jobs", &mut self.jobs),
            ("candidates", &mut self.candidates),
        ] {
            let before = documents.len();
            let taken: Vec<(Value, Prepared)> = std::mem::take(documents)
                .into_par_iter()
                .filter_map(|document| {
                    let change = prepare(kinds, put(kinds, kind, &document)).ok()?;
                    Some((document, change))
                })
                .collect();
            eprintln!("{test}: {} of {before} {kind} accepted", taken.len());
            let (kept, accepted): (Vec<Value>, Vec<Prepared>) = taken.into_iter().unzip();
            *documents = kept;
            changes.extend(accepted);
        }
        changes
    }

    pub(crate) fn of(&self, kind: &str) -> &[Value] {
        if kind == "jobs" {
            &self.jobs
        } else {
            &self.candidates
        }
    }
}

/// The rows of a shared file. Where it is absent `None`, and a note of what the
/// test does `without` it.
pub(crate) fn rows(without: &str, file: &str) -> Option<impl Iterator<Item = Value>> {
    let name = format!("../shared/data/{file}");
    let path = format!("{CHECKOUT}/{name}");
    if !Path::new(&path).exists() {
        left_out(&format!("{without} (no {name})"));
        return None;
    }
    let reader = BufReader::new(zstd::Decoder::new(File::open(path).unwrap()).unwrap());
    Some(
        reader
            .lines()
            .map(|line| serde_json::from_str(&line.unwrap()).unwrap()),
    )
}

fn text<'a>(row: &'a Value, member: &str) -> &'a str {
    row.get(member)
        .and_then(Value::as_str)
        .map_or("", str::trim)
}

fn filled(members: &[(&str, &str)]) -> Map<String, Value> {
    let filled = members.iter().filter(|(_, value)| !value.is_empty());
    filled
        .map(|(name, value)| ((*name).to_owned(), json!(value)))
        .collect()
}

/// Every `step`th real ad as a job, without what needs guessing (pay, skills).
pub(crate) fn real_jobs(without: &str, step: usize) -> Option<Vec<Value>> {
    let job = |(at, row): (usize, Value)| {
        let mut job = filled(&[
            ("title", text(&row, "title")),
            ("company", text(&row, "company")),
            ("description", text(&row, "description")),
            ("source", text(&row, "source")),
            ("location", text(&row, "location")),
        ]);
        let date = text(&row, "date");
        if tandem_index::document::parse_date_ms(date).is_some() {
            job.insert("posted_at".into(), json!(date));
        }
        job.insert("id".into(), json!(format!("{}:{at}", text(&row, "source"))));
        Value::Object(job)
    };
    let rows = rows(without, "jobs_structured.ndjson.zst")?;
    Some(rows.enumerate().step_by(step).map(job).collect())
}

/// Every real CV as a candidate.
pub(crate) fn real_candidates(without: &str) -> Option<Vec<Value>> {
    let candidate = |row: Value| {
        let members = filled(&[
            ("id", text(&row, "id")),
            ("headline", text(&row, "headline")),
            ("text", text(&row, "text")),
            ("category", text(&row, "category")),
        ]);
        Value::Object(members)
    };
    Some(
        rows(without, "resumes_livecareer.ndjson.zst")?
            .map(candidate)
            .collect(),
    )
}
