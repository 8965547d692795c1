//! `rounds`: replaces every document again and again. What a deleted row keeps
//! in memory or on disk adds up here.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::api;
use crate::bulk;
use crate::client::Client;
use crate::error::Error;
use crate::lines::{End, Lines};
use crate::live_args::RoundsArgs;
use crate::mixed;
use crate::process;
use crate::report::{print, rounded};
use crate::series;

/// The round others are held against: the first may still have what start-up left.
const COMPARED: usize = 2;

/// What is held after a round.
#[derive(Clone, Debug, Default, PartialEq)]
struct Held {
    documents_per_second: f64,
    rss_bytes: Option<u64>,
    data_bytes: Option<u64>,
    documents: u64,
}

/// Runs `rounds`; whether neither memory nor disk grew by more than allowed.
pub(crate) async fn command(args: &RoundsArgs) -> Result<bool, Error> {
    if args.fill.server.pid.is_none() && args.folder.data.is_none() {
        return Err(Error::Usage(
            "nothing to measure: give --pid for memory, --data for the disk".to_owned(),
        ));
    }
    let mut client = Client::new(&args.fill.server.url, args.fill.upload.silence_ms)?;
    let shape = api::shape(&mut client, &args.fill.kind).await?;
    let maker = Arc::new(mixed::maker(
        &shape,
        &args.fill.upload.documents,
        args.fill.seed,
    )?);
    let documents = args.fill.upload.documents.documents as usize;
    let mut held = Vec::new();
    // Round 0 writes them for the first time.
    for round in 0..=args.rounds {
        let lines = Lines::new(&maker, documents, u64::from(round), End::Count(documents));
        let lines = Box::new(lines);
        let uploaded = bulk::upload(
            &args.fill.server,
            &args.fill.kind,
            args.fill.upload.silence_ms,
            lines,
            None,
        )
        .await?;
        tokio::time::sleep(args.settle).await;
        let now = Held {
            documents_per_second: uploaded.per_second(),
            rss_bytes: args
                .fill
                .server
                .pid
                .map(process::usage)
                .transpose()?
                .map(|usage| usage.rss_bytes),
            data_bytes: args
                .folder
                .data
                .as_deref()
                .map(series::folder_bytes)
                .transpose()?,
            documents: api::shape(&mut client, &args.fill.kind).await?.documents,
        };
        if !args.fill.server.json {
            show_round(round, &now)?;
        }
        held.push(now);
    }
    let (memory, disk) = (
        ratio(&held, |held| held.rss_bytes),
        ratio(&held, |held| held.data_bytes),
    );
    let grown = held.last().map(|held| held.documents) != held.first().map(|held| held.documents);
    let is_right = !grown
        && [memory, disk]
            .iter()
            .flatten()
            .all(|&ratio| ratio <= args.ratio_max);
    show(args, &held, memory, disk)?;
    if grown {
        print("the number of documents changed while they were only replaced")?;
    }
    Ok(is_right)
}

/// The last round over the one compared with.
fn ratio(held: &[Held], of: impl Fn(&Held) -> Option<u64>) -> Option<f64> {
    let last = of(held.last()?)?;
    let compared = of(held.get(COMPARED)?)?;
    (compared > 0).then(|| last as f64 / compared as f64)
}

fn show_round(round: u32, held: &Held) -> Result<(), Error> {
    let mb = |bytes: Option<u64>| {
        bytes.map_or_else(
            || "-".to_owned(),
            |bytes| format!("{:.1}", bytes as f64 / 1e6),
        )
    };
    print(format_args!(
        "round {round:>3}: {:>6.0} documents/s, memory {:>8} MB, data folder {:>8} MB, {} documents held",
        held.documents_per_second,
        mb(held.rss_bytes),
        mb(held.data_bytes),
        held.documents
    ))
}

fn show(
    args: &RoundsArgs,
    held: &[Held],
    memory: Option<f64>,
    disk: Option<f64>,
) -> Result<(), Error> {
    if args.fill.server.json {
        let rounds = held.iter().enumerate().map(|(round, held)| {
            json!({"round": round, "documents_per_second": rounded(held.documents_per_second),
                "rss_bytes": held.rss_bytes, "data_bytes": held.data_bytes,
                "documents": held.documents})
        });
        return print(json!({
            "work": "rounds",
            "rounds": rounds.collect::<Vec<Value>>(),
            "memory_ratio": memory.map(rounded),
            "data_ratio": disk.map(rounded),
            "ratio_max": args.ratio_max,
        }));
    }
    for (name, ratio) in [("memory", memory), ("data folder", disk)] {
        if let Some(ratio) = ratio {
            let verdict = if ratio <= args.ratio_max {
                "holds"
            } else {
                "misses"
            };
            print(format_args!(
                "{name}: round {} / round {COMPARED} = {ratio:.3}, {verdict} {}",
                args.rounds, args.ratio_max
            ))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_round_is_held_against_the_second() {
        let held: Vec<Held> = [90, 50, 100, 110, 130]
            .into_iter()
            .map(|bytes| Held {
                rss_bytes: Some(bytes),
                ..Held::default()
            })
            .collect();
        assert_eq!(ratio(&held, |held| held.rss_bytes), Some(1.3));
        assert_eq!(ratio(&held, |held| held.data_bytes), None);
        assert_eq!(ratio(&held[..2], |held| held.rss_bytes), None);
    }
}
