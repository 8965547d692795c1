//! How well facts are read: labels of judged documents against what the readers
//! of `tandem_index::facts` found. Owns the rules of matching and the counts;
//! reads no file, prints no table. The rules stand in judged/facts/README.md.

mod labels;
mod said;

use std::collections::BTreeMap;

use tandem_index::facts::{Fact, Need, Prose};

pub use labels::{Half, Label, Labelled, LabelsError, parse};
use said::{Said, by_statement, said, same};

/// Counts of one field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Labels there are.
    pub labels: u64,
    /// Labels that were found.
    pub found: u64,
    /// Facts that were read.
    pub read: u64,
    /// Facts that are right.
    pub right: u64,
    /// Right facts of which label and reader say how much they are wanted.
    pub needs: u64,
    /// Those of them of which they say the same.
    pub needs_right: u64,
}

impl Counts {
    /// The share of facts read that are right; `None` where none was read.
    pub fn precision(&self) -> Option<f64> {
        share(self.right, self.read)
    }

    /// The share of labels found; `None` where there is none.
    pub fn recall(&self) -> Option<f64> {
        share(self.found, self.labels)
    }

    /// The harmonic mean of both; `None` where there are neither labels nor facts.
    pub fn f1(&self) -> Option<f64> {
        if self.labels == 0 && self.read == 0 {
            return None;
        }
        let precision = self.precision().unwrap_or_default();
        let recall = self.recall().unwrap_or_default();
        let sum = precision + recall;
        Some(if sum > 0.0 {
            2.0 * precision * recall / sum
        } else {
            0.0
        })
    }

    /// The share of needs told right.
    pub fn need(&self) -> Option<f64> {
        share(self.needs_right, self.needs)
    }
}

fn share(part: u64, of: u64) -> Option<f64> {
    (of > 0).then(|| part as f64 / of as f64)
}

/// A label that was not found, or a fact that is not right.
#[derive(Clone, Debug, PartialEq)]
pub struct Miss {
    /// The field.
    pub field: String,
    /// A fact that was read, and wrongly; else a label.
    pub wrong: bool,
    /// The value.
    pub value: String,
    /// Its bytes in the titled text.
    pub span: Option<(u32, u32)>,
}

/// Counts of every field of one sort of text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    /// By field.
    pub fields: BTreeMap<String, Counts>,
    /// Documents counted.
    pub documents: u64,
}

// A label as it is compared.
struct Wanted<'a> {
    field: &'a str,
    value: &'a str,
    need: Option<Need>,
    span: Option<(u32, u32)>,
}

impl<'a> Wanted<'a> {
    fn of(prose: Prose, label: &'a Label) -> Self {
        let (field, level) = match label.field.split_once('.') {
            Some(("skill", level)) => ("skill", Some(level)),
            _ => (label.field.as_str(), None),
        };
        let bare = label.value.trim_end_matches('?');
        let need = match (prose, field, level) {
            (Prose::Ad, "skill", Some("required")) => Some(Need::Required),
            (Prose::Ad, "skill", Some("preferred")) => Some(Need::Preferred),
            (Prose::Ad, "skill", Some(_)) => Some(Need::Used),
            (Prose::Ad, "education" | "certificate" | "language", _) => {
                let preferred = bare.len() < label.value.len();
                Some(if preferred {
                    Need::Preferred
                } else {
                    Need::Required
                })
            }
            _ => None,
        };
        Self {
            field,
            value: bare,
            need,
            span: label.span,
        }
    }
}

impl Tally {
    /// Counts a document: its titled text, its labels, and what was read from it.
    /// Returns what was missed.
    pub fn add(&mut self, text: &str, prose: Prose, labels: &[Label], facts: &[Fact]) -> Vec<Miss> {
        self.documents += 1;
        let wanted: Vec<Wanted> = labels
            .iter()
            .map(|label| Wanted::of(prose, label))
            .collect();
        let lower = text.to_ascii_lowercase();
        let mut said = said(text, prose, facts);
        for one in &mut said {
            if !by_statement(prose, one.field) || matches!(one.field, "position" | "dates") {
                add_mentions(&lower, &mut one.spans);
            }
        }
        let mut misses = Vec::new();
        for label in &wanted {
            let counts = self.fields.entry(label.field.to_owned()).or_default();
            counts.labels += 1;
            if said.iter().any(|one| fits(prose, label, one)) {
                counts.found += 1;
            } else {
                misses.push(Miss {
                    field: label.field.to_owned(),
                    wrong: false,
                    value: label.value.to_owned(),
                    span: label.span,
                });
            }
        }
        for one in &said {
            let counts = self.fields.entry(one.field.to_owned()).or_default();
            counts.read += 1;
            let fitting = || wanted.iter().filter(|label| fits(prose, label, one));
            if fitting().next().is_none() {
                misses.push(Miss {
                    field: one.field.to_owned(),
                    wrong: true,
                    value: one.value.clone(),
                    span: one.spans.first().copied(),
                });
                continue;
            }
            counts.right += 1;
            if let Some(need) = one.need
                && fitting().any(|label| label.need.is_some())
            {
                counts.needs += 1;
                counts.needs_right += u64::from(fitting().any(|label| label.need == Some(need)));
            }
        }
        misses
    }
}

fn fits(prose: Prose, label: &Wanted, said: &Said) -> bool {
    let meets = |span: (u32, u32)| {
        let overlap = |one: &(u32, u32)| one.0 < span.1 && span.0 < one.1;
        said.spans.iter().any(overlap)
    };
    // A person's years are counted from the whole of a CV.
    let whole = prose == Prose::Cv && label.field == "years";
    label.field == said.field
        && (whole || label.span.is_none_or(meets))
        && same(prose, label.field, label.value, &said.value)
}

// Labels mark one mention of a thing that a text names several times, so the
// same words elsewhere count as its mentions too.
fn add_mentions(lower: &str, spans: &mut Vec<(u32, u32)>) {
    let inside = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
    let mut more = Vec::new();
    for (start, end) in spans.iter() {
        let Some(words) = lower.get(*start as usize..*end as usize) else {
            continue;
        };
        if words.trim().is_empty() {
            continue;
        }
        for (at, _) in lower.match_indices(words) {
            let before = lower.get(..at).and_then(|text| text.chars().next_back());
            let behind = lower.get(at + words.len()..);
            let behind = behind.and_then(|text| text.chars().next());
            if !inside(before) && !inside(behind) {
                more.push((at as u32, (at + words.len()) as u32));
            }
        }
    }
    spans.extend(more);
}

#[cfg(test)]
mod tests;
