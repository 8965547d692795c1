//! The feed against a plain list of changes: random histories, crashes, damage.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::{Change, Feed, FeedError, Operation, Options, ReadError, WAITING_BYTES_MAX, hash};
use crate::disk::{Folder, MemoryFolder, coins};

const SMALL: Options = Options {
    file_bytes_max: 2_000,
    file_age_ms: 1_000_000,
    kept_bytes_max: 1 << 30,
    kept_ms: 1 << 40,
};
const SPACES: [&str; 3] = ["one", "two", "a space with a longer name"];

/// A change that owns its text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Owned(&'static str, String, u64, Operation);

/// Changes of a space at a sequence number, as a journal has them.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Batch {
    space: &'static str,
    sequence: u64,
    at_ms: i64,
    changes: Vec<Owned>,
}

impl Batch {
    fn with<T>(&self, work: impl FnOnce(&[Change<'_>]) -> T) -> T {
        let changes: Vec<Change<'_>> = self
            .changes
            .iter()
            .map(|Owned(kind, id, version, operation)| Change {
                kind,
                id,
                version: *version,
                operation: *operation,
            })
            .collect();
        work(&changes)
    }

    fn append(&self, feed: &Feed) -> Result<(), FeedError> {
        self.with(|changes| feed.append(self.space, self.sequence, self.at_ms, changes))
    }

    fn complete(&self, feed: &Feed) -> Result<(), FeedError> {
        self.with(|changes| feed.complete(self.space, self.sequence, self.at_ms, changes))
    }
}

fn dice(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB) >> 16
}

/// A history: sequence numbers rise, with gaps, in each space.
fn history(seed: u64, batches: usize) -> Vec<Batch> {
    let (mut state, mut reached) = (seed, BTreeMap::new());
    let mut made = Vec::new();
    for at in 0..batches {
        let space = SPACES[dice(&mut state) as usize % SPACES.len()];
        let sequence = reached.entry(space).or_insert(0);
        *sequence += 1 + dice(&mut state) % 3;
        let changes = (0..=dice(&mut state) % 4).map(|_| {
            let id = format!("id {}", dice(&mut state) % 50);
            let operation = match dice(&mut state) % 5 {
                0 => Operation::Delete,
                1 => Operation::Erase,
                _ => Operation::Put {
                    hash: hash(id.as_bytes()),
                },
            };
            let kind = ["jobs", "candidates"][dice(&mut state) as usize % 2];
            Owned(kind, id, dice(&mut state), operation)
        });
        made.push(Batch {
            space,
            changes: changes.collect(),
            sequence: *sequence,
            at_ms: at as i64 * 10,
        });
    }
    made
}

fn open(folder: &MemoryFolder, behind: u64) -> Result<(Feed, super::Opened), FeedError> {
    Feed::open(Arc::new(folder.clone()), SMALL, behind, &[], 0)
}

/// A space's changes behind a sequence number.
fn read(feed: &Feed, space: &str, after: u64) -> Result<Vec<(u64, Vec<Owned>)>, ReadError> {
    let mut found = Vec::new();
    let read = feed.read(space, after, |sequence, changes| {
        let owned = changes.iter().map(|change| {
            let kind = ["jobs", "candidates"]
                .into_iter()
                .find(|kind| *kind == change.kind);
            Owned(
                kind.unwrap(),
                change.id.to_owned(),
                change.version,
                change.operation,
            )
        });
        found.push((sequence, owned.collect()));
        true
    })?;
    if let Some((last, _)) = found.last() {
        assert_eq!((read.next, read.is_end), (*last, true));
    }
    Ok(found)
}

/// Holds what is read from every position of every space against the history.
/// Counts the positions that are gone.
fn check(feed: &Feed, history: &[Batch], what: &str) -> usize {
    let mut gone = 0;
    for space in SPACES {
        let all: Vec<(u64, Vec<Owned>)> = history
            .iter()
            .filter(|batch| batch.space == space)
            .map(|batch| (batch.sequence, batch.changes.clone()))
            .collect();
        let last = all.last().map_or(0, |(sequence, _)| *sequence);
        for after in 0..=last {
            match read(feed, space, after) {
                Ok(found) => {
                    let from = all.partition_point(|(sequence, _)| *sequence <= after);
                    assert_eq!(found, all[from..], "{what}: {space} behind {after}");
                }
                Err(ReadError::Gone { oldest }) => {
                    assert!(after < oldest && oldest <= last, "{what}: {after} {oldest}");
                    gone += 1;
                }
                Err(other) => panic!("{what}: {space} behind {after}: {other}"),
            }
        }
    }
    gone
}

#[test]
fn every_position_gives_the_changes_behind_it() {
    for seed in 0..8 {
        let folder = MemoryFolder::default();
        let history = history(seed, 700);
        let (feed, _) = open(&folder, 0).unwrap();
        for (at, batch) in history.iter().enumerate() {
            batch.append(&feed).unwrap();
            if at % 233 == 0 {
                assert_eq!(check(&feed, &history[..=at], "running"), 0);
            }
        }
        assert!(folder.files().len() > 10);
        assert_eq!(check(&feed, &history, "running"), 0);
        let (feed, opened) = open(&folder, 0).unwrap();
        assert_eq!((opened.cut, opened.anew), (None, None));
        assert_eq!(check(&feed, &history, "opened again"), 0);
        // Completing what is there already changes nothing.
        let bytes = feed.bytes();
        for batch in &history {
            batch.complete(&feed).unwrap();
        }
        assert_eq!(feed.bytes(), bytes);
    }
}

#[test]
fn a_reader_stops_between_sequence_numbers_and_goes_on() {
    let history = history(3, 400);
    let feed = Feed::in_memory(&[], 0).unwrap();
    for batch in &history {
        batch.append(&feed).unwrap();
    }
    let all = read(&feed, "one", 0).unwrap();
    let (mut after, mut found) = (0, Vec::new());
    loop {
        let mut room = 5_usize;
        let read = feed.read("one", after, |sequence, changes| {
            let fits = room == 5 || changes.len() <= room;
            if fits {
                found.push((sequence, changes.len()));
                room = room.saturating_sub(changes.len());
            }
            fits
        });
        let read = read.unwrap();
        after = read.next;
        if read.is_end {
            break;
        }
    }
    let counts: Vec<_> = all
        .iter()
        .map(|(sequence, changes)| (*sequence, changes.len()))
        .collect();
    assert_eq!(found, counts);
    // Behind the end the position is the last change's.
    let last = feed.last("one");
    let behind = feed.read("one", last + 7, |_, _| true).unwrap();
    assert_eq!((behind.next, behind.is_end), (last, true));
    assert!(feed.read("nobody", 0, |_, _| true).unwrap().is_end);
}

#[test]
fn old_files_go_and_their_positions_are_gone() {
    let history = history(5, 900);
    let options = Options {
        kept_bytes_max: 9_000,
        ..SMALL
    };
    let folder = MemoryFolder::default();
    let (feed, _) = Feed::open(Arc::new(folder.clone()), options, 0, &[], 0).unwrap();
    for batch in &history {
        batch.append(&feed).unwrap();
        assert!(feed.bytes() <= 9_000 + 2_300, "{}", feed.bytes());
    }
    let gone = check(&feed, &history, "by size");
    assert!(
        gone > 500
            && SPACES
                .iter()
                .all(|space| feed.oldest(space) < feed.last(space))
    );
    let (feed, _) = Feed::open(Arc::new(folder.clone()), options, 0, &[], 0).unwrap();
    assert_eq!(check(&feed, &history, "by size, opened again"), gone);

    // By age, with nobody writing: a space that is quiet is not gone.
    let options = Options {
        file_age_ms: 1_000,
        kept_ms: 7_000,
        ..SMALL
    };
    let (feed, _) = Feed::open(Arc::new(folder.clone()), options, 0, &[], 9_000).unwrap();
    let before = feed.bytes();
    feed.tidy(9_000 + 6_800).unwrap();
    assert!(feed.bytes() < before);
    feed.tidy(9_000 + 60_000).unwrap();
    assert_eq!(folder.files().len(), 1);
    for space in SPACES {
        assert_eq!(feed.oldest(space), feed.last(space));
        assert!(read(&feed, space, feed.last(space)).unwrap().is_empty());
        let gone = read(&feed, space, feed.last(space) - 1);
        assert!(matches!(gone, Err(ReadError::Gone { oldest }) if oldest == feed.last(space)));
    }
    let (feed, opened) = Feed::open(Arc::new(folder), options, 0, &[], 99_000).unwrap();
    assert_eq!(opened.anew, None);
    assert_eq!(feed.oldest("one"), feed.last("one"));
    assert!(feed.last("one") > 0);
}

/// As a start does: the checkpoint says where its spaces are.
fn reopen(folder: &MemoryFolder, history: &[Batch], cut: usize) -> (Feed, super::Opened) {
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
fn play(feed: &Feed, history: &[Batch]) -> (usize, usize) {
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
                    != super::Opened {
                        bytes: opened.bytes,
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
    let spaces = [("one", last), ("two", 1)];
    let why = feed.completed(&spaces, 0).unwrap().unwrap();
    assert!(why.contains("space two"), "{why}");
    assert_eq!((feed.oldest("one"), feed.last("two")), (last, 1));
    assert_eq!(feed.completed(&spaces, 0).unwrap(), None);
    // A space the log does not know is where the checkpoint has it, also later.
    let (_, opened) = Feed::open(Arc::new(folder.clone()), SMALL, 80, &[("new", 5)], 0).unwrap();
    assert_eq!(opened.anew, None);
    let (feed, _) = open(&folder, 80).unwrap();
    assert_eq!((feed.oldest("new"), feed.oldest("two")), (5, 1));
}

#[test]
fn another_format_version_is_refused_and_left_alone() {
    let name = super::name(0);
    let newer = super::format::header(2, 0).to_vec();
    let folder = MemoryFolder::with_files([(name.clone(), newer.clone())]);
    let refused = open(&folder, 0).unwrap_err().to_string();
    assert_eq!(
        refused,
        format!("memory/{name}: format 2; this program reads format 1")
    );
    assert_eq!(folder.content(&name), Some(newer));
}

#[test]
fn the_fixture_of_format_1_is_read() {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/feed-1");
    let history = history(1, 60);
    if std::env::var_os("TANDEM_WRITE_FIXTURES").is_some() {
        let folder = MemoryFolder::default();
        play(&open(&folder, 0).unwrap().0, &history);
        std::fs::create_dir_all(&kept).unwrap();
        for (name, bytes) in folder.files() {
            std::fs::write(kept.join(name), bytes).unwrap();
        }
    }
    let files = std::fs::read_dir(&kept).unwrap().map(|entry| {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        (name, std::fs::read(path).unwrap())
    });
    let folder = MemoryFolder::with_files(files);
    let (feed, opened) = open(&folder, 40).unwrap();
    assert_eq!((opened.cut, opened.anew), (None, None));
    assert!(folder.list().unwrap().len() > 1);
    assert_eq!(check(&feed, &history, "fixture"), 0);
}
