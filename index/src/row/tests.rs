//! What prose fills, what it leaves alone, and where evidence stands.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;
use crate::evidence::{self, Evidence};
use crate::facts::{Need, Value};
use crate::kinds::Kinds;

fn row(kind: &str, document: &Json) -> (Kind, Row) {
    let kinds = Kinds::builtin();
    let kind = kinds.get(kind).unwrap();
    let checked = Document::parse(kind, document.clone(), Some("1"), true).unwrap();
    (kind.clone(), analyse(kind, checked))
}

/// A cell as text: values between bars, nothing where it is unknown.
fn cell(kind: &Kind, row: &Row, column: &str) -> String {
    match &row.cells[kind.column(column).unwrap()] {
        Cell::Unknown => String::new(),
        Cell::Words(words) => words.join("|"),
        Cell::Number(number) => number.to_string(),
    }
}

fn level(row: &Row, skill: &str) -> u16 {
    let key = TermKey::skill(skill_number(skill).0);
    let entry = row.entries.iter().find(|entry| entry.key() == key);
    entry.map_or(0, |entry| entry.payload())
}

fn check(kind: &str, document: &Json, columns: &[(&str, &str)]) {
    let (kind, row) = row(kind, document);
    for (column, expected) in columns {
        let held = cell(&kind, &row, column);
        assert_eq!(held, *expected, "{column} of {document}");
    }
}

const AD: &str = "About us\nWe are a software company in Hamburg.\n\nRequirements:\n\
    - At least 5 years of experience with Python\n- Bachelor's degree in Computer Science\n\
    - Fluent German and English at C1 level\n- Valid driver's license\n\n\
    Nice to have:\n- Kubernetes, Spark, Hudi, Presto\n- PMP certification is a plus\n\n\
    What you will do:\n- Build services with PostgreSQL\n\n\
    Location: Berlin, Germany\nSalary: €70,000 - €85,000 per year\nJob type: Full-time\n\
    This is a hybrid position.\n";

#[test]
fn an_ad_fills_what_it_says_in_no_field() {
    let ad = json!({"id": "1", "title": "Senior Software Engineer", "description": AD});
    check(
        "jobs",
        &ad,
        &[
            ("years_min", "5"),
            ("degree", "bachelor"),
            ("languages", "German fluent|English C1"),
            ("certificates", "Driving licence"),
            ("seniority", "senior"),
            ("contract", "full-time"),
            ("remote", "hybrid"),
            ("location.city", "Berlin"),
            ("location.country", "DE"),
            ("pay.min", "70000"),
            ("pay.max", "85000"),
            ("pay.currency", "EUR"),
            ("occupation", "Software Developers"),
            ("industry", "technology"),
        ],
    );
}

#[test]
fn what_a_document_gives_is_kept() {
    let ad = json!({
        "id": "1", "title": "Senior Software Engineer", "description": AD, "years_min": 2, "degree": "master",
        "languages": ["Suomi"], "certificates": ["commercial driver's license", "Guild card"],
        "seniority": "lead", "contract": ["permanent"], "remote": "onsite", "location": "Leipzig",
        "pay": {"min": 10, "currency": "USD", "period": "hour"}, "occupation": "Bakers", "industry": "Bread",
    });
    check(
        "jobs",
        &ad,
        &[
            ("years_min", "2"),
            ("degree", "master"),
            ("languages", "Suomi"),
            // Under the name that facts have, so that both meet.
            ("certificates", "CDL|Guild card"),
            ("seniority", "lead"),
            ("contract", "permanent"),
            ("remote", "onsite"),
            ("location.city", "Leipzig"),
            ("pay.min", "20800"),
            ("pay.max", ""),
            ("pay.currency", "USD"),
            ("occupation", "Bakers"),
            ("industry", "Bread"),
        ],
    );
}

#[test]
fn skills_have_the_levels_that_prose_says() {
    let (kind, row) = row(
        "jobs",
        &json!({"id": "1", "title": "Software Engineer", "description": AD, "skills": ["Hudi"]}),
    );
    let of = |level: Level| u16::from(level.0);
    let found = of(Level::FOUND);
    assert_eq!(level(&row, "Python"), of(Level::REQUIRED) | found);
    assert_eq!(level(&row, "Kubernetes"), of(Level::PREFERRED) | found);
    assert_eq!(level(&row, "PostgreSQL"), of(Level::USED) | found);
    // Listed: as the list says, alone.
    assert_eq!(level(&row, "Hudi"), of(Level::REQUIRED));
    assert_eq!(level(&row, "Cobol"), 0);
    let skills = cell(&kind, &row, "skills");
    for name in ["Python", "Kubernetes", "PostgreSQL", "Hudi"] {
        assert!(skills.split('|').any(|held| held == name), "{skills}");
    }
}

