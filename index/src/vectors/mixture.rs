//! Vectors that look like embeddings of text, from a seed: for tests and benchmarks, which
//! may carry no real texts. Owns the generator only.

/// An endless series of unit vectors: clusters of clusters with noise, as text embeddings
/// have topics and sub-topics; one in sixteen is far from any. The same on every machine:
/// integers and fixed sequences of additions and multiplications.
#[derive(Debug, Clone)]
pub struct Mixture {
    dimensions: usize,
    centres: Vec<Vec<f32>>,
    state: u64,
}

impl Mixture {
    /// `clusters` topics with eight sub-topics each.
    pub fn new(dimensions: usize, clusters: usize, seed: u64) -> Self {
        let mut mixture = Self {
            dimensions,
            centres: Vec::new(),
            state: seed,
        };
        for _ in 0..clusters {
            let topic = mixture.noise();
            for _ in 0..8 {
                let own = mixture.noise();
                let centre = topic.iter().zip(own).map(|(t, o)| t + 0.7 * o);
                mixture.centres.push(centre.collect());
            }
        }
        mixture
    }

    /// SplitMix64.
    fn random(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Components of variance about 1: the sum of the four 16-bit parts of a random word.
    fn noise(&mut self) -> Vec<f32> {
        let component = |word: u64| {
            let sum: u64 = [0, 16, 32, 48]
                .iter()
                .map(|shift| word >> shift & 0xffff)
                .sum();
            (sum as f32 - 131_070.0) / 37_837.0
        };
        (0..self.dimensions)
            .map(|_| component(self.random()))
            .collect()
    }
}

impl Iterator for Mixture {
    type Item = Vec<f32>;

    fn next(&mut self) -> Option<Vec<f32>> {
        let choice = self.random();
        let noise = self.noise();
        if self.centres.is_empty() || choice >> 60 == 0 {
            return Some(noise);
        }
        let centre = &self.centres[(choice % self.centres.len() as u64) as usize];
        Some(centre.iter().zip(noise).map(|(c, n)| c + n).collect())
    }
}
