//! Crashes at every call: a run of appends, rotations and checkpoints in a
//! folder that fails at call n, or has no more room, and then loses power.

use super::*;
use crate::witness::{History, Witness};

const MANIFEST: &str = "manifest";

/// What a run does, drawn from a seed.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// With so many bytes of text.
    Append(usize),
    Rotate,
    /// Of all so far; whether the journal is rotated first.
    Checkpoint(bool),
}

fn script(seed: u64) -> Vec<Step> {
    let mut coin = coins(seed);
    let mut dice = move || (0..4).fold(0, |sum, _| sum * 2 + u32::from(coin()));
    let mut steps = vec![Step::Append(10)];
    steps.extend((0..9).map(|_| match dice() {
        0 => Step::Rotate,
        1..=2 => Step::Checkpoint(true),
        3 => Step::Checkpoint(false),
        // Frames of many blocks, and such that end near one's border.
        4..=5 => Step::Append(9_000),
        6 => Step::Append(3_800),
        _ => Step::Append(200),
    }));
    steps
}

/// What is known outside of a folder that may crash.
#[derive(Clone, Debug, Default)]
struct Known {
    /// Frames that were acknowledged.
    acknowledged: Vec<Frame>,
    /// The one that was on its way.
    tried: Option<Frame>,
    /// The last frame of checkpoints that may be found.
    checkpoints: Vec<u64>,
    /// Writes that were refused for want of room.
    refused: u64,
}

/// Why a run ended early.
#[derive(Debug)]
struct Crashed;

fn crashed<E>(_cause: E) -> Crashed {
    Crashed
}

/// A journal and the witness of its folder, which is told of every file.
struct Open {
    journal: Journal,
    witness: Witness,
}

/// Reads the checkpoint and the journal behind it, and checks all.
fn open(folder: &MemoryFolder, known: &mut Known) -> Result<Open, Crashed> {
    let behind = folder.content(MANIFEST).map_or(0, |bytes| {
        // A manifest is whole: it was synced before it got its name.
        u64::from_le_bytes(bytes.try_into().unwrap())
    });
    assert!(
        behind == 0 || known.checkpoints.contains(&behind),
        "{behind}"
    );
    // A crash leaves nothing that it would refuse.
    let witness = Witness::open(Arc::new(folder.clone()), History::of(7)).unwrap();
    let least = witness.known().frame;
    let (mut journal, opened, found) = match read(folder, Needed { behind, least }) {
        Ok(read) => read,
        Err(FileError::Io { .. }) => return Err(Crashed),
        Err(other) => panic!("{other}"),
    };
    let count = journal.last_frame() as usize;
    let mut expected = known.acknowledged.clone();
    if count == expected.len() + 1 {
        // The one on its way may have arrived, but nothing else.
        expected.extend(known.tried.clone());
    }
    assert_eq!(count, expected.len(), "{opened:?}");
    assert!(found == expected[behind as usize..].concat());
    known.acknowledged = expected;
    known.tried = None;
    journal.file_bytes_max = 12_000;
    witness.reached(journal.last_frame()).map_err(crashed)?;
    Ok(Open { journal, witness })
}

fn append(
    folder: &MemoryFolder,
    Open { journal, witness }: &mut Open,
    known: &mut Known,
    bytes: usize,
) -> Result<(), Crashed> {
    loop {
        // A write that was refused is not the one that comes after it.
        let number = known.acknowledged.len() as u64 + 1;
        let frame = numbered(number, known.refused, bytes);
        known.tried = Some(frame.clone());
        match journal.append(&borrowed(&frame)) {
            Ok(()) => {
                if journal.newest_begins_with() == Some(number) {
                    witness.reached(number).map_err(crashed)?;
                }
                known.acknowledged.push(frame);
                known.tried = None;
                return Ok(());
            }
            Err(FileError::Full { .. }) => {
                known.tried = None;
                known.refused += 1;
                // Reading goes on meanwhile, and later there is room again.
                assert_eq!(journal.last_frame(), number - 1);
                let held: u64 = folder.list().unwrap().iter().map(|(_, bytes)| bytes).sum();
                folder.full_at(held + known.refused * 900);
            }
            Err(FileError::Io { .. }) => {
                let again = journal.append(&borrowed(&frame));
                assert!(
                    matches!(again, Err(FileError::Io { .. })),
                    "never tried again"
                );
                return Err(Crashed);
            }
            Err(other @ FileError::Refused { .. }) => panic!("{other}"),
        }
    }
}

/// Writes a manifest and cuts the journal behind it, as checkpoints do.
fn checkpoint(
    folder: &MemoryFolder,
    journal: &mut Journal,
    known: &mut Known,
) -> Result<(), Crashed> {
    let frame = journal.last_frame();
    known.checkpoints.push(frame);
    let new = format!("{MANIFEST}.new");
    if folder.content(&new).is_some() {
        folder.remove(&new).map_err(crashed)?;
    }
    let written = folder.append(&new, &frame.to_le_bytes());
    if let Err(cause) = written {
        let full = cause.kind() == std::io::ErrorKind::StorageFull;
        // Tried again with the next one; the journal stays as long as it takes.
        return if full { Ok(()) } else { Err(Crashed) };
    }
    folder.sync(&new).map_err(crashed)?;
    folder.rename(&new, MANIFEST).map_err(crashed)?;
    folder.sync_folder().map_err(crashed)?;
    journal.cut(frame).map_err(crashed)
}

