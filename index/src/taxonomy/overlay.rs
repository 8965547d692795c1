//! What a space puts over the taxonomy: skills and spellings of its own, links
//! and titles. Owns the form (docs/taxonomy.md), its limits and what is said of
//! a fault; keeps nothing.

use std::collections::HashMap;
use std::fmt;

use serde::Deserialize;
use xxhash_rust::xxh3::xxh3_64;

use super::links::{Link, Relation, pairs};
use super::occupations::{OccupationId, Occupations};
use super::spelling;
use crate::skills::{Category, Dictionary, SkillId};

const BYTES_MAX: usize = 2 << 20;
const SKILLS_MAX: usize = 10_000;
const ALIASES_MAX: usize = 64;
const LINKS_MAX: usize = 20_000;
const OTHERS_MAX: usize = 64;
const TITLES_MAX: usize = 20_000;
const NAME_BYTES_MAX: usize = 120;
/// More faults than these are not told one by one.
const FAULTS_MAX: usize = 100;

/// Numbers of a space's own skills begin here, above the dictionary's.
const OWN_FROM: u32 = 1 << 24;
const OWN_BITS: u32 = 28;

/// How an overlay is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `[[skills]]` and so on.
    Toml,
    /// `{"skills": […]}`.
    Json,
}

/// What is wrong with an overlay, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// `links[2].others[0]`; empty where the whole cannot be read.
    pub at: String,
    /// What is wrong, and what was meant where that can be guessed.
    pub text: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.at.is_empty() {
            return f.write_str(&self.text);
        }
        write!(f, "{}: {}", self.at, self.text)
    }
}

/// A skill of a space, or more spellings for one of the dictionary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnSkill {
    /// The dictionary's number, or one made of the name: the same as long as the
    /// name is.
    pub id: SkillId,
    /// As answers show it.
    pub name: String,
    /// What sort of skill it is.
    pub category: Category,
    /// Other spellings.
    pub aliases: Vec<String>,
}

