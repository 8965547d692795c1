//! Overlays: what they change, for which numbers of rows, and their faults.

use proptest::prelude::*;

use super::super::*;
use super::skill;
use crate::analysis::{Words, analyse};
use crate::row::skill_number;

const OVERLAY: &str = r#"
[[skills]]
name = "Acme Console"
category = "tool"
aliases = ["AcmeCon", "ACME  console 2"]

[[skills]]
name = "Kubernetes"
aliases = ["the big wheel"]

[[links]]
kind = "needs"
skill = "Python"
others = ["Acme Console"]

[[links]]
kind = "none"
skill = "Docker"
others = ["Kubernetes"]

[[titles]]
title = "Member of Technical Staff"
occupation = "15-1252"

[[titles]]
title = "Happiness Hero"
occupation = "Customer Service Representatives"
"#;

#[test]
fn an_overlay_comes_before_what_is_shipped() {
    let overlay = Overlay::parse(OVERLAY, Form::Toml).unwrap();
    let taxonomy = Taxonomy::builtin().with_overlay(&overlay);
    let acme = taxonomy.skill_named("acmecon").unwrap();
    assert_eq!(taxonomy.skill_named("Acme Console 2"), Some(acme));
    assert_eq!(taxonomy.skill_name(acme), Some("Acme Console"));
    assert_eq!(
        taxonomy.skill_named("The Big Wheel"),
        Some(skill("Kubernetes"))
    );
    assert!(taxonomy.links().credit(acme, skill("Python")) > 200);
    assert_eq!(
        taxonomy
            .links()
            .credit(skill("Docker"), skill("Kubernetes")),
        0
    );
    let of = |title: &str| {
        let named = taxonomy.of_title(title).unwrap();
        taxonomy.occupations().get(named.occupation).unwrap().code
    };
    assert_eq!(
        of("Senior Member of Technical Staff (Remote)"),
        "15-1252.00"
    );
    assert_eq!(of("Happiness Hero - Nights"), "43-4051.00");
    assert_eq!(of("Registered Nurse"), "29-1141.00");
    // Every spelling is a number of its own in rows, and meets what the skill meets.
    for spelling in [
        "AcmeCon",
        "ACME  console 2",
        "acme console 2",
        "ACME CONSOLE",
    ] {
        let number = skill_number(spelling);
        assert_eq!(
            taxonomy.links().credit(number, acme),
            CREDIT_WHOLE,
            "{spelling}"
        );
        assert_eq!(
            taxonomy.links().credit(acme, number),
            CREDIT_WHOLE,
            "{spelling}"
        );
        let python = taxonomy.links().credit(number, skill("Python"));
        assert_eq!(python, taxonomy.links().credit(acme, skill("Python")));
        assert_eq!(taxonomy.skill_name(number), Some("Acme Console"));
    }
    let wheel = skill_number("the BIG wheel");
    assert_eq!(
        taxonomy.links().credit(wheel, skill("Kubernetes")),
        CREDIT_WHOLE
    );
    let builtin = Links::builtin();
    let helm = builtin.credit(skill("Helm"), skill("Kubernetes"));
    assert!(helm > 0);
    assert_eq!(taxonomy.links().credit(skill("Helm"), wheel), helm);
    // What is shipped stays as it is.
    assert_eq!(builtin.credit(wheel, skill("Kubernetes")), 0);
    assert_eq!(Taxonomy::builtin().skill_named("acmecon"), None);
    let again = Overlay::parse(OVERLAY, Form::Toml).unwrap();
    assert_eq!(again.skills(), overlay.skills());
}

#[test]
fn a_path_says_that_two_spellings_are_one_skill() {
    let overlay = Overlay::parse(OVERLAY, Form::Toml).unwrap();
    let taxonomy = Taxonomy::builtin().with_overlay(&overlay);
    let (acme, short) = (skill_number("Acme Console"), skill_number("AcmeCon"));
    let same = taxonomy.path(short, acme).unwrap();
    assert_eq!(
        (same.steps[0].relation, same.credit),
        (Relation::Same, CREDIT_WHOLE)
    );
    let python = taxonomy.path(short, skill("Python")).unwrap();
    assert_eq!(python.steps.len(), 1);
    assert_eq!(
        (python.steps[0].from, python.steps[0].relation),
        (acme, Relation::Needs)
    );
}

