//! What each part of a match comes to: shares, unknowns, levels, partial credit,
//! whose wants were met.

use serde_json::{Value, json};
use tandem_engine::explain;
use tandem_index::concepts::Concepts;
use tandem_index::row::skill_name;
use tandem_index::skills::Dictionary;

use crate::gates::{ask, candidate, job, of, pair, without, world};
use crate::support::query;

const LEARNED: [&str; 5] = ["years", "seniority", "degree", "languages", "certificates"];

#[test]
fn who_meets_everything_has_it_all() {
    let hit = pair(&job(), &candidate(), |_| {});
    let all = [
        "title",
        "years",
        "seniority",
        "degree",
        "languages",
        "certificates",
        "place",
        "pay",
        "availability",
        "contract",
    ];
    for name in all {
        let part = of(&hit, name).unwrap_or_else(|| panic!("{name}"));
        assert!(!part.unknown, "{name}");
        assert_eq!((part.low, part.high), (part.points, part.points), "{name}");
        // What somebody has done and learned counts as far as the work is related.
        if LEARNED.contains(&name) {
            let share = |name: &str| {
                let part = of(&hit, name).unwrap();
                (
                    i64::from(part.points) * 10_000 / i64::from(part.max),
                    part.max,
                )
            };
            let (years, _) = share("years");
            assert!((share(name).0 - years).abs() <= 1, "{name}");
            assert!((5_000..=10_000).contains(&years), "{years}");
        } else {
            assert_eq!(part.points, part.max, "{name}");
        }
    }
    let max = |name: &str| of(&hit, name).unwrap().max;
    assert_eq!(
        [
            "title",
            "years",
            "seniority",
            "degree",
            "languages",
            "certificates"
        ]
        .map(max),
        [240_000, 39_000, 21_000, 80_000, 120_000, 100_000]
    );
    assert_eq!(
        ["place", "pay", "availability", "contract"].map(max),
        [10_000, 10_000, 0, 0]
    );
    assert_eq!(hit.completeness, 100);
    assert_eq!((hit.low, hit.high), (hit.score, hit.score));
    assert!(hit.gates.is_empty() && !hit.insufficient_data);
    let two_way = hit.two_way.unwrap();
    // Pay, contract and remote work are the candidate's wants.
    assert_eq!(
        (two_way.document_wants.points, two_way.document_wants.max),
        (20_000, 20_000)
    );
    assert_eq!(two_way.source_wants.points + 20_000, hit.score as i32);
    let groups: Vec<&str> = hit.contributions.iter().map(|part| part.group).collect();
    for group in [
        "skills",
        "experience",
        "education",
        "certificates",
        "adjustment",
    ] {
        assert!(groups.contains(&group), "{group}");
    }
}

#[test]
fn what_is_not_said_is_unknown_and_open() {
    let cases = [
        ("years", &["years"][..], 39_000),
        ("seniority", &["seniority"], 21_000),
        ("degree", &["degree"], 80_000),
        ("languages", &["languages"], 120_000),
        ("certificates", &["certificates"], 100_000),
        ("title", &["headline", "occupation"], 240_000),
        ("availability", &["available_from"], 0),
        ("freshness", &["updated_at"], 10_000),
        ("rating", &["rating"], 10_000),
        ("place", &["location", "remote"], 10_000),
    ];
    for (name, fields, max) in cases {
        let hit = pair(&job(), &without(candidate(), fields), |_| {});
        let part = of(&hit, name).unwrap_or_else(|| panic!("{name}"));
        assert_eq!(
            (part.points, part.unknown, part.max),
            (0, true, max),
            "{name}"
        );
        assert_eq!((part.low, part.high), (part.min, part.max), "{name}");
        assert!(hit.low < hit.high, "{name}");
        // Adjustments are no share of the million.
        let shares = part.min == 0 && max > 0;
        assert_eq!(
            hit.completeness < 100,
            shares,
            "{name}: {}",
            hit.completeness
        );
    }
    // From the other side it is the row that does not say.
    let snapshot = world(&[("jobs", {
        let mut job = without(job(), &["pay", "contract"]);
        job["id"] = json!("j");
        job
    })]);
    let hit = explain(
        &snapshot,
        &ask("candidates", &candidate(), "jobs"),
        "jobs",
        "j",
    )
    .unwrap();
    for (name, max) in [("pay", 10_000), ("contract", 0)] {
        let part = of(&hit, name).unwrap();
        assert_eq!(
            (part.points, part.unknown, part.max),
            (0, true, max),
            "{name}"
        );
    }
}

