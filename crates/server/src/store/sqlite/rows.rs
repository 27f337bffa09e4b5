//! The rows that a transaction has read or written, so that it reads none of
//! them twice. A use case is made of parts, several of which need the session or
//! its thread.
//!
//! What must stay true: a row in here is what the table has in this transaction.
//! Nobody else can change it: a unit of work is alone, and a reader has a
//! snapshot. (One without a snapshot asks for no row twice.)

use std::collections::BTreeMap;

use parlor_wire::id::{ChatId, DeploymentId, SessionId, ThreadId};

use crate::store::row::{Chat, Deployment, Event, Session, Thread};

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Rows {
    sessions: BTreeMap<SessionId, Session>,
    threads: BTreeMap<ThreadId, Thread>,
    chats: BTreeMap<ChatId, Chat>,
    deployments: BTreeMap<DeploymentId, Deployment>,
    /// The newest event that was written: its author is told of it.
    event: Option<Event>,
}

impl Rows {
    pub(super) fn session(&self, id: &SessionId) -> Option<&Session> {
        self.sessions.get(id)
    }

    pub(super) fn session_by_key(&self, key_hash: &str) -> Option<&Session> {
        let mut sessions = self.sessions.values();
        sessions.find(|session| session.key_hash == key_hash)
    }

    /// Returns the row that it was, if it is known.
    pub(super) fn keep_session(&mut self, row: &Session) -> Option<Session> {
        self.sessions.insert(row.id.clone(), row.clone())
    }

    /// The rows of sessions have changed otherwise.
    pub(super) fn forget_sessions(&mut self) {
        self.sessions.clear();
    }

    pub(super) fn thread(&self, id: &ThreadId) -> Option<&Thread> {
        self.threads.get(id)
    }

    /// Returns the row that it was, if it is known.
    pub(super) fn keep_thread(&mut self, row: &Thread) -> Option<Thread> {
        self.threads.insert(row.id.clone(), row.clone())
    }

    pub(super) fn chat(&self, id: &ChatId) -> Option<&Chat> {
        self.chats.get(id)
    }

    pub(super) fn keep_chat(&mut self, row: &Chat) {
        self.chats.insert(row.id.clone(), row.clone());
    }

    pub(super) fn deployment(&self, id: &DeploymentId) -> Option<&Deployment> {
        self.deployments.get(id)
    }

    pub(super) fn keep_deployment(&mut self, row: &Deployment) {
        self.deployments.insert(row.id.clone(), row.clone());
    }

    pub(super) fn event(&self, thread: &ThreadId, number: i64) -> Option<&Event> {
        let event = self.event.as_ref();
        event.filter(|event| event.thread_id == *thread && event.number == number)
    }

    pub(super) fn keep_event(&mut self, row: &Event) {
        self.event = Some(row.clone());
    }
}
