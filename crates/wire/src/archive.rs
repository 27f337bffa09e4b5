//! Conversations that are over, as back-office programs read them (Chats API), and what
//! they write. The endpoint fills in every field, for chats and for messages that were
//! left.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::id::{AgentId, ChatId, CustomerId, EventId, ThreadId, UserId};

/// A conversation that is over.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ArchivedChat {
    pub id: ThreadId,
    #[serde(rename = "type")]
    pub kind: ArchivedKind,
    /// The words of a message that was left; absent for a chat.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The chat to which the conversation belongs, with others of the same visitor. Ours.
    pub chat_id: ChatId,
    pub visitor: ArchivedVisitor,
    pub session: ArchivedSession,
    /// When it began, RFC 3339 in UTC; so are all other times.
    pub timestamp: String,
    pub end_timestamp: String,
    /// When something about it has changed last, with six decimals.
    pub update_timestamp: String,
    /// In seconds.
    pub duration: i64,
    /// The group of agents; `null` for all agents.
    pub department_id: Option<i64>,
    pub department_name: Option<String>,
    pub agent_ids: Vec<AgentId>,
    pub agent_names: Vec<String>,
    pub count: MessageCounts,
    pub response_time: ResponseTimes,
    /// No agent has accepted it.
    pub missed: bool,
    pub unread: bool,
    pub rating: Option<ArchivedRating>,
    pub comment: Option<String>,
    pub tags: Vec<String>,
    pub started_by: StartedBy,
    pub triggered: bool,
    pub triggered_response: Option<bool>,
    pub conversions: Vec<Conversion>,
    pub history: Vec<HistoryEntry>,
    pub webpath: Vec<VisitedPage>,
    /// Always `null`: there is no such ticket.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>))]
    pub zendesk_ticket_id: (),
}

/// The type of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ArchivedKind {
    Chat,
    /// A message that was left while nobody was there.
    OfflineMsg,
}

/// Who has begun a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum StartedBy {
    Visitor,
    Agent,
    /// An invitation that the visitor has accepted.
    Trigger,
}

/// A rating.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ArchivedRating {
    Good,
    Bad,
}

/// The visitor. What is not known is an empty text.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ArchivedVisitor {
    pub id: CustomerId,
    pub name: String,
    pub email: String,
    pub phone: String,
    pub notes: String,
}

/// From where and with what the visitor has written. What is not known is `null`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ArchivedSession {
    pub id: String,
    pub browser: Option<String>,
    pub platform: Option<String>,
    pub user_agent: Option<String>,
    /// Of an IPv6 client, its network.
    pub ip: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country_code: Option<String>,
    pub country_name: Option<String>,
    pub region: Option<String>,
    pub city: Option<String>,
    pub start_date: String,
    pub end_date: String,
}

/// How many messages there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MessageCounts {
    pub agent: i64,
    pub visitor: i64,
    pub total: i64,
}

/// How long visitors waited for answers, in seconds; `null` without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ResponseTimes {
    pub first: Option<i64>,
    pub avg: Option<i64>,
    pub max: Option<i64>,
}

/// A goal that the visitor has reached.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Conversion {
    pub id: String,
    pub goal_id: i64,
    pub goal_name: String,
    pub timestamp: String,
    pub attribution: Attribution,
}

/// To what a conversion is owed.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Attribution {
    pub agent_id: Option<AgentId>,
    pub agent_name: Option<String>,
    pub chat_timestamp: String,
    pub department_id: Option<i64>,
    pub department_name: Option<String>,
}

/// Something that happened in a conversation.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HistoryEntry {
    #[serde(flatten)]
    pub what: HistoryKind,
    /// `#supportchat:` and the id of the conversation.
    pub channel: String,
    pub timestamp: String,
    /// Who did it.
    pub name: String,
    /// `visitor:` or `agent:` and their id; absent where nobody did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nick: Option<String>,
    /// The event of the log from which it comes. Ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_id: Option<EventId>,
    /// `agents` for what visitors do not see; absent otherwise. Ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visibility: Option<&'static str>,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type")]
pub enum HistoryKind {
    #[serde(rename = "chat.memberjoin")]
    MemberJoin,
    #[serde(rename = "chat.memberleave")]
    MemberLeave,
    #[serde(rename = "chat.msg")]
    Msg {
        /// The text form of cards and forms.
        msg: String,
        /// The texts of the buttons that were offered, with slashes between them.
        options: String,
    },
    #[serde(rename = "chat.file")]
    File { attachment: Attachment },
    #[serde(rename = "chat.rating")]
    Rating {
        rating: Option<ArchivedRating>,
        new_rating: Option<ArchivedRating>,
    },
    #[serde(rename = "chat.comment")]
    Comment {
        comment: Option<String>,
        new_comment: String,
    },
    #[serde(rename = "chat.conversion")]
    Conversion { conversion: Conversion },
    /// Anything else that the endpoint reports.
    #[serde(rename = "chat.system")]
    System { msg: String },
}

/// A file.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Attachment {
    pub name: String,
    pub url: String,
    pub mime_type: Option<String>,
    /// In bytes.
    pub size: Option<u64>,
}

/// A page that the visitor has opened.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VisitedPage {
    /// The page before it; empty when that is not known.
    pub from: String,
    pub to: String,
    pub title: String,
    pub timestamp: String,
}

