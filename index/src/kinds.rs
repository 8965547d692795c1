//! Kinds: what documents look like, as data. Owns `kinds.toml` and its checks;
//! knows nothing of how a field is stored.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

/// The kinds a server starts with when it is given no file.
pub const BUILTIN: &str = include_str!("../kinds.toml");

/// Number of a kind in its `Kinds`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KindId(pub u16);

/// What a field's JSON value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    /// Prose: analysed, searched, embedded.
    Text,
    /// One exact value or a list of them.
    Keyword,
    /// A list of skill names.
    Skills,
    /// A number.
    Number,
    /// An RFC 3339 date or date-time.
    Date,
    /// True or false.
    Flag,
    /// A place, as text or in parts.
    Place,
    /// Pay: min, max, currency, period.
    Pay,
    /// A career: a list of positions.
    Positions,
    /// Stored and returned, never analysed, embedded or scored.
    Private,
    /// Stored and returned.
    Stored,
}

/// What a field means to the score.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Meaning {
    /// The document's title.
    Title,
    /// Its prose.
    Text,
    /// An organisation's name, searched as text.
    Name,
    /// Where it is.
    Place,
    /// Remote, hybrid or on site.
    Remote,
    /// When it was posted or last updated.
    Posted,
    /// When it stops being valid.
    Expires,
    /// Its industry.
    Industry,
    /// Years of experience.
    Years,
    /// Pay.
    Pay,
    /// Skills, required ones where the role is `wants`.
    Skills,
    /// Skills that are wanted but not required.
    SkillsPreferred,
}

/// Whether a field says what a document is, offers or wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// What it is.
    #[default]
    Is,
    /// What it offers.
    Offers,
    /// What it wants.
    Wants,
}

macro_rules! names {
    ($type:ty, $($variant:ident = $name:literal),+ $(,)?) => {
        impl $type {
            /// The name used in kinds.toml and in answers.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
names!(FieldType, Text = "text", Keyword = "keyword", Skills = "skills", Number = "number",
    Date = "date", Flag = "flag", Place = "place", Pay = "pay", Positions = "positions",
    Private = "private", Stored = "stored");
names!(Meaning, Title = "title", Text = "text", Name = "name", Place = "place",
    Remote = "remote", Posted = "posted", Expires = "expires", Industry = "industry",
    Years = "years", Pay = "pay", Skills = "skills", SkillsPreferred = "skills_preferred");
names!(Role, Is = "is", Offers = "offers", Wants = "wants");

/// One field of a kind.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name in documents.
    pub name: String,
    /// What its value is.
    pub field_type: FieldType,
    /// What it means to the score.
    pub meaning: Option<Meaning>,
    /// Is, offers or wants.
    pub role: Role,
    /// The only values it may have, where the kind says so.
    pub values: Vec<String>,
    /// Unit of a number, for documentation.
    pub unit: Option<String>,
}

/// A column: what filters, facets and sorts name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnDef {
    /// The field's name, with a part behind a dot (`pay.min`, `location.city`).
    pub name: String,
    /// Numbers (and dates, as milliseconds since 1970), or exact strings.
    pub numeric: bool,
    /// Whether the numbers are dates.
    pub date: bool,
}

/// Places in the column list of the facts the score reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FactColumns {
    /// Years of experience.
    pub years: Option<usize>,
    /// City; region and country, latitude and longitude follow it.
    pub city: Option<usize>,
    /// Remote, hybrid, onsite.
    pub remote: Option<usize>,
    /// Lowest yearly pay; highest and currency follow it.
    pub pay_min: Option<usize>,
    /// Posted or updated.
    pub posted: Option<usize>,
    /// Names of skills, listed and found.
    pub skills: Option<usize>,
    /// Language of the text.
    pub language: Option<usize>,
}

/// One kind of document.
#[derive(Clone, Debug)]
pub struct Kind {
    /// Its number.
    pub id: KindId,
    /// Its name, which is also its route.
    pub name: String,
    /// The kind it is matched with when a request names none.
    pub matches: Option<String>,
    /// The fields an answer shows when a request names none.
    pub display: Vec<String>,
    /// The facets a page offers first.
    pub facets: Vec<String>,
    /// Length of its vectors.
    pub dimensions: usize,
    /// Its fields by name.
    pub fields: Vec<Field>,
    columns: Vec<ColumnDef>,
    facts: FactColumns,
}

