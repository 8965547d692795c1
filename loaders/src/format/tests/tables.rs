//! Parquet files and workbooks, made by the tests.

use std::fmt::Write as _;
use std::io::{Cursor, Write};
use std::sync::Arc;

use parquet::basic::{Compression, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int32Type, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use serde_json::json;

use super::super::{Format, Input, Options, open};
use super::{came, read, reader};

const SCHEMA: &str = "message jobs {
    required binary title (UTF8);
    optional double pay;
    required int32 posted (DATE);
    required int64 seen (TIMESTAMP(NANOS, true));
    optional group skills (LIST) { repeated group list { required binary element (UTF8); } }
}";

/// Three rows in two row groups.
pub(super) fn parquet(compression: Compression) -> Vec<u8> {
    let schema = Arc::new(parse_message_type(SCHEMA).unwrap());
    let properties = WriterProperties::builder()
        .set_compression(compression)
        .build();
    let mut bytes = Vec::new();
    let mut file = SerializedFileWriter::new(&mut bytes, schema, Arc::new(properties)).unwrap();
    let text = |text: &str| ByteArray::from(text.as_bytes().to_vec());
    for (titles, pays, levels) in [
        (vec!["Köchin", "Cook"], vec![50.5], vec![1, 0]),
        (vec!["Baker"], vec![40.0], vec![1]),
    ] {
        let rows = titles.len();
        let mut group = file.next_row_group().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        let titles: Vec<ByteArray> = titles.into_iter().map(text).collect();
        column
            .typed::<ByteArrayType>()
            .write_batch(&titles, None, None)
            .unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        column
            .typed::<DoubleType>()
            .write_batch(&pays, Some(&levels), None)
            .unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        column
            .typed::<Int32Type>()
            .write_batch(&vec![20_777; rows], None, None)
            .unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        let moments = vec![1_795_166_999_250_000_000; rows];
        column
            .typed::<Int64Type>()
            .write_batch(&moments, None, None)
            .unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        let (values, definitions, repetitions) = if rows == 2 {
            (vec![text("Go"), text("Rust")], vec![2, 2, 0], vec![0, 1, 0])
        } else {
            (vec![], vec![1], vec![0])
        };
        let column_of_skills = column.typed::<ByteArrayType>();
        column_of_skills
            .write_batch(&values, Some(&definitions), Some(&repetitions))
            .unwrap();
        column.close().unwrap();
        group.close().unwrap();
    }
    file.close().unwrap();
    bytes
}

#[test]
fn rows_of_parquet_are_records_whatever_packs_their_pages() {
    let row = |title: &str, pay, skills| {
        json!({"title": title, "pay": pay, "posted": "2026-11-20",
            "seen": "2026-11-20T09:29:59.25Z", "skills": skills})
    };
    let expected = vec![
        Ok((1, row("Köchin", json!(50.5), json!(["Go", "Rust"])))),
        Ok((2, row("Cook", json!(null), json!(null)))),
        Ok((3, row("Baker", json!(40.0), json!([])))),
    ];
    for compression in [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::ZSTD(ZstdLevel::default()),
        Compression::GZIP(parquet::basic::GzipLevel::default()),
    ] {
        let bytes = parquet(compression);
        assert_eq!(read(&bytes), expected, "{compression}");
        let path = std::env::temp_dir().join(format!("tandem-{}.parquet", std::process::id()));
        std::fs::write(&path, &bytes).unwrap();
        let file = open(Input::File(path.clone()), &Options::default());
        std::fs::remove_file(&path).unwrap();
        assert_eq!(came(file), expected, "{compression} from a file");
    }
}

#[test]
fn damaged_parquet_is_a_reject_and_never_a_panic() {
    let bytes = parquet(Compression::SNAPPY);
    for end in [12, bytes.len() / 2, bytes.len() - 4] {
        let came = came(reader(&bytes[..end], usize::MAX, &Options::default()));
        assert!(matches!(came[..], [Err((0, "damaged"))]), "{came:?}");
    }
    for place in (4..bytes.len()).step_by(7) {
        let mut bytes = bytes.clone();
        bytes[place] ^= 0xFF;
        // Whatever comes of it, it comes to an end.
        assert!(came(reader(&bytes, usize::MAX, &Options::default())).len() <= 5);
    }
}

