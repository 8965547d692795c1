//! A folder that fails, runs full, or loses its power.

use super::*;
use crate::disk::coins;

fn states(rng: &mut Rng) -> Vec<Vec<(String, SpaceState)>> {
    let mut store = lived(rng, 5, 40);
    let other = lived(rng, 2, 10);
    (0..4)
        .map(|_| {
            for _ in 0..6 {
                change(rng, &mut store, 40, 50);
                live(rng, &mut store);
            }
            vec![named("a", &store), named("b", &other)]
        })
        .collect()
}

/// Which of the checkpoints the folder opens to; none if there is no manifest.
fn found(folder: &MemoryFolder, states: &[Vec<(String, SpaceState)>]) -> Option<usize> {
    let (checkpoint, spaces) = open(folder, &kinds()).unwrap()?;
    let at = checkpoint.frame as usize;
    for ((_, state), (_, expected)) in spaces.iter().zip(&states[at]) {
        assert_same(state, expected);
    }
    Some(at)
}

/// Writes all states one behind the other until a call fails; the last checkpoint
/// that was acknowledged, and the one that was tried then.
fn run(
    folder: &MemoryFolder,
    states: &[Vec<(String, SpaceState)>],
) -> (Option<Checkpoint>, Option<usize>) {
    let mut last: Option<Checkpoint> = None;
    for (at, spaces) in states.iter().enumerate() {
        match write(folder, last.as_ref(), at as u64, spaces) {
            Ok(written) => last = Some(written),
            Err(_) => return (last, Some(at)),
        }
    }
    (last, None)
}

#[test]
fn after_any_failing_call_the_old_or_the_new_checkpoint_is_there_and_writing_goes_on() {
    let mut rng = Rng::new("failing", 21);
    let states = states(&mut rng);
    let whole = MemoryFolder::default();
    assert_eq!(run(&whole, &states).1, None);
    for call in 1..=whole.calls() {
        let folder = MemoryFolder::default();
        folder.fail_at(call);
        let (last, tried) = run(&folder, &states);
        let acknowledged = last.as_ref().map(|last| last.frame as usize);
        let is = found(&folder, &states);
        assert!(
            is == acknowledged || (tried.is_some() && is == tried),
            "call {call}: {is:?}"
        );

        // The disk is well again: the next attempt works and leaves no litter.
        folder.fail_at(u64::MAX / 2);
        let next = write(&folder, last.as_ref(), 3, &states[3]).unwrap();
        assert!(next.left.is_empty());
        assert_eq!(found(&folder, &states), Some(3));
        let files = folder.files().len();
        assert_eq!(files, next.packs() + 1, "call {call}");
        verify(&folder).unwrap();
    }
}

#[test]
fn after_a_power_cut_at_any_call_the_old_or_the_new_checkpoint_is_there() {
    let mut rng = Rng::new("power", 22);
    let states = states(&mut rng);
    let whole = MemoryFolder::default();
    run(&whole, &states);
    for call in 1..=whole.calls() + 1 {
        let folder = MemoryFolder::default();
        folder.fail_at(call);
        let (last, tried) = run(&folder, &states);
        let acknowledged = last.as_ref().map(|last| last.frame as usize);
        for _ in 0..6 {
            let cut = folder.after_power_cut(coins(rng.next()));
            let is = found(&cut, &states);
            assert!(
                is == acknowledged || (tried.is_some() && is == tried),
                "call {call}: {is:?}"
            );
            // A server that starts there writes its next checkpoint.
            let opened = open(&cut, &kinds())
                .unwrap()
                .map(|(checkpoint, _)| checkpoint);
            write(&cut, opened.as_ref(), 3, &states[3]).unwrap();
            assert_eq!(found(&cut, &states), Some(3));
            let again = cut.after_power_cut(coins(rng.next()));
            assert_eq!(found(&again, &states), Some(3));
        }
    }
}

#[test]
fn attempts_that_fail_while_the_disk_is_ill_never_lose_what_is_there() {
    let mut rng = Rng::new("ill", 23);
    let states = states(&mut rng);
    for _ in 0..150 {
        let folder = MemoryFolder::default();
        let mut last: Option<Checkpoint> = None;
        let mut possible: Vec<Option<usize>> = vec![None];
        for _ in 0..6 {
            let at = rng.below(states.len());
            folder.fail_at(1 + rng.below(16) as u64);
            match write(&folder, last.as_ref(), at as u64, &states[at]) {
                Ok(written) => {
                    last = Some(written);
                    possible = vec![Some(at)];
                }
                Err(_) => possible.push(Some(at)),
            }
            let cut = folder.after_power_cut(coins(rng.next()));
            let is = found(&cut, &states);
            assert!(possible.contains(&is), "{is:?} of {possible:?}");
        }
    }
}

#[test]
fn a_full_disk_is_said_and_what_is_there_stays() {
    let mut rng = Rng::new("full", 24);
    let states = states(&mut rng);
    let folder = MemoryFolder::default();
    let first = write(&folder, None, 0, &states[0]).unwrap();
    let held: u64 = folder.list().unwrap().iter().map(|(_, bytes)| bytes).sum();
    for more in [0, 10, 1_000, 5_000] {
        folder.full_at(held + more);
        let refused = write(&folder, Some(&first), 1, &states[1]).unwrap_err();
        assert!(refused.is_full(), "{refused}");
        assert_eq!(found(&folder, &states), Some(0));
        let now: u64 = folder.list().unwrap().iter().map(|(_, bytes)| bytes).sum();
        assert_eq!(now, held, "the room is given back");
    }
    folder.full_at(u64::MAX);
    write(&folder, Some(&first), 1, &states[1]).unwrap();
    assert_eq!(found(&folder, &states), Some(1));
}
