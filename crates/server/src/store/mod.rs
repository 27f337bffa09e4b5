//! The store: the event log, and everything else that is kept. It knows rows
//! and transactions. It does not know wire formats, HTTP, or which polls wait
//! in memory.
//!
//! What must stay true: a transaction is all or nothing; write transactions run
//! one after another, and each sees what those before it have written; what
//! `commit` has confirmed survives `kill -9`, and readers see nothing else. Both
//! implementations pass the same conformance suite
//! (`tests/store_conformance.rs`).
//!
//! Some tables have older names in SQL than their rows have in Rust: `mail`
//! holds [`QueuedMessage`]s, `post` [`IdempotencyRecord`]s, `feed`
//! [`AgentStreamEvent`](row::AgentStreamEvent)s. A table or column in use is
//! never renamed and never changes its meaning.

pub mod archive;
pub mod memory;
pub mod row;
pub mod sqlite;

use std::time::Duration;

use async_trait::async_trait;
use parlor_wire::id::{
    AgentId, AttachedRecordId, ButtonId, ChatId, CustomId, CustomerId, DeploymentId, SessionId,
    ThreadId, UserId,
};

use crate::clock::Timestamp;
use archive::{
    ArchiveEntry, ArchiveQuery, ArchiveText, ArchivedThread, ReportKey, ReportQuery, ReportSums,
};
use row::{
    Agent, AgentStreamPage, AttachedRecord, Button, Chat, ChatQuery, Conversion, Customer,
    DeletedThread, Deployment, DueWebhook, EndedThreads, EntityKind, Erasure, Event,
    EventProperties, EventRange, File, Group, IdempotencyRecord, MailKind, NewAgentStreamEvent,
    NewConversion, NewWebhookDelivery, OfflineKind, OfflineMessage, Organization, OutgoingMail,
    QueueKey, QueueListener, QueuedMessage, Record, RecordQuery, Session, SessionProgress,
    SilentSessions, Thread, ThreadFilter, ThreadQuery, Toggle, Token, WaitingThread, WebhookCounts,
    WebhookDelivery, WebhookQuery,
};

/// Errors of a store. None of them is caused by the caller's input.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// Another process holds the database's lock for longer than we wait.
    #[error("the database is locked: {0}")]
    Busy(String),
    /// The disk has no space left, or the user has reached a quota.
    #[error("the disk is full: {0}")]
    Full(String),
    /// The database or its file system cannot be written.
    #[error("the database is read-only: {0}")]
    ReadOnly(String),
    /// The operating system failed to read or write, or had no memory.
    #[error("reading or writing the database failed: {0}")]
    Io(String),
    /// The file is no whole database any more.
    #[error("the database is damaged: {0}")]
    Damaged(String),
    /// The database answered with any other error, or did not answer.
    #[error("the database failed: {0}")]
    Database(String),
    /// A row on disk cannot be read.
    #[error("a row of {table} cannot be read: {reason}")]
    Corrupt { table: &'static str, reason: String },
    /// The database was written by a newer version of this program.
    #[error(
        "the database is of version {found}, newer than this program, which knows {known}: use a newer parlor"
    )]
    TooNew { found: i64, known: i64 },
    /// The bytes of a file cannot be written or read.
    #[error("the file store failed: {0}")]
    Files(String),
    /// The folder or file cannot be opened or written.
    #[error("cannot open the database at {path}: {reason}")]
    Open { path: String, reason: String },
}

pub type Result<T> = std::result::Result<T, StoreError>;

/// How long a client is asked to wait after a fault that may end by itself. A
/// lock is free again within seconds; a full disk takes a person, who should
/// find the endpoint back soon afterwards.
const RETRY_AFTER: Duration = Duration::from_secs(5);

impl StoreError {
    /// For faults of the machine that end without a change to the database:
    /// nothing was done, and the same request can succeed after this time.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Busy(_) | Self::Full(_) | Self::ReadOnly(_) | Self::Io(_) => Some(RETRY_AFTER),
            Self::Damaged(_)
            | Self::Database(_)
            | Self::Corrupt { .. }
            | Self::TooNew { .. }
            | Self::Files(_)
            | Self::Open { .. } => None,
        }
    }

    /// Whether the transaction in which this happened may be lost, so that it
    /// can only be given up.
    fn ends_transaction(&self) -> bool {
        self.retry_after().is_some() || matches!(self, Self::Damaged(_))
    }
}

