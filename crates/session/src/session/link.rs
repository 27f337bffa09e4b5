//! The connection to the endpoint: whether there is a session, and which of the
//! steps between a hand-over and normal service it is in.

use super::Credentials;
use crate::{Millis, lane::Lane, limits::POLL_TIMEOUT, session::RequestId};

#[derive(Debug)]
pub(super) enum Link {
    /// There is no session. The credentials of one that has just ended still serve
    /// for what is reported after the end, such as a rating.
    Closed { ended: Option<Credentials> },
    /// A session has been requested.
    Opening(Lane),
    /// There is a session.
    Open(Box<OpenLink>),
}

/// A session with the endpoint.
#[derive(Debug)]
pub(super) struct OpenLink {
    pub(super) phase: Phase,
    pub(super) session_id: String,
    pub(super) credentials: Credentials,
    /// How long the endpoint may hold a poll.
    pub(super) poll_timeout: Millis,
    /// The number of the last batch, acknowledged by the next poll. -1 before the
    /// first.
    pub(super) ack: i64,
    /// The newest position that was received.
    pub(super) offset: Option<i64>,
    /// `ReconnectSession`. Remembers failures from one hand-over to the next.
    pub(super) reconnect: Lane,
    pub(super) poll: Poll,
    /// The last hand-over, if nothing has shown since that the new server works.
    pub(super) handed_over_at: Option<Millis>,
    /// Since when the endpoint is known to have more than was received.
    pub(super) behind_since: Option<Millis>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// The endpoint gave the session to another server, or the document was loaded
    /// again: `ReconnectSession` asks which server has it.
    Reconnecting,
    /// Polls for `ChasitorSessionData`. Nothing is posted before it has come.
    AwaitingData,
    /// `ChasitorResyncState` tells the new server that the visitor is there. Nothing
    /// else is posted before it is answered.
    Resyncing,
    /// Normal service: polls and posts go.
    Up,
}

/// The long poll, at most one at a time.
#[derive(Debug, Default)]
pub(super) struct Poll {
    pub(super) lane: Lane,
    /// The last poll's number: each is greater than the one before.
    pub(super) number: u64,
    pub(super) sent_at: Millis,
    /// How long the last poll is to be held, if the endpoint was asked for a time.
    pub(super) hold: Option<Millis>,
}

impl Default for Link {
    fn default() -> Self {
        Self::Closed { ended: None }
    }
}

impl OpenLink {
    pub(super) fn new(phase: Phase, session_id: String, credentials: Credentials) -> Self {
        Self {
            phase,
            session_id,
            credentials,
            poll_timeout: POLL_TIMEOUT,
            ack: -1,
            offset: None,
            reconnect: Lane::default(),
            poll: Poll::default(),
            handed_over_at: None,
            behind_since: None,
        }
    }
}

impl Link {
    pub(super) fn is_closed(&self) -> bool {
        matches!(self, Self::Closed { .. })
    }

    pub(super) fn is_opening(&self) -> bool {
        matches!(self, Self::Opening(_))
    }

    pub(super) fn is_in(&self, phase: Phase) -> bool {
        self.open().is_some_and(|link| link.phase == phase)
    }

    pub(super) fn open(&self) -> Option<&OpenLink> {
        match self {
            Self::Open(link) => Some(link),
            _ => None,
        }
    }

    pub(super) fn open_mut(&mut self) -> Option<&mut OpenLink> {
        match self {
            Self::Open(link) => Some(link),
            _ => None,
        }
    }

    /// Of the open session, or of the one that has just ended.
    pub(super) fn credentials(&self) -> Option<&Credentials> {
        match self {
            Self::Open(link) => Some(&link.credentials),
            Self::Closed { ended } => ended.as_ref(),
            Self::Opening(_) => None,
        }
    }

    /// `SessionId` or `ReconnectSession`.
    pub(super) fn lane(&mut self) -> Option<&mut Lane> {
        match self {
            Self::Closed { .. } => None,
            Self::Opening(lane) => Some(lane),
            Self::Open(link) => Some(&mut link.reconnect),
        }
    }

    pub(super) fn poll_lane(&mut self) -> Option<&mut Lane> {
        self.open_mut().map(|link| &mut link.poll.lane)
    }

    /// Both lanes.
    pub(super) fn lanes(&mut self) -> impl Iterator<Item = &mut Lane> {
        let (own, poll) = match self {
            Self::Closed { .. } => (None, None),
            Self::Opening(lane) => (Some(lane), None),
            Self::Open(link) => {
                let OpenLink {
                    reconnect, poll, ..
                } = &mut **link;
                (Some(reconnect), Some(&mut poll.lane))
            }
        };
        own.into_iter().chain(poll)
    }

    /// Whether this is the call for a session, or for the server that has it.
    pub(super) fn is_opened_by(&mut self, id: RequestId) -> bool {
        self.lane().is_some_and(|lane| lane.is_in_flight(id))
    }

    pub(super) fn is_polled_by(&mut self, id: RequestId) -> bool {
        self.poll_lane().is_some_and(|lane| lane.is_in_flight(id))
    }
}
