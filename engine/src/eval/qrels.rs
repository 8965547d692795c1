//! Judgements and rankings in the TREC text formats. Owns parsing and its
//! line errors; measures nothing.

use std::collections::BTreeMap;
use std::fmt;

/// Highest grade a judgement may have. The gain is 2^grade − 1, which stays
/// exact in an f64 far beyond this; the bound only keeps typing errors out.
pub const GRADE_MAX: u32 = 30;

/// Judged documents of a set of queries: query → document → grade.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Qrels {
    grades: BTreeMap<String, BTreeMap<String, u32>>,
}

impl Qrels {
    /// Reads lines of `query iteration document grade`, separated by blanks.
    ///
    /// The second column is ignored, as `trec_eval` does; blank lines are
    /// skipped. A negative grade (TREC uses −1 and −2 for spam) is a 0.
    /// Errors: the first line that is malformed or judges a pair again.
    pub fn parse(text: &str) -> Result<Self, QrelsError> {
        let mut qrels = Self::default();
        for (number, columns) in lines(text) {
            let at = |kind| QrelsError { line: number, kind };
            let &[query, _, document, grade] = columns.as_slice() else {
                return Err(at(QrelsErrorKind::Columns {
                    expected: 4,
                    found: columns.len(),
                }));
            };
            let grade = parse_grade(grade).map_err(at)?;
            qrels.insert(query, document, grade).map_err(at)?;
        }
        Ok(qrels)
    }

    fn insert(&mut self, query: &str, document: &str, grade: u32) -> Result<(), QrelsErrorKind> {
        let judged = self.grades.entry(query.to_owned()).or_default();
        match judged.insert(document.to_owned(), grade) {
            None => Ok(()),
            Some(_) => Err(QrelsErrorKind::Duplicate {
                query: query.to_owned(),
                document: document.to_owned(),
            }),
        }
    }

    /// Grade of a pair, or none if nobody judged it.
    pub fn grade(&self, query: &str, document: &str) -> Option<u32> {
        self.grades.get(query)?.get(document).copied()
    }

    /// Queries with at least one judgement, in order of their ids.
    pub fn queries(&self) -> impl Iterator<Item = &str> {
        self.grades.keys().map(String::as_str)
    }

    /// Judgements of one query, in order of document ids; empty for a query nobody judged.
    pub fn judgements(&self, query: &str) -> impl Iterator<Item = (&str, u32)> {
        let judged = self.grades.get(query).into_iter().flatten();
        judged.map(|(document, &grade)| (document.as_str(), grade))
    }

    /// Number of documents of a query with at least this grade.
    pub fn relevant(&self, query: &str, relevant_from: u32) -> usize {
        self.judgements(query)
            .filter(|&(_, grade)| grade >= relevant_from)
            .count()
    }

    /// Number of judged pairs.
    pub fn len(&self) -> usize {
        self.grades.values().map(BTreeMap::len).sum()
    }

    /// Whether there is no judgement at all.
    pub fn is_empty(&self) -> bool {
        self.grades.is_empty()
    }
}

/// Rankings of a system: query → documents, best first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Run {
    rankings: BTreeMap<String, Vec<String>>,
}

impl Run {
    /// Reads lines of `query Q0 document rank score tag`.
    ///
    /// The order is that of `trec_eval`: by score descending, equal scores by
    /// document id descending; the rank column is not looked at. Errors: the
    /// first line that is malformed or names a document again.
    pub fn parse(text: &str) -> Result<Self, QrelsError> {
        let mut scores: BTreeMap<String, BTreeMap<String, f64>> = BTreeMap::new();
        for (number, columns) in lines(text) {
            let at = |kind| QrelsError { line: number, kind };
            let &[query, _, document, _, score, _] = columns.as_slice() else {
                return Err(at(QrelsErrorKind::Columns {
                    expected: 6,
                    found: columns.len(),
                }));
            };
            let value = score.parse().ok().filter(|value: &f64| value.is_finite());
            let value = value.ok_or_else(|| at(QrelsErrorKind::Score(score.to_owned())))?;
            let ranking = scores.entry(query.to_owned()).or_default();
            if ranking.insert(document.to_owned(), value).is_some() {
                return Err(at(QrelsErrorKind::Duplicate {
                    query: query.to_owned(),
                    document: document.to_owned(),
                }));
            }
        }
        let mut run = Self::default();
        for (query, scored) in scores {
            let mut scored: Vec<(String, f64)> = scored.into_iter().collect();
            scored.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| b.0.cmp(&a.0)));
            run.insert(query, scored.into_iter().map(|(id, _)| id).collect());
        }
        Ok(run)
    }

    /// Sets the ranking of a query, best first.
    pub fn insert(&mut self, query: String, ranking: Vec<String>) {
        self.rankings.insert(query, ranking);
    }

    /// Ranking of a query; empty if the system answered nothing.
    pub fn ranking(&self, query: &str) -> &[String] {
        self.rankings.get(query).map_or(&[], Vec::as_slice)
    }

    /// Queries the system answered, in order of their ids.
    pub fn queries(&self) -> impl Iterator<Item = &str> {
        self.rankings.keys().map(String::as_str)
    }
}

