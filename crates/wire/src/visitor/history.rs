//! What a visitor is told of earlier conversations (`docs/PROTOCOL.md`, 5). A thread
//! with its events is a `Thread` of the Agent Chat API.

use serde::{Deserialize, Serialize};

use crate::event::Event;
use crate::id::{ChatId, ThreadId};
use crate::{lenient, window};

/// All threads of one visitor.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct History {
    /// Absent while the visitor has no chat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chat_id: Option<ChatId>,
    /// Newest first.
    pub threads: Vec<ThreadOfHistory>,
    /// Another one each time that a thread or an event is added. A request that names it
    /// as `known` can be held until then.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub version: String,
}

/// One thread, without its events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ThreadOfHistory {
    /// Names the thread.
    pub id: ThreadId,
    /// RFC 3339.
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub created_at: String,
    /// False once it is closed.
    pub active: bool,
    /// The one before, if there is one.
    #[serde(
        default,
        deserialize_with = "window::skips",
        skip_serializing_if = "Option::is_none"
    )]
    pub previous_thread_id: Option<ThreadId>,
    /// The one after, if there is one.
    #[serde(
        default,
        deserialize_with = "window::skips",
        skip_serializing_if = "Option::is_none"
    )]
    pub next_thread_id: Option<ThreadId>,
    /// Why its events are not shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restricted_access: Option<String>,
    /// The newest event that somebody wrote; absent when `restricted_access` is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_event: Option<Event>,
    /// How many answers the visitor has not seen: messages of agents that were written after
    /// the thread was closed.
    #[serde(
        default,
        deserialize_with = "lenient::count",
        skip_serializing_if = "is_zero"
    )]
    pub unread: u64,
}

#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// The visitor has seen a thread up to a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ThreadSeen {
    /// RFC 3339, as an event's `created_at`.
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub seen_up_to: String,
}

/// The visitor has reached a goal of the site (`Visitor/Goal`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GoalReached {
    /// The name of the goal in the settings file.
    #[cfg_attr(
        feature = "openapi",
        schema(max_length = 340, examples("Order placed"))
    )]
    pub goal: String,
}
