//! After `login`: requests are answered one after the other, and pushes come
//! in the order of their positions.

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
    line::{End, Heard, Line},
    login::Member,
};
use crate::{app::App, presenter::agent::Push};

/// Keeps the way open through proxies, many of which close after 60 s of
/// silence; a lost one fits in between.
const PING_EVERY: Duration = Duration::from_secs(20);

/// Three pings without an answer: there is nobody any more.
const SILENT_AFTER: Duration = Duration::from_secs(60);

/// Pushes read at a time, so that a long absence is not held in memory whole.
const PUSHES_AT_ONCE: i64 = 100;

pub(super) async fn talk(app: &App, line: &mut Line<'_>, member: Member) -> End {
    let mut talk = Talk { app, line, member };
    match talk.run().await {
        Ok(never) => match never {},
        Err(end) => end,
    }
}

struct Talk<'t, 's> {
    app: &'t App,
    line: &'t mut Line<'s>,
    member: Member,
}

type Step<T> = std::result::Result<T, End>;

impl Talk<'_, '_> {
    async fn run(&mut self) -> Step<std::convert::Infallible> {
        let mut heard = Instant::now();
        let mut pings = interval_at(heard + PING_EVERY, PING_EVERY);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        self.push_what_is_new().await?;
        loop {
            tokio::select! {
                // Life first: whoever was heard while we were busy is not silent.
                biased;
                message = self.line.hear() => {
                    heard = Instant::now();
                    if let Heard::Message(message) = message? {
                        self.answer(&message).await?;
                    }
                }
                woken = self.member.stream_position.changed() => {
                    woken.map_err(|_| End::Stopping)?;
                    self.push_what_is_new().await?;
                }
                push = self.member.volatile.recv() => match push {
                    Ok(push) => self.tell(&push).await?,
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return Err(End::Stopping),
                },
                _ = pings.tick() => {
                    self.still_welcome().await.map_err(ended_by)?;
                    self.line.ping().await?;
                    // In case a wake-up was for another process.
                    self.push_what_is_new().await?;
                }
                () = sleep_until(heard + SILENT_AFTER) => return Err(End::Silent),
            }
        }
    }

    /// A token may end at any time: signed out, removed, too old.
    async fn still_welcome(&mut self) -> Result<()> {
        caller::speaks(self.app, &self.member.token).await?;
        Ok(())
    }

    async fn push_what_is_new(&mut self) -> Step<()> {
        loop {
            let after = self.member.position;
            let rows = async {
                self.app
                    .store
                    .read()
                    .await?
                    .agent_stream_events(after, PUSHES_AT_ONCE)
                    .await
            };
            let rows = rows.await.map_err(|error| ended_by(error.into()))?;
            let all = rows.len() < usize::try_from(PUSHES_AT_ONCE).unwrap_or(0);
            for row in rows {
                let push = frame(Some(row.position), row.action, row.payload.0);
                self.line.send(&push).await?;
                self.member.position = row.position;
            }
            if all {
                return Ok(());
            }
        }
    }

    /// What is not kept: typing and its like.
    async fn tell(&mut self, push: &Arc<Push>) -> Step<()> {
        if self.is_own_typing(push) {
            return Ok(());
        }
        let payload = push.payload.0.clone();
        self.line
            .send(&frame(None, push.action.clone(), payload))
            .await
    }

    fn is_own_typing(&self, push: &Push) -> bool {
        push.action == "incoming_typing_indicator"
            && IncomingTypingIndicator::deserialize(&push.payload.0).is_ok_and(|typing| {
                typing.typing_indicator.author_id.as_str() == self.member.agent.id.as_str()
            })
    }

    async fn answer(&mut self, message: &[u8]) -> Step<()> {
        let request: Request = match decode(message) {
            Ok(request) => request,
            Err(error) => return self.line.answer(nameless(message), Err(error.into())).await,
        };
        let result = self.act(&request).await;
        let unknown = matches!(&result, Err(error) if error.kind == ErrorType::Authentication);
        self.line.answer(request, result).await?;
        if unknown { Err(End::Unknown) } else { Ok(()) }
    }

    async fn act(&mut self, request: &Request) -> Result<Value> {
        if request.action == Login::NAME {
            return Err(ApiError::validation("this connection is signed in already"));
        }
        let (agent, _) = caller::speaks(self.app, &self.member.token).await?;
        actions::run(self.app, &agent, &request.action, request.payload.clone()).await
    }
}

fn frame(position: Option<i64>, action: String, payload: Value) -> Frame {
    Frame::Push(WirePush {
        request_id: None,
        position,
        // As it was kept: there is nothing to read in it here.
        body: PushBody::Unknown { action, payload },
    })
}

/// What can be told of a request that could not be read.
fn nameless(message: &[u8]) -> Request {
    let value: Value = serde_json::from_slice(message).unwrap_or(Value::Null);
    let request_id = value.get("request_id").cloned();
    Request {
        request_id: request_id.and_then(|id| Loose::deserialize(id).ok()),
        action: String::new(),
        payload: Value::Null,
    }
}

fn ended_by(error: ApiError) -> End {
    if error.kind == ErrorType::Authentication {
        End::Unknown
    } else {
        End::Broken
    }
}
