//! The word rules of docs/analysis.md on one normalised piece of text. Owns the
//! lists of special forms; knows nothing of folding or original offsets.

use std::ops::Range;

use unicode_normalization::char::is_combining_mark;

use super::segment;

/// A word: its bytes in the piece and, where the word is not those bytes, its
/// text.
pub(super) struct Found<'a> {
    pub(super) range: Range<usize>,
    rewritten: Option<&'a str>,
}

impl<'a> Found<'a> {
    /// The word's text, case and accents as written.
    pub(super) fn text(&self, piece: &'a str) -> &'a str {
        self.rewritten
            .unwrap_or_else(|| piece.get(self.range.clone()).unwrap_or(""))
    }
}

/// A run and what its neighbours made of it.
enum Form {
    /// The run is the word.
    Plain,
    /// The bytes up to `end` are the word, as they stand.
    Until(usize),
    /// The bytes up to `end` are the word, without this sign.
    Without(usize, char),
    /// The word ends with the run; reading goes on at `next`.
    Dropped(usize),
    /// An elided article: no word, reading goes on at `next`.
    Elided(usize),
}

const GLUED_SLASHES: [&str; 14] = [
    "tcp/ip", "pl/sql", "a/b", "i/o", "n/a", "a/p", "a/r", "p/l", "s/4hana", "s/4", "r/3", "z/os",
    "os/2", "24/7",
];
const DEGREES: [&str; 21] = [
    "ph.d", "b.sc", "m.sc", "b.tech", "m.tech", "b.com", "m.com", "b.ed", "m.ed", "ed.d", "b.eng",
    "m.eng", "m.phil", "d.phil", "b.pharm", "m.pharm", "pharm.d", "ll.b", "ll.m", "b.arch",
    "dr.med",
];
const DOT_NETS: [&str; 4] = ["asp", "vb", "ado", "ml"];
const SHARPS: [&str; 4] = ["c", "f", "q", "j"];
const ELIDED: [&str; 19] = [
    "l", "d", "j", "m", "n", "s", "t", "c", "qu", "jusqu", "lorsqu", "puisqu", "dell", "all",
    "nell", "sull", "dall", "un", "gl",
];
const ENDINGS: [&str; 6] = ["s", "re", "ll", "ve", "d", "m"];
const PLUS_LETTERS_MAX: usize = 12;

/// Calls `emit` for every word of a piece, in order.
pub(super) fn scan(piece: &str, emit: &mut impl FnMut(&Found)) {
    let mut scratch = String::new();
    let mut at = 0;
    while at < piece.len() {
        if dot_net(piece, at) {
            emit(&Found {
                range: at..at + 4,
                rewritten: None,
            });
            at += 4;
            continue;
        }
        let end = run_end(piece, at);
        if end == at || !starts_word(piece, at) {
            at += piece
                .get(at..)
                .and_then(|rest| rest.chars().next())
                .map_or(1, char::len_utf8);
            continue;
        }
        let form = form(piece, at..end);
        at = match form {
            Form::Plain => run(piece, at..end, emit),
            Form::Dropped(next) => run(piece, at..end, emit).max(next),
            Form::Elided(next) => next,
            Form::Until(until) => {
                emit(&Found {
                    range: at..until,
                    rewritten: None,
                });
                until
            }
            Form::Without(until, sign) => {
                scratch.clear();
                let bytes = piece.get(at..until).unwrap_or("");
                scratch.extend(bytes.chars().filter(|letter| *letter != sign));
                emit(&Found {
                    range: at..until,
                    rewritten: Some(&scratch),
                });
                until
            }
        };
    }
}

/// Emits a plain run, cut by dictionary where its script has no blanks.
fn run(piece: &str, range: Range<usize>, emit: &mut impl FnMut(&Found)) -> usize {
    let end = range.end;
    let text = piece.get(range.clone()).unwrap_or("");
    if text.is_ascii() || !text.chars().any(segment::is_unspaced) {
        emit(&Found {
            range,
            rewritten: None,
        });
        return end;
    }
    let mut start = range.start;
    while let Some((part_end, unspaced)) = script_end(piece, start..end) {
        if unspaced {
            let part = piece.get(start..part_end).unwrap_or("");
            segment::for_each(part, &mut |word| {
                let range = start + word.start..start + word.end;
                emit(&Found {
                    range,
                    rewritten: None,
                });
            });
        } else {
            emit(&Found {
                range: start..part_end,
                rewritten: None,
            });
        }
        start = part_end;
    }
    end
}

/// The end of the part that starts the run and is all unspaced, or all not;
/// marks belong to the letter before them.
fn script_end(piece: &str, range: Range<usize>) -> Option<(usize, bool)> {
    let text = piece.get(range.clone())?;
    let unspaced = segment::is_unspaced(text.chars().next()?);
    let end = text
        .char_indices()
        .find(|&(_, letter)| segment::is_unspaced(letter) != unspaced && !is_combining_mark(letter))
        .map_or(range.end, |(at, _)| range.start + at);
    Some((end, unspaced))
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || is_combining_mark(letter)
}

/// The first byte at or after `from` that is of no word letter.
fn run_end(piece: &str, from: usize) -> usize {
    let mut end = from;
    while let Some(&byte) = piece.as_bytes().get(end) {
        if byte.is_ascii_alphanumeric() {
            end += 1;
        } else if byte < 0x80 {
            break;
        } else {
            let letter = piece.get(end..).and_then(|rest| rest.chars().next());
            let Some(letter) = letter.filter(|&letter| is_word(letter)) else {
                break;
            };
            end += letter.len_utf8();
        }
    }
    end
}

fn starts_word(piece: &str, at: usize) -> bool {
    let letter = piece.get(at..).and_then(|rest| rest.chars().next());
    letter.is_some_and(char::is_alphanumeric)
}

fn listed(list: &[&str], text: &str) -> bool {
    list.iter().any(|entry| entry.eq_ignore_ascii_case(text))
}

/// `.net` at `at`: at the start of a word, or in capitals after one.
fn dot_net(piece: &str, at: usize) -> bool {
    let bytes = piece.as_bytes();
    let glued = at.checked_sub(1).and_then(|before| bytes.get(before));
    let glued = glued.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte >= 0x80);
    match bytes.get(at..at + 4) {
        Some(b".NET") => run_end(piece, at + 1) == at + 4,
        Some(text) => {
            !glued && text.eq_ignore_ascii_case(b".net") && run_end(piece, at + 1) == at + 4
        }
        None => false,
    }
}

