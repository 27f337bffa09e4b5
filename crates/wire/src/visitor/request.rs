//! Request bodies (Chat REST API, chapter 7).

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::{CustomDetail, Entity, control::Control};
use crate::{
    callback::Callback,
    event::{Event, FilledForm},
    lenient,
};

/// The first POST of a session: who asks, and for whom.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ChasitorInit {
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub organization_id: String,
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub deployment_id: String,
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub button_id: String,
    /// Set for a direct-to-agent request.
    #[serde(
        default,
        deserialize_with = "lenient::optional_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub agent_id: Option<String>,
    /// With `agent_id`: go to the button when the agent cannot.
    #[serde(
        default,
        deserialize_with = "lenient::optional_boolean",
        skip_serializing_if = "Option::is_none"
    )]
    pub do_fallback: Option<bool>,
    #[serde(
        default,
        deserialize_with = "lenient::optional_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub session_id: Option<String>,
    #[serde(
        default,
        deserialize_with = "lenient::optional_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub user_agent: Option<String>,
    #[serde(
        default,
        deserialize_with = "lenient::optional_text",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "openapi", schema(examples("en-US")))]
    pub language: Option<String>,
    #[serde(
        default,
        deserialize_with = "lenient::optional_text",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "openapi", schema(examples("2560x1440")))]
    pub screen_resolution: Option<String>,
    #[serde(
        default,
        deserialize_with = "lenient::optional_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub visitor_name: Option<String>,
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    #[cfg_attr(feature = "openapi", schema(max_items = 50))]
    pub prechat_details: Vec<CustomDetail>,
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    #[cfg_attr(feature = "openapi", schema(max_items = 50))]
    pub prechat_entities: Vec<Entity>,
    /// Routing targets in order: `button`, `agent`, or `agent_button`.
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    #[cfg_attr(feature = "openapi", schema(max_items = 100))]
    pub button_overrides: Vec<String>,
    #[serde(default, deserialize_with = "lenient::boolean_or_false")]
    pub receive_queue_updates: bool,
    #[serde(default, deserialize_with = "lenient::boolean_or_false")]
    pub is_post: bool,
    /// Ours: the id that an earlier `ChatRequestSuccess` gave, so that the
    /// conversation joins the visitor's earlier ones. Only the visitor's own
    /// device knows it.
    #[serde(
        default,
        deserialize_with = "lenient::optional_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub visitor_id: Option<String>,
    /// Ours: the pre-chat answers in the event model's own terms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prechat_form: Option<FilledForm>,
    /// Ours: the page the visitor is on.
    #[serde(
        default,
        deserialize_with = "lenient::optional_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub url: Option<String>,
    /// Ours: the title of that page.
    #[serde(
        default,
        deserialize_with = "lenient::optional_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub page_title: Option<String>,
    /// Ours: where the visitor came from.
    #[serde(
        default,
        deserialize_with = "lenient::optional_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub referrer: Option<String>,
    /// Ours: the site vouches for the visitor; a JWT (`docs/PROTOCOL.md`, 5).
    #[serde(
        default,
        deserialize_with = "lenient::optional_text",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "openapi", schema(max_length = 8192))]
    pub identity_token: Option<String>,
    /// Ours: nothing begins. If the visitor has a conversation that goes on, it does so in
    /// this session too; otherwise the request fails.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub continue_only: bool,
    /// Ours: no chat is requested, and this message is left instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offline_message: Option<OfflineMessage>,
}

/// Ours: a message that a visitor leaves while nobody is there, to be answered later.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = LeftMessage))]
#[serde(rename_all = "camelCase")]
pub struct OfflineMessage {
    /// At most 16 KiB of UTF-8.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 16384))]
    pub text: String,
    /// The same id again is the same message, in whatever session it comes. Whoever knows it
    /// may read the message, so it is random; at least 16 bytes.
    #[cfg_attr(feature = "openapi", schema(min_length = 16))]
    pub custom_id: String,
    /// The visitor wants to be called back; the text is the note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callback: Option<Callback>,
    /// The key of the session in which the visitor has waited until then. Its chat ends,
    /// also if an agent has joined meanwhile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead_of: Option<String>,
}

/// After `ReconnectSession`: restore the visitor's state.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ResyncState {
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub organization_id: String,
}

/// What the visitor is typing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SneakPeek {
    /// Counts the sneak peeks of a chat.
    #[serde(default, deserialize_with = "lenient::integer_or_zero")]
    pub position: i64,
    #[cfg_attr(feature = "openapi", schema(max_length = 16384))]
    pub text: String,
}

