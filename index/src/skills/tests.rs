//! What the dictionary promises, over a table of texts, over all its own
//! spellings and over arbitrary text.

use std::collections::{HashMap, HashSet};

use proptest::prelude::*;

use super::*;

const CASES: &str = include_str!("cases.txt");

fn mentions(text: &str) -> Vec<Mention> {
    let mut words = Words::default();
    analyse(text, None, &mut words);
    let mut found = Vec::new();
    Dictionary::builtin().find(text, &words, &mut found);
    found
}

fn names(text: &str) -> Vec<&'static str> {
    let dictionary = Dictionary::builtin();
    let found = mentions(text);
    let skills = found.iter().map(|mention| dictionary.get(mention.skill));
    skills.map(|skill| skill.unwrap().name).collect()
}

#[test]
fn texts_hold_the_skills_of_the_table_and_no_others() {
    let mut wrong = Vec::new();
    let mut cases = 0;
    for line in CASES.lines().filter(|line| !line.starts_with('#')) {
        let (text, expected) = line.split_once("->").unwrap();
        let text = text.trim().replace("\\n", "\n");
        let expected = expected.split(';').map(str::trim);
        let expected: Vec<&str> = expected.filter(|name| !name.is_empty()).collect();
        let found = names(&text);
        if found != expected {
            wrong.push(format!("{text:?}: found {found:?}, expected {expected:?}"));
        }
        cases += 1;
    }
    assert!(cases >= 150, "{cases} cases");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A line of aliases.txt as what is found and what was to be found.
fn alias_case(line: &str) -> (Vec<&'static str>, Vec<&str>) {
    let (text, expected) = line.split_once("->").unwrap();
    let expected = expected.split(';').map(str::trim);
    let expected = expected.filter(|name| !name.is_empty()).collect();
    let mut found = Vec::new();
    if let Some(name) = text.strip_prefix("= ") {
        let dictionary = Dictionary::builtin();
        let skill = dictionary.named(name.trim());
        found.extend(skill.map(|skill| dictionary.get(skill).unwrap().name));
    } else {
        for name in names(&text.trim().replace("\\n", "\n")) {
            if !found.contains(&name) {
                found.push(name);
            }
        }
    }
    (found, expected)
}

#[test]
fn of_a_hundred_aliases_ninety_nine_mean_what_people_mean() {
    let lines = include_str!("aliases.txt").lines();
    let cases: Vec<&str> = lines.filter(|line| !line.starts_with('#')).collect();
    let mut wrong = Vec::new();
    let mut nothing = 0;
    for line in &cases {
        let (found, expected) = alias_case(line);
        nothing += usize::from(expected.is_empty());
        if found != expected {
            wrong.push(format!("{line}: found {found:?}"));
        }
    }
    assert!(cases.len() - nothing >= 200, "{} cases", cases.len());
    assert!(nothing >= 50, "{nothing} cases of nothing");
    let share = 1.0 - wrong.len() as f64 / cases.len() as f64;
    assert!(
        share >= 0.99,
        "{share:.4} of {}:\n{}",
        cases.len(),
        wrong.join("\n")
    );
}

#[test]
fn every_line_of_the_file_is_read() {
    let lines = load::lines(BUILTIN);
    let unread: Vec<&str> = lines.filter(|line| load::parse(line).is_none()).collect();
    assert!(unread.is_empty(), "{unread:?}");
}

#[test]
fn numbers_and_names_are_unique_and_skills_are_got_by_number() {
    let dictionary = Dictionary::builtin();
    let mut names = HashSet::new();
    for skill in dictionary.iter() {
        assert!(names.insert(skill.name), "{} twice", skill.name);
        assert_eq!(dictionary.get(skill.id).unwrap().name, skill.name);
        assert_eq!(SkillId::from_key(skill.id.key()), Some(skill.id));
    }
    assert_eq!(names.len(), dictionary.len());
    assert!(dictionary.get(SkillId(0)).is_none());
    assert!(dictionary.get(SkillId(u32::MAX)).is_none());
}

#[test]
fn every_spelling_names_its_own_skill() {
    let dictionary = Dictionary::builtin();
    let mut wrong = Vec::new();
    for skill in dictionary.iter() {
        for spelling in skill.spellings() {
            let named = dictionary.named(spelling);
            if named != Some(skill.id) {
                let other = named.and_then(|id| dictionary.get(id));
                wrong.push((spelling, skill.name, other.map(|skill| skill.name)));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn unambiguous_spellings_are_found_in_text() {
    let dictionary = Dictionary::builtin();
    let plain = dictionary.iter().filter(|skill| {
        !load::aliases(skill.aliases).any(|(text, rule)| text == skill.name && rule.case)
    });
    let technical = plain.filter(|skill| skill.category == Category::Technical);
    for skill in technical {
        let text = format!("Python, {}, Linux", skill.name);
        let found = mentions(&text);
        let held = found.iter().any(|mention| mention.skill == skill.id);
        assert!(held, "{text:?}: {:?}", names(&text));
    }
}

#[test]
fn listed_skills_are_named_without_context_and_qualifiers() {
    let cases: HashMap<&str, &str> = HashMap::from([
        ("React.js", "React"),
        ("  PYTHON (primary)", "Python"),
        ("python (5 years) [expert]", "Python"),
        ("Python: 5 years", "Python"),
        ("Python - advanced", "Python"),
        ("Go", "Go"),
        ("R", "R"),
        ("C", "C"),
        ("excel", "Microsoft Excel"),
        ("comptabilite", "Accounting"),
        ("Project-Management", "Project Management"),
        (
            "SEARCH ENGINE OPTIMIZATION (SEO)",
            "Search Engine Optimization",
        ),
    ]);
    let dictionary = Dictionary::builtin();
    for (listed, expected) in cases {
        let skill = dictionary.named(listed).and_then(|id| dictionary.get(id));
        assert_eq!(skill.map(|skill| skill.name), Some(expected), "{listed}");
    }
    for unknown in [
        "",
        "   ",
        "()",
        "(",
        "platform",
        "Python Java",
        "word of mouth",
        "-",
    ] {
        assert_eq!(dictionary.named(unknown), None, "{unknown}");
    }
}

#[test]
fn words_of_another_text_are_no_panic() {
    let mut words = Words::default();
    analyse(
        "Python, Word and Excel — project management",
        None,
        &mut words,
    );
    let mut found = Vec::new();
    for text in ["", "é", "Pythö", "日本語日本語日本語日本語"] {
        Dictionary::builtin().find(text, &words, &mut found);
        assert!(
            found
                .iter()
                .all(|mention| text.len() >= mention.end as usize)
        );
        found.clear();
    }
}

#[test]
fn the_file_stays_small() {
    assert!(BUILTIN.len() < 800_000, "{} bytes", BUILTIN.len());
}

/// Words of the dictionary and of nothing, in every script, with every sign.
fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("Excel".to_owned()),
        Just("Word".to_owned()),
        Just("R".to_owned()),
        Just("C++".to_owned()),
        Just("project".to_owned()),
        Just("management".to_owned()),
        Just("ﬁnance".to_owned()),
        Just("d'équipe".to_owned()),
        "[ ,;/&.'’\n-]{1,3}",
        "\\PC{0,6}",
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn mentions_are_in_bounds_in_order_and_apart(text in any_text()) {
        let found = mentions(&text);
        let mut end = 0;
        for mention in &found {
            prop_assert!(mention.start >= end && mention.end > mention.start);
            prop_assert!(text.get(mention.start as usize..mention.end as usize).is_some());
            prop_assert!(mention.end_word > mention.first_word);
            prop_assert!(Dictionary::builtin().get(mention.skill).is_some());
            end = mention.end;
        }
    }

    #[test]
    fn any_name_is_no_panic(name in "\\PC{0,40}") {
        let named = Dictionary::builtin().named(&name);
        prop_assert!(named.is_none_or(|id| Dictionary::builtin().get(id).is_some()));
    }
}
