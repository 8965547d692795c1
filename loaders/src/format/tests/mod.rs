//! Formats and bad inputs, one by one.

mod headers;
mod packed;
mod tables;

use std::io::{self, Cursor, Read};
use std::path::PathBuf;

use serde_json::{Value, json};

use super::{Format, Input, Limits, Options, Reader, files, open};
use crate::record::Reject;

/// What came of a source: records with their numbers, rejects with their codes.
type Came = Vec<Result<(u64, Value), (u64, &'static str)>>;

/// A source that comes in pieces of a few bytes.
struct Slow(Cursor<Vec<u8>>, usize);

impl Read for Slow {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let bytes = room.len().min(self.1);
        self.0.read(&mut room[..bytes])
    }
}

fn reader(bytes: &[u8], piece: usize, options: &Options) -> Result<Reader, Reject> {
    let source = Slow(Cursor::new(bytes.to_vec()), piece);
    open(Input::Stream(Box::new(source)), options)
}

fn came(reader: Result<Reader, Reject>) -> Came {
    match reader {
        Ok(reader) => reader
            .map(|item| match item {
                Ok(record) => Ok((record.number, Value::Object(record.fields))),
                Err(reject) => Err((reject.line, reject.code)),
            })
            .collect(),
        Err(reject) => vec![Err((reject.line, reject.code))],
    }
}

/// What comes of a source, the same however its bytes arrive.
#[track_caller]
fn read_with(bytes: &[u8], options: &Options) -> Came {
    let whole = came(reader(bytes, usize::MAX, options));
    for piece in [1, 3, 1_000] {
        if bytes.len() / piece < 100_000 {
            assert_eq!(
                came(reader(bytes, piece, options)),
                whole,
                "in pieces of {piece}"
            );
        }
    }
    whole
}

#[track_caller]
fn read(bytes: &[u8]) -> Came {
    read_with(bytes, &Options::default())
}

