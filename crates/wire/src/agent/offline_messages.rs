//! Ours: messages that visitors have left while nobody was there. Each is a closed thread; it
//! is read by `get_chat` and answered by `send_event` with its `thread_id`.

use serde::{Deserialize, Serialize};

use super::{Action, Done};
use crate::callback::Callback;
use crate::id::{ChatId, ThreadId};
use crate::lenient;
use crate::word::words;

/// Asks for the messages that are open, oldest first, or for the callbacks that are, by the
/// time at which they are due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ListOfflineMessages {
    /// Callbacks, and no other messages.
    #[serde(default, deserialize_with = "lenient::boolean_or_false")]
    pub callbacks: bool,
}

impl Action for ListOfflineMessages {
    const NAME: &'static str = "list_offline_messages";
    type Reply = OfflineMessages;
}

/// The reply to [`ListOfflineMessages`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OfflineMessages {
    /// The first: at most a hundred, and no more than one answer holds.
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    pub messages: Vec<OfflineMessage>,
    /// How many are open.
    #[serde(default, deserialize_with = "lenient::count")]
    pub total: u64,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OfflineMessage {
    /// The visitor's chat.
    pub chat_id: ChatId,
    /// The message's thread.
    pub thread_id: ThreadId,
    /// RFC 3339.
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub created_at: String,
    /// The visitor's name, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The message.
    pub text: String,
    /// Nobody has answered it or marked it as done.
    #[serde(deserialize_with = "lenient::boolean")]
    pub is_open: bool,
    /// The visitor wants to be called back; the text is the note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callback: Option<Callback>,
    /// RFC 3339: when a callback is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub due_at: Option<String>,
    /// What became of a callback that is not open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<CallbackOutcome>,
}

words! {
    /// What became of a callback.
    pub enum CallbackOutcome {
        /// The visitor was called back.
        Done => "done",
        /// The visitor was called, and not reached.
        Missed => "missed",
    }
}

/// Marks a message as done, or opens it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UpdateOfflineMessage {
    /// In which chat.
    pub chat_id: ChatId,
    /// Which message.
    pub thread_id: ThreadId,
    /// False when nothing is left to be done.
    #[serde(deserialize_with = "lenient::boolean")]
    pub is_open: bool,
    /// What became of a callback; done, if it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<CallbackOutcome>,
    /// RFC 3339: when a callback that is open again is due; if it is left out, at the next time
    /// that suits the visitor, or in an hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub due_at: Option<String>,
}

impl Action for UpdateOfflineMessage {
    const NAME: &'static str = "update_offline_message";
    type Reply = Done;
}

/// A message was left, answered, marked as done, or opened again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OfflineMessageUpdated {
    /// As it is now.
    pub message: OfflineMessage,
}
