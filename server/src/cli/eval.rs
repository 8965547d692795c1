//! `tandem eval`: ranking quality on judged topics: the table of systems, what
//! two configurations differ in (`diff`), better weights (`tune`), and with
//! `--facts` how well facts are read (`facts`). Owns the options, the systems
//! compared and the table; the measures are `tandem_engine::eval`'s, the rankings
//! come from a running server, exhaustively scored.

mod diff;
mod facts;
mod rankings;
mod topics;
mod tune;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Map, Value, json};
use tandem_engine::eval::{Interval, Qrels, Run, bootstrap, paired_bootstrap};
use xxhash_rust::xxh3::xxh3_64;

use self::rankings::{Rankings, System, measured, only};
use self::topics::{Form, Split, Topic};
use super::client::Server;
use super::error::{CliError, Exit};
use super::filters::weights;
use super::print;

/// Hits of each ranking: what recall@100 needs.
const DEPTH: usize = 100;
const SEED: u64 = 20_261_120;

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "switches of a command line")]
pub(super) struct Options {
    /// Topics, a JSON object a line: topic, to, q or from and id, split
    #[arg(long, value_name = "FILE", required_unless_present = "facts")]
    topics: Option<PathBuf>,
    /// Judgements in TREC's qrels format
    #[arg(long, value_name = "FILE", required_unless_present_any = ["pool", "facts"])]
    qrels: Option<PathBuf>,
    /// Show topic by topic what the second of two configurations changes: members
    /// of a request as JSON, or files with them
    #[arg(long, num_args = 2, value_names = ["A", "B"],
        conflicts_with_all = ["facts", "pool", "tune", "weights", "no_ablation"])]
    diff: Vec<String>,
    /// Look for better weights, step by step, on the tuning half alone
    #[arg(long, conflicts_with_all = ["facts", "pool", "weights", "no_ablation"])]
    tune: bool,
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
    /// Which topics or documents count; all if not given, with --tune and --diff
    /// those of the tuning half
    #[arg(long, value_enum)]
    split: Option<Split>,
    /// Only topics that ask with words (search) or with a document (match)
    #[arg(long, value_enum, conflicts_with = "facts")]
    form: Option<Form>,
    /// The profile every system has
    #[arg(long, value_name = "NAME", conflicts_with = "facts")]
    profile: Option<String>,
    /// The time documents are seen from, RFC 3339; the server's clock if not given
    #[arg(long, value_name = "TIME", conflicts_with = "facts")]
    now: Option<String>,
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

impl Options {
    /// Which topics count.
    fn split(&self) -> Result<Split, CliError> {
        if self.tune {
            return tune::split(self.split);
        }
        // Single topics and documents are looked at in a diff, and what was seen
        // is tuned on, whether one means to or not.
        let unsaid = if self.diff.is_empty() {
            Split::All
        } else {
            Split::Tune
        };
        Ok(self.split.unwrap_or(unsaid))
    }

    /// The members every request has.
    fn members(&self) -> Map<String, Value> {
        let given = [("profile", &self.profile), ("now", &self.now)];
        let given = given.into_iter().filter_map(|(name, value)| {
            let value = value.as_ref()?;
            Some((name.to_owned(), json!(value)))
        });
        given.collect()
    }
}

struct Row {
    name: String,
    means: [f64; 4],
    ndcg: Interval,
    gain: Option<Interval>,
    values: Vec<f64>,
    judged: f64,
    left_out: Vec<String>,
}

pub(super) fn run(options: &Options) -> Result<Exit, CliError> {
    if let Some(labels) = &options.facts {
        return facts::run(options, labels);
    }
    let path = options.topics.as_deref().unwrap_or(Path::new(""));
    let topics = topics::topics(path, options.split()?, options.form)?;
    if let Some(path) = &options.pool {
        return pool(options, &topics, path);
    }
    let path = options.qrels.as_deref().unwrap_or(Path::new(""));
    let qrels = Qrels::parse(&read(path)?)
        .map_err(|cause| CliError::new(Exit::Usage, format!("{}: {cause}", path.display())))?;
    if options.tune {
        return tune::run(options, &topics, &qrels);
    }
    if !options.diff.is_empty() {
        return diff::run(options, &topics, &qrels);
    }
    table(options, &topics, &qrels)
}

fn read(path: &Path) -> Result<String, CliError> {
    std::fs::read_to_string(path)
        .map_err(|cause| CliError::io(&format!("cannot read {}", path.display()), &cause))
}

