//! Answers to requests that are not polls (Chat REST API, chapter 8).

use serde::{Deserialize, Serialize};

use super::SensitiveDataRule;
use crate::{event::Form, lenient, window};

/// The flat answer of `SessionId`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SessionIdReply {
    pub id: String,
    pub key: String,
    pub affinity_token: String,
    /// Seconds after which a poll without an answer is lost.
    #[serde(deserialize_with = "lenient::integer")]
    pub client_poll_timeout: i64,
}

/// `{"messages":[{"type":…,"message":…}]}`: how the Visitor calls and
/// `ReconnectSession` answer. The `type` says which message it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Wrapped<T> {
    pub messages: Vec<WrappedMessage<T>>,
}

/// The one message of a [`Wrapped`] answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WrappedMessage<T> {
    #[serde(rename = "type")]
    pub kind: String,
    pub message: T,
}

impl<T> Wrapped<T> {
    pub fn one(kind: &str, message: T) -> Self {
        Self {
            messages: vec![WrappedMessage {
                kind: kind.to_owned(),
                message,
            }],
        }
    }
}

/// The new affinity of a session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ReconnectSession {
    /// Always true; an old server may leave it out.
    #[serde(
        default,
        deserialize_with = "lenient::optional_boolean",
        skip_serializing_if = "Option::is_none"
    )]
    pub reset_sequence: Option<bool>,
    pub affinity_token: String,
}

/// Who can take a new chat.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Availability {
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    pub results: Vec<AvailabilityResult>,
}

/// One agent or button (Chat REST API, Result).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AvailabilityResult {
    pub id: String,
    /// Left out when false.
    #[serde(
        default,
        deserialize_with = "lenient::boolean_or_false",
        skip_serializing_if = "std::ops::Not::not"
    )]
    pub is_available: bool,
    /// Seconds; -1 when it cannot be said.
    #[serde(
        default,
        deserialize_with = "lenient::optional_integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub estimated_wait_time: Option<i64>,
}

/// What a deployment's client must know.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// Milliseconds between two signs of life of a visitor. The documentation writes it
    /// `pingRate` in its sample and `pingrate` in its table.
    #[serde(
        default,
        alias = "pingrate",
        deserialize_with = "lenient::optional_integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub ping_rate: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_server_url: Option<String>,
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    pub buttons: Vec<Button>,
    /// Ours: what our own window shows before a chat begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub welcome: Option<Welcome>,
}

/// A chat button (Chat REST API, Button), with all of its invitation's members.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ChatButton))]
#[serde(rename_all = "camelCase")]
pub struct Button {
    #[serde(default)]
    pub id: String,
    /// `Standard`, `Invite` or `ToAgent`.
    #[serde(default, rename = "type")]
    pub kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prechat_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    #[serde(
        default,
        deserialize_with = "lenient::boolean_or_false",
        skip_serializing_if = "std::ops::Not::not"
    )]
    pub is_available: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invite_image_url: Option<String>,
    #[serde(
        default,
        deserialize_with = "window::skips_number",
        skip_serializing_if = "Option::is_none"
    )]
    pub invite_image_width: Option<f64>,
    #[serde(
        default,
        deserialize_with = "window::skips_number",
        skip_serializing_if = "Option::is_none"
    )]
    pub invite_image_height: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invite_renderer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invite_start_position: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invite_end_position: Option<String>,
    #[serde(
        default,
        deserialize_with = "lenient::optional_boolean",
        skip_serializing_if = "Option::is_none"
    )]
    pub has_invite_after_accept: Option<bool>,
    #[serde(
        default,
        deserialize_with = "lenient::optional_boolean",
        skip_serializing_if = "Option::is_none"
    )]
    pub has_invite_after_reject: Option<bool>,
    /// Seconds after which the invitation goes by itself.
    #[serde(
        default,
        deserialize_with = "window::skips_number",
        skip_serializing_if = "Option::is_none"
    )]
    pub invite_reject_time: Option<f64>,
    #[serde(
        default,
        deserialize_with = "window::skips",
        skip_serializing_if = "Option::is_none"
    )]
    pub invite_rules: Option<serde_json::Value>,
    /// Seconds; -1 when it cannot be said. Only where it was asked for.
    #[serde(
        default,
        deserialize_with = "lenient::optional_integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub estimated_wait_time: Option<i64>,
}

/// Ours, within `Settings`: how the window greets, and what it asks.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Welcome {
    #[serde(default)]
    pub organization_id: String,
    #[serde(default)]
    pub team_name: String,
    #[serde(default)]
    pub greeting: String,
    /// `#rrggbb`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accent_color: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prechat: Option<Form>,
    /// The form of a message that is left while nobody is there, without the message itself;
    /// absent where none can be left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offline_form: Option<Form>,
    /// Where and by which form callbacks can be asked for; absent where they are not offered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callback: Option<CallbackOffer>,
    /// RFC 3339: when the next working hours begin; absent within them, and where there are
    /// none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back_at: Option<String>,
    #[serde(default)]
    pub sneak_peek_enabled: bool,
    /// Who accepts chats now, at most three.
    #[serde(default)]
    pub online: Vec<Presence>,
    /// Which files are taken; absent when none are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub files: Option<FilePolicy>,
    /// What is asked when the chat is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postchat: Option<Form>,
    /// Whether the visitor is asked how it was.
    #[serde(default, deserialize_with = "lenient::boolean_or_false")]
    pub asks_rating: bool,
    /// Whether the visitor can have the conversation by e-mail.
    #[serde(default, deserialize_with = "lenient::boolean_or_false")]
    pub mails_transcripts: bool,
    /// What must be masked before it leaves the browser.
    #[serde(
        default,
        deserialize_with = "lenient::null_as_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub sensitive_data_rules: Vec<SensitiveDataRule>,
    /// What counts as a success of a chat; absent where the site has no goals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goals: Option<Goals>,
}

/// The goals of a site, as the browser of a visitor who has chatted needs them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Goals {
    /// For how long after the beginning of a chat goals are attributed to it.
    #[serde(default, deserialize_with = "lenient::count")]
    pub days: u64,
    /// Goals that are reached by opening a page.
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    pub pages: Vec<GoalPage>,
}

/// A goal that is reached by opening a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GoalPage {
    /// Its name.
    pub goal: String,
    /// The path of the page's address, in which `*` stands for any text.
    pub path: String,
}

/// Where a visitor can ask for a callback.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CallbackOffer {
    /// The form, without the note.
    pub form: Form,
    /// From the greeting, while somebody is there.
    #[serde(default, deserialize_with = "lenient::boolean_or_false")]
    pub hello: bool,
    /// While they wait for an agent.
    #[serde(default, deserialize_with = "lenient::boolean_or_false")]
    pub waiting: bool,
    /// While nobody is there.
    #[serde(default, deserialize_with = "lenient::boolean_or_false")]
    pub offline: bool,
}

/// Which files a deployment takes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct FilePolicy {
    /// Of one file.
    #[serde(default, deserialize_with = "lenient::count")]
    pub max_bytes: u64,
    /// MIME types, as the endpoint finds them in the bytes.
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    pub types: Vec<String>,
}

/// Somebody who answers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Presence {
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar: Option<String>,
}

/// The organisation has moved; in place of any Visitor call's answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SwitchServer {
    /// Ends in `/chat`, and holds for every later call.
    pub new_url: String,
}

/// A new visitor's id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct VisitorIdReply {
    pub session_id: String,
}
