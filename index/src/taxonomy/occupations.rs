//! Occupations and how a job title is read as one. Owns the steps from a title
//! to an occupation and how sure each is; knows nothing of documents.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::data::{Alternate, HAND_WEIGHT, TABLE, Table};
use super::model::{Model, Sample};
use super::words::{Title, Word, bag};
use crate::hash::PlainHash;

static BUILTIN: LazyLock<Occupations> = LazyLock::new(|| Occupations::of(&TABLE, |_| true));

/// A title that stands for more occupations than this says nothing.
const SHARED_MAX: usize = 8;

/// An occupation's place among all; stable for one release of the data. What
/// is kept is its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OccupationId(pub u16);

/// A group of occupations of the SOC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    /// `15-0000` is a major group, `15-1200` a minor one.
    pub code: &'static str,
    /// `Computer Occupations`.
    pub name: &'static str,
}

/// One occupation of O*NET.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occupation {
    /// O*NET-SOC code: `15-1252.00`.
    pub code: &'static str,
    /// `Software Developers`.
    pub title: &'static str,
    /// Job zone, 1 (little preparation) to 5 (extensive).
    pub zone: Option<u8>,
    /// What most workers say is required, 1 (no diploma) to 12 (post-doctoral);
    /// 2 school, 5 associate, 6 bachelor, 8 master, 11 doctor. Where nobody was
    /// asked, what its job zone says is usual.
    pub education: Option<u8>,
    /// Occupations close to it, nearest first.
    pub related: Vec<OccupationId>,
}

/// How a title was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// The whole title is known.
    Title,
    /// Known without its words of level.
    Plain,
    /// A part of it is known: `Account Manager` of `Account Manager - Remote`.
    Part,
    /// Its words fit best.
    Words,
}

/// The occupation of a title.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named {
    /// Which.
    pub occupation: OccupationId,
    /// Percent.
    pub sure: u8,
    /// By what.
    pub how: How,
}

#[derive(Clone, Copy, Debug)]
struct Known {
    occupation: OccupationId,
    weight: u16,
}

/// All occupations and the titles they go by.
#[derive(Debug)]
pub struct Occupations {
    table: &'static Table,
    /// By the bag of a title's words: where its occupations stand.
    titles: HashMap<u64, (u32, u32), PlainHash>,
    known: Vec<Known>,
    model: Model,
}

