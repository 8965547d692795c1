//! Checkpoints of an earlier version, or of kinds that were changed since.

use super::*;
use crate::checkpoint::CheckpointError;

fn reopened(folder: &MemoryFolder, text: &str) -> Result<SpaceState, CheckpointError> {
    let kinds = Arc::new(Kinds::parse(text).unwrap());
    let (_, mut states) = open(folder, &kinds)?.expect("there is a checkpoint");
    Ok(states.remove(0).1)
}

#[test]
fn documents_of_a_changed_kind_are_analysed_anew() {
    let mut store = lived(&mut Rng::new("changed", 31), 40, 100);
    train_now(&mut store, 4);
    let folder = MemoryFolder::default();
    write(&folder, None, 1, &[named("a", &store)]).unwrap();
    let changed = KINDS.replace(
        "size = { type = \"number\" }",
        "size = { type = \"stored\" }",
    );
    let state = reopened(&folder, &changed).unwrap();
    let snapshot = &state.snapshot;
    let notes = snapshot.kind("notes").unwrap();
    assert!(notes.column("size").is_none());
    assert!(
        store
            .snapshot()
            .kind("notes")
            .unwrap()
            .column("size")
            .is_some()
    );
    let before = store.snapshot();
    let collection = snapshot.collection(notes.id);
    assert_eq!(collection.rows(), before.rows(notes.id));
    assert_eq!(
        collection.statistics,
        before.collection(notes.id).statistics
    );
    for at in 0..100 {
        let id = format!("n{at}");
        let found = |snapshot: &crate::Snapshot| {
            let stored = snapshot.get(notes.id, &id)?;
            Some((stored.version, stored.json.to_vec()))
        };
        assert_eq!(found(snapshot), found(&before));
    }
    assert!(state.next_segment > store.state().next_segment);

    // The next checkpoint has them so; and they go on from there.
    let kinds = Arc::new(Kinds::parse(&changed).unwrap());
    let (checkpoint, states) = open(&folder, &kinds).unwrap().unwrap();
    write(&folder, Some(&checkpoint), 2, &states).unwrap();
    verify(&folder).unwrap();
    let (_, again) = open(&folder, &kinds).unwrap().unwrap();
    assert_same(&again[0].1, &states[0].1);
}

#[test]
fn documents_that_fit_no_kind_any_more_are_named() {
    let store = lived(&mut Rng::new("misfit", 32), 10, 30);
    let folder = MemoryFolder::default();
    write(&folder, None, 1, &[named("a", &store)]).unwrap();
    let gone = KINDS.replace("kinds.others", "kinds.things");
    let refused = reopened(&folder, &gone).unwrap_err().to_string();
    assert_eq!(
        refused,
        "kind `others` of space `a`: the kinds file has no such kind"
    );
    let narrow = KINDS.replace("dimensions = 2", "dimensions = 3");
    let refused = reopened(&folder, &narrow).unwrap_err().to_string();
    assert!(
        refused.starts_with("kind `others` of space `a`: document `n"),
        "{refused}"
    );
}

#[test]
fn kinds_in_another_order_are_the_same_kinds() {
    let store = lived(&mut Rng::new("order", 33), 10, 30);
    let folder = MemoryFolder::default();
    write(&folder, None, 1, &[named("a", &store)]).unwrap();
    let (notes, others) = KINDS.split_at(KINDS.find("[kinds.others]").unwrap());
    let state = reopened(&folder, &format!("{others}{notes}")).unwrap();
    for kind in store.kinds().iter() {
        let id = state.snapshot.kind(&kind.name).unwrap().id;
        assert_eq!(state.snapshot.rows(id), store.snapshot().rows(kind.id));
        assert!(state.deleted.of(id).eq(store.deleted().of(kind.id)));
    }
}

/// The store the fixtures hold.
fn fixture() -> Store {
    let mut store = lived(&mut Rng(41), 8, 30);
    store.relayout(2, true);
    train_now(&mut store, 4);
    change(&mut Rng(42), &mut store, 30, 9);
    store
}

/// Checkpoints of every version are opened by every later one. With
/// `TANDEM_WRITE_FIXTURE` set to a folder, that of this version is written there.
#[test]
fn a_checkpoint_of_version_1_is_opened() {
    if let Ok(path) = std::env::var("TANDEM_WRITE_FIXTURE") {
        let folder = MemoryFolder::default();
        write(&folder, None, 5, &[named("default", &fixture())]).unwrap();
        for (file, bytes) in folder.files() {
            std::fs::write(std::path::Path::new(&path).join(file), bytes).unwrap();
        }
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/checkpoint-v1");
    let file = |name: &str| {
        let bytes = std::fs::read(std::path::Path::new(path).join(name)).unwrap();
        (name.to_owned(), bytes)
    };
    let files = ["manifest", "pack-0000000000000001"].map(file);
    let folder = MemoryFolder::with_files(files);
    let (checkpoint, states) = opened(&folder);
    assert_eq!(checkpoint.frame, 5);
    assert_eq!(states[0].0, "default");
    let (state, expected) = (&states[0].1, fixture().state());
    assert_eq!(state.positions.sorted(), expected.positions.sorted());
    for kind in expected.snapshot.kinds().iter() {
        let (found, held) = (&state.snapshot, &expected.snapshot);
        assert_eq!(found.rows(kind.id), held.rows(kind.id));
        for at in 0..30 {
            let id = format!("n{at}");
            let stored = |snapshot: &crate::Snapshot| {
                let stored = snapshot.get(kind.id, &id)?;
                Some((stored.version, stored.json.to_vec()))
            };
            assert_eq!(stored(found), stored(held));
        }
        assert!(state.deleted.of(kind.id).eq(expected.deleted.of(kind.id)));
    }
    verify(&folder).unwrap();
}
