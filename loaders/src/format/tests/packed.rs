//! Encodings, packed sources, and what is not read.

use std::io::Write;

use serde_json::json;

use super::super::{Format, Input, Options, open};
use super::{Came, came, read, reader};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn utf16(text: &str, big: bool, mark: bool) -> Vec<u8> {
    let units = mark
        .then_some(0xFEFF)
        .into_iter()
        .chain(text.encode_utf16());
    units
        .flat_map(|unit| {
            if big {
                unit.to_be_bytes()
            } else {
                unit.to_le_bytes()
            }
        })
        .collect()
}

#[test]
fn encodings_are_told_and_named() {
    let text = "title;Ort\nKöchin – 20 €;München\nBäcker;Zürich\n";
    let expected: Came = vec![
        Ok((2, json!({"title": "Köchin – 20 €", "Ort": "München"}))),
        Ok((3, json!({"title": "Bäcker", "Ort": "Zürich"}))),
    ];
    let windows = encoding_rs::WINDOWS_1252.encode(text).0.into_owned();
    let marked = [b"\xEF\xBB\xBF", text.as_bytes()].concat();
    let late = [b"a;b\n".as_slice(), &b"x;y\n".repeat(100_000), &windows].concat();
    for (bytes, name) in [
        (text.as_bytes().to_vec(), "UTF-8"),
        (marked, "UTF-8"),
        (utf16(text, false, true), "UTF-16LE"),
        (utf16(text, true, true), "UTF-16BE"),
        (utf16(text, false, false), "UTF-16LE"),
        (utf16(text, true, false), "UTF-16BE"),
        (windows, "windows-1252"),
    ] {
        assert_eq!(read(&bytes), expected, "{name}");
        let mut reader = reader(&bytes, 64, &Options::default()).unwrap();
        assert_eq!(reader.by_ref().count(), 2);
        assert_eq!(reader.encoding(), Some(name));
    }
    // The first letter that tells comes after 400 kB.
    let mut late = reader(&late, 1_000, &Options::default()).unwrap();
    let last = late.by_ref().last().unwrap().unwrap();
    assert_eq!(
        (last.fields["b"].as_str(), late.encoding()),
        (Some("Zürich"), Some("windows-1252"))
    );
}

#[test]
fn rows_in_another_encoding_are_rejected_and_the_good_ones_kept() {
    let good = "N,Bäcker,Acme\n".as_bytes();
    let odd = encoding_rs::WINDOWS_1252.encode("N,Köchin,Acme\n").0;
    for (good_rows, odd_rows) in [(40, 8), (8, 40)] {
        let text = [
            b"a,b,c\n".to_vec(),
            good.repeat(good_rows),
            odd.repeat(odd_rows),
        ];
        let mut reader = reader(&text.concat(), 1_000, &Options::default()).unwrap();
        let (good, bad): (Vec<_>, Vec<_>) = reader.by_ref().partition(Result::is_ok);
        assert_eq!((good.len(), bad.len()), (good_rows, odd_rows));
        assert!(
            good.into_iter()
                .flatten()
                .all(|row| row.fields["b"] == "Bäcker")
        );
        assert!(
            bad.into_iter()
                .all(|row| row.unwrap_err().code == "invalid_text")
        );
        assert_eq!(reader.encoding(), Some("UTF-8"));
    }
    // What is UTF-8 by chance alone is none.
    for (text, encoding) in [
        (
            "SPÓŁKA ŻÓŁW, Łódź; zażółć gęślą jaźń\n",
            encoding_rs::WINDOWS_1250,
        ),
        (
            "Пётр Королёв и Сёмина, повар в Москве\n",
            encoding_rs::WINDOWS_1251,
        ),
        (
            "软件工程师，上海，负责系统设计与开发工作\n",
            encoding_rs::GBK,
        ),
        (
            "看護師 東京都 経験三年以上 正社員を募集\n",
            encoding_rs::EUC_JP,
        ),
    ] {
        let text = text.repeat(50);
        let bytes = [b"a\n", encoding.encode(&text).0.as_ref()].concat();
        let text = text.lines().next().unwrap();
        let mut reader = reader(&bytes, 1_000, &super::format(Format::Tsv)).unwrap();
        let rows: Vec<_> = reader.by_ref().collect();
        assert!(rows.iter().all(Result::is_ok), "{text}");
        assert_eq!(rows[0].as_ref().unwrap().fields["a"], text, "{text}");
    }
}

#[test]
fn utf16_of_few_latin_letters_needs_no_mark() {
    let text = "職種,勤務地\n看護師と介護士,東京都千代田区\n".repeat(30);
    for (big, name) in [(false, "UTF-16LE"), (true, "UTF-16BE")] {
        let mut reader = reader(&utf16(&text, big, false), 64, &Options::default()).unwrap();
        let first = reader.next().unwrap().unwrap();
        assert_eq!(first.fields["職種"], "看護師と介護士");
        assert_eq!(reader.encoding(), Some(name));
    }
    // Zero bytes in UTF-8 stay what they are: rejects.
    let text = "職種,勤務地\n看護師\0,東京\n介護士,京都\n";
    let came = read(text.as_bytes());
    assert_eq!(
        (came[0].as_ref().unwrap_err().1, came[1].is_ok()),
        ("nul", true)
    );
}

