//! `min_sequence`: from which sequence number on a read is to see its space.
//! Owns how it is written; waiting is the space's.

use std::fmt;

use schemars::JsonSchema;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};

use super::problem::{Code, Outcome, Refusal};

/// The name of the member and of the query parameter.
pub const MIN_SEQUENCE: &str = "min_sequence";

/// How it is written, for those who write it otherwise.
const EXPECTED: &str =
    "must be a sequence number, or one with its space as answers give it: 42 or default:42";

/// A sequence number a read must not be behind: `42`, or `default:42` as
/// writes and answers name it.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema)]
#[schemars(untagged, example = "default:0")]
pub enum AtLeast {
    /// The number alone.
    Number(u64),
    /// The number, with or without its space in front.
    Token(String),
}

impl AtLeast {
    /// What the text of a header or a query parameter says.
    pub fn read(text: &str) -> Outcome<Self> {
        let read = Self::Token(text.to_owned());
        read.parts().ok_or_else(wrong)?;
        Ok(read)
    }

    fn parts(&self) -> Option<(Option<&str>, u64)> {
        match self {
            Self::Number(sequence) => Some((None, *sequence)),
            Self::Token(text) => match text.trim().rsplit_once(':') {
                Some((space, number)) => Some((Some(space), digits(number)?)),
                None => Some((None, digits(text.trim())?)),
            },
        }
    }

    /// The number, where it is one of this space.
    pub fn in_space(&self, name: &str) -> Outcome<u64> {
        match self.parts() {
            None => Err(wrong()),
            Some((Some(space), _)) if space != name => {
                let detail = format!("is of the space {space}, and the key opens {name}");
                Err(Refusal::at(
                    Code::InvalidRequest,
                    format!("/{MIN_SEQUENCE}"),
                    detail,
                ))
            }
            Some((_, sequence)) => Ok(sequence),
        }
    }
}

fn digits(text: &str) -> Option<u64> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
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
                f.write_str("a sequence number, or one with its space: 42 or \"default:42\"")
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
    use super::AtLeast;

    #[test]
    fn numbers_and_tokens_are_read_and_nothing_else() {
        let good = [
            ("42", 42),
            (" 7 ", 7),
            ("default:0", 0),
            ("default:18446744073709551615", u64::MAX),
        ];
        for (text, sequence) in good {
            let read = AtLeast::read(text).unwrap();
            assert_eq!(read.in_space("default").unwrap(), sequence, "{text}");
        }
        for text in [
            "",
            "x",
            "-1",
            "1.5",
            "default:",
            ":x",
            "18446744073709551616",
            "+1",
        ] {
            assert!(AtLeast::read(text).is_err(), "{text}");
        }
        assert!(
            AtLeast::read("other:1")
                .unwrap()
                .in_space("default")
                .is_err()
        );
        // Names of spaces may have colons; numbers have none.
        assert_eq!(AtLeast::read("a:b:3").unwrap().in_space("a:b").unwrap(), 3);
        let number: AtLeast = serde_json::from_str("42").unwrap();
        assert_eq!(number, AtLeast::Number(42));
        assert!(serde_json::from_str::<AtLeast>("-1").is_err());
        assert!(serde_json::from_str::<AtLeast>("[1]").is_err());
    }
}
