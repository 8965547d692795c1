//! One keep-alive connection to a loopback server. Owns the address check,
//! connecting and sending; measures nothing.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::str::FromStr;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Body;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{CONTENT_TYPE, HOST, HeaderMap, HeaderValue};
use hyper::{Method, Request, Uri};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::error::Error;

const CONNECT_MAX: Duration = Duration::from_secs(2);
/// Longest answer that is kept in memory.
pub(crate) const ANSWER_BYTES_MAX: usize = 64 << 20;

/// A loopback server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) address: SocketAddr,
}

impl FromStr for Target {
    type Err = String;

    /// Reads `http://HOST[:PORT]`. Errors: anything but plain HTTP on loopback;
    /// load on a machine of others is an attack. Names are not looked up.
    fn from_str(text: &str) -> Result<Self, String> {
        let uri: Uri = text
            .parse()
            .map_err(|error| format!("{text:?} is no URL: {error}"))?;
        if uri.scheme_str() != Some("http") || !matches!(uri.path(), "" | "/") {
            return Err(format!("{text:?} is not of the form http://127.0.0.1:7700"));
        }
        let host = uri.host().unwrap_or_default();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let ip = match bare {
            "localhost" => Some(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            other => other.parse().ok(),
        };
        let ip = ip.filter(IpAddr::is_loopback).ok_or_else(|| {
            format!("{host:?} is not a loopback address: load goes to 127.0.0.0/8, ::1 or localhost only")
        })?;
        Ok(Self {
            address: SocketAddr::new(ip, uri.port_u16().unwrap_or(80)),
        })
    }
}

/// A request whose parts are built once; sending it copies pointers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Prepared {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) body: Bytes,
}

/// What became of a request.
pub(crate) enum Outcome {
    /// An answer was read to its end; `body` only if it was asked for or is a
    /// refusal, which says why.
    Answered { status: u16, body: Vec<u8> },
    /// No whole answer.
    Failed(Fault),
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    /// No connection.
    Connect,
    /// The connection ended before the answer did.
    Broken,
    /// The answer took longer than the limit.
    Timeout,
    /// The run was over before a connection was free.
    Unsent,
}

impl Fault {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Broken => "broken",
            Self::Timeout => "timeout",
            Self::Unsent => "unsent",
        }
    }
}

/// A connection that comes back when it breaks.
pub(crate) struct Client {
    target: Target,
    timeout: Duration,
    headers: HeaderMap,
    sender: Option<SendRequest<Full<Bytes>>>,
}

impl Client {
    pub(crate) fn new(target: &Target, timeout: Duration) -> Result<Self, Error> {
        Ok(Self {
            target: target.clone(),
            timeout,
            headers: headers(target, "application/json")?,
            sender: None,
        })
    }

    /// Connects now rather than at the first request.
    pub(crate) async fn connect(&mut self) -> Result<(), Error> {
        if self.sender.as_ref().is_none_or(SendRequest::is_closed) {
            self.sender = Some(connect(&self.target).await?);
        }
        Ok(())
    }

    /// Sends a request and reads its answer to the end.
    pub(crate) async fn send(&mut self, prepared: &Prepared, keep_body: bool) -> Outcome {
        if self.connect().await.is_err() {
            return Outcome::Failed(Fault::Connect);
        }
        let timeout = self.timeout;
        match tokio::time::timeout(timeout, self.exchange(prepared, keep_body)).await {
            Ok(Some((status, body))) => Outcome::Answered { status, body },
            Ok(None) => {
                self.sender = None;
                Outcome::Failed(Fault::Broken)
            }
            // The late answer must not be taken for that of the next request.
            Err(_) => {
                self.sender = None;
                Outcome::Failed(Fault::Timeout)
            }
        }
    }

    async fn exchange(&mut self, prepared: &Prepared, keep_body: bool) -> Option<(u16, Vec<u8>)> {
        let sender = self.sender.as_mut()?;
        sender.ready().await.ok()?;
        let mut request = Request::new(Full::new(prepared.body.clone()));
        *request.method_mut() = prepared.method.clone();
        *request.uri_mut() = prepared.uri.clone();
        *request.headers_mut() = self.headers.clone();
        let mut answer = sender.send_request(request).await.ok()?;
        let status = answer.status().as_u16();
        let keep_body = keep_body || status >= 400;
        let mut body = Vec::new();
        while let Some(frame) = answer.frame().await {
            let frame = frame.ok()?;
            if let Some(data) = frame.data_ref().filter(|_| keep_body) {
                if body.len() + data.len() > ANSWER_BYTES_MAX {
                    return None;
                }
                body.extend_from_slice(data);
            }
        }
        Some((status, body))
    }
}

/// Headers every request to a target carries.
pub(crate) fn headers(target: &Target, content_type: &'static str) -> Result<HeaderMap, Error> {
    let host = HeaderValue::from_str(&target.address.to_string())
        .map_err(|error| Error::Usage(format!("{} is no host: {error}", target.address)))?;
    let mut headers = HeaderMap::with_capacity(4);
    headers.insert(HOST, host);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    Ok(headers)
}

/// A new connection whose driver runs until either side closes it.
pub(crate) async fn connect<B>(target: &Target) -> Result<SendRequest<B>, Error>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let failed = |source| Error::io(format!("cannot connect to {}", target.address), source);
    let stream = tokio::time::timeout(CONNECT_MAX, TcpStream::connect(target.address))
        .await
        .unwrap_or_else(|_| Err(std::io::ErrorKind::TimedOut.into()))
        .map_err(failed)?;
    stream.set_nodelay(true).map_err(failed)?;
    let (sender, driver) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| Error::Server(format!("no HTTP at {}: {error}", target.address)))?;
    // A broken connection shows in the request it carried; the driver has nothing to add.
    tokio::spawn(async move { drop(driver.await) });
    Ok(sender)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_http_on_loopback_is_loaded() {
        let cases = [
            ("http://127.0.0.1:7700", Some("127.0.0.1:7700")),
            ("http://127.9.9.9:1/", Some("127.9.9.9:1")),
            ("http://localhost:7700", Some("127.0.0.1:7700")),
            ("http://[::1]:7700", Some("[::1]:7700")),
            ("http://127.0.0.1", Some("127.0.0.1:80")),
            ("https://127.0.0.1:7700", None),
            ("http://192.168.0.1:7700", None),
            ("http://0.0.0.0:7700", None),
            ("http://example.com", None),
            ("http://localhost.example.com", None),
            ("http://127.0.0.1:7700/v1", None),
            ("127.0.0.1:7700", None),
            ("", None),
        ];
        for (text, expected) in cases {
            let found = Target::from_str(text).map(|target| target.address.to_string());
            assert_eq!(found.ok().as_deref(), expected, "{text}");
        }
    }
}
