//! Opening the log. Owns what of it is taken: the newest run of whole files up
//! to the first group that is none.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use super::format::{self, FORMAT_VERSION, Group, HEADER_BYTES, Place};
use super::memory::Held;
use super::state::{Extent, State, Track};
use super::{Change, Feed, FeedError, Options, at, name};
use crate::disk::Folder;

/// What was found when a log was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opened {
    /// Bytes of the log as it is now.
    pub bytes: u64,
    /// The end that was cut off, with file, byte and reason: what a crash left
    /// of changes that are in the journal.
    pub cut: Option<String>,
    /// Damage before the end, with file, byte and reason. Changes up to there
    /// are gone from the log.
    pub damaged: Vec<String>,
    /// Why the log begins anew: every position before now is gone.
    pub anew: Option<String>,
    /// Whether there was a log before.
    pub was_there: bool,
}

impl Feed {
    /// A log in memory for spaces that are at these sequence numbers.
    pub fn in_memory(spaces: &[(&str, u64)], now_ms: i64) -> Result<Self, FeedError> {
        let folder = Arc::new(Held::default());
        Self::open(folder, Options::MEMORY, 0, spaces, now_ms).map(|(feed, _)| feed)
    }

    /// Opens the log in a folder, or begins one. The journal will be replayed
    /// from behind the frame `behind`; the spaces are at these sequence numbers
    /// before that: every space of the checkpoint must be named, or positions in
    /// one that is not would look whole where the log begins anew. Errors: the folder cannot be read or written, or a file is of
    /// another format version.
    pub fn open(
        folder: Arc<dyn Folder>,
        options: Options,
        behind: u64,
        spaces: &[(&str, u64)],
        now_ms: i64,
    ) -> Result<(Self, Opened), FeedError> {
        let mut opened = Opened::default();
        let feed = Self {
            folder,
            options,
            state: Mutex::default(),
        };
        let mut state = feed.scan(&mut opened)?;
        if state.frame < behind {
            opened.anew = Some(format!(
                "the log of changes is whole up to frame {} of the journal, which begins behind {behind}: it begins anew",
                state.frame
            ));
            state.frame = behind;
            state.spaces = spaces
                .iter()
                .map(|(name, sequence)| ((*name).to_owned(), Track::known(at(*sequence))))
                .collect();
            feed.begin_anew(&mut state, now_ms)?;
        } else {
            feed.rotate_if_due(&mut state, now_ms)?;
            feed.introduce(&mut state, spaces, now_ms)?;
        }
        feed.retain(&mut state, now_ms);
        opened.bytes = state.bytes();
        *feed.state() = state;
        Ok((feed, opened))
    }

