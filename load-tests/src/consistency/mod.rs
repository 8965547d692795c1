//! `consistency`: writers and readers at once, every answer held against what was
//! acknowledged before it was asked for. Owns the run and its report; what is
//! sent and read stands beside it, what is right in `history`.

mod reader;
mod writer;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::api::{self, MinSequence, Shape};
use crate::client::Client;
use crate::documents::{Maker, Which, lone_vector, push_vector};
use crate::error::Error;
use crate::history::{Op, Plan, Progress};
use crate::live_args::ConsistencyArgs;
use crate::report::{self, print, rounded};

/// Documents up to which a search for a vector is exact; among more a miss is
/// only wrong if an exhaustive rank finds the document.
const EXACT_DOCUMENTS_MAX: u64 = 20_000;

/// What writers and readers share.
struct Shared {
    plan: Plan,
    shape: Shape,
    maker: Maker,
    min_sequence: MinSequence,
    /// In ids and words, so that two runs on one server do not meet.
    tag: String,
    /// With the history of its documents, as tokens have both.
    space: String,
    progress: Mutex<Vec<Progress>>,
    /// Highest sequence that was acknowledged.
    newest: AtomicU64,
    counts: Mutex<Counts>,
    start: Instant,
    end: Instant,
}

/// What was done.
#[derive(Clone, Debug, Default)]
struct Counts {
    writes: u64,
    writes_again: u64,
    reads: [u64; KINDS.len()],
    refused: u64,
    not_yet_visible: u64,
    misses_among_many: u64,
    versions_restarted: u64,
    /// The first that was found.
    violation: Option<Value>,
}

/// Ways to read.
const KINDS: [&str; 5] = ["get", "word", "vector", "rank", "ahead"];

/// Runs `consistency`; whether no answer was wrong.
pub(crate) async fn command(args: &ConsistencyArgs) -> Result<bool, Error> {
    let clock = SystemTime::now().duration_since(UNIX_EPOCH);
    let seed = args
        .seed
        .unwrap_or(clock.map_or(1, |time| time.as_millis() as u64));
    if !args.server.json {
        print(format_args!("seed {seed}"))?;
    }
    let mut client = Client::new(&args.server.url, args.timeout_ms)?;
    let mut shared = prepare(args, &mut client, seed).await?;
    // A run of the same seed that found something left its documents.
    writer::clean(&shared, &mut client).await?;
    shared.start = Instant::now();
    shared.end = shared.start + args.seconds;
    let shared = Arc::new(shared);
    let mut tasks = Vec::new();
    for writer in 0..args.writers {
        let client = Client::new(&args.server.url, args.timeout_ms)?;
        let own = usize::from(writer) * usize::from(args.ids)
            ..(usize::from(writer) + 1) * usize::from(args.ids);
        tasks.push(tokio::spawn(writer::write(
            Arc::clone(&shared),
            client,
            own,
        )));
    }
    for reader in 0..args.readers {
        let client = Client::new(&args.server.url, args.timeout_ms)?;
        let random = seed ^ 0x7ead ^ (u64::from(reader) << 32);
        tasks.push(tokio::spawn(reader::read(
            Arc::clone(&shared),
            client,
            random,
        )));
    }
    for task in tasks {
        let ended = task.await;
        ended.map_err(|error| Error::Server(format!("a connection failed: {error}")))??;
    }
    // Reads ahead of the last write wait on, which is no part of the run.
    let seconds = shared.start.elapsed().min(args.seconds).as_secs_f64();
    if !shared.has_violation() {
        reader::read_all(&shared, &mut client).await?;
    }
    if !shared.has_violation() {
        // What is wrong is left to be looked at.
        writer::clean(&shared, &mut client).await?;
    }
    let counts = shared.counts().clone();
    show(args, seed, seconds, &counts)?;
    let read: u64 = counts.reads.iter().sum();
    if counts.writes == 0 || read == 0 {
        return Err(Error::Server(
            "nothing was acknowledged or nothing read: the run shows nothing".to_owned(),
        ));
    }
    Ok(counts.violation.is_none())
}

async fn prepare(args: &ConsistencyArgs, client: &mut Client, seed: u64) -> Result<Shared, Error> {
    let shape = api::shape(client, &args.kind).await?;
    let maker = Maker::new(&shape, None, false, seed)?;
    let (_, kinds) = api::get(client, "/v1/kinds").await?;
    let token = kinds["snapshot"].as_str().unwrap_or_default();
    let space = token.rsplit_once('.').map_or("", |(space, _)| space);
    let tag = format!("{:06x}", (seed ^ (seed >> 24)) & 0xff_ffff);
    let probe = format!("check-{tag}-probe");
    writer::put_probe(client, &shape, &probe).await?;
    let min_sequence = api::min_sequence(client, &shape.kind, &probe).await?;
    writer::delete(client, &shape.kind, &probe).await?;
    let documents = usize::from(args.writers) * usize::from(args.ids);
    let start = Instant::now();
    Ok(Shared {
        plan: Plan {
            seed,
            deletes: args.deletes.min(0.5),
        },
        maker,
        min_sequence,
        tag,
        space: space.to_owned(),
        progress: Mutex::new(vec![Progress::default(); documents]),
        newest: AtomicU64::new(0),
        counts: Mutex::default(),
        start,
        end: start + args.seconds,
        shape,
    })
}