/// How many idempotency records are kept for each session. No client resends
/// POSTs that are further back than its outbox is long.
pub const IDEMPOTENCY_RECORDS_KEPT: i64 = 64;

/// How many conversions are kept for each chat: the newest (Chats API, `conversions`).
pub const CONVERSIONS_KEPT: i64 = 20;

/// A database.
#[async_trait]
pub trait Store: Send + Sync + std::fmt::Debug {
    /// Begins a write transaction. Waits for the one before it. Dropped without
    /// `commit`, it changes nothing.
    async fn begin(&self) -> Result<Box<dyn Tx>>;

    /// Begins a read transaction on a snapshot. Writing in it is an error, and
    /// its `commit` does nothing.
    async fn read(&self) -> Result<Box<dyn Tx>>;

    /// The same without a snapshot, and sooner: each query sees what is committed
    /// when it begins. For queries of which none depends on another.
    async fn read_latest(&self) -> Result<Box<dyn Tx>>;

    /// Writes something that nobody reads, and commits it, to find out whether
    /// the store can be written.
    async fn probe(&self) -> Result<()>;

    /// Removes from the disk what was deleted, also where the store keeps what it
    /// has written lately. Returns false when readers hold it up: try again then.
    async fn scrub(&self) -> Result<bool>;
}

/// One transaction. `put_*` inserts or replaces a whole row.
///
/// What is written may be sent to the database later, and its error be returned
/// then: by another method, at the latest by `commit`. After an error of a write
/// the transaction can only be dropped.
#[async_trait]
pub trait Tx: Send {
    /// Ends the transaction, and returns when it is on disk. The next write
    /// transaction may begin before, and be committed with it. After an error
    /// nothing of it was done. Dropping the future does not undo it.
    async fn commit(self: Box<Self>) -> Result<()>;

    // The site: few rows, read as a whole.
    async fn organization(&mut self) -> Result<Option<Organization>>;
    async fn put_organization(&mut self, row: &Organization) -> Result<()>;
    async fn deployments(&mut self) -> Result<Vec<Deployment>>;
    async fn deployment(&mut self, id: &DeploymentId) -> Result<Option<Deployment>>;
    async fn put_deployment(&mut self, row: &Deployment) -> Result<()>;
    async fn buttons(&mut self) -> Result<Vec<Button>>;
    async fn button(&mut self, id: &ButtonId) -> Result<Option<Button>>;
    async fn put_button(&mut self, row: &Button) -> Result<()>;
    async fn groups(&mut self) -> Result<Vec<Group>>;
    async fn put_group(&mut self, row: &Group) -> Result<()>;

    // Agents. Removed agents are kept and marked, because events name them.
    async fn agents(&mut self) -> Result<Vec<Agent>>;
    async fn agent(&mut self, id: &AgentId) -> Result<Option<Agent>>;
    /// E-mail addresses are compared without regard to case.
    async fn agent_by_email(&mut self, email: &str) -> Result<Option<Agent>>;
    /// An error if they are a member of a group that does not exist.
    async fn put_agent(&mut self, row: &Agent) -> Result<()>;

    /// The tokens of programs, the oldest first.
    async fn program_tokens(&mut self) -> Result<Vec<Token>>;
    async fn token(&mut self, hash: &str) -> Result<Option<Token>>;
    async fn put_token(&mut self, row: &Token) -> Result<()>;
    /// Returns true when there was one: a one-time token is redeemed by
    /// deleting it.
    async fn delete_token(&mut self, hash: &str) -> Result<bool>;
    /// All tokens of an agent, the oldest first.
    async fn tokens_of(&mut self, agent: &AgentId) -> Result<Vec<Token>>;
    async fn delete_tokens_of(&mut self, agent: &AgentId) -> Result<()>;

