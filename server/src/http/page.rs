//! The page, embedded. Owns its files, their types and headers; what it does
//! is in server/page.

use std::sync::LazyLock;

use hyper::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, ETAG, IF_NONE_MATCH, X_CONTENT_TYPE_OPTIONS,
};
use hyper::{HeaderMap, Response, StatusCode};
use sha2::{Digest, Sha256};

use super::respond::{self, Body};
use crate::keys::hex;
use crate::wire::problem::{Code, Outcome, Refusal};

/// Only what this server sent may run, be shown or be asked.
const POLICY: &str =
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// A file of the page.
struct File {
    name: &'static str,
    media_type: &'static str,
    bytes: &'static [u8],
    tag: String,
}

/// Embeds these files of server/page.
macro_rules! files {
    ($($name:literal: $media_type:literal),* $(,)?) => {
        vec![$(File::new($name, $media_type, include_bytes!(concat!("../../page/", $name)))),*]
    };
}

static FILES: LazyLock<Vec<File>> = LazyLock::new(|| {
    files! {
        "index.html": "text/html; charset=utf-8",
        "app.css": "text/css; charset=utf-8",
        "icon.svg": "image/svg+xml",
        "api.js": "text/javascript; charset=utf-8",
        "cards.js": "text/javascript; charset=utf-8",
        "combobox.js": "text/javascript; charset=utf-8",
        "compare.js": "text/javascript; charset=utf-8",
        "conditions.js": "text/javascript; charset=utf-8",
        "document.js": "text/javascript; charset=utf-8",
        "dom.js": "text/javascript; charset=utf-8",
        "evidence.css": "text/css; charset=utf-8",
        "evidence.js": "text/javascript; charset=utf-8",
        "facets.js": "text/javascript; charset=utf-8",
        "format.js": "text/javascript; charset=utf-8",
        "help.js": "text/javascript; charset=utf-8",
        "kinds.js": "text/javascript; charset=utf-8",
        "main.js": "text/javascript; charset=utf-8",
        "match.js": "text/javascript; charset=utf-8",
        "motion.js": "text/javascript; charset=utf-8",
        "near.js": "text/javascript; charset=utf-8",
        "problem.js": "text/javascript; charset=utf-8",
        "ranges.js": "text/javascript; charset=utf-8",
        "request.js": "text/javascript; charset=utf-8",
        "results.js": "text/javascript; charset=utf-8",
        "score.js": "text/javascript; charset=utf-8",
        "search.js": "text/javascript; charset=utf-8",
        "state.js": "text/javascript; charset=utf-8",
        "stops.js": "text/javascript; charset=utf-8",
        "suggest.js": "text/javascript; charset=utf-8",
        "theme.js": "text/javascript; charset=utf-8",
        "tree.js": "text/javascript; charset=utf-8",
        "understood.js": "text/javascript; charset=utf-8",
        "upload.js": "text/javascript; charset=utf-8",
        "weights.js": "text/javascript; charset=utf-8",
    }
});

impl File {
    fn new(name: &'static str, media_type: &'static str, bytes: &'static [u8]) -> Self {
        let hash = Sha256::digest(bytes);
        let tag = format!("\"{}\"", hex(hash.get(..8).unwrap_or_default()));
        Self {
            name,
            media_type,
            bytes,
            tag,
        }
    }
}

/// A file of the page.
pub(super) fn file(name: &str, headers: &HeaderMap) -> Outcome<Response<Body>> {
    let file = FILES
        .iter()
        .find(|file| file.name == name)
        .ok_or_else(|| Refusal::new(Code::NotFound, "the page has no such file"))?;
    let held = headers
        .get(IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok());
    let mut response = if held == Some(file.tag.as_str()) {
        respond::bytes(StatusCode::NOT_MODIFIED, file.media_type, "")
    } else {
        respond::bytes(StatusCode::OK, file.media_type, file.bytes)
    };
    respond::set(&mut response, ETAG, &file.tag);
    respond::set(&mut response, CACHE_CONTROL, "no-cache");
    respond::set(&mut response, CONTENT_SECURITY_POLICY, POLICY);
    respond::set(&mut response, X_CONTENT_TYPE_OPTIONS, "nosniff");
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::FILES;

    #[test]
    fn every_file_of_the_page_is_embedded() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/page");
        for entry in std::fs::read_dir(folder).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            assert!(
                FILES.iter().any(|file| file.name == name),
                "{name} is not in the list"
            );
        }
    }
}
