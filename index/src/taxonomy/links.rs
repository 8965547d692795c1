//! Links between skills: which is a kind of which, which does for another, and
//! how much of a demand that meets. Owns the table of credits in
//! docs/taxonomy.md; knows no documents and no scores.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;

use super::lines::{LINKS, SIBLINGS, read_lines, read_siblings};
use super::same::Same;
use crate::skills::SkillId;

static BUILTIN: LazyLock<Links> = LazyLock::new(|| {
    let mut lines = Vec::new();
    let lost = read_lines(LINKS, &mut lines) + read_siblings(SIBLINGS, &mut lines);
    let mut links = Links::of(&lines);
    links.lines_lost = lost;
    links
});

/// Skills that may stand for one demand, other numbers of them not counted; the
/// others are left out by credit.
pub const NEIGHBOURS_MAX: usize = 32;

/// A demand met whole.
pub const CREDIT_WHOLE: u16 = 256;

/// Paths that carry less than this are none.
const CREDIT_MIN: u16 = 40;

/// Two skills of a kind with more members than this have little in common.
const FAMILY_MAX: usize = 12;

/// How two skills are linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// Two numbers of one skill: spellings a space says are the same.
    Same,
    /// The one is a kind or a part of the other: `PostgreSQL`, `Relational Databases`.
    Is,
    /// The one cannot be done without the other: `React`, `JavaScript`.
    Needs,
    /// The one does for the other in part: `PostgreSQL`, `MySQL`.
    Like,
    /// The same field, other work.
    Near,
    /// Of one kind in O*NET, and used in the same occupations.
    Sibling,
    /// ESCO's broader concept.
    EscoIs,
    /// ESCO calls the one essential for the other.
    EscoNeeds,
    /// ESCO calls the one useful for the other.
    EscoNear,
}

impl Relation {
    /// What somebody who has the narrower side (or either, where none is
    /// narrower) brings for the other one, and the other way round; in 1/256.
    fn credits(self) -> (u16, u16) {
        match self {
            Self::Same => (CREDIT_WHOLE, CREDIT_WHOLE),
            // Who does one kind has done the work, if not all of it.
            Self::Is => (230, 90),
            // Nobody writes React without JavaScript; JavaScript alone is a
            // quarter of the way to React.
            Self::Needs => (230, 64),
            Self::Like => (128, 128),
            Self::Near => (64, 64),
            // Counted by O*NET or called useful by ESCO, judged by nobody: the least.
            Self::Sibling | Self::EscoNear => (40, 40),
            // Wider than ours: "use software" is a concept there.
            Self::EscoIs => (190, 64),
            Self::EscoNeeds => (140, 40),
        }
    }

    /// Whether one side is narrower than the other.
    pub(super) fn has_direction(self) -> bool {
        match self {
            Self::Is | Self::Needs | Self::EscoIs | Self::EscoNeeds => true,
            Self::Same | Self::Like | Self::Near | Self::Sibling | Self::EscoNear => false,
        }
    }

    /// The word answers show, and links.tsv and overlays have for the first ones.
    pub fn name(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Is => "is",
            Self::Needs => "needs",
            Self::Like => "like",
            Self::Near => "near",
            Self::Sibling => "sibling",
            Self::EscoIs => "esco_broader",
            Self::EscoNeeds => "esco_essential",
            Self::EscoNear => "esco_optional",
        }
    }

    /// The relation of a word of links.tsv or of an overlay.
    pub(super) fn named(word: &str) -> Option<Self> {
        match word {
            "is" => Some(Self::Is),
            "needs" => Some(Self::Needs),
            "like" => Some(Self::Like),
            "near" => Some(Self::Near),
            _ => None,
        }
    }
}

/// Which way a step goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Way {
    /// To the broader skill.
    Up,
    /// To a narrower skill.
    Down,
    /// To one beside it.
    Side,
}

/// A link as it is given: `narrow` and `broad` where the relation has a
/// direction. No relation takes away what is linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// The narrower skill, or one of two.
    pub narrow: SkillId,
    /// The broader skill, or the other of two.
    pub broad: SkillId,
    /// How they are linked; none cuts every link of the two.
    pub relation: Option<Relation>,
}