#[test]
fn what_nobody_wants_is_no_part() {
    let wants = [
        "years_min",
        "seniority",
        "degree",
        "languages",
        "languages_preferred",
        "certificates",
        "starts_at",
    ];
    let hit = pair(&without(job(), &wants), &candidate(), |_| {});
    for name in [
        "years",
        "seniority",
        "degree",
        "languages",
        "certificates",
        "availability",
    ] {
        assert_eq!(of(&hit, name), None, "{name}");
    }
    // Of experience only the title is asked for: 24 beside the skills' 40.
    assert_eq!(of(&hit, "title").unwrap().max, 375_000);
    let hit = pair(
        &job(),
        &without(candidate(), &["pay_wanted", "open_to"]),
        |_| {},
    );
    assert_eq!((of(&hit, "pay"), of(&hit, "contract")), (None, None));
}

#[test]
fn levels_of_what_is_offered_count() {
    let whole = pair(&job(), &candidate(), |_| {});
    let share = |field: &str, value: Value, name: &str| {
        let mut candidate = candidate();
        candidate[field] = value;
        let hit = pair(&job(), &candidate, |_| {});
        let part = of(&hit, name).unwrap().clone();
        // Of what who meets it all has.
        let all = f64::from(of(&whole, name).unwrap().points);
        (
            (f64::from(part.points) * 1_000.0 / all).round() as i32,
            part.found,
            part.missing,
        )
    };
    assert_eq!(share("degree", json!("vocational"), "degree").0, 600);
    assert_eq!(share("degree", json!("secondary"), "degree").0, 200);
    assert_eq!(share("years", json!(1), "years").0, 250);
    assert_eq!(share("seniority", json!("junior"), "seniority").0, 500);
    assert_eq!(share("seniority", json!("executive"), "seniority").0, 0);
    // German is required (1), French welcome (½).
    assert_eq!(share("languages", json!(["German C1"]), "languages").0, 667);
    assert_eq!(
        share("languages", json!(["German B1", "French"]), "languages").0,
        600
    );
    assert_eq!(
        share("languages", json!(["German", "French"]), "languages").0,
        800
    );
    let (_, found, missing) = share("languages", json!(["French B2"]), "languages");
    assert_eq!(
        (found, missing),
        (vec!["French".to_owned()], vec!["German C1".to_owned()])
    );
    let (half, found, missing) = share("certificates", json!(["CPA"]), "certificates");
    assert_eq!(
        (half, found, missing),
        (500, vec!["CPA".to_owned()], vec!["PMP".to_owned()])
    );
    // No word of the title, but the occupation: related, of one group, of another.
    let kin = |occupation: &str| {
        let mut candidate = candidate();
        candidate["headline"] = json!("Gardener");
        candidate["occupation"] = json!([occupation]);
        let hit = pair(&job(), &candidate, |_| {});
        (of(&hit, "title").unwrap().points + 1_200) / 2_400
    };
    assert_eq!(kin("Software Developers"), 90);
    assert_eq!(kin("Registered Nurses"), 0);
    assert!((18..=54).contains(&kin("Web Developers")));
}

