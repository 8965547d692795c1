//! Every bound of the server in one place. Owns the numbers and the relations
//! between them, which are checked when it is compiled.

use std::time::Duration;

/// Largest body of search, match, rank and explain.
pub const REQUEST_BYTES_MAX: usize = 1 << 20;
/// Largest document.
pub const DOCUMENT_BYTES_MAX: usize = 4 << 20;
/// Longest line of a bulk body; the body as a whole has no limit.
pub const LINE_BYTES_MAX: usize = 1 << 20;
/// Longest query text.
pub const QUERY_BYTES_MAX: usize = 8 << 10;
/// Longest query string of a GET.
pub const QUERY_STRING_BYTES_MAX: usize = 16 << 10;
/// Longest document id.
pub const ID_BYTES_MAX: usize = 512;
/// Most ids of a rank request.
pub const IDS_MAX: usize = 10_000;
/// Most hits of an answer.
pub const HITS_MAX: usize = 1_000;
/// Hits of an answer that asked for no number.
pub const HITS_DEFAULT: usize = 10;
/// Most values of a facet.
pub const FACET_VALUES_MAX: usize = 1_000;
/// Values of a facet that asked for no number.
pub const FACET_VALUES_DEFAULT: usize = 20;
/// Most ids that are no hits.
pub const EXCLUDE_MAX: usize = 10_000;
/// Largest radius in kilometres: half the way around the Earth.
pub const KM_MAX: f64 = 20_038.0;
/// Radius of a `near` that names none.
pub const NEAR_KM_DEFAULT: f64 = 50.0;
/// Most boosts of a request.
pub const BOOSTS_MAX: usize = 16;
/// Longest label of a boost, in characters.
pub const BOOST_LABEL_MAX: usize = 64;
/// Most searches of one request.
pub const SEARCHES_MAX: usize = 32;
/// Most suggestions of an answer.
pub const SUGGESTIONS_MAX: usize = 100;
/// Suggestions of an answer that asked for no number.
pub const SUGGESTIONS_DEFAULT: usize = 10;
/// Longest text of a suggestion's beginning.
pub const SUGGEST_BYTES_MAX: usize = 512;
/// Deepest nesting of a JSON body: its readers recurse.
pub const JSON_DEPTH_MAX: usize = 64;

/// Reads that may wait for each thread that computes.
pub const READS_WAITING_PER_THREAD: usize = 128;
/// Documents that may be prepared or waiting to be, bulk aside.
pub const WRITES_WAITING_MAX: usize = 256;
/// Queues in which patches of one document wait for each other.
pub const PATCH_QUEUES: usize = 256;
/// Messages waiting for the writer.
pub const WRITER_QUEUE_MAX: usize = 64;
/// Changes at which the writer collects no more and swaps the snapshot.
pub const WRITER_BATCH_MAX: usize = tandem_index::store::BATCH_CHANGES_MAX;
/// Bytes of documents at which the writer collects no more.
pub const WRITER_BATCH_BYTES_MAX: usize = 16 << 20;
/// Changes in the journal behind the last checkpoint at which the next is due.
pub const CHECKPOINT_CHANGES: u64 = 16_384;
/// Bytes of the journal behind the last checkpoint at which the next is due.
pub const CHECKPOINT_BYTES: u64 = 32 << 20;
/// So many times that, and changes wait until the checkpoint on its way is
/// written: the longest tail a start may have to replay.
pub const CHECKPOINT_BEHIND_FACTOR: u64 = 2;
/// How long a change or a merge waits for the next checkpoint at most.
pub const CHECKPOINT_WITHIN_DEFAULT: Duration = Duration::from_mins(10);
/// How often the writer looks whether something is due, and its folder still there.
pub const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long after one that failed the next checkpoint is tried.
pub const CHECKPOINT_RETRY: Duration = Duration::from_secs(10);
/// How far behind the last sequence number on disk a start goes on. Background
/// work takes numbers that are on no disk: never so many, so that none is given
/// out twice.
pub const SEQUENCE_GAP: u64 = 1_024;
/// Changes of the journal prepared together at start-up.
pub const REPLAY_CHANGES_MAX: usize = 4_096;
/// Bytes of documents of the journal prepared together at start-up.
pub const REPLAY_BYTES_MAX: usize = 32 << 20;
/// Lines of a bulk body prepared together.
pub const BULK_LINES_MAX: usize = 256;
/// Bytes of lines prepared together.
pub const BULK_BATCH_BYTES_MAX: usize = 4 << 20;
/// Largest Parquet file or workbook of a bulk body, and of what a workbook
/// unpacks to: they are held as a whole.
pub const BULK_WHOLE_BYTES_MAX: u64 = 64 << 20;
/// Bytes a packed bulk body may unpack to, whatever its size.
pub const BULK_UNPACKED_BYTES_FREE: u64 = 64 << 20;
/// Beyond them, so many times its packed size; text packs to a third or tenth.
pub const BULK_UNPACKED_RATIO_MAX: u64 = 200;
/// log2 of the largest Zstandard window of a body, 8 MiB as RFC 9659 asks.
pub const BULK_WINDOW_LOG_MAX: u32 = 23;
/// Bulk requests at a time.
pub const BULKS_MAX: usize = 8;
/// Result lines of one bulk held one by one for a client that does not read
/// them yet; beyond that, lines that were accepted fold into ranges.
pub const BULK_SINGLE_BYTES_MAX: usize = 1 << 20;
/// Longest name of a source.
pub const SOURCE_BYTES_MAX: usize = 512;
/// Most sources of a space.
pub const SOURCES_MAX: usize = 10_000;
/// Result lines of one bulk held for a client that does not read them yet.
pub const BULK_ANSWER_BYTES_MAX: usize = 32 << 20;
/// How long a partial batch waits for more lines.
pub const BULK_PAUSE: Duration = Duration::from_millis(5);
/// How long a bulk waits for its client to send or to read.
pub const BULK_IDLE: Duration = Duration::from_secs(30);

