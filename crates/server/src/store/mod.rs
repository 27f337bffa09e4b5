//! The event log and what hangs on it, kept. A store knows rows and
//! transactions; it does not know JSON on the wire, HTTP, or who is waiting in
//! memory.
//!
//! What must stay true: a transaction is all or nothing; write transactions
//! run one after another; what `commit` has answered survives `kill -9`. Both
//! implementations pass one conformance suite (`tests/store_conformance.rs`).

pub mod memory;
pub mod row;
pub mod sqlite;

use async_trait::async_trait;
use parlor_wire::id::{
    AgentId, ButtonId, ChatId, CustomId, CustomerId, DeploymentId, SessionId, ThreadId, UserId,
};

use crate::clock::Timestamp;
use row::{
    Agent, AgentStreamEvent, Button, Chat, ChatQuery, Customer, Deployment, Event, EventProperties,
    File, IdempotencyRecord, NewAgentStreamEvent, Organization, QueuedMessage, Session, Thread,
    ThreadQuery, Toggle, Token,
};

/// Why a store did not do what was asked. None of these is the caller's input.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database answered with an error, or did not answer.
    #[error("the database failed: {0}")]
    Database(String),
    /// A row on disk does not read as what it should be.
    #[error("a row of {table} cannot be read: {reason}")]
    Corrupt { table: &'static str, reason: String },
    /// The database was written by a newer version of this program.
    #[error(
        "the database is of version {found}, newer than this program, which knows {known}: use a newer parlor"
    )]
    TooNew { found: i64, known: i64 },
    /// The bytes of a file cannot be kept or read.
    #[error("the file store failed: {0}")]
    Files(String),
    /// The folder or file cannot be opened or written.
    #[error("cannot open the database at {path}: {reason}")]
    Open { path: String, reason: String },
}

pub type Result<T> = std::result::Result<T, StoreError>;

/// How far back a session's posts are remembered: no client resends further
/// back than it can hold.
pub const IDEMPOTENCY_RECORDS_KEPT: i64 = 64;

/// Where everything is kept.
#[async_trait]
pub trait Store: Send + Sync + std::fmt::Debug {
    /// A write transaction. Waits for the one before it. Dropped without
    /// `commit`, nothing of it happened.
    async fn begin(&self) -> Result<Box<dyn Tx>>;

    /// A snapshot to read from; `put_*` on it is an error of the caller, and
    /// its `commit` keeps nothing.
    async fn read(&self) -> Result<Box<dyn Tx>>;
}

/// One transaction. `put_*` writes a whole row, new or existing.
#[async_trait]
pub trait Tx: Send {
    async fn commit(self: Box<Self>) -> Result<()>;

    // The site: few rows, read whole.
    async fn organization(&mut self) -> Result<Option<Organization>>;
    async fn put_organization(&mut self, row: &Organization) -> Result<()>;
    async fn deployments(&mut self) -> Result<Vec<Deployment>>;
    async fn deployment(&mut self, id: &DeploymentId) -> Result<Option<Deployment>>;
    async fn put_deployment(&mut self, row: &Deployment) -> Result<()>;
    async fn buttons(&mut self) -> Result<Vec<Button>>;
    async fn button(&mut self, id: &ButtonId) -> Result<Option<Button>>;
    async fn put_button(&mut self, row: &Button) -> Result<()>;

    // People who answer. Removed ones stay, marked, since the log names them.
    async fn agents(&mut self) -> Result<Vec<Agent>>;
    async fn agent(&mut self, id: &AgentId) -> Result<Option<Agent>>;
    /// E-mails compare without case.
    async fn agent_by_email(&mut self, email: &str) -> Result<Option<Agent>>;
    async fn put_agent(&mut self, row: &Agent) -> Result<()>;

    async fn token(&mut self, hash: &str) -> Result<Option<Token>>;
    async fn put_token(&mut self, row: &Token) -> Result<()>;
    /// True when there was one: a one-time token is taken by deleting it.
    async fn delete_token(&mut self, hash: &str) -> Result<bool>;
    async fn delete_tokens_of(&mut self, agent: &AgentId) -> Result<()>;

    // Visitors and their chats.
    async fn customer(&mut self, id: &CustomerId) -> Result<Option<Customer>>;
    async fn customer_by_visitor(&mut self, visitor_hash: &str) -> Result<Option<Customer>>;
    async fn customer_by_identity(&mut self, identity_hash: &str) -> Result<Option<Customer>>;
    async fn put_customer(&mut self, row: &Customer) -> Result<()>;
    /// One more device of a customer: `customer_by_visitor` finds them by it too.
    async fn add_visitor(&mut self, visitor_hash: &str, customer: &CustomerId) -> Result<()>;
    async fn chat(&mut self, id: &ChatId) -> Result<Option<Chat>>;
    async fn chat_of_customer(&mut self, id: &CustomerId) -> Result<Option<Chat>>;
    async fn put_chat(&mut self, row: &Chat) -> Result<()>;
    /// In the order the query names, at most `limit` rows after its cursor.
    async fn chats(&mut self, query: &ChatQuery) -> Result<Vec<Chat>>;
    async fn count_chats(&mut self, active: Option<bool>) -> Result<i64>;
    async fn thread(&mut self, id: &ThreadId) -> Result<Option<Thread>>;
    /// All threads of a chat, oldest first.
    async fn threads_of(&mut self, chat: &ChatId) -> Result<Vec<Thread>>;
    /// Threads not ended, oldest `queued_at` (then id) first.
    async fn open_threads(&mut self) -> Result<Vec<Thread>>;
    async fn threads(&mut self, query: &ThreadQuery) -> Result<Vec<Thread>>;
    async fn count_threads(&mut self) -> Result<i64>;
    async fn put_thread(&mut self, row: &Thread) -> Result<()>;

