//! From a source to documents: a reader, and a mapping or the fields' own
//! names. Owns that every record ends as documents, a reject or a skip, and
//! that a mapping fits the columns before the first document is made.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use serde_json::Value;

use crate::format::Reader;
use crate::mapping::propose::{COLUMNS_MAX, Proposal, columns_of, propose, unwrap};
use crate::mapping::{Field, Mapping};
use crate::natural::Natural;
use crate::record::{Record, Reject};

/// Records of a JSON source a mapping's columns are looked for in.
const SAMPLE_RECORDS: usize = 50;
/// Records a mapping is proposed from.
const PROPOSAL_RECORDS: usize = 200;

/// Rejects before its first records that a sample goes past.
const REJECTS_MAX: usize = 10_000;

/// What a sample may take in memory, in bytes: of records of a usual size all
/// are looked at.
const SAMPLE_BYTES: usize = 32 << 20;
/// What a value takes besides its text.
const VALUE_BYTES: usize = 100;

/// How records become documents.
#[derive(Clone, Debug)]
pub enum Shape {
    /// Columns are fields; JSON is taken as it stands.
    Natural(Arc<Natural>),
    /// As a mapping says.
    Mapping(Arc<Mapping>),
    /// As is proposed for the first records of the source.
    Auto {
        /// The kind of the documents.
        kind: String,
        /// Its fields.
        fields: Arc<[Field]>,
    },
}

/// A shape with nothing left to find out.
#[derive(Clone, Debug)]
enum How {
    Natural(Arc<Natural>),
    Mapping(Arc<Mapping>),
}

/// What became of a record, or of a part of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// A document.
    Document {
        /// Where its record is.
        line: u64,
        /// Its JSON, on one line.
        json: Vec<u8>,
    },
    /// No document.
    Reject(Reject),
    /// A field was left out of a document, as the mapping says.
    Dropped(Reject),
    /// The mapping makes no document of this.
    Skipped {
        /// Where the record is.
        line: u64,
        /// Why.
        reason: String,
    },
}

/// The documents of a source.
pub struct Intake {
    reader: Reader,
    how: How,
    proposal: Option<Proposal>,
    /// Records that were read ahead.
    ahead: VecDeque<Result<Record, Reject>>,
    items: VecDeque<Item>,
    records: u64,
    done: bool,
}

impl Intake {
    /// The documents of an opened source.
    pub fn new(reader: Reader, shape: Shape) -> Self {
        let (how, auto) = match shape {
            Shape::Natural(natural) => (How::Natural(natural), None),
            Shape::Mapping(mapping) => (How::Mapping(mapping), None),
            Shape::Auto { kind, fields } => (How::Mapping(Arc::default()), Some((kind, fields))),
        };
        let mut intake = Self {
            reader,
            how,
            proposal: None,
            ahead: VecDeque::new(),
            items: VecDeque::new(),
            records: 0,
            done: false,
        };
        if let Some((kind, fields)) = auto {
            intake.propose(&kind, &fields);
        } else if let How::Mapping(mapping) = &intake.how {
            let mapping = Arc::clone(mapping);
            intake.check_columns(&mapping);
        }
        intake
    }

    /// The mapping that was proposed and is followed, for [`Shape::Auto`].
    pub fn proposal(&self) -> Option<&Proposal> {
        self.proposal.as_ref()
    }