/// A checked overlay.
#[derive(Clone, Debug, Default)]
pub struct Overlay {
    skills: Vec<OwnSkill>,
    links: Vec<Link>,
    titles: Vec<(String, OccupationId)>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawOverlay {
    skills: Vec<RawSkill>,
    links: Vec<RawLink>,
    titles: Vec<RawTitle>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSkill {
    name: String,
    category: Option<String>,
    #[serde(default)]
    aliases: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLink {
    kind: String,
    skill: String,
    others: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTitle {
    title: String,
    occupation: String,
}

impl Overlay {
    /// Reads and checks an overlay. Every fault is told, not only the first; with
    /// any the overlay is refused whole.
    pub fn parse(text: &str, form: Form) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults::default();
        if text.len() > BYTES_MAX {
            faults.add(
                "",
                format!("{} bytes, {BYTES_MAX} are the most", text.len()),
            );
            return Err(faults.list);
        }
        let raw: Result<RawOverlay, String> = match form {
            Form::Toml => toml::from_str(text).map_err(|fault| fault.to_string()),
            Form::Json => serde_json::from_str(text).map_err(|fault| fault.to_string()),
        };
        let raw = match raw {
            Ok(raw) => raw,
            Err(text) => {
                faults.add("", text.trim().to_owned());
                return Err(faults.list);
            }
        };
        let mut overlay = Self::default();
        let mut names = HashMap::new();
        faults.count("skills", raw.skills.len(), SKILLS_MAX);
        faults.count("links", raw.links.len(), LINKS_MAX);
        faults.count("titles", raw.titles.len(), TITLES_MAX);
        if faults.list.is_empty() {
            overlay.read_skills(raw.skills, &mut names, &mut faults);
            overlay.read_links(&raw.links, &names, &mut faults);
            overlay.read_titles(raw.titles, &mut faults);
        }
        if faults.list.is_empty() {
            return Ok(overlay);
        }
        Err(faults.list)
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

    fn read_skills(
        &mut self,
        raw: Vec<RawSkill>,
        names: &mut HashMap<String, SkillId>,
        faults: &mut Faults,
    ) {
        for (at, skill) in raw.into_iter().enumerate() {
            let place = format!("skills[{at}]");
            faults.count(
                &format!("{place}.aliases"),
                skill.aliases.len(),
                ALIASES_MAX,
            );
            let known = exactly(&skill.name);
            let category = category(known, skill.category.as_deref(), &place, faults);
            let id = known.unwrap_or_else(|| own_number(&skill.name));
            let all = std::iter::once((format!("{place}.name"), &skill.name));
            let aliases = skill.aliases.iter().enumerate();
            for (place, text) in
                all.chain(aliases.map(|(n, text)| (format!("{place}.aliases[{n}]"), text)))
            {
                faults.name(&place, text);
                if let Some(held) = names.insert(spelling(text), id).filter(|held| *held != id) {
                    let whose = self.skills.iter().find(|skill| skill.id == held);
                    let whose = whose.map_or("another skill", |skill| skill.name.as_str());
                    faults.add(
                        &place,
                        format!("`{text}` is a spelling of `{whose}` already"),
                    );
                }
            }
            if self.skills.iter().any(|held| held.id == id) {
                faults.add(
                    &place,
                    format!(
                        "`{}` stands here twice; give all its aliases in one place",
                        skill.name
                    ),
                );
            }
            self.skills.push(OwnSkill {
                id,
                name: skill.name,
                category,
                aliases: skill.aliases,
            });
        }
    }

    fn read_links(
        &mut self,
        raw: &[RawLink],
        names: &HashMap<String, SkillId>,
        faults: &mut Faults,
    ) {
        for (at, link) in raw.iter().enumerate() {
            let place = format!("links[{at}]");
            faults.count(&format!("{place}.others"), link.others.len(), OTHERS_MAX);
            let first = skill(&link.skill, &format!("{place}.skill"), names, faults);
            let others: Vec<SkillId> = link
                .others
                .iter()
                .enumerate()
                .filter_map(|(n, name)| skill(name, &format!("{place}.others[{n}]"), names, faults))
                .collect();
            let Some(first) = first else { continue };
            if others.contains(&first) {
                faults.add(&place, format!("`{}` is linked to itself", link.skill));
            }
            let relation = Relation::named(&link.kind);
            match relation {
                Some(relation) => {
                    let each = others
                        .iter()
                        .flat_map(|other| pairs(relation, &[first, *other]));
                    self.links.extend(each);
                }
                None if link.kind == "none" => self.links.extend(others.iter().map(|other| Link {
                    narrow: *other,
                    broad: first,
                    relation: None,
                })),
                None => {
                    let kind = &link.kind;
                    let meant = alike(kind, ["is", "needs", "like", "near", "none"].into_iter());
                    faults.add(
                        &format!("{place}.kind"),
                        format!("`{kind}` is none of is, needs, like, near, none{meant}"),
                    );
                }
            }
        }
    }

    fn read_titles(&mut self, raw: Vec<RawTitle>, faults: &mut Faults) {
        let occupations = Occupations::builtin();
        let mut seen: HashMap<String, OccupationId> = HashMap::new();
        for (at, title) in raw.into_iter().enumerate() {
            let place = format!("titles[{at}]");
            faults.name(&format!("{place}.title"), &title.title);
            let named = |name: &str| {
                let mut all = occupations.iter();
                all.find(|(_, held)| held.title.eq_ignore_ascii_case(name))
                    .map(|(id, _)| id)
            };
            let code = title.occupation.trim();
            let Some(occupation) = occupations.by_code(code).or_else(|| named(code)) else {
                let all = occupations
                    .iter()
                    .flat_map(|(_, held)| [held.code, held.title]);
                let meant = alike(code, all);
                faults.add(
                    &format!("{place}.occupation"),
                    format!("`{code}` is no O*NET code and no occupation's title{meant}"),
                );
                continue;
            };
            let before = seen.insert(spelling(&title.title), occupation);
            if before.is_some_and(|before| before != occupation) {
                faults.add(
                    &place,
                    format!("`{}` has another occupation before", title.title),
                );
            }
            self.titles.push((title.title, occupation));
        }
    }
}

/// The dictionary's skill of exactly this name: `Acme SQL` is not SQL.
fn exactly(name: &str) -> Option<SkillId> {
    let skill = Dictionary::builtin().named(name)?;
    let held = Dictionary::builtin().get(skill)?;
    let folded = spelling(name);
    held.spellings()
        .any(|text| spelling(text) == folded)
        .then_some(skill)
}

/// A number that depends on the name alone.
fn own_number(name: &str) -> SkillId {
    let hash = xxh3_64(spelling(name).as_bytes());
    SkillId(OWN_FROM + (hash & ((1 << OWN_BITS) - 1)) as u32)
}

fn category(
    known: Option<SkillId>,
    given: Option<&str>,
    place: &str,
    faults: &mut Faults,
) -> Category {
    const ALL: [Category; 5] = [
        Category::Technical,
        Category::Tool,
        Category::Domain,
        Category::General,
        Category::Language,
    ];
    let held = known
        .and_then(|id| Dictionary::builtin().get(id))
        .map(|skill| skill.category);
    let Some(given) = given else {
        return held.unwrap_or(Category::Domain);
    };
    let named = ALL.into_iter().find(|category| category.name() == given);
    let place = format!("{place}.category");
    match (named, held) {
        (None, _) => {
            let meant = alike(given, ALL.iter().map(|category| category.name()));
            faults.add(
                &place,
                format!("`{given}` is none of technical, tool, domain, general, language{meant}"),
            );
        }
        (Some(named), Some(held)) if named != held => {
            let text = format!(
                "the skill is known as {}; leave the category out",
                held.name()
            );
            faults.add(&place, text);
        }
        (Some(_), _) => {}
    }
    named.or(held).unwrap_or(Category::Domain)
}

fn skill(
    name: &str,
    place: &str,
    names: &HashMap<String, SkillId>,
    faults: &mut Faults,
) -> Option<SkillId> {
    let own = names.get(&spelling(name)).copied();
    let found = own.or_else(|| Dictionary::builtin().named(name));
    if found.is_none() {
        let known = Dictionary::builtin().iter().map(|skill| skill.name);
        let meant = alike(name, known);
        faults.add(place, format!("no skill is called `{name}`{meant}"));
    }
    found
}

/// What a name was probably meant to be, to be put behind a fault.
fn alike<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> String {
    let typed = spelling(name);
    let edits_max = if typed.chars().count() < 6 { 1 } else { 2 };
    let near = known
        .map(|known| (strsim::osa_distance(&spelling(known), &typed), known))
        .filter(|(edits, _)| *edits <= edits_max)
        .min();
    near.map_or_else(String::new, |(_, known)| {
        format!("; did you mean `{known}`?")
    })
}

#[derive(Debug, Default)]
struct Faults {
    list: Vec<Fault>,
}

impl Faults {
    fn add(&mut self, at: &str, text: String) {
        if self.list.len() < FAULTS_MAX {
            self.list.push(Fault {
                at: at.to_owned(),
                text,
            });
        }
    }

    fn count(&mut self, at: &str, count: usize, most: usize) {
        if count > most {
            self.add(at, format!("{count} of them, {most} are the most"));
        }
    }

    fn name(&mut self, at: &str, name: &str) {
        if spelling(name).is_empty() {
            self.add(at, "is empty".to_owned());
        } else if name.len() > NAME_BYTES_MAX {
            self.add(
                at,
                format!("{} bytes, {NAME_BYTES_MAX} are the most", name.len()),
            );
        }
    }
}
