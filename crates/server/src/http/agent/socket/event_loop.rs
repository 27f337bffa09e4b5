//! The connection after `login`: requests are answered one after another, and
//! pushes are sent in the order of their positions.

use std::{sync::Arc, time::Duration};

use parlor_wire::{
    Loose,
    agent::{
        Action as _, ErrorType, Frame, IncomingTypingIndicator, Login, Push as WirePush, PushBody,
        Request,
    },
    decode,
};
use serde::Deserialize as _;
use serde_json::Value;
use tokio::{
    sync::broadcast::error::RecvError,
    time::{Instant, MissedTickBehavior, interval_at, sleep_until},
};

use super::{
    super::{
        actions, caller,
        error::{ApiError, Result},
    },
    connection::{CloseReason, Connection, Received},
    login::SocketUser,
};
use crate::{app::App, presenter::agent::Push};

/// Keeps the connection open through proxies, many of which close it after 60 s
/// of silence; one ping may get lost.
const PING_INTERVAL: Duration = Duration::from_secs(20);

/// Three pings without a response: the client is gone.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// Rows read per query, which bounds the memory for catching up after a long
/// absence.
const PUSHES_READ_MAX: i64 = 100;

pub(super) async fn run(
    app: &App,
    connection: &mut Connection<'_>,
    user: SocketUser,
) -> CloseReason {
    let mut event_loop = EventLoop {
        app,
        connection,
        user,
    };
    match event_loop.run().await {
        Ok(never) => match never {},
        Err(reason) => reason,
    }
}

struct EventLoop<'a, 'socket> {
    app: &'a App,
    connection: &'a mut Connection<'socket>,
    user: SocketUser,
}

type Step<T> = std::result::Result<T, CloseReason>;

impl EventLoop<'_, '_> {
    async fn run(&mut self) -> Step<std::convert::Infallible> {
        let mut last_received = Instant::now();
        let mut pings = interval_at(last_received + PING_INTERVAL, PING_INTERVAL);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        self.send_new_pushes().await?;
        loop {
            tokio::select! {
                // Received messages come first: a client that sent something
                // while the server was busy is not idle.
                biased;
                message = self.connection.receive() => {
                    last_received = Instant::now();
                    if let Received::Message(message) = message? {
                        self.handle(&message).await?;
                    }
                }
                woken = self.user.newest_position.changed() => {
                    woken.map_err(|_| CloseReason::Stopping)?;
                    self.send_new_pushes().await?;
                }
                push = self.user.volatile.recv() => match push {
                    Ok(push) => self.send_volatile(&push).await?,
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return Err(CloseReason::Stopping),
                },
                _ = pings.tick() => {
                    self.check_token().await.map_err(close_reason_of)?;
                    self.connection.ping().await?;
                    // Another process may have appended to the stream without
                    // waking this one.
                    self.send_new_pushes().await?;
                }
                () = sleep_until(last_received + IDLE_TIMEOUT) => return Err(CloseReason::Idle),
            }
        }
    }

    /// Checks that the token is still valid: the agent may have signed out or
    /// been removed, or the token has expired.
    async fn check_token(&mut self) -> Result<()> {
        caller::authenticate(self.app, &self.user.token).await?;
        Ok(())
    }

    async fn send_new_pushes(&mut self) -> Step<()> {
        loop {
            let after = self.user.sent_position;
            let rows = async {
                self.app
                    .store
                    .read()
                    .await?
                    .agent_stream_events(after, PUSHES_READ_MAX)
                    .await
            };
            let rows = rows.await.map_err(|error| close_reason_of(error.into()))?;
            let is_last_page = rows.len() < usize::try_from(PUSHES_READ_MAX).unwrap_or(0);
            for row in rows {
                let push = frame(Some(row.position), row.action, row.payload.0);
                self.connection.send(&push).await?;
                self.user.sent_position = row.position;
            }
            if is_last_page {
                return Ok(());
            }
        }
    }

    /// Sends a push that is not stored, such as a typing indicator.
    async fn send_volatile(&mut self, push: &Arc<Push>) -> Step<()> {
        if self.is_own_typing(push) {
            return Ok(());
        }
        let payload = push.payload.0.clone();
        self.connection
            .send(&frame(None, push.action.clone(), payload))
            .await
    }

    fn is_own_typing(&self, push: &Push) -> bool {
        push.action == "incoming_typing_indicator"
            && IncomingTypingIndicator::deserialize(&push.payload.0).is_ok_and(|typing| {
                typing.typing_indicator.author_id.as_str() == self.user.agent.id.as_str()
            })
    }

    async fn handle(&mut self, message: &[u8]) -> Step<()> {
        let request: Request = match decode(message) {
            Ok(request) => request,
            Err(error) => {
                return self
                    .connection
                    .respond(unreadable_request(message), Err(error.into()))
                    .await;
            }
        };
        let result = self.run_action(&request).await;
        let unauthenticated =
            matches!(&result, Err(error) if error.kind == ErrorType::Authentication);
        self.connection.respond(request, result).await?;
        if unauthenticated {
            Err(CloseReason::Unauthenticated)
        } else {
            Ok(())
        }
    }

    async fn run_action(&mut self, request: &Request) -> Result<Value> {
        if request.action == Login::NAME {
            return Err(ApiError::validation("this connection is signed in already"));
        }
        let (agent, _) = caller::authenticate(self.app, &self.user.token).await?;
        actions::run(self.app, &agent, &request.action, request.payload.clone()).await
    }
}

fn frame(position: Option<i64>, action: String, payload: Value) -> Frame {
    Frame::Push(WirePush {
        request_id: None,
        position,
        // The payload is sent as it was stored, without decoding it.
        body: PushBody::Unknown { action, payload },
    })
}

/// Stands for a request that could not be decoded, with its `request_id` if
/// there is one.
fn unreadable_request(message: &[u8]) -> Request {
    let value: Value = serde_json::from_slice(message).unwrap_or(Value::Null);
    let request_id = value.get("request_id").cloned();
    Request {
        request_id: request_id.and_then(|id| Loose::deserialize(id).ok()),
        action: String::new(),
        payload: Value::Null,
    }
}

fn close_reason_of(error: ApiError) -> CloseReason {
    if error.kind == ErrorType::Authentication {
        CloseReason::Unauthenticated
    } else {
        CloseReason::ServerError
    }
}
