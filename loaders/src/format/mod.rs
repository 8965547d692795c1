//! Sources as records: NDJSON, JSON arrays, CSV, Parquet, XLSX, packed or not,
//! in any common encoding. Owns telling what a source is; the files beside this
//! one own a format each. Knows nothing of kinds, documents or mappings.
//!
//! A reader is an iterator: of records, or of rejects in their place. Memory is
//! bounded by the longest record for text, by a page a column for Parquet and
//! by the workbook for XLSX.

mod array;
mod cells;
mod dates;
mod decode;
mod files;
mod header;
mod lines;
mod parquet;
mod sniff;
#[cfg(test)]
mod tests;
mod text;
mod unpack;
mod window;
mod xlsx;

use std::fs::File;
use std::io::{Cursor, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use serde::de::IgnoredAny;

use crate::record::{Record, Reject};
use decode::{Decoded, Found};
pub use files::{Files, files};
pub use header::Header;
pub use text::Piece;
use unpack::{Counted, Headed};
pub use unpack::{Packing, Unpacking, packing};
use window::Window;

/// Bytes a format is told from before the text is.
const MAGIC_BYTES: usize = 512;
/// Lines that are tried before braces are taken for JSON over several lines.
const TRIED_LINES: usize = 5;

/// What a source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A JSON object a line.
    Ndjson,
    /// One JSON array, an array in an object, or objects one after another.
    Json,
    /// Cells between commas, semicolons, tabs or bars.
    Csv,
    /// Cells between tabs.
    Tsv,
    /// Parquet.
    Parquet,
    /// An Excel workbook.
    Xlsx,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 6] = [
        Self::Ndjson,
        Self::Json,
        Self::Csv,
        Self::Tsv,
        Self::Parquet,
        Self::Xlsx,
    ];

    /// Its name in options and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ndjson => "ndjson",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::Parquet => "parquet",
            Self::Xlsx => "xlsx",
        }
    }

    /// The format of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == name)
    }

    /// The format a file name's ending stands for, behind `.gz` or `.zst`.
    pub fn of_name(path: &Path) -> Option<Self> {
        let ending = |path: &Path| Some(path.extension()?.to_str()?.to_ascii_lowercase());
        let mut found = ending(path)?;
        if matches!(found.as_str(), "gz" | "gzip" | "zst" | "zstd") {
            found = ending(Path::new(path.file_stem()?))?;
        }
        match found.as_str() {
            "ndjson" | "jsonl" | "ldjson" | "jsonlines" => Some(Self::Ndjson),
            "json" => Some(Self::Json),
            "csv" | "psv" => Some(Self::Csv),
            "tsv" | "tab" => Some(Self::Tsv),
            "parquet" | "pq" => Some(Self::Parquet),
            "xlsx" | "xlsm" => Some(Self::Xlsx),
            _ => None,
        }
    }
}

/// What a reader may hold.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of a record in text formats.
    pub record_bytes: usize,
    /// Bytes of a Parquet file or workbook that does not come as a file, of
    /// what a workbook unpacks to, and of a column in a Parquet row group.
    pub whole_bytes: u64,
    /// What packed sources may unpack to.
    pub unpacking: Unpacking,
}

impl Default for Limits {
    /// For files of the person who reads them.
    fn default() -> Self {
        Self {
            // Above what a server takes, for what a mapping leaves out.
            record_bytes: 8 << 20,
            whole_bytes: 1 << 30,
            unpacking: Unpacking {
                free_bytes: 1 << 30,
                ratio_max: 2_000,
                // The decoder's own default: what `zstd --long` writes is read.
                window_log_max: 27,
            },
        }
    }
}

/// How a source is read.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The format; told from name and content where it is not given.
    pub format: Option<Format>,
    /// In JSON, the members that lead to the array, with dots between them.
    pub records: Option<String>,
    /// Where a table has its header.
    pub header: Header,
    /// Columns named twice get numbers behind their names; else they are an error.
    pub number_duplicates: bool,
    /// What the reader may hold.
    pub limits: Limits,
}

