//! The machine's own clock, which never runs backwards: if the device's clock is put
//! back, a pause of ten seconds still ends after ten seconds.

use crate::{Millis, limits::SLEPT_AFTER};

#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Clock {
    /// The device's time of the last input.
    last: Millis,
    /// How far the device's clock was put back, in sum.
    put_back: Millis,
}

impl Clock {
    /// Returns the machine's time. `now` is the device's time.
    pub(crate) fn monotonic(&mut self, now: Millis) -> Millis {
        self.put_back = self.put_back.saturating_add(self.last.saturating_sub(now));
        self.last = now;
        now.saturating_add(self.put_back)
    }

    /// Converts a time of the machine to one of the device.
    pub(crate) fn on_device(&self, at: Millis) -> Millis {
        at.saturating_sub(self.put_back)
    }
}

/// Whether the device slept, or its clock was put forward: the wake-up is long
/// overdue.
pub(crate) fn slept(woken_at: Option<Millis>, now: Millis) -> bool {
    woken_at.is_some_and(|at| now > at.saturating_add(SLEPT_AFTER))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_goes_on_from_where_it_was_when_the_clock_is_put_back() {
        let mut clock = Clock::default();
        assert_eq!(clock.monotonic(1_000), 1_000);
        assert_eq!(clock.monotonic(400), 1_000);
        assert_eq!(clock.monotonic(500), 1_100);
        assert_eq!(clock.on_device(1_200), 600);
        assert_eq!(clock.monotonic(300), 1_100);
        assert_eq!(clock.on_device(1_200), 400);
    }
}
