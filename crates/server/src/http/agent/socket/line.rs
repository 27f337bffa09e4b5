//! One socket: whole frames out within a time, messages in, and how it ends.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use parlor_wire::agent::{Frame, Request, Response};
use serde_json::Value;
use tokio::time::timeout;

use super::super::error::{ApiError, Result};

/// A frame that has not left by then meets a full buffer and nobody reading:
/// the console catches up when it comes back.
const SEND_WITHIN: Duration = Duration::from_secs(10);

/// For the other side's goodbye, which is one round trip away: a line that is
/// cut before it may lose ours. Stopping waits for it.
const GOODBYE_WITHIN: Duration = Duration::from_secs(1);

/// Why a socket is closed from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The other side has closed it, or the line is broken.
    Gone,
    /// The process stops.
    Stopping,
    /// Nothing was heard for too long.
    Silent,
    /// It does not take what is sent.
    Slow,
    /// Nobody has signed in, or the token is valid no more.
    Unknown,
    /// A message is over its limit, or is no message.
    Oversized,
    /// The store does not answer.
    Broken,
}

impl End {
    fn frame(self) -> Option<CloseFrame> {
        let (code, reason) = match self {
            Self::Gone => return None,
            Self::Stopping => (close_code::AWAY, "the server stops"),
            Self::Silent => (close_code::POLICY, "nothing was heard for too long"),
            Self::Slow => (close_code::POLICY, "too slow"),
            Self::Unknown => (close_code::POLICY, "sign in first"),
            Self::Oversized => (close_code::SIZE, "the message is too large"),
            Self::Broken => (close_code::ERROR, "the server failed"),
        };
        Some(CloseFrame {
            code,
            reason: reason.into(),
        })
    }
}

pub(super) struct Line<'s> {
    socket: &'s mut WebSocket,
}

/// What was heard.
pub(super) enum Heard {
    /// Text or bytes, as they came.
    Message(Vec<u8>),
    /// A sign of life.
    Life,
}

impl<'s> Line<'s> {
    pub(super) fn new(socket: &'s mut WebSocket) -> Self {
        Self { socket }
    }

    /// May be dropped while it waits: nothing is lost.
    pub(super) async fn hear(&mut self) -> std::result::Result<Heard, End> {
        match self.socket.recv().await {
            Some(Ok(Message::Text(text))) => Ok(Heard::Message(text.as_bytes().to_vec())),
            Some(Ok(Message::Binary(bytes))) => Ok(Heard::Message(bytes.to_vec())),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(Heard::Life),
            Some(Ok(Message::Close(_))) | None => Err(End::Gone),
            // On a broken line nobody reads which of the two it was.
            Some(Err(_)) => Err(End::Oversized),
        }
    }

    pub(super) async fn send(&mut self, frame: &Frame) -> std::result::Result<(), End> {
        let text = serde_json::to_string(frame).map_err(|_| End::Broken)?;
        self.put(Message::text(text)).await
    }

    pub(super) async fn ping(&mut self) -> std::result::Result<(), End> {
        self.put(Message::Ping(Default::default())).await
    }

    /// Answers a request.
    pub(super) async fn answer(
        &mut self,
        request: Request,
        result: Result<Value>,
    ) -> std::result::Result<(), End> {
        let (success, payload) = match result {
            Ok(payload) => (true, payload),
            Err(error) => (false, error_payload(error)),
        };
        self.send(&Frame::Response(Response {
            request_id: request.request_id,
            action: request.action,
            success,
            payload,
        }))
        .await
    }

    /// Says goodbye, and hears the other side's, or answers it.
    pub(super) async fn close(&mut self, end: End) {
        if let Some(frame) = end.frame()
            && self.put(Message::Close(Some(frame))).await.is_err()
        {
            return;
        }
        let goodbye = async { while let Some(Ok(_)) = self.socket.recv().await {} };
        // Whoever does not answer is gone.
        let _ = timeout(GOODBYE_WITHIN, goodbye).await;
    }

    async fn put(&mut self, message: Message) -> std::result::Result<(), End> {
        match timeout(SEND_WITHIN, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(End::Gone),
            Err(_) => Err(End::Slow),
        }
    }
}

fn error_payload(error: ApiError) -> Value {
    serde_json::to_value(error.reply()).unwrap_or(Value::Null)
}
