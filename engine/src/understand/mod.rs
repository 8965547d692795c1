//! Understanding: parts of a query that say a fact become filters. Owns what of
//! the plain words is taken, and what each part is shown as.
//!
//! Only plain words are read, never those in quotes, with a sign, in front of a
//! field, or named in `literal`. What is understood leaves the scored words. A
//! document that does not say the fact passes if its text has the words, so that
//! nothing is lost that words alone would find. An explicit filter on the same
//! column wins: the words are taken all the same, and ask for nothing.

mod ask;
mod date;
mod facts;
mod money;
mod place;
mod tokens;

use std::collections::BTreeSet;
use std::ops::Range;

use serde_json::{Value, json};
use tandem_index::analysis::query_terms;
use tandem_index::kinds::{Kind, Meaning};
use tandem_index::rates;
use tandem_index::snapshot::Collection;

use crate::parse::Clause;
use crate::prepare::Question;
use crate::reduce::is_silent;
use crate::request::Request;
use ask::same_thing;
use facts::{EMPLOYMENT, Family, WORKPLACE};
use tokens::{Token, is_plain, tokens};

/// Words of a query that are looked at; the rest stay words.
const TOKENS_MAX: usize = 64;
const DAY_MS: i64 = 86_400_000;

/// A fact that was said.
#[derive(Clone, Debug)]
enum Fact {
    /// A place of work or a way of employment: a column, its values, their family.
    Values(usize, Vec<String>, &'static Family),
    Pay(money::Said),
    Place(place::Said),
    Posted(i64),
    /// The kind's own name, such as `jobs`.
    Kind,
}

/// A part of a query and the fact it says.
struct Part {
    tokens: Range<usize>,
    fact: Fact,
    /// Whether it is a place only by its right spelling.
    mended: bool,
}

struct Ground<'a> {
    kind: &'a Kind,
    collection: &'a Collection,
    now_ms: i64,
    open: Option<usize>,
    employment: std::cell::OnceCell<Option<usize>>,
    /// Currencies of amounts that stay words for want of a rate.
    unrated: std::cell::RefCell<BTreeSet<&'static str>>,
}

