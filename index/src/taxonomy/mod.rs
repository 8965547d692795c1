//! The taxonomy: occupations and the titles they go by, skills and what may
//! stand for them, and what a space puts over both. Owns docs/taxonomy.md;
//! knows nothing of documents, rows or scores. Occupations from O*NET, see
//! data/taxonomy/README.md.

mod data;
mod esco;
mod links;
mod model;
mod occupations;
mod overlay;
#[cfg(test)]
mod tests;
mod words;

use std::collections::HashMap;
use std::sync::LazyLock;

pub use esco::{Esco, EscoError, EscoFiles};
pub use links::{CREDIT_WHOLE, Link, Links, NEIGHBOURS_MAX, Neighbour, Path, Relation, Step, Way};
pub use occupations::{Group, How, Named, Occupation, OccupationId, Occupations};
pub use overlay::{Fault, Form, Overlay, OwnSkill};

use crate::analysis::fold;
use crate::skills::{Dictionary, SkillId};

static BUILTIN: LazyLock<Taxonomy> = LazyLock::new(|| Taxonomy {
    links: Links::builtin().clone(),
    names: HashMap::new(),
    own: HashMap::new(),
    titles: HashMap::new(),
});

/// How sure a title of a space's own list is.
const OWN_TITLE_SURE: u8 = 99;

/// Occupations and skills as a space sees them.
#[derive(Clone, Debug)]
pub struct Taxonomy {
    links: Links,
    /// The space's own spellings, folded.
    names: HashMap<String, SkillId>,
    /// The space's own skills.
    own: HashMap<SkillId, OwnSkill>,
    /// The space's own titles by their words.
    titles: HashMap<u64, OccupationId>,
}

impl Taxonomy {
    /// The taxonomy that comes with the server.
    pub fn builtin() -> &'static Self {
        &BUILTIN
    }

    /// This taxonomy with an overlay on top: its spellings, links and titles
    /// come before what is below.
    #[must_use]
    pub fn with_overlay(&self, overlay: &Overlay) -> Self {
        let mut taxonomy = self.clone();
        taxonomy.links = self.links.with(overlay.links());
        for skill in overlay.skills() {
            let spellings = skill.aliases.iter().chain(std::iter::once(&skill.name));
            let folded = spellings.map(|text| (spelling(text), skill.id));
            taxonomy.names.extend(folded);
            if Dictionary::builtin().get(skill.id).is_none() {
                taxonomy.own.insert(skill.id, skill.clone());
            }
        }
        taxonomy.add_titles(overlay.titles());
        taxonomy
    }

    /// This taxonomy with what a deployer's ESCO files add. Titles O*NET or an
    /// overlay knows stay with their occupations.
    #[must_use]
    pub fn with_esco(&self, esco: &Esco) -> Self {
        let mut taxonomy = self.clone();
        taxonomy.links = self.links.with(&esco.links);
        let unknown = esco.titles.iter().filter(|(title, _)| {
            let named = self.of_title(title);
            named.is_none_or(|named| matches!(named.how, How::Words | How::Part))
        });
        taxonomy.add_titles(unknown.map(|(title, id)| (title.as_str(), *id)));
        taxonomy
    }

    fn add_titles<'t>(&mut self, titles: impl Iterator<Item = (&'t str, OccupationId)>) {
        for (title, occupation) in titles {
            let title = words::Title::read(title);
            let Some(whole) = words::bag(title.of(0..u8::MAX, true)) else {
                continue;
            };
            self.titles.insert(whole, occupation);
            // `Senior Member of Technical Staff` too; one word left says too little.
            let plain = || title.of(0..u8::MAX, false);
            if let Some(key) = words::bag(plain()).filter(|_| plain().count() > 1) {
                self.titles.entry(key).or_insert(occupation);
            }
        }
    }

    /// The skill a document or a query lists by this name.
    pub fn skill_named(&self, name: &str) -> Option<SkillId> {
        let own = self.names.get(&spelling(name)).copied();
        own.or_else(|| Dictionary::builtin().named(name))
    }

    /// The name answers show for a skill.
    pub fn skill_name(&self, skill: SkillId) -> Option<&str> {
        let known = Dictionary::builtin().get(skill).map(|skill| skill.name);
        known.or_else(|| self.own.get(&skill).map(|skill| skill.name.as_str()))
    }

    /// The occupation a job title means: by the space's own titles, else as
    /// `Occupations::of_title`.
    pub fn of_title(&self, title: &str) -> Option<Named> {
        if !self.titles.is_empty() {
            let read = words::Title::read(title);
            let ways = [
                (0..u8::MAX, true),
                (0..u8::MAX, false),
                (0..1, true),
                (0..1, false),
            ];
            let found = ways.into_iter().find_map(|(parts, level)| {
                self.titles
                    .get(&words::bag(read.of(parts, level))?)
                    .copied()
            });
            if let Some(occupation) = found {
                return Some(Named {
                    occupation,
                    sure: OWN_TITLE_SURE,
                    how: How::Title,
                });
            }
        }
        self.occupations().of_title(title)
    }

    /// The occupations; no overlay changes them.
    pub fn occupations(&self) -> &'static Occupations {
        Occupations::builtin()
    }

    /// The links between skills.
    pub fn links(&self) -> &Links {
        &self.links
    }

    /// How a skill somebody has meets the demand for another.
    pub fn path(&self, from: SkillId, to: SkillId) -> Option<Path> {
        self.links.path(from, to)
    }
}

/// A spelling as it is looked up: folded, blanks as one.
fn spelling(text: &str) -> String {
    let folded = fold(text);
    let words: Vec<&str> = folded.split_whitespace().collect();
    words.join(" ")
}
