//! `login`, the first message on a socket: authenticates the client and
//! determines from which position on it is sent pushes.

use std::sync::Arc;

use parlor_wire::{
    Loose,
    agent::{Action as _, License, LoggedIn, Login, Request},
    decode, decode_value,
};
use secrecy::SecretString;
use serde::Serialize;
use serde_json::Value;
use tokio::time::timeout_at;

use super::{
    super::{
        actions, caller,
        error::{ApiError, Result},
    },
    Handshake,
    connection::{CloseReason, Connection, Received},
};
use crate::{
    agent_frames::Subscription,
    app::App,
    auth::token_from_header,
    presenter::{self, file_address},
    store::row::{Agent, TokenKind},
};

/// A client that has logged in.
pub(super) struct SocketUser {
    pub(super) agent: Agent,
    pub(super) token: SecretString,
    /// A person at the console, not a program.
    pub(super) at_console: bool,
    /// This endpoint's address as the client reaches it.
    pub(super) base: String,
    /// The position up to which the client has been sent the stream.
    pub(super) sent_position: i64,
    pub(super) pushes: Subscription,
}

/// The reply: [`LoggedIn`], and our field `fresh`, whether the client has to
/// load everything again. Then `chats_summary` contains the open chats;
/// otherwise it is empty, and everything since the client's position is pushed.
#[derive(Serialize)]
struct LoginReply {
    #[serde(flatten)]
    body: LoggedIn,
    fresh: bool,
}

pub(super) async fn login(
    app: &Arc<App>,
    connection: &mut Connection<'_>,
    handshake: Handshake,
) -> std::result::Result<SocketUser, CloseReason> {
    let first = timeout_at(handshake.login_deadline, first_message(connection)).await;
    let message = first.map_err(|_| CloseReason::Unauthenticated)??;
    let request: Request = decode(&message).map_err(|_| CloseReason::Unauthenticated)?;
    let result = if request.action == Login::NAME {
        authenticate(app, handshake, request.payload.clone()).await
    } else {
        Err(ApiError::authentication())
    };
    match result {
        Ok((user, reply)) => {
            connection.respond(request, Ok(reply)).await?;
            Ok(user)
        }
        Err(error) => {
            connection.respond(request, Err(error)).await?;
            Err(CloseReason::Unauthenticated)
        }
    }
}

async fn first_message(
    connection: &mut Connection<'_>,
) -> std::result::Result<Vec<u8>, CloseReason> {
    loop {
        if let Received::Message(message) = connection.receive().await? {
            return Ok(message);
        }
    }
}

async fn authenticate(
    app: &Arc<App>,
    handshake: Handshake,
    payload: Value,
) -> Result<(SocketUser, Value)> {
    let login: Login = decode_value(payload)?;
    let token = match &login.token {
        Some(text) => token_from_header(text),
        None => handshake.cookie,
    };
    let token = token.ok_or_else(ApiError::authentication)?;
    let (agent, kind) = caller::authenticate(app, &token).await?;
    // Subscribes before reading, so that nothing is missed in between.
    let pushes = app.agent_frames.subscribe(app).await?;
    let (reply, position) = login_reply(app, &agent, login.position).await?;
    let user = SocketUser {
        agent,
        token,
        base: handshake.base,
        at_console: kind == TokenKind::Console,
        sent_position: position,
        pushes,
    };
    let mut reply = serde_json::to_value(reply)?;
    file_address::make_absolute_in_json(&mut reply, &user.base);
    Ok((user, reply))
}

/// Reads one snapshot: the summaries contain everything up to the position.
async fn login_reply(app: &App, agent: &Agent, since: Option<i64>) -> Result<(LoginReply, i64)> {
    let mut tx = app.store.read().await?;
    let (oldest, newest) = tx.agent_stream_range().await?;
    // A client with a later position comes from another database.
    let since = since.filter(|since| (oldest - 1..=newest).contains(since) && *since >= 0);
    let chats_summary = match since {
        Some(_) => Vec::new(),
        None => actions::active_summaries(app, tx.as_mut(), agent).await?,
    };
    let organization = tx.organization().await?;
    let body = LoggedIn {
        my_profile: presenter::agent::my_profile(agent),
        chats_summary,
        license: organization.map(|organization| License {
            id: Loose::from(organization.id.as_str()),
        }),
        position: Some(newest),
    };
    let fresh = since.is_none();
    Ok((LoginReply { body, fresh }, since.unwrap_or(newest)))
}