impl Ground<'_> {
    // The fact the tokens from `at` on begin with, and how many say it: the
    // longest of all readings.
    fn read(&self, tokens: &[Token], at: usize) -> Option<(usize, Fact)> {
        let run = tokens[at].run;
        let end = tokens[at..]
            .iter()
            .position(|token| token.run != run)
            .map_or(tokens.len(), |count| at + count);
        let rest = &tokens[at..end];
        let before = at
            .checked_sub(1)
            .map(|at| &tokens[at])
            .filter(|t| t.run == run);
        let facts = self.kind.facts();
        let mut found: Vec<(usize, Fact)> = Vec::new();
        if facts.pay_min.is_some() {
            // An amount nothing can be compared with stays words.
            let has_rate = |code| {
                let code = if code == "$" { "USD" } else { code };
                let known = rates::is_known(code);
                if !known {
                    self.unrated.borrow_mut().insert(code);
                }
                known
            };
            let pay = money::read(rest).filter(|(_, said)| said.currency.is_none_or(has_rate));
            found.extend(pay.map(|(count, said)| (count, Fact::Pay(said))));
        }
        if facts.posted.is_some() {
            let date = date::read(rest, self.now_ms);
            found.extend(date.map(|(count, from)| (count, Fact::Posted(from))));
        }
        found.extend(self.workplace(rest));
        found.extend(self.employment(rest));
        if let Some(ground) = self.places() {
            let place = place::read(&ground, rest, before);
            found.extend(place.map(|(count, said)| (count, Fact::Place(said))));
        }
        // Of equally long readings the first.
        found.into_iter().rev().max_by_key(|(count, _)| *count)
    }

    fn places(&self) -> Option<place::Ground<'_>> {
        Some(place::Ground {
            collection: self.collection,
            city: self.kind.facts().city?,
            open: self.open,
        })
    }

    // The place the tokens from `at` on begin with in their right spelling, where a
    // misspelt one belongs to it.
    fn read_mended(&self, tokens: &[Token], mended: &[Token], at: usize) -> Option<(usize, Fact)> {
        let run = tokens.get(at)?.run;
        let same = mended
            .get(at..)?
            .iter()
            .take_while(|token| token.run == run);
        let rest = mended.get(at..at + same.count())?;
        let before = at.checked_sub(1).and_then(|at| tokens.get(at));
        let before = before.filter(|token| token.run == run);
        let (count, said) = place::read(&self.places()?, rest, before)?;
        let mut pairs = tokens.iter().zip(mended).skip(at).take(count);
        let slips = pairs.any(|(token, mended)| token.text != mended.text);
        slips.then_some((count, Fact::Place(said)))
    }

    fn workplace(&self, rest: &[Token]) -> Option<(usize, Fact)> {
        let column = self.kind.facts().remote?;
        let (at, count) = facts::workplace(rest)?;
        let family = &WORKPLACE[at];
        let closed = &self.kind.meaning(Meaning::Remote)?.values;
        let values = if closed.is_empty() {
            family.living(self.collection, column).into_keys().collect()
        } else {
            family.among(closed)
        };
        (!values.is_empty()).then_some((count, Fact::Values(column, values, family)))
    }

    fn employment(&self, rest: &[Token]) -> Option<(usize, Fact)> {
        let (at, count) = facts::employment(rest)?;
        let column = (*self
            .employment
            .get_or_init(|| facts::employment_column(self.kind, self.collection)))?;
        let family = &EMPLOYMENT[at];
        let values: Vec<String> = family.living(self.collection, column).into_keys().collect();
        (!values.is_empty()).then_some((count, Fact::Values(column, values, family)))
    }

    fn parts(&self, tokens: &[Token], mended: Option<&[Token]>, literal: &[bool]) -> Vec<Part> {
        let mut parts: Vec<Part> = Vec::new();
        let mut negated = facts::Negated::default();
        let mut at = 0;
        while at < tokens.len() {
            let free = literal[at..].iter().position(|literal| *literal);
            let end = free.map_or(tokens.len(), |count| at + count);
            let mut fact = (end > at).then(|| self.read(&tokens[..end], at)).flatten();
            let mut is_mended = false;
            if let (None, Some(mended)) = (&fact, mended) {
                fact = self.read_mended(&tokens[..end], &mended[..end], at);
                is_mended = fact.is_some();
            }
            match fact {
                // What is not wanted is no fact, and its words stay.
                Some((count, _)) if negated.before(tokens, at) => {
                    at += count;
                    negated.until = Some(at);
                }
                Some((count, fact)) if fits(&parts, &fact) => {
                    parts.push(Part {
                        tokens: at..at + count,
                        fact,
                        mended: is_mended,
                    });
                    at += count;
                }
                Some(_) | None => at += 1,
            }
        }
        if !parts.is_empty() {
            parts.extend(self.kind_names(tokens, literal, &parts));
            parts.sort_by_key(|part| part.tokens.start);
        }
        parts
    }

    // `jobs in berlin`: that documents are jobs goes without saying.
    fn kind_names(&self, tokens: &[Token], literal: &[bool], parts: &[Part]) -> Vec<Part> {
        let name = self.kind.name.as_str();
        let one = name.strip_suffix('s').unwrap_or(name);
        let taken = |at: usize| literal[at] || parts.iter().any(|part| part.tokens.contains(&at));
        (0..tokens.len())
            .filter(|at| !taken(*at) && [name, one].contains(&tokens[*at].text.as_str()))
            .map(|at| Part {
                tokens: at..at + 1,
                fact: Fact::Kind,
                mended: false,
            })
            .collect()
    }
}

// A second amount or date would contradict the first, so it stays a word.
fn fits(parts: &[Part], fact: &Fact) -> bool {
    let held = |same: fn(&Fact) -> bool| parts.iter().any(|part| same(&part.fact));
    match fact {
        Fact::Pay(_) => !held(|fact| matches!(fact, Fact::Pay(_))),
        Fact::Posted(_) => !held(|fact| matches!(fact, Fact::Posted(_))),
        Fact::Values(..) | Fact::Place(_) | Fact::Kind => true,
    }
}

