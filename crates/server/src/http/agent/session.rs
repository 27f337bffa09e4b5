//! `/agent/session`: people sign in to the console and out of it. The session
//! is a cookie that scripts cannot read. `/agent/sign-ins`: where else they are
//! signed in.

use std::{net::IpAddr, sync::Arc};

use axum::{
    Extension, Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, State, rejection::BytesRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{delete, get},
};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use cookie::time::Duration;
use parlor_wire::{AgentId, MyProfile, decode};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    AgentState,
    action::body_of,
    caller::{self, AGENT_COOKIE, Credential, SECURE_AGENT_COOKIE},
    error::{ApiError, Result},
};
use crate::{
    app::App,
    auth::{
        SignInOutcome, agent_of_link, hash_token, issue, redeem_link, redeem_link_for_password,
    },
    conversation::{Refusal, UnitOfWork, attendance},
    http::{
        limits::ClientAddress,
        openapi::answers::{AgentError, SessionErrors, Text},
    },
    presenter,
    store::row::{Agent, RoutingStatus, Token, TokenKind},
};

/// Enough for the longest e-mail address and password in JSON escapes.
const BODY_MAX_BYTES: usize = 8 * 1024;

/// A month, like the token.
const COOKIE_AGE: Duration = Duration::days(30);

/// Sign-ins of one agent that are valid at a time. People have a handful of
/// devices; a program that signs in each time it starts has its oldest removed.
const SIGN_INS_MAX: usize = 50;

/// How much of a token's hash names the sign-in: enough to tell 50 apart.
const SIGN_IN_ID_CHARS: usize = 16;

pub(super) fn router() -> Router<Arc<App>> {
    Router::new()
        .route(
            "/agent/session",
            get(who_am_i).post(sign_in).delete(sign_out),
        )
        .route(
            "/agent/sign-ins",
            get(list_sign_ins).delete(sign_out_everywhere),
        )
        .route("/agent/sign-ins/{id}", delete(end_sign_in))
        .layer(DefaultBodyLimit::max(BODY_MAX_BYTES))
}

/// By e-mail and password, or by the link that the program printed.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it describes what is sent")]
enum SignInBody {
    ByPassword {
        email: String,
        password: String,
    },
    ByLink {
        link: String,
        /// The new password; all other sign-ins end.
        password: Option<String>,
    },
}

/// The body of a sign-in. Has no `Debug`: the address is private too.
#[derive(Default, Deserialize)]
#[serde(default)]
struct SignInRequest {
    email: Option<String>,
    password: Option<SecretString>,
    link: Option<SecretString>,
}

/// Sign in by e-mail and password, or by the link that the program printed, with a new password or without.
#[utoipa::path(
    post,
    path = "/agent/session",
    operation_id = "signIn",
    tag = "sign-in",
    request_body(
        content = SignInBody,
        examples(
            ("password" = (value = json!({ "email": "ada@example.com", "password": "correct horse" }))),
            ("link" = (value = json!({ "link": "abc" }))),
        ),
    ),
    responses(
        (status = 204, description = "Signed in; the answer sets the cookie."),
        (status = 400, response = AgentError),
        (status = 401, response = AgentError),
        (status = 413, response = AgentError),
        SessionErrors,
    ),
    security(()),
)]
pub(super) async fn sign_in(
    State(app): State<Arc<App>>,
    Extension(state): Extension<Arc<AgentState>>,
    address: Option<Extension<ClientAddress>>,
    headers: HeaderMap,
    body: std::result::Result<Bytes, BytesRejection>,
) -> Result<Response> {
    caller::refuse_cross_origin(&app, &headers)?;
    let request: SignInRequest = decode(&body_of(body, BODY_MAX_BYTES)?)?;
    let address = address.and_then(|Extension(ClientAddress(address))| address);
    let agent = verify(&app, &state, address, request).await?;

    let mut work = UnitOfWork::begin(&app).await?;
    let mut sign_ins = sign_ins(&mut work, &agent.id).await?;
    while sign_ins.len() >= SIGN_INS_MAX {
        work.tx.delete_token(&sign_ins.remove(0).hash).await?;
    }
    let (token, row) = issue(&app.entropy, work.now, TokenKind::Console, Some(&agent.id));
    work.tx.put_token(&row).await?;
    attendance::signs_in(&mut work, &agent).await?;
    work.commit().await?;
    let https = caller::is_https(&app, &headers);
    Ok(with_cookie(
        https,
        token.expose_secret().to_owned(),
        COOKIE_AGE,
    ))
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
        (None, Some(password), Some(link)) => choose_password(app, state, &link, &password).await,
        _ => Err(ApiError::validation(
            "expected email and password, or link, or link and a new password",
        )),
    }
}

