//! Profiles: named weights and musts of the score, as data. Owns
//! `data/profiles.toml` and its checks; what a weight does is `components`'s.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::components::{COMPONENTS, Component, Weights};

const BUILTIN: &str = include_str!("../data/profiles.toml");

/// The profile of a match that names none.
pub const DEFAULT: &str = "default";
/// The profile of a search that names none.
pub const SEARCH: &str = "search";

static PROFILES: LazyLock<Vec<Profile>> =
    LazyLock::new(|| read(BUILTIN).expect("the built-in profiles are checked by a test"));

/// A want that takes all points where it is known not to be met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Must {
    /// Every required certificate.
    Certificates,
    /// Every required language at its level.
    Languages,
    /// The degree.
    Degree,
    /// The years.
    Years,
    /// Every required skill.
    SkillsRequired,
    /// Remote work, as it is wanted.
    Remote,
    /// The pay.
    Pay,
    /// How somebody is employed.
    Contract,
}

/// How many musts there are.
pub const MUSTS: usize = 8;

/// All musts, in the order gates are named.
pub const ALL_MUSTS: [Must; MUSTS] = [
    Must::Certificates,
    Must::Languages,
    Must::Degree,
    Must::Years,
    Must::SkillsRequired,
    Must::Remote,
    Must::Pay,
    Must::Contract,
];

impl Must {
    /// The name requests and answers use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Certificates => "certificates",
            Self::Languages => "languages",
            Self::Degree => "degree",
            Self::Years => "years",
            Self::SkillsRequired => "skills.required",
            Self::Remote => "remote",
            Self::Pay => "pay",
            Self::Contract => "contract",
        }
    }

    /// The must of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        ALL_MUSTS.into_iter().find(|must| must.as_str() == name)
    }

    /// Its bit among all.
    pub fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// A named set of weights and musts.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// Raised with every change.
    pub version: u32,
    /// What it is for, in a line.
    pub why: String,
    /// Weights of a match.
    pub matching: Weights,
    /// Weights of a search.
    pub search: Weights,
    /// What gates a hit.
    pub musts: Vec<Must>,
}

/// The profiles that come with the server, by name.
pub fn all() -> &'static [Profile] {
    &PROFILES
}

/// The profile of that name.
pub fn named(name: &str) -> Option<&'static Profile> {
    PROFILES.iter().find(|profile| profile.name == name)
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    version: u32,
    why: String,
    #[serde(default)]
    groups: BTreeMap<String, f64>,
    #[serde(default)]
    skills: BTreeMap<String, f64>,
    #[serde(default)]
    experience: BTreeMap<String, f64>,
    #[serde(default)]
    education: BTreeMap<String, f64>,
    #[serde(default)]
    search: BTreeMap<String, f64>,
    #[serde(default)]
    adjustments: BTreeMap<String, f64>,
    #[serde(default)]
    musts: Vec<String>,
}

const GROUPS: &[Component] = &[
    Component::Skills,
    Component::Experience,
    Component::Education,
    Component::Certificates,
];
const SKILLS: &[Component] = &[Component::Text, Component::Similarity, Component::StandIns];
const EXPERIENCE: &[Component] = &[Component::Title, Component::Years, Component::Seniority];
const EDUCATION: &[Component] = &[Component::Degree, Component::Languages];
const WORDS: &[Component] = &[Component::Text, Component::Similarity, Component::Skills];
const ADJUSTMENTS: &[Component] = &[
    Component::Place,
    Component::Pay,
    Component::Availability,
    Component::Contract,
    Component::Freshness,
    Component::Rating,
];

fn read(text: &str) -> Result<Vec<Profile>, String> {
    let given: BTreeMap<String, Given> =
        toml::from_str(text).map_err(|error| error.message().to_owned())?;
    let base = given.get(DEFAULT).ok_or("there is no profile `default`")?;
    let base = profile(DEFAULT, base, ([0.0; COMPONENTS], [0.0; COMPONENTS]))?;
    let read = given.iter().map(|(name, given)| {
        let weights = (base.matching, base.search);
        profile(name, given, weights)
    });
    read.collect()
}

