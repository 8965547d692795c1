//! Job ads. Owns what an ad says and what it leaves out.

use serde::Serialize;

use super::Place;
use super::career::{Level, levelled, skills};
use super::companies;
use super::copies::{self, CopyKind};
use super::data::{City, Country, Data, Group, Occupation};
use super::dates::{DAY_MS, date_time, working_time};
use super::pay::{self, Pay};
use super::people;
use super::prose_ad::{self, AdFacts};
use super::prose_local::{self, Local};
use super::query::Asked;
use super::rng::Rng;

#[derive(Serialize)]
pub(super) struct Job {
    pub(super) id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) language: Option<&'static str>,
    pub(super) title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) company: Option<String>,
    pub(super) description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) location: Option<Place>,
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
const PLACE_STREAM: u64 = 2;
const PROSE_STREAM: u64 = 4;

/// Document `index`: an ad of its own, or a copy of an earlier one.
pub(super) fn job(data: &'static Data, seed: u64, now_ms: i64, index: u64) -> Job {
    let Some(copy) = copies::copy_of(seed, index) else {
        return draw(data, seed, now_ms, index, index).told(seed, index, data);
    };
    let mut rng = copies::edits(seed, index);
    let reworded = rng.chance(copy.reworded());
    let wording = if reworded { index } else { copy.original };
    let (ad, mark) = match copy.kind {
        CopyKind::City => (draw(data, seed, now_ms, copy.original, index), 'c'),
        CopyKind::Repost => (draw(data, seed, now_ms, copy.original, copy.original), 'r'),
    };
    let posted_ms = ad.posted_ms;
    let mut job = ad.told(seed, wording, data);
    job.id = format!("{}-{mark}{:07}", id(index), copy.original);
    job.url = job.url.map(|_| url(index));
    if copy.kind == CopyKind::Repost {
        copies::repost(&mut rng, &mut job, posted_ms, now_ms);
    }
    job
}

fn id(index: u64) -> String {
    format!("job-{index:07}")
}

fn url(index: u64) -> String {
    format!("https://jobs.example.com/{index}")
}

