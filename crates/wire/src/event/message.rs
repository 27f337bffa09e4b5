//! Something that somebody said (Agent Chat API, Message). Text is plain: nothing in it is
//! markup, and nobody may show it as such.

use serde::{Deserialize, Serialize};

use crate::id::{EventId, ThreadId};

/// A text, and the button press that it answers, if any.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Message {
    /// At most 16 KiB of UTF-8.
    #[cfg_attr(feature = "openapi", schema(max_length = 16384))]
    pub text: String,
    /// The button of a rich message that brought this text about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postback: Option<Postback>,
}

/// Which button was pressed, and where it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Postback {
    /// The button's `postback_id`.
    pub id: String,
    /// The thread with the rich message.
    pub thread_id: ThreadId,
    /// The rich message.
    pub event_id: EventId,
    /// The button's type; together with `value`, or not at all.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The button's value; together with `type`, or not at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}
