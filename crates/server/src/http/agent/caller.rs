//! Authenticates requests: programs by a token, people by the console's cookie.
//! Browsers attach the cookie to every request, so that it only counts on
//! requests from our own pages.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, header};
use axum_extra::extract::CookieJar;
use parlor_wire::agent::ErrorType;
use secrecy::{ExposeSecret as _, SecretString};

use super::error::{ApiError, Result};
use crate::{
    app::App,
    auth::{authenticate as authenticate_token, hash_token, token_from_header},
    conversation::attendance,
    origin::{self, SEC_FETCH_SITE},
    store::row::{Agent, Token, TokenKind},
};

/// How exactly it is known when a sign-in was last used.
pub(super) const USE_NOTED_EVERY: Duration = Duration::from_secs(5 * 60);

/// The name of the console's cookie over http, as on localhost.
pub(super) const AGENT_COOKIE: &str = "parlor_agent";

/// Its name over https. Browsers take a cookie of such a name only over https
/// and from this very host: no other host of the domain can set it.
pub(super) const SECURE_AGENT_COOKIE: &str = "__Host-parlor_agent";

/// The credential of a request.
#[derive(Debug, Clone)]
pub(super) enum Credential {
    Nothing,
    /// From `Authorization`; `None` inside when it cannot be read.
    Header(Option<SecretString>),
    Cookie(SecretString),
}

/// `Authorization` takes precedence over the cookie.
pub(super) fn credential(app: &App, headers: &HeaderMap) -> Credential {
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        return Credential::Header(value.to_str().ok().and_then(token_from_header));
    }
    cookie_token(app, headers).map_or(Credential::Nothing, Credential::Cookie)
}

/// The console's token. If the console is known to be used over https, only
/// the cookie counts that no other host can set.
pub(super) fn cookie_token(app: &App, headers: &HeaderMap) -> Option<SecretString> {
    let cookies = CookieJar::from_headers(headers);
    let token = |name| {
        let token = cookies.get(name)?.value();
        (!token.is_empty()).then(|| SecretString::from(token))
    };
    token(SECURE_AGENT_COOKIE).or_else(|| token(AGENT_COOKIE).filter(|_| !app.has_https_url()))
}

/// Whether the browser reaches this endpoint over https, as `--public-url` or
/// the page that makes the request says.
pub(super) fn is_https(app: &App, headers: &HeaderMap) -> bool {
    let origin = headers.get(header::ORIGIN);
    app.has_https_url() || origin.is_some_and(|page| page.as_bytes().starts_with(b"https://"))
}

/// The agent on whose behalf the request acts.
///
/// # Errors
/// 401 without a valid token, 403 for a cookie from another site's page.
pub(super) async fn acting_agent(app: &App, headers: &HeaderMap) -> Result<Agent> {
    let token = match credential(app, headers) {
        Credential::Header(Some(token)) => token,
        Credential::Cookie(token) => {
            require_same_origin(app, headers)?;
            token
        }
        Credential::Header(None) | Credential::Nothing => return Err(ApiError::authentication()),
    };
    let (agent, kind) = authenticate(app, &token).await?;
    if kind == TokenKind::Agent {
        attendance::token_used(app, &agent.id).await?;
    }
    Ok(agent)
}

/// The agent of a token.
pub(super) async fn authenticate(app: &App, token: &SecretString) -> Result<(Agent, TokenKind)> {
    authenticate_token(app.store.as_ref(), app.clock.now(), token)
        .await?
        .ok_or_else(ApiError::authentication)
}

/// Notes that a person's sign-in is in use: each [`USE_NOTED_EVERY`] at most, since
/// it is a write. Where it cannot be written, the list of sign-ins is less exact,
/// and nothing else.
pub(super) async fn note_use(app: &App, token: &SecretString) {
    if let Err(error) = try_note_use(app, token).await {
        tracing::warn!(%error, "the use of a sign-in was not noted");
    }
}

async fn try_note_use(app: &App, token: &SecretString) -> crate::store::Result<()> {
    let hash = hash_token(token.expose_secret());
    let now = app.clock.now();
    let is_due = |row: &Token| {
        row.kind == TokenKind::Console
            && row
                .last_used_at
                .is_none_or(|used| used.plus(USE_NOTED_EVERY) <= now)
    };
    let known = app.store.read_latest().await?.token(&hash).await?;
    if !known.as_ref().is_some_and(is_due) {
        return Ok(());
    }
    // Read again: it may have ended meanwhile, and must not come back.
    let mut tx = app.store.begin().await?;
    if let Some(row) = tx.token(&hash).await?.filter(is_due) {
        tx.put_token(&Token {
            last_used_at: Some(now),
            ..row
        })
        .await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Requires a page of this endpoint, for requests that use the cookie.
pub(super) fn require_same_origin(app: &App, headers: &HeaderMap) -> Result<()> {
    match is_same_origin(app, headers) {
        Some(true) => Ok(()),
        Some(false) | None => Err(cross_origin_error()),
    }
}

/// Refuses pages of other sites. Programs, which send no such headers, pass.
pub(super) fn refuse_cross_origin(app: &App, headers: &HeaderMap) -> Result<()> {
    match is_same_origin(app, headers) {
        Some(false) => Err(cross_origin_error()),
        Some(true) | None => Ok(()),
    }
}

fn cross_origin_error() -> ApiError {
    ApiError::new(
        ErrorType::Authorization,
        "only the console's own page may ask this",
    )
}

/// Whether the request comes from a page of this endpoint; `None` when the
/// headers do not tell.
fn is_same_origin(app: &App, headers: &HeaderMap) -> Option<bool> {
    let text = |name: &HeaderName| headers.get(name)?.to_str().ok();
    if text(&SEC_FETCH_SITE) == Some("same-origin") {
        return Some(true);
    }
    if headers.contains_key(header::ORIGIN) {
        let public_url = app.config.public_url.as_deref();
        let origin = text(&header::ORIGIN).and_then(origin::normal);
        return Some(origin.is_some_and(|o| origin::is_own(&o, text(&header::HOST), public_url)));
    }
    text(&SEC_FETCH_SITE).map(|site| site == "none")
}
