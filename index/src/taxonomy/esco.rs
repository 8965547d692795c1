//! ESCO's files as a deployer has them: skills and their relations mapped to
//! the dictionary by label, occupations mapped to O*NET's by title. Owns the
//! columns of these files; reads no folder itself and ships none of it.

use std::collections::HashMap;

use super::links::{Link, Relation};
use super::occupations::{How, OccupationId, Occupations};
use crate::skills::{Dictionary, SkillId};

/// Files beyond this are not ESCO's; the largest of version 1.2 has 15 MB.
const FILE_BYTES_MAX: usize = 64 << 20;

/// A title this sure of its occupation gives it its other names.
const TITLE_SURE_MIN: u8 = 85;

/// The text of ESCO's files, by what they hold. Several languages of labels may
/// be given one after the other; relations are the same in all.
#[derive(Clone, Debug, Default)]
pub struct EscoFiles {
    /// `skills_en.csv`, `digitalSkillsCollection_en.csv` and the like.
    pub skills: Vec<String>,
    /// `skillSkillRelations_en.csv`.
    pub relations: Option<String>,
    /// `broaderRelationsSkillPillar_en.csv`.
    pub broader: Option<String>,
    /// `occupations_en.csv`, and those of other languages after it.
    pub occupations: Vec<String>,
}

/// What ESCO adds.
#[derive(Clone, Debug, Default)]
pub struct Esco {
    /// Links between skills of the dictionary.
    pub links: Vec<Link>,
    /// Titles of O*NET's occupations.
    pub titles: Vec<(String, OccupationId)>,
    /// Concepts that are skills of the dictionary.
    pub skills_mapped: usize,
    /// Concepts that are not.
    pub skills_unknown: usize,
    /// Occupations whose title O*NET knows.
    pub occupations_mapped: usize,
    /// Occupations it does not know.
    pub occupations_unknown: usize,
}

/// A file that is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EscoError {
    /// A column is not there.
    Column {
        /// Which of the files.
        file: &'static str,
        /// The column's name.
        column: &'static str,
    },
    /// More bytes than any such file has.
    Size {
        /// Which of the files.
        file: &'static str,
    },
}

impl std::fmt::Display for EscoError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Column { file, column } => {
                write!(f, "the ESCO file of {file} has no column `{column}`")
            }
            Self::Size { file } => write!(
                f,
                "the ESCO file of {file} is larger than {FILE_BYTES_MAX} bytes"
            ),
        }
    }
}

impl std::error::Error for EscoError {}

impl Esco {
    /// Reads the files. A row that cannot be read is left out; a concept no name
    /// is known of is counted.
    pub fn read(files: &EscoFiles, occupations: &Occupations) -> Result<Self, EscoError> {
        let mut esco = Self::default();
        let mut skills: HashMap<String, SkillId> = HashMap::new();
        for text in &files.skills {
            esco.read_skills(text, &mut skills)?;
        }
        if let Some(text) = &files.broader {
            let rows = rows(
                "broader skills",
                text,
                ["conceptUri", "broaderUri", "conceptType"],
            )?;
            for [narrow, broad, _] in rows {
                esco.link(&skills, &narrow, &broad, Relation::EscoIs);
            }
        }
        if let Some(text) = &files.relations {
            let columns = ["originalSkillUri", "relatedSkillUri", "relationType"];
            for [narrow, broad, sort] in rows("skill relations", text, columns)? {
                let relation = match sort.as_str() {
                    "essential" => Relation::EscoNeeds,
                    _ => Relation::EscoNear,
                };
                esco.link(&skills, &narrow, &broad, relation);
            }
        }
        esco.read_occupations(&files.occupations, occupations)?;
        Ok(esco)
    }

    fn read_skills(
        &mut self,
        text: &str,
        skills: &mut HashMap<String, SkillId>,
    ) -> Result<(), EscoError> {
        let dictionary = Dictionary::builtin();
        for [uri, label, others] in rows(
            "skills",
            text,
            ["conceptUri", "preferredLabel", "altLabels"],
        )? {
            // ESCO says `Haskell`, `use spreadsheets software`, `Java (computer programming)`.
            let named = dictionary.named(&label).or_else(|| {
                others
                    .lines()
                    .find_map(|other| dictionary.named(other.trim()))
            });
            match named {
                Some(skill) => {
                    self.skills_mapped += usize::from(skills.insert(uri, skill).is_none());
                }
                None => self.skills_unknown += usize::from(!skills.contains_key(&uri)),
            }
        }
        Ok(())
    }

