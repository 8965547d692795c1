//! Writers and readers at once: a read with the token of a write sees it, and
//! text, facets and vector of every hit are of one and the same write, while
//! segments are merged and checkpoints are written. `TANDEM_TEST_TOGETHER_SECONDS`
//! makes it longer, `TANDEM_TEST_SEED` repeats a run; the longer form with other
//! loads is `tandem-load consistency` (load-tests/README.md).

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use std::io::Write;
use std::net::TcpStream;

use serde_json::{Value, json};

use crate::durability::Folder;
use crate::recovery::{from_environment, random, vector};
use crate::server::{Answer, JSON, Server, read_answer, tandem};

const SECONDS: u64 = 4;
const WRITERS: usize = 8;
const READERS: usize = 8;
/// Writes, and reads, at the least: some checkpoints.
const LEAST: u64 = 500;
const PATIENCE: Duration = Duration::from_mins(2);
/// Documents of each writer.
const IDS: usize = 3;

/// What is known of the writes of a document, which are numbered from 1.
#[derive(Clone, Copy, Debug, Default)]
struct Progress {
    sent: u64,
    acknowledged: u64,
    /// Sequence number of the last one that was acknowledged.
    token: u64,
}

struct Shared {
    seed: u64,
    /// Sequence number 0 as answers name it.
    zero: String,
    address: String,
    end: Instant,
    documents: Vec<Mutex<Progress>>,
    /// The highest sequence number that was acknowledged.
    newest: AtomicU64,
    writes: AtomicU64,
    reads: AtomicU64,
}

/// What a write does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Does {
    Put,
    Patch,
    Delete,
}

impl Shared {
    /// A sequence number as answers name it.
    fn token(&self, sequence: u64) -> String {
        let (history, _) = self.zero.rsplit_once('.').unwrap();
        format!("{history}.{sequence}")
    }

    /// Whether the time is over and enough was done in it, however busy the
    /// machine is.
    fn is_over(&self) -> bool {
        let done = [&self.writes, &self.reads].map(|count| count.load(Ordering::Relaxed));
        let now = Instant::now();
        let is_enough = done.into_iter().all(|count| count >= LEAST);
        now >= self.end && (is_enough || now >= self.end + PATIENCE)
    }

    fn progress(&self, document: usize) -> Progress {
        *self.documents[document].lock().unwrap()
    }

    /// What a write does: a function of its number, so that a reader knows.
    fn does(&self, document: usize, number: u64) -> Does {
        let mut dice = self.seed ^ ((document as u64) << 40) ^ number;
        let does = match random(&mut dice) % 10 {
            0 => Does::Delete,
            1 | 2 => Does::Patch,
            _ => Does::Put,
        };
        // Nothing is there before the first put and behind a delete.
        let is_there = number > 1 && self.does(document, number - 1) != Does::Delete;
        if is_there { does } else { Does::Put }
    }

    /// The vector a write brings along; every third has the one of its text.
    fn vector(&self, document: usize, number: u64) -> Option<Vec<f64>> {
        let place = (document as u64) << 32 | number;
        (!number.is_multiple_of(3)).then(|| vector(self.seed ^ place))
    }

    fn body(&self, document: usize, number: u64) -> Value {
        let mut body = json!({
            "title": format!("Baker zd{document} zq{number}"),
            "company": format!("Company {number}"),
        });
        let vector = self.vector(document, number);
        // A patch takes the one before away with it.
        if vector.is_some() || self.does(document, number) == Does::Patch {
            body["vector"] = json!(vector);
        }
        body
    }
}

/// A connection that stays open.
struct Client(TcpStream);

impl Client {
    fn new(shared: &Shared) -> Self {
        let stream = TcpStream::connect(&shared.address).unwrap();
        stream.set_nodelay(true).unwrap();
        let patience = Some(Duration::from_mins(1));
        stream.set_read_timeout(patience).unwrap();
        Self(stream)
    }

    fn ask(&mut self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let body = body.map(Value::to_string).unwrap_or_default();
        let media_type = if method == "PATCH" {
            "application/merge-patch+json"
        } else {
            JSON
        };
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: {media_type}\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        );
        self.0.write_all(request.as_bytes()).unwrap();
        read_answer(&mut self.0)
    }
}

fn sequence(token: &Value) -> u64 {
    let (_, number) = token.as_str().unwrap().rsplit_once('.').unwrap();
    number.parse().unwrap()
}

/// Writes its own documents, one after the other.
fn write(shared: &Shared, writer: usize) {
    let mut client = Client::new(shared);
    let mut last = 0;
    let mut dice = shared.seed ^ writer as u64;
    while !shared.is_over() {
        let document = writer * IDS + random(&mut dice) as usize % IDS;
        let number = shared.progress(document).acknowledged + 1;
        shared.documents[document].lock().unwrap().sent = number;
        let path = format!("/v1/jobs/{document}");
        let body = shared.body(document, number);
        let (method, body) = match shared.does(document, number) {
            Does::Put => ("PUT", Some(&body)),
            Does::Patch => ("PATCH", Some(&body)),
            Does::Delete => ("DELETE", None),
        };
        let answer = client.ask(method, &path, body);
        let status = answer.status;
        assert!(
            status == 200 || status == 201,
            "{method} {path}: {}",
            answer.text()
        );
        let token = sequence(&answer.json()["sequence"]);
        assert!(token > last, "{token} behind {last}");
        last = token;
        shared.newest.fetch_max(token, Ordering::SeqCst);
        let mut progress = shared.documents[document].lock().unwrap();
        (progress.acknowledged, progress.token) = (number, token);
        shared.writes.fetch_add(1, Ordering::Relaxed);
    }
}

