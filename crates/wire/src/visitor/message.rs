//! Poll messages: what `System/Messages` brings (seed 001, chapters 6 and 8).

use serde::{Deserialize, Deserializer, Serialize, Serializer, ser::SerializeMap};
use serde_json::Value;

use super::{
    CustomDetail, CustomEvent, GeoLocation, Node, ReconnectSession, SwitchServer, TranscriptEntry,
};
use crate::{
    event::Event,
    id::{CustomerId, EventId},
    lenient,
};

/// One answer of a poll.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Batch {
    pub messages: Vec<Message>,
    /// The number of this answer, from 1; the next poll's `ack`.
    #[serde(
        default,
        deserialize_with = "lenient::optional_integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub sequence: Option<i64>,
    /// Opaque position in the log, for `ReconnectSession.offset`.
    #[serde(
        default,
        deserialize_with = "lenient::optional_integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub offset: Option<i64>,
}

/// A poll message, by its `type`.
#[derive(Debug, Clone, PartialEq)]
pub enum Message {
    /// The request was routed to agents; nobody accepted it yet.
    ChatRequestSuccess(ChatRequestSuccess),
    /// The request, or the chat, failed.
    ChatRequestFail(ChatRequestFail),
    /// The place in the queue moved.
    QueueUpdate(QueueUpdate),
    /// An agent accepted.
    ChatEstablished(ChatEstablished),
    AgentTyping(AgentTyping),
    AgentNotTyping(AgentTyping),
    /// An agent wrote.
    ChatMessage(AgentMessage),
    /// The agent is gone; the session lives, another may come.
    AgentDisconnect(AgentTyping),
    /// Another agent took over.
    ChatTransferred(ChatTransferred),
    /// The chat is over.
    ChatEnded(ChatEnded),
    CustomEvent(CustomEvent),
    NewVisitorBreadcrumb(NewVisitorBreadcrumb),
    /// First after a `ReconnectSession`: all there was.
    ChasitorSessionData(Box<ChasitorSessionData>),
    /// An agent asks for a file, or no longer does.
    FileTransfer(FileTransfer),
    /// What must be masked before it leaves the browser.
    SensitiveDataRules(SensitiveDataRules),
    /// The organisation moved.
    SwitchServer(SwitchServer),
    ReconnectSession(ReconnectSession),
    /// A kind that this version does not know, kept whole.
    Unknown {
        kind: String,
        message: Value,
    },
}

/// Pairs each kind's word with its variant, once for both directions.
macro_rules! kinds {
    ($($variant:ident),* $(,)?) => {
        impl Message {
            /// The `type` on the wire.
            pub fn kind(&self) -> &str {
                match self {
                    $(Self::$variant(_) => stringify!($variant),)*
                    Self::Unknown { kind, .. } => kind,
                }
            }

            /// Reads a message of the given kind.
            ///
            /// # Errors
            /// When a known kind lacks a member or holds one of the wrong type.
            pub fn from_parts(kind: String, message: Value) -> Result<Self, serde_json::Error> {
                // AgentTyping and its like come with `{}`, `null` or nothing.
                let message = if message.is_null() { Value::Object(Default::default()) } else { message };
                match kind.as_str() {
                    $(stringify!($variant) => Ok(Self::$variant(Deserialize::deserialize(message)?)),)*
                    _ => Ok(Self::Unknown { kind, message }),
                }
            }

            /// The `message` member on the wire.
            ///
            /// # Errors
            /// None of our own types fails to encode.
            pub fn body(&self) -> Result<Value, serde_json::Error> {
                match self {
                    $(Self::$variant(body) => serde_json::to_value(body),)*
                    Self::Unknown { message, .. } => Ok(message.clone()),
                }
            }
        }
    };
}

kinds!(
    ChatRequestSuccess,
    ChatRequestFail,
    QueueUpdate,
    ChatEstablished,
    AgentTyping,
    AgentNotTyping,
    ChatMessage,
    AgentDisconnect,
    ChatTransferred,
    ChatEnded,
    CustomEvent,
    NewVisitorBreadcrumb,
    ChasitorSessionData,
    FileTransfer,
    SensitiveDataRules,
    SwitchServer,
    ReconnectSession,
);

#[derive(Deserialize)]
struct Raw {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    message: Value,
}

impl<'de> Deserialize<'de> for Message {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Raw::deserialize(deserializer)?;
        // One message that cannot be read must not cost the others of its
        // batch: it is kept, as one of a kind that we do not know.
        Ok(
            Self::from_parts(raw.kind.clone(), raw.message.clone()).unwrap_or(Self::Unknown {
                kind: raw.kind,
                message: raw.message,
            }),
        )
    }
}

