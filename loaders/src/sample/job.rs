//! Job ads. Owns what an ad says and what it leaves out.

use serde::Serialize;

use super::Place;
use super::career::{Level, levelled, skills};
use super::companies;
use super::data::{City, Country, Data, Occupation};
use super::dates::{DAY_MS, date_time};
use super::pay::{self, Pay};
use super::people;
use super::prose_ad::{self, AdFacts};
use super::prose_local::{self, Local};
use super::rng::Rng;

#[derive(Clone, Serialize)]
pub(super) struct Job {
    pub(super) id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) language: Option<&'static str>,
    pub(super) title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) company: Option<String>,
    pub(super) description: String,
    pub(super) location: Place,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) remote: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) skills: Vec<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) skills_preferred: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) years_min: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pay: Option<Pay>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) industry: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) category: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) contract: Option<&'static str>,
    pub(super) source: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) posted_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) expires_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) url: Option<String>,
}

const STREAM: u64 = 1;
const REPOST_STREAM: u64 = 2;
/// How far back a re-post may look for its original.
const REPOST_REACH: u64 = 400;

/// Document `index`: an ad of its own, or in 2 of 100 cases an earlier one posted again.
pub(super) fn job(data: &Data, seed: u64, now_ms: i64, index: u64) -> Job {
    let mut rng = Rng::new(seed, REPOST_STREAM, index);
    if index == 0 || !rng.chance(2) {
        return draw(data, seed, now_ms, index);
    }
    // Drawn, not looked up, so that the original may itself be a re-post's place: only its own ad counts.
    let original = index - 1 - rng.below(index.min(REPOST_REACH) as usize) as u64;
    let mut job = draw(data, seed, now_ms, original);
    job.id = id(index);
    job.url = job.url.map(|_| url(index));
    let age_ms = rng.skewed(20 * 1_440) as i64 * 60_000 + 3_600_000;
    job.posted_at = Some(date_time(now_ms - age_ms));
    job.expires_at = Some(date_time(now_ms - age_ms + 30 * DAY_MS));
    match rng.below(4) {
        0 => job.pay = None,
        1 => job.title = job.title.to_uppercase(),
        2 => {
            let reference = format!("\n\nRef. {:05}", rng.below(100_000));
            job.description.push_str(&reference);
        }
        _ => {}
    }
    job
}

fn id(index: u64) -> String {
    format!("job-{index:07}")
}

fn url(index: u64) -> String {
    format!("https://jobs.example.com/{index}")
}

/// What kind of work, where and in which language.
fn setting<'a>(
    rng: &mut Rng,
    data: &'a Data,
) -> (&'a Occupation, &'a Country, &'a City, Option<Local>) {
    let (country, city) = data.place(rng);
    let (local, share) = match country.code {
        "DE" | "AT" => (Some(Local::German), 66),
        "CH" => (Some(Local::German), 50),
        "FR" => (Some(Local::French), 72),
        _ => (None, 0),
    };
    let local = local.filter(|_| rng.chance(share));
    let english = people::home_language(country.code) == "en";
    let mut occupation = &data.occupations[data.occupation(rng)];
    // Titles in German and French exist for common work only; ads in English abroad are for trained people.
    for _ in 0..24 {
        let fits = if local.is_some() {
            occupation.common.is_some()
        } else {
            english || occupation.zone >= 4
        };
        if fits {
            break;
        }
        occupation = &data.occupations[data.occupation(rng)];
    }
    let local = local.filter(|_| occupation.common.is_some());
    (occupation, country, city, local)
}

const DOMAINS: [&str; 16] = [
    "Payments",
    "Platform",
    "Data Platform",
    "Growth",
    "Mobile",
    "Internal Tools",
    "Search",
    "Infrastructure",
    "Customer Experience",
    "Logistics",
    "Security",
    "Integrations",
    "Billing",
    "Analytics",
    "Research",
    "Core Product",
];
const SHIFTS: [&str; 12] = [
    "Night Shift",
    "Part-Time",
    "Weekends",
    "Full-Time",
    "Evenings",
    "2nd Shift",
    "Immediate Start",
    "Seasonal",
    "Day Shift",
    "Temp to Perm",
    "Paid Training",
    "PRN",
];