#[test]
fn what_is_no_text_is_rejected_and_never_replaced() {
    let good = "{\"a\": \"ü\"}\n".repeat(20);
    let bad = [good.as_bytes(), b"{\"a\": \"\xFC\"}\n{\"a\": 1}\n"].concat();
    let came = read(&bad);
    assert_eq!(
        came[20..],
        [Err((21, "invalid_text")), Ok((22, json!({"a": 1})))]
    );
    let mut odd = utf16("a,b\n1,2\n3,4", false, true);
    odd.pop();
    assert_eq!(read(&odd)[0], Ok((2, json!({"a": "1", "b": "2"}))));
    assert_eq!(read(&odd)[1], Err((3, "invalid_text")));
}

#[test]
fn packed_sources_are_read_and_say_where_they_break() {
    let text: String = (0..20_000).fold(String::from("n,text\n"), |text, n| {
        format!(
            "{text}{n},a{}\n",
            u64::from(n * 7_919_u32).wrapping_mul(0x9E37_79B9_7F4A_7C15)
        )
    });
    let plain = read(text.as_bytes());
    assert_eq!(plain.len(), 20_000);
    let (half, rest) = text.as_bytes().split_at(50_001);
    let zst = zstd::encode_all(text.as_bytes(), 3).unwrap();
    let frames = [
        zstd::encode_all(half, 3).unwrap(),
        zstd::encode_all(rest, 3).unwrap(),
    ]
    .concat();
    for packed in [
        gzip(text.as_bytes()),
        [gzip(half), gzip(rest)].concat(),
        zst.clone(),
        frames,
    ] {
        assert_eq!(read(&packed), plain);
    }
    let gz = gzip(text.as_bytes());
    for (name, packed, code) in [
        ("gzip cut off", gz[..gz.len() / 2].to_vec(), "truncated"),
        (
            "gzip without its sum",
            gz[..gz.len() - 5].to_vec(),
            "truncated",
        ),
        ("zstd cut off", zst[..zst.len() - 5].to_vec(), "truncated"),
        (
            "gzip with something behind",
            [&gz[..], b"something else"].concat(),
            "damaged",
        ),
        (
            "gzip with a wrong sum",
            [&gz[..gz.len() - 8], &[0; 8]].concat(),
            "damaged",
        ),
    ] {
        let came = read(&packed);
        let (last, before) = came.split_last().unwrap();
        assert!(
            matches!(last, Err((_, found)) if *found == code),
            "{name}: {last:?}"
        );
        assert_eq!(before, &plain[..before.len()], "{name}");
        assert!(
            before.len() > 1_000 || name == "gzip cut off",
            "{name}: {}",
            before.len()
        );
    }
    let tiny = gzip(b"a,b\n1,2\n");
    assert!(
        read(&tiny[..12]).last().unwrap().is_err(),
        "even before the header"
    );
}

#[test]
fn a_small_source_does_not_unpack_to_a_huge_one() {
    let zeros = vec![b'\n'; 64 << 20];
    let mut options = Options::default();
    options.limits.unpacking.free_bytes = 1 << 20;
    options.limits.unpacking.ratio_max = 200;
    for packed in [gzip(&zeros), zstd::encode_all(zeros.as_slice(), 3).unwrap()] {
        let came = came(reader(&packed, usize::MAX, &options));
        assert!(
            matches!(came[..], [Err((_, "unpacks_too_large"))]),
            "{came:?}"
        );
    }
}

#[test]
fn what_is_not_read_is_named() {
    for (bytes, name) in [
        (b"%PDF-1.7 ...".as_slice(), "PDF"),
        (b"BZh91AY", "bzip2"),
        (b"\xFD7zXZ\0\0", "xz"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "before 2007"),
    ] {
        let Err(reject) = reader(bytes, 100, &Options::default()) else {
            panic!("{name} was opened");
        };
        assert!(
            reject.reason.contains(name) && reject.ends_source(),
            "{reject}"
        );
    }
    for (bytes, code) in [
        (b"PAR1 but no more".as_slice(), "damaged"),
        (b"PK\x03\x04 but no more", "damaged"),
    ] {
        assert_eq!(read(bytes), vec![Err((0, code))]);
    }
}

#[test]
fn a_source_that_is_none_says_so_in_plain_words() {
    let book = super::tables::workbook(&[("Jobs", "")]);
    let cut = &book[..book.len() / 2];
    let Err(reject) = reader(cut, 100, &Options::default()) else {
        panic!("half a workbook was read");
    };
    let said = reject.to_string();
    assert!(
        said.contains("cut off or damaged; copy or save it again"),
        "{said}"
    );
    assert!(!said.contains("EOCD") && !said.contains("line 0"), "{said}");
    for (path, expected) in [
        (".", "it is a folder; name a file in it"),
        ("no such file.csv", "there is no such file"),
    ] {
        let Err(reject) = open(Input::File(path.into()), &Options::default()) else {
            panic!("{path} was read");
        };
        assert_eq!(
            (reject.to_string().as_str(), reject.code),
            (expected, "unreadable")
        );
    }
}
