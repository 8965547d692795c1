//! Phases of a write as the server itself counts them: histograms of /metrics,
//! the difference of two moments. Names none of them: whatever the server has
//! beside its HTTP routes is shown.

use std::collections::BTreeMap;

use bytes::Bytes;
use hyper::Method;
use serde_json::{Value, json};

use crate::client::{Client, Outcome};
use crate::error::Error;
use crate::report::rounded;
use crate::requests::plain;

/// Histograms of routes: the client measures those better.
const LEFT_OUT: &str = "http_request";

/// A histogram at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
struct Counted {
    sum: f64,
    count: f64,
    /// Upper bound and how many were at most that.
    buckets: Vec<(f64, f64)>,
}

/// Every histogram at one moment, by its name with its labels.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Moment(BTreeMap<String, Counted>);

/// What a phase took between two moments.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Phase {
    pub(crate) name: String,
    pub(crate) count: u64,
    /// In the histogram's own unit, which its name says.
    pub(crate) mean: f64,
    /// Bound of the bucket 99 % are in; none where it is the last.
    pub(crate) p99_at_most: Option<f64>,
}

impl Phase {
    pub(crate) fn json(&self) -> Value {
        json!({"name": self.name, "count": self.count, "mean": rounded(self.mean * 1e3) / 1e3,
            "p99_at_most": self.p99_at_most})
    }
}

impl std::fmt::Display for Phase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            name, count, mean, ..
        } = self;
        write!(f, "  {name}: mean {mean:.6}, p99 ")?;
        match self.p99_at_most {
            Some(bound) => write!(f, "at most {bound}")?,
            None => f.write_str("above the last bucket")?,
        }
        write!(f, ", of {count}")
    }
}

/// The histograms now; none where the server shows none.
pub(crate) async fn now(client: &mut Client) -> Result<Moment, Error> {
    Ok(read(&text(client).await?))
}

/// The values of single lines, in the order of their names; none of those the
/// server does not have.
pub(crate) async fn values<const COUNT: usize>(
    client: &mut Client,
    names: [&str; COUNT],
) -> Result<[Option<u64>; COUNT], Error> {
    let text = text(client).await?;
    Ok(names.map(|name| value(&text, name)))
}

fn value(text: &str, name: &str) -> Option<u64> {
    let of = |line: &str| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok();
    text.lines().find_map(of)
}

/// What is answered; nothing where it is no 200.
async fn text(client: &mut Client) -> Result<String, Error> {
    let request = plain(Method::GET, "/metrics", Bytes::new())?;
    match client.send(&request, true).await {
        Outcome::Answered { status: 200, body } => Ok(String::from_utf8_lossy(&body).into_owned()),
        Outcome::Answered { .. } => Ok(String::new()),
        Outcome::Failed(fault) => Err(Error::Server(format!("/metrics: {}", fault.name()))),
    }
}

fn read(text: &str) -> Moment {
    let mut moment = Moment::default();
    for line in text.lines() {
        let Some((name, value)) = line.rsplit_once(' ') else {
            continue;
        };
        let Ok(value) = value.parse::<f64>() else {
            continue;
        };
        let (name, labels) = name.split_once('{').unwrap_or((name, ""));
        let labels = labels.trim_end_matches('}').split(',');
        let (bounds, labels): (Vec<&str>, Vec<&str>) = labels
            .filter(|label| !label.is_empty())
            .partition(|label| label.starts_with("le="));
        let base = ["_bucket", "_sum", "_count"]
            .into_iter()
            .find_map(|end| Some((name.strip_suffix(end)?, end)));
        let Some((base, part)) = base.filter(|(base, _)| !base.contains(LEFT_OUT)) else {
            continue;
        };
        let key = if labels.is_empty() {
            base.to_owned()
        } else {
            format!("{base}{{{}}}", labels.join(","))
        };
        let counted = moment.0.entry(key).or_default();
        match part {
            "_sum" => counted.sum = value,
            "_count" => counted.count = value,
            _ => {
                let bound = bounds.first().map(|bound| bound.trim_start_matches("le="));
                let bound = bound.and_then(|bound| bound.trim_matches('"').parse().ok());
                counted.buckets.extend(bound.map(|bound| (bound, value)));
            }
        }
    }
    moment
}

impl Moment {
    /// What happened since a moment before.
    pub(crate) fn since(&self, before: &Self) -> Vec<Phase> {
        let nothing = Counted::default();
        let mut phases = Vec::new();
        for (name, now) in &self.0 {
            let then = before.0.get(name).unwrap_or(&nothing);
            let count = now.count - then.count;
            if count < 1.0 {
                continue;
            }
            let at_most = |(place, &(bound, value)): (usize, &(f64, f64))| {
                let earlier = then.buckets.get(place).map_or(0.0, |bucket| bucket.1);
                (value - earlier >= count * 0.99).then_some(bound)
            };
            let bound = now.buckets.iter().enumerate().find_map(at_most);
            phases.push(Phase {
                name: name.clone(),
                count: count as u64,
                mean: (now.sum - then.sum) / count,
                p99_at_most: bound.filter(|bound| bound.is_finite()),
            });
        }
        phases
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phases_are_what_happened_between_two_moments() {
        let before = read(
            "# TYPE x histogram\nx_seconds_bucket{phase=\"sync\",le=\"0.1\"} 5\n\
            x_seconds_bucket{phase=\"sync\",le=\"+Inf\"} 5\nx_seconds_sum{phase=\"sync\"} 0.5\n\
            x_seconds_count{phase=\"sync\"} 5\n",
        );
        let after = read(
            "x_seconds_bucket{phase=\"sync\",le=\"0.1\"} 104\n\
            x_seconds_bucket{phase=\"sync\",le=\"+Inf\"} 105\nx_seconds_sum{phase=\"sync\"} 2.5\n\
            x_seconds_count{phase=\"sync\"} 105\n\
            tandem_http_request_duration_seconds_count{route=\"/\"} 9\nodd\nbuild 1\n",
        );
        let phases = after.since(&before);
        assert_eq!(phases.len(), 1);
        assert_eq!(phases[0].name, "x_seconds{phase=\"sync\"}");
        assert_eq!((phases[0].count, phases[0].p99_at_most), (100, Some(0.1)));
        assert!((phases[0].mean - 0.02).abs() < 1e-9);
        assert!(after.since(&after).is_empty());
        assert_eq!(after.since(&Moment::default())[0].count, 105);
    }

    #[test]
    fn a_single_line_is_found_by_its_whole_name() {
        let text = "# HELP a_b x\na_b_total 3\na_b 7\nc{x=\"1\"} 2\n";
        assert_eq!(value(text, "a_b"), Some(7));
        assert_eq!(value(text, "a"), None);
        assert_eq!(value(text, "c"), None);
    }

    #[test]
    fn what_is_above_the_last_bucket_has_no_bound() {
        let after = read("x_bucket{le=\"1\"} 1\nx_bucket{le=\"+Inf\"} 2\nx_sum 9\nx_count 2\n");
        assert_eq!(after.since(&Moment::default())[0].p99_at_most, None);
    }
}
