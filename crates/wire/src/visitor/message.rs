//! Poll messages: what `System/Messages` brings (Chat REST API, chapters 6 and 8).

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{SeqAccess, Visitor},
    ser::SerializeMap,
};
use serde_json::{Value, json};

use super::{
    CustomDetail, CustomEvent, GeoLocation, Node, ReconnectSession, SwitchServer, TranscriptEntry,
};
use crate::{
    event::Event,
    free::{Free, FreeRef},
    id::{CustomerId, EventId},
    lenient,
    tagged::{self, expecting},
    window,
};

/// One answer of a poll.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Batch {
    pub messages: Vec<Message>,
    /// The number of this answer, from 1; the next poll's `ack`.
    #[serde(
        default,
        deserialize_with = "lenient::optional_integer",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "openapi", schema(required, minimum = 1))]
    pub sequence: Option<i64>,
    /// Opaque position in the log, for `ReconnectSession.offset`.
    #[serde(
        default,
        deserialize_with = "lenient::optional_integer",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "openapi", schema(required))]
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
    ($($variant:ident: $body:ident),* $(,)?) => {
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
            /// When the kind is empty.
            pub fn from_parts(kind: String, message: Value) -> Result<Self, serde_json::Error> {
                Self::deserialize(json!({ "type": kind, "message": message }))
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

        #[cfg(feature = "openapi")]
        impl Message {
            fn kinds() -> crate::schema::Kinds {
                crate::schema::Kinds::default()
                    $(.nested(stringify!($variant), Self::$variant))*
            }
        }

        impl Serialize for Message {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                let mut map = to.serialize_map(Some(2))?;
                map.serialize_entry("type", self.kind())?;
                match self {
                    $(Self::$variant(body) => map.serialize_entry("message", body)?,)*
                    Self::Unknown { message, .. } => map.serialize_entry("message", &FreeRef(message))?,
                }
                map.end()
            }
        }

        impl Message {
            /// The same object, read as a message of a known kind.
            fn known<'de, A: SeqAccess<'de>>(
                kind: &str,
                object: &mut A,
            ) -> Result<Option<Self>, A::Error> {
                Ok(Some(match kind {
                    $(stringify!($variant) => Self::$variant($body(object)?),)*
                    _ => return Ok(None),
                }))
            }
        }
    };
}

kinds!(
    ChatRequestSuccess: optional,
    ChatRequestFail: optional,
    QueueUpdate: optional,
    ChatEstablished: optional,
    AgentTyping: optional,
    AgentNotTyping: optional,
    ChatMessage: optional,
    AgentDisconnect: optional,
    ChatTransferred: optional,
    ChatEnded: optional,
    CustomEvent: optional,
    NewVisitorBreadcrumb: optional,
    ChasitorSessionData: optional,
    FileTransfer: optional,
    SensitiveDataRules: optional,
    SwitchServer: required,
    ReconnectSession: required,
);

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Message {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        Self::kinds().schema("A message of a poll.")
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Message {
    /// Not that of a message of the log.
    fn name() -> std::borrow::Cow<'static, str> {
        "PollMessage".into()
    }

    fn schemas(schemas: &mut crate::schema::Schemas) {
        Self::kinds().add_to(schemas);
    }
}

/// The `message` of the object.
fn required<'de, T: Deserialize<'de>, A: SeqAccess<'de>>(object: &mut A) -> Result<T, A::Error> {
    #[derive(Deserialize)]
    struct Body<T> {
        message: T,
    }
    tagged::next(object).map(|Body { message }| message)
}

/// The `message` of the object. `AgentTyping` and its like come with `{}`, `null` or nothing.
fn optional<'de, T: Deserialize<'de> + Default, A: SeqAccess<'de>>(
    object: &mut A,
) -> Result<T, A::Error> {
    #[derive(Deserialize)]
    struct Body<T> {
        message: Option<T>,
    }
    tagged::next(object).map(|Body { message }| message.unwrap_or_default())
}

struct MessageVisitor;

impl<'de> Visitor<'de> for MessageVisitor {
    type Value = Message;

    expecting!("a message");

    fn visit_seq<A: SeqAccess<'de>>(self, mut object: A) -> Result<Message, A::Error> {
        let kind = tagged::kind(&mut object)?;
        // One message that cannot be read must not cost the others of its batch: it is kept, as
        // one of a kind that we do not know.
        match Message::known(&kind, &mut object) {
            Ok(Some(message)) => Ok(message),
            _ => {
                let Free(message) = optional(&mut object)?;
                Ok(Message::Unknown { kind, message })
            }
        }
    }
}

