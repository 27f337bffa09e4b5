//! Chats, their threads, and the short form of both for listings (Agent Chat API, Other
//! common structures). Which thread is the current one, and who may see it, is not
//! known here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::event::{Event, Properties};
use crate::id::{AgentId, ChatId, ThreadId, UserId};
use crate::lenient;
use crate::record::Record;
use crate::user::User;
use crate::window;

/// Which groups of agents may see something.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Access {
    /// Group 0 means all agents.
    pub group_ids: Vec<i64>,
}

/// A thread's place in the queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Queue {
    /// 1 is the next to be served.
    #[serde(deserialize_with = "lenient::integer")]
    pub position: i64,
    /// In seconds, approximately; -1 when it cannot be said.
    #[serde(deserialize_with = "lenient::integer")]
    pub wait_time: i64,
    /// RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub queued_at: Option<String>,
    /// Ours: which agent is asked to accept it before others are; absent where nobody is. Pushes of
    /// places leave it out: `chat_offered` tells when it changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer: Option<Offer>,
}

/// A waiting chat is offered to one agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Offer {
    /// Who is asked.
    pub agent_id: AgentId,
    /// RFC 3339: when the next one is asked.
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub until: String,
}

/// One conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Thread {
    /// Names the thread.
    pub id: ThreadId,
    /// RFC 3339.
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub created_at: String,
    /// False once it is closed.
    pub active: bool,
    /// Who is or was in it.
    #[serde(default)]
    pub user_ids: Vec<UserId>,
    /// Why the events are not shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restricted_access: Option<String>,
    /// In their order; absent when `restricted_access` is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<Event>>,
    /// What other programs note on the thread.
    #[serde(
        default,
        deserialize_with = "window::skips",
        skip_serializing_if = "Option::is_none"
    )]
    pub properties: Option<Properties>,
    /// Which groups may see it.
    #[serde(
        default,
        deserialize_with = "window::skips",
        skip_serializing_if = "Option::is_none"
    )]
    pub access: Option<Access>,
    /// Words by which it can be found.
    #[serde(
        default,
        deserialize_with = "window::skips",
        skip_serializing_if = "Option::is_none"
    )]
    pub tags: Option<Vec<String>>,
    /// Only while it waits for an agent.
    #[serde(
        default,
        deserialize_with = "window::skips",
        skip_serializing_if = "Option::is_none"
    )]
    pub queue: Option<Queue>,
    /// In seconds: how long it waited in all.
    #[serde(
        default,
        deserialize_with = "lenient::optional_integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub queues_duration: Option<i64>,
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
    /// The nearest before that the asking agent may see; in `list_archives` only.
    #[serde(
        default,
        deserialize_with = "window::skips",
        skip_serializing_if = "Option::is_none"
    )]
    pub previous_accessible_thread_id: Option<ThreadId>,
    /// The nearest after that the asking agent may see; in `list_archives` only.
    #[serde(
        default,
        deserialize_with = "window::skips",
        skip_serializing_if = "Option::is_none"
    )]
    pub next_accessible_thread_id: Option<ThreadId>,
    /// Ours: the visitor's answers by the transcript fields to which the site saves them, without
    /// those that are hidden from agents.
    #[serde(
        default,
        deserialize_with = "window::skips",
        skip_serializing_if = "Option::is_none"
    )]
    pub transcript_fields: Option<BTreeMap<String, String>>,
    /// Ours: the records that are attached to it.
    #[serde(
        default,
        deserialize_with = "window::skips",
        skip_serializing_if = "Option::is_none"
    )]
    pub records: Option<Vec<Record>>,
    /// Ours, in a visitor's history only: who is or was in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub users: Option<Vec<User>>,
    /// Ours: there are events before these, which did not fit into the answer.
    #[serde(
        default,
        deserialize_with = "lenient::boolean_or_false",
        skip_serializing_if = "std::ops::Not::not"
    )]
    pub has_earlier_events: bool,
}

/// A thread without its events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ThreadSummary {
    /// Names the thread.
    pub id: ThreadId,
    /// RFC 3339.
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub created_at: String,
    /// False once it is closed.
    pub active: bool,
    /// Who is or was in it.
    #[serde(default)]
    pub user_ids: Vec<UserId>,
    /// What other programs note on the thread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub properties: Option<Properties>,
    /// Which groups may see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access: Option<Access>,
    /// Words by which it can be found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    /// Only while it waits for an agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<Queue>,
}

/// A customer's relation with the site, with one thread or several.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Chat {
    /// Names the chat.
    pub id: ChatId,
    /// One thread: `get_chat`, `list_archives` and pushes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<Thread>,
    /// Several threads: the documentation's sample.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threads: Option<Vec<Thread>>,
    /// Everybody who is or was in it.
    #[serde(default)]
    pub users: Vec<User>,
    /// What other programs note on the chat. The documentation's sample misspells the key, so
    /// that is read too, and never written.
    #[serde(alias = "properites", default, skip_serializing_if = "Option::is_none")]
    pub properties: Option<Properties>,
    /// Which groups may see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access: Option<Access>,
    /// Whether the asking agent follows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_followed: Option<bool>,
}

/// A chat as one line of a listing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChatSummary {
    /// Names the chat.
    pub id: ChatId,
    /// The newest thread; absent when there was none yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_thread_summary: Option<ThreadSummary>,
    /// Everybody who is or was in it.
    #[serde(default)]
    pub users: Vec<User>,
    /// The newest event of each kind, by the `type` word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_event_per_type: Option<BTreeMap<String, LastEvent>>,
    /// As in [`Chat`].
    #[serde(alias = "properites", default, skip_serializing_if = "Option::is_none")]
    pub properties: Option<Properties>,
    /// Which groups may see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access: Option<Access>,
    /// Whether the asking agent follows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_followed: Option<bool>,
}

/// The newest event of a kind, and where it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LastEvent {
    /// The event's thread.
    pub thread_id: ThreadId,
    /// RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread_created_at: Option<String>,
    /// Why the event is not shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restricted_access: Option<String>,
    /// Absent when `restricted_access` is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<Event>,
}

impl Chat {
    /// The threads, however they came.
    pub fn threads(&self) -> impl Iterator<Item = &Thread> {
        self.thread.iter().chain(self.threads.iter().flatten())
    }
}
