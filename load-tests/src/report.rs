//! Figures of a run, as a table for people or as JSON.

use std::collections::BTreeMap;
use std::fmt::{Display, Write as _};
use std::io::{self, Write};
use std::time::Duration;

use serde_json::{Value, json};

use crate::check::{self, Checked};
use crate::error::Error;
use crate::process::Usage;
use crate::record::{Record, Refused};

/// What a run took of both processes, or what they had used when it began.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Costs {
    /// None if no process id was given.
    pub(crate) server: Option<Usage>,
    pub(crate) client_cpu_seconds: f64,
}

/// Figures of one run.
pub(crate) struct Report {
    work: &'static str,
    /// Arrivals per second asked for; none in a closed loop.
    rate_asked: Option<f64>,
    seconds: f64,
    pub(crate) answered: u64,
    errors: BTreeMap<String, u64>,
    refused: Option<Refused>,
    p50_ms: f64,
    p90_ms: f64,
    pub(crate) p99_ms: f64,
    p999_ms: f64,
    max_ms: f64,
    lag_p99_ms: f64,
    costs: Costs,
    pub(crate) checked: Checked,
}

impl Report {
    pub(crate) fn new(
        work: &'static str,
        rate_asked: Option<f64>,
        record: &Record,
        elapsed: Duration,
        costs: Costs,
    ) -> Self {
        let at = |share| record.latency.value_at_quantile(share) as f64 / 1e3;
        Self {
            work,
            rate_asked,
            seconds: elapsed.as_secs_f64(),
            answered: record.answered,
            errors: record.errors.clone(),
            refused: record.refused.clone(),
            p50_ms: at(0.5),
            p90_ms: at(0.9),
            p99_ms: at(0.99),
            p999_ms: at(0.999),
            max_ms: record.latency.max() as f64 / 1e3,
            lag_p99_ms: record.lag.value_at_quantile(0.99) as f64 / 1e3,
            costs,
            checked: check::check(&record.kept),
        }
    }

    /// Requests without a 200.
    pub(crate) fn failed(&self) -> u64 {
        self.errors.values().sum()
    }

    /// Whether all requests were answered and no answer looked at was wrong.
    pub(crate) fn is_right(&self) -> bool {
        self.failed() == 0 && self.answered > 0 && self.checked.wrong == 0
    }

    fn achieved(&self) -> f64 {
        self.answered as f64 / self.seconds
    }

    /// Milliseconds of the server's CPU per answer.
    fn server_cpu_ms(&self) -> Option<f64> {
        let server = self.costs.server.filter(|_| self.answered > 0)?;
        Some(server.cpu_seconds * 1e3 / self.answered as f64)
    }

    /// Microseconds of our own CPU per request.
    fn client_cpu_us(&self) -> f64 {
        let sent = (self.answered + self.failed()).max(1);
        self.costs.client_cpu_seconds * 1e6 / sent as f64
    }

    pub(crate) fn json(&self) -> Value {
        let server = self.costs.server;
        json!({
            "work": self.work,
            "loop": if self.rate_asked.is_some() { "open" } else { "closed" },
            "rate_asked": self.rate_asked,
            "rate_achieved": rounded(self.achieved()),
            "seconds": rounded(self.seconds),
            "answered": self.answered,
            "failed": self.failed(),
            "errors": self.errors,
            "first_refused": self.refused.as_ref().map(Refused::json),
            "latency_ms": {
                "p50": self.p50_ms,
                "p90": self.p90_ms,
                "p99": self.p99_ms,
                "p99.9": self.p999_ms,
                "max": self.max_ms,
            },
            "lag_p99_ms": self.rate_asked.map(|_| self.lag_p99_ms),
            "server": server.map(|usage| json!({
                "cpu_seconds": rounded(usage.cpu_seconds),
                "cpu_ms_per_request": self.server_cpu_ms().map(rounded),
                "rss_bytes": usage.rss_bytes,
            })),
            "client_cpu_us_per_request": rounded(self.client_cpu_us()),
            "checked": {
                "answers": self.checked.answers,
                "hits": self.checked.hits,
                "wrong": self.checked.wrong,
                "first": self.checked.first,
            },
        })
    }

    fn row(&self) -> Vec<String> {
        let or_dash = |value: Option<f64>, digits: usize| {
            value.map_or_else(|| "-".to_owned(), |value| format!("{value:.digits$}"))
        };
        let rss = self.costs.server.map(|usage| usage.rss_bytes as f64 / 1e6);
        vec![
            self.work.to_owned(),
            or_dash(self.rate_asked, 0),
            format!("{:.0}", self.achieved()),
            self.answered.to_string(),
            self.failed().to_string(),
            format!("{:.2}", self.p50_ms),
            format!("{:.2}", self.p90_ms),
            format!("{:.2}", self.p99_ms),
            format!("{:.2}", self.p999_ms),
            format!("{:.2}", self.max_ms),
            or_dash(self.rate_asked.map(|_| self.lag_p99_ms), 2),
            or_dash(self.server_cpu_ms(), 3),
            or_dash(rss, 0),
            format!("{:.0}", self.client_cpu_us()),
            format!("{}/{}", self.checked.wrong, self.checked.answers),
        ]
    }
}

