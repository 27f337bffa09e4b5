//! Who asks: the request headers of seed 001, chapter 3.

use axum::http::HeaderMap;
use parlor_wire::visitor::header;

use crate::{
    app::App,
    auth,
    conversation::{Credentials, Refusal},
    origin,
};

/// What the headers say.
pub(super) struct Caller {
    pub(super) credentials: Credentials,
    /// `X-LIVEAGENT-SEQUENCE`; none gives no protection from doubles.
    pub(super) post_number: Option<i64>,
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

pub(super) fn key(headers: &HeaderMap) -> Option<String> {
    text(headers, header::SESSION_KEY)
        .filter(|key| !key.is_empty())
        .map(auth::hash_token)
}

/// Hash of the id that only the visitor's own device has.
pub(super) fn visitor_id(headers: &HeaderMap) -> Option<String> {
    text(headers, header::VISITOR_ID)
        .filter(|id| !id.is_empty())
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
        post_number: text(headers, header::SEQUENCE).and_then(|n| n.parse().ok()),
    })
}

/// The page that asks, if a page of another origin does.
pub(super) fn cross_origin(app: &App, headers: &HeaderMap) -> Option<String> {
    let asks = text(headers, "origin")?;
    let host = text(headers, "host");
    let public_url = app.config.public_url.as_deref();
    let own = origin::normal(asks).is_some_and(|o| origin::is_own(&o, host, public_url));
    (!own).then(|| asks.to_owned())
}