#[test]
fn names_that_are_no_facts_can_be_searched_and_nobody_wants_them() {
    let text = "Requirements:\n- Java\n\nBenefits:\n- Free courses in Python\n";
    let (kind, row) = row(
        "jobs",
        &json!({"id": "1", "title": "Office Clerk", "description": text}),
    );
    assert_eq!(level(&row, "Python"), u16::from(Level::FOUND.0));
    assert_eq!(cell(&kind, &row, "skills"), "Java");
}

const CV: &str = "Summary\nAccountant with a CPA license.\n\nExperience\n\
    Senior Accountant , 03/2015 to 02/2019\nCompany Name\nClosed the books in SAP.\n\
    Accountant , 03/2011 to 02/2015\nCompany Name\nPayroll.\n\nEducation\n\
    Master of Science: Accounting, 2011\nBachelor of Arts, 2009\n\nLanguages\nSpanish (native), German B2\n";

#[test]
fn a_cv_fills_what_it_says_in_no_field() {
    check(
        "candidates",
        &json!({"id": "1", "headline": "Accountant", "text": CV}),
        &[
            ("years", "8"),
            ("degree", "master"),
            ("languages", "Spanish native|German B2"),
            ("certificates", "CPA"),
            ("seniority", "senior"),
            ("occupation", "Accountants and Auditors"),
            ("open_to", ""),
            ("remote", ""),
            ("pay_wanted.min", ""),
            ("location.city", ""),
        ],
    );
}

#[test]
fn current_positions_last_until_the_last_update() {
    let position = json!([{"title": "Registered Nurse", "from": "2010-01"}]);
    let mut cv = json!({"id": "1", "headline": "Registered Nurse", "experience": position});
    check("candidates", &cv, &[("years", "")]);
    cv["updated_at"] = json!("2015-12-31T23:00:00Z");
    check("candidates", &cv, &[("years", "6")]);
    cv["text"] = json!("Registered nurse. Course in triage, May 2019 - June 2019.");
    check("candidates", &cv, &[("years", "9.5")]);
}

#[test]
fn structured_positions_say_years_and_occupations() {
    let document = json!({
        "id": "1", "headline": "Looking for something new",
        "experience": [
            {"title": "Registered Nurse", "company": "Clinic", "from": "2018-04-01", "to": "2020-03-31", "text": "ICU."},
            {"title": "Software Developer", "from": "2020-04", "to": "2022-03"},
        ],
        "education": ["Bachelor of Science in Nursing", "Abitur"],
    });
    check(
        "candidates",
        &document,
        &[
            ("years", "4"),
            ("occupation", "Software Developers|Registered Nurses"),
            ("degree", "bachelor"),
        ],
    );
}

#[test]
fn an_ad_without_a_title_has_its_first_line() {
    let kinds = Kinds::builtin();
    let kind = kinds.get("jobs").unwrap();
    let pasted = "Junior Accountant\nWe look for someone to keep our books.\n";
    let row = analyse(kind, Document::from_text(kind, pasted).unwrap());
    assert_eq!(cell(kind, &row, "seniority"), "junior");
    assert_eq!(cell(kind, &row, "occupation"), "Accountants and Auditors");
}

#[test]
fn a_kind_without_skills_is_not_read_for_facts() {
    let kinds = Kinds::parse(
        "[kinds.notes.fields]\ntitle = { type = \"text\", as = \"title\" }\n\
         text = { type = \"text\", as = \"text\" }\nplace = { type = \"place\", as = \"place\" }\n\
         years = { type = \"number\", as = \"years\" }\n",
    )
    .unwrap();
    let kind = kinds.get("notes").unwrap();
    let document = json!({"id": "1", "title": "Software Engineer in Berlin", "text": AD});
    let row = analyse(kind, Document::parse(kind, document, None, true).unwrap());
    assert!(row.cells.iter().skip(1).all(|cell| *cell == Cell::Unknown));
    let found = u16::from(Level::found(kind.skills_role()).0);
    assert_eq!(level(&row, "Python"), found);
}

fn evidence_of(kind: &str, document: &Json) -> Vec<Evidence> {
    let kinds = Kinds::builtin();
    let kind = kinds.get(kind).unwrap();
    evidence::of(
        kind,
        &Document::parse(kind, document.clone(), Some("1"), true).unwrap(),
    )
}

