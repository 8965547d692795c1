//! What the taxonomy promises: titles held out of O*NET's own, real titles,
//! links and their credits.

mod esco;
mod overlays;

use std::collections::BTreeMap;

use proptest::prelude::*;
use xxhash_rust::xxh3::xxh3_64;

use super::data::{Alternate, HAND_WEIGHT, TABLE};
use super::*;

fn skill(name: &str) -> SkillId {
    Dictionary::builtin()
        .named(name)
        .unwrap_or_else(|| panic!("{name} is no skill"))
}

fn code(title: &str) -> Option<&'static str> {
    let occupations = Occupations::builtin();
    let named = occupations.of_title(title)?;
    Some(occupations.get(named.occupation).unwrap().code)
}

/// A half of O*NET's titles by a hash of the title; what is written by hand is
/// in neither.
fn half(alternate: &Alternate) -> Option<bool> {
    let hand = alternate
        .occupations
        .iter()
        .any(|(_, weight)| *weight == HAND_WEIGHT);
    (!hand).then(|| xxh3_64(alternate.title.as_bytes()) % 4 < 2)
}

#[test]
fn every_line_of_the_data_is_read() {
    assert_eq!(TABLE.lines_lost, 0);
    assert_eq!(Links::builtin().lines_lost, 0);
    assert_eq!(Occupations::builtin().len(), 1016);
    assert!(TABLE.titles.len() > 48_000);
    for (id, occupation) in Occupations::builtin().iter() {
        let groups = Occupations::builtin().groups(id);
        assert_eq!(groups.len(), 2, "groups of {}", occupation.code);
        assert_eq!(Occupations::builtin().by_code(occupation.code), Some(id));
    }
}

#[derive(Default)]
struct Score {
    all: u32,
    first: u32,
    among_five: u32,
    minor_group: u32,
    named: u32,
    named_right: u32,
}

#[test]
fn titles_held_out_are_read_as_their_occupations() {
    let occupations = Occupations::of(&TABLE, |alternate| half(alternate) == Some(true));
    let mut score = Score::default();
    let mut by_sure: BTreeMap<u8, (u32, u32)> = BTreeMap::new();
    for alternate in TABLE
        .titles
        .iter()
        .filter(|alternate| half(alternate) == Some(false))
    {
        let ranked = occupations.ranked(alternate.title, 5);
        let right = |named: &Named| {
            alternate
                .occupations
                .iter()
                .any(|(id, _)| *id == named.occupation)
        };
        score.all += 1;
        score.among_five += u32::from(ranked.iter().any(right));
        let Some(best) = ranked.first() else { continue };
        let group = |id: OccupationId| occupations.groups(id).last().map(|group| group.code);
        let near = alternate
            .occupations
            .iter()
            .any(|(id, _)| group(*id) == group(best.occupation));
        score.first += u32::from(right(best));
        score.minor_group += u32::from(near);
        let counted = by_sure.entry(best.sure / 10 * 10).or_default();
        *counted = (counted.0 + 1, counted.1 + u32::from(right(best)));
        if occupations.of_title(alternate.title).is_some() {
            score.named += 1;
            score.named_right += u32::from(right(best));
        }
    }
    let share = |part: u32, of: u32| f64::from(part) / f64::from(of);
    let said = format!(
        "{} titles: first {:.3}, among five {:.3}, minor group {:.3}, named {:.3}, right of these {:.3}; {by_sure:?}",
        score.all,
        share(score.first, score.all),
        share(score.among_five, score.all),
        share(score.minor_group, score.all),
        share(score.named, score.all),
        share(score.named_right, score.named),
    );
    assert!(score.all > 20_000, "{said}");
    assert!(share(score.first, score.all) > 0.48, "{said}");
    assert!(share(score.among_five, score.all) > 0.71, "{said}");
    assert!(share(score.minor_group, score.all) > 0.60, "{said}");
    assert!(share(score.named_right, score.named) > 0.67, "{said}");
}

