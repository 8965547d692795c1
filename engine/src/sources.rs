//! What a request looks for, compiled: a typed query, or a document. Owns the
//! reading of both; checks of the other members are `prepare`'s.

use std::collections::HashMap;

use serde_json::{Value, json};
use tandem_index::analysis::{Language, TermKey, Words, analyse, query_terms};
use tandem_index::concepts::Concepts;
use tandem_index::document::{Document, Group};
use tandem_index::embed::{DIMENSIONS, Embedder, check_vector, normalize};
use tandem_index::kinds::{FieldType, Kind, Meaning, did_you_mean};
use tandem_index::row::{self, skill_number, stored_json};
use tandem_index::skills::{Dictionary, SkillId};
use tandem_index::snapshot::Snapshot;
use tandem_index::vectors::QueryVector;

use crate::answer::{Failure, Fault};
use crate::expand::{corrected, expand};
use crate::filter::{names, only_by_filter};
use crate::parse::{Clause, Sign, parse};
use crate::prepare::Question;
use crate::query::{Linked, Need, QUERY_WORDS_MAX, Query, Word};

/// Skills of a document that are linked, at most.
const LINKED_MAX: usize = 16;
use crate::reduce::is_silent;
use crate::request::{Request, Source, WordsRule};
use crate::stored::{self, Kept};

