//! Looking for a text in everything a folder holds: what it has decoded, and its
//! raw bytes. Owns what counts as found; it is asked after erasing somebody, so it
//! errs on the side of finding.

use std::io;

use regex::bytes::{Regex, RegexBuilder};

use super::Part;
use crate::analysis::{QueryTerm, TermKey, query_terms};
use crate::checkpoint::{self, DeletedIds, Texts, Visited};
use crate::columns::Keywords;
use crate::disk::Folder;
use crate::journal::{self, Operation};

/// Places that are kept; more are only counted.
pub const FOUND_MAX: usize = 1_000;

/// What is looked for.
#[derive(Debug)]
pub struct Needle {
    /// The text as it is, or as JSON may write it.
    pattern: Regex,
    /// Its words as analysis makes them.
    words: Vec<QueryTerm>,
}

/// A place in which the text was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Finding {
    /// The file.
    pub file: String,
    /// What in it.
    pub part: &'static str,
    /// The space, where that is known.
    pub space: String,
    /// The kind, where that is known.
    pub kind: String,
    /// The document, where it is one.
    pub id: String,
    /// Its row, where it has one.
    pub row: Option<u32>,
    /// The byte, where that is known; of packed parts, that of their block.
    pub byte: Option<u64>,
}

/// Where a text was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// The places, at most [`FOUND_MAX`].
    pub found: Vec<Finding>,
    /// How many there are.
    pub count: u64,
    /// Files that were looked through.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// What could not be decoded, with file and byte: the text may be there.
    pub undecoded: Vec<String>,
}

impl Findings {
    fn add(&mut self, finding: Finding) {
        self.count += 1;
        if self.found.len() < FOUND_MAX {
            self.found.push(finding);
        }
    }
}

impl Needle {
    /// Errors: the text is empty, or too long for a pattern.
    pub fn new(text: &str, ignore_case: bool) -> Result<Self, String> {
        if text.is_empty() {
            return Err("there is no text to look for".to_owned());
        }
        let pattern: String = text
            .chars()
            .map(|letter| spelled(letter, ignore_case))
            .collect();
        let pattern = RegexBuilder::new(&pattern)
            .case_insensitive(ignore_case)
            .build()
            .map_err(|cause| format!("the text cannot be looked for: {cause}"))?;
        Ok(Self {
            pattern,
            words: query_terms(text, &[]),
        })
    }

    /// Whether bytes hold it.
    pub fn is_in(&self, bytes: &[u8]) -> bool {
        self.pattern.is_match(bytes)
    }

    /// The one word it is, as analysis makes it.
    fn word(&self) -> Option<&str> {
        match self.words.as_slice() {
            [word] => Some(&word.word),
            _ => None,
        }
    }
}

/// A letter as it is or as JSON may write it.
fn spelled(letter: char, ignore_case: bool) -> String {
    let mut ways = vec![regex::escape(&letter.to_string())];
    let short = match letter {
        '"' => Some('"'),
        '\\' => Some('\\'),
        '/' => Some('/'),
        '\n' => Some('n'),
        '\r' => Some('r'),
        '\t' => Some('t'),
        '\u{8}' => Some('b'),
        '\u{c}' => Some('f'),
        _ => None,
    };
    if let Some(short) = short {
        ways.push(regex::escape(&format!("\\{short}")));
    }
    let mut letters = vec![letter];
    if ignore_case {
        letters.extend(letter.to_lowercase().chain(letter.to_uppercase()));
    }
    for letter in letters {
        let units = letter
            .encode_utf16(&mut [0; 2])
            .iter()
            .fold(String::new(), |escaped, unit| {
                format!("{escaped}\\\\u(?i:{unit:04x})")
            });
        if !ways.contains(&units) {
            ways.push(units);
        }
    }
    format!("(?:{})", ways.join("|"))
}

/// Looks through every file of a data folder or a backup. Errors: a file that
/// cannot be read.
pub fn find(folder: &dyn Folder, needle: &Needle) -> io::Result<Findings> {
    let mut findings = Findings::default();
    for (file, bytes) in folder.list()? {
        findings.files += 1;
        findings.bytes += bytes;
        raw(folder, &file, needle, &mut findings)?;
        let part = Part::of(&file);
        if part == Part::Pack {
            in_pack(folder, &file, needle, &mut findings);
        }
    }
    in_documents(folder, needle, &mut findings);
    in_journal(folder, needle, &mut findings);
    Ok(findings)
}

/// The bytes of a file as they are: documents, journals, the log of changes, ids
/// and values of fields stand in them as text.
fn raw(
    folder: &dyn Folder,
    file: &str,
    needle: &Needle,
    findings: &mut Findings,
) -> io::Result<()> {
    if needle.is_in(file.as_bytes()) {
        findings.add(Finding {
            file: file.to_owned(),
            part: "name of the file",
            ..Finding::default()
        });
    }
    let bytes = folder.map(file)?;
    for found in needle.pattern.find_iter(&bytes) {
        findings.add(Finding {
            file: file.to_owned(),
            part: "raw bytes",
            byte: Some(found.start() as u64),
            ..Finding::default()
        });
    }
    Ok(())
}

/// What is packed in the blocks of a pack, in use or not.
fn in_pack(folder: &dyn Folder, file: &str, needle: &Needle, findings: &mut Findings) {
    let mut found = Vec::new();
    let mut deleted_found = Vec::new();
    let done = checkpoint::texts(
        folder,
        file,
        &mut |texts| in_segment(file, &texts, needle, &mut found),
        &mut |deleted| in_deleted(file, &deleted, needle, &mut deleted_found),
    );
    for finding in found.into_iter().chain(deleted_found) {
        findings.add(finding);
    }
    if let Err(cause) = done {
        findings.undecoded.push(cause.to_string());
    }
}

