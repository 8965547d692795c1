//! What a server takes over time. Owns the samples, their CSV and the slope of
//! memory; draws nothing.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::error::Error;
use crate::process;
use crate::record::{self, Interval, SharedRecord};

/// Seconds of samples a slope wants: of fewer it says more about the moment.
const SLOPE_SECONDS_MIN: f64 = 60.0;

/// One moment of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Sample {
    /// Since the measured part began.
    pub(crate) seconds: f64,
    pub(crate) rss_bytes: Option<u64>,
    /// Of one core, since the sample before.
    pub(crate) cpu_percent: Option<f64>,
    /// Bytes of the files in the data folder.
    pub(crate) data_bytes: Option<u64>,
    /// Since the sample before, in the order of the watch's records.
    pub(crate) intervals: Vec<Interval>,
}

/// What is watched.
pub(crate) struct Watch {
    pub(crate) pid: Option<u32>,
    pub(crate) data: Option<PathBuf>,
    pub(crate) records: Vec<SharedRecord>,
    /// Time between two samples.
    pub(crate) every: Duration,
}

impl Watch {
    /// Takes samples from a moment on, for a time. Errors: the process is gone,
    /// or the folder cannot be read.
    pub(crate) async fn take(self, from: Instant, length: Duration) -> Result<Vec<Sample>, Error> {
        tokio::time::sleep_until(from.into()).await;
        for record in &self.records {
            record::lock(record).take_interval();
        }
        let mut before = (Instant::now(), self.cpu_seconds()?);
        let mut samples = Vec::new();
        let mut at = from;
        while at + self.every <= from + length {
            at += self.every;
            tokio::time::sleep_until(at.into()).await;
            let now = (Instant::now(), self.cpu_seconds()?);
            let wall = now.0.saturating_duration_since(before.0).as_secs_f64();
            let cpu = now.1.zip(before.1).map(|(now, before)| now - before);
            before = now;
            let usage = self.pid.map(process::usage).transpose()?;
            samples.push(Sample {
                seconds: now.0.saturating_duration_since(from).as_secs_f64(),
                rss_bytes: usage.map(|usage| usage.rss_bytes),
                cpu_percent: cpu.map(|cpu| cpu * 100.0 / wall.max(1e-3)),
                data_bytes: self.data.as_deref().map(folder_bytes).transpose()?,
                intervals: self
                    .records
                    .iter()
                    .map(|record| record::lock(record).take_interval())
                    .collect(),
            });
        }
        Ok(samples)
    }

    fn cpu_seconds(&self) -> Result<Option<f64>, Error> {
        let usage = self.pid.map(process::usage).transpose()?;
        Ok(usage.map(|usage| usage.cpu_seconds))
    }
}

/// Bytes of the files in a folder. A file that goes while they are counted is
/// left out: a server replaces its files.
pub(crate) fn folder_bytes(folder: &Path) -> Result<u64, Error> {
    let failed = |source| Error::io(format!("cannot read {}", folder.display()), source);
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let metadata = entry.and_then(|entry| entry.metadata());
        bytes += metadata
            .ok()
            .filter(std::fs::Metadata::is_file)
            .map_or(0, |file| file.len());
    }
    Ok(bytes)
}

/// Percent of their mean that values rise in a minute, by least squares, from
/// `after` seconds on. None of less than a minute.
pub(crate) fn slope_percent_a_minute(points: &[(f64, f64)], after: f64) -> Option<f64> {
    let points: Vec<(f64, f64)> = points.iter().copied().filter(|p| p.0 >= after).collect();
    let (first, last) = (points.first()?, points.last()?);
    if last.0 - first.0 < SLOPE_SECONDS_MIN {
        return None;
    }
    let count = points.len() as f64;
    let mean_x = points.iter().map(|p| p.0).sum::<f64>() / count;
    let mean_y = points.iter().map(|p| p.1).sum::<f64>() / count;
    let covariance: f64 = points.iter().map(|p| (p.0 - mean_x) * (p.1 - mean_y)).sum();
    let variance: f64 = points.iter().map(|p| (p.0 - mean_x).powi(2)).sum();
    (mean_y > 0.0).then(|| covariance / variance * 60.0 / mean_y * 100.0)
}

