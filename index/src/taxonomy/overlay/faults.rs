//! What is wrong with an overlay. Owns how it is said; every fault is, up to a
//! hundred.

use std::fmt;

use super::super::spelling;
use super::NAME_BYTES_MAX;

/// More faults than these are not told one by one.
const FAULTS_MAX: usize = 100;

/// What is wrong with an overlay, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// `links[2].others[0]`; empty where the whole cannot be read.
    pub at: String,
    /// What is wrong.
    pub text: String,
    /// What was meant, where that can be guessed.
    pub meant: Option<String>,
}

impl Fault {
    /// The place as a JSON pointer: `/links/2/others/0`.
    pub fn pointer(&self) -> String {
        if self.at.is_empty() {
            return String::new();
        }
        let place = self.at.replace('~', "~0").replace('/', "~1");
        format!("/{}", place.replace(['.', '['], "/").replace(']', ""))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.at.is_empty() {
            write!(f, "{}: ", self.at)?;
        }
        f.write_str(&self.text)?;
        match &self.meant {
            Some(meant) => write!(f, "; did you mean `{meant}`?"),
            None => Ok(()),
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Faults {
    pub(super) list: Vec<Fault>,
}

impl Faults {
    pub(super) fn add(&mut self, at: &str, text: impl Into<String>) {
        self.add_meant(at, text, None);
    }

    pub(super) fn add_meant(&mut self, at: &str, text: impl Into<String>, meant: Option<String>) {
        if self.list.len() < FAULTS_MAX {
            self.list.push(Fault {
                at: at.to_owned(),
                text: text.into(),
                meant,
            });
        }
    }

    /// Whether no more are told: what a name was meant to be is slow to find.
    pub(super) fn is_full(&self) -> bool {
        self.list.len() >= FAULTS_MAX
    }

    pub(super) fn count(&mut self, at: &str, count: usize, most: usize) {
        if count > most {
            self.add(at, format!("{count} of them, {most} are the most"));
        }
    }

    pub(super) fn name(&mut self, at: &str, name: &str) {
        if spelling(name).is_empty() {
            self.add(at, "is empty");
        } else if name.len() > NAME_BYTES_MAX {
            self.add(
                at,
                format!("{} bytes, {NAME_BYTES_MAX} are the most", name.len()),
            );
        }
    }
}

/// What a name was probably meant to be.
pub(super) fn alike<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<String> {
    let typed = spelling(name);
    let edits_max = if typed.chars().count() < 6 { 1 } else { 2 };
    let near = known
        .map(|known| (strsim::osa_distance(&spelling(known), &typed), known))
        .filter(|(edits, _)| *edits <= edits_max)
        .min();
    near.map(|(_, known)| known.to_owned())
}
