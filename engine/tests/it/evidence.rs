//! Every point of a score says what it was read from, in both documents' bytes.

use std::sync::Arc;

use serde_json::{Value, json};
use tandem_engine::evidence::{Line, Span};
use tandem_engine::{Hit, Request, Source, explain};
use tandem_index::{Kinds, Snapshot};

use crate::support::{NOW_MS, TINY, answer, prepared, put, query, store};

fn job() -> Value {
    json!({
        "id": "j", "title": "Senior Data Engineer", "company": "Nordwind",
        "location": "Berlin, Germany", "pay": {"min": 60000, "max": 80000, "currency": "EUR"},
        "posted_at": "2026-11-01",
        "description": "We look for a data engineer. Requirements:\n- 5+ years of experience\n- PostgreSQL and Python are a must 😀\n- Kubernetes is a plus\n- Bachelor's degree in computer science\n- fluent German and English\n- CPA certification required\nFull-time.",
        "skills": ["JavaScript", "Zweitstapel"]
    })
}

fn cv() -> Value {
    json!({
        "id": "c", "headline": "Data Engineer", "location": "Potsdam, Germany",
        "name": "Ada Example", "email": "ada@example.org",
        "pay_wanted": {"min": 90000, "currency": "USD"},
        "skills": ["React", "postgres", {"name": "Python"}],
        "text": "Ada Example\nada@example.org, +49 30 1234567\n\nSix years of experience as a data engineer. 😀 I run k8s clusters daily.\nLanguages: German (native), English C1\nEducation: Master of Science in Informatics",
        "experience": [{"title": "Data Engineer", "company": "X", "from": "2019-01", "text": "Built pipelines with Python and MySQL."}]
    })
}

fn snapshot() -> Arc<Snapshot> {
    let kinds = Arc::new(Kinds::builtin());
    let writes = vec![
        put(&kinds, "jobs", &job()),
        put(&kinds, "candidates", &cv()),
    ];
    store(&kinds, TINY, &prepared(&kinds, writes), 2).snapshot()
}

fn stored(kind: &str, id: &str, to: &str) -> Request {
    let source = Source::Stored {
        kind: kind.to_owned(),
        id: id.to_owned(),
    };
    Request {
        evidence: true,
        ..Request::new(source, Some(to.to_owned()), NOW_MS)
    }
}

fn explained(request: &Request, to: (&str, &str)) -> Hit {
    explain(&snapshot(), request, to.0, to.1).unwrap()
}

// A span is what stands there, in both ways to count.
fn check(span: &Span, document: &Value) {
    let value = document.pointer(&span.pointer).unwrap();
    let Some((start, end)) = span.bytes else {
        assert!(!value.is_string(), "{span:?}");
        return;
    };
    let string = value.as_str().unwrap();
    assert_eq!(string.get(start as usize..end as usize), Some(&*span.text));
    let units: Vec<u16> = string.encode_utf16().collect();
    let (start, end) = span.utf16.unwrap();
    let cut = String::from_utf16(&units[start as usize..end as usize]).unwrap();
    assert_eq!(cut, span.text);
    for private in ["Ada", "ada@", "1234567"] {
        assert!(!span.text.contains(private), "{span:?}");
    }
}

fn check_all(hit: &Hit, source: Option<&Value>, document: &Value) {
    let evidence = hit.evidence.as_ref().unwrap();
    for line in &evidence.lines {
        line.document.iter().for_each(|span| check(span, document));
        match source {
            Some(source) => line.source.iter().for_each(|span| check(span, source)),
            None => assert!(line.source.is_empty(), "{line:?}"),
        }
    }
    for part in hit.contributions.iter().filter(|part| part.points != 0) {
        let mut lines = evidence.lines.iter();
        let is = |line: &&Line| line.contribution == part.name;
        assert!(lines.any(|line| is(&line)), "{} has no evidence", part.name);
        // What the texts as a whole, the sum or a field that is missing says
        // stands nowhere.
        let nowhere = ["similarity", "floor", "ceiling", "gate"].contains(&part.name.as_ref());
        let mut lines = evidence.lines.iter().filter(is);
        let somewhere = lines.any(|line| !line.document.is_empty() || !line.source.is_empty());
        assert!(nowhere || somewhere, "{} has no span", part.name);
    }
}

fn line<'h>(hit: &'h Hit, contribution: &str, want: &str) -> &'h Line {
    let mut lines = hit.evidence.as_ref().unwrap().lines.iter();
    let found =
        lines.find(|line| line.contribution == contribution && line.want.as_deref() == Some(want));
    found.unwrap_or_else(|| panic!("no {want} in {:#?}", hit.evidence.as_ref().unwrap().lines))
}

#[test]
fn every_contribution_with_points_has_evidence_in_the_bytes_of_both() {
    let forth = explained(&stored("jobs", "j", "candidates"), ("candidates", "c"));
    check_all(&forth, Some(&job()), &cv());
    let back = explained(&stored("candidates", "c", "jobs"), ("jobs", "j"));
    check_all(&back, Some(&cv()), &job());
    let words = Request {
        evidence: true,
        ..query("data engineer python", "jobs")
    };
    check_all(&explained(&words, ("jobs", "j")), None, &job());
}

