//! The transaction. Each method is implemented in the file of its subject.

use async_trait::async_trait;
use parlor_wire::id::{
    AgentId, AttachedRecordId, ButtonId, ChatId, CustomId, CustomerId, DeploymentId, SessionId,
    ThreadId, UserId,
};
use sqlx::{Sqlite, SqliteConnection, Transaction, pool::PoolConnection};

use super::{
    agent_event_stream, annotations, archive, chat, conversion, deletion, erasure, event, file,
    offline_message, outgoing_mail, people, queues::View, record, rows::Rows, session, site,
    webhook, writer::Loan, writes::Writes,
};
use crate::{
    clock::Timestamp,
    store::{
        Result, StoreError, Tx,
        archive::{
            ArchiveEntry, ArchiveQuery, ArchiveText, ArchivedThread, ReportKey, ReportQuery,
            ReportSums,
        },
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
    },
};

/// A reader, or a unit of work of the writer.
pub(super) struct SqliteTx {
    access: Access,
    queues: View,
    rows: Rows,
}

/// After a fault of the database nothing more can be done in a unit: SQLite may
/// have rolled back already, and what is written next would be committed by
/// itself. The same goes for a unit that gave up a statement halfway.
enum Access {
    Read(Transaction<'static, Sqlite>),
    /// Without a transaction.
    ReadLatest(PoolConnection<Sqlite>),
    Write(Loan, Writes),
}

/// Runs a function of the tables on the transaction's connection, after the
/// statements that wait.
macro_rules! on {
    ($tx:expr, $function:path $(, $argument:expr)*) => {{
        $tx.access.send_writes().await?;
        let result = $function($tx.access.connection()? $(, $argument)*).await;
        $tx.access.finished(result)
    }};
}

/// Adds the statements of a function of the tables to those that wait.
macro_rules! add {
    ($tx:expr, $function:path $(, $argument:expr)*) => {{
        $function($tx.access.writes()? $(, $argument)*);
        $tx.access.send_writes_if_full().await
    }};
}

impl SqliteTx {
    pub(super) fn read(transaction: Transaction<'static, Sqlite>, queues: View) -> Self {
        Self {
            access: Access::Read(transaction),
            queues,
            rows: Rows::default(),
        }
    }

    pub(super) fn read_latest(connection: PoolConnection<Sqlite>, queues: View) -> Self {
        Self {
            access: Access::ReadLatest(connection),
            queues,
            rows: Rows::default(),
        }
    }

    pub(super) fn write(loan: Loan, queues: View) -> Self {
        Self {
            access: Access::Write(loan, Writes::default()),
            queues,
            rows: Rows::default(),
        }
    }
}

impl Access {
    fn connection(&mut self) -> Result<&mut SqliteConnection> {
        match self {
            Self::Read(transaction) => Ok(&mut *transaction),
            Self::ReadLatest(connection) => Ok(&mut *connection),
            Self::Write(loan, _) => {
                if let Some(fault) = &loan.fault {
                    return Err(fault.clone());
                }
                loan.fault = Some(StoreError::Io("a statement was given up".to_owned()));
                loan.connection()
            }
        }
    }

    fn finished<T>(&mut self, result: Result<T>) -> Result<T> {
        match self {
            // The connections of readers are read-only: the disk is not.
            Self::Read(_) | Self::ReadLatest(_) => result.map_err(|error| match error {
                StoreError::ReadOnly(reason) => StoreError::Database(reason),
                other => other,
            }),
            Self::Write(loan, _) => {
                loan.fault = match &result {
                    Err(error) if error.ends_transaction() => Some(error.clone()),
                    _ => None,
                };
                result
            }
        }
    }

    fn writes(&mut self) -> Result<&mut Writes> {
        match self {
            Self::Read(_) | Self::ReadLatest(_) => Err(StoreError::Database(
                "a read transaction cannot write".to_owned(),
            )),
            Self::Write(_, writes) => Ok(writes),
        }
    }

    async fn send_writes_if_full(&mut self) -> Result<()> {
        match self {
            Self::Write(_, writes) if writes.is_full() => self.send_writes().await,
            Self::Read(_) | Self::ReadLatest(_) | Self::Write(..) => Ok(()),
        }
    }

