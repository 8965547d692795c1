//! Overlays of the taxonomy in checkpoints.

use super::*;
use crate::taxonomy::{self, Form, Put, Taxonomy};

const OVERLAY: &str = "[[skills]]\nname = 'Acme Console'\naliases = ['AcmeCon']\n";

fn under(text: &str) -> Arc<Taxonomy> {
    let put = Put {
        form: Form::Toml,
        text: text.to_owned(),
    };
    Arc::new(taxonomy::base().taking(put).unwrap())
}

/// The version of the overlay, and its text.
fn held(state: &SpaceState) -> (u64, Option<String>) {
    let put = state.snapshot.taxonomy().put();
    let text = put.map(|put| put.text.clone());
    (state.snapshot.taxonomy_version(), text)
}

fn manifest_version(folder: &MemoryFolder) -> u8 {
    folder.content("manifest").unwrap()[8]
}

#[test]
fn an_overlay_is_kept_until_it_is_taken_away_and_its_version_after_that() {
    let mut rng = Rng::new("overlay", 6);
    let folder = MemoryFolder::default();
    let (mut store, other) = (lived(&mut rng, 3, 10), lived(&mut rng, 3, 10));
    let both = |store: &Store| [named("a", store), named("b", &other)];
    let none = write(&folder, None, 1, &both(&store)).unwrap();
    assert_eq!(
        manifest_version(&folder),
        1,
        "as before there were overlays"
    );

    let sequence = store.snapshot().sequence;
    store.put_taxonomy(1, under(OVERLAY));
    assert_eq!(store.snapshot().sequence, sequence + 1);
    let first = write(&folder, Some(&none), 2, &both(&store)).unwrap();
    assert_eq!((manifest_version(&folder), first.packs()), (2, 2));
    verify(&folder).unwrap();
    let (_, states) = opened(&folder);
    assert_eq!(held(&states[0].1), (1, Some(OVERLAY.to_owned())));
    assert_eq!(held(&states[1].1), (0, None));
    let taxonomy = states[0].1.snapshot.taxonomy();
    assert!(taxonomy.skill_named("acmecon").is_some());
    assert_same(&states[0].1, &store.state());

    // What is held is not written again, by the one that wrote it or opened it.
    let (reopened, _) = opened(&folder);
    for before in [&first, &reopened] {
        let again = write(&folder, Some(before), 3, &both(&store)).unwrap();
        assert_eq!(again.bytes(), first.bytes());
    }
    // Everything anew has it too, and so has one in which the space is passed over.
    let all = write_all(&folder, Some(&reopened), 4, &both(&store)).unwrap();
    let passed = write(&folder, Some(&all), 5, &[named("b", &other)]).unwrap();
    assert_eq!(held(&opened(&folder).1[0].1), (1, Some(OVERLAY.to_owned())));
    verify(&folder).unwrap();

    store.put_taxonomy(2, Arc::clone(taxonomy::base()));
    write(&folder, Some(&passed), 6, &both(&store)).unwrap();
    assert_eq!(held(&opened(&folder).1[0].1), (2, None));
    verify(&folder).unwrap();
}

#[test]
fn a_flipped_byte_of_an_overlay_is_seen() {
    let mut store = Store::new(kinds(), TINY);
    store.put_taxonomy(7, under(OVERLAY));
    let folder = MemoryFolder::default();
    write(&folder, None, 1, &[named("a", &store)]).unwrap();
    for (file, bytes) in folder.files() {
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << (at % 8);
            folder.set(&file, damaged);
            match open(&folder, &kinds()) {
                // Bytes between blocks are looked at by nobody.
                Ok(found) => {
                    let (_, states) = found.unwrap();
                    let kept = (7, Some(OVERLAY.to_owned()));
                    assert_eq!(held(&states[0].1), kept, "{file}, byte {at}");
                }
                Err(cause) => assert!(cause.to_string().contains(&file), "{cause}"),
            }
        }
        folder.set(&file, bytes);
    }
}
