//! Request bodies. Owns their media types and limits, and reading refused
//! bodies to their end so that the client gets to read the answer.

use std::time::Instant;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::HeaderMap;
use hyper::body::{Body as _, Incoming};
use hyper::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderValue};
use tandem_index::taxonomy::Form;

use crate::limits::{DRAIN, DRAIN_BYTES_MAX};
use crate::wire::problem::{Code, Outcome, Refusal};

/// Media types of one JSON value.
const JSON_TYPES: [&str; 1] = ["application/json"];

/// Media types of a merge patch.
const PATCH_TYPES: [&str; 1] = ["application/merge-patch+json"];

/// Refuses a body that does not say it is JSON, or is packed. A missing type is refused too:
/// a browser sends one without asking only when it is none of these.
pub(super) fn require_json(headers: &HeaderMap) -> Outcome<()> {
    require_plain(headers, &JSON_TYPES)
}

/// The same for a merge patch: plain JSON could be meant as the whole document.
pub(super) fn require_patch(headers: &HeaderMap) -> Outcome<()> {
    require_plain(headers, &PATCH_TYPES)
}

/// Media type of TOML (RFC 9618).
pub(super) const TOML: &str = "application/toml";

/// An overlay of the taxonomy is TOML or JSON.
pub(super) fn require_overlay(headers: &HeaderMap) -> Outcome<Form> {
    if require(headers, &JSON_TYPES).is_ok() {
        return require_json(headers).map(|()| Form::Json);
    }
    require_plain(headers, &[TOML]).map(|()| Form::Toml)
}

fn require_plain(headers: &HeaderMap, types: &[&str]) -> Outcome<()> {
    require(headers, types)?;
    let packed = |value: &HeaderValue| !value.as_bytes().eq_ignore_ascii_case(b"identity");
    if headers.get_all(CONTENT_ENCODING).iter().any(packed) {
        return Err(Refusal::new(
            Code::UnsupportedMediaType,
            "send the body as it is, without Content-Encoding; only bulk takes gzip and zstd",
        ));
    }
    Ok(())
}

fn require(headers: &HeaderMap, types: &[&str]) -> Outcome<()> {
    let value = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default().trim();
    if types
        .iter()
        .any(|known| essence.eq_ignore_ascii_case(known))
    {
        return require_utf8(value);
    }
    let known = match types {
        [TOML] => "application/toml or application/json",
        _ => types.first().copied().unwrap_or_default(),
    };
    Err(Refusal::new(
        Code::UnsupportedMediaType,
        format!("send Content-Type: {known}"),
    ))
}

/// Refuses a media type that names another charset than JSON has.
pub(super) fn require_utf8(media_type: &str) -> Outcome<()> {
    let charset = media_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let is_charset = name.trim().eq_ignore_ascii_case("charset");
        is_charset.then(|| value.trim().trim_matches('"'))
    });
    let is_utf8 = |charset: &str| {
        let known = ["utf-8", "utf8", "us-ascii"];
        known
            .iter()
            .any(|known| charset.eq_ignore_ascii_case(known))
    };
    if charset.is_none_or(is_utf8) {
        return Ok(());
    }
    Err(Refusal::new(
        Code::UnsupportedMediaType,
        "JSON is UTF-8: send it as that, and no other charset in Content-Type",
    ))
}

/// Reads a body of at most so many bytes.
pub(super) async fn read(
    body: &mut Incoming,
    bytes_max: usize,
    deadline: Instant,
) -> Outcome<Vec<u8>> {
    let too_large = || {
        Refusal::new(
            Code::PayloadTooLarge,
            format!("the body has more than {bytes_max} bytes"),
        )
    };
    if body.size_hint().lower() > bytes_max as u64 {
        return Err(too_large());
    }
    let too_slow = || {
        let detail = "the body did not come in the time a request may take";
        Refusal::new(Code::RequestTimeout, detail)
    };
    let mut read = BytesMut::new();
    loop {
        let next = tokio::time::timeout_at(deadline.into(), next(body));
        match next.await.map_err(|_elapsed| too_slow())?? {
            Some(bytes) if read.len() + bytes.len() > bytes_max => return Err(too_large()),
            Some(bytes) => read.extend_from_slice(&bytes),
            None => return Ok(read.into()),
        }
    }
}

/// The next bytes of a body; `None` at its end.
pub(super) async fn next(body: &mut Incoming) -> Outcome<Option<Bytes>> {
    while let Some(frame) = body.frame().await {
        let frame =
            frame.map_err(|_cause| Refusal::new(Code::InvalidRequest, "the body broke off"))?;
        if let Ok(bytes) = frame.into_data() {
            return Ok(Some(bytes));
        }
    }
    Ok(None)
}

/// Reads and drops what is left of a body, within bounds. A connection that is
/// closed on unread bytes resets, and the client may lose the answer.
pub(super) fn drain(mut body: Incoming) {
    if body.is_end_stream() {
        return;
    }
    tokio::spawn(async move {
        let all = async {
            let mut bytes_left = DRAIN_BYTES_MAX;
            while let Ok(Some(bytes)) = next(&mut body).await {
                bytes_left = bytes_left.saturating_sub(bytes.len());
                if bytes_left == 0 {
                    return;
                }
            }
        };
        // Whether it came to its end or its time was up makes no difference.
        drop(tokio::time::timeout(DRAIN, all).await);
    });
}

#[cfg(test)]
mod tests {
    use hyper::HeaderMap;
    use hyper::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderValue};

    use super::require_json;
    use crate::wire::problem::Code;

    #[test]
    fn another_charset_than_that_of_json_is_refused() {
        for (media_type, taken) in [
            ("application/json", true),
            ("application/json; charset=utf-8", true),
            ("application/json;charset=\"UTF-8\"", true),
            ("application/json; profile=x; Charset=utf8", true),
            ("application/json; charset=us-ascii", true),
            ("application/json; charset=latin1", false),
            ("application/json; profile=x; charset=\"utf-16\"", false),
            ("application/json; charset=", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
            assert_eq!(require_json(&headers).is_ok(), taken, "{media_type}");
        }
    }

    #[test]
    fn packed_bodies_are_refused_by_name() {
        for (encoding, taken) in [
            (None, true),
            (Some("identity"), true),
            (Some("gzip"), false),
            (Some("br"), false),
            (Some("gzip, identity"), false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            if let Some(encoding) = encoding {
                headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
            }
            let code = require_json(&headers).map_err(|refusal| refusal.code);
            let expected = if taken {
                Ok(())
            } else {
                Err(Code::UnsupportedMediaType)
            };
            assert_eq!(code, expected, "{encoding:?}");
        }
    }
}
