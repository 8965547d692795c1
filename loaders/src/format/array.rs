//! JSON that is not a line a record: one array, an array somewhere in an
//! object, or objects one after another. Owns finding the elements without
//! holding more than one; what an element says is left to the JSON parser.

use std::io;

use super::text::{Piece, broken, check, too_large};
use super::window::Window;
use crate::record::Reject;

/// Elements of a source.
pub(super) struct Elements {
    window: Window,
    /// Line ends before the window.
    lines: u64,
    bytes_max: usize,
    state: State,
    /// Members that lead to the array.
    path: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Start,
    /// In the array, before its first element.
    First,
    /// In the array, behind an element.
    Behind,
    /// Values one after another.
    Values,
    Done,
}

/// Why there is no further element.
enum Stop {
    Io(io::Error),
    /// The JSON ends in its middle.
    Cut,
    /// It is not what it must be.
    Odd(String),
    /// One element is too long; it was passed over.
    TooLarge(u64),
}

impl From<io::Error> for Stop {
    fn from(cause: io::Error) -> Self {
        Self::Io(cause)
    }
}

impl Elements {
    /// `path` are the members that lead to the array, with dots between them.
    pub(super) fn new(window: Window, bytes_max: usize, path: Option<&str>) -> Self {
        let path = path.map_or_else(Vec::new, |path| {
            path.split('.').map(str::to_owned).collect()
        });
        Self {
            window,
            lines: 0,
            bytes_max,
            state: State::Start,
            path,
        }
    }

    fn advance(&mut self, bytes: usize) {
        let gone = self.window.bytes().get(..bytes).unwrap_or_default();
        self.lines += memchr::memchr_iter(b'\n', gone).count() as u64;
        self.window.advance(bytes);
    }

    /// The next byte that is not white space, not used up.
    fn peek(&mut self) -> io::Result<Option<u8>> {
        loop {
            let held = self.window.bytes();
            if let Some(place) = held.iter().position(|byte| !byte.is_ascii_whitespace()) {
                self.advance(place);
                return Ok(self.window.bytes().first().copied());
            }
            let held = held.len();
            self.advance(held);
            if !self.window.more()? {
                return Ok(None);
            }
        }
    }

    fn expect(&mut self, wanted: u8, where_: &str) -> Result<(), Stop> {
        match self.peek()? {
            Some(found) if found == wanted => {
                self.advance(1);
                Ok(())
            }
            Some(_) => Err(Stop::Odd(format!(
                "expected {} {where_}",
                char::from(wanted)
            ))),
            None => Err(Stop::Cut),
        }
    }

    /// The value that begins at the next byte. `None` when it is not kept.
    fn value(&mut self, keep: bool) -> Result<Option<Piece>, Stop> {
        self.peek()?.ok_or(Stop::Cut)?;
        let number = self.lines + 1;
        let mut scan = Scan::default();
        let mut searched = 0;
        let mut too_large = false;
        loop {
            let held = self.window.bytes();
            let end = scan.end(held.get(searched..).unwrap_or_default());
            searched = held.len();
            if let Some(end) = end.map(|end| scan.base + end) {
                let piece = (keep && !too_large && end <= self.bytes_max).then(|| Piece {
                    number,
                    bytes: held.get(..end).unwrap_or_default().to_vec(),
                });
                self.advance(end);
                return if keep && piece.is_none() {
                    Err(Stop::TooLarge(number))
                } else {
                    Ok(piece)
                };
            }
            too_large |= searched > self.bytes_max;
            scan.base = searched;
            if too_large || !keep {
                self.advance(searched);
                searched = 0;
                scan.base = 0;
            }
            if !self.window.more()? {
                return if scan.ends_at_the_end() && searched > 0 {
                    let bytes = self.window.bytes().to_vec();
                    self.advance(searched);
                    Ok(keep.then_some(Piece { number, bytes }))
                } else {
                    Err(Stop::Cut)
                };
            }
        }
    }

