//! Connections. Owns accepting, protocol detection, limits of a connection and
//! the graceful stop.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::call;
use crate::app::App;
use crate::clock;
use crate::limits::{
    CONNECTIONS_MAX, HEADER_BYTES_MAX, HEADERS, PIN_SWEEP, STOP, STOP_NOTICE, STREAMS_MAX,
};

/// Serves until `shutdown` resolves, then lets requests in flight end, at most
/// so long as [`STOP`].
pub async fn run(listener: TcpListener, app: Arc<App>, shutdown: impl Future<Output = ()>) {
    let graceful = GracefulShutdown::new();
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut shutdown = std::pin::pin!(shutdown);
    let mut sweep = tokio::time::interval(PIN_SWEEP);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            _ = sweep.tick() => {
                app.spaces.values().for_each(|space| space.sweep());
                let feed = Arc::clone(&app.feed);
                // It may write and sync files.
                tokio::task::spawn_blocking(move || {
                    if let Err(cause) = feed.tidy(clock::now_ms()) {
                        tracing::error!(%cause, "the log of changes cannot be tidied");
                    }
                });
            }
            (stream, place) = accept(&listener, &room) => {
                let Some(stream) = stream else { continue };
                tokio::spawn(connection(stream, Arc::clone(&app), graceful.watcher(), place));
            }
        }
    }
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
            (stream, place) = accept(&listener, &room) => {
                let Some(stream) = stream else { continue };
                tokio::spawn(connection(stream, Arc::clone(&app), late.watcher(), place));
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
    app: Arc<App>,
    watcher: Watcher,
    place: Option<OwnedSemaphorePermit>,
) {
    // Without this small answers wait for acknowledgements; with it failing they still arrive.
    drop(stream.set_nodelay(true));
    app.metrics.connection(true);
    let asked = Arc::new(AtomicBool::new(false));
    let service = {
        let (app, asked) = (Arc::clone(&app), Arc::clone(&asked));
        service_fn(move |request| {
            asked.store(true, Ordering::Relaxed);
            let app = Arc::clone(&app);
            async move { Ok::<_, std::convert::Infallible>(call::answer(app, request).await) }
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
    app.metrics.connection(false);
    drop(place);
}
