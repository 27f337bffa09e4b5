//! The store that the tests of the APIs run on: the one in memory, or SQLite
//! with `PARLOR_TEST_STORE=sqlite`.
//!
//! Most of these tests run under a paused clock, which tokio moves to the next
//! timer whenever all tasks wait. SQLite works on threads of its own, so that
//! the clock would move while it does. It stands still while a blocking task
//! runs: each transaction brings one along, which waits for its end. So time
//! passes only when no transaction is open, and a test sees the same times on
//! both stores.

use std::sync::{Arc, mpsc};

use async_trait::async_trait;
use parlor_server::{
    clock::Timestamp,
    store::{
        Result, Store, Tx,
        archive::{
            ArchiveEntry, ArchiveQuery, ArchiveText, ArchivedThread, ReportKey, ReportQuery,
            ReportSums,
        },
        memory::MemoryStore,
        row::{
            Agent, AgentStreamPage, AttachedRecord, Button, Chat, ChatQuery, Conversion, Customer,
            DeletedThread, Deployment, DueWebhook, EndedThreads, EntityKind, Erasure, Event,
            EventProperties, EventRange, File, Group, IdempotencyRecord, MailKind,
            NewAgentStreamEvent, NewConversion, NewWebhookDelivery, OfflineKind, OfflineMessage,
            Organization, OutgoingMail, QueueKey, QueueListener, QueuedMessage, Record,
            RecordQuery, Session, SessionProgress, SilentSessions, Thread, ThreadFilter,
            ThreadQuery, Toggle, Token, WaitingThread, WebhookCounts, WebhookDelivery,
            WebhookQuery,
        },
        sqlite::SqliteStore,
    },
};
use parlor_wire::id::{
    AgentId, AttachedRecordId, ButtonId, ChatId, CustomId, CustomerId, DeploymentId, SessionId,
    ThreadId, UserId,
};
use tempfile::TempDir;
use tokio::task::spawn_blocking;

const VARIABLE: &str = "PARLOR_TEST_STORE";

/// A fresh store of the kind that the environment names.
pub(crate) async fn fresh() -> Arc<dyn Store> {
    match std::env::var(VARIABLE).as_deref() {
        Err(_) | Ok("" | "memory") => Arc::new(MemoryStore::default()),
        Ok("sqlite") => {
            let clock = StoppedClock::stop();
            let folder = tempfile::tempdir().unwrap();
            let store = SqliteStore::open(folder.path()).await.unwrap();
            drop(clock);
            Arc::new(Sqlite {
                store,
                _folder: folder,
            })
        }
        Ok(other) => panic!("{VARIABLE}: expected memory or sqlite, not {other}"),
    }
}

/// While it exists, a paused clock does not move.
struct StoppedClock {
    _until_dropped: mpsc::Sender<()>,
}

impl StoppedClock {
    fn stop() -> Self {
        let (sender, receiver) = mpsc::channel::<()>();
        spawn_blocking(move || receiver.recv());
        Self {
            _until_dropped: sender,
        }
    }
}

#[derive(Debug)]
struct Sqlite {
    store: SqliteStore,
    _folder: TempDir,
}

#[async_trait]
impl Store for Sqlite {
    async fn begin(&self) -> Result<Box<dyn Tx>> {
        let clock = StoppedClock::stop();
        let tx = self.store.begin().await?;
        Ok(Box::new(SqliteTx { tx, clock }))
    }

    async fn read(&self) -> Result<Box<dyn Tx>> {
        let clock = StoppedClock::stop();
        let tx = self.store.read().await?;
        Ok(Box::new(SqliteTx { tx, clock }))
    }

    async fn read_latest(&self) -> Result<Box<dyn Tx>> {
        let clock = StoppedClock::stop();
        let tx = self.store.read_latest().await?;
        Ok(Box::new(SqliteTx { tx, clock }))
    }

    async fn probe(&self) -> Result<()> {
        let _clock = StoppedClock::stop();
        self.store.probe().await
    }

    async fn scrub(&self) -> Result<bool> {
        let _clock = StoppedClock::stop();
        self.store.scrub().await
    }
}

