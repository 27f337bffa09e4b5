//! The connection after `login`: requests are answered one after another, and
//! pushes are sent in the order of their positions.

use std::time::Duration;

use parlor_wire::{
    Loose,
    agent::{Action as _, ErrorType, Login, Request},
    decode,
};
use serde::Deserialize as _;
use serde_json::Value;
use tokio::{
    sync::broadcast::error::{RecvError, TryRecvError},
    time::{Instant, MissedTickBehavior, interval, interval_at, sleep_until},
};

use super::{
    super::{
        actions, caller,
        error::{ApiError, Result},
    },
    connection::{CloseReason, Connection, Received},
    login::SocketUser,
};
use crate::{
    agent_frames::{StoredFrame, VolatileFrame, next_page, stored_text},
    app::App,
    presenter::file_address,
    store::row::Audience,
};

/// Keeps the connection open through proxies, many of which close it after 60 s
/// of silence; one ping may get lost.
const PING_INTERVAL: Duration = Duration::from_secs(20);

/// Three pings without a response: the client is gone.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// Frames that are sent together when they have come together.
const FRAMES_TOGETHER_MAX: usize = 64;

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
        let mut uses = interval(caller::USE_NOTED_EVERY);
        uses.set_missed_tick_behavior(MissedTickBehavior::Delay);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        self.catch_up().await?;
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
                push = self.user.pushes.stored.recv() => match push {
                    Ok(push) => self.send_stored(push).await?,
                    Err(RecvError::Lagged(_)) => self.catch_up().await?,
                    Err(RecvError::Closed) => return Err(CloseReason::Stopping),
                },
                push = self.user.pushes.volatile.recv() => match push {
                    Ok(push) => self.send_volatile(push).await?,
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return Err(CloseReason::Stopping),
                },
                _ = pings.tick() => {
                    self.check_token().await.map_err(close_reason_of)?;
                    self.connection.ping().await?;
                }
                _ = uses.tick(), if self.user.at_console => {
                    caller::note_use(self.app, &self.user.token).await;
                }
                () = sleep_until(last_received + IDLE_TIMEOUT) => return Err(CloseReason::Idle),
            }
        }
    }

    /// Checks that the token is still valid: the agent may have signed out or
    /// been removed, or the token has expired. Their groups may have changed, too.
    async fn check_token(&mut self) -> Result<()> {
        self.user.agent = caller::authenticate(self.app, &self.user.token).await?.0;
        Ok(())
    }

    /// Whether a push of the stream is for this agent. Those for one agent alone
    /// say that their groups have changed: what comes after is for the new ones.
    async fn receives(&mut self, audience: &Audience) -> Step<bool> {
        if audience.only_agent_id.as_ref() == Some(&self.user.agent.id) {
            self.check_token().await.map_err(close_reason_of)?;
        }
        Ok(audience.includes(&self.user.agent))
    }

    /// Sends the pushes after the last one that was sent, from the store.
    async fn catch_up(&mut self) -> Step<()> {
        loop {
            let page = next_page(self.app, self.user.sent_position)
                .await
                .map_err(|error| close_reason_of(error.into()))?;
            let mut texts = Vec::with_capacity(page.events.len());
            for row in page.events {
                if !self.receives(&row.audience).await? {
                    continue;
                }
                let text = stored_text(&self.app.config, row);
                let text = text.map_err(|error| close_reason_of(error.into()))?;
                texts.push(text.seen_at(&self.user.base));
            }
            self.user.sent_position = page.through;
            self.connection.send_texts(texts).await?;
            if page.is_last {
                return Ok(());
            }
        }
    }

    /// Sends a broadcast push, and those that have come with it.
    async fn send_stored(&mut self, first: StoredFrame) -> Step<()> {
        let mut texts = Vec::new();
        let mut next = Ok(first);
        let has_gap = loop {
            match next {
                // It was sent from the store before.
                Ok(push) if push.position <= self.user.sent_position => {}
                Ok(push) if push.previous > self.user.sent_position => break true,
                Ok(push) => {
                    self.user.sent_position = push.position;
                    if self.receives(&push.audience).await? {
                        texts.push(push.text.seen_at(&self.user.base));
                    }
                }
                Err(TryRecvError::Lagged(_)) => break true,
                // If it is closed, the next `recv` says so.
                Err(TryRecvError::Empty | TryRecvError::Closed) => break false,
            }
            if texts.len() >= FRAMES_TOGETHER_MAX {
                break false;
            }
            next = self.user.pushes.stored.try_recv();
        };
        self.connection.send_texts(texts).await?;
        if has_gap {
            self.catch_up().await?;
        }
        Ok(())
    }

    /// Sends a push that is not stored, such as a typing indicator.
    async fn send_volatile(&mut self, push: VolatileFrame) -> Step<()> {
        let own_id = self.user.agent.id.as_str();
        if !push.audience.includes(&self.user.agent) {
            return Ok(());
        }
        if push.typing_author.is_some_and(|it| it.as_str() == own_id) {
            return Ok(());
        }
        self.connection.send_texts(vec![push.text]).await
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
        self.check_token().await?;
        let (action, payload) = (&request.action, request.payload.clone());
        let mut reply = actions::run(self.app, &self.user.agent, action, payload).await?;
        file_address::make_absolute_in_json(&mut reply, &self.user.base);
        Ok(reply)
    }
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
