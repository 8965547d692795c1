//! The built-in data of the sampler: occupations, cities, groups. Owns parsing; draws nothing.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::rng::{Rng, grow};
use super::words::{Forms, Task, tasks};

/// A kind of work: its ads and careers share prose, industries and general skills.
pub(super) struct Group {
    prefixes: Vec<&'static str>,
    pub(super) category: &'static str,
    weight: u32,
    pub(super) pay: f64,
    /// 0: on site only; 1: mixed; 2: can be done from anywhere.
    pub(super) desk: u8,
    pub(super) industries: Vec<&'static str>,
    pub(super) skills: Vec<&'static str>,
    pub(super) studies: Vec<&'static str>,
    /// By language: German, French, Spanish.
    pub(super) duties: [Vec<&'static str>; 3],
}

/// What is known of an occupation that is common in ads.
pub(super) struct Common {
    weight: u32,
    pub(super) pay: f64,
    /// By language: German, French, Spanish.
    pub(super) titles: [Vec<&'static str>; 3],
    pub(super) skills: Vec<&'static str>,
    pub(super) study: &'static str,
}

/// An occupation of O*NET.
pub(super) struct Occupation {
    pub(super) code: &'static str,
    /// 1 (little preparation) to 5 (extensive).
    pub(super) zone: u8,
    /// Job titles, best known first; at least two.
    pub(super) titles: Vec<&'static str>,
    /// At least four.
    pub(super) tasks: Vec<&'static Task>,
    /// Those of them that read well in every tense.
    sure_tasks: Vec<&'static Task>,
    /// Technology skills, in demand first.
    pub(super) tools: Vec<&'static str>,
    /// Positions of related occupations in `Data::occupations`, nearest first.
    pub(super) related: Vec<usize>,
    pub(super) group: usize,
    /// How its pay differs from others of its group and zone; about 1.
    pub(super) pay: f64,
    pub(super) common: Option<Common>,
}

/// A city with its state or province code (empty outside the US, Canada and Australia).
pub(super) struct City {
    pub(super) name: &'static str,
    pub(super) region: &'static str,
    pub(super) lat: f64,
    pub(super) lon: f64,
    pub(super) thousands: u32,
}

/// A country and its cities.
pub(super) struct Country {
    pub(super) code: &'static str,
    pub(super) cities: Vec<City>,
    cities_cumulative: Vec<u32>,
}

/// Everything the sampler draws from.
pub(super) struct Data {
    pub(super) occupations: Vec<Occupation>,
    occupations_cumulative: Vec<u32>,
    pub(super) groups: Vec<Group>,
    pub(super) countries: Vec<Country>,
    countries_cumulative: Vec<u32>,
    skill_names: HashMap<&'static str, [&'static str; 3]>,
}

/// How many of 1,000 documents a country has.
const COUNTRY_WEIGHTS: [(&str, u32); 18] = [
    ("US", 566),
    ("GB", 105),
    ("DE", 75),
    ("FR", 45),
    ("NL", 28),
    ("CA", 52),
    ("IN", 28),
    ("IE", 12),
    ("CH", 12),
    ("AT", 9),
    ("SE", 9),
    ("ES", 34),
    ("AU", 14),
    ("PL", 4),
    ("IT", 3),
    ("BE", 2),
    ("PT", 1),
    ("SG", 1),
];

/// The stream of what occupations pay: it doesn't depend on the seed.
const PAY_STREAM: u64 = 0xA0;

static ONET: &[u8] = include_bytes!("../../data/onet.tsv.zst");
static CITIES: &[u8] = include_bytes!("../../data/cities.tsv.zst");
static GROUPS: &str = include_str!("../../data/groups.tsv");
static SKILLS: &str = include_str!("../../data/skills.tsv");
static COMMON: &str = include_str!("../../data/common.tsv");

const BUILT_IN: &str = "built-in data is well formed: read by every test";

/// The data, unpacked on first use.
pub(super) fn data() -> &'static Data {
    static DATA: OnceLock<Data> = OnceLock::new();
    DATA.get_or_init(parse)
}

