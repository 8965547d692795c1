//! English prose of ads. Owns templates; who and what they are about comes in.

use super::career::Level;
use super::data::{Data, Occupation};
use super::prose_ad_lists::{
    BENEFITS, BOSSES, CLOSINGS, DETAIL_ENDS, DETAIL_STARTS, DUTY_HEADS, GIVE_HEADS, INTROS,
    PLUS_LINES, ROLES, SIZES, SKILL_LINES, TRAITS, US_BENEFITS, WANT_HEADS,
};
use super::rng::Rng;
use super::words::{
    Form, Style, Task, article, capitalise, fill, inside, join, task, task_capital,
};

/// What an ad is about.
pub(super) struct AdFacts<'a> {
    pub(super) data: &'a Data,
    pub(super) occupation: &'a Occupation,
    pub(super) level: Level,
    pub(super) title: &'a str,
    pub(super) company: &'a str,
    pub(super) industry: &'a str,
    pub(super) city: &'a str,
    pub(super) country: &'a str,
    pub(super) required: &'a [&'static str],
    pub(super) preferred: &'a [&'static str],
    pub(super) years: Option<u8>,
    pub(super) remote: Option<&'static str>,
    pub(super) pay: Option<String>,
}

/// The fewest words of an ad.
const WORDS_MIN: usize = 60;

/// The description of an ad, 60 to 300 words.
pub(super) fn ad(rng: &mut Rng, facts: &AdFacts<'_>) -> String {
    let mut out = String::with_capacity(1_800);
    let a_title = format!("{} {}", article(facts.title), facts.title);
    let staff = rng.say(&[
        "12", "25", "40", "60", "85", "120", "200", "350", "600", "1,200", "2,500", "8,000",
    ]);
    let (age, team) = (
        rng.between(4, 90).to_string(),
        rng.say(&["four", "five", "six", "eight", "ten", "a dozen", "fifteen"]),
    );
    let industry = if facts.industry == "Public sector" {
        "public service".to_owned()
    } else {
        facts.industry.to_lowercase()
    };
    let values = [
        ("company", facts.company),
        ("city", facts.city),
        ("industry", &*industry),
        ("title", facts.title),
        ("a_title", &*a_title),
        ("a_size", rng.say(&SIZES)),
        ("staff", staff),
        ("age", &*age),
        ("team", team),
        ("boss", rng.say(&BOSSES)),
    ];
    let role_first = rng.chance(35);
    if !role_first {
        introduce(&mut out, rng, &values);
        out.push(' ');
    }
    fill(&mut out, rng.say(&ROLES), &values);
    if role_first {
        out.push_str(rng.say(&[" ", "\n\n"]));
        introduce(&mut out, rng, &values);
    }
    out.push_str("\n\n");
    let style = Style::draw(rng);
    duties(&mut out, rng, style, facts);
    wants(&mut out, rng, style, facts);
    gives(&mut out, rng, style, facts);
    if rng.chance(60) {
        fill(&mut out, rng.say(&CLOSINGS), &values);
    }
    out.truncate(out.trim_end().len());
    // Nobody posts ten words.
    while out.split_whitespace().count() < WORDS_MIN {
        out.push_str("\n\n");
        introduce(&mut out, rng, &values);
    }
    out
}

/// Who the company is, and mostly how it works.
fn introduce(out: &mut String, rng: &mut Rng, values: &[(&str, &str)]) {
    fill(out, rng.say(&INTROS), values);
    for _ in 0..[1, 1, 1, 0, 2][rng.below(5)] {
        out.push(' ');
        fill(out, rng.say(&DETAIL_STARTS), values);
        out.push(' ');
        out.push_str(rng.say(&DETAIL_ENDS));
        out.push('.');
    }
}

fn duties(out: &mut String, rng: &mut Rng, style: Style, facts: &AdFacts<'_>) {
    let count = rng.between(3, 6);
    let (shape, gerund) = (rng.below(10), rng.chance(22));
    let in_gerund = shape > 7 || shape <= 5 && gerund;
    let tasks = if in_gerund {
        facts.occupation.told_tasks()
    } else {
        &facts.occupation.tasks
    };
    let chosen = rng.some(tasks, count);
    match shape {
        0..=5 => {
            let form = if gerund { Form::Gerund } else { Form::Base };
            let stop = rng.say(&["", "", "."]);
            let lines: Vec<String> = chosen
                .iter()
                .map(|text| line(text, form, rng.chance(35), stop))
                .collect();
            style.list(out, rng.say(&DUTY_HEADS), lines.iter().map(String::as_str));
        }
        6..=7 => {
            for (place, text) in chosen.iter().take(4).enumerate() {
                out.push_str(
                    [
                        "You will ",
                        "You ",
                        "You will also ",
                        "From time to time you ",
                    ][place.min(3)],
                );
                task(out, text, Form::Base, rng.chance(35));
                out.push_str(". ");
            }
            out.push('\n');
        }
        _ => {
            out.push_str(rng.say(&[
                "You will be ",
                "In this job you will be ",
                "Expect to spend your days ",
            ]));
            for (place, text) in chosen.iter().take(3).enumerate() {
                out.push_str(
                    ["", ". You will also be ", ". Another part of the job is "][place.min(2)],
                );
                task(out, text, Form::Gerund, rng.chance(35));
            }
            out.push_str(".\n");
        }
    }
    out.push('\n');
}

