//! Steps the arrival rate up until the p99 latency crosses a limit, then
//! halves the gap between the last rate that held and the first that did not.
//! If not even the first holds, it steps down instead.

use std::sync::Arc;

use crate::args::StepArgs;
use crate::error::Error;
use crate::open::{self, Pace};
use crate::report::{self, Report};
use crate::requests;

/// Runs at most: 1.01 as a factor would take 1,200 from 0.1 to 20,000.
const STEPS_MAX: usize = 64;

/// Runs `step`; whether every answer of the rates that held was right and at
/// least one held.
pub(crate) async fn command(args: &StepArgs) -> Result<bool, Error> {
    let requests = Arc::new(requests::prepare(args.of, &args.run.server, &args.run.work).await?);
    let mut reports = Vec::new();
    let mut search = Search::new(args.from, args.to, args.factor, args.refine);
    while let Some(rate) = search.next_rate() {
        let pace = Pace {
            rate,
            arrivals: args.arrivals,
            seed: args.run.work.seed,
        };
        let report = open::run(args.of, &requests, pace, &args.run.send, &args.run.server).await?;
        search.tell(rate, holds(&report, args.p99_ms));
        report::progress(&report, args.run.server.json);
        reports.push(report);
    }
    report::show_steps(&reports, search.held, args.p99_ms, args.run.server.json)?;
    Ok(search.held.is_some() && reports.iter().all(|report| report.checked.wrong == 0))
}

/// A rate holds if p99 keeps the limit and nothing failed: an error is not a
/// fast answer.
fn holds(report: &Report, p99_ms: f64) -> bool {
    report.answered > 0 && report.failed() == 0 && report.p99_ms <= p99_ms
}

/// Which rate to try next.
struct Search {
    next: f64,
    to: f64,
    factor: f64,
    refine: u8,
    runs: usize,
    /// Highest rate that held below every rate that did not.
    held: Option<f64>,
    crossed: Option<f64>,
}

impl Search {
    fn new(from: f64, to: f64, factor: f64, refine: u8) -> Self {
        Self {
            next: from.min(to),
            to,
            factor,
            refine,
            runs: 0,
            held: None,
            crossed: None,
        }
    }

    fn next_rate(&mut self) -> Option<f64> {
        if self.runs >= STEPS_MAX {
            return None;
        }
        let rate = match (self.held, self.crossed) {
            (None, None) => self.next,
            (Some(held), None) if held < self.to => (held * self.factor).min(self.to),
            (Some(held), Some(crossed)) if self.refine > 0 => {
                self.refine -= 1;
                f64::midpoint(held, crossed)
            }
            // Not even the first held: what does may lie below it.
            (None, Some(crossed)) if self.refine > 0 => {
                self.refine -= 1;
                crossed / self.factor
            }
            _ => return None,
        };
        self.runs += 1;
        Some(rate)
    }

    fn tell(&mut self, rate: f64, holds: bool) {
        if holds {
            self.held = Some(rate);
        } else {
            self.crossed = Some(rate);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rates(mut search: Search, capacity: f64) -> (Vec<f64>, Option<f64>) {
        let mut tried = Vec::new();
        while let Some(rate) = search.next_rate() {
            search.tell(rate, rate <= capacity);
            tried.push(rate);
        }
        (tried, search.held)
    }

    #[test]
    fn rates_rise_until_one_fails_and_the_gap_is_halved() {
        let (tried, held) = rates(Search::new(100.0, 1_000.0, 2.0, 2), 500.0);
        assert_eq!(tried, [100.0, 200.0, 400.0, 800.0, 600.0, 500.0]);
        assert_eq!(held, Some(500.0));
    }

    #[test]
    fn the_search_ends_whatever_the_server_does() {
        let (tried, held) = rates(Search::new(100.0, 250.0, 2.0, 2), f64::MAX);
        assert_eq!((tried, held), (vec![100.0, 200.0, 250.0], Some(250.0)));
        let (tried, held) = rates(Search::new(100.0, 250.0, 2.0, 2), 0.0);
        assert_eq!((tried, held), (vec![100.0, 50.0, 25.0], None));
        let (tried, held) = rates(Search::new(100.0, 250.0, 2.0, 2), 60.0);
        assert_eq!((tried, held), (vec![100.0, 50.0, 75.0], Some(50.0)));
        let (tried, _) = rates(Search::new(0.1, 200_000.0, 1.01, 0), f64::MAX);
        assert_eq!(tried.len(), STEPS_MAX);
    }
}
