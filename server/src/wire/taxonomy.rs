//! Answers about the taxonomy: what a space put over it, and what is known of a
//! skill or a title.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::problem::Fault;

/// The answer to GET of the taxonomy.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Taxonomy {
    /// Version of the space's overlay, or of taking the last one away; 0 where
    /// there never was one.
    pub version: u64,
    /// The overlay; null without one.
    pub overlay: Option<Overlay>,
    /// Skills of the dictionary.
    pub skills: u64,
    /// Skills that are linked to others, the overlay's links among them.
    pub skills_linked: u64,
    /// Occupations.
    pub occupations: u64,
    /// Release of O*NET the occupations and most skills are of.
    pub onet: String,
    /// What ESCO's files brought; null where the server has none.
    pub esco: Option<Esco>,
    /// Space and sequence number of what is shown.
    pub snapshot: String,
}

/// An overlay as it was put.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Overlay {
    /// `application/toml` or `application/json`.
    pub media_type: String,
    /// All of it.
    pub text: String,
    /// Skills of its own, and known ones with more spellings.
    pub skills: u64,
    /// Pairs of skills it links or cuts apart.
    pub links: u64,
    /// Titles.
    pub titles: u64,
    /// What of it does not hold any more, since the server's dictionary is another
    /// one, and is left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<Fault>,
}

/// What ESCO's files brought.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Esco {
    /// Its version, or the day of the last change in it.
    pub version: String,
    /// Concepts that are skills of the dictionary.
    pub skills: u64,
    /// Concepts that are not.
    pub skills_unknown: u64,
    /// Links between skills.
    pub links: u64,
    /// Occupations of its own that are occupations of O*NET.
    pub occupations: u64,
    /// Occupations that are not.
    pub occupations_unknown: u64,
    /// Titles that lead to an occupation by it alone.
    pub titles: u64,
}

/// What a write of the overlay did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OverlayResult {
    /// There was none.
    Created,
    /// It took another one's place.
    Replaced,
    /// It is gone.
    Deleted,
}

/// The answer to PUT and DELETE of the taxonomy.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct OverlayWritten {
    /// The overlay's version, or that of the delete.
    pub version: u64,
    /// Space and sequence number at which it is visible.
    pub sequence: String,
    /// What was done.
    pub result: OverlayResult,
}

/// The answer to GET of a skill.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Skill {
    /// The name answers show.
    pub name: String,
    /// What sort of skill it is: technical, tool, domain, general, language.
    pub category: String,
    /// Whether the dictionary knows it; otherwise the space's overlay alone does.
    pub in_dictionary: bool,
    /// Every spelling that means it, the name first.
    pub spellings: Vec<String>,
    /// Skills it is a kind or a part of, or cannot be done without.
    pub broader: Vec<LinkedSkill>,
    /// Skills that are kinds or parts of it, or cannot be done without it.
    pub narrower: Vec<LinkedSkill>,
    /// Skills beside it.
    pub related: Vec<LinkedSkill>,
    /// All that meets a demand for it in part, the one that meets most first, in
    /// at most two steps.
    pub met_by: Vec<StandIn>,
    /// Space and sequence number of what is shown.
    pub snapshot: String,
}

/// A skill one step away.
#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LinkedSkill {
    /// Its name.
    pub name: String,
    /// How they are linked: is, needs, like, near, sibling, esco_broader,
    /// esco_essential, esco_optional.
    pub relation: String,
    /// What of a demand for this skill somebody meets who has the linked one, in
    /// percent.
    pub meets: u8,
    /// What of a demand for the linked one somebody meets who has this skill, in
    /// percent.
    pub is_met: u8,
}

/// A skill that meets a demand in part.
#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StandIn {
    /// Its name.
    pub name: String,
    /// What of the demand it meets, in percent.
    pub meets: u8,
    /// The skill in between, where it takes two steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// The answer to GET of a title.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Title {
    /// The title that was asked for.
    pub title: String,
    /// Its occupation; null where it is not clear enough.
    pub occupation: Option<Occupation>,
    /// The likeliest ones, at most five, however unsure.
    pub candidates: Vec<Candidate>,
    /// Space and sequence number of what is shown.
    pub snapshot: String,
}

/// An occupation of O*NET.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Occupation {
    /// Code, title, how sure and how it was found.
    #[serde(flatten)]
    pub named: Candidate,
    /// Its groups in the SOC, the major one first.
    pub groups: Vec<String>,
    /// Job zone, 1 (little preparation) to 5 (extensive).
    pub zone: Option<u8>,
    /// Usual education, 1 (no diploma) to 12 (post-doctoral).
    pub education: Option<u8>,
    /// Occupations close to it, nearest first.
    pub related: Vec<String>,
}

/// An occupation a title may mean.
#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Candidate {
    /// O*NET-SOC code.
    pub code: String,
    /// O*NET's title.
    pub occupation: String,
    /// Percent.
    pub sure: u8,
    /// By what: title (the whole is known), plain (without its words of level), part,
    /// words (the best fit).
    pub how: String,
}
