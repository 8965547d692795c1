//! The links that come with the server. Owns the form of links.tsv and
//! siblings.tsv; what a link is worth stands in `links`.

use super::links::{Link, Relation};
use crate::skills::{Dictionary, SkillId};

pub(super) const LINKS: &str = include_str!("../../data/taxonomy/links.tsv");
pub(super) const SIBLINGS: &str = include_str!("../../data/taxonomy/siblings.tsv");

/// Reads links.tsv; how many of its names are no skill.
pub(super) fn read_lines(text: &str, links: &mut Vec<Link>) -> usize {
    let mut lost = 0;
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let mut parts = line.split('\t');
        let relation = parts.next().and_then(Relation::named);
        let mut skills: Vec<SkillId> = Vec::new();
        for name in parts.flat_map(|part| part.split('|')) {
            match Dictionary::builtin().named(name) {
                Some(skill) => skills.push(skill),
                None => lost += 1,
            }
        }
        let Some(relation) = relation else {
            lost += 1;
            continue;
        };
        links.extend(pairs(relation, &skills));
    }
    lost
}

/// The links of one line: to its first skill, or between all of it.
pub(super) fn pairs(relation: Relation, skills: &[SkillId]) -> Vec<Link> {
    let mut links = Vec::new();
    for (at, narrow) in skills.iter().enumerate() {
        let broads = if relation.has_direction() {
            &skills[..at.min(1)]
        } else {
            &skills[..at]
        };
        links.extend(broads.iter().map(|broad| Link {
            narrow: *narrow,
            broad: *broad,
            relation: Some(relation),
        }));
    }
    links
}

/// Reads siblings.tsv; how many of its names are no skill.
pub(super) fn read_siblings(text: &str, links: &mut Vec<Link>) -> usize {
    let dictionary = Dictionary::builtin();
    let mut lost = 0;
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let mut parts = line.split('\t');
        let skill = parts.next().and_then(|name| dictionary.named(name));
        for other in parts.flat_map(|part| part.split('|')) {
            let (Some(narrow), Some(broad)) = (skill, dictionary.named(other)) else {
                lost += 1;
                continue;
            };
            links.push(Link {
                narrow,
                broad,
                relation: Some(Relation::Sibling),
            });
        }
    }
    lost
}