/// Samples as CSV; `names` are those of the records.
pub(crate) fn csv(samples: &[Sample], names: &[&str]) -> String {
    let mut text = "seconds,rss_bytes,cpu_percent,data_bytes".to_owned();
    for name in names {
        push(
            &mut text,
            format_args!(",{name}_answered,{name}_p50_ms,{name}_p99_ms"),
        );
    }
    text.push('\n');
    for sample in samples {
        let whole = |value: Option<u64>| value.map_or_else(String::new, |value| value.to_string());
        let cpu = sample
            .cpu_percent
            .map_or_else(String::new, |cpu| format!("{cpu:.1}"));
        let (rss, data) = (whole(sample.rss_bytes), whole(sample.data_bytes));
        push(
            &mut text,
            format_args!("{:.2},{rss},{cpu},{data}", sample.seconds),
        );
        for interval in &sample.intervals {
            let Interval {
                requests,
                p50_ms,
                p99_ms,
            } = interval;
            push(
                &mut text,
                format_args!(",{requests},{p50_ms:.3},{p99_ms:.3}"),
            );
        }
        text.push('\n');
    }
    text
}

fn push(text: &mut String, what: std::fmt::Arguments<'_>) {
    text.write_fmt(what)
        .expect("writing into a String cannot fail");
}

/// Writes a file whole.
pub(crate) fn write_file(path: &Path, text: &str) -> Result<(), Error> {
    std::fs::write(path, text)
        .map_err(|source| Error::io(format!("cannot write {}", path.display()), source))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slope_is_in_percent_a_minute_and_of_the_later_part() {
        // 1 % of 1,000 a minute from the third minute on; nonsense before.
        let points: Vec<(f64, f64)> = (0..600)
            .map(|second| {
                let second = f64::from(second);
                let settled = 1_000.0 + (second - 390.0) / 6.0;
                (
                    second,
                    if second < 180.0 {
                        second * 50.0
                    } else {
                        settled
                    },
                )
            })
            .collect();
        let slope = slope_percent_a_minute(&points, 180.0).unwrap();
        assert!((slope - 1.0).abs() < 0.01, "{slope}");
        assert_eq!(slope_percent_a_minute(&points, 560.0), None);
        assert_eq!(slope_percent_a_minute(&[], 0.0), None);
        let flat: Vec<(f64, f64)> = (0..100).map(|s| (f64::from(s), 7.0)).collect();
        assert_eq!(slope_percent_a_minute(&flat, 0.0), Some(0.0));
    }

    #[test]
    fn what_was_not_watched_is_an_empty_cell() {
        let interval = Interval {
            requests: 3,
            p50_ms: 1.0,
            p99_ms: 2.5,
        };
        let sample = Sample {
            seconds: 1.0,
            rss_bytes: Some(5),
            intervals: vec![interval],
            ..Sample::default()
        };
        assert_eq!(
            csv(&[sample], &["write"]),
            "seconds,rss_bytes,cpu_percent,data_bytes,write_answered,write_p50_ms,write_p99_ms\n\
             1.00,5,,,3,1.000,2.500\n"
        );
    }

    #[test]
    fn a_folder_has_the_bytes_of_its_files() {
        let folder = std::env::temp_dir().join(format!("load-tests-folder-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("sub")).unwrap();
        std::fs::write(folder.join("a"), [0; 300]).unwrap();
        std::fs::write(folder.join("b"), [0; 7]).unwrap();
        assert_eq!(folder_bytes(&folder).unwrap(), 307);
        std::fs::remove_dir_all(&folder).unwrap();
        let error = folder_bytes(&folder).unwrap_err().to_string();
        assert!(error.starts_with("cannot read "), "{error}");
    }
}
