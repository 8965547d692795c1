//! What a run has seen. Owns latency and outcome counting and the answers kept
//! for checking; draws no conclusion.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hdrhistogram::Histogram;
use serde_json::{Value, json};

use crate::client::{Fault, Outcome, Prepared};
use crate::error::Error;

/// Longest latency told apart: the longest timeout the command line takes.
const LATENCY_US_MAX: u64 = 600_000_000;
const KEPT_MAX: usize = 2_000;
const KEPT_BYTES_MAX: usize = 64 << 20;
/// Letters of a refused request's body that are shown.
const BODY_SHOWN_MAX: usize = 1_000;

/// Outcomes of the measured requests of a run.
pub(crate) struct Record {
    /// Microseconds to the end of the answer: of every 200, and of every
    /// request that ran out of time. A refusal is quick and would flatter the rest.
    pub(crate) latency: Histogram<u64>,
    /// Microseconds from sending to the end of the answer, of every 200.
    pub(crate) service: Histogram<u64>,
    /// Latency since it was last taken.
    interval: Histogram<u64>,
    /// Microseconds between arrival and sending: all connections were busy, or
    /// the client itself was late.
    pub(crate) lag: Histogram<u64>,
    /// Requests answered with 200, or 201 where something was created.
    pub(crate) answered: u64,
    /// Everything else, by status or fault.
    pub(crate) errors: BTreeMap<String, u64>,
    /// The first request that was refused.
    pub(crate) refused: Option<Refused>,
    /// Bodies of some answers.
    pub(crate) kept: Vec<Vec<u8>>,
    kept_bytes: usize,
    check_every: u64,
    seen: u64,
}

impl Record {
    pub(crate) fn new(check_every: u32) -> Result<Self, Error> {
        let histogram = || {
            Histogram::new_with_bounds(1, LATENCY_US_MAX, 3)
                .map_err(|error| Error::Usage(format!("histogram bounds: {error}")))
        };
        Ok(Self {
            latency: histogram()?,
            service: histogram()?,
            interval: histogram()?,
            lag: histogram()?,
            answered: 0,
            errors: BTreeMap::new(),
            refused: None,
            kept: Vec::new(),
            kept_bytes: 0,
            check_every: u64::from(check_every),
            seen: 0,
        })
    }

    /// Whether the body of the next answer should be kept. The first is, so
    /// that a run of any length checks something.
    pub(crate) fn wants_body(&mut self) -> bool {
        self.seen += 1;
        (self.seen - 1).is_multiple_of(self.check_every)
            && self.kept.len() < KEPT_MAX
            && self.kept_bytes < KEPT_BYTES_MAX
    }

    /// Counts an outcome `latency` after the request arrived. A request that was
    /// never made has none.
    pub(crate) fn add(&mut self, request: Option<&Prepared>, outcome: Outcome, latency: Duration) {
        match outcome {
            Outcome::Answered {
                status: 200 | 201,
                body,
            } => {
                self.answered += 1;
                self.latency.saturating_record(micros(latency));
                self.interval.saturating_record(micros(latency));
                if !body.is_empty() {
                    self.kept_bytes += body.len();
                    self.kept.push(body);
                }
            }
            Outcome::Answered { status, body } => {
                if self.refused.is_none() {
                    self.refused = request.map(|request| Refused::new(request, status, &body));
                }
                self.count(status.to_string());
            }
            Outcome::Failed(fault) => {
                if matches!(fault, Fault::Timeout | Fault::Unsent) {
                    self.latency.saturating_record(micros(latency));
                    self.interval.saturating_record(micros(latency));
                }
                self.count(fault.name().to_owned());
            }
        }
    }

    /// Counts the time from a request's arrival to its sending.
    pub(crate) fn add_lag(&mut self, lag: Duration) {
        self.lag.saturating_record(micros(lag));
    }

    /// Counts the time from a request's sending to the end of its answer.
    pub(crate) fn add_service(&mut self, service: Duration) {
        self.service.saturating_record(micros(service));
    }

    /// Latency of the requests that ended since the last call.
    pub(crate) fn take_interval(&mut self) -> Interval {
        let ms = |share| self.interval.value_at_quantile(share) as f64 / 1e3;
        let interval = Interval {
            requests: self.interval.len(),
            p50_ms: ms(0.5),
            p99_ms: ms(0.99),
        };
        self.interval.reset();
        interval
    }

    fn count(&mut self, name: String) {
        *self.errors.entry(name).or_default() += 1;
    }
}

/// A request that was refused, and what the problem in the answer says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Refused {
    status: u16,
    code: String,
    detail: String,
    /// Method and path.
    request: String,
    /// The beginning of its body.
    body: String,
}

