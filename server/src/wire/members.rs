//! Members that several requests have in common, each described once. Owns
//! how they are written; what they ask for is the engine's.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::filter::Filters;
use super::score::Boost;

/// How many of a query's words a document must have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Words {
    /// Every word.
    All,
    /// At least n − ⌊n/3⌋ of n words.
    #[default]
    Most,
    /// At least one.
    Any,
}

/// How the text of a query is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Syntax {
    /// Boolean where `q` has AND, OR or NOT in capitals outside quotes, else words.
    #[default]
    Auto,
    /// Words, phrases, `+must`, `-not`, `field:word`. Never fails.
    Words,
    /// Strict Boolean: AND, OR, NOT, parentheses, phrases, `field:value`, ranges.
    Boolean,
}

/// Whether the total and the facets are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Count {
    /// They are.
    #[default]
    Exact,
    /// They are not, which is faster.
    None,
}

/// What an answer tells about itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Explain {
    /// What was retrieved how.
    Plan,
}

/// What happens to a document that does not say where it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unknown {
    /// It does not pass.
    #[default]
    Exclude,
    /// It passes.
    Include,
}

/// Only documents within a radius: of `place`, or of `lat` and `lon`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(example = serde_json::json!({"place": "Berlin", "km": 30}))]
pub struct Near {
    /// A city, such as `Berlin` or `Springfield, IL`.
    pub place: Option<String>,
    /// Degrees north.
    #[schemars(range(min = -90, max = 90))]
    pub lat: Option<f64>,
    /// Degrees east.
    #[schemars(range(min = -180, max = 180))]
    pub lon: Option<f64>,
    /// The radius in kilometres, more than 0; 50 if not given.
    #[schemars(range(max = 20038))]
    pub km: Option<f64>,
    /// Whether a document without coordinates passes.
    pub unknown: Option<Unknown>,
}

/// At most so many hits with the same value of a field.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = serde_json::json!({"field": "company", "count": 2}))]
pub struct MaxPer {
    /// A column of text, such as `company`.
    pub field: String,
    /// At least 1.
    #[schemars(range(min = 1))]
    pub count: usize,
}

/// A facet to count: the name of a field, or the field and how.
#[derive(Clone, Debug, PartialEq, JsonSchema)]
#[schemars(untagged)]
pub enum Facet {
    /// A field, with 20 values.
    Name(String),
    /// A field and how it is counted.
    Counted(CountedFacet),
}

/// A facet and how it is counted.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = serde_json::json!({"field": "pay", "ranges": [40000, 60000, 80000], "currency": "EUR"}))]
pub struct CountedFacet {
    /// A column, `pay`, or a field of type place (country › region › city).
    pub field: String,
    /// The most values, 1 to 1,000; of a hierarchy, on each level.
    #[schemars(range(min = 1, max = 1000))]
    pub limit: Option<usize>,
    /// Only values one of whose words begins with this.
    pub search: Option<String>,
    /// Rising bounds, numbers or dates: counts what is between them, below the first and from the last.
    pub ranges: Option<Vec<Value>>,
    /// The currency of the bounds of `pay`; a year's.
    pub currency: Option<String>,
}

/// Component → weight, 0 to 100.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[schemars(transparent, example = serde_json::json!({"text": 50, "similarity": 20}))]
pub struct Weights(pub BTreeMap<String, f64>);

struct Object<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Object<T> {
    type Value = T;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }
    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(members))
    }
}

struct ObjectOrNone<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectOrNone<T> {
    type Value = Option<T>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }
    fn visit_none<E>(self) -> Result<Option<T>, E> {
        Ok(None)
    }
    fn visit_unit<E>(self) -> Result<Option<T>, E> {
        Ok(None)
    }
    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        object(deserializer).map(Some)
    }
}

/// Reads an object: what serde derives also takes a list of its members in order.
pub(super) fn object<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    deserializer.deserialize_any(Object(PhantomData))
}

/// Reads an object that may be left out, or be null.
pub(super) fn object_or_none<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    deserializer.deserialize_option(ObjectOrNone(PhantomData))
}

// An untagged enum would say neither which member is wrong nor where.
impl<'de> Deserialize<'de> for Facet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FacetVisitor;
        impl<'de> Visitor<'de> for FacetVisitor {
            type Value = Facet;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a field's name or an object with `field`")
            }
            fn visit_str<E>(self, name: &str) -> Result<Facet, E> {
                Ok(Facet::Name(name.to_owned()))
            }
            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Facet, A::Error> {
                CountedFacet::deserialize(MapAccessDeserializer::new(members)).map(Facet::Counted)
            }
        }
        deserializer.deserialize_any(FacetVisitor)
    }
}

