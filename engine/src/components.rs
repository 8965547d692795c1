//! The components of a score: their names, groups, default weights and bounds,
//! and how a million points are shared among them. docs/score.md is the page to
//! this file.

/// What a weight can be given to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Component {
    /// BM25F over the query's words.
    Text,
    /// Cosine of the vectors.
    Similarity,
    /// Skills asked for and found; in a match the group.
    Skills,
    /// The most of the skills group that text and similarity take, in percent.
    StandIns,
    /// The group of title, years and seniority.
    Experience,
    /// Words of the title and occupations.
    Title,
    /// Years of experience.
    Years,
    /// Rank.
    Seniority,
    /// The group of degree and languages.
    Education,
    /// Level of education.
    Degree,
    /// Spoken languages.
    Languages,
    /// The group of certificates and licences.
    Certificates,
    /// Place and remote work.
    Place,
    /// Pay.
    Pay,
    /// From when.
    Availability,
    /// How somebody is employed.
    Contract,
    /// How new the document is.
    Freshness,
    /// How it was rated.
    Rating,
}

/// How many components there are.
pub const COMPONENTS: usize = 18;

/// The components in the order of contributions, each group before its parts.
pub const ALL: [Component; COMPONENTS] = [
    Component::Text,
    Component::Similarity,
    Component::Skills,
    Component::StandIns,
    Component::Experience,
    Component::Title,
    Component::Years,
    Component::Seniority,
    Component::Education,
    Component::Degree,
    Component::Languages,
    Component::Certificates,
    Component::Place,
    Component::Pay,
    Component::Availability,
    Component::Contract,
    Component::Freshness,
    Component::Rating,
];

/// Every score is shared out of this many points.
pub const POINTS: u32 = 1_000_000;

/// A weight for each component.
pub type Weights = [f64; COMPONENTS];

/// What all boosts of a request together can take and add.
pub const BOOST_BOUNDS: (i32, i32) = (-30_000, 10_000);

impl Component {
    /// The name weights use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Similarity => "similarity",
            Self::Skills => "skills",
            Self::StandIns => "stand_ins",
            Self::Experience => "experience",
            Self::Title => "title",
            Self::Years => "years",
            Self::Seniority => "seniority",
            Self::Education => "education",
            Self::Degree => "degree",
            Self::Languages => "languages",
            Self::Certificates => "certificates",
            Self::Place => "place",
            Self::Pay => "pay",
            Self::Availability => "availability",
            Self::Contract => "contract",
            Self::Freshness => "freshness",
            Self::Rating => "rating",
        }
    }

    /// The component of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        ALL.into_iter().find(|component| component.as_str() == name)
    }

    /// What an adjustment can take and add at a weight of 100; `None` for what
    /// shares the million.
    pub fn bounds(self) -> Option<(i32, i32)> {
        match self {
            Self::Place => Some((-100_000, 10_000)),
            Self::Pay => Some((-80_000, 10_000)),
            Self::Availability => Some((-30_000, 0)),
            Self::Contract => Some((-20_000, 0)),
            Self::Freshness | Self::Rating => Some((-20_000, 10_000)),
            Self::Text
            | Self::Similarity
            | Self::Skills
            | Self::StandIns
            | Self::Experience
            | Self::Title
            | Self::Years
            | Self::Seniority
            | Self::Education
            | Self::Degree
            | Self::Languages
            | Self::Certificates => None,
        }
    }

    /// What an adjustment can take and add at its weight.
    pub fn scaled(self, weights: &Weights) -> (i32, i32) {
        let scale = |bound: i32| (f64::from(bound) * weights[self as usize] / 100.0).round() as i32;
        self.bounds()
            .map_or((0, 0), |(low, high)| (scale(low), scale(high)))
    }
}

/// What shares the million points of a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaf {
    /// The whole skills group.
    Skills,
    /// Title and occupation.
    Title,
    /// Years.
    Years,
    /// Seniority.
    Seniority,
    /// Degree.
    Degree,
    /// Languages.
    Languages,
    /// Certificates.
    Certificates,
}

/// How many there are.
pub const LEAVES: usize = 7;

