//! A transaction: its own copy of the state, which `commit` makes the current
//! one.

use std::sync::Arc;

use async_trait::async_trait;
use parlor_wire::id::{
    AgentId, AttachedRecordId, ButtonId, ChatId, CustomId, CustomerId, DeploymentId, SessionId,
    ThreadId, UserId,
};
use tokio::sync::OwnedMutexGuard;

use super::{Committed, state::State};
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

pub(super) struct MemoryTx {
    pub(super) state: State,
    /// `None` for a read transaction.
    pub(super) write: Option<Write>,
}

/// The right to replace the committed state.
pub(super) struct Write {
    pub(super) committed: Arc<Committed>,
    /// Released when dropped, so that the next write transaction can begin.
    pub(super) _turn: OwnedMutexGuard<()>,
}

impl MemoryTx {
    fn writable(&mut self) -> Result<&mut State> {
        match self.write {
            Some(_) => Ok(&mut self.state),
            None => Err(StoreError::Database(
                "attempt to write to a snapshot".to_owned(),
            )),
        }
    }
}

#[async_trait]
impl Tx for MemoryTx {
    async fn commit(self: Box<Self>) -> Result<()> {
        if let Some(write) = self.write {
            *write.committed.lock() = self.state;
        }
        Ok(())
    }

    async fn organization(&mut self) -> Result<Option<Organization>> {
        Ok(self.state.organization())
    }

    async fn put_organization(&mut self, row: &Organization) -> Result<()> {
        self.writable()?.put_organization(row)
    }

    async fn deployments(&mut self) -> Result<Vec<Deployment>> {
        Ok(self.state.deployments())
    }

    async fn deployment(&mut self, id: &DeploymentId) -> Result<Option<Deployment>> {
        Ok(self.state.deployment(id))
    }

    async fn put_deployment(&mut self, row: &Deployment) -> Result<()> {
        self.writable()?.put_deployment(row)
    }

    async fn buttons(&mut self) -> Result<Vec<Button>> {
        Ok(self.state.buttons())
    }

    async fn button(&mut self, id: &ButtonId) -> Result<Option<Button>> {
        Ok(self.state.button(id))
    }

    async fn put_button(&mut self, row: &Button) -> Result<()> {
        self.writable()?.put_button(row)
    }

    async fn groups(&mut self) -> Result<Vec<Group>> {
        Ok(self.state.groups())
    }

    async fn put_group(&mut self, row: &Group) -> Result<()> {
        self.writable()?.put_group(row);
        Ok(())
    }

    async fn agents(&mut self) -> Result<Vec<Agent>> {
        Ok(self.state.agents())
    }

    async fn agent(&mut self, id: &AgentId) -> Result<Option<Agent>> {
        Ok(self.state.agent(id))
    }

    async fn agent_by_email(&mut self, email: &str) -> Result<Option<Agent>> {
        Ok(self.state.agent_by_email(email))
    }

    async fn put_agent(&mut self, row: &Agent) -> Result<()> {
        self.writable()?.put_agent(row)
    }

    async fn program_tokens(&mut self) -> Result<Vec<Token>> {
        Ok(self.state.program_tokens())
    }

    async fn token(&mut self, hash: &str) -> Result<Option<Token>> {
        Ok(self.state.token(hash))
    }

    async fn put_token(&mut self, row: &Token) -> Result<()> {
        self.writable()?.put_token(row)
    }

    async fn delete_token(&mut self, hash: &str) -> Result<bool> {
        Ok(self.writable()?.delete_token(hash))
    }

    async fn tokens_of(&mut self, agent: &AgentId) -> Result<Vec<Token>> {
        Ok(self.state.tokens_of(agent))
    }

    async fn delete_tokens_of(&mut self, agent: &AgentId) -> Result<()> {
        self.writable()?.delete_tokens_of(agent);
        Ok(())
    }

    async fn customer(&mut self, id: &CustomerId) -> Result<Option<Customer>> {
        Ok(self.state.customer(id))
    }

