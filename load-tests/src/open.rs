//! Open loop: requests arrive on a schedule made beforehand, whatever the
//! server does, and latency counts from the scheduled arrival. A server that
//! stalls is charged for everything that arrived meanwhile, which a loop that
//! waits for answers would leave out (coordinated omission).

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

use crate::args::{Arrivals, OpenArgs, SendArgs, ServerArgs};
use crate::client::{Client, Fault, Outcome, Prepared};
use crate::error::Error;
use crate::process::{self, Usage};
use crate::random::Random;
use crate::record::{self, Record, SharedRecord};
use crate::report::{self, Costs, Report};
use crate::requests::{self, Work};
use crate::timer::Timer;
use crate::writes::Writes;

/// Arrivals of a run at most; 8 bytes each.
const ARRIVALS_MAX: f64 = 50e6;
/// Time between connecting and the first arrival.
const LEAD: Duration = Duration::from_millis(20);

/// When requests arrive.
#[derive(Clone, Copy)]
pub(crate) struct Pace {
    /// Arrivals per second.
    pub(crate) rate: f64,
    pub(crate) arrivals: Arrivals,
    pub(crate) seed: u64,
}

/// Runs `search`, `match` or `mix`; whether every answer was right.
pub(crate) async fn command(work: Work, args: &OpenArgs) -> Result<bool, Error> {
    let requests = Arc::new(requests::prepare(work, &args.run.server, &args.run.work).await?);
    let pace = Pace {
        rate: args.rate,
        arrivals: args.arrivals,
        seed: args.run.work.seed,
    };
    let report = run(work, &requests, pace, &args.run.send, &args.run.server).await?;
    report::show(&[&report], args.run.server.json)?;
    Ok(report.is_right())
}

/// What arrives.
#[derive(Clone)]
pub(crate) enum Load {
    /// These, again and again.
    Requests(Arc<Vec<Prepared>>),
    /// Writes made one by one, some of them looked for when they are answered.
    Writes(Arc<Writes>),
}

impl Load {
    /// The request of an arrival. Copies pointers where it was made before.
    fn request(&self, index: usize) -> Option<Prepared> {
        match self {
            Self::Requests(requests) => requests.get(index % requests.len().max(1)).cloned(),
            Self::Writes(writes) => writes.request(index),
        }
    }
}

/// What pacing and the connections share.
struct Shared {
    load: Load,
    /// Nanoseconds from `start` to each arrival, ascending.
    offsets: Vec<u64>,
    /// First arrival behind the warm-up.
    measured_from: usize,
    start: Instant,
    /// End of the warm-up.
    measured_start: Instant,
    /// Nothing is sent after this: an overloaded run ends all the same.
    drain: Instant,
    /// One permit for each arrival that is due, then one a connection to stop it.
    due: Semaphore,
    next: AtomicUsize,
    record: SharedRecord,
}

/// One run at one rate.
pub(crate) async fn run(
    work: Work,
    requests: &Arc<Vec<Prepared>>,
    pace: Pace,
    send: &SendArgs,
    server: &ServerArgs,
) -> Result<Report, Error> {
    let record = Arc::new(Mutex::new(Record::new(send.check_every)?));
    let load = Load::Requests(Arc::clone(requests));
    let (elapsed, costs) = drive(load, pace, send, server, &record).await?;
    let record = record::lock(&record);
    Ok(Report::new(
        work.name(),
        Some(pace.rate),
        &record,
        elapsed,
        costs,
    ))
}

