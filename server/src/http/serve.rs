//! Connections. Owns accepting, protocol detection, limits of a connection, the
//! door in front of a server that is still starting, and the graceful stop.

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::call;
use super::cors::Cors;
use crate::app::App;
use crate::clock;
use crate::limits::{
    CONNECTIONS_MAX, HEADER_BYTES_MAX, HEADERS, PIN_SWEEP, STOP, STOP_NOTICE, STREAMS_MAX,
};
use crate::metrics::Metrics;

/// What connections lead to: nothing but health until the server has started.
pub(super) struct Door {
    /// Counters, which begin before the server has started.
    pub metrics: Arc<Metrics>,
    /// Whose pages may use the server.
    pub cors: Cors,
    app: OnceLock<Arc<App>>,
}

impl Door {
    /// The server, once it has started.
    pub(super) fn app(&self) -> Option<&Arc<App>> {
        self.app.get()
    }
}

/// Serves until `shutdown` resolves, then lets requests in flight end, at most
/// so long as [`STOP`]. Until `starting` resolves everything but health is
/// answered `not_ready`; `ready` is told when it has.
pub async fn run<E>(
    listener: TcpListener,
    metrics: Arc<Metrics>,
    cors: Cors,
    starting: impl Future<Output = Result<Arc<App>, E>>,
    ready: impl FnOnce(&App) -> Result<(), E>,
    shutdown: impl Future<Output = ()>,
) -> Result<(), E> {
    let graceful = GracefulShutdown::new();
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut shutdown = std::pin::pin!(shutdown);
    let mut starting = std::pin::pin!(starting);
    let mut ready = Some(ready);
    let door = Arc::new(Door {
        metrics,
        cors,
        app: OnceLock::new(),
    });
    let mut sweep = tokio::time::interval(PIN_SWEEP);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            started = &mut starting, if ready.is_some() => {
                let started = started?;
                let app = door.app.get_or_init(|| started);
                if let Some(ready) = ready.take() {
                    ready(app)?;
                }
            }
            _ = sweep.tick() => if let Some(app) = door.app() {
                sweep_up(app);
            },
            (stream, place) = accept(&listener, &room) => {
                let Some(stream) = stream else { continue };
                tokio::spawn(connection(stream, Arc::clone(&door), graceful.watcher(), place));
            }
        }
    }
    // Whoever stops a server that is still starting loses nothing: it has taken nothing.
    if let Some(app) = door.app() {
        stop(listener, app, &door, &room, graceful).await;
    }
    Ok(())
}

/// Lets go of what was kept for readers long enough.
fn sweep_up(app: &App) {
    app.spaces.values().for_each(|space| space.sweep());
    let feed = Arc::clone(&app.feed);
    // It may write and sync files.
    tokio::task::spawn_blocking(move || {
        if let Err(cause) = feed.tidy(clock::now_ms()) {
            tracing::error!(%cause, "the log of changes cannot be tidied");
        }
    });
}

/// The graceful stop.
async fn stop(
    listener: TcpListener,
    app: &App,
    door: &Arc<Door>,
    room: &Arc<Semaphore>,
    graceful: GracefulShutdown,
) {
    app.begin_stop();
    tracing::info!("stopping: requests in flight end first");
    let stopping = Instant::now();
    let late = GracefulShutdown::new();
    let mut drained = std::pin::pin!(async move {
        // A connection accepted a moment ago has its request on the way.
        tokio::time::sleep(STOP_NOTICE).await;
        tokio::time::timeout(STOP, graceful.shutdown()).await
    });
    loop {
        tokio::select! {
            ended = &mut drained => {
                if ended.is_err() {
                    tracing::warn!("requests still in flight after {} s are cut off", STOP.as_secs());
                }
                break;
            }
            // Whoever still comes is told to go elsewhere, and `/readyz` says why.
            (stream, place) = accept(&listener, room) => {
                let Some(stream) = stream else { continue };
                tokio::spawn(connection(stream, Arc::clone(door), late.watcher(), place));
            }
        }
    }
    drop(listener);
    app.writer.stop().await;
    tracing::info!(took_ms = stopping.elapsed().as_millis() as u64, "stopped");
}

