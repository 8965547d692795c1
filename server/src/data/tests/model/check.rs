//! What readers find, against brute force over a map: documents by id, the
//! words, filters, totals, facets and vectors of a search, exports; and every
//! score against that of a store to which nothing ever happened.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use tandem_engine::{Answer, Condition, FacetRequest, Request, Source, answer, export};
use tandem_index::row::stored_json;
use tandem_index::{Kinds, Snapshot, Store, StoreOptions, Write, prepare};

use super::map::{Documents, Held, Model};
use super::{COLOURS, DAY_MS, DIMENSIONS, Dice, NAMES, NOW_MS, TOPICS, day};

/// Requests of each kind.
const ASKED: usize = 6;
/// Least cosine of a hit for its vector alone, and the cosines at which a
/// similarity is worth nothing and everything (docs/score.md).
const COSINE_LEAST: f64 = 0.45;
const COSINE_LOW: f64 = 0.15;
const COSINE_HIGH: f64 = 0.85;
/// Vectors are stored in 16 bits a component.
const ROUNDING: f64 = 0.001;

/// Why a snapshot does not hold a model's documents, if it does not.
fn difference(snapshot: &Snapshot, model: &Model) -> Option<String> {
    for (documents, name) in model.iter().zip(NAMES) {
        let kind = snapshot.kinds().get(name).unwrap().id;
        let (rows, held) = (snapshot.rows(kind), documents.held.len() as u64);
        if rows != held {
            return Some(format!("{name}: {rows} documents, {held} expected"));
        }
        for (id, held) in &documents.held {
            let stored = snapshot.get(kind, id);
            let stored = stored.map(|one| (one.version, stored_json(one.json)));
            if stored.as_ref() != Some(&(held.version, held.document.clone())) {
                return Some(format!("{id} is {stored:?}, {held:?} expected"));
            }
        }
        if let Some(id) = (documents.gone.keys()).find(|id| snapshot.get(kind, id).is_some()) {
            return Some(format!("{id} is there"));
        }
    }
    None
}

/// Whether a snapshot holds a model's documents.
pub(super) fn is(snapshot: &Snapshot, model: &Model) -> bool {
    difference(snapshot, model).is_none()
}

/// That it does.
pub(super) fn documents(snapshot: &Snapshot, model: &Model) {
    assert_eq!(difference(snapshot, model), None);
}

/// Everything, with some random questions.
pub(super) fn all(
    kinds: &Arc<Kinds>,
    snapshot: &Snapshot,
    model: &Model,
    (dice, texts): (&mut Dice, u64),
) {
    documents(snapshot, model);
    let fresh = fresh(kinds, model);
    for (documents, name) in model.iter().zip(NAMES) {
        for _ in 0..ASKED {
            let question = Question::random(dice, documents, texts);
            question.hold(name, documents, snapshot, &fresh);
        }
    }
}

/// The documents of a model in a store to which nothing else ever happened.
fn fresh(kinds: &Arc<Kinds>, model: &Model) -> Arc<Snapshot> {
    let mut store = Store::new(Arc::clone(kinds), StoreOptions::default());
    for (documents, name) in model.iter().zip(NAMES) {
        let kind = kinds.get(name).unwrap().id;
        let put = |held: &Held| {
            let document = held.document.clone();
            let put = Write::Put {
                kind,
                id: None,
                document,
            };
            prepare(kinds, put).unwrap().settled(held.version)
        };
        store.apply(documents.held.values().map(put).collect(), 0);
    }
    store.snapshot()
}

/// A search and what it asks for.
#[derive(Debug)]
struct Question {
    q: String,
    /// The word every hit has.
    word: Option<String>,
    vector: Option<Vec<f32>>,
    colours: Option<Vec<&'static str>>,
    sizes: Option<(f64, f64)>,
    now_ms: i64,
}

