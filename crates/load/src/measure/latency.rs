//! Times that something took.

/// All of them are kept: some ten thousand a run.
#[derive(Debug, Default, Clone)]
pub(crate) struct Latencies(Vec<u64>);

impl Latencies {
    pub(crate) fn add(&mut self, micros: u64) {
        self.0.push(micros);
    }

    pub(crate) fn extend(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// Microseconds, by nearest rank: the smallest time that so many percent of all are at or below.
    /// `None` when nothing was measured.
    pub(crate) fn percentile(&self, percent: usize) -> Option<u64> {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let rank = (sorted.len() * percent).div_ceil(100).max(1);
        sorted.get(rank - 1).copied()
    }

    /// Microseconds.
    pub(crate) fn mean(&self) -> Option<f64> {
        let sum: u64 = self.0.iter().sum();
        (!self.0.is_empty()).then(|| sum as f64 / self.0.len() as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn percentiles(times: impl IntoIterator<Item = u64>) -> [Option<u64>; 3] {
        let times = Latencies(times.into_iter().collect());
        [50, 99, 100].map(|percent| times.percentile(percent))
    }

    #[test]
    fn percentiles_are_times_that_were_measured() {
        assert_eq!(percentiles([]), [None; 3]);
        assert_eq!(percentiles([7]), [Some(7); 3]);
        assert_eq!(percentiles([9, 1]), [Some(1), Some(9), Some(9)]);
        assert_eq!(
            percentiles((1..=100).rev()),
            [Some(50), Some(99), Some(100)]
        );
        assert_eq!(percentiles(1..=200), [Some(100), Some(198), Some(200)]);
    }

    #[test]
    fn the_mean_of_nothing_is_nothing() {
        assert_eq!(Latencies::default().mean(), None);
        assert_eq!(Latencies(vec![1, 2]).mean(), Some(1.5));
    }
}
