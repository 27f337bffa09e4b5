//! `/agent/session`: people sign in to the console and out of it. The session
//! is a cookie that scripts cannot read.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    Extension, Json, Router,
    body::Bytes,
    extract::{ConnectInfo, DefaultBodyLimit, State, rejection::BytesRejection},
    http::{HeaderMap, StatusCode, header::SET_COOKIE},
    response::{IntoResponse, Response},
    routing::get,
};
use parlor_wire::decode;
use serde::Deserialize;
use serde_json::json;

use super::{
    AgentState,
    action::body_of,
    caller::{self, Credential},
    error::{ApiError, Result},
    status,
};
use crate::{
    app::App,
    auth::{AGENT_COOKIE, SignInOutcome, hash_token, issue, redeem_link},
    conversation::UnitOfWork,
    presenter,
    private::Private,
    store::row::{Agent, TokenKind},
};

/// Enough for the longest e-mail address and password in JSON escapes.
const BODY_MAX_BYTES: usize = 8 * 1024;

/// A month, like the token.
const COOKIE_AGE_S: u32 = 30 * 24 * 3600;

pub(super) fn router() -> Router<Arc<App>> {
    Router::new()
        .route(
            "/agent/session",
            get(who_am_i).post(sign_in).delete(sign_out),
        )
        .layer(DefaultBodyLimit::max(BODY_MAX_BYTES))
}

/// The body of a sign-in. Has no `Debug`, because everything in it is secret.
#[derive(Default, Deserialize)]
#[serde(default)]
struct SignInRequest {
    email: Option<String>,
    password: Option<String>,
    link: Option<String>,
}

async fn sign_in(
    State(app): State<Arc<App>>,
    Extension(state): Extension<Arc<AgentState>>,
    address: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    body: std::result::Result<Bytes, BytesRejection>,
) -> Result<Response> {
    caller::refuse_cross_origin(&app, &headers)?;
    let request: SignInRequest = decode(&body_of(body, BODY_MAX_BYTES)?)?;
    let address = address.map(|Extension(ConnectInfo(address))| address.ip());
    let agent = verify(&app, &state, address, request).await?;

    let mut work = UnitOfWork::begin(&app).await?;
    let (token, row) = issue(&app.entropy, work.now, TokenKind::Console, Some(&agent.id));
    work.tx.put_token(&row).await?;
    status::set_available(&mut work, &agent.id).await?;
    work.commit().await?;
    Ok(with_cookie(&app, &token, COOKIE_AGE_S))
}

async fn verify(
    app: &App,
    state: &AgentState,
    address: Option<IpAddr>,
    request: SignInRequest,
) -> Result<Agent> {
    let store = app.store.as_ref();
    match (request.email, request.password, request.link) {
        (Some(email), Some(password), None) => {
            let password = Private(password);
            let answer = state
                .sign_in
                .by_password(store, &app.clock, address, &email, &password);
            match answer.await? {
                SignInOutcome::SignedIn(agent) => Ok(agent),
                SignInOutcome::Refused => Err(ApiError::authentication()),
                SignInOutcome::Throttled(seconds) => Err(ApiError::too_many(seconds)),
            }
        }
        (None, None, Some(link)) => redeem_link(store, app.clock.now(), &link)
            .await?
            .ok_or_else(ApiError::authentication),
        _ => Err(ApiError::validation(
            "expected either email and password, or link",
        )),
    }
}

/// A read, whose response pages of other sites cannot see: any credential is
/// accepted.
async fn who_am_i(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Response> {
    let token = match caller::credential(&headers) {
        Credential::Header(Some(token)) | Credential::Cookie(token) => token,
        Credential::Header(None) | Credential::Nothing => return Err(ApiError::authentication()),
    };
    let (agent, _) = caller::authenticate(&app, &token).await?;
    let profile = presenter::agent::my_profile(&agent);
    Ok(Json(json!({ "agent": profile })).into_response())
}

/// Signing out without a session succeeds too.
async fn sign_out(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Response> {
    caller::refuse_cross_origin(&app, &headers)?;
    if let Some(token) = caller::cookie_token(&headers) {
        let mut work = UnitOfWork::begin(&app).await?;
        let hash = hash_token(&token.0);
        let row = work.tx.token(&hash).await?;
        if let Some(row) = row.filter(|row| row.kind == TokenKind::Console) {
            work.tx.delete_token(&hash).await?;
            if let Some(agent) = &row.agent_id {
                status::set_offline(&mut work, agent).await?;
            }
            work.commit().await?;
        }
    }
    Ok(with_cookie(&app, "", 0))
}

fn with_cookie(app: &App, token: &str, age_s: u32) -> Response {
    let public_url = app.config.public_url.as_deref().unwrap_or_default();
    let secure = if public_url.starts_with("https:") {
        "; Secure"
    } else {
        ""
    };
    let cookie = format!(
        "{AGENT_COOKIE}={token}; HttpOnly; SameSite=Strict; Path=/; Max-Age={age_s}{secure}"
    );
    (StatusCode::NO_CONTENT, [(SET_COOKIE, cookie)]).into_response()
}
