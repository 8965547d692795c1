//! What came of a load: counts by file and by reason, the report of rejects,
//! and the table at the end. Shared by the thread that reads files and the one
//! that reads results.

use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tandem_loaders::intake::Intake;
use tandem_loaders::record::Reject;

use super::print;
use super::progress::{Far, Progress};
use crate::cli::error::{CliError, Exit};
use crate::wire::problem::Code;
use crate::wire::write::{LineResult, RangeResult, Summary, WriteResult};

/// Files a table shows one by one.
const FILES_SHOWN: usize = 30;

/// A record: its file in the report, and its line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) file: usize,
    pub(super) line: u64,
}

/// What came of one file.
#[derive(Default)]
struct Counts {
    path: String,
    about: String,
    /// Records, rejected ones too.
    read: u64,
    skipped: u64,
    dropped: u64,
    /// By what the server answered, or an empty one would have.
    results: Summary,
    /// Something of it could not be read.
    incomplete: bool,
    /// What may help.
    hints: Vec<String>,
}

/// Groups a report names: their names come from the data, which may have a new
/// one in every record.
const GROUPS_MAX: usize = 100;
/// Letters of a group's name, and of what happened first.
const GROUP_LETTERS_MAX: usize = 300;

/// How often something happened, by code and field, and where first.
#[derive(Default)]
struct Reasons {
    groups: BTreeMap<(String, String), (u64, String)>,
    /// How often in groups that are not named.
    others: u64,
}

impl Reasons {
    fn note(&mut self, reject: &Reject, place: &str) {
        let short = |text: &str| text.chars().take(GROUP_LETTERS_MAX).collect::<String>();
        let field = short(reject.field.as_deref().unwrap_or_default());
        let key = (reject.code.to_owned(), field);
        if let Some(known) = self.groups.get_mut(&key) {
            known.0 += 1;
        } else if self.groups.len() < GROUPS_MAX {
            let first = short(&format!("{place}: {}", reject.reason));
            self.groups.insert(key, (1, first));
        } else {
            self.others += 1;
        }
    }

    fn as_json(&self) -> Vec<Value> {
        let groups = self.groups.iter();
        let named = groups.map(|((code, field), (count, first))| json!({"code": code, "field": field, "count": count, "first": first}));
        named.collect()
    }
}

struct State {
    files: Vec<Counts>,
    /// Sent and not answered yet, in order.
    sent: VecDeque<Place>,
    /// By code and field.
    rejected: Reasons,
    /// By code and field.
    dropped: Reasons,
    /// By reason.
    skipped: BTreeMap<String, u64>,
    rejects: Option<Box<dyn Write + Send>>,
    sequence: String,
    /// Bytes of all sources that were read.
    position: u64,
}

/// What came of a load.
pub(super) struct Report {
    state: Mutex<State>,
    progress: Progress,
    rejects_on_stdout: bool,
}

/// A reject of these parts; a pointer becomes the field's name.
pub(super) fn reject_of(
    line: u64,
    code: &'static str,
    pointer: Option<&str>,
    detail: &str,
) -> Reject {
    let field = pointer
        .map(|pointer| pointer.trim_start_matches('/').replace('/', "."))
        .filter(|field| !field.is_empty());
    Reject {
        field,
        ..Reject::new(line, code, detail)
    }
}

fn line_of(file: &str, reject: &Reject) -> Value {
    json!({"file": file, "line": reject.line, "field": reject.field,
        "code": reject.code, "reason": reject.reason})
}