fn in_segment(file: &str, texts: &Texts, needle: &Needle, found: &mut Vec<Finding>) {
    let at = |part: &'static str, row: Option<u32>| Finding {
        file: file.to_owned(),
        part,
        id: row
            .and_then(|row| texts.ids.get(row as usize))
            .cloned()
            .unwrap_or_default(),
        row,
        byte: Some(texts.offset),
        ..Finding::default()
    };
    for (row, id) in (0..).zip(&texts.ids) {
        if needle.is_in(id.as_bytes()) {
            found.push(at("id", Some(row)));
        }
    }
    let mut in_dictionary = false;
    let word = needle.word();
    texts.text.terms(&mut |term| {
        in_dictionary |=
            needle.is_in(term.as_bytes()) || word.is_some_and(|word| term.contains(word));
    });
    if in_dictionary {
        found.push(at("dictionary of words", None));
    }
    let phrase: Vec<TermKey> = needle
        .words
        .iter()
        .filter_map(|word| word.alternatives.first())
        .map(|(_, key)| *key)
        .collect();
    for row in 0..texts.terms.rows() {
        if texts.terms.has_phrase(row, &phrase, None) {
            found.push(at("words of a row", Some(row)));
        }
    }
    for column in texts.columns.iter().filter_map(|column| column.keywords()) {
        in_values(column, &texts.ids, needle, &mut |row| {
            found.push(at("value of a field", Some(row)));
        });
    }
    in_values(&texts.titles, &texts.ids, needle, &mut |row| {
        found.push(at("title", Some(row)));
    });
}

/// Rows that have a value with the text in it. Values stand in no row's row
/// only where a segment contradicts itself; the raw bytes show those.
fn in_values(values: &Keywords, ids: &[String], needle: &Needle, each: &mut dyn FnMut(u32)) {
    let is_hit: Vec<bool> = (0..values.distinct() as u32)
        .map(|ordinal| needle.is_in(values.value(ordinal).as_bytes()))
        .collect();
    if !is_hit.contains(&true) {
        return;
    }
    for row in 0..ids.len() as u32 {
        let mut of_row = values.of(row).iter();
        if of_row.any(|ordinal| is_hit.get(*ordinal as usize) == Some(&true)) {
            each(row);
        }
    }
}

fn in_deleted(file: &str, deleted: &DeletedIds, needle: &Needle, found: &mut Vec<Finding>) {
    for id in deleted.ids.iter().filter(|id| needle.is_in(id.as_bytes())) {
        found.push(Finding {
            file: file.to_owned(),
            part: "deleted id",
            id: id.clone(),
            byte: Some(deleted.offset),
            ..Finding::default()
        });
    }
}

/// Documents of the checkpoint, alive or not, with their names.
fn in_documents(folder: &dyn Folder, needle: &Needle, findings: &mut Findings) {
    let mut look = |visited: &Visited<'_>| {
        let segments = &visited.collection.segments;
        for (live, file) in segments.iter().zip(&visited.documents) {
            let segment = &live.segment;
            for row in (0..segment.rows()).filter(|row| needle.is_in(segment.document(*row))) {
                findings.add(Finding {
                    file: file.clone(),
                    part: if live.alive.get(row) {
                        "document"
                    } else {
                        "document that was replaced or deleted"
                    },
                    space: visited.space.to_owned(),
                    kind: visited.kind.to_owned(),
                    id: segment.id(row).to_owned(),
                    row: Some(row),
                    byte: None,
                });
            }
        }
        Ok(())
    };
    if let Err(cause) = checkpoint::visit(folder, &mut look) {
        findings.undecoded.push(cause.to_string());
    }
}

/// Changes of the journal with their names, also those in the checkpoint.
fn in_journal(folder: &dyn Folder, needle: &Needle, findings: &mut Findings) {
    let files = match journal::files(folder) {
        Ok(files) => files,
        Err(cause) => return findings.undecoded.push(cause.to_string()),
    };
    let Some((_, first)) = files.first() else {
        return;
    };
    // Places count bytes over all files.
    let sizes = folder.list().unwrap_or_default();
    let bytes_of = |name: &str| sizes.iter().find(|(file, _)| file == name);
    let mut starts: Vec<(u64, &str)> = Vec::new();
    let mut end = 0;
    for (name, _) in &files {
        starts.push((end, name));
        end += bytes_of(name).map_or(0, |(_, bytes)| *bytes);
    }
    let mut found = Vec::new();
    let read = journal::look(folder, first - 1, |place, batch| {
        let at = starts.iter().rfind(|(start, _)| *start <= place);
        let (start, file) = at.copied().unwrap_or_default();
        for change in &batch.changes {
            let (part, json) = match change.operation {
                Operation::Put(json) => ("put", json),
                Operation::Delete => ("delete", [].as_slice()),
                Operation::Erase => ("erasure", [].as_slice()),
            };
            if needle.is_in(json) || needle.is_in(change.id.as_bytes()) {
                found.push(Finding {
                    file: file.to_owned(),
                    byte: Some(place - start),
                    part,
                    space: batch.space.to_owned(),
                    kind: change.kind.to_owned(),
                    id: change.id.to_owned(),
                    ..Finding::default()
                });
            }
        }
        Ok(())
    });
    for finding in found {
        findings.add(finding);
    }
    if let Err(cause) = read {
        findings.undecoded.push(cause.to_string());
    }
}
