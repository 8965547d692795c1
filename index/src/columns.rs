//! Columns: one fact of every row of a segment. Owns their layout and merging;
//! filters, facets, sorts and the score read them.

use crate::checkpoint::forms::{
    ArchivedColumnForm, ArchivedKeywordsForm, ColumnForm, Contradiction, KeywordsForm, NumbersForm,
    copied, cut, divides,
};
use crate::document::Cell;
use crate::kinds::{ColumnDef, Kind};

/// Exact strings: each row has a list of numbers into a sorted dictionary.
#[derive(Debug, Default)]
pub struct Keywords {
    values: Vec<Box<str>>,
    starts: Vec<u32>,
    ordinals: Vec<u32>,
}

/// One column of a segment.
#[derive(Debug)]
pub enum Column {
    /// Exact strings.
    Keywords(Keywords),
    /// Numbers; NaN is unknown.
    Numbers(Vec<f64>),
}

impl Keywords {
    /// A row's values as numbers into the dictionary, rising.
    pub fn of(&self, row: u32) -> &[u32] {
        let row = row as usize;
        &self.ordinals[self.starts[row] as usize..self.starts[row + 1] as usize]
    }

    /// The value of a number.
    pub fn value(&self, ordinal: u32) -> &str {
        &self.values[ordinal as usize]
    }

    /// The number of a value, if any row has it.
    pub fn ordinal(&self, value: &str) -> Option<u32> {
        self.values
            .binary_search_by(|held| (**held).cmp(value))
            .ok()
            .map(|at| at as u32)
    }

    /// How many different values there are.
    pub fn distinct(&self) -> usize {
        self.values.len()
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        let values = self.values.iter().map(|value| value.len() + 16);
        (self.starts.len() + self.ordinals.len()) * 4 + values.sum::<usize>()
    }

    pub(crate) fn build(rows: &[&[String]]) -> Self {
        let mut values: Vec<&str> = rows
            .iter()
            .flat_map(|r| r.iter().map(String::as_str))
            .collect();
        values.sort_unstable();
        values.dedup();
        let mut column = Self {
            starts: vec![0],
            ..Self::default()
        };
        for row in rows {
            let first = column.ordinals.len();
            for value in *row {
                if let Ok(at) = values.binary_search(&value.as_str()) {
                    column.ordinals.push(at as u32);
                }
            }
            column.close_row(first);
        }
        column.values = values.into_iter().map(Into::into).collect();
        column
    }

    pub(crate) fn form(&self) -> KeywordsForm<'_> {
        let mut arena = String::new();
        let ends = self.values.iter().map(|value| {
            arena.push_str(value);
            arena.len() as u64
        });
        KeywordsForm {
            ends: ends.collect(),
            arena,
            starts: &self.starts,
            ordinals: &self.ordinals,
        }
    }

    pub(crate) fn from_form(
        form: &ArchivedKeywordsForm<'_>,
        rows: usize,
    ) -> Result<Self, Contradiction> {
        let values = cut(&form.arena, &copied(&form.ends)).ok_or("a column's strings are cut")?;
        let column = Self {
            values: values.into_iter().map(Into::into).collect(),
            starts: copied(&form.starts),
            ordinals: copied(&form.ordinals),
        };
        let highest = column.ordinals.iter().copied().max();
        if divides(&column.starts, rows, column.ordinals.len())
            && highest.is_none_or(|ordinal| (ordinal as usize) < column.values.len())
        {
            Ok(column)
        } else {
            Err("a column does not fit its rows")
        }
    }

    fn close_row(&mut self, first: usize) {
        self.ordinals[first..].sort_unstable();
        let mut kept = first;
        for at in first..self.ordinals.len() {
            if kept == first || self.ordinals[kept - 1] != self.ordinals[at] {
                self.ordinals[kept] = self.ordinals[at];
                kept += 1;
            }
        }
        self.ordinals.truncate(kept);
        self.starts.push(self.ordinals.len() as u32);
    }

    pub(crate) fn merge(sources: &[(&Self, &[u32])]) -> Self {
        let mut used: Vec<Vec<bool>> = sources
            .iter()
            .map(|(s, _)| vec![false; s.values.len()])
            .collect();
        for ((source, rows), used) in sources.iter().zip(&mut used) {
            for row in *rows {
                for ordinal in source.of(*row) {
                    used[*ordinal as usize] = true;
                }
            }
        }
        let mut values: Vec<&str> = Vec::new();
        for ((source, _), used) in sources.iter().zip(&used) {
            let kept = source.values.iter().zip(used).filter(|(_, used)| **used);
            values.extend(kept.map(|(value, _)| &**value));
        }
        values.sort_unstable();
        values.dedup();
        let mut column = Self {
            starts: vec![0],
            ..Self::default()
        };
        for (source, rows) in sources {
            let renumbered: Vec<u32> = source
                .values
                .iter()
                .map(|value| {
                    values
                        .binary_search(&&**value)
                        .map_or(u32::MAX, |at| at as u32)
                })
                .collect();
            for row in *rows {
                let first = column.ordinals.len();
                let numbers = source.of(*row).iter().map(|o| renumbered[*o as usize]);
                column.ordinals.extend(numbers);
                column.close_row(first);
            }
        }
        column.values = values.into_iter().map(Into::into).collect();
        column
    }
}

