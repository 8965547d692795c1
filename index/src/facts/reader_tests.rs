//! What readers make of short texts, and that none panics on any.

use proptest::prelude::*;

use super::*;
use crate::analysis::analyse;

fn name(value: &Value) -> Option<String> {
    let mark = |need: &Need| if *need == Need::Preferred { "?" } else { "" };
    Some(match value {
        Value::Years { min, max } => {
            let most = max.map(|max| format!("-{max}")).unwrap_or_default();
            format!("years {min}{most}")
        }
        Value::Education(level, need) => {
            let level = format!("{level:?}").to_lowercase();
            format!("education {level}{}", mark(need))
        }
        Value::Certificate(name, need) => format!("certificate {name}{}", mark(need)),
        Value::Language(code, fluency, need) => {
            let level = if let Fluency::Cefr(level) = fluency {
                ["A1", "A2", "B1", "B2", "C1", "C2"][*level as usize - 1].to_owned()
            } else {
                format!("{fluency:?}").to_lowercase()
            };
            format!("language {code}:{level}{}", mark(need))
        }
        Value::Seniority(rank) => format!("seniority {rank}"),
        Value::Contract(way) => format!("contract {way}"),
        Value::Workplace(place) => format!("workplace {}", format!("{place:?}").to_lowercase()),
        Value::Skill(..)
        | Value::Unlisted(_)
        | Value::Pay { .. }
        | Value::Place { .. }
        | Value::Industry(_)
        | Value::Position { .. } => return None,
    })
}

fn facts_of(prose: Prose, title: &str, text: &str) -> Vec<Fact> {
    let whole = titled(title, text);
    let mut words = Words::default();
    analyse(&whole, None, &mut words);
    let facts = read(&Reading::of_titled(&whole, title.len(), prose, &words));
    for fact in &facts {
        let part = whole.get(fact.start as usize..fact.end as usize);
        assert!(
            part.is_some_and(|part| !part.is_empty()),
            "{fact:?} of {whole:?}"
        );
    }
    facts
}

#[test]
fn readers_say_what_texts_say() {
    let mut misses = Vec::new();
    let cases = include_str!("reader_cases.txt").lines();
    for case in cases.filter(|line| !line.starts_with('#')) {
        let [prose, text, wanted] = case.split('\t').collect::<Vec<_>>()[..] else {
            panic!("three columns: {case:?}");
        };
        let prose = if prose == "cv" { Prose::Cv } else { Prose::Ad };
        let text = text.replace("\\n", "\n");
        let (title, text) = text.split_once(" || ").unwrap_or(("", &text));
        let mut found: Vec<String> = facts_of(prose, title, text)
            .iter()
            .filter_map(|fact| name(&fact.value))
            .collect();
        let mut wanted: Vec<&str> = wanted.split("; ").filter(|fact| *fact != "-").collect();
        found.sort_unstable();
        // Every mention is a fact of its own.
        found.dedup_by(|one, other| {
            let by_mention = ["contract", "workplace", "certificate"];
            one == other && by_mention.iter().any(|field| one.starts_with(field))
        });
        wanted.sort_unstable();
        if found != wanted {
            misses.push(format!("{title:?} {text:?}: {found:?}, wanted {wanted:?}"));
        }
    }
    assert!(misses.is_empty(), "{}", misses.join("\n"));
}

#[test]
fn field_of_an_employer_is_weighed() {
    let cases = [
        (
            "We are a leading insurance company. Our underwriters assess claims.",
            Some("finance"),
        ),
        (
            "Our hospital cares for patients. Nurses and physicians work in teams.",
            Some("healthcare"),
        ),
        (
            "A law firm of thirty attorneys looks for a paralegal.",
            Some("legal"),
        ),
        ("We offer dental insurance and a gym membership.", None),
    ];
    for (text, wanted) in cases {
        let found = facts_of(Prose::Ad, "", text).into_iter().find_map(|fact| {
            if let Value::Industry(field) = fact.value {
                Some(field)
            } else {
                None
            }
        });
        assert_eq!(found, wanted, "{text}");
    }
}

proptest! {
    #[test]
    fn no_text_panics_a_reader(
        parts in prop::collection::vec(
            prop_oneof![
                prop::sample::select(vec![
                    "5+ years", "(3)", "to", "Master's", "MS", "CPA", "English", "C1", "remote", "not", "days",
                    "License:", "full-time", "Duration:", "\n", ".", "’s", "– ", "degree", "of experience",
                    "Certifications\n", "Languages:", "Seniority level\n", "in", "and", "/", "Intern",
                ])
                .prop_map(str::to_owned),
                any::<String>(),
            ],
            0..24,
        ),
        title in any::<String>(),
    ) {
        let text = parts.join(" ");
        for prose in [Prose::Ad, Prose::Cv] {
            facts_of(prose, &title, &text);
        }
    }
}
