//! Documents that are written: made up, or from a file. Pure: the same number,
//! round and seed give the same bytes.

use std::io::{self, BufRead};
use std::path::Path;

use serde_json::{Map, Value};

use crate::api::Shape;
use crate::error::Error;
use crate::random::Random;

/// Texts kept of a file; later lines are not read.
const TEXTS_MAX: usize = 20_000;
/// Groups the made-up vectors stand in.
const CENTRES: usize = 64;
/// Length of what is added to a centre, of 1: two of a group have a cosine of
/// about 0.7, as two texts of one profession have.
const SPREAD: f64 = 0.65;
const TEXT_WORDS: usize = 120;
const SKILLS: usize = 6;

const PROFESSIONS: [&str; 24] = [
    "engineer",
    "nurse",
    "teacher",
    "accountant",
    "driver",
    "designer",
    "analyst",
    "cook",
    "electrician",
    "developer",
    "manager",
    "mechanic",
    "librarian",
    "pharmacist",
    "carpenter",
    "translator",
    "scientist",
    "technician",
    "lawyer",
    "consultant",
    "architect",
    "editor",
    "planner",
    "assistant",
];
const QUALITIES: [&str; 12] = [
    "senior",
    "junior",
    "lead",
    "clinical",
    "technical",
    "regional",
    "mobile",
    "industrial",
    "data",
    "field",
    "night",
    "assistant",
];
const SKILL_NAMES: [&str; 24] = [
    "Python",
    "SQL",
    "Apache Spark",
    "Java",
    "Kubernetes",
    "Microsoft Excel",
    "Accounting",
    "Triage",
    "First aid",
    "Project management",
    "AutoCAD",
    "Welding",
    "Docker",
    "Photography",
    "Negotiation",
    "Copywriting",
    "Linux",
    "React",
    "Data analysis",
    "Tutoring",
    "Budgeting",
    "Logistics",
    "Scrum",
    "Statistics",
];
const WORDS: [&str; 64] = [
    "the",
    "and",
    "of",
    "to",
    "in",
    "with",
    "our",
    "you",
    "for",
    "a",
    "team",
    "work",
    "we",
    "experience",
    "customers",
    "quality",
    "support",
    "projects",
    "systems",
    "planning",
    "care",
    "safety",
    "reports",
    "training",
    "maintain",
    "develop",
    "processes",
    "data",
    "service",
    "equipment",
    "design",
    "patients",
    "students",
    "budget",
    "software",
    "production",
    "schedule",
    "documents",
    "records",
    "research",
    "communicate",
    "materials",
    "suppliers",
    "contracts",
    "inspect",
    "install",
    "repair",
    "prepare",
    "review",
    "coordinate",
    "improve",
    "benefits",
    "insurance",
    "vacation",
    "flexible",
    "hours",
    "office",
    "remote",
    "travel",
    "licence",
    "degree",
    "certificate",
    "languages",
    "responsibility",
];

/// What a document is made from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Which {
    /// Its number: two documents with one number have one id.
    pub(crate) number: usize,
    /// How often it was replaced: another round has another text and vector.
    pub(crate) round: u64,
}

/// Makes documents of a kind.
pub(crate) struct Maker {
    shape: Shape,
    texts: Vec<Map<String, Value>>,
    centres: Vec<Vec<f64>>,
    vectors: bool,
    seed: u64,
}

impl Maker {
    /// Errors: the file cannot be read, or vectors are asked for in a kind
    /// without.
    pub(crate) fn new(
        shape: &Shape,
        file: Option<&Path>,
        vectors: bool,
        seed: u64,
    ) -> Result<Self, Error> {
        if vectors && shape.dimensions == 0 {
            return Err(Error::Usage(format!(
                "kind {:?} takes no vectors",
                shape.kind
            )));
        }
        let texts = file.map(|file| read(file, shape)).transpose()?;
        let mut random = Random::new(seed ^ 0x5eed_ce17);
        let mut centre = || (0..shape.dimensions).map(|_| random.unit() - 0.5).collect();
        Ok(Self {
            shape: shape.clone(),
            texts: texts.unwrap_or_default(),
            centres: (0..CENTRES).map(|_| centre()).collect(),
            vectors,
            seed,
        })
    }

