//! `tandem eval`: ranking quality on judged topics, and with `--facts` how well
//! facts are read (`facts`). Owns the systems compared and the table; the measures are `tandem_engine::eval`'s, the rankings come
//! from a running server, exhaustively scored.

mod facts;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde::Deserialize;
use serde_json::{Value, json};
use tandem_engine::components::{ALL, Component};
use tandem_engine::eval::{Interval, Qrels, Run, bootstrap, evaluate, paired_bootstrap};
use xxhash_rust::xxh3::xxh3_64;

use super::client::Server;
use super::error::{CliError, Exit};
use super::filters::weights;
use super::print;

/// Hits of each ranking: what recall@100 needs.
const DEPTH: usize = 100;
const SEED: u64 = 20_261_120;

/// Which topics count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Split {
    /// Those weights may be tuned on
    Tune,
    /// Those never tuned on
    Held,
    /// Both
    All,
}

#[derive(Debug, Args)]
pub(super) struct Options {
    /// Topics, a JSON object a line: topic, to, q or from and id, split
    #[arg(long, value_name = "FILE", required_unless_present = "facts")]
    topics: Option<PathBuf>,
    /// Judgements in TREC's qrels format
    #[arg(long, value_name = "FILE", required_unless_present_any = ["pool", "facts"])]
    qrels: Option<PathBuf>,
    /// Measure no ranking but how well facts are read from texts: the folder with
    /// the labels, ads.ndjson and cvs.ndjson; needs no server
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["topics", "qrels", "pool"])]
    facts: Option<PathBuf>,
    /// The folder with the texts of --facts, as NAME.ndjson.zst
    #[arg(long, value_name = "FOLDER", requires = "facts", required_unless_present_any = ["topics", "pool"])]
    texts: Option<PathBuf>,
    /// Also print what was missed, document by document, with some of their text;
    /// of the tuning half only
    #[arg(long, requires = "facts")]
    misses: bool,
    /// Which topics or documents count
    #[arg(long, value_enum, default_value = "all")]
    split: Split,
    /// Also measure these weights, as the system "given" (repeatable)
    #[arg(long = "weight", value_name = "NAME=N")]
    weights: Vec<String>,
    /// Leave out the ablation: only text, vectors, full and given
    #[arg(long)]
    no_ablation: bool,
    /// Write no table but the documents to judge: topic and id, shuffled, of the
    /// ten best of text alone, vectors alone and the full score
    #[arg(long, value_name = "FILE", conflicts_with = "qrels")]
    pool: Option<PathBuf>,
    /// As JSON, also on a terminal
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: Server,
}

/// One line of the topics file.
#[derive(Debug, Deserialize)]
struct Topic {
    #[serde(rename = "topic")]
    name: String,
    to: String,
    q: Option<String>,
    from: Option<String>,
    id: Option<String>,
    #[serde(default)]
    split: String,
}

struct System {
    name: String,
    weights: Option<Value>,
}

struct Row {
    name: String,
    means: [f64; 4],
    ndcg: Interval,
    gain: Option<Interval>,
    values: Vec<f64>,
    judged: f64,
}

pub(super) fn run(options: &Options) -> Result<Exit, CliError> {
    if let Some(labels) = &options.facts {
        return facts::run(options, labels);
    }
    let topics = topics(
        options.topics.as_deref().unwrap_or(Path::new("")),
        options.split,
    )?;
    if let Some(path) = &options.pool {
        return pool(options, &topics, path);
    }
    let path = options.qrels.as_deref().unwrap_or(Path::new(""));
    let qrels = Qrels::parse(&read(path)?)
        .map_err(|cause| CliError::new(Exit::Usage, format!("{}: {cause}", path.display())))?;
    let mut rows: Vec<Row> = Vec::new();
    for system in systems(options)? {
        let run = rankings(&options.server, &topics, &system)?;
        rows.push(measure(&qrels, &run, &topics, system.name)?);
    }
    let full = rows
        .iter()
        .find(|row| row.name == "full")
        .map(|row| row.values.clone());
    for row in &mut rows {
        row.gain = full
            .as_ref()
            .filter(|_| row.name != "full")
            .and_then(|full| paired_bootstrap(&row.values, full, SEED));
    }
    let shown = if options.json || !print::is_terminal() {
        as_json(&rows, topics.len())
    } else {
        as_table(&rows, topics.len())
    };
    print::line(shown.trim_end())?;
    Ok(Exit::Done)
}

fn read(path: &Path) -> Result<String, CliError> {
    std::fs::read_to_string(path)
        .map_err(|cause| CliError::io(&format!("cannot read {}", path.display()), &cause))
}

fn topics(path: &Path, split: Split) -> Result<Vec<Topic>, CliError> {
    let mut topics = Vec::new();
    for (at, line) in read(path)?.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let topic: Topic = serde_json::from_str(line).map_err(|cause| {
            CliError::new(
                Exit::Usage,
                format!("{}, line {}: {cause}", path.display(), at + 1),
            )
        })?;
        let counts = match split {
            Split::All => true,
            Split::Tune => topic.split == "tune",
            Split::Held => topic.split == "held",
        };
        if counts {
            topics.push(topic);
        }
    }
    if topics.is_empty() {
        return Err(CliError::new(
            Exit::Usage,
            format!("{}: no topics", path.display()),
        ));
    }
    Ok(topics)
}