/// Where a source's bytes come from.
pub enum Input {
    /// A file.
    File(PathBuf),
    /// A stream.
    Stream(Box<dyn Read + Send>),
}

/// A source's records.
pub struct Reader {
    source: Source,
    format: Format,
    packing: Packing,
    encoding: Found,
    /// Bytes of the source that were read.
    read: Arc<AtomicU64>,
    /// Bytes of the source, where they are known.
    bytes: Option<u64>,
}

enum Source {
    Lines(lines::Lines),
    Elements(array::Elements),
    Cells(Box<cells::Rows>),
    Parquet(Box<parquet::Rows>),
    Xlsx(xlsx::Rows),
}

/// Opens a source. A source that cannot be read at all is a reject of its
/// line 0 or of its header's.
pub fn open(input: Input, options: &Options) -> Result<Reader, Reject> {
    let read = Arc::new(AtomicU64::new(0));
    let (input, path, bytes): (Box<dyn Read + Send>, _, _) = match input {
        Input::Stream(input) => (input, None, None),
        Input::File(path) => {
            let file = File::open(&path).map_err(|cause| unreadable(&cause))?;
            let about = file.metadata().map_err(|cause| unreadable(&cause))?;
            if about.is_dir() {
                let what = "it is a folder; name a file in it";
                return Err(Reject::new(0, "unreadable", what));
            }
            (
                Box::new(file),
                Some(path),
                about.is_file().then_some(about.len()),
            )
        }
    };
    let counted = Counted {
        input,
        bytes: Arc::clone(&read),
    };
    let packed = Headed::new(Box::new(counted), MAGIC_BYTES);
    let packing = unpack::packing(packed.head());
    let limits = &options.limits;
    let plain = unpack::unpack(
        Box::new(packed),
        packing,
        Arc::clone(&read),
        limits.unpacking,
    )
    .map_err(|cause| text::broken(0, &cause))?;
    let headed = Headed::new(plain, MAGIC_BYTES);
    if let Some(name) = unpack::unread(headed.head()) {
        let what = format!("this is {name}, which is not read; convert or unpack it first");
        return Err(Reject::new(0, "unknown_format", what));
    }
    let mut reader = Reader {
        source: Source::Lines(lines::Lines::new(
            Window::new(Box::new(std::io::empty())),
            0,
        )),
        format: Format::Ndjson,
        packing,
        encoding: Found::default(),
        read,
        bytes,
    };
    let binary = match headed.head() {
        [b'P', b'A', b'R', b'1', ..] => Some(Format::Parquet),
        [b'P', b'K', 3, 4, ..] => Some(Format::Xlsx),
        _ => None,
    };
    match (binary, options.format) {
        (Some(format), _) | (None, Some(format @ (Format::Parquet | Format::Xlsx))) => {
            reader.format = format;
            let file = path.filter(|_| packing == Packing::Plain && bytes.is_some());
            reader.source = binary_source(format, headed, file.as_deref(), options)?;
        }
        (None, format) => {
            let named = path.as_deref().and_then(Format::of_name);
            reader.text_source(Box::new(headed), format, named, options)?;
        }
    }
    Ok(reader)
}

fn binary_source(
    format: Format,
    mut input: Headed,
    file: Option<&Path>,
    options: &Options,
) -> Result<Source, Reject> {
    let (numbered, bytes_max) = (options.number_duplicates, options.limits.whole_bytes);
    if let (Format::Parquet, Header::Row(_)) = (format, options.header) {
        return Err(header::none_in(format.as_str()));
    }
    if let (Format::Parquet, Some(path)) = (format, file) {
        let file = File::open(path).map_err(|cause| unreadable(&cause))?;
        let rows = parquet::Rows::new(file, numbered, bytes_max)?;
        return Ok(Source::Parquet(Box::new(rows)));
    }
    let mut whole = Vec::new();
    (&mut input)
        .take(bytes_max + 1)
        .read_to_end(&mut whole)
        .map_err(|cause| text::broken(0, &cause))?;
    if whole.len() as u64 > bytes_max {
        let what = format!("it has more than {bytes_max} bytes");
        return Err(Reject::new(0, "unpacks_too_large", what));
    }
    let whole = Bytes::from(whole);
    Ok(if format == Format::Parquet {
        Source::Parquet(Box::new(parquet::Rows::new(whole, numbered, bytes_max)?))
    } else {
        let rows = xlsx::Rows::new(Cursor::new(whole), options.header, numbered, bytes_max)?;
        Source::Xlsx(rows)
    })
}

