//! One line of the transcript.

use std::mem::discriminant;

use parlor_wire::{
    EventId, ThreadId,
    event::{File, Form, RichMessage},
    visitor::Node,
};
use serde::{Deserialize, Serialize};

use crate::{Millis, change::AgentCard, shared::Shared};

/// Never changes in the life of a line: the `custom_id` for the visitor's lines, the
/// event's id for all others.
#[derive(Debug, Clone, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LineId(pub String);

impl LineId {
    /// The thread of the line, if its id is an event's.
    pub(crate) fn thread(&self) -> Option<ThreadId> {
        EventId::from(self.0.as_str()).thread()
    }
}

/// Compares the last byte first, in which the ids of a conversation differ: one is
/// looked up among ten thousand.
impl PartialEq for LineId {
    fn eq(&self, other: &Self) -> bool {
        #[cfg(test)]
        comparisons::add_one();
        let (one, other) = (self.0.as_bytes(), other.0.as_bytes());
        one.len() == other.len() && one.last() == other.last() && one == other
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Line {
    pub id: LineId,
    /// The event's number in its thread, which decides the order. None while the endpoint
    /// has not confirmed the line.
    pub number: Option<u64>,
    pub author: Author,
    pub at: Option<Millis>,
    pub body: Shared<Body>,
    /// Only of the visitor's own lines.
    pub state: Option<SendState>,
}

impl Line {
    /// Whether it is the visitor's and confirmed.
    pub(crate) fn is_sent(&self) -> bool {
        matches!(self.state, Some(SendState::Sent | SendState::Seen))
    }

    /// Whether it looks the same as the other line.
    pub(crate) fn reads_as(&self, other: &Self) -> bool {
        let rest = |line: &Self| (line.number, line.at, line.state);
        rest(self) == rest(other) && self.author == other.author && self.body.reads_as(&other.body)
    }
}

impl Body {
    /// Whether it looks the same as an older body of the same line. Only texts change
    /// under an id: the endpoint may have masked them meanwhile.
    pub fn reads_as(&self, other: &Self) -> bool {
        fn words(body: &Body) -> &str {
            match body {
                Body::Text(text) | Body::Formatted { text, .. } | Body::Custom(text) => text,
                _ => "",
            }
        }
        discriminant(self) == discriminant(other) && words(self) == words(other)
    }
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
    /// An agent's text, with the nodes of its Markdown.
    Formatted {
        text: String,
        nodes: Vec<Node>,
    },
    /// Cards, quick replies or a sticker. [`crate::Change::Pressed`] says which buttons
    /// are pressed.
    Rich(Box<RichMessage>),
    /// A form by an agent. [`crate::Change::FormDone`] says that it has been answered.
    Form(Box<Form>),
    /// The answers to a form: each question with its answer, as texts.
    Filled(Vec<(String, String)>),
    /// A file that the endpoint has stored.
    File(Shared<File>),
    /// A file of the visitor's that is being sent; [`crate::Change::Progress`] says how
    /// much has been.
    Upload(Attachment),
    /// Something that happened in the conversation.
    Notice(Notice),
    /// A custom event of the site, as JSON: for the page around the window.
    Custom(String),
    /// An event of a kind that this version does not know.
    Other {
        kind: String,
    },
}

/// A file that the visitor chose; the driver has its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// The driver's name for it.
    pub id: u32,
    pub name: String,
    /// MIME type, according to the visitor's device.
    pub kind: String,
    /// Bytes.
    pub size: u64,
}

/// The state of a button that was pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Press {
    /// The endpoint has not confirmed it yet.
    Pending,
    /// The endpoint has it.
    On,
}

/// Something that happened in the conversation, without a text in any language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Notice {
    /// An agent joined.
    AgentJoined { name: String },
    /// The agent left.
    AgentLeft { name: Option<String> },
    /// The conversation was transferred to this agent.
    Transferred { name: String },
    /// The visitor has been silent for a while.
    Idle,
    /// The conversation was closed, by this agent where one is named.
    Archived { name: Option<String> },
    /// The visitor ended the conversation.
    EndedByVisitor,
    /// The visitor rated the conversation.
    Rated { good: bool },
    /// The visitor wants the conversation by e-mail.
    TranscriptRequested,
    /// The agent asked for a file.
    FileWanted,
    /// An earlier conversation that may not be read, and why.
    Restricted { reason: String },
    /// A system message of another kind, with its text.
    Text { text: String },
}

/// How far a line of the visitor has got. It never claims more than is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SendState {
    /// It waits for its turn or for the network.
    Queued,
    /// It was sent, and has no answer yet.
    Sending,
    /// The endpoint has written it to disk.
    Sent,
    /// An agent has seen it.
    Seen,
    /// It is not sent, unless the visitor tries it again.
    Failed(FailedBecause),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FailedBecause {
    /// More than 16 KiB of UTF-8.
    TooLong,
    /// The endpoint refused it.
    Refused,
    /// The conversation ended before it was sent.
    Ended,
    /// Too many messages wait already, or too long ones.
    OutboxFull,
    /// The file has more bytes than the deployment allows.
    TooLarge,
    /// The deployment does not allow files of this type.
    TypeNotAllowed,
    /// The file could not be sent.
    UploadFailed,
    /// The session was lost before the endpoint had confirmed it.
    Lost,
    /// It has waited for so long that it is not sent without asking.
    TooOld,
}

impl FailedBecause {
    /// Whether the same message may be sent at another time.
    pub fn may_retry(self) -> bool {
        !matches!(self, Self::TooLong | Self::TooLarge | Self::TypeNotAllowed)
    }
}

/// Counts how often ids are compared, for tests of how much work something is.
#[cfg(test)]
pub(crate) mod comparisons {
    use std::cell::Cell;

    thread_local! {
        static COUNT: Cell<u64> = const { Cell::new(0) };
    }

    pub(crate) fn add_one() {
        COUNT.set(COUNT.get() + 1);
    }

    /// How many comparisons the call takes in this thread.
    pub(crate) fn of(call: impl FnOnce()) -> u64 {
        let before = COUNT.get();
        call();
        COUNT.get() - before
    }
}