/// A workbook with one sheet a text of its rows' XML.
pub(super) fn workbook(sheets: &[(&str, &str)]) -> Vec<u8> {
    workbook_with(sheets, &[])
}

/// A workbook whose cells may share texts.
fn workbook_with(sheets: &[(&str, &str)], shared: &[&str]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let mut add = |name: &str, text: String| {
        archive.start_file(name, options).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    };
    let spreadsheet = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let (mut listed, mut related) = (String::new(), String::new());
    for (place, (name, rows)) in sheets.iter().enumerate() {
        let n = place + 1;
        write!(
            listed,
            "<sheet name=\"{name}\" sheetId=\"{n}\" r:id=\"r{n}\"/>"
        )
        .unwrap();
        write!(
            related,
            "<Relationship Id=\"r{n}\" Type=\"{relations}/worksheet\" Target=\"worksheets/s{n}.xml\"/>"
        )
        .unwrap();
        let sheet =
            format!("<worksheet xmlns=\"{spreadsheet}\"><sheetData>{rows}</sheetData></worksheet>");
        add(&format!("xl/worksheets/s{n}.xml"), sheet);
    }
    if !shared.is_empty() {
        write!(
            related,
            "<Relationship Id=\"sh\" Type=\"{relations}/sharedStrings\" Target=\"sharedStrings.xml\"/>"
        )
        .unwrap();
        let mut texts = String::new();
        for text in shared {
            write!(texts, "<si><t>{text}</t></si>").unwrap();
        }
        add(
            "xl/sharedStrings.xml",
            format!("<sst xmlns=\"{spreadsheet}\">{texts}</sst>"),
        );
    }
    write!(
        related,
        "<Relationship Id=\"st\" Type=\"{relations}/styles\" Target=\"styles.xml\"/>"
    )
    .unwrap();
    add(
        "xl/workbook.xml",
        format!(
            "<workbook xmlns=\"{spreadsheet}\" xmlns:r=\"{relations}\"><sheets>{listed}</sheets></workbook>"
        ),
    );
    add(
        "xl/_rels/workbook.xml.rels",
        format!("<Relationships xmlns=\"{package}\">{related}</Relationships>"),
    );
    add(
        "_rels/.rels",
        format!(
            "<Relationships xmlns=\"{package}\"><Relationship Id=\"r1\" \
             Type=\"{relations}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
        ),
    );
    let styles =
        "<cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"22\"/></cellXfs>";
    add(
        "xl/styles.xml",
        format!("<styleSheet xmlns=\"{spreadsheet}\">{styles}</styleSheet>"),
    );
    archive.finish().unwrap().into_inner()
}

