//! `mixed`: writes at a rate with searches beside them, and what the server takes
//! meanwhile. Ten minutes of it are the soak.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::api;
use crate::args::ServerArgs;
use crate::bulk;
use crate::client::Client;
use crate::documents::Maker;
use crate::error::Error;
use crate::lines::{End, Lines};
use crate::live_args::{DocumentArgs, MixedArgs, Vectors};
use crate::metrics::{self, Phase};
use crate::open::{self, Load, Pace};
use crate::process;
use crate::record::{self, Record, SharedRecord};
use crate::report::{self, Costs, Report, print, rounded};
use crate::requests::{self, Work};
use crate::series::{self, Sample, Watch};
use crate::svg::{self, Curve, Panel};
use crate::writes::{Visible, Writes};

const SILENCE: Duration = Duration::from_mins(1);
/// Names of the two loops in tables, files and drawings.
const NAMES: [&str; 2] = ["write", "search"];

/// Runs `mixed`; whether every answer was right and every write that was looked
/// for was visible.
pub(crate) async fn command(args: &MixedArgs) -> Result<bool, Error> {
    if let Some(pid) = args.run.server.pid {
        process::usage(pid)?;
    }
    if let Some(data) = &args.folder.data {
        series::folder_bytes(data)?;
    }
    // Now rather than after ten minutes.
    for path in [&args.csv, &args.svg].into_iter().flatten() {
        series::write_file(path, "")?;
    }
    let mut client = Client::new(&args.run.server.url, SILENCE)?;
    let shape = api::shape(&mut client, &args.run.work.kind).await?;
    let documents = args.documents.documents as usize;
    let maker = || maker(&shape, &args.documents, args.run.work.seed);
    // Written once before the run, so that every write replaces one and the
    // number of documents stays: memory that rises is not that of more of them.
    let lines = Lines::new(&Arc::new(maker()?), documents, 0, End::Count(documents));
    let kind = &shape.kind;
    bulk::upload(&args.run.server, kind, SILENCE, Box::new(lines), None).await?;
    let min_sequence = api::min_sequence(&mut client, kind, &Maker::id(0)).await?;
    let every = args.visible_every as usize;
    let writes = Arc::new(Writes::new(maker()?, kind, documents, every, min_sequence));
    let searches =
        Arc::new(requests::prepare(Work::Search, &args.run.server, &args.run.work).await?);

    let before = metrics::now(&mut client).await?;
    let records = [new_record(args)?, new_record(args)?];
    let watch = Watch {
        pid: args.run.server.pid,
        data: args.folder.data.clone(),
        records: records.iter().map(Arc::clone).collect(),
        every: args.every,
    };
    let pace = |rate, seed| Pace {
        rate,
        arrivals: args.arrivals,
        seed,
    };
    let load = Load::Writes(Arc::clone(&writes));
    // The process has one CPU time for both loops: the samples show it.
    let server = &ServerArgs {
        pid: None,
        ..args.run.server.clone()
    };
    let send = &args.run.send;
    let (written, searched, samples) = tokio::try_join!(
        open::drive(
            load,
            pace(args.changes, args.run.work.seed),
            send,
            server,
            &records[0]
        ),
        open::drive(
            Load::Requests(searches),
            pace(args.searches, args.run.work.seed ^ 1),
            send,
            server,
            &records[1]
        ),
        watch.take(Instant::now() + send.warmup, send.seconds),
    )?;
    let run = Run {
        reports: [
            loop_report(0, args.changes, &records[0], written),
            loop_report(1, args.searches, &records[1], searched),
        ],
        service_ms: service(&records[0]),
        visible: writes.visible(),
        phases: metrics::now(&mut client).await?.since(&before),
        samples,
        settled: args.settled.as_secs_f64(),
    };
    run.show(args)?;
    run.write_files(args)?;
    Ok(run.is_right())
}

/// Makes the documents of a run.
pub(crate) fn maker(shape: &api::Shape, args: &DocumentArgs, seed: u64) -> Result<Maker, Error> {
    let vectors = args.vectors == Vectors::Supplied;
    Maker::new(shape, args.texts.as_deref(), vectors, seed)
}