/// What the sign after a run makes of it.
fn form(piece: &str, run: Range<usize>) -> Form {
    let Some(sign) = piece.as_bytes().get(run.end) else {
        return Form::Plain;
    };
    let head = piece.get(run.clone()).unwrap_or("");
    let next = run.end + 1..run_end(piece, run.end + 1);
    let tail = piece.get(next.clone()).unwrap_or("");
    match sign {
        b'+' => plus(piece, head, run.end),
        b'#' if listed(&SHARPS, head) && tail.is_empty() => Form::Until(run.end + 1),
        b'\'' => apostrophe(head, tail, &next),
        _ if tail.is_empty() => Form::Plain,
        b'.' => point(piece, run, head, tail, next),
        b'&' if is_pair(head, tail) => Form::Until(next.end),
        b'/' if listed(&GLUED_SLASHES, piece.get(run.start..next.end).unwrap_or("")) => {
            Form::Until(next.end)
        }
        b',' => thousands(piece, head, run.end),
        b'-' if head.eq_ignore_ascii_case("e")
            && tail.len() >= 3
            && tail.bytes().all(|byte| byte.is_ascii_alphabetic()) =>
        {
            Form::Without(next.end, '-')
        }
        _ => Form::Plain,
    }
}

/// `c++`, `c++17`.
fn plus(piece: &str, head: &str, end: usize) -> Form {
    let bytes = piece.as_bytes();
    let doubled = bytes.get(end + 1) == Some(&b'+');
    let starts = head
        .bytes()
        .next()
        .is_some_and(|byte| byte.is_ascii_alphabetic());
    let rest = piece.get(end + 2..).and_then(|rest| rest.chars().next());
    if doubled
        && starts
        && head.len() <= PLUS_LETTERS_MAX
        && rest.is_none_or(|letter| letter.is_ascii_digit() || !is_word(letter))
    {
        Form::Until(end + 2)
    } else {
        Form::Plain
    }
}