impl Report {
    pub(super) fn new(rejects: Option<&Path>, progress: Progress) -> Result<Self, CliError> {
        let rejects_on_stdout = rejects.is_some_and(|path| path.as_os_str() == "-");
        let rejects: Option<Box<dyn Write + Send>> = match rejects {
            None => None,
            Some(_) if rejects_on_stdout => Some(Box::new(std::io::stdout())),
            Some(path) => {
                let file = File::create(path).map_err(|cause| {
                    CliError::io(&format!("cannot write {}", path.display()), &cause)
                })?;
                Some(Box::new(BufWriter::new(file)))
            }
        };
        let state = State {
            files: Vec::new(),
            sent: VecDeque::new(),
            rejected: Reasons::default(),
            dropped: Reasons::default(),
            skipped: BTreeMap::new(),
            rejects,
            sequence: String::new(),
            position: 0,
        };
        Ok(Self {
            state: Mutex::new(state),
            progress,
            rejects_on_stdout,
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Counts stay counts, whoever panicked.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A file's number.
    pub(super) fn begin(&self, path: &Path) -> usize {
        let mut state = self.state();
        state.files.push(Counts {
            path: path.display().to_string(),
            ..Counts::default()
        });
        state.files.len() - 1
    }

    /// What a file turned out to be.
    pub(super) fn end(&self, file: usize, intake: &Intake, bytes_before: u64) {
        let mut state = self.state();
        if let Some(counts) = state.files.get_mut(file) {
            counts.about = intake.reader().about();
            counts.read = intake.records();
        }
        state.position = bytes_before + intake.reader().bytes_read();
    }

    /// Whether how far it is is to be shown anew.
    pub(super) fn is_due(&self) -> bool {
        self.progress.is_due()
    }

    /// Shows how far it is.
    pub(super) fn draw(&self, file: usize, intake: &Intake, bytes_before: u64) {
        let mut state = self.state();
        if let Some(counts) = state.files.get_mut(file) {
            counts.read = intake.records();
        }
        state.position = bytes_before + intake.reader().bytes_read();
        self.progress.draw(state.far());
    }

    /// Says something while it goes on.
    pub(super) fn say(&self, text: &str) {
        self.progress.note(text);
    }

    /// Documents on their way.
    pub(super) fn sent(&self, places: impl Iterator<Item = Place>) {
        self.state().sent.extend(places);
    }

    /// What a server would have made of a document, as far as can be told
    /// without it.
    pub(super) fn count(&self, place: Place, result: WriteResult) {
        if let Some(counts) = self.state().files.get_mut(place.file) {
            counts.results.count(result);
        }
    }

    /// A record that is not sent.
    pub(super) fn reject(&self, file: usize, reject: &Reject) -> Result<(), CliError> {
        self.state().reject(file, reject, None)
    }

    /// A field that is left out: its record is none of the rejected ones, but
    /// stands among them in the file, marked.
    pub(super) fn drop_field(&self, file: usize, reject: &Reject) -> Result<(), CliError> {
        let mut state = self.state();
        let place = state.place(file, reject);
        let mut path = String::new();
        if let Some(counts) = state.files.get_mut(file) {
            counts.dropped += 1;
            path.clone_from(&counts.path);
        }
        state.dropped.note(reject, &place);
        let mut line = line_of(&path, reject);
        line["dropped"] = true.into();
        state.write(&line)
    }

    /// What may help with a file.
    pub(super) fn hint(&self, file: usize, hint: String) {
        if let Some(counts) = self.state().files.get_mut(file) {
            counts.hints.push(hint);
        }
    }

    /// A record of which no document is made.
    pub(super) fn skip(&self, file: usize, reason: String) {
        let mut state = self.state();
        if let Some(counts) = state.files.get_mut(file) {
            counts.skipped += 1;
        }
        *state.skipped.entry(reason).or_default() += 1;
    }

    /// The result of the oldest document on its way.
    pub(super) fn answered(&self, result: &LineResult) -> Result<(), CliError> {
        let mut state = self.state();
        let Some(place) = state.sent.pop_front() else {
            return Err(CliError::new(
                Exit::Failed,
                "the server answered more lines than it was sent",
            ));
        };
        if result.result == WriteResult::Rejected {
            let reject = reject_of(
                place.line,
                result.code.unwrap_or(Code::Internal).as_str(),
                result.pointer.as_deref(),
                result.detail.as_deref().unwrap_or_default(),
            );
            return state.reject(place.file, &reject, result.did_you_mean.as_deref());
        }
        if let Some(counts) = state.files.get_mut(place.file) {
            counts.results.count(result.result);
        }
        // All may be read, and answers still come.
        if self.progress.is_due() {
            self.progress.draw(state.far());
        }
        Ok(())
    }

    /// The results of the oldest documents on their way, which had the same.
    pub(super) fn answered_alike(&self, range: &RangeResult) -> Result<(), CliError> {
        for _ in 0..range.count {
            self.answered(&LineResult::new(range.lines[0], None, range.result))?;
        }
        Ok(())
    }

    pub(super) fn visible_at(&self, sequence: &str) {
        sequence.clone_into(&mut self.state().sequence);
    }

    /// Writes what is left to write; how it went.
    pub(super) fn finish(
        &self,
        as_json: bool,
        is_dry: bool,
        took: Duration,
    ) -> Result<Exit, CliError> {
        self.progress.end();
        let mut state = self.state();
        if let Some(rejects) = &mut state.rejects {
            rejects
                .flush()
                .map_err(|cause| CliError::io("cannot write the rejects", &cause))?;
        }
        let text = if as_json || !(print::is_terminal() || self.rejects_on_stdout) {
            state.as_json(is_dry, took).to_string()
        } else {
            state.as_text(is_dry, took)
        };
        if self.rejects_on_stdout {
            print::note(&text);
        } else {
            print::line(&text)?;
        }
        Ok(if state.files.iter().any(|file| file.incomplete) {
            Exit::Failed
        } else if state.total().rejected > 0 {
            Exit::Rejected
        } else {
            Exit::Done
        })
    }
}

impl State {
    fn place(&self, file: usize, reject: &Reject) -> String {
        let path = self.files.get(file).map_or("", |file| file.path.as_str());
        match reject.line {
            0 => path.to_owned(),
            line => format!("{path} line {line}"),
        }
    }

    fn reject(
        &mut self,
        file: usize,
        reject: &Reject,
        did_you_mean: Option<&str>,
    ) -> Result<(), CliError> {
        let place = self.place(file, reject);
        self.rejected.note(reject, &place);
        let mut path = String::new();
        if let Some(counts) = self.files.get_mut(file) {
            counts.results.count(WriteResult::Rejected);
            counts.incomplete |= reject.ends_source();
            path.clone_from(&counts.path);
        }
        let mut line = line_of(&path, reject);
        if let Some(name) = did_you_mean {
            line["did_you_mean"] = name.into();
        }
        self.write(&line)
    }

    /// Writes a line of the file of rejects, where one is wanted.
    fn write(&mut self, line: &Value) -> Result<(), CliError> {
        let Some(rejects) = &mut self.rejects else {
            return Ok(());
        };
        writeln!(rejects, "{line}")
            .map_err(|cause| CliError::io("cannot write the rejects", &cause))
    }

    fn far(&self) -> Far {
        let sum = |of: fn(&Counts) -> u64| self.files.iter().map(of).sum();
        Far {
            position: self.position,
            read: sum(|file| file.read),
            done: sum(|file| file.results.lines + file.skipped),
            rejected: sum(|file| file.results.rejected),
        }
    }

    fn total(&self) -> Summary {
        let mut total = Summary {
            sequence: self.sequence.clone(),
            ..Summary::default()
        };
        for file in &self.files {
            total.lines += file.results.lines;
            total.created += file.results.created;
            total.replaced += file.results.replaced;
            total.deleted += file.results.deleted;
            total.stale += file.results.stale;
            total.rejected += file.results.rejected;
        }
        total
    }

    fn as_json(&self, is_dry: bool, took: Duration) -> Value {
        let files = self.files.iter().map(|file| {
            json!({"file": file.path, "format": file.about, "read": file.read,
                "created": file.results.created, "replaced": file.results.replaced,
                "deleted": file.results.deleted, "stale": file.results.stale,
                "rejected": file.results.rejected, "skipped": file.skipped,
                "fields_left_out": file.dropped, "incomplete": file.incomplete,
                "hints": file.hints})
        });
        json!({
            "summary": self.total(), "dry_run": is_dry, "files": files.collect::<Vec<_>>(),
            "rejected": self.rejected.as_json(), "fields_left_out": self.dropped.as_json(),
            "rejected_in_other_groups": self.rejected.others,
            "fields_left_out_in_other_groups": self.dropped.others,
            "skipped": self.skipped, "took_ms": took.as_millis() as u64,
        })
    }

    fn as_text(&self, is_dry: bool, took: Duration) -> String {
        let mut text = String::new();
        let mut put = |line: String| {
            text.push_str(&line);
            text.push('\n');
        };
        put(format!(
            "{:>9} {:>9} {:>9} {:>9} {:>9} {:>9}  file",
            "read", "created", "replaced", "stale", "rejected", "skipped"
        ));
        let row = |read, counts: &Summary, skipped, name: &str| {
            format!(
                "{read:>9} {:>9} {:>9} {:>9} {:>9} {skipped:>9}  {name}",
                counts.created, counts.replaced, counts.stale, counts.rejected
            )
        };
        for file in self.files.iter().take(FILES_SHOWN) {
            let name = match (file.about.as_str(), file.incomplete) {
                ("", _) => file.path.clone(),
                (about, false) => format!("{} ({about})", file.path),
                (about, true) => format!("{} ({about}), incomplete", file.path),
            };
            put(row(file.read, &file.results, file.skipped, &name));
        }
        let total = self.total();
        let read: u64 = self.files.iter().map(|file| file.read).sum();
        let skipped: u64 = self.files.iter().map(|file| file.skipped).sum();
        if self.files.len() > 1 {
            let name = format!("{} files", self.files.len());
            put(row(read, &total, skipped, &name));
        }
        for (title, reasons) in [
            ("rejected", &self.rejected),
            ("fields left out", &self.dropped),
        ] {
            for ((code, field), (count, first)) in &reasons.groups {
                let what = if field.is_empty() {
                    code.clone()
                } else {
                    format!("{field}: {code}")
                };
                put(format!("{count:>9} {title}, {what} (first: {first})"));
            }
            if reasons.others > 0 {
                put(format!(
                    "{:>9} more {title}, in other groups; --rejects FILE has each",
                    reasons.others
                ));
            }
        }
        for (reason, count) in &self.skipped {
            put(format!("{count:>9} skipped: {reason}"));
        }
        for file in &self.files {
            for hint in &file.hints {
                put(format!("{}: {hint}", file.path));
            }
        }
        if total.deleted > 0 {
            put(format!("{:>9} deleted", total.deleted));
        }
        let seconds = took.as_secs_f64();
        let rate = total.lines as f64 / seconds.max(1e-3);
        let seen = if is_dry {
            "nothing was sent".to_owned()
        } else {
            format!("visible at {}", self.sequence)
        };
        put(format!("{seconds:.1} s, {rate:.0} documents/s, {seen}"));
        text.truncate(text.trim_end().len());
        text
    }
}
