//! `tandem eval --diff`: two configurations of a request, topic by topic. Owns
//! how they are given and shown; what differs is `tandem_engine::eval`'s.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Map, Value, json};
use tandem_engine::eval::{Comparison, Moved, Pair, Qrels, compare};

use super::super::error::{CliError, Exit};
use super::super::print;
use super::rankings::{Rankings, System, names};
use super::topics::{Topic, own_member};
use super::{Options, SEED, left_out, read};

/// Documents of each ranking: those that count, and no more.
const DEPTH: usize = 10;

pub(super) fn run(options: &Options, topics: &[Topic], qrels: &Qrels) -> Result<Exit, CliError> {
    let [a, b] = options.diff.as_slice() else {
        let what = "--diff is given once, with two configurations";
        return Err(CliError::new(Exit::Usage, what));
    };
    let (a, b) = (configuration(a)?, configuration(b)?);
    let base = options.members();
    let ask = |own: &Map<String, Value>| {
        let mut members = base.clone();
        members.extend(own.clone());
        Rankings::ask(&options.server, topics, &System::new("", &members), DEPTH)
    };
    let (in_a, in_b) = (ask(&a)?, ask(&b)?);
    let found = compare(qrels, &in_a.run, &in_b.run, &names(topics), SEED);
    if found.pairs.is_empty() {
        let what = "no topic has a relevant judgement: do the files belong together?";
        return Err(CliError::new(Exit::Usage, what));
    }
    let (a, b) = (Value::Object(a), Value::Object(b));
    let text = if options.json || !print::is_terminal() {
        as_json(&a, &b, &found).to_string()
    } else {
        as_table(&a, &b, &found)
    };
    print::line(text.trim_end())?;
    Ok(Exit::Done)
}

/// Members of a request: JSON, or a file with it.
fn configuration(given: &str) -> Result<Map<String, Value>, CliError> {
    let usage = |what: String| CliError::new(Exit::Usage, what);
    let is_inline = given.trim_start().starts_with('{');
    let (text, place) = if is_inline {
        (given.to_owned(), "--diff".to_owned())
    } else {
        (read(Path::new(given))?, given.to_owned())
    };
    let members: Map<String, Value> = serde_json::from_str(&text).map_err(|cause| {
        usage(format!("{place}: {cause}"))
            .hint("members of a request, such as {\"weights\": {\"text\": 0}}")
    })?;
    match own_member(&members) {
        Some(name) => Err(usage(format!("{place}: {name} is the topic's"))),
        None => Ok(members),
    }
}

fn as_json(a: &Value, b: &Value, found: &Comparison) -> Value {
    let (in_a, in_b) = found.means();
    let (won, lost, tied) = found.counts();
    let moved = |moved: &Moved| json!({"id": moved.id, "place": moved.place, "grade": moved.grade});
    let moves = |all: &[Moved]| all.iter().map(moved).collect::<Vec<_>>();
    let pair = |pair: &Pair| {
        json!({
            "topic": pair.topic, "a": pair.a, "b": pair.b, "difference": pair.difference(),
            "entered": moves(&pair.entered), "left": moves(&pair.left),
        })
    };
    json!({
        "a": a, "b": b, "topics": found.pairs.len(), "left_out": found.left_out,
        "ndcg10": {
            "a": in_a, "b": in_b,
            "difference": found.difference.as_ref().map(super::interval),
            "better": found.better,
        },
        "won": won, "lost": lost, "tied": tied,
        "by_topic": found.pairs.iter().map(pair).collect::<Vec<_>>(),
    })
}

