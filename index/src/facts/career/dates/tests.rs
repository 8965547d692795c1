use super::*;

fn shown(text: &str) -> Vec<String> {
    let month = |month: Month| match month.month {
        Some(number) => format!("{}-{number:02}", month.year),
        None => month.year.to_string(),
    };
    let end = |end: Option<End>| match end {
        None => "?".to_owned(),
        Some(End::Now) => "now".to_owned(),
        Some(End::At(at)) => month(at),
    };
    let periods = periods(text);
    periods
        .iter()
        .map(|one| {
            format!(
                "{}..{} {}",
                month(one.from),
                end(one.to),
                text.get(one.start..one.end).unwrap()
            )
        })
        .collect()
}

#[test]
fn periods_as_cvs_write_them() {
    let cases = [
        (
            "Accountant , 02/2013 to Current",
            "2013-02..now 02/2013 to Current",
        ),
        (
            "Jan 2010 – March 2012",
            "2010-01..2012-03 Jan 2010 – March 2012",
        ),
        ("2005-2008", "2005..2008 2005-2008"),
        ("(06/2011 - present)", "2011-06..now 06/2011 - present"),
        ("seit 2019 bei", "2019..now seit 2019"),
        ("03.2015 – heute", "2015-03..now 03.2015 – heute"),
        (
            "01.03.2015 - 30.06.2016",
            "2015-03..2016-06 01.03.2015 - 30.06.2016",
        ),
        (
            "3/15/2015 to 11/1/2016",
            "2015-03..2016-11 3/15/2015 to 11/1/2016",
        ),
        ("2013-02 – 2014-05", "2013-02..2014-05 2013-02 – 2014-05"),
        (
            "Sept. 2004 through July, 2009",
            "2004-09..2009-07 Sept. 2004 through July, 2009",
        ),
        (
            "30 Oct 2011 to 3 Nov 2011",
            "2011-10..2011-11 Oct 2011 to 3 Nov 2011",
        ),
        (
            "June 3, 2011 - Dec 9, 2012",
            "2011-06..2012-12 June 3, 2011 - Dec 9, 2012",
        ),
        ("FUHS 2017-21", "2017..2021 2017-21"),
        ("Mar '09 - Apr '11", "2009-03..2011-04 Mar '09 - Apr '11"),
        ("06/11 - 08/13", "2011-06..2013-08 06/11 - 08/13"),
        ("1986&ndash; 1997", "1986..1997 1986&ndash; 1997"),
        (
            "February 1999\nto\nCurrent",
            "1999-02..now February 1999\nto\nCurrent",
        ),
        ("May 2018", "2018-05..? May 2018"),
        ("Fall 2011-Present", "2011-09..now Fall 2011-Present"),
        (
            "März 2015 bis Dezember 2016",
            "2015-03..2016-12 März 2015 bis Dezember 2016",
        ),
        (
            "08/1987 to the present",
            "1987-08..now 08/1987 to the present",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(shown(text), [expected], "{text}");
    }
}

#[test]
fn numbers_that_are_no_dates() {
    let cases = [
        "$2,000 in 2012",
        "2000 employees",
        "call 555-2010",
        "Windows 2008R2",
        "1/2 of it",
        "24/7",
        "ISO 9001",
        "from 1,990 to 2,010",
        "9/10 users",
    ];
    for text in cases {
        assert!(shown(text).is_empty(), "{text}: {:?}", shown(text));
    }
}
