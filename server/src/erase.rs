//! Erasure as it is answered: waiting until nobody reads an older snapshot, and
//! the receipt. Owns what is said of each store; doing it is the writer's.

use std::io;
use std::time::{Duration, Instant};

use tandem_index::document::show_date_ms;
use tandem_index::feed;
use tandem_index::ledger::{Erasure, KEY_BYTES};
use tandem_index::witness::History;

use crate::app::App;
use crate::limits::ERASE_POLL;
use crate::space::Space;
use crate::wire::subjects::{Receipt, State, StoreState};

/// A key for a new ledger.
pub(crate) fn random() -> io::Result<[u8; KEY_BYTES]> {
    let mut key = [0; KEY_BYTES];
    getrandom::fill(&mut key).map_err(io::Error::other)?;
    Ok(key)
}

/// A history for documents of which nothing says what they were before.
pub(crate) fn history() -> io::Result<History> {
    let mut bits = [0; 4];
    getrandom::fill(&mut bits).map_err(io::Error::other)?;
    Ok(History::of(u32::from_le_bytes(bits)))
}

/// A time on the command line: `90s`, `30m`, `1h`, `2d`.
pub(crate) fn parse_within(text: &str) -> Result<Duration, String> {
    let wrong = || "expected a whole number above 0 with s, m, h or d, such as 1h".to_owned();
    let seconds = [("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400)];
    let read = seconds.iter().find_map(|(unit, seconds)| {
        let number: u64 = text.strip_suffix(unit)?.parse().ok()?;
        number.checked_mul(*seconds)
    });
    // Longer would be a promise of nothing.
    let read = read.filter(|seconds| (1..=30 * 86_400).contains(seconds));
    read.map(Duration::from_secs).ok_or_else(wrong)
}

/// Waits until nobody reads a snapshot before this one; how many still do when
/// the time is up.
pub(crate) async fn masked(space: &Space, sequence: u64, until: Instant) -> usize {
    loop {
        let readers = space.read_before(sequence);
        if readers == 0 || Instant::now() >= until {
            return readers;
        }
        tokio::time::sleep(ERASE_POLL).await;
    }
}

/// What became of an erasure, store by store. `readers` still read an older
/// snapshot, as far as that is known.
pub(crate) fn receipt(app: &App, subject: &str, erasure: Erasure, readers: usize) -> Receipt {
    let erased_at = show_date_ms(erasure.at_ms);
    let due_ms = erasure
        .at_ms
        .saturating_add(app.erase_within.as_millis() as i64);
    let due_at = show_date_ms(due_ms);
    let done_at = erasure.done_ms.map(show_date_ms);
    let at_once = |store: &str, note: &str| StoreState {
        at: Some(erased_at.clone()),
        ..StoreState::new(store, State::Done, note)
    };
    let rewritten = |store: &str, note: &str| match &done_at {
        Some(at) => StoreState {
            at: Some(at.clone()),
            ..StoreState::new(store, State::Done, note)
        },
        None => StoreState {
            by: Some(due_at.clone()),
            ..StoreState::new(store, State::Pending, note)
        },
    };
    let has_data = app.restored.is_some();
    let on_disk = |store: &str, note: &str| {
        if has_data {
            rewritten(store, note)
        } else {
            StoreState::new(store, State::Absent, "the server keeps nothing on disk")
        }
    };
    let mut requests = at_once(
        "requests",
        "requests, cursors and exports of older snapshots are answered or ended",
    );
    if readers > 0 {
        requests.state = State::Pending;
        requests.at = None;
        "requests that began before are still being answered".clone_into(&mut requests.note);
    }
    let stores = vec![
        at_once("documents", "no answer has them"),
        at_once(
            "cursors",
            "snapshots kept for cursors are let go; they answer snapshot_gone",
        ),
        requests,
        rewritten(
            "segments",
            "rows, stored documents and columns are written anew without them",
        ),
        rewritten(
            "dictionaries",
            "terms, postings and suggestions of these segments too",
        ),
        rewritten("vectors", "and their vectors"),
        change_feed(erasure.at_ms, &erased_at),
        on_disk("journal", "files with their changes are removed"),
        on_disk(
            "checkpoints",
            "all packs are written anew and the old ones removed",
        ),
        at_once(
            "deleted_versions",
            "deleted ids of theirs are forgotten; the ledger stands in",
        ),
        ledger(has_data, &erased_at),
        backups(has_data),
    ];
    let is_done = stores.iter().all(|store| store.state != State::Pending);
    Receipt {
        subject: subject.to_owned(),
        state: if is_done { State::Done } else { State::Pending },
        erased_at: erased_at.clone(),
        due_at: due_at.clone(),
        done_at: done_at.clone(),
        sequence: None,
        documents: erasure.documents,
        stores,
    }
}

/// What those who follow changes still have to be told, and for how long.
fn change_feed(at_ms: i64, erased_at: &str) -> StoreState {
    // A file takes changes for a day, and goes when the last one is seven days old.
    let longest_ms = feed::Options::DISK.kept_ms + feed::Options::DISK.file_age_ms;
    let note = "no text was ever in it; kinds, ids and versions of their documents, and hashes of \
                what they were, stay until then, so that who follows changes learns that they are \
                erased";
    StoreState {
        at: Some(erased_at.to_owned()),
        by: Some(show_date_ms(at_ms.saturating_add(longest_ms))),
        ..StoreState::new("change_feed", State::Kept, note)
    }
}

/// What keeps them from coming back, and for how long.
fn ledger(has_data: bool, erased_at: &str) -> StoreState {
    let note = if has_data {
        "keyed hashes of the space and the id, and of each document's kind and id with its \
         version: what keeps them from coming back"
    } else {
        "in memory only, as this server was started without --data: it ends with the process, \
         and whoever loads them again after that brings them back"
    };
    StoreState {
        at: Some(erased_at.to_owned()),
        ..StoreState::new("ledger", State::Kept, note)
    }
}

fn backups(has_data: bool) -> StoreState {
    if !has_data {
        let note = "a server without --data has none; copies of its sources are others'";
        return StoreState::new("backups", State::Absent, note);
    }
    StoreState::new(
        "backups",
        State::Unreachable,
        "copies made before are not reachable from here; whoever restores one needs this ledger, \
         and what was erased since is taken out of it",
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::parse_within;

    #[test]
    fn times_have_a_unit() {
        assert_eq!(parse_within("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(parse_within("2d"), Ok(Duration::from_hours(48)));
        for wrong in [
            "",
            "1",
            "h",
            "0s",
            "-1h",
            "1.5h",
            "1w",
            "31d",
            "99999999999999999999d",
        ] {
            assert!(parse_within(wrong).is_err(), "{wrong}");
        }
    }
}