    /// Adds changes that are read from the journal at start-up, unless they are
    /// in the log already.
    pub fn complete(
        &self,
        space: &str,
        sequence: u64,
        at_ms: i64,
        changes: &[Change<'_>],
    ) -> Result<(), FeedError> {
        if sequence <= self.last(space) {
            return Ok(());
        }
        self.append(space, sequence, at_ms, changes)
    }

    /// After the journal was replayed: holds the log against the sequence
    /// numbers reached. A log that is ahead is of another past, or the journal is
    /// not whole: changes are in the log behind a sync of the journal alone. Why;
    /// `gap` is how many numbers a start leaves out.
    pub fn is_ahead(&self, spaces: &[(&str, u64)], gap: u64) -> Option<String> {
        let state = self.state();
        let reached: HashMap<&str, u64> = spaces.iter().copied().collect();
        // One the documents do not know at all is ahead too.
        state.spaces.iter().find_map(|(name, track)| {
            let last = track.last;
            let sequence = reached.get(name.as_str()).copied().unwrap_or(0);
            // Where it began anew before and nothing was changed since there is nothing of
            // another past.
            let is_empty = last.position == 0 && last.sequence <= sequence.saturating_add(gap);
            (last.sequence > sequence && !is_empty).then(|| {
                format!(
                    "the log of changes has change {} of space {name}, the documents are at {sequence}",
                    last.sequence
                )
            })
        })
    }

    /// Begins a log anew that is ahead of the documents, behind every number up to
    /// `gap` more, which its past may have given out; then why.
    pub fn completed(
        &self,
        spaces: &[(&str, u64)],
        gap: u64,
        now_ms: i64,
    ) -> Result<Option<String>, FeedError> {
        let Some(why) = self.is_ahead(spaces, gap) else {
            return Ok(None);
        };
        let mut state = self.state();
        state.spaces = spaces
            .iter()
            .map(|(name, sequence)| {
                let given_out = at(sequence.saturating_add(gap));
                ((*name).to_owned(), Track::known(given_out))
            })
            .collect();
        self.begin_anew(&mut state, now_ms)?;
        Ok(Some(format!("{why}: it begins anew")))
    }

    /// Writes down where spaces are that the log does not know yet.
    fn introduce(
        &self,
        state: &mut State,
        spaces: &[(&str, u64)],
        now_ms: i64,
    ) -> Result<(), FeedError> {
        let new: Vec<(&str, Place)> = spaces
            .iter()
            .filter(|(name, sequence)| *sequence > 0 && !state.spaces.contains_key(*name))
            .map(|(name, sequence)| (*name, at(*sequence)))
            .collect();
        if new.is_empty() {
            return Ok(());
        }
        let mut group = Vec::new();
        let listed = new.iter().copied();
        format::write_spaces(&mut group, state.end(), now_ms, state.frame, listed);
        self.write(state, &group)?;
        state.learn(new);
        Ok(())
    }

    fn scan(&self, opened: &mut Opened) -> Result<State, FeedError> {
        let listed = self.done("", "list the folder", self.folder.list())?;
        let files: BTreeMap<u64, u64> = listed
            .iter()
            .filter_map(|(name, bytes)| Some((start_of(name)?, *bytes)))
            .collect();
        let newest = files.last_key_value().map(|(start, _)| *start);
        opened.was_there = newest.is_some();
        let mut state = State::default();
        for (&start, &bytes) in &files {
            let file = name(start);
            let mut content = vec![0; bytes as usize];
            self.done(&file, "read", self.folder.read(&file, 0, &mut content))?;
            let is_last = Some(start) == newest;
            if !is_last || state.files.is_empty() || start == state.end() {
                self.check_version(&content, start)?;
            }
            if !state.files.is_empty() && start != state.end() {
                let reason = format!("{file}: begins at {start:#x}, {:#x} was next", state.end());
                self.forget(&mut state, opened, reason);
            }
            match scan_file(&mut state, &content, start) {
                Ok(_groups) => {}
                Err((offset, reason)) if is_last => {
                    self.cut(&mut state, opened, (start, bytes), offset, reason)?;
                }
                Err((offset, reason)) => {
                    let reason = format!("{file}, byte {offset}: {reason}");
                    state.files.insert(start, Extent::whole(bytes));
                    self.forget(&mut state, opened, reason);
                }
            }
        }
        Ok(state)
    }

    /// A newer program's file is neither read nor thrown away.
    fn check_version(&self, content: &[u8], start: u64) -> Result<(), FeedError> {
        match format::version(content, start) {
            Ok(version) if version != FORMAT_VERSION => Err(FeedError::Refused {
                file: self.folder.path(&name(start)),
                reason: format!("format {version}; this program reads format {FORMAT_VERSION}"),
            }),
            Ok(_) | Err(_) => Ok(()),
        }
    }

    /// Everything up to here is unusable: the next file says what went before it.
    fn forget(&self, state: &mut State, opened: &mut Opened, reason: String) {
        opened.damaged.push(reason);
        for start in std::mem::take(state).files.into_keys() {
            // One that stays is met again at the next start.
            drop(self.folder.remove(&name(start)));
        }
    }

    /// Cuts the last file, or removes it where nothing of it can be used.
    fn cut(
        &self,
        state: &mut State,
        opened: &mut Opened,
        (start, bytes): (u64, u64),
        offset: u64,
        reason: &str,
    ) -> Result<(), FeedError> {
        let file = name(start);
        opened.cut = Some(format!(
            "{file}, byte {offset}: {reason} ({} bytes)",
            bytes - offset
        ));
        if state.files.contains_key(&start) {
            // Synced, so that no power cut brings back what was there.
            let truncated = self.folder.truncate(&file, offset);
            let cut = truncated.and_then(|()| self.folder.sync(&file));
            self.done(&file, "cut", cut)?;
        } else {
            self.done(&file, "remove", self.folder.remove(&file))?;
        }
        Ok(())
    }
}

impl Extent {
    /// A file of which only its size is known.
    pub(super) fn whole(bytes: u64) -> Self {
        Self {
            bytes,
            created_ms: 0,
            last_ms: 0,
            used: false,
        }
    }
}

/// Takes a file's groups, so many, or up to the first that is none: its offset
/// and why. The file is in the state once its first group is.
pub(super) fn scan_file(
    state: &mut State,
    content: &[u8],
    start: u64,
) -> Result<u64, (u64, &'static str)> {
    format::version(content, start).map_err(|reason| (0, reason))?;
    let (mut at, mut groups) = (HEADER_BYTES, 0);
    loop {
        let offset = at as u64;
        let rest = content.get(at..).unwrap_or_default();
        let is_first = at == HEADER_BYTES;
        if rest.is_empty() && !is_first {
            return Ok(groups);
        }
        let (group, bytes) =
            format::read(rest, start + offset).map_err(|reason| (offset, reason))?;
        let follows = |frame: u64, known: &State| frame >= known.frame;
        match group {
            Group::Spaces {
                at_ms,
                frame,
                spaces,
            } => {
                if !follows(frame, state) {
                    return Err((offset, "a group is of another past"));
                }
                if is_first {
                    let mut extent = Extent::whole(0);
                    (extent.created_ms, extent.last_ms) = (at_ms, at_ms);
                    state.files.insert(start, extent);
                }
                state.frame = frame;
                state.learn(spaces);
            }
            Group::Changes { .. } | Group::Mark { .. } if is_first => {
                return Err((offset, "the file does not begin with what went before it"));
            }
            Group::Changes {
                space,
                sequence,
                at_ms,
                before,
                ..
            } => {
                let last = state.last(space);
                if sequence <= last.sequence || before != last {
                    return Err((offset, "a group is of another past"));
                }
                let position = start + offset;
                state.note(space, Place { sequence, position }, at_ms);
            }
            Group::Mark { frame } => {
                if !follows(frame, state) {
                    return Err((offset, "a group is of another past"));
                }
                state.frame = frame;
            }
        }
        at += bytes;
        groups += 1;
        if let Some(mut file) = state.files.last_entry() {
            file.get_mut().bytes = at as u64;
        }
    }
}

/// The position in a file's name.
pub(crate) fn start_of(file: &str) -> Option<u64> {
    let digits = file.strip_prefix("feed-")?;
    let start = u64::from_str_radix(digits, 16).ok()?;
    (name(start) == file).then_some(start)
}
