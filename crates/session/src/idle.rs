//! The countdown to the end of a conversation whose visitor does not answer (Chat REST API,
//! `chasitorIdleTimeout`). The endpoint ends the conversation; this only knows when.

use parlor_wire::visitor::IdleTimeoutSettings;

use crate::Millis;

#[derive(Debug, Clone, Default)]
pub(crate) struct Idle {
    /// After how long the visitor is warned, and after how long the conversation ends; none where
    /// it does not end by itself.
    times: Option<(Millis, Millis)>,
    /// When the agent's newest message came that was not answered.
    asked_at: Option<Millis>,
    /// The end that is displayed.
    displayed: Option<Millis>,
}

impl Idle {
    pub(crate) fn set_times(&mut self, settings: Option<&IdleTimeoutSettings>) {
        let millis = |seconds: Option<i64>| {
            let seconds = u64::try_from(seconds?).ok()?;
            Some(seconds.saturating_mul(1_000))
        };
        self.times = settings
            .filter(|settings| settings.is_enabled)
            .and_then(|it| Some((millis(it.warning_time)?, millis(it.timeout_time)?)));
    }

    /// The agent said something `ago`.
    pub(crate) fn asked(&mut self, now: Millis, ago: Millis) {
        self.asked_at = Some(now.saturating_sub(ago));
    }

    /// The visitor said something, or nothing is asked any more.
    pub(crate) fn answered(&mut self) {
        self.asked_at = None;
    }

    /// The visitor is there, and has not answered yet.
    pub(crate) fn stays(&mut self, now: Millis) {
        if self.asked_at.is_some() {
            self.asked_at = Some(now);
        }
    }

    /// When the conversation ends, if the visitor is warned of it now.
    fn ends_at(&self, now: Millis) -> Option<Millis> {
        let (warning, timeout) = self.times?;
        let asked_at = self.asked_at?;
        (now >= asked_at.saturating_add(warning)).then(|| asked_at.saturating_add(timeout))
    }

    /// The end that is to be displayed, if it is another one than before.
    pub(crate) fn change(&mut self, now: Millis) -> Option<Option<Millis>> {
        let ends_at = self.ends_at(now);
        (ends_at != self.displayed).then(|| {
            self.displayed = ends_at;
            ends_at
        })
    }

    /// The window displays this end already.
    pub(crate) fn displays(&mut self, ends_at: Option<Millis>) {
        self.displayed = ends_at;
    }

    /// When the visitor is to be warned.
    pub(crate) fn due(&self) -> Option<Millis> {
        let (warning, _) = self.times?;
        let due = self.asked_at?.saturating_add(warning);
        self.displayed.is_none().then_some(due)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn idle() -> Idle {
        let mut idle = Idle::default();
        idle.set_times(Some(&IdleTimeoutSettings {
            is_enabled: true,
            warning_time: Some(60),
            timeout_time: Some(90),
        }));
        idle
    }

    #[test]
    fn the_visitor_is_warned_once_and_may_stay() {
        let mut idle = idle();
        idle.asked(1_000, 0);
        assert_eq!(idle.due(), Some(61_000));
        assert_eq!(idle.change(60_999), None);
        assert_eq!(idle.change(61_000), Some(Some(91_000)));
        assert_eq!(idle.change(62_000), None);
        idle.stays(70_000);
        assert_eq!(idle.change(70_000), Some(None));
        assert_eq!(idle.due(), Some(130_000));
    }

    #[test]
    fn an_answer_ends_the_countdown() {
        let mut idle = idle();
        idle.asked(0, 0);
        assert_eq!(idle.change(60_000), Some(Some(90_000)));
        idle.answered();
        assert_eq!(idle.change(61_000), Some(None));
        assert_eq!(idle.due(), None);
        // Without a question there is nothing to stay for.
        idle.stays(62_000);
        assert_eq!(idle.change(200_000), None);
    }

    #[test]
    fn what_was_asked_before_a_hand_over_counts_from_then() {
        let mut idle = idle();
        idle.asked(100_000, 70_000);
        assert_eq!(idle.change(100_000), Some(Some(120_000)));
    }

    #[test]
    fn without_settings_nothing_ends() {
        let mut idle = idle();
        idle.asked(0, 0);
        idle.set_times(Some(&IdleTimeoutSettings::default()));
        assert_eq!(idle.change(1_000_000), None);
        assert_eq!(idle.due(), None);
    }
}