#[test]
fn real_titles_are_read_whatever_stands_around_them() {
    let cases = [
        ("Software Engineer", "15-1252.00"),
        ("Senior Software Engineer (m/f/d)", "15-1252.00"),
        ("Sr. Software Engineer II - Remote, US", "15-1252.00"),
        ("Software Engineer, Payments - $120k-$150k", "15-1252.00"),
        ("Softwareentwickler (m/w/d) in Berlin", "15-1252.00"),
        ("senior-frontend-engineer", "15-1254.00"),
        ("Data Scientist, Finance", "15-2051.00"),
        ("Administrateur système & réseaux F/H", "15-1244.00"),
        ("RN - ICU (Nights)", "29-1141.03"),
        ("Registered Nurse | Full time", "29-1141.00"),
        ("LPN / LVN", "29-2061.00"),
        ("CDL-A Truck Driver - Home Weekends!", "53-3032.00"),
        ("Manager, Accounting", "11-3031.00"),
        ("Staff Accountant", "13-2011.00"),
        ("Krankenpfleger (m/w/d)", "29-1141.00"),
        ("Waitress", "35-3031.00"),
        ("Serveur H/F", "35-3031.00"),
        ("Store Manager - Oshawa Centre", "41-1011.00"),
        ("Electricians", "47-2111.00"),
        ("Head of Engineering", "11-3021.00"),
        ("VP, Engineering", "11-3021.00"),
        ("Legal Counsel – EMEA", "23-1011.00"),
    ];
    let wrong: Vec<_> = cases
        .into_iter()
        .filter(|(title, expected)| code(title) != Some(*expected))
        .map(|(title, expected)| (title, expected, code(title)))
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn what_is_no_title_has_no_occupation() {
    for title in [
        "",
        "   ",
        "Remote",
        "Full time / Part time",
        "manager",
        "12345",
        "Ω≈ç√",
        "xqzt vlorp",
        "Create your own",
    ] {
        assert_eq!(Occupations::builtin().of_title(title), None, "{title}");
    }
}

#[test]
fn a_related_occupation_is_no_stranger() {
    let occupations = Occupations::builtin();
    let developer = occupations.by_code("15-1252").unwrap();
    let held = occupations.get(developer).unwrap();
    assert_eq!((held.title, held.zone), ("Software Developers", Some(4)));
    assert_eq!(held.education, Some(6));
    assert!(
        held.related
            .contains(&occupations.by_code("15-1251.00").unwrap())
    );
    assert_eq!(
        occupations.groups(developer)[1].name,
        "Computer Occupations"
    );
}

#[test]
fn a_skill_beside_the_demand_meets_it_in_part() {
    let links = Links::builtin();
    let credit = |have: &str, demanded: &str| links.credit(skill(have), skill(demanded));
    assert_eq!(credit("React", "React"), CREDIT_WHOLE);
    assert!(credit("React", "JavaScript") > 200);
    assert!(credit("JavaScript", "React") < 100);
    assert!(credit("PostgreSQL", "SQL") > 200);
    assert!(credit("Amazon EC2", "Amazon Web Services") > 200);
    assert_eq!(credit("Docker", "Kubernetes"), 64);
    assert!(credit("PostgreSQL", "MySQL") > credit("PostgreSQL", "MongoDB"));
    assert!(credit("Critical Care", "Nursing") > 200);
    assert!(credit("ADP", "Payroll") > 200);
    assert!(credit("Next.js", "JavaScript") > credit("JavaScript", "Next.js"));
    assert_eq!(credit("Welding", "Payroll"), 0);
    assert_eq!(credit("Nursing", "React"), 0);
}

#[test]
fn a_path_says_by_which_steps() {
    let taxonomy = Taxonomy::builtin();
    let path = taxonomy.path(skill("pgvector"), skill("SQL")).unwrap();
    let names: Vec<_> = path
        .steps
        .iter()
        .map(|step| (taxonomy.skill_name(step.to).unwrap(), step.way))
        .collect();
    assert_eq!(names, [("PostgreSQL", Way::Up), ("SQL", Way::Up)]);
    assert_eq!(taxonomy.path(skill("Welding"), skill("Payroll")), None);
    let same = taxonomy.path(skill("Rust"), skill("Rust")).unwrap();
    assert_eq!((same.steps.len(), same.credit), (0, CREDIT_WHOLE));
}

#[test]
fn neighbours_are_few_sorted_and_as_their_paths_say() {
    let links = Links::builtin();
    let mut linked = 0;
    for demanded in Dictionary::builtin().iter() {
        let neighbours = links.neighbours(demanded.id);
        assert!(neighbours.len() <= NEIGHBOURS_MAX);
        assert!(neighbours.is_sorted_by_key(|neighbour| neighbour.skill));
        for neighbour in neighbours {
            let path = links.path(neighbour.skill, demanded.id).unwrap();
            assert_eq!(path.credit, neighbour.credit, "{}", demanded.name);
            assert!(neighbour.credit < CREDIT_WHOLE);
            assert!((1..=2).contains(&path.steps.len()));
        }
        linked += usize::from(!neighbours.is_empty());
    }
    assert!(linked > 1_000, "{linked}");
}

proptest! {
    #[test]
    fn any_title_is_no_panic(title in "\\PC{0,80}") {
        let occupations = Occupations::builtin();
        let ranked = occupations.ranked(&title, 5);
        prop_assert!(ranked.len() <= 5);
        for named in &ranked {
            prop_assert!(named.sure <= 100 && occupations.get(named.occupation).is_some());
        }
        prop_assert_eq!(&ranked, &occupations.ranked(&title, 5));
    }
}
