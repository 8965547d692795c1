//! What is known of a value, and what a score can become. Owns values with their
//! bounds, sums of contributions, completeness, and whose wants were met.

use super::source::{Side, Sides};
use super::{
    AVAILABILITY, BASE, CERTIFICATES, CONTRACT, DEGREE, LANGUAGES, PARTS, PAY, PLACE, SENIORITY,
    SIMILARITY, TEXT, YEARS,
};
use crate::components::POINTS;

/// Whether a want is met, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) enum Met {
    /// It is, or nobody wants it.
    #[default]
    Yes,
    /// It is known not to be.
    No,
    /// It is not known.
    Open,
}

impl Met {
    pub(super) fn of(met: bool) -> Self {
        if met { Self::Yes } else { Self::No }
    }
}

/// A value between 0 and 1 and what it can become.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Value {
    /// The value, if it is known.
    pub(crate) known: Option<f64>,
    /// The least it can become.
    pub(crate) low: f64,
    /// The most.
    pub(crate) high: f64,
    /// Whether the want is met.
    pub(crate) met: Met,
}

impl Value {
    /// A value that nothing more that is said can change.
    pub(super) fn known(value: f64) -> Self {
        Self::between(value, value, value)
    }

    /// A value that can become another.
    pub(super) fn between(value: f64, low: f64, high: f64) -> Self {
        Self {
            known: Some(value),
            low,
            high,
            met: Met::of(value >= 1.0),
        }
    }

    /// Nothing is known.
    pub(super) fn unknown() -> Self {
        Self {
            known: None,
            low: 0.0,
            high: 1.0,
            met: Met::Open,
        }
    }

    pub(super) fn with(self, met: Met) -> Self {
        Self { met, ..self }
    }

    /// The value times a factor that is itself open; whether the want is met stays.
    pub(super) fn times(self, factor: Self) -> Self {
        let Some(value) = self.known else {
            return self;
        };
        Self {
            known: Some(value * factor.known.unwrap_or(1.0)),
            low: self.low * factor.low,
            high: self.high * factor.high,
            met: self.met,
        }
    }
}

/// One contribution.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// What it adds.
    pub points: i32,
    /// The least it could add to any document.
    pub min: i32,
    /// The most.
    pub max: i32,
    /// The least it can come to for this one when more is said.
    pub low: i32,
    /// The most.
    pub high: i32,
    /// Whether nothing is known of it.
    pub unknown: bool,
}

impl Part {
    /// A share of the million: rounded down.
    pub(super) fn share(max: i32, value: Value) -> Self {
        let points = |value: f64| (f64::from(max) * value.clamp(0.0, 1.0)) as i32;
        Self::of(value, (0, max), points)
    }

    /// An adjustment: rounded to the nearest point.
    pub(super) fn adjustment((low, high): (i32, i32), value: Value) -> Self {
        let span = f64::from(high) - f64::from(low);
        let points = |value: f64| (f64::from(low) + span * value.clamp(0.0, 1.0)).round() as i32;
        Self::of(value, (low, high), points)
    }

    fn of(value: Value, (min, max): (i32, i32), points: impl Fn(f64) -> i32) -> Self {
        let known = value.known.map(&points);
        Self {
            points: known.unwrap_or(0),
            min,
            max,
            low: if known.is_some() {
                points(value.low)
            } else {
                min
            },
            high: if known.is_some() {
                points(value.high)
            } else {
                max
            },
            unknown: known.is_none(),
        }
    }

    /// Whether it is a part of the score at all.
    pub fn is_active(self) -> bool {
        self.min != self.max || self.points != 0
    }
}

