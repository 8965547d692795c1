//! What an understood part asks for: filters and radii, and how they are shown.
//! Owns what documents that do not say a fact must have instead.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use tandem_index::analysis::query_terms;
use tandem_index::document::show_date_ms;
use tandem_index::kinds::{Meaning, Role};
use tandem_index::rates;

use super::tokens::Token;
use super::{DAY_MS, Fact, Part, money, place};
use crate::filter::{CURRENCY, Filter, Phrase, Unknown};
use crate::near::{Radius, label};
use crate::prepare::Question;
use crate::reduce::is_silent;
use crate::request::{Center, Condition, Near};

/// What all parts say of one thing: conditions of which one must hold.
enum Asked {
    Filter(String, Box<Condition>),
    Near(Near),
    Nothing,
}

impl Asked {
    fn filter(name: String, condition: Condition) -> Self {
        Self::Filter(name, Box::new(condition))
    }
}

impl Question<'_> {
    pub(super) fn name_of_fact(&self, fact: &Fact) -> &str {
        match fact {
            Fact::Values(column, ..) if Some(*column) == self.kind.facts().remote => "remote",
            Fact::Values(column, ..) => &self.kind.columns()[*column].name,
            Fact::Pay(_) => "pay",
            Fact::Place(_) => "place",
            Fact::Posted(_) => "posted",
            Fact::Kind => "kind",
        }
    }

    pub(super) fn show(&self, fact: &Fact, one: &mut Value) {
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
            Fact::Values(column, values, _) => Asked::filter(name(*column), any(values)),
            Fact::Pay(said) => match self.kind.meaning(Meaning::Pay) {
                Some(field) => Asked::filter(field.name.clone(), self.pay(said, field.role)),
                None => Asked::Nothing,
            },
            Fact::Posted(from) => facts.posted.map_or(Asked::Nothing, |column| {
                let condition = Condition {
                    gte: Some(json!(shown_date(*from))),
                    ..Condition::default()
                };
                Asked::filter(name(column), condition)
            }),
            Fact::Place(place::Said::City { city, km }) => Asked::Near(Near {
                center: Center::Point(city.lat, city.lon),
                km: *km,
                include_unknown: false,
            }),
            Fact::Place(place::Said::Region(region, _)) => {
                facts.city.map_or(Asked::Nothing, |at| {
                    Asked::filter(name(at + 1), any(&[*region]))
                })
            }
            Fact::Place(place::Said::Country(code)) => facts.city.map_or(Asked::Nothing, |at| {
                Asked::filter(name(at + 2), any(&[*code]))
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
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
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
            .filter(|(code, count)| *count > 0 && rates::is_known(code));
        known
            .max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(a.0)))
            .map_or_else(|| CURRENCY.to_owned(), |(code, _)| code.to_owned())
    }

    // Adds what some parts of a query ask together.
    pub(super) fn ask(&mut self, group: &[&Part], tokens: &[Token]) {
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
                    filter.unknown = match first.fact {
                        // `today` in a text says nothing of when it was posted.
                        Fact::Posted(_) => Unknown::Exclude,
                        Fact::Values(..) | Fact::Pay(_) | Fact::Place(_) | Fact::Kind => {
                            unknown(group, tokens)
                        }
                    };
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
                radius.unknown = unknown(&[part], tokens);
                radius.country = self.kind.facts().city.map(|at| (at + 2, city.country));
                radii.push(radius);
            }
        }
        if radii.len() == 1 {
            self.near = radii.pop();
        } else {
            self.around = radii;
        }
    }
}

// What a document must say in its text that does not say the fact: the words
// of one of the parts as they stand, or another way to say it.
fn unknown(group: &[&Part], tokens: &[Token]) -> Unknown {
    let mut phrases: Vec<Phrase> = Vec::new();
    for part in group {
        for said in std::iter::once(telling(part, tokens)).chain(others(&part.fact)) {
            // The word itself and no stem: who may not work remotely says so.
            let words = query_terms(&said, &[]).into_iter();
            let phrase: Phrase = words
                .filter_map(|term| term.alternatives.into_iter().next())
                .collect();
            if !phrase.is_empty() && !phrases.contains(&phrase) {
                phrases.push(phrase);
            }
        }
    }
    Unknown::Phrases(phrases)
}

// The words of a part that a document would have too: the name of a place
// without the words around it, an amount without `at least`.
pub(super) fn telling(part: &Part, tokens: &[Token]) -> String {
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

// Other ways to say the same fact.
fn others(fact: &Fact) -> Vec<String> {
    match fact {
        Fact::Values(_, _, family) => family.in_prose().map(str::to_owned).collect(),
        Fact::Place(place::Said::City { city, .. }) => vec![city.name.to_owned()],
        Fact::Place(_) | Fact::Pay(_) | Fact::Posted(_) | Fact::Kind => Vec::new(),
    }
}

pub(super) fn same_thing(a: &Fact, b: &Fact) -> bool {
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
