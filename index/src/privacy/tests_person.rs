//! What is cut of persons beside contacts: names where they stand, ages, births,
//! genders and years of school, and what looks like it and stays.

use proptest::prelude::*;

use super::*;

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let found = private_ranges(text, true);
    let cut: Vec<&str> = found
        .iter()
        .filter_map(|range| text.get(range.clone()))
        .collect();
    assert_eq!(cut, expected, "{text:?}");
}

#[track_caller]
fn shows(text: &str, expected: &str) {
    assert_eq!(
        marked(text, &cuts(text, About::Person)),
        expected,
        "{text:?}"
    );
}

const LONG: &str = "CHEF\nSummary\nPlans menus.\nCooks\nOrders\nTrains\nServes\nCleans\nCounts\nCounts again\nMore\n";

#[test]
fn ages_of_the_person_are_cut() {
    for (text, age) in [
        ("CHEF\nAge: 34", "Age: 34"),
        ("CHEF\nAge 34", "Age 34"),
        ("CHEF\n34 years old", "34 years old"),
        ("CHEF\nBerlin | 34 years old | Cook", "34 years old"),
        ("CHEF\nI am 34 years old and cook.", "34 years old"),
        ("CHEF\nI am a 34-year-old cook.", "34-year-old"),
        ("KOCH\nIch bin 34 Jahre alt.", "34 Jahre alt"),
        ("KOCH\nAlter: 34 Jahre", "Alter: 34 Jahre"),
    ] {
        check(text, &[age]);
    }
    check(&format!("{LONG}Age: 34"), &["Age: 34"]);
    check(&format!("{LONG}I'm 34 years old."), &["34 years old"]);
}

#[test]
fn other_ages_stay() {
    for line in [
        "Taught children 12-16 years old",
        "Sold to 18 year olds",
        "Ran a 30 year old company",
        "I am with a 40 year old company",
        "Guests aged 21 and over",
        "10 years of experience",
        "Served guests 65 years old and older",
        "Average age 34 of the team",
    ] {
        check(&format!("{LONG}{line}"), &[]);
    }
}

#[test]
fn births_are_cut() {
    for birth in [
        "Date of Birth 12/05/1988",
        "DOB 12.05.1988",
        "D.O.B. - 12 May 1988",
        "Born 1988",
        "born on May 12, 1988",
        "born in Lagos, 12 May 1988",
        "Geburtsdatum 12.05.1988",
        "geboren am 12. Mai 1988",
        "geb. 12.05.1988",
        "née le 12 mai 1988",
        "nacido el 12/05/1988",
    ] {
        check(&format!("CHEF\n{birth}\nCooks"), &[birth]);
        check(&format!("{LONG}{birth}"), &[birth]);
    }
    for line in ["Born leader since 2010", "A newborn unit with 1988 beds"] {
        check(&format!("{LONG}{line}"), &[]);
    }
}

#[test]
fn genders_and_marriages_are_cut_where_they_are_the_persons() {
    for (text, expected) in [
        ("CHEF\nMale | Married | Berlin", &["Male", "Married"][..]),
        ("CHEF\nGender female\nCooks", &["Gender female"]),
        ("KOCH\nmännlich, ledig", &["männlich", "ledig"]),
        (
            "KOCH\nverheiratet, zwei Kinder",
            &["verheiratet", "zwei Kinder"],
        ),
        ("CHEF\nSingle\nCooks", &["Single"]),
    ] {
        check(text, expected);
    }
    check(
        &format!("{LONG}Marital Status Single"),
        &["Marital Status Single"],
    );
    check(&format!("{LONG}I am a married woman."), &["married woman"]);
    for line in [
        "Female and male wards",
        "Single point of contact",
        "Handled male, female and juvenile inmates",
        "Engaged and motivated",
        "Married theory and practice",
    ] {
        check(&format!("{LONG}{line}"), &[]);
        check(&format!("CHEF\n{line}"), &[]);
    }
}

#[test]
fn years_of_school_are_cut_and_years_of_work_stay() {
    let text = "CHEF\nExperience\nHotel Ritz 2008 to 2012 Sous Chef\nJune 2012 - Present Chef\n\
        Education\nBachelor of Science : Nutrition , May 2007 State University - City\n2003\n\
        High School Diploma, 1998-2003\nGPA 3.85\nSkills\nExcel 2010, Word";
    check(text, &["May 2007", "2003", "1998", "2003"]);
    check(
        "CHEF\nExperience\nChef 2001 - 2009\nGraduated from State College in 2001\nClass of 1998",
        &["2001", "1998"],
    );
    check(
        "CHEF\nEducation: BSc 2005\nWork History\nChef 2006-2010",
        &["2005"],
    );
    check(
        "CHEF\nEDUCATION AND TRAINING\n03/2020 Diploma",
        &["03/2020"],
    );
    check(
        "KOCH\nAusbildung\n2001 - 2004 Lehre, Berufsschule\nBerufserfahrung\n2004 - 2010 Koch",
        &["2001", "2004"],
    );
    // Under a heading that was not seen: no school near.
    check(
        "CHEF\nEducation\nBSc, State College 2001\nGPA 4\nHonors\nRitz Hotel\nMay 2001 - June 2004 Cook\nRan the kitchen",
        &["2001"],
    );
    for line in [
        "Served 2000 guests",
        "Budget of $2010",
        "ISO 2012.5",
        "Windows 2008",
    ] {
        check(&format!("{LONG}{line}"), &[]);
    }
    let schools = cuts("BSc 2005, MSc 2007-2009", About::School);
    assert_eq!(schools.len(), 3);
}

