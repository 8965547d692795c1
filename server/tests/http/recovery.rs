//! What was acknowledged survives kill -9 at any moment, checkpoints and merges
//! included. Each round starts the server, holds everything in it against what
//! the writers were told, lets them write, and kills it. `TANDEM_TEST_KILL_ROUNDS`
//! sets the number of rounds (1,000 for the long form), `TANDEM_TEST_SEED`
//! repeats a run; both are printed.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, mpsc};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use tandem_index::disk::RealFolder;
use tandem_index::journal::{Batch, Change, Journal, Operation};

use crate::durability::Folder;
use crate::left_out::left_out;
use crate::server::{JSON, Server, TempFile, tandem};

/// Rounds in the test command.
const ROUNDS: u64 = 50;
const WRITERS: usize = 4;
const IDS: u64 = 9;
/// Documents of a round whose text, vector and facets are held against each other.
const SAMPLES: usize = 3;
/// Components of a job's vector.
const DIMENSIONS: usize = 256;

/// What a writer knows of a document: its last version, and the number it was
/// made from where it is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Held {
    version: u64,
    number: Option<u64>,
}

/// What a writer was told, and what it had sent when no answer came.
#[derive(Default)]
struct Told {
    held: BTreeMap<String, Held>,
    in_doubt: Option<(String, Held)>,
}