    /// Sends the statements that wait. When one fails, the unit is given up: those
    /// after it are not done.
    async fn send_writes(&mut self) -> Result<()> {
        let Self::Write(loan, writes) = self else {
            return Ok(());
        };
        if writes.is_empty() {
            return Ok(());
        }
        if let Some(fault) = &loan.fault {
            return Err(fault.clone());
        }
        loan.fault = Some(StoreError::Io("a statement was given up".to_owned()));
        let sent = writes.send(loan.connection()?).await;
        loan.fault = sent.as_ref().err().cloned();
        sent
    }
}

#[async_trait]
impl Tx for SqliteTx {
    async fn commit(self: Box<Self>) -> Result<()> {
        let Self {
            mut access, queues, ..
        } = *self;
        access.send_writes().await?;
        match access {
            Access::Read(transaction) => Ok(transaction.commit().await?),
            Access::ReadLatest(_) => Ok(()),
            Access::Write(loan, _) => match &loan.fault {
                Some(fault) => Err(fault.clone()),
                None => loan.commit(queues.commit()).await,
            },
        }
    }

    async fn organization(&mut self) -> Result<Option<Organization>> {
        on!(self, site::organization)
    }

    async fn put_organization(&mut self, row: &Organization) -> Result<()> {
        on!(self, site::put_organization, row)
    }

    async fn deployments(&mut self) -> Result<Vec<Deployment>> {
        on!(self, site::deployments)
    }

    async fn deployment(&mut self, id: &DeploymentId) -> Result<Option<Deployment>> {
        if let Some(row) = self.rows.deployment(id) {
            return Ok(Some(row.clone()));
        }
        on!(self, site::deployment, id)
    }

    async fn put_deployment(&mut self, row: &Deployment) -> Result<()> {
        self.rows.keep_deployment(row);
        on!(self, site::put_deployment, row)
    }

    async fn buttons(&mut self) -> Result<Vec<Button>> {
        on!(self, site::buttons)
    }

    async fn button(&mut self, id: &ButtonId) -> Result<Option<Button>> {
        on!(self, site::button, id)
    }

    async fn put_button(&mut self, row: &Button) -> Result<()> {
        on!(self, site::put_button, row)
    }

    async fn groups(&mut self) -> Result<Vec<Group>> {
        on!(self, site::groups)
    }

    async fn put_group(&mut self, row: &Group) -> Result<()> {
        on!(self, site::put_group, row)
    }

    async fn agents(&mut self) -> Result<Vec<Agent>> {
        on!(self, people::agents)
    }

    async fn agent(&mut self, id: &AgentId) -> Result<Option<Agent>> {
        on!(self, people::agent, id)
    }

    async fn agent_by_email(&mut self, email: &str) -> Result<Option<Agent>> {
        on!(self, people::agent_by_email, email)
    }

    async fn put_agent(&mut self, row: &Agent) -> Result<()> {
        on!(self, people::put_agent, row)
    }

    async fn program_tokens(&mut self) -> Result<Vec<Token>> {
        on!(self, people::program_tokens)
    }

    async fn token(&mut self, hash: &str) -> Result<Option<Token>> {
        on!(self, people::token, hash)
    }

    async fn put_token(&mut self, row: &Token) -> Result<()> {
        on!(self, people::put_token, row)
    }

    async fn delete_token(&mut self, hash: &str) -> Result<bool> {
        on!(self, people::delete_token, hash)
    }

    async fn tokens_of(&mut self, agent: &AgentId) -> Result<Vec<Token>> {
        on!(self, people::tokens_of, agent)
    }

    async fn delete_tokens_of(&mut self, agent: &AgentId) -> Result<()> {
        on!(self, people::delete_tokens_of, agent)
    }

    async fn customer(&mut self, id: &CustomerId) -> Result<Option<Customer>> {
        on!(self, people::customer, id)
    }

    async fn customers(&mut self, ids: &[CustomerId]) -> Result<Vec<Customer>> {
        on!(self, people::customers, ids)
    }

    async fn customer_by_visitor(&mut self, visitor_hash: &str) -> Result<Option<Customer>> {
        on!(self, people::customer_by_visitor, visitor_hash)
    }

