//! Whether an answer is one docs/api.md promises. Runs after the timed part.

use serde_json::Value;

/// Highest score of a hit.
const SCORE_MAX: i64 = 1_000_000;

/// Answers looked at after a run.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Checked {
    /// Answers looked at.
    pub(crate) answers: usize,
    /// Hits in them whose contributions were summed up.
    pub(crate) hits: usize,
    /// Answers that are wrong.
    pub(crate) wrong: usize,
    /// What is wrong with the first of those. Names places, never document text.
    pub(crate) first: Option<String>,
}

/// Checks some answers with status 200.
pub(crate) fn check(bodies: &[Vec<u8>]) -> Checked {
    let mut checked = Checked::default();
    for body in bodies {
        checked.answers += 1;
        match check_answer(body) {
            Ok(hits) => checked.hits += hits,
            Err(reason) => {
                checked.wrong += 1;
                checked.first.get_or_insert(reason);
            }
        }
    }
    checked
}

/// Hits in an answer whose points sum up to their scores. An answer without
/// `hits`, such as a stored document, only has to be JSON.
fn check_answer(body: &[u8]) -> Result<usize, String> {
    let answer: Value =
        serde_json::from_slice(body).map_err(|error| format!("no JSON: {error}"))?;
    let Some(hits) = answer.get("hits") else {
        return Ok(0);
    };
    let hits = hits.as_array().ok_or("hits is no array")?;
    for (place, hit) in hits.iter().enumerate() {
        check_hit(hit).map_err(|reason| format!("hit {place}: {reason}"))?;
    }
    Ok(hits.len())
}

fn check_hit(hit: &Value) -> Result<(), String> {
    let score = hit["score"].as_i64().ok_or("score is no integer")?;
    if !(0..=SCORE_MAX).contains(&score) {
        return Err(format!("score {score} is not in 0..={SCORE_MAX}"));
    }
    let contributions = hit["contributions"].as_array();
    let mut sum = 0_i64;
    for contribution in contributions.ok_or("contributions is no array")? {
        let points = contribution["points"].as_i64();
        sum = sum.saturating_add(points.ok_or("points is no integer")?);
    }
    if sum == score {
        Ok(())
    } else {
        Err(format!("points sum up to {sum}, the score is {score}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_answers_are_found() {
        let cases = [
            (r#"{"hits":[]}"#, Ok(0)),
            (r#"{"id":"j-1"}"#, Ok(0)),
            (
                r#"{"hits":[{"score":5,"contributions":[{"points":2},{"points":3}]}]}"#,
                Ok(1),
            ),
            (r#"{"hits":[{"score":0,"contributions":[]}]}"#, Ok(1)),
            (
                r#"{"hits":[{"score":5,"contributions":[{"points":2}]}]}"#,
                Err("hit 0: points sum up to 2, the score is 5"),
            ),
            (
                r#"{"hits":[{"score":0.5,"contributions":[]}]}"#,
                Err("hit 0: score is no integer"),
            ),
            (
                r#"{"hits":[{"score":1000001,"contributions":[]}]}"#,
                Err("hit 0: score 1000001 is not in 0..=1000000"),
            ),
            (
                r#"{"hits":[{"score":1}]}"#,
                Err("hit 0: contributions is no array"),
            ),
            (r#"{"hits":{}}"#, Err("hits is no array")),
        ];
        for (body, expected) in cases {
            let expected = expected.map_err(str::to_owned);
            assert_eq!(check_answer(body.as_bytes()), expected, "{body}");
        }
        let checked = check(&[b"{}".to_vec(), b"{".to_vec(), b"x".to_vec()]);
        assert_eq!((checked.answers, checked.wrong), (3, 2));
        assert!(checked.first.unwrap().starts_with("no JSON: "));
    }
}
