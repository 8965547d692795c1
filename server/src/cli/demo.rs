//! `tandem demo`: a server with made-up jobs and candidates, in one process.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use clap::Args;
use rayon::prelude::*;
use serde_json::Value;
use tandem_index::store::BATCH_CHANGES_MAX;
use tandem_index::{KindId, Kinds, Prepared, Store, Write, prepare};
use tandem_loaders::sample::Sampler;
use tracing_subscriber::filter::LevelFilter;

use super::error::{CliError, Exit};
use super::print;
use super::serve::{Currencies, LISTEN_DEFAULT, Pages, serve, start_log};
use crate::app::Config;
use crate::clock;

/// The same documents for everybody.
const SEED: u64 = 1;

#[derive(Debug, Args)]
pub(super) struct Options {
    /// Address and port, on loopback; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = LISTEN_DEFAULT)]
    listen: String,
    /// How many jobs
    #[arg(long, value_name = "N", default_value_t = 2_000)]
    jobs: u64,
    /// How many candidates
    #[arg(long, value_name = "M", default_value_t = 2_000)]
    candidates: u64,
    #[command(flatten)]
    currencies: Currencies,
    #[command(flatten)]
    pages: Pages,
    /// Say the address and the counts as JSON, also on a terminal
    #[arg(long)]
    json: bool,
}

pub(super) fn run(options: &Options) -> Result<Exit, CliError> {
    let started = Instant::now();
    options.currencies.install()?;
    start_log(LevelFilter::WARN);
    let kinds = Arc::new(Kinds::builtin());
    let jobs = documents(&kinds, "jobs", options.jobs, Sampler::job)?;
    let candidates = documents(&kinds, "candidates", options.candidates, Sampler::candidate)?;
    let counts = (jobs.len(), candidates.len());
    let fill = move |store: &mut Store| {
        for documents in [&jobs, &candidates] {
            for batch in documents.chunks(BATCH_CHANGES_MAX) {
                store.apply(batch.to_vec(), 0);
            }
        }
    };
    let mut config = Config::new(Arc::clone(&kinds));
    config.cors = options.pages.cors(false);
    serve(&options.listen, config, fill, |address, _restored| {
        if options.json {
            let (jobs, candidates) = counts;
            let url = format!("http://{address}");
            let said = serde_json::json!({"url": url, "jobs": jobs, "candidates": candidates});
            return print::line(&said.to_string());
        }
        welcome(address, counts, started)
    })
}

/// Made-up documents, prepared on all cores.
fn documents(
    kinds: &Kinds,
    name: &str,
    count: u64,
    make: impl Fn(&Sampler, u64) -> String + Sync,
) -> Result<Vec<Prepared>, CliError> {
    let kind = kinds
        .get(name)
        .ok_or_else(|| CliError::new(Exit::Failed, format!("no kind {name}")))?
        .id;
    let sampler = Sampler::new(SEED, clock::now_ms());
    (0..count)
        .into_par_iter()
        .map(|number| prepare_one(kinds, kind, &make(&sampler, number)))
        .collect()
}

fn prepare_one(kinds: &Kinds, kind: KindId, line: &str) -> Result<Prepared, CliError> {
    let defect = |cause: String| {
        CliError::new(
            Exit::Failed,
            format!("a made-up document is wrong: {cause}"),
        )
    };
    let document: Value = serde_json::from_str(line).map_err(|cause| defect(cause.to_string()))?;
    prepare(
        kinds,
        Write::Put {
            kind,
            id: None,
            document,
        },
    )
    .map_err(|invalid| {
        let faults: Vec<String> = invalid
            .faults
            .into_iter()
            .map(|fault| fault.pointer + " " + &fault.detail)
            .collect();
        defect(faults.join("; "))
    })
}

fn welcome(
    address: SocketAddr,
    (jobs, candidates): (usize, usize),
    started: Instant,
) -> Result<(), CliError> {
    let url = format!("http://{address}");
    print::line(&format!(
        "tandem listens on {url}\n\
         {jobs} made-up jobs and {candidates} candidates, ready after {:.1} s. Open {url} in a browser, or try:\n\n  \
         curl '{url}/v1/search/jobs?q=data+engineer&limit=3'\n  \
         curl -H 'Content-Type: application/json' {url}/v1/search/candidates -d '{{\"q\": \"nurse\", \"limit\": 3}}'\n  \
         curl -H 'Content-Type: application/json' {url}/v1/match -d '{{\"from\": {{\"kind\": \"candidates\", \
         \"text\": \"Registered nurse, 6 years in emergency care\"}}, \"limit\": 3}}'\n\n\
         Nothing is stored: Ctrl-C ends it.",
        started.elapsed().as_secs_f64()
    ))
}
