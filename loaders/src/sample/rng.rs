//! The sampler's random numbers. Owns one small generator; knows nothing of what is drawn.
//!
//! `SplitMix64` written out rather than a crate: a document must stay the same for a seed for ever, and crates change
//! their streams between versions. Every document has its own stream, so none depends on those before it.

/// A stream of numbers fixed by (seed, stream, index).
pub(super) struct Rng(u64);

/// So many different items are drawn without copying the list.
const FEW: usize = 12;
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

impl Rng {
    /// The stream `stream` of document `index`.
    pub(super) fn new(seed: u64, stream: u64, index: u64) -> Self {
        let keyed = mix(seed.wrapping_add(STEP)) ^ mix(stream.wrapping_mul(STEP).wrapping_add(1));
        Self(mix(keyed.wrapping_add(index.wrapping_mul(STEP))))
    }

    /// The next 64 bits.
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mix(self.0)
    }

    /// A number in 0..n; 0 when n is 0.
    pub(super) fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.next()) * n as u128) >> 64) as usize
    }

    /// A number in low..=high.
    pub(super) fn between(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high.saturating_sub(low) + 1)
    }

    /// A number in 0..1.
    pub(super) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A number in 0..n, small ones far more often: n·u².
    pub(super) fn skewed(&mut self, n: usize) -> usize {
        let u = self.unit();
        ((u * u * n as f64) as usize).min(n.saturating_sub(1))
    }

    /// A rank in 0..2^bits by Zipf's law: each doubling of the rank is drawn as often as the one before, so that one
    /// rank twice as far is drawn about half as often.
    pub(super) fn zipf(&mut self, bits: u32) -> u64 {
        match self.below(bits as usize + 1) {
            0 => 0,
            octave => {
                let first = 1_usize << (octave - 1);
                (first + self.below(first)) as u64
            }
        }
    }

    /// A number about 0 with variance 1, shaped like a bell: four uniform ones, so at most 2·√3 away.
    pub(super) fn bell(&mut self) -> f64 {
        let sum = self.unit() + self.unit() + self.unit() + self.unit();
        (sum - 2.0) * 1.732_050_807_568_877_2
    }

    /// True in `percent` of 100 draws.
    pub(super) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of the items; the list must not be empty.
    pub(super) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    /// One of the words; the list must not be empty.
    pub(super) fn say(&mut self, words: &[&'static str]) -> &'static str {
        words[self.below(words.len())]
    }

    /// An index by weight: `cumulative` holds running sums, rising.
    pub(super) fn weighted(&mut self, cumulative: &[u32]) -> usize {
        let total = cumulative.last().copied().unwrap_or(0) as usize;
        let at = self.below(total) as u32;
        cumulative
            .partition_point(|&sum| sum <= at)
            .min(cumulative.len().saturating_sub(1))
    }

    /// `count` different items in drawn order, or all of them when there are fewer.
    pub(super) fn some<T: Copy>(&mut self, items: &[T], count: usize) -> Vec<T> {
        if count * 2 <= items.len() && count <= FEW {
            let mut places = [usize::MAX; FEW];
            for at in 0..count {
                let mut place = self.below(items.len());
                while places[..at].contains(&place) {
                    place = self.below(items.len());
                }
                places[at] = place;
            }
            return places[..count].iter().map(|&place| items[place]).collect();
        }
        let mut left = items.to_vec();
        let mut drawn = Vec::with_capacity(count.min(left.len()));
        while drawn.len() < count && !left.is_empty() {
            drawn.push(left.swap_remove(self.below(left.len())));
        }
        drawn
    }
}

/// The exponential of a small number, the same on every machine: (1 + x/1,024)^1,024 with products alone.
pub(super) fn grow(x: f64) -> f64 {
    let mut grown = 1.0 + x / 1_024.0;
    for _ in 0..10 {
        grown *= grown;
    }
    grown
}