/// A line that is not a judgement or a ranked document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QrelsError {
    /// Line number, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub kind: QrelsErrorKind,
}

/// What is wrong with a line of judgements or of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QrelsErrorKind {
    /// Not the number of columns the format has.
    Columns {
        /// Columns of the format.
        expected: usize,
        /// Columns of the line.
        found: usize,
    },
    /// The grade is not an integer up to `GRADE_MAX`.
    Grade(String),
    /// The score is not a finite number.
    Score(String),
    /// The pair stands on an earlier line as well.
    Duplicate {
        /// Query of the pair.
        query: String,
        /// Document of the pair.
        document: String,
    },
}

impl fmt::Display for QrelsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.kind)
    }
}

impl fmt::Display for QrelsErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Columns { expected, found } => {
                write!(f, "{found} columns, the format has {expected}")
            }
            Self::Grade(found) => {
                write!(f, "grade {found:?} is not an integer up to {GRADE_MAX}")
            }
            Self::Score(found) => write!(f, "score {found:?} is not a finite number"),
            Self::Duplicate { query, document } => {
                write!(f, "query {query:?} has document {document:?} already")
            }
        }
    }
}

impl std::error::Error for QrelsError {}

/// Lines that are not blank, with their number from 1, split at blanks.
fn lines(text: &str) -> impl Iterator<Item = (usize, Vec<&str>)> {
    // Some editors put a byte order mark in front of the first query id.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line.split_whitespace().collect::<Vec<_>>()))
        .filter(|(_, columns)| !columns.is_empty())
}

fn parse_grade(text: &str) -> Result<u32, QrelsErrorKind> {
    let grade: Option<i64> = text.parse().ok();
    grade
        .map(|grade| grade.max(0))
        .and_then(|grade| u32::try_from(grade).ok())
        .filter(|&grade| grade <= GRADE_MAX)
        .ok_or_else(|| QrelsErrorKind::Grade(text.to_owned()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn judgements_are_read_whatever_the_blanks() {
        let qrels = Qrels::parse("\u{feff}q1 0 a 3\r\nq1\t0\tb  0\n\n q2 0 a -1 \n").unwrap();
        assert_eq!(qrels.grade("q1", "a"), Some(3));
        assert_eq!(qrels.grade("q1", "b"), Some(0));
        assert_eq!(qrels.grade("q2", "a"), Some(0), "negative is 0");
        assert_eq!(qrels.grade("q2", "b"), None, "unjudged is not 0");
        assert_eq!(qrels.queries().collect::<Vec<_>>(), ["q1", "q2"]);
        assert_eq!(
            (
                qrels.len(),
                qrels.relevant("q1", 1),
                qrels.relevant("q3", 0)
            ),
            (3, 1, 0)
        );
        assert!(Qrels::parse("").unwrap().is_empty());
    }

    #[test]
    fn a_bad_judgement_is_named_with_its_line() {
        let cases = [
            ("q 0 a 1\nq 0 b", "line 2: 3 columns, the format has 4"),
            ("q 0 a 1 x", "line 1: 5 columns, the format has 4"),
            (
                "\n\nq 0 a high",
                "line 3: grade \"high\" is not an integer up to 30",
            ),
            (
                "q 0 a 1.5",
                "line 1: grade \"1.5\" is not an integer up to 30",
            ),
            (
                "q 0 a 31",
                "line 1: grade \"31\" is not an integer up to 30",
            ),
            (
                "q 0 a 99999999999999999999",
                "line 1: grade \"99999999999999999999\" is not an integer up to 30",
            ),
            (
                "q 0 a 1\nq 0 a 1",
                "line 2: query \"q\" has document \"a\" already",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(Qrels::parse(text).unwrap_err().to_string(), expected);
        }
    }

    #[test]
    fn a_run_is_ordered_by_score_then_id_as_trec_eval_does() {
        let text = "q Q0 a 1 0.5 t\nq Q0 b 2 0.5 t\nq Q0 c 3 9e0 t\nr Q0 a 1 -1 t";
        let run = Run::parse(text).unwrap();
        assert_eq!(run.ranking("q"), ["c", "b", "a"]);
        assert_eq!(run.ranking("r"), ["a"]);
        assert!(run.ranking("s").is_empty());
        assert_eq!(run.queries().count(), 2);
    }

    #[test]
    fn a_bad_run_line_is_named() {
        let cases = [
            ("q Q0 a 1 0.5", "line 1: 5 columns, the format has 6"),
            (
                "q Q0 a 1 NaN t",
                "line 1: score \"NaN\" is not a finite number",
            ),
            (
                "q Q0 a 1 1 t\nq Q0 a 2 0 t",
                "line 2: query \"q\" has document \"a\" already",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(Run::parse(text).unwrap_err().to_string(), expected);
        }
    }
}
