//! The state that all request handlers share: the store, the clock, the source
//! of randomness, the polls that are open, and the signal to stop.
//!
//! What must stay true: a restart loses nothing that is in here; whatever has
//! to survive is in the store.

use std::{
    sync::{Arc, Weak, atomic::AtomicU64},
    time::Duration,
};

use tokio::sync::watch;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    agent_frames::AgentFrames,
    client_address::TrustedProxies,
    clock::Clock,
    conversation::{
        departure::Absence, maintenance::Silence, queue_updates::QueueUpdates,
        retention::RetentionProgress,
    },
    delivery::{HistoryWatches, LiveSessions, Polls},
    entropy::Entropy,
    files::Files,
    geolocation::Geolocation,
    goals::Goal,
    http::operations::LastProbe,
    limits::{Limiter, Limits},
    mail::{MailConfig, ServerState},
    presence::{Grace, Presence},
    redaction::RedactorCache,
    settings::{ArchiveRules, IdentitySecrets, RoutingRules},
    store::{Store, StoreError},
    webhooks::{WebhookConfig, WebhookState},
};

/// Timeouts, limits and addresses of one endpoint. The defaults are the values
/// that `parlor serve` uses.
#[derive(Debug, Clone)]
pub struct Config {
    /// How long a poll without messages is held open before it is answered 204.
    /// Some clients give up after 30 s, whatever `client_poll_timeout_s` says
    /// (`docs/PROTOCOL.md`, 2.1).
    pub poll_hold: Duration,
    /// `clientPollTimeout` in seconds: the client treats a poll that takes
    /// longer as lost.
    pub client_poll_timeout_s: i64,
    /// A session without a conversation ends when it has not been polled for this
    /// long. Three lost polls in a row fit into it. No session ends before this
    /// process has run for as long, so that clients can come back. How long
    /// conversations outlive silence is up to their deployments.
    pub session_timeout: Duration,
    /// How long a second poll waits for the server to notice that the first
    /// one's connection is closed, before it counts as a duplicate (409).
    pub duplicate_poll_grace: Duration,
    /// How long a closed session, with the messages left in its queue, is kept.
    pub closed_session_kept: Duration,
    /// How long rows of the agent event stream are kept: an agent's client that
    /// was away for longer has to load everything again.
    pub agent_stream_kept: Duration,
    /// After how long an agent of whom nothing is heard is no longer there.
    pub grace: Grace,
    /// Whether other processes serve from the same store. What they queue for a
    /// visitor of this process is then found by the visitor's next poll.
    pub shares_store: bool,
    /// The URL at which visitors reach this endpoint, if it runs behind a
    /// proxy.
    pub public_url: Option<String>,
    /// From where proxies connect, whose `X-Forwarded-For` is believed.
    pub trusted_proxies: TrustedProxies,
    /// How much one client, one session and all together may use.
    pub limits: Limits,
    /// How visitors come to agents.
    pub routing: RoutingRules,
    /// Where visitors' addresses are.
    pub geolocation: Geolocation,
    /// Storage for the bytes of uploaded files.
    pub files: Files,
    /// The secret of each deployment with which identity tokens are signed.
    /// They are not in the database: whoever can read it must not be able to
    /// impersonate visitors.
    pub identity_secrets: IdentitySecrets,
    /// Where mail is sent; `None`: nowhere.
    pub mail: Option<MailConfig>,
    /// How the archive is searched, and for how long goals belong to a chat.
    pub archive: ArchiveRules,
    /// What counts as a success of a chat.
    pub goals: Vec<Goal>,
    /// Who is told of conversations by webhooks.
    pub webhooks: Vec<WebhookConfig>,
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
            grace: Grace::default(),
            // A data folder belongs to one process.
            shares_store: false,
            public_url: None,
            trusted_proxies: TrustedProxies::default(),
            limits: Limits::default(),
            routing: RoutingRules::default(),
            geolocation: Geolocation::default(),
            files: Files::memory(),
            identity_secrets: IdentitySecrets::new(),
            mail: None,
            archive: ArchiveRules::default(),
            goals: Vec::new(),
            webhooks: Vec::new(),
        }
    }
}

