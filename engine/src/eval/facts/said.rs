//! What a fact says, in the annotators' notation. Owns how values are written,
//! which facts of a document are one, and when two values are the same.

use tandem_index::facts::{
    Education, End, Fact, Fluency, Month, Need, Prose, Value, Workplace, latest_month, years_total,
};
use tandem_index::gazetteer::{self, Given};
use tandem_index::skills::Dictionary;

/// A fact as the annotators would have written it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Said {
    pub(super) field: &'static str,
    pub(super) value: String,
    pub(super) need: Option<Need>,
    pub(super) spans: Vec<(u32, u32)>,
}

/// The facts of a document; those that say the same thing are one, but of years,
/// positions and a person's degrees each statement counts by itself.
pub(super) fn said(text: &str, prose: Prose, facts: &[Fact]) -> Vec<Said> {
    let mut out: Vec<Said> = Vec::new();
    for fact in facts {
        let (field, value, need) = written(text, prose, fact);
        let span = (fact.start, fact.end);
        if let Value::Position {
            dates: Some(dates), ..
        } = fact.value
        {
            out.push(Said {
                field: "dates",
                value: value.clone(),
                need: None,
                spans: vec![dates],
            });
        }
        // A position without a title has only its dates.
        if matches!(fact.value, Value::Position { dates: Some(dates), .. } if dates == span) {
            continue;
        }
        let held = out
            .iter_mut()
            .find(|said| said.field == field && said.value == value && !by_statement(prose, field));
        if let Some(held) = held {
            held.spans.push(span);
            // Needs are ordered from the strongest on.
            held.need = held.need.min(need);
        } else {
            out.push(Said {
                field,
                value,
                need,
                spans: vec![span],
            });
        }
    }
    if let Some(total) = career(text, facts).filter(|_| prose == Prose::Cv) {
        out.push(Said {
            field: "years",
            value: format!("{total:.2}"),
            need: None,
            spans: Vec::new(),
        });
    }
    out
}

// A person's years of work: those of the positions, else the most that is said.
fn career(text: &str, facts: &[Fact]) -> Option<f64> {
    years_total(facts, latest_month(text)).or_else(|| {
        let said = facts.iter().filter_map(|fact| {
            let Value::Years { min, .. } = &fact.value else {
                return None;
            };
            Some(*min)
        });
        said.reduce(f64::max)
    })
}

/// Whether each statement of a field is one of its own.
pub(super) fn by_statement(prose: Prose, field: &str) -> bool {
    match field {
        "years" | "years.said" | "position" | "dates" => true,
        "education" => prose == Prose::Cv,
        _ => false,
    }
}

fn written(text: &str, prose: Prose, fact: &Fact) -> (&'static str, String, Option<Need>) {
    let wanted = |need: Need| (prose == Prose::Ad).then_some(need);
    match &fact.value {
        Value::Skill(id, need) => {
            let skill = Dictionary::builtin().get(*id);
            let name = skill.map_or_else(|| id.to_string(), |skill| skill.name.to_owned());
            ("skill", name, wanted(*need))
        }
        Value::Unlisted(need) => {
            let name = text.get(fact.start as usize..fact.end as usize);
            let words = name.unwrap_or_default().to_lowercase();
            ("skill", words, wanted(*need))
        }
        Value::Years { min, max } => {
            let field = match prose {
                Prose::Ad => "years",
                Prose::Cv => "years.said",
            };
            (field, range(Some(*min), *max, max.is_some()), None)
        }
        Value::Education(level, need) => ("education", education(*level).to_owned(), wanted(*need)),
        Value::Certificate(name, need) => ("certificate", (*name).to_owned(), wanted(*need)),
        Value::Language(code, fluency, need) => {
            let value = format!("{code}:{}", level(*fluency));
            ("language", value, wanted(*need))
        }
        Value::Seniority(rank) => ("seniority", (*rank).to_owned(), None),
        Value::Pay {
            min,
            max,
            currency,
            period,
        } => {
            let value = format!("{} {currency} {period}", range(*min, *max, true));
            ("pay", value, None)
        }
        Value::Workplace(place) => ("workplace", workplace(*place).to_owned(), None),
        Value::Place {
            city,
            region,
            country,
        } => ("place", format!("{city}|{region}|{country}"), None),
        Value::Contract(sort) => ("contract", (*sort).to_owned(), None),
        Value::Industry(field) => ("industry", (*field).to_owned(), None),
        Value::Position { from, to, .. } => {
            let from = from.map(month).unwrap_or_default();
            let to = to.map(end).unwrap_or_default();
            ("position", format!("{from} | {to}"), None)
        }
    }
}

fn range(min: Option<f64>, max: Option<f64>, dash: bool) -> String {
    let number = |n: Option<f64>| n.map(|n| n.to_string()).unwrap_or_default();
    let dash = if dash { "-" } else { "" };
    format!("{}{dash}{}", number(min), number(max))
}

fn education(level: Education) -> &'static str {
    match level {
        Education::Secondary => "secondary",
        Education::Vocational => "vocational",
        Education::Bachelor => "bachelor",
        Education::Master => "master",
        Education::Doctorate => "doctorate",
    }
}

fn level(fluency: Fluency) -> &'static str {
    match fluency {
        Fluency::Any => "any",
        Fluency::Basic => "basic",
        Fluency::Conversational => "conversational",
        Fluency::Business => "business",
        Fluency::Fluent => "fluent",
        Fluency::Native => "native",
        Fluency::Cefr(level) => match level {
            1 => "A1",
            2 => "A2",
            3 => "B1",
            4 => "B2",
            5 => "C1",
            _ => "C2",
        },
    }
}

