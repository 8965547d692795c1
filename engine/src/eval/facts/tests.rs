use tandem_index::facts::{End, Fact, Month, Need, Prose, Value};
use tandem_index::skills::Dictionary;

use super::*;

const TEXT: &str = "Cook\n3 years of Python, 3 years of SQL. Full-time. Our Python is full-time.";

fn place(words: &str, nth: usize) -> (u32, u32) {
    let (at, _) = TEXT.match_indices(words).nth(nth).unwrap();
    (at as u32, (at + words.len()) as u32)
}

fn label(field: &str, value: &str, words: &str, nth: usize) -> Label {
    Label {
        field: field.to_owned(),
        value: value.to_owned(),
        span: Some(place(words, nth)),
    }
}

fn fact(value: Value, words: &str, nth: usize) -> Fact {
    let (start, end) = place(words, nth);
    Fact {
        value,
        start,
        end,
        sure: 95,
    }
}

fn counts(labels: &[Label], facts: &[Fact], field: &str) -> (u64, u64, u64, u64) {
    let mut tally = Tally::default();
    tally.add(TEXT, Prose::Ad, labels, facts);
    let counts = tally.fields[field];
    (counts.labels, counts.found, counts.read, counts.right)
}

#[test]
fn each_statement_of_years_counts_at_its_place() {
    let three = Value::Years {
        min: 3.0,
        max: None,
    };
    let labels = [
        label("years", "3", "3 years", 0),
        label("years", "3", "3 years", 1),
    ];
    let one = [fact(three.clone(), "3 years", 1)];
    assert_eq!(counts(&labels, &one, "years"), (2, 1, 1, 1));
    let two = [
        fact(three.clone(), "3 years", 0),
        fact(three, "Full-time", 0),
    ];
    assert_eq!(counts(&labels, &two, "years"), (2, 1, 2, 1));
    let other = [fact(
        Value::Years {
            min: 4.0,
            max: None,
        },
        "3 years",
        0,
    )];
    assert_eq!(counts(&labels, &other, "years"), (2, 0, 1, 0));
}

#[test]
fn a_skill_counts_once_wherever_it_is_named() {
    let python = Dictionary::builtin().named("Python").unwrap();
    let labels = [
        label("skill.required", "Python", "Python", 0),
        label("skill.used", "SQL", "SQL", 0),
    ];
    let facts = [fact(Value::Skill(python, Need::Used), "Python", 1)];
    assert_eq!(counts(&labels, &facts, "skill"), (2, 1, 1, 1));
    let mut tally = Tally::default();
    let misses = tally.add(TEXT, Prose::Ad, &labels, &facts);
    let skills = tally.fields["skill"];
    assert_eq!((skills.needs, skills.needs_right), (1, 0));
    let missed: Vec<_> = misses.iter().map(|miss| miss.value.as_str()).collect();
    assert_eq!(missed, ["SQL"]);
}

#[test]
fn what_is_said_twice_is_one_fact() {
    let labels = [label("contract", "full_time", "Full-time", 0)];
    let full = |words, nth| fact(Value::Contract("full_time"), words, nth);
    let facts = [full("Full-time", 0), full("full-time", 0)];
    assert_eq!(counts(&labels, &facts, "contract"), (1, 1, 1, 1));
}

#[test]
fn a_position_needs_its_dates_too() {
    let month = |month| Month {
        year: 2019,
        month: Some(month),
    };
    let position = |to| {
        let to = Some(End::At(month(to)));
        let value = Value::Position {
            from: Some(month(1)),
            to,
            dates: Some(place("3 years", 0)),
            about: (0, TEXT.len() as u32),
        };
        [fact(value, "Cook", 0)]
    };
    let labels = [
        label("position", "Cook | 2019-01 | 2019-05", "Cook", 0),
        label("dates", "Cook | 2019-01 | 2019-05", "3 years", 0),
    ];
    for (to, right) in [(5, 1), (6, 0)] {
        let mut tally = Tally::default();
        tally.add(TEXT, Prose::Cv, &labels, &position(to));
        for field in ["position", "dates"] {
            assert_eq!(tally.fields[field].right, right, "{field} {to}");
        }
    }
}

#[test]
fn measures_of_nothing_are_none() {
    assert_eq!(Counts::default().f1(), None);
    let unread = Counts {
        labels: 3,
        ..Counts::default()
    };
    assert_eq!(unread.f1(), Some(0.0));
    let counts = Counts {
        labels: 4,
        found: 2,
        read: 5,
        right: 3,
        ..Counts::default()
    };
    assert!((counts.f1().unwrap() - 6.0 / 11.0).abs() < 1e-12);
}
