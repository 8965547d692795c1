//! Sequence numbers over restarts: none names two snapshots.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tandem_index::Kinds;
use tandem_index::disk::{Folder, MemoryFolder, coins};
use tandem_index::feed::ReadError;
use tandem_index::witness::WITNESS_FILE;

use super::{Running, SPACES, change, options, put, restore, stores};
use crate::limits::SEQUENCE_GAP;

/// What each sequence number of each space ever showed.
type Shown = BTreeMap<(usize, u64), Vec<String>>;

/// Notes what a space shows now.
fn look(running: &Running, kinds: &Kinds, shown: &mut Shown) {
    for (number, space) in running.spaces.iter().enumerate() {
        let snapshot = space.current();
        let ids = (0..7).map(|id| format!("id {id}"));
        let documents = ids.flat_map(|id| {
            let snapshot = &snapshot;
            kinds
                .iter()
                .map(move |kind| format!("{:?}", snapshot.get(kind.id, &id)))
        });
        let documents: Vec<String> = documents.collect();
        let place = (number, snapshot.sequence);
        let before = shown.entry(place).or_insert_with(|| documents.clone());
        assert_eq!(*before, documents, "{place:?} shows something else");
    }
}

#[test]
fn a_sequence_number_names_one_snapshot_over_all_restarts() {
    let kinds = Arc::new(Kinds::builtin());
    let (mut shown, mut number) = (Shown::new(), 0);
    let mut folder = MemoryFolder::default();
    let mut unwritten = 0;
    for life in 0..60_u64 {
        let running = Running::start(&folder, &kinds, 40, None);
        for (at, space) in running.spaces.iter().enumerate() {
            let newest = shown.keys().filter(|(of, _)| *of == at).max();
            let newest = newest.map_or(0, |(_, sequence)| *sequence);
            assert!(space.current().sequence >= newest, "life {life}");
        }
        look(&running, &kinds, &mut shown);
        // Some lives write nothing, so that background work alone takes numbers.
        let writes = [0, 1, 9, 30][life as usize % 4];
        let mut last = [0; SPACES.len()];
        for _ in 0..writes {
            number += 1;
            let space = number as usize % 2;
            last[space] = running
                .apply(space, vec![change(&kinds, number)])
                .unwrap()
                .sequence;
            look(&running, &kinds, &mut shown);
        }
        // Until nothing has been merged for a while.
        let (mut seen, mut quiet) = (shown.len(), Instant::now());
        while quiet.elapsed() < Duration::from_millis(8) {
            look(&running, &kinds, &mut shown);
            if shown.len() > seen {
                (seen, quiet) = (shown.len(), Instant::now());
            }
        }
        let newest = running.spaces.iter().map(|space| space.current().sequence);
        unwritten += newest
            .zip(last)
            .filter(|(newest, last)| newest > last && *last > 0)
            .count();
        let left = folder.after_power_cut(coins(life));
        running.stop();
        folder = left;
    }
    assert!(unwritten > 0, "no background work took a number");
}

#[test]
fn a_restart_leaves_numbers_out_where_there_were_any() {
    let kinds = Arc::new(Kinds::builtin());
    let folder = MemoryFolder::default();
    let running = Running::start(&folder, &kinds, u64::MAX, None);
    running.apply(0, vec![put(&kinds, "a", "x", 1)]).unwrap();
    let killed = folder.after_power_cut(|| true);
    running.stop();
    for folder in [folder, killed] {
        let mut after = stores(&kinds);
        restore(Arc::new(folder), &kinds, options(), &mut after).unwrap();
        assert_eq!(after["one"].snapshot().sequence, 1 + SEQUENCE_GAP);
        // A space nothing was ever in has no number to leave out.
        assert_eq!(after["two"].snapshot().sequence, 0);
    }
}

#[test]
fn a_log_of_another_past_is_gone_up_to_every_number_it_may_have_given_out() {
    let kinds = Arc::new(Kinds::builtin());
    let folder = MemoryFolder::default();
    let running = Running::start(&folder, &kinds, u64::MAX, None);
    running.apply(0, vec![put(&kinds, "a", "x", 1)]).unwrap();
    let backup = folder.after_power_cut(|| true);
    let later = running.apply(0, vec![put(&kinds, "b", "x", 1)]).unwrap();
    let ahead = folder.after_power_cut(|| true);
    running.stop();
    // An older journal beside a newer log.
    for (name, bytes) in ahead.files() {
        if name.starts_with("feed-") {
            backup.set(&name, bytes);
        }
    }
    let mut after = stores(&kinds);
    // With the witness that would be a journal of which a part is missing.
    backup.remove(WITNESS_FILE).unwrap();
    let (found, _) = restore(Arc::new(backup), &kinds, options(), &mut after).unwrap();
    let gone = found.feed.read("one", later.sequence, |_, _| true);
    assert!(matches!(gone, Err(ReadError::Gone { .. })), "{gone:?}");
    let now = after["one"].snapshot().sequence;
    assert!(found.feed.read("one", now, |_, _| true).unwrap().is_end);
}
