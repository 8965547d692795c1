//! The components of a score and how a million points are shared among them.
//! Owns names and default weights; docs/score.md is the page to this file.

/// What a score is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Component {
    /// BM25F over the query's words.
    Text,
    /// Cosine of the vectors.
    Similarity,
    /// Skills asked for and found.
    Skills,
    /// Words of the title.
    Title,
    /// Years of experience.
    Years,
    /// Place and remote work.
    Place,
    /// Pay.
    Pay,
    /// How new the document is.
    Freshness,
}

/// How many components there are.
pub const COMPONENTS: usize = 8;

/// The components in the order of contributions.
pub const ALL: [Component; COMPONENTS] = [
    Component::Text,
    Component::Similarity,
    Component::Skills,
    Component::Title,
    Component::Years,
    Component::Place,
    Component::Pay,
    Component::Freshness,
];

/// Every score is shared out of this many points.
pub const POINTS: u32 = 1_000_000;

/// Weights of a search.
pub const SEARCH_WEIGHTS: [f64; COMPONENTS] = [60.0, 30.0, 15.0, 0.0, 0.0, 0.0, 0.0, 5.0];
/// Weights of a match.
pub const MATCH_WEIGHTS: [f64; COMPONENTS] = [15.0, 25.0, 30.0, 15.0, 5.0, 5.0, 3.0, 2.0];

impl Component {
    /// The name weights and contributions use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Similarity => "similarity",
            Self::Skills => "skills",
            Self::Title => "title",
            Self::Years => "years",
            Self::Place => "place",
            Self::Pay => "pay",
            Self::Freshness => "freshness",
        }
    }

    /// The component of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        ALL.into_iter().find(|component| component.as_str() == name)
    }
}

/// The most each component can add to a score. They sum to `POINTS` where any
/// component is active, else to 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Maxima([u32; COMPONENTS]);

impl Maxima {
    /// Shares the points by weight among the active components; what rounding
    /// leaves goes to the first of them.
    pub fn share(weights: &[f64; COMPONENTS], active: impl Fn(Component) -> bool) -> Self {
        let weight = |component: Component| {
            if active(component) {
                weights[component as usize].max(0.0)
            } else {
                0.0
            }
        };
        let sum: f64 = ALL.into_iter().map(weight).sum();
        let mut maxima = [0; COMPONENTS];
        if sum <= 0.0 {
            return Self(maxima);
        }
        for component in ALL {
            maxima[component as usize] = (f64::from(POINTS) * weight(component) / sum) as u32;
        }
        let left = POINTS - maxima.iter().sum::<u32>().min(POINTS);
        if let Some(first) = ALL.into_iter().find(|component| weight(*component) > 0.0) {
            maxima[first as usize] += left;
        }
        Self(maxima)
    }

    /// The most a component can add.
    pub fn of(&self, component: Component) -> u32 {
        self.0[component as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn shares_sum_to_all_points(weights in prop::array::uniform8(0.0_f64..100.0), on in any::<u8>()) {
            let active = |c: Component| on >> (c as usize) & 1 == 1;
            let maxima = Maxima::share(&weights, active);
            let sum: u32 = ALL.into_iter().map(|c| maxima.of(c)).sum();
            let any = ALL.into_iter().any(|c| active(c) && weights[c as usize] > 0.0);
            prop_assert_eq!(sum, if any { POINTS } else { 0 });
        }
    }
}
