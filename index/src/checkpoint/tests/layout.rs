//! Which files come and go.

use super::*;
use crate::checkpoint::block::pack_name;

fn files(folder: &MemoryFolder) -> Vec<String> {
    folder.files().into_iter().map(|(file, _)| file).collect()
}

fn pack_bytes(folder: &MemoryFolder) -> usize {
    let packs = folder.files().into_iter();
    packs
        .filter(|(file, _)| file != "manifest")
        .map(|(_, bytes)| bytes.len())
        .sum()
}

#[test]
fn a_second_checkpoint_writes_only_what_is_new() {
    let mut rng = Rng::new("new", 2);
    let mut store = lived(&mut rng, 80, 400);
    let other = lived(&mut rng, 40, 100);
    let folder = MemoryFolder::default();
    let first = write(&folder, None, 1, &[named("a", &store), named("b", &other)]).unwrap();
    assert_eq!(files(&folder), ["manifest", &pack_name(1)]);
    let full = first.bytes();

    // Nothing new: no pack, another manifest.
    let second = write(
        &folder,
        Some(&first),
        2,
        &[named("a", &store), named("b", &other)],
    );
    let second = second.unwrap();
    assert_eq!((second.bytes(), second.packs(), second.frame), (full, 1, 2));

    // One more batch, of a space opened again.
    let (checkpoint, states) = opened(&folder);
    assert_eq!(checkpoint.frame, 2);
    let mut restored = Store::restore(kinds(), TINY, states[0].1.clone());
    for store in [&mut store, &mut restored] {
        let mut rng = Rng(9);
        change(&mut rng, store, 400, 1_000);
    }
    let third = write(&folder, Some(&checkpoint), 3, &[named("a", &restored)]).unwrap();
    assert_eq!(third.packs(), 2);
    let new = third.bytes() - full;
    assert!(new < full / 2, "{new} bytes of {full} are new");
    assert!(third.spaces().eq(["a", "b"]), "what no key opens stays");

    let (_, states) = opened(&folder);
    assert_same(&states[0].1, &store.state());
    assert_same(&states[1].1, &other.state());
    verify(&folder).unwrap();
}

#[test]
fn a_position_alone_is_kept_too() {
    let mut store = lived(&mut Rng::new("position", 3), 3, 10);
    let folder = MemoryFolder::default();
    let first = write(&folder, None, 1, &[named("a", &store)]).unwrap();
    store.set_position("stdin", 77);
    let second = write(&folder, Some(&first), 2, &[named("a", &store)]).unwrap();
    assert_eq!(second.packs(), 1);
    assert_eq!(opened(&folder).1[0].1.positions.get("stdin"), Some(77));
}

#[test]
fn packs_nobody_needs_go_and_those_mostly_dead_are_rewritten() {
    let mut rng = Rng::new("packs", 4);
    let folder = MemoryFolder::default();
    let other = lived(&mut rng, 30, 60);
    let mut store = Store::new(kinds(), TINY);
    let mut last = write(&folder, None, 0, &[named("b", &other)]).unwrap();
    let mut numbers: Vec<String> = files(&folder);
    for round in 1..60 {
        for _ in 0..4 {
            change(&mut rng, &mut store, 120, round);
            live(&mut rng, &mut store);
        }
        // `b` is passed through all the while.
        last = write(&folder, Some(&last), round as u64, &[named("a", &store)]).unwrap();
        assert!(last.left.is_empty());
        let all = MemoryFolder::default();
        write_all(&all, None, 0, &[named("a", &store), named("b", &other)]).unwrap();
        let (held, needed) = (pack_bytes(&folder), pack_bytes(&all));
        assert!(held <= 2 * needed + 64, "{held} bytes for {needed}");
        assert_eq!(files(&folder).len(), last.packs() + 1);
        for file in files(&folder) {
            if !numbers.contains(&file) {
                numbers.push(file);
            }
        }
    }
    assert!(numbers.is_sorted(), "no number is used again");
    assert!(numbers.len() > 30 && last.packs() < 20);
    let (_, states) = opened(&folder);
    assert_same(&states[0].1, &store.state());
    assert_same(&states[1].1, &other.state());
    verify(&folder).unwrap();
}

