//! Evidence on the wire: what each point was read from. Owns the JSON shapes;
//! what is evidence of what is the engine's.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Where something stands in a document. Ranges are `[first, behind the last]` in
/// the string that `pointer` names.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(example = json!({"pointer": "/description", "bytes": [41, 51], "utf16": [41, 51], "text": "PostgreSQL",
    "given": false, "sure": 95}))]
pub struct Span {
    /// Pointer (RFC 6901) into the document.
    pub pointer: String,
    /// Bytes of UTF-8; absent where there is a number or an object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<(u32, u32)>,
    /// The same in code units of UTF-16, as JavaScript counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub utf16: Option<(u32, u32)>,
    /// What stands there.
    pub text: String,
    /// Whether a field or a list gives it; else prose says it.
    pub given: bool,
    /// How sure the reading is, in percent.
    pub sure: u8,
}

/// One step from the skill that is held to the one that is wanted.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "SkillStep")]
#[schemars(example = json!({"from": "React", "to": "JavaScript", "relation": "needs", "way": "up"}))]
pub struct Step {
    /// From this skill.
    pub from: String,
    /// To this one.
    pub to: String,
    /// `is`, `needs`, `like`, `near`, `sibling`, `esco_is`, `esco_needs`, `esco_near`.
    pub relation: String,
    /// `up` to the broader one, `down`, or `side`.
    pub way: String,
}

/// An amount in another currency, of a year.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Conversion {
    /// The source's amount.
    pub amount: f64,
    /// Its currency.
    pub currency: String,
    /// What it was compared as.
    pub into_amount: f64,
    /// The document's currency.
    pub into_currency: String,
    /// Units of that currency for one.
    pub rate: f64,
    /// The day of the table of rates.
    pub date: String,
    /// Where the table comes from.
    pub source: String,
}

/// One thing a contribution is made of.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "EvidenceLine")]
#[schemars(example = json!({"contribution": "skills.required", "wanted_by": "source", "want": "JavaScript",
    "need": "required", "have": "React", "met": 89, "how": "path",
    "path": [{"from": "React", "to": "JavaScript", "relation": "needs", "way": "up"}],
    "source": [], "document": []}))]
pub struct Line {
    /// The contribution.
    pub contribution: String,
    /// Who wants it: `source`, `document`, or `both` where both are compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wanted_by: Option<String>,
    /// What is wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub want: Option<String>,
    /// `required`, `preferred` or `used` (the work does it, nobody is asked for it).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub need: Option<String>,
    /// What meets it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub have: Option<String>,
    /// How much of it is met, in percent; null where it is unknown.
    pub met: Option<u8>,
    /// By what: `same`, `alias`, `path`, `concept`, `word`, `stem`, `synonym`, `skill`, `occupation`,
    /// `similarity`, `amount`, `conversion`, `level`, `rank`, `distance`, `date`, `written_in`,
    /// `missing`, `filter`, `limit`, `gate`.
    pub how: String,
    /// The path from what is held to what is wanted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub path: Vec<Step>,
    /// The conversion that was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversion: Option<Conversion>,
    /// What is to be said besides, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Where the source says it.
    pub source: Vec<Span>,
    /// Where the document says it.
    pub document: Vec<Span>,
}

/// A string of a document, as spans cut it.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "EvidenceText")]
pub struct Text {
    /// Pointer (RFC 6901) into the document.
    pub pointer: String,
    /// The whole string.
    pub text: String,
}

/// The texts of one side, in its order.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "EvidenceTexts")]
pub struct Texts {
    /// The document's kind.
    pub kind: String,
    /// Its id; a pasted one has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its texts.
    pub texts: Vec<Text>,
}

/// What each point of a hit was read from.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// The source's texts; only of an explanation whose source is a document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Texts>,
    /// The document's texts; only of an explanation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Texts>,
    /// In the order of the contributions.
    pub lines: Vec<Line>,
}

impl From<tandem_engine::evidence::Span> for Span {
    fn from(span: tandem_engine::evidence::Span) -> Self {
        Self {
            pointer: span.pointer,
            bytes: span.bytes,
            utf16: span.utf16,
            text: span.text,
            given: span.given,
            sure: span.sure,
        }
    }
}

impl From<tandem_engine::evidence::Line> for Line {
    fn from(line: tandem_engine::evidence::Line) -> Self {
        let step = |step: tandem_engine::evidence::Step| Step {
            from: step.from,
            to: step.to,
            relation: step.relation.to_owned(),
            way: step.way.to_owned(),
        };
        let conversion = line.conversion.map(|made| Conversion {
            amount: made.amount,
            currency: made.currency,
            into_amount: made.into_amount,
            into_currency: made.into_currency,
            rate: made.rate,
            date: made.date,
            source: made.source,
        });
        Self {
            contribution: line.contribution,
            wanted_by: line.wanted_by.map(str::to_owned),
            want: line.want,
            need: line.need.map(str::to_owned),
            have: line.have,
            met: line.met,
            how: line.how.to_owned(),
            path: line.path.into_iter().map(step).collect(),
            conversion,
            note: line.note,
            source: line.source.into_iter().map(Span::from).collect(),
            document: line.document.into_iter().map(Span::from).collect(),
        }
    }
}

impl From<tandem_engine::evidence::Evidence> for Evidence {
    fn from(evidence: tandem_engine::evidence::Evidence) -> Self {
        let texts = |side: tandem_engine::evidence::Texts| Texts {
            kind: side.kind,
            id: side.id,
            texts: (side.texts.into_iter())
                .map(|text| Text {
                    pointer: text.pointer,
                    text: text.text,
                })
                .collect(),
        };
        Self {
            source: evidence.source.map(texts),
            document: evidence.document.map(texts),
            lines: evidence.lines.into_iter().map(Line::from).collect(),
        }
    }
}
