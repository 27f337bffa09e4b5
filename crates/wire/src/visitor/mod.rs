//! The visitor face: every request, answer, poll message, header and status of
//! the Chat REST API, with the tolerances of `docs/PROTOCOL.md`.
//!
//! This module reads and writes JSON values. It does not know what a message
//! means, or how it travels. Unknown kinds are kept, unknown fields ignored.

pub mod control;
mod detail;
mod history;
mod markdown;
mod message;
mod reply;
mod request;

pub use detail::{CustomDetail, Entity, EntityFieldsMap, GeoLocation, TranscriptEntry};
pub use history::{GoalReached, History, ThreadOfHistory, ThreadSeen};
pub use markdown::{Node, NodeKind};
pub use message::{
    AgentMessage, AgentTyping, Batch, ChasitorSessionData, ChatEnded, ChatEstablished,
    ChatRequestFail, ChatRequestSuccess, ChatTransferred, FileTransfer, IdleTimeoutSettings,
    Message, NewVisitorBreadcrumb, QueueUpdate, SensitiveDataRule, SensitiveDataRules,
};
pub use reply::{
    Availability, AvailabilityResult, Button, CallbackOffer, FilePolicy, GoalPage, Goals, Presence,
    ReconnectSession, SessionIdReply, Settings, SwitchServer, VisitorIdReply, Welcome, Wrapped,
};
pub use request::{
    Breadcrumb, ChasitorInit, ChatEnd, ChatMessage, CustomEvent, IdleTimeoutWarning, MultiNoun,
    Noun, OfflineMessage, ResyncState, SneakPeek,
};

/// Request headers (Chat REST API, chapter 3) and ours.
pub mod header {
    /// The Salesforce API version of the request; 29 to 66 were seen.
    pub const API_VERSION: &str = "x-liveagent-api-version";
    /// Names the server that holds the session; the literal `null` at first.
    pub const AFFINITY: &str = "x-liveagent-affinity";
    /// The session's secret. Never in a URL, never in a log.
    pub const SESSION_KEY: &str = "x-liveagent-session-key";
    /// Counts every POST of a session, from 1.
    pub const SEQUENCE: &str = "x-liveagent-sequence";
    /// Ours: the `visitorId` of `ChatRequestSuccess`, for a visitor's history. As
    /// secret as a session's key.
    pub const VISITOR_ID: &str = "x-chat-visitor-id";
    /// The token with which the site vouches for the visitor (`docs/PROTOCOL.md`, 5,
    /// Identity).
    pub const IDENTITY_TOKEN: &str = "x-chat-identity-token";
    /// Ours, on a POST's answer: the id of the event it wrote.
    pub const EVENT_ID: &str = "x-chat-event-id";
    /// Ours, on a POST's answer: the event's number in its thread.
    pub const POSITION: &str = "x-chat-position";
    /// Ours, on a POST's answer: when the event was written.
    pub const CREATED_AT: &str = "x-chat-created-at";
    /// Ours, on every 200 and 204: the newest position of the session.
    pub const LATEST_OFFSET: &str = "x-chat-latest-offset";
}

/// The API version that our own client names.
pub const API_VERSION: u32 = 56;

/// Status codes (Chat REST API, chapter 10), by their meaning here.
pub mod status {
    pub const OK: u16 = 200;
    /// For POST by the documentation; ours answers 200, which is what clients accept.
    pub const ACCEPTED: u16 = 202;
    /// A poll that found nothing: poll again with the same `ack`.
    pub const NO_CONTENT: u16 = 204;
    pub const BAD_REQUEST: u16 = 400;
    /// The session is not valid.
    pub const FORBIDDEN: u16 = 403;
    pub const NOT_FOUND: u16 = 404;
    pub const METHOD_NOT_ALLOWED: u16 = 405;
    /// A second poll was opened: the chat is over.
    pub const DUPLICATE_POLL: u16 = 409;
    pub const BODY_TOO_LARGE: u16 = 413;
    pub const INTERNAL: u16 = 500;
    /// The affinity token has changed: `ReconnectSession`.
    pub const AFFINITY_CHANGED: u16 = 503;
}
