//! What a space puts over the taxonomy: skills and spellings of its own, links
//! and titles. Owns the form (docs/taxonomy.md) and its limits; keeps nothing.
//!
//! Documents are analysed without it: their rows have a number for each skill
//! they list, the dictionary's or one made of the name as they spell it. So an
//! overlay says which of these numbers are one skill, and takes effect at once.

mod faults;
mod raw;

use std::collections::HashMap;

use super::lines::pairs;
use super::links::{Link, Relation};
use super::occupations::{OccupationId, Occupations};
use super::spelling;
use crate::row::skill_number;
use crate::skills::{Category, Dictionary, SkillId};

pub use faults::Fault;
use faults::{Faults, alike};
use raw::{Placed, RawLink, RawOverlay, RawSkill, RawTitle};

/// Longest overlay, in bytes.
pub const OVERLAY_BYTES_MAX: usize = 2 << 20;
const SKILLS_MAX: usize = 10_000;
const ALIASES_MAX: usize = 64;
const LINKS_MAX: usize = 20_000;
const OTHERS_MAX: usize = 64;
const TITLES_MAX: usize = 20_000;
const NAME_BYTES_MAX: usize = 120;

/// How an overlay is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `[[skills]]` and so on.
    Toml,
    /// `{"skills": […]}`.
    Json,
}

impl Form {
    /// The byte journals and checkpoints have for it; never 0.
    pub fn code(self) -> u8 {
        match self {
            Self::Toml => 1,
            Self::Json => 2,
        }
    }

    /// The form of a byte.
    pub fn of_code(code: u8) -> Option<Self> {
        [Self::Toml, Self::Json]
            .into_iter()
            .find(|form| form.code() == code)
    }
}

/// An overlay as it was put.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Put {
    /// How it is written.
    pub form: Form,
    /// All of it.
    pub text: String,
}

/// A skill of a space, or more spellings for one of the dictionary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnSkill {
    /// The number rows have it under when a document lists it by its name:
    /// [`skill_number`].
    pub id: SkillId,
    /// As answers show it.
    pub name: String,
    /// What sort of skill it is.
    pub category: Category,
    /// Other spellings.
    pub aliases: Vec<String>,
}

impl OwnSkill {
    /// Every spelling the overlay has for it, the name first.
    pub fn spellings(&self) -> impl Iterator<Item = &str> {
        let name = std::iter::once(self.name.as_str());
        name.chain(self.aliases.iter().map(String::as_str))
    }
}

/// A checked overlay.
#[derive(Clone, Debug, Default)]
pub struct Overlay {
    skills: Vec<OwnSkill>,
    /// Numbers of spellings, each with the skill it is one of.
    numbers: Vec<(SkillId, SkillId)>,
    links: Vec<Link>,
    titles: Vec<(String, OccupationId)>,
}

impl Overlay {
    /// Reads and checks an overlay. Every fault is told, not only the first; with
    /// any the overlay is refused whole.
    pub fn parse(text: &str, form: Form) -> Result<Self, Vec<Fault>> {
        let (overlay, faults) = Self::kept(text, form);
        if faults.is_empty() {
            Ok(overlay)
        } else {
            Err(faults)
        }
    }

    /// What still holds of an overlay that was taken once, by a server whose
    /// dictionary may have been another one, and what does not.
    pub fn kept(text: &str, form: Form) -> (Self, Vec<Fault>) {
        let mut faults = Faults::default();
        let mut overlay = Self::default();
        if text.len() > OVERLAY_BYTES_MAX {
            let bytes = text.len();
            faults.add(
                "",
                format!("{bytes} bytes, {OVERLAY_BYTES_MAX} are the most"),
            );
            return (overlay, faults.list);
        }
        // Neither form has any; the journal counts on it.
        if text.contains('\0') {
            faults.add("", "has a byte of zero");
            return (overlay, faults.list);
        }
        let raw = RawOverlay::read(text, form, &mut faults);
        let mut reading = Reading {
            overlay: &mut overlay,
            names: HashMap::new(),
            whose: HashMap::new(),
            faults: &mut faults,
        };
        for skill in raw.skills {
            reading.skill(skill);
        }
        for link in &raw.links {
            reading.link(link);
        }
        let mut seen = HashMap::new();
        for title in raw.titles {
            reading.title(title, &mut seen);
        }
        (overlay, faults.list)
    }