// A weight given twice would lose one of its values.
impl<'de> Deserialize<'de> for Weights {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct WeightsVisitor;
        impl<'de> Visitor<'de> for WeightsVisitor {
            type Value = Weights;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of component and weight")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Weights, A::Error> {
                let mut weights = BTreeMap::new();
                while let Some(name) = members.next_key::<String>()? {
                    if weights.contains_key(&name) {
                        return Err(A::Error::custom("a member is given twice"));
                    }
                    let weight = members.next_value()?;
                    weights.insert(name, weight);
                }
                Ok(Weights(weights))
            }
        }
        deserializer.deserialize_map(WeightsVisitor)
    }
}

/// What is looked for in words, and how they are read.
#[derive(Debug, Default)]
pub(super) struct Query {
    pub(super) q: Option<String>,
    pub(super) vector: Option<Vec<f32>>,
    pub(super) words: Option<Words>,
    pub(super) syntax: Option<Syntax>,
    pub(super) typo: Option<bool>,
    pub(super) prefix: Option<bool>,
    pub(super) synonyms: Option<bool>,
    pub(super) understand: Option<bool>,
    pub(super) literal: Option<Vec<String>>,
}

/// Which documents can be hits, and in which order.
#[derive(Debug, Default)]
pub(super) struct Choice {
    pub(super) filters: Option<Filters>,
    pub(super) near: Option<Near>,
    pub(super) exclude: Option<Vec<String>>,
    pub(super) max_per: Option<MaxPer>,
    pub(super) sort: Option<Vec<String>>,
}

/// Which part of them an answer has, and what is counted.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) facets: Option<Vec<Facet>>,
    pub(super) limit: Option<usize>,
    pub(super) cursor: Option<String>,
    pub(super) count: Option<Count>,
    pub(super) highlight: Option<bool>,
    pub(super) explain: Option<Explain>,
    pub(super) evidence: Option<bool>,
}

/// What every request has.
#[derive(Debug, Default)]
pub(super) struct View {
    pub(super) profile: Option<String>,
    pub(super) weights: Option<Weights>,
    pub(super) boosts: Option<Vec<Boost>>,
    pub(super) fields: Option<Vec<String>>,
    pub(super) blind: Option<bool>,
    pub(super) now: Option<String>,
}

