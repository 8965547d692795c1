//! Suggestions against a scan over every living document, for any layout; and
//! nothing private among them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::json;
use tandem_engine::suggest::{Asked, SuggestType, Suggestion, suggest as find, types};
use tandem_index::kinds::Kind;
use tandem_index::row::stored_json;
use tandem_index::snapshot::Snapshot;
use tandem_index::suggest::{clean_title, normal};
use tandem_index::{Kinds, StoreOptions};

use crate::corpus::{Corpus, real_jobs};
use crate::support::{NOW_MS, Rng, TINY, delete, merge, prepared, put, store};

const EVERY: usize = 100;

fn suggest(
    snapshot: &Snapshot,
    kind: &Kind,
    q: &str,
    types: &[SuggestType],
    limit: usize,
) -> Vec<Suggestion> {
    let asked = Asked {
        q,
        types,
        limit,
        now_ms: NOW_MS,
    };
    find(snapshot, kind, asked)
}

// What every document has, by type, as a plain list of values.
fn values(snapshot: &Snapshot, kind: &str, sort: SuggestType) -> Vec<Vec<String>> {
    let kind = snapshot.kind(kind).unwrap();
    let column = match sort {
        SuggestType::Title => None,
        SuggestType::Skill => kind.facts().skills,
        SuggestType::Company => kind.column("company"),
        SuggestType::Place => kind.facts().city,
    };
    let title = if kind.is_person() {
        "headline"
    } else {
        "title"
    };
    let mut out = Vec::new();
    for live in &snapshot.collection(kind.id).segments {
        let expires = kind.facts().expires.map(|at| &live.segment.columns[at]);
        let is_over = |row: u32| {
            let date = expires.and_then(|column| column.number(row));
            date.is_some_and(|date| date <= NOW_MS as f64)
        };
        for row in live.alive.iter().filter(|row| !is_over(*row)) {
            out.push(if let Some(column) = column {
                let values = live.segment.columns[column].keywords().unwrap();
                let of_row = values.of(row).iter();
                of_row.map(|o| values.value(*o).to_owned()).collect()
            } else {
                let json = stored_json(live.segment.document(row));
                let title = json[title].as_str().and_then(clean_title);
                title.into_iter().collect()
            });
        }
    }
    out
}

// Everything that fits exactly, with the count and spelling it must have.
fn scan(rows: &[Vec<String>], q: &str) -> BTreeMap<String, (u8, u64, String)> {
    let typed = normal(q);
    let mut words: Vec<&str> = typed.split(' ').collect();
    let last = words.pop().unwrap();
    let mut counts: BTreeMap<String, (u64, BTreeMap<String, u64>)> = BTreeMap::new();
    for row in rows {
        let names: BTreeSet<String> = row.iter().map(|value| normal(value)).collect();
        for name in names {
            counts.entry(name).or_default().0 += 1;
        }
        for value in row {
            let spelled = &mut counts.entry(normal(value)).or_default().1;
            *spelled.entry(value.clone()).or_default() += 1;
        }
    }
    counts.retain(|name, _| {
        let held: Vec<&str> = name.split(' ').collect();
        !name.is_empty()
            && held.iter().any(|word| word.starts_with(last))
            && words.iter().all(|word| held.contains(word))
    });
    let fitted = counts.into_iter().map(|(name, (count, spelled))| {
        let fit = u8::from(!name.starts_with(&typed));
        let most = *spelled.values().max().unwrap();
        let spelling = spelled.into_iter().find(|(_, n)| *n == most).unwrap().0;
        (name, (fit, count, spelling))
    });
    fitted.collect()
}

fn compare(snapshot: &Snapshot, kind: &str, sort: SuggestType, q: &str) -> usize {
    let of_kind = snapshot.kind(kind).unwrap();
    let found = suggest(snapshot, of_kind, q, &[sort], EVERY);
    let scanned = scan(&values(snapshot, kind, sort), q);
    let mut expected: Vec<(u8, std::cmp::Reverse<u64>, &str)> = scanned
        .iter()
        .map(|(name, (fit, count, _))| (*fit, std::cmp::Reverse(*count), name.as_str()))
        .collect();
    expected.sort_unstable();
    // Other names of skills and words one edit away come beside the exact ones.
    let exact: Vec<&Suggestion> = found
        .iter()
        .filter(|one| scanned.contains_key(&normal(&one.text)))
        .collect();
    if found.len() < EVERY {
        assert_eq!(exact.len(), expected.len(), "{kind} {sort:?} {q:?}");
    }
    for one in &exact {
        let (_, count, spelling) = &scanned[&normal(&one.text)];
        assert_eq!((&one.text, one.count), (spelling, *count), "{q:?}");
    }
    if sort != SuggestType::Skill {
        for (one, (_, count, name)) in exact.iter().zip(&expected) {
            assert_eq!(
                (normal(&one.text).as_str(), one.count),
                (*name, count.0),
                "{q:?}"
            );
        }
    }
    exact.len()
}

