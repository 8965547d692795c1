//! All of it against a plain map: random puts, patches, deletes, conditions,
//! stale versions and erasures, through merges, checkpoints, full disks, clean
//! stops, kills and power cuts of a folder in memory; and every few steps what
//! readers find against brute force over the map (`check`).
//!
//! `TANDEM_TEST_SEED` repeats a run, `TANDEM_TEST_MODEL_STEPS` makes it longer;
//! both are printed. Merges and checkpoints go on in threads of their own, so a
//! seed repeats what is asked, not when they come to their end.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};
use tandem_index::disk::{MemoryFolder, coins};
use tandem_index::store::patched;
use tandem_index::{Condition, Kinds, Outcome, Prepared, Snapshot};

use super::{Running, SPACES};
use crate::wire::problem::Code;

mod check;
mod map;

use map::{Change, Held, Model, merged};

/// Steps in the test command.
const STEPS: u64 = 600;
/// Ids of each kind.
const IDS: u64 = 24;
/// Changes of a batch.
const CHANGES_MAX: u64 = 12;
/// Components of a vector: other than the model's, so that none is made of texts.
const DIMENSIONS: usize = 8;
/// Midnight of the day 20 of [`day`].
const NOW_MS: i64 = 1_795_132_800_000;
const DAY_MS: i64 = 86_400_000;

const NAMES: [&str; 2] = ["notes", "people"];
const COLOURS: [&str; 3] = ["red", "green", "blue"];
const TOPICS: [&str; 4] = ["alpha", "beta", "gamma", "delta"];

const KINDS: &str = r#"
[kinds.notes]
dimensions = 8
[kinds.notes.fields]
text = { type = "text", as = "text" }
colour = { type = "keyword" }
size = { type = "number" }
until = { type = "date", as = "expires" }

[kinds.people]
person = true
dimensions = 8
[kinds.people.fields]
text = { type = "text", as = "text" }
colour = { type = "keyword" }
size = { type = "number" }
until = { type = "date", as = "expires" }
"#;

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len() as u64) as usize]
    }
}

/// A day of the month in which everything expires.
fn day(number: u64) -> String {
    format!("2026-11-{number:02}T00:00:00Z")
}

/// The server, and what it should have.
struct World {
    kinds: Arc<Kinds>,
    dice: Dice,
    folder: MemoryFolder,
    running: Option<Running>,
    models: [Model; SPACES.len()],
    /// The last sequence number each space was seen at.
    reached: [u64; SPACES.len()],
    /// Texts that were made.
    texts: u64,
    /// What somebody still reads, and what it must show.
    kept: Option<(Arc<Snapshot>, Model)>,
    did: BTreeMap<&'static str, u64>,
}

impl World {
    fn new(seed: u64) -> Self {
        let kinds = Arc::new(Kinds::parse(KINDS).unwrap());
        let folder = MemoryFolder::default();
        Self {
            running: Some(Running::start(&folder, &kinds, 5, None)),
            kinds,
            dice: Dice(seed),
            folder,
            models: Default::default(),
            reached: [0; SPACES.len()],
            texts: 0,
            kept: None,
            did: BTreeMap::new(),
        }
    }

    fn step(&mut self) {
        let space = self.dice.below(SPACES.len() as u64) as usize;
        match self.dice.below(40) {
            0 => self.stop(),
            1 => self.lose(space, "kill", |folder, _| folder.after_kill()),
            2 | 3 => self.lose(space, "power cut", |folder, dice| {
                folder.after_power_cut(coins(dice.next()))
            }),
            4 | 5 => self.fill_up(space),
            6 | 7 => assert!(self.erase(space), "there is room"),
            _ => self.write(space),
        }
        if self.dice.chance(20) {
            self.check(space);
        }
    }

    fn count(&mut self, what: &'static str) {
        *self.did.entry(what).or_default() += 1;
    }

    /// A few changes in their order, what they make of a model, and what is answered.
    fn batch(&mut self, space: usize) -> (Vec<Prepared>, Model, Vec<Outcome>) {
        let mut model = self.models[space].clone();
        let (mut prepared, mut outcomes) = (Vec::new(), Vec::new());
        for _ in 0..=self.dice.below(CHANGES_MAX) {
            let change = self.change(&model);
            prepared.push(change.prepared(&self.kinds));
            outcomes.push(model[change.kind].apply(&change));
        }
        (prepared, model, outcomes)
    }

