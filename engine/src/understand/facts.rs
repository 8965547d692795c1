//! Where the work is done and how one is employed: the words people use for it,
//! and the values documents have. Owns the families of words; what values a
//! collection has is asked of its segments.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;

use tandem_index::kinds::{FieldType, Kind, Meaning};
use tandem_index::snapshot::Collection;

use super::tokens::{Token, compact};

/// Words and values that mean the same. Blanks may be anything or nothing.
#[derive(Debug)]
pub(crate) struct Family {
    /// What a person types.
    said: &'static [&'static str],
    /// What else documents have as a value.
    values: &'static [&'static str],
    /// Behind these words it is part of something else: `remote sensing`.
    not_before: &'static [&'static str],
}

/// Places of work.
pub(crate) const WORKPLACE: [Family; 3] = [
    Family {
        said: &[
            "remote",
            "remotely",
            "fully remote",
            "full remote",
            "100% remote",
            "remote only",
            "work remotely",
            "remote work",
            "remote working",
            "work from home",
            "working from home",
            "wfh",
            "home office",
            "home based",
            "telework",
            "teleworking",
            "telecommute",
            "telecommuting",
            "teletravail",
            "homeworking",
            "work from anywhere",
        ],
        values: &["fully remote", "anywhere", "home"],
        not_before: &[
            "sensing",
            "control",
            "controlled",
            "desktop",
            "access",
            "monitoring",
            "server",
            "support",
            "procedure",
            "method",
            "code",
            "management",
            "operations",
            "site",
            "sites",
            "teams",
        ],
    },
    Family {
        said: &[
            "hybrid",
            "hybride",
            "hybrid work",
            "hybrid working",
            "hybrid remote",
            "partly remote",
        ],
        values: &["partially remote", "hybrid remote"],
        not_before: &[
            "cloud",
            "mobile",
            "app",
            "apps",
            "application",
            "applications",
            "vehicle",
            "vehicles",
            "car",
            "cars",
            "electric",
            "engine",
            "engines",
            "infrastructure",
            "integration",
            "integrations",
            "bonding",
            "search",
            "events",
            "it",
        ],
    },
    Family {
        said: &[
            "onsite",
            "on site",
            "vor ort",
            "presentiel",
            "sur site",
            "in person",
        ],
        values: &["office", "in office", "on premise"],
        not_before: &[
            "manager",
            "supervisor",
            "engineer",
            "support",
            "sales",
            "interview",
        ],
    },
];

/// Ways to be employed.
pub(crate) const EMPLOYMENT: [Family; 12] = [
    Family {
        said: &["full time", "vollzeit", "temps plein", "heltid", "voltijd"],
        values: &["full time employee", "regular full time"],
        not_before: &["equivalent"],
    },
    Family {
        said: &[
            "part time",
            "teilzeit",
            "temps partiel",
            "deltid",
            "deeltijd",
        ],
        values: &["regular part time"],
        not_before: &[],
    },
    Family {
        said: &["permanent", "unbefristet", "festanstellung", "cdi"],
        values: &["permanent contract", "regular"],
        not_before: &["makeup", "magnet", "magnets", "way"],
    },
    Family {
        said: &["fixed term", "befristet", "cdd"],
        values: &["fixed term contract"],
        not_before: &[],
    },
    Family {
        said: &["temporary", "zeitarbeit", "interimaire"],
        values: &["temp", "interim"],
        not_before: &["works", "staffing", "housing"],
    },
    Family {
        said: &["internship", "internships", "praktikum", "praktika"],
        values: &["intern", "stage", "stagiaire"],
        not_before: &["coordinator", "program", "manager"],
    },
    Family {
        said: &[
            "freelance",
            "freelancer",
            "freelancers",
            "freelancing",
            "freiberuflich",
            "freiberufler",
        ],
        values: &["freelance contract", "self employed"],
        not_before: &["marketplace", "platform"],
    },
    Family {
        said: &[
            "apprenticeship",
            "apprenticeships",
            "ausbildung",
            "alternance",
            "ausbildungsplatz",
        ],
        values: &["apprentice"],
        not_before: &["coordinator", "manager"],
    },
    Family {
        said: &["working student", "werkstudent", "werkstudentin"],
        values: &["student"],
        not_before: &[],
    },
    Family {
        said: &["seasonal", "saisonnier"],
        values: &["season"],
        not_before: &[],
    },
    // These are titles and subjects as often, so they are only values.
    Family {
        said: &[],
        values: &["contract", "contractor", "contract to hire"],
        not_before: &[],
    },
    Family {
        said: &[],
        values: &["volunteer", "trainee", "minijob"],
        not_before: &[],
    },
];

