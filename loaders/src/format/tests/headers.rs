//! Tables whose header has rows of titles above it.

use std::num::NonZeroU64;

use parquet::basic::Compression;
use serde_json::{Value, json};

use super::super::{Format, Header, Options};
use super::tables::{parquet, text, workbook};
use super::{came, read_with, reader};

fn row(row: u64) -> Header {
    Header::Row(NonZeroU64::new(row).unwrap())
}

fn with(header: Header) -> Options {
    Options {
        header,
        ..Options::default()
    }
}

/// Why a source cannot be read.
#[track_caller]
fn refused(bytes: &[u8], options: &Options) -> String {
    let reject = reader(bytes, usize::MAX, options).err().unwrap();
    assert_eq!((reject.line, reject.code), (0, "header"));
    assert!(reject.ends_source());
    reject.reason
}

/// A sheet of rows, each its number and its cells.
fn sheet(rows: &[(u32, &[&str])]) -> Vec<u8> {
    let rows = rows.iter().map(|(number, cells)| {
        let cells = cells.iter().zip('A'..).filter(|(cell, _)| !cell.is_empty());
        let cells: String = cells
            .map(|(cell, column)| text(&format!("{column}{number}"), cell))
            .collect();
        format!("<row r=\"{number}\">{cells}</row>")
    });
    workbook(&[("Jobs", &rows.collect::<String>())])
}

const TITLED: &str = "Open positions\nas of: \"today\", by us\n\nid,title,city,pay\n1,Cook,Ulm,9\n2,too few\n3,Baker,Bonn,\n";

#[test]
fn rows_above_the_header_are_left_out_and_lines_stay_those_of_the_file() {
    let expected = vec![
        Ok((
            5,
            json!({"id": "1", "title": "Cook", "city": "Ulm", "pay": "9"}),
        )),
        Err((6, "ragged")),
        Ok((
            7,
            json!({"id": "3", "title": "Baker", "city": "Bonn", "pay": ""}),
        )),
    ];
    for header in [row(4), row(3), Header::Told] {
        for line_end in ["\n", "\r\n", "\r"] {
            let table = TITLED.replace('\n', line_end);
            assert_eq!(
                read_with(table.as_bytes(), &with(header)),
                expected,
                "{header:?}"
            );
            let read = reader(table.as_bytes(), 7, &with(header)).unwrap();
            assert_eq!(read.header_row(), Some(4));
            assert_eq!(read.about(), "csv, header in row 4, UTF-8");
        }
    }
    // Without a word the first row is the header, as ever.
    let read = reader(TITLED.as_bytes(), usize::MAX, &Options::default()).unwrap();
    assert_eq!((read.columns().len(), read.header_row()), (1, None));
}

#[test]
fn titles_may_have_any_delimiters_quotes_and_length() {
    let long = "x".repeat(3 << 20);
    for titles in [
        "\"Jobs\" of May\n",
        "\"Jobs\nJobs, jobs; jobs\n\n",
        "a;b\tc|d,e\n\u{feff}\n",
        long.as_str(),
    ] {
        let titles = format!("{}\n", titles.trim_end_matches('\n'));
        let lines = titles.matches('\n').count() as u64;
        let table = format!("{titles}id;title\n1;\"Cook; night\"\n");
        let found = came(reader(table.as_bytes(), 5_000, &with(row(lines + 1))));
        let expected = json!({"id": "1", "title": "Cook; night"});
        assert_eq!(found, [Ok((lines + 2, expected))]);
    }
    // What Excel writes before all.
    let table = "sep=;\nJobs\nid;title\n1;Cook, night\n";
    let expected = vec![Ok((4, json!({"id": "1", "title": "Cook, night"})))];
    assert_eq!(read_with(table.as_bytes(), &with(row(3))), expected);
}

#[test]
fn titles_of_a_workbook_are_left_out() {
    let book = sheet(&[
        (1, &["Open positions"]),
        (3, &["", "as of May"]),
        (5, &["id", "title", "city", "pay"]),
        (6, &["1", "Cook", "Ulm"]),
        (8, &["2", "Baker", "", "9"]),
    ]);
    let record = |values: [Value; 4]| {
        let [id, title, city, pay] = values;
        json!({"id": id, "title": title, "city": city, "pay": pay})
    };
    let expected = [
        Ok((
            6,
            record([json!("1"), json!("Cook"), json!("Ulm"), json!(null)]),
        )),
        Ok((
            8,
            record([json!("2"), json!("Baker"), json!(null), json!("9")]),
        )),
    ];
    for header in [row(5), row(4), Header::Told] {
        let found = came(reader(&book, usize::MAX, &with(header)));
        assert_eq!(found, expected, "{header:?}");
        let read = reader(&book, usize::MAX, &with(header)).unwrap();
        assert_eq!(read.header_row(), Some(5));
    }
    let plain = came(reader(&book, usize::MAX, &Options::default()));
    assert_eq!(came(reader(&book, usize::MAX, &with(row(1)))), plain);
    assert_eq!(plain[1], Err((5, "ragged")));
}