    // The log. An event is written once and never changed.
    async fn append_event(&mut self, row: &Event) -> Result<()>;
    async fn event(&mut self, thread: &ThreadId, number: i64) -> Result<Option<Event>>;
    async fn event_by_custom_id(
        &mut self,
        chat: &ChatId,
        author: &UserId,
        custom_id: &CustomId,
    ) -> Result<Option<Event>>;
    /// Events of a thread with a number above `after`, in order, at most `limit`.
    async fn events(&mut self, thread: &ThreadId, after: i64, limit: i64) -> Result<Vec<Event>>;
    /// The newest event of each type in a thread.
    async fn last_event_per_type(&mut self, thread: &ThreadId) -> Result<Vec<Event>>;

    // What is noted on events, which themselves are never changed.
    /// Of all events of a thread: by event and button, who pressed first first.
    async fn toggles(&mut self, thread: &ThreadId) -> Result<Vec<Toggle>>;
    async fn put_toggle(&mut self, row: &Toggle) -> Result<()>;
    /// True when there was one.
    async fn delete_toggle(&mut self, row: &Toggle) -> Result<bool>;
    /// Of those events of a thread whose properties were changed, in order.
    async fn event_properties(&mut self, thread: &ThreadId) -> Result<Vec<EventProperties>>;
    async fn put_event_properties(&mut self, row: &EventProperties) -> Result<()>;

    // Agents who keep an eye on a chat.
    async fn followers(&mut self, chat: &ChatId) -> Result<Vec<AgentId>>;
    async fn put_follower(&mut self, chat: &ChatId, agent: &AgentId) -> Result<()>;
    async fn delete_follower(&mut self, chat: &ChatId, agent: &AgentId) -> Result<()>;

    // Sessions: a visitor's open connection to one thread.
    async fn session(&mut self, id: &SessionId) -> Result<Option<Session>>;
    async fn session_by_key(&mut self, key_hash: &str) -> Result<Option<Session>>;
    /// Sessions that are not closed and joined to the thread, oldest first.
    async fn sessions_of(&mut self, thread: &ThreadId) -> Result<Vec<Session>>;
    async fn put_session(&mut self, row: &Session) -> Result<()>;
    /// Sessions that are not closed and were last heard of before `before`;
    /// at most `limit`, oldest first.
    async fn silent_sessions(&mut self, before: Timestamp, limit: i64) -> Result<Vec<Session>>;
    /// Deletes closed sessions last heard of before `before`, with their mail
    /// and posts. Returns how many.
    async fn forget_sessions(&mut self, before: Timestamp) -> Result<i64>;

    // Mail: what a session has yet to acknowledge, in order of position.
    async fn queued_messages(
        &mut self,
        session: &SessionId,
        limit: i64,
    ) -> Result<Vec<QueuedMessage>>;
    async fn put_queued_message(&mut self, row: &QueuedMessage) -> Result<()>;
    async fn count_queued_messages(&mut self, session: &SessionId) -> Result<i64>;
    /// Deletes mail of this kind that is not served yet (batch 0).
    async fn delete_unserved_messages(&mut self, session: &SessionId, kind: &str) -> Result<()>;
    /// Deletes mail up to and including `position`.
    async fn delete_messages_through(&mut self, session: &SessionId, position: i64) -> Result<()>;
    /// Gives unserved mail (batch 0) up to and including `position` its batch.
    async fn assign_batch(&mut self, session: &SessionId, through: i64, batch: i64) -> Result<()>;

    // Posts already done, so that a repeat is answered as the first time.
    async fn idempotency_record(
        &mut self,
        session: &SessionId,
        number: i64,
    ) -> Result<Option<IdempotencyRecord>>;
    /// Also deletes the session's posts numbered below `number - `[`POSTS_KEPT`].
    async fn put_idempotency_record(&mut self, row: &IdempotencyRecord) -> Result<()>;
    async fn delete_idempotency_records(&mut self, session: &SessionId) -> Result<()>;

    // Files: what is known of them. The bytes are elsewhere.
    async fn file(&mut self, key: &str) -> Result<Option<File>>;
    async fn put_file(&mut self, row: &File) -> Result<()>;
    async fn delete_file(&mut self, key: &str) -> Result<()>;
    /// Files of a session that no event names yet.
    async fn count_unsent_files(&mut self, session: &SessionId) -> Result<i64>;
    /// Files that no event names, created before `before`; at most `limit`,
    /// oldest first.
    async fn unsent_files(&mut self, before: Timestamp, limit: i64) -> Result<Vec<File>>;

    // The agents' feed: what was pushed, by position, so that a console that
    // lost its socket catches up.
    /// Returns the position given: greater than every one before, also across
    /// restarts and after `trim_feed`.
    async fn append_agent_stream_event(&mut self, row: &NewAgentStreamEvent) -> Result<i64>;
    /// Rows with a position above `after`, in order, at most `limit`.
    async fn agent_stream_events(
        &mut self,
        after: i64,
        limit: i64,
    ) -> Result<Vec<AgentStreamEvent>>;
    /// (oldest kept, newest given); (0, 0) when nothing was ever pushed, and
    /// oldest = newest + 1 when all were trimmed.
    async fn agent_stream_range(&mut self) -> Result<(i64, i64)>;
    /// Deletes rows created before `before`.
    async fn trim_agent_stream(&mut self, before: Timestamp) -> Result<()>;
}

/// What e-mails are compared by.
fn email_key(email: &str) -> String {
    email.trim().to_lowercase()
}