#[test]
fn every_credit_is_that_of_its_path_whichever_number_is_asked_for() {
    let overlay = Overlay::parse(OVERLAY, Form::Toml).unwrap();
    let taxonomy = Taxonomy::builtin().with_overlay(&overlay);
    let links = taxonomy.links();
    let spellings = [
        "AcmeCon",
        "Acme Console",
        "the big wheel",
        "Kubernetes",
        "Helm",
        "Python",
    ];
    let mut met = 0;
    for demanded in spellings.map(skill_number) {
        let neighbours = links.neighbours(demanded);
        assert!(neighbours.is_sorted_by(|one, next| one.skill < next.skill));
        for neighbour in neighbours {
            let path = links.path(neighbour.skill, demanded).unwrap();
            assert_eq!(path.credit, neighbour.credit);
            assert_eq!(links.credit(neighbour.skill, demanded), neighbour.credit);
            met += 1;
        }
    }
    assert!(met > 20, "{met}");
}

#[test]
fn own_spellings_are_found_in_a_text_in_place_of_what_they_overlap() {
    let overlay = "[[skills]]\nname = 'Acme Python'\naliases = ['AP/9']";
    let overlay = Overlay::parse(overlay, Form::Toml).unwrap();
    let taxonomy = Taxonomy::builtin().with_overlay(&overlay);
    let acme = skill_number("Acme Python");
    let cases = [
        ("acme python", vec![acme]),
        ("senior Acme-Python dev", vec![acme]),
        ("acme, python", vec![skill("Python")]),
        ("python and ap/9", vec![skill("Python"), acme]),
    ];
    for (text, expected) in cases {
        let mut words = Words::default();
        analyse(text, None, &mut words);
        let mut mentions = Vec::new();
        Dictionary::builtin().find(text, &words, &mut mentions);
        taxonomy.names().find(text, &words, &mut mentions);
        let found: Vec<SkillId> = mentions.iter().map(|mention| mention.skill).collect();
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn what_no_longer_holds_is_left_out_and_told() {
    let put = Put {
        form: Form::Toml,
        text: format!(
            "{OVERLAY}\n[[links]]\nkind = 'like'\nskill = 'Gone Skill'\nothers = ['Docker']"
        ),
    };
    assert_eq!(
        Taxonomy::builtin().taking(put.clone()).unwrap_err().len(),
        1
    );
    let taxonomy = Taxonomy::builtin().under(put.clone());
    assert_eq!(taxonomy.put(), Some(&put));
    assert_eq!(taxonomy.faults()[0].pointer(), "/links/2/skill");
    assert_eq!(
        taxonomy.skill_named("acmecon"),
        Some(skill_number("Acme Console"))
    );
}

#[test]
fn a_faulty_overlay_is_told_all_its_faults() {
    let cases = [
        ("[[skills]]\nname = ''", "skills[0].name: is empty"),
        (
            "[[skills]]\nname = 'A'\ncategory = 'tol'",
            "skills[0].category: `tol` is none of technical, tool, domain, general, language; did you mean `tool`?",
        ),
        (
            "[[skills]]\nname = 'A1x'\n[[skills]]\nname = 'B1x'\naliases = ['a1X']",
            "skills[1].aliases[0]: `a1X` is a spelling of `A1x` already",
        ),
        (
            "[[skills]]\nname = 'Python'\ncategory = 'domain'",
            "skills[0].category: the skill is known as technical; leave the category out",
        ),
        (
            "[[links]]\nkind = 'like'\nskill = 'Kuberntes'\nothers = ['Docker']",
            "links[0].skill: no skill is called `Kuberntes`; did you mean `Kubernetes`?",
        ),
        (
            "[[links]]\nkind = 'nees'\nskill = 'Docker'\nothers = ['Kubernetes']",
            "links[0].kind: `nees` is none of is, needs, like, near, none; did you mean `needs`?",
        ),
        (
            "[[links]]\nkind = 'is'\nskill = 'Docker'\nothers = ['docker']",
            "links[0]: `Docker` is linked to itself",
        ),
        (
            "[[skills]]\nname = 'Acme'\naliases = ['Docker']",
            "skills[0].aliases[0]: `Docker` is read as `Docker` in documents; link the two in place of that, or spell it otherwise",
        ),
        (
            "[[skills]]\nname = 'SQL (Acme)'",
            "skills[0].name: `SQL (Acme)` is read as `SQL`: what stands in brackets or behind a comma or a dash is not looked at",
        ),
        (
            "[[skills]]\nname = 'A1x'\n[[skills]]\nname = 'a1X'",
            "skills[1]: `a1X` stands here twice; give all its aliases in one place",
        ),
        (
            "[[titles]]\ntitle = 'X'\noccupation = 'Software Developer'",
            "titles[0].occupation: `Software Developer` is no O*NET code and no occupation's title; did you mean `Software Developers`?",
        ),
    ];
    for (text, expected) in cases {
        let faults = Overlay::parse(text, Form::Toml).unwrap_err();
        assert_eq!(faults.len(), 1, "{text}: {faults:?}");
        assert_eq!(faults[0].to_string(), expected);
    }
    let many = r#"{"skills": [{"name": ""}, 7], "links": [{"kind": "is", "skill": "?", "others": ["!", 1]},
        {"knd": "is", "others": 3}], "titles": {}, "skils": []}"#;
    let faults = Overlay::parse(many, Form::Json).unwrap_err();
    let places: Vec<String> = faults.iter().map(Fault::pointer).collect();
    let expected = [
        "/skils",
        "/skills/1",
        "/links/0/others/1",
        "/links/1/knd",
        "/links/1/others",
        "/links/1/kind",
        "/links/1/skill",
        "/titles",
        "/skills/0/name",
        "/links/0/skill",
        "/links/0/others/0",
    ];
    assert_eq!(places, expected);
    assert_eq!(faults[0].meant.as_deref(), Some("skills"));
    for (text, form, expected) in [
        (
            "[[skills]]\nname = 'A'\nname = 'B'",
            Form::Toml,
            "not valid TOML: line 3, column 1: duplicate key",
        ),
        (
            "{\"skills\": [",
            Form::Json,
            "not valid JSON: EOF while parsing a list at line 1 column 12",
        ),
        ("# \0", Form::Toml, "has a byte of zero"),
        ("[]", Form::Json, "must have named members"),
    ] {
        let faults = Overlay::parse(text, form).unwrap_err();
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert!(faults[0].to_string().starts_with(expected), "{}", faults[0]);
    }
}

#[test]
fn many_faults_are_told_a_hundred_times_at_most_and_fast() {
    let names: Vec<String> = (0..20_000)
        .map(|at| format!("unknown skill {at}"))
        .collect();
    let links: Vec<_> = names
        .iter()
        .map(|name| serde_json::json!({"kind": "like", "skill": name, "others": ["Docker"]}))
        .collect();
    let text = serde_json::json!({"links": links}).to_string();
    assert_eq!(Overlay::parse(&text, Form::Json).unwrap_err().len(), 100);
}

proptest! {
    #[test]
    fn any_overlay_is_no_panic(text in "(\\[\\[(skills|links|titles)\\]\\]\n|(name|kind|skill|title|occupation) = '[a-zA-Z ]{0,8}'\n|others = \\['[a-z]{0,5}'\\]\n){0,8}") {
        let toml = Overlay::parse(&text, Form::Toml);
        prop_assert!(toml.is_ok() || toml.is_err_and(|faults| !faults.is_empty()));
    }
}
