//! What lines, needs and skills promise, over tables of texts and over arbitrary
//! ones.

use proptest::prelude::*;

use super::*;
use crate::analysis::analyse;
use crate::skills::Dictionary;

const CASES: &str = include_str!("skill_cases.txt");

fn with<T>(text: &str, prose: Prose, read: impl FnOnce(&Reading<'_>) -> T) -> T {
    let mut words = Words::default();
    analyse(text, None, &mut words);
    read(&Reading::new(text, prose, &words))
}

fn read_skills(reading: &Reading<'_>) -> Vec<Fact> {
    let mut facts = Vec::new();
    skills::read(reading, &mut facts);
    facts
}

/// The skills of a text as the table writes them, each once.
fn skills_of(text: &str, prose: Prose) -> Vec<String> {
    let mut named = Vec::new();
    for fact in with(text, prose, read_skills) {
        let (name, need) = if let Value::Skill(id, need) = fact.value {
            (Dictionary::builtin().get(id).unwrap().name, need)
        } else if let Value::Unlisted(need) = fact.value {
            (
                text.get(fact.start as usize..fact.end as usize).unwrap(),
                need,
            )
        } else {
            panic!("{fact:?} is no skill");
        };
        let mark = if matches!(fact.value, Value::Unlisted(_)) {
            "~"
        } else {
            ""
        };
        let sign = match need {
            Need::Required => '+',
            Need::Preferred => '?',
            Need::Used => '.',
        };
        let line = format!("{sign}{mark}{name}");
        if !named.contains(&line) {
            named.push(line);
        }
    }
    named
}

#[test]
fn texts_have_the_skills_of_the_table() {
    let mut wrong = Vec::new();
    for line in CASES.lines().filter(|line| !line.starts_with('#')) {
        let (text, expected) = line.split_once("->").unwrap();
        let (prose, text) = text.split_once(": ").unwrap();
        let prose = if prose == "cv" { Prose::Cv } else { Prose::Ad };
        let text = text.trim_end().replace("\\n", "\n");
        let mut expected: Vec<&str> = expected.split(';').map(str::trim).collect();
        expected.retain(|name| !name.is_empty());
        let found = skills_of(&text, prose);
        if found != expected {
            wrong.push(format!("{text:?}: found {found:?}, expected {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn lists_of_skills_name_skills_of_the_dictionary() {
    let lists = include_str!("../../data/facts/skill.tsv").lines();
    let lists = lists.filter(|line| !line.starts_with('#') && !line.starts_with("agent"));
    let names = lists.flat_map(|line| line.split('\t').nth(1).unwrap().split('|'));
    let held = |name: &&str| {
        Dictionary::builtin()
            .iter()
            .any(|skill| skill.name == *name)
    };
    let unknown: Vec<&str> = names.filter(|name| !held(name)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

fn sections_of(text: &str, prose: Prose) -> Vec<(Section, String)> {
    with(text, prose, |reading| {
        let parts = reading.lines.iter().filter(|line| !line.heading);
        let written = |line: &Line| {
            let range = line.start as usize..line.end as usize;
            text.get(range).unwrap().to_owned()
        };
        parts.map(|line| (line.section, written(line))).collect()
    })
}

#[test]
fn headings_of_all_habits_open_their_sections() {
    let cases = [
        ("Requirements:\nx", Section::Required),
        ("REQUIREMENTS\nx", Section::Required),
        ("## What you'll need\nx", Section::Required),
        ("**Who you are**\nx", Section::Required),
        ("Who are you?\nx", Section::Required),
        (
            "Your Skills and Qualifications at a Glance:\nx",
            Section::Required,
        ),
        ("Key requirements: x", Section::Required),
        ("The Candidate\nx", Section::Required),
        ("Person specification\nx", Section::Required),
        ("Minimum Qualifications:\nx", Section::Required),
        (
            "\\-\\-\\-\\- Preferred Qualifications ----\nx",
            Section::Preferred,
        ),
        ("Desirable:\nx", Section::Preferred),
        ("Bonus points if you have:\nx", Section::Preferred),
        ("🚀 What you'll do\nx", Section::Duties),
        ("Essential Functions\nx", Section::Duties),
        ("About the role\nx", Section::Duties),
        ("What We Offer\nx", Section::Offered),
        ("Perks & Benefits:\nx", Section::Offered),
        ("ABOUT US:\nx", Section::About),
        ("Equal Opportunity Employer\nx", Section::Legal),
        ("How to apply\nx", Section::Legal),
        ("Location: x", Section::Other),
    ];
    for (text, expected) in cases {
        assert_eq!(
            sections_of(text, Prose::Ad),
            [(expected, "x".to_owned())],
            "{text}"
        );
    }
    let cases = [
        ("Highlights\nx", Section::Skills),
        ("Core Qualifications\nx", Section::Skills),
        ("Technical Skills and Qualifications\nx", Section::Skills),
        ("SKILLS\nx", Section::Skills),
        ("Skills: x", Section::Skills),
        ("Accomplishments\nx", Section::Experience),
        ("Work History\nx", Section::Experience),
        ("Education and Training\nx", Section::Education),
        ("Certifications\nx", Section::Certificates),
        ("Interests\nx", Section::Other),
        ("Additional Information\nx", Section::Other),
        ("Professional Summary\nx", Section::Summary),
    ];
    for (text, expected) in cases {
        assert_eq!(
            sections_of(text, Prose::Cv),
            [(expected, "x".to_owned())],
            "{text}"
        );
    }
}

#[test]
fn sentences_are_no_headings() {
    for text in [
        "He has experience in sales of many kinds of goods.",
        "Requirements of customers are what we care for.",
        "Education Coordinator",
    ] {
        let found = sections_of(text, Prose::Cv);
        assert_eq!(found, [(Section::Open, text.to_owned())]);
    }
    let text = "You will gather requirements and write qualifications for tests.";
    assert_eq!(
        sections_of(text, Prose::Ad),
        [(Section::Open, text.to_owned())]
    );
}

#[test]
fn headings_within_a_line_cut_it() {
    let text = "Join us. What you will do Build bridges. Requirements: steel. What we offer Pay.";
    let found = sections_of(text, Prose::Ad);
    let sections: Vec<Section> = found.iter().map(|(section, _)| *section).collect();
    let expected = [
        Section::Open,
        Section::Duties,
        Section::Required,
        Section::Offered,
    ];
    assert_eq!(sections, expected, "{found:?}");
}

#[test]
fn what_stood_before_a_line_of_facts_goes_on_behind_it() {
    let found = sections_of("Requirements\na\nLocation: b\nc", Prose::Ad);
    let sections: Vec<Section> = found.iter().map(|(section, _)| *section).collect();
    assert_eq!(
        sections,
        [Section::Required, Section::Other, Section::Required]
    );
}

/// Pieces of ads, of nothing, in every script.
fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("Requirements:".to_owned()),
        Just("What you'll do".to_owned()),
        Just("Java is a plus".to_owned()),
        Just("must have Zorbex, Spark".to_owned()),
        Just("ﬁnance’s – •".to_owned()),
        "[ ,;/&.'’\n*#:-]{1,4}",
        "\\PC{0,8}",
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn lines_and_skills_lie_in_any_text(text in any_text(), cv in any::<bool>()) {
        let prose = if cv { Prose::Cv } else { Prose::Ad };
        with(&text, prose, |reading| {
            let mut end = 0;
            for line in &reading.lines {
                prop_assert!(line.start >= end && line.end > line.start);
                prop_assert!(text.get(line.start as usize..line.end as usize).is_some());
                end = line.end;
            }
            end = 0;
            for sentence in &reading.sentences {
                prop_assert!(sentence.start >= end && sentence.end > sentence.start);
                prop_assert!(text.get(sentence.start as usize..sentence.end as usize).is_some());
                end = sentence.end;
            }
            for fact in read_skills(reading) {
                prop_assert!(text.get(fact.start as usize..fact.end as usize).is_some());
            }
            Ok(())
        })?;
    }
}