fn as_table(a: &Value, b: &Value, found: &Comparison) -> String {
    let (in_a, in_b) = found.means();
    let (won, lost, tied) = found.counts();
    let difference = found.difference.map_or_else(String::new, |all| {
        format!("{:+.3} [{:+.3}, {:+.3}]", all.mean, all.low, all.high)
    });
    let mut table = format!(
        "A {a}\nB {b}\n{} topics{}; nDCG@10, 95 % interval, paired bootstrap\n\
         A {in_a:.3}, B {in_b:.3}, B − A {difference}; B is better in {:.0} % of the resamples\n\
         B won {won}, lost {lost}, tied {tied}\n\n{:<12} {:>6} {:>6} {:>7}  {}\n",
        found.pairs.len(),
        left_out(&found.left_out),
        found.better * 100.0,
        "topic",
        "A",
        "B",
        "B − A",
        "came and went among the ten best: grade, place, document",
    );
    let mut pairs: Vec<&Pair> = found.pairs.iter().collect();
    // What was lost comes first: it is what needs a look.
    pairs.sort_by(|x, y| {
        x.difference()
            .total_cmp(&y.difference())
            .then_with(|| x.topic.cmp(&y.topic))
    });
    for pair in pairs {
        let (topic, more) = (&pair.topic, pair.difference());
        let mut line = format!("{topic:<12} {:>6.3} {:>6.3} {more:>+7.3}\n", pair.a, pair.b);
        for (sign, moves) in [('+', &pair.entered), ('-', &pair.left)] {
            for moved in moves {
                // A document nobody judged counts as 0 and is told apart from one.
                let grade = moved
                    .grade
                    .map_or("?".to_owned(), |grade| grade.to_string());
                let written = writeln!(line, "{sign:>36} {grade} {:>2} {}", moved.place, moved.id);
                debug_assert!(written.is_ok(), "writing to a string does not fail");
            }
        }
        table.push_str(&line);
    }
    table
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use tandem_engine::eval::Run;

    use super::*;

    fn found() -> Comparison {
        let qrels = Qrels::parse("T1 0 x 3\nT1 0 y 0\nT2 0 x 1\nT3 0 x 0").unwrap();
        let run = |first: &str, second: &str| {
            let mut run = Run::default();
            run.insert("T1".to_owned(), vec![first.to_owned(), "z".to_owned()]);
            run.insert("T2".to_owned(), vec![second.to_owned()]);
            run
        };
        let topics = BTreeSet::from(["T1", "T2", "T3"]);
        compare(&qrels, &run("y", "x"), &run("x", "unread"), &topics, SEED)
    }

    #[test]
    fn a_difference_is_shown_with_the_documents_behind_it() {
        let (a, b) = (json!({"weights": {"text": 0}}), json!({}));
        let table = as_table(&a, &b, &found());
        assert!(
            table.starts_with("A {\"weights\":{\"text\":0}}\nB {}\n2 topics"),
            "{table}"
        );
        assert!(table.contains("B won 1, lost 1, tied 0"), "{table}");
        let lines: Vec<Vec<&str>> = table
            .lines()
            .map(|line| line.split_whitespace().collect())
            .collect();
        let at = |first: &str| {
            lines
                .iter()
                .position(|line| line.first() == Some(&first))
                .unwrap()
        };
        assert!(at("T2") < at("T1"), "losses first: {table}");
        assert_eq!(lines[at("T1")], ["T1", "0.000", "1.000", "+1.000"]);
        assert_eq!(lines[at("T1") + 1], ["+", "3", "1", "x"]);
        assert_eq!(lines[at("T1") + 2], ["-", "0", "1", "y"]);
        assert_eq!(lines[at("T2") + 1], ["+", "?", "1", "unread"]);
    }

    #[test]
    fn as_json_nothing_is_left_out() {
        let told = as_json(&json!({}), &json!({"understand": false}), &found());
        assert_eq!(told["left_out"], json!(["T3"]));
        assert_eq!(
            (&told["won"], &told["lost"], &told["tied"]),
            (&json!(1), &json!(1), &json!(0))
        );
        assert_eq!(
            told["by_topic"][0]["entered"],
            json!([{"id": "x", "place": 1, "grade": 3}])
        );
        assert_eq!(told["by_topic"][1]["entered"][0]["grade"], Value::Null);
        assert_eq!(told["ndcg10"]["difference"]["mean"], 0.0);
    }

    #[test]
    fn configurations_are_objects_of_members_the_topics_do_not_decide() {
        assert_eq!(configuration(" {\"understand\": false}").unwrap().len(), 1);
        for (given, said) in [
            ("{\"weights\": {}, \"q\": \"rust\"}", "q is the topic's"),
            ("{\"limit\": 5}", "limit is the topic's"),
            ("{weights}", "--diff: "),
            ("/nowhere/a.json", "cannot read"),
        ] {
            let refused = configuration(given).unwrap_err().to_string();
            assert!(refused.contains(said), "{given}: {refused}");
        }
    }
}
