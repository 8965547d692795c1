//! Finding skills in running text: longest match over the words, then the rules
//! of ambiguous spellings. Owns what may stand between the words of one name;
//! what counts as context is in `context`.

use crate::analysis::{Word, Words};

use super::context::{self, Candidate};
use super::load::DECOY;
use super::senses;
use super::trie::{Needs, Spelling, Trie};
use super::{Dictionary, Mention, SkillId};

/// Longest line that can be an item of a list. A name may run over the end of
/// a longer line, because that line was broken by its width.
const ITEM_BYTES_MAX: usize = 60;

/// So much of a text shows whether it is written without capitals; shorter ones
/// are queries, where nobody writes them.
const FLAT_BYTES: usize = 2000;
const FLAT_LETTERS_MIN: usize = 200;

/// Appends the mentions of `text`.
pub(super) fn find(
    dictionary: &Dictionary,
    text: &str,
    words: &Words,
    mentions: &mut Vec<Mention>,
) {
    let items = words.items();
    let flat = is_flat(text);
    let mut found = Vec::new();
    let mut at = 0;
    while at < items.len() {
        let Some((spelling, end)) = longest(&dictionary.trie, text, items, at, flat) else {
            at += 1;
            continue;
        };
        if let Some(candidate) = candidate(dictionary, text, items, spelling, at..end) {
            found.push(candidate);
        }
        at = end;
    }
    context::decide(text, words, &mut found);
    let kept = found.iter().filter(|candidate| candidate.firm);
    let from = mentions.len();
    mentions.extend(kept.map(|candidate| candidate.mention));
    senses::decide(text, words, mentions, from);
}

/// The longest spelling that starts at a word, and the word after it.
fn longest(
    trie: &Trie,
    text: &str,
    items: &[Word],
    at: usize,
    flat: bool,
) -> Option<(Spelling, usize)> {
    let mut node = trie.next(Trie::root(), items.get(at)?.key)?;
    let mut best = None;
    let mut end = at + 1;
    let mut signs = Signs::default();
    loop {
        let spellings = trie.spellings(node);
        let fitting = spellings
            .iter()
            .find(|spelling| signs.fit(spelling) && fits(spelling, text, items, at..end));
        if let Some(spelling) = fitting {
            best = Some((*spelling, end));
        } else if let Some(spelling) = spellings.iter().find(|spelling| {
            flat && is_long(spelling)
                || slice(text, items, at..end).is_some_and(|written| is_lowered(spelling, written))
        }) {
            let mut small = *spelling;
            small.rule.needs = small.rule.needs.max(Needs::Context);
            best = Some((small, end));
        }
        let (Some(last), Some(next)) = (items.get(end - 1), items.get(end)) else {
            return best;
        };
        match trie.next(node, next.key) {
            Some(child) if joins(text, last.end as usize, next.start as usize, &mut signs) => {
                node = child;
            }
            _ => return best,
        }
        end += 1;
    }
}

/// Whether a text is written without capitals, as some feeds are: then case says
/// nothing of a name, its neighbourhood has to.
pub(crate) fn is_flat(text: &str) -> bool {
    let (mut capitals, mut letters) = (0_usize, 0_usize);
    for byte in text.bytes().take(FLAT_BYTES) {
        capitals += usize::from(byte.is_ascii_uppercase());
        letters += usize::from(byte.is_ascii_lowercase());
    }
    letters >= FLAT_LETTERS_MIN && capitals * 250 < letters
}

/// Whether a spelling is no everyday word of two letters (`Go`, `IT`).
fn is_long(spelling: &Spelling) -> bool {
    spelling.text.len() >= 3
}

/// The signs between the words of a match that also part two names: "tax &
/// accounting" is not tax accounting, "sales/management" not sales management.
#[derive(Default)]
struct Signs {
    slash: bool,
    ampersand: bool,
}

impl Signs {
    /// Whether the spelling has the signs the text has.
    fn fit(&self, spelling: &Spelling) -> bool {
        (!self.slash || spelling.skill == DECOY || spelling.text.contains('/'))
            && (!self.ampersand || spelling.skill == DECOY || spelling.text.contains('&'))
    }
}