impl Question {
    fn random(dice: &mut Dice, documents: &Documents, texts: u64) -> Self {
        let mut question = Self {
            q: String::new(),
            word: None,
            vector: None,
            colours: None,
            sizes: None,
            // Also the very moment a document expires.
            now_ms: NOW_MS + (dice.below(26) as i64 - 13) * DAY_MS,
        };
        if dice.chance(40) {
            let count = 1 + dice.below(2) as usize;
            question.colours = Some((0..count).map(|_| *dice.pick(&COLOURS)).collect());
        }
        if dice.chance(30) {
            let low = dice.below(30) as f64 / 2.0;
            question.sizes = Some((low, low + dice.below(16) as f64 / 2.0));
        }
        match dice.below(5) {
            0 => {}
            1 => question.say((*dice.pick(&TOPICS)).to_owned(), dice),
            2 => question.say(format!("w{}x", 1 + dice.below(texts)), dice),
            // One that is there, if any is.
            3 => {
                let texts: Vec<&str> = documents.held.values().map(text).collect();
                let text = texts.get(dice.below(texts.len() as u64) as usize);
                let word = text.and_then(|text| text.split(' ').nth(1));
                question.say(word.unwrap_or("w0x").to_owned(), dice);
            }
            _ => {
                let mut vector = vec![1.0 + dice.below(8) as f32];
                vector.resize_with(DIMENSIONS, || dice.below(17) as f32 - 8.0);
                question.vector = Some(vector);
            }
        }
        question
    }

    fn say(&mut self, word: String, dice: &mut Dice) {
        self.q = match dice.below(3) {
            0 => word.clone(),
            1 => format!("+{word}"),
            // The word before it, of a unique one.
            _ if word.starts_with('w') => format!("\"note {word}\""),
            _ => format!("\"{word} common\""),
        };
        self.word = Some(word);
    }

    fn request(&self, name: &str) -> Request {
        let source = Source::Query {
            q: self.q.clone(),
            vector: self.vector.clone(),
        };
        let mut request = Request::new(source, Some(name.to_owned()), self.now_ms);
        request.limit = 1_000;
        request.fields = Some(vec!["*".to_owned()]);
        // Words are to match as they stand.
        request.reading.typo = false;
        request.reading.prefix = false;
        request.reading.synonyms = false;
        request.reading.understand = false;
        request.facets = vec![FacetRequest::new("colour", 10)];
        if let Some(colours) = &self.colours {
            let any = Some(colours.iter().map(|colour| json!(colour)).collect());
            let condition = Condition {
                any,
                ..Condition::default()
            };
            request.filters.push(("colour".to_owned(), condition));
        }
        if let Some((low, high)) = self.sizes {
            let condition = Condition {
                gte: Some(json!(low)),
                lt: Some(json!(high)),
                ..Condition::default()
            };
            request.filters.push(("size".to_owned(), condition));
        }
        request
    }

    /// Whether a document passes all but the filter on its colour.
    fn passes(&self, held: &Held) -> bool {
        let document = &held.document;
        let over = (10..30).find(|number| document["until"] == day(*number).as_str());
        let is_over =
            over.is_some_and(|number| NOW_MS + (number as i64 - 20) * DAY_MS <= self.now_ms);
        let size = document["size"].as_f64();
        let fits = self
            .sizes
            .is_none_or(|(low, high)| size.is_some_and(|size| low <= size && size < high));
        let word = self.word.as_deref();
        let says = word.is_none_or(|word| text(held).split(' ').any(|one| one == word));
        !is_over && fits && says
    }

    fn has_colour(&self, held: &Held) -> bool {
        let colour = held.document["colour"].as_str();
        let asked = self.colours.as_ref();
        asked.is_none_or(|asked| colour.is_some_and(|colour| asked.contains(&colour)))
    }

    /// Cosine of a document and the vector asked for, if it has one.
    fn cosine(&self, held: &Held) -> Option<f64> {
        let asked = self.vector.as_ref()?.iter().map(|one| f64::from(*one));
        let held = held.document.get("vector")?.as_array()?.iter();
        let pairs: Vec<(f64, f64)> = asked.zip(held.map(|one| one.as_f64().unwrap())).collect();
        let sum = |value: fn(&(f64, f64)) -> f64| pairs.iter().map(value).sum::<f64>();
        Some(sum(|(a, b)| a * b) / (sum(|(a, _)| a * a) * sum(|(_, b)| b * b)).sqrt())
    }

