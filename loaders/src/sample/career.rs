//! Levels, titles, skills and careers: what ads and CVs have in common. Writes no prose.

use super::data::{Data, Occupation};
use super::rng::Rng;

/// How far along someone is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Level {
    Junior,
    Mid,
    Senior,
    Lead,
}

impl Level {
    /// The factor on pay.
    pub(super) fn pay(self) -> f64 {
        match self {
            Self::Junior => 0.8,
            Self::Mid => 1.0,
            Self::Senior => 1.25,
            Self::Lead => 1.42,
        }
    }

    /// The level an ad asks for.
    pub(super) fn draw(rng: &mut Rng, zone: u8) -> Self {
        match (zone, rng.below(100)) {
            (1 | 2, 0..12) | (_, 0..17) => Self::Junior,
            (1 | 2, 12..88) | (_, 17..62) => Self::Mid,
            (_, 62..90) => Self::Senior,
            (_, _) => Self::Lead,
        }
    }
}

/// Words that say a title's level already.
pub(super) const LEVELLED: [&str; 22] = [
    "Senior",
    "Junior",
    "Lead",
    "Chief",
    "Head",
    "Principal",
    "Assistant",
    "Supervisor",
    "Director",
    "Apprentice",
    "Associate",
    "Manager",
    "Professor",
    "President",
    "Intern",
    "Physician",
    "Foreman",
    "Trainee",
    "Partner",
    "Charge",
    "Officer",
    "Captain",
];

/// The title with its level in front, where people say it so.
pub(super) fn levelled(
    title: &str,
    occupation: &Occupation,
    level: Level,
    rng: &mut Rng,
) -> String {
    let said = title.split([' ', '-']).any(|word| LEVELLED.contains(&word));
    let family = occupation.code.split('-').next().unwrap_or("");
    let prefix = match (family, level) {
        _ if said || occupation.code.starts_with("29-12") => "",
        (_, Level::Mid) | ("11" | "23" | "25" | "29" | "33", Level::Junior) => "",
        ("47" | "49", Level::Junior) if occupation.zone == 3 && occupation.common.is_some() => {
            "Apprentice"
        }
        ("25" | "29", Level::Senior) if rng.chance(60) => "",
        (_, Level::Junior) if occupation.zone <= 2 => rng.say(&["Trainee", "", "Entry-Level"]),
        (_, Level::Junior) => "Junior",
        ("15" | "17", Level::Lead) => rng.say(&["Lead", "Principal", "Staff"]),
        (_, Level::Senior) if occupation.zone <= 2 => rng.say(&["", "Experienced", "Senior"]),
        (_, Level::Senior) => "Senior",
        (_, Level::Lead) => "Lead",
    };
    if prefix.is_empty() {
        title.to_owned()
    } else {
        format!("{prefix} {title}")
    }
}

/// Programs everybody has; worth a mention, not a list.
const OFFICE: [&str; 9] = [
    "Microsoft Office",
    "Microsoft Excel",
    "Microsoft Outlook",
    "Microsoft Word",
    "Microsoft PowerPoint",
    "Microsoft Access",
    "Microsoft Project",
    "Microsoft SharePoint",
    "Google Docs",
];

