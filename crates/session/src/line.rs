//! One line of the transcript.

use serde::{Deserialize, Serialize};

use crate::{Millis, change::AgentCard};

/// Stays the same for the life of a line: the sender's own id for the
/// visitor's lines, the event's id for all others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LineId(pub String);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Line {
    pub id: LineId,
    /// The event's number in its thread: the only order there is. None while
    /// the endpoint has not confirmed the line.
    pub number: Option<u64>,
    pub author: Author,
    pub at: Option<Millis>,
    pub body: Body,
    /// For the visitor's own lines.
    pub state: Option<SendState>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Author {
    Visitor,
    Agent(AgentCard),
    System,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Body {
    Text(String),
    Notice(Notice),
    /// An event of a kind that this window does not show yet.
    Other {
        kind: String,
    },
}

/// What happened in the conversation, without words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Notice {
    AgentJoined {
        name: String,
    },
    AgentLeft {
        name: Option<String>,
    },
    Transferred {
        name: String,
    },
    /// A system message that has its own text.
    Said {
        text: String,
    },
}

/// A state that cannot lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SendState {
    /// Waits for its turn or for the network.
    Queued,
    /// On its way; no answer yet.
    Sending,
    /// The endpoint has it on disk.
    Sent,
    /// The agent saw it.
    Seen,
    /// It will not go by itself.
    Failed(FailedBecause),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FailedBecause {
    /// More than 16 KiB of UTF-8.
    TooLong,
    /// The endpoint refused it.
    Refused,
    /// The conversation was over before it went.
    Ended,
    /// Too many lines wait already, or too long ones.
    OutboxFull,
    /// The session was lost before the endpoint had confirmed it.
    Lost,
    /// It waited so long that it is not sent unasked any more.
    TooOld,
}

impl FailedBecause {
    /// Whether the same words may go another time.
    pub fn may_retry(self) -> bool {
        self != Self::TooLong
    }
}