/// One run at one rate into a record others may read meanwhile. Answers the time
/// until the last answer and what the run took.
pub(crate) async fn drive(
    load: Load,
    pace: Pace,
    send: &SendArgs,
    server: &ServerArgs,
    record: &SharedRecord,
) -> Result<(Duration, Costs), Error> {
    let offsets = schedule(pace, send.warmup + send.seconds)?;
    let clients = connect(send, server).await?;
    let warmup = send.warmup.as_nanos() as u64;
    let start = Instant::now() + LEAD;
    let measured_start = start + send.warmup;
    let shared = Arc::new(Shared {
        load,
        measured_from: offsets.partition_point(|&offset| offset < warmup),
        offsets,
        start,
        measured_start,
        drain: measured_start + send.seconds + send.timeout_ms,
        due: Semaphore::new(0),
        next: AtomicUsize::new(0),
        record: Arc::clone(record),
    });
    let connections = clients.len();
    let workers: Vec<tokio::task::JoinHandle<()>> = clients
        .into_iter()
        .map(|client| {
            let checker = Client::new(&server.url, send.timeout_ms)?;
            Ok(tokio::spawn(serve(Arc::clone(&shared), client, checker)))
        })
        .collect::<Result<_, Error>>()?;
    let before = release(&shared, connections, server.pid).await?;
    for worker in workers {
        worker
            .await
            .map_err(|error| Error::Server(format!("a connection failed: {error}")))?;
    }
    let elapsed = measured_start.elapsed().max(send.seconds);
    let costs = Costs::since(&before, server.pid)?;
    Ok((elapsed, costs))
}

/// Connections of a run, all open.
pub(crate) async fn connect(send: &SendArgs, server: &ServerArgs) -> Result<Vec<Client>, Error> {
    let mut clients = Vec::with_capacity(usize::from(send.connections));
    for _ in 0..send.connections {
        let mut client = Client::new(&server.url, send.timeout_ms)?;
        client.connect().await?;
        clients.push(client);
    }
    Ok(clients)
}

/// Nanoseconds to each arrival within a time.
fn schedule(pace: Pace, length: Duration) -> Result<Vec<u64>, Error> {
    let length = length.as_secs_f64();
    let expected = pace.rate * length;
    if expected > ARRIVALS_MAX {
        return Err(Error::Usage(format!(
            "{expected:.0} arrivals are too many, at most {ARRIVALS_MAX:.0} fit a run"
        )));
    }
    let mut random = Random::new(pace.seed);
    let mut offsets = Vec::with_capacity(expected as usize + 1);
    let mut at = 0.0;
    while at < length && offsets.len() < 2 * ARRIVALS_MAX as usize {
        offsets.push((at * 1e9) as u64);
        at += match pace.arrivals {
            Arrivals::Constant => 1.0 / pace.rate,
            // 1 − u is in (0, 1]: the logarithm is finite.
            Arrivals::Poisson => -(1.0 - random.unit()).ln() / pace.rate,
        };
    }
    Ok(offsets)
}

/// Lets connections have each arrival when it is due. Answers what both
/// processes had used when the measured part began.
async fn release(shared: &Shared, connections: usize, pid: Option<u32>) -> Result<Costs, Error> {
    let no_timer = |source| Error::io("cannot use a timer", source);
    let mut timer = Timer::new().map_err(no_timer)?;
    let mut released = 0;
    let mut before = None;
    while let Some(&next) = shared.offsets.get(released) {
        let now = Instant::now()
            .saturating_duration_since(shared.start)
            .as_nanos() as u64;
        if next > now {
            let wait = Duration::from_nanos(next - now);
            timer.wait(wait).await.map_err(no_timer)?;
            continue;
        }
        let waiting = &shared.offsets[released..];
        let due = waiting.iter().take_while(|&&offset| offset <= now).count();
        released += due;
        shared.due.add_permits(due);
        if before.is_none() && released > shared.measured_from {
            before = Some(Costs::now(pid));
        }
    }
    shared.due.add_permits(connections);
    before.unwrap_or_else(|| Costs::now(pid))
}

