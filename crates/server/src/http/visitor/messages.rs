//! The long poll (Chat REST API, `Messages`): responds with one batch, or with
//! 204 after a while.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use parlor_wire::{
    SessionId,
    visitor::{Batch, Message, control::Control, header},
};
use tokio::time::{Instant, sleep_until, timeout_at};

use super::{
    error::{Result, VisitorError},
    headers::{Affinity, ApiVersion, caller},
    post::insert_header,
    query::Query,
};
use crate::{
    app::App,
    conversation::{Refusal, UnitOfWork, other_devices, poll, session},
    delivery::{OpenPoll, PollRefused, ServedBatch},
    http::{
        openapi::answers::{Text, VisitorErrors},
        upload::own_origin,
    },
    presenter::file_address,
    store::{StoreError, row::EndReason},
};

/// Poll. Answered when there are messages, or after 25 seconds with 204.
///
/// One poll a session at a time: a second one is 409 and ends the chat, unless it has a greater
/// `poll` number.
#[utoipa::path(
    get,
    path = "/System/Messages",
    operation_id = "Messages",
    tag = "visitor",
    params(
        ApiVersion,
        Affinity,
        (
            "ack" = Option<i64>,
            Query,
            description = "The `sequence` of the last batch that arrived, -1 before the first.",
            minimum = -1,
        ),
        (
            "poll" = Option<i64>,
            Query,
            description = "Ours. Grows from poll to poll; a poll with a greater number relieves the open one.",
            minimum = 0,
        ),
        (
            "hold" = Option<u32>,
            Query,
            description = "Ours. For how many milliseconds the poll is held at most.",
            minimum = 0,
            maximum = 25000,
        ),
    ),
    responses(
        (status = 200, description = "A batch of messages.", body = Batch, headers(("X-CHAT-LATEST-OFFSET" = i64, description = "Ours. The newest position of the session."))),
        (status = 204, description = "Nothing new.", headers(("X-CHAT-LATEST-OFFSET" = i64, description = "Ours. The newest position of the session."))),
        (status = 409, response = Text),
        VisitorErrors,
    ),
    security(("SessionKey" = [])),
)]
pub(super) async fn messages(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response> {
    let caller = caller(&headers)?;
    let query = Query::from_uri(&uri);
    let ack = query.integer("ack");
    // Our addition: a poll with a greater number supersedes the one before.
    let number = query.integer("poll").and_then(|n| u64::try_from(n).ok());
    let origin = own_origin(&app, &headers);
    // Our addition: a visible client asks for shorter polls, so that it notices
    // sooner when it is disconnected.
    let hold = query.integer("hold").and_then(|ms| u64::try_from(ms).ok());
    let hold = hold.map_or(app.config.poll_hold, |ms| {
        Duration::from_millis(ms).min(app.config.poll_hold)
    });
    let held_until = Instant::now() + hold;
    // They share the connection's read buffer, which would be kept as long as the
    // poll is held.
    drop((headers, uri));

    let session = session::authenticate_live(&app, &caller.credentials).await?;
    let Some(open) = open(&app, &session.id, number).await? else {
        return Ok(empty(app.sessions.position(&session.id)));
    };
    app.sessions.heard(&session.id, app.clock.now());
    if session.closed_at.is_some() {
        app.polls.forget(&session.id);
    }
    loop {
        // Registered before looking, so that no message is missed in between.
        let queued = open.message_queued.notified();
        let result = poll::poll_once(&app, &caller.credentials, ack).await?;
        if let Some(served) = result.batch {
            return payload(served, result.latest, &origin);
        }
        tokio::select! {
            biased;
            () = app.shutdown.cancelled() => return Ok(empty(result.latest)),
            () = open.superseded.cancelled() => return Ok(empty(result.latest)),
            () = queued => {}
            () = sleep_until(held_until) => return Ok(empty(result.latest)),
        }
    }
}

/// Opens the poll. `None` for a delayed copy of a poll that is over.
///
/// # Errors
/// 409 when another poll stays open.
async fn open(app: &App, session: &SessionId, number: Option<u64>) -> Result<Option<OpenPoll>> {
    let deadline = Instant::now() + app.config.duplicate_poll_grace;
    loop {
        match app.polls.open(session, number) {
            Ok(open) => return Ok(Some(open)),
            Err(PollRefused::Stale) => return Ok(None),
            Err(PollRefused::Duplicate(closed)) => {
                let closed = closed.notified();
                tokio::pin!(closed);
                if closed.as_mut().enable() {
                    continue;
                }
                // It may have closed before the notification was registered.
                if !app.polls.is_open(session) {
                    continue;
                }
                if timeout_at(deadline, closed).await.is_err() {
                    // Apart, since every held poll would have the room for it.
                    return Err(Box::pin(end_duplicate(app, session)).await);
                }
            }
        }
    }
}

/// A duplicate poll ends the chat (Chat REST API, 409).
async fn end_duplicate(app: &App, session: &SessionId) -> VisitorError {
    let ended = async {
        let mut work = UnitOfWork::begin(app).await?;
        if let Some(session) = work.tx.session(session).await? {
            other_devices::session_over(&mut work, &session, EndReason::Client).await?;
        }
        work.commit().await
    };
    VisitorError(match ended.await {
        Ok(()) => Refusal::DuplicatePoll,
        Err(error) => error,
    })
}

fn payload(served: ServedBatch, latest: i64, origin: &str) -> Result<Response> {
    let messages = served
        .messages
        .into_iter()
        .map(|(kind, body)| {
            Message::from_parts(kind, body).map(|m| with_absolute_addresses(m, origin))
        })
        .collect::<std::result::Result<Vec<_>, _>>()
        .map_err(|error| StoreError::Corrupt {
            table: "mail",
            reason: error.to_string(),
        })?;
    let batch = Batch {
        messages,
        sequence: Some(served.sequence),
        offset: Some(served.offset),
    };
    let mut response = Json(batch).into_response();
    insert_header(
        response.headers_mut(),
        header::LATEST_OFFSET,
        latest.to_string(),
    );
    Ok(response)
}

/// Addresses of this endpoint are queued as paths.
fn with_absolute_addresses(mut message: Message, origin: &str) -> Message {
    match &mut message {
        Message::FileTransfer(transfer) => {
            if let Some(path) = &mut transfer.upload_servlet_url
                && path.starts_with('/')
            {
                path.insert_str(0, origin);
            }
        }
        Message::CustomEvent(custom) if is_event(&custom.kind) => {
            if let Ok(mut event) = serde_json::from_str(&custom.data)
                && file_address::make_absolute_in_json(&mut event, origin)
            {
                custom.data = event.to_string();
            }
        }
        Message::ChasitorSessionData(data) => {
            for event in data
                .chat_messages
                .iter_mut()
                .filter_map(|it| it.event.as_mut())
            {
                file_address::make_absolute_in_event(event, origin);
            }
        }
        _ => {}
    }
    message
}

/// Whether the data of such a `CustomEvent` are an event that may be a file.
fn is_event(kind: &str) -> bool {
    kind == "file" || kind == Control::EventUpdated.to_string()
}

fn empty(latest: i64) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    insert_header(
        response.headers_mut(),
        header::LATEST_OFFSET,
        latest.to_string(),
    );
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        app::Config,
        clock::{Clock, Timestamp},
        entropy::Entropy,
        store::memory::MemoryStore,
    };

    /// Ten thousand are held at a time.
    #[tokio::test]
    async fn the_state_of_a_held_poll_is_small() {
        let app = App::new(
            Arc::new(MemoryStore::default()),
            Clock::system_after(Timestamp(0)),
            Entropy::os(),
            Config::default(),
        );
        let poll = messages(State(app), HeaderMap::new(), Uri::default());
        let bytes = size_of_val(&poll);
        assert!(bytes <= 2048, "{bytes} bytes");
    }
}
