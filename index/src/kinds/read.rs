//! Reads a kinds file. Owns its syntax and checks.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{
    COMMON_MEMBERS, ColumnDef, FactColumns, Field, FieldType, Kind, KindId, Kinds, KindsError,
    Meaning, Role,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    kinds: BTreeMap<String, RawKind>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawKind {
    matches: Option<String>,
    #[serde(default)]
    display: Vec<String>,
    #[serde(default)]
    facets: Vec<String>,
    #[serde(default)]
    person: bool,
    dimensions: Option<usize>,
    fields: BTreeMap<String, RawField>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawField {
    #[serde(rename = "type")]
    field_type: FieldType,
    #[serde(rename = "as")]
    meaning: Option<Meaning>,
    #[serde(default)]
    role: Role,
    #[serde(default)]
    values: Vec<String>,
    unit: Option<String>,
}

const KINDS_MAX: usize = 64;
const FIELDS_MAX: usize = 256;
const DIMENSIONS_MAX: usize = 4096;
const RESERVED: [&str; 8] = [
    "search", "match", "rank", "explain", "kinds", "changes", "subjects", "suggest",
];

pub(super) fn kinds(text: &str) -> Result<Kinds, KindsError> {
    let raw: RawFile = toml::from_str(text).map_err(|e| KindsError(e.to_string()))?;
    if raw.kinds.is_empty() || raw.kinds.len() > KINDS_MAX {
        return Err(KindsError(format!("1 to {KINDS_MAX} kinds are needed")));
    }
    let names: Vec<String> = raw.kinds.keys().cloned().collect();
    let mut list = Vec::with_capacity(names.len());
    for (number, (name, kind)) in raw.kinds.into_iter().enumerate() {
        list.push(build_kind(KindId(number as u16), name, kind, &names)?);
    }
    Ok(Kinds { list })
}

fn build_kind(
    id: KindId,
    name: String,
    raw: RawKind,
    kinds: &[String],
) -> Result<Kind, KindsError> {
    check_name(&name, "kind")?;
    if RESERVED.contains(&name.as_str()) {
        return Err(KindsError(format!("[kinds.{name}]: the name is a route")));
    }
    if let Some(other) = raw.matches.as_ref().filter(|other| !kinds.contains(other)) {
        return Err(KindsError(format!(
            "[kinds.{name}]: matches `{other}`, which is no kind"
        )));
    }
    let dimensions = raw.dimensions.unwrap_or(crate::embed::DIMENSIONS);
    if dimensions == 0 || dimensions > DIMENSIONS_MAX {
        return Err(KindsError(format!(
            "[kinds.{name}]: dimensions must be 1 to {DIMENSIONS_MAX}"
        )));
    }
    if raw.fields.is_empty() || raw.fields.len() > FIELDS_MAX {
        return Err(KindsError(format!(
            "[kinds.{name}]: 1 to {FIELDS_MAX} fields are needed"
        )));
    }
    let mut fields = Vec::with_capacity(raw.fields.len());
    for (field_name, raw_field) in raw.fields {
        fields.push(build_field(&name, field_name, raw_field, &fields)?);
    }
    let (columns, facts) = columns_of(&fields);
    let kind = Kind {
        id,
        name,
        matches: raw.matches,
        display: raw.display,
        facets: raw.facets,
        person: raw.person,
        dimensions,
        fields,
        columns,
        facts,
    };
    check_references(&kind)?;
    Ok(kind)
}

fn build_field(
    kind: &str,
    name: String,
    raw: RawField,
    before: &[Field],
) -> Result<Field, KindsError> {
    check_name(&name, "field")?;
    let place = format!("[kinds.{kind}.fields.{name}]");
    if COMMON_MEMBERS.contains(&name.as_str()) {
        return Err(KindsError(format!(
            "{place}: every document has this member already"
        )));
    }
    if let Some(meaning) = raw.meaning {
        if before.iter().any(|field| field.meaning == Some(meaning)) {
            return Err(KindsError(format!(
                "{place}: a second field as `{meaning}`"
            )));
        }
        if !fits(raw.field_type, meaning) {
            return Err(KindsError(format!(
                "{place}: a field of type `{}` cannot be as `{meaning}`",
                raw.field_type
            )));
        }
    }
    if !raw.values.is_empty() && raw.field_type != FieldType::Keyword {
        return Err(KindsError(format!(
            "{place}: `values` are for keyword fields"
        )));
    }
    Ok(Field {
        name,
        field_type: raw.field_type,
        meaning: raw.meaning,
        role: raw.role,
        values: raw.values,
        unit: raw.unit,
    })
}

fn fits(field_type: FieldType, meaning: Meaning) -> bool {
    match meaning {
        Meaning::Title | Meaning::Text | Meaning::Education => field_type == FieldType::Text,
        Meaning::Name => matches!(field_type, FieldType::Text | FieldType::Keyword),
        Meaning::Place => field_type == FieldType::Place,
        Meaning::Remote
        | Meaning::Industry
        | Meaning::Degree
        | Meaning::Certificates
        | Meaning::CertificatesPreferred
        | Meaning::Languages
        | Meaning::LanguagesPreferred
        | Meaning::Seniority
        | Meaning::Contract
        | Meaning::Occupation => field_type == FieldType::Keyword,
        Meaning::Posted | Meaning::Expires | Meaning::Available => field_type == FieldType::Date,
        Meaning::Years | Meaning::Rating | Meaning::Ratings => field_type == FieldType::Number,
        Meaning::Person => field_type == FieldType::Private,
        Meaning::Pay => field_type == FieldType::Pay,
        Meaning::Skills | Meaning::SkillsPreferred => field_type == FieldType::Skills,
    }
}

fn check_name(name: &str, what: &str) -> Result<(), KindsError> {
    let good = !name.is_empty()
        && name.len() <= 64
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if good {
        Ok(())
    } else {
        Err(KindsError(format!(
            "{what} `{name}`: a name is 1 to 64 of a-z, 0-9 and _"
        )))
    }
}

fn check_references(kind: &Kind) -> Result<(), KindsError> {
    for name in &kind.display {
        if !kind.fields.iter().any(|field| field.name == *name) {
            return Err(KindsError(format!(
                "[kinds.{}]: display names `{name}`, which is no field",
                kind.name
            )));
        }
    }
    for name in &kind.facets {
        if kind.column(name).is_none() {
            return Err(KindsError(format!(
                "[kinds.{}]: facets names `{name}`, which cannot be counted",
                kind.name
            )));
        }
    }
    Ok(())
}

fn columns_of(fields: &[Field]) -> (Vec<ColumnDef>, FactColumns) {
    let mut columns = vec![ColumnDef {
        name: "language".into(),
        numeric: false,
        date: false,
        exact: false,
    }];
    let mut facts = FactColumns {
        language: Some(0),
        ..FactColumns::default()
    };
    for field in fields {
        let at = columns.len();
        let exact = field.meaning == Some(Meaning::Person);
        let mut push = |part: &str, numeric: bool, date: bool| {
            columns.push(ColumnDef {
                name: format!("{}{part}", field.name),
                numeric,
                date,
                exact,
            });
        };
        match field.field_type {
            FieldType::Keyword | FieldType::Flag | FieldType::Skills => push("", false, false),
            FieldType::Number => push("", true, false),
            FieldType::Date => push("", true, true),
            FieldType::Place => {
                push(".city", false, false);
                push(".region", false, false);
                push(".country", false, false);
                push(".lat", true, false);
                push(".lon", true, false);
            }
            FieldType::Pay => {
                push(".min", true, false);
                push(".max", true, false);
                push(".currency", false, false);
            }
            FieldType::Private if exact => push("", false, false),
            FieldType::Text | FieldType::Positions | FieldType::Private | FieldType::Stored => {}
        }
        if let Some(fact) = field.meaning.and_then(|meaning| facts.of(meaning)) {
            *fact = Some(at);
        }
    }
    (columns, facts)
}

impl FactColumns {
    // Where the column of a meaning is kept, of those that have one.
    fn of(&mut self, meaning: Meaning) -> Option<&mut Option<usize>> {
        Some(match meaning {
            Meaning::Years => &mut self.years,
            Meaning::Place => &mut self.city,
            Meaning::Remote => &mut self.remote,
            Meaning::Pay => &mut self.pay_min,
            Meaning::Posted => &mut self.posted,
            Meaning::Expires => &mut self.expires,
            Meaning::Skills => &mut self.skills,
            Meaning::Industry => &mut self.industry,
            Meaning::Degree => &mut self.degree,
            Meaning::Certificates => &mut self.certificates,
            Meaning::CertificatesPreferred => &mut self.certificates_preferred,
            Meaning::Languages => &mut self.languages,
            Meaning::LanguagesPreferred => &mut self.languages_preferred,
            Meaning::Seniority => &mut self.seniority,
            Meaning::Contract => &mut self.contract,
            Meaning::Occupation => &mut self.occupation,
            Meaning::Available => &mut self.available,
            Meaning::Rating => &mut self.rating,
            Meaning::Ratings => &mut self.ratings,
            Meaning::Person => &mut self.person,
            Meaning::Title
            | Meaning::Text
            | Meaning::Name
            | Meaning::Education
            | Meaning::SkillsPreferred => return None,
        })
    }
}
