//! `min_sequence`: from which sequence number on a read is to see its space.
//! Owns how it is written; waiting is the space's.

use std::fmt;

use schemars::JsonSchema;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};

use super::problem::{Code, Outcome, Refusal};
use super::token::{Of, Token};

/// The name of the member and of the query parameter.
pub const MIN_SEQUENCE: &str = "min_sequence";

/// How it is written, for those who write it otherwise.
const EXPECTED: &str = "must be a sequence number as answers give it, such as default:5f0c9a1e.42";
/// What to do with one of another history.
const RESTART: &str = "read what was written, and write again what is not there";

/// A sequence number a read must not be behind, as writes and answers name it;
/// or 0, which none is.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema)]
#[schemars(untagged, example = "default:0")]
pub enum AtLeast {
    /// A number alone: 0.
    Number(u64),
    /// What an answer named, with or without its space in front.
    Token(String),
}

impl AtLeast {
    /// What the text of a header or a query parameter says.
    pub fn read(text: &str) -> Outcome<Self> {
        let read = Self::Token(text.to_owned());
        read.token().ok_or_else(wrong)?;
        Ok(read)
    }

    fn token(&self) -> Option<Token<'_>> {
        match self {
            Self::Number(sequence) => Some(Token::number(*sequence)),
            Self::Token(text) => Token::parse(text.trim()),
        }
    }

    /// The number, where it is one of this space and its history.
    pub fn in_space(&self, of: Of<'_>) -> Outcome<u64> {
        let token = self.token().ok_or_else(wrong)?;
        token.sequence(of, &format!("/{MIN_SEQUENCE}"), RESTART)
    }
}

fn wrong() -> Refusal {
    Refusal::at(Code::InvalidRequest, format!("/{MIN_SEQUENCE}"), EXPECTED)
}

// An untagged enum would not say what is expected.
impl<'de> Deserialize<'de> for AtLeast {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AtLeastVisitor;
        impl Visitor<'_> for AtLeastVisitor {
            type Value = AtLeast;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a sequence number as answers give it, such as \"default:5f0c9a1e.42\"")
            }
            fn visit_u64<E>(self, number: u64) -> Result<AtLeast, E> {
                Ok(AtLeast::Number(number))
            }
            fn visit_i64<E: Error>(self, number: i64) -> Result<AtLeast, E> {
                let number = u64::try_from(number).map_err(|_below| E::custom(EXPECTED))?;
                Ok(AtLeast::Number(number))
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<AtLeast, E> {
                AtLeast::read(text).map_err(|_refusal| E::custom(EXPECTED))
            }
        }
        deserializer.deserialize_any(AtLeastVisitor)
    }
}

#[cfg(test)]
mod tests {
    use tandem_index::witness::History;

    use super::AtLeast;
    use crate::wire::token::Of;

    #[test]
    fn tokens_and_zero_are_read_and_nothing_else() {
        let of = Of {
            space: "default",
            history: History::of(0x2a),
        };
        let good = [
            ("0000002a.42", 42),
            (" default:0000002a.7 ", 7),
            ("default:0", 0),
        ];
        for (text, sequence) in good {
            let read = AtLeast::read(text).unwrap();
            assert_eq!(read.in_space(of).unwrap(), sequence, "{text}");
        }
        for text in ["", "x", "-1", "1.5", "default:", ":x", "+1"] {
            assert!(AtLeast::read(text).is_err(), "{text}");
        }
        for text in ["other:0000002a.1", "42", "default:0000002b.1"] {
            assert!(AtLeast::read(text).unwrap().in_space(of).is_err(), "{text}");
        }
        let number: AtLeast = serde_json::from_str("0").unwrap();
        assert_eq!(number.in_space(of).unwrap(), 0);
        assert!(serde_json::from_str::<AtLeast>("-1").is_err());
        assert!(serde_json::from_str::<AtLeast>("[1]").is_err());
    }
}
