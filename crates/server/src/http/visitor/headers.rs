//! The request headers of the Chat REST API.

use std::net::IpAddr;

use axum::{Extension, http::HeaderMap};
use parlor_wire::visitor::header;
use utoipa::IntoParams;

use crate::{
    app::App,
    auth,
    conversation::{Credentials, Refusal},
    http::limits::ClientAddress,
    origin,
};

/// The version of the API.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it describes what is sent")]
pub(super) struct ApiVersion {
    /// Accepted and not looked at.
    #[param(rename = "X-LIVEAGENT-API-VERSION", nullable = false, example = 56)]
    api_version: Option<u32>,
}

/// Which process has the session.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it describes what is sent")]
pub(super) struct Affinity {
    /// The newest affinity token, or the literal `null`.
    #[param(rename = "X-LIVEAGENT-AFFINITY", nullable = false, example = "null")]
    affinity: Option<String>,
}

/// The number of a POST.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it describes what is sent")]
pub(super) struct Sequence {
    /// The number of the POST in its session, from 1. A number that was used is answered as the
    /// first time, and nothing is done again.
    #[param(rename = "X-LIVEAGENT-SEQUENCE", nullable = false, minimum = 1)]
    sequence: Option<i64>,
}

/// By what a visitor is known outside a session.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it describes what is sent")]
pub(super) struct Visitor {
    /// The session, if there is one.
    #[param(rename = "X-LIVEAGENT-SESSION-KEY", nullable = false)]
    session_key: Option<String>,
    /// Ours. The `visitorId` of `ChatRequestSuccess`.
    #[param(rename = "X-CHAT-VISITOR-ID", nullable = false)]
    visitor_id: Option<String>,
}

/// By what the site vouches for a visitor.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it describes what is sent")]
pub(super) struct Identity {
    /// Ours. The token with which the site vouches for the visitor.
    #[param(rename = "X-CHAT-IDENTITY-TOKEN", nullable = false)]
    identity_token: Option<String>,
}

/// Whose secret the token is signed with.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what is sent")]
pub(super) struct IdentityDeployment {
    /// The deployment under whose secret the token is signed.
    #[param(nullable = false)]
    deployment_id: Option<String>,
}

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
