//! Exports: every hit of a search or a match, streamed. Owns bounded memory:
//! the order is held as rows, hits are made a few at a time and only as fast as
//! the client reads them; when it leaves, the work ends.

use std::sync::Arc;
use std::time::Instant;

use hyper::body::Incoming;
use hyper::header::{ACCEPT, CONTENT_DISPOSITION, CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{HeaderMap, Response};
use tandem_engine::Request;
use tandem_engine::export::{Order, order};
use tandem_index::{Kinds, Snapshot};
use tokio::sync::OwnedSemaphorePermit;

use super::ask::{read_body, require_kind};
use super::call::Call;
use super::respond::{self, Body, CSV, NDJSON};
use super::stream::{Sink, stream};
use super::visible;
use crate::app::App;
use crate::compute::defect;
use crate::limits::{EXPORT_BYTES_MAX, EXPORT_HITS, EXPORT_IDLE};
use crate::space::Space;
use crate::timing::Timing;
use crate::wire::answer::{ErrorLine, Hit};
use crate::wire::at_least::AtLeast;
use crate::wire::csv::Table;
use crate::wire::problem::{Code, Outcome, Refusal};
use crate::wire::request::{ExportMatch, ExportSearch};
use crate::{clock, read_json};

/// How many hits the body will have.
const TOTAL: HeaderName = HeaderName::from_static("x-total");
/// The snapshot they are from.
const SNAPSHOT: HeaderName = HeaderName::from_static("x-snapshot");

/// How hits are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Ndjson,
    Csv,
}

/// An export under way.
struct Export {
    app: Arc<App>,
    snapshot: Arc<Snapshot>,
    space: Arc<Space>,
    id: String,
    request: Arc<Request>,
    order: Arc<Order>,
    /// The columns of CSV.
    table: Option<Arc<Table>>,
    _place: OwnedSemaphorePermit,
}

pub(super) async fn search(call: Call, rest: &mut Option<Incoming>) -> Outcome<Response<Body>> {
    require_kind(&call.app.kinds, &call.params.kind)?;
    let kind = call.params.kind.clone();
    export(call, rest, move |body| {
        let mut question = read_json::read_object::<ExportSearch>(body)?;
        let at_least = question.at_least();
        Ok((question.request(&kind, clock::now_ms())?, at_least))
    })
    .await
}

pub(super) async fn match_(call: Call, rest: &mut Option<Incoming>) -> Outcome<Response<Body>> {
    export(call, rest, |body| {
        let mut question = read_json::read_object::<ExportMatch>(body)?;
        let at_least = question.at_least();
        Ok((question.request(clock::now_ms())?, at_least))
    })
    .await
}

async fn export(
    call: Call,
    rest: &mut Option<Incoming>,
    read: impl FnOnce(&mut [u8]) -> Outcome<(Request, Option<AtLeast>)> + Send + 'static,
) -> Outcome<Response<Body>> {
    let format = accepted(&call.headers)?;
    let mut body = read_body(&call, rest).await?;
    let place = Arc::clone(&call.app.exports)
        .try_acquire_owned()
        .map_err(|_full| Refusal::new(Code::Overloaded, "too many exports are under way"))?;
    let kinds = Arc::clone(&call.app.kinds);
    let blind = call.blind;
    let ordered = move |mut request: Request, space: &Space, _: &mut Timing| {
        request.blind |= blind;
        let snapshot = space.current();
        let order = order(&snapshot, &request)?;
        Ok((snapshot, request, order))
    };
    let (ordered, _) = visible::compute(&call, move || read(&mut body), ordered).await?;
    let (snapshot, request, order) = ordered;
    let kind = target(&kinds, &request).ok_or_else(defect)?;
    let table = (format == Format::Csv).then(|| Table::new(kind, &request));
    let total = order.len();
    let mut response_head = Vec::new();
    if let Some(table) = &table {
        table.head(&mut response_head);
    }
    let export = Export {
        app: call.app,
        snapshot,
        space: Arc::clone(&call.space),
        id: call.id,
        request: Arc::new(request),
        order: Arc::new(order),
        table: table.map(Arc::new),
        _place: place,
    };
    let (media_type, ending) = match format {
        Format::Ndjson => (NDJSON, "ndjson"),
        Format::Csv => (CSV, "csv"),
    };
    let name = call.space.token(export.snapshot.sequence);
    let file = format!("attachment; filename=\"{}.{ending}\"", kind.name);
    let (sink, answer) = stream(EXPORT_BYTES_MAX);
    tokio::spawn(run(export, sink, response_head));
    let mut response = Response::new(Body::Right(answer));
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    respond::set(&mut response, CONTENT_DISPOSITION, &file);
    respond::set(&mut response, TOTAL, &total.to_string());
    respond::set(&mut response, SNAPSHOT, &name);
    Ok(response)
}

