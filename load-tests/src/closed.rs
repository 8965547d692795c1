//! Closed loop: every connection sends its next request when it has the last
//! answer. Finds the maximum throughput; its latencies leave out what would
//! have arrived meanwhile and promise nothing.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::args::ClosedArgs;
use crate::client::{Client, Outcome, Prepared};
use crate::error::Error;
use crate::open;
use crate::record::{self, Record};
use crate::report::{self, Costs, Report};
use crate::requests;

/// Pause after a failure, so that a server that is gone does not make us spin.
const PAUSE: Duration = Duration::from_millis(10);

struct Shared {
    requests: Vec<Prepared>,
    measured_from: Instant,
    end: Instant,
    next: AtomicUsize,
    record: Mutex<Record>,
}

/// Runs `closed`; whether every answer was right.
pub(crate) async fn command(args: &ClosedArgs) -> Result<bool, Error> {
    let requests = requests::prepare(args.of, &args.run.server, &args.run.work).await?;
    let clients = open::connect(&args.run.send, &args.run.server).await?;
    let measured_from = Instant::now() + args.run.send.warmup;
    let shared = Arc::new(Shared {
        requests,
        measured_from,
        end: measured_from + args.run.send.seconds,
        next: AtomicUsize::new(0),
        record: Mutex::new(Record::new(args.run.send.check_every)?),
    });
    let workers: Vec<_> = clients
        .into_iter()
        .map(|client| tokio::spawn(serve(Arc::clone(&shared), client)))
        .collect();
    tokio::time::sleep_until(measured_from.into()).await;
    let before = Costs::now(args.run.server.pid)?;
    for worker in workers {
        worker
            .await
            .map_err(|error| Error::Server(format!("a connection failed: {error}")))?;
    }
    let elapsed = measured_from.elapsed();
    let costs = Costs::since(&before, args.run.server.pid)?;
    let record = record::lock(&shared.record);
    let report = Report::new(args.of.name(), None, &record, elapsed, costs);
    report::show(&[&report], args.run.server.json)?;
    Ok(report.is_right())
}

async fn serve(shared: Arc<Shared>, mut client: Client) {
    loop {
        let sent = Instant::now();
        if sent >= shared.end {
            return;
        }
        let measured = sent >= shared.measured_from;
        let keep_body = measured && record::lock(&shared.record).wants_body();
        let index = shared.next.fetch_add(1, Ordering::Relaxed);
        let request = &shared.requests[index % shared.requests.len()];
        let outcome = client.send(request, keep_body).await;
        let failed = matches!(outcome, Outcome::Failed(_));
        if measured {
            record::lock(&shared.record).add(Some(request), outcome, sent.elapsed());
        }
        if failed {
            tokio::time::sleep(PAUSE).await;
        }
    }
}
