//! The legs that walk postings: words of the text, and skills. Owns what a leg
//! knows of a row; which rows are chosen is `retrieve`'s.

use std::cell::RefCell;

use tandem_index::bits::Bits;
use tandem_index::document::Group;
use tandem_index::row::Posting;
use tandem_index::skills::SkillId;
use tandem_index::snapshot::Collection;
use tandem_index::taxonomy::CREDIT_WHOLE;
use tandem_index::terms::Terms;

use crate::query::{Alternative, GROUP_WEIGHTS, K1, Query, Word, skill_weight, skill_word};
use crate::retrieve::{At, Rows};
use crate::score::{WANTS_MIN, best_offers};

/// Demands of which less is met, in 1/256, are not looked for.
const CREDIT_MIN: u16 = 64;

/// Slot lists a thread keeps for its next query.
const KEPT_MAX: usize = 64;

/// What a text leg knows of a row: its score, and how many words it has.
#[derive(Clone, Copy, Default)]
struct Slot {
    score: f32,
    // The best alternative of the word seen last.
    best: f32,
    seen: u16,
    words: u16,
    // The word last seen in its title, and the part of the query's title seen there.
    titled: u16,
    title: u16,
}

/// A text leg over all segments.
pub struct TextLeg {
    slots: Vec<Vec<Slot>>,
    /// Postings read.
    pub postings: u64,
}

thread_local! {
    // Slots are as many as rows, and every query needs them: they are kept.
    static KEPT: RefCell<Vec<Vec<Slot>>> = const { RefCell::new(Vec::new()) };
}

fn cleared_slots(rows: usize) -> Vec<Slot> {
    let mut slots = KEPT.with_borrow_mut(|kept| kept.pop().unwrap_or_default());
    slots.clear();
    slots.resize(rows, Slot::default());
    slots
}

impl Drop for TextLeg {
    fn drop(&mut self) {
        KEPT.with_borrow_mut(|kept| {
            kept.append(&mut self.slots);
            kept.truncate(KEPT_MAX);
        });
    }
}

/// The living rows that have a phrase.
pub(crate) fn phrase_rows(collection: &Collection, phrase: &Alternative) -> u32 {
    let mut count = 0;
    for live in &collection.segments {
        let rows = live.segment.phrase(&phrase.terms, &collection.statistics);
        count += rows.iter().filter(|(row, _)| live.alive.get(*row)).count() as u32;
    }
    count
}

impl TextLeg {
    /// Walks the postings of every alternative of every word; the first `counted`
    /// words count for `matching`. A row's score is BM25F over two groups, the
    /// title and the rest: nearly docs/score.md's; `title` is the query's title. Linear
    /// in the postings.
    pub fn walk(collection: &Collection, words: &[Word], counted: usize, title: &[Word]) -> Self {
        let titles = title_parts(words, title);
        let statistics = &collection.statistics;
        // (weight, norm of an empty text, what a word of length adds) of a group.
        let [title, text] = [Group::Title, Group::Text].map(|group| {
            let (weight, b) = GROUP_WEIGHTS[group as usize];
            let slope = b / statistics.mean_length(group as usize);
            (weight as f32, (1.0 - b) as f32, slope as f32)
        });
        let norm = |group: (f32, f32, f32), length: u16| group.1 + group.2 * f32::from(length);
        Self::walk_with(
            collection,
            words,
            (counted, &titles),
            |terms, row, count| {
                let posting = Posting::read(count);
                let lengths = terms.lengths(row);
                let rest = posting.rest as f32 * text.0;
                let long = norm(text, lengths[Group::Text as usize]);
                if posting.title == 0 {
                    return rest / (K1 as f32 * long + rest);
                }
                let short = norm(title, lengths[Group::Title as usize]);
                let tf = rest / long + posting.title as f32 * title.0 / short;
                tf / (K1 as f32 + tf)
            },
        )
    }

    fn walk_with(
        collection: &Collection,
        words: &[Word],
        (counted, titles): (usize, &[u16]),
        value: impl Fn(&Terms, u32, u32) -> f32,
    ) -> Self {
        let mut leg = Self {
            slots: Vec::with_capacity(collection.segments.len()),
            postings: 0,
        };
        for live in &collection.segments {
            let terms = &live.segment.terms;
            let mut slots = cleared_slots(live.segment.rows() as usize);
            for (at, word) in words.iter().enumerate() {
                let (mark, counts) = (at as u16 + 1, u16::from(at < counted));
                let title = titles.get(at).copied().unwrap_or(0);
                for alternative in &word.alternatives {
                    let weight = (word.weight * alternative.factor) as f32;
                    let mut count = |slot: &mut Slot, row: u32, count: u32| {
                        leg.postings += 1;
                        if slot.seen != mark {
                            slot.seen = mark;
                            slot.best = 0.0;
                            slot.words += counts;
                        }
                        if count > MAX_OUTSIDE && slot.titled != mark {
                            slot.titled = mark;
                            slot.title = slot.title.saturating_add(title);
                        }
                        let score = weight * value(terms, row, count);
                        if score > slot.best {
                            slot.score += score - slot.best;
                            slot.best = score;
                        }
                    };
                    if let [(text, _)] = alternative.terms.as_slice() {
                        live.segment.text.postings(text, &mut |row, posting| {
                            count(&mut slots[row as usize], row, posting);
                        });
                        continue;
                    }
                    // What rows that have the word otherwise would gain is little.
                    let rows = live
                        .segment
                        .phrase(&alternative.terms, &collection.statistics);
                    for (row, posting) in rows.iter() {
                        let slot = &mut slots[*row as usize];
                        if slot.seen != mark {
                            count(slot, *row, *posting);
                        }
                    }
                }
            }
            leg.slots.push(slots);
        }
        leg
    }

