//! Random Boolean expressions against a naive evaluator over the documents'
//! analysed words.

use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use serde_json::{Value, json};
use tandem_engine::Syntax;
use tandem_index::Kinds;
use tandem_index::analysis::{Language, Words, analyse, query_terms};
use tandem_index::snapshot::Snapshot;

use crate::support::{Rng, TINY, answer, delete, ids, prepared, put, query, store};

// The kind of random notes: vectors of four numbers, so that no row is similar.
const NOTES: &str = r#"
[kinds.notes]
matches = "notes"
dimensions = 4
[kinds.notes.fields]
head = { type = "text", as = "title" }
body = { type = "text", as = "text" }
colour = { type = "keyword" }
size = { type = "number" }
"#;

const VOCABULARY: [&str; 10] = [
    "manager", "managing", "manages", "rust", "data", "datum", "c++", "node.js", "the", "café",
];
const COLOURS: [&str; 3] = ["red", "green", "deep blue"];

struct Notes {
    notes: Vec<Value>,
    snapshot: Arc<Snapshot>,
}

static RANDOM: LazyLock<Notes> = LazyLock::new(|| {
    let mut rng = Rng::new("boolean", 91);
    let kinds = Arc::new(Kinds::parse(NOTES).unwrap());
    let mut notes: Vec<Value> = (0..150)
        .map(|at| {
            let mut text = |most: usize| -> String {
                let words: Vec<&str> = (0..rng.below(most))
                    .map(|_| *rng.pick(&VOCABULARY))
                    .collect();
                words.join(" ")
            };
            let (head, body) = (text(4), text(9));
            let mut note =
                json!({"id": format!("n{at:03}"), "head": head, "body": body, "language": "en"});
            if rng.chance(70) {
                note["colour"] = json!(*rng.pick(&COLOURS));
            }
            if rng.chance(70) {
                note["size"] = json!(rng.below(10));
            }
            note
        })
        .collect();
    let writes = notes
        .iter()
        .map(|note| put(&kinds, "notes", note))
        .collect();
    let mut store = store(&kinds, TINY, &prepared(&kinds, writes), 11);
    let gone: Vec<Value> = notes.drain(40..60).collect();
    let deletes = gone
        .iter()
        .map(|note| delete(&kinds, "notes", note["id"].as_str().unwrap()))
        .collect();
    store.apply(prepared(&kinds, deletes), 0);
    let snapshot = store.snapshot();
    Notes { notes, snapshot }
});

#[derive(Clone, Debug)]
enum Node {
    Word(Option<&'static str>, String),
    Phrase(Option<&'static str>, Vec<&'static str>),
    Colour(&'static str),
    Size(usize, usize),
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
}

impl Node {
    fn text(&self) -> String {
        let field = |field: Option<&str>| field.map_or(String::new(), |name| format!("{name}:"));
        let joined = |parts: &[Self], with: &str| -> String {
            let parts: Vec<String> = parts
                .iter()
                .map(|part| format!("({})", part.text()))
                .collect();
            parts.join(with)
        };
        match self {
            Self::Word(name, word) => format!("{}{word}", field(*name)),
            Self::Phrase(name, words) => format!("{}\"{}\"", field(*name), words.join(" ")),
            Self::Colour(colour) => format!("colour:\"{colour}\""),
            Self::Size(low, high) => format!("size:{low}..{high}"),
            Self::And(parts) if parts.len() % 2 == 0 => joined(parts, " AND "),
            Self::And(parts) => joined(parts, " "),
            Self::Or(parts) => joined(parts, " OR "),
            Self::Not(part) => format!("NOT ({})", part.text()),
        }
    }

    // Over the document's analysed words; knows no postings and no bitmaps.
    fn holds(&self, note: &Value) -> bool {
        let texts = |field: Option<&str>| -> Vec<String> {
            let names = field.map_or(vec!["head", "body"], |name| vec![name]);
            let held = names.iter().filter_map(|name| note[name].as_str());
            held.map(str::to_owned).collect()
        };
        match self {
            Self::Word(field, word) => texts(*field).iter().any(|text| {
                let terms = analysed(text).1;
                let wanted = &query_terms(word, &[Language::En])[0].alternatives;
                wanted.iter().any(|(text, _)| terms.contains(text))
            }),
            Self::Phrase(field, words) => texts(*field).iter().any(|text| {
                let wanted = analysed(&words.join(" ")).0;
                let held = analysed(text).0;
                held.windows(wanted.len()).any(|window| window == wanted)
            }),
            Self::Colour(colour) => note["colour"] == **colour,
            Self::Size(low, high) => note["size"]
                .as_u64()
                .is_some_and(|size| (*low as u64..=*high as u64).contains(&size)),
            Self::And(parts) => parts.iter().all(|part| part.holds(note)),
            Self::Or(parts) => parts.iter().any(|part| part.holds(note)),
            Self::Not(part) => !part.holds(note),
        }
    }
}

// A text's words in order, and all of its terms.
fn analysed(text: &str) -> (Vec<String>, HashSet<String>) {
    let mut words = Words::default();
    analyse(text, Some(Language::En), &mut words);
    let order: Vec<String> = words
        .items()
        .iter()
        .map(|word| words.folded(word).to_owned())
        .collect();
    let stems = words.items().iter().map(|word| words.stem(word).to_owned());
    let terms = order
        .iter()
        .cloned()
        .chain(stems)
        .filter(|term| !term.is_empty())
        .collect();
    (order, terms)
}

fn node() -> impl Strategy<Value = Node> {
    let field = || prop::option::of(prop::sample::select(vec!["head", "body"]));
    let word = || prop::sample::select(VOCABULARY.to_vec());
    let leaf = prop_oneof![
        4 => (field(), word()).prop_map(|(field, word)| Node::Word(field, word.to_owned())),
        2 => (field(), prop::collection::vec(word(), 1..4)).prop_map(|(f, w)| Node::Phrase(f, w)),
        1 => prop::sample::select(COLOURS.to_vec()).prop_map(Node::Colour),
        1 => (0..10_usize, 0..10_usize).prop_map(|(a, b)| Node::Size(a.min(b), a.max(b))),
    ];
    leaf.prop_recursive(5, 40, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..5).prop_map(Node::And),
            prop::collection::vec(inner.clone(), 2..5).prop_map(Node::Or),
            inner.prop_map(|part| Node::Not(Box::new(part))),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]
    #[test]
    fn random_expressions_match_as_a_naive_evaluator_says(node in node()) {
        let text = node.text();
        let mut request = query(&text, "notes");
        request.reading.syntax = Syntax::Boolean;
        request.limit = 1_000;
        let answer = answer(&RANDOM.snapshot, &request);
        let found: BTreeSet<String> = ids(&answer).into_iter().collect();
        let expected: BTreeSet<String> = RANDOM.notes
            .iter()
            .filter(|note| node.holds(note))
            .map(|note| note["id"].as_str().unwrap().to_owned())
            .collect();
        prop_assert_eq!(answer.total.unwrap().value, expected.len() as u64);
        prop_assert_eq!(found, expected, "{}", text);
    }
}
