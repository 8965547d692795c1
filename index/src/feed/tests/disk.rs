//! What a disk does to the log: power cuts, damage, no room, another past.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::{Feed, Operation, ReadError, WAITING_BYTES_MAX};
use super::{Batch, Owned, SMALL, SPACES, check, history, open, read};
use crate::disk::{MemoryFolder, coins};

/// As a start does: the checkpoint says where its spaces are.
fn reopen(folder: &MemoryFolder, history: &[Batch], cut: usize) -> (Feed, super::super::Opened) {
    let reached: BTreeMap<&str, u64> = history[..cut]
        .iter()
        .map(|batch| (batch.space, batch.sequence))
        .collect();
    let reached: Vec<(&str, u64)> = reached.into_iter().collect();
    Feed::open(Arc::new(folder.clone()), SMALL, cut as u64, &reached, 0).unwrap()
}

/// Plays a history as a server does: the journal (a list) has each batch first;
/// now and then the log is synced and the journal cut. Ends with the first
/// error. How many batches the journal has, and up to which it is cut.
pub(super) fn play(feed: &Feed, history: &[Batch]) -> (usize, usize) {
    let mut cut = 0;
    for (at, batch) in history.iter().enumerate() {
        if batch.append(feed).is_err() {
            return (at + 1, cut);
        }
        if at % 40 == 39 {
            if feed.sync(at as u64 + 1, batch.at_ms).is_err() {
                return (at + 1, cut);
            }
            cut = at + 1;
        }
    }
    (history.len(), cut)
}

#[test]
fn nothing_is_missing_after_a_power_cut_at_any_call() {
    let history = history(11, 170);
    let mut call = 1;
    let mut cuts = 0;
    loop {
        let folder = MemoryFolder::default();
        folder.fail_at(call);
        let (done, cut) = open(&folder, 0).map_or((0, 0), |(feed, _)| play(&feed, &history));
        for seed in 0..4 {
            let what = format!("call {call}, seed {seed}");
            let left = folder.after_power_cut(coins(call * 100 + seed));
            let (feed, opened) = reopen(&left, &history, cut);
            // What was synced is there, so the log never has to begin anew.
            assert_eq!((&opened.anew, &opened.damaged), (&None, &vec![]), "{what}");
            cuts += usize::from(opened.cut.is_some());
            for batch in &history[cut..done] {
                batch.complete(&feed).unwrap();
            }
            assert_eq!(check(&feed, &history[..done], &what), 0, "{what}");
            // And once more, cut in the middle of completing.
            let again = left.after_power_cut(coins(call * 100 + seed + 50));
            let (feed, opened) = reopen(&again, &history, cut);
            assert_eq!(opened.anew, None, "{what}");
            for batch in &history[cut..done] {
                batch.complete(&feed).unwrap();
            }
            assert_eq!(check(&feed, &history[..done], &what), 0, "{what}");
        }
        if done == history.len() {
            break;
        }
        call += 1;
    }
    assert!(call > 150 && cuts > 100, "{call} {cuts}");
}

#[test]
fn every_flipped_byte_and_every_end_gives_the_right_changes_or_gone() {
    let history = history(17, 45);
    let folder = MemoryFolder::default();
    let (feed, _) = open(&folder, 0).unwrap();
    let (done, cut) = play(&feed, &history);
    assert_eq!((done, cut), (45, 40));
    let files = folder.files();
    assert!(files.len() >= 3);
    let (mut gone, mut opens) = (0, 0);
    for (file, bytes) in &files {
        let flipped = (0..bytes.len()).map(|at| {
            let mut bytes = bytes.clone();
            bytes[at] ^= 1 << (at % 8);
            bytes
        });
        let ends = (0..bytes.len()).map(|end| bytes[..end].to_vec());
        for (number, bytes) in flipped.chain(ends).enumerate() {
            let what = format!("{file} {number}");
            let damaged = MemoryFolder::with_files(files.clone());
            damaged.set(file, bytes);
            let (feed, opened) = reopen(&damaged, &history, cut);
            assert!(
                opened
                    != super::super::Opened {
                        bytes: opened.bytes,
                        was_there: opened.was_there,
                        ..Default::default()
                    }
                    || number >= files[0].1.len(),
                "{what}: unseen"
            );
            for batch in &history[cut..] {
                batch.complete(&feed).unwrap();
            }
            gone += check(&feed, &history, &what);
            opens += 1;
        }
        // A file that is not there at all.
        let rest = files.iter().filter(|(other, _)| other != file).cloned();
        let (feed, _) = reopen(&MemoryFolder::with_files(rest), &history, cut);
        for batch in &history[cut..] {
            batch.complete(&feed).unwrap();
        }
        check(&feed, &history, file);
    }
    assert!(gone > 0 && opens > 5_000, "{gone} {opens}");
}

