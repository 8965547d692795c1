//! `tandem load --follow`: a source that grows, to the server for good. Owns
//! going on exactly where the server is, whatever ends in between.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tandem_loaders::format::{Format, Input, Options as Reading, open};
use tandem_loaders::mapping::Mapping;
use tokio::signal::unix::{SignalKind, signal};

use super::deliver::{Sent, Target};
use super::follow_report::Tally;
use super::tail::{Chunk, FileTail, InputTail, Next};
use super::{AUTO, Options, ask_kinds, fields_named, find_mapping, kind_of, run_client};
use crate::cli::away::{AWAY_MIN, Away};
use crate::cli::error::{CliError, Exit};
use crate::cli::print::note;
use crate::limits::LINE_BYTES_MAX;

/// How often a file is looked at.
const LOOK: Duration = Duration::from_millis(200);

/// A source that is followed.
struct Follow<'a> {
    target: Target<'a>,
    name: String,
    mapping: Option<Arc<Mapping>>,
    tally: Tally,
}

pub(super) fn run(options: &Options) -> Result<Exit, CliError> {
    let path = checked_path(options)?;
    let named = options.mapping.as_deref();
    let mapping = named.map(find_mapping).transpose()?;
    if mapping.as_ref().is_some_and(|one| one.records().is_some()) {
        let what = "--follow: a mapping with `records` takes a source apart as a whole";
        return Err(CliError::new(Exit::Usage, what));
    }
    let said = kind_of(options, mapping.as_ref())?;
    let kind = said.ok_or_else(|| CliError::new(Exit::Usage, "say which kind: --kind KIND"))?;
    let name = source_name(options, path)?;
    let known = wait_for_kinds(options)?;
    let fields = fields_named(&known, &kind, false)?;
    if let Some(mapping) = &mapping {
        mapping
            .check_fields(&fields)
            .map_err(|error| CliError::new(Exit::Usage, format!("the mapping: {error}")))?;
    }
    let tally = Tally::new(&name, options.rejects.as_deref(), options.json)?;
    let mut follow = Follow {
        target: Target {
            server: &options.server,
            kind: &kind,
        },
        name,
        mapping: mapping.map(Arc::new),
        tally,
    };
    let ended = run_client(async {
        let stop = async {
            let signals = (
                signal(SignalKind::terminate()),
                signal(SignalKind::interrupt()),
            );
            let (Ok(mut terminate), Ok(mut interrupt)) = signals else {
                return std::future::pending().await;
            };
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        };
        tokio::select! {
            ended = async {
                if path.as_os_str() == "-" {
                    follow.input(options.live).await
                } else {
                    follow.file(path).await
                }
            } => ended,
            // What was under way and not answered is sent again next time.
            () = stop => Ok(()),
        }
    });
    let exit = follow.tally.finish()?;
    ended.map(|()| exit)
}

/// The one path, of a format whose lines have positions.
fn checked_path(options: &Options) -> Result<&Path, CliError> {
    let wrong = |what: &str| CliError::new(Exit::Usage, format!("--follow: {what}"));
    let [path] = options.paths.as_slice() else {
        return Err(wrong("one file is followed, or - for standard input"));
    };
    if path.is_dir() {
        return Err(wrong("a folder cannot be followed, a file in it can"));
    }
    let format = options.format.or_else(|| Format::of_name(path));
    let by_content = || is_packed(path).then_some("packed");
    let other = format
        .filter(|format| *format != Format::Ndjson)
        .map(Format::as_str)
        .or_else(by_content);
    if let Some(other) = other {
        let what =
            format!("only NDJSON can be followed, not {other}: a line of it stands for itself");
        return Err(wrong(&what)
            .hint("write the source as NDJSON, or load it again as a whole without --follow"));
    }
    if options.mapping.as_deref() == Some(AUTO) {
        let hint = "propose one once: tandem map FILE -o mapping.toml, then --mapping mapping.toml";
        return Err(wrong("a mapping is not proposed anew with every start").hint(hint));
    }
    Ok(path)
}

