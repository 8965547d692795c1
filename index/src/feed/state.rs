//! What is known of the log without reading it. Owns the files' extents and a
//! sparse way to each space's changes; knows nothing of bytes.

use std::collections::{BTreeMap, HashMap, VecDeque};

use super::format::Place;

/// Groups of a space from one remembered place to the next; those between are
/// found backwards from the later one.
const ANCHOR_GROUPS: u32 = 64;

/// A file of the log.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extent {
    pub(super) bytes: u64,
    pub(super) created_ms: i64,
    /// When its last change was made, or it was created.
    pub(super) last_ms: i64,
    /// Whether there is a change in it.
    pub(super) used: bool,
}

/// The changes of one space.
#[derive(Debug, Default)]
pub(super) struct Track {
    /// Every change behind this sequence number is in the log.
    pub(super) floor: u64,
    /// The newest change.
    pub(super) last: Place,
    anchors: VecDeque<Place>,
    groups: u32,
}

impl Track {
    pub(super) fn known(last: Place) -> Self {
        Self {
            floor: last.sequence,
            last,
            ..Self::default()
        }
    }

    pub(super) fn push(&mut self, place: Place) {
        if self.groups.is_multiple_of(ANCHOR_GROUPS) {
            self.anchors.push_back(place);
        }
        self.groups = self.groups.wrapping_add(1);
        self.last = place;
    }

    /// A remembered place behind this sequence number, with few between.
    pub(super) fn behind(&self, sequence: u64) -> Place {
        let at = self
            .anchors
            .partition_point(|place| place.sequence <= sequence);
        self.anchors.get(at).copied().unwrap_or(self.last)
    }

    /// Nothing up to this sequence number is in the log any more.
    pub(super) fn raise(&mut self, floor: u64) {
        self.floor = self.floor.max(floor);
        while self
            .anchors
            .front()
            .is_some_and(|place| place.sequence <= self.floor)
        {
            self.anchors.pop_front();
        }
    }
}

/// Changes that could not be written yet.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) space: String,
    pub(super) sequence: u64,
    pub(super) at_ms: i64,
    pub(super) changes: Vec<u8>,
}

/// The log as it is.
#[derive(Debug, Default)]
pub(super) struct State {
    /// By the position of their first byte; the last one is written to.
    pub(super) files: BTreeMap<u64, Extent>,
    pub(super) spaces: HashMap<String, Track>,
    /// Frames of the journal that are in the log for sure.
    pub(super) frame: u64,
    pub(super) waiting: VecDeque<Waiting>,
    pub(super) waiting_bytes: usize,
    /// Where changes were lost since the log could not be written, the newest
    /// sequence number of their space: the log begins anew behind it.
    pub(super) lost: HashMap<String, u64>,
    /// The last file may have bytes behind its end.
    pub(super) ragged: bool,
}

impl State {
    /// Position behind everything.
    pub(super) fn end(&self) -> u64 {
        self.files
            .last_key_value()
            .map_or(0, |(start, file)| start + file.bytes)
    }

    pub(super) fn bytes(&self) -> u64 {
        self.files.values().map(|file| file.bytes).sum()
    }

    /// The file that has this position.
    pub(super) fn file_of(&self, position: u64) -> Option<(u64, Extent)> {
        let (start, file) = self.files.range(..=position).next_back()?;
        (position < start + file.bytes).then_some((*start, *file))
    }

    /// Whether changes wait to be written.
    pub(super) fn is_stalled(&self) -> bool {
        !self.waiting.is_empty() || !self.lost.is_empty()
    }

    /// Takes note of a group of changes at the end of the last file.
    pub(super) fn note(&mut self, space: &str, place: Place, at_ms: i64) {
        if !self.spaces.contains_key(space) {
            self.spaces.insert(space.to_owned(), Track::default());
        }
        if let Some(track) = self.spaces.get_mut(space) {
            track.push(place);
        }
        if let Some(mut file) = self.files.last_entry() {
            let file = file.get_mut();
            file.last_ms = file.last_ms.max(at_ms);
            file.used = true;
        }
    }

    /// Takes note of what a group of spaces says.
    pub(super) fn learn<'a>(&mut self, spaces: impl IntoIterator<Item = (&'a str, Place)>) {
        for (name, last) in spaces {
            if !self.spaces.contains_key(name) {
                self.spaces.insert(name.to_owned(), Track::known(last));
            }
        }
    }

    pub(super) fn last(&self, space: &str) -> Place {
        self.spaces
            .get(space)
            .map_or_else(Place::default, |track| track.last)
    }
}