/// A page of conversations, the newest first.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChatPage {
    pub chats: Vec<ArchivedChat>,
    /// Of all pages.
    pub count: i64,
    pub next_url: Option<String>,
    pub prev_url: Option<String>,
}

/// What was found, the newest first.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SearchPage {
    /// Of all pages; no more than can be shown.
    pub count: i64,
    pub next_url: Option<String>,
    pub prev_url: Option<String>,
    pub results: Vec<SearchResult>,
}

/// A conversation that was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SearchResult {
    pub id: ThreadId,
    #[serde(rename = "type")]
    pub kind: ArchivedKind,
    pub timestamp: String,
    /// The beginning of its first message.
    pub preview: String,
    pub url: String,
}

/// A message that a program leaves. Members that are not known are ignored.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewOfflineMessage {
    /// `offline_msg`.
    #[serde(rename = "type", default)]
    pub kind: Option<String>,
    pub message: String,
    #[serde(default)]
    pub visitor: NewVisitor,
    #[serde(default)]
    pub session: Option<NewSession>,
    /// When it was left: seconds since 1970, or RFC 3339. Now, when absent.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::Loose>))]
    pub timestamp: Option<Value>,
    /// The group whose agents answer; all agents, when absent.
    #[serde(default)]
    pub department_id: Option<i64>,
}

/// Who has left the message.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewVisitor {
    /// Of a visitor that the archive has; anybody else gets an id of their own.
    #[serde(default)]
    pub id: Option<String>,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub email: Option<String>,
    #[serde(default)]
    pub phone: Option<String>,
    #[serde(default)]
    pub notes: Option<String>,
}

/// From where and with what it was left.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewSession {
    #[serde(default)]
    pub user_agent: Option<String>,
    #[serde(default)]
    pub ip: Option<String>,
    #[serde(default)]
    pub country_code: Option<String>,
    #[serde(default)]
    pub country_name: Option<String>,
    #[serde(default)]
    pub region: Option<String>,
    #[serde(default)]
    pub city: Option<String>,
}

/// What programs may change. `null` and what is absent leave it as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChatUpdate {
    pub unread: Option<bool>,
    pub rating: Option<ArchivedRating>,
    pub comment: Option<String>,
    pub tags: Option<Vec<String>>,
    pub name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub notes: Option<String>,
}

/// The name of a participant in the archive: `visitor:` or `agent:` and their id.
pub fn nick(id: &UserId, is_visitor: bool) -> String {
    let kind = if is_visitor { "visitor" } else { "agent" };
    format!("{kind}:{id}")
}

impl ChatUpdate {
    /// Reads an update: `{"visitor": {"name": …}}` or `{"visitor.name": …}`. Members that
    /// cannot be changed are ignored, as programs send back whole records.
    ///
    /// # Errors
    /// The name of the first member that has another type.
    pub fn read(value: &Value) -> Result<Self, &'static str> {
        let member = |name: &str| match name.split_once('.') {
            Some((outer, inner)) => {
                let nested = value.get(outer).and_then(|it| it.get(inner));
                value.get(name).or(nested).filter(|it| !it.is_null())
            }
            None => value.get(name).filter(|it| !it.is_null()),
        };
        let text = |name: &'static str| match member(name) {
            None => Ok(None),
            Some(value) => value.as_str().map(|it| Some(it.to_owned())).ok_or(name),
        };
        let unread = match member("unread") {
            None => None,
            Some(Value::Bool(unread)) => Some(*unread),
            Some(value) => match value.as_i64() {
                Some(0) => Some(false),
                Some(1) => Some(true),
                _ => return Err("unread"),
            },
        };
        let rating = match text("rating")?.as_deref() {
            None => None,
            Some("good") => Some(ArchivedRating::Good),
            Some("bad") => Some(ArchivedRating::Bad),
            Some(_) => return Err("rating"),
        };
        let tags = match member("tags") {
            None => None,
            Some(tags) => {
                let tags = tags.as_array().ok_or("tags")?.iter();
                let tags = tags.map(|tag| tag.as_str().map(str::to_owned));
                Some(tags.collect::<Option<_>>().ok_or("tags")?)
            }
        };
        Ok(Self {
            unread,
            rating,
            comment: text("comment")?,
            tags,
            name: text("visitor.name")?,
            email: text("visitor.email")?,
            phone: text("visitor.phone")?,
            notes: text("visitor.notes")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_update_is_read_nested_and_flattened() {
        let nested = json!({"visitor": {"name": "Ada", "email": null}, "unread": 0});
        let flattened = json!({"visitor.name": "Ada", "unread": false, "id": "T", "comment": null});
        let expected = ChatUpdate {
            unread: Some(false),
            name: Some("Ada".to_owned()),
            ..ChatUpdate::default()
        };
        assert_eq!(ChatUpdate::read(&nested).unwrap(), expected);
        assert_eq!(ChatUpdate::read(&flattened).unwrap(), expected);
        for (update, member) in [
            (json!({"unread": "yes"}), "unread"),
            (json!({"rating": "fine"}), "rating"),
            (json!({"rating": 1}), "rating"),
            (json!({"tags": "vip"}), "tags"),
            (json!({"tags": [1]}), "tags"),
            (json!({"visitor.phone": 12}), "visitor.phone"),
        ] {
            assert_eq!(ChatUpdate::read(&update), Err(member));
        }
    }
}
