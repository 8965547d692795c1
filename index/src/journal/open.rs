//! Reading a journal: every file in order, every frame behind the checkpoint.
//! Owns what is torn and what is damaged; changes nothing in the folder.

use crate::disk::{FileError, Folder};
use crate::witness::WAY_OUT;

use super::file::{Found, Header, Reader};
use super::frame::{FRAME_BYTES_MAX, Format, has_lost_sector, sector_end};
use super::{Batch, Cut, Misfit, Needed, Opened};

/// Where a file's first byte stands in the places that are handed out.
#[derive(Clone, Debug)]
pub(super) struct Start {
    pub(super) place: u64,
    pub(super) name: String,
}

/// What is known of the journal when all is read.
pub(super) struct Read {
    pub(super) opened: Opened,
    /// Files that stay, in order.
    pub(super) files: Vec<Found>,
    /// Files that hold nothing.
    pub(super) empty: Vec<Found>,
    /// Number of the next frame.
    pub(super) next: u64,
    pub(super) starts: Vec<Start>,
}

/// A frame that could be read, or why not.
enum Frame {
    Whole {
        number: u64,
        bytes: u64,
    },
    /// A write that nobody was told of has not survived.
    Torn(String),
    Damaged(String),
}

/// Reads the journal. `weigh` is told of every frame behind the checkpoint: its
/// number, bytes and changes.
pub(super) fn read(
    folder: &dyn Folder,
    Needed { behind, least }: Needed,
    mut each: impl FnMut(u64, Batch<'_>) -> Result<(), Misfit>,
    mut weigh: impl FnMut(u64, u64, u64),
) -> Result<Read, FileError> {
    let (files, empty) = headers(folder, super::file::find(folder)?)?;
    let begin = first_to_read(folder, &files, behind)?;
    let mut scan = Scan {
        folder,
        behind,
        next: files.get(begin).map_or(behind + 1, |file| file.first),
        opened: Opened::default(),
        starts: Vec::new(),
        each: &mut each,
        weigh: &mut weigh,
    };
    let mut place = 0;
    for (at, file) in files.iter().enumerate().skip(begin) {
        scan.starts.push(Start {
            place,
            name: file.name.clone(),
        });
        // A new file is created when all before it is synced: only the last may be torn.
        let newest = at + 1 == files.len() && !empty.iter().any(|one| one.first > file.first);
        scan.file(file, files.get(at + 1), newest, place)?;
        place += file.bytes;
    }
    let (next, mut opened, starts) = (scan.next, scan.opened, scan.starts);
    let cut = opened.cut.as_ref().map_or(0, |cut| cut.bytes);
    opened.files = files.len() as u64;
    opened.bytes = files.iter().map(|file| file.bytes).sum::<u64>() - cut;
    if let Some(unborn) = empty
        .iter()
        .rfind(|file| file.bytes > 0 && file.format == Format::Two)
    {
        opened.cut = Some(Cut {
            file: folder.path(&unborn.name),
            offset: 0,
            bytes: unborn.bytes,
            reason: "the file's header was never whole".to_owned(),
        });
    }
    let last = behind.max(next - 1);
    if last < least {
        let found = (files.last(), empty.last());
        return Err(short(folder, found, opened.cut.as_ref(), last, least));
    }
    Ok(Read {
        opened,
        files,
        empty,
        next,
        starts,
    })
}

/// The error for a journal that ends before a frame that was on the medium: a
/// write nobody was told of is never one of these.
fn short(
    folder: &dyn Folder,
    (file, empty): (Option<&Found>, Option<&Found>),
    cut: Option<&Cut>,
    last: u64,
    least: u64,
) -> FileError {
    let first = last + 1;
    let gone = if first == least {
        format!("frame {first} is missing, which was on disk")
    } else {
        format!("frames {first} to {least} are missing, which were on disk")
    };
    let (file, offset, how) = match (file, empty) {
        (_, Some(empty)) if empty.bytes == 0 => (empty.name.clone(), 0, "the file is empty"),
        (_, Some(empty)) if empty.bytes == empty.header_bytes() => {
            (empty.name.clone(), empty.bytes, "the file has no frame")
        }
        (_, Some(empty)) => (empty.name.clone(), 0, "the file's header is lost"),
        (Some(file), None) => {
            let end = cut.map_or(file.bytes, |cut| cut.offset);
            let how = "the journal ends here, cut short or without a later file";
            (file.name.clone(), end, how)
        }
        (None, None) => {
            let how = "there is no journal behind the checkpoint";
            (super::file::name(first), 0, how)
        }
    };
    FileError::Refused {
        file: folder.path(&file),
        offset,
        reason: format!("{how}: {gone}; {WAY_OUT}"),
    }
}

/// Checks the headers and sets files aside that hold nothing: the newest, when
/// the power was cut while it was created, and one of format 1 without a frame.
fn headers(folder: &dyn Folder, found: Vec<Found>) -> Result<(Vec<Found>, Vec<Found>), FileError> {
    let count = found.len();
    let (mut files, mut empty): (Vec<Found>, Vec<Found>) = (Vec::new(), Vec::new());
    for (at, file) in found.into_iter().enumerate() {
        let mut reader = Reader::new(folder, &file);
        let good = reader.header()? == Header::Good;
        if !good && at + 1 < count {
            return Err(reader.refused(0, "the header is lost, but a later file follows"));
        }
        if let Some(before) = files.last().filter(|before| before.first == file.first) {
            let reason = format!("`{}` begins with the same frame", before.name);
            return Err(reader.refused(0, reason));
        }
        let old = file.format == Format::One && file.bytes == file.header_bytes();
        if good && !old {
            files.push(file);
        } else {
            empty.push(file);
        }
    }
    Ok((files, empty))
}

/// The file that holds the first frame behind the checkpoint. All before it are
/// in the checkpoint, and only their removal did not come to its end.
fn first_to_read(folder: &dyn Folder, files: &[Found], behind: u64) -> Result<usize, FileError> {
    let Some(first) = files.first() else {
        return Ok(0);
    };
    let needed = behind + 1;
    let before = files.iter().take_while(|file| file.first <= needed).count();
    if before == 0 {
        let reason = format!(
            "the checkpoint ends with frame {behind}, the journal begins with frame {}: {} missing",
            first.first,
            missing(needed, first.first - 1)
        );
        return Err(Reader::new(folder, first).refused(0, reason));
    }
    for pair in files[..before].windows(2) {
        let [file, later] = pair else { continue };
        apart(&mut Reader::new(folder, file), later)?;
    }
    Ok(before - 1)
}

/// Says which frames are not there.
fn missing(from: u64, to: u64) -> String {
    if from == to {
        format!("frame {from} is")
    } else {
        format!("frames {from} to {to} are")
    }
}

/// Refuses a file that goes on behind the first frame of the later one; what
/// else is wrong with it does not matter any more.
fn apart(reader: &mut Reader<'_>, later: &Found) -> Result<(), FileError> {
    let format = reader.file.format;
    let mut at = reader.file.header_bytes();
    loop {
        let head = reader.bytes(at, format.head_bytes())?;
        if head.len() < format.head_bytes() {
            return Ok(());
        }
        let Ok(head) = format.head(head) else {
            return Ok(());
        };
        if head.number >= later.first {
            return Err(twice(reader, at, head.number, later));
        }
        at += head.bytes;
    }
}

fn twice(reader: &Reader<'_>, at: u64, number: u64, later: &Found) -> FileError {
    reader.refused(
        at,
        format!(
            "frame {number} stands here, but `{}` begins with frame {}",
            later.name, later.first
        ),
    )
}

struct Scan<'a, 'f> {
    folder: &'f dyn Folder,
    behind: u64,
    next: u64,
    opened: Opened,
    starts: Vec<Start>,
    each: &'a mut dyn FnMut(u64, Batch<'_>) -> Result<(), Misfit>,
    weigh: &'a mut dyn FnMut(u64, u64, u64),
}