    async fn customers(&mut self, ids: &[CustomerId]) -> Result<Vec<Customer>> {
        Ok(self.state.customers(ids))
    }

    async fn customer_by_visitor(&mut self, visitor_hash: &str) -> Result<Option<Customer>> {
        Ok(self.state.customer_by_visitor(visitor_hash))
    }

    async fn customer_by_identity(&mut self, identity_hash: &str) -> Result<Option<Customer>> {
        Ok(self.state.customer_by_identity(identity_hash))
    }

    async fn put_customer(&mut self, row: &Customer) -> Result<()> {
        self.writable()?.put_customer(row)
    }

    async fn add_visitor(&mut self, visitor_hash: &str, customer: &CustomerId) -> Result<()> {
        self.writable()?.add_visitor(visitor_hash, customer)
    }

    async fn chat(&mut self, id: &ChatId) -> Result<Option<Chat>> {
        Ok(self.state.chat(id))
    }

    async fn chats_by_id(&mut self, ids: &[ChatId]) -> Result<Vec<Chat>> {
        Ok(self.state.chats_by_id(ids))
    }

    async fn chat_of_customer(&mut self, id: &CustomerId) -> Result<Option<Chat>> {
        Ok(self.state.chat_of_customer(id))
    }

    async fn put_chat(&mut self, row: &Chat) -> Result<()> {
        self.writable()?.put_chat(row)
    }

    async fn chats(&mut self, query: &ChatQuery) -> Result<Vec<Chat>> {
        Ok(self.state.chats(query))
    }

    async fn count_chats(&mut self, active: Option<bool>, groups: &[i64]) -> Result<i64> {
        Ok(self.state.count_chats(active, groups))
    }

    async fn thread(&mut self, id: &ThreadId) -> Result<Option<Thread>> {
        Ok(self.state.thread(id))
    }

    async fn threads_of(&mut self, chat: &ChatId) -> Result<Vec<Thread>> {
        Ok(self.state.threads_of(chat))
    }

    async fn open_thread_of(&mut self, chat: &ChatId) -> Result<Option<Thread>> {
        Ok(self.state.open_thread_of(chat))
    }

    async fn threads_of_chats(&mut self, chats: &[ChatId]) -> Result<Vec<Thread>> {
        Ok(self.state.threads_of_chats(chats))
    }

    async fn threads_by_id(&mut self, ids: &[ThreadId]) -> Result<Vec<Thread>> {
        Ok(self.state.threads_by_id(ids))
    }

    async fn count_open_threads_by_agent(&mut self) -> Result<Vec<(AgentId, i64)>> {
        Ok(self.state.count_open_threads_by_agent())
    }

    async fn threads_of_agent(&mut self, agent: &AgentId) -> Result<Vec<ThreadId>> {
        Ok(self.state.threads_of_agent(agent))
    }

    async fn threads_of_strangers(&mut self) -> Result<Vec<(ThreadId, AgentId)>> {
        Ok(self.state.threads_of_strangers())
    }

    async fn unanswered_threads(
        &mut self,
        deployment: &DeploymentId,
        before: Timestamp,
        limit: i64,
    ) -> Result<Vec<ThreadId>> {
        Ok(self.state.unanswered_threads(deployment, before, limit))
    }

    async fn threads(&mut self, query: &ThreadQuery) -> Result<Vec<Thread>> {
        Ok(self.state.threads(query))
    }

    async fn count_threads(&mut self, filter: &ThreadFilter) -> Result<i64> {
        Ok(self.state.count_threads(filter))
    }

    async fn count_waiting_threads(&mut self) -> Result<i64> {
        Ok(self.state.count_waiting_threads())
    }

    async fn put_thread(&mut self, row: &Thread) -> Result<()> {
        self.writable()?.put_thread(row)
    }

    async fn queue_place(&mut self, row: &Thread) -> Result<Option<i64>> {
        Ok(self.state.queue_place(row))
    }