fn profile(
    name: &str,
    given: &Given,
    (mut matching, mut search): (Weights, Weights),
) -> Result<Profile, String> {
    put(name, &given.groups, GROUPS, &mut matching)?;
    put(name, &given.skills, SKILLS, &mut matching)?;
    put(name, &given.experience, EXPERIENCE, &mut matching)?;
    put(name, &given.education, EDUCATION, &mut matching)?;
    put(name, &given.adjustments, ADJUSTMENTS, &mut matching)?;
    put(name, &given.adjustments, ADJUSTMENTS, &mut search)?;
    put(name, &given.search, WORDS, &mut search)?;
    let must = |must: &String| {
        Must::from_name(must).ok_or_else(|| format!("{name}: there is no must `{must}`"))
    };
    Ok(Profile {
        name: name.to_owned(),
        version: given.version,
        why: given.why.clone(),
        matching,
        search,
        musts: given.musts.iter().map(must).collect::<Result<_, _>>()?,
    })
}

fn put(
    name: &str,
    given: &BTreeMap<String, f64>,
    allowed: &[Component],
    weights: &mut Weights,
) -> Result<(), String> {
    for (part, weight) in given {
        let component = Component::from_name(part).filter(|part| allowed.contains(part));
        let component = component.ok_or_else(|| format!("{name}: `{part}` has no weight there"))?;
        if !(0.0..=100.0).contains(weight) {
            return Err(format!("{name}: the weight of `{part}` is 0 to 100"));
        }
        weights[component as usize] = *weight;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::components::{LEAVES, POINTS, share, share_search};

    #[test]
    fn every_profile_shares_all_points_and_says_why() {
        let names: Vec<&str> = all().iter().map(|profile| profile.name.as_str()).collect();
        assert_eq!(
            names,
            [
                "consulting",
                "default",
                "education",
                "engineering",
                "finance",
                "healthcare",
                "legal",
                "manufacturing",
                "marketing",
                "sales",
                "search",
                "technology",
            ]
        );
        for profile in all() {
            assert!(
                !profile.why.is_empty() && profile.version > 0,
                "{}",
                profile.name
            );
            for active in 1..1_u8 << LEAVES {
                let sum: i32 = share(&profile.matching, active).iter().sum();
                assert_eq!(sum, POINTS as i32, "{} {active:b}", profile.name);
            }
            let sum: i32 = share_search(&profile.search, [true; 3]).iter().sum();
            assert_eq!(sum, POINTS as i32, "{}", profile.name);
            let groups: f64 = GROUPS
                .iter()
                .map(|group| profile.matching[*group as usize])
                .sum();
            assert!(
                (groups - 100.0).abs() < 1e-9,
                "{}: groups are percent",
                profile.name
            );
        }
        let shares = share(&named(DEFAULT).unwrap().matching, u8::MAX);
        assert_eq!(
            shares,
            [400_000, 240_000, 39_000, 21_000, 80_000, 120_000, 100_000]
        );
    }

    #[test]
    fn a_wrong_profile_is_refused() {
        let cases = [
            ("", "no profile `default`"),
            (
                "[default]\nversion = 1\nwhy = \"x\"\nmusts = [\"luck\"]",
                "no must `luck`",
            ),
            (
                "[default]\nversion = 1\nwhy = \"x\"\ngroups = { text = 1 }",
                "`text` has no weight",
            ),
            (
                "[default]\nversion = 1\nwhy = \"x\"\ngroups = { skills = 101 }",
                "0 to 100",
            ),
            (
                "[default]\nversion = 1\nwhy = \"x\"\nweight = 1",
                "unknown field",
            ),
        ];
        for (text, expected) in cases {
            let error = read(text).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }
}