/// One step from a skill somebody has towards one that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// From here.
    pub from: SkillId,
    /// To here.
    pub to: SkillId,
    /// By this link.
    pub relation: Relation,
    /// In this direction.
    pub way: Way,
}

/// How a skill meets the demand for another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// One or two steps; none where it is the same skill.
    pub steps: Vec<Step>,
    /// What of the demand is met, in 1/256.
    pub credit: u16,
}

/// A skill that meets a demand in part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Neighbour {
    /// Which.
    pub skill: SkillId,
    /// What of the demand it meets, in 1/256.
    pub credit: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Edge {
    to: SkillId,
    relation: Relation,
    way: Way,
    credit: u16,
}

/// All links, and for each skill what may stand for it.
#[derive(Clone, Debug, Default)]
pub struct Links {
    given: Vec<Link>,
    /// Steps from a skill, by where they go.
    steps: HashMap<SkillId, Vec<Edge>>,
    /// Pairs that were cut, the lower number first: no path between them either.
    cut: BTreeSet<(SkillId, SkillId)>,
    /// For a demanded skill: what meets it, by number.
    pub(super) neighbours: HashMap<SkillId, Box<[Neighbour]>>,
    /// Numbers that are one skill. Links and steps have the skill's own alone,
    /// `neighbours` has all.
    same: Same,
    pub(super) lines_lost: usize,
}

