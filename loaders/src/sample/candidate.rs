//! Candidates. Owns what a profile says and what it leaves out.

use serde::Serialize;

use super::Place;
use super::career::{Career, LEVELLED, Level, levelled, skills};
use super::companies;
use super::data::{City, Country, Data, Occupation};
use super::dates::{date_time, month_of, month_start};
use super::pay::{self, Pay};
use super::people;
use super::prose_ad::study;
use super::prose_cv::{self, CvFacts};
use super::prose_cv_local;
use super::prose_local::Local;
use super::query::Asked;
use super::rng::Rng;
use super::words::Task;

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
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<Place>,
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

/// What a CV says of a career.
struct Told {
    /// Title and a sentence or two about each job, newest first.
    jobs: Vec<(String, String)>,
    skills: Vec<&'static str>,
    headline: String,
    text: String,
    education: String,
}

/// What candidate `index` offers to ask for. `now` moves dates alone, so that any will do.
pub(super) fn asked(data: &'static Data, seed: u64, index: u64) -> Asked {
    let (made, country, city, occupation) = draw(data, seed, 0, index);
    let group = &data.groups[occupation.group];
    let newest = made.experience.into_iter().next();
    Asked {
        title: newest.map_or(made.headline, |position| position.title),
        skills: made.skills,
        company: None,
        city,
        country: country.code,
        category: group.category,
        industry: group.industries[0],
    }
}

/// Document `index`.
pub(super) fn candidate(data: &'static Data, seed: u64, now_ms: i64, index: u64) -> Candidate {
    draw(data, seed, now_ms, index).0
}

type Drawn = (
    Candidate,
    &'static Country,
    &'static City,
    &'static Occupation,
);

fn draw(data: &'static Data, seed: u64, now_ms: i64, index: u64) -> Drawn {
    let rng = &mut Rng::new(seed, STREAM, index);
    let country = data.country(rng);
    let last = data.occupation(rng);
    let occupation = &data.occupations[last];
    let group = &data.groups[occupation.group];
    let city = country.city(rng, group);
    let mut career = Career::draw(rng, data, last, month_of(now_ms));
    let local = language(rng, country.code).filter(|_| occupation.common.is_some());
    let person = people::person(rng, country.code);
    let told = match local {
        Some(local) => told_local(rng, data, &mut career, country.code, local),
        None => told(rng, data, &career, country.code),
    };
    let experience = positions(rng, data, &career, told.jobs, (country.code, city));
    let level = career.stints.last().map_or(Level::Mid, |stint| stint.level);
    let pay_wanted = rng.chance(45).then(|| {
        let mut pay = pay::offer(rng, data, occupation, level, country, city);
        pay.max = pay.max.filter(|_| rng.chance(25));
        pay
    });
    let count = rng.between(1, 3);
    let mut open_to = vec!["full-time"];
    open_to.extend(rng.some(
        &["part-time", "contract", "temporary", "relocation"],
        count - 1,
    ));
    let unlisted = rng.chance(12);
    let made = Candidate {
        id: format!("cand-{index:07}"),
        language: match local {
            Some(local) => Some(local.code()),
            None => rng.chance(80).then_some("en"),
        },
        headline: told.headline,
        text: told.text,
        skills: if unlisted { Vec::new() } else { told.skills },
        years: rng.chance(94).then(|| career.years()),
        experience,
        education: rng.chance(92).then_some(told.education),
        location: rng.chance(97).then(|| Place::draw(rng, country, city)),
        remote: wish(rng, group.desk),
        pay_wanted,
        industry: rng.chance(80).then(|| rng.say(&group.industries)),
        category: rng.chance(96).then_some(group.category),
        open_to,
        languages: person.languages,
        source: "sample",
        updated_at: rng
            .chance(95)
            .then(|| date_time(now_ms - (rng.skewed(180 * 1_440) as i64 + 60) * 60_000)),
        name: person.name,
        email: person.email,
        phone: person.phone.filter(|_| rng.chance(80)),
    };
    (made, country, city, occupation)
}

/// The language of the CV, if it is not English.
fn language(rng: &mut Rng, country: &str) -> Option<Local> {
    let (local, share) = match (country, rng.chance(30)) {
        ("DE" | "AT", _) => (Some(Local::German), 64),
        ("CH", false) => (Some(Local::German), 60),
        ("CH" | "BE", true) => (Some(Local::French), 60),
        ("FR", _) => (Some(Local::French), 68),
        ("ES", _) => (Some(Local::Spanish), 70),
        (_, _) => (None, 0),
    };
    local.filter(|_| rng.chance(share))
}

