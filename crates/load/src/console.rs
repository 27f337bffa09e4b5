//! A console: an agent's WebSocket, which is told of everything. It counts the messages that it is
//! told of, and how long each took from the visitor.

use std::{
    borrow::Cow,
    collections::HashMap,
    net::Ipv4Addr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use futures_util::{SinkExt as _, StreamExt as _};
use serde::Deserialize;
use serde_json::json;
use tokio::{
    net::{TcpSocket, TcpStream},
    time::{sleep, timeout},
};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{Message, protocol::WebSocketConfig},
};

use crate::{
    http::source,
    measure::{Latencies, stamp},
    site::Site,
};

/// Part of 127.0.0.0/8 that consoles have their addresses in.
const NETWORK: u8 = 2;

/// Signing in lists all open chats, which takes long where there are thousands.
const LOGIN_TIME: Duration = Duration::from_secs(30);

/// How long a push may be on its way.
const DELIVERY_TIME: Duration = Duration::from_secs(20);

/// A hundred of them fit into a load program.
const READ_BUFFER_BYTES: usize = 8 * 1024;

/// See the module. What it has been told is shared with the task that reads.
#[derive(Debug)]
pub(crate) struct Console {
    site: Arc<Site>,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    /// How often each event was pushed, by its id.
    events: HashMap<String, u32>,
    position: i64,
    wakes: Latencies,
}

/// The part of a push that is read.
#[derive(Deserialize)]
struct Push<'a> {
    action: &'a str,
    position: Option<i64>,
    #[serde(borrow)]
    payload: Payload<'a>,
}

#[derive(Deserialize)]
struct Payload<'a> {
    #[serde(borrow)]
    event: Option<PushedEvent<'a>>,
}

#[derive(Deserialize)]
struct PushedEvent<'a> {
    id: &'a str,
    #[serde(borrow)]
    text: Option<Cow<'a, str>>,
}

type Socket = WebSocketStream<TcpStream>;

impl Console {
    /// Connects and signs in; the task that is returned reads until it is aborted.
    ///
    /// # Errors
    /// When the endpoint refuses.
    pub(crate) async fn open(
        site: &Arc<Site>,
        number: usize,
    ) -> Result<(Arc<Self>, impl Future<Output = ()> + Send + use<>)> {
        let from = source(NETWORK, number);
        let connected = timeout(LOGIN_TIME, connect(site, from)).await;
        let socket = connected.context("a console could not sign in")??;
        let console = Arc::new(Self {
            site: site.clone(),
            seen: Mutex::default(),
        });
        Ok((console.clone(), async move { console.read(socket).await }))
    }

    async fn read(&self, mut socket: Socket) {
        while let Some(frame) = socket.next().await {
            match frame {
                Ok(Message::Text(text)) => self.take(&text),
                // Pings are answered by the library when it reads on.
                Ok(Message::Ping(_) | Message::Pong(_) | Message::Binary(_)) => {}
                Ok(Message::Close(_) | Message::Frame(_)) | Err(_) => break,
            }
        }
        let what = "a console's socket was closed";
        self.site.tally.violation(what.to_owned());
    }

    fn take(&self, text: &str) {
        // Pushes of other kinds have other payloads.
        let Ok(push) = serde_json::from_str::<Push<'_>>(text) else {
            return;
        };
        let mut seen = self.seen();
        if let Some(position) = push.position {
            if position <= seen.position {
                let what = "a console was told of something twice, or out of order";
                self.site.tally.violation(what.to_owned());
            }
            seen.position = position;
        }
        let Some(event) = push
            .payload
            .event
            .filter(|_| push.action == "incoming_event")
        else {
            return;
        };
        if let Some(sent) = event.text.as_deref().and_then(stamp_of) {
            seen.wakes.add(stamp().saturating_sub(sent));
        }
        *seen.events.entry(event.id.to_owned()).or_default() += 1;
    }

    /// The times since this was last called, from the visitor's wish to write to the push.
    pub(crate) fn take_wakes(&self) -> Latencies {
        std::mem::take(&mut self.seen().wakes)
    }

    /// Waits until it was told of each of these events once.
    pub(crate) async fn all_pushed(&self, events: &[String]) {
        let missing = || {
            let seen = self.seen();
            let unseen = events.iter().filter(|id| !seen.events.contains_key(*id));
            unseen.count()
        };
        let all = async {
            while missing() > 0 {
                sleep(Duration::from_millis(20)).await;
            }
        };
        if timeout(DELIVERY_TIME, all).await.is_err() {
            let what = format!("a console was not told of {} messages", missing());
            self.site.tally.violation(what);
        }
        let twice = self.seen().events.values().filter(|it| **it > 1).count();
        if twice > 0 {
            let what = format!("a console was told of {twice} events more than once");
            self.site.tally.violation(what);
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn connect(site: &Site, from: Ipv4Addr) -> Result<Socket> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((from, 0).into())?;
    let stream = socket.connect(site.address).await?;
    stream.set_nodelay(true)?;
    let url = format!("ws://{}/v3.6/agent/rtm/ws", site.address);
    let config = WebSocketConfig::default().read_buffer_size(READ_BUFFER_BYTES);
    let (mut socket, _) = client_async_with_config(url, stream, Some(config)).await?;
    let login = json!({
        "request_id": "1",
        "action": "login",
        "payload": { "token": format!("Bearer {}", site.installation.agent_token) },
    });
    socket.send(Message::text(login.to_string())).await?;
    while let Some(frame) = socket.next().await {
        if let Message::Text(text) = frame? {
            let answer: serde_json::Value = serde_json::from_str(&text)?;
            match answer.get("success") {
                Some(success) if success == true => return Ok(socket),
                Some(_) => bail!("the console was refused"),
                None => {}
            }
        }
    }
    bail!("the socket was closed")
}

/// The time in a visitor's text, which is `v<number> <stamp>`.
fn stamp_of(text: &str) -> Option<u64> {
    text.strip_prefix('v')?.split_once(' ')?.1.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_visitors_write_has_a_stamp() {
        assert_eq!(stamp_of("v12 345"), Some(345));
        for text in ["", "v", "v12", "12 345", "hello there"] {
            assert_eq!(stamp_of(text), None, "{text}");
        }
    }
}
