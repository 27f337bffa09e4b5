//! The outputs of a session.

use parlor_wire::{
    event::FilledForm,
    visitor::{
        Breadcrumb, ChasitorInit, ChatEnd, ChatMessage, IdleTimeoutWarning, ResyncState, SneakPeek,
    },
};

use crate::{
    Millis,
    change::Change,
    saved::{Pending, Saved},
    shared::Shared,
};

#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// Send this request to the endpoint, and give its answer or fault as an input
    /// with the same id.
    Call(Box<Call>),
    /// Abort this call. Its answer is not wanted any more.
    Abort(RequestId),
    /// Give [`crate::Input::Wake`] at this time. Replaces the time before.
    WakeAt(Millis),
    /// Persist this on the device, in place of what was persisted before; but not if
    /// that has a greater term, for then a newer session has replaced this one. Comes
    /// before the outputs that display or send what it contains.
    Save(Box<Saved>),
    /// Send the bytes of this file to the endpoint, and give its progress and end as
    /// inputs.
    Upload { id: u32, credentials: Credentials },
    /// Abort this upload.
    AbortUpload(u32),
    /// What is displayed changes.
    Change(Change),
    /// Log this: the endpoint did something unexpected.
    Report(Report),
}

/// Names a call, so that a late answer is recognized.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RequestId(pub u64);

/// One request to the endpoint.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    pub id: RequestId,
    pub request: Request,
    /// None for calls that need no session.
    pub credentials: Option<Credentials>,
    /// The header `X-LIVEAGENT-SEQUENCE`, for POSTs that are numbered.
    pub number: Option<u64>,
}

/// The secrets that open a session. They go into headers, never into a URL.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    pub key: String,
    /// The text `null` while it is unknown.
    pub affinity: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credentials")
    }
}

/// Whose conversations a device asks for. Has no `Debug` of its members, which are secret.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Device {
    /// The id by which the endpoint knows the device.
    pub visitor_id: Option<String>,
    /// The token with which the site vouches for the visitor.
    pub identity_token: Option<String>,
}

impl std::fmt::Debug for Device {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Device")
    }
}

/// A request that is answered when the conversations are not as known any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryWait {
    /// The version that is known.
    pub known: String,
    /// For how long the endpoint may hold the request.
    pub hold: Millis,
}

/// A resource of the Chat REST API with its body (Chat REST API, chapters 6 and 7).
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// GET `Visitor/Settings`.
    Settings,
    /// GET `System/SessionId`.
    SessionId,
    /// GET `System/Messages`. `poll` grows from poll to poll of a session: a newer poll
    /// replaces an older one whose connection died unnoticed, instead of ending the
    /// chat. `hold` asks the endpoint to wait for a shorter time than its own.
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
    /// POST `Chasitor/CustomEvent`: a message that is more than a text.
    Event(Box<Pending>),
    /// POST `Chasitor/CustomEvent`: the new state of something.
    StateUpdate(StateUpdate),
    /// GET `Visitor/History`; with `wait`, once there is something new.
    History {
        of: Device,
        wait: Option<HistoryWait>,
    },
    /// GET `Visitor/History/{thread_id}`: the newest [`crate::limits::PAGE`] events, or
    /// the newest of those whose number is below `before`.
    Thread {
        of: Device,
        thread_id: String,
        before: Option<u64>,
    },
    /// POST `Visitor/History/{thread_id}`: the visitor has seen the conversation up to
    /// this time (RFC 3339, as the endpoint wrote it).
    ThreadSeen {
        of: Device,
        thread_id: String,
        seen_up_to: String,
    },
    /// POST `Visitor/Goal`: the visitor has reached this goal of the site.
    Goal { of: Device, goal: String },
    /// POST `Chasitor/ChasitorTyping`.
    Typing,
    /// POST `Chasitor/ChasitorNotTyping`.
    NotTyping,
    /// POST `Chasitor/ChasitorSneakPeek`.
    SneakPeek(SneakPeek),
    /// POST `Visitor/Breadcrumb`: the page that the visitor is on.
    Breadcrumb(Breadcrumb),
    /// POST `Chasitor/ChasitorIdleTimeoutWarningEvent`.
    IdleWarning(IdleTimeoutWarning),
    /// POST `Chasitor/ChatEnd`.
    ChatEnd(ChatEnd),
}

/// The new state of something that the visitor decides (`docs/PROTOCOL.md`, 5).
/// Repeating it changes nothing, and of two updates of the same thing the newer counts.
#[derive(Debug, Clone, PartialEq)]
pub enum StateUpdate {
    /// A button of a rich message was pressed, or released.
    ButtonPressed {
        thread: String,
        event: String,
        postback: String,
        on: bool,
    },
    /// The visitor has seen everything up to this time (RFC 3339, as the endpoint wrote
    /// it).
    SeenUpTo(String),
    /// The visitor rated the conversation.
    Rated { good: bool, comment: Option<String> },
    /// The visitor wants the conversation by e-mail.
    TranscriptRequested { email: String },
    /// The form after the conversation was submitted.
    PostchatSubmitted(Shared<FilledForm>),
    /// The page set attributes of the visitor: keys, and values as JSON.
    VisitorAttributes(Vec<(String, String)>),
    /// The page vouches for the visitor with this signed token.
    Identified { token: String },
}

impl StateUpdate {
    /// Whether `newer` is about the same thing.
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
            // They may set other keys.
            (Self::VisitorAttributes(_), Self::VisitorAttributes(_)) => false,
            _ => std::mem::discriminant(self) == std::mem::discriminant(newer),
        }
    }
}

/// Something unexpected, for the log. Contains nothing private.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// An answer was of another kind than its request.
    UnexpectedReply { to: &'static str },
    /// A poll returned a message of a kind that this version does not know.
    UnknownMessage { kind: String },
    /// The endpoint refused a request as wrong.
    Refused { what: &'static str },
}

impl Request {
    /// Whether it is a POST; all others are GETs. In a hand-over, `ReconnectSession` is
    /// a GET and `ChasitorResyncState` a POST.
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