fn queries(
    rng: &mut Rng,
    snapshot: &Snapshot,
    kind: &str,
    count: usize,
) -> Vec<(SuggestType, String)> {
    let sorts = types(snapshot.kind(kind).unwrap());
    let mut pools: Vec<(SuggestType, Vec<String>)> = Vec::new();
    for sort in sorts {
        pools.push((sort, values(snapshot, kind, sort).concat()));
    }
    pools.retain(|(_, pool)| !pool.is_empty());
    (0..count)
        .map(|_| {
            let (sort, pool) = rng.pick(&pools);
            let value: Vec<char> = rng.pick(pool).chars().collect();
            let from = if rng.chance(30) {
                rng.below(value.len())
            } else {
                0
            };
            let to = from + 1 + rng.below(value.len() - from);
            (*sort, value[from..to].iter().collect())
        })
        .collect()
}

#[test]
fn suggestions_and_their_counts_are_those_of_a_scan_in_any_layout() {
    let mut rng = Rng::new("suggestions", 5);
    let mut corpus = Corpus::sample(700, 300, 21);
    corpus
        .jobs
        .extend(real_jobs("ran on the sample only", 40).unwrap_or_default());
    let changes = corpus.accepted("suggestions");
    let mut store = store(&corpus.kinds, TINY, &changes, 64);
    // Rows that are gone must count nowhere.
    for kind in ["jobs", "candidates"] {
        let gone = corpus.of(kind).iter().step_by(7);
        let gone = gone.map(|one| delete(&corpus.kinds, kind, one["id"].as_str().unwrap()));
        let gone = prepared(&corpus.kinds, gone.collect());
        store.apply(gone, 0);
    }
    let mut asked = Vec::new();
    let mut found = 0;
    for kind in ["jobs", "candidates"] {
        let snapshot = store.snapshot();
        for (sort, q) in queries(&mut rng, &snapshot, kind, 150) {
            found += compare(&snapshot, kind, sort, &q);
            asked.push((kind, q));
        }
    }
    assert!(found > 1_000, "only {found} values fitted");
    asked.extend([("jobs", String::new()), ("candidates", String::new())]);
    let answers = |snapshot: &Snapshot| -> Vec<Vec<Suggestion>> {
        // Nothing of what is asked at another time is in what is asked now.
        for kind in ["jobs", "candidates"] {
            let kind = snapshot.kind(kind).unwrap();
            for days in [-400, 30, 2_000] {
                let asked = Asked {
                    q: "",
                    types: &SuggestType::ALL,
                    limit: 10,
                    now_ms: NOW_MS + days * 86_400_000,
                };
                let found = find(snapshot, kind, asked);
                assert!(!found.is_empty(), "{days}");
            }
        }
        let one = |(kind, q): &(&str, String)| {
            suggest(
                snapshot,
                snapshot.kind(kind).unwrap(),
                q,
                &SuggestType::ALL,
                10,
            )
        };
        asked.iter().map(one).collect()
    };
    let expected = answers(&store.snapshot());
    merge(&mut store);
    assert_eq!(answers(&store.snapshot()), expected, "merged");
    for (parts, large) in [(1, false), (5, false), (30, false), (3, true)] {
        store.relayout(parts, large);
        assert_eq!(answers(&store.snapshot()), expected, "{parts} segments");
    }
}