fn told(rng: &mut Rng, data: &'static Data, career: &Career, country: &str) -> Told {
    let jobs = tell(rng, data, career);
    let title = jobs.first().map_or("", |(title, _)| title);
    let skills = all_skills(rng, data, career, country);
    let years = career.years();
    let field = career.stints.last().map_or("", |stint| {
        data.groups[data.occupations[stint.occupation].group].category
    });
    let text = prose_cv::cv(
        rng,
        &CvFacts {
            title,
            field,
            years,
            skills: &skills,
            jobs: &jobs,
        },
    );
    let headline = headline(rng, title, &skills, years);
    let education = education(rng, data, career);
    let jobs = jobs
        .into_iter()
        .map(|(title, tasks)| {
            let text = prose_cv::stint(rng, tasks.get(..2).unwrap_or(&tasks));
            (title, text)
        })
        .collect();
    Told {
        jobs,
        skills,
        headline,
        text,
        education,
    }
}

/// The same in another language. Only common work has titles there: the others become the last job's work.
fn told_local(
    rng: &mut Rng,
    data: &'static Data,
    career: &mut Career,
    country: &str,
    local: Local,
) -> Told {
    let last = career.stints.last().map_or(0, |stint| stint.occupation);
    for stint in &mut career.stints {
        if data.occupations[stint.occupation].common.is_none() {
            stint.occupation = last;
        }
    }
    let mut jobs: Vec<(String, Vec<String>)> = Vec::with_capacity(career.stints.len());
    let mut base: Option<(usize, &'static str)> = None;
    for stint in career.stints.iter().rev() {
        let occupation = &data.occupations[stint.occupation];
        let titles = match &occupation.common {
            Some(common) => &common.titles[local as usize],
            None => &occupation.titles,
        };
        let name = match base {
            Some((same, name)) if same == stint.occupation => name,
            _ => titles[rng.skewed(titles.len())],
        };
        base = Some((stint.occupation, name));
        let desk = data.groups[occupation.group].desk;
        let title = prose_cv_local::title(name, local, stint.level, desk);
        let used = skills(rng, data, occupation, country, 6);
        jobs.push((
            title,
            prose_cv_local::stint(rng, local, data, occupation, &used),
        ));
    }
    let all = all_skills(rng, data, career, country);
    let title = jobs.first().map_or("", |(title, _)| title);
    let years = career.years();
    let text = prose_cv_local::cv(rng, local, data, (title, years), &all, &jobs);
    let education = prose_cv_local::degree(rng, local, studied(data, career), graduation(career));
    Told {
        headline: title.to_owned(),
        text,
        education,
        skills: all,
        jobs: jobs
            .into_iter()
            .map(|(title, lines)| (title, lines.join(". ") + "."))
            .collect(),
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
fn tell(rng: &mut Rng, data: &'static Data, career: &Career) -> Vec<(String, Vec<&'static Task>)> {
    let mut told: Vec<(String, Vec<&'static Task>)> = Vec::with_capacity(career.stints.len());
    let mut base: Option<(usize, &'static str)> = None;
    let mut used: Vec<&'static Task> = Vec::new();
    for (place, stint) in career.stints.iter().rev().enumerate() {
        let occupation: &Occupation = &data.occupations[stint.occupation];
        let name = match base {
            Some((same, name)) if same == stint.occupation => name,
            _ => occupation.title(rng),
        };
        base = Some((stint.occupation, name));
        let count = if place == 0 {
            rng.between(3, 4)
        } else {
            rng.between(1, 2)
        };
        let is_used = |task: &&'static Task| used.iter().any(|one| std::ptr::eq(*one, *task));
        // A few more than wanted, as some may have been told of a job before.
        let drawn = rng.some(occupation.told_tasks(), count * 2);
        let mut tasks: Vec<&'static Task> = drawn
            .iter()
            .copied()
            .filter(|task| !is_used(task))
            .collect();
        if tasks.is_empty() {
            tasks = drawn;
        }
        tasks.truncate(count);
        used.extend(&tasks);
        told.push((levelled(name, occupation, stint.level, rng), tasks));
    }
    told
}

fn positions(
    rng: &mut Rng,
    data: &Data,
    career: &Career,
    told: Vec<(String, String)>,
    (country, city): (&str, &City),
) -> Vec<Position> {
    let mut positions = Vec::with_capacity(told.len());
    for (place, (stint, (title, text))) in career.stints.iter().rev().zip(told).enumerate() {
        let group = &data.groups[data.occupations[stint.occupation].group];
        let industry = group.industries[rng.skewed(group.industries.len())];
        let current = place == 0 && career.employed;
        positions.push(Position {
            title,
            company: companies::company(rng, industry, country, city),
            from: month_start(stint.from),
            to: (!current).then(|| month_start(stint.to)),
            text,
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

/// People with two careers studied for the more demanding one.
fn studied(data: &'static Data, career: &Career) -> &'static Occupation {
    career
        .stints
        .iter()
        .map(|stint| &data.occupations[stint.occupation])
        .max_by_key(|occupation| occupation.zone)
        .unwrap_or(&data.occupations[0])
}

/// The year the first job began.
fn graduation(career: &Career) -> i64 {
    career
        .stints
        .first()
        .map_or(0, |stint| stint.from.div_euclid(12))
}

fn education(rng: &mut Rng, data: &'static Data, career: &Career) -> String {
    let occupation = studied(data, career);
    let graduation = graduation(career);
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
