//! Rows of delimited text (CSV, TSV). Owns cells, quotes and what becomes of
//! rows that are none. No library: a row must not take more memory than a
//! record may, and a quote that is never closed must cost its own line and not
//! the rest of the file.

use serde_json::{Map, Value};

use super::text::{broken, check, names, too_large};
use super::window::Window;
use crate::record::{Record, Reject};

/// Delimiters that are told apart, the likeliest first.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// Bytes the delimiter is told from.
pub(super) const SNIFF_BYTES: usize = 64 << 10;
/// Rows the delimiter is told from.
const SNIFF_ROWS: usize = 50;
/// Rows so long are not looked through anew with every piece that comes.
const LOOK_AGAIN_BYTES: usize = 4 << 10;
/// The longest header.
const HEADER_BYTES_MAX: usize = 4 << 20;

/// How a text is cut into rows and cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) delimiter: u8,
    /// Rows end with a carriage return alone.
    returns: bool,
}

/// A cell's place in the row, without its quotes.
#[derive(Clone, Copy, Debug)]
struct Cell {
    start: usize,
    end: usize,
    /// It has doubled quotes.
    doubled: bool,
}

/// What stands at the beginning of some bytes.
#[derive(Debug, PartialEq, Eq)]
enum Row {
    /// A row of so many bytes, its line end with it.
    Whole(usize),
    /// More bytes are needed to tell.
    Part,
    /// No row: why not.
    Odd(&'static str),
}

/// The rows of a source as records.
pub(super) struct Rows {
    window: Window,
    shape: Shape,
    names: Vec<String>,
    cells: Vec<Cell>,
    /// Line ends before the window.
    lines: u64,
    bytes_max: usize,
    done: bool,
}

impl Rows {
    /// Reads the header. `delimiter` is told from the text where it is not given.
    pub(super) fn new(
        mut window: Window,
        delimiter: Option<u8>,
        number_duplicates: bool,
        bytes_max: usize,
    ) -> Result<Self, Reject> {
        window.hold(SNIFF_BYTES);
        let mut lines = 0;
        let mut named = None;
        if let Some((delimiter, bytes)) = separator_line(window.bytes()) {
            named = Some(delimiter);
            window.advance(bytes);
            lines = 1;
        }
        let shape = sniff(window.bytes(), named.or(delimiter), window.is_ended());
        let mut rows = Self {
            window,
            shape,
            names: Vec::new(),
            cells: Vec::new(),
            lines,
            bytes_max: bytes_max.max(HEADER_BYTES_MAX),
            done: false,
        };
        match rows.row() {
            None => rows.done = true,
            Some(Err(reject)) => return Err(no_header(&reject)),
            Some(Ok((line, bytes))) => {
                let header = rows.texts(bytes).map_err(|reject| no_header(&reject))?;
                rows.names = names(line, header, number_duplicates)?;
                rows.window.advance(bytes);
            }
        }
        rows.bytes_max = bytes_max;
        Ok(rows)
    }

    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    pub(super) fn delimiter(&self) -> u8 {
        self.shape.delimiter
    }

    /// The next row that is not blank: its line and its bytes in the window,
    /// its cells in `cells`. The window still has to be advanced.
    fn row(&mut self) -> Option<Result<(u64, usize), Reject>> {
        while !self.done {
            let line = self.lines + 1;
            let bytes = self.window.bytes();
            match scan(bytes, self.shape, self.window.is_ended(), &mut self.cells) {
                Row::Whole(0) => self.done = true,
                Row::Whole(end) if is_blank(bytes.get(..end).unwrap_or_default()) => {
                    self.window.advance(end);
                    self.lines += 1;
                }
                Row::Whole(end) if end > self.bytes_max => {
                    self.skip(end);
                    return Some(Err(too_large(line, self.bytes_max)));
                }
                Row::Whole(end) => {
                    let row = bytes.get(..end).unwrap_or_default();
                    self.lines += line_ends(row, self.shape);
                    return Some(Ok((line, end)));
                }
                Row::Odd(why) => {
                    self.skip_line();
                    return Some(Err(Reject::new(line, "quotes", why)));
                }
                Row::Part if bytes.len() > self.bytes_max => {
                    return Some(match self.skip_to_line_end() {
                        Ok(()) => Err(too_large(line, self.bytes_max)),
                        Err(cause) => {
                            self.done = true;
                            Err(broken(line, &cause))
                        }
                    });
                }
                Row::Part => {
                    // A long row is looked at again only when it has grown by
                    // half, however small the pieces are it comes in.
                    let held = bytes.len();
                    if held > LOOK_AGAIN_BYTES {
                        self.window.hold(held + held / 2);
                    }
                    if let Err(cause) = self.window.more() {
                        self.done = true;
                        return Some(Err(broken(line, &cause)));
                    }
                }
            }
        }
        None
    }

    fn skip(&mut self, bytes: usize) {
        let gone = self.window.bytes().get(..bytes).unwrap_or_default();
        self.lines += line_ends(gone, self.shape);
        self.window.advance(bytes);
    }

