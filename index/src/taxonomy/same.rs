//! Numbers that stand for one skill: rows have a number a spelling where no
//! dictionary knows it, and a space may say that several are the same. Owns
//! nothing but that.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::skills::SkillId;

/// Numbers by skill, and the skill of each.
#[derive(Clone, Debug, Default)]
pub(super) struct Same {
    own: HashMap<SkillId, SkillId>,
    /// The skill's own number first, the others by number.
    all: HashMap<SkillId, Box<[SkillId]>>,
}

impl Same {
    /// Pairs of a number and the skill it is one of. The first of a number counts.
    pub(super) fn of_pairs(pairs: impl Iterator<Item = (SkillId, SkillId)>) -> Self {
        let mut same = Self::default();
        let mut all: HashMap<SkillId, Vec<SkillId>> = HashMap::new();
        for (number, skill) in pairs.filter(|(number, skill)| number != skill) {
            if let Entry::Vacant(new) = same.own.entry(number) {
                new.insert(skill);
                all.entry(skill).or_default().push(number);
            }
        }
        same.all = all
            .into_iter()
            .map(|(skill, mut numbers)| {
                numbers.sort_unstable();
                numbers.insert(0, skill);
                (skill, numbers.into_boxed_slice())
            })
            .collect();
        same
    }

    /// The number a skill is known by.
    pub(super) fn own(&self, number: SkillId) -> SkillId {
        self.own.get(&number).copied().unwrap_or(number)
    }

    /// All numbers of a skill, by the number it is known by.
    pub(super) fn of<'s>(&'s self, skill: &'s SkillId) -> &'s [SkillId] {
        self.all
            .get(skill)
            .map_or(std::slice::from_ref(skill), |held| held)
    }

    /// Whether every number is a skill of its own.
    pub(super) fn is_empty(&self) -> bool {
        self.own.is_empty()
    }

    /// Skills of several numbers.
    pub(super) fn skills(&self) -> impl Iterator<Item = SkillId> {
        self.all.keys().copied()
    }
}
