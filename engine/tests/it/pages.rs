//! Pages of a cursor concatenate to the full list, while the store goes on
//! changing behind the snapshot they are read from.

use std::collections::HashSet;

use serde_json::json;
use tandem_engine::{Answer, Condition, Request, Scope, Source};
use tandem_index::snapshot::Snapshot;
use tandem_index::{Store, StoreOptions};

use crate::corpus::Corpus;
use crate::support::{NOW_MS, Rng, answer, delete, merge, prepared, query, store};

fn read(
    snapshot: &Snapshot,
    request: &Request,
    limit: usize,
    mut between: impl FnMut(),
) -> Vec<Answer> {
    let mut request = Request {
        limit,
        ..request.clone()
    };
    let mut pages = Vec::new();
    loop {
        let page = answer(snapshot, &request);
        request.cursor.clone_from(&page.cursor);
        assert!(
            page.hits.len() == limit || page.cursor.is_none(),
            "only the last page is short"
        );
        pages.push(page);
        if request.cursor.is_none() {
            return pages;
        }
        between();
    }
}

fn listed(pages: &[Answer]) -> Vec<(String, u32)> {
    let hits = pages.iter().flat_map(|page| &page.hits);
    hits.map(|hit| (hit.id.clone(), hit.score)).collect()
}

fn country(values: &[&str]) -> (String, Condition) {
    let condition = Condition {
        any: Some(values.iter().map(|value| json!(value)).collect()),
        ..Condition::default()
    };
    ("location.country".into(), condition)
}

fn requests(corpus: &Corpus) -> Vec<Request> {
    let job = corpus.jobs[17]["id"].as_str().unwrap();
    let stored = |kind: &str, id: &str| Source::Stored {
        kind: kind.into(),
        id: id.into(),
    };
    let manager = query("manager of a team", "jobs");
    let matched = Request::new(stored("jobs", job), Some("candidates".into()), NOW_MS);
    let similar = Request::new(stored("jobs", job), Some("jobs".into()), NOW_MS);
    let with = |request: &Request, change: &dyn Fn(&mut Request)| {
        let mut request = request.clone();
        change(&mut request);
        request
    };
    let mut list = vec![
        manager.clone(),
        query("", "jobs"),
        query("+experience -nurse", "jobs"),
        with(&manager, &|r| r.count = false),
        with(&manager, &|r| {
            r.filters = vec![country(&["US", "DE", "GB"])];
        }),
        with(&manager, &|r| {
            r.sort = vec!["-posted_at".into(), "company".into()];
        }),
        with(&manager, &|r| {
            r.sort = vec!["location.city".into(), "-score".into()];
        }),
        with(&query("", "jobs"), &|r| r.sort = vec!["-pay.min".into()]),
        matched.clone(),
        similar.clone(),
        with(&matched, &|r| r.filters = vec![country(&["US"])]),
        with(&similar, &|r| r.count = false),
    ];
    let ranked: Vec<Request> = [manager, matched, similar]
        .iter()
        .map(|request| with(request, &|r| r.scope = Scope::All))
        .collect();
    list.extend(ranked);
    list
}

// Replaces, deletes and merges: what a cursor's snapshot must not feel.
fn disturb(store: &mut Store, corpus: &Corpus, rng: &mut Rng) {
    let job = rng.pick(&corpus.jobs);
    let id = job["id"].as_str().unwrap();
    let other = json!({"id": id, "title": "manager", "description": "manager of a team"});
    let change = if rng.chance(50) {
        delete(&corpus.kinds, "jobs", id)
    } else {
        crate::support::put(&corpus.kinds, "jobs", &other)
    };
    store.apply(prepared(&corpus.kinds, vec![change]), 0);
    merge(store);
}

