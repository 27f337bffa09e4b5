//! Who asks: the request headers of seed 001, chapter 3.

use axum::http::HeaderMap;
use parlor_wire::visitor::header;

use crate::{
    auth,
    conversation::{Credentials, Refusal},
};

/// What the headers say.
pub(super) struct Caller {
    pub(super) credentials: Credentials,
    /// `X-LIVEAGENT-SEQUENCE`; none gives no protection from doubles.
    pub(super) number: Option<i64>,
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

pub(super) fn key(headers: &HeaderMap) -> Option<String> {
    text(headers, header::SESSION_KEY)
        .filter(|key| !key.is_empty())
        .map(auth::hash_token)
}

/// # Errors
/// No key is a session that is not valid.
pub(super) fn caller(headers: &HeaderMap) -> Result<Caller, Refusal> {
    let affinity = text(headers, header::AFFINITY)
        .filter(|token| !["", "null"].contains(token))
        .map(str::to_owned);
    Ok(Caller {
        credentials: Credentials {
            key_hash: key(headers).ok_or(Refusal::SessionGone)?,
            affinity,
        },
        number: text(headers, header::SEQUENCE).and_then(|n| n.parse().ok()),
    })
}

/// The page that asks, if a page of another origin does.
pub(super) fn foreign_origin(headers: &HeaderMap) -> Option<String> {
    let origin = text(headers, "origin")?;
    let host = text(headers, "host").unwrap_or_default();
    let own = origin
        .split_once("://")
        .is_some_and(|(_, at)| at.eq_ignore_ascii_case(host));
    (!own).then(|| origin.to_owned())
}
