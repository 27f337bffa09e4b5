//! A receiver, as the settings file describes it.

use std::{collections::BTreeSet, time::Duration};

use hyper::header::{HeaderName, HeaderValue};
use url::Url;

use super::signature::WebhookSecret;
use crate::private::Private;

/// A conversation was begun (chat session webhook, New Chat Session).
pub const NEW_CHAT_SESSION: &str = "new_chat_session";

/// It has another status (chat session webhook, Chat Session Status Changed).
pub const STATUS_CHANGED: &str = "chat_session_status_changed";

/// The pushes of the Agent Chat API that are sent as webhooks: those that are stored, and are
/// not for one agent alone.
pub const AGENT_EVENTS: [&str; 24] = [
    "incoming_chat",
    "incoming_event",
    "event_updated",
    "incoming_rich_message_postback",
    "chat_deactivated",
    "chat_transferred",
    "chat_offered",
    "chat_access_updated",
    "user_added_to_chat",
    "user_removed_from_chat",
    "events_marked_as_seen",
    "thread_tagged",
    "thread_untagged",
    "chat_properties_updated",
    "chat_properties_deleted",
    "thread_properties_updated",
    "thread_properties_deleted",
    "event_properties_updated",
    "event_properties_deleted",
    "routing_status_set",
    "queue_positions_updated",
    "customer_session_fields_updated",
    "customer_presence_set",
    "offline_message_updated",
];

/// A receiver of webhooks: a `[[webhook]]` table of the settings file.
#[derive(Debug, Clone)]
pub struct WebhookConfig {
    /// Names it in rows, logs and metrics.
    pub name: String,
    /// Its path may be a secret.
    pub url: Private<Url>,
    pub secret: WebhookSecret,
    /// [`NEW_CHAT_SESSION`], [`STATUS_CHANGED`] and [`AGENT_EVENTS`].
    pub events: BTreeSet<&'static str>,
    /// Whether it is sent events that only agents see.
    pub agents_only_events: bool,
    /// Sent with each request.
    pub headers: Private<Vec<(HeaderName, HeaderValue)>>,
    /// How long one attempt takes at most.
    pub attempt_timeout: Duration,
    /// The pause after the first attempt that failed; each is twice as long as the one before.
    pub first_pause: Duration,
    /// The longest pause.
    pub pause_max: Duration,
    /// A webhook that could not be delivered for so long is given up.
    pub given_up_after: Duration,
}

impl WebhookConfig {
    /// With the values of what the settings file may leave out.
    pub fn new(name: &str, url: Url, secret: WebhookSecret) -> Self {
        Self {
            name: name.to_owned(),
            url: Private(url),
            secret,
            events: BTreeSet::from([NEW_CHAT_SESSION, STATUS_CHANGED]),
            agents_only_events: false,
            headers: Private(Vec::new()),
            // A receiver that takes longer should answer first and work afterwards.
            attempt_timeout: Duration::from_secs(10),
            // Most failures are over in a second: a restart, a full pool.
            first_pause: Duration::from_secs(1),
            // A receiver is back for a quarter of an hour at most before it is told.
            pause_max: Duration::from_secs(15 * 60),
            // What nobody has repaired in a day is known to somebody.
            given_up_after: Duration::from_secs(24 * 3600),
        }
    }

    pub(crate) fn wants(&self, event: &str) -> bool {
        self.events.contains(event)
    }

    pub(crate) fn wants_chat_sessions(&self) -> bool {
        self.wants(NEW_CHAT_SESSION) || self.wants(STATUS_CHANGED)
    }
}
