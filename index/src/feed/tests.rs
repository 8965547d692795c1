//! The feed against a plain list of changes: random histories, crashes, damage.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::{Change, Feed, FeedError, Operation, Options, ReadError, hash};
use crate::disk::{Folder, MemoryFolder};

mod disk;
mod slow;

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
    // Behind the end the position stays: no other snapshot will have the number.
    let last = feed.last("one");
    let behind = feed.read("one", last + 7, |_, _| true).unwrap();
    assert_eq!((behind.next, behind.is_end), (last + 7, true));
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
        disk::play(&open(&folder, 0).unwrap().0, &history);
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
