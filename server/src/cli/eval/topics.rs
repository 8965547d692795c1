//! The topics of a judged set, and which of them count. Owns the file's format.

use std::collections::BTreeSet;
use std::path::Path;

use clap::ValueEnum;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::super::error::{CliError, Exit};
use super::read;

/// Which topics count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Split {
    /// Those weights may be tuned on
    Tune,
    /// Those never tuned on
    Held,
    /// Both
    All,
}

/// What a topic asks with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Form {
    /// With words
    Search,
    /// With a document
    Match,
}

impl Form {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Search => "search",
            Self::Match => "match",
        }
    }
}

/// One line of the topics file.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Topic {
    #[serde(rename = "topic")]
    pub(super) name: String,
    pub(super) to: String,
    q: Option<String>,
    from: Option<String>,
    id: Option<String>,
    #[serde(default)]
    split: String,
}

/// Members of a request that the topic or the measuring decides.
const OWN: [&str; 9] = [
    "to", "q", "from", "vector", "ids", "limit", "fields", "count", "cursor",
];

impl Topic {
    pub(super) fn form(&self) -> Form {
        if self.q.is_some() {
            Form::Search
        } else {
            Form::Match
        }
    }

    /// The request for its ranking, with these members besides.
    pub(super) fn request(
        &self,
        members: &Map<String, Value>,
        limit: usize,
    ) -> Result<Value, CliError> {
        let mut body = json!({"to": self.to, "limit": limit, "fields": [], "count": "none"});
        match (&self.q, &self.from, &self.id) {
            (Some(q), _, _) => body["q"] = json!(q),
            (None, Some(kind), Some(id)) => body["from"] = json!({"kind": kind, "id": id}),
            _ => {
                let what = format!("topic {}: needs q, or from and id", self.name);
                return Err(CliError::new(Exit::Usage, what));
            }
        }
        for (name, value) in members {
            body[name] = value.clone();
        }
        Ok(body)
    }

    fn counts(&self, split: Split, form: Option<Form>) -> bool {
        let of_split = match split {
            Split::All => true,
            Split::Tune => self.split == "tune",
            Split::Held => self.split == "held",
        };
        of_split && form.is_none_or(|form| form == self.form())
    }
}

/// The first of these members that the topics decide themselves.
pub(super) fn own_member(members: &Map<String, Value>) -> Option<&'static str> {
    OWN.into_iter().find(|name| members.contains_key(*name))
}

/// The topics that count, of which there is at least one.
pub(super) fn topics(
    path: &Path,
    split: Split,
    form: Option<Form>,
) -> Result<Vec<Topic>, CliError> {
    let usage = |what: String| CliError::new(Exit::Usage, what);
    let mut topics: Vec<Topic> = Vec::new();
    let mut names = BTreeSet::new();
    let mut any = false;
    for (at, line) in read(path)?.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let place = || format!("{}, line {}", path.display(), at + 1);
        let topic: Topic =
            serde_json::from_str(line).map_err(|cause| usage(format!("{}: {cause}", place())))?;
        if !names.insert(topic.name.clone()) {
            return Err(usage(format!("{}: topic {} again", place(), topic.name)));
        }
        any = true;
        if topic.counts(split, form) {
            topics.push(topic);
        }
    }
    if topics.is_empty() {
        let none = usage(format!("{}: no topics", path.display()));
        let hint = "none has this split and form: --split all takes those of both halves";
        return Err(if any { none.hint(hint) } else { none });
    }
    Ok(topics)
}
