//! One generator for everything that is drawn: splitmix64. The same seed gives the same country on every machine.

/// A seeded generator.
#[derive(Clone, Debug)]
pub struct Seed(u64);

impl Seed {
    /// The generator of this seed.
    pub fn new(seed: u64) -> Seed {
        Seed(seed)
    }

    /// A generator of its own for one purpose, so that drawing more for one thing moves nothing else.
    pub fn for_purpose(&self, purpose: &str) -> Seed {
        let mixed = purpose.bytes().fold(self.0, |seed, byte| Seed(seed ^ u64::from(byte)).next());
        Seed(mixed)
    }

    /// The next 64 bits.
    #[allow(clippy::should_implement_trait)] // A generator never ends, an iterator may.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        assert!(end > 0, "a number below nothing");
        self.next() % end
    }

    /// A number from `first` to `last`, both included.
    pub fn between(&mut self, first: i64, last: i64) -> i64 {
        let span = u64::try_from(last - first).expect("first is not above last");
        first + i64::try_from(self.below(span + 1)).expect("a span of i64")
    }

    /// One of these.
    pub fn one_of<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        let index = self.below(choices.len() as u64);
        &choices[usize::try_from(index).expect("an index")]
    }

    /// Whether something happens that happens so many times in a hundred.
    pub fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_gives_the_published_values() {
        // The first outputs of splitmix64 from 0.
        let mut seed = Seed::new(0);
        assert_eq!([seed.next(), seed.next()], [0xE220_A839_7B1D_CDAF, 0x6E78_9E6A_A1B9_65F4]);
    }

    #[test]
    fn purposes_do_not_disturb_each_other() {
        let seed = Seed::new(7);
        assert_ne!(seed.for_purpose("people").next(), seed.for_purpose("catalogue").next());
        assert_eq!(seed.for_purpose("people").next(), seed.for_purpose("people").next());
    }
}
