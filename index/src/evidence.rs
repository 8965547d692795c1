//! What a document says, and where: every fact of its prose and every skill it
//! lists, with the string of its JSON and the bytes it was read from. Owns the way
//! from facts to pointers; recomputed when an explanation asks, stored nowhere.

use serde_json::Value as Json;

use crate::document::{Document, Level};
use crate::facts::{self, Fact, Need, Prose, Value};
use crate::kinds::{FieldType, Kind, Role};
use crate::row::{self, Whole, prose_of, skill_number};
use crate::skills::SkillId;

/// One thing a document says.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// Pointer (RFC 6901) to the string of the document it stands in:
    /// `/description`, `/experience/0/text`, `/skills/3`.
    pub pointer: String,
    /// First byte in that string, as UTF-8.
    pub start: u32,
    /// The byte behind the last.
    pub end: u32,
    /// What it says. Bytes inside it (dates and extent of a position) are not of
    /// that string.
    pub value: Value,
    /// The skill, where it is one: the number rows have.
    pub skill: Option<SkillId>,
    /// It stands in a list of skills.
    pub listed: bool,
    /// How sure the reading is, in percent; what is listed is 100.
    pub sure: u8,
}

impl Evidence {
    /// How much it is wanted, of what can be wanted; of what is offered `Used`.
    pub fn need(&self) -> Option<Need> {
        match self.value {
            Value::Skill(_, need)
            | Value::Unlisted(need)
            | Value::Education(_, need)
            | Value::Certificate(_, need)
            | Value::Language(_, _, need) => Some(need),
            Value::Years { .. }
            | Value::Seniority(_)
            | Value::Pay { .. }
            | Value::Workplace(_)
            | Value::Place { .. }
            | Value::Contract(_)
            | Value::Industry(_)
            | Value::Position { .. } => None,
        }
    }

    /// The bytes it stands in, of the document.
    pub fn text<'d>(&self, document: &'d Json) -> Option<&'d str> {
        let string = document.pointer(&self.pointer)?.as_str()?;
        string.get(self.start as usize..self.end as usize)
    }
}

/// What a document of `kind` says: listed skills in the order of the fields, then
/// the facts of its prose in order. Costs what analysing its prose does. Nothing
/// that privacy cuts is touched.
pub fn of(kind: &Kind, document: &Document) -> Vec<Evidence> {
    let mut out = Vec::new();
    listed(kind, &document.json, &mut out);
    let texts = row::masked(kind, document);
    let language = row::language_of(document, &texts);
    let mut whole = Whole::of(kind, document, &texts, language);
    whole.limit();
    let (prose, facts) = match prose_of(kind) {
        Some(prose) => (prose, facts::read(&whole.reading(prose))),
        None => (Prose::Cv, mentions(kind, &whole)),
    };
    for fact in facts {
        if whole.is_public(&fact) {
            let needs = row::is_read(language) || prose == Prose::Cv;
            out.extend(evidence(kind, document, &whole, fact, needs));
        }
    }
    out
}

// Of a kind whose prose is not read for facts the names of skills alone.
fn mentions(kind: &Kind, whole: &Whole) -> Vec<Fact> {
    let need = match kind.skills_role() {
        Role::Wants => Need::Preferred,
        Role::Is | Role::Offers => Need::Used,
    };
    let mut found = Vec::new();
    let dictionary = crate::skills::Dictionary::builtin();
    dictionary.find(whole.text(), whole.words(), &mut found);
    let facts = found.into_iter().map(|mention| Fact {
        value: Value::Skill(mention.skill, need),
        start: mention.start,
        end: mention.end,
        sure: row::SURE_MIN,
    });
    facts.collect()
}

fn evidence(
    kind: &Kind,
    document: &Document,
    whole: &Whole,
    mut fact: Fact,
    needs: bool,
) -> Option<Evidence> {
    // As rows have it: where nobody reads how much a skill is wanted, it is welcome.
    if let (Value::Skill(_, need), false) = (&mut fact.value, needs) {
        *need = Need::Preferred;
    }
    let (start, end) = (fact.start as usize, fact.end as usize);
    let skill = match fact.value {
        Value::Skill(skill, _) => Some(skill),
        Value::Unlisted(_) if !needs => return None,
        Value::Unlisted(_) => Some(skill_number(whole.text().get(start..end)?)),
        Value::Years { .. }
        | Value::Education(..)
        | Value::Certificate(..)
        | Value::Language(..)
        | Value::Seniority(_)
        | Value::Pay { .. }
        | Value::Workplace(_)
        | Value::Place { .. }
        | Value::Contract(_)
        | Value::Industry(_)
        | Value::Position { .. } => None,
    };
    let (of, start, end) = whole.place(start, end)?;
    let origin = document.origins.get(of)?;
    let (pointer, start, end) = origin.place(kind, &document.json, (start, end))?;
    Some(Evidence {
        pointer,
        start: start as u32,
        end: end as u32,
        value: fact.value,
        skill,
        listed: false,
        sure: fact.sure,
    })
}

fn listed(kind: &Kind, json: &Json, out: &mut Vec<Evidence>) {
    let fields = kind.fields.iter();
    for field in fields.filter(|field| field.field_type == FieldType::Skills) {
        let level = Level::listed(field.role, field.meaning);
        let need = match level {
            Level::REQUIRED => Need::Required,
            Level::PREFERRED => Need::Preferred,
            _ => Need::Used,
        };
        let items = json.get(&field.name).and_then(Json::as_array);
        for (at, item) in items.into_iter().flatten().enumerate() {
            let (string, member) = match item {
                Json::String(name) => (Some(name.as_str()), ""),
                Json::Object(members) => (members.get("name").and_then(Json::as_str), "/name"),
                Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) => (None, ""),
            };
            let Some(string) = string.filter(|name| !name.trim().is_empty()) else {
                continue;
            };
            let start = string.len() - string.trim_start().len();
            let skill = skill_number(string.trim());
            let name = field.name.replace('~', "~0").replace('/', "~1");
            out.push(Evidence {
                pointer: format!("/{name}/{at}{member}"),
                start: start as u32,
                end: (start + string.trim().len()) as u32,
                value: Value::Skill(skill, need),
                skill: Some(skill),
                listed: true,
                sure: 100,
            });
        }
    }
}
