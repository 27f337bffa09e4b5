//! Actions on a chat as a whole: open it, open it again, close it, hand it on.

use serde::{Deserialize, Serialize};

use super::{Action, Done};
use crate::chat::Access;
use crate::event::{Event, Properties};
use crate::id::{ChatId, EventId, ThreadId};
use crate::lenient;
use crate::loose::Loose;
use crate::user::User;
use crate::word::words;

/// Opens a new chat.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StartChat {
    /// What it begins with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chat: Option<InitialChat>,
    /// False makes a thread that is closed from the start; the default is true.
    #[serde(
        default,
        deserialize_with = "lenient::optional_boolean",
        skip_serializing_if = "Option::is_none"
    )]
    pub active: Option<bool>,
    /// Without the need of an agent who is here; the default is false.
    #[serde(
        default,
        deserialize_with = "lenient::optional_boolean",
        skip_serializing_if = "Option::is_none"
    )]
    pub continuous: Option<bool>,
}

impl Action for StartChat {
    const NAME: &'static str = "start_chat";
    type Reply = ChatStarted;
}

/// Opens a new thread in a chat that has none open.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ResumeChat {
    /// Which chat, by its `id`, and what the thread begins with.
    pub chat: InitialChat,
    /// As in [`StartChat`].
    #[serde(
        default,
        deserialize_with = "lenient::optional_boolean",
        skip_serializing_if = "Option::is_none"
    )]
    pub active: Option<bool>,
    /// As in [`StartChat`]; leaves it as it is when absent.
    #[serde(
        default,
        deserialize_with = "lenient::optional_boolean",
        skip_serializing_if = "Option::is_none"
    )]
    pub continuous: Option<bool>,
}

impl Action for ResumeChat {
    const NAME: &'static str = "resume_chat";
    type Reply = ChatResumed;
}

/// What a chat begins with.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InitialChat {
    /// Which chat, when it is opened again. Some clients write `""` for a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<ChatId>,
    /// The group that may see it: one number, 0 for all agents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access: Option<Access>,
    /// What programs note on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub properties: Option<Properties>,
    /// What the first thread begins with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<InitialThread>,
    /// Who is in it besides the agent who asks: agents, and at most one customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_items = 101))]
    pub users: Option<Vec<User>>,
}

/// What a thread begins with.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InitialThread {
    /// In their order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_items = 100))]
    pub events: Option<Vec<Event>>,
    /// What programs note on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub properties: Option<Properties>,
    /// Words by which it can be found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_items = 50))]
    pub tags: Option<Vec<String>>,
}

/// The reply to [`StartChat`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChatStarted {
    /// The new chat.
    pub chat_id: ChatId,
    /// Its first thread.
    pub thread_id: ThreadId,
    /// Of the events that it begins with, in their order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_ids: Option<Vec<EventId>>,
}

/// The reply to [`ResumeChat`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChatResumed {
    /// The new thread.
    pub thread_id: ThreadId,
    /// Of the events that it begins with, in their order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_ids: Option<Vec<EventId>>,
}

/// Closes the open thread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeactivateChat {
    /// Which chat: `id` on the wire; `chat_id` is read too.
    #[serde(rename = "id", alias = "chat_id")]
    pub chat_id: ChatId,
    /// Also when the agent who asks is not in the chat; the default is false.
    #[serde(
        default,
        deserialize_with = "lenient::optional_boolean",
        skip_serializing_if = "Option::is_none"
    )]
    pub ignore_requester_presence: Option<bool>,
}

impl Action for DeactivateChat {
    const NAME: &'static str = "deactivate_chat";
    type Reply = Done;
}

/// Keeps an eye on a chat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FollowChat {
    /// Which chat: `id` on the wire; `chat_id` is read too.
    #[serde(rename = "id", alias = "chat_id")]
    pub chat_id: ChatId,
}

impl Action for FollowChat {
    const NAME: &'static str = "follow_chat";
    type Reply = Done;
}

/// Keeps an eye on it no longer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UnfollowChat {
    /// Which chat: `id` on the wire; `chat_id` is read too.
    #[serde(rename = "id", alias = "chat_id")]
    pub chat_id: ChatId,
}

impl Action for UnfollowChat {
    const NAME: &'static str = "unfollow_chat";
    type Reply = Done;
}

/// Hands the chat on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TransferChat {
    /// Which chat: `id` on the wire; `chat_id` is read too.
    #[serde(rename = "id", alias = "chat_id")]
    pub chat_id: ChatId,
    /// To whom; within the present group when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<TransferTarget>,
    /// Also when nobody there takes chats now; the default is false.
    #[serde(
        default,
        deserialize_with = "lenient::optional_boolean",
        skip_serializing_if = "Option::is_none"
    )]
    pub ignore_agents_availability: Option<bool>,
    /// Also when the agent who asks is not in the chat; the default is false.
    #[serde(
        default,
        deserialize_with = "lenient::optional_boolean",
        skip_serializing_if = "Option::is_none"
    )]
    pub ignore_requester_presence: Option<bool>,
    /// Ours: a private note for whoever gets the chat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Action for TransferChat {
    const NAME: &'static str = "transfer_chat";
    type Reply = Done;
}

/// To whom a chat is handed on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TransferTarget {
    /// What the ids name.
    #[serde(rename = "type")]
    pub kind: TargetKind,
    /// Agents by their ids, groups by their numbers.
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 100))]
    pub ids: Vec<Loose>,
}

words! {
    /// What a chat is handed on to.
    pub enum TargetKind {
        /// One agent.
        Agent => "agent",
        /// Whoever of a group takes it.
        Group => "group",
    }
}