const HEADER: [&str; 15] = [
    "work",
    "asked/s",
    "got/s",
    "answers",
    "errors",
    "p50 ms",
    "p90",
    "p99",
    "p99.9",
    "max",
    "lag p99",
    "cpu ms/req",
    "rss MB",
    "client us",
    "wrong",
];

/// Shows runs: a row each, or their JSON.
pub(crate) fn show(reports: &[&Report], json: bool) -> Result<(), Error> {
    if json {
        for report in reports {
            print(report.json())?;
        }
        return Ok(());
    }
    let rows: Vec<Vec<String>> = reports.iter().map(|report| report.row()).collect();
    let mut text = table(&HEADER, &rows);
    for report in reports {
        for (name, count) in &report.errors {
            write_line(&mut text, format_args!("{name}: {count}"));
        }
        if let Some(refused) = &report.refused {
            write_line(&mut text, format_args!("first refused: {refused}"));
        }
        if let Some(reason) = &report.checked.first {
            write_line(&mut text, format_args!("wrong answer: {reason}"));
        }
    }
    print(text.trim_end())
}

/// Shows the runs of `step` and the last rate that held.
pub(crate) fn show_steps(
    reports: &[Report],
    held: Option<f64>,
    p99_ms: f64,
    json: bool,
) -> Result<(), Error> {
    if json {
        let steps: Vec<Value> = reports.iter().map(Report::json).collect();
        return print(json!({"steps": steps, "p99_ms_limit": p99_ms, "rate_held": held}));
    }
    show(&reports.iter().collect::<Vec<_>>(), false)?;
    match held {
        Some(rate) => print(format_args!("held: {rate:.0}/s with p99 <= {p99_ms} ms")),
        None => print(format_args!("no rate held p99 <= {p99_ms} ms")),
    }
}

/// Says on stderr how a step went, since the next takes seconds.
pub(crate) fn progress(report: &Report, json: bool) {
    if !json {
        let rate = report.rate_asked.unwrap_or_default();
        say(format_args!(
            "{rate:.0}/s: p99 {:.2} ms, {} errors",
            report.p99_ms,
            report.failed()
        ));
    }
}

/// Says on stderr why there was no run.
pub(crate) fn complain(error: &Error) {
    say(format_args!("error: {error}"));
}

/// Says on stderr what the reader of the figures should know.
pub(crate) fn note(text: &str) {
    say(format_args!("note: {text}"));
}

fn say(text: impl Display) {
    // With stderr gone there is nobody left to tell.
    drop(writeln!(io::stderr(), "{text}"));
}

/// Writes a line to stdout.
pub(crate) fn print(text: impl Display) -> Result<(), Error> {
    writeln!(io::stdout(), "{text}").map_err(|source| Error::io("cannot write the report", source))
}

/// Columns as wide as their widest cell, aligned to the right.
fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let mut text = String::new();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells
            .map(String::len)
            .chain([header[column].len()])
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..header.len()).map(width).collect();
    let header: Vec<String> = header.iter().map(|&cell| cell.to_owned()).collect();
    for row in std::iter::once(&header).chain(rows) {
        let cells: Vec<String> = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:>width$}"))
            .collect();
        write_line(&mut text, cells.join("  "));
    }
    text
}

fn write_line(text: &mut String, line: impl Display) {
    writeln!(text, "{line}").expect("writing into a String cannot fail");
}

/// Three digits behind the point: more is noise.
pub(crate) fn rounded(value: f64) -> f64 {
    (value * 1e3).round() / 1e3
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::Outcome;

    fn report(server: Option<Usage>) -> Report {
        let mut record = Record::new(1).unwrap();
        for latency in 1..=100 {
            let body = br#"{"hits":[]}"#.to_vec();
            record.add(
                None,
                Outcome::Answered { status: 200, body },
                Duration::from_millis(latency),
            );
        }
        let costs = Costs {
            server,
            client_cpu_seconds: 0.002,
        };
        Report::new("search", Some(50.0), &record, Duration::from_secs(2), costs)
    }

    #[test]
    fn figures_are_per_answer_and_in_milliseconds() {
        let usage = Usage {
            cpu_seconds: 0.2,
            rss_bytes: 5_000_000,
        };
        let json = report(Some(usage)).json();
        assert_eq!(json["rate_achieved"], 50.0);
        assert_eq!(json["server"]["cpu_ms_per_request"], 2.0);
        assert_eq!(json["client_cpu_us_per_request"], 20.0);
        assert_eq!(json["checked"]["answers"], 100);
        let p99 = json["latency_ms"]["p99"].as_f64().unwrap();
        assert!((98.9..99.2).contains(&p99), "{p99}");
        assert_eq!(report(None).json()["server"], Value::Null);
        assert!(report(None).is_right());
    }

    #[test]
    fn columns_are_aligned() {
        let text = table(&["a", "long"], &[vec!["123".into(), "4".into()]]);
        assert_eq!(text, "  a  long\n123     4\n");
        assert_eq!(report(None).row().len(), HEADER.len());
    }
}
