//! Annotations of events, and followers of chats.

use std::sync::Arc;

use parlor_wire::id::{AgentId, ChatId, ThreadId, UserId};

use super::state::{State, orphan};
use crate::store::{
    Result,
    row::{EventProperties, Toggle},
};

/// The primary key of a toggle.
pub(super) type ToggleKey = (ThreadId, i64, String, UserId);

fn key(row: &Toggle) -> ToggleKey {
    (
        row.thread_id.clone(),
        row.number,
        row.postback_id.clone(),
        row.user_id.clone(),
    )
}

impl State {
    pub(super) fn toggles(&self, threads: &[ThreadId]) -> Vec<Toggle> {
        let toggles = |thread: &ThreadId| self.toggles_of(thread);
        threads.iter().flat_map(toggles).collect()
    }

    fn toggles_of(&self, thread: &ThreadId) -> Vec<Toggle> {
        let first = (thread.clone(), i64::MIN, String::new(), UserId::from(""));
        let mut rows: Vec<Toggle> = self
            .toggles
            .range(first..)
            .take_while(|((of, ..), _)| of == thread)
            .map(|(_, row)| Toggle::clone(row))
            .collect();
        rows.sort_by(|a, b| {
            let key = |t: &Toggle| (t.number, t.postback_id.clone(), t.created_at);
            key(a).cmp(&key(b)).then(a.user_id.cmp(&b.user_id))
        });
        rows
    }

    pub(super) fn put_toggle(&mut self, row: &Toggle) -> Result<()> {
        if !self
            .events
            .contains_key(&(row.thread_id.clone(), row.number))
        {
            return Err(orphan("toggle.thread_id, toggle.number"));
        }
        self.toggles.insert(key(row), Arc::new(row.clone()));
        Ok(())
    }

    pub(super) fn delete_toggle(&mut self, row: &Toggle) -> bool {
        self.toggles.remove(&key(row)).is_some()
    }

    pub(super) fn event_properties(&self, threads: &[ThreadId]) -> Vec<EventProperties> {
        threads
            .iter()
            .flat_map(|thread| {
                self.event_properties
                    .range((thread.clone(), i64::MIN)..)
                    .take_while(move |((of, _), _)| of == thread)
            })
            .map(|(_, row)| EventProperties::clone(row))
            .collect()
    }

    pub(super) fn put_event_properties(&mut self, row: &EventProperties) -> Result<()> {
        let key = (row.thread_id.clone(), row.number);
        if !self.events.contains_key(&key) {
            return Err(orphan(
                "event_properties.thread_id, event_properties.number",
            ));
        }
        self.event_properties.insert(key, Arc::new(row.clone()));
        Ok(())
    }

    pub(super) fn followed_chats(&self, agent: &AgentId, chats: &[ChatId]) -> Vec<ChatId> {
        let is_followed =
            |chat: &&ChatId| self.followers.contains(&((*chat).clone(), agent.clone()));
        let mut followed: Vec<ChatId> = chats.iter().filter(is_followed).cloned().collect();
        followed.sort();
        followed
    }

    pub(super) fn put_follower(&mut self, chat: &ChatId, agent: &AgentId) -> Result<()> {
        if !self.chats.contains_key(chat) {
            return Err(orphan("follower.chat_id"));
        }
        if !self.agents.contains_key(agent) {
            return Err(orphan("follower.agent_id"));
        }
        self.followers.insert((chat.clone(), agent.clone()));
        Ok(())
    }

    pub(super) fn delete_follower(&mut self, chat: &ChatId, agent: &AgentId) {
        self.followers.remove(&(chat.clone(), agent.clone()));
    }
}