impl Scan<'_, '_> {
    /// Reads a file's frames. `place` is where its first byte stands.
    fn file(
        &mut self,
        file: &Found,
        later: Option<&Found>,
        newest: bool,
        place: u64,
    ) -> Result<(), FileError> {
        let mut reader = Reader::new(self.folder, file);
        if file.first != self.next {
            let missing = missing(self.next, file.first - 1);
            return Err(reader.refused(
                0,
                format!("{missing} missing: no file holds what stands before this one"),
            ));
        }
        let mut at = file.header_bytes();
        while at < file.bytes {
            match load(&mut reader, at, self.next)? {
                Frame::Whole { number, bytes } => {
                    if number != self.next {
                        let expected = self.next;
                        return Err(reader.refused(
                            at,
                            format!("frame {number} stands where frame {expected} must be"),
                        ));
                    }
                    if let Some(later) = later.filter(|later| later.first <= number) {
                        return Err(twice(&reader, at, number, later));
                    }
                    if number > self.behind {
                        self.hand_out(&mut reader, at, bytes, place)?;
                    }
                    at += bytes;
                    self.next += 1;
                }
                Frame::Torn(reason) if newest => {
                    self.opened.cut = Some(Cut {
                        file: self.folder.path(&file.name),
                        offset: at,
                        bytes: file.bytes - at,
                        reason,
                    });
                    break;
                }
                Frame::Torn(reason) => {
                    let reason = format!("{reason}, but a later file follows");
                    return Err(reader.refused(at, reason));
                }
                Frame::Damaged(reason) => return Err(reader.refused(at, reason)),
            }
        }
        Ok(())
    }