fn title(
    rng: &mut Rng,
    data: &Data,
    occupation: &Occupation,
    level: Level,
    city: &City,
    country: &Country,
) -> String {
    let base = occupation.titles[rng.skewed(occupation.titles.len())];
    let mut title = levelled(base, occupation, level, rng);
    let desk = data.groups[occupation.group].desk;
    let clinical = occupation.code.starts_with("29");
    match rng.below(100) {
        0..10 if desk == 2 && occupation.code.starts_with("15") => {
            title = format!("{title}, {}", rng.say(&DOMAINS));
        }
        0..22 if desk == 0 && (occupation.zone <= 3 || occupation.code.starts_with("29-114")) => {
            let shift = rng.say(&SHIFTS);
            if shift != "PRN" || clinical {
                title = format!(
                    "{title} {}",
                    rng.say(&["({})", "- {}", "– {}"]).replace("{}", shift)
                );
            }
        }
        22..28 => title = format!("{title} - {}", city.name),
        28..33 if occupation.code.starts_with("17") && !title.contains(' ') => {
            title.push_str(rng.say(&[" II", " III"]));
        }
        33..36 if desk > 0 && level == Level::Mid => {
            title = format!("{title} {}", rng.say(&["I", "II", "III"]));
        }
        36..38 => title = title.to_uppercase(),
        _ => {}
    }
    if matches!(country.code, "DE" | "AT" | "CH" | "NL") && rng.chance(55) {
        title.push_str(rng.say(&[" (m/f/d)", " (f/m/x)", " (all genders)"]));
    }
    title
}

fn remote(rng: &mut Rng, desk: u8) -> Option<&'static str> {
    let (onsite, hybrid, remote) =
        [(60, 0, 0), (38, 22, 6), (20, 30, 26)][usize::from(desk.min(2))];
    match rng.below(100) {
        at if at < onsite => Some("onsite"),
        at if at < onsite + hybrid => Some("hybrid"),
        at if at < onsite + hybrid + remote => Some("remote"),
        _ => None,
    }
}

fn years_min(rng: &mut Rng, zone: u8, level: Level) -> Option<u8> {
    let (low, high) = match (zone, level) {
        (_, Level::Junior) => (0, 1),
        (1 | 2, Level::Mid) => (0, 2),
        (3, Level::Mid) => (1, 3),
        (_, Level::Mid) => (2, 4),
        (1..=3, Level::Senior | Level::Lead) => (3, 6),
        (_, Level::Senior) => (5, 8),
        (_, Level::Lead) => (7, 12),
    };
    let years = rng.between(low, high) as u8;
    rng.chance(66).then_some(years)
}

fn contract(rng: &mut Rng, title: &str, level: Level, zone: u8) -> Option<&'static str> {
    if title.contains("Apprentice") {
        return Some("apprenticeship");
    }
    if title.contains("Part-Time") || title.contains("PRN") {
        return Some("part-time");
    }
    if title.contains("Seasonal") || title.contains("Temp to Perm") {
        return Some("temporary");
    }
    if title.contains("Full-Time") {
        return Some("full-time");
    }
    match rng.below(100) {
        66..76 if zone <= 3 => Some("part-time"),
        66..74 => Some("contract"),
        74..79 => Some("temporary"),
        79..82 if level == Level::Junior => Some("internship"),
        88.. => None,
        _ => Some("full-time"),
    }
}

/// Posted within 90 days before `now_ms`, recently more often; how long it stays open.
fn dates(rng: &mut Rng, now_ms: i64) -> (Option<String>, Option<String>) {
    let age_minutes = rng.skewed(90 * 1_440 - 61) as i64 + 60;
    let posted_ms = now_ms - age_minutes * 60_000;
    let age_days = age_minutes / 1_440;
    let open_days = *rng.pick(&[30, 45, 60, 90]);
    // An ad that is still up is seldom past its end.
    let open_days = if open_days <= age_days && !rng.chance(4) {
        90
    } else {
        open_days
    };
    let posted = rng.chance(97).then(|| date_time(posted_ms));
    let expires = rng
        .chance(68)
        .then(|| date_time(posted_ms + open_days * DAY_MS));
    (posted, expires)
}

