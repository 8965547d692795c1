//! Rows of delimited text (CSV, TSV). Owns cells, quotes and what becomes of
//! rows that are none. No library: a row must not take more memory than a
//! record may, and a quote that is never closed must cost its own line and not
//! the rest of the file.

use serde_json::{Map, Value};

use super::header::{Header, none_there};
use super::sniff::{SNIFF_BYTES, separator_line, shape_and_titles, shape_of};
use super::text::{broken, check, names, too_large};
use super::window::Window;
use crate::record::{Record, Reject};

/// Rows so long are not looked through anew with every piece that comes.
const LOOK_AGAIN_BYTES: usize = 4 << 10;
/// The longest header.
const HEADER_BYTES_MAX: usize = 4 << 20;
/// The most columns: as many as a sheet has. Each is a name, and a value in every
/// record.
const COLUMNS_MAX: usize = 16_384;

/// How a text is cut into rows and cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) delimiter: u8,
    /// Rows end with a carriage return alone.
    pub(super) returns: bool,
}

/// A cell's place in the row, without its quotes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cell {
    start: usize,
    end: usize,
    /// It has doubled quotes.
    doubled: bool,
}

/// The cells of a row: counted to its end, and kept only as far as they may be
/// a record's, so that a row of millions of delimiters takes no memory.
#[derive(Debug)]
pub(super) struct Cells {
    kept: Vec<Cell>,
    kept_max: usize,
    found: usize,
}

impl Cells {
    pub(super) fn new(kept_max: usize) -> Self {
        Self {
            kept: Vec::new(),
            kept_max,
            found: 0,
        }
    }

    /// How many the row has.
    pub(super) fn found(&self) -> usize {
        self.found
    }

    /// The first of them.
    pub(super) fn iter(&self) -> std::slice::Iter<'_, Cell> {
        self.kept.iter()
    }

    fn clear(&mut self) {
        self.kept.clear();
        self.found = 0;
    }

    fn push(&mut self, cell: Cell) {
        self.found += 1;
        if self.kept.len() < self.kept_max {
            self.kept.push(cell);
        }
    }
}

/// What stands at the beginning of some bytes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Row {
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
    cells: Cells,
    /// Line ends before the window.
    lines: u64,
    /// The header's line, where rows above it are left out.
    header_row: Option<u64>,
    bytes_max: usize,
    done: bool,
}

impl Rows {
    /// Reads the header. `delimiter` is told from the text where it is not given.
    pub(super) fn new(
        mut window: Window,
        delimiter: Option<u8>,
        header: Header,
        number_duplicates: bool,
        bytes_max: usize,
    ) -> Result<Self, Reject> {
        window.hold(SNIFF_BYTES);
        let mut lines = 0;
        let mut named = delimiter;
        if let Some((delimiter, bytes)) = separator_line(window.bytes()) {
            named = Some(delimiter);
            window.advance(bytes);
            lines = 1;
        }
        let mut rows = Self {
            shape: shape_of(window.bytes(), named),
            window,
            names: Vec::new(),
            cells: Cells::new(COLUMNS_MAX),
            lines,
            header_row: None,
            bytes_max: bytes_max.max(HEADER_BYTES_MAX),
            done: false,
        };
        if let Some(row) = header.below_titles() {
            rows.skip_above(row)?;
            rows.window.hold(SNIFF_BYTES);
        }
        let (held, ended) = (rows.window.bytes(), rows.window.is_ended());
        let (shape, titles) = shape_and_titles(held, named, ended, header == Header::Told);
        rows.shape = shape;
        rows.skip_bytes(titles);
        match (rows.row(), header.below_titles()) {
            (None, Some(row)) => return Err(none_there(row, rows.lines)),
            (None, None) => rows.done = true,
            (Some(Err(reject)), _) => return Err(no_header(&reject)),
            (Some(Ok((line, bytes))), row) => {
                let found = rows.cells.found();
                if found > COLUMNS_MAX {
                    let what = format!("it has {found} columns, at most {COLUMNS_MAX} are read");
                    return Err(no_header(&Reject::new(line, "header", what)));
                }
                let header = rows.texts(bytes).map_err(|reject| no_header(&reject))?;
                rows.names = names(line, header, number_duplicates)?;
                rows.cells = Cells::new(rows.names.len());
                rows.window.advance(bytes);
                rows.header_row = (titles > 0 || row.is_some()).then_some(line);
            }
        }
        rows.bytes_max = bytes_max;
        Ok(rows)
    }

    /// Leaves out the lines above one: titles, in which quotes mean nothing.
    fn skip_above(&mut self, row: u64) -> Result<(), Reject> {
        while self.lines + 1 < row {
            let before = self.lines;
            let tell = |cause| broken(before + 1, &cause);
            let is_there = !self.window.bytes().is_empty() || self.window.more().map_err(tell)?;
            self.skip_to_line_end().map_err(tell)?;
            if self.lines == before {
                // The last line has no end, or there is none.
                return Err(none_there(row, before + u64::from(is_there)));
            }
        }
        Ok(())
    }

    /// The header's line, where rows above it are left out.
    pub(super) fn header_row(&self) -> Option<u64> {
        self.header_row
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
                    self.skip_bytes(end);
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

    fn skip_bytes(&mut self, bytes: usize) {
        let gone = self.window.bytes().get(..bytes).unwrap_or_default();
        self.lines += line_ends(gone, self.shape);
        self.window.advance(bytes);
    }

    /// Goes to the line behind the one a bad row begins in: what follows may be
    /// good rows.
    fn skip_line(&mut self) {
        let bytes = self.window.bytes();
        let end = memchr::memchr(self.line_end(), bytes).map_or(bytes.len(), |end| end + 1);
        self.skip_bytes(end);
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
        if self.cells.found() != self.names.len() {
            let (found, expected) = (self.cells.found(), self.names.len());
            return Err(Reject::new(
                line,
                "ragged",
                format!("{found} cells, the header has {expected} columns"),
            ));
        }
        let mut fields = Map::with_capacity(self.names.len());
        for (name, cell) in self.names.iter().zip(self.cells.iter()) {
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

pub(super) fn cell_text(row: &str, cell: Cell) -> String {
    // Cells begin and end at delimiters, quotes or line ends, all ASCII.
    let text = row.get(cell.start..cell.end).unwrap_or_default();
    if cell.doubled {
        text.replace("\"\"", "\"")
    } else {
        text.to_owned()
    }
}

pub(super) fn is_blank(row: &[u8]) -> bool {
    row.iter().all(|byte| matches!(byte, b'\r' | b'\n' | b' '))
}

fn line_ends(bytes: &[u8], shape: Shape) -> u64 {
    let end = if shape.returns { b'\r' } else { b'\n' };
    memchr::memchr_iter(end, bytes).count() as u64
}

/// Cuts the first row of some bytes into cells.
pub(super) fn scan(bytes: &[u8], shape: Shape, ended: bool, cells: &mut Cells) -> Row {
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