/// Reads any document, each time with what it must show.
fn read(shared: &Shared, reader: usize) {
    let mut client = Client::new(shared);
    let mut last = 0;
    let mut dice = !shared.seed ^ reader as u64;
    while !shared.is_over() {
        let document = random(&mut dice) as usize % shared.documents.len();
        let before = shared.progress(document);
        // The write's own, or that of any later one: both have it.
        let newest = shared.newest.load(Ordering::SeqCst);
        let least = match random(&mut dice) % 2 {
            0 => before.token,
            _ => newest.max(before.token),
        };
        let shown = if random(&mut dice).is_multiple_of(3) {
            by_id(&mut client, document, &shared.token(least))
        } else {
            let (shown, at) = by_search(&mut client, shared, (document, before), least);
            assert!(
                at >= least && at >= last,
                "{at}, {least} was asked for, {last} before"
            );
            last = at;
            shown
        };
        // Taken behind the answer: more cannot be in it.
        let sent = shared.progress(document).sent;
        let range = before.acknowledged..=sent;
        let is_gone = |number| number == 0 || shared.does(document, number) == Does::Delete;
        let told = || format!("seed {}, {document} {before:?} {sent}", shared.seed);
        match shown {
            Some(number) => {
                assert!(range.contains(&number), "write {number}: {}", told());
                assert!(!is_gone(number), "write {number}: {}", told());
            }
            None => assert!(range.into_iter().any(is_gone), "nothing: {}", told()),
        }
        shared.reads.fetch_add(1, Ordering::Relaxed);
    }
}

fn number_of(title: &Value) -> u64 {
    let (_, number) = title.as_str().unwrap().rsplit_once(" zq").unwrap();
    number.parse().unwrap()
}

/// The write a document is of.
fn by_id(client: &mut Client, document: usize, least: &str) -> Option<u64> {
    let path = format!("/v1/jobs/{document}?min_sequence={least}");
    let answer = client.ask("GET", &path, None);
    if answer.status == 404 {
        return None;
    }
    Some(number_of(&answer.expect(200).json()["title"]))
}

/// The write a document is of where its text is searched, with the vector of the
/// last write that was acknowledged; and the sequence number that answered. All
/// parts of the hit are of that write.
fn by_search(
    client: &mut Client,
    shared: &Shared,
    (document, before): (usize, Progress),
    least: u64,
) -> (Option<u64>, u64) {
    let own = shared.vector(document, before.acknowledged);
    let question = json!({
        "q": format!("+zd{document}"), "vector": own, "facets": ["company"], "limit": 5,
        "fields": ["title", "company"], "min_sequence": shared.token(least),
        "typo": false, "prefix": false, "synonyms": false, "understand": false,
    });
    let answer = client.ask("POST", "/v1/search/jobs", Some(&question));
    let answer = answer.expect(200).json();
    let at = sequence(&answer["snapshot"]);
    let hits = answer["hits"].as_array().unwrap();
    assert!(hits.len() < 2, "{answer}");
    assert_eq!(answer["total"]["value"], hits.len(), "{answer}");
    let Some(hit) = hits.first() else {
        return (None, at);
    };
    assert_eq!(hit["id"], document.to_string(), "{answer}");
    let number = number_of(&hit["document"]["title"]);
    let company = format!("Company {number}");
    assert_eq!(hit["document"]["company"], company, "{answer}");
    let counted = json!([{"value": company, "count": 1}]);
    assert_eq!(answer["facets"]["company"], counted, "{answer}");
    let parts = hit["contributions"].as_array().unwrap();
    let part = |name: &str| parts.iter().find(|part| part["name"] == name).unwrap();
    assert!(part("text.title")["points"].as_u64() > Some(0), "{answer}");
    let similarity = part("similarity");
    assert_eq!(similarity["unknown"], false, "no vector: {answer}");
    if own.is_some() && shared.does(document, before.acknowledged) != Does::Delete {
        let is_full = similarity["points"] == similarity["max"];
        assert_eq!(
            is_full,
            number == before.acknowledged,
            "another's vector: {answer}"
        );
    }
    (Some(number), at)
}

#[test]
#[expect(
    clippy::print_stdout,
    reason = "the seed of a failure, and how much was done"
)]
fn a_read_with_the_token_of_a_write_sees_all_of_it() {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let seed = from_environment("TANDEM_TEST_SEED").unwrap_or(since.as_nanos() as u64);
    let seconds = from_environment("TANDEM_TEST_TOGETHER_SECONDS").unwrap_or(SECONDS);
    println!("TANDEM_TEST_SEED={seed}");
    let folder = Folder::new("together");
    let mut command = tandem(&["serve", "--listen", "127.0.0.1:0", "--log", "off"]);
    command
        .args(["--data", folder.path()])
        .env("TANDEM_TEST_CHECKPOINT_CHANGES", "200")
        .env("TANDEM_TEST_MERGE_ROWS", "32");
    let server = Server::spawn(command);
    let shared = Shared {
        seed,
        address: server.address.clone(),
        zero: server.token(0),
        end: Instant::now() + Duration::from_secs(seconds),
        documents: (0..WRITERS * IDS).map(|_| Mutex::default()).collect(),
        newest: AtomicU64::new(0),
        writes: AtomicU64::new(0),
        reads: AtomicU64::new(0),
    };
    std::thread::scope(|scope| {
        let shared = &shared;
        for writer in 0..WRITERS {
            scope.spawn(move || write(shared, writer));
        }
        for reader in 0..READERS {
            scope.spawn(move || read(shared, reader));
        }
    });
    println!(
        "{:?} writes, {:?} reads held against them",
        shared.writes, shared.reads
    );
    assert!(folder.has("manifest"), "no checkpoint came in between");
}
