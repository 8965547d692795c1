//! How sampled documents and requests are spread, and that they stay what they are.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::tests::{COUNT, NOW_MS, documents};
use super::{AskedKind, Asking, CopyKind, Sampler};

/// A name, the least and the most share of all documents, and what makes one count.
type Case<'a> = (&'a str, f64, f64, &'a dyn Fn(&Value) -> bool);

const ASKING: Asking = Asking {
    kind: None,
    documents: 1_000,
};

/// Documents of a seed are the same for ever. Who changes this on purpose raises `FORMAT` and says so in the README.
#[test]
fn first_thousand_are_the_same_for_ever() {
    let sampler = Sampler::new(1, NOW_MS);
    let digest = |line: &dyn Fn(u64) -> String| {
        let mut hash = Sha256::new();
        for index in 0..1_000 {
            hash.update(line(index));
            hash.update("\n");
        }
        hash.finalize()
            .iter()
            .take(8)
            .fold(String::new(), |mut text, byte| {
                write!(text, "{byte:02x}").expect("a string takes text");
                text
            })
    };
    assert_eq!(super::FORMAT, 2);
    let made = [
        digest(&|index| sampler.job(index)),
        digest(&|index| sampler.candidate(index)),
        digest(&|index| sampler.query(ASKING, index)),
    ];
    assert_eq!(
        made,
        ["fa4ce031816e2433", "680055f30204f814", "27a8b6e90f596052"]
    );
}

fn within(documents: &[Value], cases: &[Case<'_>]) {
    for (name, low, high, test) in cases {
        let count = documents.iter().filter(|document| test(document)).count();
        let found = count as f64 / documents.len() as f64;
        assert!((*low..=*high).contains(&found), "{name}: {found}");
    }
}

/// How often each value occurs, most frequent first.
fn counts(documents: &[Value], pointer: &str) -> Vec<usize> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for value in documents.iter().filter_map(|one| one.pointer(pointer)) {
        *counts.entry(value.to_string()).or_default() += 1;
    }
    let mut counts: Vec<usize> = counts.into_values().collect();
    counts.sort_unstable_by(|one, other| other.cmp(one));
    counts
}

#[test]
fn jobs_are_spread_as_a_board_is() {
    let jobs = documents("jobs");
    let posted = |job: &Value| job["posted_at"].as_str().unwrap_or("").to_owned();
    within(
        &jobs,
        &[
            ("in the US", 0.5, 0.6, &|job| {
                job["location"]["country"] == "US"
            }),
            ("place unknown", 0.02, 0.08, &|job| {
                job["location"].is_null()
            }),
            ("pay unknown", 0.58, 0.72, &|job| job["pay"].is_null()),
            ("skills unlisted", 0.18, 0.28, &|job| {
                job["skills"].is_null()
            }),
            ("German", 0.04, 0.09, &|job| job["language"] == "de"),
            ("French", 0.02, 0.06, &|job| job["language"] == "fr"),
            ("Spanish", 0.015, 0.04, &|job| job["language"] == "es"),
            ("remote", 0.05, 0.15, &|job| job["remote"] == "remote"),
            ("remote unknown", 0.25, 0.45, &|job| job["remote"].is_null()),
            ("paid by the hour", 0.05, 0.2, &|job| {
                job["pay"]["period"] == "hour"
            }),
            ("posted this month", 0.5, 0.7, &|job| {
                posted(job).as_str() > "2026-10-20"
            }),
            // 2026-11-14 was a Saturday, -11 a Wednesday.
            ("posted on a Saturday", 0.001, 0.008, &|job| {
                posted(job).starts_with("2026-11-14")
            }),
            ("posted on a Wednesday", 0.015, 0.06, &|job| {
                posted(job).starts_with("2026-11-11")
            }),
        ],
    );
    for (pointer, distinct_min, most_min, most_max) in [
        ("/title", 1_400, 8, 60),
        ("/company", 1_800, 10, 60),
        ("/location/city", 600, 50, 120),
        ("/skills/0", 400, 20, 120),
    ] {
        let counts = counts(&jobs, pointer);
        assert!(counts.len() > distinct_min, "{pointer}: {}", counts.len());
        assert!(
            (most_min..most_max).contains(&counts[0]),
            "{pointer}: {}",
            counts[0]
        );
        let head: usize = counts.iter().take(counts.len() / 10).sum();
        let all: usize = counts.iter().sum();
        assert!(
            head as f64 / all as f64 > 0.24,
            "a tenth of {pointer} has {head} of {all}"
        );
    }
    for job in &jobs {
        let posted = posted(job);
        assert!(
            posted.is_empty() || ("2026-08-21".."2026-11-20T00:00:00Z").contains(&posted.as_str()),
            "{posted}"
        );
        if let (Some(min), Some(max)) = (job["pay"]["min"].as_f64(), job["pay"]["max"].as_f64()) {
            assert!(0.0 < min && min < max, "{}", job["pay"]);
        }
    }
}

