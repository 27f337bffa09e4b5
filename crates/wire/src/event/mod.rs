//! One event of a thread, as every face of the protocol shows it (Agent Chat API, Events):
//! what is common to all, and a body by kind. It does not know who may see an event
//! or in which order events come; the id's number says that. An event of a kind that
//! is not known here is kept whole and written again unchanged.

mod codec;
mod custom;
mod file;
mod filled_form;
mod form;
mod message;
mod properties;
mod rich_message;
mod text_form;
mod validate;

pub use custom::{Custom, SystemMessage, Vars};
pub use file::File;
pub use filled_form::{Answer, Choice, FilledField, FilledForm};
pub use form::{
    CALLBACK_PHONE_FIELD, CALLBACK_TIMES_FIELD, CALLBACK_TYPE_FIELD, CONTACT_FIELD, FieldKind,
    Form, FormField, FormOption, looks_like_email, looks_like_phone,
};
pub use message::{Message, Postback};
pub use properties::{Properties, PropertyNames};
pub use rich_message::{
    Button, ButtonKind, Element, Image, LinkTarget, RichMessage, Template, Toggled, WebviewHeight,
};
pub use validate::{Invalid, Problem};

use serde::Serialize;

use crate::id::{CustomId, EventId, UserId};
use crate::tagged::Fields;
use crate::word::words;

words! {
    /// Who may see an event, or what an agent writes. Anything but `All` is kept from
    /// visitors, a word that we do not know included.
    pub enum Visibility {
        /// Everybody in the chat.
        All => "all",
        /// Agents only: a private note.
        Agents => "agents",
    }
}

/// An event, both as it is sent (no id, time or author yet) and as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Event {
    /// Given by the server.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(read_only))]
    pub id: Option<EventId>,
    /// Given by the sender, so that a second sending is known as such.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_id: Option<CustomId>,
    /// UTC, RFC 3339 with six decimals; given by the server.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(read_only, format = DateTime))]
    pub created_at: Option<String>,
    /// Given by the server; a system message has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(read_only))]
    pub author_id: Option<UserId>,
    /// Absent means everybody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visibility: Option<Visibility>,
    /// What other programs note on the event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub properties: Option<Properties>,
    /// What the event is.
    #[serde(flatten)]
    pub body: EventBody,
}

impl Event {
    /// An event to be sent to everybody in the chat.
    pub fn new(body: EventBody) -> Self {
        Self {
            id: None,
            custom_id: None,
            created_at: None,
            author_id: None,
            visibility: None,
            properties: None,
            body,
        }
    }

    /// Whether visitors may see it.
    pub fn is_public(&self) -> bool {
        matches!(self.visibility, None | Some(Visibility::All))
    }
}

/// What an event is.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum EventBody {
    /// Somebody said something.
    Message(Message),
    /// Somebody put a file there.
    File(File),
    /// Questions to be answered.
    Form(Form),
    /// Questions with their answers.
    FilledForm(FilledForm),
    /// Cards, a sticker or quick replies.
    RichMessage(RichMessage),
    /// Whatever two programs agreed upon.
    Custom(Custom),
    /// The endpoint reports something that happened to the chat.
    SystemMessage(SystemMessage),
    /// A kind that this version does not know, with all fields that are not common.
    #[serde(untagged)]
    Unknown {
        /// The `type` word.
        #[serde(rename = "type")]
        kind: String,
        /// The fields as they came.
        #[serde(flatten)]
        fields: Fields,
    },
}

#[cfg(feature = "openapi")]
impl EventBody {
    fn kinds() -> crate::schema::Kinds {
        crate::schema::Kinds::default()
            .flat("message", Self::Message)
            .flat("file", Self::File)
            .flat("form", Self::Form)
            .flat("filled_form", Self::FilledForm)
            .flat("rich_message", Self::RichMessage)
            .flat("custom", Self::Custom)
            .flat("system_message", Self::SystemMessage)
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for EventBody {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        Self::kinds().schema("What an event is. An event of an unknown type is refused.")
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for EventBody {
    fn schemas(schemas: &mut crate::schema::Schemas) {
        Self::kinds().add_to(schemas);
    }
}

impl EventBody {
    /// The `type` word.
    pub fn kind(&self) -> &str {
        match self {
            Self::Message(_) => "message",
            Self::File(_) => "file",
            Self::Form(_) => "form",
            Self::FilledForm(_) => "filled_form",
            Self::RichMessage(_) => "rich_message",
            Self::Custom(_) => "custom",
            Self::SystemMessage(_) => "system_message",
            Self::Unknown { kind, .. } => kind,
        }
    }
}
