//! Where the work of an ad is done. Owns which of the places count; the patterns
//! stand in `lines` (titles, labels, lines) and `sentences`, how far a name of a
//! place goes in `name`.
//!
//! A place counts where words say that the job is there ("Location:", "this role
//! is based in", "in our X office"), in the title, or alone on one of the first
//! lines (sure: 95, 90, 80). "in X" without such words counts only where nothing else is
//! said (65), where the company is said to sit only where not even that is (60).

mod lines;
mod name;
mod sentences;

use super::{Fact, Prose, Reading, Value, Workplace};
use name::Named;

/// Places that are told at most.
const PLACES_MAX: usize = 10;
/// Places that are compared at most.
const FOUND_MAX: usize = 200;
/// How sure a place is that nothing points to.
const WEAK: u8 = 65;
/// How sure a place is where the employer sits, and nothing says where the job is.
const SEAT: u8 = 60;

pub(super) fn read(reading: &Reading<'_>, out: &mut Vec<Fact>) {
    if reading.prose != Prose::Ad {
        return;
    }
    let mut found: Vec<(u8, Named)> = Vec::new();
    lines::from_title(reading, &mut found);
    lines::from_lines(reading, &mut found);
    sentences::from_words(reading, &mut found);
    // Who works at home does not work where the employer sits.
    let works = |place: Workplace| out.iter().any(|fact| fact.value == Value::Workplace(place));
    if works(Workplace::Remote) && !works(Workplace::Hybrid) && !works(Workplace::Onsite) {
        found.retain(|(sure, _)| *sure > SEAT);
    }
    let strong = found.iter().any(|(sure, _)| *sure > WEAK);
    found.retain(|(sure, _)| !strong || *sure > WEAK);
    if !strong {
        // Of places nothing points to, the first.
        found.sort_by_key(|(sure, named)| (std::cmp::Reverse(*sure), named.start));
        found.truncate(1);
    }
    let kept = without_wider(found);
    out.extend(
        kept.into_iter()
            .take(PLACES_MAX)
            .map(|(sure, named)| fact(sure, named)),
    );
}

fn fact(sure: u8, named: Named) -> Fact {
    Fact {
        start: named.start as u32,
        end: named.end as u32,
        sure,
        value: Value::Place {
            city: named.city,
            region: named.region,
            country: named.country,
        },
    }
}

// Each place once, in its fullest form; a country goes where a city is named.
fn without_wider(mut found: Vec<(u8, Named)>) -> Vec<(u8, Named)> {
    let parts = |named: &Named| {
        [&named.city, &named.region, &named.country]
            .into_iter()
            .filter(|part| !part.is_empty())
            .count()
    };
    found.sort_by_key(|(sure, named)| (std::cmp::Reverse(*sure), named.start));
    found.truncate(FOUND_MAX);
    let mut kept: Vec<(u8, Named)> = Vec::new();
    let cities = found.iter().filter(|(_, named)| !named.city.is_empty());
    let city_sure = cities.map(|(sure, _)| *sure).max().unwrap_or_default();
    for (sure, named) in found {
        if named.city.is_empty() && city_sure >= sure {
            continue;
        }
        let twin = kept.iter_mut().find(|(_, held)| {
            held.city == named.city
                && (!named.city.is_empty()
                    || (held.region == named.region && held.country == named.country))
        });
        match twin {
            Some((_, held)) if parts(held) >= parts(&named) => {}
            Some((_, held)) => *held = named,
            None => kept.push((sure, named)),
        }
    }
    kept
}

#[cfg(test)]
mod tests;