impl Question<'_> {
    pub(crate) fn languages(&self) -> Vec<Language> {
        self.collection.statistics.languages().take(4).collect()
    }

    pub(crate) fn read_query(
        &mut self,
        q: &str,
        vector: Option<&[f32]>,
        request: &Request,
    ) -> Result<(), Failure> {
        if !q.trim().is_empty() && !q.contains(char::is_alphanumeric) {
            let what = "q has no letter and no digit, so it narrows nothing";
            self.warnings.push(what.to_owned());
        }
        let groups = |name: &str| group_of(self.kind, name);
        let mut shown: [Vec<String>; 3] = Default::default();
        let person = |name: &str| self.kind.person_column(name).is_some();
        let clauses = parse(q, |name| {
            groups(name).is_some() || person(name) || names(self.kind).any(|known| known == name)
        });
        let mut fields = clauses.iter().filter_map(|clause| clause.field.as_deref());
        if let Some(name) = fields.find(|name| person(name)) {
            let detail = only_by_filter(name);
            return Err(Failure::new("invalid_request", "/q", detail));
        }
        let clauses = self.take_columns(clauses, &mut shown);
        let (mut clauses, spoken, slips) = self.understand(q, clauses, request);
        let languages = self.languages();
        let mut plain = String::new();
        for clause in &clauses {
            let group = clause.field.as_deref().and_then(groups);
            if clause.sign == Sign::Plain && !clause.phrase && group.is_none() {
                plain.push_str(&clause.text);
                plain.push(' ');
            } else {
                self.need(clause, group, &languages, &mut shown);
            }
        }
        // Of the words as they were written, before any is corrected.
        self.warn(&clauses);
        // Words that sentences are built with do not decide what matches, unless
        // there are no others.
        let (telling, silent): (Vec<Word>, Vec<Word>) = self
            .expand((q, slips), &mut clauses, &plain, request, &languages)
            .into_iter()
            .partition(|word| !is_silent(&word.word));
        let counted = if telling.is_empty() {
            silent.len()
        } else {
            telling.len()
        };
        let mut words: Vec<Word> = telling.into_iter().chain(silent).collect();
        for clause in clauses.iter().filter(|clause| clause.sign != Sign::Not) {
            let group = clause.field.as_deref().and_then(groups);
            if clause.sign != Sign::Plain || clause.phrase || group.is_some() {
                let terms = query_terms(&clause.text, &languages).into_iter();
                let statistics = &self.collection.statistics;
                words.extend(terms.map(|term| Word::new(term.word, term.alternatives, statistics)));
            }
        }
        let statistics = &self.collection.statistics;
        words.extend(
            query_terms(&spoken, &languages)
                .into_iter()
                .map(|term| Word::new(term.word, term.alternatives, statistics)),
        );
        self.score_words(counted, words, request.words);
        self.ask_skills(&clauses);
        self.link_concepts();
        self.embed(q, &clauses, vector)?;
        self.refuse_noise(&clauses, vector.is_some());
        self.query.posted_column = self.kind.facts().posted;
        let [musts, nots, phrases] = shown;
        for (name, list) in [("musts", musts), ("nots", nots), ("phrases", phrases)] {
            self.applied.insert(name.into(), json!(list));
        }
        Ok(())
    }

    // The plain words with what they also match. Where words were probably
    // mistyped, skills and meaning are read from what was meant.
    fn expand(
        &mut self,
        (q, slips): (&str, Vec<(String, String)>),
        clauses: &mut [Clause],
        plain: &str,
        request: &Request,
        languages: &[Language],
    ) -> Vec<Word> {
        let open = clauses.last().is_some_and(|last| {
            let plain = last.sign == Sign::Plain && !last.phrase && last.field.is_none();
            plain && q.ends_with(char::is_alphanumeric) && q.ends_with(last.text.as_str())
        });
        let expanded = expand(
            (self.collection, self.taxonomy),
            languages,
            plain,
            open,
            &request.reading,
        );
        let shown: Vec<Value> = expanded
            .shown
            .iter()
            .map(|one| json!({"word": one.word, "to": one.to, "why": one.why.as_str()}))
            .collect();
        self.applied
            .insert("expansions".into(), Value::Array(shown));
        // What some documents say may be meant: it is only asked about.
        let mut meant = slips;
        meant.extend(expanded.corrections.iter().cloned());
        meant.extend(expanded.suspected);
        if !meant.is_empty() {
            // An unfinished word is no slip, but nobody wants half a word offered.
            meant.extend(expanded.finished);
            self.did_you_mean = Some(corrected(q, &meant));
        }
        if !expanded.corrections.is_empty() {
            for clause in clauses
                .iter_mut()
                .filter(|clause| clause.sign == Sign::Plain)
            {
                clause.text = corrected(&clause.text, &expanded.corrections);
            }
        }
        expanded.words
    }

    fn need(
        &mut self,
        clause: &Clause,
        group: Option<Group>,
        languages: &[Language],
        shown: &mut [Vec<String>; 3],
    ) {
        let absent = clause.sign == Sign::Not;
        let terms = query_terms(&clause.text, languages);
        let field = clause
            .field
            .as_ref()
            .map(|f| format!("{f}:"))
            .unwrap_or_default();
        let words: Vec<&str> = terms.iter().map(|term| term.word.as_str()).collect();
        let list = match (absent, clause.phrase) {
            (true, _) => 1,
            (false, true) => 2,
            (false, false) => 0,
        };
        shown[list].push(format!("{field}{}", words.join(" ")));
        if clause.phrase || (absent && terms.len() > 1) {
            let terms: Vec<(String, TermKey)> = terms
                .into_iter()
                .filter_map(|term| term.alternatives.into_iter().next())
                .collect();
            if !terms.is_empty() {
                self.query.needs.push(Need {
                    terms,
                    phrase: true,
                    group,
                    absent,
                });
            }
            return;
        }
        for term in terms {
            self.query.needs.push(Need {
                terms: term.alternatives,
                phrase: false,
                group,
                absent,
            });
        }
    }

    // The same word twice is one word; what `words` counts are the plain ones.
    pub(crate) fn score_words(&mut self, counted: usize, said: Vec<Word>, rule: WordsRule) {
        let mut words: Vec<Word> = Vec::new();
        let mut plain = 0;
        for (at, word) in said.into_iter().enumerate() {
            if words.iter().any(|held| held.word == word.word) {
                continue;
            }
            if words.len() == QUERY_WORDS_MAX {
                // In a Boolean query every word decides what is found.
                let what = if counted == 0 { " for the score" } else { "" };
                let warning = format!("only the first {QUERY_WORDS_MAX} words count{what}");
                self.warnings.push(warning);
                break;
            }
            plain += usize::from(at < counted);
            words.push(word);
        }
        self.query.words_counted = plain;
        self.query.words_needed = match rule {
            WordsRule::All => plain,
            WordsRule::Most => plain - plain / 3,
            WordsRule::Any => plain.min(1),
        };
        let unknown: Vec<&str> = words
            .iter()
            .filter(|word| word.known == 0)
            .map(|word| word.word.as_str())
            .collect();
        self.applied.insert("unknown_words".into(), json!(unknown));
        let all: Vec<&str> = words.iter().map(|word| word.word.as_str()).collect();
        self.applied.insert("words".into(), json!(all));
        self.query.words = words;
    }

    pub(crate) fn ask_skills(&mut self, clauses: &[Clause]) {
        let mut skills: Vec<SkillId> = Vec::new();
        let said: Vec<&str> = clauses
            .iter()
            .filter(|clause| clause.sign != Sign::Not)
            .map(|clause| clause.text.as_str())
            .collect();
        let text = said.join(" ");
        let mut words = Words::default();
        let mut mentions = Vec::new();
        analyse(&text, None, &mut words);
        Dictionary::builtin().find(&text, &words, &mut mentions);
        self.taxonomy.names().find(&text, &words, &mut mentions);
        skills.extend(mentions.iter().map(|mention| mention.skill));
        // A query that is nothing but a skill's name needs no context to mean it.
        skills.extend(self.taxonomy.skill_named(&text));
        self.query.ask_skills(&skills, &self.collection.statistics);
        let asked = self.query.asked.iter();
        let names: Vec<&str> = asked
            .filter_map(|asked| self.taxonomy.skill_name(asked.skill))
            .collect();
        self.applied.insert("skills".into(), json!(names));
    }

    // What a person may have meant by something that is not in the language.
    fn warn(&mut self, clauses: &[Clause]) {
        for clause in clauses.iter().filter(|clause| !clause.phrase) {
            if matches!(clause.text.as_str(), "AND" | "OR" | "NOT") {
                self.warnings.push(format!(
                    "{} is searched as a word; write +word for a must and -word for a not",
                    clause.text
                ));
            }
            let Some((name, rest)) = clause.text.split_once(':') else {
                continue;
            };
            let plain = name
                .bytes()
                .all(|b| b.is_ascii_alphabetic() || b == b'_' || b == b'.');
            if plain && !name.is_empty() && !rest.is_empty() && !rest.starts_with('/') {
                let fields = self.kind.fields.iter().map(|field| field.name.as_str());
                let fields = fields.filter(|name| group_of(self.kind, name).is_some());
                let known = fields.chain(names(self.kind));
                let hint = did_you_mean(&name.to_lowercase(), known)
                    .map_or_else(String::new, |name| format!("; did you mean {name}:?"));
                self.warnings.push(format!(
                    "{name}: is no field that can be searched in, so its words are searched everywhere{hint}"
                ));
            }
        }
    }

    // What a vector says of words that neither a document nor a dictionary knows is
    // chance.
    fn refuse_noise(&mut self, clauses: &[Clause], own_vector: bool) {
        let query = &self.query;
        let counted = query.words.get(..query.words_counted).unwrap_or(&[]);
        let unknown = counted.iter().all(|word| word.frequency == 0);
        let plain = clauses
            .iter()
            .all(|clause| clause.sign == Sign::Plain && !clause.phrase && clause.field.is_none());
        if counted.is_empty() || !unknown || !plain || own_vector || !query.asked.is_empty() {
            return;
        }
        let words: Vec<&str> = counted.iter().map(|word| word.word.as_str()).collect();
        self.warnings
            .push(format!("no document has the words: {}", words.join(", ")));
        self.query.unknown = true;
    }

    // A word that no document has may still mean something the dictionary has.
    fn link_concepts(&mut self) {
        let mut linked = Vec::new();
        let unknown = self.query.words.iter().filter(|word| word.frequency == 0);
        for word in unknown.filter(|word| word.word.chars().count() > 3) {
            if let Some((skill, cosine)) = Concepts::builtin().link(&word.word) {
                linked.push((word.word.clone(), skill, cosine));
            }
        }
        let skills: Vec<SkillId> = linked.iter().map(|(_, skill, _)| *skill).collect();
        self.query.ask_skills(&skills, &self.collection.statistics);
        let shown: Vec<Value> = linked
            .iter()
            .map(|(word, skill, cosine)| self.concept(Some(word), *skill, cosine.value()))
            .collect();
        self.applied.insert("concepts".into(), Value::Array(shown));
    }

    // Nor does the dictionary know every skill a document lists.
    fn link_skills(&mut self) {
        let own = |number: &u32| self.taxonomy.own_skill(SkillId(*number)).is_some();
        let mut unknown: Vec<(&u32, &String)> = self
            .skill_names
            .iter()
            .filter(|(number, _)| !own(number))
            .collect();
        unknown.sort_unstable();
        for (number, name) in unknown.into_iter().take(LINKED_MAX) {
            if let Some((concept, cosine)) = Concepts::builtin().link(name) {
                self.query.linked.push(Linked {
                    phrase: SkillId(*number),
                    concept,
                    cosine: cosine.value(),
                });
            }
        }
        let linked = self.query.linked.iter();
        let name = |skill: SkillId| self.name_of(skill.0);
        let shown =
            linked.map(|one| self.concept(name(one.phrase).as_deref(), one.concept, one.cosine));
        let shown: Vec<Value> = shown.collect();
        self.applied.insert("concepts".into(), Value::Array(shown));
    }

    fn concept(&self, phrase: Option<&str>, concept: SkillId, cosine: f64) -> Value {
        let similarity = (cosine * 1_000.0).round() / 1_000.0;
        json!({"phrase": phrase, "concept": self.name_of(concept.0),
            "similarity": similarity})
    }

    pub(crate) fn embed(
        &mut self,
        q: &str,
        clauses: &[Clause],
        own: Option<&[f32]>,
    ) -> Result<(), Failure> {
        if let Some(own) = own {
            check_vector(own, self.kind.dimensions)
                .map_err(|error| Failure::new("invalid_vector", "/vector", error.to_string()))?;
            let mut unit = own.to_vec();
            normalize(&mut unit);
            self.query.vector = QueryVector::new(&unit).ok();
        } else if self.kind.dimensions == DIMENSIONS && !q.trim().is_empty() {
            let said: Vec<&str> = clauses
                .iter()
                .filter(|clause| clause.sign != Sign::Not)
                .map(|clause| clause.text.as_str())
                .collect();
            let mut vector = vec![0.0; DIMENSIONS];
            if Embedder::builtin().embed(&said.join(" "), &mut vector) {
                self.query.vector = QueryVector::new(&vector).ok();
            }
        }
        Ok(())
    }

    pub(crate) fn read_document(
        &mut self,
        snapshot: &Snapshot,
        source: &Kind,
        request: &Request,
    ) -> Result<(), Failure> {
        let document = source_document(snapshot, source, &request.source)?;
        let mut kept = None;
        if let Source::Stored { id, .. } = &request.source {
            kept = stored::kept(snapshot.collection(source.id), &document);
            if source.id == self.kind.id {
                self.exclude = Some(id.clone());
            }
        }
        self.skill_names = unknown_skill_names(source, &document.json);
        let Kept { row, vector } = kept.unwrap_or_else(|| Kept::of(row::analyse(source, document)));
        let statistics = &self.collection.statistics;
        self.query = Query::from_row(source, self.kind, (&row, vector), statistics);
        let query = &self.query;
        if query.words.is_empty() && query.vector.is_none() && row.entries.is_empty() {
            return Err(Failure::new(
                "invalid_request",
                "/from",
                "the document says nothing that could be matched",
            ));
        }
        self.link_skills();
        let names = |skills: &mut dyn Iterator<Item = SkillId>| -> Vec<String> {
            skills.filter_map(|skill| self.name_of(skill.0)).collect()
        };
        let asked = names(&mut self.query.asked.iter().map(|asked| asked.skill));
        let offered = names(&mut self.query.offered.iter().copied());
        let words: Vec<&str> = self
            .query
            .words
            .iter()
            .map(|word| word.word.as_str())
            .collect();
        let words = json!(words);
        self.applied.insert("from".into(), json!(source.name));
        self.applied.insert("words".into(), words);
        self.applied.insert("skills_wanted".into(), json!(asked));
        self.applied.insert("skills_offered".into(), json!(offered));
        Ok(())
    }
}

