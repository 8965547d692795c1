use super::*;

/// What both folders promise alike.
fn check(folder: &dyn Folder) {
    folder.append("b", b"one").unwrap();
    folder.append("b", b" two").unwrap();
    folder.append("a", b"").unwrap();
    let listed = |expected: &[(&str, u64)]| {
        let found = folder.list().unwrap();
        let found: Vec<(&str, u64)> = found.iter().map(|(name, n)| (name.as_str(), *n)).collect();
        assert_eq!(found, expected);
    };
    listed(&[("a", 0), ("b", 7)]);
    let mut buffer = [0; 3];
    folder.read("b", 4, &mut buffer).unwrap();
    assert_eq!(&buffer, b"two");
    let short = folder.read("b", 5, &mut buffer).unwrap_err();
    assert_eq!(short.kind(), io::ErrorKind::UnexpectedEof);
    assert_eq!(folder.map("a").unwrap(), "");
    let mapped = folder.map("b").unwrap();
    folder.append("b", b" three").unwrap();
    folder.sync("b").unwrap();
    folder.truncate("b", 9).unwrap();
    folder.append("b", b"!").unwrap();
    assert_eq!(folder.map("b").unwrap(), "one two t!");
    folder.rename("b", "c").unwrap();
    folder.append("c", b"?").unwrap();
    folder.rename("c", "a").unwrap();
    listed(&[("a", 11)]);
    // The name is free again, for another file.
    folder.append("b", b"new").unwrap();
    assert_eq!(folder.map("a").unwrap(), "one two t!?");
    folder.remove("a").unwrap();
    folder.sync_folder().unwrap();
    listed(&[("b", 3)]);
    assert_eq!(mapped, "one two", "mapped bytes outlive their file");
    for gone in [
        folder.remove("a"),
        folder.sync("a"),
        folder.rename("a", "d"),
    ] {
        assert_eq!(gone.unwrap_err().kind(), io::ErrorKind::NotFound);
    }
    assert_eq!(folder.map("a").unwrap_err().kind(), io::ErrorKind::NotFound);
    for name in ["", "..", "lock", "x/y", "/x"] {
        let refused = folder.append(name, b"x").unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::InvalidInput, "{name}");
    }
    listed(&[("b", 3)]);
}

#[test]
fn both_folders_do_the_same() {
    check(&MemoryFolder::default());
    let path = std::env::temp_dir().join(format!("tandem-disk-{}", std::process::id()));
    let folder = RealFolder::open(&path.join("deep")).unwrap();
    std::fs::create_dir(path.join("deep/lost+found")).unwrap();
    check(&folder);
    let busy = RealFolder::open(&path.join("deep")).unwrap_err();
    assert_eq!(busy.kind(), io::ErrorKind::ResourceBusy);
    drop(folder);
    RealFolder::open(&path.join("deep")).unwrap();
    std::fs::remove_dir_all(&path).unwrap();
}

/// Everything that may be found after a power cut, for a few coins.
fn found(folder: &MemoryFolder) -> std::collections::BTreeSet<Vec<(String, Vec<u8>)>> {
    let cut = |fall: u32| {
        let mut coin = 0;
        let left = folder.after_power_cut(|| {
            coin += 1;
            fall >> (coin - 1) & 1 == 1
        });
        left.files()
    };
    (0..1 << 10).map(cut).collect()
}

fn files(files: &[(&str, &[u8])]) -> Vec<(String, Vec<u8>)> {
    let owned = |(name, bytes): &(&str, &[u8])| ((*name).to_owned(), bytes.to_vec());
    files.iter().map(owned).collect()
}

#[test]
fn what_is_synced_survives_and_nothing_else_must() {
    let folder = MemoryFolder::default();
    folder.append("a", b"one").unwrap();
    // A name without bytes, bytes without a name, or both.
    let all = [files(&[]), files(&[("a", b"")]), files(&[("a", b"one")])];
    assert_eq!(found(&folder), all.clone().into());
    folder.sync("a").unwrap();
    assert_eq!(found(&folder), [all[0].clone(), all[2].clone()].into());
    folder.sync_folder().unwrap();
    assert_eq!(found(&folder), [all[2].clone()].into());

    // In the place of another, at once; or not at all.
    folder.append("new", b"two").unwrap();
    folder.sync("new").unwrap();
    folder.sync_folder().unwrap();
    folder.rename("new", "a").unwrap();
    let renamed = files(&[("a", b"two")]);
    let before = files(&[("a", b"one"), ("new", b"two")]);
    assert_eq!(found(&folder), [before, renamed.clone()].into());
    folder.sync_folder().unwrap();
    assert_eq!(found(&folder), [renamed].into());

    // Cut and written again: the old end, none, or the new one.
    folder.truncate("a", 1).unwrap();
    folder.append("a", b"!").unwrap();
    let states = [&b"two"[..], b"t", b"t!"].map(|bytes| files(&[("a", bytes)]));
    assert_eq!(found(&folder), states.into());
}

#[test]
fn blocks_that_are_lost_before_the_end_are_zeros() {
    let folder = MemoryFolder::with_files(files(&[("a", b"synced")]));
    folder.append("a", &[b'x'; 2 * BLOCK_BYTES]).unwrap();
    let bytes: Vec<Vec<u8>> = found(&folder)
        .into_iter()
        .map(|mut files| files.remove(0).1)
        .collect();
    // Three blocks, each there or not.
    assert_eq!(bytes.len(), 8);
    assert!(bytes.iter().all(|bytes| bytes.starts_with(b"synced")));
    let lost = |bytes: &Vec<u8>| bytes.len() == 2 * BLOCK_BYTES + 6 && bytes[6] == 0;
    assert_eq!(bytes.iter().filter(|bytes| lost(bytes)).count(), 2);
    assert_eq!(folder.after_power_cut(|| false).files()[0].1, b"synced");
}

#[test]
fn a_full_folder_takes_what_fits() {
    let folder = MemoryFolder::default();
    folder.append("a", b"12345").unwrap();
    folder.full_at(8);
    let full = folder.append("b", b"6789").unwrap_err();
    assert_eq!(full.kind(), io::ErrorKind::StorageFull);
    assert_eq!(folder.content("b").unwrap(), b"678");
    folder.remove("a").unwrap();
    folder.append("b", b"90").unwrap();
    assert_eq!(folder.content("b").unwrap(), b"67890");
}

#[test]
fn from_the_failing_call_on_every_one_fails() {
    let folder = MemoryFolder::default();
    folder.append("a", b"1234").unwrap();
    folder.fail_at(2);
    folder.sync("a").unwrap();
    assert!(folder.append("a", b"5678").is_err());
    assert_eq!(folder.content("a").unwrap(), b"123456");
    assert!(folder.sync("a").is_err() && folder.remove("a").is_err());
    assert_eq!(folder.calls(), 5);
}