#[test]
fn pay_rises_with_the_level_and_is_skewed_to_the_right() {
    let mut years: Vec<f64> = Vec::new();
    let mut junior: Vec<f64> = Vec::new();
    let mut senior: Vec<f64> = Vec::new();
    for job in documents("jobs") {
        let pay = &job["pay"];
        if pay["currency"] != "USD" || pay["period"] != "year" {
            continue;
        }
        let min = pay["min"].as_f64().expect("the least is always there");
        let title = job["title"].as_str().expect("a title");
        years.push(min);
        if title.starts_with("Junior") {
            junior.push(min);
        } else if title.starts_with("Senior") {
            senior.push(min);
        }
    }
    years.sort_unstable_by(f64::total_cmp);
    let mean = |list: &[f64]| list.iter().sum::<f64>() / list.len() as f64;
    let median = years[years.len() / 2];
    assert!(
        mean(&years) > median * 1.03,
        "{} and {median}",
        mean(&years)
    );
    assert!(mean(&senior) > mean(&junior) * 1.3);
}

#[test]
fn candidates_are_spread_as_profiles_are() {
    let candidates = documents("candidates");
    within(
        &candidates,
        &[
            ("German", 0.01, 0.04, &|one| one["language"] == "de"),
            ("French", 0.005, 0.03, &|one| one["language"] == "fr"),
            ("Spanish", 0.003, 0.02, &|one| one["language"] == "es"),
            ("place unknown", 0.01, 0.05, &|one| {
                one["location"].is_null()
            }),
            ("skills unlisted", 0.08, 0.16, &|one| {
                one["skills"].is_null()
            }),
            ("pay unknown", 0.5, 0.6, &|one| one["pay_wanted"].is_null()),
            ("years unknown", 0.03, 0.09, &|one| one["years"].is_null()),
        ],
    );
    let titles = counts(&candidates, "/experience/0/title");
    assert!(titles.len() > 1_400, "{}", titles.len());
}

#[test]
fn copies_are_what_their_ids_say() {
    let sampler = Sampler::new(42, NOW_MS);
    let jobs = documents("jobs");
    let (mut cities, mut reposts, mut reworded) = (0, 0, 0);
    for (index, job) in jobs.iter().enumerate() {
        let id = job["id"].as_str().expect("an id");
        let Some(copy) = sampler.copy_of(index as u64) else {
            assert_eq!(id, format!("job-{index:07}"));
            continue;
        };
        let original = &jobs[copy.original as usize];
        assert_eq!(sampler.copy_of(copy.original), None, "{id}");
        assert_eq!(job["company"], original["company"], "{id}");
        assert_eq!(job["category"], original["category"], "{id}");
        reworded += usize::from(job["description"] != original["description"]);
        match copy.kind {
            CopyKind::City => {
                cities += 1;
                assert_eq!(id, format!("job-{index:07}-c{:07}", copy.original));
                let country = |job: &Value| job["location"]["country"].clone();
                assert_eq!(country(job), country(original), "{id}");
            }
            CopyKind::Repost => {
                reposts += 1;
                assert_eq!(id, format!("job-{index:07}-r{:07}", copy.original));
                assert_eq!(job["location"], original["location"], "{id}");
                if let Some(first) = original["posted_at"].as_str() {
                    assert!(job["posted_at"].as_str() > Some(first), "{id}");
                }
            }
        }
    }
    assert!((110..190).contains(&cities), "{cities} in other cities");
    assert!((80..160).contains(&reposts), "{reposts} posted again");
    assert!(reworded > 60, "{reworded} in other words");
}

