//! A trie over words' keys. Owns the hashing; knows nothing of texts or rules.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::analysis::TermKey;
use crate::hash::KeyFilter;

/// The rule of one spelling of a skill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    /// Only as written (or all in capitals).
    pub(super) case: bool,
    /// How much the neighbourhood has to say.
    pub(super) needs: Needs,
}

/// What a spelling needs around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Needs {
    /// Nothing: it means the skill wherever it stands.
    Nothing,
    /// A list, a cue word or a technical skill close by.
    Context,
    /// A technical skill close by.
    Technology,
}

/// One spelling of a skill.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spelling {
    /// The skill's number; 0 for a phrase that is no skill.
    pub(super) skill: u32,
    /// As written in the data file, without marks.
    pub(super) text: &'static str,
    pub(super) rule: Rule,
}

const ROOT: u32 = 0;

/// Words' keys to spellings.
#[derive(Debug, Default)]
pub(super) struct Trie {
    /// All edges: most words of a text have none.
    known: KeyFilter,
    edges: HashMap<(u32, u64), u32, BuildHasherDefault<EdgeHasher>>,
    /// Spellings by node, the least demanding first, until all are in.
    ends: Vec<Vec<Spelling>>,
    /// The same one behind the other, and where each node's begin.
    spellings: Vec<Spelling>,
    starts: Vec<u32>,
}

impl Trie {
    pub(super) fn insert(&mut self, keys: impl Iterator<Item = TermKey>, spelling: Spelling) {
        if self.ends.is_empty() {
            self.ends.push(Vec::new());
        }
        let mut node = ROOT;
        for key in keys {
            let free = self.ends.len() as u32;
            node = *self.edges.entry((node, key.0)).or_insert(free);
            if node == free {
                self.ends.push(Vec::new());
            }
        }
        if node != ROOT {
            let held = &mut self.ends[node as usize];
            held.push(spelling);
            held.sort_by_key(|spelling| (spelling.rule.needs, spelling.rule.case));
        }
    }

    /// Gets ready for texts: all spellings are in.
    pub(super) fn finish(&mut self) {
        let edges = self.edges.keys().map(|(node, key)| mixed(*node, *key));
        self.known = KeyFilter::of(edges);
        self.starts.push(0);
        for held in std::mem::take(&mut self.ends) {
            self.spellings.extend(held);
            self.starts.push(self.spellings.len() as u32);
        }
    }

    /// Where a path starts.
    pub(super) fn root() -> u32 {
        ROOT
    }

    /// The node after `node` by this word.
    pub(super) fn next(&self, node: u32, key: TermKey) -> Option<u32> {
        let known = self.known.may_have(mixed(node, key.0));
        known
            .then(|| self.edges.get(&(node, key.0)).copied())
            .flatten()
    }

    /// The node of a whole path.
    pub(super) fn walk(&self, keys: impl Iterator<Item = TermKey>) -> Option<u32> {
        let mut node = ROOT;
        for key in keys {
            node = self.next(node, key)?;
        }
        Some(node)
    }

    /// The spellings that end at a node.
    pub(super) fn spellings(&self, node: u32) -> &[Spelling] {
        let start = |at: usize| self.starts.get(at).map(|start| *start as usize);
        let at = node as usize;
        let range = start(at).zip(start(at + 1));
        let held = range.and_then(|(from, end)| self.spellings.get(from..end));
        held.unwrap_or(&[])
    }
}

// An edge as the filter knows it.
fn mixed(node: u32, key: u64) -> u64 {
    let mixed = (key ^ u64::from(node) << 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^ mixed >> 32
}

/// Keys are hashes already: one multiplication spreads node and key.
#[derive(Debug, Default)]
pub(super) struct EdgeHasher(u64);

impl Hasher for EdgeHasher {
    fn finish(&self) -> u64 {
        // The table takes its buckets from the low bits and its tags from the
        // high ones, so both have to depend on everything.
        self.0 ^ (self.0 >> 32)
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(u64::from(byte));
        }
    }

    fn write_u32(&mut self, value: u32) {
        self.write_u64(u64::from(value));
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = (self.0.rotate_left(23) ^ value).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}
