//! Starts the binary and talks to it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::Value;

use crate::schema::differences;

/// A running server; killed when dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: String,
    openapi: OnceLock<Value>,
}

/// What a server answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

pub(crate) const JSON: &str = "application/json";
pub(crate) const NDJSON: &str = "application/x-ndjson";

impl Server {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut command = tandem(&["serve", "--listen", "127.0.0.1:0", "--log", "off"]);
        command.args(arguments);
        Self::spawn(command)
    }

    /// A server that is started in a way of its own.
    pub(crate) fn spawn(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let (_, address) = line
            .trim()
            .split_once("http://")
            .unwrap_or_else(|| panic!("it said {line:?}"));
        Self {
            child,
            address: address.to_owned(),
            openapi: OnceLock::new(),
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A sequence number of its only space, as answers name it.
    pub(crate) fn token(&self, sequence: u64) -> String {
        let kinds = self.get("/v1/kinds").expect(200).json();
        let newest = kinds["snapshot"].as_str().unwrap();
        let (history, _) = newest.rsplit_once('.').unwrap();
        format!("{history}.{sequence}")
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_mins(1)))
            .unwrap();
        stream
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], b"")
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(
            "POST",
            path,
            &[("content-type", JSON)],
            body.to_string().as_bytes(),
        )
    }

    pub(crate) fn put(&self, path: &str, body: &Value) -> Answer {
        self.send(
            "PUT",
            path,
            &[("content-type", JSON)],
            body.to_string().as_bytes(),
        )
    }

    pub(crate) fn bulk(&self, kind: &str, body: &str) -> Answer {
        self.send(
            "POST",
            &format!("/v1/{kind}/bulk"),
            &[("content-type", NDJSON)],
            body.as_bytes(),
        )
    }

    /// Sends a request of its own connection and checks the answer's schema.
    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let mut stream = self.connect();
        let mut head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n",
            self.address
        );
        for (name, value) in headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        head.extend(["content-length: ", &body.len().to_string(), "\r\n\r\n"]);
        stream.write_all(head.as_bytes()).unwrap();
        // The server may answer and close before it has read everything.
        let written = stream.write_all(body);
        let answer = read_answer(&mut stream);
        assert!(written.is_ok() || answer.status >= 400, "{written:?}");
        self.check(method, path, &answer);
        answer
    }

    /// Holds an answer against its schema.
    pub(crate) fn check(&self, method: &str, path: &str, answer: &Answer) {
        let media_type = answer.header("content-type").unwrap_or_default().to_owned();
        if path == "/openapi.json" || !media_type.contains("json") {
            return;
        }
        let document = self
            .openapi
            .get_or_init(|| self.get("/openapi.json").json());
        let found = if media_type == "application/problem+json" {
            assert!(answer.status >= 400);
            let schema = serde_json::json!({"$ref": "#/components/schemas/Problem"});
            differences(document, &schema, &answer.json(), "")
        } else {
            let path = path.split('?').next().unwrap();
            let route = template(document, path, &method.to_lowercase());
            let schema = &document["paths"][&route][method.to_lowercase()]["responses"]
                [answer.status.to_string()]["content"][&media_type]["schema"];
            assert!(
                schema.is_object(),
                "{method} {route} {} {media_type} is not described",
                answer.status
            );
            let values: Vec<Value> = if media_type == NDJSON {
                answer.lines()
            } else {
                vec![answer.json()]
            };
            values
                .iter()
                .flat_map(|value| differences(document, schema, value, ""))
                .collect()
        };
        assert!(
            found.is_empty(),
            "{method} {path} {}: {found:#?}",
            answer.status
        );
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to stop.
    pub(crate) fn terminate(&self) {
        let done = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(done.success());
    }

    /// Kills it as `kill -9` does.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Its exit code, once it ended.
    pub(crate) fn wait(&mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The binary with arguments.
pub(crate) fn tandem(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tandem"));
    command
        .args(arguments)
        .env_remove("TANDEM_URL")
        .env_remove("TANDEM_KEY");
    command
}

/// Runs the binary with something to read.
pub(crate) fn run(arguments: &[&str], input: impl AsRef<[u8]>) -> Output {
    let mut child = tandem(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // A command that fails at once does not read its input.
    drop(stdin.write_all(input.as_ref()));
    drop(stdin);
    child.wait_with_output().unwrap()
}

/// The path of the document that fits, the one with fewest variables first.
fn template(document: &Value, path: &str, method: &str) -> String {
    let fits = |template: &str| {
        let (a, b): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
        a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| a.starts_with('{') || a == b)
    };
    document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .filter(|(template, operations)| fits(template) && operations.get(method).is_some())
        .map(|(template, _)| template.clone())
        .min_by_key(|template| template.matches('{').count())
        .unwrap_or_else(|| panic!("{method} {path} is not described"))
}

/// Reads one answer to its end.
pub(crate) fn read_answer(stream: &mut TcpStream) -> Answer {
    let mut reader = BufReader::new(stream);
    let mut status_line = String::new();
    reader.read_line(&mut status_line).unwrap();
    let status = status_line
        .split(' ')
        .nth(1)
        .unwrap_or_else(|| panic!("{status_line:?}"))
        .parse()
        .unwrap();
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        match line.trim_end().split_once(": ") {
            Some((name, value)) => headers.push((name.to_lowercase(), value.to_owned())),
            None => break,
        }
    }
    let mut answer = Answer {
        status,
        headers,
        body: Vec::new(),
    };
    if answer.header("transfer-encoding").is_some() {
        loop {
            let mut size = String::new();
            reader.read_line(&mut size).unwrap();
            let size = usize::from_str_radix(size.trim(), 16).unwrap();
            let mut chunk = vec![0; size + 2];
            reader.read_exact(&mut chunk).unwrap();
            if size == 0 {
                break;
            }
            answer.body.extend_from_slice(&chunk[..size]);
        }
    } else {
        let length = answer
            .header("content-length")
            .map_or(0, |length| length.parse().unwrap());
        answer.body.resize(length, 0);
        reader.read_exact(&mut answer.body).unwrap();
    }
    answer
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|cause| panic!("{cause}: {}", self.text()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    /// The values of an NDJSON body.
    pub(crate) fn lines(&self) -> Vec<Value> {
        self.text()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// The ids of the hits.
    pub(crate) fn ids(&self) -> Vec<String> {
        let answer = self.json();
        let hits = answer["hits"]
            .as_array()
            .unwrap_or_else(|| panic!("{answer}"));
        hits.iter()
            .map(|hit| hit["id"].as_str().unwrap().to_owned())
            .collect()
    }

    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }
}

/// A file that is gone when dropped.
pub(crate) struct TempFile(pub(crate) PathBuf);

impl TempFile {
    pub(crate) fn new(content: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("tandem-test-{}-{number}", std::process::id());
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::write(&path, content).unwrap();
        Self(path)
    }

    /// One of this name that is not there yet.
    pub(crate) fn absent(name: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        // An earlier run may have been killed.
        drop(std::fs::remove_file(&path));
        Self(path)
    }

    pub(crate) fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.0));
    }
}
