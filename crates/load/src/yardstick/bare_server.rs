//! `parlor-load bare-server`: long polls by axum alone. `GET /poll/{id}?hold=MS` waits for messages
//! to this id, and is answered 204 when none comes; `POST /send/{id}` is a message.
//!
//! A process of its own, so that its memory and CPU can be told from the load program's.

use std::{
    collections::HashMap,
    io::Write as _,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::Result;
use axum::{
    Router,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::{get, post},
    serve::ListenerExt as _,
};
use serde::Deserialize;
use tokio::{net::TcpListener, sync::oneshot, time::timeout};

/// As long as the endpoint holds a poll that asks for nothing else.
const HOLD_MS: u64 = 25_000;

#[derive(Debug, Default)]
struct Slot {
    /// Sent while no poll was held.
    messages: Vec<String>,
    poll: Option<oneshot::Sender<String>>,
}

#[derive(Debug, Clone, Default)]
struct Slots(Arc<Mutex<HashMap<u64, Slot>>>);

#[derive(Deserialize)]
struct PollQuery {
    hold: Option<u64>,
}

/// Listens on a free port, prints the address, and serves until the process is ended.
///
/// # Errors
/// When it cannot listen.
pub(crate) async fn serve() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    let router = Router::new()
        .route("/poll/{id}", get(poll))
        .route("/send/{id}", post(send))
        .with_state(Slots::default());
    writeln!(std::io::stdout(), "listening on http://{address}")?;
    Ok(axum::serve(listener, router).await?)
}

async fn poll(
    State(slots): State<Slots>,
    Path(id): Path<u64>,
    Query(query): Query<PollQuery>,
) -> Response {
    let message = {
        let mut slots = slots.lock();
        let slot = slots.entry(id).or_default();
        if !slot.messages.is_empty() {
            return std::mem::take(&mut slot.messages)
                .join("\n")
                .into_response();
        }
        let (sender, message) = oneshot::channel();
        slot.poll = Some(sender);
        message
    };
    let hold = Duration::from_millis(query.hold.unwrap_or(HOLD_MS));
    match timeout(hold, message).await {
        Ok(Ok(message)) => message.into_response(),
        _ => StatusCode::NO_CONTENT.into_response(),
    }
}

async fn send(State(slots): State<Slots>, Path(id): Path<u64>, message: String) {
    let mut slots = slots.lock();
    let slot = slots.entry(id).or_default();
    let unsent = match slot.poll.take() {
        Some(poll) => poll.send(message).err(),
        None => Some(message),
    };
    slot.messages.extend(unsent);
}

impl Slots {
    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Slot>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
