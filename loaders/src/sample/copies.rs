//! Ads that are nearly the same: posted again, or in another city. Owns which ads are copies of which, and the edits.

use serde::Serialize;

use super::dates::{DAY_MS, date_time};
use super::job::Job;
use super::pay::Pay;
use super::rng::Rng;

/// In what a copy differs from its original.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CopyKind {
    /// The same ad in another city of the country; every second one in other words.
    City,
    /// The same ad posted again later, with a small edit; every fourth one in other words.
    Repost,
}

/// An ad that is nearly the same as an earlier one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Copied {
    /// In what it differs.
    pub kind: CopyKind,
    /// The number of the ad it is a copy of, which is none itself.
    pub original: u64,
}

impl Copied {
    /// How many of 100 are in other words.
    pub(super) fn reworded(self) -> usize {
        match self.kind {
            CopyKind::City => 50,
            CopyKind::Repost => 25,
        }
    }
}

/// Copies among 100 ads.
const CITY_PERCENT: usize = 5;
const REPOST_PERCENT: usize = 4;
/// How far behind its original a copy may be.
const REACH: u64 = 4_000;
/// Only every so many-th ad is spread over cities, so that some are in many of them.
const CITY_STEP: u64 = 16;
/// The first ads are none.
const FIRST: u64 = 16;
const COPY_STREAM: u64 = 5;
const EDIT_STREAM: u64 = 6;

fn kind_of(seed: u64, index: u64) -> (Option<CopyKind>, Rng) {
    let mut rng = Rng::new(seed, COPY_STREAM, index);
    let at = rng.below(100);
    let kind = if index < FIRST {
        None
    } else if at < CITY_PERCENT {
        Some(CopyKind::City)
    } else if at < CITY_PERCENT + REPOST_PERCENT {
        Some(CopyKind::Repost)
    } else {
        None
    };
    (kind, rng)
}

/// What ad `index` is a copy of, if it is one.
pub(super) fn copy_of(seed: u64, index: u64) -> Option<Copied> {
    let (kind, mut rng) = kind_of(seed, index);
    let kind = kind?;
    // Nearly every try finds one; where none does the ad is its own.
    for _ in 0..6 {
        let mut original = index - 1 - rng.below(index.min(REACH) as usize) as u64;
        if kind == CopyKind::City {
            original -= original % CITY_STEP;
        }
        if kind_of(seed, original).0.is_none() {
            return Some(Copied { kind, original });
        }
    }
    None
}

/// The stream of a copy's edits.
pub(super) fn edits(seed: u64, index: u64) -> Rng {
    Rng::new(seed, EDIT_STREAM, index)
}

/// Dates the job later than its original, which was posted at `posted_ms`, and edits it a little.
pub(super) fn repost(rng: &mut Rng, job: &mut Job, posted_ms: i64, now_ms: i64) {
    let left_minutes = ((now_ms - posted_ms) / 60_000 - 1).max(1);
    let later_ms = posted_ms + (1 + rng.below(left_minutes as usize) as i64) * 60_000;
    job.posted_at = Some(date_time(later_ms));
    job.expires_at = Some(date_time(later_ms + 30 * DAY_MS));
    match rng.below(7) {
        0 => job.pay = None,
        1 => job.title = job.title.to_uppercase(),
        2 => {
            let reference = format!("\n\nRef. {:05}", rng.below(100_000));
            job.description.push_str(&reference);
        }
        3 if job.skills.len() > 2 => {
            job.skills.pop();
        }
        4 => {
            if let Some(pay) = &mut job.pay {
                raise(pay);
            }
        }
        5 => job.url = None,
        _ => {}
    }
}

/// Five in a hundred more, rounded as the amounts were.
fn raise(pay: &mut Pay) {
    for amount in [&mut pay.min, &mut pay.max].into_iter().flatten() {
        let step = if *amount < 1_000.0 { 0.25 } else { 50.0 };
        *amount = (*amount * 1.05 / step).round() * step;
    }
}