/// Exports at a time.
pub const EXPORTS_MAX: usize = 4;
/// Hits an export shows at a time.
pub const EXPORT_HITS: usize = 256;
/// Bytes of one export held for a client that does not read them yet.
pub const EXPORT_BYTES_MAX: usize = 4 << 20;
/// How long an export waits for its client to read.
pub const EXPORT_IDLE: Duration = Duration::from_secs(30);

/// Changes of an answer that asked for no number.
pub const CHANGES_DEFAULT: usize = 1_000;
/// Changes of an answer at which no more sequence numbers are added.
pub const CHANGES_MAX: usize = 10_000;
/// Bytes of an answer at which no more sequence numbers are added.
pub const CHANGES_BYTES_MAX: usize = 4 << 20;
/// Changes of other kinds that are passed over for one answer.
pub const CHANGES_PASSED_MAX: usize = 200_000;
/// Longest time to wait for a change.
pub const CHANGES_WAIT_MAX: Duration = Duration::from_mins(1);
/// Requests for changes at a time.
pub const CHANGES_WAITING_MAX: usize = 4_096;

/// Snapshots a space keeps for cursors.
pub const PINS_MAX: usize = 64;
/// How long a snapshot is kept for cursors.
pub const PIN_AGE_MAX: Duration = Duration::from_mins(5);
/// How often old snapshots are let go.
pub const PIN_SWEEP: Duration = Duration::from_secs(10);

/// Within which time everything erased is out of every file, when `serve` names
/// no other.
pub const ERASE_WITHIN_DEFAULT: Duration = Duration::from_hours(1);
/// How long the answer to an erasure waits for requests that still hold an older
/// snapshot.
pub const ERASE_MASK_WAIT: Duration = Duration::from_secs(5);
/// How often it looks.
pub const ERASE_POLL: Duration = Duration::from_millis(2);
/// How long an erasure that is to be done at once is waited for.
pub const ERASE_NOW_WAIT: Duration = Duration::from_mins(10);
/// How long after it failed rewriting is tried again.
pub const ERASE_RETRY: Duration = Duration::from_secs(10);

/// How long a request may take when `serve` names no other.
pub const DEADLINE_MS_DEFAULT: u64 = 10_000;
/// How long a client may take to send its headers.
pub const HEADERS: Duration = Duration::from_secs(10);
/// Header bytes of a request.
pub const HEADER_BYTES_MAX: usize = 64 << 10;
/// Connections at a time; more wait in the listener's backlog.
pub const CONNECTIONS_MAX: usize = 4_096;
/// Requests at a time on one HTTP/2 connection.
pub const STREAMS_MAX: u32 = 256;
/// Bytes of a refused body that are read and dropped, so that the client
/// gets to read the answer.
pub const DRAIN_BYTES_MAX: usize = 256 << 20;
/// How long a refused body is read and dropped.
pub const DRAIN: Duration = Duration::from_secs(5);
/// How long requests in flight may take after a stop was asked for.
pub const STOP: Duration = Duration::from_secs(10);
/// How long connections without a request stay open after that.
pub const STOP_NOTICE: Duration = Duration::from_millis(100);
/// Seconds a client is asked to wait when a queue is full.
pub const RETRY_AFTER_SECONDS: u32 = 1;

const _: () = assert!(QUERY_BYTES_MAX <= QUERY_STRING_BYTES_MAX);
const _: () = assert!(QUERY_STRING_BYTES_MAX <= HEADER_BYTES_MAX);
const _: () = assert!(REQUEST_BYTES_MAX <= DOCUMENT_BYTES_MAX);
const _: () = assert!(LINE_BYTES_MAX <= BULK_BATCH_BYTES_MAX);
const _: () = assert!(BULK_LINES_MAX <= WRITER_BATCH_MAX);
// A batch and the message that was one too many, with room for numbers that are
// longer when written again.
const _: () = assert!(
    8 * (WRITER_BATCH_BYTES_MAX + BULK_BATCH_BYTES_MAX + LINE_BYTES_MAX)
        <= tandem_index::journal::FRAME_BYTES_MAX
);
const _: () = assert!(BULKS_MAX <= WRITER_QUEUE_MAX);
// 100,000 rejected lines, about 120 bytes a result: a client may read only at the end.
const _: () = assert!(100_000 * 120 <= BULK_ANSWER_BYTES_MAX);
const _: () = assert!(BULK_SINGLE_BYTES_MAX < BULK_ANSWER_BYTES_MAX);
const _: () = assert!(EXPORT_BYTES_MAX <= u32::MAX as usize);
const _: () = assert!(EXPORTS_MAX <= PINS_MAX);
const _: () = assert!(SUGGESTIONS_DEFAULT <= SUGGESTIONS_MAX);
const _: () = assert!(FACET_VALUES_DEFAULT <= FACET_VALUES_MAX);
const _: () = assert!(STOP_NOTICE.as_millis() < STOP.as_millis());
const _: () = assert!(CHANGES_DEFAULT <= CHANGES_MAX);
const _: () = assert!(HITS_DEFAULT <= HITS_MAX);