impl<'de> Deserialize<'de> for Message {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        tagged::read_repeatedly(from, MessageVisitor)
    }
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ChatRequestSuccess {
    /// 1 for the next to be served; left out when there is no queue.
    #[serde(
        default,
        deserialize_with = "lenient::optional_integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub queue_position: Option<i64>,
    /// Seconds; -1 when it cannot be said.
    #[serde(
        default,
        deserialize_with = "lenient::optional_integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub estimated_wait_time: Option<i64>,
    #[serde(
        default,
        deserialize_with = "window::skips",
        skip_serializing_if = "Option::is_none"
    )]
    pub geo_location: Option<GeoLocation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oref: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub post_chat_url: Option<String>,
    #[serde(default, deserialize_with = "window::skips_to_default")]
    pub custom_details: Vec<CustomDetail>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visitor_id: Option<String>,
    /// Ours: who the visitor is in `user_ids` and `author_id` of events.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<CustomerId>,
    /// Ours: the visitor's message was left, and no chat begins.
    #[serde(
        default,
        deserialize_with = "lenient::boolean_or_false",
        skip_serializing_if = "std::ops::Not::not"
    )]
    pub offline_message: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ChatRequestFail {
    /// `Unavailable`, `NoPost`, `InternalFailure`, or another word.
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub post_chat_url: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct QueueUpdate {
    #[serde(
        default,
        deserialize_with = "lenient::optional_integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub position: Option<i64>,
    #[serde(
        default,
        deserialize_with = "lenient::optional_integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub estimated_wait_time: Option<i64>,
}

/// When the chat ends if the visitor does not answer. The documentation names the
/// type and not its members.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct IdleTimeoutSettings {
    #[serde(default, deserialize_with = "lenient::boolean_or_false")]
    pub is_enabled: bool,
    /// Seconds from the agent's message until the visitor is warned.
    #[serde(
        default,
        deserialize_with = "lenient::optional_integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub warning_time: Option<i64>,
    /// Seconds from the agent's message until the chat ends.
    #[serde(
        default,
        deserialize_with = "lenient::optional_integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub timeout_time: Option<i64>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ChatEstablished {
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub name: String,
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub user_id: String,
    #[serde(default, deserialize_with = "lenient::boolean_or_false")]
    pub sneak_peek_enabled: bool,
    /// Sent under both spellings, since clients look for either.
    #[serde(
        default,
        deserialize_with = "window::skips",
        skip_serializing_if = "Option::is_none"
    )]
    pub chasitor_idletimeout: Option<IdleTimeoutSettings>,
    #[serde(
        rename = "chasitorIdleTimeout",
        default,
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
        default,
        deserialize_with = "lenient::optional_integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub sequence: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
}

/// `AgentTyping`, `AgentNotTyping`, `AgentDisconnect`: the documented ones have no
/// members; real ones name the agent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
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
        default,
        deserialize_with = "lenient::optional_integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub sequence: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AgentMessage {
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub name: String,
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub text: String,
    /// Ours, as all that follow (`docs/PROTOCOL.md`, 1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_id: Option<EventId>,
    /// The event's number in its thread.
    #[serde(
        default,
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
        default,
        deserialize_with = "lenient::null_as_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub nodes: Vec<Node>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ChatTransferred {
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub name: String,
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub user_id: String,
    #[serde(default, deserialize_with = "lenient::boolean_or_false")]
    pub sneak_peek_enabled: bool,
    #[serde(
        default,
        deserialize_with = "window::skips",
        skip_serializing_if = "Option::is_none"
    )]
    pub chasitor_idletimeout: Option<IdleTimeoutSettings>,
    #[serde(
        rename = "chasitorIdleTimeout",
        default,
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
        default,
        deserialize_with = "lenient::optional_integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub sequence: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ChatEnded {
    /// `client`, `agent`, `clientTimeout`, `agentTimeout`; absent in the documentation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Ids of records attached to the chat. Clients have seen a list and a
    /// text; what came is kept.
    #[serde(
        default,
        deserialize_with = "window::skips",
        skip_serializing_if = "Option::is_none"
    )]
    pub attached_records: Option<Value>,
    /// Ours: when it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewVisitorBreadcrumb {
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub location: String,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ChasitorSessionData {
    #[serde(
        default,
        deserialize_with = "lenient::optional_integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub queue_position: Option<i64>,
    /// Ours: as in [`QueueUpdate`].
    #[serde(
        default,
        deserialize_with = "lenient::optional_integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub estimated_wait_time: Option<i64>,
    #[serde(
        default,
        deserialize_with = "window::skips",
        skip_serializing_if = "Option::is_none"
    )]
    pub geo_location: Option<GeoLocation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oref: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub post_chat_url: Option<String>,
    #[serde(default, deserialize_with = "lenient::boolean_or_false")]
    pub sneak_peek_enabled: bool,
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    pub chat_messages: Vec<TranscriptEntry>,
    /// Ours: there are events before these (`docs/PROTOCOL.md`, 5).
    #[serde(
        default,
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
    /// Ours: how many seconds ago the agent said what the visitor has not answered.
    #[serde(
        default,
        deserialize_with = "lenient::optional_integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub unanswered_s: Option<i64>,
    /// Ours: how far agents have seen, as in `events_marked_as_seen`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen_up_to: Option<String>,
    /// Ours: as in [`ChatRequestSuccess`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<CustomerId>,
    /// Ours: as in [`ChatRequestSuccess`].
    #[serde(
        default,
        deserialize_with = "lenient::boolean_or_false",
        skip_serializing_if = "std::ops::Not::not"
    )]
    pub offline_message: bool,
}

/// An agent asks the visitor for a file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct FileTransfer {
    /// `Requested` or `Canceled`.
    #[serde(default, rename = "type")]
    pub kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upload_servlet_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cdm_servlet_url: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SensitiveDataRules {
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    pub rules: Vec<SensitiveDataRule>,
}

/// A pattern that must not be sent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SensitiveDataRule {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A regular expression.
    #[serde(default)]
    pub pattern: String,
    /// `Replace` or `Remove`.
    #[serde(default)]
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