    async fn waiting_threads(
        &mut self,
        queue: &QueueKey,
        skip: usize,
        limit: usize,
    ) -> Result<Vec<WaitingThread>> {
        Ok(self.state.waiting_threads(queue, skip, limit))
    }

    async fn queues(&mut self) -> Result<Vec<QueueKey>> {
        Ok(self.state.queues())
    }

    async fn queue_listeners(&mut self, threads: &[ThreadId]) -> Result<Vec<QueueListener>> {
        Ok(self.state.queue_listeners(threads))
    }

    async fn put_record(&mut self, row: &Record) -> Result<()> {
        self.writable()?.put_record(row)
    }

    async fn find_records(&mut self, query: &RecordQuery) -> Result<Vec<Record>> {
        Ok(self.state.find_records(query))
    }

    async fn attach_record(&mut self, row: &AttachedRecord) -> Result<()> {
        self.writable()?.attach_record(row)
    }

    async fn records_of_threads(&mut self, threads: &[ThreadId]) -> Result<Vec<AttachedRecord>> {
        Ok(self.state.records_of_threads(threads))
    }

    async fn attached_record(&mut self, id: &AttachedRecordId) -> Result<Option<AttachedRecord>> {
        Ok(self.state.attached_record(id))
    }

    async fn offline_message(&mut self, thread: &ThreadId) -> Result<Option<OfflineMessage>> {
        Ok(self.state.offline_message(thread))
    }

    async fn offline_messages_of(&mut self, threads: &[ThreadId]) -> Result<Vec<OfflineMessage>> {
        let rows = threads
            .iter()
            .filter_map(|id| self.state.offline_message(id));
        Ok(rows.collect())
    }

    async fn offline_message_by_custom_id(
        &mut self,
        custom_id: &CustomId,
    ) -> Result<Option<OfflineMessage>> {
        Ok(self.state.offline_message_by_custom_id(custom_id))
    }

    async fn add_conversion(&mut self, row: &NewConversion) -> Result<()> {
        self.writable()?.add_conversion(row)
    }

    async fn conversions_of(&mut self, threads: &[ThreadId]) -> Result<Vec<Conversion>> {
        Ok(self.state.conversions_of(threads))
    }

    async fn put_offline_message(&mut self, row: &OfflineMessage) -> Result<()> {
        self.writable()?.put_offline_message(row)
    }

    async fn open_offline_messages(
        &mut self,
        kind: OfflineKind,
        groups: &[i64],
        limit: i64,
    ) -> Result<Vec<OfflineMessage>> {
        Ok(self.state.open_offline_messages(kind, groups, limit))
    }

    async fn put_archived(
        &mut self,
        row: &ArchivedThread,
        text: &ArchiveText,
        changed_at: Timestamp,
    ) -> Result<()> {
        self.writable()?.put_archived(row, text, changed_at)
    }

    async fn archived(&mut self, threads: &[ThreadId]) -> Result<Vec<ArchiveEntry>> {
        Ok(self.state.archived(threads))
    }

    async fn search_archive(&mut self, query: &ArchiveQuery) -> Result<Vec<ArchiveEntry>> {
        Ok(self.state.search_archive(query))
    }

    async fn count_archive(&mut self, query: &ArchiveQuery) -> Result<i64> {
        Ok(self.state.count_archive(query))
    }

    async fn changed_archive(&mut self, since: Timestamp, limit: i64) -> Result<Vec<ArchiveEntry>> {
        Ok(self.state.changed_archive(since, limit))
    }

    async fn archive_report(
        &mut self,
        query: &ReportQuery,
    ) -> Result<Vec<(ReportKey, ReportSums)>> {
        Ok(self.state.archive_report(query))
    }

    async fn unarchived_threads(
        &mut self,
        after: Option<&ThreadId>,
        limit: i64,
    ) -> Result<Vec<ThreadId>> {
        Ok(self.state.unarchived_threads(after, limit))
    }

    async fn outgoing_mail(&mut self, id: &str) -> Result<Option<OutgoingMail>> {
        Ok(self.state.outgoing_mail(id))
    }

