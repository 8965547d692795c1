//! Files without a mapping whose documents have no ids: what to say of them.

use std::path::Path;

use serde_json::Value;

/// Columns a hint names.
const NAMES_SHOWN: usize = 30;

/// Whether the documents of a file nobody mapped have ids.
#[derive(Default)]
pub(super) struct Ids {
    documents: u64,
    found: bool,
    /// The members of the first document.
    members: Vec<String>,
}

impl Ids {
    pub(super) fn look(&mut self, json: &[u8]) {
        if self.found {
            return;
        }
        let Ok(Value::Object(members)) = serde_json::from_slice(json) else {
            return;
        };
        self.documents += 1;
        self.found = members.contains_key("id") || members.contains_key("delete");
        if self.members.is_empty() {
            self.members = members.keys().cloned().collect();
        }
    }

    /// What helps where no document has one.
    pub(super) fn hint(&self, path: &Path, columns: &[String]) -> Option<String> {
        if self.found || self.documents == 0 {
            return None;
        }
        let (what, names) = if columns.is_empty() {
            ("members", self.members.as_slice())
        } else {
            ("columns", columns)
        };
        let shown: Vec<&str> = names.iter().take(NAMES_SHOWN).map(String::as_str).collect();
        let more = match names.len().saturating_sub(NAMES_SHOWN) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        Some(format!(
            "no record has an id; its {what} are {}{more}: try --mapping auto, or see what `tandem map {}` proposes",
            shown.join(", "),
            path.display()
        ))
    }
}
