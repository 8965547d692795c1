//! Evidence beside documents that are shown masked, as blind answers show them.
//! Owns the way from a place in a string to the same place in what is shown of it;
//! what is masked is `tandem_index::privacy`'s.

use serde_json::Value;

use super::{Evidence, Span, Text};

/// What stands for a cut in a shown text.
const MARKS: [&str; 6] = [
    "[name]",
    "[contact]",
    "[date]",
    "[age]",
    "[personal]",
    "[photo]",
];

/// One of both documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    /// The source.
    Source,
    /// The hit's.
    Document,
}

impl Evidence {
    /// Fits spans and texts of one document to what is shown of it: `raw` is the
    /// document as it is stored, `shown` the same with its cuts masked. Spans of what
    /// is not shown, or cannot be placed, are left out.
    pub(super) fn show(&mut self, which: Which, raw: &Value, shown: &Value) {
        for line in &mut self.lines {
            let spans = match which {
                Which::Source => &mut line.source,
                Which::Document => &mut line.document,
            };
            spans.retain_mut(|span| fit(span, raw, shown));
        }
        let texts = match which {
            Which::Source => &mut self.source,
            Which::Document => &mut self.document,
        };
        let keep =
            |text: &mut Text| match (raw.pointer(&text.pointer), shown.pointer(&text.pointer)) {
                (_, Some(Value::String(shown))) => {
                    shown.clone_into(&mut text.text);
                    true
                }
                (raw, shown) => raw == shown,
            };
        if let Some(texts) = texts {
            texts.texts.retain_mut(keep);
        }
    }
}

// Whether a span can be shown, placed anew.
fn fit(span: &mut Span, raw: &Value, shown: &Value) -> bool {
    let (before, after) = (raw.pointer(&span.pointer), shown.pointer(&span.pointer));
    if before == after {
        return true;
    }
    let (Some(before), Some(after)) = (
        before.and_then(Value::as_str),
        after.and_then(Value::as_str),
    ) else {
        return false;
    };
    let Some((start, end)) = span.bytes else {
        return false;
    };
    let placed = place(before, after, start as usize, end as usize);
    let Some(from) = placed else {
        return false;
    };
    let Some(ahead) = after.get(..from) else {
        return false;
    };
    let units = ahead.encode_utf16().count() as u32;
    let width = span.text.encode_utf16().count() as u32;
    span.bytes = Some((from as u32, from as u32 + (end - start)));
    span.utf16 = Some((units, units + width));
    true
}

// Where bytes of a text stand in it when cuts of it are masked. Between the marks
// it is the same, piece by piece in order.
fn place(raw: &str, shown: &str, start: usize, end: usize) -> Option<usize> {
    let (mut at, mut behind) = (0, 0);
    while behind < shown.len() {
        let rest = shown.get(behind..)?;
        if let Some(mark) = MARKS.iter().find(|mark| rest.starts_with(**mark)) {
            behind += mark.len();
            continue;
        }
        let marks = MARKS.iter().filter_map(|mark| rest.find(mark));
        let piece = rest.get(..marks.min().unwrap_or(rest.len()))?;
        let is_last = behind + piece.len() == shown.len();
        let from = if behind == 0 {
            0
        } else if is_last {
            raw.len()
                .checked_sub(piece.len())
                .filter(|from| *from >= at)?
        } else {
            at + raw.get(at..)?.find(piece)?
        };
        if raw.get(from..from + piece.len())? != piece {
            return None;
        }
        if from <= start && end <= from + piece.len() {
            return Some(behind + start - from);
        }
        at = from + piece.len();
        behind += piece.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn spans_stand_where_their_words_are_between_the_marks() {
        let raw = "Ada Example, nurse. Mail ada@example.org. Born 1990. Speaks German";
        let shown = "[name], nurse. Mail [contact]. Born [date]. Speaks German";
        for word in ["nurse", "Mail", "Born", "Speaks", "German"] {
            let start = raw.find(word).unwrap();
            let found = place(raw, shown, start, start + word.len());
            assert_eq!(found, shown.find(word), "{word}");
        }
        for cut in ["Ada", "example.org", "1990"] {
            let start = raw.find(cut).unwrap();
            assert_eq!(place(raw, shown, start, start + cut.len()), None, "{cut}");
        }
        assert_eq!(place("abc", "something else", 0, 1), None);
        assert_eq!(place("abc", "", 0, 1), None);
    }
}