    // Visitors and their chats.
    async fn customer(&mut self, id: &CustomerId) -> Result<Option<Customer>>;
    /// In any order; unknown ids are left out. The same holds for the other
    /// methods that are given several ids.
    async fn customers(&mut self, ids: &[CustomerId]) -> Result<Vec<Customer>>;
    async fn customer_by_visitor(&mut self, visitor_hash: &str) -> Result<Option<Customer>>;
    async fn customer_by_identity(&mut self, identity_hash: &str) -> Result<Option<Customer>>;
    /// E-mail addresses are compared without regard to case. All rows are read.
    async fn customers_by_email(&mut self, email: &str) -> Result<Vec<Customer>>;
    async fn put_customer(&mut self, row: &Customer) -> Result<()>;
    /// Adds a device of a customer: `customer_by_visitor` then finds them by
    /// its hash too.
    async fn add_visitor(&mut self, visitor_hash: &str, customer: &CustomerId) -> Result<()>;
    async fn chat(&mut self, id: &ChatId) -> Result<Option<Chat>>;
    async fn chats_by_id(&mut self, ids: &[ChatId]) -> Result<Vec<Chat>>;
    async fn chat_of_customer(&mut self, id: &CustomerId) -> Result<Option<Chat>>;
    async fn put_chat(&mut self, row: &Chat) -> Result<()>;
    /// At most `limit` rows after the cursor, in the order that the query
    /// names.
    async fn chats(&mut self, query: &ChatQuery) -> Result<Vec<Chat>>;
    /// Those of these access groups.
    async fn count_chats(&mut self, active: Option<bool>, groups: &[i64]) -> Result<i64>;
    async fn thread(&mut self, id: &ThreadId) -> Result<Option<Thread>>;
    /// All threads of a chat, oldest first.
    async fn threads_of(&mut self, chat: &ChatId) -> Result<Vec<Thread>>;
    /// The one thread of a chat that has not ended: a chat has no second one.
    async fn open_thread_of(&mut self, chat: &ChatId) -> Result<Option<Thread>>;
    /// All threads of these chats, the oldest of each chat first.
    async fn threads_of_chats(&mut self, chats: &[ChatId]) -> Result<Vec<Thread>>;
    async fn threads_by_id(&mut self, ids: &[ThreadId]) -> Result<Vec<Thread>>;
    /// How many open threads each agent answers in. Agents without any are left
    /// out.
    async fn count_open_threads_by_agent(&mut self) -> Result<Vec<(AgentId, i64)>>;
    /// The open threads in which the agent answers, the oldest first.
    async fn threads_of_agent(&mut self, agent: &AgentId) -> Result<Vec<ThreadId>>;
    /// The open threads whose agent is not a member of their group, the oldest
    /// first. Threads of all agents are left out.
    async fn threads_of_strangers(&mut self) -> Result<Vec<(ThreadId, AgentId)>>;
    /// Open threads of the deployment that have an agent, whose newest message the
    /// visitor has not answered since before that time, the longest first.
    async fn unanswered_threads(
        &mut self,
        deployment: &DeploymentId,
        before: Timestamp,
        limit: i64,
    ) -> Result<Vec<ThreadId>>;
    async fn threads(&mut self, query: &ThreadQuery) -> Result<Vec<Thread>>;
    async fn count_threads(&mut self, filter: &ThreadFilter) -> Result<i64>;
    /// Threads that wait for an agent.
    async fn count_waiting_threads(&mut self) -> Result<i64>;
    async fn put_thread(&mut self, row: &Thread) -> Result<()>;

    // Queues. A transaction sees its own changes; otherwise the state is that of
    // the newest commit, also in a snapshot. None of these visits the threads
    // that wait before the one in question.
    /// The place of a thread in its queue, from 1; `None` when it does not wait.
    /// `row` has to be as it was put last.
    async fn queue_place(&mut self, row: &Thread) -> Result<Option<i64>>;
    /// The threads of a queue in order, without the first `skip`; at most
    /// `limit`.
    async fn waiting_threads(
        &mut self,
        queue: &QueueKey,
        skip: usize,
        limit: usize,
    ) -> Result<Vec<WaitingThread>>;
    /// The queues in which somebody waits.
    async fn queues(&mut self) -> Result<Vec<QueueKey>>;
    /// The open sessions of these threads that receive queue updates, in the
    /// order of their ids.
    async fn queue_listeners(&mut self, threads: &[ThreadId]) -> Result<Vec<QueueListener>>;