impl Reader {
    fn text_source(
        &mut self,
        input: Box<dyn Read + Send>,
        format: Option<Format>,
        named: Option<Format>,
        options: &Options,
    ) -> Result<(), Reject> {
        let decoded = Decoded::new(input, Arc::clone(&self.encoding));
        let mut window = Window::new(Box::new(decoded));
        window.hold(sniff::SNIFF_BYTES);
        let bytes_max = options.limits.record_bytes;
        let path = options.records.as_deref();
        self.format = format.unwrap_or_else(|| tell(window.bytes(), named));
        if let (Format::Ndjson | Format::Json, Header::Row(_)) = (self.format, options.header) {
            return Err(header::none_in(self.format.as_str()));
        }
        self.source = match self.format {
            Format::Ndjson if path.is_none() => Source::Lines(lines::Lines::new(window, bytes_max)),
            Format::Json | Format::Ndjson => {
                self.format = Format::Json;
                Source::Elements(array::Elements::new(window, bytes_max, path))
            }
            Format::Csv | Format::Tsv | Format::Parquet | Format::Xlsx => {
                let delimiter = (self.format == Format::Tsv).then_some(b'\t');
                let (header, numbered) = (options.header, options.number_duplicates);
                let rows = cells::Rows::new(window, delimiter, header, numbered, bytes_max)?;
                Source::Cells(Box::new(rows))
            }
        };
        Ok(())
    }

    /// What the source is.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Whether its records are JSON in the source, so that [`Self::next_piece`]
    /// has them as they stand there.
    pub fn is_json(&self) -> bool {
        matches!(self.source, Source::Lines(_) | Source::Elements(_))
    }

    /// The columns; empty for JSON and for a source without a header.
    pub fn columns(&self) -> &[String] {
        match &self.source {
            Source::Lines(_) | Source::Elements(_) => &[],
            Source::Cells(rows) => rows.names(),
            Source::Parquet(rows) => rows.names(),
            Source::Xlsx(rows) => rows.names(),
        }
    }

    /// The header's row, where rows above it were left out.
    pub fn header_row(&self) -> Option<u64> {
        match &self.source {
            Source::Cells(rows) => rows.header_row(),
            Source::Xlsx(rows) => rows.header_row(),
            Source::Lines(_) | Source::Elements(_) | Source::Parquet(_) => None,
        }
    }

    /// The next record of a JSON source as it stands there; `None` at its end,
    /// and for other sources.
    pub fn next_piece(&mut self) -> Option<Result<Piece, Reject>> {
        match &mut self.source {
            Source::Lines(lines) => lines.next(),
            Source::Elements(elements) => elements.next(),
            Source::Cells(_) | Source::Parquet(_) | Source::Xlsx(_) => None,
        }
    }

    /// What the source turned out to be, in a few words: `csv (;), gzip,
    /// windows-1252`. The encoding is known once a character needed it.
    pub fn about(&self) -> String {
        let mut about = self.format.as_str().to_owned();
        match &self.source {
            Source::Cells(rows) if rows.delimiter() == b'\t' => {
                Format::Tsv.as_str().clone_into(&mut about);
            }
            Source::Cells(rows) if rows.delimiter() != b',' => {
                about.extend([" (", char::from(rows.delimiter()).to_string().as_str(), ")"]);
            }
            Source::Xlsx(rows) => {
                about.extend(rows.note().map(|note| format!(" ({note})")));
            }
            Source::Cells(_) | Source::Lines(_) | Source::Elements(_) | Source::Parquet(_) => {}
        }
        let header = self.header_row();
        about.extend(header.map(|row| format!(", header in row {row}")));
        if self.packing != Packing::Plain {
            about.extend([", ", self.packing.as_str()]);
        }
        if let Some(encoding) = self.encoding() {
            about.extend([", ", encoding]);
        }
        about
    }

