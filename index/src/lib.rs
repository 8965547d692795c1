//! Tandem's index: from text to stored rows.
//!
//! Owns kinds and documents, analysis, skills, embedding, segments and their
//! parts, statistics, snapshots, the writing side of a space and the journal. No
//! clock, no threads of its own, no network: others decide when.

pub mod analysis;
pub mod backup;
pub mod bits;
pub mod checkpoint;
pub mod columns;
pub mod concepts;
pub mod disk;
pub mod document;
pub mod embed;
pub mod erase;
pub mod evidence;
pub mod facts;
pub mod feed;
pub mod gazetteer;
pub mod graph;
pub mod hash;
pub mod journal;
pub mod kinds;
pub mod ledger;
pub mod memo;
pub mod merge;
pub mod pay;
pub mod place;
pub mod privacy;
pub mod rates;
pub mod row;
pub mod segment;
pub mod skills;
pub mod snapshot;
pub mod statistics;
pub mod store;
pub mod suggest;
pub mod synonyms;
pub mod taxonomy;
pub mod terms;
pub mod text;
pub mod vectors;
pub mod verify;
pub mod vocabulary;
pub mod witness;

pub use kinds::{Kind, KindId, Kinds};
pub use snapshot::{Collection, Live, Snapshot, Stored};
pub use store::{
    ChangeRef, Condition, Outcome, Prepared, SpaceState, Store, StoreOptions, Write, WriteResult,
    prepare,
};