/// Reads and checks the source document of a match.
pub(crate) fn source_document(
    snapshot: &Snapshot,
    kind: &Kind,
    source: &Source,
) -> Result<Document, Failure> {
    let invalid = |invalid: tandem_index::document::Invalid| Failure {
        faults: invalid
            .faults
            .into_iter()
            .map(|fault| Fault {
                pointer: format!("/from/document{}", fault.pointer),
                ..fault
            })
            .collect(),
    };
    Ok(match source {
        Source::Stored { id, .. } => {
            let stored = snapshot.get(kind.id, id).ok_or_else(|| {
                Failure::new("not_found", "/from/id", "there is no document of this id")
            })?;
            Document::parse(kind, stored_json(stored.json), Some(id), true).map_err(invalid)?
        }
        Source::Inline { document, .. } => {
            Document::parse(kind, document.clone(), None, false).map_err(invalid)?
        }
        Source::Text { text, .. } => Document::from_text(kind, text)
            .map_err(|error| Failure::new("invalid_request", "/from/text", error.to_string()))?,
        Source::Query { .. } => {
            return Err(Failure::new("invalid_request", "/from", "`from` is needed"));
        }
    })
}

/// Names of a document's listed skills that no dictionary knows, by number.
pub fn unknown_skill_names(kind: &Kind, document: &Value) -> HashMap<u32, String> {
    let mut names = HashMap::new();
    for field in kind
        .fields
        .iter()
        .filter(|field| field.field_type == FieldType::Skills)
    {
        let list = document.get(&field.name).and_then(Value::as_array);
        for item in list.into_iter().flatten() {
            let name = item
                .as_str()
                .or_else(|| item.get("name").and_then(Value::as_str));
            if let Some(name) = name.map(str::trim) {
                let skill = skill_number(name);
                if row::skill_name(skill).is_none() {
                    names.insert(skill.0, name.to_owned());
                }
            }
        }
    }
    names
}

/// The group of a field that can stand before a colon in a query.
pub(crate) fn group_of(kind: &Kind, name: &str) -> Option<Group> {
    let field = kind.field(name)?;
    match (field.field_type, field.meaning) {
        (_, Some(Meaning::Title)) => Some(Group::Title),
        (_, Some(Meaning::Name)) => Some(Group::Name),
        (FieldType::Skills, _) => Some(Group::Skills),
        (FieldType::Text | FieldType::Positions, _) => Some(Group::Text),
        _ => None,
    }
}
