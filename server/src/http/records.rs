//! Bulk bodies that are not plain NDJSON: other formats, packed ones, and ones
//! with a mapping. Owns telling what a body is and the thread that reads it;
//! the documents go the way of lines.

use std::io::{self, Read};
use std::num::NonZeroU64;
use std::sync::Arc;
use std::time::Instant;

use bytes::{Buf, Bytes, BytesMut};
use hyper::HeaderMap;
use hyper::body::Incoming;
use hyper::header::{CONTENT_ENCODING, CONTENT_TYPE};
use tandem_index::Kind;
use tandem_loaders::format::{
    Format, Header, Input, Limits, Options, Packing, Unpacking, open, packing,
};
use tandem_loaders::intake::{Intake, Item, Shape};
use tandem_loaders::mapping::{Field, Mapping};
use tandem_loaders::natural::Natural;
use tandem_loaders::record::Reject;
use tokio::sync::mpsc;

use super::body;
use super::bulk_lines::{Entry, rejected};
use super::lines::Line;
use super::sources::{Given, Origin};
use crate::limits::{
    BULK_IDLE, BULK_UNPACKED_BYTES_FREE, BULK_UNPACKED_RATIO_MAX, BULK_WHOLE_BYTES_MAX,
    BULK_WINDOW_LOG_MAX, LINE_BYTES_MAX,
};
use crate::suggest;
use crate::wire::parameters::BULK;
use crate::wire::problem::{Code, Outcome, Refusal};
use crate::wire::query;

/// Media types and their formats; JSON is an array or lines.
pub(super) const TYPES: [(&str, Option<Format>); 9] = [
    ("application/x-ndjson", Some(Format::Ndjson)),
    ("application/ndjson", Some(Format::Ndjson)),
    ("application/jsonl", Some(Format::Ndjson)),
    ("application/json", None),
    ("text/csv", Some(Format::Csv)),
    ("text/tab-separated-values", Some(Format::Tsv)),
    ("application/vnd.apache.parquet", Some(Format::Parquet)),
    ("application/x-parquet", Some(Format::Parquet)),
    (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        Some(Format::Xlsx),
    ),
];
/// Content encodings that are unpacked.
pub(super) const ENCODINGS: [&str; 4] = ["gzip", "x-gzip", "zstd", "identity"];
/// As many as tell how a body is packed.
const PACKING_BYTES: usize = 4;
/// Pieces of a body that wait for the reader.
const PIECES_MAX: usize = 8;
/// Documents that wait to be collected; each has at most a line's bytes.
const ENTRIES_MAX: usize = 16;

/// A body that a reader has to take apart.
pub(super) struct Records {
    /// What it says it is packed with.
    packing: Packing,
    /// Its first bytes, which were read to see whether it is.
    head: Bytes,
    options: Options,
    shape: Shape,
}

/// What a bulk request is about.
pub(super) struct Wanted {
    /// A body that has to be taken apart; none for plain lines of documents.
    pub records: Option<Records>,
    /// Where it comes from, where that is said.
    pub origin: Option<Origin>,
}

