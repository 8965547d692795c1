//! What is cut and what stays, as tables; what holds for any text.

use proptest::prelude::*;

use super::*;

fn cut(text: &str, is_person: bool) -> Vec<&str> {
    let ranges = private_ranges(text, is_person);
    ranges
        .into_iter()
        .map(|range| text.get(range).expect("ranges are boundaries"))
        .collect()
}

#[track_caller]
fn check(text: &str, is_person: bool, expected: &[&str]) {
    assert_eq!(cut(text, is_person), expected, "{text:?}");
}

#[test]
fn contacts_are_cut_from_any_text() {
    for (text, found) in [
        (
            "Write to jane.doe+jobs@mail.example.co.uk.",
            "jane.doe+jobs@mail.example.co.uk",
        ),
        (
            "jane (at) example (dot) com, now",
            "jane (at) example (dot) com",
        ),
        ("jane[at]example.com", "jane[at]example.com"),
        ("Call +1 (555) 123-4567 now", "+1 (555) 123-4567"),
        ("ring (555) 123-4567.", "(555) 123-4567"),
        ("ring 555-123-4567, ok", "555-123-4567"),
        ("555.123.4567", "555.123.4567"),
        ("1-800-555-1234", "1-800-555-1234"),
        ("at +44 20 7946 0958", "+44 20 7946 0958"),
        ("or 020 7946 0958", "020 7946 0958"),
        ("06 12 34 56 78 svp", "06 12 34 56 78"),
        ("unter 030/1234567 oder", "030/1234567"),
        ("unter 0171 1234567 oder", "0171 1234567"),
        ("my cell 5551234567", "5551234567"),
        (
            "See https://www.linkedin.com/in/jane-doe-1a2b, please",
            "https://www.linkedin.com/in/jane-doe-1a2b",
        ),
        ("linkedin.com/in/jane", "linkedin.com/in/jane"),
        ("github.com/jane", "github.com/jane"),
        ("https://twitter.com/jane", "https://twitter.com/jane"),
        (
            "photo https://cdn.example.com/a/b.JPG?w=1",
            "https://cdn.example.com/a/b.JPG?w=1",
        ),
    ] {
        check(text, false, &[found]);
        check(
            &format!("We need an analyst.\nMore: {text}"),
            false,
            &[found],
        );
    }
}

#[test]
fn contact_lines_are_cut_from_any_text() {
    for line in [
        "Phone: 12 34",
        "Contact person: Jane Doe",
        "Tél : 123",
        "• Ansprechpartner: Max Muster",
        "Skype: jane.d",
    ] {
        check(
            &format!("Welder wanted\n{line}\nGood pay"),
            false,
            &[line.trim_start_matches("• ")],
        );
    }
}

#[test]
fn other_numbers_links_and_lines_stay() {
    for text in [
        "2011 - 2014",
        "2011-2014",
        "01/2011 - 03/2014",
        "01.02.2011 - 03.04.2012",
        "2019 2020 2021",
        "12/05/2019-06/07/2020",
        "2015-03-01",
        "$1,200,000",
        "€ 80.000 - 100.000",
        "80000-100000",
        "salary 100 000 - 120 000",
        "94105-1234",
        "https://x.example/home/20240927952651",
        "ID 123456789",
        "order 1234567",
        "req #2023-12345678",
        "99.999999 %",
        "1 000 000 users",
        "v1.2.3.4.5.6.7",
        "https://example.com/jobs/12",
        "github.com/rust-lang/rust",
        "24/7/365 100 200 300",
        "ISO 9001 14001 27001",
        "Address: 1 Main Street",
        "Name: Acme",
        "Age: 18+",
        "Nationality: any",
        "meet at example.com",
        "Contact: our team",
        "phone number",
        "9:00 - 17:00 0900-1700",
        "04/2012 3648 Main",
        "08/25/10-12/1511",
        "03/01/03-03/22/03",
        "number 041.369585",
        "K-041-2048)03-95",
        "01.01.04-178",
        "Recruiter:",
        "Phone: see site",
        "Mobile: Android",
        "1000-2000 2000-3000",
        "401(k) 403(b)",
        "10,000,000 - 20,000,000",
    ] {
        check(text, false, &[]);
    }
}

#[test]
fn personal_lines_are_cut_from_cvs() {
    for line in [
        "Name: Jane Doe",
        "Full Name : Jane Doe",
        "Address: 1 Main Street",
        "Date of birth: 1.2.1980",
        "DOB: 1980",
        "Gender: female",
        "Age: 40",
        "Nationality: Dutch",
        "Marital status: single",
        "Father's Name: John",
        "Geburtsdatum: 1.2.1980",
        "Familienstand: ledig",
        "Nom : Durand",
        "Date de naissance : 1980",
        "Fecha de nacimiento: 1980",
        "Passport No: X1",
        "Sex: F",
    ] {
        check(&format!("ACCOUNTANT\n{line}\nLedgers"), true, &[line]);
    }
    let late = format!("ACCOUNTANT\n{}Name: payroll\nDone", "Did work\n".repeat(20));
    check(&late, true, &[]);
    let details = format!(
        "ACCOUNTANT\n{}Name: Jane\nDOB: 1980",
        "Did work\n".repeat(20)
    );
    check(&details, true, &["Name: Jane", "DOB: 1980"]);
    check(
        "CHEF\nName: Jane Doe  Phone: 123 Skills: SQL",
        true,
        &["Name: Jane Doe", "Phone: 123"],
    );
    check(
        "CHEF\nFull Name: Jan Jansen Smit Marital Status: single",
        true,
        &["Full Name: Jan Jansen Smit", "Marital Status: single"],
    );
    check(
        "CHEF\nSpeaks English Date of Birth: 1.1.1980",
        true,
        &["Date of Birth: 1.1.1980"],
    );
    check(
        "CHEF\nReligion: none Nationality: Dutch Honest and adaptable, plans menus",
        true,
        &["Religion: none", "Nationality: Dutch Honest"],
    );
    for line in [
        "Mobile: Android and iOS",
        "Email: Outlook",
        "Twitter: grew reach by half",
        "Project name: x",
    ] {
        check(
            &format!("CHEF\n{}{line}", "Did work\n".repeat(20)),
            true,
            &[],
        );
    }
}

