//! One line of the transcript.

use std::mem::discriminant;

use parlor_wire::{
    EventId, ThreadId,
    event::{File, Form, RichMessage},
    visitor::Node,
};
use serde::{Deserialize, Serialize};

use crate::{Millis, change::AgentCard, shared::Shared};

/// Stays the same for the life of a line: the sender's own id for the
/// visitor's lines, the event's id for all others.
#[derive(Debug, Clone, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LineId(pub String);

impl LineId {
    /// The conversation of the line, where its id is an event's.
    pub(crate) fn thread(&self) -> Option<ThreadId> {
        EventId::from(self.0.as_str()).thread()
    }
}

/// At the end first, where the ids of a conversation differ: one is looked for
/// among ten thousand.
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
    /// The event's number in its thread: the only order there is. None while
    /// the endpoint has not confirmed the line.
    pub number: Option<u64>,
    pub author: Author,
    pub at: Option<Millis>,
    pub body: Shared<Body>,
    /// For the visitor's own lines.
    pub state: Option<SendState>,
}

impl Line {
    /// The visitor's, and confirmed.
    pub(crate) fn is_sent(&self) -> bool {
        matches!(self.state, Some(SendState::Sent | SendState::Seen))
    }

    /// Whether nothing would look different with the other in its place.
    pub(crate) fn reads_as(&self, other: &Self) -> bool {
        let rest = |line: &Self| (line.number, line.at, line.state);
        rest(self) == rest(other) && self.author == other.author && self.body.reads_as(&other.body)
    }
}

impl Body {
    /// Whether it reads the same as the other of the same line. Words may have
    /// been masked meanwhile; what is more than words is settled with the
    /// line's id, and comparing each of its parts would be much code for
    /// nothing.
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
    /// An agent's text, with what its Markdown is made of.
    Formatted {
        text: String,
        nodes: Vec<Node>,
    },
    /// Cards, quick replies or a sticker. Which buttons are pressed is told by
    /// [`crate::Change::Pressed`].
    Rich(Box<RichMessage>),
    /// Questions. That they are answered is told by
    /// [`crate::Change::FormDone`].
    Form(Box<Form>),
    /// Each question with its answer, as a person reads them.
    Filled(Vec<(String, String)>),
    File(Shared<File>),
    /// A file of the visitor's that is on its way; how far, is told by
    /// [`crate::Change::Progress`].
    Upload(Attachment),
    Notice(Notice),
    /// An event of the site's own, as JSON: for the page around the window.
    Custom(String),
    /// An event of a kind that this window does not know.
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
    /// MIME type, as the visitor's device thinks.
    pub kind: String,
    /// Bytes.
    pub size: u64,
}

/// How a button of a rich message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Press {
    /// The endpoint has not confirmed it yet.
    Pending,
    On,
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
    /// The visitor has been silent for a while.
    Idle,
    /// The conversation was closed, by this agent where one is named.
    Archived {
        name: Option<String>,
    },
    /// The visitor said how it was.
    Rated {
        good: bool,
    },
    /// The agent asks for a file, or no longer does.
    FileWanted,
    /// An earlier conversation that may not be read, and why.
    Restricted {
        reason: String,
    },
    /// A system message that has its own text, with its variables filled in.
    Text {
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
    /// More bytes than the deployment takes.
    TooLarge,
    /// Of a type that the deployment does not take.
    TypeNotAllowed,
    /// The file did not get through.
    UploadFailed,
    /// The session was lost before the endpoint had confirmed it.
    Lost,
    /// It waited so long that it is not sent unasked any more.
    TooOld,
}

impl FailedBecause {
    /// Whether the same words may go another time.
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
