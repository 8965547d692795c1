//! Candidates. Owns what a profile says and what it leaves out.

use serde::Serialize;

use super::Place;
use super::career::{Career, LEVELLED, Level, levelled, skills};
use super::companies;
use super::data::{Data, Occupation};
use super::dates::{date_time, month_of, month_start};
use super::pay::{self, Pay};
use super::people;
use super::prose_ad::study;
use super::prose_cv::{self, CvFacts};
use super::rng::Rng;

#[derive(Serialize)]
pub(super) struct Candidate {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<&'static str>,
    headline: String,
    text: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    skills: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    years: Option<f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    experience: Vec<Position>,
    #[serde(skip_serializing_if = "Option::is_none")]
    education: Option<String>,
    location: Place,
    #[serde(skip_serializing_if = "Option::is_none")]
    remote: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pay_wanted: Option<Pay>,
    #[serde(skip_serializing_if = "Option::is_none")]
    industry: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    category: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    open_to: Vec<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    languages: Vec<&'static str>,
    source: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_at: Option<String>,
    name: String,
    email: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
}

#[derive(Serialize)]
struct Position {
    title: String,
    company: String,
    from: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    text: String,
}

const STREAM: u64 = 3;

/// Document `index`.
pub(super) fn candidate(data: &Data, seed: u64, now_ms: i64, index: u64) -> Candidate {
    let rng = &mut Rng::new(seed, STREAM, index);
    let (country, city) = data.place(rng);
    let last = data.occupation(rng);
    let career = Career::draw(rng, data, last, month_of(now_ms));
    let occupation = &data.occupations[last];
    let group = &data.groups[occupation.group];
    let person = people::person(rng, country.code);
    let told = tell(rng, data, &career);
    let experience = positions(rng, data, &career, &told, country.code);
    let title = told.first().map_or("", |(title, _)| title).to_owned();
    let skills = all_skills(rng, data, &career, country.code);
    let years = career.years();
    let category = group.category;
    let text = prose_cv::cv(
        rng,
        &CvFacts {
            data,
            title: &title,
            field: category,
            years,
            skills: &skills,
            jobs: &told,
        },
    );
    let level = career.stints.last().map_or(Level::Mid, |stint| stint.level);
    let pay_wanted = rng.chance(70).then(|| {
        let mut pay = pay::offer(rng, data, occupation, level, country, city);
        pay.max = pay.max.filter(|_| rng.chance(25));
        pay
    });
    let education = education(rng, data, &career);
    let count = rng.between(1, 3);
    let mut open_to = vec!["full-time"];
    open_to.extend(rng.some(
        &["part-time", "contract", "temporary", "relocation"],
        count - 1,
    ));
    Candidate {
        id: format!("cand-{index:07}"),
        language: rng.chance(70).then_some("en"),
        headline: headline(rng, &title, &skills, years),
        text,
        skills,
        years: Some(years),
        experience,
        education: rng.chance(92).then_some(education),
        location: Place::draw(rng, country, city),
        remote: wish(rng, group.desk),
        pay_wanted,
        industry: rng.chance(80).then(|| rng.say(&group.industries)),
        category: rng.chance(96).then_some(category),
        open_to,
        languages: person.languages,
        source: "sample",
        updated_at: rng
            .chance(95)
            .then(|| date_time(now_ms - (rng.skewed(180 * 1_440) as i64 + 60) * 60_000)),
        name: person.name,
        email: person.email,
        phone: person.phone.filter(|_| rng.chance(80)),
    }
}

fn wish(rng: &mut Rng, desk: u8) -> Option<&'static str> {
    match (desk, rng.below(100)) {
        (2, 0..28) => Some("remote"),
        (2, 28..50) | (1, 0..20) => Some("hybrid"),
        (_, 80..) => Some("onsite"),
        (_, _) => None,
    }
}

