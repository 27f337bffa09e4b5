//! Answers that many requests have in common. They stand once in the document, and each
//! request refers to them.
#![expect(dead_code, reason = "they describe what is answered")]

use std::collections::BTreeMap;

use parlor_wire::{agent::ErrorReply, event::File};
use utoipa::{
    IntoResponses, ToResponse,
    openapi::{Ref, RefOr, Response},
};

use crate::http::archive::ErrorBody;

/// One line of text.
#[derive(ToResponse)]
#[response(content_type = "text/plain")]
pub(crate) struct Text(String);

/// A page.
#[derive(ToResponse)]
#[response(content_type = "text/html")]
pub(crate) struct Page(String);

/// The text `OK`. The headers describe the event that was written, if one was.
#[derive(ToResponse)]
#[response(
    content_type = "text/plain",
    headers(
        ("X-CHAT-LATEST-OFFSET" = i64, description = "Ours. The newest position of the session."),
        ("X-CHAT-EVENT-ID" = String, description = "Ours. The id of the event."),
        ("X-CHAT-POSITION" = i64, description = "Ours. The number of the event among those of its thread that visitors see."),
        ("X-CHAT-CREATED-AT" = String, description = "Ours. When the event was written, RFC 3339."),
    ),
)]
pub(crate) struct Posted(String);

/// A limit is reached (`SECURITY.md`). Nothing was done.
#[derive(ToResponse)]
#[response(
    content_type = "text/plain",
    headers(("Retry-After" = u64, description = "After how many seconds to try again.")),
)]
pub(crate) struct TooMany(String);

/// Without `Retry-After`: another process has the session now, and the client calls
/// `ReconnectSession`. With it: nothing can be stored at present, and the same request may be
/// repeated later.
#[derive(ToResponse)]
#[response(
    content_type = "text/plain",
    headers(("Retry-After" = u64, description = "After how many seconds to try again.")),
)]
pub(crate) struct Unavailable(String);

/// `type` is `validation` (400, 413, 415), `unsupported_version` (400), `authentication` (401),
/// `authorization` (403), `not_found` (404), `newer_events` (409), `chat_inactive` (422),
/// `too_many_requests` (429) or `service_unavailable` (503).
#[derive(ToResponse)]
#[response(headers(("Retry-After" = u64, description = "After how many seconds to try again.")))]
pub(crate) struct AgentError(ErrorReply);

/// The `error` is a word for the status: `invalid` (400), `unauthorized` (401), `forbidden` (403),
/// `not_found` (404), `conflict` (409), `too_large` (413), `too_many_requests` (429) or
/// `unavailable` (503).
#[derive(ToResponse)]
#[response(headers(("Retry-After" = u64, description = "After how many seconds to try again.")))]
pub(crate) struct ArchiveError(ErrorBody);

/// What is known of the file.
#[derive(ToResponse)]
pub(crate) struct Stored(File);

/// Refers to the answers of these statuses.
fn references(answers: &[(&str, &str)]) -> BTreeMap<String, RefOr<Response>> {
    let reference = |name: &str| RefOr::Ref(Ref::from_response_name(name));
    answers
        .iter()
        .map(|(status, name)| ((*status).to_owned(), reference(name)))
        .collect()
}

/// Errors of all requests of the visitor API.
pub(crate) struct VisitorErrors;

impl IntoResponses for VisitorErrors {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        references(&[("403", "Text"), ("429", "TooMany"), ("503", "Unavailable")])
    }
}

/// Answers to POSTs of a session.
pub(crate) struct PostOfSession;

impl IntoResponses for PostOfSession {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut answers = VisitorErrors::responses();
        answers.extend(references(&[
            ("200", "Posted"),
            ("400", "Text"),
            ("404", "Text"),
            ("413", "Text"),
        ]));
        answers
    }
}

/// Errors of the agent API.
pub(crate) struct AgentErrors;

impl IntoResponses for AgentErrors {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        references(&[("default", "AgentError")])
    }
}

/// Errors of the archive.
pub(crate) struct ArchiveErrors;

impl IntoResponses for ArchiveErrors {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        references(&[("4XX", "ArchiveError"), ("503", "ArchiveError")])
    }
}

/// Errors of the console's session.
pub(crate) struct SessionErrors;

impl IntoResponses for SessionErrors {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let statuses = ["403", "429", "503"];
        references(&statuses.map(|status| (status, "AgentError")))
    }
}

/// Errors of uploads of the visitor API.
pub(crate) struct UploadErrors;

impl IntoResponses for UploadErrors {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut answers = VisitorErrors::responses();
        answers.extend(references(&[
            ("400", "Text"),
            ("413", "Text"),
            ("415", "Text"),
        ]));
        answers
    }
}
