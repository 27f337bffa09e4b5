//! Who asks: the request headers of seed 001, chapter 3.

use axum::http::HeaderMap;
use parlor_wire::visitor::header;

use crate::{app::App, auth, conversation::Refusal};

/// What the headers say.
pub(super) struct Caller {
    pub(super) key_hash: String,
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
/// No key is a session that is not valid; an affinity of another process is
/// one that has changed. The literal `null`, and none at all, are accepted:
/// the session's row says who serves it.
pub(super) fn caller(app: &App, headers: &HeaderMap) -> Result<Caller, Refusal> {
    let key_hash = key(headers).ok_or(Refusal::SessionGone)?;
    let affinity = text(headers, header::AFFINITY).unwrap_or("null");
    if !["", "null", app.affinity.as_str()].contains(&affinity) {
        return Err(Refusal::AffinityChanged);
    }
    let number = text(headers, header::SEQUENCE).and_then(|n| n.parse().ok());
    Ok(Caller { key_hash, number })
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