fn find(all: &[Evidence], is: impl Fn(&Value) -> bool) -> &Evidence {
    all.iter().find(|one| is(&one.value)).unwrap()
}

#[test]
fn evidence_names_the_string_and_its_bytes() {
    let document = json!({
        "id": "1", "title": "Senior Software Engineer", "description": ["Größe zählt.", AD],
        "skills": ["Java", {"name": " C++ "}],
    });
    let all = evidence_of("jobs", &document);
    let text = |one: &Evidence| one.text(&document).unwrap().to_owned();
    assert_eq!(
        (all[0].pointer.as_str(), text(&all[0])),
        ("/skills/0", "Java".into())
    );
    assert_eq!(
        (all[1].pointer.as_str(), text(&all[1])),
        ("/skills/1/name", "C++".into())
    );
    assert!(all[0].listed && all[0].need() == Some(Need::Required));
    let rank = find(&all, |value| matches!(value, Value::Seniority(_)));
    assert_eq!(
        (rank.pointer.as_str(), text(rank)),
        ("/title", "Senior".into())
    );
    let years = find(&all, |value| matches!(value, Value::Years { .. }));
    assert_eq!(
        (years.pointer.as_str(), text(years)),
        ("/description/1", "5 years".into())
    );
    let hudi = all.iter().find(|one| text(one) == "Hudi").unwrap();
    assert_eq!(hudi.skill, Some(skill_number("Hudi")));
    assert_eq!(hudi.need(), Some(Need::Preferred));

    let document = json!({
        "id": "1", "headline": "Nurse",
        "experience": [{"title": "Cook"}, {"title": "Registered Nurse", "from": "2018", "text": "CPR, triage."}],
    });
    let all = evidence_of("candidates", &document);
    let held = find(&all, |value| matches!(value, Value::Position { .. }));
    assert_eq!(held.pointer, "/experience/1/title");
    assert_eq!(held.text(&document), Some("Registered Nurse"));
    assert!(all.iter().any(|one| one.pointer == "/experience/1/text"));
}

#[test]
fn what_privacy_cuts_is_no_fact() {
    let text = "Experience\nSales Manager , 01/2010 to 01/2015\nCompany Name\nRan sales with Salesforce.\n\
        Reference: Frank Berlin, frank.berlin@example.org, +49 30 1234567\n";
    let document =
        json!({"id": "1", "headline": "Sales Manager", "text": text, "name": "Frank Berlin"});
    let kinds = Kinds::builtin();
    let kind = kinds.get("candidates").unwrap();
    let checked = Document::parse(kind, document.clone(), None, true).unwrap();
    let cut: Vec<Range<usize>> = masked(kind, &checked).remove(1).cut;
    assert!(!cut.is_empty());
    for one in evidence::of(kind, &checked) {
        let (start, end) = (one.start as usize, one.end as usize);
        let apart = cut.iter().all(|cut| cut.end <= start || end <= cut.start);
        assert!(apart || one.pointer != "/text", "{one:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_prose_is_read_and_its_evidence_stands_in_it(
        title in "[A-Za-zäß ,\\-\\n(]{0,40}",
        parts in proptest::collection::vec(prop_oneof![
            "(Requirements|Experience|Education|Sprachen|[a-zä€•]{0,9}):?\\n",
            "[0-9]{1,4}[+ -]{0,2}(years|Jahre|months)? (of experience|to Current|Python, |Java\\. )",
            "(Berlin|John Smith|j@x\\.org|\\+49 30 123456|German C1|B\\.Sc\\.|\\$[0-9]{2}/hour)[ ,\\n]",
            "\\PC{0,12}",
        ], 0..40),
        job in any::<bool>(),
    ) {
        let text = parts.concat();
        let (kind, document) = if job {
            ("jobs", json!({"id": "1", "title": title, "description": text}))
        } else {
            let position = json!({"title": title, "from": "2019-02", "text": text});
            ("candidates", json!({"id": "1", "headline": title, "text": [text, ""], "name": "John Smith",
                "experience": [position]}))
        };
        let kinds = Kinds::builtin();
        let kind = kinds.get(kind).unwrap();
        let checked = Document::parse(kind, document.clone(), None, true).unwrap();
        for one in evidence::of(kind, &checked) {
            prop_assert!(one.text(&document).is_some_and(|text| !text.is_empty()), "{one:?}");
        }
        let again = analyse(kind, checked.clone());
        let row = analyse(kind, checked);
        prop_assert_eq!(row.cells, again.cells);
        prop_assert_eq!(row.entries, again.entries);
    }
}