#[test]
fn no_eight_words_are_in_more_than_one_of_sixteen_ads() {
    let jobs = documents("jobs");
    let english: Vec<&Value> = jobs.iter().filter(|job| job["language"] == "en").collect();
    let mut ads: HashMap<String, usize> = HashMap::new();
    for job in &english {
        let words: Vec<&str> = job["description"]
            .as_str()
            .expect("prose")
            .split_whitespace()
            .collect();
        let runs: HashSet<String> = words.windows(8).map(|run| run.join(" ")).collect();
        for run in runs {
            *ads.entry(run).or_default() += 1;
        }
    }
    let (run, most) = ads.iter().max_by_key(|(_, count)| **count).expect("runs");
    assert!(*most * 16 <= english.len(), "{most} have {run:?}");
}

#[test]
fn requests_are_head_heavy_and_mixed() {
    let sampler = Sampler::new(42, NOW_MS);
    let lines: Vec<String> = (0..20_000)
        .map(|index| sampler.query(ASKING, index))
        .collect();
    let mut times: HashMap<&str, usize> = HashMap::new();
    for line in &lines {
        *times.entry(line).or_default() += 1;
    }
    let mut sorted: Vec<usize> = times.values().copied().collect();
    sorted.sort_unstable_by(|one, other| other.cmp(one));
    assert!((9_000..15_000).contains(&sorted.len()), "{}", sorted.len());
    let head: usize = sorted.iter().take(sorted.len() / 100).sum();
    assert!(
        (4_000..9_000).contains(&head),
        "the first hundredth: {head}"
    );
    assert!(sorted[0] < 500, "the most frequent one: {}", sorted[0]);

    let distinct: Vec<Value> = times
        .keys()
        .map(|line| serde_json::from_str(line).expect("a JSON object"))
        .collect();
    let q = |one: &Value| one["search"]["q"].as_str().unwrap_or("").to_owned();
    within(
        &distinct,
        &[
            ("matches", 0.08, 0.12, &|one| !one["match"].is_null()),
            ("of jobs", 0.6, 0.75, &|one| one["kind"] == "jobs"),
            ("filtered", 0.19, 0.27, &|one| {
                !one["search"]["filters"].is_null() || !one["search"]["near"].is_null()
            }),
            ("with facets", 0.08, 0.12, &|one| {
                !one["search"]["facets"].is_null()
            }),
            ("Boolean", 0.015, 0.05, &|one| {
                q(one).contains(" AND ") || q(one).contains(" OR ")
            }),
            ("two to six words", 0.9, 1.0, &|one| {
                one["search"].is_null() || (2..=6).contains(&q(one).split(' ').count())
            }),
        ],
    );
}

#[test]
fn requests_find_words_of_documents_and_slip_now_and_then() {
    let sampler = Sampler::new(42, NOW_MS);
    let asking = Asking {
        kind: Some(AskedKind::Jobs),
        documents: COUNT,
    };
    let known: HashSet<String> = documents("jobs")
        .iter()
        .flat_map(|job| {
            let text = job.to_string().to_lowercase();
            let words: Vec<String> = text
                .split(|c: char| !c.is_alphanumeric())
                .map(str::to_owned)
                .collect();
            words
        })
        .collect();
    let (mut searches, mut strange) = (0_usize, 0_usize);
    for index in 0..4_000 {
        let line: Value = serde_json::from_str(&sampler.query(asking, index)).expect("JSON");
        assert!(
            line["kind"] == "jobs" || line["match"]["to"] == "jobs",
            "{line}"
        );
        let Some(q) = line["search"]["q"].as_str() else {
            continue;
        };
        searches += 1;
        let lower = q.to_lowercase();
        let mut words = lower.split(|c: char| !c.is_alphanumeric());
        strange += usize::from(!words.all(|word| known.contains(word)));
    }
    let share = strange as f64 / searches as f64;
    assert!(
        (0.02..0.13).contains(&share),
        "slips and cut words: {share}"
    );
}