impl Links {
    /// The links that come with the server.
    pub fn builtin() -> &'static Self {
        &BUILTIN
    }

    /// Links of a list; of several between two skills the one of most credit
    /// counts, a cut takes all before it away.
    pub fn of(given: &[Link]) -> Self {
        let mut best: BTreeMap<(SkillId, SkillId), Edge> = BTreeMap::new();
        let mut cut = BTreeSet::new();
        for link in given {
            let pair = ordered(link.narrow, link.broad);
            if link.relation.is_none() {
                cut.insert(pair);
            } else {
                cut.remove(&pair);
            }
            link_into(*link, &mut best);
        }
        let mut steps: HashMap<SkillId, Vec<Edge>> = HashMap::new();
        for ((from, _), edge) in &best {
            steps.entry(*from).or_default().push(*edge);
        }
        let mut links = Self {
            given: given.to_vec(),
            steps,
            cut,
            ..Self::default()
        };
        links.neighbours = links.all_neighbours();
        links
    }

    /// These links and some more.
    #[must_use]
    pub fn with(&self, more: &[Link]) -> Self {
        if more.is_empty() {
            return self.clone();
        }
        let mut given = self.given.clone();
        given.extend_from_slice(more);
        let mut links = Self::of(&given);
        links.lines_lost = self.lines_lost;
        links
    }

    /// These links, with numbers that are one skill; no other numbers were before.
    #[must_use]
    pub(super) fn with_same(mut self, same: Same) -> Self {
        let mut spread: HashMap<SkillId, Box<[Neighbour]>> = HashMap::new();
        if same.is_empty() {
            return self;
        }
        for (demanded, held) in &self.neighbours {
            let touched = |skill: SkillId| same.of(&skill).len() > 1;
            if touched(*demanded) || held.iter().any(|neighbour| touched(neighbour.skill)) {
                spread.insert(*demanded, Box::default());
            }
        }
        spread.extend(same.skills().map(|skill| (skill, Box::default())));
        let touched: Vec<SkillId> = spread.keys().copied().collect();
        for skill in touched {
            let numbers = same.of(&skill);
            for demanded in numbers {
                let own = numbers.iter().map(|number| Neighbour {
                    skill: *number,
                    credit: CREDIT_WHOLE,
                });
                let others = self.neighbours.get(&skill).into_iter().flatten();
                let others = others.flat_map(|neighbour| {
                    let numbers = same.of(&neighbour.skill).iter();
                    numbers.map(move |number| Neighbour {
                        skill: *number,
                        credit: neighbour.credit,
                    })
                });
                let mut all: Vec<Neighbour> = own
                    .chain(others)
                    .filter(|neighbour| neighbour.skill != *demanded)
                    .collect();
                all.sort_by_key(|neighbour| neighbour.skill);
                spread.insert(*demanded, all.into_boxed_slice());
            }
        }
        self.neighbours.extend(spread);
        self.same = same;
        self
    }

    /// The number a skill is known by, of all that are it.
    pub fn own(&self, number: SkillId) -> SkillId {
        self.same.own(number)
    }

    /// All numbers of a skill, its own first; one where nobody says more.
    pub fn numbers(&self, skill: SkillId) -> Vec<SkillId> {
        self.same.of(&self.same.own(skill)).to_vec()
    }

    /// How a skill somebody has meets the demand for another: the way of most
    /// credit in two steps at most. None where it does not. Steps are between
    /// skills, whichever of their numbers is asked for.
    pub fn path(&self, from: SkillId, to: SkillId) -> Option<Path> {
        if from == to {
            return Some(Path {
                steps: Vec::new(),
                credit: CREDIT_WHOLE,
            });
        }
        let (have, demanded) = (from, to);
        let (from, to) = (self.same.own(from), self.same.own(to));
        if from == to {
            return Some(Path {
                steps: vec![Step {
                    from: have,
                    to: demanded,
                    relation: Relation::Same,
                    way: Way::Side,
                }],
                credit: CREDIT_WHOLE,
            });
        }
        if self.cut.contains(&ordered(from, to)) {
            return None;
        }
        let step = |from: SkillId, edge: &Edge| Step {
            from,
            to: edge.to,
            relation: edge.relation,
            way: edge.way,
        };
        let mut best: Option<Path> = None;
        let mut offer = |credit: u16, steps: &[Step]| {
            if credit >= CREDIT_MIN && best.as_ref().is_none_or(|best| credit > best.credit) {
                best = Some(Path {
                    steps: steps.to_vec(),
                    credit,
                });
            }
        };
        for first in self.steps_of(from) {
            if first.to == to {
                offer(first.credit, &[step(from, first)]);
            }
        }
        for first in self.steps_of(from) {
            let second = self.steps_of(first.to);
            if let Ok(at) = second.binary_search_by_key(&to, |edge| edge.to) {
                let credit = self.two(*first, second[at]);
                offer(credit, &[step(from, first), step(first.to, &second[at])]);
            }
        }
        best
    }

    /// What may stand for a demanded skill, by number: at most
    /// `NEIGHBOURS_MAX` skills, the ones of most credit, each with all its numbers.
    /// Without the number itself.
    pub fn neighbours(&self, demanded: SkillId) -> &[Neighbour] {
        self.neighbours.get(&demanded).map_or(&[], |held| held)
    }

    /// What a skill meets of the demand for another, in 1/256; 0 for nothing.
    /// The same as `path` for the neighbours a demand has.
    pub fn credit(&self, from: SkillId, demanded: SkillId) -> u16 {
        if from == demanded {
            return CREDIT_WHOLE;
        }
        let held = self.neighbours(demanded);
        let found = held.binary_search_by_key(&from, |neighbour| neighbour.skill);
        found.map_or(0, |at| held[at].credit)
    }

    /// The skills one step away in a direction, by number, and by which link.
    pub fn next(&self, skill: SkillId, way: Way) -> impl Iterator<Item = (SkillId, Relation)> {
        let steps = self.steps_of(self.same.own(skill)).iter();
        steps
            .filter(move |edge| edge.way == way)
            .map(|edge| (edge.to, edge.relation))
    }

    /// How many skills have links.
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// Whether nothing is linked.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    fn steps_of(&self, skill: SkillId) -> &[Edge] {
        self.steps.get(&skill).map_or(&[], Vec::as_slice)
    }

    /// What two steps carry: only ways that keep to one thing. Up twice, up and
    /// to its like, a like and up; up and down within a small family. What is
    /// only near carries no further.
    fn two(&self, first: Edge, second: Edge) -> u16 {
        let firm = |edge: Edge| {
            !matches!(
                edge.relation,
                Relation::Near | Relation::Sibling | Relation::EscoNear
            )
        };
        if !firm(first) || !firm(second) {
            return 0;
        }
        let product = u32::from(first.credit) * u32::from(second.credit) / u32::from(CREDIT_WHOLE);
        let product = product as u16;
        match (first.way, second.way) {
            (Way::Up, Way::Up) => product,
            (Way::Up, Way::Side) | (Way::Side, Way::Up) => product / 4 * 3,
            (Way::Up, Way::Down) if self.is_family(first, second) => FAMILY_CREDIT,
            (Way::Up | Way::Down | Way::Side, Way::Down)
            | (Way::Side | Way::Down, Way::Side)
            | (Way::Down, Way::Up) => 0,
        }
    }

    /// Two kinds of one thing, which has only few.
    fn is_family(&self, first: Edge, second: Edge) -> bool {
        let kinds = |edge: Edge| edge.relation == Relation::Is;
        let members = self.steps_of(first.to).iter();
        let members = members
            .filter(|edge| edge.way == Way::Down && kinds(**edge))
            .count();
        kinds(first) && kinds(second) && members <= FAMILY_MAX
    }

    fn all_neighbours(&self) -> HashMap<SkillId, Box<[Neighbour]>> {
        let mut met: HashMap<SkillId, BTreeMap<SkillId, u16>> = HashMap::new();
        let mut offer = |have: SkillId, demanded: SkillId, credit: u16| {
            let cut = || self.cut.contains(&ordered(have, demanded));
            if have != demanded && credit >= CREDIT_MIN && !cut() {
                let held = met.entry(demanded).or_default().entry(have).or_insert(0);
                *held = (*held).max(credit);
            }
        };
        for (have, steps) in &self.steps {
            for first in steps {
                offer(*have, first.to, first.credit);
                for second in self.steps_of(first.to) {
                    offer(*have, second.to, self.two(*first, *second));
                }
            }
        }
        met.into_iter()
            .map(|(demanded, by)| (demanded, best_of(by)))
            .collect()
    }
}

