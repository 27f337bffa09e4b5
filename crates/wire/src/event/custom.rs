//! Events that programs agreed upon among themselves, and events by which the endpoint
//! reports on the chat (seed 002, Custom and System message).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::tagged::Fields;

/// Whatever two programs agreed upon.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Custom {
    /// An object, by the seed; any JSON is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Value>,
}

/// Something happened to the chat.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct SystemMessage {
    /// What happened, as `routing.assigned`.
    pub system_message_type: String,
    /// The same as a sentence, for who does not know the type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Who and what is spoken of in the sentence, by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text_vars: Option<Fields>,
}
