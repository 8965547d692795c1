//! English prose of CVs. Owns templates; who they are about comes in.

use super::prose_ad::line;
use super::rng::Rng;
use super::words::{Form, Style, Task, article, fill, inside, task_capital};

const OPENERS: [&str; 12] = [
    "{Title} with {years} years of experience in {field}.",
    "Experienced {title} with a background in {field}.",
    "{Title} who enjoys {skill1} and {skill2}.",
    "I have worked in {field} for {years} years, most recently as {a_title}.",
    "{years} years in {field}. Known for careful work and for finishing what I start.",
    "Dependable {title} looking for the next step.",
    "{Title} with strong skills in {skill1}, {skill2} and {skill3}.",
    "My background is in {field}; {skill1} and {skill2} are what I do best.",
    "Results-driven {title} with hands-on experience in {skill1}.",
    "{Title} with a track record in {field}, seeking a role where {skill1} matters.",
    "I am {a_title} with {years} years behind me and a liking for {skill1}.",
    "Trained in {skill1} and {skill2}, I have spent {years} years in {field}.",
];
const STRENGTHS: [&str; 12] = [
    "Quick to learn and easy to work with.",
    "Colleagues come to me when something is stuck.",
    "Comfortable leading small teams.",
    "Open to shift work.",
    "I keep calm when it gets busy.",
    "Used to deadlines.",
    "Valid driving licence.",
    "References on request.",
    "I like to leave things better than I found them.",
    "Trained several new colleagues.",
    "Looking for a long-term position.",
    "Available at short notice.",
];
const WORK_HEADS: [&str; 6] = [
    "Experience",
    "What I have done",
    "Highlights",
    "Selected work",
    "Work history",
    "Professional experience",
];

/// What a CV is about.
pub(super) struct CvFacts<'a> {
    pub(super) title: &'a str,
    pub(super) field: &'a str,
    pub(super) years: f64,
    pub(super) skills: &'a [&'static str],
    /// Title and tasks of each job, newest first.
    pub(super) jobs: &'a [(String, Vec<&'static Task>)],
}

/// The text of a CV, 60 to 300 words.
pub(super) fn cv(rng: &mut Rng, facts: &CvFacts<'_>) -> String {
    let mut out = String::with_capacity(1_800);
    let a_title = format!("{} {}", article(facts.title), facts.title);
    let years = format!("{:.0}", facts.years.max(2.0).floor());
    let field = facts.field.to_lowercase();
    let skill = |place: usize| inside(facts.skills.get(place).copied().unwrap_or("teamwork"));
    let (skill1, skill2, skill3) = (skill(0), skill(1), skill(2));
    let values = [
        ("Title", facts.title),
        ("title", facts.title),
        ("a_title", &*a_title),
        ("years", &*years),
        ("field", &*field),
        ("skill1", &*skill1),
        ("skill2", &*skill2),
        ("skill3", &*skill3),
    ];
    fill(&mut out, rng.say(&OPENERS), &values);
    let count = rng.between(1, 3);
    for strength in rng.some(&STRENGTHS, count) {
        out.push(' ');
        out.push_str(strength);
    }
    out.push_str("\n\n");
    out.push_str(rng.say(&WORK_HEADS));
    out.push('\n');
    let style = Style::draw(rng);
    for (title, tasks) in facts.jobs {
        let lines: Vec<String> = tasks
            .iter()
            .map(|text| line(text, Form::Past, rng.chance(40), ""))
            .collect();
        style.list(&mut out, title, lines.iter().map(String::as_str));
    }
    if rng.chance(70) {
        out.push_str(rng.say(&["\nSkills: ", "\nKey skills: ", "\nTools and skills: "]));
        out.push_str(&facts.skills.join(", "));
    }
    out.truncate(out.trim_end().len());
    while out.split_whitespace().count() < 60 {
        out.push_str("\n\n");
        fill(&mut out, rng.say(&OPENERS), &values);
        out.push(' ');
        out.push_str(rng.say(&STRENGTHS));
    }
    out
}

/// The text of one job in a career: one or two sentences in the past.
pub(super) fn stint(rng: &mut Rng, tasks: &[&'static Task]) -> String {
    let mut out = String::with_capacity(240);
    for text in tasks {
        if !out.is_empty() {
            out.push(' ');
        }
        task_capital(&mut out, text, Form::Past, rng.chance(30));
        out.push('.');
    }
    out
}