    async fn customer_by_identity(&mut self, identity_hash: &str) -> Result<Option<Customer>> {
        on!(self, people::customer_by_identity, identity_hash)
    }

    async fn put_customer(&mut self, row: &Customer) -> Result<()> {
        add!(self, people::put_customer, row)
    }

    async fn add_visitor(&mut self, visitor_hash: &str, customer: &CustomerId) -> Result<()> {
        add!(self, people::add_visitor, visitor_hash, customer)
    }

    async fn chat(&mut self, id: &ChatId) -> Result<Option<Chat>> {
        if let Some(row) = self.rows.chat(id) {
            return Ok(Some(row.clone()));
        }
        on!(self, chat::chat, id)
    }

    async fn chats_by_id(&mut self, ids: &[ChatId]) -> Result<Vec<Chat>> {
        on!(self, chat::chats_by_id, ids)
    }

    async fn chat_of_customer(&mut self, id: &CustomerId) -> Result<Option<Chat>> {
        on!(self, chat::chat_of_customer, id)
    }

    async fn put_chat(&mut self, row: &Chat) -> Result<()> {
        self.rows.keep_chat(row);
        add!(self, chat::put_chat, row)
    }

    async fn chats(&mut self, query: &ChatQuery) -> Result<Vec<Chat>> {
        on!(self, chat::chats, query)
    }

    async fn count_chats(&mut self, active: Option<bool>, groups: &[i64]) -> Result<i64> {
        on!(self, chat::count_chats, active, groups)
    }

    async fn thread(&mut self, id: &ThreadId) -> Result<Option<Thread>> {
        if let Some(row) = self.rows.thread(id) {
            return Ok(Some(row.clone()));
        }
        let row = on!(self, chat::thread, id)?;
        if let Some(row) = &row {
            self.rows.keep_thread(row);
        }
        Ok(row)
    }

    async fn threads_of(&mut self, chat: &ChatId) -> Result<Vec<Thread>> {
        on!(self, chat::threads_of, chat)
    }

    async fn open_thread_of(&mut self, chat: &ChatId) -> Result<Option<Thread>> {
        on!(self, chat::open_thread_of, chat)
    }

    async fn threads_of_chats(&mut self, chats: &[ChatId]) -> Result<Vec<Thread>> {
        on!(self, chat::threads_of_chats, chats)
    }

    async fn threads_by_id(&mut self, ids: &[ThreadId]) -> Result<Vec<Thread>> {
        on!(self, chat::threads_by_id, ids)
    }

    async fn count_open_threads_by_agent(&mut self) -> Result<Vec<(AgentId, i64)>> {
        on!(self, chat::count_open_threads_by_agent)
    }

    async fn threads_of_agent(&mut self, agent: &AgentId) -> Result<Vec<ThreadId>> {
        on!(self, chat::threads_of_agent, agent)
    }

    async fn threads_of_strangers(&mut self) -> Result<Vec<(ThreadId, AgentId)>> {
        on!(self, chat::threads_of_strangers)
    }

    async fn unanswered_threads(
        &mut self,
        deployment: &DeploymentId,
        before: Timestamp,
        limit: i64,
    ) -> Result<Vec<ThreadId>> {
        on!(self, chat::unanswered_threads, deployment, before, limit)
    }

    async fn threads(&mut self, query: &ThreadQuery) -> Result<Vec<Thread>> {
        on!(self, chat::threads, query)
    }

    async fn count_threads(&mut self, filter: &ThreadFilter) -> Result<i64> {
        on!(self, chat::count_threads, filter)
    }

    async fn count_waiting_threads(&mut self) -> Result<i64> {
        on!(self, chat::count_waiting_threads)
    }

    async fn put_thread(&mut self, row: &Thread) -> Result<()> {
        self.queues.put(row);
        let old = self.rows.keep_thread(row);
        add!(self, chat::put_thread, row, old.as_ref())
    }

    async fn queue_place(&mut self, row: &Thread) -> Result<Option<i64>> {
        Ok(self.queues.place(row))
    }

    async fn waiting_threads(
        &mut self,
        queue: &QueueKey,
        skip: usize,
        limit: usize,
    ) -> Result<Vec<WaitingThread>> {
        Ok(self.queues.waiting_threads(queue, skip, limit))
    }