fn apostrophe(head: &str, tail: &str, next: &Range<usize>) -> Form {
    let letter = |text: &str, last: bool| {
        let letter = if last {
            text.chars().next_back()
        } else {
            text.chars().next()
        };
        letter.is_some_and(|letter| letter.is_alphabetic() || is_combining_mark(letter))
    };
    if !letter(head, true) || !letter(tail, false) {
        Form::Plain
    } else if listed(&ENDINGS, tail) {
        Form::Dropped(next.end)
    } else if listed(&ELIDED, head) {
        Form::Elided(next.start)
    } else {
        Form::Without(next.end, '\'')
    }
}

fn point(piece: &str, run: Range<usize>, head: &str, tail: &str, next: Range<usize>) -> Form {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let whole = piece.get(run.start..next.end).unwrap_or("");
    if let Some(end) = acronym(piece, run) {
        Form::Without(end, '.')
    } else if listed(&DEGREES, whole) {
        Form::Without(next.end, '.')
    } else if tail
        .bytes()
        .next()
        .is_some_and(|byte| byte.is_ascii_digit())
        && digits(head.strip_prefix(['v', 'V']).unwrap_or(head))
    {
        Form::Until(number_end(piece, next.end, digits(tail)))
    } else if tail.eq_ignore_ascii_case("js")
        || tail == "io"
        || tail == "ai"
        || tail.eq_ignore_ascii_case("net") && listed(&DOT_NETS, head)
    {
        Form::Until(next.end)
    } else {
        Form::Plain
    }
}

/// `1.2.3`: further groups of a number that has been digits so far.
fn number_end(piece: &str, from: usize, digits: bool) -> usize {
    let mut end = from;
    while digits && piece.as_bytes().get(end) == Some(&b'.') {
        let next = run_end(piece, end + 1);
        let group = piece.get(end + 1..next).unwrap_or("");
        if group.is_empty() || !group.bytes().all(|byte| byte.is_ascii_digit()) {
            break;
        }
        end = next;
    }
    end
}

/// The end of `U.S.A` from a run of one letter, without the last point.
fn acronym(piece: &str, run: Range<usize>) -> Option<usize> {
    let bytes = piece.as_bytes();
    let single = |at: usize| {
        bytes.get(at).is_some_and(u8::is_ascii_alphabetic) && run_end(piece, at) == at + 1
    };
    if !single(run.start) {
        return None;
    }
    let mut end = run.end;
    while bytes.get(end) == Some(&b'.') && single(end + 1) {
        end += 2;
    }
    (end > run.end).then_some(end)
}

/// `r&d`, `at&t`.
fn is_pair(head: &str, tail: &str) -> bool {
    let letters = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphabetic());
    letters(head) && letters(tail) && head.len() + tail.len() <= 3
}

/// `80,000`, `1,250,000k`.
fn thousands(piece: &str, head: &str, end: usize) -> Form {
    if head.len() > 3 || !head.bytes().all(|byte| byte.is_ascii_digit()) {
        return Form::Plain;
    }
    let bytes = piece.as_bytes();
    let mut until = end;
    while bytes.get(until) == Some(&b',') {
        let next = run_end(piece, until + 1);
        let group = bytes.get(until + 1..next).unwrap_or(&[]);
        let (digits, unit) = group.split_at(group.len().min(3));
        let is_group = digits.len() == 3
            && digits.iter().all(u8::is_ascii_digit)
            && unit.iter().all(u8::is_ascii_alphabetic);
        if !is_group {
            break;
        }
        until = next;
    }
    if until == end {
        Form::Plain
    } else {
        Form::Without(until, ',')
    }
}
