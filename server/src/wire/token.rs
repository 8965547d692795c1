//! Tokens: a sequence number with the space and the history of documents it is
//! of, `default:5f0c9a1e.42`. Owns how they are written and read, and that none of
//! another history is ever taken for one of this.

use tandem_index::witness::History;

use super::problem::{Code, Outcome, Refusal};

/// What a token is of, and what was done where it is of another history.
#[derive(Clone, Copy, Debug)]
pub struct Of<'a> {
    /// Name of the space.
    pub space: &'a str,
    /// The history of the server's documents.
    pub history: History,
}

impl Of<'_> {
    /// The token of a sequence number.
    pub fn token(self, sequence: u64) -> String {
        format!("{}:{}.{sequence}", self.space, self.history)
    }
}

/// A token's parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    space: Option<&'a str>,
    history: Option<History>,
    sequence: u64,
}

impl<'a> Token<'a> {
    /// Reads `default:5f0c9a1e.42`, with or without its space, or a number alone.
    pub fn parse(text: &'a str) -> Option<Self> {
        let (space, rest) = match text.rsplit_once(':') {
            Some((space, rest)) => (Some(space), rest),
            None => (None, text),
        };
        let (history, number) = match rest.rsplit_once('.') {
            Some((history, number)) => (Some(self::history(history)?), number),
            None => (None, rest),
        };
        let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        Some(Self {
            space,
            history,
            sequence: number.parse().ok().filter(|_| digits)?,
        })
    }

    /// A number alone.
    pub fn number(sequence: u64) -> Self {
        Self {
            space: None,
            history: None,
            sequence,
        }
    }

    /// The sequence number, where it is one of this space and of its history.
    /// A number alone may be of any history: only 0, before everything, is the same
    /// in all of them. `restart` is what to do with one of another.
    pub fn sequence(self, of: Of<'_>, pointer: &str, restart: &str) -> Outcome<u64> {
        let refused = |code, detail: String| Err(Refusal::at(code, pointer, detail));
        match (self.space, self.history) {
            (Some(space), _) if space != of.space => {
                let detail = format!("is of the space {space}, and the key opens {}", of.space);
                refused(Code::InvalidRequest, detail)
            }
            (_, None) if self.sequence > 0 => {
                let detail = format!(
                    "a number alone does not say of which history of the documents it is; send all of it, as it was answered: {}:HISTORY.{}. Without that: {restart}",
                    of.space, self.sequence
                );
                refused(Code::OtherHistory, detail)
            }
            (_, Some(history)) if history != of.history => {
                let detail = format!(
                    "is of the history {history} of the documents, and here is {}: this is another server, or it was restored from a backup or lost files, and what was written there may not be here; {restart}",
                    of.history
                );
                refused(Code::OtherHistory, detail)
            }
            (_, Some(_) | None) => Ok(self.sequence),
        }
    }
}

fn history(text: &str) -> Option<History> {
    let is_one = text.len() == 8
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    let number = u32::from_str_radix(text, 16).ok().filter(|_| is_one)?;
    std::num::NonZeroU32::new(number).map(History)
}

#[cfg(test)]
mod tests {
    use tandem_index::witness::History;

    use super::{Of, Token};
    use crate::wire::problem::Code;

    #[test]
    fn a_token_is_of_its_space_and_history_alone() {
        let of = Of {
            space: "a:b",
            history: History::of(0x2a),
        };
        assert_eq!(of.token(7), "a:b:0000002a.7");
        let read = |text: &str| {
            let token = Token::parse(text)?;
            let read = token.sequence(of, "/after", "export again");
            Some(read.map_err(|refusal| refusal.code))
        };
        let good = [
            ("a:b:0000002a.7", 7),
            ("0000002a.7", 7),
            ("0000002a.18446744073709551615", u64::MAX),
            ("a:b:0000002a.0", 0),
            // Before everything there is one state in every history.
            ("0", 0),
            ("a:b:0", 0),
        ];
        for (text, sequence) in good {
            assert_eq!(read(text), Some(Ok(sequence)), "{text}");
        }
        let refused = [
            ("7", Code::OtherHistory),
            ("a:b:7", Code::OtherHistory),
            ("a:b:0000002b.7", Code::OtherHistory),
            ("0000002b.0", Code::OtherHistory),
            ("b:0000002a.7", Code::InvalidRequest),
        ];
        for (text, code) in refused {
            assert_eq!(read(text), Some(Err(code)), "{text}");
        }
        for text in [
            "",
            "x",
            "-1",
            "+1",
            "1.5",
            "a:b:",
            ".7",
            "2a.7",
            "0000002A.7",
            "00000000.7",
            "0000002a.",
            "0000002a.-1",
            "0000002a.18446744073709551616",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