    // Messages left while nobody was there.
    async fn offline_message(&mut self, thread: &ThreadId) -> Result<Option<OfflineMessage>>;
    async fn offline_messages_of(&mut self, threads: &[ThreadId]) -> Result<Vec<OfflineMessage>>;
    async fn offline_message_by_custom_id(
        &mut self,
        custom_id: &CustomId,
    ) -> Result<Option<OfflineMessage>>;
    async fn put_offline_message(&mut self, row: &OfflineMessage) -> Result<()>;
    /// Those of these access groups that are open, by the time at which they are
    /// due, at most `limit`.
    async fn open_offline_messages(
        &mut self,
        kind: OfflineKind,
        groups: &[i64],
        limit: i64,
    ) -> Result<Vec<OfflineMessage>>;

    // The archive: conversations that are over.
    /// Puts a conversation into the archive, or changes what the archive has of it.
    /// The thread must have been put. `changed_at`: now; a later time is taken where
    /// another row has it.
    async fn put_archived(
        &mut self,
        row: &ArchivedThread,
        text: &ArchiveText,
        changed_at: Timestamp,
    ) -> Result<()>;
    /// Those of these threads, in any order.
    async fn archived(&mut self, threads: &[ThreadId]) -> Result<Vec<ArchiveEntry>>;
    /// In the order that the query's page names.
    async fn search_archive(&mut self, query: &ArchiveQuery) -> Result<Vec<ArchiveEntry>>;
    /// How many the query finds, without regard to its page; no more than its limit.
    async fn count_archive(&mut self, query: &ArchiveQuery) -> Result<i64>;
    /// Those whose row was written at `since` or later, in this order.
    async fn changed_archive(&mut self, since: Timestamp, limit: i64) -> Result<Vec<ArchiveEntry>>;
    /// Sums of all that the query names, by each kind of key, in any order. Keys with
    /// nothing are left out, but the total.
    async fn archive_report(&mut self, query: &ReportQuery)
    -> Result<Vec<(ReportKey, ReportSums)>>;
    /// Threads that are over and not in the archive, after that one, in the order of
    /// their ids.
    async fn unarchived_threads(
        &mut self,
        after: Option<&ThreadId>,
        limit: i64,
    ) -> Result<Vec<ThreadId>>;

    // Goals that visitors have reached.
    /// Adds one to a thread that must have been put, and deletes all but the newest
    /// [`CONVERSIONS_KEPT`] of the thread.
    async fn add_conversion(&mut self, row: &NewConversion) -> Result<()>;
    /// Those of these threads, by thread, the first first.
    async fn conversions_of(&mut self, threads: &[ThreadId]) -> Result<Vec<Conversion>>;

    // E-mails that are to be sent.
    async fn outgoing_mail(&mut self, id: &str) -> Result<Option<OutgoingMail>>;
    async fn put_outgoing_mail(&mut self, row: &OutgoingMail) -> Result<()>;
    /// Those whose next attempt is due, in the order in which they became due, at
    /// most `limit`.
    async fn due_mail(&mut self, now: Timestamp, limit: i64) -> Result<Vec<OutgoingMail>>;
    /// The oldest answer of the thread that waits for its first attempt.
    async fn untried_answer(&mut self, thread: &ThreadId) -> Result<Option<OutgoingMail>>;
    /// Those that were neither sent nor given up.
    async fn count_waiting_mail(&mut self) -> Result<i64>;
    /// Those written at `since` or later, whatever became of them.
    async fn count_mail_to(
        &mut self,
        recipient_hash: &str,
        kind: MailKind,
        since: Timestamp,
    ) -> Result<i64>;
    /// Deletes those written before `before`, whatever became of them, at most
    /// `limit`, oldest first.
    async fn delete_mail(&mut self, before: Timestamp, limit: i64) -> Result<()>;

