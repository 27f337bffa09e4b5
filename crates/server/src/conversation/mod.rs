//! The use cases: what happens to a conversation, each in one transaction. A
//! use case reads rows, asks the desk, writes rows and mail, and says who is to
//! be woken once it is on disk. It does not know HTTP or SQL.

pub(crate) mod accept;
pub(crate) mod annotations;
pub(crate) mod chat_snapshot;
pub(crate) mod compare_and_send;
pub(crate) mod customer;
pub(crate) mod end;
pub(crate) mod file;
pub(crate) mod follow;
pub(crate) mod handover;
pub(crate) mod history;
pub(crate) mod init;
pub(crate) mod maintenance;
pub(crate) mod poll;
pub(crate) mod postback;
pub(crate) mod properties;
pub(crate) mod queue;
pub(crate) mod rate;
mod recent_events;
pub(crate) mod seen;
pub(crate) mod send_event;
pub(crate) mod session;
pub(crate) mod site;
pub(crate) mod start;
pub(crate) mod tags;
pub(crate) mod transfer;
pub(crate) mod typing;
mod unit_of_work;
pub(crate) mod visitor_event;

pub(crate) use recent_events::EVENTS_MAX;
pub(crate) use session::Credentials;
pub(crate) use unit_of_work::UnitOfWork;

use crate::store::StoreError;

/// Why a use case was not carried out. Texts are safe to show and to log: they
/// name fields and limits, never what somebody wrote.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    /// The request cannot be understood or breaks a limit.
    #[error("{0}")]
    Invalid(String),
    /// The session is not valid, or not any more.
    #[error("the session is not valid")]
    SessionGone,
    /// Another process holds the session.
    #[error("the affinity token has changed")]
    AffinityChanged,
    /// A second poll was opened.
    #[error("a duplicate long poll has ended the chat")]
    DuplicatePoll,
    /// Whoever asks may not.
    #[error("{0}")]
    Forbidden(&'static str),
    /// There is no such thing.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// It has more bytes than may be sent.
    #[error("{0}")]
    TooLarge(String),
    /// Files of this type are not taken, or it is not of the type it seems.
    #[error("{0}")]
    UnsupportedType(String),
    /// Somebody else said something that the agent had not seen.
    #[error("somebody else wrote since after_event_id")]
    NewerEvents,
    /// The chat's newest thread is closed.
    #[error("the chat is not active")]
    ChatInactive,
    #[error(transparent)]
    Store(#[from] StoreError),
}

pub(crate) type Result<T> = std::result::Result<T, Refusal>;

pub(crate) fn invalid(text: impl Into<String>) -> Refusal {
    Refusal::Invalid(text.into())
}