    /// The encoding of a text source, UTF-8 where nothing said otherwise.
    pub fn encoding(&self) -> Option<&'static str> {
        match self.source {
            Source::Lines(_) | Source::Elements(_) | Source::Cells(_) => {
                Some(self.encoding.get().copied().unwrap_or("UTF-8"))
            }
            Source::Parquet(_) | Source::Xlsx(_) => None,
        }
    }

    /// Bytes of the source, where they are known.
    pub fn bytes(&self) -> Option<u64> {
        self.bytes
    }

    /// How much of the source was read, in bytes of the source.
    pub fn bytes_read(&self) -> u64 {
        let share = match &self.source {
            Source::Lines(_) | Source::Elements(_) | Source::Cells(_) => None,
            Source::Parquet(rows) => Some(rows.share()),
            Source::Xlsx(rows) => Some(rows.share()),
        };
        match (share, self.bytes) {
            (Some(share), Some(bytes)) => (bytes as f64 * share) as u64,
            (Some(_) | None, _) => self.read.load(Ordering::Relaxed),
        }
    }
}

impl Iterator for Reader {
    type Item = Result<Record, Reject>;

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.source {
            Source::Lines(_) | Source::Elements(_) => {
                let piece = self.next_piece()?;
                Some(piece.and_then(|piece| text::object(&piece)))
            }
            Source::Cells(rows) => rows.next(),
            Source::Parquet(rows) => rows.next(),
            Source::Xlsx(rows) => rows.next(),
        }
    }
}

/// Tells a text's format by its first bytes and its name.
fn tell(sample: &[u8], named: Option<Format>) -> Format {
    if let Some(Format::Csv | Format::Tsv) = named {
        return named.unwrap_or(Format::Csv);
    }
    match sample.iter().find(|byte| !byte.is_ascii_whitespace()) {
        // A document on one line under the name of JSON is called what it is named.
        Some(b'{') if named == Some(Format::Json) && lines_of(sample).nth(1).is_none() => {
            Format::Json
        }
        Some(b'{') if named == Some(Format::Ndjson) || has_objects_in_lines(sample) => {
            Format::Ndjson
        }
        Some(b'{' | b'[') => Format::Json,
        Some(_) if !matches!(named, Some(Format::Ndjson | Format::Json)) => Format::Csv,
        Some(_) | None => Format::Ndjson,
    }
}

fn lines_of(sample: &[u8]) -> impl Iterator<Item = &[u8]> {
    let lines = sample.split(|byte| *byte == b'\n');
    lines.filter(|line| !line.iter().all(u8::is_ascii_whitespace))
}

/// Whether one of the first lines is an object of its own. A sample of one
/// line that is cut off is taken for one too.
fn has_objects_in_lines(sample: &[u8]) -> bool {
    let mut lines = lines_of(sample).peekable();
    let first = lines.next().unwrap_or_default();
    if lines.peek().is_none() {
        return !has_a_second_object(first);
    }
    std::iter::once(first)
        .chain(lines)
        .take(TRIED_LINES)
        .any(|line| line.starts_with(b"{") && serde_json::from_slice::<IgnoredAny>(line).is_ok())
}

/// Whether a line goes on with another object behind its first.
fn has_a_second_object(line: &[u8]) -> bool {
    let mut values = serde_json::Deserializer::from_slice(line).into_iter::<IgnoredAny>();
    let is_whole = matches!(values.next(), Some(Ok(_)));
    let rest = line.get(values.byte_offset()..).unwrap_or_default();
    is_whole && rest.trim_ascii_start().starts_with(b"{")
}

fn unreadable(cause: &std::io::Error) -> Reject {
    let kind = cause.kind();
    let what = if kind == ErrorKind::NotFound {
        "there is no such file".to_owned()
    } else if kind == ErrorKind::PermissionDenied {
        "you may not read it".to_owned()
    } else {
        format!("it cannot be read: {cause}")
    };
    Reject::new(0, "unreadable", what)
}