    // Webhooks that are to be sent.
    /// Adds one behind those that are there. It is due at once.
    async fn add_webhook(&mut self, row: &NewWebhookDelivery) -> Result<()>;
    async fn webhook(&mut self, id: &str) -> Result<Option<WebhookDelivery>>;
    /// Writes what has become of one. Nothing happens if there is none with this id; its
    /// position stays.
    async fn update_webhook(&mut self, row: &WebhookDelivery) -> Result<()>;
    /// Those of the receiver whose next attempt is due, and before which none of the same
    /// chat waits, in the order in which they became due, at most `limit`.
    async fn due_webhooks(
        &mut self,
        hook: &str,
        now: Timestamp,
        limit: i64,
    ) -> Result<Vec<DueWebhook>>;
    /// The newest first.
    async fn webhooks(&mut self, query: &WebhookQuery) -> Result<Vec<WebhookDelivery>>;
    async fn count_webhooks(&mut self, hook: &str) -> Result<WebhookCounts>;
    /// Gives up those of the receiver that have waited longest, without their bodies, at most
    /// `limit`.
    async fn give_up_webhooks(
        &mut self,
        hook: &str,
        problem: &str,
        now: Timestamp,
        limit: i64,
    ) -> Result<()>;
    /// Deletes those whose time was over before `before`, whatever became of them, at most
    /// `limit`.
    async fn delete_webhooks(&mut self, before: Timestamp, limit: i64) -> Result<()>;
    /// Deletes those of the receiver that were delivered or given up, without the newest
    /// `keep`, at most `limit`.
    async fn trim_webhooks(&mut self, hook: &str, keep: i64, limit: i64) -> Result<()>;
    /// The number that names it. It is given when it is asked for first, and never changes.
    async fn entity_number(&mut self, kind: EntityKind, entity: &str) -> Result<i64>;

    // Records. They are written once.
    /// The record must be new.
    async fn put_record(&mut self, row: &Record) -> Result<()>;
    /// By the keys of the first condition, those with the same key by age, the newest first.
    async fn find_records(&mut self, query: &RecordQuery) -> Result<Vec<Record>>;
    /// Attaches `row.record`, which must have been put.
    async fn attach_record(&mut self, row: &AttachedRecord) -> Result<()>;
    /// Those of these threads, by thread and place.
    async fn records_of_threads(&mut self, threads: &[ThreadId]) -> Result<Vec<AttachedRecord>>;
    async fn attached_record(&mut self, id: &AttachedRecordId) -> Result<Option<AttachedRecord>>;

    // The event log. An event is written once and never changed.
    async fn append_event(&mut self, row: &Event) -> Result<()>;
    async fn event(&mut self, thread: &ThreadId, number: i64) -> Result<Option<Event>>;
    async fn event_by_custom_id(
        &mut self,
        chat: &ChatId,
        author: &UserId,
        custom_id: &CustomId,
    ) -> Result<Option<Event>>;
    /// How many events before the one that visitors know by this number are
    /// numbered apart ([`Event::private_events`]): its number in the log is the
    /// sum of both.
    async fn private_events_before(&mut self, thread: &ThreadId, visible: i64) -> Result<i64>;
    /// Events of a thread with a number above `after`, in order, at most
    /// `limit`.
    async fn events(&mut self, thread: &ThreadId, after: i64, limit: i64) -> Result<Vec<Event>>;
    /// Events of several threads: those of the first thread from its newest to
    /// its oldest, then those of the second, and so on, until their bodies have
    /// `max_bytes` together. The one that reaches them is the last. They are
    /// returned by thread, in order.
    async fn events_of_threads(
        &mut self,
        threads: &[EventRange],
        max_bytes: i64,
    ) -> Result<Vec<Event>>;
    /// The newest event of each type in each of these threads, until their bodies
    /// have `max_bytes` together, as in `events_of_threads`.
    async fn last_events_per_type(
        &mut self,
        threads: &[ThreadId],
        max_bytes: i64,
    ) -> Result<Vec<Event>>;

