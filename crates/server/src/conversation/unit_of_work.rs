//! A unit of work: a transaction, and the polls and sockets to wake after it.
//!
//! What must stay true: nobody is woken before the commit is on disk, and
//! everybody is once it is.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, atomic::Ordering},
};

use parlor_wire::{
    CustomId, CustomerId, SessionId, ThreadId, UserId,
    agent::{IncomingEvent, PushBody},
    event::{Event as WireEvent, EventBody, SystemMessage},
    visitor::{Message, SensitiveDataRule},
};
use serde_json::Value;

use super::{Result, archive, file};
use crate::{
    agent_frames::VolatileFrame,
    app::App,
    clock::Timestamp,
    delivery::{self, VolatileMessage},
    presenter::{self, Annotations, agent::Push},
    redaction::Redactor,
    store::{
        StoreError, Tx,
        row::{
            Agent, Audience, DeploymentSettings, Event, NewAgentStreamEvent, QueueKey, Session,
            Thread, ThreadStatus, Visibility,
        },
    },
    webhooks::{self, Before},
};

/// See the module. Dropped without [`UnitOfWork::commit`], nothing happened.
pub(crate) struct UnitOfWork<'a> {
    pub(crate) app: &'a App,
    pub(crate) tx: Box<dyn Tx>,
    pub(crate) now: Timestamp,
    /// Greater than that of every unit of work before it.
    order: u64,
    /// Threads of which the archive has to be written.
    archived: BTreeSet<ThreadId>,
    /// The threads that were written, and how they were before, for webhooks.
    threads_before: BTreeMap<ThreadId, Before>,
    after_commit: AfterCommit,
}