    fn change(&mut self, model: &Model) -> Change {
        let kind = self.dice.below(NAMES.len() as u64) as usize;
        let id = format!("{}{}", ["n", "p"][kind], self.dice.below(IDS));
        let documents = &model[kind];
        let held = documents.held.get(&id);
        let last = held.map(|held| held.version);
        let last = last.or(documents.gone.get(&id).copied());
        let mut conditions = Vec::new();
        let (document, version) = match (self.dice.below(10), held) {
            (0 | 1, _) => (None, self.version(last)),
            (2 | 3, Some(held)) => {
                let document = self.patch(held);
                conditions.push(Condition::Version(vec![held.version]));
                let version = document["version"].as_u64();
                (Some(document), version)
            }
            _ => {
                let mut document = self.document(&id);
                let version = self.version(last);
                if let Some(version) = version {
                    document["version"] = json!(version);
                }
                (Some(document), version)
            }
        };
        if self.dice.chance(15) {
            let those = vec![last.unwrap_or(0), self.dice.below(9)];
            let one = match self.dice.below(4) {
                0 => Condition::Exists,
                1 => Condition::Absent,
                2 => Condition::Version(those),
                _ => Condition::NotVersion(those),
            };
            conditions.push(one);
        }
        Change {
            kind,
            id,
            document,
            version,
            conditions,
        }
    }

    /// A version around the last one, stale now and then.
    fn version(&mut self, last: Option<u64>) -> Option<u64> {
        let around = last.unwrap_or(0) + self.dice.below(6);
        self.dice.chance(30).then(|| around.saturating_sub(2))
    }

    fn text(&mut self) -> Value {
        self.texts += 1;
        let topic = *self.dice.pick(&TOPICS);
        json!(format!("note w{}x {topic} common", self.texts))
    }

    fn vector(&mut self) -> Value {
        let mut components = vec![json!(1 + self.dice.below(8))];
        components.resize_with(DIMENSIONS, || json!(self.dice.below(17) as i64 - 8));
        Value::Array(components)
    }

    fn document(&mut self, id: &str) -> Value {
        let mut document = json!({"id": id, "text": self.text()});
        if self.dice.chance(80) {
            document["colour"] = json!(*self.dice.pick(&COLOURS));
        }
        if self.dice.chance(70) {
            document["size"] = json!(self.dice.below(40) as f64 / 2.0);
        }
        if self.dice.chance(30) {
            document["until"] = json!(day(10 + self.dice.below(20)));
        }
        if self.dice.chance(85) {
            document["vector"] = self.vector();
        }
        if self.dice.chance(20) {
            document["subject"] = json!(format!("s{}", self.dice.below(4)));
        }
        document
    }

    /// A document with a merge patch, as the server makes it.
    fn patch(&mut self, held: &Held) -> Value {
        let mut patch = Map::new();
        let (text, vector) = (self.text(), self.vector());
        for (name, value) in [
            ("text", text),
            ("vector", vector),
            ("colour", json!(*self.dice.pick(&COLOURS))),
            ("size", Value::Null),
            ("until", Value::Null),
            ("subject", Value::Null),
        ] {
            if self.dice.chance(30) {
                patch.insert(name.to_owned(), value);
            }
        }
        let expected = merged(held, &patch);
        let document = patched(held.document.clone(), held.version, Value::Object(patch));
        assert_eq!(document, expected);
        document
    }

    /// Writes a batch and holds the answer against the model.
    fn write(&mut self, space: usize) {
        let (prepared, model, expected) = self.batch(space);
        let applied = self.running().apply(space, prepared).unwrap();
        assert_eq!(applied.outcomes, expected);
        let has_effect = expected.iter().any(|outcome| outcome.has_effect);
        let least = self.reached[space] + u64::from(has_effect);
        assert!(applied.sequence >= least, "{} {least}", applied.sequence);
        self.reached[space] = applied.sequence;
        self.models[space] = model;
        self.count("batch");
    }

    /// Writes on a disk that is almost full, until there is room again or the
    /// process is gone.
    fn fill_up(&mut self, space: usize) {
        let files = self.folder.files();
        let used: usize = files.iter().map(|(_, bytes)| bytes.len()).sum();
        self.folder.full_at(used as u64 + self.dice.below(4_000));
        for _ in 0..3 {
            if self.dice.chance(20) {
                self.erase(space);
                continue;
            }
            let (prepared, model, expected) = self.batch(space);
            match self.running().apply(space, prepared) {
                Ok(applied) => {
                    assert_eq!(applied.outcomes, expected);
                    self.reached[space] = applied.sequence;
                    self.models[space] = model;
                }
                Err(refusal) => {
                    assert_eq!(refusal.code, Code::StorageFull);
                    self.count("refused for want of room");
                }
            }
            check::documents(&self.current(space), &self.models[space]);
        }
        if self.dice.chance(30) {
            self.lose(space, "kill on a full disk", |folder, _| {
                folder.after_kill()
            });
        }
        self.folder.full_at(u64::MAX);
        self.write(space);
    }

    /// Erases a person; whether there was room to note it.
    fn erase(&mut self, space: usize) -> bool {
        let subject = match self.dice.below(2) {
            0 => format!("s{}", self.dice.below(4)),
            _ => format!("p{}", self.dice.below(IDS)),
        };
        let now = self.dice.chance(50);
        let Some((sequence, _done)) = self.running().erase(space, &subject, now) else {
            self.count("refused for want of room");
            return false;
        };
        assert!(sequence >= self.reached[space]);
        self.reached[space] = sequence;
        for (documents, name) in self.models[space].iter_mut().zip(NAMES) {
            documents.erase(&subject, name == "people");
        }
        self.count("erasure");
        true
    }