    // Annotations of events. The events themselves are never changed.
    /// All toggles of these threads, by thread, event and button, in the order of
    /// pressing.
    async fn toggles(&mut self, threads: &[ThreadId]) -> Result<Vec<Toggle>>;
    async fn put_toggle(&mut self, row: &Toggle) -> Result<()>;
    /// Returns true when there was one.
    async fn delete_toggle(&mut self, row: &Toggle) -> Result<bool>;
    /// The events of these threads whose properties were changed, by thread, in
    /// order.
    async fn event_properties(&mut self, threads: &[ThreadId]) -> Result<Vec<EventProperties>>;
    async fn put_event_properties(&mut self, row: &EventProperties) -> Result<()>;

    // Agents who follow a chat.
    /// Those of the chats that the agent follows, in the order of their ids.
    async fn followed_chats(&mut self, agent: &AgentId, chats: &[ChatId]) -> Result<Vec<ChatId>>;
    async fn put_follower(&mut self, chat: &ChatId, agent: &AgentId) -> Result<()>;
    async fn delete_follower(&mut self, chat: &ChatId, agent: &AgentId) -> Result<()>;

    // Sessions: a visitor's connection to one thread.
    async fn session(&mut self, id: &SessionId) -> Result<Option<Session>>;
    async fn session_by_key(&mut self, key_hash: &str) -> Result<Option<Session>>;
    /// Sessions of the thread that are not closed, oldest first.
    async fn sessions_of(&mut self, thread: &ThreadId) -> Result<Vec<Session>>;
    /// Those of the threads that have a session that is not closed, and was polled
    /// since that time, in the order of their ids.
    async fn threads_with_session(
        &mut self,
        threads: &[ThreadId],
        heard_since: Timestamp,
    ) -> Result<Vec<ThreadId>>;
    async fn put_session(&mut self, row: &Session) -> Result<()>;
    /// Raises what the row says of the session's progress. Nothing happens if
    /// there is no such session.
    async fn put_session_progress(&mut self, row: &SessionProgress) -> Result<()>;
    /// Sessions that are not closed and were last polled before `before`; at
    /// most `limit`, oldest first. Their ids alone, which can also be read of a
    /// row that is damaged.
    async fn silent_sessions(&mut self, wanted: &SilentSessions) -> Result<Vec<SessionId>>;
    /// Sessions that are not closed.
    async fn count_open_sessions(&mut self) -> Result<i64>;
    /// Deletes closed sessions that were last polled before `before`, with
    /// their queues and idempotency records; at most `limit`, oldest first.
    /// Returns how many.
    async fn forget_sessions(&mut self, before: Timestamp, limit: i64) -> Result<i64>;

    // Queued poll messages, by position.
    /// Messages with a position above `after`, in order, at most `limit`.
    async fn queued_messages(
        &mut self,
        session: &SessionId,
        after: i64,
        limit: i64,
    ) -> Result<Vec<QueuedMessage>>;
    async fn put_queued_message(&mut self, row: &QueuedMessage) -> Result<()>;
    async fn count_queued_messages(&mut self, session: &SessionId) -> Result<i64>;
    /// Deletes messages of this kind with a position above `after`.
    async fn delete_messages_after(
        &mut self,
        session: &SessionId,
        after: i64,
        kind: &str,
    ) -> Result<()>;
    /// Deletes messages up to and including `position`.
    async fn delete_messages_through(&mut self, session: &SessionId, position: i64) -> Result<()>;

    // Records of POSTs already done, so that a repeat gets the same answer.
    async fn idempotency_record(
        &mut self,
        session: &SessionId,
        number: i64,
    ) -> Result<Option<IdempotencyRecord>>;
    /// Also deletes the session's records below `number -
    /// `[`IDEMPOTENCY_RECORDS_KEPT`].
    async fn put_idempotency_record(&mut self, row: &IdempotencyRecord) -> Result<()>;
    async fn delete_idempotency_records(&mut self, session: &SessionId) -> Result<()>;

