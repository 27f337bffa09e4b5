//! Ours: messages that visitors have left while nobody was there. Each is a closed thread; it
//! is read by `get_chat` and answered by `send_event` with its `thread_id`.

use serde::{Deserialize, Serialize};

use super::{Action, Done};
use crate::id::{ChatId, ThreadId};
use crate::lenient;

/// Asks for the messages that are open, oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ListOfflineMessages {}

impl Action for ListOfflineMessages {
    const NAME: &'static str = "list_offline_messages";
    type Reply = OfflineMessages;
}

/// The reply to [`ListOfflineMessages`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct OfflineMessages {
    /// The oldest: at most a hundred, and no more than one answer holds.
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    pub messages: Vec<OfflineMessage>,
    /// How many are open.
    #[serde(default, deserialize_with = "lenient::count")]
    pub total: u64,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfflineMessage {
    /// The visitor's chat.
    pub chat_id: ChatId,
    /// The message's thread.
    pub thread_id: ThreadId,
    /// RFC 3339.
    pub created_at: String,
    /// The visitor's name, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The message.
    pub text: String,
    /// Nobody has answered it or marked it as done.
    #[serde(deserialize_with = "lenient::boolean")]
    pub is_open: bool,
}

/// Marks a message as done, or opens it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpdateOfflineMessage {
    /// In which chat.
    pub chat_id: ChatId,
    /// Which message.
    pub thread_id: ThreadId,
    /// False when nothing is left to be done.
    #[serde(deserialize_with = "lenient::boolean")]
    pub is_open: bool,
}

impl Action for UpdateOfflineMessage {
    const NAME: &'static str = "update_offline_message";
    type Reply = Done;
}

/// A message was left, answered, marked as done, or opened again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfflineMessageUpdated {
    /// As it is now.
    pub message: OfflineMessage,
}
