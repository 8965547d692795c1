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
/// Bytes UTF-16 without a mark is told from.
const UTF16_BYTES: usize = 4 << 10;

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
            UTF16_BYTES
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
        let mut is_utf8 = match std::str::from_utf8(&self.raw) {
            Ok(_) => true,
            // A character cut off where the bytes end.
            Err(cause) => cause.error_len().is_none() && !self.ended,
        };
        let mut encoding = UTF_8;
        if !is_utf8 {
            let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
            detector.feed(&self.raw, self.ended);
            encoding = detector.guess(None, Utf8Detection::Deny);
            is_utf8 = is_mixed(&self.raw, encoding);
        }
        if is_utf8 {
            self.name(UTF_8);
            self.state = State::Utf8;
            return;
        }
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

/// Encodings of Latin letters, one byte each.
const LATIN: [&str; 12] = [
    "windows-1252",
    "windows-1250",
    "windows-1254",
    "windows-1257",
    "windows-1258",
    "ISO-8859-2",
    "ISO-8859-3",
    "ISO-8859-4",
    "ISO-8859-10",
    "ISO-8859-13",
    "ISO-8859-14",
    "ISO-8859-16",
];

/// Whether text that is not all UTF-8 is UTF-8 with rows in another encoding,
/// rather than all of it in `encoding`. Read as UTF-8, the odd rows are rejected;
/// read as the other, the good ones would be changed and nobody told.
fn is_mixed(bytes: &[u8], encoding: &'static Encoding) -> bool {
    let is_latin = LATIN.contains(&encoding.name());
    let (mut good, mut bad) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        // In a Latin encoding the `ÓŁ` of SPÓŁKA is a character of UTF-8 by
        // chance, of another script; those of Latin scripts and punctuation
        // begin with two letters and signs no word has.
        let counts = |c: &char| {
            !c.is_ascii() && (!is_latin || matches!(c, '\u{80}'..='\u{17f}' | '\u{800}'..))
        };
        good += chunk.valid().chars().filter(counts).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    // Where letters have two bytes, or come from all of the upper half, chance
    // makes many.
    let chance = if is_latin { bad / 20 } else { bad };
    good > chance
}

/// UTF-16 by where its zero bytes are.
fn utf16_without_mark(raw: &[u8]) -> Option<&'static Encoding> {
    let sample = raw.get(..raw.len().min(UTF16_BYTES)).unwrap_or_default();
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
    // Latin letters have one in every other place: a third of the characters,
    // and hardly any on the other side.
    if odd * 3 > pairs && even * 20 < pairs {
        Some(UTF_16LE)
    } else if even * 3 > pairs && odd * 20 < pairs {
        Some(UTF_16BE)
    } else if odd > 0 && even == 0 && is_utf16(sample, u16::from_le_bytes) {
        Some(UTF_16LE)
    } else if even > 0 && odd == 0 && is_utf16(sample, u16::from_be_bytes) {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// Whether bytes with few zeros are UTF-16 all the same, as Japanese is: line
/// feeds have two bytes, surrogates come in pairs, and UTF-8 it is not.
fn is_utf16(sample: &[u8], unit: fn([u8; 2]) -> u16) -> bool {
    let units = || {
        sample
            .chunks_exact(2)
            .filter_map(|pair| Some(unit(pair.try_into().ok()?)))
    };
    let wrong = char::decode_utf16(units()).filter(Result::is_err).count();
    let is_utf8 =
        std::str::from_utf8(sample).map_or_else(|cause| cause.error_len().is_none(), |_| true);
    // The last of the sample may be half a pair.
    units().any(|unit| unit == u16::from(b'\n')) && wrong <= 1 && !is_utf8
}