fn new_record(args: &MixedArgs) -> Result<SharedRecord, Error> {
    Ok(Arc::new(Mutex::new(Record::new(
        args.run.send.check_every,
    )?)))
}

fn loop_report(
    place: usize,
    rate: f64,
    record: &SharedRecord,
    (elapsed, costs): (Duration, Costs),
) -> Report {
    Report::new(
        NAMES[place],
        Some(rate),
        &record::lock(record),
        elapsed,
        costs,
    )
}

/// Milliseconds from sending to the answer: p50, p99, p99.9.
fn service(record: &SharedRecord) -> [f64; 3] {
    let record = record::lock(record);
    [0.5, 0.99, 0.999].map(|share| record.service.value_at_quantile(share) as f64 / 1e3)
}

/// All that a run has shown.
struct Run {
    reports: [Report; 2],
    service_ms: [f64; 3],
    visible: Visible,
    phases: Vec<Phase>,
    samples: Vec<Sample>,
    settled: f64,
}

impl Run {
    fn is_right(&self) -> bool {
        self.reports.iter().all(Report::is_right) && self.visible.missing == 0
    }

    fn points(&self, value: impl Fn(&Sample) -> Option<f64>) -> Vec<(f64, f64)> {
        let point = |sample: &Sample| Some((sample.seconds, value(sample)?));
        self.samples.iter().filter_map(point).collect()
    }

    fn memory(&self) -> Vec<(f64, f64)> {
        self.points(|sample| sample.rss_bytes.map(|bytes| bytes as f64 / 1e6))
    }

    fn disk(&self) -> Vec<(f64, f64)> {
        self.points(|sample| sample.data_bytes.map(|bytes| bytes as f64 / 1e6))
    }

    /// Percent of a core over the run.
    fn cpu(&self) -> Option<f64> {
        let points = self.points(|sample| sample.cpu_percent);
        let sum: f64 = points.iter().map(|point| point.1).sum();
        (!points.is_empty()).then(|| sum / points.len() as f64)
    }

    fn slope(&self) -> Option<f64> {
        series::slope_percent_a_minute(&self.memory(), self.settled)
    }

    fn write_files(&self, args: &MixedArgs) -> Result<(), Error> {
        if let Some(path) = &args.csv {
            series::write_file(path, &series::csv(&self.samples, &NAMES))?;
        }
        if let Some(path) = &args.svg {
            let title = format!(
                "{} writes/s beside {} searches/s for {} s",
                args.changes,
                args.searches,
                args.run.send.seconds.as_secs_f64()
            );
            series::write_file(path, &svg::draw(&title, &self.panels()))?;
        }
        Ok(())
    }

    fn panels(&self) -> Vec<Panel> {
        let panel = |title: &str, curves: Vec<(&str, Vec<(f64, f64)>)>| Panel {
            title: title.to_owned(),
            curves: curves
                .into_iter()
                .map(|(name, points)| Curve {
                    name: name.to_owned(),
                    points,
                })
                .collect(),
        };
        let latency = |place: usize| {
            let interval = move |sample: &Sample| sample.intervals.get(place).copied();
            vec![
                ("p50", self.points(|sample| Some(interval(sample)?.p50_ms))),
                ("p99", self.points(|sample| Some(interval(sample)?.p99_ms))),
            ]
        };
        let panels = [
            panel("resident memory, MB", vec![("memory", self.memory())]),
            panel("data folder, MB", vec![("data", self.disk())]),
            panel(
                "CPU, percent of a core",
                vec![("cpu", self.points(|sample| sample.cpu_percent))],
            ),
            panel("write, ms to acknowledged and visible", latency(0)),
            panel("search, ms", latency(1)),
        ];
        // Without --pid or --data there is nothing to draw for it.
        let drawn = |panel: &Panel| panel.curves.iter().any(|curve| !curve.points.is_empty());
        panels.into_iter().filter(drawn).collect()
    }