fn only(component: Component) -> Value {
    let weights: serde_json::Map<String, Value> = ALL
        .into_iter()
        .map(|c| (c.as_str().to_owned(), json!(u8::from(c == component))))
        .collect();
    Value::Object(weights)
}

fn systems(options: &Options) -> Result<Vec<System>, CliError> {
    let system = |name: &str, weights: Option<Value>| System {
        name: name.to_owned(),
        weights,
    };
    let mut systems = vec![
        system("text", Some(only(Component::Text))),
        system("vectors", Some(only(Component::Similarity))),
        system("full", None),
    ];
    if let Some(given) = weights(&options.weights)? {
        systems.push(system("given", Some(given)));
    }
    if !options.no_ablation {
        for component in ALL {
            let name = format!("full without {}", component.as_str());
            systems.push(system(&name, Some(json!({component.as_str(): 0}))));
        }
    }
    Ok(systems)
}

fn ranking(
    server: &Server,
    topic: &Topic,
    system: &System,
    limit: usize,
) -> Result<Vec<String>, CliError> {
    let mut body = json!({"to": topic.to, "limit": limit, "fields": [], "count": "none"});
    match (&topic.q, &topic.from, &topic.id) {
        (Some(q), _, _) => body["q"] = json!(q),
        (None, Some(kind), Some(id)) => body["from"] = json!({"kind": kind, "id": id}),
        _ => {
            let what = format!("topic {}: needs q, or from and id", topic.name);
            return Err(CliError::new(Exit::Usage, what));
        }
    }
    if let Some(weights) = &system.weights {
        body["weights"] = weights.clone();
    }
    let answer = server.ask("POST", "/v1/rank", Some(&body))?;
    let hits = answer["hits"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    Ok(hits
        .iter()
        .filter_map(|hit| hit["id"].as_str().map(str::to_owned))
        .collect())
}

fn rankings(server: &Server, topics: &[Topic], system: &System) -> Result<Run, CliError> {
    let mut run = Run::default();
    for topic in topics {
        run.insert(topic.name.clone(), ranking(server, topic, system, DEPTH)?);
    }
    Ok(run)
}

fn measure(qrels: &Qrels, run: &Run, topics: &[Topic], name: String) -> Result<Row, CliError> {
    let asked: BTreeSet<&str> = topics.iter().map(|topic| topic.name.as_str()).collect();
    let mut evaluation = evaluate(qrels, run, 1);
    evaluation
        .queries
        .retain(|(query, _)| asked.contains(query.as_str()));
    let values = evaluation.values(|measures| measures.ndcg10);
    let ndcg = bootstrap(&values, SEED).ok_or_else(|| {
        CliError::new(
            Exit::Usage,
            "no topic has a relevant judgement: do the files belong together?",
        )
    })?;
    let mean = evaluation.mean();
    Ok(Row {
        name,
        means: [mean.ndcg10, mean.map, mean.mrr, mean.recall100],
        ndcg,
        gain: None,
        values,
        judged: mean.judged10,
    })
}

fn as_json(rows: &[Row], topics: usize) -> String {
    let interval = |i: &Interval| json!({"mean": i.mean, "low": i.low, "high": i.high});
    let systems: Vec<Value> = rows
        .iter()
        .map(|row| {
            json!({
                "system": row.name, "ndcg10": interval(&row.ndcg), "map": row.means[1],
                "mrr": row.means[2], "recall100": row.means[3], "judged10": row.judged,
                "ndcg10_against_full": row.gain.as_ref().map(interval),
            })
        })
        .collect();
    json!({"topics": topics, "systems": systems}).to_string()
}

fn as_table(rows: &[Row], topics: usize) -> String {
    let mut table = format!(
        "{topics} topics; 95 % intervals, paired bootstrap\n{:<24} {:>22} {:>6} {:>6} {:>10} {:>7}  {}\n",
        "system", "nDCG@10", "MAP", "MRR", "recall@100", "judged", "nDCG@10 against full"
    );
    for row in rows {
        let gain = row.gain.as_ref().map_or_else(String::new, |gain| {
            format!("{:+.3} [{:+.3}, {:+.3}]", gain.mean, gain.low, gain.high)
        });
        let ndcg = format!(
            "{:.3} [{:.3}, {:.3}]",
            row.ndcg.mean, row.ndcg.low, row.ndcg.high
        );
        let line = writeln!(
            table,
            "{:<24} {ndcg:>22} {:>6.3} {:>6.3} {:>10.3} {:>6.0}%  {gain}",
            row.name,
            row.means[1],
            row.means[2],
            row.means[3],
            row.judged * 100.0,
        );
        debug_assert!(line.is_ok(), "writing to a string does not fail");
    }
    table
}

fn pool(options: &Options, topics: &[Topic], path: &Path) -> Result<Exit, CliError> {
    let mut lines: BTreeMap<(String, u64), String> = BTreeMap::new();
    for system in systems(options)?.iter().take(3) {
        for topic in topics {
            for id in ranking(&options.server, topic, system, 10)? {
                // Shuffled by hash, so that no order tells which system found what.
                let place = xxh3_64(format!("{} {id}", topic.name).as_bytes());
                let line = json!({"topic": topic.name, "to": topic.to, "id": id}).to_string();
                lines.insert((topic.name.clone(), place), line);
            }
        }
    }
    let text: String = lines.into_values().map(|line| line + "\n").collect();
    std::fs::write(path, text)
        .map_err(|cause| CliError::io(&format!("cannot write {}", path.display()), &cause))?;
    Ok(Exit::Done)
}