struct SqliteTx {
    tx: Box<dyn Tx>,
    clock: StoppedClock,
}

/// Passes each call on.
macro_rules! passed_on {
    ($(fn $name:ident($($argument:ident: $kind:ty),*) -> $reply:ty;)*) => {
        #[async_trait]
        impl Tx for SqliteTx {
            async fn commit(self: Box<Self>) -> Result<()> {
                let Self { tx, clock } = *self;
                let committed = tx.commit().await;
                drop(clock);
                committed
            }

            $(async fn $name(&mut self, $($argument: $kind),*) -> $reply {
                self.tx.$name($($argument),*).await
            })*
        }
    };
}

passed_on! {
    fn organization() -> Result<Option<Organization>>;
    fn put_organization(row: &Organization) -> Result<()>;
    fn deployments() -> Result<Vec<Deployment>>;
    fn deployment(id: &DeploymentId) -> Result<Option<Deployment>>;
    fn put_deployment(row: &Deployment) -> Result<()>;
    fn buttons() -> Result<Vec<Button>>;
    fn button(id: &ButtonId) -> Result<Option<Button>>;
    fn put_button(row: &Button) -> Result<()>;
    fn groups() -> Result<Vec<Group>>;
    fn put_group(row: &Group) -> Result<()>;
    fn agents() -> Result<Vec<Agent>>;
    fn agent(id: &AgentId) -> Result<Option<Agent>>;
    fn agent_by_email(email: &str) -> Result<Option<Agent>>;
    fn put_agent(row: &Agent) -> Result<()>;
    fn program_tokens() -> Result<Vec<Token>>;
    fn token(hash: &str) -> Result<Option<Token>>;
    fn put_token(row: &Token) -> Result<()>;
    fn delete_token(hash: &str) -> Result<bool>;
    fn tokens_of(agent: &AgentId) -> Result<Vec<Token>>;
    fn delete_tokens_of(agent: &AgentId) -> Result<()>;
    fn customer(id: &CustomerId) -> Result<Option<Customer>>;
    fn customers(ids: &[CustomerId]) -> Result<Vec<Customer>>;
    fn customer_by_visitor(visitor_hash: &str) -> Result<Option<Customer>>;
    fn customer_by_identity(identity_hash: &str) -> Result<Option<Customer>>;
    fn put_customer(row: &Customer) -> Result<()>;
    fn add_visitor(visitor_hash: &str, customer: &CustomerId) -> Result<()>;
    fn chat(id: &ChatId) -> Result<Option<Chat>>;
    fn chats_by_id(ids: &[ChatId]) -> Result<Vec<Chat>>;
    fn chat_of_customer(id: &CustomerId) -> Result<Option<Chat>>;
    fn put_chat(row: &Chat) -> Result<()>;
    fn chats(query: &ChatQuery) -> Result<Vec<Chat>>;
    fn count_chats(active: Option<bool>, groups: &[i64]) -> Result<i64>;
    fn thread(id: &ThreadId) -> Result<Option<Thread>>;
    fn threads_of(chat: &ChatId) -> Result<Vec<Thread>>;
    fn open_thread_of(chat: &ChatId) -> Result<Option<Thread>>;
    fn threads_of_chats(chats: &[ChatId]) -> Result<Vec<Thread>>;
    fn threads_by_id(ids: &[ThreadId]) -> Result<Vec<Thread>>;
    fn count_open_threads_by_agent() -> Result<Vec<(AgentId, i64)>>;
    fn threads_of_agent(agent: &AgentId) -> Result<Vec<ThreadId>>;
    fn threads_of_strangers() -> Result<Vec<(ThreadId, AgentId)>>;
    fn unanswered_threads(deployment: &DeploymentId, before: Timestamp, limit: i64) -> Result<Vec<ThreadId>>;
    fn threads(query: &ThreadQuery) -> Result<Vec<Thread>>;
    fn count_threads(filter: &ThreadFilter) -> Result<i64>;
    fn count_waiting_threads() -> Result<i64>;
    fn put_thread(row: &Thread) -> Result<()>;
    fn queue_place(row: &Thread) -> Result<Option<i64>>;
    fn waiting_threads(queue: &QueueKey, skip: usize, limit: usize) -> Result<Vec<WaitingThread>>;
    fn queues() -> Result<Vec<QueueKey>>;
    fn queue_listeners(threads: &[ThreadId]) -> Result<Vec<QueueListener>>;
    fn append_event(row: &Event) -> Result<()>;
    fn event(thread: &ThreadId, number: i64) -> Result<Option<Event>>;
    fn event_by_custom_id(chat: &ChatId, author: &UserId, custom_id: &CustomId) -> Result<Option<Event>>;
    fn private_events_before(thread: &ThreadId, visible: i64) -> Result<i64>;
    fn events(thread: &ThreadId, after: i64, limit: i64) -> Result<Vec<Event>>;
    fn events_of_threads(threads: &[EventRange], max_bytes: i64) -> Result<Vec<Event>>;
    fn last_events_per_type(threads: &[ThreadId], max_bytes: i64) -> Result<Vec<Event>>;
    fn toggles(threads: &[ThreadId]) -> Result<Vec<Toggle>>;
    fn put_toggle(row: &Toggle) -> Result<()>;
    fn delete_toggle(row: &Toggle) -> Result<bool>;
    fn event_properties(threads: &[ThreadId]) -> Result<Vec<EventProperties>>;
    fn put_event_properties(row: &EventProperties) -> Result<()>;
    fn followed_chats(agent: &AgentId, chats: &[ChatId]) -> Result<Vec<ChatId>>;
    fn put_follower(chat: &ChatId, agent: &AgentId) -> Result<()>;
    fn delete_follower(chat: &ChatId, agent: &AgentId) -> Result<()>;
    fn session(id: &SessionId) -> Result<Option<Session>>;
    fn session_by_key(key_hash: &str) -> Result<Option<Session>>;
    fn sessions_of(thread: &ThreadId) -> Result<Vec<Session>>;
    fn threads_with_session(threads: &[ThreadId], heard_since: Timestamp) -> Result<Vec<ThreadId>>;
    fn put_session(row: &Session) -> Result<()>;
    fn put_session_progress(row: &SessionProgress) -> Result<()>;
    fn silent_sessions(wanted: &SilentSessions) -> Result<Vec<SessionId>>;
    fn count_open_sessions() -> Result<i64>;
    fn forget_sessions(before: Timestamp, limit: i64) -> Result<i64>;
    fn queued_messages(session: &SessionId, after: i64, limit: i64) -> Result<Vec<QueuedMessage>>;
    fn put_queued_message(row: &QueuedMessage) -> Result<()>;
    fn count_queued_messages(session: &SessionId) -> Result<i64>;
    fn delete_messages_after(session: &SessionId, after: i64, kind: &str) -> Result<()>;
    fn delete_messages_through(session: &SessionId, position: i64) -> Result<()>;
    fn idempotency_record(session: &SessionId, number: i64) -> Result<Option<IdempotencyRecord>>;
    fn put_idempotency_record(row: &IdempotencyRecord) -> Result<()>;
    fn delete_idempotency_records(session: &SessionId) -> Result<()>;
    fn file(key: &str) -> Result<Option<File>>;
    fn put_file(row: &File) -> Result<()>;
    fn delete_file(key: &str) -> Result<()>;
    fn count_unsent_files(session: &SessionId) -> Result<i64>;
    fn unsent_files(before: Timestamp, limit: i64) -> Result<Vec<File>>;
    fn put_file_sent_again(key: &str, thread: &ThreadId, number: i64) -> Result<()>;
    fn doomed_files(limit: i64) -> Result<Vec<String>>;
    fn delete_thread(thread: &ThreadId) -> Result<DeletedThread>;
    fn delete_files_of_thread(thread: &ThreadId) -> Result<i64>;
    fn delete_chat(chat: &ChatId) -> Result<()>;
    fn delete_customer(customer: &CustomerId) -> Result<()>;
    fn customers_by_email(email: &str) -> Result<Vec<Customer>>;
    fn files_of_thread(thread: &ThreadId) -> Result<Vec<File>>;
    fn delete_records_made_in(thread: &ThreadId) -> Result<()>;
    fn delete_mail_to(recipient_hash: &str) -> Result<()>;
    fn put_erasure(row: &Erasure) -> Result<()>;
    fn erasure(customer: &CustomerId) -> Result<Option<Erasure>>;
    fn pending_erasures(limit: i64) -> Result<Vec<Erasure>>;
    fn ended_threads(query: &EndedThreads) -> Result<Vec<Thread>>;
    fn append_agent_stream_event(row: &NewAgentStreamEvent) -> Result<()>;
    fn agent_stream_events(after: i64, limit: i64) -> Result<AgentStreamPage>;
    fn agent_stream_range() -> Result<(i64, i64)>;
    fn put_record(row: &Record) -> Result<()>;
    fn find_records(query: &RecordQuery) -> Result<Vec<Record>>;
    fn attach_record(row: &AttachedRecord) -> Result<()>;
    fn records_of_threads(threads: &[ThreadId]) -> Result<Vec<AttachedRecord>>;
    fn attached_record(id: &AttachedRecordId) -> Result<Option<AttachedRecord>>;
    fn offline_message(thread: &ThreadId) -> Result<Option<OfflineMessage>>;
    fn offline_messages_of(threads: &[ThreadId]) -> Result<Vec<OfflineMessage>>;
    fn offline_message_by_custom_id(custom_id: &CustomId) -> Result<Option<OfflineMessage>>;
    fn put_offline_message(row: &OfflineMessage) -> Result<()>;
    fn open_offline_messages(kind: OfflineKind, groups: &[i64], limit: i64) -> Result<Vec<OfflineMessage>>;
    fn add_conversion(row: &NewConversion) -> Result<()>;
    fn conversions_of(threads: &[ThreadId]) -> Result<Vec<Conversion>>;
    fn put_archived(row: &ArchivedThread, text: &ArchiveText, changed_at: Timestamp) -> Result<()>;
    fn archived(threads: &[ThreadId]) -> Result<Vec<ArchiveEntry>>;
    fn search_archive(query: &ArchiveQuery) -> Result<Vec<ArchiveEntry>>;
    fn count_archive(query: &ArchiveQuery) -> Result<i64>;
    fn changed_archive(since: Timestamp, limit: i64) -> Result<Vec<ArchiveEntry>>;
    fn archive_report(query: &ReportQuery) -> Result<Vec<(ReportKey, ReportSums)>>;
    fn unarchived_threads(after: Option<&ThreadId>, limit: i64) -> Result<Vec<ThreadId>>;
    fn outgoing_mail(id: &str) -> Result<Option<OutgoingMail>>;
    fn put_outgoing_mail(row: &OutgoingMail) -> Result<()>;
    fn due_mail(now: Timestamp, limit: i64) -> Result<Vec<OutgoingMail>>;
    fn untried_answer(thread: &ThreadId) -> Result<Option<OutgoingMail>>;
    fn count_waiting_mail() -> Result<i64>;
    fn count_mail_to(recipient_hash: &str, kind: MailKind, since: Timestamp) -> Result<i64>;
    fn delete_mail(before: Timestamp, limit: i64) -> Result<()>;
    fn add_webhook(row: &NewWebhookDelivery) -> Result<()>;
    fn webhook(id: &str) -> Result<Option<WebhookDelivery>>;
    fn update_webhook(row: &WebhookDelivery) -> Result<()>;
    fn due_webhooks(hook: &str, now: Timestamp, limit: i64) -> Result<Vec<DueWebhook>>;
    fn webhooks(query: &WebhookQuery) -> Result<Vec<WebhookDelivery>>;
    fn count_webhooks(hook: &str) -> Result<WebhookCounts>;
    fn give_up_webhooks(hook: &str, problem: &str, now: Timestamp, limit: i64) -> Result<()>;
    fn delete_webhooks(before: Timestamp, limit: i64) -> Result<()>;
    fn trim_webhooks(hook: &str, keep: i64, limit: i64) -> Result<()>;
    fn entity_number(kind: EntityKind, entity: &str) -> Result<i64>;
    fn trim_agent_stream(before: Timestamp, limit: i64) -> Result<()>;
}
