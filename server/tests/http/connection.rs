//! Connections: protocols, slow and broken clients, stopping.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::{Value, json};

use crate::server::{Answer, JSON, NDJSON, Server, read_answer};

#[tokio::test]
async fn http2_with_prior_knowledge_answers_many_requests_at_once() {
    let server = Server::start(&[]);
    server
        .put("/v1/jobs/1", &json!({"title": "Cook"}))
        .expect(201);
    let stream = tokio::net::TcpStream::connect(&server.address)
        .await
        .unwrap();
    let (sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .unwrap();
    tokio::spawn(connection);
    let mut requests = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let mut sender = sender.clone();
        let request = hyper::Request::post(format!("{}/v1/search/jobs", server.url()))
            .header("content-type", JSON)
            .body(Full::new(Bytes::from_static(b"{\"q\": \"cook\"}")))
            .unwrap();
        requests.spawn(async move {
            let response = sender.send_request(request).await.unwrap();
            assert_eq!(
                (response.status().as_u16(), response.version()),
                (200, hyper::Version::HTTP_2)
            );
            response.into_body().collect().await.unwrap().to_bytes()
        });
    }
    let bodies = requests.join_all().await;
    let first: Value = serde_json::from_slice(&bodies[0]).unwrap();
    assert_eq!(first["hits"][0]["id"], "1");
    assert!(bodies.iter().all(|body| *body == bodies[0]));
}

#[test]
fn a_connection_is_kept_for_the_next_request() {
    let server = Server::start(&[]);
    let mut stream = server.connect();
    for _ in 0..3 {
        write!(
            stream,
            "GET /v1/kinds HTTP/1.1\r\nhost: {}\r\n\r\n",
            server.address
        )
        .unwrap();
        let answer = read_answer(&mut stream).expect(200);
        assert!(
            answer
                .header("server-timing")
                .unwrap()
                .contains("total;dur=")
        );
    }
}

#[test]
fn a_truncated_body_leaves_nothing_behind() {
    let server = Server::start(&[]);
    for (method, path, media_type) in [
        ("PUT", "/v1/jobs/half", JSON),
        ("POST", "/v1/jobs/bulk", NDJSON),
    ] {
        let mut stream = server.connect();
        let body = "{\"id\": \"half\", \"title\": \"x\"}";
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: {}\r\ncontent-type: {media_type}\r\ncontent-length: 100\r\n\r\n{body}",
            server.address
        )
        .unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let mut rest = Vec::new();
        // However the server ends it, the connection ends.
        drop(stream.read_to_end(&mut rest));
        assert!(!String::from_utf8_lossy(&rest).contains("summary"));
    }
    assert_eq!(server.get("/v1/jobs/half").status, 404);
}

#[test]
fn a_slow_client_runs_out_of_time_and_others_do_not_wait() {
    // Long enough for the first search on a busy machine.
    let server = Server::start(&["--deadline-ms", "3000"]);
    let mut slow = server.connect();
    let head = format!(
        "POST /v1/search/jobs HTTP/1.1\r\nhost: {}\r\ncontent-type: {JSON}\r\ncontent-length: 10\r\n\r\n{{",
        server.address
    );
    slow.write_all(head.as_bytes()).unwrap();
    let started = Instant::now();
    server.get("/v1/search/jobs").expect(200);
    let answer = read_answer(&mut slow).expect(408);
    assert!(started.elapsed() < Duration::from_secs(20));
    assert_eq!(answer.json()["code"], "request_timeout");
}

#[test]
fn a_stop_lets_requests_in_flight_end() {
    let mut server = Server::start(&[]);
    let mut load = server.connect();
    let head = format!(
        "POST /v1/jobs/bulk HTTP/1.1\r\nhost: {}\r\ncontent-type: {NDJSON}\r\ntransfer-encoding: chunked\r\n\r\n",
        server.address
    );
    load.write_all(head.as_bytes()).unwrap();
    let mut status = [0; 12];
    load.read_exact(&mut status).unwrap();
    server.terminate();
    let unready = wait_for_503(&server);
    assert_eq!(unready.text(), "not ready\n");
    let refused = server.get("/v1/kinds").expect(503);
    assert_eq!(refused.json()["code"], "not_ready");
    let line = "{\"id\": \"late\", \"title\": \"x\"}\n";
    write!(load, "{:x}\r\n{line}\r\n0\r\n\r\n", line.len()).unwrap();
    let mut rest = String::new();
    load.read_to_string(&mut rest).unwrap();
    assert!(rest.contains("\"created\":1"), "{rest}");
    assert_eq!(server.wait(), Some(0));
}

/// Asks until the server has noticed the signal.
fn wait_for_503(server: &Server) -> Answer {
    let started = Instant::now();
    loop {
        let answer = server.get("/readyz");
        if answer.status == 503 {
            return answer;
        }
        assert!(started.elapsed() < Duration::from_secs(20), "still ready");
    }
}

#[test]
fn nonsense_on_the_wire_does_not_stop_the_server() {
    let server = Server::start(&[]);
    for bytes in [
        &b"\x16\x03\x01\x02\x00"[..],
        b"GET\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nxxxxxxxxxxxxx",
        b"\0\0\0\r\n\r\n",
    ] {
        let mut stream = server.connect();
        stream.write_all(bytes).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        drop(stream.read_to_end(&mut Vec::new()));
    }
    assert_eq!(server.get("/healthz").expect(200).text(), "alive\n");
    assert_eq!(server.get("/livez").expect(200).status, 200);
}

#[test]
fn another_sites_name_does_not_reach_a_server_without_keys() {
    let server = Server::start(&[]);
    let mut stream = server.connect();
    stream
        .write_all(b"GET /v1/kinds HTTP/1.1\r\nhost: example.com\r\n\r\n")
        .unwrap();
    assert_eq!(
        read_answer(&mut stream).expect(403).json()["code"],
        "forbidden"
    );
}