/// Title and tasks of each job, newest first; work of the same kind keeps its title.
fn tell(rng: &mut Rng, data: &Data, career: &Career) -> Vec<(String, Vec<&'static str>)> {
    let mut told: Vec<(String, Vec<&'static str>)> = Vec::with_capacity(career.stints.len());
    let mut base: Option<(usize, &'static str)> = None;
    let mut used: Vec<&'static str> = Vec::new();
    for (place, stint) in career.stints.iter().rev().enumerate() {
        let occupation: &Occupation = &data.occupations[stint.occupation];
        let name = match base {
            Some((same, name)) if same == stint.occupation => name,
            _ => occupation.titles[rng.skewed(occupation.titles.len())],
        };
        base = Some((stint.occupation, name));
        let fresh: Vec<&'static str> = occupation
            .told_tasks()
            .iter()
            .copied()
            .filter(|task| !used.contains(task))
            .collect();
        let count = if place == 0 {
            rng.between(3, 4)
        } else {
            rng.between(1, 2)
        };
        let tasks = rng.some(
            if fresh.is_empty() {
                occupation.told_tasks()
            } else {
                &fresh
            },
            count,
        );
        used.extend(&tasks);
        told.push((levelled(name, occupation, stint.level, rng), tasks));
    }
    told
}

fn positions(
    rng: &mut Rng,
    data: &Data,
    career: &Career,
    told: &[(String, Vec<&'static str>)],
    country: &str,
) -> Vec<Position> {
    let mut positions = Vec::with_capacity(told.len());
    for (place, (stint, (title, tasks))) in career.stints.iter().rev().zip(told).enumerate() {
        let group = &data.groups[data.occupations[stint.occupation].group];
        let industry = group.industries[rng.skewed(group.industries.len())];
        let current = place == 0 && career.employed;
        positions.push(Position {
            title: title.clone(),
            company: companies::company(rng, industry, country),
            from: month_start(stint.from),
            to: (!current).then(|| month_start(stint.to)),
            text: prose_cv::stint(rng, data, tasks.get(..2).unwrap_or(tasks)),
        });
    }
    positions
}

/// Skills of the present work first, some of the former work behind.
fn all_skills(rng: &mut Rng, data: &Data, career: &Career, country: &str) -> Vec<&'static str> {
    let mut all: Vec<&'static str> = Vec::with_capacity(16);
    for (place, stint) in career.stints.iter().rev().enumerate() {
        let count = if place == 0 {
            rng.between(6, 10)
        } else {
            rng.between(2, 4)
        };
        for skill in skills(
            rng,
            data,
            &data.occupations[stint.occupation],
            country,
            count,
        ) {
            if !all.contains(&skill) {
                all.push(skill);
            }
        }
    }
    all.truncate(16);
    all
}

fn headline(rng: &mut Rng, title: &str, skills: &[&'static str], years: f64) -> String {
    let skill = |place: usize| skills.get(place).copied().unwrap_or("teamwork");
    match rng.below(10) {
        0..=5 => title.to_owned(),
        6 => format!("{title} | {} | {}", skill(0), skill(1)),
        7 => format!(
            "{title} with {:.0} years of experience",
            years.floor().max(2.0)
        ),
        8 => format!("{title} – {}, {}", skill(0), skill(1)),
        _ if LEVELLED.iter().any(|word| title.starts_with(word)) => title.to_owned(),
        _ => format!("Experienced {title}"),
    }
}

fn education(rng: &mut Rng, data: &Data, career: &Career) -> String {
    // People with two careers studied for the more demanding one.
    let most = career
        .stints
        .iter()
        .map(|stint| &data.occupations[stint.occupation])
        .max_by_key(|occupation| occupation.zone);
    let Some(occupation) = most else {
        return String::new();
    };
    let graduation = career
        .stints
        .first()
        .map_or(0, |stint| stint.from.div_euclid(12));
    let study = study(rng, data, occupation);
    let degree = match (occupation.zone, rng.below(3)) {
        (5, _) if occupation.code.starts_with("29-12") => {
            return format!("Doctor of Medicine, {graduation}");
        }
        (5, 0) => "Doctorate",
        (5, _) => "Master's degree",
        (4, 0) => "Bachelor of Arts",
        (4, 1) => "Bachelor of Science",
        (4, _) => "Bachelor's degree",
        (3, 0) => "Associate degree",
        (3, 1) => "Vocational certificate",
        (3, _) => "Completed apprenticeship",
        (2, 0) => "Certificate of completion",
        (_, _) => return format!("High school diploma, {graduation}"),
    };
    format!("{degree} in {study}, {graduation}")
}
