//! Values as people write them, read: each module owns one sort. None guesses
//! where a value can mean two things; it says what would tell.

pub(super) mod date;
pub(super) mod html;
pub(super) mod list;
pub(super) mod money;
pub(super) mod number;
pub(super) mod pay;
pub(super) mod place;
pub(super) mod words;

/// Why a value cannot be read. Says nothing of the value itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) code: &'static str,
    pub(super) what: String,
}

impl Fault {
    pub(super) fn new(code: &'static str, what: impl Into<String>) -> Self {
        Self {
            code,
            what: what.into(),
        }
    }
}