    async fn queues(&mut self) -> Result<Vec<QueueKey>> {
        Ok(self.queues.queues())
    }

    async fn queue_listeners(&mut self, threads: &[ThreadId]) -> Result<Vec<QueueListener>> {
        on!(self, session::queue_listeners, threads)
    }

    async fn put_record(&mut self, row: &Record) -> Result<()> {
        add!(self, record::put_record, row)
    }

    async fn find_records(&mut self, query: &RecordQuery) -> Result<Vec<Record>> {
        on!(self, record::find_records, query)
    }

    async fn attach_record(&mut self, row: &AttachedRecord) -> Result<()> {
        add!(self, record::attach_record, row)
    }

    async fn records_of_threads(&mut self, threads: &[ThreadId]) -> Result<Vec<AttachedRecord>> {
        on!(self, record::records_of_threads, threads)
    }

    async fn attached_record(&mut self, id: &AttachedRecordId) -> Result<Option<AttachedRecord>> {
        on!(self, record::attached_record, id)
    }

    async fn offline_message(&mut self, thread: &ThreadId) -> Result<Option<OfflineMessage>> {
        on!(self, offline_message::offline_message, thread)
    }

    async fn offline_messages_of(&mut self, threads: &[ThreadId]) -> Result<Vec<OfflineMessage>> {
        on!(self, offline_message::offline_messages_of, threads)
    }

    async fn offline_message_by_custom_id(
        &mut self,
        custom_id: &CustomId,
    ) -> Result<Option<OfflineMessage>> {
        on!(
            self,
            offline_message::offline_message_by_custom_id,
            custom_id
        )
    }

    async fn add_conversion(&mut self, row: &NewConversion) -> Result<()> {
        add!(self, conversion::add_conversion, row)
    }

    async fn conversions_of(&mut self, threads: &[ThreadId]) -> Result<Vec<Conversion>> {
        on!(self, conversion::conversions_of, threads)
    }

    async fn put_offline_message(&mut self, row: &OfflineMessage) -> Result<()> {
        add!(self, offline_message::put_offline_message, row)
    }

    async fn open_offline_messages(
        &mut self,
        kind: OfflineKind,
        groups: &[i64],
        limit: i64,
    ) -> Result<Vec<OfflineMessage>> {
        on!(
            self,
            offline_message::open_offline_messages,
            kind,
            groups,
            limit
        )
    }

    async fn put_archived(
        &mut self,
        row: &ArchivedThread,
        text: &ArchiveText,
        changed_at: Timestamp,
    ) -> Result<()> {
        self.access.writes()?;
        on!(self, archive::put_archived, row, text, changed_at)
    }

    async fn archived(&mut self, threads: &[ThreadId]) -> Result<Vec<ArchiveEntry>> {
        on!(self, archive::archived, threads)
    }

    async fn search_archive(&mut self, query: &ArchiveQuery) -> Result<Vec<ArchiveEntry>> {
        on!(self, archive::search_archive, query)
    }

    async fn count_archive(&mut self, query: &ArchiveQuery) -> Result<i64> {
        on!(self, archive::count_archive, query)
    }

    async fn changed_archive(&mut self, since: Timestamp, limit: i64) -> Result<Vec<ArchiveEntry>> {
        on!(self, archive::changed_archive, since, limit)
    }

    async fn archive_report(
        &mut self,
        query: &ReportQuery,
    ) -> Result<Vec<(ReportKey, ReportSums)>> {
        on!(self, archive::archive_report, query)
    }

    async fn unarchived_threads(
        &mut self,
        after: Option<&ThreadId>,
        limit: i64,
    ) -> Result<Vec<ThreadId>> {
        on!(self, archive::unarchived_threads, after, limit)
    }

    async fn outgoing_mail(&mut self, id: &str) -> Result<Option<OutgoingMail>> {
        on!(self, outgoing_mail::outgoing_mail, id)
    }

    async fn put_outgoing_mail(&mut self, row: &OutgoingMail) -> Result<()> {
        add!(self, outgoing_mail::put_outgoing_mail, row)
    }

    async fn due_mail(&mut self, now: Timestamp, limit: i64) -> Result<Vec<OutgoingMail>> {
        on!(self, outgoing_mail::due_mail, now, limit)
    }