    fn propose(&mut self, kind: &str, fields: &[Field]) {
        self.ahead
            .extend(sample(&mut self.reader, PROPOSAL_RECORDS));
        let sample = self.ahead.iter().flatten().cloned().collect();
        let (records, columns, path) = looked_at(&self.reader, sample);
        if records.is_empty() && self.ahead.len() >= REJECTS_MAX {
            // What may follow cannot be mapped; what was read is told.
            self.done = true;
            self.records = self.ahead.len() as u64;
            let rejects = self.ahead.drain(..).filter_map(Result::err);
            self.items.extend(rejects.map(Item::Reject));
            let what = format!(
                "no mapping can be proposed: of the first {REJECTS_MAX} records none can be read"
            );
            let reject = Reject::new(0, "columns", what);
            self.items.push_back(Item::Reject(reject));
            return;
        }
        if columns.len() > COLUMNS_MAX {
            let what = format!(
                "it has {} columns, and a mapping is proposed for at most {COLUMNS_MAX}; write one for those that matter",
                columns.len()
            );
            self.done = true;
            let reject = Reject::new(0, "columns", what);
            self.items.push_back(Item::Reject(reject));
            return;
        }
        let mut proposal = propose(kind, fields, &columns, &records);
        proposal.records = path;
        proposal.header_row = self.reader.header_row();
        if !records.is_empty() && !proposal.has_fields() {
            self.done = true;
            let reject = Reject::new(0, "columns", unlike(kind, &columns));
            self.items.push_back(Item::Reject(reject));
            return;
        }
        match proposal.mapping() {
            Ok(mapping) => self.how = How::Mapping(Arc::new(mapping)),
            // Without records there is nothing to propose, and nothing to map.
            Err(error) => {
                let what = format!("no mapping could be proposed: {error}");
                let reject = Reject::new(0, "columns", what);
                self.done = !records.is_empty();
                self.items.extend(self.done.then_some(Item::Reject(reject)));
            }
        }
        self.proposal = Some(proposal).filter(|_| !records.is_empty());
    }

    /// The source.
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Records read so far, rejected ones too.
    pub fn records(&self) -> u64 {
        self.records
    }

    fn check_columns(&mut self, mapping: &Mapping) {
        let mut columns: BTreeSet<String> = self.reader.columns().iter().cloned().collect();
        if self.reader.is_json() {
            self.ahead.extend(sample(&mut self.reader, SAMPLE_RECORDS));
            let records = self.ahead.iter().flatten();
            columns.extend(records.flat_map(|record| record.fields.keys().cloned()));
        }
        if columns.is_empty() {
            return;
        }
        if let Err(error) = mapping.check_columns(&columns) {
            self.done = true;
            let reject = Reject::new(0, "columns", format!("the mapping does not fit: {error}"));
            self.items.push_back(Item::Reject(reject));
        }
    }

    /// Reads one more record; false at the end of the source.
    fn read(&mut self) -> bool {
        match &self.how {
            How::Natural(_) if self.reader.is_json() => {
                let Some(piece) = self.reader.next_piece() else {
                    return false;
                };
                self.items.push_back(match piece {
                    Ok(piece) => Item::Document {
                        line: piece.number,
                        json: one_line(piece.bytes),
                    },
                    Err(reject) => Item::Reject(reject),
                });
            }
            How::Natural(natural) => {
                let Some(record) = self.reader.next() else {
                    return false;
                };
                self.items.push_back(match record {
                    Ok(record) => {
                        let line = record.number;
                        natural
                            .apply(record)
                            .map_or_else(Item::Reject, |document| written(line, &document))
                    }
                    Err(reject) => Item::Reject(reject),
                });
            }
            How::Mapping(mapping) => {
                let mapping = Arc::clone(mapping);
                match self.ahead.pop_front().or_else(|| self.reader.next()) {
                    Some(Ok(record)) => self.map(&mapping, &record),
                    Some(Err(reject)) => self.items.push_back(Item::Reject(reject)),
                    None => return false,
                }
            }
        }
        self.records += 1;
        true
    }

    fn map(&mut self, mapping: &Mapping, record: &Record) {
        let line = record.number;
        let mapped = mapping.map(record);
        let documents = mapped.documents.iter();
        self.items.extend(documents.map(|one| written(line, one)));
        self.items
            .extend(mapped.rejects.into_iter().map(Item::Reject));
        self.items
            .extend(mapped.dropped.into_iter().map(Item::Dropped));
        let skipped = mapped.skipped.into_iter();
        self.items
            .extend(skipped.map(|reason| Item::Skipped { line, reason }));
    }
}