    fn show(&self, args: &MixedArgs) -> Result<(), Error> {
        let visible = &self.visible;
        let ends =
            |points: &[(f64, f64)]| points.first().zip(points.last()).map(|(a, b)| (a.1, b.1));
        let (memory, disk) = (ends(&self.memory()), ends(&self.disk()));
        if args.run.server.json {
            let [p50, p99, p999] = self.service_ms;
            return print(json!({
                "work": "mixed",
                "write": self.reports[0].json(),
                "search": self.reports[1].json(),
                "write_from_sending_ms": {"p50": p50, "p99": p99, "p99.9": p999},
                "visible": {"looked_for": visible.looked_for, "missing": visible.missing,
                    "overwritten": visible.overwritten, "unsure": visible.unsure,
                    "first": visible.first, "first_unsure": visible.first_unsure},
                "cpu_percent_of_a_core": self.cpu().map(rounded),
                "memory_mb": span(memory),
                "data_mb": span(disk),
                "memory_slope_percent_a_minute": self.slope().map(rounded),
                "slope_from_seconds": self.settled,
                "server_phases": self.phases.iter().map(Phase::json).collect::<Vec<_>>(),
                "samples": self.samples.len(),
            }));
        }
        report::show(&self.reports.iter().collect::<Vec<_>>(), false)?;
        let [p50, p99, p999] = self.service_ms;
        print(format_args!(
            "write from sending: p50 {p50:.2} ms, p99 {p99:.2}, p99.9 {p999:.2}"
        ))?;
        print(format_args!(
            "visible: {} looked for by id and text, {} missing, {} overwritten before, {} unsure",
            visible.looked_for, visible.missing, visible.overwritten, visible.unsure
        ))?;
        if let Some(first) = &visible.first {
            print(format_args!("  first: {first}"))?;
        }
        if let Some(why) = &visible.first_unsure {
            print(format_args!("  first unsure: {why}"))?;
        }
        if let Some(cpu) = self.cpu() {
            print(format_args!("server CPU: {cpu:.0} % of a core"))?;
        }
        for (name, span) in [("memory", memory), ("data folder", disk)] {
            if let Some((first, last)) = span {
                print(format_args!(
                    "{name}: {first:.1} MB at first, {last:.1} MB at last"
                ))?;
            }
        }
        match self.slope() {
            Some(slope) => print(format_args!(
                "memory slope: {slope:+.3} % a minute from second {} on",
                self.settled
            ))?,
            None if args.run.server.pid.is_some() => print(format_args!(
                "memory slope: none, the run has less than a minute behind second {}",
                self.settled
            ))?,
            None => {}
        }
        if !self.phases.is_empty() {
            print("inside the server, from its own histograms:")?;
        }
        self.phases.iter().try_for_each(print)
    }
}

fn span(ends: Option<(f64, f64)>) -> Value {
    ends.map_or(
        Value::Null,
        |(first, last)| json!({"first": rounded(first), "last": rounded(last)}),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Interval;

    fn run(missing: u64) -> Run {
        let mut record = Record::new(1).unwrap();
        let answered = |status| crate::client::Outcome::Answered {
            status,
            body: vec![],
        };
        record.add(None, answered(201), Duration::from_millis(3));
        let report = |place: usize| {
            let costs = Costs::default();
            Report::new(
                NAMES[place],
                Some(1.0),
                &record,
                Duration::from_secs(1),
                costs,
            )
        };
        let sample = |second: u32| Sample {
            seconds: f64::from(second),
            rss_bytes: Some(1_000_000_000 + u64::from(second) * 100_000),
            intervals: vec![Interval::default(); 2],
            ..Sample::default()
        };
        Run {
            reports: [report(0), report(1)],
            service_ms: [1.0; 3],
            visible: Visible {
                looked_for: 5,
                missing,
                ..Visible::default()
            },
            phases: vec![],
            samples: (0..300).map(sample).collect(),
            settled: 180.0,
        }
    }

    #[test]
    fn a_write_that_was_not_visible_fails_the_run() {
        assert!(run(0).is_right());
        assert!(!run(1).is_right());
    }

    #[test]
    fn what_was_not_watched_is_not_drawn() {
        let run = run(0);
        let titles: Vec<String> = run.panels().into_iter().map(|panel| panel.title).collect();
        assert_eq!(titles.len(), 3);
        assert!(titles[0].starts_with("resident memory"));
        // 6 MB a minute of 1,024 MB.
        assert!((run.slope().unwrap() - 0.586).abs() < 0.01);
    }
}