/// What a bulk body is, and where it comes from.
pub(super) fn wanted(headers: &HeaderMap, query: Option<&str>, kind: &Kind) -> Outcome<Wanted> {
    let media_type = headers.get(CONTENT_TYPE);
    let media_type = media_type
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    let known = TYPES
        .iter()
        .find(|(name, _)| essence.eq_ignore_ascii_case(name));
    let Some((_, format)) = known else {
        let names: Vec<&str> = TYPES.iter().map(|(name, _)| *name).collect();
        let detail = format!("send Content-Type: {}", names.join(", "));
        return Err(Refusal::new(Code::UnsupportedMediaType, detail));
    };
    // Tables come in any encoding; which one is told by their bytes.
    if matches!(format, Some(Format::Ndjson) | None) {
        body::require_utf8(media_type)?;
    }
    let mut encodings = headers.get_all(CONTENT_ENCODING).iter();
    let encoding = encodings
        .next()
        .map_or("identity", |value| value.to_str().unwrap_or_default())
        .trim();
    let is_known = ENCODINGS
        .iter()
        .any(|name| encoding.eq_ignore_ascii_case(name));
    // A body packed twice is not unpacked twice.
    if !is_known || encodings.next().is_some() {
        let detail = "send Content-Encoding: gzip or zstd, or none";
        return Err(Refusal::new(Code::UnsupportedMediaType, detail));
    }
    let Asked {
        shape,
        header_row,
        given,
    } = asked(query, kind)?;
    let packing = match encoding.to_ascii_lowercase().as_str() {
        "identity" => Packing::Plain,
        "zstd" => Packing::Zstd,
        _ => Packing::Gzip,
    };
    let is_packed = packing != Packing::Plain;
    let is_plain = *format == Some(Format::Ndjson) && !is_packed && shape.is_none();
    let is_plain = is_plain && header_row.is_none();
    let origin = given.origin(is_plain)?;
    if is_plain {
        return Ok(Wanted {
            records: None,
            origin,
        });
    }
    let records = match &shape {
        Some(Shape::Mapping(mapping)) => mapping.records().map(str::to_owned),
        Some(Shape::Natural(_) | Shape::Auto { .. }) | None => None,
    };
    let header = match (header_row, &shape) {
        (Some(row), _) => Header::Row(row),
        (None, Some(Shape::Mapping(mapping))) => Header::of(mapping.header_row()),
        (None, Some(Shape::Auto { .. })) => Header::Told,
        (None, Some(Shape::Natural(_)) | None) => Header::First,
    };
    let options = Options {
        header,
        // With a path to the records, lines are no records of their own.
        format: *format,
        records,
        number_duplicates: false,
        limits: Limits {
            record_bytes: LINE_BYTES_MAX,
            whole_bytes: BULK_WHOLE_BYTES_MAX,
            unpacking: Unpacking {
                free_bytes: BULK_UNPACKED_BYTES_FREE,
                ratio_max: BULK_UNPACKED_RATIO_MAX,
                window_log_max: BULK_WINDOW_LOG_MAX,
            },
        },
    };
    let natural = || Shape::Natural(Arc::new(Natural::new(&fields(kind))));
    let shape = shape.unwrap_or_else(natural);
    Ok(Wanted {
        records: Some(Records {
            packing,
            head: Bytes::new(),
            options,
            shape,
        }),
        origin,
    })
}

/// What a bulk request's query says.
#[derive(Default)]
struct Asked {
    shape: Option<Shape>,
    header_row: Option<NonZeroU64>,
    given: Given,
}

/// The mapping a query names: `mapping=NAME`, or `mapping=auto` for the one that
/// is proposed for the body's first records; and `header_row=N`.
fn asked(query: Option<&str>, kind: &Kind) -> Outcome<Asked> {
    let mut found = Asked::default();
    for (name, value) in query::pairs(query.unwrap_or_default(), &[])? {
        if found.given.take(&name, &value)? {
            continue;
        }
        if name == "header_row" {
            let row = value.parse().map_err(|_cause| {
                let detail =
                    "must be the row of the header, counted from 1: 3 below two rows of titles";
                Refusal::at(Code::InvalidRequest, "/header_row", detail)
            })?;
            found.header_row = Some(row);
            continue;
        }
        if name != "mapping" {
            return Err(query::unknown(&name, BULK.map(|(name, _, _)| name)));
        }
        if value == "auto" {
            found.shape = Some(Shape::Auto {
                kind: kind.name.clone(),
                fields: fields(kind).into(),
            });
            continue;
        }
        let refused = |detail: String| Refusal::at(Code::InvalidRequest, "/mapping", detail);
        let Some(mapping) = Mapping::builtin(&value) else {
            let error = Mapping::no_builtin(&value);
            let mut refusal = refused(error.to_string());
            if let Some(fault) = refusal.errors.first_mut() {
                fault.did_you_mean.clone_from(&error.did_you_mean);
            }
            return Err(refusal);
        };
        if mapping.kind().is_some_and(|meant| meant != kind.name) {
            let meant = mapping.kind().unwrap_or_default();
            return Err(refused(format!("it makes documents of kind {meant}")));
        }
        mapping
            .check_fields(&fields(kind))
            .map_err(|error| refused(error.to_string()))?;
        found.shape = Some(Shape::Mapping(Arc::new(mapping.clone())));
    }
    Ok(found)
}

fn fields(kind: &Kind) -> Vec<Field> {
    let fields = kind.fields.iter().map(|field| Field {
        name: field.name.clone(),
        field_type: field.field_type.as_str().to_owned(),
        meaning: field.meaning.map(|meaning| meaning.as_str().to_owned()),
    });
    fields.collect()
}

