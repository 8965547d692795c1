//! Patterns of words: all that are at most so many edits away from one, or
//! begin with something that is. Owns the automata; which words are worth
//! looking for is the engine's.

use std::fmt;
use std::sync::LazyLock;

use levenshtein_automata::{DFA, Distance, LevenshteinAutomatonBuilder, SINK_STATE};
use tantivy_fst::Automaton;

/// Letters of the longest pattern: an automaton grows with its word.
pub const PATTERN_LETTERS_MAX: usize = 32;

// Building the tables takes milliseconds and is done once.
static ONE: LazyLock<LevenshteinAutomatonBuilder> =
    LazyLock::new(|| LevenshteinAutomatonBuilder::new(1, true));
static TWO: LazyLock<LevenshteinAutomatonBuilder> =
    LazyLock::new(|| LevenshteinAutomatonBuilder::new(2, true));

/// Words at most one or two edits away from a word. An edit is a letter more,
/// less, other, or two neighbours swapped.
pub struct Pattern {
    word: DFA,
    // The first letter's bytes, where it must be kept.
    first: Vec<u8>,
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pattern")
            .field("states", &self.word.num_states())
            .field("first", &self.first)
            .finish()
    }
}

/// How far a pattern has read: the automaton's state, and the bytes so far as
/// long as the first letter is not over.
#[derive(Clone, Copy, Debug)]
pub struct State {
    at: u32,
    bytes: u8,
}

impl Pattern {
    /// Words one edit away, or two with the first letter kept. `None` for words
    /// of more than `PATTERN_LETTERS_MAX` letters.
    pub fn new(word: &str, edits: u8) -> Option<Self> {
        Self::checked(word, edits, false)
    }

    /// Words that begin with something one edit away, or two with the first letter
    /// kept. `None` as for `new`.
    pub fn beginning(word: &str, edits: u8) -> Option<Self> {
        Self::checked(word, edits, true)
    }

    fn checked(word: &str, edits: u8, beginning: bool) -> Option<Self> {
        if word.chars().count() > PATTERN_LETTERS_MAX {
            return None;
        }
        let builder = if edits < 2 { &ONE } else { &TWO };
        let first = word.chars().next().filter(|_| edits > 1);
        Some(Self {
            word: if beginning {
                builder.build_prefix_dfa(word)
            } else {
                builder.build_dfa(word)
            },
            first: first.map_or_else(Vec::new, |first| first.to_string().into_bytes()),
        })
    }

    /// How many edits a term is away, if it is taken.
    pub fn edits(&self, term: &str) -> Option<u8> {
        self.read(term).ok().flatten()
    }

    /// How many edits a term is away, if it is taken; or after how many of its
    /// bytes nothing can be taken any more.
    pub(super) fn read(&self, term: &str) -> Result<Option<u8>, usize> {
        let mut state = self.start();
        for (at, byte) in term.bytes().enumerate() {
            state = self.accept(&state, byte);
            if !self.can_match(&state) {
                return Err(at + 1);
            }
        }
        Ok(match self.word.distance(state.at) {
            Distance::Exact(edits) => Some(edits),
            Distance::AtLeast(_) => None,
        })
    }
}

impl Automaton for Pattern {
    type State = State;

    fn start(&self) -> State {
        State {
            at: self.word.initial_state(),
            bytes: 0,
        }
    }

    fn is_match(&self, state: &State) -> bool {
        matches!(self.word.distance(state.at), Distance::Exact(_))
    }

    fn can_match(&self, state: &State) -> bool {
        state.at != SINK_STATE
    }

    fn accept(&self, state: &State, byte: u8) -> State {
        let bytes = usize::from(state.bytes);
        if bytes < self.first.len() {
            return State {
                at: if self.first[bytes] == byte {
                    self.word.transition(state.at, byte)
                } else {
                    SINK_STATE
                },
                bytes: state.bytes + 1,
            };
        }
        State {
            at: self.word.transition(state.at, byte),
            ..*state
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_letters_more_less_other_and_swapped() {
        let cases = [
            ("enginer", 1, "engineer", Some(1)),
            ("enigneer", 1, "engineer", Some(1)),
            ("engineer", 1, "engineer", Some(0)),
            ("enginer", 1, "engine", Some(1)),
            ("enginer", 1, "ensign", None),
            ("kuberentse", 2, "kubernetes", Some(2)),
            ("ubernetes", 2, "kubernetes", None),
            ("zimmrer", 1, "zimmerer", Some(1)),
            ("мендежер", 1, "менджер", Some(1)),
            ("менджер", 2, "менежер", Some(1)),
        ];
        for (word, edits, term, expected) in cases {
            let pattern = Pattern::new(word, edits).unwrap();
            assert_eq!(pattern.edits(term), expected, "{word} {term}");
        }
        assert!(Pattern::new(&"a".repeat(33), 1).is_none());
    }

    #[test]
    fn a_beginning_takes_whatever_follows() {
        let pattern = Pattern::beginning("enigne", 1).unwrap();
        for (term, taken) in [("engineering", true), ("enigma", false), ("nurse", false)] {
            assert_eq!(pattern.edits(term).is_some(), taken, "{term}");
        }
    }
}
