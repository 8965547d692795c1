//! A checkpoint that is held up: the writer waits for it at twice its due, the
//! queue fills, clients are told to come back, and nothing is lost by it.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use bytes::Bytes;
use tandem_index::disk::{Folder, MemoryFolder};
use tandem_index::ledger::Ledger;
use tandem_index::{Kinds, Store, StoreOptions};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};

use super::restore;
use crate::app::{App, Config, DEFAULT_SPACE};
use crate::data::Restored;
use crate::http::cors::Cors;
use crate::http::serve;
use crate::limits::{CHECKPOINT_BEHIND_FACTOR, WRITER_QUEUE_MAX};
use crate::metrics::Metrics;
use crate::writer::{Disk, Policy};

/// Changes at which a checkpoint is due.
const DUE: u64 = 8;
/// Clients beyond those the queue has room for.
const TOO_MANY: usize = 30;

/// A folder that takes nothing for a pack while that is held up.
#[derive(Clone, Default)]
struct Slow {
    inner: MemoryFolder,
    held: Arc<(Mutex<bool>, Condvar)>,
}

impl Slow {
    fn hold(&self, held: bool) {
        *self.held.0.lock().unwrap() = held;
        self.held.1.notify_all();
    }
}

impl Folder for Slow {
    fn name(&self) -> String {
        self.inner.name()
    }

    fn list(&self) -> io::Result<Vec<(String, u64)>> {
        self.inner.list()
    }

    fn read(&self, file: &str, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.inner.read(file, offset, buffer)
    }

    fn map(&self, file: &str) -> io::Result<Bytes> {
        self.inner.map(file)
    }

    fn append(&self, file: &str, bytes: &[u8]) -> io::Result<()> {
        if file.starts_with("pack-") {
            let held = self.held.0.lock().unwrap();
            drop(self.held.1.wait_while(held, |held| *held).unwrap());
        }
        self.inner.append(file, bytes)
    }

    fn truncate(&self, file: &str, bytes: u64) -> io::Result<()> {
        self.inner.truncate(file, bytes)
    }

    fn sync(&self, file: &str) -> io::Result<()> {
        self.inner.sync(file)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.inner.rename(from, to)
    }

    fn remove(&self, file: &str) -> io::Result<()> {
        self.inner.remove(file)
    }

    fn sync_folder(&self) -> io::Result<()> {
        self.inner.sync_folder()
    }
}

fn stores(kinds: &Arc<Kinds>) -> BTreeMap<String, Store> {
    let store = Store::new(Arc::clone(kinds), StoreOptions::default());
    BTreeMap::from([(DEFAULT_SPACE.to_owned(), store)])
}

/// A server on the folder, and its writer's thread.
fn server(
    folder: &Slow,
    kinds: &Arc<Kinds>,
    metrics: &Arc<Metrics>,
) -> (Arc<App>, std::thread::JoinHandle<()>) {
    let folder: Arc<dyn Folder> = Arc::new(folder.clone());
    let mut stores = stores(kinds);
    let options = StoreOptions::default();
    let (found, witness) = restore(Arc::clone(&folder), kinds, options, &mut stores).unwrap();
    let ledger = Ledger::open(Arc::clone(&folder), [1; 32], Arc::clone(&witness)).unwrap();
    let restored = Restored {
        folder: folder.name().into(),
        checkpoint: found.checkpoint.as_ref().map(|_| found.documents),
        opened: found.opened,
        unopened: std::collections::BTreeSet::new(),
        took: Duration::ZERO,
    };
    let disk = Disk {
        folder,
        journal: found.journal,
        checkpoint: found.checkpoint,
        feed: Arc::new(found.feed),
        witness,
        policy: Policy {
            changes: DUE,
            ..Policy::default()
        },
    };
    let config = Config::new(Arc::clone(kinds));
    App::over(
        config,
        Arc::clone(metrics),
        stores,
        Some((disk, restored)),
        ledger,
    )
    .unwrap()
}

