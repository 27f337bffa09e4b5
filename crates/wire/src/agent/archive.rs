//! Ours: the archive of conversations that are over, for agents: search, reports, and
//! whether somebody has dealt with a conversation. A conversation itself is read by
//! `get_chat` with its `thread_id`.

use serde::{Deserialize, Serialize};

use super::{Action, Done};
use crate::id::{AgentId, ChatId, ThreadId};
use crate::lenient;
use crate::word::words;

/// Searches the conversations of the agent's groups, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SearchArchive {
    /// As in the archive's own search (`docs/ARCHIVE.md`); empty for everything.
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    pub query: String,
    /// The page after another one, whose `next_page_id` this is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_id: Option<String>,
    /// 1 to 100, and 50 by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 100))]
    pub limit: Option<u64>,
}

impl Action for SearchArchive {
    const NAME: &'static str = "search_archive";
    type Reply = FoundArchive;
}

/// The reply to [`SearchArchive`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FoundArchive {
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    pub results: Vec<FoundThread>,
    /// How many there are on all pages; ten thousand stand for more.
    #[serde(default, deserialize_with = "lenient::count")]
    pub total: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_page_id: Option<String>,
}

/// A conversation that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FoundThread {
    pub chat_id: ChatId,
    pub thread_id: ThreadId,
    /// A message that was left, and no chat.
    #[serde(default, deserialize_with = "lenient::boolean_or_false")]
    pub is_message: bool,
    /// RFC 3339.
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub created_at: String,
    /// RFC 3339.
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub ended_at: String,
    /// The visitor's name, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Those who took part.
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    pub agent_names: Vec<String>,
    /// The group of agents, unless it is all agents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rating: Option<ThreadRating>,
    /// No agent has accepted it.
    #[serde(default, deserialize_with = "lenient::boolean_or_false")]
    pub missed: bool,
    /// It waits for somebody to deal with it.
    #[serde(default, deserialize_with = "lenient::boolean_or_false")]
    pub unread: bool,
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    pub tags: Vec<String>,
    /// Some of the text with the words that were searched for, or the beginning of the first
    /// message.
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    pub excerpt: Vec<ExcerptPart>,
}

words! {
    /// How the visitor has rated a conversation.
    pub enum ThreadRating {
        Good => "good",
        Bad => "bad",
    }
}

/// A part of an excerpt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExcerptPart {
    pub text: String,
    /// It was searched for.
    #[serde(default, deserialize_with = "lenient::boolean_or_false")]
    pub found: bool,
}

/// Marks a conversation that is over as read or unread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UpdateArchivedThread {
    pub thread_id: ThreadId,
    #[serde(deserialize_with = "lenient::boolean")]
    pub unread: bool,
}

impl Action for UpdateArchivedThread {
    const NAME: &'static str = "update_archived_thread";
    type Reply = Done;
}

/// Asks for sums of the conversations of the agent's groups that began in some days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GetArchiveReport {
    /// The first day, as `2026-11-01`.
    #[cfg_attr(feature = "openapi", schema(format = Date))]
    pub from: String,
    /// The last day. At most 400 intervals are between both.
    #[cfg_attr(feature = "openapi", schema(format = Date))]
    pub to: String,
    /// In which days begin, as `Europe/Berlin`; that of the archive when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<ReportInterval>,
    /// Of these groups alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_ids: Option<Vec<i64>>,
    /// Those in which this agent took part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<AgentId>,
}

impl Action for GetArchiveReport {
    const NAME: &'static str = "get_archive_report";
    type Reply = ArchiveReport;
}

words! {
    /// The steps of a report.
    pub enum ReportInterval {
        Day => "day",
        /// From Monday.
        Week => "week",
        Month => "month",
    }
}

/// The reply to [`GetArchiveReport`].
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ArchiveReport {
    pub total: ReportRow,
    /// One for each interval, by its first day, in order.
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    pub intervals: Vec<ReportRow>,
    /// One for each agent who took part, by name. A conversation counts for each of them.
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    pub agents: Vec<ReportRow>,
    /// One for each group, by name.
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    pub groups: Vec<ReportRow>,
}

/// Sums of some conversations. Times are averages in seconds, `null` of nothing.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReportRow {
    /// The day, the agent's id, or the group's number; empty for the total.
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    pub key: String,
    /// What people read.
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    pub name: String,
    /// Chats, missed ones included.
    #[serde(default, deserialize_with = "lenient::count")]
    pub chats: u64,
    /// Messages that were left.
    #[serde(default, deserialize_with = "lenient::count")]
    pub messages: u64,
    #[serde(default, deserialize_with = "lenient::count")]
    pub missed: u64,
    #[serde(default, deserialize_with = "lenient::count")]
    pub good: u64,
    #[serde(default, deserialize_with = "lenient::count")]
    pub bad: u64,
    /// Until the first answer in a chat.
    #[serde(default)]
    pub first_response_s: Option<f64>,
    /// Until any answer in a chat.
    #[serde(default)]
    pub response_s: Option<f64>,
    /// Of a chat that an agent has accepted.
    #[serde(default)]
    pub duration_s: Option<f64>,
}