    /// Of `among`, the rows with at least `needed` of the words.
    pub fn matching(&self, among: &Rows, needed: usize) -> Rows {
        let needed = needed as u16;
        let matching = |(bits, slots): (&Bits, &Vec<Slot>)| {
            let mut out = Bits::new(bits.len());
            for row in bits
                .iter()
                .filter(|row| slots[*row as usize].words >= needed)
            {
                out.set(row);
            }
            out
        };
        among.iter().zip(&self.slots).map(matching).collect()
    }

    /// A row's score.
    pub(crate) fn score(&self, at: At) -> f32 {
        self.slots[at.segment as usize][at.row as usize].score
    }

    /// A row's score, and what part of the query's title its title has, by weight.
    pub(crate) fn seen(&self, at: At) -> (f32, f32) {
        let slot = self.slots[at.segment as usize][at.row as usize];
        (slot.score, f32::from(slot.title) / f32::from(u16::MAX))
    }
}

// Postings of words that stand in a title are greater than this.
const MAX_OUTSIDE: u32 = 15;

// Of each word its part of a title, by weight; a whole title is `u16::MAX`.
fn title_parts(words: &[Word], title: &[Word]) -> Vec<u16> {
    let whole: f64 = title.iter().map(|word| word.weight).sum();
    if whole <= 0.0 {
        return Vec::new();
    }
    let of = |word: &Word| {
        let held = title.iter().find(|held| held.word == word.word);
        held.map_or(0, |held| (f64::from(u16::MAX) * held.weight / whole) as u16)
    };
    words.iter().map(of).collect()
}

/// The skills leg of a document as query: which rows have, or want, its skills.
pub(crate) struct SkillsLeg {
    pub(crate) walk: TextLeg,
    asked: f32,
    // What a skill a row wants weighs, about; 0 where rows want none here.
    wanted: f32,
}

impl SkillsLeg {
    pub(crate) fn walk(collection: &Collection, query: &Query) -> Self {
        let mut words: Vec<Word> = query
            .asked
            .iter()
            .map(|asked| skill_word(query.taxonomy(), asked.skill, asked.weight))
            .collect();
        let wants = query.wanted_levels != 0 && !query.offered.is_empty();
        let mut sum: f64 = 0.0;
        if wants {
            let rarity = |skill: SkillId| skill_weight(skill, &collection.statistics);
            sum = query.offered.iter().map(|skill| rarity(*skill)).sum();
            // A skill of several numbers is looked for by all of them at once.
            let taxonomy = query.taxonomy();
            let is_own = |demand: u32| taxonomy.links().own(SkillId(demand)).0 == demand;
            let met = best_offers(query).into_iter();
            let met = met.map(|(demand, (credit, _))| (demand, credit));
            let met = met.filter(|met| met.1 >= CREDIT_MIN && is_own(met.0));
            let mut met: Vec<(u32, u16)> = met.collect();
            met.sort_unstable();
            for (demand, credit) in met {
                let part = f64::from(credit) / f64::from(CREDIT_WHOLE);
                let weight = part * rarity(SkillId(demand));
                words.push(skill_word(taxonomy, SkillId(demand), weight));
            }
        }
        let wanted = if wants {
            (sum / query.offered.len() as f64) as f32
        } else {
            0.0
        };
        Self {
            walk: TextLeg::walk_with(collection, &words, (0, &[]), |_, _, _| 1.0),
            asked: query.asked.iter().map(|asked| asked.weight).sum::<f64>() as f32,
            wanted,
        }
    }

    // About the skills' value of docs/score.md: found over asked, where a row's
    // wants are as many as it has skills, of mean rarity.
    pub(crate) fn value(&self, collection: &Collection, score: f32, at: At) -> f32 {
        let segment = &collection.segments[at.segment as usize].segment;
        let wants = self.wanted * segment.terms.skill_count(at.row) as f32;
        let whole = self.asked
            + if self.wanted > 0.0 {
                wants.max(1.5 * WANTS_MIN as f32)
            } else {
                0.0
            };
        if whole > 0.0 { score / whole } else { 0.0 }
    }
}