#[test]
fn a_skill_is_met_in_part_by_what_is_close_to_it() {
    let of_skills = |skills: Value| {
        let job =
            json!({"title": "Baker", "description": "Bread.", "skills": ["JavaScript", "Welding"]});
        let hit = pair(
            &job,
            &json!({"headline": "Cook", "text": "Soup.", "skills": skills}),
            |_| {},
        );
        of(&hit, "skills.required").unwrap().clone()
    };
    let whole = of_skills(json!(["JavaScript", "Welding"]));
    assert_eq!((whole.points, whole.found.len()), (whole.max, 2));
    let part = of_skills(json!(["React", "Welding"]));
    assert!(
        part.points > part.max * 9 / 10 && part.points < part.max,
        "{part:?}"
    );
    assert_eq!(part.partial[0].wanted, "JavaScript");
    assert_eq!(part.partial[0].held, "React");
    assert_eq!(
        (
            part.partial[0].percent,
            part.found.len(),
            part.missing.len()
        ),
        (89, 1, 0)
    );
    let none = of_skills(json!(["Triage"]));
    assert_eq!(
        (none.points, none.missing.len(), none.unknown),
        (0, 2, false)
    );
    // Who searches for a skill wants that one.
    let snapshot = world(&[(
        "candidates",
        json!({"id": "r", "headline": "React", "skills": ["React"]}),
    )]);
    let hit = explain(
        &snapshot,
        &query("JavaScript", "candidates"),
        "candidates",
        "r",
    )
    .unwrap();
    assert_eq!(of(&hit, "skills.required").unwrap().points, 0);
}

#[test]
fn text_and_vector_stand_in_for_what_is_not_listed() {
    let max = |job: &Value, name: &str| {
        let hit = pair(job, &candidate(), |_| {});
        of(&hit, name).map_or(0, |part| part.max)
    };
    let bare = json!({"title": "Helper", "description": "Roses."});
    let full = json!({
        "title": "Helper", "description": "Roses.",
        "skills": ["Python", "Kubernetes", "Triage", "Wound Care", "Java", "Docker", "React",
            "MySQL", "PostgreSQL", "Blueprint Reading", "JavaScript", "Glass Whispering",
            "Underwater Basketry", "Scala", "Kotlin", "Rust", "Perl"]
    });
    let group = 625_000;
    assert_eq!(
        max(&bare, "text.text") + max(&bare, "similarity"),
        group / 2
    );
    assert!((max(&bare, "text.text") * 7 - group / 2 * 2).abs() < 16);
    assert_eq!(max(&bare, "skills.required"), group - group / 2);
    assert_eq!(max(&full, "text.text") + max(&full, "similarity"), 0);
    assert_eq!(max(&full, "skills.required"), group);
}

#[test]
fn a_skill_no_dictionary_knows_is_met_in_part_by_what_its_name_is_like() {
    let phrases = [
        "Kubernetes orchestration work",
        "Hospital ward nursing duties",
        "Python scripting tasks",
        "Payroll administration tasks",
    ];
    let mut linked = 0;
    for phrase in phrases {
        assert!(Dictionary::builtin().named(phrase).is_none(), "{phrase}");
        let Some((concept, cosine)) = Concepts::builtin().link(phrase) else {
            continue;
        };
        linked += 1;
        let name = skill_name(concept).unwrap();
        let (mut ad, mut person) = (job(), candidate());
        ad["skills"] = json!([phrase]);
        person["skills"] = json!([name]);
        let hit = pair(&ad, &person, |_| {});
        let part = of(&hit, "skills.required").unwrap();
        let percent = (50.0 * cosine.value()) as u8;
        let met = part.partial.iter().find(|one| one.held == name).unwrap();
        assert!(met.percent.abs_diff(percent) <= 1, "{phrase}: {met:?}");
        assert_eq!(met.wanted, phrase);
        assert!(part.points > 0 && part.points < part.max / 2);
        let must = pair(&ad, &person, |request| {
            request.musts = Some(vec!["skills.required".into()]);
        });
        assert_eq!(must.score, 0, "{phrase}");
    }
    assert!(linked > 1);
}