impl Occupations {
    /// The occupations that come with the server.
    pub fn builtin() -> &'static Self {
        &BUILTIN
    }

    /// Occupations that know the titles of a table that `keep` keeps.
    pub(super) fn of(table: &'static Table, keep: impl Fn(&Alternate) -> bool) -> Self {
        let mut exact: Vec<(u64, OccupationId, u16)> = Vec::new();
        let mut sample = Sample::default();
        for alternate in table.titles.iter().filter(|alternate| keep(alternate)) {
            let title = Title::read(alternate.title);
            let all = 0..u8::MAX;
            let plain: Vec<Word> = title.of(all.clone(), false).collect();
            let whole = bag(title.of(all.clone(), true));
            // One word without its level says too little: `Operations Intern`.
            let stripped =
                bag(plain.iter().copied()).filter(|key| plain.len() > 1 && Some(*key) != whole);
            for (occupation, weight) in &alternate.occupations {
                exact.extend(whole.map(|key| (key, *occupation, weight * 2)));
                // `Senior Accountant` knows less of `Accountant` than that itself.
                exact.extend(stripped.map(|key| (key, *occupation, (*weight).min(4))));
            }
            sample.add(&learned(&title, plain), &shares(&alternate.occupations));
        }
        let (titles, known) = index(exact);
        Self {
            table,
            titles,
            known,
            model: sample.model(table.occupations.len()),
        }
    }

    /// The occupation a job title means; none where it is not clear enough.
    pub fn of_title(&self, title: &str) -> Option<Named> {
        self.ranked(title, 1)
            .into_iter()
            .next()
            .filter(|named| named.sure >= SURE_MIN)
    }

    /// The likeliest occupations of a title, best first, however unsure.
    pub fn ranked(&self, title: &str, limit: usize) -> Vec<Named> {
        let title = Title::read(title);
        let plain: Vec<Word> = learned(&title, title.of(0..u8::MAX, false).collect());
        if plain.is_empty() {
            return Vec::new();
        }
        let exact = self.exact(&title);
        if let Some((known, how, true)) = exact {
            return self.of_known(known, how, &plain, limit);
        }
        let mut scored = self.model.score(&plain, limit.max(SECOND_LOOK));
        self.lift_runs(&title, &mut scored);
        let mut scored = from_words(&scored);
        if let Some((known, how, _)) = exact {
            // A general title with more beside it: what fits the whole may say more.
            let general = self.of_known(known, how, &plain, limit);
            if scored.first().is_none_or(|best| best.sure < GENERAL_SURE) {
                scored.splice(0..0, general);
            } else {
                scored.extend(general);
            }
            dedup(&mut scored);
        }
        scored.truncate(limit);
        scored
    }

    /// A known title among the ways to read this one, how it was found, and
    /// whether it needs no second thought.
    fn exact(&self, title: &Title) -> Option<(&[Known], How, bool)> {
        let all = 0..u8::MAX;
        let parts = title.parts();
        if let Some(known) = self.known(title.of(all.clone(), true)) {
            return Some((known, How::Title, true));
        }
        if let Some(known) = self.known(title.of(all, false)) {
            return Some((known, How::Plain, true));
        }
        if parts < 2 {
            return None;
        }
        for level in [true, false] {
            if let Some(known) = self.known(title.of(0..2, level)) {
                return Some((known, How::Part, true));
            }
        }
        for level in [true, false] {
            if let Some(known) = self.known(title.of(0..1, level)) {
                let words = title.of(0..1, false).count();
                let more = title
                    .of(1..u8::MAX, false)
                    .any(|word| self.model.knows(word));
                return Some((known, How::Part, words > 1 || !more));
            }
        }
        (1..parts).find_map(|part| {
            let words = title.of(part..part + 1, false).count();
            let known = self.known(title.of(part..part + 1, false))?;
            (words > 1).then_some((known, How::Part, false))
        })
    }

    /// Lifts the occupations of the longest known title among the words of the
    /// first part, of two the later one: `Occupational Therapist Reablement`,
    /// `Chief Data Scientist`.
    fn lift_runs(&self, title: &Title, scored: &mut [(OccupationId, f32)]) {
        let words: Vec<Word> = title.of(0..1, false).collect();
        let run = (2..words.len()).rev().find_map(|length| {
            let mut starts = (0..=words.len() - length).rev();
            starts.find_map(|at| {
                Some((
                    self.known(words[at..at + length].iter().copied())?,
                    at,
                    length,
                ))
            })
        });
        let Some((known, at, length)) = run else {
            return;
        };
        let total: f32 = known.iter().map(|known| f32::from(known.weight)).sum();
        let mut rest = words[..at].iter().chain(&words[at + length..]);
        let lift = if rest.all(|word| !self.model.knows(*word)) || total >= f32::from(HAND_WEIGHT) {
            RUN_LIFT
        } else {
            RUN_AMONG_OTHERS_LIFT
        };
        let part = lift * length as f32 / words.len() as f32;
        for (occupation, score) in scored.iter_mut() {
            let held = known.iter().find(|known| known.occupation == *occupation);
            *score += held.map_or(0.0, |held| part * f32::from(held.weight) / total.max(1.0));
        }
        scored.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    }

    fn known(&self, words: impl Iterator<Item = Word>) -> Option<&[Known]> {
        let (from, to) = *self.titles.get(&bag(words)?)?;
        self.known.get(from as usize..to as usize)
    }

    /// The occupations of a known title; what its words say decides between
    /// those it stands for alike.
    fn of_known(&self, known: &[Known], how: How, words: &[Word], limit: usize) -> Vec<Named> {
        let total: f32 = known.iter().map(|known| f32::from(known.weight)).sum();
        let mut ranked: Vec<(f32, OccupationId)> = known
            .iter()
            .map(|known| (f32::from(known.weight) / total.max(1.0), known.occupation))
            .collect();
        if ranked.len() > 1 {
            let said = self.model.score(words, 64);
            for (share, occupation) in &mut ranked {
                let said = said.iter().find(|(other, _)| other == occupation);
                *share += said.map_or(0.0, |(_, score)| *score) * 0.5;
            }
            ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        }
        let best: f32 = match how {
            How::Title => 97.0,
            How::Plain => 93.0,
            How::Part => 88.0,
            How::Words => 60.0,
        };
        let sum: f32 = ranked.iter().map(|(share, _)| *share).sum();
        let mut named: Vec<Named> = ranked
            .into_iter()
            .map(|(share, occupation)| Named {
                occupation,
                // Of two equal ones the first is right in half the cases.
                sure: (best * (share / sum.max(0.01)).sqrt().min(1.0)) as u8,
                how,
            })
            .collect();
        let clear = f32::from(known.first().map_or(0, |known| known.weight)) >= total / 2.0;
        if known.len() > SHARED_MAX && !clear {
            for named in &mut named {
                named.sure = named.sure.min(SURE_MIN - 1);
            }
        }
        named.truncate(limit);
        named
    }

    /// An occupation.
    pub fn get(&self, id: OccupationId) -> Option<&'static Occupation> {
        self.table.occupations.get(usize::from(id.0))
    }

    /// The occupation of a code, `15-1252.00` or `15-1252`.
    pub fn by_code(&self, code: &str) -> Option<OccupationId> {
        self.table.id(code)
    }

    /// The groups an occupation belongs to, the major one first.
    pub fn groups(&self, id: OccupationId) -> Vec<Group> {
        let Some(code) = self.get(id).map(|occupation| occupation.code) else {
            return Vec::new();
        };
        let codes = groups_of(code);
        let find = |code: &String| self.table.groups.iter().find(|group| group.code == code);
        codes.iter().filter_map(find).copied().collect()
    }

    /// All occupations by code.
    pub fn iter(&self) -> impl Iterator<Item = (OccupationId, &'static Occupation)> {
        let all = self.table.occupations.iter().enumerate();
        all.map(|(at, occupation)| (OccupationId(at as u16), occupation))
    }

    /// How many occupations there are.
    pub fn len(&self) -> usize {
        self.table.occupations.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.table.occupations.is_empty()
    }
}

