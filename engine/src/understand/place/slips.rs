//! Misspelt cities: a word no document has that is one slip away from a city
//! documents are in. Owns which slips are looked for and what else keeps a city
//! out; whether the name is a place there is `place::read`'s.

use tandem_index::analysis::TermKey;
use tandem_index::gazetteer::{self, City};
use tandem_index::skills::Dictionary;
use tandem_index::synonyms::Synonyms;
use tandem_index::vocabulary::Likeness;

use super::share::{lives, longer};
use super::{Ground, PEOPLE_MIN, Said, may_name};
use crate::expand::may_be_meant;
use crate::understand::tokens::Token;

/// Shorter words are one slip away from too many names.
const LETTERS_MIN: usize = 5;
/// Longer ones are no names.
const LETTERS_MAX: usize = 24;
/// Most words of a query that are held against the names; each takes about a
/// thousand of them.
const LOOKS_MAX: usize = 4;

/// The tokens with what is probably a misspelt city as it is spelt right; none
/// where there is no such word.
pub(crate) fn mended<'q>(
    ground: &Ground<'_>,
    tokens: &[Token<'q>],
    literal: &[bool],
) -> Option<Vec<Token<'q>>> {
    let mut out: Option<Vec<Token<'q>>> = None;
    let free = |at: &usize| literal.get(*at).is_none_or(|literal| !literal);
    let unheard = |at: &usize| {
        tokens
            .get(*at)
            .is_some_and(|token| is_unheard(ground, token))
    };
    let looked = (0..tokens.len()).filter(|at| free(at) && unheard(at));
    for at in looked.take(LOOKS_MAX) {
        let Some(meant) = slip(ground, tokens, at) else {
            continue;
        };
        if let Some(token) = out.get_or_insert_with(|| tokens.to_vec()).get_mut(at) {
            token.text = meant;
        }
    }
    out
}

/// How a misspelt word of a place is offered: the city's own name where the word
/// is all of one, in whatever language it was typed.
pub(crate) fn offered(word: &str, said: &Said) -> String {
    match said {
        Said::City { city, .. } if gazetteer::fold(city.name) != word => {
            let alone = gazetteer::named(word).into_iter().next();
            let own = alone.filter(|alone| alone == city);
            own.map_or_else(|| word.to_owned(), |city| city.name.to_owned())
        }
        Said::City { .. } | Said::Region(..) | Said::Country(_) => word.to_owned(),
    }
}

// Whether neither the documents nor any list knows a word.
fn is_unheard(ground: &Ground<'_>, token: &Token<'_>) -> bool {
    let word = token.text.as_str();
    let letters = word.chars().count();
    (LETTERS_MIN..=LETTERS_MAX).contains(&letters)
        && word.chars().all(char::is_alphabetic)
        && ground.collection.statistics.frequency(TermKey::of(word)) == 0
        && gazetteer::named(word).is_empty()
        && Dictionary::builtin().named(word).is_none()
        && Synonyms::builtin().at(&[word]).is_none()
}

fn slip(ground: &Ground<'_>, tokens: &[Token<'_>], at: usize) -> Option<String> {
    let token = tokens.get(at)?;
    let word = token.text.as_str();
    let beside = |other: &&Token<'_>| other.run == token.run && may_name(other);
    let before = at.checked_sub(1).and_then(|at| tokens.get(at));
    let before = before.filter(beside).filter(|other| !other.comma);
    let after = tokens.get(at + 1).filter(beside).filter(|_| !token.comma);
    let mut best: Option<(City, String, String)> = None;
    for meant in one_edit_away(word) {
        let whole = [
            Some(meant.clone()),
            before.map(|before| format!("{} {meant}", before.text)),
            after.map(|after| format!("{meant} {}", after.text)),
        ];
        for name in whole.into_iter().flatten() {
            let Some(city) = gazetteer::named(&name).into_iter().next() else {
                continue;
            };
            let more = |(held, ..): &(City, String, String)| city.population > held.population;
            if city.population >= PEOPLE_MIN
                && best.as_ref().is_none_or(more)
                && lives(ground, 0, city.name)
            {
                best = Some((city, name, meant.clone()));
            }
        }
    }
    let (_, name, meant) = best?;
    let open = ground.open == Some(token.range.end);
    (!is_other_word(ground, word, &name, open)).then_some(meant)
}

// Whether documents say a word that is as near as the city, or the word may still
// become one.
fn is_other_word(ground: &Ground<'_>, word: &str, name: &str, open: bool) -> bool {
    if open && longer(ground, &[word]) > 0 {
        return true;
    }
    let of_name = |other: &str| {
        let large = |city: &City| city.population >= PEOPLE_MIN;
        name.split(' ').any(|part| other.starts_with(part))
            || gazetteer::named(other).first().is_some_and(large)
    };
    let likeness = if open {
        Likeness::BeginsWithin(1)
    } else {
        Likeness::Edits(1)
    };
    let first = word.chars().next();
    ground.collection.segments.iter().any(|live| {
        live.segment.alike(word, likeness).iter().any(|one| {
            ground.collection.statistics.frequency(one.key) > 0
                && one.word.chars().next() == first
                && may_be_meant(word, &one.word)
                && !of_name(&one.word)
        })
    })
}

// Every word one letter more, less, other or two neighbours swapped away, its
// first letter kept.
fn one_edit_away(word: &str) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    let mut out = Vec::new();
    for at in 1..=letters.len() {
        let (start, end) = letters.split_at(at);
        let start: String = start.iter().collect();
        let mut push = |middle: &[char], end: &[char]| {
            let rest = middle.iter().chain(end);
            out.push(start.chars().chain(rest.copied()).collect());
        };
        for letter in 'a'..='z' {
            push(&[letter], end);
            if let Some((_, end)) = end.split_first() {
                push(&[letter], end);
            }
        }
        if let Some((_, end)) = end.split_first() {
            push(&[], end);
        }
        if let [first, second, end @ ..] = end {
            push(&[*second, *first], end);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_letters_more_less_other_and_swapped() {
        let all = one_edit_away("muncehn");
        for meant in ["munchen", "muncehnx", "muncen", "muncohn", "mxuncehn"] {
            assert!(all.iter().any(|one| one == meant), "{meant}");
        }
        assert!(all.iter().all(|one| one.starts_with('m')));
        assert!(one_edit_away("").is_empty());
    }
}
