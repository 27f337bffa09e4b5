//! What every request handler holds: the store, the clock, who waits, and when
//! to stop. Nothing in here is a truth that a restart would lose.

use std::{sync::Arc, time::Duration};

use tokio::sync::{broadcast, watch};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    clock::Clock, delivery::Polls, entropy::Entropy, files::Files, presenter::agent::Push,
    redaction::RedactorCache, settings::IdentitySecrets, store::Store,
};

/// Volatile pushes (typing, sneak peek) that a slow socket may lag behind by.
/// Older ones are dropped for it: they are old news.
const VOLATILE_BACKLOG: usize = 256;

/// Times and limits of an endpoint. The defaults are what `parlor serve` uses.
#[derive(Debug, Clone)]
pub struct Config {
    /// How long a poll is held. Some clients give up at 30 s whatever they
    /// were told (`docs/PROTOCOL.md`, 2.1).
    pub poll_hold: Duration,
    /// `clientPollTimeout`, seconds: what a poll may take before the client
    /// takes it for lost.
    pub client_poll_timeout_s: i64,
    /// A session that was not polled for this long has ended. Three lost polls
    /// in a row fit into it.
    pub session_timeout: Duration,
    /// A second poll waits this long for the first one's closed connection to
    /// be noticed, before it is a duplicate.
    pub duplicate_poll_grace: Duration,
    /// How long a closed session answers with what is left in its mail.
    pub closed_session_kept: Duration,
    /// How far back agents can catch up by position.
    pub agent_stream_kept: Duration,
    /// Where visitors reach this endpoint, when it stands behind a proxy.
    pub public_url: Option<String>,
    /// Where the bytes of files are.
    pub files: Files,
    /// What identity tokens are signed with. Not in the database: whoever reads
    /// that must not be able to be anybody.
    pub identity_secrets: IdentitySecrets,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            poll_hold: Duration::from_secs(25),
            client_poll_timeout_s: 40,
            session_timeout: Duration::from_secs(120),
            duplicate_poll_grace: Duration::from_millis(500),
            closed_session_kept: Duration::from_secs(24 * 3600),
            agent_stream_kept: Duration::from_secs(24 * 3600),
            public_url: None,
            files: Files::memory(),
            identity_secrets: IdentitySecrets::new(),
        }
    }
}

/// One process of the endpoint.
#[derive(Debug)]
pub struct App {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Clock,
    pub(crate) entropy: Entropy,
    pub(crate) config: Config,
    /// Names this process in `X-LIVEAGENT-AFFINITY`: sessions of another one
    /// must be handed over first.
    pub(crate) affinity: String,
    pub(crate) polls: Polls,
    /// The newest position of the agents' feed; the table is the truth.
    pub(crate) agent_stream_position: watch::Sender<i64>,
    pub(crate) volatile: broadcast::Sender<Arc<Push>>,
    /// Sensitive data rules, compiled.
    pub(crate) redactors: RedactorCache,
    /// Cancelled when the process is to stop: polls end at once.
    pub shutdown: CancellationToken,
    /// Agents' sockets, so that stopping can wait for them.
    pub tasks: TaskTracker,
}

impl App {
    pub fn new(store: Arc<dyn Store>, clock: Clock, entropy: Entropy, config: Config) -> Arc<Self> {
        let affinity = entropy.affinity();
        Arc::new(Self {
            store,
            clock,
            entropy,
            config,
            affinity,
            polls: Polls::default(),
            agent_stream_position: watch::Sender::new(0),
            volatile: broadcast::Sender::new(VOLATILE_BACKLOG),
            redactors: RedactorCache::default(),
            shutdown: CancellationToken::new(),
            tasks: TaskTracker::new(),
        })
    }
}
