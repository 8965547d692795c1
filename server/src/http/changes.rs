//! The change feed: what has changed behind a position, at once or as soon as
//! something does. Owns the parameters, the size of an answer and waiting; the
//! log is the index's.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hyper::{Response, StatusCode};
use tandem_index::Kinds;
use tandem_index::feed::{Feed, ReadError};

use super::ask::unknown_kind;
use super::call::Call;
use super::respond::{self, Body, NDJSON};
use crate::compute::defect;
use crate::limits::{
    CHANGES_BYTES_MAX, CHANGES_DEFAULT, CHANGES_MAX, CHANGES_PASSED_MAX, CHANGES_WAIT_MAX,
};
use crate::space::Space;
use crate::wire::changes::{Change, Next};
use crate::wire::parameters::CHANGES;
use crate::wire::problem::{Code, Outcome, Refusal};
use crate::wire::query;
use crate::wire::token::{Of, Token};

/// What is asked for.
#[derive(Clone, Debug, PartialEq)]
struct Asked {
    after: u64,
    kinds: Vec<String>,
    wait: Duration,
    limit: usize,
}

/// A part of the feed.
#[derive(Debug, Default)]
struct Page {
    lines: Vec<u8>,
    next: u64,
    is_end: bool,
}

pub(super) async fn changes(call: Call) -> Outcome<Response<Body>> {
    let query = call.query.as_deref().unwrap_or_default();
    let mut asked = read(query, &call.app.kinds, call.space.of())?;
    let _place = Arc::clone(&call.app.followers)
        .try_acquire_owned()
        .map_err(|_full| Refusal::new(Code::Overloaded, "too many wait for changes"))?;
    let until = Instant::now() + asked.wait;
    let mut follow = call.space.follow();
    loop {
        // Before the log is read: a change made meanwhile wakes this request again.
        follow.mark_unchanged();
        let (space, question) = (Arc::clone(&call.space), asked.clone());
        let deadline = Instant::now() + call.app.deadline;
        // One job at a time for each of a bounded number of requests.
        let page = call
            .app
            .reads
            .run_admitted(deadline, move || page(&space, &question));
        let mut page = page.await?;
        let is_over = Instant::now() >= until || call.app.is_stopping();
        if !page.lines.is_empty() || !page.is_end || is_over {
            page.lines.extend(respond::to_json(&Next {
                next: call.space.token(page.next),
            })?);
            page.lines.push(b'\n');
            return Ok(respond::bytes(StatusCode::OK, NDJSON, page.lines));
        }
        // What was passed over need not be read again.
        asked.after = page.next;
        // Woken by a change, a stop, or the end of the time.
        drop(tokio::time::timeout_at(until.into(), follow.changed()).await);
    }
}

fn page(space: &Space, asked: &Asked) -> Outcome<Page> {
    let feed = space.feed().ok_or_else(defect)?;
    // Before the log is read, which may know of changes that no snapshot shows yet.
    let newest = space.current().sequence;
    if asked.after > newest {
        let detail = format!(
            "position {} is ahead of {newest}, the newest here: files of this server were replaced with older ones; {RESTART}",
            asked.after
        );
        return Err(Refusal::at(Code::ChangesAhead, "/after", detail));
    }
    collect(feed, &space.name, newest, asked)
}

/// How a reader whose position cannot be used goes on.
const RESTART: &str =
    "to restart, export every kind and go on behind the lowest X-Snapshot of the exports";

/// The changes up to the sequence number `newest`.
fn collect(feed: &Feed, space: &str, newest: u64, asked: &Asked) -> Outcome<Page> {
    let mut lines = Vec::new();
    let mut is_newest = false;
    let (mut shown, mut passed) = (0, 0);
    let read = feed.read(space, asked.after, |sequence, changes| {
        is_newest = sequence > newest;
        if is_newest {
            return false;
        }
        let wanted =
            |kind: &str| asked.kinds.is_empty() || asked.kinds.iter().any(|one| one == kind);
        let fitting = changes.iter().filter(|change| wanted(change.kind)).count();
        // Those of one sequence number stay together, however many they are.
        let is_full = shown > 0 && shown + fitting > asked.limit;
        if is_full || lines.len() >= CHANGES_BYTES_MAX || passed >= CHANGES_PASSED_MAX {
            return false;
        }
        for change in changes.iter().filter(|change| wanted(change.kind)) {
            let line = Change::new(sequence, change);
            // Writing strings and numbers to memory cannot fail.
            drop(serde_json::to_writer(&mut lines, &line));
            lines.push(b'\n');
        }
        shown += fitting;
        passed += changes.len() - fitting;
        true
    });
    match read {
        Ok(read) => Ok(Page {
            lines,
            next: read.next,
            is_end: read.is_end || is_newest,
        }),
        Err(ReadError::Gone { oldest }) => {
            let detail = format!(
                "changes behind {} are no longer held; the oldest position is {oldest}; {RESTART}",
                asked.after
            );
            Err(Refusal::at(Code::ChangesGone, "/after", detail))
        }
        Err(ReadError::Stalled) => {
            let detail = "the log of changes cannot be written now, so its end is not known";
            Err(Refusal::new(Code::NotReady, detail))
        }
        Err(damaged @ ReadError::Damaged { .. }) => {
            tracing::error!(%damaged, "the log of changes is damaged");
            let detail = format!(
                "the log of changes is damaged ({damaged}); the newest position is {}; {RESTART}",
                feed.last(space)
            );
            Err(Refusal::at(Code::ChangesGone, "/after", detail))
        }
        Err(failed @ ReadError::Io { .. }) => {
            tracing::error!(%failed, "the log of changes cannot be read");
            Err(defect())
        }
    }
}

