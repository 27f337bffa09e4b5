//! How the picture moved. The store applies these and decides nothing.

use parlor_wire::visitor::Welcome;
use serde::{Deserialize, Serialize};

use crate::{
    Millis,
    line::{Line, LineId, Press, SendState},
    prechat::FieldError,
    shared::Shared,
};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Change {
    /// Which stage is shown, with what belongs to it.
    Stage(Stage),
    /// The deployment's greeting, form and colours have arrived.
    Welcome(Shared<Welcome>),
    /// Whether somebody can take a new conversation.
    Available(bool),
    /// What is wrong with the pre-chat form; empty when nothing is.
    PrechatErrors(Vec<(String, FieldError)>),
    /// This line stands at `index` now; it is new, or has moved or changed.
    Line {
        index: usize,
        line: Box<Line>,
    },
    /// Only the state of this line changed.
    LineState {
        id: LineId,
        state: SendState,
    },
    /// Which buttons of this rich message the visitor has pressed, by
    /// `postback_id`.
    Pressed {
        id: LineId,
        buttons: Vec<(String, Press)>,
    },
    /// What is wrong with the answers to the form of this line; empty when
    /// nothing is. `None` is the form after the conversation.
    FormErrors {
        id: Option<LineId>,
        errors: Vec<(String, FieldError)>,
    },
    /// The form of this line is answered. `None` is the form after the
    /// conversation.
    FormDone(Option<LineId>),
    /// So much of this line's file has left, of a hundred.
    Progress {
        id: LineId,
        percent: u8,
    },
    /// The conversations before this one.
    History(History),
    /// How the visitor rated the conversation: good or bad.
    Rated(Option<bool>),
    /// The line is gone.
    LineGone(LineId),
    /// The transcript begins anew.
    TranscriptCleared,
    /// Who answers; none while nobody does.
    Agent(Option<AgentCard>),
    AgentTyping(bool),
    /// Whether what the visitor types is shown to the agent as they type.
    SneakPeek(bool),
    Connection(Connection),
    /// What the composer is to hold: from an earlier life of the document, or
    /// as another tab has it.
    Draft(String),
    /// Lines by agents that came while the window was not shown.
    Unread(usize),
    /// Whether there is a conversation to come back to.
    Conversation(bool),
    /// Another tab has opened the window, or closed it.
    WindowShown(bool),
    /// Whether the device keeps what is not sent yet; if not, a reload loses it.
    StorageAvailable(bool),
}

/// What is known of earlier conversations.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// Newest first; those whose lines are in the transcript are not among
    /// them.
    pub threads: Vec<PastThread>,
    /// There are lines above the first.
    pub more: bool,
    /// They are being fetched.
    pub loading: bool,
}

/// An earlier conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PastThread {
    pub id: String,
    pub at: Option<Millis>,
    /// It goes on.
    pub active: bool,
    /// Its last line, as text; none where it has none that can be said so.
    pub last: Option<String>,
}

/// One stage at a time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub enum Stage {
    /// The greeting.
    #[default]
    Hello,
    /// The deployment's form.
    Prechat,
    /// The request is on its way.
    Starting,
    /// An earlier conversation is being fetched.
    Resuming,
    /// In the queue. `position` is 1 for the next to be served; `served_at` is
    /// when an agent is expected.
    Waiting {
        position: Option<u64>,
        served_at: Option<Millis>,
    },
    /// An agent is there, or was and another may come.
    Chatting,
    /// Over; the transcript stays to be read.
    Ended(EndedBy),
    /// The request was turned down.
    Failed(FailReason),
}

impl Stage {
    /// Whether something can be said, now or as soon as somebody is there.
    pub fn is_conversation(&self) -> bool {
        matches!(
            self,
            Self::Starting | Self::Resuming | Self::Waiting { .. } | Self::Chatting
        )
    }
}

/// Who ended the conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum EndedBy {
    Visitor,
    Agent,
    /// The visitor was away too long.
    VisitorTimeout,
    /// The agent was away too long.
    AgentTimeout,
    /// The session was lost: the endpoint does not know it any more.
    Lost,
    /// The endpoint gave no reason that we know.
    Unknown,
}

/// Why a request was turned down (seed 001, ChatRequestFail).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FailReason {
    /// Nobody is there.
    Unavailable,
    /// The request was not understood.
    Refused,
    /// The endpoint failed.
    Internal,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentCard {
    pub id: String,
    pub name: String,
    pub avatar: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Connection {
    Connected,
    /// Messages may be late; what is typed is kept.
    Reconnecting,
}