    /// Goes to the array.
    fn start(&mut self) -> Result<State, Stop> {
        for name in std::mem::take(&mut self.path) {
            self.expect(b'{', &format!("around the member {name}"))?;
            loop {
                if self.peek()? == Some(b'}') {
                    return Err(Stop::Odd(format!("there is no member {name}")));
                }
                let key = self.value(true)?.map(|piece| piece.bytes);
                self.expect(b':', "behind a member's name")?;
                let key = key.and_then(|key| serde_json::from_slice::<String>(&key).ok());
                if key.as_deref() == Some(&name) {
                    break;
                }
                self.value(false)?;
                match self.peek()? {
                    Some(b',') => self.advance(1),
                    Some(b'}') => {}
                    Some(_) => return Err(Stop::Odd("expected , or } behind a member".to_owned())),
                    None => return Err(Stop::Cut),
                }
            }
        }
        match self.peek()? {
            Some(b'[') => {
                self.advance(1);
                Ok(State::First)
            }
            Some(_) => Ok(State::Values),
            None => Ok(State::Done),
        }
    }

    /// The next element; `None` behind the last one.
    fn element(&mut self) -> Result<Option<Piece>, Stop> {
        if self.state == State::Start {
            self.state = self.start()?;
        }
        match (self.state, self.peek()?) {
            (State::Done, _) | (State::Values, None) => return Ok(None),
            (State::First | State::Behind, Some(b']')) => {
                self.advance(1);
                self.state = State::Done;
                return Ok(None);
            }
            (State::First | State::Behind, None) => return Err(Stop::Cut),
            (State::Behind, Some(b',')) => self.advance(1),
            (State::Behind, Some(_)) => {
                let what = "expected , or ] behind an element";
                return Err(Stop::Odd(what.to_owned()));
            }
            (State::First, Some(_)) => self.state = State::Behind,
            (State::Start | State::Values, _) => {}
        }
        match self.peek()? {
            Some(b',' | b']' | b'}' | b':') => Err(Stop::Odd("expected an element".to_owned())),
            Some(_) => self.value(true),
            None => Err(Stop::Cut),
        }
    }
}

impl Iterator for Elements {
    type Item = Result<Piece, Reject>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.state == State::Done {
            return None;
        }
        let stop = match self.element() {
            Ok(Some(piece)) => {
                return Some(
                    check(piece.number, &piece.bytes)
                        .map(|_text| ())
                        .map(|()| piece),
                );
            }
            Ok(None) => {
                self.state = State::Done;
                return None;
            }
            Err(Stop::TooLarge(number)) => return Some(Err(too_large(number, self.bytes_max))),
            Err(stop) => stop,
        };
        self.state = State::Done;
        let line = self.lines + 1;
        Some(Err(match stop {
            Stop::Io(cause) => broken(line, &cause),
            Stop::Odd(what) => Reject::new(
                line,
                "broken_json",
                format!("{what}; the rest cannot be read"),
            ),
            Stop::Cut | Stop::TooLarge(_) => Reject::new(
                line,
                "truncated",
                "the JSON ends in its middle; what was before it is read",
            ),
        }))
    }
}

/// A search for the end of a value, over several stretches of bytes.
#[derive(Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a scanner's state is what it is in"
)]
struct Scan {
    /// Bytes of the value before the stretch.
    base: usize,
    depth: u64,
    in_string: bool,
    escaped: bool,
    begun: bool,
    scalar: bool,
}

impl Scan {
    /// The place behind the value's last byte in this stretch.
    fn end(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut place = 0;
        while let Some(byte) = bytes.get(place).copied() {
            place += 1;
            if self.in_string {
                if self.escaped {
                    self.escaped = false;
                    continue;
                }
                let rest = bytes.get(place - 1..).unwrap_or_default();
                let next = memchr::memchr2(b'"', b'\\', rest)?;
                place += next;
                if rest.get(next) == Some(&b'\\') {
                    self.escaped = true;
                } else {
                    self.in_string = false;
                    if self.depth == 0 {
                        return Some(place);
                    }
                }
                continue;
            }
            match byte {
                b'"' | b'{' | b'[' if self.scalar => return Some(place - 1),
                b'"' => self.in_string = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' if self.depth > 1 => self.depth -= 1,
                b'}' | b']' if self.depth == 1 => return Some(place),
                b'}' | b']' | b',' | b':' if self.depth == 0 => return Some(place - 1),
                _ if self.depth == 0 && byte.is_ascii_whitespace() && self.begun => {
                    return Some(place - 1);
                }
                _ if self.depth == 0 => self.scalar = true,
                _ => {}
            }
            self.begun = true;
        }
        None
    }

    /// Whether the end of the source ends the value too.
    fn ends_at_the_end(&self) -> bool {
        self.scalar && self.depth == 0 && !self.in_string
    }
}
