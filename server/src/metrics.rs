//! Counters and histograms in the Prometheus text format. Owns what is
//! counted; a handful of atomics, so no library.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tandem_index::Snapshot;

use crate::durable::Durable;
use crate::http::route::ROUTES;

/// Statuses the server answers with; others are counted as the last one.
const STATUSES: [u16; 23] = [
    200, 201, 207, 304, 400, 401, 403, 404, 405, 406, 409, 410, 412, 413, 415, 422, 429, 503, 507,
    431, 414, 408, 500,
];

/// Upper bounds of the histogram's buckets in microseconds.
const BUCKETS_US: [u64; 12] = [
    500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000, 2_500_000,
    10_000_000,
];

/// Requests to one route.
#[derive(Debug, Default)]
struct RouteMetrics {
    statuses: [AtomicU64; STATUSES.len()],
    buckets: [AtomicU64; BUCKETS_US.len()],
    count: AtomicU64,
    sum_us: AtomicU64,
}

/// Everything that is counted.
#[derive(Debug)]
pub struct Metrics {
    /// One for each route, and one for requests that fit none.
    routes: Vec<RouteMetrics>,
    lines_rejected: AtomicU64,
    connections: AtomicU64,
    /// What durability costs.
    pub(crate) durable: Durable,
}

impl Metrics {
    /// Nothing counted yet.
    pub fn new() -> Self {
        let mut routes = Vec::new();
        routes.resize_with(ROUTES.len() + 1, RouteMetrics::default);
        Self {
            routes,
            lines_rejected: AtomicU64::new(0),
            connections: AtomicU64::new(0),
            durable: Durable::default(),
        }
    }

    /// Counts a request; `None` fits no route.
    pub fn request(&self, route: Option<usize>, status: u16, took: Duration) {
        let Some(route) = self.routes.get(route.unwrap_or(ROUTES.len())) else {
            return;
        };
        let place = STATUSES
            .iter()
            .position(|known| *known == status)
            .unwrap_or(STATUSES.len() - 1);
        if let Some(counter) = route.statuses.get(place) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
        let took_us = took.as_micros() as u64;
        for (bucket, bound) in route.buckets.iter().zip(BUCKETS_US) {
            if took_us <= bound {
                bucket.fetch_add(1, Ordering::Relaxed);
            }
        }
        route.count.fetch_add(1, Ordering::Relaxed);
        route.sum_us.fetch_add(took_us, Ordering::Relaxed);
    }

    /// Counts lines of bulk bodies that were rejected.
    pub fn rejected(&self, lines: u64) {
        self.lines_rejected.fetch_add(lines, Ordering::Relaxed);
    }