/// A score in parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Score {
    /// The contributions in their order; the score is the sum of their points,
    /// `limit` and `gate`.
    pub parts: [Part; PARTS],
    /// What lifts a sum to 0 or takes it down to 1,000,000.
    pub limit: i32,
    /// Minus all the rest, where a must is not met.
    pub gate: i32,
    /// Musts known not to be met, by bit.
    pub failed: u8,
    /// Musts not known to be met, by bit.
    pub unsure: u8,
    /// Whether the document says nothing that is scored.
    pub insufficient: bool,
}

impl Default for Score {
    fn default() -> Self {
        Self {
            parts: [Part::default(); PARTS],
            limit: 0,
            gate: 0,
            failed: 0,
            unsure: 0,
            insufficient: false,
        }
    }
}

fn within(sum: i32) -> u32 {
    sum.clamp(0, POINTS as i32) as u32
}

impl Score {
    fn sum(&self, of: impl Fn(&Part) -> i32) -> i32 {
        self.parts.iter().map(of).sum()
    }

    /// Sets `limit` and `gate` from the other parts.
    pub(super) fn close(&mut self) {
        if self.insufficient {
            for part in &mut self.parts {
                (part.points, part.low, part.high) = (0, part.min, part.max);
                part.unknown = true;
            }
            for at in (0..PARTS).filter(|at| is_twin(*at)) {
                self.parts[at].high = 0;
            }
            self.unsure |= self.failed;
            self.failed = 0;
        }
        let sum = self.sum(|part| part.points);
        self.limit = within(sum) as i32 - sum;
        self.gate = if self.failed == 0 {
            0
        } else {
            -(sum + self.limit)
        };
    }

    /// The score.
    pub fn total(&self) -> u32 {
        within(self.sum(|part| part.points) + self.limit + self.gate)
    }

    /// The least and the most the score can become when more is said.
    pub fn interval(&self) -> (u32, u32) {
        if self.failed != 0 {
            return (0, 0);
        }
        let low = if self.unsure == 0 {
            within(self.sum(|part| part.low))
        } else {
            0
        };
        (low, within(self.sum(|part| part.high)))
    }

    /// The share of the million points of which something is known, in percent.
    pub fn completeness(&self) -> u8 {
        if self.insufficient {
            return 0;
        }
        let base = self.parts.iter().enumerate().take(BASE);
        let unknown = base.filter(|(at, part)| part.unknown && !is_twin(*at));
        let unknown: i32 = unknown.map(|(_, part)| part.max).sum();
        let known = (POINTS as i32 - unknown).max(0);
        (known / (POINTS as i32 / 100)) as u8
    }

    /// Points and most points of what the source wants, and of what the row wants.
    pub(crate) fn two_way(&self, sides: &Sides) -> [(i32, i32); 2] {
        let mut sums = [(0, 0); 2];
        for (at, part) in self.parts.iter().enumerate() {
            let sum = &mut sums[usize::from(side(at, sides) == Side::Row)];
            sum.0 += part.points;
            if !is_twin(at) {
                sum.1 += part.max;
            }
        }
        if self.gate != 0 || self.insufficient {
            return sums.map(|(_, max)| (0, max));
        }
        let [source, row] = sums.map(|sum| sum.0);
        let caused = if self.limit > 0 {
            row < source
        } else {
            row > source
        };
        sums[usize::from(caused)].0 += self.limit;
        sums
    }
}

// The words of four groups have one share, which is that of the last of them.
fn is_twin(part: usize) -> bool {
    (TEXT..SIMILARITY - 1).contains(&part)
}

// Whose want a contribution is about.
fn side(part: usize, sides: &Sides) -> Side {
    let side = match part {
        YEARS => sides.years,
        SENIORITY => sides.seniority,
        DEGREE => sides.degree,
        LANGUAGES => sides.languages,
        CERTIFICATES => sides.certificates,
        PLACE => sides.place,
        PAY => sides.pay,
        AVAILABILITY => sides.available,
        CONTRACT => sides.contract,
        _ if part < BASE => Some(sides.lead),
        _ => None,
    };
    side.unwrap_or(Side::Source)
}
