//! Reading a space's changes. Owns the way from a sequence number to the groups
//! behind it.

use std::fmt;
use std::io;

use super::format::{self, Change, Group, HEAD_BYTES, Place};
use super::{Feed, name};

/// Bytes read at a time, around the group that is wanted.
const WINDOW_BYTES: u64 = 64 << 10;

/// How far a reader came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Read {
    /// The position to go on behind: the sequence number of the last change
    /// that was visited, or the one asked for.
    pub next: u64,
    /// Whether there is nothing more.
    pub is_end: bool,
}

/// Why changes cannot be read.
#[derive(Debug)]
pub enum ReadError {
    /// Changes behind the position are gone; it must be at least this.
    Gone {
        /// The oldest position behind which every change is there.
        oldest: u64,
    },
    /// The log could not be written: there are changes it does not have yet.
    Stalled,
    /// A file is not as it was written.
    Damaged {
        /// The file.
        file: String,
        /// Where in it.
        offset: u64,
        /// What is wrong.
        reason: &'static str,
    },
    /// The system refused something.
    Io {
        /// The file.
        file: String,
        /// Why it failed.
        cause: io::Error,
    },
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gone { oldest } => write!(f, "the oldest position is {oldest}"),
            Self::Stalled => f.write_str("the log of changes could not be written"),
            Self::Damaged {
                file,
                offset,
                reason,
            } => write!(f, "{file}, byte {offset}: {reason}"),
            Self::Io { file, cause } => write!(f, "{file}: cannot read: {cause}"),
        }
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { cause, .. } => Some(cause),
            Self::Gone { .. } | Self::Stalled | Self::Damaged { .. } => None,
        }
    }
}

impl Feed {
    /// Shows a space's changes behind a sequence number, those of one sequence
    /// number together and in order, until `visit` takes no more.
    pub fn read(
        &self,
        space: &str,
        after: u64,
        mut visit: impl FnMut(u64, &[Change<'_>]) -> bool,
    ) -> Result<Read, ReadError> {
        let mut next = after;
        let mut window = Window::default();
        loop {
            let Some(target) = self.target(space, next)? else {
                return Ok(Read { next, is_end: true });
            };
            let mut places = match self.places(space, next, target, &mut window) {
                Ok(places) => places,
                // Its file may just have been let go; what was shown already stays good.
                Err(failed) => match self.target(space, next) {
                    Err(ReadError::Gone { .. }) if next > after => {
                        return Ok(Read {
                            next,
                            is_end: false,
                        });
                    }
                    Err(gone @ ReadError::Gone { .. }) => return Err(gone),
                    Ok(_) | Err(_) => return Err(failed),
                },
            };
            while let Some(place) = places.pop() {
                let shown = self.show(space, place, &mut window, &mut visit);
                match shown {
                    Ok(true) => next = place.sequence,
                    Ok(false) => {
                        return Ok(Read {
                            next,
                            is_end: false,
                        });
                    }
                    Err(_) if next > after => {
                        return Ok(Read {
                            next,
                            is_end: false,
                        });
                    }
                    Err(failed) => {
                        self.target(space, next)?;
                        return Err(failed);
                    }
                }
            }
        }
    }

    /// A place of the space's behind the sequence number, not far from it.
    fn target(&self, space: &str, after: u64) -> Result<Option<Place>, ReadError> {
        let state = self.state();
        let track = state.spaces.get(space);
        if let Some(track) = track {
            if after < track.floor {
                return Err(ReadError::Gone {
                    oldest: track.floor,
                });
            }
            if after < track.last.sequence {
                return Ok(Some(track.behind(after)));
            }
        }
        if state.is_stalled() {
            return Err(ReadError::Stalled);
        }
        Ok(None)
    }

    /// From a place back to the sequence number: the groups' places, the latest first.
    fn places(
        &self,
        space: &str,
        after: u64,
        target: Place,
        window: &mut Window,
    ) -> Result<Vec<Place>, ReadError> {
        let mut places = vec![target];
        loop {
            let place = places.last().copied().unwrap_or(target);
            let before = self.group(space, place, window, |before, _| before)?;
            if before.sequence <= after {
                return Ok(places);
            }
            places.push(before);
        }
    }

    fn show(
        &self,
        space: &str,
        place: Place,
        window: &mut Window,
        visit: &mut impl FnMut(u64, &[Change<'_>]) -> bool,
    ) -> Result<bool, ReadError> {
        self.group(space, place, window, |_, changes| {
            visit(place.sequence, changes)
        })
    }

    /// Reads the group at a place and holds it against what is expected there.
    fn group<T>(
        &self,
        space: &str,
        place: Place,
        window: &mut Window,
        look: impl FnOnce(Place, &[Change<'_>]) -> T,
    ) -> Result<T, ReadError> {
        let Some((start, file)) = self.state().file_of(place.position) else {
            return Err(ReadError::Damaged {
                file: "feed".to_owned(),
                offset: place.position,
                reason: "no file has this position",
            });
        };
        let damaged = |reason| ReadError::Damaged {
            file: name(start),
            offset: place.position - start,
            reason,
        };
        let end = start + file.bytes;
        let held = window.get(place.position, HEAD_BYTES as u64);
        let head = match held {
            Some(head) => head,
            None => self.fill(window, (start, end), place.position, HEAD_BYTES as u64)?,
        };
        let whole =
            format::group_bytes(head).ok_or_else(|| damaged("a group is longer than any"))?;
        let whole = whole as u64;
        if place.position + whole > end {
            return Err(damaged("a group is longer than its file"));
        }
        let bytes = if window.get(place.position, whole).is_some() {
            window.get(place.position, whole).unwrap_or_default()
        } else {
            self.fill(window, (start, end), place.position, whole)?
        };
        let (group, _) = format::read(bytes, place.position).map_err(damaged)?;
        match group {
            Group::Changes {
                space: of,
                sequence,
                before,
                changes,
                ..
            } if of == space && sequence == place.sequence && before.sequence < sequence => {
                Ok(look(before, &changes))
            }
            Group::Changes { .. } | Group::Spaces { .. } | Group::Mark { .. } => {
                Err(damaged("another group stands here"))
            }
        }
    }

    /// Reads what is around a position.
    fn fill<'a>(
        &self,
        window: &'a mut Window,
        (start, end): (u64, u64),
        position: u64,
        bytes: u64,
    ) -> Result<&'a [u8], ReadError> {
        // As much before it as behind it: groups are first looked for backwards.
        let from = position.saturating_sub(WINDOW_BYTES / 2).max(start);
        let to = (position + bytes.max(WINDOW_BYTES / 2)).min(end);
        let mut held = vec![0; to.saturating_sub(from) as usize];
        self.folder
            .read(&name(start), from - start, &mut held)
            .map_err(|cause| ReadError::Io {
                file: name(start),
                cause,
            })?;
        *window = Window { from, bytes: held };
        window.get(position, bytes).ok_or(ReadError::Damaged {
            file: name(start),
            offset: position - start,
            reason: "a group is longer than its file",
        })
    }
}

/// A part of the log, by position.
#[derive(Debug, Default)]
struct Window {
    from: u64,
    bytes: Vec<u8>,
}

impl Window {
    fn get(&self, position: u64, bytes: u64) -> Option<&[u8]> {
        let from = usize::try_from(position.checked_sub(self.from)?).ok()?;
        let to = from.checked_add(usize::try_from(bytes).ok()?)?;
        self.bytes.get(from..to)
    }
}
