//! What the world says.

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
};

#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// The document is there. First input, once.
    Boot(Box<Boot>),
    /// A person wants something.
    Intent(Intent),
    /// A call was answered as it should be.
    Reply {
        id: RequestId,
        reply: Box<Reply>,
        /// `X-CHAT-LATEST-OFFSET`, where the answer carried one.
        latest_offset: Option<i64>,
    },
    /// A call was not.
    Fault { id: RequestId, fault: Fault },
    /// So much of a file has left, of a hundred.
    UploadProgress { id: u32, percent: u8 },
    /// An upload came to its end.
    UploadFinished { id: u32, outcome: UploadOutcome },
    /// The time asked for by the last `WakeAt` has come.
    Wake,
    /// The visitor looks at the window, or no longer does. Also said again,
    /// as true, when the document comes back (`focus`, `pageshow`) and when
    /// the network is said to be back (`online`): whatever waits tries at once.
    Visibility(bool),
    /// Whether the device keeps what `Save` says. Said when that changes;
    /// until then it does.
    StorageAvailable(bool),
}

/// Who we are, and what an earlier life of this document left.
#[derive(Debug, Clone, PartialEq)]
pub struct Boot {
    pub organization_id: OrganizationId,
    pub deployment_id: DeploymentId,
    pub button_id: String,
    /// Random, never used before on any device: names what this life sends.
    pub nonce: String,
    /// Random: spreads the retries of many visitors.
    pub seed: u64,
    pub browser: BrowserInfo,
    pub saved: Option<Saved>,
}

/// What `ChasitorInit` tells about the visitor's browser.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BrowserInfo {
    pub user_agent: String,
    pub language: String,
    pub screen_resolution: String,
    /// The page around the window.
    pub url: Option<String>,
    pub referrer: Option<String>,
}

/// An answer, still in the words of the wire.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    Settings(Box<Settings>),
    SessionId(SessionIdReply),
    /// A poll that brought messages.
    Messages(Batch),
    /// A poll that brought none.
    NoMessages,
    Reconnected(ReconnectSession),
    /// A POST was done.
    Posted(Posted),
    /// The visitor's conversations, newest first.
    History(Vec<PastThread>),
    /// One of them.
    Thread(ThreadPage),
    /// In place of any Visitor call's answer.
    SwitchServer(SwitchServer),
}

/// What came of a file's bytes.
#[derive(Debug, Clone, PartialEq)]
pub enum UploadOutcome {
    /// Everything that is known of it, without `alternative_text`.
    Stored(Box<File>),
    /// Not this file: 413 or 415.
    Refused(FailedBecause),
    Failed(Fault),
}

/// A conversation before this one, as the endpoint tells it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ThreadPage {
    pub thread_id: String,
    /// Why it may not be read.
    pub restricted: Option<String>,
    /// Of the log, in order; only what a visitor may see.
    pub events: Vec<Event>,
    /// The agents who took part.
    pub agents: Vec<AgentCard>,
}

/// What the headers of a POST's answer say about the event it wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Posted {
    pub event_id: Option<EventId>,
    pub position: Option<u64>,
    pub created_at: Option<String>,
}

/// Why a call was not answered as it should be. The retry is decided on this.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// No answer: no network, cut, or refused. Also what was aborted.
    Network,
    /// Another server holds the session now: hand over.
    AffinityChanged,
    /// The session is not valid any more.
    SessionGone,
    /// A second poll was open: the chat is over.
    DuplicatePoll,
    /// The server wants another number; `actual` is the last it did.
    OutOfSync { actual: u64 },
    /// The request itself is wrong; the same again would be refused again.
    Refused,
    /// The server cannot now; it may have said when.
    Unavailable { retry_after: Option<Millis> },
    /// An answer came that could not be read.
    Unreadable,
}