/// What follows from the unit of work once it is committed.
#[derive(Debug, Default)]
struct AfterCommit {
    /// Sessions whose row was written.
    written: BTreeMap<SessionId, Session>,
    /// Sessions whose acknowledged messages were deleted up to a position.
    deleted: BTreeMap<SessionId, i64>,
    /// Messages that are not stored, and kinds of those that they replace.
    volatile: Vec<(SessionId, Option<VolatileMessage>, Vec<&'static str>)>,
    /// Sessions whose polls are woken.
    woken: BTreeSet<SessionId>,
    /// Sessions that were closed: their poll slots are removed.
    closed: BTreeSet<SessionId>,
    /// Sessions that were deleted.
    deleted_sessions: BTreeSet<SessionId>,
    /// Whether the bytes of files are to be deleted.
    has_doomed_files: bool,
    /// Queues in which places have changed.
    queues_changed: BTreeSet<QueueKey>,
    /// Customers in whose conversations is something new for them.
    customers_changed: BTreeSet<CustomerId>,
    /// Whether something was appended to the agent event stream.
    has_pushed: bool,
    /// Whether a webhook was added.
    has_webhooks: bool,
    /// Pushes to the sockets that are connected now.
    volatile_pushes: Vec<VolatileFrame>,
}

impl AfterCommit {
    fn run(self, app: &App, order: u64) {
        let now = app.clock.now();
        for row in self.written.into_values() {
            app.sessions.written(row, order, now);
        }
        for session in &self.deleted_sessions {
            app.sessions.remove(session);
        }
        for (session, position) in &self.deleted {
            app.sessions.deleted(session, *position);
        }
        for (session, message, replaces) in self.volatile {
            app.sessions.send_volatile(&session, message, &replaces);
        }
        for session in &self.woken {
            app.polls.wake(session);
        }
        for session in self.closed.iter().chain(&self.deleted_sessions) {
            app.polls.forget(session);
        }
        if self.has_doomed_files {
            file::delete_doomed_soon(app);
        }
        for customer in &self.customers_changed {
            app.history_watches.changed(customer);
        }
        for queue in self.queues_changed {
            app.queue_updates.changed(queue);
        }
        if self.has_pushed {
            app.agent_stream_changed.send_replace(());
        }
        if self.has_webhooks {
            app.webhooks.changed.send_replace(());
        }
        for push in self.volatile_pushes {
            app.agent_frames.send_volatile(push);
        }
    }
}

impl<'a> UnitOfWork<'a> {
    /// Begins a write transaction. Waits for the one before it.
    pub(crate) async fn begin(app: &'a App) -> Result<UnitOfWork<'a>> {
        Ok(Self::new(app, app.store.begin().await?))
    }

    /// Reads only, from a snapshot, and does not wait for writers.
    pub(crate) async fn begin_read(app: &'a App) -> Result<UnitOfWork<'a>> {
        Ok(Self::new(app, app.store.read().await?))
    }

    fn new(app: &'a App, tx: Box<dyn Tx>) -> Self {
        Self {
            app,
            tx,
            now: app.clock.now(),
            order: app.units_begun.fetch_add(1, Ordering::Relaxed) + 1,
            archived: BTreeSet::new(),
            threads_before: BTreeMap::new(),
            after_commit: AfterCommit::default(),
        }
    }

    /// Commits, then wakes polls and sockets. Both happen in a task of its own:
    /// a caller that is dropped meanwhile, because a client hung up, stops
    /// neither.
    pub(crate) async fn commit(mut self) -> Result<()> {
        for (thread, before) in std::mem::take(&mut self.threads_before) {
            webhooks::outbox::thread_written(&mut self, &thread, before).await?;
        }
        let app = self.app.shared()?;
        let (mut tx, order, after_commit) = (self.tx, self.order, self.after_commit);
        let (archived, now) = (self.archived, self.now);
        let tasks = app.tasks.clone();
        let done = tasks.spawn(async move {
            for thread in &archived {
                archive::put(tx.as_mut(), thread, now).await?;
            }
            tx.commit().await?;
            after_commit.run(&app, order);
            Ok(())
        });
        match done.await {
            Ok(result) => result,
            Err(error) => {
                Err(StoreError::Database(format!("a commit ended early: {error}")).into())
            }
        }
    }

    /// Writes the row of a thread. What the archive has of one that is over is written
    /// with the commit, unless only what somebody has seen is different.
    pub(crate) async fn put_thread(&mut self, thread: &Thread) -> Result<()> {
        let is_over = thread.status == ThreadStatus::Ended;
        let mut hooks = self.app.config.webhooks.iter();
        let is_first = hooks.any(|hook| hook.wants_chat_sessions())
            && !self.threads_before.contains_key(&thread.id);
        if is_over || is_first {
            let before = self.tx.thread(&thread.id).await?;
            if is_first {
                let before = Before::of(before.as_ref());
                self.threads_before.insert(thread.id.clone(), before);
            }
            if is_over && before.is_none_or(|before| !differs_in_seen(&before, thread)) {
                self.archive_changed(&thread.id);
            }
        }
        Ok(self.tx.put_thread(thread).await?)
    }

    /// Something about a conversation has changed which its row does not say, and which
    /// the archive has. One that is not over is left out.
    pub(crate) fn archive_changed(&mut self, thread: &ThreadId) {
        self.archived.insert(thread.clone());
    }

    /// Deletes the rows of a thread ([`Tx::delete_thread`]). After the commit, polls of its
    /// sessions find that these are gone, and the bytes of its files are deleted. Returns how
    /// many files.
    pub(super) async fn delete_thread(&mut self, thread: &Thread) -> Result<usize> {
        let deleted = self.tx.delete_thread(&thread.id).await?;
        let after = &mut self.after_commit;
        after.has_doomed_files |= !deleted.files.is_empty();
        after.woken.extend(deleted.sessions.iter().cloned());
        after.deleted_sessions.extend(deleted.sessions);
        Ok(deleted.files.len())
    }

    /// Deletes the files of a thread after the commit; their events stay, without addresses.
    /// Returns how many.
    pub(super) async fn delete_files(&mut self, thread: &Thread) -> Result<usize> {
        let changed = self.tx.delete_files_of_thread(&thread.id).await?;
        self.after_commit.has_doomed_files = true;
        Ok(usize::try_from(changed).unwrap_or(0))
    }

    /// Writes the row of a session.
    pub(crate) async fn put_session(&mut self, session: &Session) -> Result<()> {
        self.tx.put_session(session).await?;
        self.after_commit
            .written
            .insert(session.id.clone(), session.clone());
        Ok(())
    }

    /// Queues a message for one session. Messages of the kinds in `replaces`
    /// that were not served yet are removed: this one makes them outdated.
    pub(crate) async fn send_to_session(
        &mut self,
        session: &mut Session,
        message: &Message,
        replaces: &[&'static str],
    ) -> Result<()> {
        let body = message.body().map_err(encode)?;
        let live = &self.app.sessions;
        let deleted = live.deletable(&session.id);
        let (tx, kind) = (self.tx.as_mut(), message.kind());
        delivery::enqueue(tx, live, session, kind, body, replaces).await?;
        self.put_session(session).await?;
        let id = session.id.clone();
        self.after_commit
            .deleted
            .extend(deleted.map(|position| (id.clone(), position)));
        if !replaces.is_empty() {
            let volatile = (id.clone(), None, replaces.to_vec());
            self.after_commit.volatile.push(volatile);
        }
        self.after_commit.woken.insert(id);
        Ok(())
    }

    /// Sends a message to every open session of a thread that this process
    /// serves, without storing it: whoever misses it needs it no more. Messages
    /// of the kinds in `replaces` that are not stored and were not served yet are
    /// removed.
    pub(crate) async fn send_volatile_to_visitor(
        &mut self,
        thread: &Thread,
        message: &Message,
        replaces: &[&'static str],
    ) -> Result<()> {
        for session in self.tx.sessions_of(&thread.id).await? {
            let volatile = VolatileMessage {
                kind: message.kind().to_owned(),
                body: message.body().map_err(encode)?,
            };
            let volatile = (session.id.clone(), Some(volatile), replaces.to_vec());
            self.after_commit.volatile.push(volatile);
            self.after_commit.woken.insert(session.id);
        }
        Ok(())
    }

    /// Queues a message for every open session of a thread.
    pub(crate) async fn send_to_visitor(
        &mut self,
        thread: &Thread,
        message: &Message,
        replaces: &[&'static str],
    ) -> Result<()> {
        for mut session in self.tx.sessions_of(&thread.id).await? {
            self.send_to_session(&mut session, message, replaces)
                .await?;
        }
        Ok(())
    }

    /// Closes a session. What is in its queue can still be polled.
    pub(crate) async fn close_session(&mut self, session: &mut Session) -> Result<()> {
        session.closed_at = Some(self.now);
        self.put_session(session).await?;
        self.after_commit.woken.insert(session.id.clone());
        self.after_commit.closed.insert(session.id.clone());
        Ok(())
    }

    /// Pushes to the sockets that are connected when this is committed. It is not
    /// stored, so that nobody catches up on it.
    pub(crate) fn push_volatile(&mut self, audience: Audience, body: &PushBody) -> Result<()> {
        let frame = self.app.agent_frames.volatile_frame(audience, body)?;
        self.after_commit.volatile_pushes.extend(frame);
        Ok(())
    }

    /// Somebody has left the queue, or was put into it in front of others:
    /// those behind are told of their new places after the commit.
    pub(super) fn queue_changed(&mut self, queue: QueueKey) {
        self.after_commit.queues_changed.insert(queue);
    }

    /// There is something new for the visitor of a thread: devices on which they have no
    /// conversation, and that wait for one, are told after the commit.
    pub(super) fn history_changed(&mut self, thread: &Thread) {
        // The first of a thread is the customer.
        if let Some(customer) = thread.user_ids.first() {
            let customer = CustomerId::from(customer.as_ref());
            self.after_commit.customers_changed.insert(customer);
        }
    }

    /// Appends a push to the agent event stream.
    pub(crate) async fn push(&mut self, audience: Audience, body: &PushBody) -> Result<()> {
        let push = Push::new(body)?;
        self.tx
            .append_agent_stream_event(&NewAgentStreamEvent {
                audience,
                chat_id: push.chat_id,
                action: push.action,
                payload: push.payload,
                created_at: self.now,
            })
            .await?;
        self.after_commit.has_pushed = true;
        webhooks::outbox::pushed(self, body).await
    }

    /// A webhook was added, which is sent after the commit.
    pub(crate) fn webhook_added(&mut self) {
        self.after_commit.has_webhooks = true;
    }

    /// Writes an event to the log and pushes it to agents. When the author has
    /// used the `custom_id` in this chat before, nothing is written, and the
    /// first event is returned.
    pub(crate) async fn append_event(
        &mut self,
        thread: &mut Thread,
        new: NewEvent,
    ) -> Result<Appended> {
        if let (Some(author), Some(custom_id)) = (&new.author_id, &new.custom_id) {
            let known = self
                .tx
                .event_by_custom_id(&thread.chat_id, author, custom_id)
                .await?;
            if let Some(event) = known {
                return Ok(Appended {
                    event,
                    is_new: false,
                });
            }
        }
        Ok(Appended {
            event: self.append_new_event(thread, new).await?,
            is_new: true,
        })
    }

    /// The same for an event whose `custom_id` its author has not used in this
    /// chat, as the caller knows.
    pub(crate) async fn append_new_event(
        &mut self,
        thread: &mut Thread,
        new: NewEvent,
    ) -> Result<Event> {
        let mut fields = WireEvent::new(new.body).to_fields().map_err(encode)?;
        let kind = match fields.remove("type") {
            Some(Value::String(kind)) => kind,
            _ => String::new(),
        };
        for column in ["id", "custom_id", "created_at", "author_id", "visibility"] {
            fields.remove(column);
        }
        if let Some(properties) = new.properties {
            fields.insert("properties".to_owned(), properties);
        }
        let is_answer = webhooks::is_answer(&kind, fields.get("form_id"));
        thread.last_event += 1;
        if new.visibility == Visibility::Agents {
            thread.private_events += 1;
        }
        if let Some(author) = &new.author_id {
            // The first of a thread is the customer.
            let is_customer = thread.user_ids.first() == Some(author);
            let details = &mut thread.details.0;
            let wrote_at = match is_customer {
                true => &mut details.customer_wrote_at,
                false => &mut details.agent_wrote_at,
            };
            *wrote_at = Some(self.now);
            let lifecycle = &mut details.lifecycle;
            if is_customer && lifecycle.begun_by.is_some() && is_answer {
                lifecycle.answered_at.get_or_insert(self.now);
            }
        }
        let event = Event {
            thread_id: thread.id.clone(),
            number: thread.last_event,
            private_events: thread.private_events,
            chat_id: thread.chat_id.clone(),
            author_id: new.author_id,
            custom_id: new.custom_id,
            kind,
            visibility: new.visibility,
            created_at: self.now,
            body: Value::Object(fields).into(),
        };
        if new.visibility == Visibility::All {
            self.history_changed(thread);
            if event.author_id.is_some() {
                thread.details.0.lifecycle.last_message = Some(presenter::event_id(&event));
            }
        }
        // The thread is saved first: events refer to it.
        self.put_thread(thread).await?;
        self.tx.append_event(&event).await?;
        self.push(
            thread.audience(),
            &PushBody::IncomingEvent(Box::new(IncomingEvent {
                chat_id: thread.chat_id.clone(),
                thread_id: thread.id.clone(),
                event: presenter::event(&event, &Annotations::default())?,
            })),
        )
        .await?;
        Ok(event)
    }

    /// Writes a system message of the server. `text` is English; clients
    /// translate it by `kind` and `vars` (`docs/PROTOCOL.md`, 5).
    pub(crate) async fn append_system_message(
        &mut self,
        thread: &mut Thread,
        kind: &str,
        text: String,
        vars: &[(&str, &str)],
        visibility: Visibility,
    ) -> Result<Event> {
        let text_vars = vars
            .iter()
            .map(|(key, value)| ((*key).to_owned(), Value::String((*value).to_owned())))
            .collect();
        let body = EventBody::SystemMessage(SystemMessage {
            system_message_type: kind.to_owned(),
            text: Some(text),
            text_vars: Some(text_vars),
        });
        let new = NewEvent {
            visibility,
            ..NewEvent::new(None, body)
        };
        Ok(self.append_event(thread, new).await?.event)
    }

    /// The agent who answers in the thread now.
    pub(crate) async fn agent_of(&mut self, thread: &Thread) -> Result<Option<Agent>> {
        match &thread.agent_id {
            Some(id) => Ok(self.tx.agent(id).await?),
            None => Ok(None),
        }
    }

    /// The settings of the thread's deployment; defaults for a thread without
    /// one.
    pub(crate) async fn settings_of(&mut self, thread: &Thread) -> Result<DeploymentSettings> {
        let deployment = match &thread.deployment_id {
            Some(id) => self.tx.deployment(id).await?,
            None => None,
        };
        Ok(deployment.map(|d| d.settings).unwrap_or_default())
    }

    /// The redaction rules of the session's deployment.
    pub(crate) async fn redactor(&mut self, session: &Session) -> Result<Arc<Redactor>> {
        let thread = match &session.thread_id {
            Some(id) => self.tx.thread(id).await?,
            None => None,
        };
        let rules = match &thread {
            Some(thread) => self.settings_of(thread).await?.sensitive_data_rules,
            None => Vec::new(),
        };
        self.redactor_for(&rules)
    }

    pub(crate) fn redactor_for(&self, rules: &[SensitiveDataRule]) -> Result<Arc<Redactor>> {
        // The settings file is refused when its rules do not compile.
        let compiled =
            self.app
                .redactors
                .for_rules(rules)
                .map_err(|(_, reason)| StoreError::Corrupt {
                    table: "deployment",
                    reason,
                })?;
        Ok(compiled)
    }
}

/// Whether two versions of a thread differ in nothing but in what somebody has seen.
fn differs_in_seen(before: &Thread, after: &Thread) -> bool {
    let unseen = |thread: &Thread| Thread {
        seen_up_to: BTreeMap::new(),
        told_seen_up_to: None,
        ..thread.clone()
    };
    unseen(before) == unseen(after)
}

/// An event to be written.
#[derive(Debug)]
pub(crate) struct NewEvent {
    pub(crate) author_id: Option<UserId>,
    pub(crate) custom_id: Option<CustomId>,
    pub(crate) visibility: Visibility,
    pub(crate) properties: Option<Value>,
    pub(crate) body: EventBody,
}

impl NewEvent {
    pub(crate) fn new(author_id: Option<UserId>, body: EventBody) -> Self {
        Self {
            author_id,
            custom_id: None,
            visibility: Visibility::All,
            properties: None,
            body,
        }
    }
}

/// The event, and whether it is new or a repeat.
#[derive(Debug)]
pub(crate) struct Appended {
    pub(crate) event: Event,
    pub(crate) is_new: bool,
}

fn encode(error: serde_json::Error) -> StoreError {
    StoreError::Corrupt {
        table: "message",
        reason: error.to_string(),
    }
}