    async fn put_outgoing_mail(&mut self, row: &OutgoingMail) -> Result<()> {
        self.writable()?.put_outgoing_mail(row);
        Ok(())
    }

    async fn due_mail(&mut self, now: Timestamp, limit: i64) -> Result<Vec<OutgoingMail>> {
        Ok(self.state.due_mail(now, limit))
    }

    async fn untried_answer(&mut self, thread: &ThreadId) -> Result<Option<OutgoingMail>> {
        Ok(self.state.untried_answer(thread))
    }

    async fn count_waiting_mail(&mut self) -> Result<i64> {
        Ok(self.state.count_waiting_mail())
    }

    async fn count_mail_to(
        &mut self,
        recipient_hash: &str,
        kind: MailKind,
        since: Timestamp,
    ) -> Result<i64> {
        Ok(self.state.count_mail_to(recipient_hash, kind, since))
    }

    async fn delete_mail(&mut self, before: Timestamp, limit: i64) -> Result<()> {
        self.writable()?.delete_mail(before, limit);
        Ok(())
    }

    async fn add_webhook(&mut self, row: &NewWebhookDelivery) -> Result<()> {
        self.writable()?.add_webhook(row)
    }

    async fn webhook(&mut self, id: &str) -> Result<Option<WebhookDelivery>> {
        Ok(self.state.webhook(id))
    }

    async fn update_webhook(&mut self, row: &WebhookDelivery) -> Result<()> {
        self.writable()?.update_webhook(row);
        Ok(())
    }

    async fn due_webhooks(
        &mut self,
        hook: &str,
        now: Timestamp,
        limit: i64,
    ) -> Result<Vec<DueWebhook>> {
        Ok(self.state.due_webhooks(hook, now, limit))
    }

    async fn webhooks(&mut self, query: &WebhookQuery) -> Result<Vec<WebhookDelivery>> {
        Ok(self.state.webhooks(query))
    }

    async fn count_webhooks(&mut self, hook: &str) -> Result<WebhookCounts> {
        Ok(self.state.count_webhooks(hook))
    }

    async fn give_up_webhooks(
        &mut self,
        hook: &str,
        problem: &str,
        now: Timestamp,
        limit: i64,
    ) -> Result<()> {
        self.writable()?.give_up_webhooks(hook, problem, now, limit);
        Ok(())
    }

    async fn delete_webhooks(&mut self, before: Timestamp, limit: i64) -> Result<()> {
        self.writable()?.delete_webhooks(before, limit);
        Ok(())
    }

    async fn trim_webhooks(&mut self, hook: &str, keep: i64, limit: i64) -> Result<()> {
        self.writable()?.trim_webhooks(hook, keep, limit);
        Ok(())
    }

    async fn entity_number(&mut self, kind: EntityKind, entity: &str) -> Result<i64> {
        Ok(self.writable()?.entity_number(kind, entity))
    }

    async fn append_event(&mut self, row: &Event) -> Result<()> {
        self.writable()?.append_event(row)
    }

    async fn event(&mut self, thread: &ThreadId, number: i64) -> Result<Option<Event>> {
        Ok(self.state.event(thread, number))
    }

    async fn event_by_custom_id(
        &mut self,
        chat: &ChatId,
        author: &UserId,
        custom_id: &CustomId,
    ) -> Result<Option<Event>> {
        Ok(self.state.event_by_custom_id(chat, author, custom_id))
    }

    async fn private_events_before(&mut self, thread: &ThreadId, visible: i64) -> Result<i64> {
        Ok(self.state.private_events_before(thread, visible))
    }

    async fn events(&mut self, thread: &ThreadId, after: i64, limit: i64) -> Result<Vec<Event>> {
        Ok(self.state.events(thread, after, limit))
    }

    async fn events_of_threads(
        &mut self,
        threads: &[EventRange],
        max_bytes: i64,
    ) -> Result<Vec<Event>> {
        Ok(self.state.events_of_threads(threads, max_bytes))
    }