/// A visitor's message.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ChatMessage {
    /// At most 16 KiB of UTF-8.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 16384))]
    pub text: String,
    /// Ours: the same id again from the same visitor is the same message.
    #[serde(
        default,
        deserialize_with = "lenient::optional_text",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "openapi", schema(max_length = 254))]
    pub custom_id: Option<String>,
}

/// A custom event, in either direction.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CustomEvent {
    #[serde(rename = "type")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1))]
    pub kind: String,
    pub data: String,
    /// The event of the log that this is, in our pairing: `type` is the event's
    /// type and `data` the event as JSON. None for any other custom event,
    /// which is the page's and the agent's own business. Whoever reads the one
    /// reads the other, so that nobody behind that door knows JSON.
    #[serde(skip)]
    pub event: Option<Box<Event>>,
}

impl CustomEvent {
    /// With the event that it is paired with, if it is.
    pub fn new(kind: String, data: String) -> Self {
        let event = serde_json::from_str(&data).ok();
        Self {
            kind,
            data,
            event: None,
        }
        .paired_with(event)
    }

    /// With the event that was read from `data`, if it is of the pairing.
    pub fn paired_with(mut self, event: Option<Event>) -> Self {
        let is_update = self.kind == Control::EventUpdated.as_str();
        let is_paired = |event: &Event| is_update || event.body.kind() == self.kind;
        self.event = event.filter(is_paired).map(Box::new);
        self
    }

    /// The event that it is paired with.
    pub fn event(&self) -> Option<Event> {
        self.event.as_deref().cloned()
    }

    /// Of `events_marked_as_seen`: up to when. A time has nothing in it that
    /// JSON would escape, so it is found without a parser, which would weigh
    /// ten kilobytes where this is read.
    pub fn seen_up_to(&self) -> Option<&str> {
        let mut quoted = self.data.split('"');
        quoted.find(|it| *it == "seen_up_to")?;
        quoted.nth(1)
    }
}

impl<'de> Deserialize<'de> for CustomEvent {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Unpaired {
            #[serde(rename = "type")]
            kind: String,
            #[serde(default, deserialize_with = "lenient::text_or_empty")]
            data: String,
        }
        // Whoever reads values that a browser has parsed lets the browser parse `data` too, and
        // calls `paired_with`.
        let is_text = !crate::window::reads(&from);
        let Unpaired { kind, data } = Unpaired::deserialize(from)?;
        Ok(if is_text {
            Self::new(kind, data)
        } else {
            Self {
                kind,
                data,
                event: None,
            }
        })
    }
}

/// `ChasitorIdleTimeoutWarningEvent`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct IdleTimeoutWarning {
    /// `triggered` or `cleared`.
    #[cfg_attr(feature = "openapi", schema(pattern = "^(triggered|cleared)$"))]
    pub idle_timeout_warning_event: String,
}

/// `ChatEnd`. `{reason}`, `{type: "ChatEndReason", reason}` and `{}` are read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChatEnd {
    #[serde(
        rename = "type",
        default,
        deserialize_with = "lenient::optional_text",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "openapi", schema(examples("ChatEndReason")))]
    pub kind: Option<String>,
    #[serde(
        default,
        deserialize_with = "lenient::optional_text",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "openapi", schema(examples("client")))]
    pub reason: Option<String>,
}

/// Several POSTs in one.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MultiNoun {
    #[cfg_attr(feature = "openapi", schema(max_items = 50))]
    pub nouns: Vec<Noun>,
}

/// One POST of a [`MultiNoun`] (Chat REST API, NounWrapper).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Noun {
    #[cfg_attr(feature = "openapi", schema(pattern = "^(Chasitor|Visitor)$"))]
    pub prefix: String,
    pub noun: String,
    /// The body, as the documentation's sample names it. Old clients send it as `data`,
    /// either also as a JSON text: see [`Noun::body`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub object: Option<Value>,
    /// The body, as the documentation's table names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub data: Option<Value>,
}

impl Noun {
    /// The body to post, whichever way it was written.
    ///
    /// # Errors
    /// When the body is a text that is not JSON.
    pub fn body(&self) -> Result<Value, crate::DecodeError> {
        match self.object.as_ref().or(self.data.as_ref()) {
            None | Some(Value::Null) => Ok(Value::Object(serde_json::Map::new())),
            Some(Value::String(text)) if text.trim().is_empty() => {
                Ok(Value::Object(serde_json::Map::new()))
            }
            Some(Value::String(text)) => crate::decode(text.as_bytes()),
            Some(value) => Ok(value.clone()),
        }
    }
}

/// The page the visitor is on.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Breadcrumb {
    pub location: String,
    /// Ours: the page's title.
    #[serde(
        default,
        deserialize_with = "lenient::optional_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub title: Option<String>,
}