#[test]
fn evidence_changes_no_number() {
    let with = stored("jobs", "j", "candidates");
    let without = Request {
        evidence: false,
        ..with.clone()
    };
    let bare = explained(&without, ("candidates", "c"));
    assert!(bare.evidence.is_none());
    let mut full = explained(&with, ("candidates", "c"));
    full.evidence = None;
    assert_eq!(full, bare);
    // In a match too, where the whole texts are left out.
    let mut hits = answer(&snapshot(), &with).hits;
    let evidence = hits[0].evidence.take().unwrap();
    assert_eq!(hits[0], bare);
    assert!(evidence.source.is_none() && evidence.document.is_none());
    assert!(!evidence.lines.is_empty());
}

#[test]
fn skills_say_the_name_or_the_path_they_are_met_by() {
    let hit = explained(&stored("jobs", "j", "candidates"), ("candidates", "c"));
    let postgres = line(&hit, "skills.required", "PostgreSQL");
    assert_eq!((postgres.how, postgres.met), ("alias", Some(100)));
    assert_eq!(postgres.document[0].pointer, "/skills/1");
    assert_eq!(postgres.document[0].text, "postgres");
    assert!(postgres.document[0].given);
    assert_eq!(postgres.source[0].pointer, "/description");
    let script = line(&hit, "skills.required", "JavaScript");
    assert_eq!(
        (script.how, script.have.as_deref()),
        ("path", Some("React"))
    );
    let step = &script.path[0];
    assert_eq!((step.relation, step.way), ("needs", "up"));
    assert!(script.met.is_some_and(|met| (80..100).contains(&met)));
    let none = line(&hit, "skills.required", "Zweitstapel");
    assert_eq!((none.how, none.met), ("missing", Some(0)));
    assert_eq!(none.source[0].pointer, "/skills/1");
    let cluster = line(&hit, "skills.preferred", "Kubernetes");
    assert_eq!(
        (cluster.how, cluster.document[0].text.as_str()),
        ("alias", "k8s")
    );
}

#[test]
fn pay_says_its_conversion_and_facts_where_they_were_read() {
    let hit = explained(&stored("jobs", "j", "candidates"), ("candidates", "c"));
    let lines = &hit.evidence.as_ref().unwrap().lines;
    let of = |name: &str| lines.iter().find(|line| line.contribution == name).unwrap();
    let pay = of("pay");
    let made = pay.conversion.as_ref().unwrap();
    assert_eq!(
        (made.currency.as_str(), made.into_currency.as_str()),
        ("EUR", "USD")
    );
    let expected = tandem_index::rates::convert(80_000.0, "EUR", "USD").unwrap();
    assert!((made.into_amount - expected).abs() < 1e-6);
    assert_eq!(made.date, tandem_index::rates::date());
    assert_eq!(pay.source[0].pointer, "/pay");
    assert_eq!(pay.wanted_by, Some("document"));
    let years = of("years");
    assert_eq!(years.want.as_deref(), Some("5 years"));
    assert!(years.source[0].text.contains('5') && !years.source[0].given);
    let degree = of("degree");
    assert_eq!(
        (degree.want.as_deref(), degree.have.as_deref()),
        (Some("bachelor"), Some("master"))
    );
    assert_eq!(degree.met, Some(100));
    let german = lines.iter().find(|line| {
        line.want
            .as_deref()
            .is_some_and(|want| want.starts_with("German"))
    });
    assert_eq!(german.unwrap().document[0].pointer, "/text");
    let place = of("place");
    assert!(
        place
            .note
            .as_deref()
            .is_some_and(|note| note.contains("km apart")),
        "{place:?}"
    );
    assert_eq!(of("certificates").met, None, "the CV names none");
}

#[test]
fn explanations_carry_the_texts_that_spans_cut() {
    let hit = explained(&stored("jobs", "j", "candidates"), ("candidates", "c"));
    let evidence = hit.evidence.unwrap();
    let (source, document) = (evidence.source.unwrap(), evidence.document.unwrap());
    assert_eq!(
        (source.kind.as_str(), source.id.as_deref()),
        ("jobs", Some("j"))
    );
    for (texts, spans) in [
        (
            &source.texts,
            evidence
                .lines
                .iter()
                .flat_map(|line| &line.source)
                .collect::<Vec<_>>(),
        ),
        (
            &document.texts,
            evidence
                .lines
                .iter()
                .flat_map(|line| &line.document)
                .collect(),
        ),
    ] {
        for span in spans {
            let text = texts.iter().find(|text| text.pointer == span.pointer);
            let text = text.unwrap_or_else(|| panic!("{} has no text", span.pointer));
            if let Some((start, end)) = span.bytes {
                let cut = text.text.get(start as usize..end as usize);
                assert_eq!(cut, Some(&*span.text));
            }
        }
    }
    let pasted = Request {
        source: Source::Text {
            kind: "candidates".into(),
            text: "Nurse, five years of experience".into(),
        },
        ..stored("jobs", "j", "jobs")
    };
    let hit = explained(&pasted, ("jobs", "j"));
    assert_eq!(hit.evidence.unwrap().source.unwrap().id, None);
}

#[test]
fn an_answer_with_evidence_is_short() {
    let request = Request {
        limit: 51,
        ..stored("jobs", "j", "candidates")
    };
    let failure = tandem_engine::answer(&snapshot(), &request, &mut |_| {}).unwrap_err();
    assert_eq!(failure.faults[0].pointer, "/limit");
}