pub(crate) fn random(state: &mut u64) -> u64 {
    // Splitmix64.
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

pub(crate) fn from_environment(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn word(number: u64) -> String {
    format!("zq{number}")
}

pub(crate) fn vector(number: u64) -> Vec<f64> {
    let mut dice = number;
    (0..DIMENSIONS)
        .map(|_| (random(&mut dice) % 17) as f64 - 8.0)
        .collect()
}

/// A document of which every part says its number.
fn document(number: u64) -> Value {
    json!({
        "title": format!("Title {}", word(number)),
        "company": format!("Company {number}"),
        "vector": vector(number),
    })
}

/// Status and body, if the answer came whole.
fn request(address: &str, method: &str, id: &str, body: &str) -> Option<(u16, Value)> {
    let mut stream = TcpStream::connect(address).ok()?;
    let request = format!(
        "{method} /v1/jobs/{id} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
         content-type: {JSON}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some((status, serde_json::from_str(body).ok()?))
}

/// Writes until no answer comes any more.
fn write(address: &str, writer: usize, seed: u64, told: &mut Told, done: &mpsc::Sender<()>) {
    let mut dice = seed;
    loop {
        let id = format!("{writer}-{}", random(&mut dice) % IDS);
        let held = told.held.get(&id).copied().unwrap_or_default();
        let (answer, after) = if random(&mut dice).is_multiple_of(4) {
            let gone = Held {
                number: None,
                ..held
            };
            (request(address, "DELETE", &id, ""), gone)
        } else {
            let number = random(&mut dice) >> 20;
            let mut document = document(number);
            let mut version = held.version + 1;
            if random(&mut dice).is_multiple_of(3) {
                version += random(&mut dice) % 5;
                document["version"] = json!(version);
            }
            let after = Held {
                version,
                number: Some(number),
            };
            (request(address, "PUT", &id, &document.to_string()), after)
        };
        let Some((status, body)) = answer else {
            told.in_doubt = Some((id, after));
            return;
        };
        let expected = match (held.number, after.number) {
            (None, Some(_)) => 201,
            (Some(_), _) => 200,
            (None, None) => 404,
        };
        assert_eq!(status, expected, "{body}");
        if after.number.is_some() {
            // Also behind a delete: versions of deleted ids are remembered.
            assert_eq!(body["version"], after.version, "{id}");
        }
        told.held.insert(id, after);
        // Nobody counts any more once the server is killed.
        done.send(()).ok();
    }
}

/// The document as the server has it.
fn found(server: &Server, id: &str, known: Held) -> Held {
    let answer = server.get(&format!("/v1/jobs/{id}"));
    if answer.status == 404 {
        return Held {
            number: None,
            ..known
        };
    }
    let version = answer.header("etag").unwrap().trim_matches('"').to_owned();
    let title = answer.expect(200).json()["title"].to_string();
    let number = title.trim_matches('"').strip_prefix("Title zq").unwrap();
    Held {
        version: version.parse().unwrap(),
        number: Some(number.parse().unwrap()),
    }
}

/// Text, facets and vector have the document with this number, and no other.
fn check_parts(server: &Server, id: &str, number: u64, seed: u64) {
    let text = json!({"q": format!("+{}", word(number)), "limit": 2, "facets": ["company"]});
    let by_text = server.post("/v1/search/jobs", &text).expect(200);
    assert_eq!(by_text.ids(), [id], "seed {seed}: by text");
    let company = format!("Company {number}");
    let facet = by_text.json()["facets"].to_string();
    assert!(facet.contains(&company), "seed {seed}: {facet}");
    let filter = json!({"q": "", "filters": {"company": [company]}, "limit": 2});
    let by_filter = server.post("/v1/search/jobs", &filter).expect(200);
    assert_eq!(by_filter.ids(), [id], "seed {seed}: by facet");
    let near = json!({"q": "title", "vector": vector(number), "limit": 1});
    let by_vector = server.post("/v1/search/jobs", &near).expect(200);
    assert_eq!(by_vector.ids(), [id], "seed {seed}: by vector");
}

/// How many jobs the server says it has.
fn jobs(server: &Server) -> u64 {
    let kinds = server.get("/v1/kinds").expect(200).json();
    let mut kinds = kinds["kinds"].as_array().unwrap().iter();
    let jobs = kinds.find(|kind| kind["name"] == "jobs").unwrap();
    jobs["documents"].as_u64().unwrap()
}

/// Holds what the server has against what the writers were told.
fn check(server: &Server, told: &mut [Told], dice: &mut u64, seed: u64) {
    let mut documents = Vec::new();
    for (writer, told) in told.iter_mut().enumerate() {
        let in_doubt = told.in_doubt.take();
        for id in (0..IDS).map(|id| format!("{writer}-{id}")) {
            let known = told.held.get(&id).copied().unwrap_or_default();
            let held = found(server, &id, known);
            let maybe = in_doubt.as_ref().filter(|(doubted, _)| *doubted == id);
            assert!(
                held == known || maybe.is_some_and(|(_, sent)| held == *sent),
                "seed {seed}: {id} is {held:?}, acknowledged was {known:?}, on its way {maybe:?}"
            );
            documents.extend(held.number.map(|number| (id.clone(), number)));
            told.held.insert(id, held);
        }
    }
    assert_eq!(jobs(server), documents.len() as u64, "seed {seed}");
    for _ in 0..SAMPLES.min(documents.len()) {
        let (id, number) = &documents[random(dice) as usize % documents.len()];
        check_parts(server, id, *number, seed);
    }
}

/// A server that checkpoints and merges all the time.
fn command(folder: &Folder) -> Command {
    let mut command = tandem(&["serve", "--listen", "127.0.0.1:0", "--log", "off"]);
    command
        .args(["--data", folder.path()])
        .env("TANDEM_TEST_CHECKPOINT_CHANGES", "12")
        .env("TANDEM_TEST_MERGE_ROWS", "16");
    command
}

fn start(folder: &Folder) -> Server {
    Server::spawn(command(folder))
}

/// Kills a server somewhere in its start.
fn kill_while_starting(folder: &Folder, after: Duration) {
    let mut child: Child = command(folder).stdout(Stdio::null()).spawn().unwrap();
    std::thread::sleep(after);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
#[expect(clippy::print_stdout, reason = "the seed of a failure")]
fn acknowledged_changes_survive_kill_9() {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let seed = from_environment("TANDEM_TEST_SEED").unwrap_or(since.as_nanos() as u64);
    let rounds = from_environment("TANDEM_TEST_KILL_ROUNDS").unwrap_or(ROUNDS);
    println!("seed {seed}, {rounds} rounds");
    let mut dice = seed;
    let folder = Folder::new("kill");
    let mut told: Vec<Told> = (0..WRITERS).map(|_| Told::default()).collect();
    let mut checkpoints = 0;
    for round in 0..rounds {
        if round % 5 == 4 {
            let after = Duration::from_millis(random(&mut dice) % 300);
            kill_while_starting(&folder, after);
        }
        let mut server = start(&folder);
        check(&server, &mut told, &mut dice, seed);
        let address = server.address.clone();
        let kill_after = 1 + random(&mut dice) as usize % 120;
        let moment = Duration::from_micros(random(&mut dice) % 3_000);
        let (done, writes) = mpsc::channel();
        std::thread::scope(|scope| {
            for (writer, told) in told.iter_mut().enumerate() {
                let (address, done, seed) = (&address, done.clone(), random(&mut dice));
                scope.spawn(move || write(address, writer, seed, told, &done));
            }
            drop(done);
            for () in writes.iter().take(kill_after) {}
            std::thread::sleep(moment);
            server.kill();
        });
        checkpoints += u64::from(folder.has("manifest"));
    }
    assert!(checkpoints > rounds / 2, "{checkpoints} of {rounds} rounds");
    let mut server = start(&folder);
    check(&server, &mut told, &mut dice, seed);
    // A clean stop leaves nothing to replay.
    server.terminate();
    assert_eq!(server.wait(), Some(0));
    let server = start(&folder);
    let metrics = server.get("/metrics").expect(200).text();
    assert!(
        metrics.contains("\ntandem_journal_changes 0\n")
            && metrics.contains("\ntandem_start_replayed_changes 0\n"),
        "{metrics}"
    );
    check(&server, &mut told, &mut dice, seed);
}

/// Mounts a small file system on a folder; why not, where that is not allowed.
fn mount(folder: &Folder, bytes: u64) -> Result<(), String> {
    std::fs::create_dir_all(folder.path()).unwrap();
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", &format!("size={bytes}"), "tmpfs"])
        .arg(folder.path())
        .output()
        .map_err(|cause| cause.to_string())?;
    let said = String::from_utf8_lossy(&mounted.stderr).trim().to_owned();
    mounted.status.success().then_some(()).ok_or(said)
}

struct Mounted(Folder);

impl Drop for Mounted {
    fn drop(&mut self) {
        // Nothing is left to do where it fails.
        drop(Command::new("umount").arg("-l").arg(self.0.path()).status());
    }
}

#[test]
fn a_full_disk_refuses_writes_until_there_is_room() {
    let folder = Folder::new("tmpfs");
    if let Err(reason) = mount(&folder, 4 << 20) {
        left_out(&format!(
            "did not run (no file system could be mounted: {reason})"
        ));
        return;
    }
    let mounted = Mounted(folder);
    let folder = &mounted.0;
    let filler = std::path::Path::new(folder.path()).join("filler");
    std::fs::write(&filler, vec![1; 3 << 20]).unwrap();
    let mut server = start(folder);
    let text = "bread and rolls ".repeat(1_000);
    let job = json!({"title": "Baker", "description": text});
    let mut acknowledged = 0;
    let refused = loop {
        let answer = server.put(&format!("/v1/jobs/{acknowledged}"), &job);
        if answer.status != 201 {
            break answer;
        }
        acknowledged += 1;
        assert!(acknowledged < 1_000, "the disk is never full");
    };
    assert!(refused.header("retry-after").is_some());
    assert_eq!(refused.expect(507).json()["code"], "storage_full");
    assert!(acknowledged > 2);
    // Reads go on, and nothing is said to be broken.
    server.get("/readyz").expect(200);
    server.get("/v1/jobs/0").expect(200);
    server.get(&format!("/v1/jobs/{acknowledged}")).expect(404);
    std::fs::remove_file(&filler).unwrap();
    server.put("/v1/jobs/room", &job).expect(201);
    server.kill();
    let server = start(folder);
    server.get("/v1/jobs/room").expect(200);
    assert_eq!(jobs(&server), acknowledged + 1);
}

/// Memory a process holds, in KiB.
fn resident_kib(server: &Server) -> u64 {
    let path = format!("/proc/{}/status", server.pid());
    let status = std::fs::read_to_string(path).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    number.unwrap().parse().unwrap()
}

/// A key file of so many spaces, with the key of one the first of them.
fn keys_of(spaces: usize) -> (String, TempFile) {
    let mut make = tandem(&["key", "--name", "n", "--space", "s0", "--access", "write"]);
    let made = make.output().unwrap();
    let key = String::from_utf8(made.stderr).unwrap();
    let key = key.trim().rsplit(' ').next().unwrap().to_owned();
    let mut file = String::from_utf8(made.stdout).unwrap();
    for space in 1..spaces {
        let hash = format!("{space:064x}");
        let name = format!("[[keys]]\nname = \"n{space}\"\nspace = \"s{space}\"\n");
        let rights = format!("access = \"write\"\nsha256 = \"{hash}\"\n");
        file.extend([name, rights]);
    }
    (key, TempFile::new(&file))
}

/// Ten thousand spaces of a few documents are to fit into 400 MB and to be
/// ready in 5 s; these are fewer, and spaces are written by a journal of
/// another server. `TANDEM_TEST_SPACES` sets the number.
#[test]
#[expect(clippy::print_stdout, reason = "the figures")]
fn many_small_spaces_cost_little() {
    let spaces = from_environment("TANDEM_TEST_SPACES").unwrap_or(3_000) as usize;
    let folder = Folder::new("spaces");
    journal_of_spaces(&folder, spaces);
    let (key, file) = keys_of(spaces);
    let run = || {
        let started = std::time::Instant::now();
        let arguments = ["--data", folder.path(), "--key-file", file.path()];
        let server = Server::start(&arguments);
        (server, started.elapsed())
    };
    let (_, empty_file) = keys_of(1);
    let empty = Server::start(&["--key-file", empty_file.path()]);
    let base = resident_kib(&empty);
    drop(empty);
    let (mut server, replayed) = run();
    server.terminate();
    assert_eq!(server.wait(), Some(0));
    let (server, opened) = run();
    let held = resident_kib(&server);
    let each = held.saturating_sub(base) as f64 / spaces as f64;
    println!(
        "{spaces} spaces: replayed in {replayed:?}, opened in {opened:?}, {held} KiB, of which {base} without them, {each:.1} KiB each"
    );
    let authorization = format!("Bearer {key}");
    let answer = server.send(
        "GET",
        "/v1/jobs/2",
        &[("authorization", &authorization)],
        b"",
    );
    assert_eq!(answer.expect(200).json()["title"], "Baker 2 of s0");
    assert!(each < 40.0, "{each} KiB a space");
}

/// A data folder with a few documents in each of many spaces.
fn journal_of_spaces(folder: &Folder, spaces: usize) {
    let real = RealFolder::open(folder.path().as_ref()).unwrap();
    let (mut journal, _) = Journal::open(Arc::new(real), 0, |_, _| Ok(())).unwrap();
    let names: Vec<String> = (0..spaces).map(|space| format!("s{space}")).collect();
    for id in ["0", "1", "2"] {
        for names in names.chunks(200) {
            let documents: Vec<String> = names
                .iter()
                .map(|name| json!({"title": format!("Baker {id} of {name}")}).to_string())
                .collect();
            let batches: Vec<Batch<'_>> = names
                .iter()
                .zip(&documents)
                .map(|(space, json)| Batch {
                    space,
                    sequence: 1 + id.parse::<u64>().unwrap(),
                    at_ms: 1,
                    position: None,
                    overlay: None,
                    changes: vec![Change {
                        kind: "jobs",
                        id,
                        version: 1,
                        operation: Operation::Put(json.as_bytes()),
                    }],
                })
                .collect();
            journal.append(&batches).unwrap();
        }
    }
}
