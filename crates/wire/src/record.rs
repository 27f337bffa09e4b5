//! Ours: records of the site, as agents see them with a conversation (`docs/PROTOCOL.md`, 5,
//! Records). Visitors are sent nothing of this but the id under which a record is attached.

use serde::{Deserialize, Serialize};

use crate::{
    id::{AttachedRecordId, RecordId},
    lenient,
    word::words,
};

/// A record that is attached to a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Record {
    /// Names it in this conversation; `attachedRecords` has it.
    pub id: AttachedRecordId,
    /// The same in all conversations to which it is attached.
    pub record_id: RecordId,
    /// What it is a record of, as `Contact` or `Case`.
    pub entity_name: String,
    /// How it came to the conversation.
    pub origin: RecordOrigin,
    /// The site wants it shown before the others: it was made with `showOnCreate`.
    #[serde(
        default,
        deserialize_with = "lenient::boolean_or_false",
        skip_serializing_if = "std::ops::Not::not"
    )]
    pub show_first: bool,
    /// RFC 3339: when it was made.
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub created_at: String,
    /// In the order in which the site names them.
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    pub fields: Vec<RecordField>,
    /// The transcript field in which the site wants its id (`saveToTranscript`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transcript_field: Option<String>,
    /// The records of this conversation that its fields name.
    #[serde(
        default,
        deserialize_with = "lenient::null_as_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub links: Vec<RecordLink>,
}

/// A field of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecordField {
    /// The site's name of it, as `Email`.
    pub name: String,
    /// What the visitor was asked.
    pub label: String,
    /// What the visitor answered.
    pub value: String,
}

/// A field that names another record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecordLink {
    /// The site's name of the field, as `ContactId`.
    pub field_name: String,
    /// The other record.
    pub id: AttachedRecordId,
}

words! {
    /// How a record came to a conversation.
    pub enum RecordOrigin {
        /// The conversation's first request made it.
        Created => "created",
        /// All fields that were looked for are the same.
        Found => "found",
        /// Some of these fields only begin with what was looked for.
        FoundByPrefix => "found_by_prefix",
    }
}