/// gzip and Zstandard by their first bytes.
fn is_packed(path: &Path) -> bool {
    use std::io::Read as _;
    let mut first = [0; 4];
    let read = path.is_file()
        && std::fs::File::open(path)
            .and_then(|mut file| file.read_exact(&mut first))
            .is_ok();
    read && (first.starts_with(&[0x1f, 0x8b]) || first == [0x28, 0xb5, 0x2f, 0xfd])
}

fn source_name(options: &Options, path: &Path) -> Result<String, CliError> {
    if let Some(name) = &options.source {
        return Ok(name.clone());
    }
    if path.as_os_str() == "-" {
        let what = "--follow: standard input has no name; give one with --source NAME";
        return Err(CliError::new(Exit::Usage, what).hint(
            "what it repeats from its beginning is skipped up to where NAME is; --live where it repeats nothing",
        ));
    }
    let full: PathBuf = path
        .canonicalize()
        .map_err(|cause| CliError::io(&format!("cannot read {}", path.display()), &cause))?;
    Ok(full.display().to_string())
}

type Kinds = Vec<(String, Vec<tandem_loaders::mapping::Field>)>;

/// The server's kinds, also of one that is not there yet or still starts.
fn wait_for_kinds(options: &Options) -> Result<Kinds, CliError> {
    let mut away = Away::default();
    loop {
        match ask_kinds(&options.server) {
            Ok(kinds) => {
                away.back();
                return Ok(kinds);
            }
            Err(error) if error.passes => {
                std::thread::sleep(away.wait(&error.what));
            }
            Err(error) => return Err(error),
        }
    }
}

