//! The agent event stream.

use std::sync::Arc;

use super::state::{State, at_most};
use crate::{
    clock::Timestamp,
    store::row::{AgentStreamEvent, AgentStreamPage, NewAgentStreamEvent},
};

impl State {
    pub(super) fn append_agent_stream_event(&mut self, row: &NewAgentStreamEvent) {
        let position = self.agent_stream_position.saturating_add(1);
        self.agent_stream_position = position;
        if let Some(chat) = &row.chat_id {
            self.agent_stream_chats.insert(position, chat.clone());
        }
        self.agent_stream_events.insert(
            position,
            Arc::new(AgentStreamEvent {
                position,
                audience: row.audience.clone(),
                action: row.action.clone(),
                payload: row.payload.clone(),
                created_at: row.created_at,
            }),
        );
    }

    pub(super) fn agent_stream_events(&self, after: i64, limit: i64) -> AgentStreamPage {
        let events: Vec<AgentStreamEvent> = self
            .agent_stream_events
            .range(after.saturating_add(1)..)
            .take(at_most(limit))
            .map(|(_, row)| AgentStreamEvent::clone(row))
            .collect();
        AgentStreamPage {
            through: events.last().map_or(after, |row| row.position),
            is_last: events.len() < at_most(limit),
            events,
        }
    }

    pub(super) fn agent_stream_range(&self) -> (i64, i64) {
        let newest = self.agent_stream_position;
        match self.agent_stream_events.get_min() {
            Some((oldest, _)) => (*oldest, newest),
            None if newest == 0 => (0, 0),
            None => (newest.saturating_add(1), newest),
        }
    }

    pub(super) fn trim_agent_stream(&mut self, before: Timestamp, limit: i64) {
        let old: Vec<i64> = self
            .agent_stream_events
            .values()
            .filter(|row| row.created_at < before)
            .take(at_most(limit))
            .map(|row| row.position)
            .collect();
        for position in &old {
            self.agent_stream_events.remove(position);
            self.agent_stream_chats.remove(position);
        }
    }
}