/// Occupations of the best fit that a known title inside may lift.
const SECOND_LOOK: usize = 24;
/// What a known title that is nearly the whole adds to a score.
const RUN_LIFT: f32 = 0.5;
/// The same where the other words say something too and it is no usual title.
const RUN_AMONG_OTHERS_LIFT: f32 = 0.1;

/// Below this nothing is named.
pub(super) const SURE_MIN: u8 = 40;
/// From here on the best fit of all words beats a general title among them.
const GENERAL_SURE: u8 = 45;

/// The words that are looked at one by one: levels only where there is nothing
/// else.
fn learned(title: &Title, plain: Vec<Word>) -> Vec<Word> {
    if plain.is_empty() {
        return title.words.clone();
    }
    plain
}

fn shares(occupations: &[(OccupationId, u16)]) -> Vec<(OccupationId, f32)> {
    let total: f32 = occupations
        .iter()
        .map(|(_, weight)| f32::from(*weight))
        .sum();
    let share = |(id, weight): &(OccupationId, u16)| (*id, f32::from(*weight) / total.max(1.0));
    occupations.iter().map(share).collect()
}

/// A best fit's score as a percentage, as measured on titles held out.
fn from_words(scored: &[(OccupationId, f32)]) -> Vec<Named> {
    let best = scored.first().map_or(0.0, |(_, score)| *score);
    let second = scored.get(1).map_or(0.0, |(_, score)| *score);
    let margin = if best > 0.0 {
        (best - second) / best
    } else {
        0.0
    };
    scored
        .iter()
        .map(|(occupation, score)| Named {
            occupation: *occupation,
            sure: (90.0
                * (0.55 * score.min(1.0).sqrt() + 0.45 * margin)
                * (score / best.max(0.001))) as u8,
            how: How::Words,
        })
        .collect()
}

fn dedup(named: &mut Vec<Named>) {
    let mut seen = Vec::new();
    named.retain(|named| {
        let new = !seen.contains(&named.occupation);
        seen.push(named.occupation);
        new
    });
}

type Index = (HashMap<u64, (u32, u32), PlainHash>, Vec<Known>);

fn index(mut exact: Vec<(u64, OccupationId, u16)>) -> Index {
    exact.sort_unstable();
    let mut titles = HashMap::default();
    let mut known = Vec::new();
    for group in exact.chunk_by(|left, right| left.0 == right.0) {
        let from = known.len();
        for same in group.chunk_by(|left, right| left.1 == right.1) {
            known.push(Known {
                occupation: same[0].1,
                weight: same
                    .iter()
                    .fold(0, |sum, (_, _, weight)| weight.saturating_add(sum)),
            });
        }
        known[from..].sort_by_key(|known| (std::cmp::Reverse(known.weight), known.occupation));
        titles.insert(group[0].0, (from as u32, known.len() as u32));
    }
    (titles, known)
}

/// The codes of an occupation's major and minor group.
fn groups_of(code: &str) -> [String; 2] {
    let major = code.get(..2).unwrap_or("");
    let minor = match code.get(..5).unwrap_or("") {
        "15-12" | "31-11" | "51-51" => code.get(3..5).map(|two| format!("{two}00")),
        _ => code.get(3..4).map(|one| format!("{one}000")),
    };
    [
        format!("{major}-0000"),
        format!("{major}-{}", minor.unwrap_or_default()),
    ]
}