/// All kinds of a server.
#[derive(Clone, Debug)]
pub struct Kinds {
    list: Vec<Kind>,
}

/// What is wrong with a kinds file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KindsError(pub String);

impl fmt::Display for KindsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "kinds file: {}", self.0)
    }
}

impl std::error::Error for KindsError {}

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

/// Members every document may have beside its kind's fields.
pub const COMMON_MEMBERS: [&str; 5] = ["id", "version", "subject", "language", "vector"];

const KINDS_MAX: usize = 64;
const FIELDS_MAX: usize = 256;
const DIMENSIONS_MAX: usize = 4096;
const RESERVED: [&str; 8] = [
    "search", "match", "rank", "explain", "kinds", "changes", "subjects", "suggest",
];

impl Kinds {
    /// The built-in kinds: jobs and candidates.
    pub fn builtin() -> Self {
        Self::parse(BUILTIN).expect("the built-in kinds file is checked by a test")
    }

    /// Reads a kinds file. Errors name the kind, the field and the reason.
    pub fn parse(text: &str) -> Result<Self, KindsError> {
        let raw: RawFile = toml::from_str(text).map_err(|e| KindsError(e.to_string()))?;
        if raw.kinds.is_empty() || raw.kinds.len() > KINDS_MAX {
            return Err(KindsError(format!("1 to {KINDS_MAX} kinds are needed")));
        }
        let names: Vec<String> = raw.kinds.keys().cloned().collect();
        let mut list = Vec::with_capacity(names.len());
        for (number, (name, kind)) in raw.kinds.into_iter().enumerate() {
            list.push(build_kind(KindId(number as u16), name, kind, &names)?);
        }
        Ok(Self { list })
    }

    /// The kinds in the order of their numbers.
    pub fn iter(&self) -> impl Iterator<Item = &Kind> {
        self.list.iter()
    }

    /// The kind of that name.
    pub fn get(&self, name: &str) -> Option<&Kind> {
        self.list.iter().find(|kind| kind.name == name)
    }

    /// The kind of that number, which must be of these kinds.
    pub fn by_id(&self, id: KindId) -> &Kind {
        &self.list[usize::from(id.0)]
    }

    /// How many kinds there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Never: a kinds file without kinds is refused.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
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
        return Err(KindsError(format!("{place}: every document has this member already")));
    }
    if let Some(meaning) = raw.meaning {
        if before.iter().any(|field| field.meaning == Some(meaning)) {
            return Err(KindsError(format!("{place}: a second field as `{meaning}`")));
        }
        if !fits(raw.field_type, meaning) {
            return Err(KindsError(format!(
                "{place}: a field of type `{}` cannot be as `{meaning}`",
                raw.field_type
            )));
        }
    }
    if !raw.values.is_empty() && raw.field_type != FieldType::Keyword {
        return Err(KindsError(format!("{place}: `values` are for keyword fields")));
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
        Meaning::Title | Meaning::Text => field_type == FieldType::Text,
        Meaning::Name => matches!(field_type, FieldType::Text | FieldType::Keyword),
        Meaning::Place => field_type == FieldType::Place,
        Meaning::Remote | Meaning::Industry => field_type == FieldType::Keyword,
        Meaning::Posted | Meaning::Expires => field_type == FieldType::Date,
        Meaning::Years => field_type == FieldType::Number,
        Meaning::Pay => field_type == FieldType::Pay,
        Meaning::Skills | Meaning::SkillsPreferred => field_type == FieldType::Skills,
    }
}

