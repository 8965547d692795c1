//! Whether an ambiguous spelling means the skill, from its neighbourhood. Owns
//! the cue words and the windows.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::analysis::{TermKey, Words};

use super::Mention;
use super::trie::Needs;

/// A technical skill at most this many words away supports another.
const NEAR_WORDS: u32 = 6;

/// A cue stands at most this many words before: `proficiency with MS Excel`.
const CUE_WORDS: u32 = 3;

/// Shorter technologies (`C`, `Go`) are no list items by themselves: `A, B, C`.
const ITEM_LETTERS_MIN: u32 = 3;

const CUES_BEFORE: &str = "proficient proficiency proficiently knowledge experience experienced \
    skilled skill skills using expertise expert fluent fluency fluently familiarity familiar \
    programming software languages language written coding developing certified certification \
    competent competency competence understanding speak speaks speaking bilingual native \
    conversational background trained training study knowledgeable mastery strong excellent \
    advanced intermediate basic kenntnisse maitrise connaissance connaissances erfahrung";

const CUES_AFTER: &str = "developer developers engineer engineers programmer programmers \
    programming language code coding scripting scripts spreadsheet spreadsheets database \
    databases macros software framework frameworks library libraries skills skill experience \
    knowledge certification certifications certified administrator administrators admin speaking \
    speaker speakers fluency fluent proficiency expertise preferred required kenntnisse";

static BEFORE: LazyLock<HashSet<TermKey>> = LazyLock::new(|| keys(CUES_BEFORE));
static AFTER: LazyLock<HashSet<TermKey>> = LazyLock::new(|| keys(CUES_AFTER));

fn keys(list: &str) -> HashSet<TermKey> {
    list.split_ascii_whitespace().map(TermKey::of).collect()
}

/// A match whose rules are still to be looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    pub(super) mention: Mention,
    pub(super) needs: Needs,
    /// It means the skill.
    pub(super) firm: bool,
    /// It names a technology.
    pub(super) technology: bool,
    /// Bytes of the spelling.
    pub(super) letters: u32,
}

/// Makes those candidates firm whose context says so.
pub(super) fn decide(text: &str, words: &Words, found: &mut [Candidate]) {
    if found.iter().all(|candidate| candidate.firm) {
        return;
    }
    for candidate in found.iter_mut() {
        candidate.firm |= candidate.needs == Needs::Context && stands(text, words, candidate);
    }
    pairs(text, found);
    // Forward, then backward: support runs along a list in both directions.
    let mut last = None;
    for candidate in found.iter_mut() {
        support(candidate, &mut last, |from, to| {
            to.first_word.saturating_sub(from.end_word)
        });
    }
    last = None;
    for candidate in found.iter_mut().rev() {
        support(candidate, &mut last, |from, to| {
            from.first_word.saturating_sub(to.end_word)
        });
    }
}

/// Whether a spelling alone is an item of a list or has a cue.
fn stands(text: &str, words: &Words, candidate: &Candidate) -> bool {
    let mention = &candidate.mention;
    let long = candidate.letters >= ITEM_LETTERS_MIN || !candidate.technology;
    long && is_item(text, mention)
        || cue_before(text, words, mention)
        || cue_after(text, words, mention)
}

/// Whether separators stand on both sides: `, Excel,`, `• Excel` and a line of
/// its own.
fn is_item(text: &str, mention: &Mention) -> bool {
    let before = text.get(..mention.start as usize).unwrap_or("");
    let after = text.get(mention.end as usize..).unwrap_or("");
    let blank = |letter: &char| !matches!(letter, ' ' | '\t' | '\u{a0}' | '\r');
    let left = before.chars().rev().find(blank);
    let mut rest = after.chars().filter(blank);
    let right = rest.next();
    let opens = left.is_none_or(|letter| is_separator(letter) || matches!(letter, ':' | '-' | '–'));
    opens && right.is_none_or(|letter| is_separator(letter) || letter == '.')
}

fn is_separator(letter: char) -> bool {
    matches!(
        letter,
        ',' | ';' | '\n' | '•' | '·' | '●' | '▪' | '◦' | '|' | '/' | '(' | ')' | '*' | '\u{f0b7}'
    )
}

fn cue_before(text: &str, words: &Words, mention: &Mention) -> bool {
    let first = mention.first_word.saturating_sub(CUE_WORDS) as usize;
    let Some(items) = words.items().get(first..mention.first_word as usize) else {
        return false;
    };
    items
        .iter()
        .any(|word| BEFORE.contains(&word.key) && is_one_sentence(text, word.end, mention.start))
}

fn cue_after(text: &str, words: &Words, mention: &Mention) -> bool {
    let next = words.items().get(mention.end_word as usize);
    next.is_some_and(|word| {
        AFTER.contains(&word.key) && is_one_sentence(text, mention.end, word.start)
    })
}

fn is_one_sentence(text: &str, from: u32, to: u32) -> bool {
    let between = text
        .get(from as usize..to.max(from) as usize)
        .unwrap_or("\n");
    !between.contains(['\n', '.', '!', '?', ';'])
}

/// Two ambiguous technologies side by side in a list support each other:
/// `Word, Excel`, `Word and Excel`.
fn pairs(text: &str, found: &mut [Candidate]) {
    for at in 1..found.len() {
        let (left, right) = (found[at - 1], found[at]);
        let both = left.needs == Needs::Context && right.needs == Needs::Context;
        let apart = right
            .mention
            .first_word
            .saturating_sub(left.mention.end_word);
        let alike =
            left.technology == right.technology && left.mention.skill != right.mention.skill;
        if both && alike && apart <= 1 && is_list_gap(text, &left.mention, &right.mention) {
            found[at - 1].firm = true;
            found[at].firm = true;
        }
    }
}

/// Whether only a list's sign or conjunction stands between two mentions.
fn is_list_gap(text: &str, left: &Mention, right: &Mention) -> bool {
    let gap = text
        .get(left.end as usize..right.start.max(left.end) as usize)
        .unwrap_or("");
    let gap = gap.trim();
    matches!(
        gap,
        "," | ";" | "/" | "&" | "|" | "+" | "and" | "or" | ", and" | ", or" | "und" | "et" | "och"
    )
}

/// Makes a candidate firm that has a firm technology close behind it, and
/// remembers the last firm one.
fn support(
    candidate: &mut Candidate,
    last: &mut Option<Mention>,
    distance: impl Fn(&Mention, &Mention) -> u32,
) {
    let near = last.is_some_and(|last| distance(&last, &candidate.mention) <= NEAR_WORDS);
    if near && candidate.technology {
        candidate.firm = true;
    }
    if candidate.firm && candidate.technology {
        *last = Some(candidate.mention);
    }
}
