//! The text score is BM25F, exactly: a naive twin counts the words of every
//! living document anew for its statistics and follows docs/score.md.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Value, json};
use tandem_engine::{Request, explain};
use tandem_index::analysis::{Language, TermKey, Words, analyse, detect, query_terms};
use tandem_index::document::{Document, GROUPS};
use tandem_index::snapshot::Snapshot;
use tandem_index::{Kind, Kinds, Store, StoreOptions, privacy};

use crate::corpus::{Corpus, real_jobs};
use crate::requests::plain_words;
use crate::support::{Rng, answer, delete, merge, prepared, put, query, store};

const WEIGHTS: [f64; GROUPS] = [3.0, 1.0, 2.0, 1.0];
const NORMS: [f64; GROUPS] = [0.5, 0.5, 0.5, 0.75];

#[derive(Default)]
struct NaiveRow {
    counts: HashMap<String, [f64; GROUPS]>,
    lengths: [f64; GROUPS],
    language: Option<Language>,
}

fn naive_row(kind: &Kind, document: &Value) -> NaiveRow {
    let document = Document::parse(kind, document.clone(), None, true).unwrap();
    let texts = document.texts.iter().map(|(group, text)| {
        let cut = privacy::private_ranges(text, false);
        (*group as usize, privacy::mask(text, &cut).into_owned())
    });
    let texts: Vec<(usize, String)> = texts.collect();
    let longest = texts
        .iter()
        .map(|(_, text)| text)
        .rev()
        .max_by_key(|text| text.len());
    let language = match &document.language {
        Some(tag) => Language::from_tag(tag),
        None => longest.and_then(|text| detect(text)),
    };
    let mut row = NaiveRow {
        language,
        ..NaiveRow::default()
    };
    for (group, text) in &texts {
        let mut words = Words::default();
        analyse(text, language, &mut words);
        row.lengths[*group] += words.len() as f64;
        for word in words.items() {
            let mut add = |term: &str| {
                row.counts.entry(term.to_owned()).or_default()[*group] += 1.0;
            };
            add(words.folded(word));
            if word.stem_key.is_some() {
                add(words.stem(word));
            }
        }
    }
    row
}

#[derive(Default)]
struct Naive {
    rows: f64,
    frequencies: HashMap<String, u32>,
    means: [f64; GROUPS],
    languages: Vec<Language>,
}

impl Naive {
    fn count<'a>(rows: impl Iterator<Item = &'a NaiveRow> + Clone) -> Self {
        let mut naive = Self {
            rows: rows.clone().count() as f64,
            ..Self::default()
        };
        let mut languages: HashMap<Language, i32> = HashMap::new();
        for row in rows {
            for term in row.counts.keys() {
                *naive.frequencies.entry(term.clone()).or_default() += 1;
            }
            for (mean, length) in naive.means.iter_mut().zip(row.lengths) {
                *mean += length / naive.rows;
            }
            if let Some(language) = row.language {
                *languages.entry(language).or_default() += 1;
            }
        }
        for mean in &mut naive.means {
            *mean = mean.max(1.0);
        }
        let mut by_count: Vec<(i32, Language)> =
            languages.into_iter().map(|(l, n)| (-n, l)).collect();
        by_count.sort_unstable();
        naive.languages = by_count
            .into_iter()
            .take(4)
            .map(|(_, language)| language)
            .collect();
        naive
    }

    fn idf(&self, term: &str) -> f64 {
        let frequency = self.frequencies.get(term).copied().map_or(0.0, f64::from);
        (1.0 + (self.rows - frequency + 0.5) / (frequency + 0.5)).ln()
    }

    fn saturation(&self, row: &NaiveRow, term: &str) -> f64 {
        let counts = row.counts.get(term).copied().unwrap_or_default();
        let tf: f64 = (0..GROUPS)
            .map(|g| {
                let norm = 1.0 - NORMS[g] + NORMS[g] * row.lengths[g] / self.means[g];
                if counts[g] > 0.0 {
                    WEIGHTS[g] * counts[g].min(15.0) / norm
                } else {
                    0.0
                }
            })
            .sum();
        tf / (1.2 + tf)
    }

    /// Points out of a million.
    fn score(&self, row: &NaiveRow, q: &str) -> f64 {
        let mut terms = query_terms(q, &self.languages);
        let mut seen: Vec<String> = Vec::new();
        terms.retain(|term| {
            let new = !seen.contains(&term.word);
            seen.push(term.word.clone());
            new
        });
        let (mut sum, mut weights) = (0.0, 0.0);
        for term in &terms {
            let texts = term.alternatives.iter().map(|(text, _)| text.as_str());
            // The most frequent alternative has the least idf.
            let weight = texts
                .clone()
                .map(|text| self.idf(text))
                .fold(f64::INFINITY, f64::min);
            let best = texts
                .enumerate()
                .map(|(at, text)| if at == 0 { 1.0 } else { 0.9 } * self.saturation(row, text))
                .fold(0.0, f64::max);
            sum += weight * best;
            weights += weight;
        }
        1_000_000.0 * sum / weights
    }
}