/// One task as a line of a list.
pub(super) fn line(text: &Task, form: Form, shorten: bool, stop: &str) -> String {
    let mut out = String::with_capacity(160);
    task_capital(&mut out, text, form, shorten);
    out.push_str(stop);
    out
}

fn wants(out: &mut String, rng: &mut Rng, style: Style, facts: &AdFacts<'_>) {
    let mut lines: Vec<String> = Vec::with_capacity(6);
    if let Some(years) = facts.years {
        let unit = if years == 1 { "year" } else { "years" };
        lines.push(match (years, rng.below(4)) {
            (0, _) => "No experience needed, we train you".to_owned(),
            (_, 0) => format!("{years}+ years of experience in a similar role"),
            (_, 1) => format!("At least {years} {unit} of relevant experience"),
            (_, 2) => format!("Minimum of {years} {unit} in the field"),
            (_, _) => format!(
                "{years} {unit} or more as {} {}",
                article(facts.title),
                facts.title
            ),
        });
    }
    lines.push(skill_line(rng.say(&SKILL_LINES), facts.required, "and"));
    if !facts.preferred.is_empty() {
        lines.push(skill_line(
            rng.say(&PLUS_LINES),
            facts.preferred,
            rng.say(&["and", "or"]),
        ));
    }
    let learner = facts.level == Level::Junior && facts.occupation.zone <= 3;
    if facts.occupation.zone >= 2 && !learner && rng.chance(55) {
        lines.push(schooling(rng, facts));
    }
    let traits = rng.between(0, 2);
    lines.extend(rng.some(&TRAITS, traits).into_iter().map(str::to_owned));
    if rng.chance(78) {
        style.list(out, rng.say(&WANT_HEADS), lines.iter().map(String::as_str));
    } else {
        out.push_str(&lines.join(". "));
        out.push_str(".\n");
    }
    out.push('\n');
}

fn skill_line(template: &str, skills: &[&'static str], and: &str) -> String {
    let said: Vec<String> = skills.iter().map(|skill| inside(skill)).collect();
    let words: Vec<&str> = said.iter().map(String::as_str).collect();
    let mut out = String::new();
    fill(&mut out, template, &[("skills", &join(&words, and))]);
    capitalise(&mut out, 0);
    out
}

fn schooling(rng: &mut Rng, facts: &AdFacts<'_>) -> String {
    let study = study(rng, facts.data, facts.occupation);
    match (facts.occupation.zone, facts.level) {
        (5, _) if facts.occupation.code.starts_with("29-12") => {
            "Medical degree and licence to practise".to_owned()
        }
        (5, _) => format!("Master's degree or higher in {study} or a related field"),
        (4, _) => format!(
            "{} in {study} or {}",
            rng.say(&["Bachelor's degree", "Degree", "BSc or BA"]),
            rng.say(&["a related field", "equivalent experience"])
        ),
        (3, _) => format!(
            "{} in {study}",
            rng.say(&[
                "Vocational training",
                "Certificate or associate degree",
                "Completed training"
            ])
        ),
        (_, _) => "High school diploma or equivalent".to_owned(),
    }
}

/// A field of study for the occupation.
pub(super) fn study(rng: &mut Rng, data: &Data, occupation: &Occupation) -> &'static str {
    match &occupation.common {
        Some(common) => common.study,
        None => rng.say(&data.groups[occupation.group].studies),
    }
}

fn gives(out: &mut String, rng: &mut Rng, style: Style, facts: &AdFacts<'_>) {
    let mut lines: Vec<String> = Vec::new();
    let listed = rng.chance(60);
    if let Some(pay) = facts.pay.as_ref().filter(|_| rng.chance(70)) {
        lines.push(format!(
            "{}{pay}",
            if listed {
                rng.say(&["Pay: ", "Salary: ", "", "Compensation: "])
            } else {
                ""
            }
        ));
    }
    match facts.remote {
        Some("remote") => lines.push(
            (rng.say(&[
                "fully remote work",
                "work from anywhere in the country",
                "100% remote",
            ]))
            .to_owned(),
        ),
        Some("hybrid") => lines.push(
            (rng.say(&[
                "two to three days a week from home",
                "hybrid working",
                "a mix of office and home",
            ]))
            .to_owned(),
        ),
        Some(_) | None => {}
    }
    if rng.chance(82) {
        let count = rng.between(1, 3);
        lines.extend(rng.some(&BENEFITS, count).into_iter().map(str::to_owned));
        if facts.country == "US" {
            let count = rng.between(1, 2);
            lines.extend(rng.some(&US_BENEFITS, count).into_iter().map(str::to_owned));
        }
    }
    if lines.is_empty() {
        return;
    }
    if listed {
        for line in &mut lines {
            capitalise(line, 0);
        }
        style.list(out, rng.say(&GIVE_HEADS), lines.iter().map(String::as_str));
        out.push('\n');
    } else {
        let words: Vec<&str> = lines.iter().map(String::as_str).collect();
        out.push_str(rng.say(&["We offer ", "You get ", "On offer: "]));
        out.push_str(&join(&words, "and"));
        out.push_str(".\n\n");
    }
}