/// Words that turn what follows into its opposite.
const NEGATIONS: [&str; 24] = [
    "no",
    "not",
    "non",
    "without",
    "w/o",
    "never",
    "nor",
    "neither",
    "except",
    "excluding",
    "kein",
    "keine",
    "keinen",
    "keinem",
    "keiner",
    "nicht",
    "ohne",
    "weder",
    "sans",
    "pas",
    "aucun",
    "aucune",
    "sauf",
    "isn't",
];
/// What may stand between a negation and what it is about.
const BETWEEN: [&str; 12] = [
    "a", "an", "any", "the", "in", "de", "le", "la", "der", "die", "das", "im",
];
/// What goes on with a negation: `not remote or hybrid`.
const JOINING: [&str; 6] = ["or", "nor", "oder", "noch", "ou", "ni"];

/// Where a query says what is not wanted.
#[derive(Debug, Default)]
pub(crate) struct Negated {
    /// The token behind the last thing that was not wanted.
    pub(crate) until: Option<usize>,
}

impl Negated {
    /// Whether what begins at a token is not wanted.
    pub(crate) fn before(&self, tokens: &[Token], at: usize) -> bool {
        let run = tokens[at].run;
        let behind = |at: usize| {
            let token = tokens.get(at.checked_sub(1)?)?;
            (token.run == run && !token.comma).then_some(token.text.as_str())
        };
        let is = |at: usize, words: &[&str]| behind(at).is_some_and(|text| words.contains(&text));
        let joined = at > 0 && self.until == Some(at - 1) && is(at, &JOINING);
        let direct = is(at, &NEGATIONS);
        let across = is(at, &BETWEEN) && at > 0 && is(at - 1, &NEGATIONS);
        joined || direct || across
    }
}

/// Tokens of the longest saying.
const SAYING_TOKENS_MAX: usize = 4;

// Families by how they are said, `compact`.
type Sayings = HashMap<String, usize>;

static WORKPLACE_SAID: LazyLock<Sayings> = LazyLock::new(|| sayings(&WORKPLACE));
static EMPLOYMENT_SAID: LazyLock<Sayings> = LazyLock::new(|| sayings(&EMPLOYMENT));

fn sayings(families: &[Family]) -> Sayings {
    let mut out = Sayings::new();
    for (at, family) in families.iter().enumerate() {
        for said in family.said {
            out.entry(compact([*said])).or_insert(at);
        }
    }
    out
}

/// The longest saying of a place of work the tokens begin with: which of
/// `WORKPLACE`, and how many tokens.
pub(crate) fn workplace(tokens: &[Token]) -> Option<(usize, usize)> {
    read(tokens, &WORKPLACE, &WORKPLACE_SAID)
}

/// The same of a way of employment: which of `EMPLOYMENT`.
pub(crate) fn employment(tokens: &[Token]) -> Option<(usize, usize)> {
    read(tokens, &EMPLOYMENT, &EMPLOYMENT_SAID)
}

fn read(tokens: &[Token], families: &[Family], sayings: &Sayings) -> Option<(usize, usize)> {
    for count in (1..=tokens.len().min(SAYING_TOKENS_MAX)).rev() {
        let said = compact(tokens[..count].iter().map(|token| token.text.as_str()));
        if let Some(at) = sayings.get(&said).copied() {
            let next = tokens.get(count).map_or("", |token| token.text.as_str());
            // `wfh support` leaves no doubt, `remote support` does.
            let shortest = families[at].said.first();
            let doubt = shortest.is_some_and(|one| compact([*one]) == said);
            let part = doubt && families[at].not_before.contains(&next);
            return (!part).then_some((at, count));
        }
    }
    None
}

