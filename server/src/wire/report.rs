//! An explanation as Markdown, to be pasted into a mail. Owns its words and
//! order; every number is the answer's.

use super::answer::{Explanation, Hit};
use super::evidence::{Line, Span};
use super::score::Contribution;

/// Longest quote, in characters.
const QUOTE_MAX: usize = 90;
const POINTS: f64 = 10_000.0;

/// The report.
pub fn report(explanation: &Explanation) -> String {
    let hit = &explanation.hit;
    let mut out = String::new();
    let title = hit.document.values().find_map(|value| value.as_str());
    let title = title.map_or_else(String::new, |title| format!(": {}", plain(title)));
    push(
        &mut out,
        &format!("# {} {}{title}", plain(&hit.kind), plain(&hit.id)),
    );
    push(&mut out, "");
    push(&mut out, &standing(hit));
    let source = hit
        .evidence
        .as_ref()
        .and_then(|evidence| evidence.source.as_ref());
    if let Some(source) = source {
        let id = source.id.as_deref().unwrap_or("a pasted text");
        push(
            &mut out,
            &format!("Compared with {} {}.", plain(&source.kind), plain(id)),
        );
    }
    gates(hit, &mut out);
    groups(hit, &mut out);
    requirements(hit, &mut out);
    words(hit, &mut out);
    adjustments(hit, &mut out);
    open(hit, &mut out);
    push(&mut out, "");
    push(
        &mut out,
        &format!(
            "_Snapshot {}. 100 points are a full score._",
            explanation.snapshot
        ),
    );
    out
}

fn push(out: &mut String, line: &str) {
    out.push_str(line);
    out.push('\n');
}

fn heading(out: &mut String, text: &str) {
    out.extend([format!("\n## {text}\n\n")]);
}

/// Points of 100 with one decimal, a minus as one.
fn points(points: i32) -> String {
    let shown = format!("{:.1}", f64::from(points) / POINTS);
    if shown == "-0.0" {
        "0.0".to_owned()
    } else {
        shown.replace('-', "−")
    }
}

fn standing(hit: &Hit) -> String {
    if hit.insufficient_data {
        return "**Insufficient data**: the document says nothing that is scored.".to_owned();
    }
    let mut shown = format!("**{} of 100**", points(hit.score as i32));
    if !hit.gates.is_empty() {
        shown.push_str(": a must is not met");
    } else if hit.low < hit.high {
        let ends = [hit.low, hit.high].map(|end| points(end as i32));
        shown.extend([format!(
            ", between {} and {} when more is said; {} % of it is known",
            ends[0], ends[1], hit.completeness
        )]);
    }
    shown.push('.');
    shown
}

fn gates(hit: &Hit, out: &mut String) {
    if hit.gates.is_empty() {
        return;
    }
    heading(out, "Musts that are not met");
    for gate in &hit.gates {
        let missing = if gate.missing.is_empty() {
            String::new()
        } else {
            format!(" (missing: {})", plain(&gate.missing.join(", ")))
        };
        push(
            out,
            &format!("- **{}**: {}{missing}", gate.must, gate.reason),
        );
    }
}

const GROUPS: [&str; 5] = [
    "search",
    "skills",
    "experience",
    "education",
    "certificates",
];

fn groups(hit: &Hit, out: &mut String) {
    heading(out, "Points");
    push(out, "| group | points | of | |\n|---|---:|---:|---|");
    for group in GROUPS {
        let parts: Vec<&Contribution> = hit
            .contributions
            .iter()
            .filter(|part| part.group == group)
            .collect();
        if parts.is_empty() {
            continue;
        }
        // The parts of the text share one maximum.
        let mut shared = false;
        let counts = |part: &&&Contribution| {
            !part.name.starts_with("text.") || !std::mem::replace(&mut shared, true)
        };
        let max: i32 = parts.iter().filter(counts).map(|part| part.max).sum();
        let sum: i32 = parts.iter().map(|part| part.points).sum();
        let each = parts.iter().filter(|part| part.points != 0 || part.unknown);
        let each = each.map(|part| {
            let value = if part.unknown {
                "unknown".to_owned()
            } else {
                points(part.points)
            };
            format!("{} {value}", plain(&part.name))
        });
        let each = each.collect::<Vec<_>>().join(", ");
        push(
            out,
            &format!("| {group} | {} | {} | {each} |", points(sum), points(max)),
        );
    }
    let rest = hit
        .contributions
        .iter()
        .filter(|part| !GROUPS.contains(&part.group.as_str()));
    for part in rest.filter(|part| part.points != 0 || part.unknown) {
        let value = if part.unknown {
            "unknown".to_owned()
        } else {
            points(part.points)
        };
        push(
            out,
            &format!("| {} | {value} | | {} |", plain(&part.name), part.group),
        );
    }
}