/// One connection: takes the oldest arrival that is due, until all are taken.
/// The checker connects when there is a first write to look for.
async fn serve(shared: Arc<Shared>, mut client: Client, mut checker: Client) {
    // The semaphore is never closed; the arrivals end.
    while let Ok(permit) = shared.due.acquire().await {
        permit.forget();
        let index = shared.next.fetch_add(1, Ordering::Relaxed);
        let Some(&offset) = shared.offsets.get(index) else {
            return;
        };
        let arrival = shared.start + Duration::from_nanos(offset);
        let sent = Instant::now();
        let measured = index >= shared.measured_from;
        if !measured && sent >= shared.measured_start {
            // What an overloaded warm-up left behind is dropped: the measured
            // part starts with an empty queue, and fills it by itself if it must.
            continue;
        }
        let mut written = None;
        let request = (sent <= shared.drain).then(|| shared.load.request(index));
        let request = request.flatten();
        let outcome = match (&request, &shared.load) {
            (None, _) => Outcome::Failed(Fault::Unsent),
            (Some(request), Load::Requests(_)) => {
                let keep_body = measured && record::lock(&shared.record).wants_body();
                client.send(request, keep_body).await
            }
            (Some(request), Load::Writes(writes)) => {
                let which = (index, measured);
                let (outcome, to_check) = writes.send(&mut client, request, which).await;
                written = to_check.map(|written| (writes, written));
                outcome
            }
        };
        if measured {
            let ended = Instant::now();
            let mut record = record::lock(&shared.record);
            record.add_lag(sent.saturating_duration_since(arrival));
            if matches!(
                outcome,
                Outcome::Answered {
                    status: 200 | 201,
                    ..
                }
            ) {
                record.add_service(ended.saturating_duration_since(sent));
            }
            let latency = ended.saturating_duration_since(arrival);
            record.add(request.as_ref(), outcome, latency);
        }
        if let Some((writes, written)) = written {
            writes.look_for(&mut checker, &written).await;
        }
    }
}

impl Costs {
    /// What both processes have used so far. Errors: the server's cannot be read.
    pub(crate) fn now(pid: Option<u32>) -> Result<Self, Error> {
        Ok(Self {
            server: pid.map(process::usage).transpose()?,
            client_cpu_seconds: process::own_cpu_seconds(),
        })
    }

    /// What they have used since; memory as it is now.
    pub(crate) fn since(before: &Self, pid: Option<u32>) -> Result<Self, Error> {
        let now = Self::now(pid)?;
        let server = now.server.map(|after| Usage {
            cpu_seconds: after.cpu_seconds - before.server.map_or(0.0, |usage| usage.cpu_seconds),
            ..after
        });
        Ok(Self {
            server,
            client_cpu_seconds: now.client_cpu_seconds - before.client_cpu_seconds,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrivals_have_the_rate_asked_and_the_spread_of_their_kind() {
        for arrivals in [Arrivals::Constant, Arrivals::Poisson] {
            let pace = Pace {
                rate: 1_000.0,
                arrivals,
                seed: 1,
            };
            let offsets = schedule(pace, Duration::from_secs(20)).unwrap();
            assert!(
                (19_500..20_500).contains(&offsets.len()),
                "{}",
                offsets.len()
            );
            assert!(offsets.is_sorted() && offsets.last() < Some(&20_000_000_000));
            let gaps: Vec<f64> = offsets
                .windows(2)
                .map(|w| (w[1] - w[0]) as f64 / 1e6)
                .collect();
            let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
            let variance = gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>();
            let deviation = (variance / gaps.len() as f64).sqrt();
            // An exponential distribution deviates by its mean, a constant not at all.
            let expected = f64::from(u8::from(arrivals == Arrivals::Poisson));
            assert!((mean - 1.0).abs() < 0.03 && (deviation - expected).abs() < 0.05);
        }
    }

    #[test]
    fn too_many_arrivals_are_refused() {
        let pace = Pace {
            rate: 200_000.0,
            arrivals: Arrivals::Constant,
            seed: 1,
        };
        let error = schedule(pace, Duration::from_hours(24)).unwrap_err();
        assert!(error.to_string().contains("arrivals are too many"));
    }
}