    /// A connection opened or closed.
    pub fn connection(&self, open: bool) {
        if open {
            self.connections.fetch_add(1, Ordering::Relaxed);
        } else {
            self.connections.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// The text; of documents one space's are shown. Without one the server is
    /// still starting.
    pub fn text(&self, space: Option<(&str, &Snapshot)>, is_ready: bool) -> String {
        let mut text = String::with_capacity(8 << 10);
        header(
            &mut text,
            "tandem_build_info",
            "gauge",
            "The version that runs.",
        );
        line(
            &mut text,
            "tandem_build_info",
            &format!("version=\"{}\"", env!("CARGO_PKG_VERSION")),
            "1",
        );
        let name = "tandem_ready";
        header(
            &mut text,
            name,
            "gauge",
            "Whether everything is taken: the start is over, and neither a stop nor a failure ended writing.",
        );
        line(&mut text, name, "", if is_ready { "1" } else { "0" });
        if let Some((space, snapshot)) = space {
            documents(&mut text, space, snapshot);
        }
        let plain = [
            (
                "tandem_connections",
                "gauge",
                "Connections open.",
                &self.connections,
            ),
            (
                "tandem_ingest_rejected_total",
                "counter",
                "Lines of bulk bodies rejected.",
                &self.lines_rejected,
            ),
        ];
        for (name, kind, help, value) in plain {
            header(&mut text, name, kind, help);
            line(
                &mut text,
                name,
                "",
                &value.load(Ordering::Relaxed).to_string(),
            );
        }
        if space.is_some() {
            self.durable.text(&mut text);
        }
        self.requests(&mut text);
        self.durations(&mut text);
        text
    }

    fn requests(&self, text: &mut String) {
        let name = "tandem_http_requests_total";
        header(text, name, "counter", "Requests answered.");
        for (route, labels) in self.used() {
            for (status, counter) in STATUSES.iter().zip(&route.statuses) {
                let count = counter.load(Ordering::Relaxed);
                if count > 0 {
                    line(
                        text,
                        name,
                        &format!("{labels},status=\"{status}\""),
                        &count.to_string(),
                    );
                }
            }
        }
    }

    fn durations(&self, text: &mut String) {
        let name = "tandem_http_request_duration_seconds";
        header(
            text,
            name,
            "histogram",
            "Time from a request's headers to its answer's.",
        );
        for (route, labels) in self.used() {
            for (bound, bucket) in BUCKETS_US.iter().zip(&route.buckets) {
                let labels = format!("{labels},le=\"{}\"", *bound as f64 / 1e6);
                line(
                    text,
                    &format!("{name}_bucket"),
                    &labels,
                    &bucket.load(Ordering::Relaxed).to_string(),
                );
            }
            let count = route.count.load(Ordering::Relaxed).to_string();
            line(
                text,
                &format!("{name}_bucket"),
                &format!("{labels},le=\"+Inf\""),
                &count,
            );
            let sum = route.sum_us.load(Ordering::Relaxed) as f64 / 1e6;
            line(text, &format!("{name}_sum"), &labels, &sum.to_string());
            line(text, &format!("{name}_count"), &labels, &count);
        }
    }

    /// Routes that were asked, with their labels.
    fn used(&self) -> impl Iterator<Item = (&RouteMetrics, String)> {
        self.routes
            .iter()
            .enumerate()
            .filter(|(_, route)| route.count.load(Ordering::Relaxed) > 0)
            .map(|(place, route)| {
                let (path, method) = ROUTES
                    .get(place)
                    .map_or(("none", "any"), |route| (route.path, route.method));
                (route, format!("route=\"{path}\",method=\"{method}\""))
            })
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

/// Documents, segments and dead rows of a space, by kind.
fn documents(text: &mut String, space: &str, snapshot: &Snapshot) {
    let kinds: Vec<_> = snapshot.kinds().iter().collect();
    header(text, "tandem_documents", "gauge", "Documents held.");
    for kind in &kinds {
        let labels = format!("space=\"{space}\",kind=\"{}\"", kind.name);
        let rows = snapshot.rows(kind.id).to_string();
        line(text, "tandem_documents", &labels, &rows);
    }
    header(text, "tandem_segments", "gauge", "Segments, by form.");
    for kind in &kinds {
        let segments = &snapshot.collection(kind.id).segments;
        let large = segments.iter().filter(|l| l.segment.is_large()).count();
        for (form, count) in [("large", large), ("small", segments.len() - large)] {
            let labels = format!("space=\"{space}\",kind=\"{}\",form=\"{form}\"", kind.name);
            line(text, "tandem_segments", &labels, &count.to_string());
        }
    }
    let name = "tandem_dead_rows";
    let help = "Rows of deleted and replaced documents that merging has not dropped yet.";
    header(text, name, "gauge", help);
    for kind in &kinds {
        let dead = snapshot.collection(kind.id).segments.iter();
        let dead: usize = dead
            .map(|live| live.segment.rows() as usize - live.alive.count())
            .sum();
        let labels = format!("space=\"{space}\",kind=\"{}\"", kind.name);
        line(text, name, &labels, &dead.to_string());
    }
}

pub(crate) fn header(text: &mut String, name: &str, kind: &str, help: &str) {
    // Writing to a string cannot fail.
    let _written = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

pub(crate) fn line(text: &mut String, name: &str, labels: &str, value: &str) {
    let _written = if labels.is_empty() {
        writeln!(text, "{name} {value}")
    } else {
        writeln!(text, "{name}{{{labels}}} {value}")
    };
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use tandem_index::{Kinds, Snapshot};

    use super::Metrics;

    #[test]
    fn buckets_are_cumulative_and_routes_unused_are_left_out() {
        let metrics = Metrics::new();
        metrics.request(Some(0), 200, Duration::from_millis(2));
        metrics.request(None, 404, Duration::from_secs(100));
        let empty = Snapshot::empty(Arc::new(Kinds::builtin()));
        let text = metrics.text(Some(("default", &empty)), true);
        assert!(text.contains("tandem_documents{space=\"default\",kind=\"jobs\"} 0"));
        assert!(text.contains("tandem_ready 1"));
        assert!(text.contains("le=\"0.001\"} 0") && text.contains("le=\"0.0025\"} 1"));
        assert!(text.contains(
            "tandem_http_requests_total{route=\"none\",method=\"any\",status=\"404\"} 1"
        ));
        assert_eq!(text.matches("duration_seconds_count").count(), 2);
        let early = metrics.text(None, false);
        assert!(early.contains("tandem_ready 0") && !early.contains("tandem_documents"));
    }
}
