//! Kinds: what documents look like, as data. Owns `kinds.toml` and its checks;
//! knows nothing of how a field is stored.

mod read;

use std::fmt;

use serde::Deserialize;

/// The kinds a server starts with when it is given no file.
pub const BUILTIN: &str = include_str!("../../kinds.toml");

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
    /// Level of education: the least wanted, or the highest held.
    Degree,
    /// Certificates and licences, required ones where the role is `wants`.
    Certificates,
    /// Certificates that are wanted but not required.
    CertificatesPreferred,
    /// Spoken languages, required ones where the role is `wants`.
    Languages,
    /// Languages that are wanted but not required.
    LanguagesPreferred,
    /// Rank, from intern to executive.
    Seniority,
    /// How somebody is employed, or is open to be.
    Contract,
    /// Occupations, by O*NET's titles.
    Occupation,
    /// From when the work is to be done, or can be.
    Available,
    /// How it was rated, 0 to 5.
    Rating,
    /// How many ratings that is the mean of.
    Ratings,
    /// A person's name: found only by an exact filter.
    Person,
    /// Where a person went to school: prose whose years are cut.
    Education,
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
names!(
    FieldType,
    Text = "text",
    Keyword = "keyword",
    Skills = "skills",
    Number = "number",
    Date = "date",
    Flag = "flag",
    Place = "place",
    Pay = "pay",
    Positions = "positions",
    Private = "private",
    Stored = "stored"
);
names!(
    Meaning,
    Title = "title",
    Text = "text",
    Name = "name",
    Place = "place",
    Remote = "remote",
    Posted = "posted",
    Expires = "expires",
    Industry = "industry",
    Years = "years",
    Pay = "pay",
    Skills = "skills",
    SkillsPreferred = "skills_preferred",
    Degree = "degree",
    Certificates = "certificates",
    CertificatesPreferred = "certificates_preferred",
    Languages = "languages",
    LanguagesPreferred = "languages_preferred",
    Seniority = "seniority",
    Contract = "contract",
    Occupation = "occupation",
    Available = "available",
    Rating = "rating",
    Ratings = "ratings",
    Person = "person",
    Education = "education"
);
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
    /// Names of people, folded: found by equality alone, and by nothing but a filter.
    pub exact: bool,
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
    /// When the document stops being valid.
    pub expires: Option<usize>,
    /// Names of skills, listed and found.
    pub skills: Option<usize>,
    /// Language of the text.
    pub language: Option<usize>,
    /// Industry.
    pub industry: Option<usize>,
    /// Level of education.
    pub degree: Option<usize>,
    /// Certificates and licences, required ones of what is wanted.
    pub certificates: Option<usize>,
    /// Certificates that are welcome.
    pub certificates_preferred: Option<usize>,
    /// Spoken languages, required ones of what is wanted.
    pub languages: Option<usize>,
    /// Languages that are welcome.
    pub languages_preferred: Option<usize>,
    /// Rank.
    pub seniority: Option<usize>,
    /// How somebody is employed.
    pub contract: Option<usize>,
    /// Occupations.
    pub occupation: Option<usize>,
    /// From when.
    pub available: Option<usize>,
    /// Rating, 0 to 5.
    pub rating: Option<usize>,
    /// Number of ratings.
    pub ratings: Option<usize>,
    /// Names of people, for the exact filter alone.
    pub person: Option<usize>,
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
    /// Whether a document is about a person, which is its own id where it names no
    /// `subject`.
    pub person: bool,
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

/// Members every document may have beside its kind's fields.
pub const COMMON_MEMBERS: [&str; 5] = ["id", "version", "subject", "language", "vector"];

impl Kinds {
    /// The built-in kinds: jobs and candidates.
    ///
    /// # Panics
    /// Never: the built-in file is checked by a test.
    pub fn builtin() -> Self {
        Self::parse(BUILTIN).expect("the built-in kinds file is checked by a test")
    }

    /// Reads a kinds file. Errors name the kind, the field and the reason.
    pub fn parse(text: &str) -> Result<Self, KindsError> {
        read::kinds(text)
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

impl Kind {
    /// The columns in their order, which is their number in every segment.
    pub fn columns(&self) -> &[ColumnDef] {
        &self.columns
    }

    /// Number of the column of that name; names of people are no column but to the
    /// one filter that may ask for them: [`Kind::person_column`].
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns
            .iter()
            .position(|column| column.name == name && !column.exact)
    }

    /// Number of the column of people's names, if the field of that name is it.
    pub fn person_column(&self, name: &str) -> Option<usize> {
        let at = self.facts.person?;
        self.columns.get(at).filter(|column| column.name == name)?;
        Some(at)
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
        self.fields
            .iter()
            .find(|field| field.meaning == Some(meaning))
    }

    /// Whether documents of this kind are about a person: they have fields that
    /// are private.
    pub fn is_person(&self) -> bool {
        self.fields
            .iter()
            .any(|field| field.field_type == FieldType::Private)
    }

    /// Whether skills found in this kind's prose are wanted or offered: as its
    /// `skills` field (or the first field of that type) says.
    pub fn skills_role(&self) -> Role {
        self.meaning(Meaning::Skills)
            .or_else(|| {
                self.fields
                    .iter()
                    .find(|f| f.field_type == FieldType::Skills)
            })
            .map_or(Role::Offers, |field| field.role)
    }
}

/// The name among `known` that looks most like `name`, if one looks like it.
pub fn did_you_mean<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
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
            (
                "[kinds.a]\nmatches=\"b\"\n[kinds.a.fields]\nt={type=\"text\"}",
                "no kind",
            ),
            ("[kinds.a.fields]\nid={type=\"text\"}", "has this member"),
            (
                "[kinds.a.fields]\nt={type=\"number\",as=\"title\"}",
                "cannot be as",
            ),
            (
                "[kinds.a.fields]\nt={type=\"text\",as=\"title\"}\nu={type=\"text\",as=\"title\"}",
                "a second field",
            ),
            (
                "[kinds.a]\nfacets=[\"t\"]\n[kinds.a.fields]\nt={type=\"text\"}",
                "cannot be counted",
            ),
            (
                "[kinds.a]\ndisplay=[\"x\"]\n[kinds.a.fields]\nt={type=\"text\"}",
                "no field",
            ),
            (
                "[kinds.a]\ndimensions=0\n[kinds.a.fields]\nt={type=\"text\"}",
                "dimensions",
            ),
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
        assert_eq!(
            did_you_mean("city", known).as_deref(),
            Some("location.city")
        );
        assert_eq!(did_you_mean("zzz", known), None);
    }
}
