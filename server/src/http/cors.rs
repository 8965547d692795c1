//! Pages of other origins (CORS). Owns which of them a browser lets read an
//! answer, and what is answered to its question beforehand, the preflight.
//!
//! Nothing is sent with credentials: a key is a header that a page sets itself.

use std::str::FromStr;

use hyper::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD,
    HeaderValue, ORIGIN, VARY,
};
use hyper::{HeaderMap, Method, Response, StatusCode};

use super::respond::{self, Body};

/// Of every route: what one does not take is refused in words a page can read.
const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE";
/// What a request may have beyond what a page may always send.
const REQUEST_HEADERS: &str = "Accept, Authorization, Content-Encoding, Content-Type, If-Match, If-None-Match, \
     Min-Sequence, Traceparent, X-Request-Id";
/// What a page may read of an answer beyond its type and length.
const ANSWER_HEADERS: &str = "Accept-Patch, Allow, Content-Disposition, ETag, Retry-After, Server-Timing, \
     WWW-Authenticate, X-Request-Id, X-Snapshot, X-Total";
/// How long a browser need not ask again.
const MAX_AGE_SECONDS: &str = "600";
/// The answer depends on who asks.
const VARIES: &str = "Origin";
const VARIES_PREFLIGHT: &str =
    "Origin, Access-Control-Request-Method, Access-Control-Request-Headers";

/// An origin a browser names: scheme, host and port; or all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(String);

impl FromStr for Origin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "*" {
            return Ok(Self(text.to_owned()));
        }
        let wrong = "an origin is a scheme, a host and perhaps a port, such as https://jobs.example.com or \
                     http://localhost:3000; nothing stands behind it. * is every origin";
        // Browsers write it in lower case and without the scheme's own port.
        let origin = text.to_ascii_lowercase();
        let (scheme, host) = origin.split_once("://").ok_or(wrong)?;
        let host = match scheme {
            "https" => host.strip_suffix(":443").unwrap_or(host),
            "http" => host.strip_suffix(":80").unwrap_or(host),
            _ => host,
        };
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:[]".contains(&byte);
        let named = |byte: u8| byte.is_ascii_alphanumeric() || b"-+.".contains(&byte);
        let is_origin = !scheme.is_empty()
            && scheme.bytes().all(named)
            && host.bytes().any(|byte| byte.is_ascii_alphanumeric())
            && host.bytes().all(plain);
        if is_origin {
            Ok(Self(format!("{scheme}://{host}")))
        } else {
            Err(wrong.to_owned())
        }
    }
}

/// The origins whose pages may use the server; none where it was not asked for.
#[derive(Clone, Debug, Default)]
pub struct Cors(Vec<Origin>);

/// What a request asks in the name of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Asked {
    /// Whether pages of other origins are thought of at all.
    on: bool,
    /// What `Access-Control-Allow-Origin` says, where the page may.
    allowed: Option<HeaderValue>,
    /// Whether it is the browser's own question.
    preflight: bool,
}

impl Cors {
    /// For pages of these origins.
    pub fn new(origins: Vec<Origin>) -> Self {
        Self(origins)
    }

    /// Whether every page may.
    pub fn is_open(&self) -> bool {
        self.0.iter().any(|origin| origin.0 == "*")
    }

    /// Looks at a request.
    pub(super) fn asked(&self, method: &Method, headers: &HeaderMap) -> Asked {
        if self.0.is_empty() {
            return Asked::default();
        }
        let origin = headers.get(ORIGIN);
        let allowed = if self.is_open() {
            origin.map(|_any| HeaderValue::from_static("*"))
        } else {
            let known = |origin: &HeaderValue| {
                let mut known = self.0.iter();
                known.any(|known| known.0.as_bytes() == origin.as_bytes())
            };
            origin.filter(|origin| known(origin)).cloned()
        };
        Asked {
            on: true,
            allowed,
            preflight: method == Method::OPTIONS
                && origin.is_some()
                && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD),
        }
    }
}

impl Asked {
    /// The answer to a preflight of a page that may go on.
    pub(super) fn preflight(&self) -> Option<Response<Body>> {
        if !self.preflight || self.allowed.is_none() {
            return None;
        }
        let mut response = Response::new(Body::Left(bytes::Bytes::new().into()));
        *response.status_mut() = StatusCode::NO_CONTENT;
        for (name, value) in [
            (ACCESS_CONTROL_ALLOW_METHODS, METHODS),
            (ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS),
            (ACCESS_CONTROL_MAX_AGE, MAX_AGE_SECONDS),
        ] {
            respond::set(&mut response, name, value);
        }
        Some(response)
    }

    /// Whether it is a preflight of a page that may not.
    pub(super) fn is_refused(&self) -> bool {
        self.preflight && self.allowed.is_none()
    }

    /// Adds to any answer, errors too, what the browser wants to know.
    pub(super) fn mark(self, response: &mut Response<Body>) {
        if !self.on {
            return;
        }
        let varies = if self.preflight {
            VARIES_PREFLIGHT
        } else {
            VARIES
        };
        let headers = response.headers_mut();
        headers.append(VARY, HeaderValue::from_static(varies));
        let Some(allowed) = self.allowed else {
            return;
        };
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
        if !self.preflight {
            respond::set(response, ACCESS_CONTROL_EXPOSE_HEADERS, ANSWER_HEADERS);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Origin;

    #[test]
    fn origins_are_read_as_browsers_write_them() {
        for (text, origin) in [
            ("*", Some("*")),
            ("https://Jobs.Example.com", Some("https://jobs.example.com")),
            (
                "https://jobs.example.com:443",
                Some("https://jobs.example.com"),
            ),
            ("http://localhost:80", Some("http://localhost")),
            ("http://localhost:3000", Some("http://localhost:3000")),
            ("http://[::1]:3000", Some("http://[::1]:3000")),
            ("tauri://localhost", Some("tauri://localhost")),
            ("jobs.example.com", None),
            ("https://", None),
            ("://jobs.example.com", None),
            ("https://jobs.example.com/", None),
            ("https://jobs.example.com/app", None),
            ("https://*.example.com", None),
            ("https://a@b", None),
            ("https://a b", None),
            ("", None),
        ] {
            let read = text.parse::<Origin>().ok().map(|origin| origin.0);
            assert_eq!(read.as_deref(), origin, "{text}");
        }
    }
}
