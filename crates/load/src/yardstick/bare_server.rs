//! `parlor-load bare-server`: long polls by axum alone. `GET /poll/{id}?hold=MS` waits for messages
//! to this id, and is answered 204 when none comes; `POST /send/{id}` is a message, and
//! `POST /store/{id}` one that the bare writer commits before it is sent.
//!
//! A process of its own, so that its memory and CPU can be told from the load program's.

use std::{
    collections::HashMap,
    io::Write as _,
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use anyhow::Result;
use axum::{
    Router,
    extract::{Path as UrlPath, Query, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::{get, post},
    serve::ListenerExt as _,
};
use serde::Deserialize;
use tokio::{net::TcpListener, sync::oneshot, time::timeout};

use super::bare_writer::Writer;

/// As long as the endpoint holds a poll that asks for nothing else.
const HOLD_MS: u64 = 25_000;

#[derive(Debug, Default)]
struct Slot {
    /// Sent while no poll was held.
    messages: Vec<String>,
    poll: Option<oneshot::Sender<String>>,
}

#[derive(Debug, Clone)]
struct Bare {
    slots: Arc<Mutex<HashMap<usize, Slot>>>,
    writer: Writer,
    /// The number of the newest message that was stored.
    stored: Arc<AtomicI64>,
}

#[derive(Deserialize)]
struct PollQuery {
    hold: Option<u64>,
}

/// Listens on a free port, prints the address, and serves until the process is ended. The database
/// is in the folder, with so many ids that messages can be stored for.
///
/// # Errors
/// When it cannot listen, or cannot write the database.
pub(crate) async fn serve(folder: &Path, ids: usize) -> Result<()> {
    let (writer, _) = Writer::start(folder, ids).await?;
    let bare = Bare {
        slots: Arc::default(),
        writer,
        stored: Arc::default(),
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    let router = Router::new()
        .route("/poll/{id}", get(poll))
        .route("/send/{id}", post(send))
        .route("/store/{id}", post(store))
        .with_state(bare);
    writeln!(std::io::stdout(), "listening on http://{address}")?;
    Ok(axum::serve(listener, router).await?)
}

async fn poll(
    State(bare): State<Bare>,
    UrlPath(id): UrlPath<usize>,
    Query(query): Query<PollQuery>,
) -> Response {
    let message = {
        let mut slots = bare.lock();
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

async fn store(
    state: State<Bare>,
    path: UrlPath<usize>,
    message: String,
) -> Result<(), StatusCode> {
    let number = state.stored.fetch_add(1, Ordering::Relaxed) + 1;
    if !state.writer.commit(*path, number).await {
        return Err(StatusCode::SERVICE_UNAVAILABLE);
    }
    send(state, path, message).await;
    Ok(())
}

async fn send(State(bare): State<Bare>, UrlPath(id): UrlPath<usize>, message: String) {
    let mut slots = bare.lock();
    let slot = slots.entry(id).or_default();
    let unsent = match slot.poll.take() {
        Some(poll) => poll.send(message).err(),
        None => Some(message),
    };
    slot.messages.extend(unsent);
}

impl Bare {
    fn lock(&self) -> MutexGuard<'_, HashMap<usize, Slot>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
