//! `tandem eval --facts`: how well facts are read from prose. Owns the files and
//! the table; the rules of matching are `tandem_engine::eval::facts`'. Needs no
//! server.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};
use tandem_engine::eval::facts::{Counts, Half, Labelled, Miss, Tally, parse};
use tandem_index::analysis::{Words, analyse, detect};
use tandem_index::facts::{self, Prose, Reading};
use tandem_index::privacy;
use tandem_loaders::format::{Input, Options as Format, open};

use super::super::error::{CliError, Exit};
use super::super::print;
use super::topics::Split;
use super::{Options, read};

/// A set of labelled documents, and where its texts are.
struct Set {
    labels: &'static str,
    shown: &'static str,
    prose: Prose,
    title: &'static str,
    text: &'static str,
}

const SETS: [Set; 2] = [
    Set {
        labels: "ads.ndjson",
        shown: "ads",
        prose: Prose::Ad,
        title: "title",
        text: "description",
    },
    Set {
        labels: "cvs.ndjson",
        shown: "CVs",
        prose: Prose::Cv,
        title: "headline",
        text: "text",
    },
];

pub(super) fn run(options: &Options, labels: &Path) -> Result<Exit, CliError> {
    let split = options.split()?;
    if options.misses && split != Split::Tune {
        let what = "single documents are shown of the tuning half only";
        return Err(CliError::new(Exit::Usage, what).hint("add --split tune"));
    }
    let texts = options.texts.as_deref().unwrap_or(Path::new("."));
    let mut shown = Vec::new();
    for set in &SETS {
        let (tally, misses) = judge(set, &labels.join(set.labels), texts, split)?;
        for miss in misses.iter().filter(|_| options.misses) {
            print::line(miss)?;
        }
        shown.push((set.shown, tally));
    }
    let text = if options.json || !print::is_terminal() {
        as_json(&shown)
    } else {
        as_table(&shown)
    };
    print::line(text.trim_end())?;
    Ok(Exit::Done)
}

fn judge(
    set: &Set,
    labels: &Path,
    texts: &Path,
    split: Split,
) -> Result<(Tally, Vec<String>), CliError> {
    let usage = |what: String| CliError::new(Exit::Usage, what);
    let all =
        parse(&read(labels)?).map_err(|cause| usage(format!("{}, {cause}", labels.display())))?;
    let chosen: Vec<Labelled> = all
        .into_iter()
        .filter(|one| match split {
            Split::All => true,
            Split::Tune => one.half == Half::Tune,
            Split::Held => one.half == Half::Held,
        })
        .collect();
    let bodies = bodies(set, &chosen, texts)?;
    let (mut tally, mut misses) = (Tally::default(), Vec::new());
    for one in &chosen {
        let key = (one.source.clone(), one.id.clone());
        let Some((title, body)) = bodies.get(&key) else {
            let what = format!("{} {} is not in {}", one.set, one.number, texts.display());
            return Err(usage(what));
        };
        let labels = one.labels(title, body).map_err(usage)?;
        let text = facts::titled(title, &masked(body, set.prose));
        let mut words = Words::default();
        analyse(&text, detect(&text), &mut words);
        let reading = Reading::of_titled(&text, title.len(), set.prose, &words);
        let missed = tally.add(&text, set.prose, &labels, &facts::read(&reading));
        misses.extend(missed.iter().map(|miss| told(set, one, &text, miss)));
    }
    Ok((tally, misses))
}

// The text as documents are analysed: contacts, and of persons names, cut out.
fn masked(body: &str, prose: Prose) -> String {
    let ranges = privacy::private_ranges(body, prose == Prose::Cv);
    privacy::mask(body, &ranges).into_owned()
}

type Bodies = HashMap<(String, String), (String, String)>;