// An amount without a currency is in that of the place that was said.
fn say_currency(parts: &mut [Part]) {
    let mut local = parts.iter().filter_map(|part| match &part.fact {
        Fact::Place(said) => Some(rates::of_country(said.country())),
        Fact::Values(..) | Fact::Pay(_) | Fact::Posted(_) | Fact::Kind => None,
    });
    let Some(Some(code)) = local.next() else {
        return;
    };
    if local.any(|other| other != Some(code)) {
        return;
    }
    for part in parts {
        if let Fact::Pay(said) = &mut part.fact {
            said.currency = said.currency.or(Some(code));
        }
    }
}

// Which tokens a client wants taken as they stand.
fn literal(tokens: &[Token], phrases: &[String]) -> Vec<bool> {
    let mut literal = vec![false; tokens.len()];
    for text in phrases {
        let said: Vec<String> = tokens::of_text(text).into_iter().map(|t| t.text).collect();
        if said.is_empty() || said.len() > tokens.len() {
            continue;
        }
        for at in 0..=tokens.len() - said.len() {
            let here = &tokens[at..at + said.len()];
            if here
                .iter()
                .zip(&said)
                .all(|(token, said)| token.text == *said)
            {
                literal[at..at + said.len()].fill(true);
            }
        }
    }
    literal
}

impl Question<'_> {
    /// Takes the facts out of a query's clauses: adds their filters, notes them
    /// in `applied`, and gives back the clauses that are left, the words of facts
    /// that still count for the score, and misspelt words of places with what was
    /// meant: those also where nothing is to be understood.
    pub(crate) fn understand(
        &mut self,
        q: &str,
        clauses: Vec<Clause>,
        request: &Request,
    ) -> (Vec<Clause>, String, Vec<(String, String)>) {
        let reading = &request.reading;
        if !reading.understand && !reading.typo {
            return (clauses, String::new(), Vec::new());
        }
        let mut tokens = tokens(q, &clauses);
        tokens.truncate(TOKENS_MAX);
        let literal = literal(&tokens, &request.reading.literal);
        let ground = Ground {
            kind: self.kind,
            collection: self.collection,
            now_ms: request.now_ms,
            open: q.ends_with(char::is_alphanumeric).then_some(q.len()),
            employment: std::cell::OnceCell::new(),
            unrated: std::cell::RefCell::default(),
        };
        let places = ground.places().filter(|_| reading.typo);
        let mended = places.and_then(|places| place::mended(&places, &tokens, &literal));
        if !reading.understand && mended.is_none() {
            return (clauses, String::new(), Vec::new());
        }
        let mut parts = ground.parts(&tokens, mended.as_deref(), &literal);
        let slips = take_mended(&mut tokens, mended, &parts);
        if !reading.understand {
            return (clauses, String::new(), slips);
        }
        for code in ground.unrated.take() {
            self.warnings.push(format!(
                "an amount in {code} stays words: the table of rates has none for it"
            ));
        }
        say_currency(&mut parts);
        let mut shown = Vec::new();
        let mut taken = Vec::new();
        let mut spoken = String::new();
        let mut done = vec![false; parts.len()];
        for at in 0..parts.len() {
            let range = bytes(&tokens, &parts[at].tokens);
            let text = q.get(range.clone()).unwrap_or("");
            let mut one = json!({"text": text, "as": self.name_of_fact(&parts[at].fact)});
            self.show(&parts[at].fact, &mut one);
            shown.push(one);
            if matches!(parts[at].fact, Fact::Values(..) | Fact::Place(_)) {
                spoken.push_str(&ask::telling(&parts[at], &tokens));
                spoken.push(' ');
            }
            taken.push(range);
            if !done[at] {
                let same = |other: &usize| same_thing(&parts[at].fact, &parts[*other].fact);
                let group: Vec<usize> = (at..parts.len()).filter(same).collect();
                for other in &group {
                    done[*other] = true;
                }
                let group: Vec<&Part> = group.iter().map(|at| &parts[*at]).collect();
                self.ask(&group, &tokens);
            }
        }
        self.applied
            .insert("understood".into(), Value::Array(shown));
        let left = left(clauses, &taken, q);
        // Beside other words, those of a fact still say which document is better:
        // one that has them in its title.
        let spoken = if left.iter().any(is_plain) {
            spoken
        } else {
            String::new()
        };
        (left, spoken, slips)
    }
}

