//! One WebSocket: sends whole frames within a time-out, receives messages, and
//! closes the connection.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, close_code};
use futures_util::SinkExt as _;
use parlor_wire::agent::{Frame, Request, Response};
use serde_json::Value;
use tokio::time::timeout;

use super::super::error::{ApiError, Result};

/// A frame that cannot be sent within this time meets a full buffer and a
/// client that does not read. The client catches up when it connects again.
const SEND_TIMEOUT: Duration = Duration::from_secs(10);

/// How long to wait for the other side's close frame, which is one round trip
/// away: cutting the connection earlier may lose our own frame. Stopping the
/// server waits for it.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// Why the server closes a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CloseReason {
    /// The client closed it, or the connection broke.
    Disconnected,
    /// The process stops.
    Stopping,
    /// Nothing was received for too long.
    Idle,
    /// The client does not read what is sent.
    Slow,
    /// Nobody has signed in, or the token is no longer valid.
    Unauthenticated,
    /// A message is too large or is malformed.
    Oversized,
    /// The store does not answer.
    ServerError,
}

impl CloseReason {
    fn close_frame(self) -> Option<CloseFrame> {
        let (code, reason) = match self {
            Self::Disconnected => return None,
            Self::Stopping => (close_code::AWAY, "the server stops"),
            Self::Idle => (close_code::POLICY, "nothing was heard for too long"),
            Self::Slow => (close_code::POLICY, "too slow"),
            Self::Unauthenticated => (close_code::POLICY, "sign in first"),
            Self::Oversized => (close_code::SIZE, "the message is too large"),
            Self::ServerError => (close_code::ERROR, "the server failed"),
        };
        Some(CloseFrame {
            code,
            reason: reason.into(),
        })
    }
}

/// One WebSocket.
pub(super) struct Connection<'s> {
    socket: &'s mut WebSocket,
}

/// What was received.
pub(super) enum Received {
    /// The content of a text or binary message.
    Message(Vec<u8>),
    /// A ping or pong.
    Heartbeat,
}

impl<'s> Connection<'s> {
    pub(super) fn new(socket: &'s mut WebSocket) -> Self {
        Self { socket }
    }

    /// Cancel-safe: dropping the future loses nothing.
    pub(super) async fn receive(&mut self) -> std::result::Result<Received, CloseReason> {
        match self.socket.recv().await {
            Some(Ok(Message::Text(text))) => Ok(Received::Message(text.as_bytes().to_vec())),
            Some(Ok(Message::Binary(bytes))) => Ok(Received::Message(bytes.to_vec())),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(Received::Heartbeat),
            Some(Ok(Message::Close(_))) | None => Err(CloseReason::Disconnected),
            // A broken connection is reported here too; then nobody reads the
            // reason.
            Some(Err(_)) => Err(CloseReason::Oversized),
        }
    }

    pub(super) async fn send(&mut self, frame: &Frame) -> std::result::Result<(), CloseReason> {
        let text = serde_json::to_string(frame).map_err(|_| CloseReason::ServerError)?;
        self.send_message(Message::text(text)).await
    }

    /// Sends messages that are serialised already, together.
    pub(super) async fn send_texts(
        &mut self,
        texts: Vec<Utf8Bytes>,
    ) -> std::result::Result<(), CloseReason> {
        if texts.is_empty() {
            return Ok(());
        }
        for text in texts {
            within_time(self.socket.feed(Message::Text(text))).await?;
        }
        within_time(self.socket.flush()).await
    }

    pub(super) async fn ping(&mut self) -> std::result::Result<(), CloseReason> {
        self.send_message(Message::Ping(Default::default())).await
    }

    /// Responds to a request.
    pub(super) async fn respond(
        &mut self,
        request: Request,
        result: Result<Value>,
    ) -> std::result::Result<(), CloseReason> {
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

    /// Sends a close frame if one is due, and waits for the other side's.
    pub(super) async fn close(&mut self, reason: CloseReason) {
        if let Some(frame) = reason.close_frame()
            && self
                .send_message(Message::Close(Some(frame)))
                .await
                .is_err()
        {
            return;
        }
        let closed = async { while let Some(Ok(_)) = self.socket.recv().await {} };
        // A client that does not answer is gone.
        let _ = timeout(CLOSE_TIMEOUT, closed).await;
    }

    async fn send_message(&mut self, message: Message) -> std::result::Result<(), CloseReason> {
        within_time(self.socket.send(message)).await
    }
}

async fn within_time(
    sent: impl Future<Output = std::result::Result<(), axum::Error>>,
) -> std::result::Result<(), CloseReason> {
    match timeout(SEND_TIMEOUT, sent).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(CloseReason::Disconnected),
        Err(_) => Err(CloseReason::Slow),
    }
}

fn error_payload(error: ApiError) -> Value {
    serde_json::to_value(error.reply()).unwrap_or(Value::Null)
}