impl Follow<'_> {
    async fn file(&mut self, path: &Path) -> Result<(), CliError> {
        let failed = |cause| CliError::io(&format!("cannot read {}", path.display()), &cause);
        let mut tail = FileTail::open(path).map_err(failed)?;
        // The source's position in front of the file's first byte, once known.
        let mut base = None;
        let mut is_new = false;
        loop {
            let Some(begin) = base else {
                base = self.begin(&mut tail, is_new, failed).await?;
                if base.is_none() {
                    if let Next::Replaced = tail.next().map_err(failed)? {
                        tail = FileTail::open(path).map_err(failed)?;
                    }
                    tokio::time::sleep(LOOK).await;
                }
                continue;
            };
            match tail.next().map_err(failed)? {
                Next::Chunk(chunk) => {
                    let size = tail.bytes().map_err(failed)?;
                    let behind = size.saturating_sub(chunk.to);
                    if !self.deliver(begin, chunk, behind).await? {
                        // Where it is is asked again.
                        (base, is_new) = (None, false);
                    }
                }
                Next::Nothing | Next::End => {
                    self.tally.caught_up()?;
                    tokio::time::sleep(LOOK).await;
                }
                Next::Cut => {
                    note(&format!(
                        "{} was cut to fewer than the {} bytes that were read: it is read from its start, positions go on",
                        path.display(),
                        tail.offset()
                    ));
                    tail.go_to(0);
                    (base, is_new) = (None, true);
                }
                Next::Replaced => {
                    note(&format!(
                        "{} is another file now, the old one is loaded to its end: the new one is read from its start, positions go on",
                        path.display()
                    ));
                    tail = FileTail::open(path).map_err(failed)?;
                    (base, is_new) = (None, true);
                }
            }
        }
    }

    /// Where the source is in front of the file's first byte; the file goes to
    /// where the server is. Nothing while the first line has no end: it tells
    /// the file from others. The server keeps it as a source of its own, so
    /// that a later start knows which file it was in.
    async fn begin(
        &mut self,
        tail: &mut FileTail,
        is_new: bool,
        failed: impl Fn(std::io::Error) -> CliError,
    ) -> Result<Option<u64>, CliError> {
        let Some(print) = tail.fingerprint().map_err(&failed)? else {
            return Ok(None);
        };
        let file = format!("{}@{print:016x}", self.name);
        let now = self.position(&self.name.clone()).await?;
        let begun = self.position(&file).await?.checked_sub(1);
        let size = tail.bytes().map_err(&failed)?;
        let base = match begun {
            Some(begun) if !is_new && begun <= now && now - begun <= size => {
                tail.go_to(now - begun);
                note(&format!(
                    "{}: goes on at byte {} of {size}",
                    self.name,
                    now - begun
                ));
                return Ok(Some(begun));
            }
            Some(begun) if !is_new && begun <= now => {
                note(&format!(
                    "{}: {} bytes were loaded of the file and it has {size}: it was cut, and is read from its start",
                    self.name,
                    now - begun
                ));
                now
            }
            None if now > 0 && !is_new => {
                note(&format!(
                    "{}: another file than before, read from its start; its positions begin at {now}",
                    self.name
                ));
                now
            }
            Some(_) | None => now,
        };
        tail.go_to(0);
        if begun.is_some_and(|begun| begun > now) {
            // The source was forgotten since, and the file begins before where it began.
            self.forget(&file).await?;
        }
        // One more than it is: 0 could not be told from nothing.
        while self
            .post(&file, (0, Some(base + 1)), Vec::new())
            .await?
            .is_none()
        {
            tokio::time::sleep(AWAY_MIN).await;
        }
        Ok(Some(base))
    }

    async fn input(&mut self, live: bool) -> Result<(), CliError> {
        let now = self.position(&self.name.clone()).await?;
        let (offset, skip) = if live { (now, 0) } else { (0, now) };
        if now > 0 {
            let what = if live {
                "goes on behind"
            } else {
                "skips its first"
            };
            note(&format!("standard input: {what} {now} bytes"));
        }
        let failed = |cause| CliError::io("cannot read standard input", &cause);
        let mut tail = InputTail::start(offset, skip);
        loop {
            match tail.next().await.map_err(failed)? {
                Next::Chunk(chunk) => {
                    let from = chunk.from;
                    if !self.deliver(0, chunk, 0).await? {
                        let what = format!(
                            "the server lost part of {}: it is in front of byte {from}, which standard input does not repeat",
                            self.name
                        );
                        return Err(CliError::new(Exit::Failed, what)
                            .hint("start again with the input from its beginning"));
                    }
                    self.tally.caught_up()?;
                }
                Next::End if tail.skip() > 0 => {
                    let what = format!(
                        "standard input ended {} bytes in front of where {} is; is it another one? --live if it repeats nothing",
                        tail.skip(),
                        self.name
                    );
                    return Err(CliError::new(Exit::Failed, what));
                }
                Next::Nothing | Next::End | Next::Cut | Next::Replaced => return Ok(()),
            }
        }
    }

    /// Where the server is in a source; waits for it.
    async fn position(&mut self, source: &str) -> Result<u64, CliError> {
        let mut away = Away::default();
        loop {
            match self.target.position(source).await? {
                Ok(position) => {
                    away.back();
                    return Ok(position);
                }
                Err(why) => tokio::time::sleep(away.wait(&why)).await,
            }
        }
    }

    /// Has the server forget a source; waits for it.
    async fn forget(&mut self, source: &str) -> Result<(), CliError> {
        let mut away = Away::default();
        while let Err(why) = self.target.forget(source).await? {
            tokio::time::sleep(away.wait(&why)).await;
        }
        away.back();
        Ok(())
    }

    /// Sends until it is kept, and waits for a server that is away. Nothing
    /// where the server is not as far as was thought.
    async fn post(
        &mut self,
        source: &str,
        place: (u64, Option<u64>),
        body: Vec<u8>,
    ) -> Result<
        Option<(
            crate::wire::write::Summary,
            Vec<crate::wire::write::LineResult>,
        )>,
        CliError,
    > {
        let mut away = Away::default();
        loop {
            match self.target.send(source, place, body.clone()).await? {
                Sent::Done(summary, rejects) => {
                    away.back();
                    return Ok(Some((summary, rejects)));
                }
                Sent::Behind => {
                    note(&format!(
                        "{source}: the server is not as far as before; going back to where it is"
                    ));
                    return Ok(None);
                }
                Sent::Later(why) => {
                    let wait = away.wait(&why);
                    self.tally.waiting(&why)?;
                    tokio::time::sleep(wait).await;
                }
            }
        }
    }

    /// Sends a chunk; false where the server is not as far as was thought.
    async fn deliver(&mut self, base: u64, chunk: Chunk, behind: u64) -> Result<bool, CliError> {
        let (from, to) = (base + chunk.from, base + chunk.to);
        let name = self.name.clone();
        if chunk.bytes.is_empty() {
            let reason = format!("the line has more than {LINE_BYTES_MAX} bytes");
            self.tally.reject(to, "too_large", None, &reason)?;
        }
        let (body, lines, to_given) = match &self.mapping {
            _ if chunk.bytes.is_empty() => (Vec::new(), Vec::new(), Some(to)),
            None => (chunk.bytes.clone(), Vec::new(), None),
            Some(mapping) => {
                let mapping = Arc::clone(mapping);
                let (body, lines) = self.mapped(&mapping, &chunk, from)?;
                (body, lines, Some(to))
            }
        };
        let Some((summary, rejects)) = self.post(&name, (from, to_given), body).await? else {
            return Ok(false);
        };
        for reject in rejects {
            let line = match to_given {
                None => reject.line,
                Some(_) => lines.get(reject.line as usize - 1).copied().unwrap_or(1),
            };
            self.tally
                .refused(from + end_of(&chunk.bytes, line), &reject)?;
        }
        self.tally.loaded(&summary, to, behind)?;
        Ok(true)
    }

    /// The documents a mapping makes of a chunk, and the line of each.
    fn mapped(
        &mut self,
        mapping: &Mapping,
        chunk: &Chunk,
        from: u64,
    ) -> Result<(Vec<u8>, Vec<u64>), CliError> {
        let (mut body, mut lines) = (Vec::new(), Vec::new());
        let reading = Reading {
            format: Some(Format::Ndjson),
            ..Reading::default()
        };
        let at = |line| from + end_of(&chunk.bytes, line);
        let input = Input::Stream(Box::new(std::io::Cursor::new(chunk.bytes.clone())));
        let reader = match open(input, &reading) {
            Ok(reader) => reader,
            Err(reject) => {
                self.tally
                    .reject(at(1), reject.code, reject.field.as_deref(), &reject.reason)?;
                return Ok((body, lines));
            }
        };
        for record in reader {
            let mapped = match record {
                Ok(record) => (record.number, mapping.map(&record)),
                Err(reject) => {
                    let field = reject.field.as_deref();
                    self.tally
                        .reject(at(reject.line), reject.code, field, &reject.reason)?;
                    continue;
                }
            };
            let (line, mapped) = mapped;
            for document in &mapped.documents {
                body.extend(Value::to_string(document).into_bytes());
                body.push(b'\n');
                lines.push(line);
            }
            for reject in &mapped.rejects {
                self.tally.reject(
                    at(line),
                    reject.code,
                    reject.field.as_deref(),
                    &reject.reason,
                )?;
            }
            self.tally.skipped(mapped.skipped.len() as u64);
        }
        Ok((body, lines))
    }
}

/// Where a line of a chunk ends.
fn end_of(bytes: &[u8], line: u64) -> u64 {
    let ends = bytes
        .iter()
        .enumerate()
        .filter(|(_, byte)| **byte == b'\n')
        .map(|(place, _)| place as u64 + 1);
    let line = usize::try_from(line.max(1)).unwrap_or(usize::MAX);
    ends.take(line).last().unwrap_or(bytes.len() as u64)
}

/// What an answer to `--json` says at each step.
pub(super) fn step(name: &str, state: &str, rest: Value) -> Value {
    let mut step = json!({"source": name, "state": state});
    if let (Some(step), Value::Object(rest)) = (step.as_object_mut(), rest) {
        step.extend(rest);
    }
    step
}