impl Iterator for Intake {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        loop {
            if let Some(item) = self.items.pop_front() {
                return Some(item);
            }
            if self.done || !self.read() {
                self.done = true;
                return None;
            }
        }
    }
}

/// Why nothing is proposed for columns of which none is a field.
fn unlike(kind: &str, columns: &[String]) -> String {
    let shown: Vec<String> = columns
        .iter()
        .take(5)
        .map(|name| format!("{:?}", name.chars().take(30).collect::<String>()))
        .collect();
    let more = if columns.len() > shown.len() {
        ", …"
    } else {
        ""
    };
    format!(
        "no column looks like a field of {kind}: {}{more}; where the header is in another row, say which (--header-row N, ?header_row=N), else write a mapping: `tandem map` begins one",
        shown.join(", ")
    )
}

/// The first records of a source, so many or as many as a sample may hold, and
/// the rejects among them.
pub fn sample(reader: &mut Reader, records_max: usize) -> Vec<Result<Record, Reject>> {
    let (mut found, mut records, mut bytes) = (Vec::new(), 0, 0);
    while records < records_max && found.len() - records < REJECTS_MAX && bytes < SAMPLE_BYTES {
        let Some(record) = reader.next() else {
            break;
        };
        if let Ok(record) = &record {
            records += 1;
            let members = record.fields.iter();
            bytes += members
                .map(|(name, value)| name.len() + weight(value))
                .sum::<usize>();
        }
        found.push(record);
    }
    found
}

/// What a value takes in memory, roughly.
fn weight(value: &Value) -> usize {
    let inside: usize = match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(weight).sum(),
        Value::Object(members) => {
            let members = members.iter();
            members
                .map(|(name, value)| name.len() + weight(value))
                .sum()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    };
    VALUE_BYTES + inside
}

/// The records of a sample to propose from, their columns, and the path to them
/// where they are an array inside the one record.
pub fn looked_at(
    reader: &Reader,
    sample: Vec<Record>,
) -> (Vec<Record>, Vec<String>, Option<String>) {
    if !reader.is_json() {
        return (sample, reader.columns().to_vec(), None);
    }
    let (records, path) = unwrap(sample);
    let columns = columns_of(&records);
    (records, columns, path)
}

fn written(line: u64, document: &Value) -> Item {
    Item::Document {
        line,
        json: document.to_string().into_bytes(),
    }
}