/// One process of the endpoint, with everything it serves requests from.
#[derive(Debug)]
pub struct App {
    /// This value itself, for work that outlives the request that began it.
    itself: Weak<App>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Clock,
    pub(crate) entropy: Entropy,
    pub(crate) config: Config,
    /// Identifies this process. It is the beginning of every affinity token
    /// (`X-LIVEAGENT-AFFINITY`) that the process gives out; a session with
    /// another process's token has to be handed over first.
    pub(crate) affinity: String,
    pub(crate) presence: Presence,
    pub(crate) polls: Polls,
    pub(crate) history_watches: HistoryWatches,
    /// The sessions that this process serves.
    pub(crate) sessions: LiveSessions,
    /// How many units of work have begun.
    pub(crate) units_begun: AtomicU64,
    pub(crate) silence: Silence,
    pub(crate) absence: Absence,
    pub(crate) retention: RetentionProgress,
    /// Told when something was appended to the agent event stream. It only wakes
    /// the task that reads the stream; the rows are in the store.
    pub(crate) agent_stream_changed: watch::Sender<()>,
    /// The queues in which places have changed.
    pub(crate) queue_updates: QueueUpdates,
    /// Pushes to agents' sockets.
    pub(crate) agent_frames: AgentFrames,
    pub(crate) limiter: Limiter,
    /// The redaction rules that were used last, compiled.
    pub(crate) redactors: RedactorCache,
    pub(crate) last_probe: LastProbe,
    pub(crate) mail_server: ServerState,
    pub(crate) webhooks: WebhookState,
    /// Cancelled when the process has to stop: polls and sockets end at once.
    pub shutdown: CancellationToken,
    /// Agents' sockets and background work. Stopping waits for them.
    pub tasks: TaskTracker,
}

impl App {
    pub fn new(store: Arc<dyn Store>, clock: Clock, entropy: Entropy, config: Config) -> Arc<Self> {
        let affinity = entropy.affinity();
        let limiter = Limiter::new(&config.limits);
        let presence = Presence::new(config.grace);
        let webhooks = WebhookState::new(&config.webhooks);
        Arc::new_cyclic(|itself| Self {
            itself: itself.clone(),
            store,
            silence: Silence::since(clock.now()),
            absence: Absence::default(),
            retention: RetentionProgress::default(),
            clock,
            entropy,
            config,
            affinity,
            presence,
            polls: Polls::default(),
            history_watches: HistoryWatches::default(),
            sessions: LiveSessions::default(),
            units_begun: AtomicU64::new(0),
            agent_stream_changed: watch::Sender::new(()),
            queue_updates: QueueUpdates::default(),
            agent_frames: AgentFrames::default(),
            limiter,
            redactors: RedactorCache::default(),
            last_probe: LastProbe::default(),
            mail_server: ServerState::default(),
            webhooks,
            shutdown: CancellationToken::new(),
            tasks: TaskTracker::new(),
        })
    }

    /// For work that outlives the request that began it.
    ///
    /// # Errors
    /// When the process has ended all but this.
    pub(crate) fn shared(&self) -> Result<Arc<Self>, StoreError> {
        let ended = || StoreError::Database("the process has ended".to_owned());
        self.itself.upgrade().ok_or_else(ended)
    }

    /// Whether `--public-url` says that browsers use https.
    pub(crate) fn has_https_url(&self) -> bool {
        let public_url = self.config.public_url.as_deref();
        public_url.is_some_and(|url| url.starts_with("https:"))
    }

    /// Counts anew what the limits count, and drops what they need no longer.
    /// Call it every few seconds.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn refresh_limits(&self) -> Result<(), StoreError> {
        self.limiter.drop_idle_keys();
        let mut tx = self.store.read().await?;
        let sessions = tx.count_open_sessions().await?;
        let waiting = tx.count_waiting_threads().await?;
        self.limiter.open_sessions.set(sessions);
        self.limiter.waiting_chats.set(waiting);
        metrics::gauge!("parlor_sessions_open").set(sessions as f64);
        metrics::gauge!("parlor_chats_waiting").set(waiting as f64);
        Ok(())
    }
}