// Spells the tokens of places right, and says which words that changed.
fn take_mended<'q>(
    tokens: &mut [Token<'q>],
    mended: Option<Vec<Token<'q>>>,
    parts: &[Part],
) -> Vec<(String, String)> {
    let mut slips = Vec::new();
    for (at, right) in mended.into_iter().flatten().enumerate() {
        let part = parts
            .iter()
            .find(|part| part.mended && part.tokens.contains(&at));
        let (Some(part), Some(token)) = (part, tokens.get_mut(at)) else {
            continue;
        };
        if let Fact::Place(said) = &part.fact
            && token.text != right.text
        {
            slips.push((token.text.clone(), place::offered(&right.text, said)));
            token.text = right.text;
        }
    }
    slips
}

/// Where the parts stand in a query that were understood and ask for something.
pub(crate) fn asking(q: &str, understood: &Value) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut from = 0;
    for one in understood.as_array().into_iter().flatten() {
        let text = one["text"].as_str().unwrap_or("");
        let found = q.get(from..).and_then(|rest| rest.find(text));
        let Some(start) = found.map(|at| from + at) else {
            continue;
        };
        from = start + text.len();
        let asks = one.get("filter").or(one.get("near")).is_some();
        if asks && one.get("overridden").is_none() {
            out.push(start..from);
        }
    }
    out
}

/// A query without some of its parts, which are in its order.
pub(crate) fn without(q: &str, parts: &[&Range<usize>]) -> String {
    let mut left = String::with_capacity(q.len());
    let mut from = 0;
    let ends = parts.iter().map(|part| (part.start, part.end));
    for (start, end) in ends.chain([(q.len(), q.len())]) {
        let piece = q.get(from..start).unwrap_or("").trim();
        if !piece.is_empty() && !left.is_empty() {
            left.push(' ');
        }
        left.push_str(piece);
        from = end;
    }
    left
}

fn bytes(tokens: &[Token], range: &Range<usize>) -> Range<usize> {
    let start = tokens.get(range.start).map_or(0, |token| token.range.start);
    let end = range.end.checked_sub(1).and_then(|at| tokens.get(at));
    start..end.map_or(start, |token| token.range.end)
}

// The clauses without the bytes that were taken. Where no telling word is left
// beside what was understood, the words between the parts go too.
fn left(clauses: Vec<Clause>, taken: &[Range<usize>], q: &str) -> Vec<Clause> {
    if taken.is_empty() {
        return clauses;
    }
    let mut out = Vec::with_capacity(clauses.len());
    for clause in clauses {
        if !is_plain(&clause) {
            out.push(clause);
            continue;
        }
        let end = clause.start + clause.text.len();
        let mut from = clause.start;
        let mut kept = String::new();
        for range in taken
            .iter()
            .filter(|range| range.start < end && range.end > clause.start)
        {
            kept.push_str(q.get(from..range.start.max(from)).unwrap_or(""));
            kept.push(' ');
            from = range.end;
        }
        kept.push_str(q.get(from.min(end)..end).unwrap_or(""));
        if kept.chars().any(char::is_alphanumeric) {
            out.push(Clause {
                text: kept.trim().to_owned(),
                ..clause
            });
        }
    }
    let says_nothing = |clause: &Clause| {
        let terms = query_terms(&clause.text, &[]);
        is_plain(clause)
            && terms
                .iter()
                .all(|term| is_silent(&term.word) || is_joining(&term.word))
    };
    if out.iter().all(says_nothing) {
        out.clear();
    }
    out
}

fn is_joining(word: &str) -> bool {
    matches!(
        word,
        "und"
            | "oder"
            | "ou"
            | "et"
            | "in"
            | "or"
            | "and"
            | "the"
            | "a"
            | "der"
            | "die"
            | "de"
            | "la"
            | "en"
    )
}
