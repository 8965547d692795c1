//! The occupations' table in memory. Owns the format of occupations.tsv.zst:
//!
//! - `G`, code, name: a major or minor group of occupations
//! - `O`, code, title, job zone or nothing, education or nothing, numbers of the
//!   `O` lines of related occupations, nearest first
//! - `T`, title, numbers of `O` lines with a weight: `12:7 40:2`
//!
//! and of titles.tsv: title, code. A line it cannot read is left out; a test
//! holds that there is none.

use std::num::ParseIntError;
use std::sync::LazyLock;

use super::occupations::{Group, Occupation, OccupationId};

static PACKED: &[u8] = include_bytes!("../../data/taxonomy/occupations.tsv.zst");
const TITLES: &str = include_str!("../../data/taxonomy/titles.tsv");

/// What the unpacked table may take; a broken file must not take more.
const UNPACKED_BYTES_MAX: usize = 4 << 20;

/// A title by hand outweighs what O*NET says of it.
pub(super) const HAND_WEIGHT: u16 = 400;
/// An occupation's own title.
const OWN_WEIGHT: u16 = 40;

pub(super) static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let bytes = zstd::bulk::decompress(PACKED, UNPACKED_BYTES_MAX)
        .expect("the built-in occupations are packed whole; a test reads them");
    let text = String::from_utf8(bytes).expect("build.py writes UTF-8");
    // Read once a process and kept as long as it runs.
    Table::read(Box::leak(text.into_boxed_str()), TITLES)
});

/// A title and whose it is, the likeliest first.
#[derive(Debug)]
pub(super) struct Alternate {
    pub(super) title: &'static str,
    pub(super) occupations: Vec<(OccupationId, u16)>,
}

#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) groups: Vec<Group>,
    /// By code.
    pub(super) occupations: Vec<Occupation>,
    pub(super) titles: Vec<Alternate>,
    pub(super) lines_lost: usize,
}

impl Table {
    fn read(text: &'static str, titles: &'static str) -> Self {
        let mut table = Self::default();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if table.line(line).is_none() {
                table.lines_lost += 1;
            }
        }
        table.own_titles();
        for line in titles.lines().filter(|line| !line.starts_with('#')) {
            if table.hand(line).is_none() {
                table.lines_lost += 1;
            }
        }
        table
    }

    fn line(&mut self, line: &'static str) -> Option<()> {
        let mut parts = line.split('\t');
        let (sort, first, second) = (parts.next()?, parts.next()?, parts.next()?);
        match sort {
            "G" => self.groups.push(Group {
                code: first,
                name: second,
            }),
            "O" => {
                let (zone, education, related) = (parts.next()?, parts.next()?, parts.next()?);
                self.occupations.push(Occupation {
                    code: first,
                    title: second,
                    zone: number(zone).ok()?,
                    education: number(education).ok()?,
                    related: related
                        .split_ascii_whitespace()
                        .map(|number| number.parse().ok().map(OccupationId))
                        .collect::<Option<_>>()?,
                });
            }
            "T" => {
                let pair = |pair: &str| {
                    let (number, weight) = pair.split_once(':')?;
                    Some((OccupationId(number.parse().ok()?), weight.parse().ok()?))
                };
                self.titles.push(Alternate {
                    title: first,
                    occupations: second.split(' ').map(pair).collect::<Option<_>>()?,
                });
            }
            _ => return None,
        }
        Some(())
    }

    fn own_titles(&mut self) {
        for (at, occupation) in self.occupations.iter().enumerate() {
            let id = OccupationId(at as u16);
            // `Lawyers`, and of `Accountants and Auditors` both.
            let title = occupation.title;
            let halves = title.split(" and ").filter(|_| !title.contains(','));
            for title in std::iter::once(title).chain(halves) {
                self.titles.push(Alternate {
                    title,
                    occupations: vec![(id, OWN_WEIGHT)],
                });
            }
        }
    }

    fn hand(&mut self, line: &'static str) -> Option<()> {
        let (title, code) = line.split_once('\t')?;
        let id = self.id(code)?;
        self.titles.push(Alternate {
            title,
            occupations: vec![(id, HAND_WEIGHT)],
        });
        Some(())
    }

    /// The occupation of a code: `15-1252.00` or `15-1252`.
    pub(super) fn id(&self, code: &str) -> Option<OccupationId> {
        let find = |code: &str| {
            self.occupations
                .binary_search_by(|held| held.code.cmp(code))
                .ok()
        };
        let at = find(code).or_else(|| find(&format!("{code}.00")))?;
        Some(OccupationId(at as u16))
    }
}

/// A number or nothing.
fn number(text: &str) -> Result<Option<u8>, ParseIntError> {
    match text {
        "" => Ok(None),
        text => text.parse().map(Some),
    }
}