fn table(options: &Options, topics: &[Topic], qrels: &Qrels) -> Result<Exit, CliError> {
    let mut rows: Vec<Row> = Vec::new();
    let full = System::new(FULL, &options.members());
    let full = Rankings::ask(&options.server, topics, &full, DEPTH)?;
    for system in systems(options, &full.names())? {
        // What the names were read from is the full score's own ranking.
        let row = if system.name == FULL {
            measure(qrels, &full.run, topics, system.name)?
        } else {
            let rankings = Rankings::ask(&options.server, topics, &system, DEPTH)?;
            measure(qrels, &rankings.run, topics, system.name)?
        };
        rows.push(row);
    }
    let full = rows
        .iter()
        .find(|row| row.name == FULL)
        .map(|row| row.values.clone());
    for row in &mut rows {
        row.gain = full
            .as_ref()
            .filter(|_| row.name != FULL)
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

/// The name of the score as it is.
const FULL: &str = "full";

/// Text alone, vectors alone, the full score, weights given, and the full score
/// without each of the components the server names.
fn systems(options: &Options, names: &[String]) -> Result<Vec<System>, CliError> {
    let members = options.members();
    let system = |name: &str| System::new(name, &members);
    let mut systems = vec![
        system("text").weighted(|form| only(names, "text", form)),
        system("vectors").weighted(|form| only(names, "similarity", form)),
        system(FULL),
    ];
    if let Some(given) = weights(&options.weights)? {
        systems.push(system("given").weighted(|_| given.clone()));
    }
    if !options.no_ablation {
        for name in names {
            let without = system(&format!("full without {name}"));
            systems.push(without.weighted(|_| json!({name: 0})));
        }
    }
    Ok(systems)
}

fn measure(qrels: &Qrels, run: &Run, topics: &[Topic], name: String) -> Result<Row, CliError> {
    let evaluation = measured(qrels, run, topics)?;
    let values = evaluation.values(|measures| measures.ndcg10);
    let ndcg = bootstrap(&values, SEED)
        .ok_or_else(|| CliError::new(Exit::Failed, "a measure is not a number"))?;
    let mean = evaluation.mean();
    Ok(Row {
        name,
        means: [mean.ndcg10, mean.map, mean.mrr, mean.recall100],
        ndcg,
        gain: None,
        values,
        judged: mean.judged10,
        left_out: evaluation.left_out,
    })
}

fn interval(of: &Interval) -> Value {
    json!({"mean": of.mean, "low": of.low, "high": of.high})
}

/// Which topics do not count, in words.
fn left_out(topics: &[String]) -> String {
    if topics.is_empty() {
        return String::new();
    }
    let names = topics.join(", ");
    format!(" (without {names}: no relevant document)")
}

fn as_json(rows: &[Row], topics: usize) -> String {
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
    // The same for all: it is of topics and judgements, not of rankings.
    let left_out = rows.first().map(|row| &row.left_out);
    json!({"topics": topics, "left_out": left_out, "systems": systems}).to_string()
}

fn as_table(rows: &[Row], topics: usize) -> String {
    let none = rows
        .first()
        .map_or_else(String::new, |row| left_out(&row.left_out));
    let mut table = format!(
        "{topics} topics{none}; 95 % intervals, paired bootstrap\n{:<26} {:>22} {:>6} {:>6} {:>10} {:>7}  {}\n",
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
            "{:<26} {ndcg:>22} {:>6.3} {:>6.3} {:>10.3} {:>6.0}%  {gain}",
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
    const POOLED: usize = 10;
    let mut lines: BTreeMap<(String, u64), String> = BTreeMap::new();
    let full = System::new(FULL, &options.members());
    let full = Rankings::ask(&options.server, topics, &full, POOLED)?;
    for system in systems(options, &full.names())?.iter().take(3) {
        let found = Rankings::ask(&options.server, topics, system, POOLED)?;
        for topic in topics {
            for id in found.run.ranking(&topic.name) {
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

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        options: Options,
    }

    fn options(arguments: &str) -> Options {
        let arguments = format!("eval --topics t --qrels q {arguments}");
        Line::parse_from(arguments.split_whitespace()).options
    }

    #[test]
    fn systems_are_made_of_the_names_the_server_has() {
        let names = ["text", "similarity", "experience"].map(str::to_owned);
        let told = |arguments: &str| -> Vec<(String, Value)> {
            let systems = systems(&options(arguments), &names).unwrap();
            let told = |system: System| (system.name, Value::Object(system.matching));
            systems.into_iter().map(told).collect()
        };
        let all = told("");
        let expected = [
            (
                "text",
                json!({"weights": {"text": 1, "similarity": 0, "experience": 0}}),
            ),
            (
                "vectors",
                json!({"weights": {"text": 0, "similarity": 1, "experience": 0}}),
            ),
            ("full", json!({})),
            ("full without text", json!({"weights": {"text": 0}})),
            (
                "full without similarity",
                json!({"weights": {"similarity": 0}}),
            ),
            (
                "full without experience",
                json!({"weights": {"experience": 0}}),
            ),
        ];
        assert_eq!(
            all,
            expected.map(|(name, members)| (name.to_owned(), members))
        );
        let few = told("--no-ablation --weight text=5 --profile legal --now 2026-11-20");
        let names: Vec<&str> = few.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["text", "vectors", "full", "given"]);
        let given = json!({"profile": "legal", "now": "2026-11-20", "weights": {"text": 5.0}});
        assert_eq!(few[3].1, given);
    }

    #[test]
    fn what_is_looked_at_closely_is_of_the_tuning_half() {
        let split = |arguments: &str| options(arguments).split();
        let cases = [
            ("", Split::All),
            ("--split held", Split::Held),
            ("--tune", Split::Tune),
            ("--tune --split tune", Split::Tune),
            ("--diff {} {}", Split::Tune),
            ("--diff {} {} --split held", Split::Held),
        ];
        for (arguments, expected) in cases {
            assert_eq!(split(arguments).unwrap(), expected, "{arguments}");
        }
        for refused in ["--tune --split held", "--tune --split all"] {
            let refused = split(refused).unwrap_err().to_string();
            assert!(refused.contains("split tune alone"), "{refused}");
        }
    }
}
