//! Pushes to agents' sockets, as the text of whole frames: each is serialised
//! once, however many sockets there are. A frame says for which agents it is, and
//! each socket leaves out those that are not for its own.
//!
//! One task reads the agent event stream from the store and broadcasts it in
//! order. A socket whose frames were overwritten before it had sent them reads
//! them from the store itself. What is not stored, such as typing indicators,
//! is broadcast at once.
//!
//! What must stay true: a socket that subscribes, and then reads the stream
//! from the store, misses nothing.

use std::{sync::Arc, time::Duration};

use axum::extract::ws::Utf8Bytes;
use parlor_wire::{
    UserId,
    agent::{Frame, Push, PushBody},
};
use serde_json::Value;
use tokio::{
    sync::{OnceCell, broadcast, watch},
    time::sleep,
};

use crate::{
    app::{App, Config},
    presenter::file_address,
    store::{
        Result, StoreError,
        row::{AgentStreamEvent, AgentStreamPage, Audience},
    },
};

/// How many frames a slow socket may fall behind by before it has to read from
/// the store: a burst of some seconds on a busy site, and a megabyte or so of
/// memory.
const STORED_BACKLOG: usize = 512;

/// How many volatile frames a slow socket may fall behind by. Older ones are
/// dropped for that socket; nobody misses an outdated typing indicator.
const VOLATILE_BACKLOG: usize = 256;

/// Rows read per query, which bounds the memory for catching up after a long
/// absence.
pub(crate) const ROWS_READ_MAX: i64 = 100;

/// Another process may append to the stream without waking this one. It is
/// looked for as often as sockets are pinged.
const CHECK_INTERVAL: Duration = Duration::from_secs(20);

/// The pause after a failed read.
const RETRY_PAUSE: Duration = Duration::from_secs(1);

/// See the module.
#[derive(Debug)]
pub(crate) struct AgentFrames {
    stored: broadcast::Sender<StoredFrame>,
    volatile: broadcast::Sender<VolatileFrame>,
    /// Set when the task that reads the stream has started.
    reader: OnceCell<()>,
}

/// A push of the agent event stream.
#[derive(Debug, Clone)]
pub(crate) struct StoredFrame {
    /// The position of the push before it.
    pub(crate) previous: i64,
    pub(crate) position: i64,
    pub(crate) audience: Audience,
    pub(crate) text: FrameText,
}

/// The text of a frame, for all sockets.
#[derive(Debug, Clone)]
pub(crate) struct FrameText {
    text: Utf8Bytes,
    /// It names files of this server by their paths.
    has_paths: bool,
}

impl FrameText {
    /// The text for a socket that reaches this endpoint at `base`.
    pub(crate) fn seen_at(self, base: &str) -> Utf8Bytes {
        if self.has_paths
            && let Ok(mut frame) = serde_json::from_str(&self.text)
        {
            file_address::make_absolute_in_json(&mut frame, base);
            return frame.to_string().into();
        }
        self.text
    }
}

/// A push that is not stored.
#[derive(Debug, Clone)]
pub(crate) struct VolatileFrame {
    pub(crate) audience: Audience,
    /// Whose typing it shows. They are not sent it.
    pub(crate) typing_author: Option<UserId>,
    pub(crate) text: Utf8Bytes,
}

/// What one socket receives.
#[derive(Debug)]
pub(crate) struct Subscription {
    pub(crate) stored: broadcast::Receiver<StoredFrame>,
    pub(crate) volatile: broadcast::Receiver<VolatileFrame>,
}

impl Default for AgentFrames {
    fn default() -> Self {
        Self {
            stored: broadcast::Sender::new(STORED_BACKLOG),
            volatile: broadcast::Sender::new(VOLATILE_BACKLOG),
            reader: OnceCell::new(),
        }
    }
}

