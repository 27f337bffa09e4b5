//! The inputs of a session.

use parlor_wire::{
    DeploymentId, EventId, OrganizationId,
    event::{Event, File},
    visitor::{Batch, ReconnectSession, SessionIdReply, Settings, SwitchServer},
};

use crate::{
    Millis,
    change::{AgentCard, PastThread},
    intent::Intent,
    line::FailedBecause,
    saved::Saved,
    session::RequestId,
    visit::Page,
};

#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// The document has loaded. The first input, given once.
    Boot(Box<Boot>),
    /// The visitor, or the page around the window, wants something.
    Intent(Intent),
    /// A call was answered, and the answer could be read.
    Reply {
        id: RequestId,
        reply: Box<Reply>,
        /// The header `X-CHAT-LATEST-OFFSET`, if the answer had one.
        latest_offset: Option<i64>,
    },
    /// A call failed.
    Fault { id: RequestId, fault: Fault },
    /// A part of a file has been sent, in percent.
    UploadProgress { id: u32, percent: u8 },
    /// An upload succeeded or failed.
    UploadFinished { id: u32, outcome: UploadOutcome },
    /// The time of the last [`super::Output::WakeAt`] has come.
    Wake,
    /// The document became visible, or hidden. Also given, as true, whenever the
    /// document comes back (`focus`, `pageshow`) or the browser reports that the
    /// network is back (`online`): every call that waits is tried at once.
    Visibility(bool),
    /// The device began to refuse what [`super::Output::Save`] asks for, or accepts it
    /// again. At first it is taken to accept it.
    StorageAvailable(bool),
}

/// Who chats and where, and what an earlier life of the document left.
#[derive(Debug, Clone, PartialEq)]
pub struct Boot {
    pub organization_id: OrganizationId,
    pub deployment_id: DeploymentId,
    pub button_id: String,
    /// Random, and used by no other life of a document on any device. Part of the ids
    /// of what this life sends.
    pub nonce: String,
    /// Random. Spreads the retries of many visitors over time.
    pub seed: u64,
    pub browser: BrowserInfo,
    /// The signed token by which the page vouches for the visitor.
    pub identity_token: Option<String>,
    pub saved: Option<Saved>,
}

/// What `ChasitorInit` reports about the visitor's browser.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BrowserInfo {
    pub user_agent: String,
    pub language: String,
    pub screen_resolution: String,
    /// The page around the window.
    pub page: Option<Page>,
    pub referrer: Option<String>,
}

/// The body of an answer, as the wire has it.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    Settings(Box<Settings>),
    SessionId(SessionIdReply),
    /// A poll returned messages.
    Messages(Batch),
    /// A poll returned nothing in its time.
    NoMessages,
    Reconnected(ReconnectSession),
    /// A POST was carried out.
    Posted(Posted),
    /// `Visitor/History`.
    History(PastThreads),
    /// `Visitor/History/{thread_id}`: a page of one of them.
    Thread(ThreadPage),
    /// The organization is at another address. May come instead of any answer of a
    /// `Visitor` resource.
    SwitchServer(SwitchServer),
}

/// How an upload ended.
#[derive(Debug, Clone, PartialEq)]
pub enum UploadOutcome {
    /// The endpoint has stored the file. `alternative_text` is not set.
    Stored(Box<File>),
    /// The endpoint does not take this file (413, 415).
    Refused(FailedBecause),
    /// The upload failed for another reason.
    Failed(Fault),
}

/// The visitor's conversations.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PastThreads {
    /// Newest first.
    pub threads: Vec<PastThread>,
    /// Changes with them; empty if the endpoint does not say it.
    pub version: String,
}

impl From<Vec<PastThread>> for PastThreads {
    fn from(threads: Vec<PastThread>) -> Self {
        Self {
            threads,
            version: String::new(),
        }
    }
}

/// A page of an earlier conversation, or of the current one.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ThreadPage {
    pub thread_id: String,
    /// Why the conversation may not be read, if so.
    pub restricted: Option<String>,
    /// Events of the log, in order; only those that a visitor may see.
    pub events: Vec<Event>,
    /// The agents who took part in the conversation.
    pub agents: Vec<AgentCard>,
    /// There are events before these, which did not fit into the answer.
    pub has_earlier: bool,
}

/// The event that a POST wrote, by the headers of the answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Posted {
    pub event_id: Option<EventId>,
    pub position: Option<u64>,
    pub created_at: Option<String>,
}

/// Why a call failed. Whether and when it is repeated is decided on this.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// There was no answer: no network, or the connection was cut or refused. Also
    /// given for a call that was aborted.
    Network,
    /// Another server has the session now: a hand-over is needed.
    AffinityChanged,
    /// The endpoint does not know the session any more.
    SessionGone,
    /// A second poll was open, which ends the chat.
    DuplicatePoll,
    /// The POST had a number that the server did not expect; `actual` is the number of
    /// the last POST that it carried out.
    OutOfSync { actual: u64 },
    /// The request is wrong, and would be refused again.
    Refused,
    /// The server cannot answer now. It may have said when it can.
    Unavailable { retry_after: Option<Millis> },
    /// The answer could not be read.
    Unreadable,
}
