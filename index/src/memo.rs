//! What was worked out of a part that never changes, kept for whoever asks next.
//! Owns the bound; what is kept and how it is worked out is the caller's.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Lists by key, at most about so many bytes of them. What nobody asked for since
/// half of that came in is forgotten. Locked for a look and for a store, never
/// while a list is made: two readers may make the same one.
#[derive(Debug)]
pub struct Memo<K, V> {
    bytes_max: usize,
    held: Mutex<Held<K, V>>,
}

#[derive(Debug)]
struct Held<K, V> {
    young: HashMap<K, Arc<[V]>>,
    old: HashMap<K, Arc<[V]>>,
    young_bytes: usize,
    old_bytes: usize,
}

// About what a list costs beside its items: key, table slot, counts.
const LIST_BYTES: usize = 96;

impl<K: Hash + Eq, V> Memo<K, V> {
    /// Keeps at most about `bytes_max`; 0 keeps nothing.
    pub fn new(bytes_max: usize) -> Self {
        Self {
            bytes_max,
            held: Mutex::new(Held {
                young: HashMap::new(),
                old: HashMap::new(),
                young_bytes: 0,
                old_bytes: 0,
            }),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Held<K, V>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The list of a key, if it is kept.
    pub fn kept<Q: Hash + Eq + ToOwned<Owned = K> + ?Sized>(&self, key: &Q) -> Option<Arc<[V]>>
    where
        K: Borrow<Q>,
    {
        if self.bytes_max == 0 {
            return None;
        }
        let mut held = self.lock();
        if let Some(list) = held.young.get(key) {
            return Some(Arc::clone(list));
        }
        let list = held.old.remove(key)?;
        let bytes = bytes_of(&list);
        held.old_bytes = held.old_bytes.saturating_sub(bytes);
        self.insert(&mut held, key.to_owned(), &list, bytes);
        Some(list)
    }

    /// The list of a key, made if it is not kept. A list above a quarter of the
    /// bound is made every time.
    pub fn get<Q: Hash + Eq + ToOwned<Owned = K> + ?Sized>(
        &self,
        key: &Q,
        make: impl FnOnce() -> Vec<V>,
    ) -> Arc<[V]>
    where
        K: Borrow<Q>,
    {
        if let Some(list) = self.kept(key) {
            return list;
        }
        let list: Arc<[V]> = make().into();
        let bytes = bytes_of(&list);
        if bytes <= self.bytes_max / 4 {
            let mut held = self.lock();
            if !held.young.contains_key(key) {
                self.insert(&mut held, key.to_owned(), &list, bytes);
            }
        }
        list
    }

    fn insert(&self, held: &mut Held<K, V>, key: K, list: &Arc<[V]>, bytes: usize) {
        if held.young_bytes + bytes > self.bytes_max / 2 {
            held.old = std::mem::take(&mut held.young);
            held.old_bytes = std::mem::take(&mut held.young_bytes);
        }
        held.young.insert(key, Arc::clone(list));
        held.young_bytes += bytes;
    }

    /// Bytes held, about.
    pub fn bytes(&self) -> usize {
        let held = self.lock();
        held.young_bytes + held.old_bytes
    }
}

fn bytes_of<V>(list: &Arc<[V]>) -> usize {
    LIST_BYTES + size_of_val(&**list)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_stays_and_the_rest_goes() {
        let memo: Memo<String, u64> = Memo::new(20 * (LIST_BYTES + 8));
        let ask = |key: u64| {
            let mut made = false;
            let list = memo.get(key.to_string().as_str(), || {
                made = true;
                vec![key]
            });
            assert_eq!(*list, [key]);
            made
        };
        assert!(ask(0));
        for key in 1..1_000 {
            assert!(ask(key));
            assert!(!ask(0), "after {key}");
            assert!(memo.bytes() <= 20 * (LIST_BYTES + 8));
        }
        assert!(ask(1));
    }

    #[test]
    fn a_list_too_long_and_a_memo_of_nothing_keep_nothing() {
        let memo: Memo<String, u64> = Memo::new(1_000);
        assert_eq!(memo.get("long", || vec![7; 100]).len(), 100);
        assert!(memo.kept("long").is_none());
        let none: Memo<String, u64> = Memo::new(0);
        assert_eq!(none.get("a", || vec![1]).len(), 1);
        assert_eq!((none.kept("a"), none.bytes()), (None, 0));
    }
}
