//! One kind of call, at most one of it in flight: when it may go, when it is
//! taken for lost, and how long to wait after a failure.

use crate::{
    Millis,
    backoff::{Backoff, Jitter},
    output::RequestId,
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
        deadline: Millis,
    },
    Pausing {
        until: Millis,
    },
}

impl Lane {
    pub(crate) fn may_go(&self, now: Millis) -> bool {
        match self.state {
            State::Free => true,
            State::InFlight { .. } => false,
            State::Pausing { until } => now >= until,
        }
    }

    pub(crate) fn carries(&self, asked: RequestId) -> bool {
        matches!(self.state, State::InFlight { id, .. } if id == asked)
    }

    pub(crate) fn went(&mut self, id: RequestId, deadline: Millis) {
        self.state = State::InFlight { id, deadline };
    }

    pub(crate) fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// The pause is the longer of our own and the one the endpoint asked for.
    pub(crate) fn failed(&mut self, now: Millis, jitter: &mut Jitter, asked: Option<Millis>) {
        let pause = self.backoff.next(jitter).max(asked.unwrap_or(0));
        self.state = State::Pausing {
            until: now.saturating_add(pause),
        };
    }

    /// Forgets the call in flight, and names it so that it can be aborted.
    pub(crate) fn let_go(&mut self) -> Option<RequestId> {
        let id = match self.state {
            State::InFlight { id, .. } => Some(id),
            _ => None,
        };
        self.state = State::Free;
        id
    }

    /// The call in flight, when its time is over.
    pub(crate) fn overdue(&self, now: Millis) -> Option<RequestId> {
        match self.state {
            State::InFlight { id, deadline } if now >= deadline => Some(id),
            _ => None,
        }
    }

    /// When this lane wants to be looked at again.
    pub(crate) fn due(&self) -> Option<Millis> {
        match self.state {
            State::Free => None,
            State::InFlight { deadline, .. } => Some(deadline),
            State::Pausing { until } => Some(until),
        }
    }
}
