//! `tail`: writes until the journal has so many changes behind the last
//! checkpoint, which the next start after a kill has to replay.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::api;
use crate::bulk;
use crate::client::Client;
use crate::error::Error;
use crate::lines::{End, Lines};
use crate::live_args::TailArgs;
use crate::metrics;
use crate::mixed;
use crate::process;
use crate::report::print;

/// Checkpoints that come between before it is given up.
const CHECKPOINTS_MAX: u32 = 3;
/// Between two looks whether a killed server is gone, and the longest to look.
const POLL: Duration = Duration::from_millis(5);
const GONE_MAX: Duration = Duration::from_secs(10);

/// What the journal has behind the last checkpoint.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Behind {
    changes: u64,
    bytes: u64,
}

/// Runs `tail`; whether the journal has just what was asked for.
pub(crate) async fn command(args: &TailArgs) -> Result<bool, Error> {
    let (server, upload) = (&args.fill.server, &args.fill.upload);
    let mut client = Client::new(&server.url, upload.silence_ms)?;
    let shape = api::shape(&mut client, &args.fill.kind).await?;
    let maker = Arc::new(mixed::maker(&shape, &upload.documents, args.fill.seed)?);
    let documents = upload.documents.documents as usize;
    let mut held = behind(&mut client).await?;
    let (mut written, mut checkpoints) = (0, 0);
    for round in 0.. {
        let missing = args.changes.saturating_sub(held.changes);
        if missing == 0 {
            break;
        }
        let count = missing.min(documents as u64);
        let lines = Lines::new(&maker, documents, round, End::Count(count as usize));
        let lines = Box::new(lines);
        bulk::upload(server, &shape.kind, upload.silence_ms, lines, None).await?;
        written += count;
        let before = held.changes;
        held = behind(&mut client).await?;
        checkpoints += u32::from(held.changes < before + count);
        if checkpoints == CHECKPOINTS_MAX {
            return Err(never(args.changes));
        }
    }
    // The one before the kill: afterwards nobody answers.
    if let Some(pid) = server.pid.filter(|_| args.kill) {
        process::end(pid, true)?;
        gone(&server.url).await?;
    }
    show(args, held, written)?;
    Ok(held.changes == args.changes)
}

fn never(changes: u64) -> Error {
    Error::Server(format!(
        "{CHECKPOINTS_MAX} checkpoints came before the journal had {changes} changes: ask for fewer, or start a server that writes checkpoints later"
    ))
}

async fn behind(client: &mut Client) -> Result<Behind, Error> {
    let names = ["tandem_journal_changes", "tandem_journal_bytes"];
    match metrics::values(client, names).await? {
        [Some(changes), Some(bytes)] => Ok(Behind { changes, bytes }),
        _ => Err(Error::Server(
            "/metrics has no tandem_journal_changes: the server keeps no journal, it was started without --data".to_owned(),
        )),
    }
}

/// Waits until nobody listens there any more.
async fn gone(url: &crate::client::Target) -> Result<(), Error> {
    let start = Instant::now();
    while Client::new(url, GONE_MAX)?.connect().await.is_ok() {
        if start.elapsed() > GONE_MAX {
            return Err(Error::Server(format!(
                "{} still answers: --pid is another process",
                url.address
            )));
        }
        tokio::time::sleep(POLL).await;
    }
    Ok(())
}

fn show(args: &TailArgs, held: Behind, written: u64) -> Result<(), Error> {
    if args.fill.server.json {
        return print(
            json!({"work": "tail", "changes": held.changes, "bytes": held.bytes,
            "asked": args.changes, "written": written, "killed": args.kill}),
        );
    }
    let killed = if args.kill {
        "; the server is killed"
    } else {
        ""
    };
    print(format_args!(
        "{} changes, {:.1} MB in the journal behind the last checkpoint, {written} of them written now{killed}",
        held.changes,
        held.bytes as f64 / 1e6
    ))?;
    if held.changes > args.changes {
        print(format_args!("{} were asked for", args.changes))?;
    }
    Ok(())
}