    /// Goes to the line behind the one a bad row begins in: what follows may be
    /// good rows.
    fn skip_line(&mut self) {
        let bytes = self.window.bytes();
        let end = memchr::memchr(self.line_end(), bytes).map_or(bytes.len(), |end| end + 1);
        self.skip(end);
    }

    fn skip_to_line_end(&mut self) -> std::io::Result<()> {
        while memchr::memchr(self.line_end(), self.window.bytes()).is_none() {
            let held = self.window.bytes().len();
            self.window.advance(held);
            if !self.window.more()? {
                return Ok(());
            }
        }
        self.skip_line();
        Ok(())
    }

    fn line_end(&self) -> u8 {
        if self.shape.returns { b'\r' } else { b'\n' }
    }

    /// The cells of the row of so many bytes.
    fn texts(&self, bytes: usize) -> Result<Vec<String>, Reject> {
        let row = self.window.bytes().get(..bytes).unwrap_or_default();
        let line = self.lines + 1 - line_ends(row, self.shape);
        let text = check(line, row)?;
        Ok(self
            .cells
            .iter()
            .map(|cell| cell_text(text, *cell))
            .collect())
    }

    fn record(&self, line: u64, bytes: usize) -> Result<Record, Reject> {
        let row = self.window.bytes().get(..bytes).unwrap_or_default();
        let text = check(line, row)?;
        if self.cells.len() != self.names.len() {
            let (found, expected) = (self.cells.len(), self.names.len());
            return Err(Reject::new(
                line,
                "ragged",
                format!("{found} cells, the header has {expected} columns"),
            ));
        }
        let mut fields = Map::with_capacity(self.names.len());
        for (name, cell) in self.names.iter().zip(&self.cells) {
            fields.insert(name.clone(), Value::String(cell_text(text, *cell)));
        }
        Ok(Record {
            number: line,
            fields,
        })
    }
}

impl Iterator for Rows {
    type Item = Result<Record, Reject>;

    fn next(&mut self) -> Option<Self::Item> {
        let row = self.row()?;
        Some(row.and_then(|(line, bytes)| {
            let record = self.record(line, bytes);
            self.window.advance(bytes);
            record
        }))
    }
}

fn no_header(reject: &Reject) -> Reject {
    let code = if reject.ends_source() {
        reject.code
    } else {
        "header"
    };
    let reason = format!("the header cannot be read: {}", reject.reason);
    Reject::new(reject.line, code, reason)
}

fn cell_text(row: &str, cell: Cell) -> String {
    // Cells begin and end at delimiters, quotes or line ends, all ASCII.
    let text = row.get(cell.start..cell.end).unwrap_or_default();
    if cell.doubled {
        text.replace("\"\"", "\"")
    } else {
        text.to_owned()
    }
}

fn is_blank(row: &[u8]) -> bool {
    row.iter().all(|byte| matches!(byte, b'\r' | b'\n' | b' '))
}

fn line_ends(bytes: &[u8], shape: Shape) -> u64 {
    let end = if shape.returns { b'\r' } else { b'\n' };
    memchr::memchr_iter(end, bytes).count() as u64
}

/// Cuts the first row of some bytes into cells.
fn scan(bytes: &[u8], shape: Shape, ended: bool, cells: &mut Vec<Cell>) -> Row {
    cells.clear();
    let mut place = 0;
    if bytes.is_empty() {
        return if ended { Row::Whole(0) } else { Row::Part };
    }
    loop {
        let quoted = match open_quote(bytes, place, shape.delimiter) {
            Some(open) => match quoted_cell(bytes, open, shape, ended) {
                Ok(Some(found)) => Some(found),
                Ok(None) => return Row::Part,
                // With a space before the quote it may well be no quoted cell.
                Err(_) if open > place => None,
                Err(why) => return Row::Odd(why),
            },
            None => None,
        };
        let (cell, behind) = match quoted {
            Some(found) => found,
            None => match bare_cell(bytes, place, shape, ended) {
                Some(found) => found,
                None => return Row::Part,
            },
        };
        cells.push(cell);
        match behind {
            Behind::Cell(next) => place = next,
            Behind::Row(end) => return Row::Whole(end),
        }
    }
}

/// What follows a cell, and where.
enum Behind {
    Cell(usize),
    Row(usize),
}

/// Where a quoted cell opens: at its first byte, or behind spaces.
fn open_quote(bytes: &[u8], place: usize, delimiter: u8) -> Option<usize> {
    let cell = bytes.get(place..).unwrap_or_default();
    let spaces = cell.iter().take_while(|byte| **byte == b' ').count();
    (cell.get(spaces) == Some(&b'"') && delimiter != b'"').then_some(place + spaces)
}

/// A cell in quotes. `None`: more bytes are needed.
fn quoted_cell(
    bytes: &[u8],
    open: usize,
    shape: Shape,
    ended: bool,
) -> Result<Option<(Cell, Behind)>, &'static str> {
    let start = open + 1;
    let mut place = start;
    let mut doubled = false;
    let end = loop {
        let rest = bytes.get(place..).unwrap_or_default();
        let Some(quote) = memchr::memchr(b'"', rest) else {
            return if ended {
                Err("a quote is opened and never closed")
            } else {
                Ok(None)
            };
        };
        place += quote + 1;
        match bytes.get(place) {
            Some(b'"') => {
                doubled = true;
                place += 1;
            }
            None if !ended => return Ok(None),
            Some(_) | None => break place - 1,
        }
    };
    let spaces = bytes.get(place..).unwrap_or_default().iter();
    place += spaces.take_while(|byte| **byte == b' ').count();
    let cell = Cell {
        start,
        end,
        doubled,
    };
    let behind = match (bytes.get(place), bytes.get(place + 1)) {
        (Some(byte), _) if *byte == shape.delimiter => Behind::Cell(place + 1),
        (Some(b'\n'), _) => Behind::Row(place + 1),
        (Some(b'\r'), Some(b'\n')) => Behind::Row(place + 2),
        (Some(b'\r'), _) if shape.returns => Behind::Row(place + 1),
        (Some(b'\r'), None) if ended => Behind::Row(place + 1),
        (Some(b'\r'), None) if !ended => return Ok(None),
        (None, _) if ended => Behind::Row(place),
        (None, _) => return Ok(None),
        (Some(_), _) => return Err("text follows a closing quote; is a quote not doubled?"),
    };
    Ok(Some((cell, behind)))
}

