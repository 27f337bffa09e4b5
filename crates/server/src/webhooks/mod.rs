//! Webhooks: other systems are told of conversations by HTTP requests (`docs/WEBHOOKS.md`).
//!
//! Data flows one way. A unit of work writes a row for each receiver (`outbox`), in the
//! transaction of what has happened: the status of a conversation (`lifecycle`, in the types of
//! `chat_session`), or a push to agents (`agent_event`). The `sender` reads the rows that are
//! due, and hands them to the receiver (`client`), signed (`signature`).
//!
//! What must stay true: a webhook is never a reason for a request to fail or to wait; what it
//! says is the state at the time of the event; those of a chat arrive in order, at least once or
//! given up, and a receiver that is slow or gone delays no other; what waits is bounded; no word
//! of it, no address and no secret reaches a log.

mod agent_event;
mod chat_session;
mod client;
mod config;
mod deliveries;
mod lifecycle;
mod maintenance;
pub(crate) mod outbox;
mod sample;
mod sender;
mod signature;

use std::sync::OnceLock;

use parlor_wire::OrganizationId;
use tokio::sync::watch;

pub use client::Failure;
pub use config::{AGENT_EVENTS, NEW_CHAT_SESSION, STATUS_CHANGED, WebhookConfig};
pub use deliveries::{Retried, retry, retry_all};
pub(crate) use lifecycle::{Before, is_answer};
pub(crate) use maintenance::maintain;
pub(crate) use sender::Health;
pub use sender::send_sample;
pub use signature::WebhookSecret;

/// What a process knows beside the rows.
#[derive(Debug)]
pub(crate) struct WebhookState {
    /// Told when a row was written. It only wakes the tasks that send.
    pub(crate) changed: watch::Sender<()>,
    /// The id of the site, which never changes.
    organization_id: OnceLock<OrganizationId>,
    client: OnceLock<client::Client>,
    /// One for each receiver, in their order.
    pub(crate) health: Vec<Health>,
}

impl WebhookState {
    pub(crate) fn new(hooks: &[WebhookConfig]) -> Self {
        Self {
            changed: watch::Sender::new(()),
            organization_id: OnceLock::new(),
            client: OnceLock::new(),
            health: hooks.iter().map(|_| Health::default()).collect(),
        }
    }
}
