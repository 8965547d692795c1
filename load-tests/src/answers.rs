//! Answers of the bulk route. Owns how they are counted and when they are those
//! of what was sent; reads no socket.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde_json::Value;

use crate::error::Error;

const ANSWER_LINE_BYTES_MAX: usize = 1 << 20;
/// Rejected lines that are shown.
const SHOWN_MAX: usize = 10;

/// Answer lines, counted as they come.
#[derive(Default)]
pub(crate) struct Answers {
    partial: Vec<u8>,
    /// Lines of the file in front of this request.
    lines_before: u64,
    pub(crate) results: BTreeMap<String, u64>,
    pub(crate) codes: BTreeMap<String, u64>,
    pub(crate) rejected: u64,
    pub(crate) shown: Vec<String>,
    counted: u64,
    summary_lines: Option<u64>,
    /// Sequence token of the last request.
    pub(crate) sequence: Option<String>,
}

impl Answers {
    pub(crate) fn begin(&mut self, lines_before: u64) {
        self.lines_before = lines_before;
        self.counted = 0;
        self.summary_lines = None;
        self.partial.clear();
    }

    pub(crate) fn total(&self) -> u64 {
        self.results.values().sum()
    }

    pub(crate) fn take(&mut self, data: &[u8]) -> Result<(), Error> {
        let mut pieces = data.split_inclusive(|&byte| byte == b'\n');
        pieces.try_for_each(|piece| {
            self.partial.extend_from_slice(piece);
            if piece.ends_with(b"\n") {
                let line = std::mem::take(&mut self.partial);
                return self.line(&line);
            }
            if self.partial.len() > ANSWER_LINE_BYTES_MAX {
                return Err(Error::Server("an answer line does not end".to_owned()));
            }
            Ok(())
        })
    }

    fn line(&mut self, line: &[u8]) -> Result<(), Error> {
        if line.trim_ascii().is_empty() {
            return Ok(());
        }
        let answer: Value = serde_json::from_slice(line)
            .map_err(|error| Error::Server(format!("an answer line is no JSON: {error}")))?;
        if let Some(summary) = answer.get("summary") {
            self.summary_lines = Some(summary["lines"].as_u64().unwrap_or(0));
            self.sequence = summary["sequence"].as_str().map(str::to_owned);
            return Ok(());
        }
        let result = answer["result"].as_str().unwrap_or("unknown");
        let lines = lines_of(&answer)?;
        self.counted += lines;
        *self.results.entry(result.to_owned()).or_default() += lines;
        if result == "rejected" {
            self.rejected += 1;
            let text = |member: &str| answer[member].as_str().unwrap_or("-").to_owned();
            *self.codes.entry(text("code")).or_default() += 1;
            if self.shown.len() < SHOWN_MAX {
                let line = self.lines_before + answer["line"].as_u64().unwrap_or(0);
                self.shown.push(format!(
                    "line {line}: {} {} {}",
                    text("code"),
                    text("pointer"),
                    text("detail")
                ));
            }
        }
        Ok(())
    }

    /// Errors: the answer was cut off, or its lines are not those of its summary
    /// or of the request.
    pub(crate) fn end(&mut self, sent: RangeInclusive<u64>) -> Result<(), Error> {
        let rest = std::mem::take(&mut self.partial);
        self.line(&rest)?;
        match self.summary_lines {
            Some(lines) if lines == self.counted && sent.contains(&lines) => Ok(()),
            Some(lines) if lines == self.counted => Err(Error::Server(format!(
                "{} lines were sent, {lines} were answered",
                sent.end()
            ))),
            Some(lines) => Err(Error::Server(format!(
                "the summary has {lines} lines, {} were answered",
                self.counted
            ))),
            None => Err(Error::Server(
                "the answer ended without its summary".to_owned(),
            )),
        }
    }
}

/// Lines an answer line stands for: one, or a range of accepted ones that were
/// folded because the client read slowly.
fn lines_of(answer: &Value) -> Result<u64, Error> {
    let Some(range) = answer.get("lines") else {
        return Ok(1);
    };
    let lines = || range[1].as_u64()?.checked_sub(range[0].as_u64()?);
    let lines = lines().ok_or_else(|| Error::Server(format!("{range} is no range of lines")))?;
    Ok(lines + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answer_lines_are_counted_however_they_are_cut() {
        let text = "{\"line\":1,\"id\":\"rejected\",\"result\":\"created\",\"version\":1}\n\
            {\"line\":2,\"result\":\"rejected\",\"code\":\"invalid_json\",\"pointer\":\"/x\",\"detail\":\"d\"}\n\
            {\"summary\":{\"lines\":2}}\n";
        for size in 1..=text.len() {
            let mut answers = Answers::default();
            answers.begin(10);
            for piece in text.as_bytes().chunks(size) {
                answers.take(piece).unwrap();
            }
            answers.end(2..=2).unwrap();
            assert_eq!((answers.total(), answers.rejected), (2, 1));
            assert_eq!(answers.shown, ["line 12: invalid_json /x d"]);
            assert_eq!(answers.results["created"], 1);
        }
    }

    #[test]
    fn an_answer_that_is_cut_off_is_an_error() {
        let cases = [
            ("", "the answer ended without its summary"),
            (
                "{\"result\":\"created\"}\n",
                "the answer ended without its summary",
            ),
            (
                "{\"summary\":{\"lines\":1}}",
                "the summary has 1 lines, 0 were answered",
            ),
            (
                "{\"lines\":[5,4],\"result\":\"created\"}\n",
                "[5,4] is no range of lines",
            ),
            (
                "{\"result\":\"created\"}\n{\"result\":\"created\"}\n{\"summary\":{\"lines\":2}}",
                "1 lines were sent, 2 were answered",
            ),
            (
                "{\"resu",
                "an answer line is no JSON: EOF while parsing a string at line 1 column 6",
            ),
        ];
        for (text, expected) in cases {
            let mut answers = Answers::default();
            answers.begin(0);
            let taken = answers.take(text.as_bytes());
            let ended = taken.and_then(|()| answers.end(0..=1));
            assert_eq!(ended.unwrap_err().to_string(), expected);
        }
    }

    #[test]
    fn a_range_counts_as_its_lines() {
        let mut answers = Answers::default();
        answers.begin(0);
        let text = "{\"lines\":[1,40],\"result\":\"created\"}\n{\"line\":41,\"result\":\"stale\"}\n\
            {\"lines\":[42,42],\"result\":\"created\"}\n{\"summary\":{\"lines\":42,\"sequence\":\"default:9\"}}\n";
        answers.take(text.as_bytes()).unwrap();
        answers.end(42..=42).unwrap();
        assert_eq!(
            (answers.results["created"], answers.results["stale"]),
            (41, 1)
        );
        assert_eq!(answers.sequence.as_deref(), Some("default:9"));
    }
}
