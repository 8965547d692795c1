//! The taxonomy: occupations and the titles they go by, skills and what may
//! stand for them, and what a space puts over both. Owns docs/taxonomy.md;
//! knows nothing of documents or scores, of rows only the numbers skills have in
//! them. Occupations from O*NET, see data/taxonomy/README.md.

mod data;
mod esco;
mod lines;
mod links;
mod meets;
mod model;
mod names;
mod occupations;
mod overlay;
mod same;
#[cfg(test)]
mod tests;
mod words;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, OnceLock};

pub use esco::{Esco, EscoError, EscoFile};
pub use links::{CREDIT_WHOLE, Link, Links, NEIGHBOURS_MAX, Neighbour, Path, Relation, Step, Way};
pub use names::Names;
pub use occupations::{Group, How, Named, Occupation, OccupationId, Occupations};
pub use overlay::{Fault, Form, OVERLAY_BYTES_MAX, Overlay, OwnSkill, Put};

use crate::analysis::fold;
use crate::hash::PlainHash;
use crate::skills::{Category, Dictionary, SkillId};
use meets::Meets;
pub use meets::Met;
use same::Same;

/// The release of O*NET the occupations and most skills are of.
pub const ONET_VERSION: &str = "29.2";

static BUILTIN: LazyLock<Arc<Taxonomy>> = LazyLock::new(|| {
    Arc::new(Taxonomy {
        links: Arc::new(Links::builtin().clone()),
        esco: None,
        meets: Meets::default(),
        names: Names::default(),
        own: HashMap::new(),
        titles: HashMap::default(),
        put: None,
        counts: OverlayCounts::default(),
        faults: Vec::new(),
    })
});

// One for all spaces of a process, under what each puts over it.
static BASE: OnceLock<Arc<Taxonomy>> = OnceLock::new();

/// How sure a title of a space's own list is.
const OWN_TITLE_SURE: u8 = 99;
/// How sure one is that ESCO has for an occupation O*NET knows.
const ESCO_TITLE_SURE: u8 = 90;

/// Occupations by the words of a title.
type Titles = HashMap<u64, OccupationId, PlainHash>;

/// Occupations and skills as a space sees them.
#[derive(Clone, Debug)]
pub struct Taxonomy {
    links: Arc<Links>,
    meets: Meets,
    esco: Option<Arc<FromEsco>>,
    /// The space's own spellings.
    names: Names,
    /// The skills its overlay names, those of the dictionary among them.
    own: HashMap<SkillId, OwnSkill>,
    /// The space's own titles.
    titles: Titles,
    put: Option<Put>,
    counts: OverlayCounts,
    faults: Vec<Fault>,
}

/// How much a space's overlay has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OverlayCounts {
    /// Skills and more spellings of known ones.
    pub skills: usize,
    /// Pairs of skills that are linked, or cut apart.
    pub links: usize,
    /// Titles.
    pub titles: usize,
}

/// What ESCO's files brought.
#[derive(Debug)]
struct FromEsco {
    counts: EscoCounts,
    titles: Titles,
}

/// How much ESCO's files brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EscoCounts {
    /// Its version, as far as the files say.
    pub version: String,
    /// Concepts that are skills of the dictionary.
    pub skills: usize,
    /// Concepts that are not.
    pub skills_unknown: usize,
    /// Links between skills.
    pub links: usize,
    /// Occupations whose title O*NET knows.
    pub occupations: usize,
    /// Occupations it does not know.
    pub occupations_unknown: usize,
    /// Titles that lead to an occupation now and did not before.
    pub titles: usize,
}

/// Makes a taxonomy the one under all spaces of this process, in place of the
/// built-in one. False where one is in use already, set or used before.
pub fn install(taxonomy: Taxonomy) -> bool {
    BASE.set(Arc::new(taxonomy)).is_ok()
}

/// The taxonomy under all spaces of this process.
pub fn base() -> &'static Arc<Taxonomy> {
    BASE.get_or_init(|| Arc::clone(&BUILTIN))
}

