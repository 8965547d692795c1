//! What a running server answers to topics. Owns the systems: what is asked
//! besides the topic, and the names of the weights there are.

use std::collections::BTreeSet;
use std::thread;

use serde_json::{Map, Value, json};
use tandem_engine::eval::{Evaluation, Qrels, Run, evaluate};

use super::super::client::Server;
use super::super::error::{CliError, Exit};
use super::topics::{Form, Topic};

/// What is asked of every topic, under a name.
pub(super) struct System {
    pub(super) name: String,
    /// Members of the request for a topic of words.
    pub(super) search: Map<String, Value>,
    /// Members of the request for a topic with a document.
    pub(super) matching: Map<String, Value>,
}

impl System {
    /// These members for every topic.
    pub(super) fn new(name: &str, members: &Map<String, Value>) -> Self {
        Self {
            name: name.to_owned(),
            search: members.clone(),
            matching: members.clone(),
        }
    }

    /// The same with weights, which may differ by what a topic asks with.
    pub(super) fn weighted(mut self, weights: impl Fn(Form) -> Value) -> Self {
        for form in [Form::Search, Form::Match] {
            let members = match form {
                Form::Search => &mut self.search,
                Form::Match => &mut self.matching,
            };
            members.insert("weights".to_owned(), weights(form));
        }
        self
    }

    fn members(&self, form: Form) -> &Map<String, Value> {
        match form {
            Form::Search => &self.search,
            Form::Match => &self.matching,
        }
    }
}

/// Ids, best first, and the weights the server names.
type Answered = (Vec<String>, Map<String, Value>);

/// The rankings of a system, and with which weights the server made them.
pub(super) struct Rankings {
    pub(super) run: Run,
    /// Of every topic, in their order.
    pub(super) weights: Vec<Map<String, Value>>,
}

impl Rankings {
    /// Asks for the first `limit` documents of every topic, two at a time: one
    /// is scored while the other is written and read.
    pub(super) fn ask(
        server: &Server,
        topics: &[Topic],
        system: &System,
        limit: usize,
    ) -> Result<Self, CliError> {
        let ask = |topics: &[Topic]| -> Result<Vec<Answered>, CliError> {
            let one = |topic: &Topic| {
                let request = topic.request(system.members(topic.form()), limit)?;
                Ok(read(&server.ask("POST", "/v1/rank", Some(&request))?))
            };
            topics.iter().map(one).collect()
        };
        let (first, second) = topics.split_at(topics.len() / 2);
        let answers = thread::scope(|scope| -> Result<Vec<Answered>, CliError> {
            let beside = scope.spawn(|| ask(second));
            let mut answers = ask(first)?;
            let others = beside
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            answers.extend(others?);
            Ok(answers)
        })?;
        let mut rankings = Self {
            run: Run::default(),
            weights: Vec::with_capacity(topics.len()),
        };
        for (topic, (ids, weights)) in topics.iter().zip(answers) {
            rankings.run.insert(topic.name.clone(), ids);
            rankings.weights.push(weights);
        }
        Ok(rankings)
    }

    /// The names of the weights, as they come.
    pub(super) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for name in self.weights.iter().flat_map(Map::keys) {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        names
    }
}

fn read(answer: &Value) -> Answered {
    let hits = answer["hits"].as_array().map_or(&[][..], Vec::as_slice);
    let ids = hits.iter().filter_map(|hit| hit["id"].as_str());
    let weights = answer["applied"]["weights"].as_object();
    (
        ids.map(str::to_owned).collect(),
        weights.cloned().unwrap_or_default(),
    )
}

/// Measures of these topics alone. Errors: none of them has a relevant document.
pub(super) fn measured(qrels: &Qrels, run: &Run, topics: &[Topic]) -> Result<Evaluation, CliError> {
    let evaluation = evaluate(qrels, run, 1).of(&names(topics));
    if evaluation.queries.is_empty() {
        return Err(CliError::new(
            Exit::Usage,
            "no topic has a relevant judgement: do the files belong together?",
        ));
    }
    Ok(evaluation)
}

/// The topics' names.
pub(super) fn names(topics: &[Topic]) -> BTreeSet<&str> {
    topics.iter().map(|topic| topic.name.as_str()).collect()
}

/// The weights of text or similarity alone: 0 for all others. In a match the two
/// stand in for skills, so there their group counts, and they take all of it.
pub(super) fn only(names: &[String], one: &str, form: Form) -> Value {
    let mut weights: Map<String, Value> =
        names.iter().map(|name| (name.clone(), json!(0))).collect();
    weights.insert(one.to_owned(), json!(1));
    if form == Form::Match && weights.contains_key(STAND_INS) {
        weights.insert("skills".to_owned(), json!(1));
        weights.insert(STAND_INS.to_owned(), json!(100));
    }
    Value::Object(weights)
}

/// The most of the skills group that text and similarity take, in percent.
const STAND_INS: &str = "stand_ins";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_weights_are_those_of_all_answers() {
        let answer = |weights: Value| {
            let hits = json!([{"id": "a", "score": 2}, {"id": "b", "score": 1}]);
            read(&json!({"hits": hits, "applied": {"weights": weights}}))
        };
        let (ids, search) = answer(json!({"text": 60.0, "freshness": 5.0}));
        assert_eq!(ids, ["a", "b"]);
        let (_, match_) = answer(json!({"skills": 40.0, "text": 15.0}));
        let rankings = Rankings {
            run: Run::default(),
            weights: vec![search, match_, read(&json!({})).1],
        };
        assert_eq!(rankings.names(), ["text", "freshness", "skills"]);
        let expected = json!({"text": 1, "freshness": 0, "skills": 0});
        assert_eq!(only(&rankings.names(), "text", Form::Match), expected);
        assert_eq!(only(&[], "text", Form::Search), json!({"text": 1}));
    }

    #[test]
    fn what_stands_in_for_skills_counts_in_their_group() {
        let names = ["similarity", "skills", "stand_ins", "title"].map(str::to_owned);
        let of = |form| only(&names, "similarity", form);
        let search = json!({"similarity": 1, "skills": 0, "stand_ins": 0, "title": 0});
        assert_eq!(of(Form::Search), search);
        let matching = json!({"similarity": 1, "skills": 1, "stand_ins": 100, "title": 0});
        assert_eq!(of(Form::Match), matching);
    }
}