/// Whether a spelling's case rule holds for these words. All capitals pass
/// where they are no acronym of their own: `EXCEL`, but not `GO`.
fn fits(spelling: &Spelling, text: &str, items: &[Word], range: std::ops::Range<usize>) -> bool {
    if !spelling.rule.case {
        return true;
    }
    let written = slice(text, items, range).unwrap_or("");
    written == spelling.text
        || written.contains('.')
            && written
                .split('.')
                .flat_map(str::chars)
                .eq(spelling.text.chars())
        || spelling.text.len() >= 4
            && written.eq_ignore_ascii_case(spelling.text)
            && is_loud(written)
}

/// Whether capitals make a word a name: all of it, or one within it (`PhotoShop`).
fn is_loud(written: &str) -> bool {
    !written.bytes().any(|byte| byte.is_ascii_lowercase())
        || !written.contains(' ')
            && written
                .bytes()
                .skip(1)
                .any(|byte| byte.is_ascii_uppercase())
}

/// Whether this is a name of capitals written as a word, as some lists have them:
/// `Aws`, `Microstrategy`.
fn is_lowered(spelling: &Spelling, written: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_uppercase();
    let acronym = (3..=4).contains(&spelling.text.len()) && spelling.text.bytes().all(inner);
    let compound = spelling.text.len() >= 6
        && !spelling.text.contains(' ')
        && spelling.text.bytes().skip(1).any(inner)
        && spelling.text.bytes().any(|byte| byte.is_ascii_lowercase());
    (acronym || compound)
        && written.eq_ignore_ascii_case(spelling.text)
        && written.starts_with(|letter: char| letter.is_ascii_uppercase())
}

fn slice<'t>(text: &'t str, items: &[Word], range: std::ops::Range<usize>) -> Option<&'t str> {
    let start = items.get(range.start)?.start as usize;
    let end = items.get(range.end.checked_sub(1)?)?.end as usize;
    text.get(start..end)
}

/// Whether two words with this gap can be words of one name: blanks, hyphens
/// and the signs inside names, but no comma, stop or empty line.
fn joins(text: &str, from: usize, to: usize, signs: &mut Signs) -> bool {
    let Some(gap) = text.get(from..to.max(from)) else {
        return false;
    };
    if gap == " " || gap.is_empty() {
        return true;
    }
    let gap = ["'s", "’s", "'", "’"]
        .iter()
        .find_map(|ending| gap.strip_prefix(ending))
        .unwrap_or(gap);
    if gap.len() > 4 {
        return false;
    }
    let mut breaks = 0;
    for letter in gap.chars() {
        match letter {
            '\n' => breaks += 1,
            '/' => signs.slash = true,
            '&' => signs.ampersand = true,
            ' ' | '\r' | '\t' | '\u{a0}' | '-' | '‐' | '‑' | '–' | '+' | '_' | '’' | '\'' =>
                {}
            // A stop only inside a name: `Monday.com`.
            '.' if gap == "." => {}
            _ => return false,
        }
    }
    breaks == 0 || breaks == 1 && is_wrapped(text, from)
}

/// Whether the line that ends at `end` is long enough to be broken by width.
fn is_wrapped(text: &str, end: usize) -> bool {
    let line = text
        .as_bytes()
        .get(end.saturating_sub(ITEM_BYTES_MAX)..end)
        .unwrap_or(&[]);
    line.len() == ITEM_BYTES_MAX && !line.contains(&b'\n')
}

/// A candidate from a match; none for a decoy.
fn candidate(
    dictionary: &Dictionary,
    text: &str,
    items: &[Word],
    spelling: Spelling,
    range: std::ops::Range<usize>,
) -> Option<Candidate> {
    if spelling.skill == DECOY {
        return None;
    }
    let id = SkillId(spelling.skill);
    let skill = dictionary.get(id)?;
    let first = items.get(range.start)?;
    let last = items.get(range.end.checked_sub(1)?)?;
    // Words that share one original letter may leave an empty or split range.
    let written = text.get(first.start as usize..last.end as usize)?;
    Some(Candidate {
        mention: Mention {
            skill: id,
            start: first.start,
            end: last.end,
            first_word: range.start as u32,
            end_word: range.end as u32,
        },
        needs: spelling.rule.needs,
        firm: spelling.rule.needs == Needs::Nothing,
        technology: skill.category.is_technology(),
        letters: written.len() as u32,
    })
    .filter(|_| !written.is_empty())
}