/// What one kind of a thing brings for another kind of it.
const FAMILY_CREDIT: u16 = 56;

/// The neighbours of most credit, by number.
fn best_of(by: BTreeMap<SkillId, u16>) -> Box<[Neighbour]> {
    let mut all: Vec<Neighbour> = by
        .into_iter()
        .map(|(skill, credit)| Neighbour { skill, credit })
        .collect();
    // Of equal ones a space's own, which have the highest numbers, are not to be cut.
    let is_own = |skill: SkillId| skill.0 >> 31;
    all.sort_by_key(|neighbour| {
        let (credit, skill) = (neighbour.credit, neighbour.skill);
        (Reverse(credit), Reverse(is_own(skill)), skill)
    });
    all.truncate(NEIGHBOURS_MAX);
    all.sort_by_key(|neighbour| neighbour.skill);
    all.into_boxed_slice()
}

fn ordered(one: SkillId, other: SkillId) -> (SkillId, SkillId) {
    (one.min(other), one.max(other))
}

fn link_into(link: Link, best: &mut BTreeMap<(SkillId, SkillId), Edge>) {
    let Some(relation) = link.relation else {
        best.remove(&(link.narrow, link.broad));
        best.remove(&(link.broad, link.narrow));
        return;
    };
    if link.narrow == link.broad {
        return;
    }
    let (forth, back) = relation.credits();
    let ways = if relation.has_direction() {
        (Way::Up, Way::Down)
    } else {
        (Way::Side, Way::Side)
    };
    for (from, to, credit, way) in [
        (link.narrow, link.broad, forth, ways.0),
        (link.broad, link.narrow, back, ways.1),
    ] {
        let edge = Edge {
            to,
            relation,
            way,
            credit,
        };
        let held = best.entry((from, to)).or_insert(edge);
        // Of two links the one that says more; a link is kept whole.
        if credit > held.credit {
            *held = edge;
        }
    }
}