fn draw(data: &Data, seed: u64, now_ms: i64, index: u64) -> Job {
    let rng = &mut Rng::new(seed, STREAM, index);
    let (occupation, country, city, local) = setting(rng, data);
    let group = &data.groups[occupation.group];
    let level = Level::draw(rng, occupation.zone);
    let title = titled(rng, data, occupation, level, (country, city, local));
    let industry = group.industries[rng.skewed(group.industries.len())];
    let company = companies::company(rng, industry, country.code);
    let wanted = rng.between(4, 10);
    let mut required = skills(rng, data, occupation, country.code, wanted);
    let preferred = required.split_off(required.len().min(3 + rng.below(4)));
    let preferred = if rng.chance(75) {
        preferred.into_iter().take(4).collect()
    } else {
        Vec::new()
    };
    let remote = remote(rng, group.desk);
    let offered = pay::offer(rng, data, occupation, level, country, city);
    let pay = rng.chance(60).then_some(offered);
    let years = years_min(rng, occupation.zone, level).map(|years| years.max(years_floor(&title)));
    let facts = AdFacts {
        data,
        occupation,
        level,
        title: plain_title(&title),
        company: &company,
        industry,
        city: city.name,
        country: country.code,
        required: &required,
        preferred: &preferred,
        years,
        remote,
        pay: pay.as_ref().map(pay::written),
    };
    let description = match local {
        Some(local) => prose_local::ad(rng, local, &facts),
        None => prose_ad::ad(rng, &facts),
    };
    let contract = contract(rng, &title, level, occupation.zone);
    let (posted_at, expires_at) = dates(rng, now_ms);
    Job {
        id: id(index),
        language: language(rng, local),
        title,
        company: rng.chance(97).then_some(company),
        description,
        location: Place::draw(rng, country, city),
        remote,
        skills: required,
        skills_preferred: preferred,
        years_min: years,
        pay,
        industry: rng.chance(90).then_some(industry),
        category: rng.chance(95).then_some(group.category),
        contract,
        source: "sample",
        posted_at,
        expires_at,
        url: rng.chance(90).then(|| url(index)),
    }
}

/// The title in the ad's language.
fn titled(
    rng: &mut Rng,
    data: &Data,
    occupation: &Occupation,
    level: Level,
    (country, city, local): (&Country, &City, Option<Local>),
) -> String {
    let desk = data.groups[occupation.group].desk;
    match (local, &occupation.common) {
        (Some(Local::German), Some(common)) => {
            prose_local::title(rng, Local::German, &common.titles_de, level, desk)
        }
        (Some(Local::French), Some(common)) => {
            prose_local::title(rng, Local::French, &common.titles_fr, level, desk)
        }
        (_, _) => title(rng, data, occupation, level, city, country),
    }
}

/// Nobody leads without having worked.
fn years_floor(title: &str) -> u8 {
    let leading = [
        "Supervisor",
        "Manager",
        "Director",
        "Chief",
        "Head ",
        "Foreman",
        "Lead ",
    ];
    if leading.iter().any(|word| title.contains(word)) {
        2
    } else {
        0
    }
}

fn language(rng: &mut Rng, local: Option<Local>) -> Option<&'static str> {
    match local {
        Some(Local::German) => Some("de"),
        Some(Local::French) => Some("fr"),
        None => rng.chance(70).then_some("en"),
    }
}

/// The title as prose uses it: without what stands behind a comma, a dash or in brackets.
fn plain_title(title: &str) -> &str {
    let cut = [", ", " - ", " – ", " ("]
        .iter()
        .filter_map(|mark| title.find(mark))
        .min();
    cut.and_then(|at| title.get(..at)).unwrap_or(title)
}