    async fn last_events_per_type(
        &mut self,
        threads: &[ThreadId],
        max_bytes: i64,
    ) -> Result<Vec<Event>> {
        Ok(self.state.last_events_per_type(threads, max_bytes))
    }

    async fn toggles(&mut self, threads: &[ThreadId]) -> Result<Vec<Toggle>> {
        Ok(self.state.toggles(threads))
    }

    async fn put_toggle(&mut self, row: &Toggle) -> Result<()> {
        self.writable()?.put_toggle(row)
    }

    async fn delete_toggle(&mut self, row: &Toggle) -> Result<bool> {
        Ok(self.writable()?.delete_toggle(row))
    }

    async fn event_properties(&mut self, threads: &[ThreadId]) -> Result<Vec<EventProperties>> {
        Ok(self.state.event_properties(threads))
    }

    async fn put_event_properties(&mut self, row: &EventProperties) -> Result<()> {
        self.writable()?.put_event_properties(row)
    }

    async fn followed_chats(&mut self, agent: &AgentId, chats: &[ChatId]) -> Result<Vec<ChatId>> {
        Ok(self.state.followed_chats(agent, chats))
    }

    async fn put_follower(&mut self, chat: &ChatId, agent: &AgentId) -> Result<()> {
        self.writable()?.put_follower(chat, agent)
    }

    async fn delete_follower(&mut self, chat: &ChatId, agent: &AgentId) -> Result<()> {
        self.writable()?.delete_follower(chat, agent);
        Ok(())
    }

    async fn session(&mut self, id: &SessionId) -> Result<Option<Session>> {
        Ok(self.state.session(id))
    }

    async fn session_by_key(&mut self, key_hash: &str) -> Result<Option<Session>> {
        Ok(self.state.session_by_key(key_hash))
    }

    async fn sessions_of(&mut self, thread: &ThreadId) -> Result<Vec<Session>> {
        Ok(self.state.sessions_of(thread))
    }

    async fn threads_with_session(
        &mut self,
        threads: &[ThreadId],
        heard_since: Timestamp,
    ) -> Result<Vec<ThreadId>> {
        Ok(self.state.threads_with_session(threads, heard_since))
    }

    async fn put_session(&mut self, row: &Session) -> Result<()> {
        self.writable()?.put_session(row)
    }

    async fn put_session_progress(&mut self, row: &SessionProgress) -> Result<()> {
        self.writable()?.put_session_progress(row)
    }

    async fn silent_sessions(&mut self, wanted: &SilentSessions) -> Result<Vec<SessionId>> {
        Ok(self.state.silent_sessions(wanted))
    }

    async fn count_open_sessions(&mut self) -> Result<i64> {
        Ok(self.state.count_open_sessions())
    }

    async fn forget_sessions(&mut self, before: Timestamp, limit: i64) -> Result<i64> {
        Ok(self.writable()?.forget_sessions(before, limit))
    }

    async fn queued_messages(
        &mut self,
        session: &SessionId,
        after: i64,
        limit: i64,
    ) -> Result<Vec<QueuedMessage>> {
        Ok(self.state.queued_messages(session, after, limit))
    }

    async fn put_queued_message(&mut self, row: &QueuedMessage) -> Result<()> {
        self.writable()?.put_queued_message(row)
    }

    async fn count_queued_messages(&mut self, session: &SessionId) -> Result<i64> {
        Ok(self.state.count_queued_messages(session))
    }

    async fn delete_messages_after(
        &mut self,
        session: &SessionId,
        after: i64,
        kind: &str,
    ) -> Result<()> {
        self.writable()?.delete_messages_after(session, after, kind);
        Ok(())
    }

    async fn delete_messages_through(&mut self, session: &SessionId, position: i64) -> Result<()> {
        self.writable()?.delete_messages_through(session, position);
        Ok(())
    }

    async fn idempotency_record(
        &mut self,
        session: &SessionId,
        number: i64,
    ) -> Result<Option<IdempotencyRecord>> {
        Ok(self.state.idempotency_record(session, number))
    }

