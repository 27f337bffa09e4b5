//! The visitor's session as a machine: `handle(now, input) -> outputs`.
//!
//! It decides everything that is hard about a chat client: order, retries,
//! duplicates, hand-over, and what is displayed. It does nothing itself: it has no
//! browser, no JSON, no HTTP codes, no clock, no randomness, no tasks, and no words
//! that a person reads. It has no errors and cannot panic: a fault is an input, and
//! something unexpected is an [`Output::Report`].
//!
//! [`Session`] is the visitor's session with the endpoint and knows of no tabs.
//! [`tabs::Tab`] runs it in one of the visitor's tabs and mirrors it in the others.

mod backoff;
mod callback;
mod change;
mod clock;
mod idle;
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
mod visit;

pub use change::{AgentCard, Change, Connection, EndedBy, FailReason, History, PastThread, Stage};
pub use intent::{Intent, LeftMessage};
pub use line::{Attachment, Author, Body, FailedBecause, Line, LineId, Notice, Press, SendState};
pub use mirror::Mirror;
pub use prechat::{Answer, FieldError, MESSAGE_FIELD};
pub use saved::{OutgoingEvent, Pending, Saved, SavedSession, Unsent};
pub use session::{
    Boot, BrowserInfo, Call, Credentials, Device, Fault, HistoryWait, Input, Output, PastThreads,
    Posted, Reply, Report, Request, RequestId, Session, StateUpdate, ThreadPage, UploadOutcome,
};
pub use shared::Shared;
pub use translate::moment;
pub use visit::Page;

/// Milliseconds since 1970, or a duration in milliseconds. Times are by the device's
/// clock where a driver sees them, and by the machine's own clock inside it.
pub type Millis = u64;
