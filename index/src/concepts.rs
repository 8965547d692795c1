//! Concepts: the names of the skill dictionary as vectors, to link phrases no
//! dictionary knows. Owns the graph over them; built once, on first use.

use std::sync::LazyLock;

use crate::embed::{DIMENSIONS, Embedder};
use crate::graph::Graph;
use crate::skills::{Dictionary, SkillId};
use crate::vectors::{Cosine, QueryVector};

static CONCEPTS: LazyLock<Concepts> = LazyLock::new(Concepts::build);

/// The names of all skills, by meaning.
pub struct Concepts {
    skills: Vec<SkillId>,
    graph: Graph,
}

/// A phrase is linked to a concept only from this cosine on: below it, the
/// nearest name is as often of another trade as of the phrase's.
pub const LINK_COSINE: f64 = 0.65;

impl Concepts {
    /// The concepts of the built-in dictionary. The first call embeds about
    /// 8,000 names, some ten milliseconds.
    pub fn builtin() -> &'static Self {
        &CONCEPTS
    }

    fn build() -> Self {
        let mut skills = Vec::new();
        let mut vectors: Vec<Vec<f32>> = Vec::new();
        for skill in Dictionary::builtin().iter() {
            let mut vector = vec![0.0; DIMENSIONS];
            if Embedder::builtin().embed(skill.name, &mut vector) {
                skills.push(skill.id);
                vectors.push(vector);
            }
        }
        let graph = Graph::build(&vectors, DIMENSIONS)
            .expect("embedded names are unit vectors of the model's dimensions");
        Self { skills, graph }
    }

    /// The skill whose name is nearest to a phrase, where one is near enough.
    pub fn link(&self, phrase: &str) -> Option<(SkillId, Cosine)> {
        let mut vector = vec![0.0; DIMENSIONS];
        if !Embedder::builtin().embed(phrase, &mut vector) {
            return None;
        }
        let query = QueryVector::new(&vector).ok()?;
        let (number, cosine) = self.graph.nearest(&query, 1).into_iter().next()?;
        let skill = self.skills.get(number as usize)?;
        (cosine.value() >= LINK_COSINE).then_some((*skill, cosine))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_skill_name_links_to_its_skill_and_noise_to_none() {
        let python = Dictionary::builtin().named("Python").unwrap();
        assert_eq!(Concepts::builtin().link("Python").unwrap().0, python);
        assert!(Concepts::builtin().link("zzgrmbl qqxv").is_none());
        assert!(Concepts::builtin().link("").is_none());
    }
}