    async fn untried_answer(&mut self, thread: &ThreadId) -> Result<Option<OutgoingMail>> {
        on!(self, outgoing_mail::untried_answer, thread)
    }

    async fn count_waiting_mail(&mut self) -> Result<i64> {
        on!(self, outgoing_mail::count_waiting_mail)
    }

    async fn count_mail_to(
        &mut self,
        recipient_hash: &str,
        kind: MailKind,
        since: Timestamp,
    ) -> Result<i64> {
        on!(
            self,
            outgoing_mail::count_mail_to,
            recipient_hash,
            kind,
            since
        )
    }

    async fn delete_mail(&mut self, before: Timestamp, limit: i64) -> Result<()> {
        add!(self, outgoing_mail::delete_mail, before, limit)
    }

    async fn add_webhook(&mut self, row: &NewWebhookDelivery) -> Result<()> {
        add!(self, webhook::add_webhook, row)
    }

    async fn webhook(&mut self, id: &str) -> Result<Option<WebhookDelivery>> {
        on!(self, webhook::webhook, id)
    }

    async fn update_webhook(&mut self, row: &WebhookDelivery) -> Result<()> {
        add!(self, webhook::update_webhook, row)
    }

    async fn due_webhooks(
        &mut self,
        hook: &str,
        now: Timestamp,
        limit: i64,
    ) -> Result<Vec<DueWebhook>> {
        on!(self, webhook::due_webhooks, hook, now, limit)
    }

    async fn webhooks(&mut self, query: &WebhookQuery) -> Result<Vec<WebhookDelivery>> {
        on!(self, webhook::webhooks, query)
    }

    async fn count_webhooks(&mut self, hook: &str) -> Result<WebhookCounts> {
        on!(self, webhook::count_webhooks, hook)
    }

    async fn give_up_webhooks(
        &mut self,
        hook: &str,
        problem: &str,
        now: Timestamp,
        limit: i64,
    ) -> Result<()> {
        add!(self, webhook::give_up_webhooks, hook, problem, now, limit)
    }

    async fn delete_webhooks(&mut self, before: Timestamp, limit: i64) -> Result<()> {
        add!(self, webhook::delete_webhooks, before, limit)
    }

    async fn trim_webhooks(&mut self, hook: &str, keep: i64, limit: i64) -> Result<()> {
        add!(self, webhook::trim_webhooks, hook, keep, limit)
    }

    async fn entity_number(&mut self, kind: EntityKind, entity: &str) -> Result<i64> {
        on!(self, webhook::entity_number, kind, entity)
    }

    async fn append_event(&mut self, row: &Event) -> Result<()> {
        self.rows.keep_event(row);
        add!(self, event::append_event, row)
    }

    async fn event(&mut self, thread: &ThreadId, number: i64) -> Result<Option<Event>> {
        if let Some(row) = self.rows.event(thread, number) {
            return Ok(Some(row.clone()));
        }
        on!(self, event::event, thread, number)
    }

    async fn event_by_custom_id(
        &mut self,
        chat: &ChatId,
        author: &UserId,
        custom_id: &CustomId,
    ) -> Result<Option<Event>> {
        on!(self, event::event_by_custom_id, chat, author, custom_id)
    }

    async fn private_events_before(&mut self, thread: &ThreadId, visible: i64) -> Result<i64> {
        on!(self, event::private_events_before, thread, visible)
    }

    async fn events(&mut self, thread: &ThreadId, after: i64, limit: i64) -> Result<Vec<Event>> {
        on!(self, event::events, thread, after, limit)
    }

    async fn events_of_threads(
        &mut self,
        threads: &[EventRange],
        max_bytes: i64,
    ) -> Result<Vec<Event>> {
        on!(self, event::events_of_threads, threads, max_bytes)
    }

    async fn last_events_per_type(
        &mut self,
        threads: &[ThreadId],
        max_bytes: i64,
    ) -> Result<Vec<Event>> {
        on!(self, event::last_events_per_type, threads, max_bytes)
    }

    async fn toggles(&mut self, threads: &[ThreadId]) -> Result<Vec<Toggle>> {
        on!(self, annotations::toggles, threads)
    }

    async fn put_toggle(&mut self, row: &Toggle) -> Result<()> {
        add!(self, annotations::put_toggle, row)
    }

