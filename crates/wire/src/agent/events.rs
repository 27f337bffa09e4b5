//! Actions within a chat: say something, press a button, be seen typing, have seen.

use serde::{Deserialize, Serialize};

use super::{Action, Done};
use crate::event::{Event, Toggled, Visibility};
use crate::id::{ChatId, EventId, ThreadId};
use crate::lenient;

/// Adds an event to the open thread.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
    /// Ours: the newest event that the agent had seen. Has somebody else said something
    /// since, it is not sent; always sent when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_event_id: Option<EventId>,
    /// Ours: to this thread of the chat, whether it is open or not: so a message that was left,
    /// or a chat that is over, is answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread_id: Option<ThreadId>,
}

impl Action for SendEvent {
    const NAME: &'static str = "send_event";
    type Reply = EventSent;
}

/// The reply to [`SendEvent`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EventSent {
    /// The event as it is kept.
    pub event_id: EventId,
}

/// Says that the agent has pressed a button of a rich message, or let it go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SendRichMessagePostback {
    /// In which chat.
    pub chat_id: ChatId,
    /// The thread with the rich message.
    pub thread_id: ThreadId,
    /// The rich message.
    pub event_id: EventId,
    /// Which button, and how it is now.
    pub postback: Toggled,
}

impl Action for SendRichMessagePostback {
    const NAME: &'static str = "send_rich_message_postback";
    type Reply = Done;
}

/// Says that the agent is typing, or no longer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MarkEventsAsSeen {
    /// In which chat.
    pub chat_id: ChatId,
    /// RFC 3339: the `created_at` of the newest event that was seen.
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub seen_up_to: String,
}

impl Action for MarkEventsAsSeen {
    const NAME: &'static str = "mark_events_as_seen";
    type Reply = Done;
}
