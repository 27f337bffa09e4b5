//! The use cases: everything that can happen to a conversation, each in one
//! transaction. A use case reads rows, applies the rules of `routing`, writes
//! rows and queued messages, and notes which polls and sockets to wake after
//! the commit. It does not know HTTP or SQL.

pub(crate) mod accept;
pub(crate) mod access;
pub(crate) mod annotations;
pub(crate) mod archive;
pub(crate) mod archive_changes;
pub(crate) mod attendance;
pub(crate) mod callback;
pub(crate) mod chat_snapshot;
mod company;
pub(crate) mod compare_and_send;
pub(crate) mod conversion;
pub(crate) mod customer;
pub(crate) mod departure;
pub(crate) mod end;
pub(crate) mod erase;
pub(crate) mod event_number;
pub(crate) mod export;
pub(crate) mod file;
pub(crate) mod follow;
pub(crate) mod forget;
mod group_chooser;
pub(crate) mod handover;
mod hidden_details;
pub(crate) mod history;
pub(crate) mod identify;
pub(crate) mod init;
pub(crate) mod maintenance;
pub(crate) mod offers;
pub(crate) mod offline_message;
pub(crate) mod other_devices;
pub(crate) mod poll;
pub(crate) mod postback;
pub(crate) mod properties;
pub(crate) mod queue;
pub(crate) mod queue_updates;
pub(crate) mod rate;
mod recent_events;
pub(crate) mod records;
pub(crate) mod retention;
pub(crate) mod seen;
pub(crate) mod send_event;
pub(crate) mod session;
pub(crate) mod site;
pub(crate) mod staff;
pub(crate) mod start;
pub(crate) mod tags;
mod transcript;
pub(crate) mod transfer;
pub(crate) mod typing;
mod unit_of_work;
pub(crate) mod visitor_event;

pub(crate) use recent_events::EVENTS_MAX;
pub(crate) use session::Credentials;
pub(crate) use unit_of_work::UnitOfWork;

use crate::{limits::Exceeded, store::StoreError};

/// Why a use case was not carried out. The texts are safe to send and to log:
/// they name fields and limits, and never contain what somebody wrote.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    /// The request cannot be understood or breaks a limit.
    #[error("{0}")]
    Invalid(String),
    /// The session does not exist, or has ended.
    #[error("the session is not valid")]
    SessionGone,
    /// The session is served by another process, or the request has an old
    /// affinity token: the client has to call `ReconnectSession`.
    #[error("the affinity token has changed")]
    AffinityChanged,
    /// The session had a poll open already; the chat was ended.
    #[error("a duplicate long poll has ended the chat")]
    DuplicatePoll,
    /// The caller is not allowed to do this.
    #[error("{0}")]
    Forbidden(&'static str),
    /// The named thing does not exist, or is not the caller's to see.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// A file has more bytes than allowed.
    #[error("{0}")]
    TooLarge(String),
    /// The deployment does not allow files of this type, or the bytes are not
    /// of the type they appear to be.
    #[error("{0}")]
    UnsupportedType(String),
    /// Somebody else wrote something that the agent had not seen.
    #[error("somebody else wrote since after_event_id")]
    NewerEvents,
    /// The chat's newest thread has ended.
    #[error("the chat is not active")]
    ChatInactive,
    /// The session, its deployment or all together use too much.
    #[error(transparent)]
    LimitExceeded(#[from] Exceeded),
    #[error(transparent)]
    Store(#[from] StoreError),
}

pub(crate) type Result<T> = std::result::Result<T, Refusal>;

pub(crate) fn invalid(text: impl Into<String>) -> Refusal {
    Refusal::Invalid(text.into())
}
