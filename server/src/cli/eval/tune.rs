//! `tandem eval --tune`: weights of a request looked for on the tuning half. Owns
//! which topics may count and how it is told; the search is `tandem_engine::eval`'s.

use serde_json::{Map, Value, json};
use tandem_engine::eval::{
    Evaluation, Qrels, Step, Weights, bootstrap, paired_better, paired_bootstrap, tune,
};

use super::super::error::{CliError, Exit};
use super::super::print;
use super::rankings::{Rankings, System, measured};
use super::topics::{Form, Split, Topic};
use super::{Options, SEED, interval, left_out};

/// Documents of each ranking: those that count, and no more.
const DEPTH: usize = 10;

/// Said with every outcome.
const FLATTERED: &str = "these figures are flattered: the weights were chosen on these topics; \
                         what they are worth is seen once, with --split held";

/// Which topics are tuned on. Errors: others than the tuning half are asked for.
pub(super) fn split(asked: Option<Split>) -> Result<Split, CliError> {
    match asked {
        None | Some(Split::Tune) => Ok(Split::Tune),
        Some(Split::Held | Split::All) => Err(CliError::new(
            Exit::Usage,
            "--tune looks at topics of the split tune alone",
        )
        .hint("what is tuned on the others too cannot be measured on them any more")),
    }
}

/// What came of the topics of one form: a search and a match have weights of
/// their own.
struct Outcome {
    form: Form,
    start: Evaluation,
    end: Evaluation,
    steps: Vec<(Step, bool)>,
    request: Value,
}

pub(super) fn run(options: &Options, topics: &[Topic], qrels: &Qrels) -> Result<Exit, CliError> {
    let as_json = options.json || !print::is_terminal();
    let mut outcomes = Vec::new();
    for form in [Form::Search, Form::Match] {
        let own: Vec<Topic> = topics
            .iter()
            .filter(|topic| topic.form() == form)
            .cloned()
            .collect();
        if own.is_empty() {
            continue;
        }
        let outcome = outcome(options, form, &own, qrels, !as_json)?;
        if !as_json {
            print::line(&summary(&outcome))?;
        }
        outcomes.push(outcome);
    }
    if as_json {
        let forms: Vec<Value> = outcomes.iter().map(told).collect();
        let whole = json!({"split": "tune", "note": FLATTERED, "forms": forms});
        print::line(&whole.to_string())?;
    } else {
        print::line(FLATTERED)?;
    }
    Ok(Exit::Done)
}

fn outcome(
    options: &Options,
    form: Form,
    topics: &[Topic],
    qrels: &Qrels,
    shows: bool,
) -> Result<Outcome, CliError> {
    let base = options.members();
    let ask = |members: &Map<String, Value>| {
        Rankings::ask(&options.server, topics, &System::new("", members), DEPTH)
    };
    let first = ask(&base)?;
    let weights = weights(&first.weights, topics)?;
    let start = measured(qrels, &first.run, topics)?;
    if shows {
        let head = head(form, &start, &weights);
        print::line(&head)?;
    }
    let with = |changed: &Weights| {
        let mut members = base.clone();
        // Only what is changed is said: the start is the server's own.
        let own = changed
            .iter()
            .filter(|(name, at)| weights.get(*name) != Some(*at));
        let own: Map<String, Value> = own.map(|(name, at)| (name.clone(), json!(at))).collect();
        if !own.is_empty() {
            members.insert("weights".to_owned(), Value::Object(own));
        }
        measured(qrels, &ask(&members)?.run, topics)
    };
    let values = |evaluation: &Evaluation| evaluation.values(|measures| measures.ndcg10);
    let found = tune(
        &weights,
        SEED,
        |changed: &Weights| with(changed).map(|evaluation| values(&evaluation)),
        |step, kept| {
            if shows {
                print::line(&row(step, kept))
            } else {
                Ok(())
            }
        },
    )?;
    let mut request = base.clone();
    request.insert("weights".to_owned(), json!(found.weights));
    Ok(Outcome {
        form,
        start,
        end: with(&found.weights)?,
        steps: found.steps,
        request: Value::Object(request),
    })
}

/// The weights the server has for these topics. Errors: it names none, or they
/// are not the same for all.
fn weights(applied: &[Map<String, Value>], topics: &[Topic]) -> Result<Weights, CliError> {
    let mut weights = Weights::new();
    for (topic, applied) in topics.iter().zip(applied) {
        for (name, value) in applied {
            let Some(at) = value.as_f64() else { continue };
            let known = *weights.entry(name.clone()).or_insert(at);
            if (known - at).abs() > f64::EPSILON {
                let what = format!("topic {} has {name} {at}, others {known}", topic.name);
                return Err(CliError::new(Exit::Usage, what).hint(
                    "topics with weights of their own cannot be tuned together: give --profile",
                ));
            }
        }
    }
    if weights.is_empty() {
        let what = "the server names no weights in its answers (`applied.weights`)";
        return Err(CliError::new(Exit::Failed, what));
    }
    Ok(weights)
}

fn figures(evaluation: &Evaluation) -> String {
    let values = evaluation.values(|measures| measures.ndcg10);
    bootstrap(&values, SEED).map_or_else(String::new, |all| {
        let judged = evaluation.mean().judged10 * 100.0;
        let (mean, low, high) = (all.mean, all.low, all.high);
        format!("nDCG@10 {mean:.3} [{low:.3}, {high:.3}], judged {judged:.0} %")
    })
}