fn run(folder: &MemoryFolder, steps: &[Step], known: &mut Known) -> Result<(), Crashed> {
    let mut opened = open(folder, known)?;
    for step in steps {
        match *step {
            Step::Append(bytes) => append(folder, &mut opened, known, bytes)?,
            Step::Rotate => opened.journal.rotate(),
            Step::Checkpoint(rotated) => {
                if rotated {
                    opened.journal.rotate();
                }
                checkpoint(folder, &mut opened.journal, known)?;
            }
        }
    }
    Ok(())
}

/// Calls of a run that nothing stops.
fn calls(steps: &[Step]) -> u64 {
    let folder = MemoryFolder::default();
    run(&folder, steps, &mut Known::default()).unwrap();
    folder.calls()
}

/// What survives a power cut: nothing, all (as after kill -9), or what falls.
fn survivors(seed: u64) -> Box<dyn FnMut() -> bool> {
    match seed {
        0 => Box::new(|| false),
        1 => Box::new(|| true),
        _ => Box::new(coins(seed)),
    }
}

/// Looks at what a crash left, crashes while doing so, and goes on with it.
fn recover(left: &MemoryFolder, known: &Known, seed: u64) {
    for call in 1.. {
        let folder = left.after_power_cut(|| true);
        let mut known = known.clone();
        folder.fail_at(call);
        if open(&folder, &mut known).is_ok() {
            break;
        }
        let folder = folder.after_power_cut(survivors(seed ^ call << 20));
        open(&folder, &mut known).unwrap();
    }
    let mut known = known.clone();
    let more = [Step::Append(500), Step::Checkpoint(true), Step::Append(20)];
    run(left, &more, &mut known).unwrap();
    // And all of this was synced.
    let left = left.after_power_cut(|| false);
    known.tried = None;
    let count = known.acknowledged.len();
    open(&left, &mut known).unwrap();
    assert_eq!(known.acknowledged.len(), count);
}

/// A process was killed and another one goes on, then the power is cut: what
/// the second has read is there, though the first had not synced all of it.
fn kill(folder: &MemoryFolder, known: &Known, seed: u64) {
    let folder = folder.after_kill();
    let mut known = known.clone();
    let mut opened = open(&folder, &mut known).unwrap();
    for left in [
        folder.after_power_cut(|| false),
        folder.after_power_cut(coins(seed)),
    ] {
        let mut known = known.clone();
        let again = open(&left, &mut known).unwrap();
        assert_eq!(again.journal.last_frame(), opened.journal.last_frame());
    }
    append(&folder, &mut opened, &mut known, 30).unwrap();
    open(&folder.after_power_cut(|| false), &mut known).unwrap();
}

#[test]
fn acknowledged_frames_survive_a_crash_at_every_call() {
    let mut crashes = 0_u32;
    for scripted in 0..12 {
        let steps = script(scripted);
        for call in 1..=calls(&steps) {
            let folder = MemoryFolder::default();
            folder.fail_at(call);
            let mut known = Known::default();
            assert!(
                run(&folder, &steps, &mut known).is_err(),
                "script {scripted} call {call}"
            );
            kill(&folder, &known, call);
            for seed in 0..40 {
                let left = folder.after_power_cut(survivors(seed));
                let described = format!("script {scripted}, call {call}, seed {seed}");
                let checked = std::panic::catch_unwind(|| recover(&left, &known, seed));
                assert!(checked.is_ok(), "{described}: {steps:?}");
                crashes += 1;
            }
        }
    }
    assert!(crashes > 10_000, "{crashes}");
}

#[test]
fn a_full_disk_refuses_writes_and_loses_none() {
    let mut refused = 0;
    for scripted in 0..6 {
        let steps = script(scripted);
        for room in (0..40_000).step_by(1_511) {
            let folder = MemoryFolder::default();
            folder.full_at(room);
            let mut known = Known::default();
            run(&folder, &steps, &mut known).unwrap();
            assert!(known.refused > 0 || room > 0, "{known:?} {steps:?}");
            refused += known.refused;
            // Whatever was unsynced is lost: that is nothing.
            recover(&folder.after_power_cut(|| false), &known, room);
            recover(&folder.after_power_cut(coins(room)), &known, room);
        }
    }
    assert!(refused > 200, "{refused}");
}

#[test]
fn a_full_disk_that_crashes_at_any_call_loses_none() {
    let mut crashes = 0;
    for scripted in 0..4 {
        let steps = script(scripted);
        for room in (0..30_000).step_by(3_011) {
            for call in 1.. {
                let folder = MemoryFolder::default();
                folder.full_at(room);
                folder.fail_at(call);
                let mut known = Known::default();
                if run(&folder, &steps, &mut known).is_ok() {
                    break;
                }
                kill(&folder, &known, call);
                for seed in 0..6 {
                    let left = folder.after_power_cut(survivors(seed));
                    let described = format!("script {scripted}, room {room}, call {call}, {seed}");
                    let checked = std::panic::catch_unwind(|| recover(&left, &known, seed));
                    assert!(checked.is_ok(), "{described}: {steps:?}");
                    crashes += 1;
                }
            }
        }
    }
    assert!(crashes > 5_000, "{crashes}");
}