    fn hand_out(
        &mut self,
        reader: &mut Reader<'_>,
        at: u64,
        bytes: u64,
        place: u64,
    ) -> Result<(), FileError> {
        let format = reader.file.format;
        let content = format.content(reader.bytes(at, bytes as usize)?);
        let batches = match format.batches(content.unwrap_or_default()) {
            Ok(batches) => batches,
            Err(reason) => return Err(reader.refused(at, reason)),
        };
        let mut changes = 0;
        let mut misfit = None;
        for batch in batches {
            changes += batch.changes.len() as u64;
            if let Err(found) = (self.each)(place + at, batch) {
                misfit = Some(found);
                break;
            }
        }
        if let Some(misfit) = misfit {
            return Err(refuse(self.folder, &self.starts, misfit));
        }
        self.opened.frames += 1;
        self.opened.changes += changes;
        (self.weigh)(self.next, bytes, changes);
        Ok(())
    }
}

/// The error for a change that cannot be used.
pub(super) fn refuse(folder: &dyn Folder, starts: &[Start], misfit: Misfit) -> FileError {
    let start = starts.iter().rfind(|start| start.place <= misfit.offset);
    FileError::Refused {
        file: start.map_or_else(|| folder.name(), |start| folder.path(&start.name)),
        offset: misfit.offset - start.map_or(0, |start| start.place),
        reason: misfit.reason,
    }
}

/// Looks at the frame at an offset.
fn load(reader: &mut Reader<'_>, at: u64, next: u64) -> Result<Frame, FileError> {
    let format = reader.file.format;
    let left = reader.file.bytes - at;
    let bytes = reader.bytes(at, format.head_bytes())?;
    if bytes.len() < format.head_bytes() {
        return Ok(Frame::Torn("the frame's head is cut short".to_owned()));
    }
    let head = match format.head(bytes) {
        Ok(head) => head,
        Err(reason) => return without_head(reader, at, next, reason),
    };
    if head.bytes > FRAME_BYTES_MAX as u64 || head.bytes > left {
        let reason = format!(
            "the frame has {} bytes, the file has {left} more",
            head.bytes
        );
        // The head of format 1 has no checksum of its own: this may be damage.
        return match format {
            Format::One => without_head(reader, at, next, &reason),
            Format::Two if head.bytes > FRAME_BYTES_MAX as u64 => Ok(Frame::Damaged(reason)),
            Format::Two => Ok(Frame::Torn(reason)),
        };
    }
    let frame = reader.bytes(at, head.bytes as usize)?;
    if format.content(frame).is_some() {
        return Ok(Frame::Whole {
            number: head.number,
            bytes: head.bytes,
        });
    }
    let reason = "the frame's checksum is wrong";
    if format == Format::One {
        return without_head(reader, at, next, reason);
    }
    let lost = has_lost_sector(frame, at);
    Ok(if head.bytes < left {
        // It was synced before what follows was written.
        Frame::Damaged(format!(
            "{reason}, but the journal goes on at byte {}: it is damaged",
            at + head.bytes
        ))
    } else if lost {
        Frame::Torn(format!("{reason} and a part of it was never written"))
    } else {
        Frame::Damaged(damaged_end(reason, at))
    })
}

/// Says of a frame whose length is not known whether it is torn: nothing whole
/// may stand behind it and, where the format lets that be seen, a sector of its
/// head was never written.
fn without_head(
    reader: &mut Reader<'_>,
    at: u64,
    next: u64,
    reason: &str,
) -> Result<Frame, FileError> {
    if let Some(behind) = reader.whole_frame_behind(at, next)? {
        return Ok(Frame::Damaged(format!(
            "{reason}, but a whole frame follows at byte {behind}: the journal is damaged"
        )));
    }
    let format = reader.file.format;
    let end = sector_end(at + format.head_bytes() as u64 - 1);
    let lost = has_lost_sector(reader.bytes(at, (end - at) as usize)?, at);
    Ok(if format == Format::One || lost {
        Frame::Torn(reason.to_owned())
    } else {
        Frame::Damaged(damaged_end(reason, at))
    })
}

/// A power cut leaves sectors unwritten; here all are, so the frame may have
/// been acknowledged and it is not this program's to drop it.
fn damaged_end(reason: &str, at: u64) -> String {
    format!(
        "{reason}, though every part of it was written: the journal's last frame is damaged; to \
         give it up, cut the file to {at} bytes"
    )
}