#[test]
fn writing_all_leaves_no_file_from_before() {
    let mut rng = Rng::new("all", 6);
    let folder = MemoryFolder::default();
    let (store, other) = (lived(&mut rng, 30, 60), lived(&mut rng, 9, 60));
    let spaces = [named("a", &store), named("b", &other)];
    let first = write(&folder, None, 1, &spaces).unwrap();
    let second = write_all(&folder, Some(&first), 2, &spaces[..1]).unwrap();
    assert_eq!(files(&folder), ["manifest", &pack_name(2)]);
    assert!(second.left.is_empty());
    let (_, states) = opened(&folder);
    assert_same(&states[0].1, &spaces[0].1);
    assert_same(&states[1].1, &spaces[1].1);
}

#[test]
fn segments_served_from_new_files_are_the_same_and_not_written_again() {
    let folder = MemoryFolder::default();
    let lived = lived(&mut Rng::new("moved", 5), 80, 400);
    write(&folder, None, 1, &[named("a", &lived)]).unwrap();
    let (checkpoint, states) = opened(&folder);
    let mut store = Store::restore(kinds(), TINY, states[0].1.clone());
    let spaces = [named("a", &store)];
    let mut whole = write_all(&folder, Some(&checkpoint), 2, &spaces).unwrap();
    let moved = whole.moved(&folder, &spaces).unwrap();
    let mapped = |state: &SpaceState| {
        let kinds = state.snapshot.kinds().iter();
        let lives = kinds.flat_map(|kind| &state.snapshot.collection(kind.id).segments);
        lives.filter(|live| live.segment.is_mapped()).count()
    };
    assert_eq!((moved.len(), moved[0].1.len()), (1, mapped(&spaces[0].1)));
    assert!(moved[0].1.len() > 1);
    store.take_moved(&moved[0].1);
    assert_same(&store.state(), &spaces[0].1);
    let again = write(&folder, Some(&whole), 3, &[named("a", &store)]).unwrap();
    let new = again.bytes() - whole.bytes();
    assert!(new < whole.bytes() / 2, "{new} of {}", whole.bytes());
    verify(&folder).unwrap();
}

#[test]
fn blocks_that_stand_askew_in_memory_are_read_all_the_same() {
    // A folder whose maps begin at an odd address.
    struct Askew(MemoryFolder);
    impl Folder for Askew {
        fn name(&self) -> String {
            self.0.name()
        }
        fn list(&self) -> std::io::Result<Vec<(String, u64)>> {
            self.0.list()
        }
        fn read(&self, file: &str, offset: u64, buffer: &mut [u8]) -> std::io::Result<()> {
            self.0.read(file, offset, buffer)
        }
        fn map(&self, file: &str) -> std::io::Result<bytes::Bytes> {
            let mut bytes = vec![0];
            bytes.extend_from_slice(&self.0.map(file)?);
            Ok(bytes::Bytes::from(bytes).slice(1..))
        }
        fn append(&self, file: &str, bytes: &[u8]) -> std::io::Result<()> {
            self.0.append(file, bytes)
        }
        fn truncate(&self, file: &str, bytes: u64) -> std::io::Result<()> {
            self.0.truncate(file, bytes)
        }
        fn sync(&self, file: &str) -> std::io::Result<()> {
            self.0.sync(file)
        }
        fn rename(&self, from: &str, to: &str) -> std::io::Result<()> {
            self.0.rename(from, to)
        }
        fn remove(&self, file: &str) -> std::io::Result<()> {
            self.0.remove(file)
        }
        fn sync_folder(&self) -> std::io::Result<()> {
            self.0.sync_folder()
        }
    }
    let store = lived(&mut Rng::new("askew", 7), 40, 100);
    let folder = Askew(MemoryFolder::default());
    write(&folder, None, 1, &[named("a", &store)]).unwrap();
    assert_same(&opened(&folder).1[0].1, &store.state());
}
