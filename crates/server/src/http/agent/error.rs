//! Errors of the agent API: `{"error":{"type","message"}}` with the status of
//! the type. A message names fields and limits, and never repeats what was
//! sent.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use parlor_wire::{
    DecodeError,
    agent::{ErrorReply, ErrorType},
};

use crate::{conversation::Refusal, http::store_failure, store::StoreError};

#[derive(Debug)]
pub(super) struct ApiError {
    pub(super) kind: ErrorType,
    message: String,
    /// Overrides the status of the type.
    status: Option<StatusCode>,
    /// Seconds after which the client should try again.
    retry_after_s: Option<u64>,
}

pub(super) type Result<T> = std::result::Result<T, ApiError>;

impl ApiError {
    pub(super) fn new(kind: ErrorType, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            status: None,
            retry_after_s: None,
        }
    }

    pub(super) fn validation(message: impl Into<String>) -> Self {
        Self::new(ErrorType::Validation, message)
    }

    /// One message for every failed authentication.
    pub(super) fn authentication() -> Self {
        Self::new(ErrorType::Authentication, "sign in first")
    }

    pub(super) fn too_large(limit: usize) -> Self {
        Self {
            status: Some(StatusCode::PAYLOAD_TOO_LARGE),
            ..Self::validation(format!("the body has more than {limit} bytes"))
        }
    }

    pub(super) fn too_many(retry_after_s: u64) -> Self {
        Self {
            status: Some(StatusCode::TOO_MANY_REQUESTS),
            retry_after_s: Some(retry_after_s),
            ..Self::new(
                ErrorType::from("too_many_requests"),
                format!("too many attempts: try again in {retry_after_s} seconds"),
            )
        }
    }

    /// The body of the response; a socket sends it as the payload.
    pub(super) fn reply(self) -> ErrorReply {
        ErrorReply::new(self.kind, self.message)
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        let kind = match &refusal {
            Refusal::Store(error) => return store_failed(error),
            Refusal::Invalid(_) => ErrorType::Validation,
            Refusal::TooLarge(_) => {
                return Self {
                    status: Some(StatusCode::PAYLOAD_TOO_LARGE),
                    ..Self::validation(refusal.to_string())
                };
            }
            Refusal::UnsupportedType(_) => {
                return Self {
                    status: Some(StatusCode::UNSUPPORTED_MEDIA_TYPE),
                    ..Self::validation(refusal.to_string())
                };
            }
            Refusal::LimitExceeded(exceeded) => return Self::too_many(exceeded.retry_after_s),
            Refusal::Forbidden(_) => ErrorType::Authorization,
            Refusal::ChatInactive => ErrorType::ChatInactive,
            Refusal::NewerEvents => ErrorType::NewerEvents,
            // Sessions belong to visitors: to an agent, a chat without one does
            // not exist.
            Refusal::NotFound(_)
            | Refusal::SessionGone
            | Refusal::AffinityChanged
            | Refusal::DuplicatePoll => ErrorType::NotFound,
        };
        Self::new(kind, refusal.to_string())
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        store_failed(&error)
    }
}

impl From<DecodeError> for ApiError {
    fn from(error: DecodeError) -> Self {
        Self::validation(error.to_string())
    }
}

/// A reply that cannot be encoded comes from a corrupt row.
impl From<serde_json::Error> for ApiError {
    fn from(error: serde_json::Error) -> Self {
        store_failed(&StoreError::Corrupt {
            table: "answer",
            reason: error.to_string(),
        })
    }
}

/// The detail is logged here, once, and never sent.
fn store_failed(error: &StoreError) -> ApiError {
    store_failure::record(error, "the store failed");
    match error.retry_after() {
        Some(after) => ApiError {
            status: Some(StatusCode::SERVICE_UNAVAILABLE),
            retry_after_s: Some(after.as_secs()),
            ..ApiError::new(
                ErrorType::from("service_unavailable"),
                "nothing can be stored at present: try again later",
            )
        },
        None => ApiError::new(ErrorType::Internal, "the server failed"),
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = self.status.unwrap_or_else(|| {
            StatusCode::from_u16(self.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
        });
        let retry_after_s = self.retry_after_s;
        let mut response = (status, Json(self.reply())).into_response();
        let headers = response.headers_mut();
        if let Some(seconds) = retry_after_s {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if status == StatusCode::UNAUTHORIZED {
            let scheme = HeaderValue::from_static("Bearer");
            headers.insert(header::WWW_AUTHENTICATE, scheme);
        }
        response
    }
}