/// The city of document `index`.
fn city_of(seed: u64, index: u64, country: &'static Country, group: &Group) -> &'static City {
    country.city(&mut Rng::new(seed, PLACE_STREAM, index), group)
}

/// What kind of work, in which country and language.
fn setting(
    rng: &mut Rng,
    data: &'static Data,
) -> (&'static Occupation, &'static Country, Option<Local>) {
    let country = data.country(rng);
    let (local, share) = match (country.code, rng.chance(30)) {
        ("DE" | "AT", _) => (Some(Local::German), 68),
        ("CH", false) => (Some(Local::German), 64),
        ("CH" | "BE", true) => (Some(Local::French), 60),
        ("FR", _) => (Some(Local::French), 74),
        ("ES", _) => (Some(Local::Spanish), 76),
        (_, _) => (None, 0),
    };
    let local = local.filter(|_| rng.chance(share));
    let english = people::home_language(country.code) == "en";
    let mut occupation = &data.occupations[data.occupation(rng)];
    // Other titles than English ones exist for common work only; ads in English abroad are for trained people.
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
    (occupation, country, local)
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
    let base = occupation.title(rng);
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

/// When it was posted, at most 84 days before `now_ms`, recently more often; and how many days it stays open.
fn dates(rng: &mut Rng, now_ms: i64) -> (i64, i64) {
    let age_minutes = rng.skewed(84 * 1_440 - 61) as i64 + 60;
    let posted_ms = working_time(rng, now_ms - age_minutes * 60_000, now_ms);
    let age_days = (now_ms - posted_ms) / DAY_MS;
    let open_days = *rng.pick(&[30, 45, 60, 90]);
    // An ad that is still up is seldom past its end.
    if open_days <= age_days && !rng.chance(4) {
        (posted_ms, 90)
    } else {
        (posted_ms, open_days)
    }
}

/// Everything an ad says but its prose.
struct Ad {
    job: Job,
    occupation: &'static Occupation,
    local: Option<Local>,
    level: Level,
    company: String,
    industry: &'static str,
    city: &'static City,
    country: &'static str,
    required: Vec<&'static str>,
    preferred: Vec<&'static str>,
    pay: Option<Pay>,
    posted_ms: i64,
}

impl Ad {
    /// The job with its prose in the wording of document `wording`.
    fn told(self, seed: u64, wording: u64, data: &'static Data) -> Job {
        let rng = &mut Rng::new(seed, PROSE_STREAM, wording);
        let mut job = self.job;
        let facts = AdFacts {
            data,
            occupation: self.occupation,
            level: self.level,
            title: plain_title(&job.title),
            company: &self.company,
            industry: self.industry,
            city: self.city.name,
            country: self.country,
            required: &self.required,
            preferred: &self.preferred,
            years: job.years_min,
            remote: job.remote,
            pay: self.pay.as_ref().map(pay::written),
        };
        job.description = match self.local {
            Some(local) => prose_local::ad(rng, local, &facts),
            None => prose_ad::ad(rng, &facts),
        };
        // Every fourth ad or so names its skills in the text alone.
        if rng.chance(77) {
            job.skills = self.required;
            job.skills_preferred = self.preferred;
        }
        job
    }
}

/// The ad of document `index`, in the city of document `placed`.
fn draw(data: &'static Data, seed: u64, now_ms: i64, index: u64, placed: u64) -> Ad {
    let rng = &mut Rng::new(seed, STREAM, index);
    let (occupation, country, local) = setting(rng, data);
    let group = &data.groups[occupation.group];
    let home = city_of(seed, index, country, group);
    let city = city_of(seed, placed, country, group);
    let level = Level::draw(rng, occupation.zone);
    let title = titled(rng, data, occupation, level, (country, city, local));
    let industry = group.industries[rng.skewed(group.industries.len())];
    let company = companies::company(rng, industry, country.code, home);
    let wanted = rng.between(4, 10);
    let mut required = skills(rng, data, occupation, country.code, wanted);
    let mut preferred = required.split_off(required.len().min(3 + rng.below(4)));
    preferred.truncate(if rng.chance(75) { 4 } else { 0 });
    let remote = remote(rng, group.desk);
    let offered = pay::offer(rng, data, occupation, level, country, city);
    let pay = rng
        .chance(pay::told_percent(country.code))
        .then_some(offered);
    let years = years_min(rng, occupation.zone, level).map(|years| years.max(years_floor(&title)));
    let contract = contract(rng, &title, level, occupation.zone);
    let (posted_ms, open_days) = dates(rng, now_ms);
    let placeless = rng.chance(if remote == Some("remote") { 22 } else { 3 });
    let job = Job {
        id: id(index),
        language: language(rng, local),
        title,
        company: rng.chance(97).then(|| company.clone()),
        description: String::new(),
        location: (!placeless).then(|| Place::draw(rng, country, city)),
        remote,
        skills: Vec::new(),
        skills_preferred: Vec::new(),
        years_min: years,
        pay: pay.clone(),
        industry: rng.chance(90).then_some(industry),
        category: rng.chance(95).then_some(group.category),
        contract,
        source: "sample",
        posted_at: rng.chance(97).then(|| date_time(posted_ms)),
        expires_at: rng
            .chance(68)
            .then(|| date_time(posted_ms + open_days * DAY_MS)),
        url: rng.chance(90).then(|| url(index)),
    };
    Ad {
        job,
        occupation,
        local,
        level,
        company,
        industry,
        city,
        country: country.code,
        required,
        preferred,
        pay,
        posted_ms,
    }
}

/// What ad `index` offers to ask for.
pub(super) fn asked(data: &'static Data, seed: u64, index: u64) -> Asked {
    let ad = draw(data, seed, 0, index, index);
    Asked {
        title: plain_title(&ad.job.title).to_owned(),
        skills: ad.required,
        company: ad.job.company,
        city: ad.city,
        country: ad.country,
        category: data.groups[ad.occupation.group].category,
        industry: ad.industry,
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
        (Some(local), Some(common)) => {
            prose_local::title(rng, local, &common.titles[local as usize], level, desk)
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
        Some(local) => Some(local.code()),
        None => rng.chance(80).then_some("en"),
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