#[test]
fn people_find_what_they_begin_to_type() {
    let kinds = Arc::new(Kinds::builtin());
    let job = |id: &str, title: &str, company: &str, city: &str, skills: &[&str]| {
        json!({"id": id, "title": title, "company": company,
               "location": {"city": city, "country": "DE"}, "skills": skills})
    };
    let jobs = [
        job(
            "1",
            "Data Engineer (m/w/d)",
            "Dataworks",
            "Berlin",
            &["Kubernetes"],
        ),
        job("2", "Data Engineer - Berlin", "ACME", "Berlin", &["Python"]),
        job(
            "3",
            "Senior Data Engineer",
            "Acme",
            "Dresden",
            &["Kubernetes"],
        ),
        job("4", "Nurse", "Klinik Dahlem", "Köln", &["Triage"]),
    ];
    let changes = jobs.iter().map(|job| put(&kinds, "jobs", job)).collect();
    let store = store(
        &kinds,
        StoreOptions::default(),
        &prepared(&kinds, changes),
        2,
    );
    let snapshot = store.snapshot();
    let of = |q: &str, sorts: &[SuggestType]| -> Vec<String> {
        let found = suggest(&snapshot, snapshot.kind("jobs").unwrap(), q, sorts, 5);
        found
            .into_iter()
            .map(|one| format!("{} {} {}", one.kind_of.as_str(), one.count, one.highlight))
            .collect()
    };
    let title = [SuggestType::Title];
    let company = [SuggestType::Company];
    let place = [SuggestType::Place];
    let skill = [SuggestType::Skill];
    let cases: [(&str, &[SuggestType], &[&str]); 9] = [
        (
            "dat",
            &title,
            &[
                "title 2 <mark>Dat</mark>a Engineer",
                "title 1 Senior <mark>Dat</mark>a Engineer",
            ],
        ),
        (
            "senior dat",
            &title,
            &["title 1 <mark>Senior</mark> <mark>Dat</mark>a Engineer"],
        ),
        (
            "eng dat",
            &title,
            &[
                "title 2 <mark>Dat</mark>a <mark>Eng</mark>ineer",
                "title 1 Senior <mark>Dat</mark>a <mark>Eng</mark>ineer",
            ],
        ),
        ("acm", &company, &["company 2 <mark>ACM</mark>E"]),
        ("KOL", &place, &["place 1 <mark>Köl</mark>n"]),
        ("k8s", &skill, &["skill 2 Kubernetes"]),
        ("nurce", &title, &["title 1 <mark>Nurse</mark>"]),
        ("zzzz", &SuggestType::ALL, &[]),
        ("da", &[], &[]),
    ];
    for (q, sorts, expected) in cases {
        assert_eq!(of(q, sorts), expected, "{q}");
    }
    let all = of("da", &SuggestType::ALL);
    assert_eq!(
        all,
        [
            "skill 3 <mark>Da</mark>ta Engineering",
            "title 2 <mark>Da</mark>ta Engineer",
            "company 1 <mark>Da</mark>taworks",
            "company 1 Klinik <mark>Da</mark>hlem",
            "title 1 Senior <mark>Da</mark>ta Engineer",
        ]
    );
}

#[test]
fn another_name_of_a_skill_is_said_and_ranks_behind_own_names() {
    let kinds = Arc::new(Kinds::builtin());
    let job = |id: usize, title: &str, skill: &str| json!({"id": id.to_string(), "title": title, "skills": [skill]});
    let jobs = [
        job(1, "Clerk", "Filing"),
        job(2, "Porter", "Filing"),
        job(3, "Data Analyst", "Kubernetes"),
        job(4, "Analyst of Databases", "Kubernetes"),
    ];
    let changes = jobs.iter().map(|job| put(&kinds, "jobs", job)).collect();
    let changes = prepared(&kinds, changes);
    let store = store(&kinds, StoreOptions::default(), &changes, 2);
    let snapshot = store.snapshot();
    let of = |q: &str| -> Vec<(String, Option<String>)> {
        let kind = snapshot.kind("jobs").unwrap();
        let found = suggest(&snapshot, kind, q, &SuggestType::ALL, 10);
        found.into_iter().map(|one| (one.text, one.alias)).collect()
    };
    let own = |text: &str| (text.to_owned(), None);
    let other = |text: &str, alias: &str| (text.to_owned(), Some(alias.to_owned()));
    // Behind those that have what was typed, whatever their counts.
    let found = of("data a");
    assert_eq!(found.last(), Some(&other("Filing", "Data archiving")));
    let owned: Vec<bool> = found.iter().map(|(_, alias)| alias.is_none()).collect();
    assert!(owned.iter().rev().skip(1).all(|own| *own), "{found:?}");
    assert!(found.contains(&own("Analyst of Databases")), "{found:?}");
    assert_eq!(of("k8s"), [other("Kubernetes", "K8s")]);
    assert_eq!(of("kubernetes"), [own("Kubernetes")]);
}