/// The leaves of each group, the group's weight in front.
const GROUPS: [(Component, &[(Leaf, Component)]); 4] = [
    (Component::Skills, &[(Leaf::Skills, Component::Skills)]),
    (
        Component::Experience,
        &[
            (Leaf::Title, Component::Title),
            (Leaf::Years, Component::Years),
            (Leaf::Seniority, Component::Seniority),
        ],
    ),
    (
        Component::Education,
        &[
            (Leaf::Degree, Component::Degree),
            (Leaf::Languages, Component::Languages),
        ],
    ),
    (
        Component::Certificates,
        &[(Leaf::Certificates, Component::Certificates)],
    ),
];

impl Leaf {
    /// Its bit in a mask of what is active.
    pub fn bit(self) -> u8 {
        1 << self as u8
    }

    /// Whether its weight and its group's leave it any points at all.
    pub fn counts(self, weights: &Weights) -> bool {
        share(weights, self.bit())[self as usize] > 0
    }
}

/// The points of each leaf of a match where those of the mask are active. A leaf
/// weighs its part of its group, whether or not the others are active, so that a
/// group of which only a little is asked for counts little. What rounding leaves
/// goes to the first. They sum to `POINTS` where any weight counts, else to 0.
pub fn share(weights: &Weights, active: u8) -> [i32; LEAVES] {
    let weight = |component: Component| weights[component as usize].max(0.0);
    let mut shares = [0.0; LEAVES];
    for (group, leaves) in GROUPS {
        let whole: f64 = leaves.iter().map(|(_, component)| weight(*component)).sum();
        let asked = leaves.iter().filter(|(leaf, _)| active & leaf.bit() != 0);
        for (leaf, component) in asked.filter(|_| whole > 0.0) {
            shares[*leaf as usize] = weight(group) * weight(*component) / whole;
        }
    }
    points(shares)
}

/// The points of text, similarity and skills of a search that has those given.
pub fn share_search(weights: &Weights, has: [bool; 3]) -> [i32; 3] {
    let names = [Component::Text, Component::Similarity, Component::Skills];
    points(std::array::from_fn(|at| {
        if has[at] {
            weights[names[at] as usize].max(0.0)
        } else {
            0.0
        }
    }))
}

fn points<const N: usize>(shares: [f64; N]) -> [i32; N] {
    let sum: f64 = shares.iter().sum();
    if sum <= 0.0 {
        return [0; N];
    }
    let mut points = shares.map(|share| (f64::from(POINTS) * share / sum) as i32);
    let left = POINTS as i32 - points.iter().sum::<i32>();
    if let Some(first) = shares.iter().position(|share| *share > 0.0) {
        points[first] += left;
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn shares_sum_to_all_points(
            weights in prop::array::uniform18(0.0_f64..100.0),
            zeroed in any::<u32>(), active in any::<u8>(), has in any::<[bool; 3]>(),
        ) {
            let mut weights: Weights = weights;
            for (at, weight) in weights.iter_mut().enumerate() {
                if zeroed >> at & 1 == 1 {
                    *weight = 0.0;
                }
            }
            let shares = share(&weights, active);
            let counts = GROUPS.iter().any(|(group, leaves)| {
                let of = |c: Component| weights[c as usize] > 0.0;
                of(*group) && leaves.iter().any(|(leaf, c)| active & leaf.bit() != 0 && of(*c))
            });
            prop_assert_eq!(shares.iter().sum::<i32>(), if counts { POINTS as i32 } else { 0 });
            prop_assert!(shares.iter().all(|share| *share >= 0));
            let search = share_search(&weights, has);
            let names = [Component::Text, Component::Similarity, Component::Skills];
            let any = (0..3).any(|at| has[at] && weights[names[at] as usize] > 0.0);
            prop_assert_eq!(search.iter().sum::<i32>(), if any { POINTS as i32 } else { 0 });
        }
    }

    #[test]
    fn adjustments_stay_within_what_the_page_says() {
        let bounds = ALL
            .into_iter()
            .filter_map(Component::bounds)
            .chain([BOOST_BOUNDS]);
        let sums = bounds.fold((0, 0), |sum, (low, high)| (sum.0 + low, sum.1 + high));
        assert_eq!(sums, (-300_000, 50_000));
    }
}