fn workplace(place: Workplace) -> &'static str {
    match place {
        Workplace::Remote => "remote",
        Workplace::Hybrid => "hybrid",
        Workplace::Onsite => "onsite",
    }
}

fn month(month: Month) -> String {
    match month.month {
        Some(number) => format!("{}-{number:02}", month.year),
        None => month.year.to_string(),
    }
}

fn end(end: End) -> String {
    match end {
        End::Now => "now".to_owned(),
        End::At(at) => month(at),
    }
}

/// Whether a label's value and a fact's are the same. Skills and certificates
/// are compared by their places alone: everybody names them differently.
pub(super) fn same(prose: Prose, field: &str, label: &str, said: &str) -> bool {
    match field {
        "skill" | "certificate" => true,
        "years" if prose == Prose::Cv => total(label, said),
        "years" | "years.said" => numbers(label) == numbers(said),
        "education" => label.split(" | ").next() == Some(said),
        "pay" => pay(label, said),
        "place" => place(label, said),
        "position" | "dates" => {
            let mut parts = label.rsplitn(3, " | ");
            let (to, from) = (parts.next(), parts.next());
            format!("{} | {}", from.unwrap_or_default(), to.unwrap_or_default()) == said
        }
        _ => label == said,
    }
}

fn numbers(text: &str) -> Vec<Option<f64>> {
    text.split('-').map(|number| number.parse().ok()).collect()
}

/// Years of a career may differ by a quarter: annotators round.
const TOTAL_TOLERANCE_YEARS: f64 = 0.25;

fn total(label: &str, said: &str) -> bool {
    match (label.parse::<f64>(), said.parse::<f64>()) {
        (Ok(label), Ok(said)) => (label - said).abs() <= TOTAL_TOLERANCE_YEARS,
        _ => false,
    }
}

fn pay(label: &str, said: &str) -> bool {
    let (Some((amounts, unit)), Some((read, read_unit))) =
        (label.split_once(' '), said.split_once(' '))
    else {
        return false;
    };
    let (amounts, read) = (numbers(amounts), numbers(read));
    let near = |pair: (&Option<f64>, &Option<f64>)| match pair {
        (Some(one), Some(other)) => (one - other).abs() < 0.01,
        (one, other) => one == other,
    };
    unit == read_unit && amounts.len() == read.len() && amounts.iter().zip(&read).all(near)
}

// City and country, as far as both say them: a label says what the text says, a
// fact what the gazetteer makes of it.
fn place(label: &str, said: &str) -> bool {
    let mut parts = said.split('|');
    let mut part = || parts.next().unwrap_or_default();
    let (city, region, country) = (part(), part(), part());
    let meant = gazetteer::resolve(label, &Given::default());
    let named = gazetteer::fold(label);
    let town = meant.city.map(|city| city.name.to_owned()).or(meant.town);
    let alike = |name: &str| {
        let name = gazetteer::fold(name);
        let own = town.as_deref().map(gazetteer::fold);
        own.as_ref() == Some(&name) || (!name.is_empty() && named.contains(&name))
    };
    let place_fits = match (town.is_some(), city.is_empty()) {
        (true | false, false) => alike(city),
        // A county, which the gazetteer takes for a town.
        (true, true) => alike(region),
        (false, true) => {
            let own = meant.region.as_deref();
            region.is_empty() || own.is_none() || own == Some(region) || alike(region)
        }
    };
    let country_said = label.contains(',') || town.is_none();
    let country_fits =
        country.is_empty() || !country_said || meant.country.is_none_or(|own| own == country);
    place_fits && country_fits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_the_same_whatever_the_notation() {
        // (field, label, said, same)
        let cases = [
            ("years", "3-5", "3-5", true),
            ("years", "3", "3.0", true),
            ("years", "3", "3-5", false),
            ("years", "0.5", "0.5", true),
            ("education", "bachelor | Business", "bachelor", true),
            ("education", "master", "bachelor", false),
            ("pay", "31.98-33.78 USD hour", "31.98-33.78 USD hour", true),
            ("pay", "-45000 GBP year", "-45000 GBP year", true),
            ("pay", "45000- GBP year", "-45000 GBP year", false),
            (
                "pay",
                "45000-45000 GBP year",
                "45000-45000 GBP month",
                false,
            ),
            ("place", "Yerevan, Armenia", "Yerevan|Yerevan|AM", true),
            ("place", "Lisbon", "Lisbon|Lisbon|PT", true),
            ("place", "Richmond, VA, USA", "Richmond|VA|US", true),
            ("place", "Paris, TX", "Paris|Paris|FR", false),
            ("place", "Sweden", "||SE", true),
            ("place", "Sweden", "||NO", false),
            ("place", "Lisbon", "||PT", false),
            ("position", "Cook | 2014-08 | now", "2014-08 | now", true),
            ("position", "Cook | Chef |  | ", " | ", true),
            ("dates", "Cook | 2014 | 2015", "2014 | 2016", false),
            ("certificate", "CPA", "Certified Public Accountant", true),
            ("contract", "full_time", "full_time", true),
            ("contract", "full_time", "part_time", false),
        ];
        for (field, label, said, expected) in cases {
            let found = same(Prose::Ad, field, label, said);
            assert_eq!(found, expected, "{field}: {label} / {said}");
        }
    }

    #[test]
    fn a_career_may_be_counted_a_little_differently() {
        assert!(same(Prose::Cv, "years", "11.3", "11.25"));
        assert!(!same(Prose::Cv, "years", "11.3", "10.9"));
    }
}
