//! Taking out of a restored folder whoever was erased since the backup was saved.
//! Owns opening it as a server does and writing all of it anew; who was erased
//! is the ledger's to say.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use tandem_index::checkpoint;
use tandem_index::disk::{Folder, RealFolder};
use tandem_index::feed;
use tandem_index::ledger::Ledger;
use tandem_index::witness::Witness;
use tandem_index::{Kinds, StoreOptions, erase};

use super::super::error::{CliError, Exit};
use crate::clock::now_ms;
use crate::data;

/// Leaves nothing of what the ledger says is erased in any file of the folder:
/// a new checkpoint takes the place of everything restored. How many documents
/// went. Where nobody was ever erased, nothing is touched.
pub(super) fn take_out(
    (folder, witness): (&Arc<RealFolder>, &Witness),
    kinds: Kinds,
    ledger: &Arc<Ledger>,
    saved_ms: i64,
) -> Result<u64, CliError> {
    if ledger.is_empty() {
        return Ok(0);
    }
    let failed = |cause: String| {
        CliError::new(Exit::Failed, format!("the ledger was not applied: {cause}"))
            .hint("the restored folder is of no use: remove it and restore again")
    };
    let kinds = Arc::new(kinds);
    let mut stores = BTreeMap::new();
    let shared: Arc<dyn Folder> = Arc::clone(folder) as Arc<dyn Folder>;
    let options = StoreOptions::default();
    let found = data::restore(shared, witness, &kinds, options, &mut stores)
        .map_err(|cause| failed(cause.to_string()))?;
    let mut journal = found.journal;
    let spaces = stores.iter_mut();
    let spaces = spaces.map(|(name, store)| (name.as_str(), store));
    let gone = erase::apply(ledger, spaces, saved_ms, now_ms());
    let states: Vec<_> = stores
        .iter()
        .map(|(name, store)| (name.clone(), store.state()))
        .collect();
    let before = found.checkpoint.as_ref();
    let frame = journal.last_frame();
    let written = checkpoint::write_all(&**folder, before, frame, &states)
        .map_err(|cause| failed(cause.to_string()))?;
    if let Some((file, cause)) = written.left.first() {
        return Err(failed(format!("{file}: cannot remove: {cause}")));
    }
    journal
        .cut(frame)
        .map_err(|cause| failed(cause.to_string()))?;
    // What opening began of the log ends before the checkpoint; a restored server
    // begins its own.
    drop(found.feed);
    forget_changes(folder).map_err(|cause| failed(cause.to_string()))?;
    Ok(gone)
}

/// Removes the log of changes.
fn forget_changes(folder: &RealFolder) -> io::Result<()> {
    for (file, _) in folder.list()? {
        if feed::is_file(&file) {
            folder.remove(&file)?;
        }
    }
    Ok(())
}
