//! Chance that can be had again: the same seed and the same requests give the same
//! faults.

/// SplitMix64 (Steele, Lea, Flood 2014). Nothing here is a secret.
#[derive(Debug, Clone)]
pub(crate) struct Dice {
    seed: u64,
    state: u64,
}

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, state: seed }
    }

    /// What it began with.
    pub(crate) fn seed(&self) -> u64 {
        self.seed
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`; 0 if that is 0.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    /// Yes in so many of a hundred cases; hundredths of a percent count.
    pub(crate) fn percent(&mut self, percent: f64) -> bool {
        #[expect(clippy::cast_precision_loss, reason = "a number below 10,000")]
        let rolled = self.below(10_000) as f64;
        rolled < percent * 100.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_rolls_the_same() {
        let rolls = |seed| {
            let mut dice = Dice::new(seed);
            (0..20).map(|_| dice.below(1000)).collect::<Vec<_>>()
        };
        assert_eq!(rolls(7), rolls(7));
        assert_ne!(rolls(7), rolls(8));
    }

    #[test]
    fn percentages_are_about_right() {
        let mut dice = Dice::new(1);
        let hits = (0..10_000).filter(|_| dice.percent(5.0)).count();
        assert!((400..600).contains(&hits), "{hits}");
        assert!((0..100).all(|_| dice.percent(100.0)));
        assert!((0..100).all(|_| !dice.percent(0.0)));
    }
}
