//! Rows of a segment that are in no count: those not alive, and those that have
//! expired. Owns keeping how many of them have each name, so that the next
//! question counts only what is different by then.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::Dead;
use crate::bits::Bits;
use crate::columns::Column;
use crate::segment::Segment;
use crate::snapshot::Live;

/// What is known of a segment's rows that are gone. Empty until somebody asks.
#[derive(Debug, Default)]
pub(crate) struct Gone {
    /// The column that says when rows expire, and the rows that do, the earliest first.
    by_expiry: OnceLock<(usize, Vec<u32>)>,
    counted: Mutex<Counted>,
}

/// What was counted for the last question.
#[derive(Debug, Default)]
struct Counted {
    /// Those alive then.
    alive: Option<Arc<Bits>>,
    /// How many of all rows had expired.
    expired: usize,
    /// The rows that were gone.
    rows: Bits,
    /// By column of names, where somebody asked for them.
    dead: Vec<Option<Arc<Dead>>>,
}

impl Live {
    /// What the rows that are gone add to the counts of a column's names: those not
    /// alive and those whose date in the column `expires` is not after the time with
    /// it, in milliseconds since 1970. Linear in the rows that were not gone the
    /// last time, or were and are not.
    pub fn gone(&self, column: usize, expires: Option<(usize, i64)>) -> Option<Arc<Dead>> {
        let names = self.segment.names(column)?;
        let values = self.segment.values(column)?;
        self.counted(expires, |counted| {
            let known = counted.dead.get_mut(column)?;
            let dead = known.get_or_insert_with(|| {
                let mut dead = Dead::default();
                for row in counted.rows.iter() {
                    dead.count(names, values, row, true);
                }
                Arc::new(dead)
            });
            Some(Arc::clone(dead))
        })
    }

    /// How many rows are alive and have not expired, as [`Self::gone`] has it.
    pub fn current(&self, expires: Option<(usize, i64)>) -> u64 {
        let gone = self.counted(expires, |counted| counted.rows.count());
        u64::from(self.segment.rows()).saturating_sub(gone as u64)
    }

    fn counted<T>(&self, expires: Option<(usize, i64)>, look: impl FnOnce(&mut Counted) -> T) -> T {
        let segment = &*self.segment;
        let gone = &segment.gone;
        let expired = expires.map_or(&[][..], |(column, now_ms)| {
            gone.expired(segment, column, now_ms)
        });
        let mut counted = gone.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let is_same = counted.expired == expired.len()
            && (counted.alive.as_ref()).is_some_and(|alive| Arc::ptr_eq(alive, &self.alive));
        if !is_same {
            counted.update(segment, &self.alive, expired);
        }
        look(&mut counted)
    }
}

impl Gone {
    /// Finds out which rows expire when, where another segment's readers wanted to
    /// know.
    pub(crate) fn prepare(&self, like: &Self, columns: &[Column]) {
        if let Some((column, _)) = like.by_expiry.get() {
            self.by_expiry(columns, *column);
        }
    }

    fn by_expiry(&self, columns: &[Column], column: usize) -> &[u32] {
        let made = || {
            let dates = columns.get(column).map_or(&[][..], Column::numbers);
            let dates = dates.iter().copied().zip(0..);
            let mut dated: Vec<(f64, u32)> = dates.filter(|(date, _)| !date.is_nan()).collect();
            dated.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            (column, dated.into_iter().map(|(_, row)| row).collect())
        };
        &self.by_expiry.get_or_init(made).1
    }

    /// The rows that have expired, alive or not.
    fn expired(&self, segment: &Segment, column: usize, now_ms: i64) -> &[u32] {
        let rows = self.by_expiry(&segment.columns, column);
        let values = segment.columns.get(column).map_or(&[][..], Column::numbers);
        let now = now_ms as f64;
        let is_over = |row: &u32| values.get(*row as usize).is_some_and(|at| *at <= now);
        &rows[..rows.partition_point(is_over)]
    }

    /// Bytes held.
    pub(crate) fn bytes(&self) -> usize {
        self.by_expiry.get().map_or(0, |(_, rows)| rows.len() * 4)
    }
}

