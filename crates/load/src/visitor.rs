//! A visitor's program: an ordinary client of the Chat REST API with one poll open at a time, which
//! follows a session to another process (`docs/PROTOCOL.md`, 2.12). It remembers which numbered
//! messages of the agent it has received.

use std::{
    collections::HashMap,
    net::Ipv4Addr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::{Result, bail};
use parlor_wire::{
    Event, EventBody, decode,
    visitor::{
        Batch, ChatEnd, ChatMessage, History, Message, ReconnectSession, ResyncState, Wrapped,
    },
};
use serde::{Serialize, de::DeserializeOwned};
use tokio::{sync::watch, time::sleep};

use crate::{
    http::{Caller, Reply, client, source},
    measure::stamp,
    session::Session,
    site::Site,
};

/// An answer takes longer than this only when the endpoint cannot cope.
const POST_TIMEOUT: Duration = Duration::from_secs(30);

/// `clientPollTimeout`: the endpoint answers a poll after 25 s at most.
const POLL_TIMEOUT: Duration = Duration::from_secs(40);

/// Between two attempts to reach an endpoint that does not answer.
const PAUSE: Duration = Duration::from_millis(100);

/// Part of 127.0.0.0/8 that visitors have their addresses in.
const NETWORK: u8 = 10;

/// Events of one page of the log.
const PAGE: usize = 200;

/// See the module.
#[derive(Debug)]
pub(crate) struct Visitor {
    site: Arc<Site>,
    from: Ipv4Addr,
    session: Mutex<Session>,
    received: Mutex<Received>,
    /// How many of the visitor's messages were answered.
    written: AtomicU64,
    /// False from an answer that the session is another process's until the hand-over to that one is
    /// finished. Nothing is written in between.
    connected: watch::Sender<bool>,
    /// For what is sent while a poll is open.
    posts: tokio::sync::Mutex<Caller>,
}

/// Numbers of an agent's messages, each with its event's number in the log.
#[derive(Debug, Default)]
struct Received(HashMap<u64, i64>);

impl Visitor {
    /// Gets a session and asks for a chat, both over the connection on which it will poll.
    ///
    /// # Errors
    /// When either is refused, which is counted as a violation too.
    pub(crate) async fn arrive(site: &Arc<Site>, number: usize) -> Result<(Arc<Self>, Caller)> {
        let from = source(NETWORK, number);
        let mut caller = Caller::new(from, site.address);
        let mut session = open_session(site, client(from), &mut caller).await?;
        let init = session.init(site, format!("Visitor {number}"))?;
        let result = caller.call(&init, POST_TIMEOUT).await;
        site.tally.count("ChasitorInit", &result, &[200]);
        match result {
            Ok(Reply { status: 200, .. }) => {}
            _ => bail!("no chat"),
        }
        let visitor = Arc::new(Self {
            site: site.clone(),
            from,
            session: Mutex::new(session),
            received: Mutex::default(),
            written: AtomicU64::new(0),
            connected: watch::Sender::new(true),
            posts: tokio::sync::Mutex::new(Caller::new(from, site.address)),
        });
        Ok((visitor, caller))
    }

    /// Polls, one poll at a time, until the chat is over. `hold_ms`: the visitor looks at the window,
    /// and so asks for an answer that often.
    pub(crate) async fn poll(self: Arc<Self>, mut caller: Caller, hold_ms: Option<u64>) {
        let hold = hold_ms.map(|ms| format!("&hold={ms}")).unwrap_or_default();
        let mut ack = -1;
        let mut offset = None;
        for number in 1_u64.. {
            let path = format!("/chat/rest/System/Messages?ack={ack}&poll={number}{hold}");
            let request = self.session().get(&path);
            let result = caller.call(&request, POLL_TIMEOUT).await;
            self.site.tally.observe(&result);
            match result {
                Ok(Reply { status: 204, .. }) => {}
                Ok(Reply {
                    status: 200, body, ..
                }) => {
                    let Ok(batch) = decode::<Batch>(&body) else {
                        return self.violation("a poll's answer cannot be read");
                    };
                    ack = batch.sequence.unwrap_or(ack);
                    offset = batch.offset.or(offset);
                    for message in batch.messages {
                        if self.receive(message).await.is_break() {
                            return;
                        }
                    }
                }
                Ok(Reply {
                    status: 503,
                    retry_after: None,
                    ..
                }) if self.site.restarts() => {
                    self.connected.send_replace(false);
                    if self.reconnect(&mut caller, offset).await {
                        ack = -1;
                    } else {
                        sleep(PAUSE).await;
                    }
                }
                Ok(reply) => {
                    self.violation(&format!("a poll was answered {}", reply.status));
                    sleep(Duration::from_secs(reply.retry_after.unwrap_or(1))).await;
                }
                Err(_) if self.site.restarts() => sleep(PAUSE).await,
                Err(fault) => {
                    self.violation(&format!("a poll failed: {fault:?}"));
                    sleep(PAUSE).await;
                }
            }
        }
    }

    async fn receive(&self, message: Message) -> std::ops::ControlFlow<()> {
        match message {
            Message::ChatRequestSuccess(_) => {
                self.site.queued.fetch_add(1, Ordering::Relaxed);
            }
            Message::ChatEstablished(_) => {
                self.site.established.fetch_add(1, Ordering::Relaxed);
            }
            Message::ChatMessage(message) => {
                if let Some((number, sent)) = numbered(&message.text) {
                    self.site.woken_after(stamp().saturating_sub(sent));
                    self.record(number, message.sequence.unwrap_or(0), false);
                }
            }
            Message::ChasitorSessionData(data) => {
                for entry in data.chat_messages {
                    if let Some((number, _)) = numbered(&entry.content) {
                        self.record(number, entry.sequence, true);
                    }
                }
                self.resync().await;
            }
            Message::ChatRequestFail(fail) => {
                self.violation(&format!("the chat was refused: {}", fail.reason));
                return std::ops::ControlFlow::Break(());
            }
            Message::ChatEnded(_) => return std::ops::ControlFlow::Break(()),
            _ => {}
        }
        std::ops::ControlFlow::Continue(())
    }

    /// One message is one event of the log. It may come again after a hand-over.
    fn record(&self, number: u64, event: i64, repeated: bool) {
        let mut received = self.received();
        match received.0.insert(number, event) {
            None => {}
            Some(before) if before != event => {
                self.violation("a message of the agent is in the log twice");
            }
            Some(_) if repeated || self.site.restarts() => {}
            Some(_) => self.violation("a message of the agent came twice"),
        }
    }

    /// Asks the new process to take the session over.
    async fn reconnect(&self, caller: &mut Caller, offset: Option<i64>) -> bool {
        let offset = offset.map_or(String::new(), |it| format!("?ReconnectSession.offset={it}"));
        let path = format!("/chat/rest/System/ReconnectSession{offset}");
        let request = self.session().get(&path);
        let result = caller.call(&request, POST_TIMEOUT).await;
        self.site.tally.observe(&result);
        let Ok(Reply {
            status: 200, body, ..
        }) = result
        else {
            return false;
        };
        let Some(message) = unwrap::<ReconnectSession>(&body) else {
            self.violation("the answer to ReconnectSession cannot be read");
            return false;
        };
        self.session().affinity = message.affinity_token;
        true
    }

    /// Posts `ChasitorResyncState`; from then on what was not answered may be sent again.
    async fn resync(&self) {
        let state = ResyncState {
            organization_id: self.site.installation.organization_id.clone(),
        };
        let request = {
            let mut session = self.session();
            let number = session.next_number();
            session.post("ChasitorResyncState", &state, number)
        };
        let Ok(request) = request else { return };
        let result = self.posts.lock().await.call(&request, POST_TIMEOUT).await;
        self.site.tally.observe(&result);
        // Without an answer the next poll finds out what is wrong.
        self.site.hand_overs.fetch_add(1, Ordering::Relaxed);
        self.connected.send_replace(true);
    }

    /// Writes, and repeats it under its number and custom id until it is answered. Returns the id of
    /// the event that it became; `None` when the endpoint did not take it.
    pub(crate) async fn write(&self, text: String, custom_id: String) -> Option<String> {
        let message = ChatMessage {
            text,
            custom_id: Some(custom_id),
        };
        let number = self.session().next_number();
        let reply = self
            .post_until_answered("ChatMessage", &message, number)
            .await?;
        if reply.event_id.is_none() {
            self.violation("the answer to a message does not name its event");
        }
        self.written.fetch_add(1, Ordering::Relaxed);
        reply.event_id
    }

    /// Ends the chat; returns whether the endpoint took it.
    pub(crate) async fn end(&self) -> bool {
        let end = ChatEnd {
            kind: None,
            reason: Some("client".to_owned()),
        };
        let number = self.session().next_number();
        let reply = self.post_until_answered("ChatEnd", &end, number).await;
        reply.is_some()
    }

    async fn post_until_answered(
        &self,
        noun: &str,
        body: &impl Serialize,
        number: u64,
    ) -> Option<Reply> {
        loop {
            // The sender lives as long as this visitor.
            let _ = self.connected.subscribe().wait_for(|it| *it).await;
            let request = self.session().post(noun, body, number).ok()?;
            let result = self.posts.lock().await.call(&request, POST_TIMEOUT).await;
            if !self.site.restarts() {
                self.site.tally.count(noun, &result, &[200]);
                return result.ok().filter(|reply| reply.status == 200);
            }
            self.site.tally.observe(&result);
            match result {
                Ok(reply) if reply.status == 200 => return Some(reply),
                // The poll is told the same.
                Ok(Reply { status: 503, .. }) | Err(_) => sleep(PAUSE).await,
                Ok(reply) => {
                    self.violation(&format!("{noun} was answered {}", reply.status));
                    return None;
                }
            }
        }
    }

    /// The id of the chat, which agents name it by.
    ///
    /// # Errors
    /// When the endpoint does not tell.
    pub(crate) async fn chat_id(&self, caller: &mut Caller) -> Result<String> {
        let history = self.history(caller).await?;
        match history.chat_id {
            Some(id) => Ok(id.to_string()),
            None => bail!("the visitor has no chat"),
        }
    }

    /// The texts of the conversation with the events' numbers, in the order of the log.
    pub(crate) async fn texts(&self) -> Result<Vec<(u64, String)>> {
        let mut caller = self.another_connection();
        let history = self.history(&mut caller).await?;
        let Some(thread) = history.threads.first() else {
            bail!("the visitor has no conversation");
        };
        let mut texts = Vec::new();
        let mut before = String::new();
        loop {
            let id = &thread.id;
            let path = format!("/chat/rest/Visitor/History/{id}?limit={PAGE}{before}");
            let page = self.get::<parlor_wire::Thread>(&mut caller, path).await?;
            let events: Vec<Event> = page.events.unwrap_or_default();
            let numbers = events.iter().filter_map(event_number);
            let Some(oldest) = numbers.min() else { break };
            texts.extend(events.iter().filter_map(|event| match &event.body {
                EventBody::Message(message) => Some((event_number(event)?, message.text.clone())),
                _ => None,
            }));
            if oldest <= 1 || events.len() < PAGE {
                break;
            }
            before = format!("&before={oldest}");
        }
        texts.sort_unstable();
        Ok(texts)
    }

    pub(crate) fn another_connection(&self) -> Caller {
        Caller::new(self.from, self.site.address)
    }

    async fn history(&self, caller: &mut Caller) -> Result<History> {
        self.get(caller, "/chat/rest/Visitor/History".to_owned())
            .await
    }

    async fn get<T: DeserializeOwned>(&self, caller: &mut Caller, path: String) -> Result<T> {
        let request = self.session().get(&path);
        let result = caller.call(&request, POST_TIMEOUT).await;
        self.site.tally.count("Visitor/History", &result, &[200]);
        match result {
            Ok(Reply {
                status: 200, body, ..
            }) => match unwrap(&body) {
                Some(message) => Ok(message),
                None => bail!("the answer of Visitor/History cannot be read"),
            },
            _ => bail!("no answer of Visitor/History"),
        }
    }

    /// How many of the visitor's messages were answered.
    pub(crate) fn written(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }

    /// How many of the messages with numbers from 1 to `sent` have not been received.
    pub(crate) fn missing(&self, sent: u64) -> u64 {
        let received = self.received();
        let missing = (1..=sent).filter(|number| !received.0.contains_key(number));
        missing.count() as u64
    }

    fn violation(&self, what: &str) {
        self.site.tally.violation(what.to_owned());
    }

    fn session(&self) -> MutexGuard<'_, Session> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn received(&self) -> MutexGuard<'_, Received> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn open_session(site: &Site, client: Ipv4Addr, caller: &mut Caller) -> Result<Session> {
    let result = caller.call(&Session::request(client), POST_TIMEOUT).await;
    site.tally.count("SessionId", &result, &[200]);
    match result {
        Ok(Reply {
            status: 200, body, ..
        }) => Session::read(client, &body),
        _ => bail!("no session"),
    }
}

/// What an agent writes: which of its messages in this chat it is, and when it wanted to send it.
pub(crate) fn numbered_text(number: u64) -> String {
    format!("{number} {}", stamp())
}

fn numbered(text: &str) -> Option<(u64, u64)> {
    let (number, sent) = text.split_once(' ')?;
    Some((number.parse().ok()?, sent.parse().ok()?))
}

fn unwrap<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    let mut wrapped: Wrapped<T> = decode(body).ok()?;
    wrapped.messages.pop().map(|it| it.message)
}

fn event_number(event: &Event) -> Option<u64> {
    let id = event.id.as_ref()?.to_string();
    id.rsplit_once('_')?.1.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_numbered_texts_are_counted() {
        let text = numbered_text(12);
        let (number, sent) = numbered(&text).unwrap();
        assert_eq!(number, 12);
        assert!(sent <= stamp());
        for text in ["", "12", "v12 3", "good morning", "12 3 4"] {
            assert_eq!(numbered(text), None, "{text}");
        }
    }
}
