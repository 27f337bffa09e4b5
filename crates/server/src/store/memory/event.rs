//! The event log.

use std::{collections::BTreeMap, sync::Arc};

use parlor_wire::id::{ChatId, CustomId, ThreadId, UserId};

use super::state::{State, at_most, copy, orphan, taken};
use crate::store::{
    Result,
    row::{Event, EventRange, Visibility},
};

impl State {
    pub(super) fn append_event(&mut self, row: &Event) -> Result<()> {
        if !self.threads.contains_key(&row.thread_id) {
            return Err(orphan("event.thread_id"));
        }
        if !self.chats.contains_key(&row.chat_id) {
            return Err(orphan("event.chat_id"));
        }
        let key = (row.thread_id.clone(), row.number);
        if self.events.contains_key(&key) {
            return Err(taken("event.thread_id, event.number"));
        }
        if let (Some(author), Some(custom_id)) = (&row.author_id, &row.custom_id) {
            let custom = (row.chat_id.clone(), author.clone(), custom_id.clone());
            if self.events_by_custom_id.contains_key(&custom) {
                return Err(taken("event.chat_id, event.author_id, event.custom_id"));
            }
            self.events_by_custom_id.insert(custom, key.clone());
        }
        self.events.insert(key, Arc::new(row.clone()));
        Ok(())
    }

    pub(super) fn event(&self, thread: &ThreadId, number: i64) -> Option<Event> {
        copy(self.events.get(&(thread.clone(), number)))
    }

    pub(super) fn event_by_custom_id(
        &self,
        chat: &ChatId,
        author: &UserId,
        custom_id: &CustomId,
    ) -> Option<Event> {
        let key = (chat.clone(), author.clone(), custom_id.clone());
        copy(self.events.get(self.events_by_custom_id.get(&key)?))
    }

    pub(super) fn private_events_before(&self, thread: &ThreadId, visible: i64) -> i64 {
        self.events
            .range((thread.clone(), i64::MIN)..)
            .take_while(|((of, _), _)| of == thread)
            .map(|(_, row)| row)
            .filter(|row| row.visibility == Visibility::Agents && row.private_events > 0)
            .take_while(|row| row.visible_number() < visible)
            .last()
            .map_or(0, |row| row.private_events)
    }

    pub(super) fn events(&self, thread: &ThreadId, after: i64, limit: i64) -> Vec<Event> {
        self.events
            .range((thread.clone(), after.saturating_add(1))..)
            .take_while(|((of, _), _)| of == thread)
            .take(at_most(limit))
            .map(|(_, row)| Event::clone(row))
            .collect()
    }

    pub(super) fn events_of_threads(&self, threads: &[EventRange], max_bytes: i64) -> Vec<Event> {
        let events = |range: &EventRange| {
            let mut events = self.events(&range.thread_id, range.after, i64::MAX);
            events.retain(|event| event.number <= range.through);
            newest_first(events)
        };
        newest_within(threads.iter().flat_map(events), max_bytes)
    }

    pub(super) fn last_events_per_type(&self, threads: &[ThreadId], max_bytes: i64) -> Vec<Event> {
        let events = |thread: &ThreadId| newest_first(self.last_event_per_type(thread));
        newest_within(threads.iter().flat_map(events), max_bytes)
    }

    fn last_event_per_type(&self, thread: &ThreadId) -> Vec<Event> {
        let last: BTreeMap<&str, &Arc<Event>> = self
            .events
            .range((thread.clone(), i64::MIN)..)
            .take_while(|((of, _), _)| of == thread)
            .map(|(_, row)| (row.kind.as_str(), row))
            .collect();
        let mut rows: Vec<Event> = last.into_values().map(|row| Event::clone(row)).collect();
        rows.sort_by_key(|row| row.number);
        rows
    }
}

fn newest_first(mut events: Vec<Event>) -> Vec<Event> {
    events.reverse();
    events
}

/// As many of the first of these as have bodies of `max_bytes` together, with
/// the one that reaches them; by thread, in order.
fn newest_within(events: impl Iterator<Item = Event>, max_bytes: i64) -> Vec<Event> {
    let mut left = max_bytes;
    let mut within: Vec<Event> = events
        .take_while(|event| {
            let fits = left > 0;
            let bytes = event.body.0.to_string().len();
            left = left.saturating_sub(i64::try_from(bytes).unwrap_or(i64::MAX));
            fits
        })
        .collect();
    within.sort_by(|a, b| (&a.thread_id, a.number).cmp(&(&b.thread_id, b.number)));
    within
}
