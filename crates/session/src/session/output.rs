//! What the machine wants done.

use parlor_wire::{
    event::FilledForm,
    visitor::{ChasitorInit, ChatEnd, ChatMessage, ResyncState, SneakPeek},
};

use crate::{
    Millis,
    change::Change,
    saved::{Pending, Saved},
    shared::Shared,
};

#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// Carry this to the endpoint, and bring the answer or the fault back
    /// under its id.
    Call(Box<Call>),
    /// Let go of this call; whatever comes of it is not wanted any more.
    Abort(RequestId),
    /// Say [`crate::Input::Wake`] at this time. Replaces the one before.
    WakeAt(Millis),
    /// Keep this on the device, in place of what was kept before; unless that
    /// has a greater term: then another tab leads, and the answer is
    /// [`crate::Input::LeadershipLost`]. Comes before whatever shows or sends what is
    /// kept by it.
    Save(Box<Saved>),
    /// Send the bytes of this file to the endpoint, and tell how it goes.
    Upload { id: u32, credentials: Credentials },
    /// Let go of it; nothing of it is wanted any more.
    AbortUpload(u32),
    /// The picture moved.
    Change(Change),
    /// Something that should not be was seen; for the log, not for people.
    Report(Report),
}

/// Names a call, so that a stale answer is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RequestId(pub u64);

/// One request to the endpoint.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    pub id: RequestId,
    pub request: Request,
    /// Absent for calls that need no session.
    pub credentials: Option<Credentials>,
    /// `X-LIVEAGENT-SEQUENCE`, for POSTs that count.
    pub number: Option<u64>,
}

/// What opens a session to its holder. Goes into headers, never into a URL.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    pub key: String,
    /// The literal `null` while unknown.
    pub affinity: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credentials")
    }
}

/// Which resource, with its body (seed 001, chapters 6 and 7).
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// GET `Visitor/Settings`.
    Settings,
    /// GET `System/SessionId`.
    SessionId,
    /// GET `System/Messages`. `poll` grows from poll to poll of a session, so
    /// that our own newer poll relieves an older one whose connection died
    /// unnoticed, instead of ending the chat.
    /// `hold` asks for a shorter wait than the endpoint's own, in milliseconds.
    Messages {
        ack: i64,
        poll: u64,
        hold: Option<Millis>,
    },
    /// GET `System/ReconnectSession`.
    ReconnectSession { offset: Option<i64> },
    /// POST `Chasitor/ChasitorResyncState`.
    ResyncState(ResyncState),
    /// POST `Chasitor/ChasitorInit`, made in this session.
    Init {
        init: Shared<ChasitorInit>,
        session_id: String,
    },
    /// POST `Chasitor/ChatMessage`.
    Message(ChatMessage),
    /// POST `Chasitor/CustomEvent`: a message that is more than its text.
    Event(Box<Pending>),
    /// POST `Chasitor/CustomEvent`: how something is now.
    StateUpdate(StateUpdate),
    /// GET `Visitor/History`.
    History { visitor_id: String },
    /// GET `Visitor/History/{thread_id}`: the newest [`crate::limits::PAGE`]
    /// events, of those numbered below `before` where it says so.
    Thread {
        visitor_id: String,
        thread_id: String,
        before: Option<u64>,
    },
    /// POST `Chasitor/ChasitorTyping`.
    Typing,
    /// POST `Chasitor/ChasitorNotTyping`.
    NotTyping,
    /// POST `Chasitor/ChasitorSneakPeek`.
    SneakPeek(SneakPeek),
    /// POST `Chasitor/ChatEnd`.
    ChatEnd(ChatEnd),
}

/// What the visitor's side says of how something is (`docs/PROTOCOL.md`, 5): the
/// same again changes nothing, and of two of a kind the newer counts.
#[derive(Debug, Clone, PartialEq)]
pub enum StateUpdate {
    /// A button of a rich message is pressed, or let go.
    ButtonPressed {
        thread: String,
        event: String,
        postback: String,
        on: bool,
    },
    /// Everything up to this time was seen: RFC 3339, as the endpoint wrote it.
    SeenUpTo(String),
    Rated {
        good: bool,
        comment: Option<String>,
    },
    /// The form after the conversation.
    PostchatSubmitted(Shared<FilledForm>),
    /// Keys and values as JSON, of the visitor.
    VisitorAttributes(Vec<(String, String)>),
}

impl StateUpdate {
    /// Whether `newer` says of the same thing how it is.
    pub(crate) fn is_replaced_by(&self, newer: &Self) -> bool {
        match (self, newer) {
            (
                Self::ButtonPressed {
                    event, postback, ..
                },
                Self::ButtonPressed {
                    event: other,
                    postback: button,
                    ..
                },
            ) => event == other && postback == button,
            // What the page says of other keys still holds.
            (Self::VisitorAttributes(_), Self::VisitorAttributes(_)) => false,
            _ => std::mem::discriminant(self) == std::mem::discriminant(newer),
        }
    }
}

/// A surprise, without anything private.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// An answer of another kind than its question.
    UnexpectedReply { to: &'static str },
    /// A poll message of a kind that this version does not know.
    UnknownMessage { kind: String },
    /// The endpoint refused a request of ours as wrong.
    Refused { what: &'static str },
}

impl Request {
    /// Whether it is a POST; all others are GETs. The rare path has both:
    /// `ReconnectSession` is a GET, `ChasitorResyncState` a POST.
    pub fn is_post(&self) -> bool {
        !matches!(
            self,
            Self::Settings
                | Self::SessionId
                | Self::Messages { .. }
                | Self::ReconnectSession { .. }
                | Self::History { .. }
                | Self::Thread { .. }
        )
    }
}
