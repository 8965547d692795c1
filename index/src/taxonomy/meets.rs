//! The links the other way round: which demands a skill meets. Owns nothing but
//! the table, which is worked out when it is first asked for.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use super::Links;
use crate::hash::PlainHash;
use crate::skills::SkillId;

/// A demand, and what of it is met in 1/256.
pub type Met = (SkillId, u16);

/// By skill the demands it meets, by their numbers.
#[derive(Clone, Debug, Default)]
pub(super) struct Meets(Arc<OnceLock<HashMap<u32, Vec<Met>, PlainHash>>>);

impl Meets {
    pub(super) fn of(&self, links: &Links, skill: SkillId) -> &[Met] {
        let table = self.0.get_or_init(|| {
            let mut table: HashMap<u32, Vec<Met>, PlainHash> = HashMap::default();
            for (demand, all) in &links.neighbours {
                for near in all {
                    let met = table.entry(near.skill.0).or_default();
                    met.push((*demand, near.credit));
                }
            }
            for met in table.values_mut() {
                met.sort_unstable();
            }
            table
        });
        table.get(&skill.0).map_or(&[], Vec::as_slice)
    }
}