/// Declares a request: its own members, and groups of common ones. (serde's
/// `flatten` would do it without a macro, but then takes members nobody knows.)
macro_rules! request {
    ($(#[$head:meta])* pub struct $name:ident: $($group:ident),+ { $($own:tt)* }) => {
        request! { @add [$($group)+] [$($group)+] {$(#[$head])*} $name {$($own)*} }
    };
    (@add [] [$($group:ident)+] {$($head:tt)*} $name:ident {$($fields:tt)*}) => {
        #[derive(Clone, Debug, serde::Deserialize, schemars::JsonSchema)]
        $($head)*
        #[serde(deny_unknown_fields)]
        pub struct $name { $($fields)* }
        impl $name { $( request! { @take $group } )+ }
    };
    (@add [query $($rest:ident)*] $all:tt $head:tt $name:ident {$($fields:tt)*}) => {
        request! { @add [$($rest)*] $all $head $name { $($fields)*
            /// Words, phrases, `+must`, `-not`, `field:word`; or a Boolean expression.
            #[schemars(length(max = 8192), example = "senior data engineer berlin 80k")]
            pub q: Option<String>,
            /// A query vector of the caller's own, of the kind's dimensions.
            pub vector: Option<Vec<f32>>,
            /// Which documents the text matches.
            pub words: Option<$crate::wire::members::Words>,
            /// Words or Boolean.
            pub syntax: Option<$crate::wire::members::Syntax>,
            /// Whether unknown and rare words also match words an edit or two away; true if not given.
            pub typo: Option<bool>,
            /// Whether the last word also matches words that begin with it; true if not given.
            pub prefix: Option<bool>,
            /// Whether synonyms and other names of skills match; true if not given.
            pub synonyms: Option<bool>,
            /// Whether words that say a place, pay, a date and the like become filters; true if not given.
            pub understand: Option<bool>,
            /// Words and phrases of `q` that are taken as they stand.
            #[schemars(example = ["80k"])]
            pub literal: Option<Vec<String>>,
        } }
    };
    (@take query) => {
        fn query(&mut self) -> $crate::wire::members::Query {
            $crate::wire::members::Query {
                q: self.q.take(),
                vector: self.vector.take(),
                words: self.words,
                syntax: self.syntax,
                typo: self.typo,
                prefix: self.prefix,
                synonyms: self.synonyms,
                understand: self.understand,
                literal: self.literal.take(),
            }
        }
    };
    (@add [choice $($rest:ident)*] $all:tt $head:tt $name:ident {$($fields:tt)*}) => {
        request! { @add [$($rest)*] $all $head $name { $($fields)*
            /// Conditions on fields; all must hold.
            #[schemars(example = serde_json::json!({"location.country": ["DE", "AT"], "pay": {"gte": 60000, "currency": "EUR"}}))]
            pub filters: Option<$crate::wire::filter::Filters>,
            /// Only documents within a radius.
            #[serde(default, deserialize_with = "crate::wire::members::object_or_none")]
            pub near: Option<$crate::wire::members::Near>,
            /// Ids that are no hits.
            #[schemars(length(max = 10000))]
            pub exclude: Option<Vec<String>>,
            /// At most so many hits a value of a field.
            #[serde(default, deserialize_with = "crate::wire::members::object_or_none")]
            pub max_per: Option<$crate::wire::members::MaxPer>,
            /// Fields, `-` in front for descending; also `score`, `pay`, `distance`.
            #[schemars(example = ["-posted_at"])]
            pub sort: Option<Vec<String>>,
        } }
    };
    (@take choice) => {
        fn choice(&mut self) -> $crate::wire::members::Choice {
            $crate::wire::members::Choice {
                filters: self.filters.take(),
                near: self.near.take(),
                exclude: self.exclude.take(),
                max_per: self.max_per.take(),
                sort: self.sort.take(),
            }
        }
    };
    (@add [page $($rest:ident)*] $all:tt $head:tt $name:ident {$($fields:tt)*}) => {
        request! { @add [$($rest)*] $all $head $name { $($fields)*
            /// Fields to count over the match set.
            pub facets: Option<Vec<$crate::wire::members::Facet>>,
            /// Hits in an answer; 10 if not given.
            #[schemars(range(min = 0, max = 1000))]
            pub limit: Option<usize>,
            /// From the previous answer; everything else must be the same.
            pub cursor: Option<String>,
            /// Whether the total and the facets are counted.
            pub count: Option<$crate::wire::members::Count>,
            /// Whether highlights are made.
            pub highlight: Option<bool>,
            /// What the answer tells about itself.
            pub explain: Option<$crate::wire::members::Explain>,
            /// Whether hits say what each of their points was read from; at most 50 hits then.
            pub evidence: Option<bool>,
        } }
    };
    (@take page) => {
        fn page(&mut self) -> $crate::wire::members::Page {
            $crate::wire::members::Page {
                facets: self.facets.take(),
                limit: self.limit,
                cursor: self.cursor.take(),
                count: self.count,
                highlight: self.highlight,
                explain: self.explain,
                evidence: self.evidence,
            }
        }
    };
    (@add [visible $($rest:ident)*] $all:tt $head:tt $name:ident {$($fields:tt)*}) => {
        request! { @add [$($rest)*] $all $head $name { $($fields)*
            /// Waits until the space shows this sequence number, as a write answered it.
            pub min_sequence: Option<$crate::wire::at_least::AtLeast>,
        } }
    };
    (@take visible) => {
        /// From which sequence number on it is to be answered.
        pub fn at_least(&mut self) -> Option<$crate::wire::at_least::AtLeast> {
            self.min_sequence.take()
        }
    };
    (@add [view $($rest:ident)*] $all:tt $head:tt $name:ident {$($fields:tt)*}) => {
        request! { @add [$($rest)*] $all $head $name { $($fields)*
            /// The profile of the score, one of `GET /v1/profiles`.
            #[schemars(example = serde_json::json!("technology"))]
            pub profile: Option<String>,
            /// Component → weight, 0 to 100; the others keep that of the profile.
            pub weights: Option<$crate::wire::members::Weights>,
            /// Points for documents that pass filters.
            #[serde(default, deserialize_with = "crate::wire::score::boosts")]
            #[schemars(length(max = 16))]
            pub boosts: Option<Vec<$crate::wire::score::Boost>>,
            /// Fields an answer shows; `["*"]` for all.
            #[schemars(example = ["title", "company"])]
            pub fields: Option<Vec<String>>,
            /// Whether documents about people are shown without names, contacts, ages, births and the like.
            pub blind: Option<bool>,
            /// The time freshness, expiry and words such as "last week" are seen from: RFC 3339.
            #[schemars(example = "2026-11-20T00:00:00Z")]
            pub now: Option<String>,
        } }
    };
    (@take view) => {
        fn view(&mut self) -> $crate::wire::members::View {
            $crate::wire::members::View {
                profile: self.profile.take(),
                weights: self.weights.take(),
                boosts: self.boosts.take(),
                fields: self.fields.take(),
                blind: self.blind,
                now: self.now.take(),
            }
        }
    };
}
pub(super) use request;