/// A skill known under a US name, as said elsewhere.
fn local_name(skill: &'static str, country: &str) -> &'static str {
    match (skill, country) {
        (_, "US") => skill,
        ("GAAP", _) => "IFRS",
        ("OSHA safety", _) => "Health and safety",
        ("HIPAA", _) => "Data protection",
        ("CDL Class A", "GB" | "IE") => "HGV Class 1 licence",
        ("CDL Class A", "CA" | "AU") => "Heavy vehicle licence",
        ("CDL Class A", _) => "CE driving licence",
        ("EPA 608", _) => "F-gas certification",
        ("ASE certification", _) => "Roadworthiness testing",
        (_, _) => skill,
    }
}

/// `count` skills of the occupation, the telling ones first; none twice.
pub(super) fn skills(
    rng: &mut Rng,
    data: &Data,
    occupation: &Occupation,
    country: &str,
    count: usize,
) -> Vec<&'static str> {
    let group = &data.groups[occupation.group];
    let mut chosen: Vec<&'static str> = Vec::with_capacity(count);
    let mut add = |skill: &'static str| {
        let skill = local_name(skill, country);
        if !chosen.contains(&skill) {
            chosen.push(skill);
        }
    };
    let own: &[&'static str] = occupation
        .common
        .as_ref()
        .map_or(&[], |common| &common.skills);
    let most = count.div_ceil(2);
    let own_count = rng.between(most.min(2), most);
    rng.some(own, own_count).into_iter().for_each(&mut add);

    let (office, special): (Vec<&'static str>, Vec<&'static str>) = occupation
        .tools
        .iter()
        .partition(|tool| OFFICE.contains(tool));
    let tools_max = match group.desk {
        0 => usize::from(occupation.zone >= 3),
        1 => 2,
        _ => most,
    };
    for _ in 0..rng.between(tools_max / 2, tools_max).min(special.len()) {
        add(special[rng.skewed(special.len())]);
    }
    if !office.is_empty() && rng.chance([8, 45, 30][usize::from(group.desk.min(2))]) {
        add(office[rng.skewed(office.len())]);
    }
    rng.some(&group.skills, count).into_iter().for_each(add);
    chosen.truncate(count.max(1));
    chosen
}

/// One job someone had.
pub(super) struct Stint {
    pub(super) occupation: usize,
    pub(super) level: Level,
    /// Months since the year 0, the first of the job and the one after its last.
    pub(super) from: i64,
    pub(super) to: i64,
}

/// A career, oldest first: 2 to 6 jobs without overlap, rising in level.
pub(super) struct Career {
    pub(super) stints: Vec<Stint>,
    /// Whether the last job goes on.
    pub(super) employed: bool,
}

impl Career {
    /// Months worked.
    pub(super) fn months(&self) -> i64 {
        self.stints.iter().map(|stint| stint.to - stint.from).sum()
    }

    /// Years worked, to a tenth.
    pub(super) fn years(&self) -> f64 {
        (self.months() as f64 / 1.2).round() / 10.0
    }

    /// A career that ends in the occupation by the month `now`.
    pub(super) fn draw(rng: &mut Rng, data: &Data, occupation: usize, now: i64) -> Self {
        let count = 2 + rng.skewed(5);
        let employed = rng.chance(76);
        let mut end = if employed {
            now
        } else {
            now - rng.between(1, 9) as i64
        };
        let mut at = occupation;
        let mut stints = Vec::with_capacity(count);
        for place in 0..count {
            let months = (8 + rng.skewed(66) + rng.below(10)) as i64;
            stints.push(Stint {
                occupation: at,
                level: Level::Mid,
                from: end - months,
                to: end,
            });
            end -= months
                + if rng.chance(60) {
                    0
                } else {
                    rng.between(1, 5) as i64
                };
            // Before: mostly the same work, else a neighbour that needs no more preparation.
            if place + 1 < count && rng.chance(42) {
                at = before(rng, data, at);
            }
        }
        stints.reverse();
        let ambitious = rng.chance(30);
        let mut worked = 0;
        for stint in &mut stints {
            stint.level = match worked {
                0..18 => Level::Junior,
                18..60 => Level::Mid,
                108.. if ambitious => Level::Lead,
                _ => Level::Senior,
            };
            worked += stint.to - stint.from;
        }
        Self { stints, employed }
    }
}

fn before(rng: &mut Rng, data: &Data, at: usize) -> usize {
    let here = &data.occupations[at];
    let family = |code: &'static str| code.split('-').next().unwrap_or("");
    let nearby = |other: &Occupation| {
        let manager = family(here.code) == "11";
        // A licensed profession is not learned on the way down: doctors were not chemists.
        let licensed = here.code.starts_with("29-1")
            && family(other.code) != "29"
            && family(other.code) != "31";
        other.zone <= here.zone
            && other.zone + 1 >= here.zone
            && !licensed
            && (!manager || family(other.code) != "11" || general_manager(other))
    };
    let open: Vec<usize> = here
        .related
        .iter()
        .copied()
        .filter(|&place| nearby(&data.occupations[place]))
        .collect();
    if open.is_empty() {
        at
    } else {
        open[rng.skewed(open.len())]
    }
}

/// Managers of one field were managers of another only where both are general.
fn general_manager(other: &Occupation) -> bool {
    other.code.starts_with("11-1")
}
