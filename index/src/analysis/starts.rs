//! Which pieces of a text are worth reading for some words. Owns the shortcut
//! alone: what is read is read by the rules of `scan`.

/// First two letters of words that are looked for. A piece of ASCII text in which
/// no word begins like that holds none of them.
#[derive(Clone, Debug)]
pub struct Starts([u128; 128]);

impl Default for Starts {
    fn default() -> Self {
        Self([0; 128])
    }
}

// Signs that may stand behind a word's first letter and are no part of it, or
// that make it one with what follows: `U.S`, `e-mail`, `R&D`, `d'or`, `1,000`.
const SIGNS: [u8; 8] = [b'.', b'\'', b'-', b',', b'&', b'/', b'+', b'#'];

impl Starts {
    /// Looks for a folded word too.
    pub fn add_word(&mut self, word: &str) {
        let [first, rest @ ..] = word.as_bytes() else {
            return;
        };
        let Some(seconds) = self.0.get_mut(usize::from(*first)) else {
            return;
        };
        match rest.first() {
            Some(second) if second.is_ascii() => {
                *seconds |= 1 << second;
                for sign in SIGNS {
                    *seconds |= 1 << sign;
                }
            }
            // Of one letter; what is not ASCII is in no such piece.
            Some(_) => {}
            None => *seconds = u128::MAX,
        }
    }

    /// Looks for words of a language's folded stem too. Stemmers leave the first
    /// two letters, but for `dying`, `lying`, `tying`, and the Dutch `ge`.
    pub fn add_stem(&mut self, language: &str, stem: &str) {
        self.add_word(stem);
        if language == "nl" {
            self.add_word("ge");
        }
        if let [first, b'i', ..] = stem.as_bytes()
            && let Some(seconds) = self.0.get_mut(usize::from(*first))
        {
            *seconds |= 1 << b'y';
        }
    }

    /// Whether a piece without blanks, in ASCII, may hold one of the words. Never
    /// false for one that does.
    pub(super) fn may_be_in(&self, piece: &[u8]) -> bool {
        let mut inside = false;
        for (at, byte) in piece.iter().enumerate() {
            let letter = byte.is_ascii_alphanumeric();
            if (letter && !inside) || *byte == b'.' {
                let seconds = self.0[usize::from(byte.to_ascii_lowercase() & 0x7f)];
                let found = match piece.get(at + 1) {
                    Some(next) => seconds >> (next.to_ascii_lowercase() & 0x7f) & 1 == 1,
                    None => seconds == u128::MAX,
                };
                if found {
                    return true;
                }
            }
            inside = letter;
        }
        false
    }
}