    // Descriptions of files. The bytes are kept elsewhere.
    async fn file(&mut self, key: &str) -> Result<Option<File>>;
    async fn put_file(&mut self, row: &File) -> Result<()>;
    async fn delete_file(&mut self, key: &str) -> Result<()>;
    /// How many files of a session no event names yet.
    async fn count_unsent_files(&mut self, session: &SessionId) -> Result<i64>;
    /// Files that no event names, created before `before`; at most `limit`,
    /// oldest first.
    async fn unsent_files(&mut self, before: Timestamp, limit: i64) -> Result<Vec<File>>;

    /// The file is named by an event of another conversation than its first: it
    /// belongs to that one when the first is deleted. The file must have been put.
    async fn put_file_sent_again(
        &mut self,
        key: &str,
        thread: &ThreadId,
        number: i64,
    ) -> Result<()>;
    /// The keys of files whose bytes are to be deleted, at most `limit`.
    async fn doomed_files(&mut self, limit: i64) -> Result<Vec<String>>;

    /// Those that events of the thread name, by key.
    async fn files_of_thread(&mut self, thread: &ThreadId) -> Result<Vec<File>>;

    // Deletion. What is deleted cannot be read from the disk any more.
    /// Deletes a conversation that has ended, with everything that hangs on it: its
    /// events and what is noted on them, the message that was left, its mails, its
    /// sessions with their queues, the records that no other conversation has, and
    /// its pushes in the agent event stream. Its files that no other conversation
    /// has are doomed. Chat and customer stay.
    async fn delete_thread(&mut self, thread: &ThreadId) -> Result<DeletedThread>;
    /// Dooms the files of a thread that no other conversation has, as
    /// `delete_thread`, and takes the addresses of all its files out of its events.
    /// Returns how many events it changed. This is the one change of an event.
    async fn delete_files_of_thread(&mut self, thread: &ThreadId) -> Result<i64>;
    /// Deletes a chat without threads, with its followers and pushes.
    async fn delete_chat(&mut self, chat: &ChatId) -> Result<()>;
    /// Deletes a customer without a chat, with their devices.
    async fn delete_customer(&mut self, customer: &CustomerId) -> Result<()>;
    /// Deletes the records that were made in a thread, and takes them from all
    /// threads to which they are attached.
    async fn delete_records_made_in(&mut self, thread: &ThreadId) -> Result<()>;
    /// Deletes all mails to this recipient, whatever became of them.
    async fn delete_mail_to(&mut self, recipient_hash: &str) -> Result<()>;
    async fn put_erasure(&mut self, row: &Erasure) -> Result<()>;
    async fn erasure(&mut self, customer: &CustomerId) -> Result<Option<Erasure>>;
    /// Those that are to be carried out, the oldest first, at most `limit`.
    async fn pending_erasures(&mut self, limit: i64) -> Result<Vec<Erasure>>;
    /// Conversations by the time at which they ended, the first first.
    async fn ended_threads(&mut self, query: &EndedThreads) -> Result<Vec<Thread>>;

    // The agent event stream: every push with its position, so that a client
    // whose socket broke can catch up.
    /// The new row's position is greater than all before, also across restarts
    /// and after `trim_agent_stream`.
    async fn append_agent_stream_event(&mut self, row: &NewAgentStreamEvent) -> Result<()>;
    /// Rows with a position above `after`, in order, at most `limit`.
    async fn agent_stream_events(&mut self, after: i64, limit: i64) -> Result<AgentStreamPage>;
    /// The oldest position kept and the newest given: (0, 0) when nothing was
    /// ever pushed, and oldest = newest + 1 when all rows were trimmed.
    async fn agent_stream_range(&mut self) -> Result<(i64, i64)>;
    /// Deletes rows created before `before`, at most `limit`, oldest first.
    async fn trim_agent_stream(&mut self, before: Timestamp, limit: i64) -> Result<()>;
}

/// The form in which e-mail addresses are compared.
pub(crate) fn email_key(email: &str) -> String {
    email.trim().to_lowercase()
}