/// JSON with spaces for line ends: within strings it has none.
fn one_line(mut json: Vec<u8>) -> Vec<u8> {
    if memchr::memchr2(b'\n', b'\r', &json).is_some() {
        for byte in &mut json {
            if matches!(byte, b'\n' | b'\r') {
                *byte = b' ';
            }
        }
    }
    json
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::{Header, Input, Options, open};

    fn documents(text: &'static str) -> Vec<Value> {
        let field = |name: &str, field_type: &str, meaning: &str| Field {
            name: name.to_owned(),
            field_type: field_type.to_owned(),
            meaning: Some(meaning.to_owned()),
        };
        let reader = open(
            Input::Stream(Box::new(text.as_bytes())),
            &Options::default(),
        )
        .unwrap();
        let shape = Shape::Auto {
            kind: "jobs".to_owned(),
            fields: [
                field("title", "text", "title"),
                field("skills", "skills", "skills"),
            ]
            .into(),
        };
        Intake::new(reader, shape)
            .map(|item| match item {
                Item::Document { json, .. } => serde_json::from_slice(&json).unwrap(),
                other @ (Item::Reject(_) | Item::Dropped(_) | Item::Skipped { .. }) => {
                    panic!("{other:?}")
                }
            })
            .collect()
    }

    #[test]
    fn records_in_an_array_of_one_document_are_documents_of_their_own() {
        let text =
            r#"{"count": 2, "results": [{"id": 1, "title": "Cook"}, {"id": 2, "title": "Baker"}]}"#;
        let made = documents(text);
        assert_eq!(
            made,
            [
                serde_json::json!({"id": "1", "title": "Cook"}),
                serde_json::json!({"id": "2", "title": "Baker"})
            ]
        );
    }

    #[test]
    fn a_table_of_which_nothing_is_recognised_is_refused() {
        let fields: Arc<[Field]> = [Field {
            name: "title".to_owned(),
            field_type: "text".to_owned(),
            meaning: Some("title".to_owned()),
        }]
        .into();
        let items = |text: &'static str| -> Vec<Item> {
            let options = Options {
                header: Header::Told,
                ..Options::default()
            };
            let reader = open(Input::Stream(Box::new(text.as_bytes())), &options).unwrap();
            let kind = "jobs".to_owned();
            let fields = Arc::clone(&fields);
            Intake::new(reader, Shape::Auto { kind, fields }).collect()
        };
        let found = items("foo,bar\n1,2\n");
        let [Item::Reject(reject)] = found.as_slice() else {
            panic!("{found:?}");
        };
        assert_eq!((reject.line, reject.code), (0, "columns"));
        for part in [
            "\"foo\", \"bar\"",
            "--header-row",
            "header_row=",
            "tandem map",
        ] {
            assert!(reject.reason.contains(part), "{part}: {}", reject.reason);
        }
        for text in [
            "Report,,\nGenerated,2026-11-20,\nid,title,company\n1,Nurse,A\n",
            "Company:,ACME,\nDate:,20.11.2026,\n,,\nid,title,company\n1,Nurse,A\n",
        ] {
            let found = items(text);
            let [Item::Document { json, .. }] = found.as_slice() else {
                panic!("{found:?}");
            };
            let json: Value = serde_json::from_slice(json).unwrap();
            assert_eq!(json, serde_json::json!({"id": "1", "title": "Nurse"}));
        }
    }

    #[test]
    fn a_sample_ends_where_it_takes_much_memory() {
        let line = format!("{{\"a\": \"{}\"}}\n", "x".repeat(4 << 20));
        let text = line.repeat(20);
        let input = Input::Stream(Box::new(std::io::Cursor::new(text)));
        let mut reader = open(input, &Options::default()).unwrap();
        assert_eq!(sample(&mut reader, 200).len(), 8);
        assert_eq!(reader.count(), 12);
    }

    #[test]
    fn a_sample_goes_past_rejects_and_says_where_there_is_nothing_else() {
        let items = |bad: usize, good: &str| -> Vec<Item> {
            let text = format!(
                "id,title\n{}{good}",
                "1,Cook of \0 many meals\n".repeat(bad)
            );
            let input = Input::Stream(Box::new(std::io::Cursor::new(text)));
            let field = Field {
                name: "title".to_owned(),
                field_type: "text".to_owned(),
                meaning: Some("title".to_owned()),
            };
            let shape = Shape::Auto {
                kind: "jobs".to_owned(),
                fields: [field].into(),
            };
            let intake = Intake::new(open(input, &Options::default()).unwrap(), shape);
            intake.collect()
        };
        let found = items(300, "7,Cook\n");
        assert_eq!(found.len(), 301);
        let Some(Item::Document { json, .. }) = found.last() else {
            panic!("{:?}", found.last());
        };
        let json: Value = serde_json::from_slice(json).unwrap();
        assert_eq!(json, serde_json::json!({"id": "7", "title": "Cook"}));
        let found = items(3, "");
        assert!(found.len() == 3 && found.iter().all(|item| matches!(item, Item::Reject(one) if one.code == "nul" && one.reason.contains("NUL"))), "{found:?}");
        let found = items(REJECTS_MAX + 1, "7,Cook\n");
        assert_eq!(found.len(), REJECTS_MAX + 1);
        assert!(matches!(found.last(), Some(Item::Reject(one)) if one.code == "columns"));
    }

    #[test]
    fn one_record_with_a_list_of_its_own_stays_one_document() {
        let text = r#"{"id": 1, "title": "Cook", "offices": [{"name": "Ulm"}, {"name": "Bonn"}]}"#;
        assert_eq!(
            documents(text),
            [serde_json::json!({"id": "1", "title": "Cook"})]
        );
    }
}