pub(super) fn text(place: &str, text: &str) -> String {
    format!("<c r=\"{place}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
}

#[test]
fn rows_of_a_workbook_are_records_with_their_row_numbers() {
    let header = ["id", "title", "posted", "seen", "open"];
    let header: String = "ABCDE"
        .chars()
        .zip(header)
        .map(|(c, name)| text(&format!("{c}2"), name))
        .collect();
    let rows = format!(
        "<row r=\"2\">{header}</row>\
         <row r=\"3\"><c r=\"A3\"><v>7</v></c>{}<c r=\"C3\" s=\"1\"><v>46346</v></c>\
         <c r=\"D3\" s=\"2\"><v>46346.25</v></c><c r=\"E3\" t=\"b\"><v>1</v></c></row>\
         <row r=\"5\"><c r=\"A5\"><v>1.5</v></c><c r=\"B5\" t=\"e\"><v>#N/A</v></c></row>\
         <row r=\"6\"><c r=\"A6\"><v>8</v></c><c r=\"F6\"><v>1</v></c></row>",
        text("B3", "Köchin")
    );
    let book = workbook(&[("Notes", ""), ("Jobs", &rows)]);
    let expected = vec![
        Ok((
            3,
            json!({"id": 7, "title": "Köchin", "posted": "2026-11-20",
            "seen": "2026-11-20T06:00:00Z", "open": true}),
        )),
        Ok((
            5,
            json!({"id": 1.5, "title": null, "posted": null, "seen": null, "open": null}),
        )),
        Err((6, "ragged")),
    ];
    assert_eq!(read(&book), expected);
    let opened = reader(&book, usize::MAX, &Options::default()).unwrap();
    assert_eq!(opened.about(), "xlsx (sheet \"Jobs\" of 2)");
    assert_eq!(opened.format(), Format::Xlsx);
}

#[test]
fn workbooks_are_bounded_and_other_archives_named() {
    let row = format!("<row r=\"1\">{}</row>", text("A1", &"x".repeat(100_000)));
    let book = workbook(&[("a", &row)]);
    let mut options = Options::default();
    options.limits.whole_bytes = 150_000;
    assert!(
        came(reader(&book, usize::MAX, &options)).is_empty(),
        "header only"
    );
    options.limits.whole_bytes = 100_500;
    let came_of = came(reader(&book, usize::MAX, &options));
    assert!(
        matches!(came_of[..], [Err((0, "unpacks_too_large"))]),
        "{came_of:?}"
    );
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    archive.start_file("jobs.csv", stored).unwrap();
    archive.write_all(b"a,b\n1,2\n").unwrap();
    let zipped = archive.finish().unwrap().into_inner();
    assert_eq!(read(&zipped), vec![Err((0, "unknown_format"))]);
}

#[test]
fn cells_far_out_cost_no_memory() {
    let header = format!("<row r=\"1\">{}</row>", text("A1", "id"));
    for place in ["ZZZZZZ1", "XFE1", "A1048577"] {
        let book = workbook(&[("a", &format!("<row r=\"1\">{}</row>", text(place, "id")))]);
        assert_eq!(read(&book), vec![Err((0, "damaged"))], "{place}");
        let cell = text(&place.replacen('1', "2", 1), "id");
        let book = workbook(&[("a", &format!("{header}<row r=\"2\">{cell}</row>"))]);
        assert_eq!(read(&book), vec![Err((0, "damaged"))], "{place}");
    }
    // Each a row, within the bounds of the format and beyond the header.
    let mut rows = header;
    for row in 2..60_000 {
        write!(
            rows,
            "<row r=\"{row}\"><c r=\"XFD{row}\"><v>1</v></c></row>"
        )
        .unwrap();
    }
    rows.push_str("<row r=\"60000\"><c r=\"A60000\"><v>7</v></c></row>");
    let book = workbook(&[("a", &rows)]);
    let mut options = Options::default();
    options.limits.whole_bytes = 8 << 20;
    let came_of = came(reader(&book, usize::MAX, &options));
    assert_eq!(came_of.len(), 59_999);
    assert_eq!(came_of[0], Err((2, "ragged")));
    assert_eq!(came_of[59_998], Ok((60_000, json!({"id": 7}))));
}

#[test]
fn a_text_stored_once_counts_in_every_cell_it_stands_in() {
    let long = "x".repeat(20_000);
    let mut rows = format!("<row r=\"1\">{}</row>", text("A1", "id"));
    for row in 2..102 {
        write!(
            rows,
            "<row r=\"{row}\"><c r=\"A{row}\" t=\"s\"><v>0</v></c></row>"
        )
        .unwrap();
    }
    let book = workbook_with(&[("a", &rows)], &[&long]);
    let mut options = Options::default();
    options.limits.whole_bytes = 1 << 20;
    let came_of = came(reader(&book, usize::MAX, &options));
    assert_eq!(came_of, vec![Err((0, "unpacks_too_large"))]);
    options.limits.whole_bytes = 3 << 20;
    let came_of = came(reader(&book, usize::MAX, &options));
    assert_eq!(came_of.len(), 100);
    assert_eq!(came_of[99], Ok((101, json!({"id": long}))));
}