impl Shared {
    fn counts(&self) -> MutexGuard<'_, Counts> {
        // Numbers alone: whole between any two statements.
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn progress(&self) -> MutexGuard<'_, Vec<Progress>> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn has_violation(&self) -> bool {
        self.counts().violation.is_some()
    }

    fn is_over(&self) -> bool {
        Instant::now() >= self.end || self.has_violation()
    }

    /// Keeps the first violation with its evidence.
    fn violation(&self, what: &str, evidence: &Value) {
        let at = rounded(self.start.elapsed().as_secs_f64());
        self.counts()
            .violation
            .get_or_insert_with(|| json!({"what": what, "at_seconds": at, "evidence": evidence}));
    }

    fn id(&self, document: usize) -> String {
        format!("check-{}-{document}", self.tag)
    }

    /// A word every version of a document has, and no other document.
    fn word(&self, document: usize) -> String {
        format!("zi{}n{document}", self.tag)
    }

    /// The vector of a write that has one.
    fn vector(&self, document: usize, count: u64) -> Vec<f64> {
        let number = (document as u64) << 32 | count;
        lone_vector(
            self.shape.dimensions,
            self.plan.seed ^ number.wrapping_mul(0x2545_f491_4f6c_dd1d),
        )
    }

    /// Body of a put, with its id for a bulk line.
    fn body(&self, document: usize, count: u64, with_id: bool) -> String {
        let which = Which {
            number: document,
            round: count,
        };
        let canary = format!("{} zv{count}", self.word(document));
        let mut json = self.maker.json(which, Some(&canary), false);
        json.pop();
        if with_id {
            json.push_str(",\"id\":");
            json.push_str(&Value::from(self.id(document)).to_string());
        }
        if self.plan.op(document, count) == Op::PutVector && self.shape.dimensions > 0 {
            json.push_str(",\"vector\":");
            push_vector(&mut json, &self.vector(document, count));
        }
        json.push('}');
        json
    }

    fn acknowledge(&self, document: usize, count: u64, token: u64) {
        self.newest.fetch_max(token, Ordering::SeqCst);
        let progress = &mut self.progress()[document];
        progress.acknowledged = count;
        progress.token = token;
        self.counts().writes += 1;
    }
}

/// Number of the write a title is of.
fn count_of(title: &Value) -> Option<u64> {
    let (_, last) = title.as_str()?.rsplit_once(' ')?;
    last.strip_prefix("zv")?.parse().ok()
}

fn show(args: &ConsistencyArgs, seed: u64, seconds: f64, counts: &Counts) -> Result<(), Error> {
    let reads: serde_json::Map<String, Value> = KINDS
        .iter()
        .zip(counts.reads)
        .map(|(name, count)| ((*name).to_owned(), count.into()))
        .collect();
    if args.server.json {
        return print(json!({
            "work": "consistency",
            "seed": seed,
            "writers": args.writers,
            "readers": args.readers,
            "seconds": rounded(seconds),
            "writes": counts.writes,
            "writes_sent_again": counts.writes_again,
            "reads": reads,
            "refused": counts.refused,
            "not_yet_visible": counts.not_yet_visible,
            "misses_among_many": counts.misses_among_many,
            "versions_restarted_after_delete": counts.versions_restarted,
            "violation": counts.violation,
        }));
    }
    print(format_args!(
        "{} writes acknowledged in {seconds:.1} s ({} sent again), reads held against them: {}",
        counts.writes,
        counts.writes_again,
        Value::Object(reads)
    ))?;
    print(format_args!(
        "{} answers refused for load, {} not yet visible (reads ahead of the writes)",
        counts.refused, counts.not_yet_visible
    ))?;
    if counts.misses_among_many > 0 {
        report::note(&format!(
            "{} searches for a vector among many documents did not find it while a rank did: the cells are approximate",
            counts.misses_among_many
        ));
    }
    if counts.versions_restarted > 0 {
        report::note(&format!(
            "{} puts behind a delete did not get a higher version: versions of deleted ids are not kept",
            counts.versions_restarted
        ));
    }
    match &counts.violation {
        None => print("no violation"),
        Some(violation) => {
            print(format_args!(
                "VIOLATION, seed {seed}: {}",
                violation["what"].as_str().unwrap_or("")
            ))?;
            print(format_args!("{violation:#}"))
        }
    }
}