// Title and text of the labelled documents, by source and id.
fn bodies(set: &Set, labelled: &[Labelled], texts: &Path) -> Result<Bodies, CliError> {
    let mut bodies = Bodies::new();
    let Some(name) = labelled.first().map(|one| &one.set) else {
        return Ok(bodies);
    };
    let wanted: HashMap<&str, &Labelled> =
        labelled.iter().map(|one| (one.id.as_str(), one)).collect();
    let path = texts.join(format!("{name}.ndjson.zst"));
    let reader = open(Input::File(path.clone()), &Format::default()).map_err(|cause| {
        CliError::new(Exit::Failed, format!("{}: {cause}", path.display()))
            .hint("--texts names the folder with the sets the labels are of")
    })?;
    for record in reader {
        let record = record.map_err(|reject| {
            CliError::new(Exit::Failed, format!("{}: {reject}", path.display()))
        })?;
        let member = |name: &str| record.fields.get(name).and_then(Value::as_str);
        let (Some(source), Some(id)) = (member("source"), member("id")) else {
            continue;
        };
        if wanted.contains_key(id) {
            let part = |name: &str| member(name).unwrap_or_default().to_owned();
            bodies
                .entry((source.to_owned(), id.to_owned()))
                .or_insert_with(|| (part(set.title), part(set.text)));
        }
    }
    Ok(bodies)
}

/// Bytes of text shown on each side of a miss.
const AROUND_BYTES: usize = 40;

fn told(set: &Set, one: &Labelled, text: &str, miss: &Miss) -> String {
    let sort = if miss.wrong { "wrong" } else { "missed" };
    let around = miss.span.map_or_else(String::new, |(start, end)| {
        let from = text.floor_char_boundary((start as usize).saturating_sub(AROUND_BYTES));
        let to = text.floor_char_boundary(text.len().min(end as usize + AROUND_BYTES));
        let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
        let (start, end) = (start as usize, end as usize);
        let shown = format!(
            "{}[{}]{}",
            part(from, start),
            part(start, end),
            part(end, to)
        );
        shown.replace('\n', " ⏎ ")
    });
    let (shown, number, field, value) = (set.shown, one.number, &miss.field, &miss.value);
    format!("{shown} {number:03}\t{field}\t{sort}\t{value}\t{around}")
}

fn as_json(tallies: &[(&str, Tally)]) -> String {
    let field = |(name, counts): (&String, &Counts)| {
        json!({
            "field": name, "labels": counts.labels, "found": counts.found, "read": counts.read,
            "right": counts.right, "precision": counts.precision(), "recall": counts.recall(),
            "f1": counts.f1(), "needs": counts.needs, "needs_right": counts.needs_right,
        })
    };
    let sets: Vec<Value> = tallies
        .iter()
        .map(|(name, tally)| {
            let fields: Vec<Value> = tally.fields.iter().map(field).collect();
            json!({"texts": name, "documents": tally.documents, "fields": fields})
        })
        .collect();
    json!({ "facts": sets }).to_string()
}

fn as_table(tallies: &[(&str, Tally)]) -> String {
    let share = |share: Option<f64>| share.map_or("-".to_owned(), |share| format!("{share:.3}"));
    let mut table = String::new();
    for (name, tally) in tallies {
        let head = format!("{} {name}", tally.documents);
        let mut line = format!(
            "{head:<14} {:>6} {:>6} {:>9} {:>6} {:>6} {:>12}\n",
            "labels", "read", "precision", "recall", "F1", "need right"
        );
        for (field, counts) in &tally.fields {
            let written = writeln!(
                line,
                "{field:<14} {:>6} {:>6} {:>9} {:>6} {:>6} {:>12}",
                counts.labels,
                counts.read,
                share(counts.precision()),
                share(counts.recall()),
                share(counts.f1()),
                share(counts.need()),
            );
            debug_assert!(written.is_ok(), "writing to a string does not fail");
        }
        table.push_str(&line);
        table.push('\n');
    }
    table
}