    fn link(
        &mut self,
        skills: &HashMap<String, SkillId>,
        narrow: &str,
        broad: &str,
        relation: Relation,
    ) {
        let (Some(narrow), Some(broad)) = (skills.get(narrow), skills.get(broad)) else {
            return;
        };
        if narrow != broad {
            self.links.push(Link {
                narrow: *narrow,
                broad: *broad,
                relation: Some(relation),
            });
        }
    }

    fn read_occupations(
        &mut self,
        texts: &[String],
        occupations: &Occupations,
    ) -> Result<(), EscoError> {
        let mut known: HashMap<String, OccupationId> = HashMap::new();
        for (at, text) in texts.iter().enumerate() {
            for [uri, label, others] in rows(
                "occupations",
                text,
                ["conceptUri", "preferredLabel", "altLabels"],
            )? {
                // Labels of further languages go where the first language's went.
                let named = known
                    .get(&uri)
                    .copied()
                    .or_else(|| by_title(occupations, &label, &others));
                match named {
                    Some(occupation) => {
                        self.occupations_mapped +=
                            usize::from(known.insert(uri, occupation).is_none());
                        let labels = std::iter::once(label.as_str()).chain(others.lines());
                        let labels = labels.map(str::trim).filter(|label| !label.is_empty());
                        self.titles
                            .extend(labels.map(|label| (label.to_owned(), occupation)));
                    }
                    None => self.occupations_unknown += usize::from(at == 0),
                }
            }
        }
        Ok(())
    }
}

/// The occupation of a label, or of the first other label, that is known as a
/// whole.
fn by_title(occupations: &Occupations, label: &str, others: &str) -> Option<OccupationId> {
    let sure = |title: &str| {
        let named = occupations.of_title(title)?;
        let whole = matches!(named.how, How::Title);
        (whole && named.sure >= TITLE_SURE_MIN).then_some(named.occupation)
    };
    sure(label).or_else(|| others.lines().find_map(|other| sure(other.trim())))
}

/// The fields of some columns, row by row.
fn rows<const N: usize>(
    file: &'static str,
    text: &str,
    columns: [&'static str; N],
) -> Result<Vec<[String; N]>, EscoError> {
    if text.len() > FILE_BYTES_MAX {
        return Err(EscoError::Size { file });
    }
    let mut records = Records {
        rest: text.trim_start_matches('\u{feff}'),
    };
    let head = records.next().unwrap_or_default();
    let mut places = [0; N];
    for (place, column) in places.iter_mut().zip(columns) {
        *place = head
            .iter()
            .position(|name| name == column)
            .ok_or(EscoError::Column { file, column })?;
    }
    Ok(records
        .filter_map(|mut record| {
            let mut fields = [const { String::new() }; N];
            for (field, place) in fields.iter_mut().zip(places) {
                *field = std::mem::take(record.get_mut(place)?);
            }
            Some(fields)
        })
        .collect())
}

/// Records of comma-separated text (RFC 4180): fields in quotes may hold commas,
/// line ends and doubled quotes.
struct Records<'t> {
    rest: &'t str,
}

impl Iterator for Records<'_> {
    type Item = Vec<String>;

    fn next(&mut self) -> Option<Vec<String>> {
        if self.rest.is_empty() {
            return None;
        }
        let (mut record, mut field, mut quoted) = (Vec::new(), String::new(), false);
        let mut letters = self.rest.char_indices().peekable();
        while let Some((at, letter)) = letters.next() {
            match letter {
                '"' if quoted && letters.peek().is_some_and(|(_, next)| *next == '"') => {
                    letters.next();
                    field.push('"');
                }
                '"' => quoted = !quoted,
                ',' if !quoted => record.push(std::mem::take(&mut field)),
                '\r' if !quoted => {}
                '\n' if !quoted => {
                    self.rest = self.rest.get(at + 1..).unwrap_or("");
                    record.push(field);
                    return Some(record);
                }
                other => field.push(other),
            }
        }
        self.rest = "";
        record.push(field);
        Some(record)
    }
}
