//! Rows of XLSX workbooks. Owns which sheet is read and what a cell is in
//! JSON. A workbook is read as a whole: its rows are held as compact JSON until
//! they are asked for, within the bound on what a workbook may unpack to.

use std::io::{self, Read, Seek};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::vec;

use calamine::{DataRef, ExcelDateTime, Reader as _, SheetVisible, Xlsx, XlsxError};
use serde_json::{Map, Value};
use zip::result::ZipError;

use super::header::{Header, LOOKED_AT, Look, none_there, titles};
use super::text::names;
use crate::record::{Record, Reject};

/// Columns a sheet of the format has at most; cells say their column
/// themselves, and memory must not follow a number alone.
const COLUMNS_MAX: u32 = 16_384;
/// Rows a sheet of the format has at most.
const ROWS_MAX: u32 = 1_048_576;
/// What is wrong with a workbook that is not whole, and what helps.
const CUT_OFF: &str = "the file is cut off or damaged; copy or save it again";
/// What a held cell takes besides its text.
const CELL_BYTES: u64 = 16;

/// The rows of a sheet as records.
pub(super) struct Rows {
    held: vec::IntoIter<Held>,
    names: Vec<String>,
    /// The header's row, where rows above it are left out.
    header_row: Option<u64>,
    sheet: String,
    sheets: usize,
    total: usize,
}

/// A row as it is read: its number from 1, and those of its cells that have a
/// value, each with its column from 0.
type Cells = (u64, Vec<(u32, Value)>);

/// A row as it is held.
struct Held {
    number: u64,
    /// Its cells, as JSON.
    cells: Vec<u8>,
    /// Columns it would need; more than the header has make it ragged.
    width: usize,
}

impl Rows {
    pub(super) fn new<R: Read + Seek + Clone>(
        file: R,
        header: Header,
        number_duplicates: bool,
        unpacked_bytes_max: u64,
    ) -> Result<Self, Reject> {
        check_size(file.clone(), unpacked_bytes_max)?;
        catch_unwind(AssertUnwindSafe(|| {
            Self::read(file, header, number_duplicates, unpacked_bytes_max)
        }))
        .unwrap_or_else(|_panic| Err(damaged("its reader met a defect")))
    }

    fn read<R: Read + Seek>(
        file: R,
        header: Header,
        number_duplicates: bool,
        held_bytes_max: u64,
    ) -> Result<Self, Reject> {
        let mut book = Xlsx::new(file).map_err(|cause| refused(&cause))?;
        let sheets: Vec<String> = book
            .sheets_metadata()
            .iter()
            .filter(|sheet| sheet.visible == SheetVisible::Visible)
            .map(|sheet| sheet.name.clone())
            .collect();
        for sheet in &sheets {
            let mut rows: Vec<Held> = Vec::new();
            let mut looks = Vec::new();
            each_row(&mut book, sheet, held_bytes_max, |(number, cells)| {
                if header == Header::Told && looks.len() < LOOKED_AT {
                    let texts = texts(width(&cells), &cells);
                    looks.push(Look::of(texts.iter().map(String::as_str)));
                }
                rows.push(Held {
                    number,
                    width: width(&cells),
                    cells: serde_json::to_vec(&cells).unwrap_or_default(),
                });
            })?;
            // The first sheet that has anything in it.
            let Some(last) = rows.last().map(|row| row.number) else {
                continue;
            };
            let above = header.below_titles();
            let place = match above {
                Some(row) => rows.partition_point(|held| held.number < row),
                None => titles(&looks),
            };
            let mut held = rows.into_iter().skip(place);
            let Some(first) = held.next() else {
                return Err(none_there(above.unwrap_or_default(), last));
            };
            let cells: Vec<(u32, Value)> = serde_json::from_slice(&first.cells).unwrap_or_default();
            let held: Vec<Held> = held.collect();
            return Ok(Self {
                total: held.len(),
                held: held.into_iter(),
                names: names(first.number, texts(first.width, &cells), number_duplicates)?,
                header_row: (place > 0 || above.is_some()).then_some(first.number),
                sheet: sheet.clone(),
                sheets: sheets.len(),
            });
        }
        if let Some(row) = header.below_titles() {
            return Err(none_there(row, 0));
        }
        Ok(Self {
            held: Vec::new().into_iter(),
            names: Vec::new(),
            header_row: None,
            sheet: String::new(),
            sheets: sheets.len(),
            total: 0,
        })
    }

    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// The header's row, where rows above it are left out.
    pub(super) fn header_row(&self) -> Option<u64> {
        self.header_row
    }

    /// Which sheet is read, where there are several.
    pub(super) fn note(&self) -> Option<String> {
        (self.sheets > 1).then(|| format!("sheet {:?} of {}", self.sheet, self.sheets))
    }

    /// Which share of the rows was read, in 0..=1.
    pub(super) fn share(&self) -> f64 {
        1.0 - self.held.len() as f64 / self.total.max(1) as f64
    }
}

impl Iterator for Rows {
    type Item = Result<Record, Reject>;

    fn next(&mut self) -> Option<Self::Item> {
        let held = self.held.next()?;
        let (number, expected) = (held.number, self.names.len());
        if held.width > expected {
            let found = held.width;
            return Some(Err(Reject::new(
                number,
                "ragged",
                format!("{found} cells, the header has {expected} columns"),
            )));
        }
        // Empty cells are not stored in a workbook.
        let mut cells = vec![Value::Null; expected];
        let found: Vec<(usize, Value)> = serde_json::from_slice(&held.cells).unwrap_or_default();
        for (column, value) in found {
            if let Some(place) = cells.get_mut(column) {
                *place = value;
            }
        }
        let fields = self.names.iter().cloned().zip(cells);
        Some(Ok(Record {
            number,
            fields: fields.collect::<Map<_, _>>(),
        }))
    }
}