#[test]
fn a_header_where_none_can_be_says_what_to_do() {
    for (table, at, rows) in [
        ("id,title\n1,Cook\n", 3, "ends with row 2;"),
        ("id,title\n1,Cook", 3, "ends with row 2;"),
        ("id,title\n1,Cook\n\n\n", 4, "ends with row 4;"),
        ("id,title\n1,Cook", 1_000_000_000_000, "ends with row 2;"),
        ("", 2, "ends with row 0;"),
    ] {
        let csv = Options {
            format: Some(Format::Csv),
            ..with(row(at))
        };
        let why = refused(table.as_bytes(), &csv);
        assert!(
            why.contains(rows) && why.contains("--header-row"),
            "{table:?}: {why}"
        );
    }
    let book = sheet(&[(2, &["id", "title"]), (3, &["1", "Cook"])]);
    assert!(refused(&book, &with(row(4))).contains("ends with row 3;"));
    assert!(refused(&sheet(&[]), &with(row(2))).contains("ends with row 0;"));
    for (bytes, format) in [
        (b"{\"id\": 1}\n{\"id\": 2}\n".to_vec(), "ndjson"),
        (b"[{\"id\": 1}]".to_vec(), "json"),
        (parquet(Compression::UNCOMPRESSED), "parquet"),
    ] {
        for at in [1, 2] {
            let why = refused(&bytes, &with(row(at)));
            assert!(why.starts_with(format) && why.contains("leave"), "{why}");
        }
        assert!(reader(&bytes, usize::MAX, &with(Header::Told)).is_ok());
    }
}

/// Numbers that look random and are the same each time (xorshift).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }

    /// A text that may be a table.
    fn table(&mut self) -> String {
        const PARTS: [&str; 16] = [
            "a", "b c", "7", ",", ",", ";", "\t", "|", "\"", "\"\"", "\n", "\n", "\r\n", "\r", " ",
            "ü",
        ];
        let parts = self.below(40);
        (0..parts).map(|_| PARTS[self.below(PARTS.len())]).collect()
    }
}

#[test]
fn header_row_1_is_the_same_as_none_and_lines_above_only_move_the_rest() {
    let mut numbers = Numbers(0x0007_ab1e);
    let csv = |header| Options {
        format: Some(Format::Csv),
        ..with(header)
    };
    let mut tables = 0;
    for case in 0..4_000 {
        let table = numbers.table();
        let piece = 1 + numbers.below(30);
        let plain = came(reader(table.as_bytes(), piece, &csv(Header::First)));
        let first = came(reader(table.as_bytes(), piece, &csv(row(1))));
        assert_eq!(first, plain, "case {case}: {table:?}");
        // Line ends are told from all of the text, so all are of one kind.
        let table = table.replace(['\r', '\n'], "\n");
        if table.trim_matches([' ', '\n']).is_empty() {
            continue;
        }
        tables += 1;
        let plain = came(reader(table.as_bytes(), piece, &csv(Header::First)));
        let above = 1 + numbers.below(5);
        let titled = format!("{}{table}", "\"Title; of, all\n".repeat(above));
        let titled = came(reader(
            titled.as_bytes(),
            piece,
            &csv(row(above as u64 + 1)),
        ));
        let moved: Vec<_> = plain
            .into_iter()
            .map(|one| match one {
                Ok((line, fields)) => Ok((line + above as u64, fields)),
                Err((line, code)) => Err((line + above as u64, code)),
            })
            .collect();
        assert_eq!(titled, moved, "case {case}: {table:?}");
    }
    assert!(tables > 3_000, "{tables}");
}

#[test]
fn a_table_without_titles_is_told_to_have_none() {
    let mut numbers = Numbers(0x7011);
    for case in 0..500 {
        let columns = 1 + numbers.below(8);
        let delimiter = [",", ";", "\t", "|"][numbers.below(4)];
        let header: Vec<String> = (0..columns).map(|column| format!("c{column}")).collect();
        let mut table = header.join(delimiter);
        for _ in 0..numbers.below(30) {
            let cells: Vec<&str> = (0..columns)
                .map(|_| ["", "x", "7", "Ulm / Bonn"][numbers.below(4)])
                .collect();
            table.push('\n');
            table.push_str(&cells.join(delimiter));
        }
        let plain = came(reader(
            table.as_bytes(),
            usize::MAX,
            &Options {
                format: Some(Format::Csv),
                ..Options::default()
            },
        ));
        let options = Options {
            format: Some(Format::Csv),
            ..with(Header::Told)
        };
        let told = reader(table.as_bytes(), usize::MAX, &options).unwrap();
        assert_eq!(told.header_row(), None, "case {case}: {table:?}");
        assert_eq!(came(Ok(told)), plain, "case {case}: {table:?}");
    }
}
