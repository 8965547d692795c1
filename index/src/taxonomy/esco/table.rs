//! Comma-separated tables (RFC 4180) by column, with the line of what is wrong.

use super::{EscoError, EscoFile, FILE_BYTES_MAX};

/// The fields of some columns, row by row.
pub(super) fn rows<const N: usize>(
    file: &EscoFile,
    columns: [&str; N],
) -> Result<Vec<[String; N]>, EscoError> {
    let wrong = |line: usize, reason: String| EscoError {
        file: file.name.clone(),
        line,
        reason,
    };
    if file.text.len() > FILE_BYTES_MAX {
        return Err(wrong(
            0,
            format!("larger than {FILE_BYTES_MAX} bytes, as none of ESCO's files is"),
        ));
    }
    let mut records = Records {
        rest: file.text.trim_start_matches('\u{feff}'),
        line: 1,
    };
    let unclosed = || "a quote that begins here is never closed".to_owned();
    let head = records.next().unwrap_or(Ok((1, Vec::new())));
    let (_, head) = head.map_err(|line| wrong(line, unclosed()))?;
    let mut places = [0; N];
    for (place, column) in places.iter_mut().zip(columns) {
        *place = head
            .iter()
            .position(|name| name == column)
            .ok_or_else(|| wrong(1, format!("there is no column `{column}`")))?;
    }
    let mut rows = Vec::new();
    for record in records {
        let (line, mut record) = record.map_err(|line| wrong(line, unclosed()))?;
        // A line without anything is no row.
        if record.iter().all(String::is_empty) {
            continue;
        }
        let fields = record.len();
        let mut row = [const { String::new() }; N];
        for (field, place) in row.iter_mut().zip(places) {
            let Some(held) = record.get_mut(place) else {
                let expected = head.len();
                let reason = format!("{fields} fields, where the first line has {expected}");
                return Err(wrong(line, reason));
            };
            *field = std::mem::take(held);
        }
        rows.push(row);
    }
    Ok(rows)
}

/// The day of the last change in a file that says when its concepts changed.
pub(super) fn newest(file: &EscoFile) -> Option<String> {
    let rows = rows(file, ["modifiedDate"]).ok()?.into_iter();
    let days = rows.filter_map(|[date]| date.get(..10).map(str::to_owned));
    let is_day = |day: &String| {
        day.bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'-')
    };
    days.filter(is_day).max()
}

/// Records of comma-separated text: fields in quotes may hold commas, line ends
/// and doubled quotes. Each with the line it begins in; the line of a quote that
/// is never closed in place of the last.
struct Records<'t> {
    rest: &'t str,
    line: usize,
}

impl Iterator for Records<'_> {
    type Item = Result<(usize, Vec<String>), usize>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let begins = self.line;
        let (mut record, mut field, mut quoted) = (Vec::new(), String::new(), false);
        let mut opened = self.line;
        let mut letters = self.rest.char_indices().peekable();
        while let Some((at, letter)) = letters.next() {
            self.line += usize::from(letter == '\n');
            match letter {
                '"' if quoted && letters.peek().is_some_and(|(_, next)| *next == '"') => {
                    letters.next();
                    field.push('"');
                }
                '"' => {
                    quoted = !quoted;
                    opened = self.line;
                }
                ',' if !quoted => record.push(std::mem::take(&mut field)),
                '\r' if !quoted => {}
                '\n' if !quoted => {
                    self.rest = self.rest.get(at + 1..).unwrap_or("");
                    record.push(field);
                    return Some(Ok((begins, record)));
                }
                other => field.push(other),
            }
        }
        self.rest = "";
        if quoted {
            return Some(Err(opened));
        }
        record.push(field);
        Some(Ok((begins, record)))
    }
}