    /// Skills and spellings of its own.
    pub fn skills(&self) -> &[OwnSkill] {
        &self.skills
    }

    /// Links of its own, in their order.
    pub fn links(&self) -> &[Link] {
        &self.links
    }

    /// Titles of its own with their occupations.
    pub fn titles(&self) -> impl Iterator<Item = (&str, OccupationId)> {
        self.titles
            .iter()
            .map(|(title, occupation)| (title.as_str(), *occupation))
    }

    /// Numbers of spellings, each with the skill it is one of.
    pub(super) fn numbers(&self) -> impl Iterator<Item = (SkillId, SkillId)> {
        self.numbers.iter().copied()
    }
}

/// An overlay while it is read.
struct Reading<'r> {
    overlay: &'r mut Overlay,
    /// Its spellings, folded.
    names: HashMap<String, SkillId>,
    /// Which of its skills a number is of: its place and the spelling.
    whose: HashMap<SkillId, (usize, String)>,
    faults: &'r mut Faults,
}

impl Reading<'_> {
    fn skill(&mut self, raw: RawSkill) {
        let at = self.overlay.skills.len();
        let id = skill_number(&raw.name.text);
        let known = Dictionary::builtin().get(id);
        let category = self.category(known.map(|skill| skill.category), raw.category.as_ref());
        let whose = self.whose.get(&id);
        let held = whose.and_then(|(other, _)| self.overlay.skills.get(*other));
        if held.is_some_and(|held| held.id == id) {
            let name = &raw.name.text;
            let text = format!("`{name}` stands here twice; give all its aliases in one place");
            self.faults.add(&raw.at, text);
        } else {
            self.spelling(&raw.name, id, at);
        }
        for alias in &raw.aliases {
            self.spelling(alias, id, at);
        }
        self.overlay.skills.push(OwnSkill {
            id,
            name: raw.name.text,
            category,
            aliases: raw.aliases.into_iter().map(|alias| alias.text).collect(),
        });
    }

    /// Takes a spelling of the skill at a place.
    fn spelling(&mut self, placed: &Placed, id: SkillId, at: usize) {
        let Placed { at: place, text } = placed;
        self.faults.name(place, text);
        let folded = spelling(text);
        let number = skill_number(text);
        // Documents that list it have the dictionary's number, whatever is said here.
        if let Some(held) = Dictionary::builtin().get(number) {
            if number != id {
                let name = held.name;
                let text = format!(
                    "`{text}` is read as `{name}` in documents; link the two in place of that, or spell it otherwise"
                );
                return self.faults.add(place, text);
            }
            if !held.spellings().any(|known| spelling(known) == folded) {
                let name = held.name;
                let text = format!(
                    "`{text}` is read as `{name}`: what stands in brackets or behind a comma or a dash is not looked at"
                );
                return self.faults.add(place, text);
            }
        }
        // Blanks as they are written and as they are meant.
        for number in [number, skill_number(&folded)] {
            match self.whose.get(&number) {
                Some((other, known)) if *other != at => {
                    let whose = self.overlay.skills.get(*other);
                    let whose = whose.map_or("another skill", |skill| skill.name.as_str());
                    let said = if spelling(known) == folded {
                        format!("`{text}` is a spelling of `{whose}` already")
                    } else {
                        format!("`{text}` has the number `{known}` has; spell it otherwise")
                    };
                    return self.faults.add(place, said);
                }
                Some(_) => {}
                None => {
                    self.whose.insert(number, (at, text.clone()));
                    self.overlay.numbers.push((number, id));
                }
            }
        }
        self.names.insert(folded, id);
    }

    fn category(&mut self, held: Option<Category>, given: Option<&Placed>) -> Category {
        const ALL: [Category; 5] = [
            Category::Technical,
            Category::Tool,
            Category::Domain,
            Category::General,
            Category::Language,
        ];
        let Some(Placed { at, text }) = given else {
            return held.unwrap_or(Category::Domain);
        };
        let named = ALL.into_iter().find(|category| category.name() == text);
        match (named, held) {
            (None, _) => {
                let meant = alike(text, ALL.iter().map(|category| category.name()));
                let said =
                    format!("`{text}` is none of technical, tool, domain, general, language");
                self.faults.add_meant(at, said, meant);
            }
            (Some(named), Some(held)) if named != held => {
                let name = held.name();
                let said = format!("the skill is known as {name}; leave the category out");
                self.faults.add(at, said);
            }
            (Some(_), _) => {}
        }
        held.or(named).unwrap_or(Category::Domain)
    }

    fn link(&mut self, raw: &RawLink) {
        let first = self.named(&raw.skill);
        let others = raw.others.iter();
        let others: Vec<SkillId> = others.filter_map(|other| self.named(other)).collect();
        let relation = Relation::named(&raw.kind.text);
        let cuts = raw.kind.text == "none";
        if relation.is_none() && !cuts {
            let kind = &raw.kind.text;
            let meant = alike(kind, ["is", "needs", "like", "near", "none"].into_iter());
            let said = format!("`{kind}` is none of is, needs, like, near, none");
            self.faults.add_meant(&raw.kind.at, said, meant);
        }
        let Some(first) = first else { return };
        if others.contains(&first) {
            let said = format!("`{}` is linked to itself", raw.skill.text);
            return self.faults.add(&raw.at, said);
        }
        let links = &mut self.overlay.links;
        match relation {
            Some(relation) => {
                let each = others.iter();
                links.extend(each.flat_map(|other| pairs(relation, &[first, *other])));
            }
            None if cuts => links.extend(others.iter().map(|other| Link {
                narrow: *other,
                broad: first,
                relation: None,
            })),
            None => {}
        }
    }

    fn named(&mut self, placed: &Placed) -> Option<SkillId> {
        let Placed { at, text } = placed;
        let own = self.names.get(&spelling(text)).copied();
        let found = own.or_else(|| Dictionary::builtin().named(text));
        if found.is_none() && !self.faults.is_full() {
            let known = Dictionary::builtin().iter().map(|skill| skill.name);
            let own = self.overlay.skills.iter().map(|skill| skill.name.as_str());
            let meant = alike(text, known.chain(own));
            self.faults
                .add_meant(at, format!("no skill is called `{text}`"), meant);
        }
        found
    }

    fn title(&mut self, raw: RawTitle, seen: &mut HashMap<String, OccupationId>) {
        let occupations = Occupations::builtin();
        self.faults.name(&raw.title.at, &raw.title.text);
        let code = raw.occupation.text.trim();
        let by_title = || {
            let mut all = occupations.iter();
            let found = all.find(|(_, held)| held.title.eq_ignore_ascii_case(code));
            found.map(|(id, _)| id)
        };
        let Some(occupation) = occupations.by_code(code).or_else(by_title) else {
            if self.faults.is_full() {
                return;
            }
            let all = occupations.iter();
            let all = all.flat_map(|(_, held)| [held.code, held.title]);
            let said = format!("`{code}` is no O*NET code and no occupation's title");
            let meant = alike(code, all);
            return self.faults.add_meant(&raw.occupation.at, said, meant);
        };
        let title = raw.title.text;
        let before = seen.insert(spelling(&title), occupation);
        if before.is_some_and(|before| before != occupation) {
            self.faults
                .add(&raw.at, format!("`{title}` has another occupation before"));
        }
        self.overlay.titles.push((title, occupation));
    }
}
