//! Sentences of a text. Owns where one ends and which lines belong together.

use crate::skills::is_flat;

use super::Line;

/// A sentence or an item of a list. It may run over the end of a line that was
/// broken by its width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// First byte.
    pub start: u32,
    /// The byte behind the last.
    pub end: u32,
}

/// Shorter lines end a sentence even where the next begins with a small letter.
const WRAPPED_BYTES_MIN: usize = 45;

/// The sentences of a text, in order: its lines cut at stops and at the signs of
/// lists, lines broken by their width put together.
pub(super) fn sentences(text: &str, lines: &[Line]) -> Vec<Sentence> {
    let flat = is_flat(text);
    let mut out: Vec<Sentence> = Vec::with_capacity(lines.len() * 2);
    let mut joined = false;
    for (at, line) in lines.iter().enumerate() {
        let written = text
            .get(line.start as usize..line.end as usize)
            .unwrap_or("");
        let mut from = line.start;
        for cut in cuts(written, flat) {
            let end = line.start + cut as u32;
            add(&mut out, from, end, &mut joined);
            from = end;
        }
        add(&mut out, from, line.end, &mut joined);
        let next = lines
            .get(at + 1)
            .filter(|next| !next.heading && next.section == line.section);
        let small = next
            .and_then(|next| text.get(next.start as usize..))
            .is_some_and(|rest| rest.starts_with(char::is_lowercase));
        joined = small
            && !flat
            && !line.heading
            && written.len() >= WRAPPED_BYTES_MIN
            && !written.ends_with(['.', '!', '?', ';', ':']);
    }
    out
}

fn add(out: &mut Vec<Sentence>, start: u32, end: u32, joined: &mut bool) {
    if start >= end {
        return;
    }
    match out.last_mut() {
        Some(last) if *joined => last.end = end,
        _ => out.push(Sentence { start, end }),
    }
    *joined = false;
}

/// Where a line is cut into sentences, in order.
fn cuts(line: &str, flat: bool) -> impl Iterator<Item = usize> {
    let bytes = line.as_bytes();
    (1..bytes.len()).filter(move |&at| {
        let (last, here) = (bytes[at - 1], bytes[at]);
        if !line.is_char_boundary(at) {
            return false;
        }
        if here == 0xe2 || here == 0xc2 {
            let rest = line.get(at..).unwrap_or("");
            return rest.starts_with(['•', '●', '▪', '◦', '·', '‣']);
        }
        if last != b' ' || here == b' ' {
            return false;
        }
        let stop = bytes.get(at.wrapping_sub(2)).copied().unwrap_or(b' ');
        let begins = !here.is_ascii_lowercase();
        match stop {
            b'.' | b'!' | b'?' => begins && !is_short_form(line, at - 2),
            b';' => true,
            b' ' => begins || flat,
            b'-' | b'*' => {
                begins
                    && bytes
                        .get(at.wrapping_sub(3))
                        .is_none_or(|&byte| byte == b' ')
            }
            _ => false,
        }
    })
}

/// Whether a stop is one of `e.g.`, `J. Smith` and the like.
fn is_short_form(line: &str, stop: usize) -> bool {
    let before = line.get(..stop).unwrap_or("");
    let word = before.rsplit([' ', '(']).next().unwrap_or("");
    word.len() == 1 && !word.starts_with(|letter: char| letter.is_ascii_digit())
        || matches!(
            word,
            "e.g" | "i.e" | "Mr" | "Ms" | "Dr" | "St" | "vs" | "Sr" | "Jr" | "approx" | "incl"
        )
}
