//! The first estimate of a row's score: from what the legs know of it, without
//! looking at what it says. Owns how their values are put together; only which
//! rows are scored depends on it, never a score.

use crate::components::{Component, Leaf, POINTS, share};
use crate::query::Query;
use crate::score::{WANTS_MIN, relatedness};

/// How far wants are listed where every row has its own.
const LISTED: f64 = 0.5;
/// What years, degrees, languages and certificates come to, as a part of all, where
/// the work is the same.
const OTHERS: f32 = 0.15;

/// What the legs know of a row, each 0 to 1.
pub(crate) struct Known {
    /// Of the words.
    pub(crate) text: f32,
    /// Of the skills.
    pub(crate) skills: f32,
    /// Of the vectors.
    pub(crate) near: f32,
    /// Of the titles, and of the occupations.
    pub(crate) title: f32,
}

/// What each value counts for one query.
pub(crate) struct Guess {
    text: f32,
    skills: f32,
    near: f32,
    title: f32,
    others: f32,
}

impl Guess {
    pub(crate) fn new(query: &Query) -> Self {
        let weight = |component: Component| query.weights[component as usize];
        let (text, near) = (weight(Component::Text), weight(Component::Similarity));
        if query.source.is_none() {
            return Self {
                text: text as f32,
                near: near as f32,
                skills: 0.0,
                title: 0.0,
                others: 0.0,
            };
        }
        let shares = share(&query.weights, Leaf::Skills.bit() | Leaf::Title.bit());
        let part = |leaf: Leaf| f64::from(shares[leaf as usize]) / f64::from(POINTS);
        let (skills, title) = (part(Leaf::Skills), part(Leaf::Title));
        let explicit = if query.asked.is_empty() {
            LISTED
        } else {
            let listed = query.asked.iter().filter(|asked| asked.listed);
            let listed: f64 = listed.map(|asked| asked.weight).sum();
            (listed / WANTS_MIN).min(1.0)
        };
        let most = weight(Component::StandIns) / 100.0;
        let stand_ins = (most * (1.0 - explicit)).max(2.0 * most - 1.0);
        let both = (text + near).max(f64::MIN_POSITIVE);
        Self {
            text: (skills * stand_ins * text / both) as f32,
            near: (skills * stand_ins * near / both) as f32,
            skills: (skills * (1.0 - stand_ins)) as f32,
            title: title as f32,
            others: OTHERS,
        }
    }

    pub(crate) fn of(&self, known: &Known) -> f32 {
        let related = relatedness(f64::from(f32::midpoint(known.title, known.near))) as f32;
        self.text * known.text
            + self.near * known.near
            + self.skills * known.skills
            + self.title * known.title
            + self.others * related
    }
}