impl Serialize for Message {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("type", self.kind())?;
        let body = self.body().map_err(serde::ser::Error::custom)?;
        map.serialize_entry("message", &body)?;
        map.end()
    }
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ChatRequestSuccess {
    /// 1 for the next to be served; left out when there is no queue.
    #[serde(
        deserialize_with = "lenient::optional_integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub queue_position: Option<i64>,
    /// Seconds; -1 when it cannot be said.
    #[serde(
        deserialize_with = "lenient::optional_integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub estimated_wait_time: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub geo_location: Option<GeoLocation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oref: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub post_chat_url: Option<String>,
    #[serde(deserialize_with = "lenient::null_as_default")]
    pub custom_details: Vec<CustomDetail>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visitor_id: Option<String>,
    /// Ours: who the visitor is in `user_ids` and `author_id` of events.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<CustomerId>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ChatRequestFail {
    /// `Unavailable`, `NoPost`, `InternalFailure`, or another word.
    #[serde(deserialize_with = "lenient::text_or_empty")]
    pub reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub post_chat_url: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct QueueUpdate {
    #[serde(
        deserialize_with = "lenient::optional_integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub position: Option<i64>,
    #[serde(
        deserialize_with = "lenient::optional_integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub estimated_wait_time: Option<i64>,
}

/// Chat visitor idle time-out. The seed names the type and not its members.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct IdleTimeoutSettings {
    #[serde(deserialize_with = "lenient::boolean_or_false")]
    pub is_enabled: bool,
    /// Seconds.
    #[serde(
        deserialize_with = "lenient::optional_integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub warning_time: Option<i64>,
    /// Seconds.
    #[serde(
        deserialize_with = "lenient::optional_integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub timeout: Option<i64>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ChatEstablished {
    #[serde(deserialize_with = "lenient::text_or_empty")]
    pub name: String,
    #[serde(deserialize_with = "lenient::text_or_empty")]
    pub user_id: String,
    #[serde(deserialize_with = "lenient::boolean_or_false")]
    pub sneak_peek_enabled: bool,
    /// Sent under both spellings, since clients look for either.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chasitor_idletimeout: Option<IdleTimeoutSettings>,
    #[serde(
        rename = "chasitorIdleTimeout",
        skip_serializing_if = "Option::is_none"
    )]
    pub chasitor_idle_timeout: Option<IdleTimeoutSettings>,
    /// Ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avatar: Option<String>,
    /// Ours: the line of the log that says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_id: Option<EventId>,
    /// Ours: its number in the thread.
    #[serde(
        deserialize_with = "lenient::optional_integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub sequence: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
}

/// `AgentTyping`, `AgentNotTyping`, `AgentDisconnect`: the seed's have no
/// members; real ones name the agent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AgentTyping {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<String>,
    /// Ours: the line of the log that says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_id: Option<EventId>,
    /// Ours: its number in the thread.
    #[serde(
        deserialize_with = "lenient::optional_integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub sequence: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AgentMessage {
    #[serde(deserialize_with = "lenient::text_or_empty")]
    pub name: String,
    #[serde(deserialize_with = "lenient::text_or_empty")]
    pub text: String,
    /// Ours, as all that follow (`docs/PROTOCOL.md`, 1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_id: Option<EventId>,
    /// The event's number in its thread.
    #[serde(
        deserialize_with = "lenient::optional_integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub sequence: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avatar: Option<String>,
    /// The whole event, where it is more than a text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<Box<Event>>,
    /// The text's Markdown; empty where there is none to show.
    #[serde(
        deserialize_with = "lenient::null_as_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub nodes: Vec<Node>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ChatTransferred {
    #[serde(deserialize_with = "lenient::text_or_empty")]
    pub name: String,
    #[serde(deserialize_with = "lenient::text_or_empty")]
    pub user_id: String,
    #[serde(deserialize_with = "lenient::boolean_or_false")]
    pub sneak_peek_enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chasitor_idletimeout: Option<IdleTimeoutSettings>,
    #[serde(
        rename = "chasitorIdleTimeout",
        skip_serializing_if = "Option::is_none"
    )]
    pub chasitor_idle_timeout: Option<IdleTimeoutSettings>,
    /// Ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avatar: Option<String>,
    /// Ours: the line of the log that says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_id: Option<EventId>,
    /// Ours: its number in the thread.
    #[serde(
        deserialize_with = "lenient::optional_integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub sequence: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ChatEnded {
    /// `client`, `agent`, `clientTimeout`, `agentTimeout`; absent in the seed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Ids of records attached to the chat. Clients have seen a list and a
    /// text; what came is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attached_records: Option<Value>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct NewVisitorBreadcrumb {
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub location: String,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ChasitorSessionData {
    #[serde(
        deserialize_with = "lenient::optional_integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub queue_position: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub geo_location: Option<GeoLocation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oref: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub post_chat_url: Option<String>,
    #[serde(deserialize_with = "lenient::boolean_or_false")]
    pub sneak_peek_enabled: bool,
    #[serde(deserialize_with = "lenient::null_as_default")]
    pub chat_messages: Vec<TranscriptEntry>,
    /// Ours: there are events before these (`docs/PROTOCOL.md`, 5).
    #[serde(
        deserialize_with = "lenient::boolean_or_false",
        skip_serializing_if = "std::ops::Not::not"
    )]
    pub has_earlier: bool,
    /// Ours: who answers now; absent while nobody does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<ChatEstablished>,
    /// Ours: set when the chat has ended meanwhile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<ChatEnded>,
    /// Ours: how far agents have seen, as in `events_marked_as_seen`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen_up_to: Option<String>,
    /// Ours: as in [`ChatRequestSuccess`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<CustomerId>,
}

/// An agent asks the visitor for a file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FileTransfer {
    /// `Requested` or `Canceled`.
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upload_servlet_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cdm_servlet_url: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SensitiveDataRules {
    #[serde(deserialize_with = "lenient::null_as_default")]
    pub rules: Vec<SensitiveDataRule>,
}

/// A pattern that must not be sent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SensitiveDataRule {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A regular expression.
    pub pattern: String,
    /// `Replace` or `Remove`.
    pub action_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replacement: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_unknown_kind_is_kept_whole() {
        let value = json!({"type": "HolographicWave", "message": {"fingers": [1, 2]}});
        let message: Message = serde_json::from_value(value.clone()).unwrap();
        assert_eq!(message.kind(), "HolographicWave");
        assert_eq!(serde_json::to_value(&message).unwrap(), value);
    }

    #[test]
    fn a_message_without_a_body_is_read() {
        let message: Message = serde_json::from_value(json!({"type": "AgentTyping"})).unwrap();
        assert_eq!(message, Message::AgentTyping(AgentTyping::default()));
    }
}
