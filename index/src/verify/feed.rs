//! The log of changes, as far as `verify` reports it. Owns what of it is damage;
//! reading it is `feed::look`.

use std::io;

use super::Report;
use crate::disk::Folder;
use crate::feed;

/// Reads the log of changes; `is_witnessed` where it may not be ahead of the rest.
pub(super) fn verify(
    folder: &dyn Folder,
    frame: u64,
    is_witnessed: bool,
    report: &mut Report,
) -> io::Result<()> {
    let log = feed::look(folder)?;
    let mut is_whole = true;
    for looked in &log.files {
        let file = &looked.file;
        match &looked.bad {
            None => report.note(file, format!("{} groups", looked.groups)),
            Some(bad) if bad.torn => {
                let byte = bad.byte;
                let about = format!("torn at byte {byte}; what was behind it is in the journal");
                report.note(file, about);
            }
            Some(bad) => {
                is_whole = false;
                report.add(file, bad.byte, bad.reason.clone());
            }
        }
    }
    // Whatever is in the log was synced to the journal before.
    let reached = |space: &String| report.spaces.get(space).copied().unwrap_or(0);
    let mut last = log.last.iter();
    if let Some((space, last)) = last.find(|(space, last)| **last > reached(space))
        && is_witnessed
        && let Some(newest) = log.files.last()
    {
        let what = format!(
            "it has change {last} of space {space}, checkpoint and journal end with {}: the end \
             of the journal is missing",
            reached(space)
        );
        report.add(&newest.file, 0, what);
    }
    // The journal has what came behind the checkpoint, and nothing else has what is missing.
    if let Some(newest) = log.files.last()
        && is_whole
        && log.frame < frame
    {
        let byte = match &newest.bad {
            Some(bad) => bad.byte,
            None => (report.files.iter())
                .find(|held| held.file == newest.file)
                .map_or(0, |held| held.bytes),
        };
        let reached = log.frame;
        let what = format!(
            "it is whole up to frame {reached} of the journal, which begins behind frame {frame}: \
             changes are missing, and the next start begins the log anew"
        );
        report.add(&newest.file, byte, what);
    }
    Ok(())
}