fn unpack(packed: &[u8], text: &'static OnceLock<String>) -> &'static str {
    text.get_or_init(|| {
        let bytes = zstd::decode_all(packed).expect(BUILT_IN);
        String::from_utf8(bytes).expect(BUILT_IN)
    })
}

fn list(cell: &'static str) -> Vec<&'static str> {
    cell.split('|').filter(|item| !item.is_empty()).collect()
}

fn rows(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split('\t').collect())
}

fn running_sums(weights: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut sum = 0;
    weights
        .map(|weight| {
            sum += weight;
            sum
        })
        .collect()
}

fn parse_groups() -> Vec<Group> {
    rows(GROUPS)
        .map(|row| Group {
            prefixes: row[0].split(',').collect(),
            category: row[1],
            weight: row[2].parse().expect(BUILT_IN),
            pay: row[3].parse().expect(BUILT_IN),
            desk: row[4].parse().expect(BUILT_IN),
            industries: list(row[5]),
            skills: list(row[6]),
            studies: list(row[7]),
            duties: [list(row[8]), list(row[9]), list(row[10])],
        })
        .collect()
}

fn parse_common() -> HashMap<&'static str, Common> {
    rows(COMMON)
        .map(|row| {
            let common = Common {
                weight: row[1].parse().expect(BUILT_IN),
                pay: row[2].parse().expect(BUILT_IN),
                titles: [list(row[3]), list(row[4]), list(row[5])],
                skills: list(row[6]),
                study: row[7],
            };
            (row[0], common)
        })
        .collect()
}

/// The group with the longest prefix of the code.
fn group_of(code: &str, groups: &[Group]) -> usize {
    let longest = |group: &Group| {
        group
            .prefixes
            .iter()
            .filter(|p| code.starts_with(**p))
            .map(|p| p.len())
            .max()
    };
    (0..groups.len())
        .max_by_key(|&place| (longest(&groups[place]), usize::MAX - place))
        .expect(BUILT_IN)
}

fn parse_onet(groups: &[Group]) -> Vec<Occupation> {
    static TEXT: OnceLock<String> = OnceLock::new();
    let mut common = parse_common();
    let mut occupations: Vec<Occupation> = Vec::with_capacity(1_000);
    let mut related: Vec<&'static str> = Vec::with_capacity(1_000);
    let mut verbs: HashMap<&'static str, Forms> = HashMap::with_capacity(1_000);
    // (occupation, reads well in every tense) of each task, and its text.
    let mut owners: Vec<(usize, bool)> = Vec::with_capacity(10_000);
    let mut marked: Vec<&'static str> = Vec::with_capacity(10_000);
    for line in unpack(ONET, &TEXT).lines() {
        let mut cells = line.split('\t');
        let mut cell = || cells.next().unwrap_or("");
        let kind = cell();
        let (first, second, third) = (cell(), cell(), cell());
        match (kind, occupations.last_mut()) {
            ("V", _) => {
                verbs.insert(first, (second, third));
            }
            ("O", _) => occupations.push(Occupation {
                code: first,
                zone: second.parse().expect(BUILT_IN),
                titles: Vec::new(),
                tasks: Vec::new(),
                sure_tasks: Vec::new(),
                tools: Vec::new(),
                related: Vec::new(),
                group: group_of(first, groups),
                pay: grow(0.1 * Rng::new(0, PAY_STREAM, occupations.len() as u64).bell()),
                common: common.remove(first),
            }),
            ("T", Some(occupation)) => occupation.titles.push(first),
            ("D" | "M", Some(_)) => {
                owners.push((occupations.len() - 1, kind == "D"));
                marked.push(first);
            }
            ("S", Some(occupation)) => occupation.tools.push(second),
            ("R", Some(_)) => related.push(first),
            (_, _) => {}
        }
    }
    for ((owner, sure), task) in owners.into_iter().zip(tasks(&marked, &verbs)) {
        occupations[owner].tasks.push(task);
        if sure {
            occupations[owner].sure_tasks.push(task);
        }
    }
    let places: HashMap<&str, usize> = occupations
        .iter()
        .enumerate()
        .map(|(place, o)| (o.code, place))
        .collect();
    for (occupation, codes) in occupations.iter_mut().zip(related) {
        occupation.related = codes
            .split(',')
            .filter_map(|code| places.get(code).copied())
            .collect();
    }
    occupations
}