impl Taxonomy {
    /// The taxonomy that comes with the server.
    pub fn builtin() -> &'static Self {
        &BUILTIN
    }

    /// This taxonomy under a space's overlay, which was taken before: what of it
    /// no longer holds is left out, and in [`Self::faults`]. Takes some
    /// milliseconds.
    #[must_use]
    pub fn under(&self, put: Put) -> Self {
        let (overlay, faults) = Overlay::kept(&put.text, put.form);
        let mut taxonomy = self.with_overlay(&overlay);
        taxonomy.put = Some(put);
        taxonomy.faults = faults;
        taxonomy
    }

    /// This taxonomy under a new overlay. Errors: all its faults.
    pub fn taking(&self, put: Put) -> Result<Self, Vec<Fault>> {
        let overlay = Overlay::parse(&put.text, put.form)?;
        let mut taxonomy = self.with_overlay(&overlay);
        taxonomy.put = Some(put);
        Ok(taxonomy)
    }

    /// This taxonomy, which has no overlay, with one on top: its spellings, links
    /// and titles come before what is below.
    #[must_use]
    pub fn with_overlay(&self, overlay: &Overlay) -> Self {
        let mut taxonomy = self.clone();
        let same = Same::of_pairs(overlay.numbers());
        let links = self.links.with(overlay.links());
        taxonomy.links = Arc::new(links.with_same(same));
        taxonomy.meets = Meets::default();
        for skill in overlay.skills() {
            for text in skill.spellings() {
                taxonomy.names.add(text, skill.id);
            }
            taxonomy.own.insert(skill.id, skill.clone());
        }
        add_titles(&mut taxonomy.titles, overlay.titles());
        taxonomy.counts = OverlayCounts {
            skills: overlay.skills().len(),
            links: overlay.links().len(),
            titles: overlay.titles().count(),
        };
        taxonomy
    }

    /// This taxonomy with what a deployer's ESCO files add. Titles O*NET or an
    /// overlay knows stay with their occupations.
    #[must_use]
    pub fn with_esco(&self, esco: &Esco) -> Self {
        let mut taxonomy = self.clone();
        taxonomy.links = Arc::new(self.links.with(&esco.links));
        taxonomy.meets = Meets::default();
        let known = self.occupations();
        let unknown = esco.titles.iter().filter(|(title, _)| {
            let named = known.of_title(title);
            named.is_none_or(|named| matches!(named.how, How::Words | How::Part))
        });
        let mut titles = Titles::default();
        let unknown = unknown.map(|(title, id)| (title.as_str(), *id));
        let count = add_titles(&mut titles, unknown);
        taxonomy.esco = Some(Arc::new(FromEsco {
            counts: EscoCounts {
                version: esco.version.clone(),
                skills: esco.skills_mapped,
                skills_unknown: esco.skills_unknown,
                links: esco.links.len(),
                occupations: esco.occupations_mapped,
                occupations_unknown: esco.occupations_unknown,
                titles: count,
            },
            titles,
        }));
        taxonomy
    }

    /// The overlay as it was put, if there is one.
    pub fn put(&self) -> Option<&Put> {
        self.put.as_ref()
    }

    /// What of the overlay no longer holds, as the dictionary is another one than
    /// when it was put.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// What ESCO's files brought, where there are any.
    pub fn esco(&self) -> Option<&EscoCounts> {
        self.esco.as_ref().map(|esco| &esco.counts)
    }

    /// How much the space's overlay has.
    pub fn counts(&self) -> OverlayCounts {
        self.counts
    }

    /// The skill a document or a query lists by this name.
    pub fn skill_named(&self, name: &str) -> Option<SkillId> {
        let own = self.names.exact(name);
        own.or_else(|| Dictionary::builtin().named(name))
    }

    /// The name answers show for a skill, whichever of its numbers this is.
    pub fn skill_name(&self, skill: SkillId) -> Option<&str> {
        let skill = self.links.own(skill);
        let known = Dictionary::builtin().get(skill).map(|skill| skill.name);
        known.or_else(|| self.own.get(&skill).map(|skill| skill.name.as_str()))
    }

    /// What sort of skill it is.
    pub fn category(&self, skill: SkillId) -> Option<Category> {
        let skill = self.links.own(skill);
        let known = Dictionary::builtin().get(skill);
        let known = known.map(|skill| skill.category);
        known.or_else(|| self.own.get(&skill).map(|skill| skill.category))
    }

    /// The skills the space's overlay names, in no order.
    pub fn own_skills(&self) -> impl Iterator<Item = &OwnSkill> {
        self.own.values()
    }

    /// What the space's overlay says of a skill.
    pub fn own_skill(&self, skill: SkillId) -> Option<&OwnSkill> {
        self.own.get(&self.links.own(skill))
    }

    /// Every spelling of a skill, its name first: the dictionary's, then the
    /// space's own.
    pub fn spellings(&self, skill: SkillId) -> Vec<&str> {
        let skill = self.links.own(skill);
        let mut spellings: Vec<&str> = Vec::new();
        if let Some(known) = Dictionary::builtin().get(skill) {
            for text in known.spellings() {
                spellings.push(text);
            }
        }
        for text in self
            .own
            .get(&skill)
            .into_iter()
            .flat_map(OwnSkill::spellings)
        {
            if !spellings.contains(&text) {
                spellings.push(text);
            }
        }
        spellings
    }

    /// The space's own spellings.
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// The occupation a job title means: by the space's own titles, by one O*NET
    /// knows as a whole, by one of ESCO's, else as `Occupations::of_title`.
    pub fn of_title(&self, title: &str) -> Option<Named> {
        let by = |titles: &Titles, sure: u8| {
            let occupation = titled(titles, title)?;
            let how = How::Title;
            Some(Named {
                occupation,
                sure,
                how,
            })
        };
        if let Some(own) = by(&self.titles, OWN_TITLE_SURE) {
            return Some(own);
        }
        let named = self.occupations().of_title(title);
        let whole = named.filter(|named| matches!(named.how, How::Title | How::Plain));
        let of_esco = || by(&self.esco.as_ref()?.titles, ESCO_TITLE_SURE);
        whole.or_else(of_esco).or(named)
    }

    /// The likeliest occupations of a title, best first, however unsure.
    pub fn ranked(&self, title: &str, limit: usize) -> Vec<Named> {
        let mut ranked = self.occupations().ranked(title, limit);
        if let Some(first) = self.of_title(title) {
            ranked.retain(|named| named.occupation != first.occupation);
            ranked.insert(0, first);
            ranked.truncate(limit);
        }
        ranked
    }

    /// The occupations; no overlay changes them.
    pub fn occupations(&self) -> &'static Occupations {
        Occupations::builtin()
    }

    /// The links between skills.
    pub fn links(&self) -> &Links {
        &self.links
    }

    /// The demands for other skills that a skill meets, `Links::neighbours` the other
    /// way round: by number, and what of each in 1/256.
    pub fn meets(&self, skill: SkillId) -> &[Met] {
        self.meets.of(&self.links, skill)
    }

    /// How a skill somebody has meets the demand for another.
    pub fn path(&self, from: SkillId, to: SkillId) -> Option<Path> {
        self.links.path(from, to)
    }
}