async fn ask(address: SocketAddr, method: &str, path: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

async fn get(address: SocketAddr, path: &str) -> String {
    let answer = ask(address, "GET", path, "").await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{path}: {answer}");
    answer
}

async fn put(address: SocketAddr, number: usize) -> String {
    let title = format!("{{\"title\":\"Baker {number}\"}}");
    ask(address, "PUT", &format!("/v1/jobs/{number}"), &title).await
}

fn is_created(answer: &str) -> bool {
    answer.starts_with("HTTP/1.1 201 ")
}

/// Writes until the queue is full, lets the checkpoint go on, and writes what
/// was refused; how many documents there are then.
async fn press(address: SocketAddr, folder: &Slow) -> usize {
    let waits_at = (DUE * CHECKPOINT_BEHIND_FACTOR) as usize;
    folder.hold(true);
    for number in 0..waits_at {
        let answer = put(address, number).await;
        assert!(is_created(&answer), "{number}: {answer}");
    }
    let clients = waits_at..waits_at + WRITER_QUEUE_MAX + TOO_MANY;
    let (answered, mut answers) = mpsc::unbounded_channel();
    for number in clients.clone() {
        let answered = answered.clone();
        tokio::spawn(async move {
            answered.send((number, put(address, number).await)).unwrap();
        });
    }
    drop(answered);
    let mut refused = Vec::new();
    while refused.len() < TOO_MANY {
        let (number, answer) = answers.recv().await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 429 "), "{number}: {answer}");
        assert!(answer.contains("\r\nretry-after: 1\r\n"), "{answer}");
        assert!(answer.contains("\"code\":\"overloaded\""), "{answer}");
        refused.push(number);
    }
    let metrics = get(address, "/metrics").await;
    for line in [
        format!("tandem_write_queue {WRITER_QUEUE_MAX}"),
        format!("tandem_write_queue_max {WRITER_QUEUE_MAX}"),
        format!("tandem_journal_changes {waits_at}"),
        format!("tandem_documents{{space=\"default\",kind=\"jobs\"}} {waits_at}"),
        "tandem_checkpoint_failures_total 0".to_owned(),
    ] {
        assert!(metrics.contains(&format!("\n{line}\n")), "{line} {metrics}");
    }
    let counted = format!("status=\"429\"}} {TOO_MANY}\n");
    assert!(metrics.contains(&counted), "{metrics}");
    // Reads go on meanwhile, and nothing is said to be broken.
    get(address, "/readyz").await;
    get(address, "/v1/jobs/0").await;
    let found = get(address, "/v1/search/jobs?q=baker&limit=0").await;
    assert!(found.contains(&format!("\"value\":{waits_at}")), "{found}");

    folder.hold(false);
    let mut accepted = 0;
    while let Some((number, answer)) = answers.recv().await {
        assert!(is_created(&answer), "{number}: {answer}");
        accepted += 1;
    }
    assert_eq!(accepted, WRITER_QUEUE_MAX);
    for number in refused {
        let answer = put(address, number).await;
        assert!(is_created(&answer), "{number}: {answer}");
    }
    let metrics = get(address, "/metrics").await;
    assert!(metrics.contains("\ntandem_write_queue 0\n"), "{metrics}");
    clients.end
}

#[test]
fn writes_wait_for_a_checkpoint_that_is_held_up_and_none_is_lost() {
    let kinds = Arc::new(Kinds::builtin());
    let (folder, metrics) = (Slow::default(), Arc::new(Metrics::new()));
    let (app, writer) = server(&folder, &kinds, &metrics);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let documents = runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(serve::run(
            listener,
            metrics,
            Cors::default(),
            async { Ok::<_, Infallible>(app) },
            |_app| Ok(()),
            async { drop(stopped.await) },
        ));
        let documents = press(address, &folder).await;
        stop.send(()).unwrap();
        serving.await.unwrap().unwrap();
        documents
    });
    writer.join().unwrap();
    // Of what a power cut leaves at the least.
    let left = folder.inner.after_power_cut(|| false);
    let mut after = stores(&kinds);
    restore(Arc::new(left), &kinds, StoreOptions::default(), &mut after).unwrap();
    let kind = kinds.get("jobs").unwrap().id;
    let snapshot = after[DEFAULT_SPACE].snapshot();
    assert_eq!(snapshot.rows(kind), documents as u64);
    for number in 0..documents {
        assert!(snapshot.get(kind, &number.to_string()).is_some());
    }
}
