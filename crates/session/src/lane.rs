//! One kind of call, at most one of it in flight: when it may go, when it is
//! taken for lost, and how long to wait after a failure.

use crate::{
    Millis,
    backoff::{Backoff, Jitter},
    session::RequestId,
};

#[derive(Debug, Clone, Default)]
pub(crate) struct Lane {
    state: State,
    backoff: Backoff,
}

#[derive(Debug, Clone, Default)]
enum State {
    #[default]
    Free,
    InFlight {
        id: RequestId,
        since: Millis,
        deadline: Millis,
    },
    Pausing {
        until: Millis,
        /// Not because of the network: nothing that it shows ends the pause.
        firm: bool,
    },
}

impl Lane {
    pub(crate) fn is_ready(&self, now: Millis) -> bool {
        match self.state {
            State::Free => true,
            State::InFlight { .. } => false,
            State::Pausing { until, .. } => now >= until,
        }
    }

    pub(crate) fn is_in_flight(&self, asked: RequestId) -> bool {
        matches!(self.state, State::InFlight { id, .. } if id == asked)
    }

    pub(crate) fn sent(&mut self, id: RequestId, since: Millis, patience: Millis) {
        self.state = State::InFlight {
            id,
            since,
            deadline: since.saturating_add(patience),
        };
    }

    pub(crate) fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// The pause is the longer of our own and the one the endpoint asked for.
    pub(crate) fn failed(&mut self, now: Millis, jitter: &mut Jitter, asked: Option<Millis>) {
        let pause = self.backoff.next(jitter).max(asked.unwrap_or(0));
        self.state = State::Pausing {
            until: now.saturating_add(pause),
            firm: asked.is_some(),
        };
    }

    /// It was done, and came to nothing: a pause that only time ends.
    pub(crate) fn throttled(&mut self, now: Millis, jitter: &mut Jitter, ceiling: Millis) {
        let pause = self.backoff.next(jitter).min(ceiling);
        self.state = State::Pausing {
            until: now.saturating_add(pause),
            firm: true,
        };
    }

    /// Forgets the call in flight, and names it so that it can be aborted. The
    /// failures before it still count.
    pub(crate) fn cancel(&mut self) -> Option<RequestId> {
        let id = match self.state {
            State::InFlight { id, .. } => Some(id),
            _ => None,
        };
        self.state = State::Free;
        id
    }

    /// There is reason to think that it would work now: waits no longer, unless
    /// the pause is firm, and names what was in flight since before
    /// `fresh`, which is worth less than a new call.
    pub(crate) fn retry_now(&mut self, fresh: Millis) -> Option<RequestId> {
        match self.state {
            State::Pausing { firm: false, .. } => {
                *self = Self::default();
                None
            }
            State::InFlight { id, since, .. } if since < fresh => {
                *self = Self::default();
                Some(id)
            }
            _ => None,
        }
    }

    /// Since when the call in flight is under way.
    pub(crate) fn since(&self) -> Option<Millis> {
        match self.state {
            State::InFlight { since, .. } => Some(since),
            _ => None,
        }
    }

    /// The call in flight, when its time is over.
    pub(crate) fn overdue(&self, now: Millis) -> Option<RequestId> {
        match self.state {
            State::InFlight { id, deadline, .. } if now >= deadline => Some(id),
            _ => None,
        }
    }

    /// When this lane wants to be looked at again.
    pub(crate) fn due(&self) -> Option<Millis> {
        match self.state {
            State::Free => None,
            State::InFlight { deadline, .. } => Some(deadline),
            State::Pausing { until, .. } => Some(until),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nudge_ends_our_own_pause_and_not_the_one_asked_for() {
        let (mut lane, mut jitter) = (Lane::default(), Jitter(1));
        lane.failed(0, &mut jitter, None);
        assert_eq!(lane.retry_now(0), None);
        assert!(lane.is_ready(0));
        lane.failed(0, &mut jitter, Some(9_000));
        lane.retry_now(0);
        assert!(!lane.is_ready(8_999));
    }

    #[test]
    fn a_nudge_names_what_is_stale_and_leaves_what_is_fresh() {
        let mut lane = Lane::default();
        lane.sent(RequestId(1), 100, 50);
        assert_eq!(lane.retry_now(100), None);
        assert_eq!(lane.retry_now(101), Some(RequestId(1)));
        assert!(lane.is_ready(101));
    }
}
