//! Ours: what a deployment has ready for its agents to send, and asking a visitor for
//! a file (Chat REST API, FileTransfer).

use serde::{Deserialize, Serialize};

use super::{Action, Done};
use crate::event::Event;
use crate::id::ChatId;
use crate::lenient;

/// Asks what is ready to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ListTemplates {}

impl Action for ListTemplates {
    const NAME: &'static str = "list_templates";
    type Reply = Templates;
}

/// The reply to [`ListTemplates`].
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Templates {
    /// Texts that are often written.
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    pub canned_responses: Vec<CannedResponse>,
    /// Cards, quick replies and stickers.
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    pub rich_messages: Vec<Template>,
    /// Forms.
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    pub forms: Vec<Template>,
}

/// A text by what is typed to find it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CannedResponse {
    /// Without the sign that begins it.
    pub shortcut: String,
    /// The text itself.
    pub text: String,
}

/// An event by the name that agents know it under.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = NamedTemplate))]
pub struct Template {
    /// As agents read it.
    pub name: String,
    /// Ready for `send_event`.
    pub event: Event,
}

/// Asks the visitor of a chat for a file, or no longer does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RequestFile {
    /// Which chat.
    pub chat_id: ChatId,
    /// Takes the request back; the default is false.
    #[serde(
        default,
        deserialize_with = "lenient::optional_boolean",
        skip_serializing_if = "Option::is_none"
    )]
    pub cancel: Option<bool>,
}

impl Action for RequestFile {
    const NAME: &'static str = "request_file";
    type Reply = Done;
}