fn head(form: Form, start: &Evaluation, weights: &Weights) -> String {
    format!(
        "{}, {} topics of the tuning half{}: {}\n{}\n  {:<14} {:>7} {:>7} {:>7} {:>7} {:>7}",
        form.as_str(),
        start.queries.len(),
        left_out(&start.left_out),
        figures(start),
        json!({"weights": weights}),
        "weight",
        "from",
        "to",
        "nDCG@10",
        "gain",
        "better"
    )
}

fn row(step: &Step, kept: bool) -> String {
    let Step {
        name,
        from,
        to,
        mean,
        gain,
        better,
    } = step;
    let better = better * 100.0;
    let kept = if kept { "  kept" } else { "" };
    format!("  {name:<14} {from:>7} {to:>7} {mean:>7.3} {gain:>+7.3} {better:>5.0} %{kept}")
}

fn summary(outcome: &Outcome) -> String {
    let values = |of: &Evaluation| of.values(|measures| measures.ndcg10);
    let (start, end) = (values(&outcome.start), values(&outcome.end));
    let gain = paired_bootstrap(&end, &start, SEED).map_or_else(String::new, |gain| {
        format!("{:+.3} [{:+.3}, {:+.3}]", gain.mean, gain.low, gain.high)
    });
    let kept = outcome.steps.iter().filter(|(_, kept)| *kept).count();
    format!(
        "{}: {} after {} steps, {kept} kept; gain {gain}\n{}\n",
        outcome.form.as_str(),
        figures(&outcome.end),
        outcome.steps.len(),
        outcome.request,
    )
}

fn told(outcome: &Outcome) -> Value {
    let values = |of: &Evaluation| of.values(|measures| measures.ndcg10);
    let (start, end) = (values(&outcome.start), values(&outcome.end));
    let figures = |of: &Evaluation| {
        json!({
            "ndcg10": bootstrap(&values(of), SEED).as_ref().map(interval),
            "judged10": of.mean().judged10,
        })
    };
    let step = |(step, kept): &(Step, bool)| {
        json!({
            "weight": step.name, "from": step.from, "to": step.to, "ndcg10": step.mean,
            "gain": step.gain, "better": step.better, "kept": kept,
        })
    };
    json!({
        "form": outcome.form.as_str(), "topics": start.len(), "left_out": outcome.start.left_out,
        "start": figures(&outcome.start), "end": figures(&outcome.end),
        "gain": paired_bootstrap(&end, &start, SEED).as_ref().map(interval),
        "better": paired_better(&end, &start, SEED),
        "steps": outcome.steps.iter().map(step).collect::<Vec<_>>(),
        "request": outcome.request,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topics(count: usize) -> Vec<Topic> {
        let topic = |n: usize| json!({"topic": format!("T{n}"), "to": "jobs", "q": "x"});
        let read = |n| serde_json::from_value(topic(n)).unwrap();
        (0..count).map(read).collect()
    }

    fn applied(weights: &[Value]) -> Vec<Map<String, Value>> {
        let each = weights.iter().map(|one| one.as_object().cloned().unwrap());
        each.collect()
    }

    #[test]
    fn the_start_is_what_the_server_has_for_all_topics_together() {
        let all = applied(&[
            json!({"text": 60.0, "skills": 15}),
            json!({"text": 60, "place": 5.0}),
        ]);
        let found = weights(&all, &topics(2)).unwrap();
        let expected = [("place", 5.0), ("skills", 15.0), ("text", 60.0)];
        let expected: Weights = expected.map(|(name, at)| (name.to_owned(), at)).into();
        assert_eq!(found, expected);
        let differ = applied(&[json!({"text": 60.0}), json!({"text": 40.0})]);
        let refused = weights(&differ, &topics(2)).unwrap_err().to_string();
        assert!(refused.contains("T1 has text 40, others 60"), "{refused}");
        assert!(weights(&applied(&[json!({})]), &topics(1)).is_err());
    }

    #[test]
    fn what_came_of_it_is_told_with_every_step() {
        let evaluation = |values: [f64; 3]| Evaluation {
            queries: values
                .into_iter()
                .enumerate()
                .map(|(n, ndcg10)| {
                    let measures = tandem_engine::eval::Measures {
                        ndcg10,
                        ..Default::default()
                    };
                    (format!("T{n}"), measures)
                })
                .collect(),
            left_out: vec!["T9".to_owned()],
        };
        let step = Step {
            name: "text".to_owned(),
            from: 60.0,
            to: 30.0,
            mean: 0.6,
            gain: 0.1,
            better: 0.95,
        };
        let outcome = Outcome {
            form: Form::Search,
            start: evaluation([0.4, 0.5, 0.6]),
            end: evaluation([0.5, 0.6, 0.7]),
            steps: vec![(step.clone(), true)],
            request: json!({"weights": {"text": 30.0}}),
        };
        let told = told(&outcome);
        assert_eq!(
            (&told["topics"], &told["left_out"]),
            (&json!(3), &json!(["T9"]))
        );
        assert_eq!(told["steps"][0]["kept"], true);
        assert_eq!(told["better"], 1.0);
        let gain = told["gain"]["mean"].as_f64().unwrap();
        assert!((gain - 0.1).abs() < 1e-9, "{gain}");
        let shown = summary(&outcome);
        assert!(shown.contains("1 steps, 1 kept; gain +0.100"), "{shown}");
        assert!(shown.contains("{\"weights\":{\"text\":30.0}}"), "{shown}");
        assert!(
            row(&step, true).ends_with("+0.100    95 %  kept"),
            "{}",
            row(&step, true)
        );
    }
}