/// The next connection, when there is room for it.
async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> (Option<TcpStream>, Option<OwnedSemaphorePermit>) {
    // The semaphore is never closed; without a place the connection is not counted.
    let place = Arc::clone(room).acquire_owned().await.ok();
    match listener.accept().await {
        Ok((stream, _)) => (Some(stream), place),
        Err(cause) => {
            // Out of file descriptors: some will be free in a moment.
            tracing::warn!(%cause, "could not accept a connection");
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            (None, place)
        }
    }
}

async fn connection(
    stream: TcpStream,
    door: Arc<Door>,
    watcher: Watcher,
    place: Option<OwnedSemaphorePermit>,
) {
    // Without this small answers wait for acknowledgements; with it failing they still arrive.
    drop(stream.set_nodelay(true));
    door.metrics.connection(true);
    let asked = Arc::new(AtomicBool::new(false));
    let service = {
        let (door, asked) = (Arc::clone(&door), Arc::clone(&asked));
        service_fn(move |request| {
            asked.store(true, Ordering::Relaxed);
            let door = Arc::clone(&door);
            async move { Ok::<_, std::convert::Infallible>(call::at(&door, request).await) }
        })
    };
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS)
        .max_buf_size(HEADER_BYTES_MAX);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS_MAX)
        .max_header_list_size(HEADER_BYTES_MAX as u32)
        .keep_alive_interval(HEADERS);
    let connection = builder
        .serve_connection(TokioIo::new(stream), service)
        .into_owned();
    let mut connection = std::pin::pin!(watcher.watch(connection));
    // The protocol is told apart by the first bytes, which have no time limit of their own.
    let silent = async {
        tokio::time::sleep(HEADERS).await;
        if asked.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        // Errors here are the client's: it left or does not speak HTTP.
        ended = &mut connection => drop(ended),
        () = silent => {}
    }
    door.metrics.connection(false);
    drop(place);
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::Arc;

    use tandem_index::Kinds;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};
    use tokio::sync::oneshot;

    use crate::app::{App, Config};
    use crate::http::cors::Cors;
    use crate::metrics::Metrics;

    async fn ask(address: std::net::SocketAddr, method: &str, path: &str) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request =
            format!("{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn a_server_that_starts_answers_its_health_and_not_ready() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let metrics = Arc::new(Metrics::new());
        let (start, started) = oneshot::channel::<Arc<App>>();
        let (told, ready) = oneshot::channel();
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(super::run(
            listener,
            Arc::clone(&metrics),
            Cors::default(),
            async { Ok::<_, Infallible>(started.await.unwrap()) },
            |_app| {
                told.send(()).unwrap();
                Ok(())
            },
            async { drop(stopped.await) },
        ));
        for (method, path, status, says) in [
            ("GET", "/healthz", 200, "alive"),
            ("GET", "/livez", 200, "alive"),
            ("GET", "/readyz", 503, "not ready"),
            ("GET", "/metrics", 200, "tandem_ready 0"),
            ("GET", "/v1/kinds", 503, "\"not_ready\""),
            ("PUT", "/v1/jobs/1", 503, "\"not_ready\""),
            ("GET", "/openapi.json", 503, "\"not_ready\""),
            ("GET", "/nowhere", 503, "\"not_ready\""),
        ] {
            let answer = ask(address, method, path).await;
            let expected = format!("HTTP/1.1 {status} ");
            assert!(
                answer.starts_with(&expected) && answer.contains(says),
                "{path}: {answer}"
            );
            let waits = answer.contains("retry-after: ");
            assert_eq!(waits, says.contains("not_ready"), "{path}: {answer}");
        }
        let config = Config::new(Arc::new(Kinds::builtin()));
        let (app, writer) = App::start(config, metrics, |_store| {}).unwrap();
        assert!(start.send(app).is_ok());
        ready.await.unwrap();
        let kinds = ask(address, "GET", "/v1/kinds").await;
        assert!(kinds.starts_with("HTTP/1.1 200 "), "{kinds}");
        let counted = ask(address, "GET", "/metrics").await;
        assert!(counted.contains("tandem_ready 1"), "{counted}");
        stop.send(()).unwrap();
        serving.await.unwrap().unwrap();
        writer.join().unwrap();
    }
}