/// Writes all hits, then ends the body; a body that ends early is broken, so
/// that nobody takes it for whole.
async fn run(export: Export, sink: Sink, head: Vec<u8>) {
    let mut erasures = export.space.erasures();
    let sequence = export.snapshot.sequence;
    let (is_csv, id) = (export.table.is_some(), export.id.clone());
    tokio::select! {
        // An erasure drops what the export holds, read or not.
        biased;
        _ = erasures.wait_for(|erased| *erased > sequence) => {}
        () = write(export, &sink, head) => return,
    }
    let detail = "a person was erased from the export's snapshot; start again";
    let problem = Refusal::new(Code::SnapshotGone, detail).problem(&id);
    let mut line = respond::to_json(&ErrorLine { error: problem }).unwrap_or_default();
    line.push(b'\n');
    // A line of CSV cannot say it.
    sink.abandon(if is_csv { Vec::new() } else { line }, EXPORT_IDLE)
        .await;
}

async fn write(export: Export, sink: &Sink, head: Vec<u8>) {
    if !head.is_empty() && !sink.send(head, EXPORT_IDLE).await {
        return sink.break_off();
    }
    let mut place = 0;
    while place < export.order.len() {
        let places = place..place + EXPORT_HITS;
        place = places.end;
        let (snapshot, request) = (Arc::clone(&export.snapshot), Arc::clone(&export.request));
        let (order, table) = (Arc::clone(&export.order), export.table.clone());
        let show = move || {
            let mut bytes = Vec::new();
            for hit in order.show(&snapshot, &request, places)? {
                let hit = Hit::from(hit);
                if let Some(table) = &table {
                    table.row(&hit, &mut bytes);
                } else {
                    bytes.extend(respond::to_json(&hit)?);
                    bytes.push(b'\n');
                }
            }
            Ok(bytes)
        };
        // One job at a time for each of a bounded number of exports.
        let shown = export
            .app
            .reads
            .run_admitted(Instant::now() + EXPORT_IDLE, show);
        let Ok(bytes) = shown.await else {
            return sink.break_off();
        };
        if !sink.send(bytes, EXPORT_IDLE).await {
            return sink.break_off();
        }
    }
}

/// The kind of the hits.
fn target<'a>(kinds: &'a Kinds, request: &Request) -> Option<&'a tandem_index::Kind> {
    use tandem_engine::Source;
    let to = match (&request.to, &request.source) {
        (Some(to), _) => to.as_str(),
        (
            None,
            Source::Stored { kind, .. } | Source::Inline { kind, .. } | Source::Text { kind, .. },
        ) => kinds.get(kind)?.matches.as_deref()?,
        (None, Source::Query { .. }) => return None,
    };
    kinds.get(to)
}

/// The first media type of `Accept` that can be written; NDJSON where nothing
/// is asked for.
fn accepted(headers: &HeaderMap) -> Outcome<Format> {
    let mut asked = false;
    for value in headers.get_all(ACCEPT) {
        let value = value.to_str().unwrap_or_default();
        for one in value.split(',') {
            let (essence, parameters) = one.split_once(';').unwrap_or((one, ""));
            asked = true;
            if parameters.replace(' ', "").split(';').any(|part| {
                part.strip_prefix("q=")
                    .and_then(|q| q.parse::<f32>().ok())
                    .is_some_and(|q| q <= 0.0)
            }) {
                continue;
            }
            match essence.trim().to_ascii_lowercase().as_str() {
                "application/x-ndjson"
                | "application/ndjson"
                | "application/jsonl"
                | "application/json"
                | "application/*"
                | "*/*" => return Ok(Format::Ndjson),
                "text/csv" | "text/*" => return Ok(Format::Csv),
                _ => {}
            }
        }
    }
    if asked {
        let detail = "an export is application/x-ndjson or text/csv";
        return Err(Refusal::new(Code::NotAcceptable, detail));
    }
    Ok(Format::Ndjson)
}

#[cfg(test)]
mod tests {
    use hyper::HeaderMap;
    use hyper::header::{ACCEPT, HeaderValue};

    use super::{Format, accepted};

    #[test]
    fn the_first_type_that_can_be_written_is_taken() {
        let cases = [
            ("", None),
            ("text/csv", Some(Format::Csv)),
            ("TEXT/CSV; q=0.5", Some(Format::Csv)),
            ("text/csv; q=0, */*", Some(Format::Ndjson)),
            ("image/png, application/x-ndjson", Some(Format::Ndjson)),
            ("image/png", None),
        ];
        for (value, expected) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, HeaderValue::from_static(value));
            assert_eq!(accepted(&headers).ok(), expected, "{value}");
        }
        assert_eq!(accepted(&HeaderMap::new()).unwrap(), Format::Ndjson);
    }
}