#[test]
fn names_are_cut_where_they_stand() {
    for name in [
        "Jane Doe",
        "Ayşe Yılmaz",
        "Zhang Wei",
        "Nguyễn Thị Minh Khai",
        "王小明",
        "فاطمة الزهراء",
        "राहुल शर्मा",
    ] {
        check(&format!("{LONG}Cooks.\nSincerely,\n{name}"), &[name]);
        check(&format!("{LONG}Cooks.\n{name}"), &[name]);
        check(&format!("{LONG}References: {name}, chef"), &[name]);
        check(
            &format!("{LONG}Contact\n{name}\njd@x.org"),
            &[name, "jd@x.org"],
        );
        check(
            &format!("CHEF\nSummary\n{name} is an accountant in Paris."),
            &[name],
        );
        check(
            &format!("CHEF\nSummary\nMy name is {name}. I cook."),
            &[name],
        );
        check(&format!("CHEF\nName - {name}\nCooks"), &[name]);
        check(&format!("{name}\nCHEF\nSummary\nCooks"), &[name]);
    }
    check(
        "Jane Doe\nSummary\nMs. Doe cooks. DOE, JANE and jane doe cook.",
        &["Jane Doe", "Ms. Doe", "DOE, JANE", "jane doe"],
    );
    check("JANE DOE\nHEAD CHEF\nSummary\nCooks", &["JANE DOE"]);
}

#[test]
fn companies_and_skills_in_the_place_of_names_stay() {
    for line in [
        "Summary\nDeloitte Touche is a leading provider of audits.",
        "Summary\nSpring Boot is a framework for services.",
        "Summary\nHome Depot is the largest retailer.",
        "Summary\nI am Responsible And quick.",
        "Summary\nI am Highly Motivated",
    ] {
        check(&format!("CHEF\n{line}\nMore"), &[]);
    }
    for last in [
        "Adobe Photoshop",
        "Microsoft Excel",
        "New York",
        "Team Leadership",
        "Google Analytics",
    ] {
        check(&format!("{LONG}{last}"), &[]);
    }
}

#[test]
fn marks_say_what_was_there() {
    shows(
        "Jane Doe\nj@x.org | +49 30 5550 1234\nAge: 34\nDOB: 1.2.1980\nGender: female\nSummary\nCooks",
        "[name]\n[contact]\n[age]\n[date]\n[personal]\nSummary\nCooks",
    );
    shows(
        "CHEF\n![me](data:image/png;base64,AAAA) x",
        "CHEF\n[photo] x",
    );
}

fn lines_of_cvs() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[A-ZÉŻ][a-zéż]{1,8}( [A-Z][a-z]{1,8}){0,3}",
        "(19|20)[0-9]{2}( ?[-–/] ?(19|20)?[0-9]{2})?",
        "[0-9]{1,3} years? old",
        "\\PC{1,6}",
        Just("Education\n".to_owned()),
        Just("Experience\n".to_owned()),
        Just("born 1988 ".to_owned()),
        Just("Male | ".to_owned()),
        Just("My name is ".to_owned()),
        Just(" is an accountant ".to_owned()),
        Just("Sincerely,\n".to_owned()),
        Just("Bachelor of ".to_owned()),
        Just("\n".to_owned()),
        Just(" ".to_owned()),
        Just("王小明".to_owned()),
        Just("j@x.org".to_owned()),
    ];
    proptest::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn any_text_is_cut_at_characters_and_marked(text in lines_of_cvs()) {
        for about in [About::Nobody, About::Headline, About::Person, About::School] {
            let cuts = cuts(&text, about);
            let mut end = 0;
            for cut in &cuts {
                prop_assert!(cut.range.start >= end && cut.range.start < cut.range.end);
                prop_assert!(text.get(cut.range.clone()).is_some());
                end = cut.range.end;
            }
            let shown = marked(&text, &cuts);
            prop_assert_eq!(shown == text, cuts.is_empty());
        }
    }

    #[test]
    fn names_again_are_whole_words_at_characters(text in "\\PC{0,60}", name in "\\PC{1,12}") {
        for range in mentions::of_names(&text, std::slice::from_ref(&name)) {
            prop_assert!(text.get(range).is_some());
        }
        for range in mentions::mentions(&text, &name) {
            prop_assert!(text.get(range).is_some());
        }
    }
}