    async fn delete_toggle(&mut self, row: &Toggle) -> Result<bool> {
        on!(self, annotations::delete_toggle, row)
    }

    async fn event_properties(&mut self, threads: &[ThreadId]) -> Result<Vec<EventProperties>> {
        on!(self, annotations::event_properties, threads)
    }

    async fn put_event_properties(&mut self, row: &EventProperties) -> Result<()> {
        add!(self, annotations::put_event_properties, row)
    }

    async fn followed_chats(&mut self, agent: &AgentId, chats: &[ChatId]) -> Result<Vec<ChatId>> {
        on!(self, annotations::followed_chats, agent, chats)
    }

    async fn put_follower(&mut self, chat: &ChatId, agent: &AgentId) -> Result<()> {
        add!(self, annotations::put_follower, chat, agent)
    }

    async fn delete_follower(&mut self, chat: &ChatId, agent: &AgentId) -> Result<()> {
        on!(self, annotations::delete_follower, chat, agent)
    }

    async fn session(&mut self, id: &SessionId) -> Result<Option<Session>> {
        if let Some(row) = self.rows.session(id) {
            return Ok(Some(row.clone()));
        }
        let row = on!(self, session::session, id)?;
        if let Some(row) = &row {
            self.rows.keep_session(row);
        }
        Ok(row)
    }

    async fn session_by_key(&mut self, key_hash: &str) -> Result<Option<Session>> {
        if let Some(row) = self.rows.session_by_key(key_hash) {
            return Ok(Some(row.clone()));
        }
        if !matches!(self.access, Access::Write(..)) {
            return on!(self, session::session_by_key, key_hash);
        }
        let found = on!(self, session::session_with_thread, key_hash)?;
        if let Some(row) = &found.session {
            self.rows.keep_session(row);
        }
        if let Some(row) = &found.thread {
            self.rows.keep_thread(row);
        }
        if let Some(row) = &found.chat {
            self.rows.keep_chat(row);
        }
        if let Some(row) = &found.deployment {
            self.rows.keep_deployment(row);
        }
        Ok(found.session)
    }

    async fn sessions_of(&mut self, thread: &ThreadId) -> Result<Vec<Session>> {
        let rows = on!(self, session::sessions_of, thread)?;
        for row in &rows {
            self.rows.keep_session(row);
        }
        Ok(rows)
    }

    async fn threads_with_session(
        &mut self,
        threads: &[ThreadId],
        heard_since: Timestamp,
    ) -> Result<Vec<ThreadId>> {
        on!(self, session::threads_with_session, threads, heard_since)
    }

    async fn put_session(&mut self, row: &Session) -> Result<()> {
        let old = self.rows.keep_session(row);
        add!(self, session::put_session, row, old.as_ref())
    }

    async fn put_session_progress(&mut self, row: &SessionProgress) -> Result<()> {
        self.rows.forget_sessions();
        add!(self, session::put_session_progress, row)
    }

    async fn silent_sessions(&mut self, wanted: &SilentSessions) -> Result<Vec<SessionId>> {
        on!(self, session::silent_sessions, wanted)
    }

    async fn count_open_sessions(&mut self) -> Result<i64> {
        on!(self, session::count_open_sessions)
    }

    async fn forget_sessions(&mut self, before: Timestamp, limit: i64) -> Result<i64> {
        self.rows.forget_sessions();
        on!(self, session::forget_sessions, before, limit)
    }

    async fn queued_messages(
        &mut self,
        session: &SessionId,
        after: i64,
        limit: i64,
    ) -> Result<Vec<QueuedMessage>> {
        on!(self, session::queued_messages, session, after, limit)
    }

    async fn put_queued_message(&mut self, row: &QueuedMessage) -> Result<()> {
        add!(self, session::put_queued_message, row)
    }

    async fn count_queued_messages(&mut self, session: &SessionId) -> Result<i64> {
        on!(self, session::count_queued_messages, session)
    }

    async fn delete_messages_after(
        &mut self,
        session: &SessionId,
        after: i64,
        kind: &str,
    ) -> Result<()> {
        add!(self, session::delete_messages_after, session, after, kind)
    }

    async fn delete_messages_through(&mut self, session: &SessionId, position: i64) -> Result<()> {
        add!(self, session::delete_messages_through, session, position)
    }

