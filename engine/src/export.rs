//! A whole match set in the order of its pages, shown in parts. Owns keeping
//! the order apart from the hits: eight bytes a row are held, hits are made
//! when they are asked for.

use std::ops::Range;

use tandem_index::snapshot::Snapshot;

use crate::answer::{Failure, Hit};
use crate::hits::Shower;
use crate::prepare::prepare;
use crate::request::Request;
use crate::retrieve::At;
use crate::run;

/// Every hit of a request in order, not shown yet.
#[derive(Clone, Debug)]
pub struct Order {
    rows: Vec<At>,
    sequence: u64,
}

/// Orders the match set of a request as its pages would; `limit` and `cursor`
/// are not looked at. Errors: as [`crate::answer()`].
pub fn order(snapshot: &Snapshot, request: &Request) -> Result<Order, Failure> {
    Ok(Order {
        rows: run::order(snapshot, request)?,
        sequence: snapshot.sequence,
    })
}

impl Order {
    /// How many hits there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The hits at these places; places behind the last are left out. Snapshot
    /// and request are those the order was made with. Errors: as [`order`].
    pub fn show(
        &self,
        snapshot: &Snapshot,
        request: &Request,
        places: Range<usize>,
    ) -> Result<Vec<Hit>, Failure> {
        debug_assert_eq!(
            snapshot.sequence, self.sequence,
            "rows are those of one snapshot"
        );
        let question = prepare(snapshot, request)?;
        let mut shower = Shower::new(&question, request.highlight);
        let end = places.end.min(self.rows.len());
        let rows = self.rows.get(places.start.min(end)..end);
        Ok(rows
            .unwrap_or_default()
            .iter()
            .map(|at| shower.hit(*at))
            .collect())
    }
}