fn parse_countries() -> Vec<Country> {
    static TEXT: OnceLock<String> = OnceLock::new();
    let mut countries: Vec<Country> = COUNTRY_WEIGHTS
        .iter()
        .map(|&(code, _)| Country {
            code,
            cities: Vec::new(),
            cities_cumulative: Vec::new(),
        })
        .collect();
    for row in rows(unpack(CITIES, &TEXT)) {
        if let Some(country) = countries.iter_mut().find(|country| country.code == row[2]) {
            country.cities.push(City {
                name: row[0],
                region: row[1],
                lat: row[3].parse().expect(BUILT_IN),
                lon: row[4].parse().expect(BUILT_IN),
                thousands: row[5].parse().expect(BUILT_IN),
            });
        }
    }
    for country in &mut countries {
        // Between population and its root: big cities lead, small ones are seen.
        let weight = |city: &City| city.thousands / 4 + 6 * city.thousands.isqrt();
        country.cities_cumulative = running_sums(country.cities.iter().map(weight));
    }
    countries
}

fn parse() -> Data {
    let groups = parse_groups();
    let occupations = parse_onet(&groups);
    // A group's weight is shared by its occupations; the common ones add theirs on top.
    let mut sizes = vec![0_u32; groups.len()];
    for occupation in &occupations {
        sizes[occupation.group] += 1;
    }
    let weight = |o: &Occupation| {
        let shared = groups[o.group].weight * 300 / sizes[o.group].max(1);
        shared.max(3) + o.common.as_ref().map_or(0, |common| common.weight * 64)
    };
    Data {
        occupations_cumulative: running_sums(occupations.iter().map(weight)),
        countries: parse_countries(),
        countries_cumulative: running_sums(COUNTRY_WEIGHTS.iter().map(|&(_, weight)| weight)),
        occupations,
        groups,
        skill_names: rows(SKILLS)
            .map(|row| (row[0], [row[1], row[2], row[3]]))
            .collect(),
    }
}

impl Group {
    fn on_the_land(&self) -> bool {
        self.prefixes.iter().any(|code| code.starts_with("45"))
    }
}

impl Country {
    /// One of its cities, bigger ones more often. Work at desks is found in the bigger ones still, work on the land
    /// in the smaller ones.
    pub(super) fn city(&self, rng: &mut Rng, group: &Group) -> &City {
        let mut draw = || &self.cities[rng.weighted(&self.cities_cumulative)];
        let (one, other) = (draw(), draw());
        let (bigger, smaller) = if one.thousands >= other.thousands {
            (one, other)
        } else {
            (other, one)
        };
        if group.desk == 2 {
            bigger
        } else if group.on_the_land() {
            smaller
        } else {
            one
        }
    }
}

impl Occupation {
    /// One of its titles in English, the best known ones far more often.
    pub(super) fn title(&self, rng: &mut Rng) -> &'static str {
        let known = rng.skewed(self.titles.len()) + 1;
        self.titles[rng.skewed(known)]
    }

    /// Tasks to tell in the past or as gerunds.
    pub(super) fn told_tasks(&self) -> &[&'static Task] {
        if self.sure_tasks.len() >= 4 {
            &self.sure_tasks
        } else {
            &self.tasks
        }
    }
}

impl Data {
    /// An occupation, common ones more often.
    pub(super) fn occupation(&self, rng: &mut Rng) -> usize {
        rng.weighted(&self.occupations_cumulative)
    }

    /// A country, those with more work more often.
    pub(super) fn country(&self, rng: &mut Rng) -> &Country {
        &self.countries[rng.weighted(&self.countries_cumulative)]
    }

    /// What a skill is called in German, French and Spanish, where it is not the same word.
    pub(super) fn skill_names(&self, skill: &str) -> Option<[&'static str; 3]> {
        self.skill_names.get(skill).copied()
    }
}
