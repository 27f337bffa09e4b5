//! Actions on properties: set some, or delete some, of a chat, a thread or an event.

use serde::{Deserialize, Serialize};

use super::{Action, Done};
use crate::event::{Properties, PropertyNames};
use crate::id::{ChatId, EventId, ThreadId};

/// Sets properties of a chat.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UpdateChatProperties {
    /// Which chat: `id` on the wire; `chat_id` is read too.
    #[serde(rename = "id", alias = "chat_id")]
    pub chat_id: ChatId,
    /// Those to set; others stay as they are.
    pub properties: Properties,
}

impl Action for UpdateChatProperties {
    const NAME: &'static str = "update_chat_properties";
    type Reply = Done;
}

/// Deletes properties of a chat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeleteChatProperties {
    /// Which chat: `id` on the wire; `chat_id` is read too.
    #[serde(rename = "id", alias = "chat_id")]
    pub chat_id: ChatId,
    /// Those to delete; one that is not there is deleted already.
    pub properties: PropertyNames,
}

impl Action for DeleteChatProperties {
    const NAME: &'static str = "delete_chat_properties";
    type Reply = Done;
}

/// Sets properties of a thread.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UpdateThreadProperties {
    /// In which chat.
    pub chat_id: ChatId,
    /// Which thread.
    pub thread_id: ThreadId,
    /// Those to set; others stay as they are.
    pub properties: Properties,
}

impl Action for UpdateThreadProperties {
    const NAME: &'static str = "update_thread_properties";
    type Reply = Done;
}

/// Deletes properties of a thread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeleteThreadProperties {
    /// In which chat.
    pub chat_id: ChatId,
    /// Which thread.
    pub thread_id: ThreadId,
    /// Those to delete; one that is not there is deleted already.
    pub properties: PropertyNames,
}

impl Action for DeleteThreadProperties {
    const NAME: &'static str = "delete_thread_properties";
    type Reply = Done;
}

/// Sets properties of an event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UpdateEventProperties {
    /// In which chat.
    pub chat_id: ChatId,
    /// In which thread.
    pub thread_id: ThreadId,
    /// Which event.
    pub event_id: EventId,
    /// Those to set; others stay as they are.
    pub properties: Properties,
}

impl Action for UpdateEventProperties {
    const NAME: &'static str = "update_event_properties";
    type Reply = Done;
}

/// Deletes properties of an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeleteEventProperties {
    /// In which chat.
    pub chat_id: ChatId,
    /// In which thread.
    pub thread_id: ThreadId,
    /// Which event.
    pub event_id: EventId,
    /// Those to delete; one that is not there is deleted already.
    pub properties: PropertyNames,
}

impl Action for DeleteEventProperties {
    const NAME: &'static str = "delete_event_properties";
    type Reply = Done;
}
