//! How long to wait after the n-th failure in a row: doubling up to a ceiling, with
//! jitter.

use crate::{
    Millis,
    limits::{BACKOFF_CEILING, BACKOFF_FIRST},
};

#[derive(Debug, Clone, Default)]
pub(crate) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The pause before the next try. Random between half of the step and all of it, so
    /// that visitors who lost the same server do not all return at the same moment.
    pub(crate) fn next(&mut self, jitter: &mut Jitter) -> Millis {
        let step = BACKOFF_FIRST
            .saturating_mul(1 << self.failures.min(10))
            .min(BACKOFF_CEILING);
        self.failures = self.failures.saturating_add(1);
        step / 2 + jitter.next() % (step / 2 + 1)
    }
}

/// SplitMix64, from a seed that is an input.
#[derive(Debug, Clone, Default)]
pub(crate) struct Jitter(pub(crate) u64);

impl Jitter {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_to_the_ceiling() {
        let (mut backoff, mut jitter) = (Backoff::default(), Jitter(7));
        let pauses: Vec<Millis> = (0..12).map(|_| backoff.next(&mut jitter)).collect();
        for (n, pause) in pauses.iter().enumerate() {
            let step = (BACKOFF_FIRST << n.min(10)).min(BACKOFF_CEILING);
            assert!((step / 2..=step).contains(pause), "{n}: {pause} of {step}");
        }
    }
}