fn read(query: &str, kinds: &Kinds, of: Of<'_>) -> Outcome<Asked> {
    let mut asked = Asked {
        after: 0,
        kinds: Vec::new(),
        wait: Duration::ZERO,
        limit: CHANGES_DEFAULT,
    };
    for (name, value) in query::pairs(query, &["kind"])? {
        match name.as_str() {
            "after" => asked.after = position(&value, of)?,
            "kind" if kinds.get(&value).is_none() => {
                return Err(unknown_kind(kinds, &value));
            }
            "kind" => asked.kinds.push(value),
            "wait" => {
                let most = CHANGES_WAIT_MAX.as_secs();
                let wait = value.parse().ok().filter(|wait| *wait <= most);
                asked.wait = wait.map(Duration::from_secs).ok_or_else(|| {
                    query::wrong(&name, &format!("must be seconds from 0 to {most}"))
                })?;
            }
            "limit" => {
                let limit = value.parse().ok();
                asked.limit = limit
                    .filter(|limit| (1..=CHANGES_MAX).contains(limit))
                    .ok_or_else(|| {
                        query::wrong(&name, &format!("must be a number from 1 to {CHANGES_MAX}"))
                    })?;
            }
            _ => return Err(query::unknown(&name, CHANGES.map(|(name, _, _)| name))),
        }
    }
    Ok(asked)
}

/// A position as answers give it, or 0 for the beginning.
fn position(value: &str, of: Of<'_>) -> Outcome<u64> {
    let token = Token::parse(value).ok_or_else(|| {
        query::wrong(
            "after",
            "must be a position as answers give it, such as default:5f0c9a1e.42; 0 is the beginning",
        )
    })?;
    token.sequence(of, "/after", RESTART)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::Value;
    use tandem_index::Kinds;
    use tandem_index::feed::{Change, Feed, Operation};
    use tandem_index::witness::History;

    use super::{Asked, Of, collect, read};

    #[test]
    fn parameters_are_read_and_wrong_ones_named() {
        let kinds = Kinds::builtin();
        let of = |space| Of {
            space,
            history: History::of(0x2a),
        };
        let asked = read(
            "after=a%3Ab:0000002a.7&kind=jobs&kind=candidates&wait=30&limit=5",
            &kinds,
            of("a:b"),
        );
        let expected = Asked {
            after: 7,
            kinds: vec!["jobs".into(), "candidates".into()],
            wait: Duration::from_secs(30),
            limit: 5,
        };
        assert_eq!(asked.unwrap(), expected);
        let cases = [
            ("after=-1", "/after", None),
            ("after=%2B1", "/after", None),
            ("after=18446744073709551616", "/after", None),
            ("after=other:0000002a.1", "/after", None),
            ("after=1", "/after", None),
            ("after=0000002b.1", "/after", None),
            ("after=0&after=0", "/after", None),
            ("afer=1", "/afer", Some("after")),
            ("kind=job", "/kind", Some("jobs")),
            ("wait=61", "/wait", None),
            ("wait=1.5", "/wait", None),
            ("limit=0", "/limit", None),
            ("limit=10001", "/limit", None),
        ];
        for (query, pointer, meant) in cases {
            let fault = &read(query, &kinds, of("default")).unwrap_err().errors[0];
            let found = (fault.pointer.as_str(), fault.did_you_mean.as_deref());
            assert_eq!(found, (pointer, meant), "{query}");
        }
    }

    #[test]
    fn limits_and_kinds_never_split_or_skip_a_sequence_number() {
        let feed = Feed::in_memory(&[], 0).unwrap();
        let change = |kind| Change {
            kind,
            id: "1",
            version: 1,
            operation: Operation::Delete,
        };
        for sequence in 1..=40_u64 {
            let kinds = ["jobs", "candidates"].into_iter().cycle();
            let changes: Vec<_> = kinds.take(sequence as usize % 7 + 1).map(change).collect();
            feed.append("one", sequence, 0, &changes).unwrap();
        }
        for (limit, kinds) in [
            (1, vec![]),
            (5, vec![]),
            (3, vec!["candidates"]),
            (9, vec!["jobs"]),
            (2, vec!["none"]),
        ] {
            let kinds: Vec<String> = kinds.into_iter().map(str::to_owned).collect();
            let mut asked = Asked {
                after: 0,
                kinds,
                wait: Duration::ZERO,
                limit,
            };
            let (mut found, mut pages) = (Vec::new(), 0);
            loop {
                let page = collect(&feed, "one", u64::MAX, &asked).unwrap();
                let lines = String::from_utf8(page.lines).unwrap();
                let seqs = lines.lines().map(|line| {
                    serde_json::from_str::<Value>(line).unwrap()["seq"]
                        .as_u64()
                        .unwrap()
                });
                let seqs: Vec<u64> = seqs.collect();
                assert!(seqs.len() <= limit || seqs.first() == seqs.last());
                assert!(seqs.first().is_none_or(|first| *first > asked.after));
                assert!(seqs.last().is_none_or(|last| *last <= page.next));
                found.extend(seqs);
                asked.after = page.next;
                pages += 1;
                if page.is_end {
                    break;
                }
            }
            let each = |sequence: u64| {
                let all = sequence % 7 + 1;
                match asked.kinds.first().map(String::as_str) {
                    None => all,
                    Some("jobs") => all.div_ceil(2),
                    Some("candidates") => all / 2,
                    Some(_) => 0,
                }
            };
            let expected: Vec<u64> = (1..=40)
                .flat_map(|sequence| vec![sequence; each(sequence) as usize])
                .collect();
            assert_eq!(found, expected, "{limit}");
            assert_eq!(asked.after, 40);
            assert!(pages > 1 || expected.is_empty());
        }
    }
}
