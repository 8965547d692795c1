//! ESCO's files as a deployer has them: skills and their relations mapped to
//! the dictionary by label, occupations mapped to O*NET's by title. Owns which
//! file is what and its columns; reads no folder itself and ships none of it.

mod table;

use std::collections::HashMap;
use std::fmt;

use super::links::{Link, Relation};
use super::occupations::{How, OccupationId, Occupations};
use crate::skills::{Dictionary, SkillId};
use table::rows;

/// Files beyond this are not ESCO's; the largest of version 1.2 has 15 MB.
const FILE_BYTES_MAX: usize = 64 << 20;

/// A title this sure of its occupation gives it its other names.
const TITLE_SURE_MIN: u8 = 85;

/// A file of ESCO's "classification" download in CSV.
#[derive(Clone, Debug)]
pub struct EscoFile {
    /// Its name, which says what it holds: `skills_en.csv`.
    pub name: String,
    /// All of it.
    pub text: String,
}

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Sort {
    Skills,
    Broader,
    Relations,
    Occupations,
}

/// What ESCO adds.
#[derive(Clone, Debug, Default)]
pub struct Esco {
    /// Its version: of a file's or folder's name, else the day of the last change
    /// in it.
    pub version: String,
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
pub struct EscoError {
    /// The file's name; empty where all of them together are meant.
    pub file: String,
    /// Its line, from 1; 0 for the whole file.
    pub line: usize,
    /// What is wrong.
    pub reason: String,
}

impl fmt::Display for EscoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.file.is_empty() {
            write!(f, "{}: ", self.file)?;
        }
        if self.line > 0 {
            write!(f, "line {}: ", self.line)?;
        }
        f.write_str(&self.reason)
    }
}

impl std::error::Error for EscoError {}

impl EscoFile {
    /// Whether a file of this name is read; others of the download are not.
    pub fn is_read(name: &str) -> bool {
        sort_of(name).is_some()
    }
}

/// What a file of this name holds, and its language.
fn sort_of(name: &str) -> Option<(Sort, &str)> {
    let (name, language) = name.strip_suffix(".csv")?.rsplit_once('_')?;
    let sort = match name {
        "skills" => Sort::Skills,
        "broaderRelationsSkillPillar" => Sort::Broader,
        "skillSkillRelations" => Sort::Relations,
        "occupations" => Sort::Occupations,
        _ if name.ends_with("SkillsCollection") => Sort::Skills,
        _ => return None,
    };
    Some((sort, language))
}

impl Esco {
    /// Reads files, in any order; `folder` is the name of theirs, which may have
    /// the version in it. Labels of all languages are taken, English ones first,
    /// relations of one: they are the same in all. A concept no name is known of
    /// is counted. Errors: no file to read, a column that is missing, a row that
    /// is short or whose quotes are not closed.
    pub fn read(
        folder: &str,
        files: &[EscoFile],
        occupations: &Occupations,
    ) -> Result<Self, EscoError> {
        let mut esco = Self::default();
        let mut sorted: Vec<(Sort, bool, &EscoFile)> = files
            .iter()
            .filter_map(|file| {
                let (sort, language) = sort_of(&file.name)?;
                Some((sort, language != "en", file))
            })
            .collect();
        sorted.sort_by(|a, b| (a.0, a.1, &a.2.name).cmp(&(b.0, b.1, &b.2.name)));
        if sorted.is_empty() {
            return Err(EscoError {
                file: String::new(),
                line: 0,
                reason:
                    "there is none of ESCO's files: skills_en.csv, occupations_en.csv and the like"
                        .to_owned(),
            });
        }
        let of = |sort: Sort| {
            sorted
                .iter()
                .filter(move |one| one.0 == sort)
                .map(|one| one.2)
        };
        let mut skills: HashMap<String, SkillId> = HashMap::new();
        for file in of(Sort::Skills) {
            esco.read_skills(file, &mut skills)?;
        }
        if let Some(file) = of(Sort::Broader).next() {
            for [narrow, broad] in rows(file, ["conceptUri", "broaderUri"])? {
                esco.link(&skills, &narrow, &broad, Relation::EscoIs);
            }
        }
        if let Some(file) = of(Sort::Relations).next() {
            let columns = ["originalSkillUri", "relatedSkillUri", "relationType"];
            for [narrow, broad, sort] in rows(file, columns)? {
                let relation = match sort.as_str() {
                    "essential" => Relation::EscoNeeds,
                    _ => Relation::EscoNear,
                };
                esco.link(&skills, &narrow, &broad, relation);
            }
        }
        let files: Vec<&EscoFile> = of(Sort::Occupations).collect();
        esco.read_occupations(&files, occupations)?;
        let names = std::iter::once(folder).chain(sorted.iter().map(|one| one.2.name.as_str()));
        esco.version = version(names)
            .or_else(|| files.iter().filter_map(|file| table::newest(file)).max())
            .unwrap_or_else(|| "unknown".to_owned());
        Ok(esco)
    }

    fn read_skills(
        &mut self,
        file: &EscoFile,
        skills: &mut HashMap<String, SkillId>,
    ) -> Result<(), EscoError> {
        let dictionary = Dictionary::builtin();
        for [uri, label, others] in rows(file, LABELS)? {
            // ESCO says `Haskell`, `use spreadsheets software`, `Java (computer programming)`.
            let named = dictionary
                .named(&label)
                .or_else(|| labels(&others).find_map(|other| dictionary.named(other)));
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
        files: &[&EscoFile],
        occupations: &Occupations,
    ) -> Result<(), EscoError> {
        let mut known: HashMap<String, OccupationId> = HashMap::new();
        for (at, file) in files.iter().enumerate() {
            for [uri, label, others] in rows(file, LABELS)? {
                // Labels of further languages go where the first language's went.
                let named = known
                    .get(&uri)
                    .copied()
                    .or_else(|| by_title(occupations, &label, &others));
                match named {
                    Some(occupation) => {
                        self.occupations_mapped +=
                            usize::from(known.insert(uri, occupation).is_none());
                        let all = labels(&label).chain(labels(&others));
                        self.titles
                            .extend(all.map(|label| (label.to_owned(), occupation)));
                    }
                    None => self.occupations_unknown += usize::from(at == 0),
                }
            }
        }
        Ok(())
    }
}

const LABELS: [&str; 3] = ["conceptUri", "preferredLabel", "altLabels"];

/// Labels of a field: a line each, in the collections with bars between them.
fn labels(field: &str) -> impl Iterator<Item = &str> {
    let each = field.lines().flat_map(|line| line.split(" | "));
    each.map(str::trim).filter(|label| !label.is_empty())
}

/// The version in the first of some names that has one: `1.2.0` of `ESCO dataset -
/// v1.2.0 - classification - en - csv`.
fn version<'n>(mut names: impl Iterator<Item = &'n str>) -> Option<String> {
    names.find_map(|name| {
        let parts = name.split(|letter: char| !(letter.is_ascii_digit() || letter == '.'));
        let mut versions = parts
            .map(|part| part.trim_matches('.'))
            .filter(|part| part.contains('.') && part.len() <= 16);
        versions.next().map(str::to_owned)
    })
}

/// The occupation of a label, or of the first other label, that is known as a
/// whole.
fn by_title(occupations: &Occupations, label: &str, others: &str) -> Option<OccupationId> {
    let sure = |title: &str| {
        let named = occupations.of_title(title)?;
        let whole = matches!(named.how, How::Title);
        (whole && named.sure >= TITLE_SURE_MIN).then_some(named.occupation)
    };
    sure(label).or_else(|| labels(others).find_map(sure))
}
