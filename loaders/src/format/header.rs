//! Which row of a table is its header. Owns how it is said and how rows of
//! titles above it are told; knows nothing of how rows are cut into cells.

use std::num::NonZeroU64;

use crate::mapping::propose::is_name;
use crate::record::Reject;

/// Rows titles are told from.
pub(super) const LOOKED_AT: usize = 50;
/// Rows of which one may be the header for what it says.
const NAMED_WITHIN: usize = 20;
/// Columns a table has at least whose titles are told: of two, one filled cell
/// may as well be a header with a column that has no name.
const COLUMNS_MIN: usize = 3;

/// Where a table's header is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Header {
    /// The first row that is not blank.
    #[default]
    First,
    /// This row, counted from 1 with all above it: a line of text, a row of a
    /// sheet. Where it is blank, the first below it that is not.
    Row(NonZeroU64),
    /// The first row that is not obviously a title.
    Told,
}

impl Header {
    /// The row, if one is said.
    pub fn of(row: Option<NonZeroU64>) -> Self {
        row.map_or(Self::First, Self::Row)
    }

    /// The row rows above which are left out, where there are such.
    pub(super) fn below_titles(self) -> Option<u64> {
        match self {
            Self::Row(row) => Some(row.get()).filter(|row| *row > 1),
            Self::First | Self::Told => None,
        }
    }
}

/// What tells a title from a header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Look {
    /// Cells that are not blank.
    filled: usize,
    /// Those that are what columns are called.
    named: usize,
    /// One of them is a number.
    has_number: bool,
}

impl Look {
    pub(super) fn of<'a>(cells: impl Iterator<Item = &'a str>) -> Self {
        let mut look = Self::default();
        for cell in cells.map(str::trim).filter(|cell| !cell.is_empty()) {
            look.filled += 1;
            look.named += usize::from(is_name(cell));
            look.has_number |= cell.parse::<f64>().is_ok();
        }
        look
    }

    /// A row that is text and no cells.
    pub(super) fn prose() -> Self {
        Self {
            filled: 1,
            named: 0,
            has_number: false,
        }
    }
}

/// How many of the first rows are titles: those above the first that says what
/// columns are called, or those with at most half the filled
/// cells of the row below them, when that row may be a header. None where it is
/// not obvious.
pub(super) fn titles(rows: &[Look]) -> usize {
    let mut filled: Vec<usize> = rows.iter().map(|row| row.filled).collect();
    filled.sort_unstable();
    // Not the fullest row: that may be one whose text has delimiters of its own.
    let Some(usual) = filled.get(filled.len() * 3 / 4).copied() else {
        return 0;
    };
    if let Some(place) = named(rows, usual) {
        return place;
    }
    let found = rows.iter().position(|row| row.filled * 2 > usual);
    let Some((place, header)) = found.and_then(|place| Some((place, rows.get(place)?))) else {
        return 0;
    };
    let above = rows.get(..place).unwrap_or_default();
    let obvious = header.filled >= COLUMNS_MIN
        && !header.has_number
        && above.iter().all(|row| row.filled * 2 <= header.filled);
    if obvious { place } else { 0 }
}

/// The first row most of whose cells are what columns are called.
fn named(rows: &[Look], usual: usize) -> Option<usize> {
    let mut most = 1;
    for (place, row) in rows.iter().enumerate().take(NAMED_WITHIN) {
        if row.named > most && row.named * 2 > row.filled && row.filled * 2 > usual {
            return Some(place);
        }
        most = most.max(row.named);
    }
    None
}

/// A header is said to be where nothing is.
pub(super) fn none_there(row: u64, rows: u64) -> Reject {
    let what = format!(
        "the header is said to be in row {row} (header_row, --header-row), and the table ends with row {rows}; rows count from 1, blank ones too"
    );
    Reject::new(0, "header", what)
}

/// A header is said of a format that has none.
pub(super) fn none_in(format: &str) -> Reject {
    let what = format!(
        "{format} has no header row; leave header_row (--header-row) out, it is for CSV, TSV and XLSX"
    );
    Reject::new(0, "header", what)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looks(rows: &str) -> Vec<Look> {
        rows.split('/')
            .map(|row| Look::of(row.split(',')))
            .collect()
    }

    #[test]
    fn titles_are_told_only_where_they_are_obvious() {
        for (rows, expected) in [
            ("", 0),
            ("a,b,c", 0),
            ("a,b,c/1,2,3/4,5,6", 0),
            ("Jobs/a,b,c/1,2,3/4,5,6", 1),
            ("Jobs,,/a,b,c/1,2,3", 1),
            ("Jobs/as of,May/a,b,c,d/1,2,3,4", 2),
            // Groups of columns.
            (",Job,,Pay,/id,title,city,min,max/1,x,y,2,3", 1),
            // A header with nothing below it.
            ("Jobs/a,b,c", 1),
            // Rows with few cells below a full header.
            ("a,b,c,d,e,f/1,,,,,/2,,,,,/3,x,,,,", 0),
            // One row with text that was not quoted.
            ("a,b,c/1,x,y/2,x,y,z,z,z,z,z,z,z/3,x,y/4,x,y", 0),
            // A column without a name, and no more columns than one.
            (",name/0,x/1,y", 0),
            ("name/Cook, night/Baker, day", 0),
            // What would be the header is data.
            ("Jobs/1,x,y/2,x,y/3,x,y", 0),
            // Titles as wide as half the table, above names of columns.
            (
                "Report,,/Generated,2026-11-20,/id,title,company/1,Nurse,A",
                2,
            ),
            (
                "Company:,ACME,/Date:,20.11.2026,/id,title,company/1,Nurse,A",
                2,
            ),
            ("Report,May/id,title/1,Nurse", 1),
            // Names of columns as values, below a header.
            ("id,title,company/1,Code,Client/2,Job,Agency", 0),
            ("nr,what,who,where/Code,Client,,/2,Nurse,A,B", 0),
            // Nothing but titles.
            ("Jobs/as of May/by us", 0),
        ] {
            assert_eq!(titles(&looks(rows)), expected, "{rows}");
        }
    }
}
