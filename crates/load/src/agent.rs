//! An agent's program: actions of the Agent Chat API, over a few connections that are kept.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::{Result, bail};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::{
    http::{Caller, Callers, Fault, Reply, Request, source},
    site::Site,
    visitor::{Visitor, numbered_text},
};

/// So many actions at the same time.
pub(crate) const CONNECTIONS: usize = 16;

/// An answer takes longer than this only when the endpoint cannot cope.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Between two attempts to reach an endpoint that does not answer.
const PAUSE: Duration = Duration::from_millis(100);

/// Part of 127.0.0.0/8 that agents have their addresses in.
const NETWORK: u8 = 1;

/// See the module.
#[derive(Debug)]
pub(crate) struct Agent {
    pub(crate) site: Arc<Site>,
    callers: Callers,
}

impl Agent {
    pub(crate) fn new(site: &Arc<Site>) -> Arc<Self> {
        let caller = |number| Caller::new(source(NETWORK, number), site.address);
        Arc::new(Self {
            site: site.clone(),
            callers: Callers::new((0..CONNECTIONS).map(caller)),
        })
    }

    async fn call(&self, action: &str, body: &Value) -> Result<Reply, Fault> {
        let token = &self.site.installation.agent_token;
        let request = Request::post(format_args!("/v3.6/agent/action/{action}"))
            .header("authorization", format_args!("Bearer {token}"))
            .header("content-type", "application/json")
            .body(body.to_string().as_bytes());
        self.callers.call(&request, TIMEOUT).await
    }

    /// Repeats an action until it is answered, where answers may get lost. Returns whether the
    /// endpoint did it.
    pub(crate) async fn act(&self, action: &str, body: &Value) -> bool {
        loop {
            let result = self.call(action, body).await;
            if !self.site.restarts() {
                self.site.tally.count(action, &result, &[200]);
                return matches!(result, Ok(Reply { status: 200, .. }));
            }
            self.site.tally.observe(&result);
            match result {
                Ok(Reply { status: 200, .. }) => return true,
                Ok(Reply { status: 503, .. }) | Err(_) => sleep(PAUSE).await,
                Ok(reply) => {
                    let what = format!("{action} was answered {}", reply.status);
                    self.site.tally.violation(what);
                    return false;
                }
            }
        }
    }

    /// Accepts chats, from now on.
    ///
    /// # Errors
    /// When the endpoint refuses.
    pub(crate) async fn come(&self) -> Result<()> {
        let status = json!({ "status": "accepting_chats" });
        if !self.act("set_routing_status", &status).await {
            bail!("the agent cannot come");
        }
        Ok(())
    }

    /// Takes a visitor out of the queue.
    ///
    /// # Errors
    /// When the endpoint refuses.
    pub(crate) async fn accept(
        self: &Arc<Self>,
        visitor: Arc<Visitor>,
        chat_id: String,
    ) -> Result<Arc<Chat>> {
        let body = json!({
            "chat_id": chat_id,
            "user_id": self.site.installation.agent_id,
            "user_type": "agent",
            "visibility": "all",
            "ignore_requester_presence": true,
        });
        if !self.act("add_user_to_chat", &body).await {
            bail!("the agent cannot accept");
        }
        Ok(Arc::new(Chat {
            agent: self.clone(),
            visitor,
            chat_id,
            sent: AtomicU64::new(0),
        }))
    }
}

/// A conversation, from the agent's side.
#[derive(Debug)]
pub(crate) struct Chat {
    agent: Arc<Agent>,
    pub(crate) visitor: Arc<Visitor>,
    chat_id: String,
    /// The number of the agent's newest message.
    sent: AtomicU64,
}

impl Chat {
    /// The agent writes the next numbered message.
    pub(crate) async fn write(&self) -> bool {
        let number = self.sent.fetch_add(1, Ordering::Relaxed) + 1;
        let body = json!({
            "chat_id": self.chat_id,
            "event": {
                "type": "message",
                "text": numbered_text(number),
                "custom_id": format!("a{number}"),
                "visibility": "all",
            },
        });
        self.agent.act("send_event", &body).await
    }

    pub(crate) fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// How many of the agent's messages the visitor has not received.
    pub(crate) fn missing(&self) -> u64 {
        self.visitor.missing(self.sent())
    }
}
