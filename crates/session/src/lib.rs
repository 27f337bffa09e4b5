//! The visitor's session as a machine: `handle(now, input) -> outputs`.
//!
//! It decides everything that is hard about a chat client (order, retries,
//! doubles, hand-over, what the visitor is told) and does nothing itself: no
//! browser, no JSON, no HTTP codes, no clock, no randomness, no tasks, and no
//! words that a person reads. It has no errors and cannot panic: a fault is an
//! input, a surprise is an [`Output::Report`].

mod backoff;
mod change;
mod clock;
mod intent;
mod lane;
pub mod limits;
mod line;
mod mirror;
mod outbox;
mod prechat;
mod saved;
mod session;
mod shared;
pub mod tabs;
mod transcript;
mod translate;
mod typing;

pub use change::{AgentCard, Change, Connection, EndedBy, FailReason, History, PastThread, Stage};
pub use intent::Intent;
pub use line::{Attachment, Author, Body, FailedBecause, Line, LineId, Notice, Press, SendState};
pub use mirror::Mirror;
pub use prechat::{Answer, FieldError};
pub use saved::{OutgoingEvent, Pending, Saved, SavedSession, Unsent};
pub use session::{
    Boot, BrowserInfo, Call, Credentials, Fault, Input, Output, Posted, Reply, Report, Request,
    RequestId, Session, StateUpdate, ThreadPage, UploadOutcome,
};
pub use shared::Shared;
pub use translate::moment;

/// Milliseconds since 1970, as the driver's clock says.
pub type Millis = u64;
