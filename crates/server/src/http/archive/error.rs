//! Errors of the Chats API: `{"error": …, "message": …}` with a status. A message names
//! fields and limits, and never repeats what was sent.

use axum::{
    Json,
    extract::rejection::{BytesRejection, PathRejection, QueryRejection},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    conversation::Refusal, http::store_failure, limits::Exceeded, search::QueryError,
    store::StoreError,
};

#[derive(Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    message: String,
    retry_after_s: Option<u64>,
}

pub(super) type Result<T> = std::result::Result<T, ApiError>;

/// What went wrong.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ErrorBody {
    /// A word for programs.
    error: &'static str,
    /// A sentence for people.
    message: String,
}

impl ApiError {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            retry_after_s: None,
        }
    }

    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub(super) fn no_such_chat() -> Self {
        Self::new(StatusCode::NOT_FOUND, "there is no such chat")
    }

    /// A limit of the endpoint is reached.
    pub(crate) fn limit_reached(status: StatusCode, exceeded: Exceeded) -> Self {
        Self {
            retry_after_s: Some(exceeded.retry_after_s),
            ..Self::new(status, exceeded.to_string())
        }
    }

    fn word(&self) -> &'static str {
        match self.status {
            StatusCode::BAD_REQUEST => "invalid",
            StatusCode::UNAUTHORIZED => "unauthorized",
            StatusCode::FORBIDDEN => "forbidden",
            StatusCode::NOT_FOUND => "not_found",
            StatusCode::CONFLICT => "conflict",
            StatusCode::PAYLOAD_TOO_LARGE => "too_large",
            StatusCode::TOO_MANY_REQUESTS => "too_many_requests",
            StatusCode::SERVICE_UNAVAILABLE => "unavailable",
            _ => "internal",
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = ErrorBody {
            error: self.word(),
            message: self.message,
        };
        let mut response = (self.status, Json(body)).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            let bearer = HeaderValue::from_static("Bearer");
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, bearer);
        }
        if let Some(seconds) = self.retry_after_s {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        store_failure::record(&error, "a request of the archive failed");
        match error.retry_after() {
            Some(after) => Self {
                retry_after_s: Some(after.as_secs()),
                ..Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "the server cannot read or write at the moment: try again later",
                )
            },
            None => Self::new(StatusCode::INTERNAL_SERVER_ERROR, "the server has failed"),
        }
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        let message = refusal.to_string();
        match refusal {
            Refusal::Store(error) => error.into(),
            Refusal::Invalid(_) | Refusal::UnsupportedType(_) => Self::invalid(message),
            Refusal::TooLarge(_) => Self::new(StatusCode::PAYLOAD_TOO_LARGE, message),
            Refusal::Forbidden(_) => Self::new(StatusCode::FORBIDDEN, message),
            Refusal::ChatInactive | Refusal::NewerEvents => {
                Self::new(StatusCode::CONFLICT, message)
            }
            Refusal::LimitExceeded(exceeded) => {
                Self::limit_reached(StatusCode::TOO_MANY_REQUESTS, exceeded)
            }
            Refusal::NotFound(_)
            | Refusal::SessionGone
            | Refusal::AffinityChanged
            | Refusal::DuplicatePoll => Self::new(StatusCode::NOT_FOUND, message),
        }
    }
}

impl From<QueryError> for ApiError {
    fn from(error: QueryError) -> Self {
        Self::invalid(format!("q, {error}"))
    }
}

impl From<QueryRejection> for ApiError {
    fn from(_: QueryRejection) -> Self {
        Self::invalid("a parameter in the address is not of its type, or is there twice")
    }
}

impl From<PathRejection> for ApiError {
    fn from(_: PathRejection) -> Self {
        Self::no_such_chat()
    }
}

impl From<BytesRejection> for ApiError {
    fn from(rejection: BytesRejection) -> Self {
        match rejection.into_response().status() {
            StatusCode::PAYLOAD_TOO_LARGE => Self::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                format!("the body has more than {} bytes", super::BODY_MAX_BYTES),
            ),
            _ => Self::invalid("the body ends too early"),
        }
    }
}

/// A reply that cannot be encoded comes from a damaged row.
impl From<serde_json::Error> for ApiError {
    fn from(error: serde_json::Error) -> Self {
        Self::from(StoreError::Corrupt {
            table: "answer",
            reason: error.to_string(),
        })
    }
}