/// Calls back with every row that has a cell, as long as all of them together
/// have no more than so many bytes: a text that is stored once may stand in
/// millions of cells.
fn each_row<R: Read + Seek>(
    book: &mut Xlsx<R>,
    sheet: &str,
    bytes_max: u64,
    mut each: impl FnMut(Cells),
) -> Result<(), Reject> {
    let mut cells = book
        .worksheet_cells_reader(sheet)
        .map_err(|cause| refused(&cause))?;
    let mut row: Option<Cells> = None;
    let mut bytes = 0;
    while let Some(cell) = cells.next_cell().map_err(|cause| refused(&cause))? {
        let (number, column) = cell.get_position();
        if number >= ROWS_MAX || column >= COLUMNS_MAX {
            return Err(damaged(&format!(
                "it has a cell in column {} of row {}, and a sheet has {COLUMNS_MAX} columns and {ROWS_MAX} rows",
                u64::from(column) + 1,
                u64::from(number) + 1
            )));
        }
        let value = json(cell.get_value());
        if value.is_null() {
            continue;
        }
        bytes += CELL_BYTES + value.as_str().map_or(0, |text| text.len() as u64);
        if bytes > bytes_max {
            let what = format!("the cells of the workbook have more than {bytes_max} bytes");
            return Err(Reject::new(0, "unpacks_too_large", what));
        }
        let number = u64::from(number) + 1;
        if row.as_ref().is_none_or(|(held, _)| *held != number)
            && let Some(done) = row.replace((number, Vec::new()))
        {
            each(done);
        }
        if let Some((_, values)) = &mut row {
            values.push((column, value));
        }
    }
    if let Some(done) = row {
        each(done);
    }
    Ok(())
}

/// Columns up to a row's last cell.
fn width(cells: &[(u32, Value)]) -> usize {
    let columns = cells.iter().map(|(column, _)| *column as usize + 1);
    columns.max().unwrap_or(0)
}

/// The texts of a header's cells.
fn texts(width: usize, cells: &[(u32, Value)]) -> Vec<String> {
    let mut texts = vec![String::new(); width];
    for (column, value) in cells {
        if let Some(place) = texts.get_mut(*column as usize) {
            *place = text(value);
        }
    }
    texts
}

/// Unpacks every part into nothing: what a workbook says of its parts' sizes
/// need not be true.
fn check_size<R: Read + Seek>(file: R, bytes_max: u64) -> Result<(), Reject> {
    let mut archive = zip::ZipArchive::new(file).map_err(|cause| broken(&cause))?;
    let is_book = archive
        .file_names()
        .any(|name| name.is_ok_and(|name| name.starts_with("xl/")));
    if !is_book {
        let what = "a zip archive that is no XLSX workbook; unpack it first";
        return Err(Reject::new(0, "unknown_format", what));
    }
    let mut left = bytes_max;
    for place in 0..archive.len() {
        let part = archive.by_index(place).map_err(|cause| broken(&cause))?;
        let read = io::copy(&mut part.take(left + 1), &mut io::sink())
            .map_err(|_cause| damaged(CUT_OFF))?;
        if read > left {
            let what = format!("the workbook unpacks to more than {bytes_max} bytes");
            return Err(Reject::new(0, "unpacks_too_large", what));
        }
        left -= read;
    }
    Ok(())
}

fn refused(cause: &XlsxError) -> Reject {
    damaged(&cause.to_string())
}

/// A workbook is a zip archive: what is wrong with that says nothing to who
/// has a workbook.
fn broken(cause: &ZipError) -> Reject {
    if let ZipError::UnsupportedArchive(what) = cause {
        return damaged(&format!("its parts cannot be unpacked ({what})"));
    }
    damaged(CUT_OFF)
}

fn damaged(cause: &str) -> Reject {
    Reject::new(0, "damaged", format!("not readable as XLSX: {cause}"))
}

fn json(value: &DataRef<'_>) -> Value {
    match value {
        // A cell that shows #N/A says nothing.
        DataRef::Empty | DataRef::Error(_) => Value::Null,
        DataRef::Int(number) => Value::from(*number),
        DataRef::Float(number) => whole(*number),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            nonempty(text)
        }
        DataRef::SharedString(text) => nonempty(text),
        DataRef::Bool(flag) => Value::from(*flag),
        DataRef::DateTime(date) => date_time(date),
    }
}

fn nonempty(text: &str) -> Value {
    if text.is_empty() {
        Value::Null
    } else {
        Value::from(text)
    }
}

/// Excel has floats only; 5.0 is meant as 5.
fn whole(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() < 9e15 {
        Value::from(number as i64)
    } else {
        Value::from(number)
    }
}

/// A date, with the time of day where it has one; a duration in days.
fn date_time(date: &ExcelDateTime) -> Value {
    if !date.is_datetime() {
        return whole(date.as_f64());
    }
    let (year, month, day, hour, minute, second, ms) = date.to_ymd_hms_milli();
    let day = format!("{year:04}-{month:02}-{day:02}");
    Value::String(match (hour, minute, second, ms) {
        (0, 0, 0, 0) => day,
        (_, _, _, 0) => format!("{day}T{hour:02}:{minute:02}:{second:02}Z"),
        _ => format!("{day}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z"),
    })
}

/// A header's cell.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            other.to_string()
        }
    }
}
