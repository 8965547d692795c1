//! Whether a kind's cells still are what training made them. Owns the measure;
//! training itself is `TrainJob`'s.

use crate::kinds::KindId;
use crate::snapshot::Collection;
use crate::vectors::{Centroids, cells_for};

/// Centroids are trained again when a kind has this many times the rows they
/// were made for, or one of so many of them.
const GROWTH: u64 = 4;
/// And when the fullest cell has so many times the share it had.
const DRIFT: f64 = 2.0;
/// What the fullest cell may have of the mean at most where nobody knows what
/// training gave: the process was started since. Real texts give 4 to 8.
const FULLEST_UNKNOWN: f64 = 8.0;
/// Of a kind's rows one of so many has to be new before cells are counted again.
const LOOK_AGAIN: u64 = 16;

/// How cells were when they were looked at, by kind.
#[derive(Clone, Debug, Default)]
pub(crate) struct Looks(Vec<(KindId, Look)>);

#[derive(Clone, Copy, Debug)]
struct Look {
    generation: u64,
    /// The fullest cell's rows in units of the mean, when training was over.
    fullest: f64,
    /// Number of the newest segment and living rows when last counted.
    seen: (u64, u64),
}

impl Looks {
    /// Whether a kind's centroids no longer fit its rows.
    pub(crate) fn drifted(&mut self, kind: KindId, collection: &Collection) -> bool {
        let Some(centroids) = &collection.centroids else {
            return false;
        };
        let rows = collection.rows();
        if outgrown(centroids, rows) {
            return true;
        }
        let generation = centroids.generation();
        let written = written(collection);
        let known = self.0.iter().position(|(known, _)| *known == kind);
        if let Some((_, look)) = known.and_then(|at| self.0.get_mut(at))
            && look.generation == generation
        {
            if written.abs_diff(look.seen.0) * LOOK_AGAIN < rows
                && rows.abs_diff(look.seen.1) * LOOK_AGAIN < rows
            {
                return false;
            }
            look.seen = (written, rows);
            return fullest(centroids, collection) > DRIFT * look.fullest.max(1.0);
        }
        let now = fullest(centroids, collection);
        let look = Look {
            generation,
            fullest: now.min(FULLEST_UNKNOWN),
            seen: (written, rows),
        };
        match known.and_then(|at| self.0.get_mut(at)) {
            Some(held) => held.1 = look,
            None => self.0.push((kind, look)),
        }
        now > DRIFT * look.fullest
    }

    /// Takes the cells as they are just after training.
    pub(crate) fn trained(&mut self, kind: KindId, collection: &Collection) {
        self.0.retain(|(known, _)| *known != kind);
        if let Some(centroids) = &collection.centroids {
            let look = Look {
                generation: centroids.generation(),
                fullest: fullest(centroids, collection),
                seen: (written(collection), collection.rows()),
            };
            self.0.push((kind, look));
        }
    }
}

/// Rows of segments in all, dead ones too: it moves with every write.
fn written(collection: &Collection) -> u64 {
    let rows = |live: &crate::snapshot::Live| u64::from(live.segment.rows());
    collection.segments.iter().map(rows).sum()
}

fn outgrown(centroids: &Centroids, rows: u64) -> bool {
    // A kind has about 2·√rows cells (`cells_for`).
    let trained_for = (centroids.cells() * centroids.cells() / 4) as u64;
    let cells = cells_for(rows as usize);
    (rows > GROWTH * trained_for && cells > centroids.cells())
        || (rows < trained_for / GROWTH && cells < centroids.cells())
}

/// Rows of the fullest cell in units of the mean.
fn fullest(centroids: &Centroids, collection: &Collection) -> f64 {
    let mut loads = vec![0_u64; centroids.cells()];
    for cells in collection.segments.iter().filter_map(|l| l.cells.as_ref()) {
        cells.add_loads(&mut loads);
    }
    let all: u64 = loads.iter().sum();
    let most = loads.iter().max().copied().unwrap_or(0);
    most as f64 * loads.len() as f64 / all.max(1) as f64
}
