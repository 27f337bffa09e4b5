//! The request headers of the Chat REST API.

use std::net::IpAddr;

use axum::{Extension, http::HeaderMap};
use parlor_wire::visitor::header;

use crate::{
    app::App,
    auth,
    conversation::{Credentials, Refusal},
    http::limits::ClientAddress,
    origin,
};

/// Credentials and number of a session's request.
pub(super) struct Caller {
    pub(super) credentials: Credentials,
    /// `X-LIVEAGENT-SEQUENCE`; without it a repeated POST is carried out twice.
    pub(super) post_number: Option<i64>,
    /// The client's address, if it is known and matters for the request.
    pub(super) address: Option<IpAddr>,
}

impl Caller {
    pub(super) fn at(self, address: Option<Extension<ClientAddress>>) -> Self {
        let address = address.and_then(|Extension(ClientAddress(address))| address);
        Self { address, ..self }
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

/// Hash of the session key.
pub(super) fn key(headers: &HeaderMap) -> Option<String> {
    text(headers, header::SESSION_KEY)
        .filter(|key| !key.is_empty())
        .map(auth::hash_token)
}

/// Hash of the visitor id, which only the visitor's own device knows.
pub(super) fn visitor_id(headers: &HeaderMap) -> Option<String> {
    text(headers, header::VISITOR_ID)
        .filter(|id| !id.is_empty())
        .map(auth::hash_token)
}

/// The token with which the site vouches for the visitor.
pub(super) fn identity_token(headers: &HeaderMap) -> Option<&str> {
    text(headers, header::IDENTITY_TOKEN).filter(|token| !token.is_empty())
}

/// The credentials and number of a session's request.
///
/// # Errors
/// [`Refusal::SessionGone`] without a session key.
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
        address: None,
    })
}

/// The origin of the page that asks, if it is another than this endpoint's.
pub(super) fn cross_origin(app: &App, headers: &HeaderMap) -> Option<String> {
    let asks = text(headers, "origin")?;
    let host = text(headers, "host");
    let public_url = app.config.public_url.as_deref();
    let own = origin::normal(asks).is_some_and(|o| origin::is_own(&o, host, public_url));
    (!own).then(|| asks.to_owned())
}
