//! The changes of what is displayed. The store applies them and decides nothing.

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
    /// Another stage is displayed.
    Stage(Stage),
    /// The deployment's greeting, forms and colours have arrived.
    Welcome(Shared<Welcome>),
    /// Agents can take a new conversation, or no longer can.
    Available(bool),
    /// The pre-chat form, or that of a message that is left, was submitted: each field
    /// that is wrong, and why. Empty if nothing is.
    PrechatErrors(Vec<(String, FieldError)>),
    /// This line is at `index` now. It is new, or it moved or changed: one of the same
    /// id is removed first.
    Line { index: usize, line: Box<Line> },
    /// The state of this line changed, and nothing else of it.
    LineState { id: LineId, state: SendState },
    /// The visitor's pressed buttons of this rich message changed. All of them, by their
    /// `postback_id`.
    Pressed {
        id: LineId,
        buttons: Vec<(String, Press)>,
    },
    /// The form of this line was submitted: each field that is wrong, and why. Empty if
    /// nothing is. Without an id, it is the form after the conversation.
    FormErrors {
        id: Option<LineId>,
        errors: Vec<(String, FieldError)>,
    },
    /// The form of this line has been answered; without an id, the one after the
    /// conversation.
    FormDone(Option<LineId>),
    /// A part of this line's file has been sent, in percent.
    Progress { id: LineId, percent: u8 },
    /// The list of earlier conversations changed, or what can be read of them.
    History(History),
    /// The visitor rated the conversation as good (true) or bad; none in a new
    /// conversation.
    Rated(Option<bool>),
    /// The line was removed.
    LineGone(LineId),
    /// All lines were removed.
    TranscriptCleared,
    /// Another agent answers, or none does.
    Agent(Option<AgentCard>),
    /// The agent began to type, or stopped.
    AgentTyping(bool),
    /// The agent sees what the visitor types before it is sent, or no longer does.
    SneakPeek(bool),
    /// When the conversation ended, if the endpoint has said so.
    EndedAt(Option<Millis>),
    /// When the conversation ends unless the visitor says something; none while there is
    /// time enough.
    EndsAt(Option<Millis>),
    /// The connection was lost for so long that the visitor should know, or is back.
    Connection(Connection),
    /// The composer's text is to be this: it comes from an earlier life of the document
    /// or from another tab.
    Draft(String),
    /// The number of agents' lines that came while the window was not shown.
    Unread(usize),
    /// A conversation began, or ended: whether there is one to come back to.
    Conversation(bool),
    /// A message was left of which the visitor has not seen an answer, or they have seen it:
    /// whether the next pages of the site are to look for one.
    AwaitsAnswer(bool),
    /// Another tab opened the window, or closed it.
    WindowShown(bool),
    /// The device began to refuse to persist what is not sent yet, so that a reload
    /// loses it, or persists it again.
    StorageAvailable(bool),
}

/// What can be read above the first line.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// Earlier conversations, newest first, without those whose lines are in the
    /// transcript.
    pub threads: Vec<PastThread>,
    /// There are lines above the first.
    pub more: bool,
    /// They are being requested.
    pub loading: bool,
}

/// An earlier conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PastThread {
    pub id: String,
    pub at: Option<Millis>,
    /// It has not ended.
    pub active: bool,
    /// The text of its last line, if that has one.
    pub last: Option<String>,
    /// How many answers the visitor has not seen.
    #[serde(default)]
    pub unread: u64,
}

/// One stage at a time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub enum Stage {
    /// The greeting.
    #[default]
    Hello,
    /// The deployment's form.
    Prechat,
    /// The form of a message that is left, because nobody is there.
    Offline,
    /// The message is on its way.
    LeavingMessage,
    /// The endpoint has the message. An answer may come, and is displayed below it.
    MessageLeft,
    /// The request is on its way.
    Starting,
    /// The conversation of an earlier life of the document is being restored.
    Resuming,
    /// The visitor is in the queue. `position` is 1 for the next in turn; `served_at` is
    /// when an agent is expected.
    Waiting {
        position: Option<u64>,
        served_at: Option<Millis>,
    },
    /// An agent has joined. They may have left, and another may come.
    Chatting,
    /// The conversation has ended; the transcript can still be read.
    Ended(EndedBy),
    /// The request for a conversation was turned down.
    Failed(FailReason),
}

impl Stage {
    /// Whether messages can be sent, now or as soon as an agent has joined.
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
    /// The visitor ended it.
    Visitor,
    /// The agent ended it.
    Agent,
    /// The visitor was away too long.
    VisitorTimeout,
    /// The agent was away too long.
    AgentTimeout,
    /// The endpoint does not know the session any more.
    Lost,
    /// The endpoint gave no reason, or an unknown one.
    Unknown,
}

/// Why a request was turned down (Chat REST API, ChatRequestFail).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FailReason {
    /// No agent is available.
    Unavailable,
    /// The endpoint refused the request as wrong.
    Refused,
    /// The endpoint failed, or gave an unknown reason.
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
    /// Everything is received.
    Connected,
    /// Nothing is received for a while. What the visitor sends waits.
    Reconnecting,
    /// The endpoint has too much to do, and said when to try again. What the visitor
    /// sends waits.
    Busy,
}
