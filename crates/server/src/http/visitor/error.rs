//! Errors of the visitor API: a status (Chat REST API, status codes), and one
//! line of text that says what was wrong and never repeats what was sent.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::{
    conversation::Refusal,
    http::{limits::insert_retry_after, store_failure},
    store::StoreError,
};

#[derive(Debug)]
pub(super) struct VisitorError(pub(super) Refusal);

impl<T: Into<Refusal>> From<T> for VisitorError {
    fn from(error: T) -> Self {
        Self(error.into())
    }
}

pub(super) type Result<T> = std::result::Result<T, VisitorError>;

pub(super) fn bad_request(text: impl Into<String>) -> VisitorError {
    VisitorError(Refusal::Invalid(text.into()))
}

impl IntoResponse for VisitorError {
    fn into_response(self) -> Response {
        let status = match &self.0 {
            Refusal::Invalid(_) => StatusCode::BAD_REQUEST,
            Refusal::SessionGone | Refusal::Forbidden(_) => StatusCode::FORBIDDEN,
            Refusal::AffinityChanged => StatusCode::SERVICE_UNAVAILABLE,
            Refusal::DuplicatePoll => StatusCode::CONFLICT,
            Refusal::NotFound(_) => StatusCode::NOT_FOUND,
            // Only agents' requests fail in these ways.
            Refusal::ChatInactive | Refusal::NewerEvents => StatusCode::FORBIDDEN,
            Refusal::LimitExceeded(exceeded) => {
                let text = exceeded.to_string();
                let mut response = (StatusCode::TOO_MANY_REQUESTS, text).into_response();
                insert_retry_after(&mut response, *exceeded);
                return response;
            }
            Refusal::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Refusal::UnsupportedType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Refusal::Store(error) => return store_failed(error),
        };
        (status, self.0.to_string()).into_response()
    }
}

/// The detail is logged here, once, and never sent.
fn store_failed(error: &StoreError) -> Response {
    store_failure::record(error, "the store failed");
    match error.retry_after() {
        Some(after) => (
            StatusCode::SERVICE_UNAVAILABLE,
            [(header::RETRY_AFTER, after.as_secs().to_string())],
            "nothing can be stored at present: try again later",
        )
            .into_response(),
        None => (StatusCode::INTERNAL_SERVER_ERROR, "the server failed").into_response(),
    }
}