    async fn idempotency_record(
        &mut self,
        session: &SessionId,
        number: i64,
    ) -> Result<Option<IdempotencyRecord>> {
        on!(self, session::idempotency_record, session, number)
    }

    async fn put_idempotency_record(&mut self, row: &IdempotencyRecord) -> Result<()> {
        add!(self, session::put_idempotency_record, row)
    }

    async fn delete_idempotency_records(&mut self, session: &SessionId) -> Result<()> {
        add!(self, session::delete_idempotency_records, session)
    }

    async fn file(&mut self, key: &str) -> Result<Option<File>> {
        on!(self, file::file, key)
    }

    async fn put_file(&mut self, row: &File) -> Result<()> {
        add!(self, file::put_file, row)
    }

    async fn delete_file(&mut self, key: &str) -> Result<()> {
        on!(self, file::delete_file, key)
    }

    async fn count_unsent_files(&mut self, session: &SessionId) -> Result<i64> {
        on!(self, file::count_unsent_files, session)
    }

    async fn unsent_files(&mut self, before: Timestamp, limit: i64) -> Result<Vec<File>> {
        on!(self, file::unsent_files, before, limit)
    }

    async fn put_file_sent_again(
        &mut self,
        key: &str,
        thread: &ThreadId,
        number: i64,
    ) -> Result<()> {
        add!(self, file::put_file_sent_again, key, thread, number)
    }

    async fn doomed_files(&mut self, limit: i64) -> Result<Vec<String>> {
        on!(self, file::doomed_files, limit)
    }

    async fn delete_thread(&mut self, thread: &ThreadId) -> Result<DeletedThread> {
        self.rows = Rows::default();
        on!(self, deletion::delete_thread, thread)
    }

    async fn delete_files_of_thread(&mut self, thread: &ThreadId) -> Result<i64> {
        self.rows = Rows::default();
        on!(self, deletion::delete_files_of_thread, thread)
    }

    async fn delete_chat(&mut self, chat: &ChatId) -> Result<()> {
        self.rows = Rows::default();
        on!(self, deletion::delete_chat, chat)
    }

    async fn delete_customer(&mut self, customer: &CustomerId) -> Result<()> {
        on!(self, deletion::delete_customer, customer)
    }

    async fn customers_by_email(&mut self, email: &str) -> Result<Vec<Customer>> {
        on!(self, people::customers_by_email, email)
    }

    async fn files_of_thread(&mut self, thread: &ThreadId) -> Result<Vec<File>> {
        on!(self, file::files_of_thread, thread)
    }

    async fn delete_records_made_in(&mut self, thread: &ThreadId) -> Result<()> {
        on!(self, deletion::delete_records_made_in, thread)
    }

    async fn delete_mail_to(&mut self, recipient_hash: &str) -> Result<()> {
        add!(self, deletion::delete_mail_to, recipient_hash)
    }

    async fn put_erasure(&mut self, row: &Erasure) -> Result<()> {
        add!(self, erasure::put_erasure, row)
    }

    async fn erasure(&mut self, customer: &CustomerId) -> Result<Option<Erasure>> {
        on!(self, erasure::erasure, customer)
    }

    async fn pending_erasures(&mut self, limit: i64) -> Result<Vec<Erasure>> {
        on!(self, erasure::pending_erasures, limit)
    }

    async fn ended_threads(&mut self, query: &EndedThreads) -> Result<Vec<Thread>> {
        on!(self, chat::ended_threads, query)
    }

    async fn append_agent_stream_event(&mut self, row: &NewAgentStreamEvent) -> Result<()> {
        add!(self, agent_event_stream::append_agent_stream_event, row)
    }

    async fn agent_stream_events(&mut self, after: i64, limit: i64) -> Result<AgentStreamPage> {
        on!(self, agent_event_stream::agent_stream_events, after, limit)
    }

    async fn agent_stream_range(&mut self) -> Result<(i64, i64)> {
        on!(self, agent_event_stream::agent_stream_range)
    }

    async fn trim_agent_stream(&mut self, before: Timestamp, limit: i64) -> Result<()> {
        on!(self, agent_event_stream::trim_agent_stream, before, limit)
    }
}
