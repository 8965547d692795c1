//! `upsert`: how many documents a second go into an existing set, and what
//! searches take beside a part of that rate, against idle in the same run.

use std::sync::Arc;
use std::time::Instant;

use serde_json::{Value, json};

use crate::api;
use crate::args::{Arrivals, ServerArgs};
use crate::bulk::{self, Uploaded};
use crate::client::Client;
use crate::error::Error;
use crate::lines::{End, Lines};
use crate::live_args::{UpsertArgs, Vectors};
use crate::metrics::{self, Phase};
use crate::mixed;
use crate::open::{self, Pace};
use crate::report::{self, Costs, Report, print, rounded};
use crate::requests::{self, Work};

/// Runs `upsert`; whether every answer was right and every document taken.
pub(crate) async fn command(args: &UpsertArgs) -> Result<bool, Error> {
    let mut client = Client::new(&args.run.server.url, args.upload.silence_ms)?;
    let shape = api::shape(&mut client, &args.run.work.kind).await?;
    let maker = Arc::new(mixed::maker(
        &shape,
        &args.upload.documents,
        args.run.work.seed,
    )?);
    let documents = args.upload.documents.documents as usize;
    let upload = |round, end, per_second| {
        let lines = Lines::new(&maker, documents, round, end);
        let lines: Box<dyn std::io::BufRead + Send> = Box::new(lines);
        bulk::upload(
            &args.run.server,
            &shape.kind,
            args.upload.silence_ms,
            lines,
            per_second,
        )
    };
    let filled = upload(0, End::Count(documents), None).await?;
    let searches =
        Arc::new(requests::prepare(Work::Search, &args.run.server, &args.run.work).await?);
    let search = |pid| {
        let pace = Pace {
            rate: args.searches,
            arrivals: Arrivals::Poisson,
            seed: args.run.work.seed,
        };
        let server = ServerArgs {
            pid,
            ..args.run.server.clone()
        };
        let searches = Arc::clone(&searches);
        async move { open::run(Work::Search, &searches, pace, &args.run.send, &server).await }
    };
    let idle = search(args.run.server.pid).await?;

    let phases = metrics::now(&mut client).await?;
    let before = Costs::now(args.run.server.pid)?;
    let end = End::At(Instant::now() + args.run.send.seconds);
    let alone = upload(1, end, None).await?;
    let costs = Costs::since(&before, args.run.server.pid)?;
    let phases = metrics::now(&mut client).await?.since(&phases);

    // Rounds of their own, so that texts and vectors are others again.
    let rounds = 2 + alone.lines / documents as u64;
    let rate = (alone.per_second() * args.at).max(1.0);
    let end = End::At(Instant::now() + args.run.send.warmup + args.run.send.seconds);
    // Its CPU is that of the upserts too.
    let (paced, beside) = tokio::try_join!(upload(rounds, end, Some(rate)), search(None))?;
    let run = Run {
        set: api::shape(&mut client, &args.run.work.kind)
            .await?
            .documents,
        filled,
        idle,
        alone,
        costs,
        phases,
        asked: rate,
        paced,
        beside,
    };
    run.show(args)?;
    Ok(run.idle.is_right() && run.beside.is_right())
}

/// All that a run has shown.
struct Run {
    /// Documents of the kind at the end.
    set: u64,
    filled: Uploaded,
    idle: Report,
    alone: Uploaded,
    costs: Costs,
    phases: Vec<Phase>,
    asked: f64,
    paced: Uploaded,
    beside: Report,
}

impl Run {
    /// Latency beside the upserts over that without.
    fn ratio(&self) -> f64 {
        self.beside.p99_ms / self.idle.p99_ms.max(1e-3)
    }

    fn vectors(args: &UpsertArgs) -> &'static str {
        match args.upload.documents.vectors {
            Vectors::None => "made by the server",
            Vectors::Supplied => "supplied",
        }
    }

    fn show(&self, args: &UpsertArgs) -> Result<(), Error> {
        if args.run.server.json {
            return print(self.json(args));
        }
        let Self {
            set,
            filled,
            alone,
            paced,
            ..
        } = self;
        let vectors = Self::vectors(args);
        print(format_args!(
            "{set} documents held at the end; vectors {vectors}"
        ))?;
        let shown = |what: &str, uploaded: &Uploaded| {
            print(format_args!(
                "{what}: {} documents in {:.1} s, {:.0}/s, {:.1} MB/s",
                uploaded.lines,
                uploaded.seconds,
                uploaded.per_second(),
                uploaded.bytes as f64 / 1e6 / uploaded.seconds.max(1e-9)
            ))
        };
        shown("first written (new, or as they were)", filled)?;
        shown("replaced, alone", alone)?;
        if let Some(server) = self.costs.server {
            let each = server.cpu_seconds * 1e3 / alone.lines.max(1) as f64;
            print(format_args!(
                "  {each:.3} CPU ms of the server a document, {:.0} MB resident",
                server.rss_bytes as f64 / 1e6
            ))?;
        }
        shown(&format!("replaced at {:.0}/s", self.asked), paced)?;
        print("searches idle, then beside the paced upserts:")?;
        report::show(&[&self.idle, &self.beside], false)?;
        print(format_args!(
            "p99 beside / idle: {:.2} ({:.2} ms / {:.2} ms)",
            self.ratio(),
            self.beside.p99_ms,
            self.idle.p99_ms
        ))?;
        if !self.phases.is_empty() {
            print("inside the server while replacing alone, from its own histograms:")?;
        }
        self.phases.iter().try_for_each(print)
    }

    fn json(&self, args: &UpsertArgs) -> Value {
        let uploaded = |uploaded: &Uploaded| {
            json!({"documents": uploaded.lines, "bytes": uploaded.bytes,
                "seconds": rounded(uploaded.seconds),
                "documents_per_second": rounded(uploaded.per_second())})
        };
        json!({
            "work": "upsert",
            "vectors": Self::vectors(args),
            "documents_held": self.set,
            "first": uploaded(&self.filled),
            "alone": uploaded(&self.alone),
            "alone_server": self.costs.server.map(|server| json!({
                "cpu_seconds": rounded(server.cpu_seconds), "rss_bytes": server.rss_bytes})),
            "paced": uploaded(&self.paced),
            "paced_asked_per_second": rounded(self.asked),
            "search_idle": self.idle.json(),
            "search_beside": self.beside.json(),
            "p99_ratio": rounded(self.ratio()),
            "server_phases": self.phases.iter().map(Phase::json).collect::<Vec<_>>(),
        })
    }
}
