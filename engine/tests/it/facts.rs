//! Pay is compared across currencies, and places by where their cities are.

use std::sync::Arc;

use serde_json::json;
use tandem_engine::{FacetRequest, Request, Source};
use tandem_index::rates::convert;
use tandem_index::{Kinds, Snapshot};

use crate::support::{NOW_MS, TINY, answer, prepared, put, query, store};

fn jobs(documents: &[serde_json::Value]) -> Arc<Snapshot> {
    let kinds = Arc::new(Kinds::builtin());
    let writes = documents.iter().map(|d| put(&kinds, "jobs", d)).collect();
    store(&kinds, TINY, &prepared(&kinds, writes), 2).snapshot()
}

// (points over the least, most over the least, unknown) of an adjustment for a
// candidate and a job.
fn part(
    snapshot: &Snapshot,
    candidate: &serde_json::Value,
    id: &str,
    name: &str,
) -> (i32, i32, bool) {
    let source = Source::Inline {
        kind: "candidates".to_owned(),
        document: candidate.clone(),
    };
    let found = answer(
        snapshot,
        &Request::new(source, Some("jobs".to_owned()), NOW_MS),
    );
    let hit = found.hits.iter().find(|hit| hit.id == id).unwrap();
    let part = hit
        .contributions
        .iter()
        .find(|part| part.name == name)
        .unwrap();
    (part.points - part.min, part.max - part.min, part.unknown)
}

#[test]
fn pay_in_another_currency_is_converted() {
    let euros = 60_000.0;
    let in_yen = convert(euros, "EUR", "JPY").unwrap();
    let job = |id: &str, max: f64, currency: &str| json!({"id": id, "title": "Welder", "pay": {"max": max, "currency": currency}});
    let snapshot = jobs(&[
        job("same", euros, "EUR"),
        job("yen", in_yen * 1.000_001, "JPY"),
        job("short", in_yen * 0.75, "JPY"),
        job("unknown", euros, "XTS"),
    ]);
    let wants =
        json!({"id": "c", "headline": "Welder", "pay_wanted": {"min": euros, "currency": "EUR"}});
    let of = |id: &str| part(&snapshot, &wants, id, "pay");
    let max = of("same").1;
    assert!(max > 0);
    assert_eq!(of("same"), (max, max, false));
    assert_eq!(of("yen"), (max, max, false));
    let (points, _, unknown) = of("short");
    assert!(
        !unknown && (points - max / 2).abs() <= 1,
        "{points} of {max}"
    );
    // Nothing is added, nothing taken.
    assert_eq!(of("unknown"), (80_000, max, true));
}

#[test]
fn a_town_next_to_the_city_is_near_it_without_coordinates() {
    let job = |id: &str, place: &str| json!({"id": id, "title": "Welder", "location": place});
    let snapshot = jobs(&[
        job("same", "Potsdam, Germany"),
        job("near", "Berlin"),
        job("far", "München"),
        job("none", "Kleindorf"),
    ]);
    let candidate = json!({"id": "c", "headline": "Welder", "location": "Potsdam, DE"});
    let of = |id: &str| part(&snapshot, &candidate, id, "place");
    let max = of("same").1;
    assert_eq!(of("same").0, max);
    let near = of("near").0;
    assert!(near > max * 9 / 10, "{near} of {max}: 27 km");
    assert_eq!(of("far").0, max / 4);
    assert_eq!(of("none"), (0, max, false));
}

#[test]
fn a_facet_of_places_finds_a_country_by_name_and_by_code() {
    let job = |id: &str, place: &str| json!({"id": id, "title": "Welder", "location": place});
    let snapshot = jobs(&[
        job("1", "Berlin"),
        job("2", "München"),
        job("3", "Paris, France"),
        job("4", "Germantown, TN"),
    ]);
    let found = |search: &str| -> Vec<(String, u64)> {
        let mut request = query("", "jobs");
        let mut facet = FacetRequest::new("location", 20);
        facet.search = Some(search.to_owned());
        request.facets = vec![facet];
        let values = answer(&snapshot, &request).facets.remove(0).1;
        let counts = values.into_iter().map(|value| (value.value, value.count));
        counts.collect()
    };
    let of = |list: &[(&str, u64)]| -> Vec<(String, u64)> {
        let owned = list
            .iter()
            .map(|(value, count)| ((*value).to_owned(), *count));
        owned.collect()
    };
    // A country by its name, another for the town in it.
    assert_eq!(found("germa"), of(&[("DE", 2), ("US", 1)]));
    assert_eq!(found("germany"), of(&[("DE", 2)]));
    assert_eq!(found("us"), of(&[("US", 1)]));
    assert_eq!(found("states"), of(&[("US", 1)]));
    assert_eq!(found("nowhere"), of(&[]));
}