struct Twin {
    kinds: Arc<Kinds>,
    store: Store,
    rows: HashMap<String, NaiveRow>,
}

impl Twin {
    fn check_statistics(&self, naive: &Naive) {
        let kind = self.kinds.get("jobs").unwrap().id;
        let snapshot = self.store.snapshot();
        let statistics = &snapshot.collection(kind).statistics;
        assert_eq!(statistics.rows(), self.rows.len() as u64);
        for group in 0..GROUPS {
            let (mean, counted) = (statistics.mean_length(group), naive.means[group]);
            assert!(
                (mean - counted).abs() < 1e-6 * counted,
                "group {group}: {mean} {counted}"
            );
        }
        for (term, count) in &naive.frequencies {
            assert_eq!(statistics.frequency(TermKey::of(term)), *count, "{term}");
        }
        let languages: Vec<Language> = statistics.languages().take(4).collect();
        assert_eq!(languages, naive.languages);
    }

    fn check(&self, queries: usize, rng: &mut Rng, documents: &[Value]) -> f64 {
        let naive = Naive::count(self.rows.values());
        self.check_statistics(&naive);
        let snapshot = self.store.snapshot();
        let mut furthest: f64 = 0.0;
        let mut ids: Vec<&String> = self.rows.keys().collect();
        ids.sort_unstable();
        for _ in 0..queries {
            let q = {
                let document = rng.pick(documents);
                plain_words(rng, document, 5)
            };
            let mut request = query(&q, "jobs");
            // The twin knows words and stems alone.
            request.reading.typo = false;
            request.reading.prefix = false;
            request.reading.synonyms = false;
            request.reading.understand = false;
            request.weights = ["similarity", "skills", "freshness"]
                .map(|name| (name.into(), 0.0))
                .into();
            let mut asked: Vec<String> = answer(&snapshot, &request)
                .hits
                .into_iter()
                .map(|hit| hit.id)
                .collect();
            asked.extend((0..3).map(|_| (*rng.pick(&ids)).clone()));
            for id in asked {
                let points = f64::from(text_points(&snapshot, &request, &id));
                let expected = naive.score(&self.rows[&id], &q);
                let off = (points - expected).abs();
                furthest = furthest.max(off);
                // Four groups, each rounded down.
                assert!(off <= 4.0, "{q:?} in {id}: {points}, naively {expected}");
            }
        }
        furthest
    }

    fn change(&mut self, rng: &mut Rng, documents: &[Value]) {
        let kind = self.kinds.get("jobs").unwrap();
        let mut ids: Vec<String> = self.rows.keys().cloned().collect();
        ids.sort_unstable();
        let mut writes = Vec::new();
        for id in ids {
            match rng.below(10) {
                0 | 1 => {
                    writes.push(delete(&self.kinds, "jobs", &id));
                    self.rows.remove(&id);
                }
                2 | 3 => {
                    let mut other = rng.pick(documents).clone();
                    other["id"] = json!(id);
                    writes.push(put(&self.kinds, "jobs", &other));
                    self.rows.insert(id, naive_row(kind, &other));
                }
                _ => {}
            }
        }
        for batch in prepared(&self.kinds, writes).chunks(37) {
            self.store.apply(batch.to_vec(), 0);
            merge(&mut self.store);
        }
    }
}

fn text_points(snapshot: &Snapshot, request: &Request, id: &str) -> i32 {
    let hit = explain(snapshot, request, "jobs", id).unwrap();
    let text = hit
        .contributions
        .iter()
        .filter(|part| part.name.starts_with("text."));
    text.map(|part| part.points).sum()
}

#[test]
fn text_score_is_naive_bm25f_over_live_documents() {
    let mut rng = Rng::new("bm25", 51);
    let documents =
        real_jobs("ran on the sample only", 30).unwrap_or_else(|| Corpus::sample(800, 0, 11).jobs);
    assert!(documents.len() >= 500, "{}", documents.len());
    let kinds = Arc::new(Kinds::builtin());
    let writes = documents
        .iter()
        .map(|job| put(&kinds, "jobs", job))
        .collect();
    let kind = kinds.get("jobs").unwrap();
    let rows = documents
        .iter()
        .map(|job| (job["id"].as_str().unwrap().to_owned(), naive_row(kind, job)));
    let mut twin = Twin {
        rows: rows.collect(),
        store: store(
            &kinds,
            StoreOptions::default(),
            &prepared(&kinds, writes),
            100,
        ),
        kinds: Arc::clone(&kinds),
    };
    let mut furthest = twin.check(600, &mut rng, &documents);
    for _ in 0..4 {
        twin.change(&mut rng, &documents);
        furthest = furthest.max(twin.check(100, &mut rng, &documents));
    }
    eprintln!(
        "bm25: {} ads, 1,000 queries, at most {furthest:.2} points of a million off",
        documents.len()
    );
}