#[test]
fn name_lines_are_cut_from_cvs() {
    for name in [
        "Jane Doe",
        "JANE DOE",
        "Dr. Jane Q. Adams",
        "Mr. José Ángel de la Cruz",
        "Anne-Marie O'Neil",
        "Łukasz Żółć",
        "Ludwig van Beethoven",
        "Smith, John",
        "Иван Петров",
        "J. R. Smith",
        "Jane Baker",
        "John Mason",
    ] {
        check(
            &format!("{name}\nj@x.org\nSummary\nCook"),
            true,
            &[name, "j@x.org"],
        );
        let mixed: &[&str] = if name.contains(char::is_lowercase) {
            &[name]
        } else {
            &[]
        };
        check(&format!("{name}\nSummary\nCook"), true, mixed);
        check(
            &format!("{name} | j@x.org | Paris\nCook"),
            true,
            &[name, "j@x.org"],
        );
        check(
            &format!("Resume\n{name}\nData Analyst\nPhone: 123"),
            true,
            &[name, "Phone: 123"],
        );
        check(&format!("{name}\nSummary\nCook"), false, &[]);
    }
    check("Curriculum Vitae Jane Doe\nCook", true, &["Jane Doe"]);
    check(
        "Jane Doe, PhD\nSummary\nSigned Jane Doe",
        true,
        &["Jane Doe, PhD", "Jane Doe"],
    );
    check(
        "Jane Doe\nSummary\nSigned Jane Doe",
        true,
        &["Jane Doe", "Jane Doe"],
    );
    check("Jane Doe - Data Analyst\nSummary", true, &["Jane Doe"]);
}

#[test]
fn headings_and_titles_are_not_names() {
    for title in [
        "ACCOUNTANT",
        "HR ADMINISTRATOR/MARKETING ASSOCIATE",
        "STAFF ACCOUNTANT",
        "Executive Chef",
        "Summary",
        "Professional Profile",
        "Microsoft Office",
        "Core Strengths",
        "SOUS CHEF",
        "Software Engineering Manager",
        "Public Relations",
        "New York, NY",
        "City , State",
        "Company Name",
        "Curriculum Vitae",
        "Work History",
    ] {
        check(&format!("{title}\nSummary\nCook"), true, &[]);
        check(&format!("{title}\nj@x.org\nCook"), true, &["j@x.org"]);
    }
    check("Jane Doe\nwalked home\nand slept", true, &[]);
}

#[test]
fn headers_of_cvs_lose_links_and_streets() {
    check(
        "CHEF\n123 N. Main Street, Apt 4, Springfield, IL 62704",
        true,
        &["123 N. Main Street, Apt 4"],
    );
    check(
        "KOCH\nMusterstraße 12, 10115 Berlin",
        true,
        &["Musterstraße 12"],
    );
    check(
        "CHEF\n12 rue de la Paix, Paris",
        true,
        &["12 rue de la Paix"],
    );
    check(
        "CHEF\nhttps://jane.example.com",
        true,
        &["https://jane.example.com"],
    );
    check("CHEF\n5551234567", true, &["5551234567"]);
    check("CHEF\n2010 2014", true, &[]);
}

#[test]
fn masks_keep_length_and_lines() {
    let text = "é a@b.org\nß";
    let masked = mask(text, &private_ranges(text, false));
    assert_eq!(masked, "é        \nß");
    assert!(matches!(mask(text, &[]), Cow::Borrowed(_)));
    assert_eq!(
        mask(
            "éx",
            &[Range { start: 1, end: 2 }, Range { start: 2, end: 9 }]
        ),
        "éx"
    );
}

fn cv_like() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[A-ZÉ][a-zé]{1,8}",
        "[0-9]{1,5}",
        "[-+()./@: \n|,]{1,3}",
        "\\PC{1,4}",
        Just("Name: ".to_owned()),
        Just("\nSummary\n".to_owned()),
        Just("https://x.com/".to_owned()),
        Just("Phone：".to_owned()),
        Just("é (at) ".to_owned()),
        Just("Tél :".to_owned()),
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn any_text_has_valid_ranges_and_masks(text in cv_like(), is_person: bool) {
        let ranges = private_ranges(&text, is_person);
        let mut end = 0;
        for range in &ranges {
            prop_assert!(range.start >= end && range.start < range.end);
            prop_assert!(text.get(range.clone()).is_some());
            end = range.end + 1;
        }
        let masked = mask(&text, &ranges);
        prop_assert_eq!(masked.len(), text.len());
        prop_assert_eq!(masked.matches('\n').count(), text.matches('\n').count());
    }

    #[test]
    fn mask_takes_any_ranges(text in "\\PC{0,20}", a in 0usize..30, b in 0usize..30, c in 0usize..30) {
        prop_assert_eq!(mask(&text, &[a..b, b..c, c..a]).len(), text.len());
    }
}
