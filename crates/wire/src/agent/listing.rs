//! Actions that read: chats, threads and archives, page by page. A `page_id` is opaque
//! and excludes the other parameters.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Action;
use crate::chat::{Chat, ChatSummary, Thread};
use crate::id::{ChatId, EventId, ThreadId};
use crate::lenient;
use crate::tagged::Fields;
use crate::word::words;

words! {
    /// Newest or oldest first.
    pub enum SortOrder {
        /// Oldest first.
        Ascending => "asc",
        /// Newest first; the default.
        Descending => "desc",
    }
}

/// Summaries of the chats that the agent has access to.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ListChats {
    /// Which chats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filters: Option<ChatFilters>,
    /// By the creation of the last thread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort_order: Option<SortOrder>,
    /// Per page: 10 when absent, at most 100.
    #[serde(
        default,
        deserialize_with = "lenient::optional_count",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 100))]
    pub limit: Option<u64>,
    /// A page of an earlier listing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_id: Option<String>,
}

impl Action for ListChats {
    const NAME: &'static str = "list_chats";
    type Reply = ChatList;
}

/// Which chats to list.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChatFilters {
    /// Chats with an open thread too; the default is true.
    #[serde(
        default,
        deserialize_with = "lenient::optional_boolean",
        skip_serializing_if = "Option::is_none"
    )]
    pub include_active: Option<bool>,
    /// Chats without any thread too; the default is false.
    #[serde(
        default,
        deserialize_with = "lenient::optional_boolean",
        skip_serializing_if = "Option::is_none"
    )]
    pub include_chats_without_threads: Option<bool>,
    /// Chats of these groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_ids: Option<Vec<i64>>,
    /// Chats with these properties: namespace → name → [`Match`].
    #[cfg_attr(feature = "openapi", schema(ignore))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub properties: Option<Fields>,
}

/// The reply to [`ListChats`].
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChatList {
    /// The chats of this page.
    pub chats_summary: Vec<ChatSummary>,
    /// Of all pages together.
    #[serde(default, deserialize_with = "lenient::count")]
    pub found_chats: u64,
    /// Absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_page_id: Option<String>,
    /// Absent on the first page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_page_id: Option<String>,
}

/// The threads of one chat, with their events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ListThreads {
    /// Of this chat.
    pub chat_id: ChatId,
    /// By creation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort_order: Option<SortOrder>,
    /// Per page: 3 when absent, at most 100.
    #[serde(
        default,
        deserialize_with = "lenient::optional_count",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 100))]
    pub limit: Option<u64>,
    /// A page of an earlier listing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_id: Option<String>,
    /// As many threads as bring together that many events, 1 to 100; excludes `limit`.
    #[serde(
        default,
        deserialize_with = "lenient::optional_count",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 100))]
    pub min_events_count: Option<u64>,
    /// Which threads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filters: Option<ThreadFilters>,
}

impl Action for ListThreads {
    const NAME: &'static str = "list_threads";
    type Reply = ThreadList;
}

/// Which threads to list.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ThreadFilters {
    /// RFC 3339, inclusive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub from: Option<String>,
    /// RFC 3339, inclusive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub to: Option<String>,
}

/// The reply to [`ListThreads`].
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ThreadList {
    /// The threads of this page.
    pub threads: Vec<Thread>,
    /// Of all pages together.
    #[serde(default, deserialize_with = "lenient::count")]
    pub found_threads: u64,
    /// Absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_page_id: Option<String>,
    /// Absent on the first page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_page_id: Option<String>,
}

/// One chat with one thread; the reply is a [`Chat`] with `thread`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GetChat {
    /// Which chat.
    pub chat_id: ChatId,
    /// Which thread; the newest when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread_id: Option<ThreadId>,
    /// Ours: only events before this one, for a thread of `has_earlier_events`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events_before: Option<EventId>,
}

impl Action for GetChat {
    const NAME: &'static str = "get_chat";
    type Reply = Chat;
}

/// Chats with one thread each, found by what is in them.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ListArchives {
    /// Which threads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filters: Option<ArchiveFilters>,
    /// By the creation of the thread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort_order: Option<SortOrder>,
    /// Per page: 10 when absent, at most 100.
    #[serde(
        default,
        deserialize_with = "lenient::optional_count",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 100))]
    pub limit: Option<u64>,
    /// A page of an earlier listing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_id: Option<String>,
}

impl Action for ListArchives {
    const NAME: &'static str = "list_archives";
    type Reply = ArchiveList;
}

/// Which threads to find.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ArchiveFilters {
    /// RFC 3339, inclusive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub from: Option<String>,
    /// RFC 3339, inclusive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub to: Option<String>,
    /// Words in what was said, and names of who said it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(ignore))]
    pub query: Option<String>,
    /// Threads of these groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_ids: Option<Vec<i64>>,
    /// These threads; excludes the other filters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(ignore))]
    pub thread_ids: Option<Vec<ThreadId>>,
    /// Threads of these chats (version 3.6).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(ignore))]
    pub chat_ids: Option<Vec<ChatId>>,
    /// Threads with these agents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agents: Option<Match>,
    /// Threads with these tags.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(ignore))]
    pub tags: Option<Match>,
    /// Threads with events of these types.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(ignore))]
    pub event_types: Option<Match>,
    /// Threads with these properties: namespace → name → [`Match`].
    #[cfg_attr(feature = "openapi", schema(ignore))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub properties: Option<Fields>,
}

/// A test of one value; one of the three is given.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Match {
    /// Whether there is a value at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exists: Option<bool>,
    /// It is one of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<String>>, max_items = 100))]
    pub values: Option<Vec<Value>>,
    /// It is none of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<String>>, max_items = 100))]
    pub exclude_values: Option<Vec<Value>>,
}

/// The reply to [`ListArchives`].
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ArchiveList {
    /// The chats of this page, each with `thread`.
    pub chats: Vec<Chat>,
    /// Of all pages together.
    #[serde(default, deserialize_with = "lenient::count")]
    pub found_chats: u64,
    /// Absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_page_id: Option<String>,
    /// Absent on the first page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_page_id: Option<String>,
}