    /// Stops cleanly and starts again: nothing is left to replay, and everything
    /// on disk is whole.
    fn stop(&mut self) {
        self.running.take().unwrap().stop();
        let verified = tandem_index::checkpoint::verify(&self.folder);
        verified.unwrap_or_else(|cause| panic!("{cause}"));
        self.start(self.folder.clone());
        let metrics = self.running().metrics();
        assert!(
            metrics.contains("\ntandem_journal_changes 0\n"),
            "{metrics}"
        );
        self.look_at_all();
        self.count("clean stop");
    }

    /// Loses the process, or the power, with a batch on its way: it is there
    /// afterwards as a whole or not at all.
    fn lose(
        &mut self,
        space: usize,
        how: &'static str,
        left: impl FnOnce(&MemoryFolder, &mut Dice) -> MemoryFolder,
    ) {
        let (prepared, model, expected) = self.batch(space);
        let writer = self.running().writer.clone();
        let sent = writer.try_apply(space, prepared, None).ok().unwrap();
        // At once, so that the writer has hardly begun, or some moments later.
        for _ in 0..self.dice.below(2) * self.dice.below(200) {
            std::thread::yield_now();
        }
        let folder = left(&self.folder, &mut self.dice);
        let answered = self.running().runtime.block_on(sent.applied());
        let refused = answered.map(|applied| assert_eq!(applied.outcomes, expected));
        let refused = refused.map_err(|refusal| refusal.code).err();
        assert!(refused.is_none_or(|code| code == Code::StorageFull));
        self.start(folder);
        let snapshot = self.current(space);
        let has_effect = expected.iter().any(|outcome| outcome.has_effect);
        if check::is(&snapshot, &model) {
            assert!(!has_effect || refused.is_none(), "it was refused");
            self.models[space] = model;
            self.count(if has_effect {
                "survived"
            } else {
                "nothing to lose"
            });
        } else {
            self.count("lost before its answer");
        }
        self.look_at_all();
        self.count(how);
    }

    /// Starts on a folder; what ran before goes on in its own to its end.
    fn start(&mut self, folder: MemoryFolder) {
        if let Some(before) = self.running.take() {
            before.stop();
        }
        let checkpoint_at = *self.dice.pick(&[1, 5, 40, u64::MAX]);
        let running = Running::start(&folder, &self.kinds, checkpoint_at, None);
        self.running = Some(running);
        self.folder = folder;
    }

    fn running(&self) -> &Running {
        self.running.as_ref().unwrap()
    }

    fn current(&self, space: usize) -> Arc<Snapshot> {
        self.running().spaces[space].current()
    }

    /// Every document of every space, and that sequence numbers go on.
    fn look_at_all(&mut self) {
        for (space, model) in self.models.iter().enumerate() {
            let snapshot = self.current(space);
            check::documents(&snapshot, model);
            assert!(snapshot.sequence >= self.reached[space]);
            self.reached[space] = snapshot.sequence;
        }
    }

    /// Holds what a reader finds against brute force; what was read before and is
    /// still held shows what it showed.
    fn check(&mut self, space: usize) {
        let (kinds, texts) = (Arc::clone(&self.kinds), self.texts);
        if let Some((snapshot, model)) = self.kept.take() {
            check::all(&kinds, &snapshot, &model, (&mut self.dice, texts));
        }
        let snapshot = self.current(space);
        let model = &self.models[space];
        check::all(&kinds, &snapshot, model, (&mut self.dice, texts));
        if self.dice.chance(30) {
            self.kept = Some((snapshot, self.models[space].clone()));
        }
        self.count("check");
    }
}

fn from_environment(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
#[expect(
    clippy::print_stdout,
    reason = "the seed of a failure, and what was done"
)]
fn everything_is_a_map_through_all_that_may_happen() {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let seed = from_environment("TANDEM_TEST_SEED").unwrap_or(since.as_nanos() as u64);
    let steps = from_environment("TANDEM_TEST_MODEL_STEPS").unwrap_or(STEPS);
    println!("TANDEM_TEST_SEED={seed} TANDEM_TEST_MODEL_STEPS={steps}");
    let mut world = World::new(seed);
    for step in 0..steps {
        // Written over as it goes on: a failure shows the last one.
        if step.is_multiple_of(100) {
            println!("step {step}: {:?}", world.did);
        }
        world.step();
    }
    world.stop();
    for space in 0..SPACES.len() {
        world.check(space);
    }
    println!("{:?}", world.did);
    world.running.take().unwrap().stop();
    // A run in which little happened shows little.
    for what in [
        "clean stop",
        "kill",
        "power cut",
        "erasure",
        "survived",
        "lost before its answer",
    ] {
        let did = world.did.contains_key(what);
        assert!(did || steps < STEPS, "{what} never happened");
    }
}
