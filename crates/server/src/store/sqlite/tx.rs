//! The transaction. Each method is implemented in the file of its subject.

use async_trait::async_trait;
use parlor_wire::id::{
    AgentId, ButtonId, ChatId, CustomId, CustomerId, DeploymentId, SessionId, ThreadId, UserId,
};
use sqlx::{Sqlite, Transaction};

use super::{
    agent_event_stream, annotations, chat, event, file, people, queues::View, session, site,
};
use crate::{
    clock::Timestamp,
    store::{
        Result, Tx,
        row::{
            Agent, AgentStreamEvent, Button, Chat, ChatQuery, Customer, Deployment, Event,
            EventProperties, File, IdempotencyRecord, NewAgentStreamEvent, Organization, QueueKey,
            QueueListener, QueuedMessage, SearchedThread, Session, SessionProgress, Thread,
            ThreadQuery, Toggle, Token, WaitingThread,
        },
    },
};

/// Dropped without a commit, the connection rolls back before it is used again.
pub(super) struct SqliteTx(pub(super) Transaction<'static, Sqlite>, pub(super) View);

#[async_trait]
impl Tx for SqliteTx {
    async fn commit(self: Box<Self>) -> Result<()> {
        let Self(transaction, queues) = *self;
        let committing = queues.commit();
        transaction.commit().await?;
        committing.confirmed();
        Ok(())
    }

    async fn organization(&mut self) -> Result<Option<Organization>> {
        site::organization(&mut self.0).await
    }

    async fn put_organization(&mut self, row: &Organization) -> Result<()> {
        site::put_organization(&mut self.0, row).await
    }

    async fn deployments(&mut self) -> Result<Vec<Deployment>> {
        site::deployments(&mut self.0).await
    }

    async fn deployment(&mut self, id: &DeploymentId) -> Result<Option<Deployment>> {
        site::deployment(&mut self.0, id).await
    }

    async fn put_deployment(&mut self, row: &Deployment) -> Result<()> {
        site::put_deployment(&mut self.0, row).await
    }

    async fn buttons(&mut self) -> Result<Vec<Button>> {
        site::buttons(&mut self.0).await
    }

    async fn button(&mut self, id: &ButtonId) -> Result<Option<Button>> {
        site::button(&mut self.0, id).await
    }

    async fn put_button(&mut self, row: &Button) -> Result<()> {
        site::put_button(&mut self.0, row).await
    }

    async fn agents(&mut self) -> Result<Vec<Agent>> {
        people::agents(&mut self.0).await
    }

    async fn agent(&mut self, id: &AgentId) -> Result<Option<Agent>> {
        people::agent(&mut self.0, id).await
    }

    async fn agent_by_email(&mut self, email: &str) -> Result<Option<Agent>> {
        people::agent_by_email(&mut self.0, email).await
    }

    async fn put_agent(&mut self, row: &Agent) -> Result<()> {
        people::put_agent(&mut self.0, row).await
    }

    async fn token(&mut self, hash: &str) -> Result<Option<Token>> {
        people::token(&mut self.0, hash).await
    }

    async fn put_token(&mut self, row: &Token) -> Result<()> {
        people::put_token(&mut self.0, row).await
    }

    async fn delete_token(&mut self, hash: &str) -> Result<bool> {
        people::delete_token(&mut self.0, hash).await
    }

    async fn delete_tokens_of(&mut self, agent: &AgentId) -> Result<()> {
        people::delete_tokens_of(&mut self.0, agent).await
    }

    async fn customer(&mut self, id: &CustomerId) -> Result<Option<Customer>> {
        people::customer(&mut self.0, id).await
    }

    async fn customers(&mut self, ids: &[CustomerId]) -> Result<Vec<Customer>> {
        people::customers(&mut self.0, ids).await
    }

    async fn customer_by_visitor(&mut self, visitor_hash: &str) -> Result<Option<Customer>> {
        people::customer_by_visitor(&mut self.0, visitor_hash).await
    }

    async fn customer_by_identity(&mut self, identity_hash: &str) -> Result<Option<Customer>> {
        people::customer_by_identity(&mut self.0, identity_hash).await
    }

    async fn put_customer(&mut self, row: &Customer) -> Result<()> {
        people::put_customer(&mut self.0, row).await
    }

    async fn add_visitor(&mut self, visitor_hash: &str, customer: &CustomerId) -> Result<()> {
        people::add_visitor(&mut self.0, visitor_hash, customer).await
    }

    async fn chat(&mut self, id: &ChatId) -> Result<Option<Chat>> {
        chat::chat(&mut self.0, id).await
    }

    async fn chats_by_id(&mut self, ids: &[ChatId]) -> Result<Vec<Chat>> {
        chat::chats_by_id(&mut self.0, ids).await
    }

    async fn chat_of_customer(&mut self, id: &CustomerId) -> Result<Option<Chat>> {
        chat::chat_of_customer(&mut self.0, id).await
    }

    async fn put_chat(&mut self, row: &Chat) -> Result<()> {
        chat::put_chat(&mut self.0, row).await
    }

    async fn chats(&mut self, query: &ChatQuery) -> Result<Vec<Chat>> {
        chat::chats(&mut self.0, query).await
    }

    async fn count_chats(&mut self, active: Option<bool>) -> Result<i64> {
        chat::count_chats(&mut self.0, active).await
    }

    async fn thread(&mut self, id: &ThreadId) -> Result<Option<Thread>> {
        chat::thread(&mut self.0, id).await
    }

    async fn threads_of(&mut self, chat: &ChatId) -> Result<Vec<Thread>> {
        chat::threads_of(&mut self.0, chat).await
    }

    async fn threads_of_chats(&mut self, chats: &[ChatId]) -> Result<Vec<Thread>> {
        chat::threads_of_chats(&mut self.0, chats).await
    }

    async fn threads_by_id(&mut self, ids: &[ThreadId]) -> Result<Vec<Thread>> {
        chat::threads_by_id(&mut self.0, ids).await
    }

    async fn count_open_threads_by_agent(&mut self) -> Result<Vec<(AgentId, i64)>> {
        chat::count_open_threads_by_agent(&mut self.0).await
    }

    async fn threads(&mut self, query: &ThreadQuery) -> Result<Vec<Thread>> {
        chat::threads(&mut self.0, query).await
    }

    async fn searched_threads(
        &mut self,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
        limit: i64,
    ) -> Result<Vec<SearchedThread>> {
        chat::searched_threads(&mut self.0, from, to, limit).await
    }

    async fn count_threads(&mut self) -> Result<i64> {
        chat::count_threads(&mut self.0).await
    }

    async fn put_thread(&mut self, row: &Thread) -> Result<()> {
        chat::put_thread(&mut self.0, row).await?;
        self.1.put(row);
        Ok(())
    }

    async fn queue_place(&mut self, row: &Thread) -> Result<Option<i64>> {
        Ok(self.1.place(row))
    }

    async fn waiting_threads(
        &mut self,
        queue: &QueueKey,
        skip: usize,
        limit: usize,
    ) -> Result<Vec<WaitingThread>> {
        Ok(self.1.waiting_threads(queue, skip, limit))
    }

    async fn queues(&mut self) -> Result<Vec<QueueKey>> {
        Ok(self.1.queues())
    }

    async fn queue_listeners(&mut self, threads: &[ThreadId]) -> Result<Vec<QueueListener>> {
        session::queue_listeners(&mut self.0, threads).await
    }

    async fn append_event(&mut self, row: &Event) -> Result<()> {
        event::append_event(&mut self.0, row).await
    }

    async fn event(&mut self, thread: &ThreadId, number: i64) -> Result<Option<Event>> {
        event::event(&mut self.0, thread, number).await
    }

    async fn event_by_custom_id(
        &mut self,
        chat: &ChatId,
        author: &UserId,
        custom_id: &CustomId,
    ) -> Result<Option<Event>> {
        event::event_by_custom_id(&mut self.0, chat, author, custom_id).await
    }

    async fn events(&mut self, thread: &ThreadId, after: i64, limit: i64) -> Result<Vec<Event>> {
        event::events(&mut self.0, thread, after, limit).await
    }

    async fn events_of_threads(&mut self, threads: &[(ThreadId, i64)]) -> Result<Vec<Event>> {
        event::events_of_threads(&mut self.0, threads).await
    }

    async fn last_events_per_type(&mut self, threads: &[ThreadId]) -> Result<Vec<Event>> {
        event::last_events_per_type(&mut self.0, threads).await
    }

    async fn toggles(&mut self, threads: &[ThreadId]) -> Result<Vec<Toggle>> {
        annotations::toggles(&mut self.0, threads).await
    }

    async fn put_toggle(&mut self, row: &Toggle) -> Result<()> {
        annotations::put_toggle(&mut self.0, row).await
    }

    async fn delete_toggle(&mut self, row: &Toggle) -> Result<bool> {
        annotations::delete_toggle(&mut self.0, row).await
    }

    async fn event_properties(&mut self, threads: &[ThreadId]) -> Result<Vec<EventProperties>> {
        annotations::event_properties(&mut self.0, threads).await
    }

    async fn put_event_properties(&mut self, row: &EventProperties) -> Result<()> {
        annotations::put_event_properties(&mut self.0, row).await
    }

    async fn followed_chats(&mut self, agent: &AgentId, chats: &[ChatId]) -> Result<Vec<ChatId>> {
        annotations::followed_chats(&mut self.0, agent, chats).await
    }

    async fn put_follower(&mut self, chat: &ChatId, agent: &AgentId) -> Result<()> {
        annotations::put_follower(&mut self.0, chat, agent).await
    }

    async fn delete_follower(&mut self, chat: &ChatId, agent: &AgentId) -> Result<()> {
        annotations::delete_follower(&mut self.0, chat, agent).await
    }

    async fn session(&mut self, id: &SessionId) -> Result<Option<Session>> {
        session::session(&mut self.0, id).await
    }

    async fn session_by_key(&mut self, key_hash: &str) -> Result<Option<Session>> {
        session::session_by_key(&mut self.0, key_hash).await
    }

    async fn sessions_of(&mut self, thread: &ThreadId) -> Result<Vec<Session>> {
        session::sessions_of(&mut self.0, thread).await
    }

    async fn threads_with_session(&mut self, threads: &[ThreadId]) -> Result<Vec<ThreadId>> {
        session::threads_with_session(&mut self.0, threads).await
    }

    async fn put_session(&mut self, row: &Session) -> Result<()> {
        session::put_session(&mut self.0, row).await
    }

    async fn put_session_progress(&mut self, row: &SessionProgress) -> Result<()> {
        session::put_session_progress(&mut self.0, row).await
    }

    async fn silent_sessions(&mut self, before: Timestamp, limit: i64) -> Result<Vec<Session>> {
        session::silent_sessions(&mut self.0, before, limit).await
    }

    async fn forget_sessions(&mut self, before: Timestamp) -> Result<i64> {
        session::forget_sessions(&mut self.0, before).await
    }

    async fn queued_messages(
        &mut self,
        session: &SessionId,
        after: i64,
        limit: i64,
    ) -> Result<Vec<QueuedMessage>> {
        session::queued_messages(&mut self.0, session, after, limit).await
    }

    async fn put_queued_message(&mut self, row: &QueuedMessage) -> Result<()> {
        session::put_queued_message(&mut self.0, row).await
    }

    async fn count_queued_messages(&mut self, session: &SessionId) -> Result<i64> {
        session::count_queued_messages(&mut self.0, session).await
    }

    async fn delete_messages_after(
        &mut self,
        session: &SessionId,
        after: i64,
        kind: &str,
    ) -> Result<()> {
        session::delete_messages_after(&mut self.0, session, after, kind).await
    }

    async fn delete_messages_through(&mut self, session: &SessionId, position: i64) -> Result<()> {
        session::delete_messages_through(&mut self.0, session, position).await
    }

    async fn idempotency_record(
        &mut self,
        session: &SessionId,
        number: i64,
    ) -> Result<Option<IdempotencyRecord>> {
        session::idempotency_record(&mut self.0, session, number).await
    }

    async fn put_idempotency_record(&mut self, row: &IdempotencyRecord) -> Result<()> {
        session::put_idempotency_record(&mut self.0, row).await
    }

    async fn delete_idempotency_records(&mut self, session: &SessionId) -> Result<()> {
        session::delete_idempotency_records(&mut self.0, session).await
    }

    async fn file(&mut self, key: &str) -> Result<Option<File>> {
        file::file(&mut self.0, key).await
    }

    async fn put_file(&mut self, row: &File) -> Result<()> {
        file::put_file(&mut self.0, row).await
    }

    async fn delete_file(&mut self, key: &str) -> Result<()> {
        file::delete_file(&mut self.0, key).await
    }

    async fn count_unsent_files(&mut self, session: &SessionId) -> Result<i64> {
        file::count_unsent_files(&mut self.0, session).await
    }

    async fn unsent_files(&mut self, before: Timestamp, limit: i64) -> Result<Vec<File>> {
        file::unsent_files(&mut self.0, before, limit).await
    }

    async fn append_agent_stream_event(&mut self, row: &NewAgentStreamEvent) -> Result<i64> {
        agent_event_stream::append_agent_stream_event(&mut self.0, row).await
    }

    async fn agent_stream_events(
        &mut self,
        after: i64,
        limit: i64,
    ) -> Result<Vec<AgentStreamEvent>> {
        agent_event_stream::agent_stream_events(&mut self.0, after, limit).await
    }

    async fn agent_stream_range(&mut self) -> Result<(i64, i64)> {
        agent_event_stream::agent_stream_range(&mut self.0).await
    }

    async fn trim_agent_stream(&mut self, before: Timestamp) -> Result<()> {
        agent_event_stream::trim_agent_stream(&mut self.0, before).await
    }
}
