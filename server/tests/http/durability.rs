//! Documents on disk: what was acknowledged survives kill -9.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::server::{JSON, Server, tandem};

const ROUNDS: usize = 5;
const WRITERS: usize = 4;
const IDS: u64 = 9;

/// A data folder that is gone when dropped.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let name = format!("tandem-data-{}-{name}", std::process::id());
        Self(PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name))
    }

    pub(crate) fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// A document as a writer knows it: version and title.
type Held = Option<(u64, String)>;

/// What a writer was told, and what it had sent when no answer came.
#[derive(Default)]
struct Told {
    held: BTreeMap<String, Held>,
    /// The last version of each id, deleted since or not: the next goes on behind.
    last: BTreeMap<String, u64>,
    in_doubt: Option<(String, Held)>,
}

fn random(state: &mut u64) -> u64 {
    // Splitmix64.
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
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
        let held = told.held.get(&id).cloned().flatten();
        let (answer, after) = if random(&mut dice).is_multiple_of(4) {
            (request(address, "DELETE", &id, ""), None)
        } else {
            let title = format!("Title {}", random(&mut dice));
            let document = json!({"title": title}).to_string();
            let version = told.last.get(&id).copied().unwrap_or(0) + 1;
            (
                request(address, "PUT", &id, &document),
                Some((version, title)),
            )
        };
        let Some((status, body)) = answer else {
            told.in_doubt = Some((id, after));
            return;
        };
        let expected = match (&held, &after) {
            (None, Some(_)) => 201,
            (Some(_), _) => 200,
            (None, None) => 404,
        };
        assert_eq!(status, expected, "{body}");
        if let Some((version, _)) = &after {
            assert_eq!(body["version"], *version);
            told.last.insert(id.clone(), *version);
        }
        told.held.insert(id, after);
        // Nobody counts any more once the server is killed.
        done.send(()).ok();
    }
}

/// The document as the server has it.
fn held(server: &Server, id: &str) -> Held {
    let answer = server.get(&format!("/v1/jobs/{id}"));
    if answer.status == 404 {
        return None;
    }
    let version = answer.header("etag").unwrap().trim_matches('"').to_owned();
    let title = answer.expect(200).json()["title"]
        .as_str()
        .unwrap()
        .to_owned();
    Some((version.parse().unwrap(), title))
}

/// Holds what the server has against what the writers were told.
fn check(server: &Server, told: &mut [Told], seed: u64) {
    let mut documents = 0;
    for (writer, told) in told.iter_mut().enumerate() {
        let in_doubt = told.in_doubt.take();
        for id in (0..IDS).map(|id| format!("{writer}-{id}")) {
            let found = held(server, &id);
            let known = told.held.get(&id).cloned().flatten();
            let maybe = in_doubt.as_ref().filter(|(doubted, _)| *doubted == id);
            assert!(
                found == known || maybe.is_some_and(|(_, sent)| found == *sent),
                "seed {seed}: {id} is {found:?}, acknowledged was {known:?}, on its way {maybe:?}"
            );
            documents += u64::from(found.is_some());
            if let Some((version, _)) = &found {
                told.last.insert(id.clone(), *version);
            }
            told.held.insert(id, found);
        }
    }
    let kinds = server.get("/v1/kinds").expect(200).json();
    let jobs = kinds["kinds"]
        .as_array()
        .unwrap()
        .iter()
        .find(|kind| kind["name"] == "jobs");
    assert_eq!(jobs.unwrap()["documents"], documents, "seed {seed}");
}

