use crate::analysis::{Words, analyse};

use super::*;

fn positions(text: &str) -> Vec<String> {
    let mut words = Words::default();
    analyse(text, None, &mut words);
    let reading = Reading::new(text, Prose::Cv, &words);
    let mut facts = Vec::new();
    read(&reading, &mut facts);
    let month = |month: Month| match month.month {
        Some(number) => format!("{}-{number:02}", month.year),
        None => month.year.to_string(),
    };
    facts
        .iter()
        .map(|fact| {
            let Value::Position { from, to, .. } = &fact.value else {
                panic!("{fact:?}");
            };
            let to = match to {
                Some(End::Now) => "now".to_owned(),
                Some(End::At(at)) => month(*at),
                None => String::new(),
            };
            let title = text.get(fact.start as usize..fact.end as usize).unwrap();
            format!("{title} | {} | {to}", from.map(month).unwrap_or_default())
        })
        .collect()
}

#[test]
fn titles_stand_around_their_dates() {
    let cases = [
        (
            "Experience\nAccountant , 02/2013 to Current\nCompany Name",
            "Accountant | 2013-02 | now",
        ),
        (
            "Experience\nStaff Accountant 04/2006 to 09/2016 Company Name City , State",
            "Staff Accountant | 2006-04 | 2016-09",
        ),
        (
            "Experience\nCompany Name City , State Sales Manager 01/2005 to 02/2006",
            "Sales Manager | 2005-01 | 2006-02",
        ),
        (
            "Experience\nCompany Name July 2011 to November 2012 Accountant\nCity , State",
            "Accountant | 2011-07 | 2012-11",
        ),
        (
            "Experience\nMaterial Handler\nJuly 2014 to December 2014 Company Name",
            "Material Handler | 2014-07 | 2014-12",
        ),
        (
            "Experience\n06/1995 to 01/2011\nSafety & Training Coordinator Company Name\nRan it.",
            "Safety & Training Coordinator | 1995-06 | 2011-01",
        ),
        (
            "Experience\nDirector, Business Development Feb 2007 to Current\nCompany Name",
            "Director, Business Development | 2007-02 | now",
        ),
        (
            "Experience\nSenior Engineer, Acme Inc., Berlin (Jan 2010 – Mar 2012)",
            "Senior Engineer | 2010-01 | 2012-03",
        ),
        (
            "Experience\nJune 2015\nto\nAugust 2015\nCompany Name City , State General Intern\nBuilt it.",
            "General Intern | 2015-06 | 2015-08",
        ),
        (
            "Experience\n2010 - 2012: Software Engineer at Acme",
            "Software Engineer | 2010 | 2012",
        ),
        (
            "Work history\nAcme Corp – Head Chef | 2015 - present",
            "Head Chef | 2015 | now",
        ),
        (
            "Experience\nVertriebsleiter seit 2019",
            "Vertriebsleiter | 2019 | now",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(positions(text), [expected], "{text}");
    }
}

#[test]
fn periods_that_are_no_positions() {
    let cases = [
        "Education\nBachelor of Arts 2005-2008\nState University",
        "Experience\nReduced balances by 20 percent in the years from 2006-2011 with care",
        "Summary\nMost disciplined girl, 2007-2008",
        "Deans list 2011-2012, Honor roll 2012-2013",
    ];
    for text in cases {
        assert!(positions(text).is_empty(), "{text}: {:?}", positions(text));
    }
}

#[test]
fn one_way_of_writing_decides() {
    let text = "Experience\n01/2010 to 02/2012\nBuyer Company Name\nBought goods.\n\
                03/2012 to 04/2014\nRetail Company Name\nSold goods.";
    assert_eq!(
        positions(text),
        ["Buyer | 2010-01 | 2012-02", "Retail | 2012-03 | 2014-04"]
    );
}

#[test]
fn a_position_reaches_to_the_next() {
    let text = "Experience\nCook 2010-2012\nCooked.\nBaker 2013-2014\nBaked.";
    let mut words = Words::default();
    analyse(text, None, &mut words);
    let reading = Reading::new(text, Prose::Cv, &words);
    let mut facts = Vec::new();
    read(&reading, &mut facts);
    let place = |word: &str| {
        let at = text.find(word).unwrap() as u32;
        [(at, at + word.len() as u32)]
    };
    assert_eq!(years_of(&facts, &place("Cooked"), None), Some(3.0));
    assert_eq!(years_of(&facts, &place("Baked"), None), Some(2.0));
}

#[test]
fn the_latest_month_is_now() {
    let found = latest_month("Cook 2010-2012\nCertified May 2015\nBaker 03/2013 to Current");
    assert_eq!(
        found,
        Some(Month {
            year: 2015,
            month: Some(5)
        })
    );
}

#[test]
fn long_texts_without_lines_are_read_in_time() {
    let text = "Experience Cook 01/2010 to 02/2012 Company Name cooked. ".repeat(20_000);
    let found = positions(&text);
    assert!(found.len() < 20_000, "{}", found.len());
}

proptest::proptest! {
    #[test]
    fn no_text_is_too_strange(text in "([A-Z][a-zä]{0,5}|20[01][0-9]|Jan|to|Current|City , State|[-–/,.()\n |']){0,40}") {
        positions(&text);
        latest_month(&text);
    }
}
