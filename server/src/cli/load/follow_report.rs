//! What is said of a source that is followed: steps as JSON lines or notes,
//! rejects with their positions, the counts at the end.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;

use super::follow::step;
use super::print;
use super::report::reject_of;
use crate::cli::error::{CliError, Exit};
use crate::wire::problem::Code;
use crate::wire::write::{LineResult, Summary};

/// How often a step is said while lines come without end.
const STEP: Duration = Duration::from_secs(1);
/// Rejects that are shown.
const SHOWN_MAX: u64 = 10;

/// Counts of a source that is followed.
pub(super) struct Tally {
    name: String,
    as_json: bool,
    total: Summary,
    /// Rejected before they were sent.
    unsent: u64,
    skipped: u64,
    position: u64,
    behind: u64,
    said: Option<Instant>,
    /// There is something a step did not say yet.
    news: bool,
    rejects: Option<Box<dyn Write>>,
}

impl Tally {
    pub(super) fn new(name: &str, rejects: Option<&Path>, as_json: bool) -> Result<Self, CliError> {
        let rejects: Option<Box<dyn Write>> = match rejects {
            None => None,
            Some(path) if path.as_os_str() == "-" => Some(Box::new(std::io::stdout())),
            Some(path) => Some(Box::new(append(path)?)),
        };
        Ok(Self {
            name: name.to_owned(),
            as_json,
            total: Summary::default(),
            unsent: 0,
            skipped: 0,
            position: 0,
            behind: 0,
            said: None,
            news: false,
            rejects,
        })
    }

    /// The server cannot take more for now.
    pub(super) fn waiting(&mut self, why: &str) -> Result<(), CliError> {
        if !self.as_json || self.said.is_some_and(|said| said.elapsed() < STEP) {
            return Ok(());
        }
        self.said = Some(Instant::now());
        let line = step(&self.name, "waiting", json!({"detail": why}));
        print::line(&line.to_string())
    }

    /// Lines that are kept now.
    pub(super) fn loaded(
        &mut self,
        summary: &Summary,
        position: u64,
        behind: u64,
    ) -> Result<(), CliError> {
        let total = &mut self.total;
        total.lines += summary.lines;
        total.created += summary.created;
        total.replaced += summary.replaced;
        total.deleted += summary.deleted;
        total.stale += summary.stale;
        total.repeated += summary.repeated;
        total.rejected += summary.rejected;
        total.sequence.clone_from(&summary.sequence);
        total.position = Some(position);
        (self.position, self.behind, self.news) = (position, behind, true);
        if self.said.is_none_or(|said| said.elapsed() >= STEP) {
            self.step("loading")?;
        }
        Ok(())
    }

    /// Nothing more is there for now.
    pub(super) fn caught_up(&mut self) -> Result<(), CliError> {
        if self.news {
            self.step("following")?;
        }
        Ok(())
    }

    fn step(&mut self, state: &str) -> Result<(), CliError> {
        self.said = Some(Instant::now());
        // That nothing more is there is said of every load.
        self.news = state == "loading";
        if self.as_json {
            let rest = json!({"position": self.position, "behind": self.behind,
                "summary": self.total, "rejected_unsent": self.unsent, "skipped": self.skipped});
            return print::line(&step(&self.name, state, rest).to_string());
        }
        print::note(&self.text());
        Ok(())
    }

    fn text(&self) -> String {
        let total = &self.total;
        format!(
            "{}: at {}, {} bytes to go; {} created, {} replaced, {} deleted, {} stale, {} repeated, {} rejected",
            self.name,
            self.position,
            self.behind,
            total.created,
            total.replaced,
            total.deleted,
            total.stale,
            total.repeated,
            total.rejected + self.unsent
        )
    }

    /// A line of which no document was sent.
    pub(super) fn reject(
        &mut self,
        position: u64,
        code: &str,
        field: Option<&str>,
        reason: &str,
    ) -> Result<(), CliError> {
        self.unsent += 1;
        self.write(position, code, field, reason)
    }

    /// A line the server rejected.
    pub(super) fn refused(&mut self, position: u64, result: &LineResult) -> Result<(), CliError> {
        let code = result.code.unwrap_or(Code::Internal).as_str();
        let detail = result.detail.as_deref().unwrap_or_default();
        let reject = reject_of(result.line, code, result.pointer.as_deref(), detail);
        self.write(position, code, reject.field.as_deref(), detail)
    }

    fn write(
        &mut self,
        position: u64,
        code: &str,
        field: Option<&str>,
        reason: &str,
    ) -> Result<(), CliError> {
        let line = json!({"source": self.name, "position": position, "field": field,
            "code": code, "reason": reason});
        if let Some(to) = &mut self.rejects {
            return writeln!(to, "{line}")
                .and_then(|()| to.flush())
                .map_err(|cause| CliError::io("cannot write the rejects", &cause));
        }
        let count = self.total.rejected + self.unsent;
        if count <= SHOWN_MAX {
            let field = field.map(|field| format!("{field}: ")).unwrap_or_default();
            print::note(&format!(
                "rejected, the line in front of {position}: {field}{code}: {reason}"
            ));
        }
        Ok(())
    }

    /// Records of which the mapping makes no document.
    pub(super) fn skipped(&mut self, count: u64) {
        self.skipped += count;
    }

    /// The counts; how it went.
    pub(super) fn finish(&mut self) -> Result<Exit, CliError> {
        if self.as_json {
            self.step("ended")?;
        } else {
            print::line(&self.text())?;
        }
        Ok(if self.total.rejected + self.unsent > 0 {
            Exit::Rejected
        } else {
            Exit::Done
        })
    }
}

/// Rejects of earlier runs stay.
fn append(path: &Path) -> Result<File, CliError> {
    let opened = OpenOptions::new().create(true).append(true).open(path);
    opened.map_err(|cause| CliError::io(&format!("cannot write {}", path.display()), &cause))
}