fn is_requirement(line: &Line) -> bool {
    let name = line.contribution.as_str();
    let facts = ["years", "seniority", "degree", "languages", "certificates"];
    let occupation = name == "title" && line.how == "occupation";
    line.want.is_some() && (name.starts_with("skills.") || facts.contains(&name) || occupation)
}

// Whether a want that is met so far is of a sort.
type Standing = fn(Option<u8>) -> bool;

fn requirements(hit: &Hit, out: &mut String) {
    let Some(evidence) = &hit.evidence else {
        return;
    };
    let wants: Vec<&Line> = evidence
        .lines
        .iter()
        .filter(|line| is_requirement(line))
        .collect();
    let sorts: [(&str, Standing); 4] = [
        ("Met", |met| met == Some(100)),
        ("Met in part", |met| {
            met.is_some_and(|met| (1..100).contains(&met))
        }),
        ("Missing", |met| met == Some(0)),
        ("Not known", |met| met.is_none()),
    ];
    for (name, is) in sorts {
        let lines: Vec<&&Line> = wants.iter().filter(|line| is(line.met)).collect();
        if lines.is_empty() {
            continue;
        }
        heading(out, &format!("{name} ({})", lines.len()));
        for line in lines {
            push(out, &format!("- {}", requirement(line)));
        }
    }
}

// Most words in common that are shown.
const WORDS_MAX: usize = 40;

// What both say, and how alike the wholes are.
fn words(hit: &Hit, out: &mut String) {
    let lines = hit.evidence.iter().flat_map(|evidence| &evidence.lines);
    let (mut titles, mut texts, mut notes) = (Vec::new(), Vec::new(), Vec::new());
    for line in lines {
        let all = match line.contribution.as_str() {
            "title" if line.how != "occupation" => &mut titles,
            "similarity" => {
                notes.extend(line.note.as_deref().map(plain));
                continue;
            }
            name if name.starts_with("text.") => &mut texts,
            _ => continue,
        };
        let word = line.want.as_deref().map(plain).unwrap_or_default();
        if !word.is_empty() && !all.contains(&word) {
            all.push(word);
        }
    }
    if titles.is_empty() && texts.is_empty() && notes.is_empty() {
        return;
    }
    heading(out, "Words and meaning");
    for (name, all) in [("both titles", titles), ("the text", texts)] {
        if !all.is_empty() {
            let shown = all.get(..WORDS_MAX.min(all.len())).unwrap_or_default();
            let more = all.len() - shown.len();
            let rest = if more > 0 {
                format!(" and {more} more")
            } else {
                String::new()
            };
            push(out, &format!("- **In {name}**: {}{rest}", shown.join(", ")));
        }
    }
    for note in notes {
        push(out, &format!("- **Similar meaning**: {note}"));
    }
}

fn requirement(line: &Line) -> String {
    let mut text = format!("**{}**", plain(line.want.as_deref().unwrap_or_default()));
    if let Some(need) = &line.need {
        text.extend([format!(" ({need})")]);
    }
    match (&line.have, line.met) {
        (Some(have), Some(met)) if met < 100 => {
            text.extend([format!(": {} meets {met} %", plain(have))]);
        }
        (Some(have), _) if line.want.as_ref() != Some(have) => {
            text.extend([format!(": {}", plain(have))]);
        }
        _ => {}
    }
    if !line.path.is_empty() {
        let steps = line.path.iter().map(|step| {
            format!(
                "{} {} {}",
                plain(&step.from),
                relation(&step.relation, &step.way),
                plain(&step.to)
            )
        });
        text.extend([format!(" ({})", steps.collect::<Vec<_>>().join("; "))]);
    }
    if let Some(note) = &line.note {
        text.extend([format!("; {}", plain(note))]);
    }
    let (wants, has) = match line.wanted_by.as_deref() {
        Some("document") => (&line.document, &line.source),
        _ => (&line.source, &line.document),
    };
    text.push_str(&quote("wanted", wants));
    text.push_str(&quote("said", has));
    text
}

fn relation(relation: &str, way: &str) -> &'static str {
    match (relation, way) {
        ("is" | "esco_is", "up") => "is a kind of",
        ("is" | "esco_is", _) => "is broader than",
        ("needs" | "esco_needs", "up") => "needs",
        ("needs" | "esco_needs", _) => "is needed for",
        ("like", _) => "is like",
        _ => "is near",
    }
}

/// `; said: “five years of Python” (description)`.
fn quote(what: &str, spans: &[Span]) -> String {
    let Some(span) = spans.first() else {
        return String::new();
    };
    let mut text: String = span.text.chars().take(QUOTE_MAX).collect();
    if text.len() < span.text.len() {
        text.push('…');
    }
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let field = span.pointer.trim_start_matches('/').replace('/', " ");
    let sure = if span.sure < 100 {
        format!(", {} % sure", span.sure)
    } else {
        String::new()
    };
    format!("; {what}: “{}” ({}{sure})", plain(&text), plain(&field))
}

