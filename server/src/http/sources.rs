//! Sources: where lines come from, and how far each is read. Owns what a bulk
//! request says of its source, and the routes that show and forget positions.

use std::sync::Arc;

use hyper::{Response, StatusCode};

use super::call::Call;
use super::respond::{self, Body};
use crate::limits::{SOURCE_BYTES_MAX, SOURCES_MAX};
use crate::position::{Reached, Step};
use crate::space::Space;
use crate::suggest::nearest;
use crate::wire::answer::{Source, Sources};
use crate::wire::problem::{Code, Fault, Outcome, Refusal};

/// `source`, `from` and `to` as they are given.
#[derive(Clone, Debug, Default)]
pub(super) struct Given {
    /// The source's name.
    pub source: Option<String>,
    /// The position in front of the body.
    pub from: Option<u64>,
    /// The position behind it, where its bytes are not the source's own.
    pub to: Option<u64>,
}

impl Given {
    /// Takes a parameter, if it is one of these.
    pub(super) fn take(&mut self, name: &str, value: &str) -> Outcome<bool> {
        let position = || {
            let digits = value.bytes().all(|byte| byte.is_ascii_digit());
            let number = digits.then(|| value.parse().ok()).flatten();
            number.ok_or_else(|| wrong(name, "must be a whole number from 0"))
        };
        match name {
            "source" => {
                check_name(value)?;
                self.source = Some(value.to_owned());
            }
            "from" => self.from = Some(position()?),
            "to" => self.to = Some(position()?),
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The source, where one is named. `own_bytes`: the body is what the source
    /// has at `from`, byte by byte.
    pub(super) fn origin(self, own_bytes: bool) -> Outcome<Option<Origin>> {
        let Some(source) = self.source else {
            let alone = [("from", self.from), ("to", self.to)];
            return match alone.iter().find(|(_, given)| given.is_some()) {
                Some((name, _)) => Err(wrong(
                    name,
                    "goes with source, the name it is a position in",
                )),
                None => Ok(None),
            };
        };
        let from = self.from.unwrap_or(0);
        if self.to.is_none() && !own_bytes {
            let detail = "must be given: only of plain NDJSON the bytes are those of the source";
            return Err(wrong("to", detail));
        }
        if self.to.is_some_and(|to| to < from) {
            return Err(wrong("to", "must not be before from"));
        }
        Ok(Some(Origin {
            source: source.into(),
            from,
            to: self.to,
            stored: 0,
        }))
    }
}

fn wrong(name: &str, detail: &str) -> Refusal {
    Refusal::at(Code::InvalidRequest, format!("/{name}"), detail)
}

fn check_name(name: &str) -> Outcome<()> {
    let detail = match name.len() {
        0 => "is empty".to_owned(),
        bytes if bytes > SOURCE_BYTES_MAX => {
            format!("has {bytes} bytes, at most {SOURCE_BYTES_MAX}")
        }
        _ if name.chars().any(char::is_control) => "has control characters".to_owned(),
        _ => return Ok(()),
    };
    Err(wrong("source", &detail))
}

/// Where the lines of a bulk request come from.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    source: Arc<str>,
    from: u64,
    to: Option<u64>,
    /// How far the source was read when the request came.
    stored: u64,
}

impl Origin {
    /// Refuses lines with a gap in front of them.
    pub(super) fn check(mut self, space: &Space) -> Outcome<Self> {
        let positions = space.positions();
        let stored = positions.get(&self.source);
        if stored.is_none() && positions.len() >= SOURCES_MAX {
            let detail = format!("there are {SOURCES_MAX} sources already, and no more are kept");
            return Err(wrong("source", &detail));
        }
        self.stored = stored.unwrap_or(0);
        if self.from > self.stored {
            let detail = format!(
                "the source is at {}, and the lines begin at {}",
                self.stored, self.from
            );
            return Err(Refusal::at(Code::PositionGap, "/from", detail));
        }
        Ok(self)
    }

    /// Whether a line is kept already; `end` is where it ends in the body.
    pub(super) fn is_repeated(&self, end: u64) -> bool {
        self.to.unwrap_or(self.from.saturating_add(end)) <= self.stored
    }

    /// The version of a line's document, unless it brings its own: where the
    /// line ends in the source; where that is not known, so many lines behind
    /// `from`, which two requests of the same lines agree on.
    pub(super) fn version(&self, number: u64, end: u64) -> u64 {
        match self.to {
            None => self.from.saturating_add(end),
            Some(to) => self.from.saturating_add(number).min(to),
        }
    }

    /// The position in front of the first line.
    pub(super) fn begin(&self) -> u64 {
        self.from
    }

    /// The position behind a line that ends there in the body; none where that
    /// is only known of the body's end.
    pub(super) fn behind(&self, end: u64) -> Option<u64> {
        self.to.is_none().then(|| self.from.saturating_add(end))
    }

    /// The position behind a body of so many bytes.
    pub(super) fn end(&self, body_bytes: u64) -> u64 {
        self.to.unwrap_or(self.from.saturating_add(body_bytes))
    }

    /// What a batch has of the source.
    pub(super) fn reached(&self, from: u64, to: u64) -> Option<Reached> {
        (from < to).then(|| Reached {
            source: Arc::clone(&self.source),
            step: Step::On { from, to },
        })
    }

    /// How far the source is read now.
    pub(super) fn position(&self, space: &Space) -> u64 {
        space.positions().get(&self.source).unwrap_or(0)
    }
}

/// How far every source is read.
pub(super) fn all(call: &Call) -> Outcome<Response<Body>> {
    let positions = call.space.positions();
    let sources = positions
        .sorted()
        .into_iter()
        .map(|(name, position)| Source {
            name: name.to_owned(),
            position,
        });
    let sources = Sources {
        sources: sources.collect(),
    };
    respond::json(StatusCode::OK, &sources)
}

/// How far one source is read.
pub(super) fn one(call: &Call) -> Outcome<Response<Body>> {
    respond::json(StatusCode::OK, &named(call)?)
}

/// Forgets a source; answers where it was.
pub(super) async fn forget(call: Call) -> Outcome<Response<Body>> {
    let source = named(&call)?;
    let forgotten = Reached {
        source: source.name.as_str().into(),
        step: Step::Forgotten,
    };
    let (writer, space) = (&call.app.writer, call.space.number);
    let pending = writer.try_apply(space, Vec::new(), Some(forgotten))?;
    pending.applied().await?;
    respond::json(StatusCode::OK, &source)
}

/// The source of the path.
fn named(call: &Call) -> Outcome<Source> {
    let name = call.params.id.as_deref().unwrap_or_default();
    let positions = call.space.positions();
    let Some(position) = positions.get(name) else {
        let known = positions.sorted();
        return Err(Refusal::because(vec![Fault {
            pointer: "/name".to_owned(),
            code: Code::NotFound,
            detail: "nothing of such a source is loaded".to_owned(),
            did_you_mean: nearest(name, known.iter().map(|(name, _)| *name)),
        }]));
    };
    Ok(Source {
        name: name.to_owned(),
        position,
    })
}
