//! Text in any common encoding as UTF-8. Owns telling which it is. What cannot
//! be decoded becomes a byte UTF-8 does not have, so that the record it stands
//! in is rejected instead of changed.

use std::io::{self, Read};
use std::sync::{Arc, OnceLock};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// Stands for what could not be decoded: never a byte of UTF-8.
const UNDECODED: u8 = 0xFF;
/// Bytes read from the source at a time.
const CHUNK_BYTES: usize = 64 << 10;
/// Bytes that are looked at to tell a legacy encoding.
const DETECT_BYTES: usize = 256 << 10;

/// Which encoding a source turned out to be in; nothing yet while all of it
/// was ASCII.
pub(super) type Found = Arc<OnceLock<&'static str>>;

/// A source as UTF-8.
pub(super) struct Decoded {
    input: Box<dyn Read + Send>,
    found: Found,
    state: State,
    /// Source bytes that are not decoded yet.
    raw: Vec<u8>,
    /// UTF-8 that is not read yet.
    ready: Vec<u8>,
    read: usize,
    ended: bool,
    failure: Option<io::Error>,
}

enum State {
    /// Nothing was read.
    Start,
    /// Everything so far was ASCII.
    Ascii,
    /// UTF-8: passed on as it is, records are checked one by one.
    Utf8,
    /// Something else.
    Other(Box<Decoder>),
}

impl Decoded {
    pub(super) fn new(input: Box<dyn Read + Send>, found: Found) -> Self {
        Self {
            input,
            found,
            state: State::Start,
            raw: Vec::new(),
            ready: Vec::new(),
            read: 0,
            ended: false,
            failure: None,
        }
    }

    /// Reads until so many source bytes are held, or all there are. A failure
    /// comes behind what was read before it.
    fn hold(&mut self, bytes: usize) {
        while self.raw.len() < bytes && !self.ended {
            let held = self.raw.len();
            self.raw.resize(held + CHUNK_BYTES, 0);
            let room = self.raw.get_mut(held..).unwrap_or_default();
            let read = match self.input.read(room) {
                Ok(read) => read,
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {
                    self.raw.truncate(held);
                    continue;
                }
                Err(cause) => {
                    self.failure = Some(cause);
                    0
                }
            };
            self.raw.truncate(held + read);
            self.ended = read == 0;
        }
    }

    fn name(&self, encoding: &'static Encoding) {
        // The first name stays: later states only follow from it.
        let _kept = self.found.set(encoding.name());
    }

    /// Makes more UTF-8 of the source.
    fn refill(&mut self) {
        self.ready.clear();
        self.read = 0;
        self.hold(if matches!(self.state, State::Start) {
            4
        } else {
            1
        });
        if matches!(self.state, State::Start) {
            self.start();
        }
        if matches!(self.state, State::Ascii) && !self.raw.is_ascii() {
            self.leave_ascii();
        }
        match &mut self.state {
            State::Start | State::Ascii | State::Utf8 => {
                std::mem::swap(&mut self.ready, &mut self.raw);
            }
            State::Other(decoder) => {
                decode(decoder, &self.raw, &mut self.ready, self.ended);
                self.raw.clear();
            }
        }
    }

    /// Looks for a byte order mark, or for UTF-16 without one.
    fn start(&mut self) {
        if let Some((encoding, mark)) = Encoding::for_bom(&self.raw) {
            self.raw.drain(..mark);
            self.name(encoding);
            self.state = if encoding == UTF_8 {
                State::Utf8
            } else {
                State::Other(Box::new(encoding.new_decoder_without_bom_handling()))
            };
            return;
        }
        if let Some(encoding) = utf16_without_mark(&self.raw) {
            self.name(encoding);
            self.state = State::Other(Box::new(encoding.new_decoder_without_bom_handling()));
            return;
        }
        self.state = State::Ascii;
    }

    /// The first byte that is not ASCII: which encoding is it?
    fn leave_ascii(&mut self) {
        self.hold(DETECT_BYTES);
        let is_utf8 = match std::str::from_utf8(&self.raw) {
            Ok(_) => true,
            // A character cut off where the bytes end, or one bad byte in much
            // that is good: a slip in UTF-8, not another encoding.
            Err(cause) => (cause.error_len().is_none() && !self.ended) || mostly_utf8(&self.raw),
        };
        if is_utf8 {
            self.name(UTF_8);
            self.state = State::Utf8;
            return;
        }
        let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
        detector.feed(&self.raw, self.ended);
        let encoding = detector.guess(None, Utf8Detection::Deny);
        self.name(encoding);
        self.state = State::Other(Box::new(encoding.new_decoder_without_bom_handling()));
    }
}

impl Read for Decoded {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        while self.read == self.ready.len() {
            if self.ended && self.raw.is_empty() {
                return self.failure.take().map_or(Ok(0), Err);
            }
            self.refill();
        }
        let rest = self.ready.get(self.read..).unwrap_or_default();
        let bytes = rest.len().min(room.len());
        if let (Some(room), Some(rest)) = (room.get_mut(..bytes), rest.get(..bytes)) {
            room.copy_from_slice(rest);
        }
        self.read += bytes;
        Ok(bytes)
    }
}

/// Decodes; what is malformed becomes [`UNDECODED`].
fn decode(decoder: &mut Decoder, mut raw: &[u8], ready: &mut Vec<u8>, last: bool) {
    loop {
        let held = ready.len();
        let room = decoder
            .max_utf8_buffer_length_without_replacement(raw.len())
            .unwrap_or(raw.len().saturating_mul(3) + 16);
        ready.resize(held + room, 0);
        let (result, read, written) = decoder.decode_to_utf8_without_replacement(
            raw,
            ready.get_mut(held..).unwrap_or_default(),
            last,
        );
        ready.truncate(held + written);
        raw = raw.get(read..).unwrap_or_default();
        match result {
            DecoderResult::InputEmpty => return,
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(_, _) => ready.push(UNDECODED),
        }
    }
}

/// Whether bad bytes are rare among the characters that are not ASCII.
fn mostly_utf8(bytes: &[u8]) -> bool {
    let (mut good, mut bad) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    good >= 10 * bad.max(1)
}

/// UTF-16 by where its zero bytes are: text of mostly Latin letters has one in
/// every other place.
fn utf16_without_mark(raw: &[u8]) -> Option<&'static Encoding> {
    let sample = raw.get(..raw.len().min(4_096)).unwrap_or_default();
    if sample.len() < 4 {
        return None;
    }
    let zeros = |odd: usize| {
        sample
            .iter()
            .skip(odd)
            .step_by(2)
            .filter(|byte| **byte == 0)
            .count()
    };
    let (even, odd, pairs) = (zeros(0), zeros(1), sample.len() / 2);
    // A third of the characters, and hardly any on the other side.
    if odd * 3 > pairs && even * 20 < pairs {
        Some(UTF_16LE)
    } else if even * 3 > pairs && odd * 20 < pairs {
        Some(UTF_16BE)
    } else {
        None
    }
}