/// The occupation of a title among some; its parts are looked for like those of
/// O*NET's.
fn titled(titles: &Titles, title: &str) -> Option<OccupationId> {
    if titles.is_empty() {
        return None;
    }
    let read = words::Title::read(title);
    let ways = [
        (0..u8::MAX, true),
        (0..u8::MAX, false),
        (0..1, true),
        (0..1, false),
    ];
    ways.into_iter().find_map(|(parts, level)| {
        let key = words::bag(read.of(parts, level))?;
        titles.get(&key).copied()
    })
}

/// Adds titles; how many there are of them.
fn add_titles<'t>(
    titles: &mut Titles,
    more: impl Iterator<Item = (&'t str, OccupationId)>,
) -> usize {
    let mut count = 0;
    for (title, occupation) in more {
        let title = words::Title::read(title);
        let Some(whole) = words::bag(title.of(0..u8::MAX, true)) else {
            continue;
        };
        count += usize::from(titles.insert(whole, occupation).is_none());
        // `Senior Member of Technical Staff` too; one word left says too little.
        let plain = || title.of(0..u8::MAX, false);
        if let Some(key) = words::bag(plain()).filter(|_| plain().count() > 1) {
            titles.entry(key).or_insert(occupation);
        }
    }
    count
}

/// A spelling as it is looked up: folded, blanks as one.
fn spelling(text: &str) -> String {
    let folded = fold(text);
    let words: Vec<&str> = folded.split_whitespace().collect();
    words.join(" ")
}