#[test]
fn nothing_private_is_suggested() {
    let kinds = Arc::new(Kinds::builtin());
    let people = [
        json!({"id": "1", "name": "Zebulon Quartermain", "headline": "Zebulon Quartermain, Nurse",
               "experience": [{"title": "Nurse", "company": "Zebra Clinics"}]}),
        json!({"id": "2", "headline": "Accountant zed.quartermain@example.org"}),
        json!({"id": "3", "headline": "Zoologist", "phone": "+49 30 1234567"}),
    ];
    let changes = people
        .iter()
        .map(|one| put(&kinds, "candidates", one))
        .collect();
    let store = store(
        &kinds,
        StoreOptions::default(),
        &prepared(&kinds, changes),
        8,
    );
    let snapshot = store.snapshot();
    let kind = snapshot.kind("candidates").unwrap();
    assert!(!types(kind).contains(&SuggestType::Company));
    let mut shown = Vec::new();
    for q in [
        "",
        "z",
        "zeb",
        "quart",
        "nur",
        "acc",
        "+49",
        "1",
        "ze clinics",
    ] {
        for one in suggest(&snapshot, kind, q, &SuggestType::ALL, EVERY) {
            shown.push(one.text);
        }
    }
    shown.sort();
    shown.dedup();
    assert_eq!(shown, ["Zoologist"]);
}

#[test]
fn words_before_the_last_may_be_beginnings_or_mistyped() {
    let titles = [
        "Registered Nurse",
        "Data Engineer",
        "Project Manager",
        "Proj Manual",
        "Project Manager",
        "Data Engraver",
        "Data Engineer",
    ];
    let kinds = Arc::new(Kinds::builtin());
    let jobs = titles.iter().enumerate().map(|(n, title)| {
        let job = json!({"id": format!("j-{n}"), "title": title, "description": "x"});
        put(&kinds, "jobs", &job)
    });
    let changes = prepared(&kinds, jobs.collect());
    let cases = [
        (
            "register nur",
            "Registered Nurse",
            "<mark>Register</mark>ed <mark>Nur</mark>se",
        ),
        (
            "regsiter nur",
            "Registered Nurse",
            "<mark>Registered</mark> <mark>Nur</mark>se",
        ),
        (
            "dta eng",
            "Data Engineer",
            "<mark>Data</mark> <mark>Eng</mark>ineer",
        ),
        // Whole words come before beginnings, however frequent these are.
        (
            "proj man",
            "Proj Manual",
            "<mark>Proj</mark> <mark>Man</mark>ual",
        ),
    ];
    for segment in [1, 100] {
        let store = store(&kinds, TINY, &changes, segment);
        let snapshot = store.snapshot();
        let jobs = snapshot.kind("jobs").unwrap();
        for (q, text, highlight) in cases {
            let found = suggest(&snapshot, jobs, q, &[SuggestType::Title], EVERY);
            let first = (found[0].text.as_str(), found[0].highlight.as_str());
            assert_eq!(first, (text, highlight), "{q}");
        }
        let found = suggest(&snapshot, jobs, "proj man", &[SuggestType::Title], EVERY);
        let shown: Vec<(&str, u64)> = found.iter().map(|f| (f.text.as_str(), f.count)).collect();
        assert_eq!(shown, [("Proj Manual", 1), ("Project Manager", 2)]);
        let nothing = suggest(&snapshot, jobs, "xyz eng", &[SuggestType::Title], EVERY);
        assert!(nothing.is_empty(), "{nothing:?}");
    }
}

#[test]
fn no_query_panics() {
    let corpus = Corpus::sample(80, 80, 3);
    let store = store(&corpus.kinds, TINY, &corpus.changes(), 20);
    let snapshot = store.snapshot();
    let mut rng = Rng::new("suggest bad input", 9);
    let odd = [
        "\u{0}", "ﬁ", "İ", "   ", "\u{301}", "....", "a\u{301}", "💥", "ß",
    ];
    for _ in 0..2_000 {
        let parts = (0..rng.below(6)).map(|_| {
            if rng.chance(50) {
                (*rng.pick(&odd)).to_owned()
            } else {
                char::from_u32(rng.below(0x500) as u32).map_or_else(String::new, |c| c.to_string())
            }
        });
        let q: String = parts.collect();
        for kind in ["jobs", "candidates"] {
            let kind = snapshot.kind(kind).unwrap();
            for one in suggest(&snapshot, kind, &q, &SuggestType::ALL, 7) {
                assert!(one.count > 0 && !one.text.is_empty(), "{q:?}");
            }
        }
    }
    let long = "data ".repeat(5_000);
    suggest(
        &snapshot,
        snapshot.kind("jobs").unwrap(),
        &long,
        &SuggestType::ALL,
        10,
    );
}