/// Redeems a link for a new password. One that is refused leaves the link valid.
async fn choose_password(
    app: &App,
    state: &AgentState,
    link: &SecretString,
    password: &SecretString,
) -> Result<Agent> {
    let (store, now) = (app.store.as_ref(), app.clock.now());
    let agent = agent_of_link(store, now, link).await?;
    let owner = agent.ok_or_else(ApiError::authentication)?.email;
    let passwords = &state.sign_in.passwords;
    let hash = passwords.hash(&app.entropy, &owner, password).await;
    let hash = hash.map_err(|error| ApiError::validation(format!("password: {error}")))?;
    redeem_link_for_password(store, now, link, hash)
        .await?
        .ok_or_else(ApiError::authentication)
}

/// Who is signed in.
#[derive(Serialize, ToSchema)]
pub(super) struct SignedIn {
    agent: MyProfile,
}

/// Who is signed in.
// A read, whose response pages of other sites cannot see: any credential is accepted.
#[utoipa::path(
    get,
    path = "/agent/session",
    operation_id = "whoAmI",
    tag = "sign-in",
    responses(
        (status = 200, description = "The agent.", body = SignedIn),
        (status = 401, response = AgentError),
        (status = 429, response = AgentError),
        (status = 503, response = AgentError),
    ),
)]
pub(super) async fn who_am_i(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Json<SignedIn>> {
    let token = match caller::credential(&app, &headers) {
        Credential::Header(Some(token)) | Credential::Cookie(token) => token,
        Credential::Header(None) | Credential::Nothing => return Err(ApiError::authentication()),
    };
    let (agent, _) = caller::authenticate(&app, &token).await?;
    caller::note_use(&app, &token).await;
    let agent = presenter::agent::my_profile(&agent);
    Ok(Json(SignedIn { agent }))
}

/// Sign out here.
///
/// Signing out without a session succeeds too.
#[utoipa::path(
    delete,
    path = "/agent/session",
    operation_id = "signOut",
    tag = "sign-in",
    responses(
        (status = 204, description = "Signed out; the answer removes the cookie."),
        SessionErrors,
    ),
    security(("ConsoleCookie" = []), ()),
)]
pub(super) async fn sign_out(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Response> {
    caller::refuse_cross_origin(&app, &headers)?;
    if let Some(token) = caller::cookie_token(&app, &headers) {
        let mut work = UnitOfWork::begin(&app).await?;
        let hash = hash_token(token.expose_secret());
        let row = work.tx.token(&hash).await?;
        if let Some(row) = row.filter(|row| row.kind == TokenKind::Console) {
            work.tx.delete_token(&hash).await?;
            let mut gone = None;
            if let Some(id) = row.agent_id
                && sign_ins(&mut work, &id).await?.is_empty()
                && let Some(agent) = work.tx.agent(&id).await?
            {
                attendance::set_status(&mut work, &agent, RoutingStatus::Offline).await?;
                gone = Some(id);
            }
            work.commit().await?;
            if let Some(agent) = gone {
                attendance::signed_out(&app, agent);
            }
        }
    }
    Ok(without_cookie(caller::is_https(&app, &headers)))
}

/// Where an agent is signed in.
#[derive(Serialize, ToSchema)]
pub(super) struct SignIns {
    /// The oldest first, 50 at most.
    #[schema(max_items = 50)]
    sign_ins: Vec<SignInEntry>,
}

/// A sign-in that is valid.
#[derive(Serialize, ToSchema)]
struct SignInEntry {
    id: String,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    expires_at: Option<String>,
    /// To some minutes; null where no console has used it since this was noted.
    #[schema(format = DateTime)]
    last_used_at: Option<String>,
    /// Whether the request was made with it.
    is_current: bool,
}

/// Where the agent is signed in, the oldest first.
#[utoipa::path(
    get,
    path = "/agent/sign-ins",
    operation_id = "listSignIns",
    tag = "sign-in",
    responses(
        (
            status = 200,
            description = "The sign-ins.",
            body = SignIns,
            links(("end" = (operation_id = "endSignIn", parameters(("id" = "$response.body#/sign_ins/0/id"))))),
        ),
        (status = 401, response = AgentError),
        SessionErrors,
    ),
)]
pub(super) async fn list_sign_ins(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Json<SignIns>> {
    let agent = caller::acting_agent(&app, &headers).await?;
    let current =
        caller::cookie_token(&app, &headers).map(|token| hash_token(token.expose_secret()));
    let mut work = UnitOfWork::begin_read(&app).await?;
    let sign_ins = sign_ins(&mut work, &agent.id).await?;
    let sign_ins = sign_ins.iter().map(|row| SignInEntry {
        id: sign_in_id(row).to_owned(),
        created_at: row.created_at.to_rfc3339(),
        expires_at: row.expires_at.map(|at| at.to_rfc3339()),
        last_used_at: row.last_used_at.map(|at| at.to_rfc3339()),
        is_current: current.as_ref() == Some(&row.hash),
    });
    Ok(Json(SignIns {
        sign_ins: sign_ins.collect(),
    }))
}

/// End all sign-ins of the agent. Tokens of programs stay.
///
/// This one too. Consoles that are open notice within seconds.
#[utoipa::path(
    delete,
    path = "/agent/sign-ins",
    operation_id = "signOutEverywhere",
    tag = "sign-in",
    responses(
        (status = 204, description = "Signed out everywhere."),
        (status = 401, response = AgentError),
        SessionErrors,
    ),
)]
pub(super) async fn sign_out_everywhere(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Response> {
    let agent = caller::acting_agent(&app, &headers).await?;
    let mut work = UnitOfWork::begin(&app).await?;
    for row in sign_ins(&mut work, &agent.id).await? {
        work.tx.delete_token(&row.hash).await?;
    }
    attendance::set_status(&mut work, &agent, RoutingStatus::Offline).await?;
    work.commit().await?;
    attendance::signed_out(&app, agent.id);
    Ok(without_cookie(caller::is_https(&app, &headers)))
}

/// End one sign-in.
#[utoipa::path(
    delete,
    path = "/agent/sign-ins/{id}",
    operation_id = "endSignIn",
    tag = "sign-in",
    params(("id" = String, Path, description = "Which one.", min_length = 1)),
    responses(
        (status = 204, description = "It is over."),
        (status = 400, response = Text),
        (status = 401, response = AgentError),
        (status = 404, response = AgentError),
        SessionErrors,
    ),
)]
pub(super) async fn end_sign_in(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response> {
    let agent = caller::acting_agent(&app, &headers).await?;
    let mut work = UnitOfWork::begin(&app).await?;
    let sign_ins = sign_ins(&mut work, &agent.id).await?;
    let row = sign_ins.iter().find(|row| sign_in_id(row) == id);
    let row = row.ok_or(Refusal::NotFound("sign-in"))?;
    work.tx.delete_token(&row.hash).await?;
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The valid sign-ins of an agent, the oldest first.
async fn sign_ins(work: &mut UnitOfWork<'_>, agent: &AgentId) -> Result<Vec<Token>> {
    let mut tokens = work.tx.tokens_of(agent).await?;
    let now = work.now;
    tokens.retain(|row| {
        row.kind == TokenKind::Console && row.expires_at.is_none_or(|expires_at| now < expires_at)
    });
    Ok(tokens)
}

fn sign_in_id(row: &Token) -> &str {
    row.hash.get(..SIGN_IN_ID_CHARS).unwrap_or(&row.hash)
}

fn with_cookie(https: bool, token: String, age: Duration) -> Response {
    let name = match https {
        true => SECURE_AGENT_COOKIE,
        false => AGENT_COOKIE,
    };
    let cookie = Cookie::build((name, token))
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(https)
        .path("/")
        .max_age(age);
    (StatusCode::NO_CONTENT, CookieJar::new().add(cookie)).into_response()
}

/// Makes the browser forget the cookie.
fn without_cookie(https: bool) -> Response {
    with_cookie(https, String::new(), Duration::ZERO)
}