    /// The field titles stand in.
    pub(crate) fn title(&self) -> &str {
        &self.shape.title
    }

    /// Id of a number.
    pub(crate) fn id(number: usize) -> String {
        format!("load-{number}")
    }

    /// A document as JSON, `canary` being added to its title. With `id` as a
    /// bulk line has it, without as a PUT.
    pub(crate) fn json(&self, which: Which, canary: Option<&str>, with_id: bool) -> String {
        let mut random = self.random(which);
        let mut document = match random.pick(&self.texts) {
            Some(text) => text.clone(),
            None => self.made_up(&mut random),
        };
        if let Some(canary) = canary {
            let title = document.get(&self.shape.title).and_then(Value::as_str);
            let title = format!("{} {canary}", title.unwrap_or_default());
            document.insert(self.shape.title.clone(), title.into());
        }
        if with_id {
            document.insert("id".to_owned(), Self::id(which.number).into());
        }
        let mut json = Value::Object(document).to_string();
        if self.vectors {
            json.pop();
            // A document has a title, so there is a member in front.
            json.push_str(",\"vector\":");
            push_vector(&mut json, &self.vector(&mut random));
            json.push('}');
        }
        json
    }

    fn random(&self, which: Which) -> Random {
        let number = (which.number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Random::new(self.seed ^ number ^ which.round.wrapping_mul(0xd1b5_4a32_d192_ed03))
    }

    fn made_up(&self, random: &mut Random) -> Map<String, Value> {
        let mut document = Map::new();
        let mut word = |words: &[&'static str]| random.pick(words).copied().unwrap_or_default();
        let title = format!(
            "{} {} {}",
            word(&QUALITIES),
            word(&PROFESSIONS),
            word(&PROFESSIONS)
        );
        document.insert(self.shape.title.clone(), title.into());
        if let Some(skills) = &self.shape.skills {
            let names: Vec<&str> = (0..SKILLS).map(|_| word(&SKILL_NAMES)).collect();
            document.insert(skills.clone(), names.into());
        }
        if let Some(text) = &self.shape.text {
            let mut words = Vec::with_capacity(TEXT_WORDS);
            for _ in 0..TEXT_WORDS {
                // Squared, the first words are the frequent ones.
                let place = random.unit().powi(2) * WORDS.len() as f64;
                words.push(WORDS[place as usize]);
            }
            document.insert(text.clone(), words.join(" ").into());
        }
        document
    }

    fn vector(&self, random: &mut Random) -> Vec<f64> {
        let centre = random.pick(&self.centres).map_or(&[][..], Vec::as_slice);
        let noise = |random: &mut Random| (random.unit() - 0.5) * SPREAD;
        centre.iter().map(|middle| middle + noise(random)).collect()
    }
}

/// A vector that is near no other, of a seed.
pub(crate) fn lone_vector(dimensions: usize, seed: u64) -> Vec<f64> {
    let mut random = Random::new(seed);
    (0..dimensions).map(|_| random.unit() - 0.5).collect()
}

/// Appends a vector of components between −1 and 1, with four digits each.
pub(crate) fn push_vector(json: &mut String, vector: &[f64]) {
    json.push('[');
    for (place, value) in vector.iter().enumerate() {
        if place > 0 {
            json.push(',');
        }
        // By hand: at thousands of documents a second formatting floats would
        // take a good part of a core from the server.
        let digits = (value.abs().min(0.9999) * 1e4).round() as u32;
        json.push_str(if *value < 0.0 { "-0." } else { "0." });
        for power in [1_000, 100, 10, 1] {
            json.push(char::from(b'0' + (digits / power % 10) as u8));
        }
    }
    json.push(']');
}

/// Documents of an NDJSON file, without their ids, versions, vectors and the
/// date they expire at: one that has is in no answer.
fn read(path: &Path, shape: &Shape) -> Result<Vec<Map<String, Value>>, Error> {
    let failed = |source| Error::io(format!("cannot read {}", path.display()), source);
    let file = std::fs::File::open(path).map_err(failed)?;
    let mut texts = Vec::new();
    for (index, line) in io::BufReader::new(file).lines().enumerate() {
        let line = line.map_err(failed)?;
        if line.trim().is_empty() {
            continue;
        }
        let mut document: Map<String, Value> = serde_json::from_str(&line).map_err(|error| {
            Error::Usage(format!("{} line {}: {error}", path.display(), index + 1))
        })?;
        let expires = shape.expires.as_deref();
        for member in ["id", "version", "vector"].into_iter().chain(expires) {
            document.remove(member);
        }
        texts.push(document);
        if texts.len() == TEXTS_MAX {
            break;
        }
    }
    if texts.is_empty() {
        return Err(Error::Usage(format!("{} has no documents", path.display())));
    }
    Ok(texts)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn shape() -> Shape {
        Shape {
            kind: "jobs".into(),
            dimensions: 16,
            documents: 0,
            title: "title".into(),
            text: Some("description".into()),
            skills: Some("skills".into()),
            expires: Some("expires_at".into()),
        }
    }

    #[test]
    fn a_document_is_that_of_its_number_and_round() {
        let maker = Maker::new(&shape(), None, true, 3).unwrap();
        let json = |number, round, canary| {
            let text = maker.json(Which { number, round }, canary, true);
            serde_json::from_str::<Value>(&text).unwrap()
        };
        assert_eq!(json(5, 0, None), json(5, 0, None));
        assert_ne!(
            json(5, 0, None)["description"],
            json(5, 1, None)["description"]
        );
        assert_ne!(json(5, 0, None)["vector"], json(5, 1, None)["vector"]);
        assert_ne!(json(5, 0, None)["vector"], json(6, 0, None)["vector"]);
        let document = json(7, 0, Some("zq9"));
        assert_eq!(document["id"], "load-7");
        assert!(document["title"].as_str().unwrap().ends_with(" zq9"));
        assert_eq!(document["vector"].as_array().unwrap().len(), 16);
        assert_eq!(document["skills"].as_array().unwrap().len(), SKILLS);
    }

    #[test]
    fn without_vectors_there_are_none_and_a_put_has_no_id() {
        let maker = Maker::new(&shape(), None, false, 3).unwrap();
        let text = maker.json(
            Which {
                number: 1,
                round: 0,
            },
            None,
            false,
        );
        let document: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(document.get("vector"), None);
        assert_eq!(document.get("id"), None);
        let bare = Shape {
            dimensions: 0,
            ..shape()
        };
        assert!(Maker::new(&bare, None, true, 3).is_err());
    }

    #[test]
    fn a_file_that_cannot_be_used_is_named_with_its_line() {
        let path = std::env::temp_dir().join(format!("load-tests-{}.ndjson", std::process::id()));
        std::fs::write(
            &path,
            "{\"id\":\"a\",\"title\":\"T\",\"vector\":[1]}\n\n[]\n",
        )
        .unwrap();
        let error = read(&path, &shape()).unwrap_err().to_string();
        assert!(error.contains("line 3: "), "{error}");
        std::fs::write(
            &path,
            "{\"id\":\"a\",\"title\":\"T\",\"expires_at\":1,\"vector\":[1]}\n",
        )
        .unwrap();
        let texts = read(&path, &shape()).unwrap();
        assert_eq!(
            Value::Object(texts[0].clone()).to_string(),
            "{\"title\":\"T\"}"
        );
        std::fs::remove_file(&path).unwrap();
        assert!(
            read(&path, &shape())
                .unwrap_err()
                .to_string()
                .starts_with("cannot read ")
        );
    }

    #[test]
    fn vectors_keep_their_signs_and_digits() {
        let mut json = String::new();
        push_vector(&mut json, &[0.5, -0.0321, 0.0, 7.0]);
        assert_eq!(json, "[0.5000,-0.0321,0.0000,0.9999]");
    }
}
