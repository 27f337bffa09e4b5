//! How an action fails: a type to act upon and a message for the person who writes the
//! program. The message must never hold what somebody else wrote.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::word::words;

/// The body of every failed action.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ErrorReply {
    /// What went wrong.
    pub error: ErrorBody,
}

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = AgentErrorBody))]
pub struct ErrorBody {
    /// To act upon.
    #[serde(rename = "type")]
    pub kind: ErrorType,
    /// For the person who writes the program.
    #[serde(default)]
    pub message: String,
    /// More to act upon, for some types.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
}

words! {
    /// Why an action was not done.
    pub enum ErrorType {
        /// The request is not of the form it must have.
        Validation => "validation",
        /// Nobody knows who asks.
        Authentication => "authentication",
        /// Who asks may not do this.
        Authorization => "authorization",
        /// What is named does not exist, or not for who asks.
        NotFound => "not_found",
        /// The chat has no open thread.
        ChatInactive => "chat_inactive",
        /// It took too long.
        RequestTimeout => "request_timeout",
        /// The path names a version that is not served.
        UnsupportedVersion => "unsupported_version",
        /// Ours: somebody else wrote what the agent had not seen.
        NewerEvents => "newer_events",
        /// The endpoint is broken.
        Internal => "internal",
    }
}

impl ErrorType {
    /// The HTTP status that goes with it.
    pub fn status(&self) -> u16 {
        match self {
            Self::Validation | Self::UnsupportedVersion => 400,
            Self::Authentication => 401,
            Self::Authorization => 403,
            Self::NotFound => 404,
            Self::NewerEvents => 409,
            Self::ChatInactive => 422,
            Self::RequestTimeout => 504,
            Self::Internal | Self::Other(_) => 500,
        }
    }
}

impl ErrorReply {
    /// A failure with its message.
    pub fn new(kind: ErrorType, message: impl Into<String>) -> Self {
        Self {
            error: ErrorBody {
                kind,
                message: message.into(),
                data: None,
            },
        }
    }
}