impl AgentFrames {
    /// The frame of a push that is not stored; `None` when no socket is
    /// connected.
    pub(crate) fn volatile_frame(
        &self,
        audience: Audience,
        body: &PushBody,
    ) -> Result<Option<VolatileFrame>> {
        if self.volatile.receiver_count() == 0 {
            return Ok(None);
        }
        let typing_author = match body {
            PushBody::IncomingTypingIndicator(push) => {
                Some(push.typing_indicator.author_id.clone())
            }
            _ => None,
        };
        let payload = body.to_payload().map_err(|error| unwritable(&error))?;
        let text = frame_text(None, body.action().to_owned(), payload)?;
        Ok(Some(VolatileFrame {
            audience,
            typing_author,
            text,
        }))
    }

    /// Pushes to the sockets that are connected now. It is not stored, so that
    /// nobody catches up on it.
    pub(crate) fn send_volatile(&self, frame: VolatileFrame) {
        // An error means that the last socket has just been closed.
        let _ = self.volatile.send(frame);
    }

    /// Subscribes a socket. The first one starts the task that reads the stream.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn subscribe(&self, app: &Arc<App>) -> Result<Subscription> {
        let start = || async {
            let woken = app.agent_stream_changed.subscribe();
            let (_, newest) = app.store.read().await?.agent_stream_range().await?;
            app.tasks.spawn(read_stream(app.clone(), woken, newest));
            Ok::<(), StoreError>(())
        };
        self.reader.get_or_try_init(start).await?;
        Ok(Subscription {
            stored: self.stored.subscribe(),
            volatile: self.volatile.subscribe(),
        })
    }
}

/// Broadcasts what is appended to the stream after `position`, until the
/// process stops.
async fn read_stream(app: Arc<App>, mut woken: watch::Receiver<()>, mut position: i64) {
    loop {
        tokio::select! {
            biased;
            () = app.shutdown.cancelled() => return,
            changed = woken.changed() => if changed.is_err() { return },
            () = sleep(CHECK_INTERVAL) => {}
        }
        if let Err(error) = broadcast_new(&app, &mut position).await {
            tracing::error!(%error, "agents' pushes cannot be read");
            tokio::select! {
                () = app.shutdown.cancelled() => return,
                () = sleep(RETRY_PAUSE) => woken.mark_changed(),
            }
        }
    }
}

async fn broadcast_new(app: &App, position: &mut i64) -> Result<()> {
    loop {
        let page = next_page(app, *position).await?;
        for row in page.events {
            let previous = std::mem::replace(position, row.position);
            let frame = StoredFrame {
                previous,
                position: row.position,
                audience: row.audience.clone(),
                text: stored_text(&app.config, row)?,
            };
            // An error means that no socket is connected.
            let _ = app.agent_frames.stored.send(frame);
        }
        // A socket that has missed a row that cannot be read looks for it once.
        *position = page.through;
        if page.is_last {
            return Ok(());
        }
    }
}

/// The next rows of the stream after a position.
pub(crate) async fn next_page(app: &App, after: i64) -> Result<AgentStreamPage> {
    let mut tx = app.store.read_latest().await?;
    tx.agent_stream_events(after, ROWS_READ_MAX).await
}

/// The frame of a row.
pub(crate) fn stored_text(config: &Config, row: AgentStreamEvent) -> Result<FrameText> {
    let mut payload = row.payload.0;
    let public_url = config.public_url.as_deref();
    let has_files = file_address::make_absolute_in_json(&mut payload, public_url.unwrap_or(""));
    Ok(FrameText {
        text: frame_text(Some(row.position), row.action, payload)?,
        has_paths: has_files && public_url.is_none(),
    })
}

fn frame_text(position: Option<i64>, action: String, payload: Value) -> Result<Utf8Bytes> {
    let frame = Frame::Push(Push {
        request_id: None,
        position,
        // The payload is sent as it was stored, without decoding it.
        body: PushBody::Unknown { action, payload },
    });
    let text = serde_json::to_string(&frame).map_err(|error| unwritable(&error))?;
    Ok(text.into())
}

fn unwritable(error: &serde_json::Error) -> StoreError {
    StoreError::Corrupt {
        table: "feed",
        reason: error.to_string(),
    }
}