// Rank scores everything that passes the filters; of that, a match leaves out
// nothing and a search what its words do not match.
fn check_ranked(request: &Request, full: &[(String, u32)], ranked: &[(String, u32)]) {
    let searched = matches!(request.source, Source::Query { .. });
    assert!(
        searched || full.len() == ranked.len(),
        "no document left out: {request:?}"
    );
    let kept: HashSet<&(String, u32)> = full.iter().collect();
    let mut expected: Vec<&(String, u32)> =
        ranked.iter().filter(|hit| kept.contains(hit)).collect();
    assert_eq!(
        expected.len(),
        full.len(),
        "rank has them all, with the same scores: {request:?}"
    );
    if request.sort.is_empty() {
        let mut found: Vec<&(String, u32)> = full.iter().collect();
        found.sort_by_key(|(id, score)| (std::cmp::Reverse(*score), id));
        expected.sort_by_key(|(id, score)| (std::cmp::Reverse(*score), id));
        assert!(found == expected, "{request:?}");
        assert!(
            ranked.is_sorted_by_key(|(id, score)| (std::cmp::Reverse(*score), id)),
            "{request:?}"
        );
    }
}

#[test]
fn pages_concatenate_to_the_full_list_while_the_store_changes() {
    let mut rng = Rng::new("pages", 41);
    let corpus = Corpus::sample(1_500, 1_200, 9);
    let mut store = store(
        &corpus.kinds,
        StoreOptions::default(),
        &corpus.changes(),
        256,
    );
    for request in requests(&corpus) {
        let snapshot = store.snapshot();
        let whole = read(&snapshot, &request, 1_000, || {});
        let full = listed(&whole);
        let distinct: HashSet<&String> = full.iter().map(|(id, _)| id).collect();
        assert_eq!(distinct.len(), full.len(), "no document twice: {request:?}");
        let ranked = Request {
            scope: Scope::All,
            ..request.clone()
        };
        let ranked = listed(&read(&snapshot, &ranked, 1_000, || {}));
        check_ranked(&request, &full, &ranked);
        for limit in [7, 100, 999] {
            let pages = read(&snapshot, &request, limit, || {
                disturb(&mut store, &corpus, &mut rng);
            });
            assert!(
                listed(&pages) == full,
                "pages of {limit} are not the list: {request:?}"
            );
            for page in &pages {
                assert_eq!(page.total, whole[0].total, "{request:?}");
                assert_eq!(
                    page.total.as_ref().map(|t| t.value as usize),
                    request.count.then_some(full.len())
                );
            }
        }
        if request.sort.is_empty() {
            let pool = whole[0]
                .exact_until
                .map_or(full.len(), |until| until as usize);
            for part in [&full[..pool], &full[pool..]] {
                let key = |(id, score): &(String, u32)| (std::cmp::Reverse(*score), id.clone());
                assert!(part.is_sorted_by_key(key), "{request:?}");
            }
        }
    }
}

#[test]
fn a_cursor_of_another_request_or_snapshot_is_refused() {
    let corpus = Corpus::sample(40, 0, 10);
    let mut store = store(
        &corpus.kinds,
        StoreOptions::default(),
        &corpus.changes(),
        40,
    );
    let snapshot = store.snapshot();
    let request = query("", "jobs");
    let cursor = answer(&snapshot, &request).cursor;
    let refused = |snapshot: &Snapshot, request: Request| {
        let failure = tandem_engine::answer(snapshot, &request, &mut |_| {}).unwrap_err();
        failure.faults[0].code
    };
    let with = |request: Request| Request {
        cursor: cursor.clone(),
        ..request
    };
    assert_eq!(answer(&snapshot, &with(request.clone())).hits.len(), 10);
    assert_eq!(
        refused(&snapshot, with(query("other", "jobs"))),
        "invalid_cursor"
    );
    assert_eq!(
        refused(&snapshot, with(query("", "candidates"))),
        "invalid_cursor"
    );
    let later = Request {
        now_ms: NOW_MS + 1,
        ..request.clone()
    };
    assert_eq!(refused(&snapshot, with(later)), "invalid_cursor");
    store.apply(
        prepared(
            &corpus.kinds,
            vec![delete(&corpus.kinds, "jobs", "job-0000001")],
        ),
        0,
    );
    assert_eq!(refused(&store.snapshot(), with(request)), "snapshot_gone");
}