impl Refused {
    fn new(request: &Prepared, status: u16, answer: &[u8]) -> Self {
        let problem: Value = serde_json::from_slice(answer).unwrap_or_default();
        let member = |name: &str| problem[name].as_str().unwrap_or("none").to_owned();
        let body = String::from_utf8_lossy(&request.body);
        Self {
            status,
            code: member("code"),
            detail: member("detail"),
            request: format!("{} {}", request.method, request.uri),
            body: body.chars().take(BODY_SHOWN_MAX).collect(),
        }
    }

    pub(crate) fn json(&self) -> Value {
        json!({"status": self.status, "code": self.code, "detail": self.detail,
            "request": self.request, "body": self.body})
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            status,
            code,
            detail,
            request,
            body,
        } = self;
        write!(f, "{status} {code}: {detail}; {request} {body}")
    }
}

/// Latency in a part of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Interval {
    pub(crate) requests: u64,
    /// 0 without requests.
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
}

/// A record that several tasks add to.
pub(crate) type SharedRecord = Arc<Mutex<Record>>;

/// The record behind its lock.
pub(crate) fn lock(record: &Mutex<Record>) -> MutexGuard<'_, Record> {
    // Counts are whole between any two statements, so a panic cannot tear them.
    record.lock().unwrap_or_else(PoisonError::into_inner)
}

fn micros(duration: Duration) -> u64 {
    duration.as_micros() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16) -> Outcome {
        Outcome::Answered {
            status,
            body: b"{}".to_vec(),
        }
    }

    #[test]
    fn refusals_do_not_flatter_latency_and_timeouts_count_in_it() {
        let mut record = Record::new(1).unwrap();
        record.add(None, answered(200), Duration::from_millis(5));
        record.add(None, answered(429), Duration::from_micros(50));
        record.add(
            None,
            Outcome::Failed(Fault::Broken),
            Duration::from_micros(50),
        );
        record.add(
            None,
            Outcome::Failed(Fault::Timeout),
            Duration::from_secs(10),
        );
        record.add(
            None,
            Outcome::Failed(Fault::Unsent),
            Duration::from_secs(9_999),
        );
        assert_eq!(record.answered, 1);
        assert_eq!(record.errors.values().sum::<u64>(), 4);
        assert_eq!(record.latency.len(), 3);
        assert!(record.latency.min() >= 4_990);
        let names: Vec<&str> = record.errors.keys().map(String::as_str).collect();
        assert_eq!(names, ["429", "broken", "timeout", "unsent"]);
        assert_eq!(record.kept.len(), 1);
    }

    #[test]
    fn the_first_refusal_is_kept_with_its_request_and_problem() {
        let mut record = Record::new(1).unwrap();
        let request = |q: &str| Prepared {
            method: hyper::Method::POST,
            uri: "/v1/search/jobs".parse().unwrap(),
            body: json!({"q": q}).to_string().into(),
        };
        let mut refuse = |q: &str, problem: Value| {
            let body = problem.to_string().into_bytes();
            let outcome = Outcome::Answered { status: 400, body };
            record.add(Some(&request(q)), outcome, Duration::from_millis(1));
        };
        refuse(
            "AND x",
            json!({"code": "invalid_query", "detail": "no word before"}),
        );
        refuse("OR", json!({"code": "other"}));
        assert_eq!(
            record.refused.map(|refused| refused.to_string()).as_deref(),
            Some(r#"400 invalid_query: no word before; POST /v1/search/jobs {"q":"AND x"}"#)
        );
        let long = request(&"é".repeat(5_000));
        let refused = Refused::new(&long, 413, b"<html>").json();
        assert_eq!(refused["code"], "none");
        assert!(refused["body"].as_str().unwrap().starts_with("{\"q\":\"éé"));
    }

    #[test]
    fn an_interval_is_what_ended_since_the_last() {
        let mut record = Record::new(1).unwrap();
        record.add(None, answered(201), Duration::from_millis(4));
        record.add(None, answered(500), Duration::from_millis(90));
        let interval = record.take_interval();
        assert_eq!(interval.requests, 1);
        assert!((3.9..4.1).contains(&interval.p99_ms), "{interval:?}");
        assert_eq!(record.take_interval(), Interval::default());
        assert_eq!(record.latency.len(), 1);
    }

    #[test]
    fn every_nth_body_is_wanted() {
        let mut record = Record::new(3).unwrap();
        let wanted: Vec<bool> = (0..5).map(|_| record.wants_body()).collect();
        assert_eq!(wanted, [true, false, false, true, false]);
    }
}