fn format(format: Format) -> Options {
    Options {
        format: Some(format),
        ..Options::default()
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn rows_of_csv_are_records_or_rejects_at_their_line() {
    let cases: [(&str, &str, Came); 16] = [
        (
            "plain",
            "a,b\n1,2\n",
            vec![Ok((2, json!({"a": "1", "b": "2"})))],
        ),
        (
            "no line end at the end",
            "a,b\n1,2",
            vec![Ok((2, json!({"a": "1", "b": "2"})))],
        ),
        (
            "CRLF and blank lines",
            "a,b\r\n\r\n1,2\r\n\r\n3,\r\n",
            vec![
                Ok((3, json!({"a": "1", "b": "2"}))),
                Ok((5, json!({"a": "3", "b": ""}))),
            ],
        ),
        (
            "returns alone",
            "a,b\r1,2\r3,4",
            vec![
                Ok((2, json!({"a": "1", "b": "2"}))),
                Ok((3, json!({"a": "3", "b": "4"}))),
            ],
        ),
        (
            "quotes across lines",
            "a,b\n\"x, \"\"y\"\"\n\nz\",2\n3,4\n",
            vec![
                Ok((2, json!({"a": "x, \"y\"\n\nz", "b": "2"}))),
                Ok((5, json!({"a": "3", "b": "4"}))),
            ],
        ),
        (
            "ragged rows",
            "a,b\n1\n1,2,3\n1,2\n",
            vec![
                Err((2, "ragged")),
                Err((3, "ragged")),
                Ok((4, json!({"a": "1", "b": "2"}))),
            ],
        ),
        (
            "a quote that is never closed",
            "a,b\n\"1,2\n3,4\n",
            vec![Err((2, "quotes")), Ok((3, json!({"a": "3", "b": "4"})))],
        ),
        (
            "a quote that swallows rows",
            "a,b\n\"1,2\n3,4\n5,\"6\"\n",
            vec![
                Err((2, "quotes")),
                Ok((3, json!({"a": "3", "b": "4"}))),
                Ok((4, json!({"a": "5", "b": "6"}))),
            ],
        ),
        (
            "quotes in a cell without quotes",
            "a,b\n5\" pipe,say \"x\"\n",
            vec![Ok((2, json!({"a": "5\" pipe", "b": "say \"x\""})))],
        ),
        (
            "spaces around quotes",
            "a,b\n\"1\", \"2, 3\" \n1, \"x\" y\n",
            vec![
                Ok((2, json!({"a": "1", "b": "2, 3"}))),
                Ok((3, json!({"a": "1", "b": " \"x\" y"}))),
            ],
        ),
        ("header only", "a,b\n", vec![]),
        ("empty", "", vec![]),
        (
            "duplicate headers",
            "a,b,a,b,c\n1,2,3,4,5\n",
            vec![Err((1, "duplicate_header"))],
        ),
        (
            "a column without a name",
            ",a\n0,1\n",
            vec![Ok((2, json!({"column 1": "0", "a": "1"})))],
        ),
        (
            "NUL bytes",
            "a,b\n1,\0\n3,4\n",
            vec![Err((2, "nul")), Ok((3, json!({"a": "3", "b": "4"})))],
        ),
        (
            "NUL bytes in the header",
            "a\0,b\n1,2\n",
            vec![Err((1, "header"))],
        ),
    ];
    for (name, text, expected) in cases {
        assert_eq!(
            read_with(text.as_bytes(), &format(Format::Csv)),
            expected,
            "{name}"
        );
    }
}

#[test]
fn duplicate_headers_are_named_and_numbered_where_asked() {
    let text = b"a,b,a,b,a 2,c\n1,2,3,4,5,6\n";
    let Err(reject) = reader(text, 100, &Options::default()) else {
        panic!("duplicates were taken");
    };
    assert!(reject.reason.contains("a, b"), "{reject}");
    let options = Options {
        number_duplicates: true,
        ..format(Format::Csv)
    };
    let expected = json!({"a": "1", "b": "2", "a 2": "3", "b 2": "4", "a 2 2": "5", "c": "6"});
    assert_eq!(read_with(text, &options), vec![Ok((2, expected))]);
}

#[test]
fn delimiters_are_told_apart() {
    let cases = [
        ("a,b\n1,2\n", "csv, UTF-8"),
        ("a;b\n\"1,5\";2,5\n", "csv (;), UTF-8"),
        ("a;b;c\n1,0;2,0;3,0\n4,0;5,0;6,0\n", "csv (;), UTF-8"),
        ("a\tb\nx, y, z\t2\n", "tsv, UTF-8"),
        ("a|b|c\n1|2|3\n", "csv (|), UTF-8"),
        ("sep=;\na;b,c\n1;2\n", "csv (;), UTF-8"),
        ("title\nCook\n", "csv, UTF-8"),
    ];
    for (text, about) in cases {
        let mut reader = reader(text.as_bytes(), 7, &Options::default()).unwrap();
        assert!(reader.by_ref().all(|item| item.is_ok()), "{text:?}");
        assert_eq!(reader.about(), about, "{text:?}");
    }
}

#[test]
fn three_hundred_columns_keep_their_order() {
    let names: Vec<String> = (0..317).map(|n| format!("c{n}")).collect();
    let row: Vec<String> = (0..317).map(|n| format!("\"v,{n}\"")).collect();
    let text = format!(
        "{}\n{}\n{}\n",
        names.join(","),
        row.join(","),
        row[1..].join(",")
    );
    let came = read(text.as_bytes());
    let (number, record) = came[0].as_ref().unwrap();
    assert_eq!(*number, 2);
    let members = record.as_object().unwrap();
    assert!(members.keys().eq(&names));
    assert_eq!(members["c316"], "v,316");
    assert_eq!(came[1], Err((3, "ragged")));
}

#[test]
fn a_cell_of_5_mb_is_read_and_one_over_the_limit_is_rejected_alone() {
    let cell = "x\n".repeat(5 << 19);
    let text = format!("a,b\n\"{cell}\",2\n3,4\n");
    let came = read(text.as_bytes());
    assert_eq!(
        came[0].as_ref().unwrap().1["a"].as_str().unwrap().len(),
        5 << 20
    );
    assert_eq!(came[1], Ok(((5 << 19) + 3, json!({"a": "3", "b": "4"}))));
    let options = Options {
        limits: Limits {
            record_bytes: 1_000,
            ..Limits::default()
        },
        ..Options::default()
    };
    for line_end in ["", "\n"] {
        let text = format!("a,b\n{},2{line_end}", "x".repeat(1 << 20));
        assert_eq!(
            read_with(text.as_bytes(), &options),
            vec![Err((2, "too_large"))]
        );
    }
    let text = format!("a,b\n{},2\n3,4\n", "x".repeat(1 << 20));
    let expected = vec![Err((2, "too_large")), Ok((3, json!({"a": "3", "b": "4"})))];
    assert_eq!(read_with(text.as_bytes(), &options), expected);
    let text = format!("{{\"a\": \"{}\"}}\n{{\"a\": 1}}\n", "x".repeat(1 << 20));
    let expected = vec![Err((1, "too_large")), Ok((2, json!({"a": 1})))];
    assert_eq!(read_with(text.as_bytes(), &options), expected);
    let text = format!("[\n{{\"a\": \"{}\"}},\n{{\"a\": 1}}]", "x".repeat(1 << 20));
    let expected = vec![Err((2, "too_large")), Ok((3, json!({"a": 1})))];
    assert_eq!(read_with(text.as_bytes(), &options), expected);
}

#[test]
fn what_a_record_holds_is_bounded_whatever_its_bytes_say() {
    // Ragged rows are counted and not kept.
    let text = format!("a,b\n1{}\n3,4\n", ",".repeat(3_000_000));
    let mut rows = reader(text.as_bytes(), usize::MAX, &Options::default()).unwrap();
    let reject = rows.next().unwrap().unwrap_err();
    assert_eq!(reject.reason, "3000001 cells, the header has 2 columns");
    assert_eq!(rows.next().unwrap().unwrap().fields["b"], "4");
    // So are columns.
    let header = (0..20_000)
        .map(|place| format!("c{place}"))
        .collect::<Vec<_>>()
        .join(",");
    let reject = reader(
        format!("{header}\n1\n").as_bytes(),
        usize::MAX,
        &Options::default(),
    );
    let reject = reject.err().unwrap();
    assert_eq!(
        (reject.code, reject.reason.as_str()),
        (
            "header",
            "the header cannot be read: it has 20000 columns, at most 16384 are read"
        )
    );
    // And values; commas in a string are none.
    let many = format!("{{\"a\": [0{}]}}\n", ",0".repeat(200_000));
    let prose = format!("{{\"a\": \"\\\"{}\"}}\n", ",".repeat(300_000));
    let came = read(format!("{many}{prose}").as_bytes());
    assert_eq!(came[0], Err((1, "too_large")));
    assert!(came[1].is_ok());
}

#[test]
fn csv_is_cut_as_the_csv_crate_cuts_it() {
    // Cells of characters that matter, written by the twin, read by both.
    let alphabet = ["", "a", "\"", ",", "\n", "\r\n", "ü", "x y", ";", "  "];
    let mut seed = 7_u64;
    let mut random = |below: usize| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % below
    };
    for round in 0..500 {
        let columns = 1 + random(5);
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer
            .write_record((0..columns).map(|n| format!("c{n}")))
            .unwrap();
        for _ in 0..random(8) {
            let cells = (0..columns).map(|_| {
                (0..random(4))
                    .map(|_| alphabet[random(alphabet.len())])
                    .collect::<String>()
                    + "."
            });
            writer.write_record(cells.collect::<Vec<_>>()).unwrap();
        }
        let text = writer.into_inner().unwrap();
        let twin: Vec<Vec<String>> = csv::Reader::from_reader(text.as_slice())
            .records()
            .map(|row| row.unwrap().iter().map(str::to_owned).collect())
            .collect();
        let ours: Vec<Vec<String>> = read_with(&text, &format(Format::Csv))
            .into_iter()
            .map(|row| {
                let (_, row) = row.unwrap();
                let cells = row.as_object().unwrap().values();
                cells
                    .map(|cell| cell.as_str().unwrap().to_owned())
                    .collect()
            })
            .collect();
        assert_eq!(
            ours,
            twin,
            "round {round}: {:?}",
            String::from_utf8_lossy(&text)
        );
    }
}

#[test]
fn json_comes_a_line_in_an_array_or_in_a_member() {
    let record = |line, n: i32| Ok((line, json!({ "n": n })));
    let cases: [(&str, Option<&str>, Came); 14] = [
        (
            "{\"n\": 1}\n\n{\"n\": 2}",
            None,
            vec![record(1, 1), record(3, 2)],
        ),
        (
            "[{\"n\": 1},\n {\"n\": 2}]\n",
            None,
            vec![record(1, 1), record(2, 2)],
        ),
        (
            "{\n \"n\": 1\n}\n{\n \"n\": 2}",
            None,
            vec![record(1, 1), record(4, 2)],
        ),
        ("[]", None, vec![]),
        (
            "{\"x\": [1, \"]\"], \"data\": {\"jobs\": [{\"n\": 1}, {\"n\": 2}]}, \"y\": 1}",
            Some("data.jobs"),
            vec![record(1, 1), record(1, 2)],
        ),
        ("{\"x\": 1}", Some("jobs"), vec![Err((1, "broken_json"))]),
        (
            "[1, {\"n\": 1}, \"}\", {\"n\": 2, \"n\": 3}, {n}, {\"n\": 4}]",
            None,
            vec![
                Err((1, "not_an_object")),
                record(1, 1),
                Err((1, "not_an_object")),
                Err((1, "invalid_json")),
                Err((1, "invalid_json")),
                record(1, 4),
            ],
        ),
        (
            "[{\"n\": 1}, {\"n\"",
            None,
            vec![record(1, 1), Err((1, "truncated"))],
        ),
        (
            "[{\"n\": 1} {\"n\": 2}]",
            None,
            vec![record(1, 1), Err((1, "broken_json"))],
        ),
        (
            "[{\"n\": 1},]",
            None,
            vec![record(1, 1), Err((1, "broken_json"))],
        ),
        (
            "[{\"n\": 1}",
            None,
            vec![record(1, 1), Err((1, "truncated"))],
        ),
        (
            "{\"n\": 1}\nnonsense\n[]\n{\"n\": 2}",
            None,
            vec![
                record(1, 1),
                Err((2, "invalid_json")),
                Err((3, "not_an_object")),
                record(4, 2),
            ],
        ),
        (
            "{\"n\": 1}\n{\"n\": \"\0\"}\n",
            None,
            vec![record(1, 1), Err((2, "nul"))],
        ),
        ("\u{feff}{\"n\": 1}", None, vec![record(1, 1)]),
    ];
    for (text, path, expected) in cases {
        let options = Options {
            records: path.map(str::to_owned),
            ..Options::default()
        };
        assert_eq!(read_with(text.as_bytes(), &options), expected, "{text}");
    }
}

#[test]
fn folders_are_walked_in_the_order_of_names() {
    let folder = std::env::temp_dir().join(format!("tandem-files-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("b/c")).unwrap();
    for name in [
        "z.csv",
        "b/c/x.ndjson.gz",
        "b/a.JSON",
        "notes.md",
        ".hidden.csv",
        "a.tsv.zst",
    ] {
        std::fs::write(folder.join(name), "").unwrap();
    }
    let found = files(std::slice::from_ref(&folder)).unwrap();
    let names = |paths: &[PathBuf]| -> Vec<String> {
        let relative = paths.iter().map(|path| path.strip_prefix(&folder).unwrap());
        relative
            .map(|path| path.to_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        names(&found.found),
        ["a.tsv.zst", "b/a.JSON", "b/c/x.ndjson.gz", "z.csv"]
    );
    assert_eq!(names(&found.skipped), ["notes.md"]);
    let missing = folder.join("missing");
    assert_eq!(
        files(std::slice::from_ref(&missing)).unwrap_err().0,
        missing
    );
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn objects_one_after_another_need_no_line_ends() {
    let whole = "{\"a\":1}{\"a\":2} {\"a\":3}";
    let objects = |count: u64| {
        (1..=count)
            .map(|n| Ok((1, json!({"a": n}))))
            .collect::<Vec<_>>()
    };
    assert_eq!(read(whole.as_bytes()), objects(3));
    assert_eq!(read(format!("{whole}\n").as_bytes()), objects(3));
    let reader = reader(whole.as_bytes(), 100, &Options::default()).unwrap();
    assert_eq!(reader.format(), Format::Json);
    // One object is a line, and what follows one that is none of JSON is its fault.
    assert_eq!(read(b"{\"a\":1}"), objects(1));
    assert_eq!(read(b"{\"a\":1} x"), vec![Err((1, "invalid_json"))]);
}