fn check_name(name: &str, what: &str) -> Result<(), KindsError> {
    let good = !name.is_empty()
        && name.len() <= 64
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
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
    }];
    let mut facts = FactColumns {
        language: Some(0),
        ..FactColumns::default()
    };
    for field in fields {
        let at = columns.len();
        let mut push = |part: &str, numeric: bool, date: bool| {
            columns.push(ColumnDef {
                name: format!("{}{part}", field.name),
                numeric,
                date,
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
            FieldType::Text | FieldType::Positions | FieldType::Private | FieldType::Stored => {}
        }
        match field.meaning {
            Some(Meaning::Years) => facts.years = Some(at),
            Some(Meaning::Place) => facts.city = Some(at),
            Some(Meaning::Remote) => facts.remote = Some(at),
            Some(Meaning::Pay) => facts.pay_min = Some(at),
            Some(Meaning::Posted) => facts.posted = Some(at),
            Some(Meaning::Skills) => facts.skills = Some(at),
            Some(
                Meaning::Title
                | Meaning::Text
                | Meaning::Name
                | Meaning::Expires
                | Meaning::Industry
                | Meaning::SkillsPreferred,
            )
            | None => {}
        }
    }
    (columns, facts)
}

impl Kind {
    /// The columns in their order, which is their number in every segment.
    pub fn columns(&self) -> &[ColumnDef] {
        &self.columns
    }

    /// Number of the column of that name.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// Where the facts are that the score reads.
    pub fn facts(&self) -> FactColumns {
        self.facts
    }

    /// The field of that name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The field with that meaning.
    pub fn meaning(&self, meaning: Meaning) -> Option<&Field> {
        self.fields.iter().find(|field| field.meaning == Some(meaning))
    }

    /// Whether documents of this kind are about a person: they have fields that
    /// are private.
    pub fn is_person(&self) -> bool {
        self.fields.iter().any(|field| field.field_type == FieldType::Private)
    }

    /// Whether skills found in this kind's prose are wanted or offered: as its
    /// `skills` field (or the first field of that type) says.
    pub fn skills_role(&self) -> Role {
        self.meaning(Meaning::Skills)
            .or_else(|| self.fields.iter().find(|f| f.field_type == FieldType::Skills))
            .map_or(Role::Offers, |field| field.role)
    }
}

/// The name among `known` that looks most like `name`, if one looks like it.
pub fn did_you_mean<'a>(
    name: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    known
        .into_iter()
        .map(|other| {
            let close = strsim::normalized_damerau_levenshtein(name, other);
            let part = other.split('.').any(|part| part == name);
            (if part { 0.95 } else { close }, other)
        })
        .filter(|(closeness, _)| *closeness >= 0.6)
        .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(a.1)))
        .map(|(_, other)| other.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builtin_kinds_are_jobs_and_candidates_that_match_each_other() {
        let kinds = Kinds::builtin();
        let jobs = kinds.get("jobs").unwrap();
        let candidates = kinds.get("candidates").unwrap();
        assert_eq!(jobs.matches.as_deref(), Some("candidates"));
        assert_eq!(candidates.matches.as_deref(), Some("jobs"));
        assert_eq!(jobs.skills_role(), Role::Wants);
        assert_eq!(candidates.skills_role(), Role::Offers);
        assert!(candidates.is_person() && !jobs.is_person());
        assert!(jobs.column("pay.min").is_some() && jobs.column("pay").is_none());
    }

    #[test]
    fn a_wrong_kinds_file_says_where_and_why() {
        let cases = [
            ("", "missing field"),
            ("[kinds.a.fields]\nt={type=\"txt\"}", "unknown variant"),
            ("[kinds.A.fields]\nt={type=\"text\"}", "kind `A`"),
            ("[kinds.search.fields]\nt={type=\"text\"}", "is a route"),
            ("[kinds.a]\nmatches=\"b\"\n[kinds.a.fields]\nt={type=\"text\"}", "no kind"),
            ("[kinds.a.fields]\nid={type=\"text\"}", "has this member"),
            ("[kinds.a.fields]\nt={type=\"number\",as=\"title\"}", "cannot be as"),
            (
                "[kinds.a.fields]\nt={type=\"text\",as=\"title\"}\nu={type=\"text\",as=\"title\"}",
                "a second field",
            ),
            ("[kinds.a]\nfacets=[\"t\"]\n[kinds.a.fields]\nt={type=\"text\"}", "cannot be counted"),
            ("[kinds.a]\ndisplay=[\"x\"]\n[kinds.a.fields]\nt={type=\"text\"}", "no field"),
            ("[kinds.a]\ndimensions=0\n[kinds.a.fields]\nt={type=\"text\"}", "dimensions"),
        ];
        for (text, reason) in cases {
            let error = Kinds::parse(text).unwrap_err().to_string();
            assert!(error.contains(reason), "{text:?}: {error}");
        }
    }

    #[test]
    fn a_near_name_is_suggested_and_a_far_one_is_not() {
        let known = ["company", "location.city", "remote"];
        assert_eq!(did_you_mean("compny", known).as_deref(), Some("company"));
        assert_eq!(did_you_mean("city", known).as_deref(), Some("location.city"));
        assert_eq!(did_you_mean("zzz", known), None);
    }
}