    async fn put_idempotency_record(&mut self, row: &IdempotencyRecord) -> Result<()> {
        self.writable()?.put_idempotency_record(row)
    }

    async fn delete_idempotency_records(&mut self, session: &SessionId) -> Result<()> {
        self.writable()?.delete_idempotency_records(session);
        Ok(())
    }

    async fn file(&mut self, key: &str) -> Result<Option<File>> {
        Ok(self.state.file(key))
    }

    async fn put_file(&mut self, row: &File) -> Result<()> {
        self.writable()?.put_file(row);
        Ok(())
    }

    async fn delete_file(&mut self, key: &str) -> Result<()> {
        self.writable()?.delete_file(key);
        Ok(())
    }

    async fn count_unsent_files(&mut self, session: &SessionId) -> Result<i64> {
        Ok(self.state.count_unsent_files(session))
    }

    async fn unsent_files(&mut self, before: Timestamp, limit: i64) -> Result<Vec<File>> {
        Ok(self.state.unsent_files(before, limit))
    }

    async fn put_file_sent_again(
        &mut self,
        key: &str,
        thread: &ThreadId,
        number: i64,
    ) -> Result<()> {
        self.writable()?.put_file_sent_again(key, thread, number)
    }

    async fn doomed_files(&mut self, limit: i64) -> Result<Vec<String>> {
        Ok(self.state.doomed_files(limit))
    }

    async fn delete_thread(&mut self, thread: &ThreadId) -> Result<DeletedThread> {
        self.writable()?.delete_thread(thread)
    }

    async fn delete_files_of_thread(&mut self, thread: &ThreadId) -> Result<i64> {
        Ok(self.writable()?.delete_files_of_thread(thread))
    }

    async fn delete_chat(&mut self, chat: &ChatId) -> Result<()> {
        self.writable()?.delete_chat(chat)
    }

    async fn delete_customer(&mut self, customer: &CustomerId) -> Result<()> {
        self.writable()?.delete_customer(customer)
    }

    async fn customers_by_email(&mut self, email: &str) -> Result<Vec<Customer>> {
        Ok(self.state.customers_by_email(email))
    }

    async fn files_of_thread(&mut self, thread: &ThreadId) -> Result<Vec<File>> {
        Ok(self.state.files_of_thread(thread))
    }

    async fn delete_records_made_in(&mut self, thread: &ThreadId) -> Result<()> {
        self.writable()?.delete_records_made_in(thread);
        Ok(())
    }

    async fn delete_mail_to(&mut self, recipient_hash: &str) -> Result<()> {
        self.writable()?.delete_mail_to(recipient_hash);
        Ok(())
    }

    async fn put_erasure(&mut self, row: &Erasure) -> Result<()> {
        self.writable()?.put_erasure(row);
        Ok(())
    }

    async fn erasure(&mut self, customer: &CustomerId) -> Result<Option<Erasure>> {
        Ok(self.state.erasure(customer))
    }

    async fn pending_erasures(&mut self, limit: i64) -> Result<Vec<Erasure>> {
        Ok(self.state.pending_erasures(limit))
    }

    async fn ended_threads(&mut self, query: &EndedThreads) -> Result<Vec<Thread>> {
        Ok(self.state.ended_threads(query))
    }

    async fn append_agent_stream_event(&mut self, row: &NewAgentStreamEvent) -> Result<()> {
        self.writable()?.append_agent_stream_event(row);
        Ok(())
    }

    async fn agent_stream_events(&mut self, after: i64, limit: i64) -> Result<AgentStreamPage> {
        Ok(self.state.agent_stream_events(after, limit))
    }

    async fn agent_stream_range(&mut self) -> Result<(i64, i64)> {
        Ok(self.state.agent_stream_range())
    }

    async fn trim_agent_stream(&mut self, before: Timestamp, limit: i64) -> Result<()> {
        self.writable()?.trim_agent_stream(before, limit);
        Ok(())
    }
}
