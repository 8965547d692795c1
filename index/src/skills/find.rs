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

/// Appends the mentions of `text`.
pub(super) fn find(
    dictionary: &Dictionary,
    text: &str,
    words: &Words,
    mentions: &mut Vec<Mention>,
) {
    let items = words.items();
    let mut found = Vec::new();
    let mut at = 0;
    while at < items.len() {
        let Some((spelling, end)) = longest(&dictionary.trie, text, items, at) else {
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
fn longest(trie: &Trie, text: &str, items: &[Word], at: usize) -> Option<(Spelling, usize)> {
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
            && !written.bytes().any(|byte| byte.is_ascii_lowercase())
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