impl Family {
    fn spellings(&self) -> impl Iterator<Item = String> {
        let all = self.said.iter().chain(self.values);
        all.flat_map(|one| [(*one).to_owned(), one.replace(' ', "")])
    }

    /// Single words that mean it, for documents that say it in prose alone: phrases
    /// of words that every ad has cost more than they find. Not "remotely": ads
    /// write of one day a week, or that nobody may.
    pub(crate) fn in_prose(&self) -> impl Iterator<Item = &'static str> {
        let said = self.said.iter().copied();
        said.filter(|one| !one.contains(' ') && *one != "remotely")
    }

    /// Those of a closed list of values that mean it.
    pub(crate) fn among(&self, values: &[String]) -> Vec<String> {
        let meant: BTreeSet<String> = self
            .spellings()
            .map(|one| compact([one.as_str()]))
            .collect();
        let of = |value: &&String| {
            let folded = tandem_index::suggest::normal(value);
            meant.contains(&compact([folded.as_str()]))
        };
        values.iter().filter(of).cloned().collect()
    }

    /// The values of a column that mean it, as living documents spell them, and
    /// in how many of these they stand.
    pub(crate) fn living(&self, collection: &Collection, column: usize) -> BTreeMap<String, u64> {
        let spellings: BTreeSet<String> = self.spellings().collect();
        let mut found = BTreeMap::new();
        for live in &collection.segments {
            let (Some(names), Some(values)) =
                (live.segment.names(column), live.segment.values(column))
            else {
                continue;
            };
            let held: Vec<u32> = spellings.iter().filter_map(|one| names.find(one)).collect();
            if held.is_empty() {
                continue;
            }
            let dead = names.dead(values, &live.alive);
            for ordinal in held.into_iter().flat_map(|name| names.spellings(name)) {
                let count = u64::from(names.living_spelling(*ordinal, &dead));
                if count > 0 {
                    *found.entry(values.value(*ordinal).to_owned()).or_default() += count;
                }
            }
        }
        found
    }
}

/// The column of a kind that says how one is employed: at least half of the
/// living documents that have a value there have one of the families'; of
/// several such columns the one with most.
pub(crate) fn employment_column(kind: &Kind, collection: &Collection) -> Option<usize> {
    let plain = kind.fields.iter().filter(|field| {
        field.field_type == FieldType::Keyword
            && !matches!(
                field.meaning,
                Some(Meaning::Name | Meaning::Remote | Meaning::Industry)
            )
    });
    let mut best: Option<(u64, usize)> = None;
    for column in plain.filter_map(|field| kind.column(&field.name)) {
        let count = |family: &Family| -> u64 { family.living(collection, column).values().sum() };
        let said: u64 = EMPLOYMENT.iter().map(count).sum();
        if said > best.map_or(0, |(most, _)| most) && 2 * said >= known(collection, column) {
            best = Some((said, column));
        }
    }
    best.map(|(_, column)| column)
}

fn known(collection: &Collection, column: usize) -> u64 {
    let of_segment = |live: &tandem_index::snapshot::Live| {
        let column = &live.segment.columns[column];
        live.alive.iter().filter(|row| column.known(*row)).count() as u64
    };
    collection.segments.iter().map(of_segment).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understand::tokens::of_text;

    type Read = fn(&[Token]) -> Option<(usize, usize)>;

    #[test]
    fn sayings_are_found_however_they_are_written() {
        let cases: [(&str, Read, _); 15] = [
            ("remote", workplace, Some((0, 1))),
            ("work from home", workplace, Some((0, 3))),
            ("100% remote rust", workplace, Some((0, 2))),
            ("home-office", workplace, Some((0, 1))),
            ("télétravail", workplace, Some((0, 1))),
            ("on-site", workplace, Some((2, 1))),
            ("on site", workplace, Some((2, 2))),
            ("remote sensing", workplace, None),
            ("hybrid cloud", workplace, None),
            ("home", workplace, None),
            ("Full-Time", employment, Some((0, 1))),
            ("full time", employment, Some((0, 2))),
            ("temporary works", employment, None),
            ("contract", employment, None),
            ("intern", employment, None),
        ];
        for (text, read, expected) in cases {
            assert_eq!(read(&of_text(text)), expected, "{text}");
        }
    }
}
