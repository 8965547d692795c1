//! Understanding: parts of a query that say a fact become filters. Owns what of
//! the plain words is taken, and what each part is shown as.
//!
//! Only plain words are read, never those in quotes, with a sign, in front of a
//! field, or named in `literal`. What is understood leaves the scored words. A
//! document that does not say the fact passes if its text has the words, so that
//! nothing is lost that words alone would find. An explicit filter on the same
//! column wins: the words are taken all the same, and ask for nothing.

mod date;
mod facts;
mod money;
mod place;
mod tokens;

use std::ops::Range;

use serde_json::{Map, Value, json};
use tandem_index::analysis::{TermKey, query_terms};
use tandem_index::document::show_date_ms;
use tandem_index::gazetteer::City;
use tandem_index::kinds::{Kind, Meaning, Role};
use tandem_index::snapshot::Collection;

use crate::filter::{Alternatives, CURRENCY, Filter, Unknown};
use crate::near::Radius;
use crate::parse::Clause;
use crate::prepare::Question;
use crate::reduce::is_silent;
use crate::request::{Center, Condition, Near, Request};
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
}

/// What all parts say of one thing: conditions of which one must hold.
enum Asked {
    Filter(String, Condition),
    Near(Near),
    Nothing,
}

struct Ground<'a> {
    kind: &'a Kind,
    collection: &'a Collection,
    now_ms: i64,
    employment: std::cell::OnceCell<Option<usize>>,
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
            found.extend(money::read(rest).map(|(count, said)| (count, Fact::Pay(said))));
        }
        if facts.posted.is_some() {
            let date = date::read(rest, self.now_ms);
            found.extend(date.map(|(count, from)| (count, Fact::Posted(from))));
        }
        found.extend(self.workplace(rest));
        found.extend(self.employment(rest));
        if let Some(city) = facts.city {
            let ground = place::Ground {
                collection: self.collection,
                city,
            };
            let place = place::read(&ground, rest, before);
            found.extend(place.map(|(count, said)| (count, Fact::Place(said))));
        }
        // Of equally long readings the first.
        found.into_iter().rev().max_by_key(|(count, _)| *count)
    }

    fn workplace(&self, rest: &[Token]) -> Option<(usize, Fact)> {
        let column = self.kind.facts().remote?;
        let (at, count) = facts::read(rest, &WORKPLACE)?;
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
        let (at, count) = facts::read(rest, &EMPLOYMENT)?;
        let column = (*self
            .employment
            .get_or_init(|| facts::employment_column(self.kind, self.collection)))?;
        let family = &EMPLOYMENT[at];
        let values: Vec<String> = family.living(self.collection, column).into_keys().collect();
        (!values.is_empty()).then_some((count, Fact::Values(column, values, family)))
    }

    fn parts(&self, tokens: &[Token], literal: &[bool]) -> Vec<Part> {
        let mut parts: Vec<Part> = Vec::new();
        let mut at = 0;
        while at < tokens.len() {
            let free = literal[at..].iter().position(|literal| *literal);
            let end = free.map_or(tokens.len(), |count| at + count);
            let fact = (end > at).then(|| self.read(&tokens[..end], at)).flatten();
            match fact {
                Some((count, fact)) if fits(&parts, &fact) => {
                    parts.push(Part {
                        tokens: at..at + count,
                        fact,
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
    /// in `applied`, and gives back the clauses that are left.
    pub(crate) fn understand(
        &mut self,
        q: &str,
        clauses: Vec<Clause>,
        request: &Request,
    ) -> Vec<Clause> {
        if !request.reading.understand {
            return clauses;
        }
        let mut tokens = tokens(q, &clauses);
        tokens.truncate(TOKENS_MAX);
        let literal = literal(&tokens, &request.reading.literal);
        let ground = Ground {
            kind: self.kind,
            collection: self.collection,
            now_ms: request.now_ms,
            employment: std::cell::OnceCell::new(),
        };
        let parts = ground.parts(&tokens, &literal);
        let mut shown = Vec::new();
        let mut taken = Vec::new();
        let mut done = vec![false; parts.len()];
        for at in 0..parts.len() {
            let range = bytes(&tokens, &parts[at].tokens);
            let text = q.get(range.clone()).unwrap_or("");
            let mut one = json!({"text": text, "as": self.name_of_fact(&parts[at].fact)});
            self.show(&parts[at].fact, &mut one);
            shown.push(one);
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
        left(clauses, &taken, q)
    }

    fn name_of_fact(&self, fact: &Fact) -> &str {
        match fact {
            Fact::Values(column, ..) if Some(*column) == self.kind.facts().remote => "remote",
            Fact::Values(column, ..) => &self.kind.columns()[*column].name,
            Fact::Pay(_) => "pay",
            Fact::Place(_) => "place",
            Fact::Posted(_) => "posted",
            Fact::Kind => "kind",
        }
    }

    fn show(&self, fact: &Fact, one: &mut Value) {
        match self.asked(fact) {
            Asked::Filter(name, condition) => {
                one["filter"] = json!({name: shown_condition(&condition)});
            }
            Asked::Near(near) => {
                if let (Center::Point(lat, lon), Fact::Place(place::Said::City { city, .. })) =
                    (&near.center, fact)
                {
                    one["near"] =
                        json!({"place": label(city), "lat": lat, "lon": lon, "km": near.km});
                }
            }
            Asked::Nothing => {}
        }
        if self.is_said(fact) {
            one["overridden"] = json!(true);
        }
    }

    // The column an explicit filter would have to be on to win.
    fn is_said(&self, fact: &Fact) -> bool {
        let facts = self.kind.facts();
        let filtered = |column: Option<usize>| {
            column.is_some_and(|column| {
                let explicit = self.filters.iter().take(self.explicit);
                explicit
                    .into_iter()
                    .any(|filter| filter.columns.contains(&column))
            })
        };
        match fact {
            Fact::Values(column, ..) => filtered(Some(*column)),
            Fact::Pay(_) => (0..2).any(|at| filtered(facts.pay_min.map(|min| min + at))),
            Fact::Posted(_) => filtered(facts.posted),
            Fact::Place(place::Said::City { .. }) => self.near_explicit || filtered(facts.city),
            Fact::Place(place::Said::Region(..)) => filtered(facts.city.map(|city| city + 1)),
            Fact::Place(place::Said::Country(_)) => filtered(facts.city.map(|city| city + 2)),
            Fact::Kind => false,
        }
    }

    // What one fact asks for.
    fn asked(&self, fact: &Fact) -> Asked {
        let name = |column: usize| self.kind.columns()[column].name.clone();
        let facts = self.kind.facts();
        match fact {
            Fact::Values(column, values, _) => Asked::Filter(name(*column), any(values)),
            Fact::Pay(said) => match self.kind.meaning(Meaning::Pay) {
                Some(field) => Asked::Filter(field.name.clone(), self.pay(said, field.role)),
                None => Asked::Nothing,
            },
            Fact::Posted(from) => facts.posted.map_or(Asked::Nothing, |column| {
                let condition = Condition {
                    gte: Some(json!(shown_date(*from))),
                    ..Condition::default()
                };
                Asked::Filter(name(column), condition)
            }),
            Fact::Place(place::Said::City { city, km }) => Asked::Near(Near {
                center: Center::Point(city.lat, city.lon),
                km: *km,
                include_unknown: false,
            }),
            Fact::Place(place::Said::Region(region, _)) => {
                facts.city.map_or(Asked::Nothing, |at| {
                    Asked::Filter(name(at + 1), any(&[*region]))
                })
            }
            Fact::Place(place::Said::Country(code)) => facts.city.map_or(Asked::Nothing, |at| {
                Asked::Filter(name(at + 2), any(&[*code]))
            }),
            Fact::Kind => Asked::Nothing,
        }
    }

    // What a document offers must reach an amount; what it wants must not pass it.
    fn pay(&self, said: &money::Said, role: Role) -> Condition {
        let (low, high) = match (said.plain, role) {
            (true, Role::Wants) => (None, said.low),
            (true | false, Role::Is | Role::Offers | Role::Wants) => (said.low, said.high),
        };
        let usual = self.usual_currency();
        let currency = match said.currency {
            Some("$") if usual.ends_with('D') => usual,
            Some("$") => "USD".to_owned(),
            Some(code) => code.to_owned(),
            None => usual,
        };
        Condition {
            gte: low.map(number),
            lte: high.map(number),
            currency: Some(currency),
            period: Some(said.period.to_owned()).filter(|period| period != "year"),
            ..Condition::default()
        }
    }

    // The currency most living documents have; EUR where none has one.
    fn usual_currency(&self) -> String {
        let mut counts: std::collections::BTreeMap<&str, u64> = std::collections::BTreeMap::new();
        let column = self.kind.facts().pay_min.map_or(0, |min| min + 2);
        for live in &self.collection.segments {
            let (Some(names), Some(values)) =
                (live.segment.names(column), live.segment.values(column))
            else {
                continue;
            };
            let dead = names.dead(values, &live.alive);
            for ordinal in 0..values.distinct() as u32 {
                let count = u64::from(names.living_spelling(ordinal, &dead));
                *counts.entry(values.value(ordinal)).or_default() += count;
            }
        }
        let known = counts
            .into_iter()
            .filter(|(code, count)| *count > 0 && tandem_index::rates::is_known(code));
        known
            .max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(a.0)))
            .map_or_else(|| CURRENCY.to_owned(), |(code, _)| code.to_owned())
    }

    // Adds what some parts of a query ask together.
    fn ask(&mut self, group: &[&Part], tokens: &[Token]) {
        let Some(first) = group.first() else {
            return;
        };
        if self.is_said(&first.fact) {
            return;
        }
        match self.asked(&first.fact) {
            Asked::Nothing => {}
            Asked::Filter(name, mut condition) => {
                for part in &group[1..] {
                    if let (Asked::Filter(_, more), Some(any)) =
                        (self.asked(&part.fact), &mut condition.any)
                    {
                        any.extend(more.any.unwrap_or_default());
                    }
                }
                // What a query says in other words than the field's takes no
                // fault: without a filter the words are gone, so it must compile.
                if let Ok(mut filter) = Filter::compile(self.kind, &name, &condition) {
                    filter.unknown = self.unknown(group, tokens);
                    self.filters.push(filter);
                }
            }
            Asked::Near(_) => self.ask_near(group, tokens),
        }
    }

    fn ask_near(&mut self, group: &[&Part], tokens: &[Token]) {
        let mut radii = Vec::new();
        for part in group {
            let (Asked::Near(near), Fact::Place(place::Said::City { city, .. })) =
                (self.asked(&part.fact), &part.fact)
            else {
                continue;
            };
            if let Ok(mut radius) = Radius::compile(self.kind, &near) {
                radius.place = Some(label(city));
                radius.unknown = self.unknown(&[part], tokens);
                radii.push(radius);
            }
        }
        if radii.len() == 1 {
            self.near = radii.pop();
        } else {
            self.around = radii;
        }
    }

    // The words a document must have that does not say the fact. Of several
    // parts those of one, as far as single words can say that.
    fn unknown(&self, group: &[&Part], tokens: &[Token]) -> Unknown {
        let languages = self.languages();
        let words = |part: &Part| -> Vec<Alternatives> {
            let said = telling(part, tokens);
            let mut words: Vec<Alternatives> = query_terms(&said, &languages)
                .into_iter()
                .map(|term| term.alternatives)
                .collect();
            for other in others(&part.fact) {
                let terms = query_terms(&other, &languages);
                if let [term] = terms.as_slice() {
                    words
                        .iter_mut()
                        .for_each(|word| add(word, &term.alternatives));
                }
            }
            words
        };
        let mut all = group.iter().map(|part| words(part));
        let mut out = all.next().unwrap_or_default();
        // (a and b) or (c and d) is (a or c) and (a or d) and (b or c) and (b or d).
        for more in all {
            let mut both = Vec::new();
            for one in &out {
                for other in &more {
                    let mut either = one.clone();
                    add(&mut either, other);
                    both.push(either);
                }
            }
            out = both;
            out.truncate(TOKENS_MAX);
        }
        Unknown::Words(out)
    }
}

fn add(to: &mut Alternatives, more: &[(String, TermKey)]) {
    for term in more {
        if !to.contains(term) {
            to.push(term.clone());
        }
    }
}

// The words of a part that a document would have too: the name of a place
// without the words around it, an amount without `at least`.
fn telling(part: &Part, tokens: &[Token]) -> String {
    let range = part.tokens.clone();
    let all: Vec<&str> = tokens[range.clone()]
        .iter()
        .map(|token| token.raw)
        .collect();
    match &part.fact {
        Fact::Pay(said) => {
            let numbers = said.numbers.iter().filter_map(|at| all.get(*at).copied());
            numbers.collect::<Vec<&str>>().join(" ")
        }
        Fact::Place(_) => {
            let name = tokens[range].iter().filter(|token| {
                !is_silent(&token.text)
                    && !place::is_around(&token.text)
                    && !token.text.chars().any(|c| c.is_ascii_digit())
            });
            name.map(|token| token.raw).collect::<Vec<&str>>().join(" ")
        }
        Fact::Values(..) | Fact::Posted(_) | Fact::Kind => all.join(" "),
    }
}

// Single words that say the same fact.
fn others(fact: &Fact) -> Vec<String> {
    match fact {
        Fact::Values(_, _, family) => family.single_words().map(str::to_owned).collect(),
        Fact::Place(place::Said::City { city, .. }) => vec![city.name.to_owned()],
        Fact::Place(_) | Fact::Pay(_) | Fact::Posted(_) | Fact::Kind => Vec::new(),
    }
}

fn same_thing(a: &Fact, b: &Fact) -> bool {
    match (a, b) {
        (Fact::Values(a, ..), Fact::Values(b, ..)) => a == b,
        (Fact::Place(a), Fact::Place(b)) => std::mem::discriminant(a) == std::mem::discriminant(b),
        (Fact::Pay(_), Fact::Pay(_)) | (Fact::Posted(_), Fact::Posted(_)) => true,
        _ => false,
    }
}

fn any<T: AsRef<str>>(values: &[T]) -> Condition {
    Condition {
        any: Some(values.iter().map(|value| json!(value.as_ref())).collect()),
        ..Condition::default()
    }
}

// Whole amounts without a point, as a client would write them.
fn number(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < 1e15 {
        json!(value as i64)
    } else {
        json!(value)
    }
}

// A day as a date, another time in full.
fn shown_date(ms: i64) -> String {
    let full = show_date_ms(ms);
    match full.split_once('T') {
        Some((date, _)) if ms.rem_euclid(DAY_MS) == 0 => date.to_owned(),
        _ => full,
    }
}

// A condition the way a request writes it.
fn shown_condition(condition: &Condition) -> Value {
    let bounds = [("gte", &condition.gte), ("lte", &condition.lte)];
    if let (Some(any), true) = (&condition.any, bounds.iter().all(|(_, b)| b.is_none())) {
        return match any.as_slice() {
            [one] => one.clone(),
            many => json!(many),
        };
    }
    let mut out = Map::new();
    for (name, bound) in bounds {
        if let Some(bound) = bound {
            out.insert(name.into(), bound.clone());
        }
    }
    for (name, text) in [
        ("currency", &condition.currency),
        ("period", &condition.period),
    ] {
        if let Some(text) = text {
            out.insert(name.into(), json!(text));
        }
    }
    Value::Object(out)
}

fn label(city: &City) -> String {
    let parts = [Some(city.name), city.region, Some(city.country)];
    parts
        .into_iter()
        .flatten()
        .collect::<Vec<&str>>()
        .join(", ")
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
