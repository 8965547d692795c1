//! What a delimited text's first rows tell: its delimiter, its line ends, and
//! titles above its header.

use super::cells::{Cells, Row, Shape, cell_text, is_blank, scan};
use super::header::{LOOKED_AT, Look, titles};

/// Delimiters that are told apart, the likeliest first.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// Bytes the delimiter is told from.
pub(super) const SNIFF_BYTES: usize = 64 << 10;
/// Rows the delimiter is told from.
const SNIFF_ROWS: usize = 50;

/// A first line `sep=;`, which Excel writes and reads.
pub(super) fn separator_line(bytes: &[u8]) -> Option<(u8, usize)> {
    match bytes.strip_prefix(b"sep=")? {
        [delimiter, b'\n', ..] => Some((*delimiter, 6)),
        [delimiter, b'\r', b'\n', ..] => Some((*delimiter, 7)),
        _ => None,
    }
}

/// The delimiter that is named, and the line ends of some bytes.
pub(super) fn shape_of(held: &[u8], delimiter: Option<u8>) -> Shape {
    let sample = held.get(..held.len().min(SNIFF_BYTES)).unwrap_or_default();
    Shape {
        delimiter: delimiter.unwrap_or(b','),
        returns: memchr::memchr(b'\n', sample).is_none() && memchr::memchr(b'\r', sample).is_some(),
    }
}

/// Tells delimiter and line ends: the delimiter that cuts most of the first
/// rows into as many cells as the header, more than one. With `told`, also how
/// many bytes of titles stand above the header.
pub(super) fn shape_and_titles(
    held: &[u8],
    delimiter: Option<u8>,
    ended: bool,
    told: bool,
) -> (Shape, usize) {
    let ended = ended && held.len() <= SNIFF_BYTES;
    let sample = held.get(..held.len().min(SNIFF_BYTES)).unwrap_or_default();
    let shape = |delimiter| shape_of(sample, Some(delimiter));
    let above = |shape| {
        if told {
            titles_bytes(sample, shape, ended)
        } else {
            0
        }
    };
    if let Some(delimiter) = delimiter {
        let shape = shape(delimiter);
        return (shape, above(shape));
    }
    let mut best = ((0, false, 0), (shape(b','), 0));
    for shape in DELIMITERS.map(shape) {
        let bytes = above(shape);
        let rows = sample.get(bytes..).unwrap_or_default();
        let (same, columns) = fit(rows, shape, ended);
        // Of two that fit, rather the one without titles: a delimiter that each
        // row has in its text, and the header has not, makes a title of it.
        let fits = (same, bytes == 0, columns);
        if same > 0 && fits > best.0 {
            best = (fits, (shape, bytes));
        }
    }
    best.1
}

/// Bytes of the titles above the header.
fn titles_bytes(sample: &[u8], shape: Shape, ended: bool) -> usize {
    let mut cells = Cells::new(usize::MAX);
    let (mut starts, mut looks) = (Vec::new(), Vec::new());
    let mut place = 0;
    while looks.len() < LOOKED_AT {
        let rest = sample.get(place..).unwrap_or_default();
        let (end, look) = match scan(rest, shape, ended, &mut cells) {
            Row::Part | Row::Whole(0) => break,
            Row::Whole(end) => {
                let row = rest.get(..end).unwrap_or_default();
                let text = String::from_utf8_lossy(row);
                let cells = cells.iter().map(|cell| cell_text(&text, *cell));
                let cells: Vec<String> = cells.collect();
                let look = Look::of(cells.iter().map(String::as_str));
                (end, (!is_blank(row)).then_some(look))
            }
            // A title with quotes of its own.
            Row::Odd(_) => {
                let line_end = if shape.returns { b'\r' } else { b'\n' };
                let Some(end) = memchr::memchr(line_end, rest) else {
                    break;
                };
                (end + 1, Some(Look::prose()))
            }
        };
        if let Some(look) = look {
            starts.push(place);
            looks.push(look);
        }
        place += end;
    }
    match titles(&looks) {
        0 => 0,
        header => starts.get(header).copied().unwrap_or_default(),
    }
}

/// How well a delimiter fits: rows in a thousand that have the header's cells,
/// and the number of cells.
fn fit(sample: &[u8], shape: Shape, ended: bool) -> (usize, usize) {
    let mut cells = Cells::new(0);
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
            columns = cells.found();
        }
        rows += 1;
        same += usize::from(cells.found() == columns);
    }
    if columns < 2 {
        return (0, 0);
    }
    (same * 1_000 / rows, columns)
}