#[test]
fn damage_while_running_is_said_with_file_and_byte() {
    let history = history(19, 60);
    let folder = MemoryFolder::default();
    let (feed, _) = open(&folder, 0).unwrap();
    for batch in &history {
        batch.append(&feed).unwrap();
    }
    for (file, bytes) in folder.files() {
        for at in (0..bytes.len()).step_by(7) {
            let mut damaged = bytes.clone();
            damaged[at] ^= 4;
            folder.set(&file, damaged);
            for space in SPACES {
                let all = history.iter().filter(|batch| batch.space == space).count();
                match read(&feed, space, 0) {
                    Ok(found) => assert!(found.len() <= all),
                    Err(ReadError::Damaged { file: named, .. }) => assert_eq!(named, file),
                    Err(other) => panic!("{other}"),
                }
            }
        }
        folder.set(&file, bytes);
    }
    assert_eq!(check(&feed, &history, "whole again"), 0);
}

#[test]
fn a_full_disk_stalls_readers_at_the_end_and_loses_nothing() {
    let history = history(23, 120);
    let folder = MemoryFolder::default();
    let (feed, _) = open(&folder, 0).unwrap();
    for (at, batch) in history.iter().enumerate() {
        if at == 50 {
            folder.full_at(
                folder
                    .files()
                    .iter()
                    .map(|(_, bytes)| bytes.len() as u64)
                    .sum::<u64>()
                    + 30,
            );
        }
        if at == 80 {
            folder.full_at(1 << 40);
        }
        assert_eq!(batch.append(&feed).is_err(), (50..80).contains(&at), "{at}");
        if at == 70 {
            let last = feed.last("one");
            assert!(matches!(read(&feed, "one", last), Err(ReadError::Stalled)));
            assert!(feed.tidy(batch.at_ms).is_err());
            assert!(feed.sync(70, batch.at_ms).is_err());
        }
    }
    assert_eq!(check(&feed, &history, "space again"), 0);
    let (feed, opened) = open(&folder, 0).unwrap();
    assert_eq!(opened.cut, None);
    assert_eq!(check(&feed, &history, "opened"), 0);

    // More than may wait: the log begins anew, and says so to everybody before.
    folder.full_at(0);
    let long = "x".repeat(500);
    let change = |sequence: u64| Batch {
        space: "one",
        sequence,
        at_ms: 2_000,
        changes: vec![Owned("jobs", long.clone(), 1, Operation::Delete); 200],
    };
    let from = feed.last("one") + 1;
    let most = WAITING_BYTES_MAX as u64 / 100_000 + 2;
    for sequence in from..from + most {
        assert!(change(sequence).append(&feed).is_err());
    }
    folder.full_at(1 << 40);
    let last = from + most;
    change(last).append(&feed).unwrap();
    for (space, newest) in [("one", last), ("two", feed.last("two"))] {
        assert_eq!(feed.oldest(space), newest);
        assert!(matches!(
            read(&feed, space, newest - 1),
            Err(ReadError::Gone { .. })
        ));
    }
    change(last + 1).append(&feed).unwrap();
    assert_eq!(read(&feed, "one", last).unwrap().len(), 1);
    let (feed, opened) = open(&folder, 0).unwrap();
    assert_eq!((opened.cut, opened.anew), (None, None));
    assert_eq!(feed.oldest("one"), last);
    assert_eq!(read(&feed, "one", last).unwrap().len(), 1);
}

#[test]
fn a_log_that_is_not_whole_or_of_another_past_begins_anew() {
    let history = history(29, 100);
    let folder = MemoryFolder::default();
    let (feed, _) = open(&folder, 0).unwrap();
    play(&feed, &history);
    let last = feed.last("one");
    // The journal begins behind frame 200, the log is whole up to 80.
    let spaces = [("one", last + 9), ("two", 3)];
    let copy = MemoryFolder::with_files(folder.files());
    let (feed, opened) = Feed::open(Arc::new(copy.clone()), SMALL, 200, &spaces, 0).unwrap();
    assert!(opened.anew.unwrap().contains("frame 80"));
    assert_eq!((feed.oldest("one"), feed.last("one")), (last + 9, last + 9));
    let (feed, opened) = open(&copy, 200).unwrap();
    assert_eq!((opened.anew, feed.oldest("one")), (None, last + 9));

    // Documents older than the log: an older backup with a newer log.
    let (feed, _) = open(&folder, 80).unwrap();
    let long = "a space with a longer name";
    let spaces = [("one", last), ("two", 1), (long, feed.last(long))];
    let why = feed.completed(&spaces, 9, 0).unwrap().unwrap();
    assert!(why.contains("space two"), "{why}");
    // What the other past may have given out is no position either.
    assert_eq!((feed.oldest("one"), feed.last("two")), (last + 9, 1 + 9));
    assert_eq!(feed.completed(&spaces, 9, 0).unwrap(), None);
    assert!(feed.completed(&spaces, 8, 0).unwrap().is_some());
    // A space the log does not know is where the checkpoint has it, also later.
    let (_, opened) = Feed::open(Arc::new(folder.clone()), SMALL, 80, &[("new", 5)], 0).unwrap();
    assert_eq!(opened.anew, None);
    let (feed, _) = open(&folder, 80).unwrap();
    assert_eq!((feed.oldest("new"), feed.oldest("two")), (5, 1 + 8));
}