/// Starts reading; entries come from the receiver. The reader pulls, so it has
/// a thread of its own while the body comes.
pub(super) fn start(
    records: Records,
) -> (
    Bytes,
    mpsc::Sender<io::Result<Bytes>>,
    mpsc::Receiver<Entry>,
) {
    let head = records.head;
    let (pieces, source) = mpsc::channel(PIECES_MAX);
    let (entries, found) = mpsc::channel(ENTRIES_MAX);
    tokio::task::spawn_blocking(move || {
        let source = Source {
            pieces: source,
            piece: Bytes::new(),
        };
        let reader = match open(Input::Stream(Box::new(source)), &records.options) {
            Ok(reader) => reader,
            Err(reject) => {
                drop(entries.blocking_send(entry(Item::Reject(reject))));
                return;
            }
        };
        for item in Intake::new(reader, records.shape) {
            // Whoever collects is gone with its client.
            if matches!(item, Item::Dropped(_)) || entries.blocking_send(entry(item)).is_ok() {
                continue;
            }
            return;
        }
    });
    (head, pieces, found)
}

/// Reads as much of a packed body as tells whether it is packed as it says.
pub(super) async fn look(
    records: &mut Records,
    body: &mut Incoming,
    deadline: Instant,
) -> Outcome<()> {
    if records.packing == Packing::Plain {
        return Ok(());
    }
    let mut head = BytesMut::new();
    while head.len() < PACKING_BYTES {
        let next = tokio::time::timeout_at(deadline.into(), body::next(body)).await;
        let next = next.map_err(|_elapsed| {
            Refusal::new(Code::RequestTimeout, "the body did not begin in time")
        })?;
        match next? {
            Some(bytes) => head.extend_from_slice(&bytes),
            None => break,
        }
    }
    records.head = head.freeze();
    let found = packing(&records.head);
    // Nothing at all has no first bytes to say anything.
    if found == records.packing || records.head.is_empty() {
        return Ok(());
    }
    let is = match found {
        Packing::Plain => "is not packed",
        Packing::Gzip => "begins as gzip",
        Packing::Zstd => "begins as zstd",
    };
    let detail = format!(
        "Content-Encoding says {}, but the body {is}",
        records.packing.as_str()
    );
    Err(Refusal::new(Code::InvalidRequest, detail))
}

/// Hands a body to the reader, to its end. What a reader that gave up does not
/// take is dropped, so that the client gets to read why.
pub(super) async fn pump(
    head: Bytes,
    body: &mut Incoming,
    pieces: mpsc::Sender<io::Result<Bytes>>,
) -> Outcome<()> {
    if !head.is_empty() {
        drop(pieces.send(Ok(head)).await);
    }
    loop {
        let next = tokio::time::timeout(BULK_IDLE, body::next(body)).await;
        let next =
            next.map_err(|_idle| Refusal::new(Code::DeadlineExceeded, "the body stands still"))?;
        match next {
            Ok(Some(bytes)) => drop(pieces.send(Ok(bytes)).await),
            Ok(None) => return Ok(()),
            Err(refusal) => {
                let broken = io::Error::new(io::ErrorKind::BrokenPipe, "the body broke off");
                drop(pieces.send(Err(broken)).await);
                return Err(refusal);
            }
        }
    }
}

/// What an item becomes among the lines.
fn entry(item: Item) -> Entry {
    match item {
        Item::Document { line, json } => Entry::Line(Line {
            number: line,
            end: 0,
            bytes: (json.len() <= LINE_BYTES_MAX).then(|| json.into()),
        }),
        Item::Reject(reject) | Item::Dropped(reject) => refused(reject),
        Item::Skipped { line, reason } => {
            let reason = format!("left out by the mapping: {reason}");
            refused(Reject::new(line, "skipped", reason))
        }
    }
}

fn refused(reject: Reject) -> Entry {
    let code = match reject.code {
        "too_large" | "unpacks_too_large" => Code::PayloadTooLarge,
        "invalid_json" | "broken_json" | "nul" | "invalid_text" => Code::InvalidJson,
        _ if reject.ends_source() => Code::InvalidRequest,
        _ => Code::InvalidDocument,
    };
    let pointer = reject.field.map_or(String::new(), |field| {
        format!("/{}", suggest::escape(&field))
    });
    let refusal = Refusal::at(code, pointer, reject.reason);
    Entry::Rejected(Box::new(rejected(reject.line, None, refusal)))
}

/// A body as a reader pulls it.
struct Source {
    pieces: mpsc::Receiver<io::Result<Bytes>>,
    piece: Bytes,
}

impl Read for Source {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() {
            match self.pieces.blocking_recv() {
                Some(piece) => self.piece = piece?,
                None => return Ok(0),
            }
        }
        let bytes = room.len().min(self.piece.len());
        if let Some(room) = room.get_mut(..bytes) {
            self.piece.copy_to_slice(room);
        }
        Ok(bytes)
    }
}
