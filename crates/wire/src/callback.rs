//! A callback that a visitor asks for, as the chat session webhook has it. Its note is the text
//! of the message in which it comes.

use serde::{Deserialize, Serialize};

use crate::lenient;
use crate::word::words;

/// How and when somebody wants to be called back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Callback {
    /// By phone, or in the chat.
    #[serde(rename = "type")]
    pub kind: CallbackType,
    /// The number to call; with the type `phone`.
    #[serde(
        default,
        deserialize_with = "lenient::optional_text",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "openapi", schema(max_length = 340))]
    pub phone: Option<String>,
    /// The times that suit; none where any time does.
    #[serde(
        default,
        deserialize_with = "lenient::null_as_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    #[cfg_attr(feature = "openapi", schema(max_items = 20))]
    pub preferred_time: Vec<TimeWindow>,
}

/// A time that suits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TimeWindow {
    /// RFC 3339.
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub start: String,
    /// RFC 3339.
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub end: String,
}

words! {
    /// How somebody is called back.
    pub enum CallbackType {
        /// By phone.
        Phone => "phone",
        /// By a message in the chat.
        Chat => "chat",
    }
}