impl Counted {
    fn update(&mut self, segment: &Segment, alive: &Arc<Bits>, expired: &[u32]) {
        let mut rows = Bits::full(segment.rows() as usize);
        rows.and_not_assign(alive);
        for row in expired {
            rows.set(*row);
        }
        // As many as there are columns, and the titles.
        self.dead.resize(segment.columns.len() + 1, None);
        let mut other = rows.clone();
        other.and_not_assign(&self.rows);
        let mut back = std::mem::take(&mut self.rows);
        back.and_not_assign(&rows);
        for (column, dead) in self.dead.iter_mut().enumerate() {
            let (Some(dead), Some(names), Some(values)) =
                (dead, segment.names(column), segment.values(column))
            else {
                continue;
            };
            let dead = Arc::make_mut(dead);
            for (rows, is_gone) in [(&other, true), (&back, false)] {
                for row in rows.iter() {
                    dead.count(names, values, row, is_gone);
                }
            }
        }
        self.rows = rows;
        self.alive = Some(Arc::clone(alive));
        self.expired = expired.len();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::super::Names;
    use super::{Bits, Live};
    use crate::kinds::Kinds;
    use crate::store::{Store, StoreOptions, Write, prepare};

    /// Jobs of two companies, each third without a date, the others over one after
    /// the other, on the first days of 1970.
    fn live(kinds: &Arc<Kinds>, count: usize) -> Live {
        let kind = kinds.get("jobs").unwrap();
        let mut store = Store::new(Arc::clone(kinds), StoreOptions::default());
        let changes = (0..count).map(|n| {
            let mut document = json!({"id": format!("{n}"), "title": "x",
                "company": format!("Firm {}", n % 2)});
            if n % 3 > 0 {
                document["expires_at"] = json!(format!("1970-01-{:02}", 1 + n % 28));
            }
            let write = Write::Put {
                kind: kind.id,
                id: None,
                document,
            };
            prepare(kinds, write).unwrap()
        });
        store.apply(changes.collect(), 1);
        store.snapshot().collection(kind.id).segments[0].clone()
    }

    #[test]
    fn counts_are_those_of_a_scan_whatever_was_asked_before() {
        const DAY_MS: i64 = 86_400_000;
        let kinds = Arc::new(Kinds::builtin());
        let kind = kinds.get("jobs").unwrap();
        let expires = kind.facts().expires.unwrap();
        let company = kind.column("company").unwrap();
        let mut live = live(&kinds, 90);
        let mut seed = 7_u64;
        for step in 0..200 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let now_ms = (seed >> 33) as i64 % 30 * DAY_MS;
            let mut alive = Bits::clone(&live.alive);
            // Snapshots go on, and an older one is asked again.
            match step % 3 {
                0 => alive.clear((seed >> 40) as u32 % 90),
                1 => alive.set((seed >> 40) as u32 % 90),
                _ => {}
            }
            live.alive = Arc::new(alive);
            let asked = (step % 5 > 0).then_some((expires, now_ms));
            let counts = |row: u32| {
                let over = live.segment.columns[expires].number(row);
                let is_over = over.is_some_and(|at| asked.is_some_and(|(_, now)| at <= now as f64));
                live.alive.get(row) && !is_over
            };
            let rows = || (0..live.segment.rows()).filter(|row| counts(*row));
            assert_eq!(live.current(asked), rows().count() as u64, "{step}");
            let names: &Names = live.segment.names(company).unwrap();
            let gone = live.gone(company, asked).unwrap();
            for firm in ["firm 0", "firm 1"] {
                let of_firm = |row: &u32| {
                    let value = live.segment.columns[company].word(*row).unwrap();
                    value.eq_ignore_ascii_case(firm)
                };
                let expected = rows().filter(of_firm).count();
                let name = names.find(firm).unwrap();
                assert_eq!(
                    names.living(name, &gone) as usize,
                    expected,
                    "{step} {firm}"
                );
                let spelling = names.spellings(name)[0];
                assert_eq!(names.living_spelling(spelling, &gone) as usize, expected);
            }
        }
    }
}
