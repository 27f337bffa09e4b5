//! One kind of call, of which at most one is in flight: when it may be made, when it
//! counts as lost, and how long to wait after a failure.

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
        /// Only time ends the pause, not a sign that the network works: the endpoint
        /// asked for it, or the calls themselves led to nothing.
        firm: bool,
    },
}

impl Lane {
    /// Whether a call may be made now.
    pub(crate) fn is_ready(&self, now: Millis) -> bool {
        match self.state {
            State::Free => true,
            State::InFlight { .. } => false,
            State::Pausing { until, .. } => now >= until,
        }
    }

    /// Whether this is the call in flight.
    pub(crate) fn is_in_flight(&self, asked: RequestId) -> bool {
        matches!(self.state, State::InFlight { id, .. } if id == asked)
    }

    /// A call was made; without an answer within `patience` it counts as lost.
    pub(crate) fn sent(&mut self, id: RequestId, since: Millis, patience: Millis) {
        self.state = State::InFlight {
            id,
            since,
            deadline: since.saturating_add(patience),
        };
    }

    /// The call was answered: failures before it no longer count.
    pub(crate) fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// The call failed. The pause is the longer of the backoff's and the one that the
    /// endpoint asked for.
    pub(crate) fn failed(&mut self, now: Millis, jitter: &mut Jitter, asked: Option<Millis>) {
        let pause = self.backoff.next(jitter).max(asked.unwrap_or(0));
        self.state = State::Pausing {
            until: now.saturating_add(pause),
            firm: asked.is_some(),
        };
    }

    /// The call was not answered in time: that has spaced the tries, and the pause is the
    /// first one again.
    pub(crate) fn unanswered(&mut self, now: Millis, jitter: &mut Jitter) {
        self.backoff = Backoff::default();
        self.failed(now, jitter, None);
    }

    /// The call was answered, and led to nothing: a pause that only time ends.
    pub(crate) fn throttled(&mut self, now: Millis, jitter: &mut Jitter, ceiling: Millis) {
        let pause = self.backoff.next(jitter).min(ceiling);
        self.state = State::Pausing {
            until: now.saturating_add(pause),
            firm: true,
        };
    }

    /// Forgets the call in flight, and returns it so that it can be aborted. Failures
    /// before it still count.
    pub(crate) fn cancel(&mut self) -> Option<RequestId> {
        let id = match self.state {
            State::InFlight { id, .. } => Some(id),
            _ => None,
        };
        self.state = State::Free;
        id
    }

    /// The network seems to work again: ends a pause that is not firm. Returns the call
    /// in flight if it was made before `fresh`, to be aborted: a new one is more likely to
    /// be answered.
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

    /// When the call in flight was made.
    pub(crate) fn since(&self) -> Option<Millis> {
        match self.state {
            State::InFlight { since, .. } => Some(since),
            _ => None,
        }
    }

    /// The call in flight, if it counts as lost.
    pub(crate) fn overdue(&self, now: Millis) -> Option<RequestId> {
        match self.state {
            State::InFlight { id, deadline, .. } if now >= deadline => Some(id),
            _ => None,
        }
    }

    /// When the call in flight counts as lost, or the pause ends.
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
    fn retry_now_ends_our_own_pause_and_not_the_one_asked_for() {
        let (mut lane, mut jitter) = (Lane::default(), Jitter(1));
        lane.failed(0, &mut jitter, None);
        assert_eq!(lane.retry_now(0), None);
        assert!(lane.is_ready(0));
        lane.failed(0, &mut jitter, Some(9_000));
        lane.retry_now(0);
        assert!(!lane.is_ready(8_999));
    }

    #[test]
    fn retry_now_returns_a_stale_call_and_leaves_a_fresh_one() {
        let mut lane = Lane::default();
        lane.sent(RequestId(1), 100, 50);
        assert_eq!(lane.retry_now(100), None);
        assert_eq!(lane.retry_now(101), Some(RequestId(1)));
        assert!(lane.is_ready(101));
    }
}