/// A cell without quotes. `None`: more bytes are needed.
fn bare_cell(bytes: &[u8], start: usize, shape: Shape, ended: bool) -> Option<(Cell, Behind)> {
    let mut place = start;
    let (end, behind) = loop {
        let rest = bytes.get(place..).unwrap_or_default();
        let Some(found) = memchr::memchr3(shape.delimiter, b'\n', b'\r', rest) else {
            let end = bytes.len();
            break ended.then_some((end, Behind::Row(end)))?;
        };
        place += found;
        match (bytes.get(place), bytes.get(place + 1)) {
            (Some(b'\r'), Some(b'\n')) => break (place, Behind::Row(place + 2)),
            (Some(b'\r'), None) if !ended => return None,
            (Some(b'\n'), _) | (Some(b'\r'), None) => break (place, Behind::Row(place + 1)),
            (Some(b'\r'), _) if shape.returns => break (place, Behind::Row(place + 1)),
            (Some(b'\r'), _) => place += 1,
            (Some(_) | None, _) => break (place, Behind::Cell(place + 1)),
        }
    };
    let cell = Cell {
        start,
        end,
        doubled: false,
    };
    Some((cell, behind))
}

/// A first line `sep=;`, which Excel writes and reads.
fn separator_line(bytes: &[u8]) -> Option<(u8, usize)> {
    match bytes.strip_prefix(b"sep=")? {
        [delimiter, b'\n', ..] => Some((*delimiter, 6)),
        [delimiter, b'\r', b'\n', ..] => Some((*delimiter, 7)),
        _ => None,
    }
}

/// Tells delimiter and line ends: the delimiter that cuts most of the first
/// rows into as many cells as the header, more than one.
fn sniff(held: &[u8], delimiter: Option<u8>, ended: bool) -> Shape {
    let ended = ended && held.len() <= SNIFF_BYTES;
    let sample = held.get(..held.len().min(SNIFF_BYTES)).unwrap_or_default();
    let returns =
        memchr::memchr(b'\n', sample).is_none() && memchr::memchr(b'\r', sample).is_some();
    let shape = |delimiter| Shape { delimiter, returns };
    if let Some(delimiter) = delimiter {
        return shape(delimiter);
    }
    let mut best = (0, shape(b','));
    for delimiter in DELIMITERS {
        let score = fit(sample, shape(delimiter), ended);
        if score > best.0 {
            best = (score, shape(delimiter));
        }
    }
    best.1
}

/// How well a delimiter fits: rows in a thousand that have the header's cells,
/// then the number of cells.
fn fit(sample: &[u8], shape: Shape, ended: bool) -> usize {
    let mut cells = Vec::new();
    let (mut rest, mut columns, mut rows, mut same) = (sample, 0, 0, 0);
    while rows < SNIFF_ROWS {
        let Row::Whole(end) = scan(rest, shape, ended, &mut cells) else {
            break;
        };
        if end == 0 {
            break;
        }
        let row = rest.get(..end).unwrap_or_default();
        rest = rest.get(end..).unwrap_or_default();
        if is_blank(row) {
            continue;
        }
        if rows == 0 {
            columns = cells.len();
        }
        rows += 1;
        same += usize::from(cells.len() == columns);
    }
    if columns < 2 {
        return 0;
    }
    same * 1_000 / rows * 10_000 + columns.min(9_999)
}