fn adjustments(hit: &Hit, out: &mut String) {
    let parts: Vec<&Contribution> = hit
        .contributions
        .iter()
        .filter(|part| part.group == "adjustment")
        .collect();
    if parts.is_empty() {
        return;
    }
    heading(out, "Adjustments");
    for part in parts {
        let value = if part.unknown {
            "unknown".to_owned()
        } else {
            points(part.points)
        };
        let mut text = format!("- **{}** {value}", plain(&part.name));
        let evidence = hit.evidence.iter().flat_map(|evidence| &evidence.lines);
        for line in evidence.filter(|line| line.contribution == part.name) {
            let said = [("wanted", &line.want), ("has", &line.have)];
            for (what, value) in said {
                if let Some(value) = value {
                    text.extend([format!("; {what} {}", plain(value))]);
                }
            }
            if let Some(note) = &line.note {
                text.extend([format!("; {}", plain(note))]);
            }
        }
        push(out, &text);
    }
}

fn open(hit: &Hit, out: &mut String) {
    let can_change = |part: &&Contribution| part.low < part.high;
    let parts: Vec<&Contribution> = hit.contributions.iter().filter(can_change).collect();
    if parts.is_empty() || hit.insufficient_data {
        return;
    }
    heading(out, "What is open");
    for part in parts {
        let what = if part.unknown {
            "is not known"
        } else {
            "is not known in full"
        };
        push(
            out,
            &format!(
                "- **{}** {what}: {} now, {} to {} when more is said",
                plain(&part.name),
                points(part.points),
                points(part.low),
                points(part.high)
            ),
        );
    }
}

/// Text of a document as text of Markdown: nothing in it is markup.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '~' => {
                out.push('\\');
                out.push(letter);
            }
            '\n' | '\r' => out.push(' '),
            _ => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_report_says_points_quotes_and_what_is_open() {
        let explanation: Explanation = serde_json::from_value(json!({
            "kind": "candidates", "id": "c-1", "score": 412_300, "low": 400_000, "high": 512_000,
            "completeness": 88, "snapshot": "default:3", "document": {"headline": "Nurse *RN*"},
            "contributions": [
                {"name": "skills.required", "group": "skills", "points": 412_300, "min": 0, "max": 800_000,
                 "low": 412_300, "high": 412_300, "unknown": false},
                {"name": "years", "group": "experience", "points": 0, "min": 0, "max": 200_000,
                 "low": 0, "high": 200_000, "unknown": true},
                {"name": "place", "group": "adjustment", "points": -20_000, "min": -100_000, "max": 10_000,
                 "low": -20_000, "high": -20_000, "unknown": false}],
            "evidence": {"lines": [
                {"contribution": "skills.required", "wanted_by": "source", "want": "PostgreSQL",
                 "need": "required", "have": "MySQL", "met": 50, "how": "path",
                 "path": [{"from": "MySQL", "to": "PostgreSQL", "relation": "like", "way": "side"}],
                 "source": [], "document": [{"pointer": "/text", "bytes": [0, 5], "utf16": [0, 5],
                    "text": "MySQL", "given": false, "sure": 80}]},
                {"contribution": "years", "wanted_by": "source", "want": "5 years", "met": null,
                 "how": "amount", "source": [], "document": []},
                {"contribution": "text.text", "wanted_by": "source", "want": "ward", "how": "word",
                 "source": [], "document": []},
                {"contribution": "similarity", "how": "similarity", "note": "a cosine of 0.71",
                 "source": [], "document": []},
                {"contribution": "place", "wanted_by": "both", "want": "Berlin", "have": "Hamburg",
                 "met": 73, "how": "distance", "note": "255 km apart", "source": [], "document": []}]}
        }))
        .unwrap();
        let shown = report(&explanation);
        for part in [
            "# candidates c-1: Nurse \\*RN\\*",
            "**41.2 of 100**, between 40.0 and 51.2 when more is said; 88 % of it is known.",
            "| skills | 41.2 | 80.0 | skills.required 41.2 |",
            "## Met in part (1)",
            "**PostgreSQL** (required): MySQL meets 50 % (MySQL is like PostgreSQL); said: “MySQL” (text, 80 % sure)",
            "## Not known (1)",
            "- **In the text**: ward",
            "- **Similar meaning**: a cosine of 0.71",
            "- **place** −2.0; wanted Berlin; has Hamburg; 255 km apart",
            "- **years** is not known: 0.0 now, 0.0 to 20.0 when more is said",
        ] {
            assert!(shown.contains(part), "{part} is not in\n{shown}");
        }
    }
}
