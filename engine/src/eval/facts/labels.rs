//! Labels of facts: one document a line, as `judged/facts/README.md` describes.
//! Owns the format; knows neither texts nor readers.

use serde_json::Value;

/// Which half of the judged documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// The one readers are tuned on.
    Tune,
    /// The one nobody looks into.
    Held,
}

/// One label of a document.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// Such as `years` or `skill.required`.
    pub field: String,
    /// As the annotators wrote it.
    pub value: String,
    /// Its bytes in the titled text; a label of the whole document has none.
    pub span: Option<(u32, u32)>,
}

/// The labels of one document.
#[derive(Clone, Debug, PartialEq)]
pub struct Labelled {
    /// The set it is of, such as `jobs_structured`.
    pub set: String,
    /// The set's own source of it.
    pub source: String,
    /// Its id there.
    pub id: String,
    /// Its number among the labelled.
    pub number: u64,
    /// Its half.
    pub half: Half,
    labels: Vec<Placed>,
}

#[derive(Clone, Debug, PartialEq)]
struct Placed {
    field: String,
    value: String,
    at: Option<(Part, u32, u32)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Title,
    Text,
}

/// Labels that cannot be read: the line, from 1, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelsError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

impl std::fmt::Display for LabelsError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

impl std::error::Error for LabelsError {}

/// Reads labels, a document a line.
pub fn parse(text: &str) -> Result<Vec<Labelled>, LabelsError> {
    let lines = text.lines().enumerate();
    lines
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(at, line)| document(line).map_err(|what| LabelsError { line: at + 1, what }))
        .collect()
}

fn document(line: &str) -> Result<Labelled, String> {
    let value: Value = serde_json::from_str(line).map_err(|cause| cause.to_string())?;
    let half = match value["split"].as_str() {
        Some("tune") => Half::Tune,
        Some("held") => Half::Held,
        _ => return Err("`split` is neither tune nor held".to_owned()),
    };
    let labels = value["labels"].as_array().ok_or("`labels` is no array")?;
    Ok(Labelled {
        set: text(&value, "set")?,
        source: text(&value, "source")?,
        id: text(&value, "id")?,
        number: value["number"].as_u64().ok_or("`number` is no number")?,
        half,
        labels: labels.iter().map(placed).collect::<Result<_, _>>()?,
    })
}

fn text(value: &Value, member: &str) -> Result<String, String> {
    let text = value[member].as_str();
    text.map(str::to_owned)
        .ok_or_else(|| format!("`{member}` is no text"))
}

fn placed(value: &Value) -> Result<Placed, String> {
    let part = match value["in"].as_str() {
        Some("title") => Some(Part::Title),
        Some("text") => Some(Part::Text),
        Some(_) => return Err("`in` is neither title nor text".to_owned()),
        None => None,
    };
    let byte = |member: &str| {
        let number = value[member].as_u64();
        number
            .and_then(|number| u32::try_from(number).ok())
            .ok_or_else(|| format!("`{member}` is no number of a byte"))
    };
    Ok(Placed {
        field: text(value, "field")?,
        value: text(value, "value")?,
        at: match part {
            Some(part) => Some((part, byte("start")?, byte("end")?)),
            None => None,
        },
    })
}

impl Labelled {
    /// The labels with their bytes in the titled text of the document
    /// (`tandem_index::facts::titled`). The error names a label that does not lie
    /// in the document: then labels and documents do not belong together.
    pub fn labels(&self, title: &str, body: &str) -> Result<Vec<Label>, String> {
        let one = |label: &Placed| {
            let span = match label.at {
                None => None,
                Some((part, start, end)) => {
                    let (of, from) = match part {
                        Part::Title => (title, 0),
                        Part::Text => (body, title.len() as u32 + 1),
                    };
                    let inside = of.get(start as usize..end as usize);
                    inside
                        .filter(|words| !words.trim().is_empty())
                        .ok_or_else(|| {
                            format!(
                                "{} {}: a label of `{}` lies at no words of the document",
                                self.set, self.number, label.field
                            )
                        })?;
                    Some((from + start, from + end))
                }
            };
            Ok(Label {
                field: label.field.clone(),
                value: label.value.clone(),
                span,
            })
        };
        self.labels.iter().map(one).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"set":"s","source":"a","id":"1","number":2,"split":"tune","labels":[
        {"field":"years","value":"3","in":"text","start":2,"end":9},
        {"field":"seniority","value":"senior","in":"title","start":0,"end":6},
        {"field":"industry","value":"legal"}]}"#;

    #[test]
    fn labels_lie_in_title_and_text() {
        let read = parse(&LINE.replace('\n', "")).unwrap();
        let labels = read[0].labels("Senior cook", "a 3 years b").unwrap();
        let spans: Vec<_> = labels.iter().map(|label| label.span).collect();
        assert_eq!(spans, [Some((14, 21)), Some((0, 6)), None]);
        assert_eq!(read[0].half, Half::Tune);
    }

    #[test]
    fn labels_beyond_the_text_are_refused() {
        let read = parse(&LINE.replace('\n', "")).unwrap();
        let fault = read[0].labels("Senior cook", "a").unwrap_err();
        assert!(fault.contains("`years`"), "{fault}");
    }

    #[test]
    fn a_line_that_cannot_be_read_is_named() {
        let cases = [
            "{",
            r#"{"set":"s"}"#,
            r#"{"set":"s","source":"a","id":"1","number":2,"split":"x","labels":[]}"#,
            r#"{"set":"s","source":"a","id":"1","number":2,"split":"held","labels":[{"field":"f","value":"v","in":"body"}]}"#,
            r#"{"set":"s","source":"a","id":"1","number":2,"split":"held","labels":[{"field":"f","value":"v","in":"text"}]}"#,
        ];
        for case in cases {
            let text = format!("\n{case}\n");
            assert_eq!(parse(&text).unwrap_err().line, 2, "{case}");
        }
    }
}
