//! What reading facts costs and fills: ads of about 150 words a second of one core,
//! analysed with and without facts, and the share of ads whose fields prose fills.
//! `cargo run --release -p tandem-index --example facts -- [FILE]`: ads with `title`
//! and `description` (the shared data folder's sets), else synthetic ones. Times are
//! of the processor (on Linux; elsewhere of the wall), the best of several rounds, so
//! that a busy machine disturbs less.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a command for developers"
)]

use std::hint::black_box;
use std::path::PathBuf;
use std::time::Instant;

use serde_json::{Value, json};
use tandem_index::analysis::{Words, analyse};
use tandem_index::document::{Cell, Document};
use tandem_index::facts::{self, Prose, Reading};
use tandem_index::{Kind, Kinds, row};
use tandem_loaders::format::{Input, Options, open};
use tandem_loaders::sample::Sampler;

const NOW_MS: i64 = 1_795_132_800_000;
const ADS: usize = 4_000;
const WORDS: usize = 150;
const ROUNDS: usize = 5;

fn main() {
    let path = std::env::args().nth(1).map(PathBuf::from);
    let ads = path.map_or_else(synthetic, shared);
    let kinds = Kinds::builtin();
    let with = kinds.get("jobs").unwrap();
    // The same kind without the meaning by which prose is read.
    let plain = Kinds::parse(&BUILTIN.replace(", as = \"skills\",", ",")).unwrap();
    let plain = plain.get("jobs").unwrap();
    let words: usize = ads
        .iter()
        .map(|ad| text(ad).split_whitespace().count())
        .sum();
    println!("{} ads of {} words", ads.len(), words / ads.len());
    let rate = |name: &str, seconds: f64| {
        println!(
            "{name:<28} {:>8.0} ads a core-second",
            ads.len() as f64 / seconds
        );
    };
    rate("facts alone", best(|| read_all(&ads)));
    let (off, on) = (
        best(|| analyse_all(plain, &ads)),
        best(|| analyse_all(with, &ads)),
    );
    rate("analysed without facts", off);
    rate("analysed with facts", on);
    let cost = (on - off) / ads.len() as f64 * 1e6;
    println!(
        "facts add {cost:.0} µs an ad, {:.0} % of an analysis",
        (on / off - 1.0) * 100.0
    );
    filled(with, &ads);
}

const BUILTIN: &str = include_str!("../kinds.toml");

fn text(ad: &Value) -> &str {
    ad["description"].as_str().unwrap_or_default()
}

// Title and text alone, so that all fields are open; cut to about so many words.
fn ad(title: &str, text: &str) -> Option<Value> {
    let mut words = 0;
    let end = text
        .match_indices(char::is_whitespace)
        .find_map(|(at, _)| {
            words += 1;
            (words == WORDS).then_some(at)
        })
        .unwrap_or(text.len());
    (words >= WORDS / 2).then(|| json!({"title": title, "description": text.get(..end)}))
}

fn synthetic() -> Vec<Value> {
    let sampler = Sampler::new(1, NOW_MS);
    let jobs = (0..).map(|number| serde_json::from_str(&sampler.job(number)).unwrap());
    let ads = jobs.filter_map(|job: Value| ad(job["title"].as_str()?, text(&job)));
    ads.take(ADS).collect()
}

fn shared(path: PathBuf) -> Vec<Value> {
    let records = open(Input::File(path), &Options::default()).unwrap();
    let records = records.filter_map(Result::ok);
    let ads = records.filter_map(|record| {
        let member = |name: &str| record.fields.get(name).and_then(Value::as_str);
        ad(member("title")?, member("description")?)
    });
    ads.take(ADS).collect()
}

fn best(mut run: impl FnMut()) -> f64 {
    let round = |_| {
        let (started, on_core) = (Instant::now(), on_core());
        run();
        let ended = self::on_core().zip(on_core).map(|(end, start)| end - start);
        ended.unwrap_or_else(|| started.elapsed().as_secs_f64())
    };
    (0..ROUNDS).map(round).fold(f64::INFINITY, f64::min)
}

// Seconds this process, of one thread, was on a core.
fn on_core() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/schedstat").ok()?;
    let nanoseconds: u64 = text.split(' ').next()?.parse().ok()?;
    Some(nanoseconds as f64 / 1e9)
}

fn read_all(ads: &[Value]) {
    let mut words = Words::default();
    for ad in ads {
        let title = ad["title"].as_str().unwrap_or_default();
        let whole = facts::titled(title, text(ad));
        words.clear();
        analyse(&whole, None, &mut words);
        let reading = Reading::of_titled(&whole, title.len(), Prose::Ad, &words);
        black_box(facts::read(&reading));
    }
}

fn row_of(kind: &Kind, ad: &Value) -> row::Row {
    let document = Document::parse(kind, ad.clone(), Some("1"), true).unwrap();
    row::analyse(kind, document)
}

fn analyse_all(kind: &Kind, ads: &[Value]) {
    for ad in ads {
        black_box(row_of(kind, ad));
    }
}

fn filled(kind: &Kind, ads: &[Value]) {
    let mut counts = vec![0_usize; kind.columns().len()];
    for ad in ads {
        let row = row_of(kind, ad);
        for (count, cell) in counts.iter_mut().zip(&row.cells) {
            *count += usize::from(*cell != Cell::Unknown);
        }
    }
    for (column, count) in kind
        .columns()
        .iter()
        .zip(counts)
        .filter(|(_, count)| *count > 0)
    {
        println!(
            "{:<24} {:>5.1} %",
            column.name,
            100.0 * count as f64 / ads.len() as f64
        );
    }
}
