//! Dates as people write them, against the day that is meant.

use super::*;

fn read(text: &str, rule: &DateRule) -> String {
    match make(&Value::from(text), rule, None) {
        Ok(date) => date.unwrap_or_else(|| "-".to_owned()),
        Err(fault) => fault.code.to_owned(),
    }
}

fn check(rule: &DateRule, cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(read(text, rule), *expected, "{text}");
    }
}

#[test]
fn dates_that_mean_one_day() {
    let cases = [
        ("2026-03-03", "2026-03-03"),
        ("2026-03", "2026-03-01"),
        ("2026/3/4", "2026-03-04"),
        ("20260304", "2026-03-04"),
        ("2025-02-14T00:00:00.000Z", "2025-02-14"),
        ("2025-10-21T21:59:21.001+00:00", "2025-10-21T21:59:21Z"),
        ("2026-07-16T11:55:32-04:00", "2026-07-16T15:55:32Z"),
        ("2026-08-05 09:41:37 UTC", "2026-08-05T09:41:37Z"),
        ("2026-08-05 09:41:37", "2026-08-05T09:41:37Z"),
        ("2026-08-05 00:00:00", "2026-08-05"),
        ("Mar 3, 2026", "2026-03-03"),
        ("March 3, 2026", "2026-03-03"),
        ("3 March 2026", "2026-03-03"),
        ("3rd of March 2026", "2026-03-03"),
        ("Friday, September 19, 2025", "2025-09-19"),
        ("Sept. 19, 2025", "2025-09-19"),
        ("03-Mar-2026", "2026-03-03"),
        ("3. März 2026", "2026-03-03"),
        ("03.03.2026", "2026-03-03"),
        ("3.3.2026", "2026-03-03"),
        ("31.12.2025", "2025-12-31"),
        ("04.03.2026 14:30", "2026-03-04"),
        ("3 mars 2026", "2026-03-03"),
        ("1er août 2026", "2026-08-01"),
        ("12 décembre 2025", "2025-12-12"),
        ("3 de marzo de 2026", "2026-03-03"),
        ("15 enero 2026", "2026-01-15"),
        ("5 mei 2026", "2026-05-05"),
        ("17 oktober 2025", "2025-10-17"),
        ("9 maggio 2026", "2026-05-09"),
        ("1 maj 2026", "2026-05-01"),
        ("March 2026", "2026-03-01"),
        ("Dezember 2025", "2025-12-01"),
        ("03/2026", "2026-03-01"),
        ("7/30/2020", "2020-07-30"),
        ("30/7/2020", "2020-07-30"),
        ("05/05/2020", "2020-05-05"),
        ("30-07-2020", "2020-07-30"),
        ("1764205361939", "2025-11-27T01:02:41Z"),
        ("1293901121", "2011-01-01T16:58:41Z"),
        ("Tue, 03 Mar 2026 10:00:00 GMT", "2026-03-03"),
        ("", "-"),
    ];
    check(&DateRule::default(), &cases);
}

#[test]
fn dates_that_mean_nothing_or_two_days_are_errors() {
    let cases = [
        ("03/04/2020", "ambiguous_date"),
        ("3-4-2020", "ambiguous_date"),
        ("03.04.20", "ambiguous_date"),
        ("2020", "year_alone"),
        ("2099-01-01", "not_a_date"),
        ("2026-02-30", "not_a_date"),
        ("2026-13-01", "not_a_date"),
        ("31.02.2026", "not_a_date"),
        ("31/31/2026", "not_a_date"),
        ("as soon as possible", "not_a_date"),
        ("March", "not_a_date"),
        ("March or April 2026", "not_a_date"),
        ("3 4 March 2026", "not_a_date"),
        ("3 days ago", "relative_date"),
        ("yesterday", "relative_date"),
        ("30+ days ago", "relative_date"),
        ("12", "not_a_date"),
        ("99999999999999999999", "not_a_date"),
        ("12:30", "not_a_date"),
        ("½/½/2020", "not_a_date"),
    ];
    check(&DateRule::default(), &cases);
}

#[test]
fn a_mapping_says_what_is_meant() {
    let rule = |formats: &[&str], day_first| {
        let formats = formats.iter().map(|format| (*format).to_owned());
        DateRule::new(formats.collect(), day_first, None, None).unwrap()
    };
    check(
        &rule(&[], Some(true)),
        &[("03/04/2020", "2020-04-03"), ("7/30/2020", "not_a_date")],
    );
    check(
        &rule(&[], Some(false)),
        &[("03/04/2020", "2020-03-04"), ("30/7/2020", "not_a_date")],
    );
    check(
        &rule(&["%d.%m.%y", "%Y"], None),
        &[("03.04.20", "2020-04-03"), ("2020-01-01", "not_a_date")],
    );
    check(&rule(&["year"], None), &[("2020", "2020-01-01")]);
    check(&rule(&["excel"], None), &[("45292", "2024-01-01")]);
    check(
        &rule(&["epoch_s"], None),
        &[("86400", "1970-01-02T00:00:00Z")],
    );
    check(
        &rule(&["%d/%m/%Y %H:%M"], None),
        &[("03/04/2020 10:30", "2020-04-03T10:30:00Z")],
    );
    check(
        &rule(&["iso", "%d %b %Y"], None),
        &[("2020-04-03", "2020-04-03"), ("03 Apr 2020", "2020-04-03")],
    );
    for wrong in ["dd/mm/yyyy", "%", "%!"] {
        let made = DateRule::new(vec![wrong.to_owned()], None, None, None);
        assert_eq!(made.unwrap_err().0, "formats", "{wrong}");
    }
}

#[test]
fn days_ago_count_from_the_reference() {
    let rule = DateRule::new(Vec::new(), None, Some("2026-11-20"), None).unwrap();
    let cases = [
        ("3 days ago", "2026-11-17"),
        ("30+ days ago", "2026-10-21"),
        ("Posted 2 weeks ago", "2026-11-06"),
        ("a month ago", "2026-10-20"),
        ("yesterday", "2026-11-19"),
        ("Today", "2026-11-20"),
        ("5 hours ago", "2026-11-20"),
        ("vor 3 Tagen", "2026-11-17"),
        ("il y a 2 semaines", "2026-11-06"),
        ("hace 5 días", "2026-11-15"),
        ("4 dagen geleden", "2026-11-16"),
        ("14d", "2026-11-06"),
        ("2026-03-03", "2026-03-03"),
        ("99999999999 days ago", "not_a_date"),
    ];
    check(&rule, &cases);
    let column = Value::from("2026-01-31");
    let made = make(
        &Value::from("1 month ago"),
        &DateRule::default(),
        Some(&column),
    );
    assert_eq!(made.unwrap().as_deref(), Some("2025-12-31"));
}