    /// Whether a document is a hit; nothing where rounding decides.
    fn is_hit(&self, held: &Held) -> Option<bool> {
        if self.vector.is_none() {
            return Some(true);
        }
        let cosine = self.cosine(held).unwrap_or(-1.0);
        ((cosine - COSINE_LEAST).abs() > ROUNDING).then_some(cosine > COSINE_LEAST)
    }

    fn hold(&self, name: &str, documents: &Documents, snapshot: &Snapshot, fresh: &Snapshot) {
        let request = self.request(name);
        let found = ask(snapshot, &request);
        let told = || format!("{self:?} {:?}", documents.held);
        let (mut hits, mut unsure) = (0, 0);
        for (id, held) in &documents.held {
            let passes = self.passes(held) && self.has_colour(held);
            let is_hit = if passes {
                self.is_hit(held)
            } else {
                Some(false)
            };
            let shown = found.hits.iter().find(|hit| hit.id == *id);
            match is_hit {
                Some(expected) => assert_eq!(shown.is_some(), expected, "{id}: {}", told()),
                None => unsure += 1,
            }
            let Some(shown) = shown else { continue };
            hits += 1;
            assert_eq!(Value::Object(shown.document.clone()), held.document);
            if let Some(cosine) = self.cosine(held) {
                let part = shown.contributions.iter();
                let part = part.clone().find(|part| part.name == "similarity").unwrap();
                let range = COSINE_HIGH - COSINE_LOW;
                let value = ((cosine - COSINE_LOW) / range).clamp(0.0, 1.0);
                let off = f64::from(part.points) / f64::from(part.max) - value;
                assert!(off.abs() < ROUNDING / range, "{id} {part:?}: {}", told());
            }
        }
        // No hit but those, none twice.
        assert_eq!(found.hits.len(), hits, "{}", told());
        assert_eq!(found.total.as_ref().unwrap().value, hits as u64);
        assert!(
            found
                .hits
                .is_sorted_by(|a, b| (b.score, &a.id) < (a.score, &b.id))
        );
        if unsure == 0 {
            self.hold_facet(documents, &found);
        }
        self.hold_export(snapshot, &request, &found);
        assert_eq!(
            canonical(&found),
            canonical(&ask(fresh, &request)),
            "{}",
            told()
        );
    }

    /// The facet of colours looks past the filter on them.
    fn hold_facet(&self, documents: &Documents, found: &Answer) {
        let mut expected: BTreeMap<&str, u64> = BTreeMap::new();
        let hits = documents.held.values();
        let hits = hits.filter(|held| self.passes(held) && self.is_hit(held) != Some(false));
        // One only the other colours have is left to rounding.
        let hits: Vec<&Held> = hits.collect();
        if hits.iter().any(|held| self.is_hit(held).is_none()) {
            return;
        }
        for colour in hits
            .iter()
            .filter_map(|held| held.document["colour"].as_str())
        {
            *expected.entry(colour).or_default() += 1;
        }
        let (name, values) = &found.facets[0];
        assert_eq!(name, "colour");
        let counted = values.iter().map(|one| (one.value.as_str(), one.count));
        let counted: BTreeMap<&str, u64> = counted.filter(|(_, count)| *count > 0).collect();
        assert_eq!(counted, expected, "{self:?}");
    }

    fn hold_export(&self, snapshot: &Snapshot, request: &Request, found: &Answer) {
        let order = export::order(snapshot, request).unwrap();
        let half = order.len() / 2;
        let mut hits = order.show(snapshot, request, 0..half).unwrap();
        hits.extend(order.show(snapshot, request, half..order.len()).unwrap());
        assert_eq!(hits, found.hits, "{self:?}");
    }
}

fn text(held: &Held) -> &str {
    held.document["text"].as_str().unwrap()
}

fn ask(snapshot: &Snapshot, request: &Request) -> Answer {
    answer(snapshot, request, &mut |_| {}).unwrap_or_else(|cause| panic!("{cause} {request:?}"))
}

/// An answer without the sequence number it is of.
fn canonical(answer: &Answer) -> Answer {
    Answer {
        sequence: 0,
        ..answer.clone()
    }
}