#[test]
#[expect(clippy::print_stdout, reason = "the seed of a failure")]
fn acknowledged_changes_survive_kill_9() {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let seed = since.as_nanos() as u64;
    println!("seed {seed}");
    let mut dice = seed;
    let folder = Folder::new("kill");
    let mut told: Vec<Told> = (0..WRITERS).map(|_| Told::default()).collect();
    for _ in 0..ROUNDS {
        let mut server = Server::start(&["--data", folder.path()]);
        check(&server, &mut told, seed);
        let address = server.address.clone();
        let kill_after = 1 + random(&mut dice) as usize % 200;
        let (done, writes) = mpsc::channel();
        std::thread::scope(|scope| {
            for (writer, told) in told.iter_mut().enumerate() {
                let (address, done, seed) = (&address, done.clone(), random(&mut dice));
                scope.spawn(move || write(address, writer, seed, told, &done));
            }
            drop(done);
            for () in writes.iter().take(kill_after) {}
            server.kill();
        });
    }
    let mut server = Server::start(&["--data", folder.path()]);
    check(&server, &mut told, seed);
    // And a graceful stop.
    server.terminate();
    assert_eq!(server.wait(), Some(0));
    check(&Server::start(&["--data", folder.path()]), &mut told, seed);
}

#[test]
fn a_full_disk_ends_writing_but_not_reading() {
    let folder = Folder::new("full");
    // Files may have so many blocks; with the signal ignored a write fails as on a full disk.
    let limited = "trap '' XFSZ; ulimit -f 16; exec \"$@\"";
    let mut command = Command::new("sh");
    command.args(["-c", limited, "sh", env!("CARGO_BIN_EXE_tandem")]);
    command.args(["serve", "--listen", "127.0.0.1:0", "--log", "off"]);
    command.args(["--data", folder.path()]);
    let server = Server::spawn(command);
    let job = json!({"title": "Baker", "description": "bread and rolls ".repeat(30)});
    let mut acknowledged = 0;
    let refused = loop {
        let answer = server.put(&format!("/v1/jobs/{acknowledged}"), &job);
        if answer.status != 201 {
            break answer.expect(503).json();
        }
        acknowledged += 1;
        assert!(acknowledged < 1_000, "the limit has no effect");
    };
    assert_eq!(refused["code"], "not_ready");
    assert!(acknowledged > 2);
    let again = server.put("/v1/jobs/small", &json!({"title": "x"}));
    assert_eq!(again.expect(503).json()["code"], "not_ready");
    server.get("/readyz").expect(503);
    server.get("/livez").expect(200);
    server.get("/v1/jobs/0").expect(200);
    server.get(&format!("/v1/jobs/{acknowledged}")).expect(404);
    drop(server);

    let server = Server::start(&["--data", folder.path()]);
    server
        .get(&format!("/v1/jobs/{}", acknowledged - 1))
        .expect(200);
    server.get(&format!("/v1/jobs/{acknowledged}")).expect(404);
    server.put("/v1/jobs/small", &job).expect(201);
}

/// What a server that does not start says.
fn refusal(folder: &Folder) -> String {
    let ended = tandem(&["serve", "--listen", "127.0.0.1:0", "--data", folder.path()])
        .stdout(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(ended.status.code(), Some(1));
    String::from_utf8(ended.stderr).unwrap()
}

#[test]
fn a_folder_in_use_or_damaged_is_refused() {
    let folder = Folder::new("refused");
    let mut server = Server::start(&["--data", folder.path()]);
    for id in ["1", "2", "3"] {
        let put = server.put(&format!("/v1/jobs/{id}"), &json!({"title": "Baker"}));
        put.expect(201);
    }
    let said = refusal(&folder);
    assert!(
        said.contains(folder.path()) && said.contains("another process"),
        "{said}"
    );
    server.get("/readyz").expect(200);
    server.kill();

    let journal = folder.0.join("journal");
    let whole = std::fs::read(&journal).unwrap();
    let mut damaged = whole.clone();
    damaged[60] ^= 1;
    std::fs::write(&journal, &damaged).unwrap();
    let said = refusal(&folder);
    assert!(
        said.contains("journal, byte 16: the frame's checksum is wrong"),
        "{said}"
    );
    assert_eq!(std::fs::read(&journal).unwrap(), damaged);

    // An end that is torn is cut; the rest is there.
    std::fs::write(&journal, &whole[..whole.len() - 1]).unwrap();
    let server = Server::start(&["--data", folder.path()]);
    server.get("/v1/jobs/2").expect(200);
    server.get("/v1/jobs/3").expect(404);
}