impl Column {
    /// The strings, where this is a column of strings.
    pub fn keywords(&self) -> Option<&Keywords> {
        match self {
            Self::Keywords(column) => Some(column),
            Self::Numbers(_) => None,
        }
    }

    pub(crate) fn form(&self) -> ColumnForm<'_> {
        match self {
            Self::Keywords(column) => ColumnForm::Keywords(column.form()),
            Self::Numbers(values) => ColumnForm::Numbers(NumbersForm { values }),
        }
    }

    pub(crate) fn from_form(
        form: &ArchivedColumnForm<'_>,
        rows: usize,
    ) -> Result<Self, Contradiction> {
        match form {
            ArchivedColumnForm::Keywords(form) => {
                Ok(Self::Keywords(Keywords::from_form(form, rows)?))
            }
            ArchivedColumnForm::Numbers(form) if form.values.len() == rows => {
                Ok(Self::Numbers(copied(&form.values)))
            }
            ArchivedColumnForm::Numbers(_) => Err("a column does not fit its rows"),
        }
    }

    /// A row's number; `None` is unknown (or not a column of numbers).
    pub fn number(&self, row: u32) -> Option<f64> {
        match self {
            Self::Keywords(_) => None,
            Self::Numbers(values) => values.get(row as usize).copied().filter(|v| !v.is_nan()),
        }
    }

    /// The numbers of all rows, where this is a column of numbers; NaN is unknown.
    pub fn numbers(&self) -> &[f64] {
        match self {
            Self::Keywords(_) => &[],
            Self::Numbers(values) => values,
        }
    }

    /// A row's first string.
    pub fn word(&self, row: u32) -> Option<&str> {
        let column = self.keywords()?;
        column.of(row).first().map(|ordinal| column.value(*ordinal))
    }

    /// Whether a row has a value.
    pub fn known(&self, row: u32) -> bool {
        match self {
            Self::Keywords(column) => !column.of(row).is_empty(),
            Self::Numbers(_) => self.number(row).is_some(),
        }
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Numbers(values) => values.len() * 8,
            Self::Keywords(column) => column.bytes(),
        }
    }
}

/// The columns of `kind` for rows with these cells.
pub fn build(kind: &Kind, rows: &[&[Cell]]) -> Vec<Column> {
    let column = |(at, def): (usize, &ColumnDef)| {
        if def.numeric {
            let number = |cells: &&[Cell]| match &cells[at] {
                Cell::Number(number) => *number,
                Cell::Unknown | Cell::Words(_) => f64::NAN,
            };
            Column::Numbers(rows.iter().map(number).collect())
        } else {
            let words = |cells: &&'_ [Cell]| -> Vec<String> {
                match &cells[at] {
                    Cell::Words(words) => words.clone(),
                    Cell::Unknown | Cell::Number(_) => Vec::new(),
                }
            };
            let words: Vec<Vec<String>> = rows.iter().map(words).collect();
            let slices: Vec<&[String]> = words.iter().map(Vec::as_slice).collect();
            Column::Keywords(Keywords::build(&slices))
        }
    };
    kind.columns().iter().enumerate().map(column).collect()
}

/// The columns of the kept rows of several segments, one behind the other.
pub fn merge(sources: &[(&[Column], &[u32])]) -> Vec<Column> {
    let columns = sources.first().map_or(0, |(columns, _)| columns.len());
    let mut merged = Vec::with_capacity(columns);
    for at in 0..columns {
        let mut strings = Vec::new();
        let mut numbers = Vec::new();
        for (columns, rows) in sources {
            match &columns[at] {
                Column::Keywords(column) => strings.push((column, *rows)),
                Column::Numbers(values) => {
                    numbers.extend(rows.iter().map(|row| values[*row as usize]));
                }
            }
        }
        merged.push(if strings.is_empty() {
            Column::Numbers(numbers)
        } else {
            Column::Keywords(Keywords::merge(&strings))
        });
    }
    merged
}
