//! Actions within a chat: say something, be seen typing, have seen.

use serde::{Deserialize, Serialize};

use super::{Action, Done};
use crate::event::{Event, Visibility};
use crate::id::{ChatId, EventId};
use crate::lenient;

/// Adds an event to the open thread.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SendEvent {
    /// Which chat.
    pub chat_id: ChatId,
    /// What; id, time and author are the server's to give.
    pub event: Event,
    /// To the last thread if none is open, instead of failing; the default is false.
    #[serde(
        default,
        deserialize_with = "lenient::optional_boolean",
        skip_serializing_if = "Option::is_none"
    )]
    pub attach_to_last_thread: Option<bool>,
}

impl Action for SendEvent {
    const NAME: &'static str = "send_event";
    type Reply = EventSent;
}

/// The reply to [`SendEvent`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventSent {
    /// The event as it is kept.
    pub event_id: EventId,
}

/// Says that the agent is typing, or no longer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendTypingIndicator {
    /// In which chat.
    pub chat_id: ChatId,
    /// Whether they are typing now.
    #[serde(deserialize_with = "lenient::boolean")]
    pub is_typing: bool,
    /// Who sees it; everybody when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visibility: Option<Visibility>,
}

impl Action for SendTypingIndicator {
    const NAME: &'static str = "send_typing_indicator";
    type Reply = Done;
}

/// Says that the agent has seen all events up to a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarkEventsAsSeen {
    /// In which chat.
    pub chat_id: ChatId,
    /// RFC 3339: the `created_at` of the newest event that was seen.
    pub seen_up_to: String,
}

impl Action for MarkEventsAsSeen {
    const NAME: &'static str = "mark_events_as_seen";
    type Reply = Done;
}
