//! The first message on a socket: who is there, and from where on they want to
//! be told.

use std::sync::Arc;

use parlor_wire::{
    Loose,
    agent::{Action as _, License, LoggedIn, Login, Request},
    decode, decode_value,
};
use serde::Serialize;
use serde_json::Value;
use tokio::{
    sync::{broadcast, watch},
    time::timeout_at,
};

use super::{
    super::{
        actions, caller,
        error::{ApiError, Result},
    },
    Arrival,
    line::{End, Heard, Line},
};
use crate::{
    app::App,
    auth::token_of_header,
    presenter::{self, agent::Push},
    private::Private,
    store::row::{Agent, TokenKind},
};
/// Somebody who is let in.
pub(super) struct Member {
    pub(super) agent: Agent,
    pub(super) token: Private<String>,
    /// A person at the console, and not a program.
    pub(super) at_console: bool,
    /// Everything up to here is known to the client.
    pub(super) position: i64,
    pub(super) stream_position: watch::Receiver<i64>,
    pub(super) volatile: broadcast::Receiver<Arc<Push>>,
}

/// The reply: [`LoggedIn`], and ours, whether the client must begin anew. Then
/// `chats_summary` shows what is open, and else it is empty and what happened
/// since is pushed.
#[derive(Serialize)]
struct Welcome {
    #[serde(flatten)]
    told: LoggedIn,
    fresh: bool,
}

pub(super) async fn login(
    app: &App,
    line: &mut Line<'_>,
    arrival: Arrival,
) -> std::result::Result<Member, End> {
    let first = timeout_at(arrival.login_until, first_message(line)).await;
    let message = first.map_err(|_| End::Unknown)??;
    let request: Request = decode(&message).map_err(|_| End::Unknown)?;
    let result = if request.action == Login::NAME {
        let_in(app, arrival.cookie, request.payload.clone()).await
    } else {
        Err(ApiError::authentication())
    };
    match result {
        Ok((member, welcome)) => {
            line.answer(request, Ok(welcome)).await?;
            Ok(member)
        }
        Err(error) => {
            line.answer(request, Err(error)).await?;
            Err(End::Unknown)
        }
    }
}

async fn first_message(line: &mut Line<'_>) -> std::result::Result<Vec<u8>, End> {
    loop {
        if let Heard::Message(message) = line.hear().await? {
            return Ok(message);
        }
    }
}

async fn let_in(
    app: &App,
    cookie: Option<Private<String>>,
    payload: Value,
) -> Result<(Member, Value)> {
    let login: Login = decode_value(payload)?;
    let token = match &login.token {
        Some(text) => token_of_header(text).map(Private),
        None => cookie,
    };
    let token = token.ok_or_else(ApiError::authentication)?;
    let (agent, kind) = caller::speaks(app, &token).await?;
    // Subscribed before looking, so that nothing falls in between.
    let (stream_position, volatile) = (
        app.agent_stream_position.subscribe(),
        app.volatile.subscribe(),
    );
    let (welcome, position) = welcome(app, &agent, login.position).await?;
    let member = Member {
        agent,
        token,
        at_console: kind == TokenKind::Console,
        position,
        stream_position,
        volatile,
    };
    Ok((member, serde_json::to_value(welcome)?))
}

/// One snapshot: the summaries hold everything up to the position.
async fn welcome(app: &App, agent: &Agent, since: Option<i64>) -> Result<(Welcome, i64)> {
    let mut tx = app.store.read().await?;
    let (oldest, newest) = tx.agent_stream_range().await?;
    // A client ahead of us knows another database.
    let since = since.filter(|since| (oldest - 1..=newest).contains(since) && *since >= 0);
    let chats_summary = match since {
        Some(_) => Vec::new(),
        None => actions::active_summaries(app, tx.as_mut(), agent).await?,
    };
    let organization = tx.organization().await?;
    let told = LoggedIn {
        my_profile: presenter::agent::my_profile(agent),
        chats_summary,
        license: organization.map(|organization| License {
            id: Loose::from(organization.id.as_str()),
        }),
        position: Some(newest),
    };
    let fresh = since.is_none();
    Ok((Welcome { told, fresh }, since.unwrap_or(newest)))
}
