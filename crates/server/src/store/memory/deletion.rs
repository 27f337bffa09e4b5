//! Deletes conversations and customers, with everything that hangs on them.

use std::{collections::BTreeSet, sync::Arc};

use parlor_wire::id::{AttachedRecordId, ChatId, CustomerId, RecordId, SessionId, ThreadId};

use serde_json::Value;

use super::state::{State, Table, orphan, retain, retain_in};
use crate::{
    private::Private,
    store::{
        Result,
        row::{
            AgentStreamEvent, DeletedThread, EntityKind, Event, File, FileOwner, OutgoingMail,
            RecordOrigin,
        },
    },
};

impl State {
    pub(super) fn delete_thread(&mut self, thread: &ThreadId) -> Result<DeletedThread> {
        let Some(row) = self.thread(thread) else {
            return Ok(DeletedThread::default());
        };
        let quoted = format!("\"{thread}\"");
        self.delete_pushes(&row.chat_id, |push| {
            let payload = push.payload.0.to_string();
            payload.contains(&quoted) || !payload.contains("\"thread")
        });
        let files = self.doom_files(thread);
        self.detach_records(thread);
        delete_where(&mut self.toggles, |it| it.thread_id == *thread);
        delete_where(&mut self.event_properties, |it| it.thread_id == *thread);
        let events = delete_where(&mut self.events, |it| it.thread_id == *thread);
        for event in events {
            if let (Some(author), Some(custom_id)) = (&event.author_id, &event.custom_id) {
                let key = (event.chat_id.clone(), author.clone(), custom_id.clone());
                self.events_by_custom_id.remove(&key);
            }
        }
        self.delete_offline_message(thread);
        delete_where(&mut self.conversions, |it| it.what.thread_id == *thread);
        delete_where(&mut self.outgoing_mail, |it| it.thread_id == *thread);
        self.forget_webhooks(|row| row.thread_id.as_ref() == Some(thread));
        self.delete_archived(thread);
        let sessions = self.sessions.values();
        let sessions = sessions.filter(|it| it.thread_id.as_ref() == Some(thread));
        let sessions: Vec<SessionId> = sessions.map(|it| it.id.clone()).collect();
        for session in &sessions {
            self.delete_session(session);
        }
        self.remove_thread(&row);
        Ok(DeletedThread { files, sessions })
    }

    fn delete_pushes(&mut self, chat: &ChatId, goes: impl Fn(&AgentStreamEvent) -> bool) {
        let of_chat = self.agent_stream_chats.iter().filter(|(_, of)| *of == chat);
        let of_chat = of_chat.filter_map(|(position, _)| self.agent_stream_events.get(position));
        let gone: Vec<i64> = of_chat
            .filter(|push| goes(push))
            .map(|push| push.position)
            .collect();
        for position in &gone {
            self.agent_stream_events.remove(position);
            self.agent_stream_chats.remove(position);
        }
    }

    fn doom_files(&mut self, thread: &ThreadId) -> Vec<String> {
        retain(&mut self.files_sent_again, |(_, of), _| of != thread);
        let of_session = |session: &SessionId| {
            let session = self.sessions.get(session);
            session.is_some_and(|it| it.thread_id.as_ref() == Some(thread))
        };
        let is_of_thread = |file: &File| match (&file.event, &file.owner) {
            (Some((of, _)), _) => of == thread,
            (None, FileOwner::Session(session)) => of_session(session),
            (None, FileOwner::Agent(_)) => false,
        };
        let files = self.files.values().filter(|file| is_of_thread(file));
        let files: Vec<File> = files.map(|file| File::clone(file)).collect();
        let mut keys = Vec::new();
        for mut file in files {
            let sent_again = self.files_sent_again.range((file.key.clone(), "".into())..);
            let again = sent_again
                .take_while(|((key, _), _)| *key == file.key)
                .map(|((_, thread), number)| (thread.clone(), *number))
                .next();
            file.event = again;
            if file.event.is_none() {
                file.doomed = true;
                file.name = Private::default();
                keys.push(file.key.clone());
            }
            self.put_file(&file);
        }
        keys
    }

    pub(super) fn delete_files_of_thread(&mut self, thread: &ThreadId) -> i64 {
        self.doom_files(thread);
        let is_uploaded = |event: &Event| {
            let url = event.body.0.get("url").and_then(Value::as_str);
            event.kind == "file" && url.is_some_and(|url| url.contains("/chat/files/"))
        };
        let events = self.events.values();
        let events = events.filter(|it| it.thread_id == *thread && is_uploaded(it));
        let events: Vec<Event> = events.map(|it| Event::clone(it)).collect();
        let mut changed = 0;
        for mut event in events {
            if let Value::Object(fields) = &mut event.body.0 {
                fields.insert("url".to_owned(), "".into());
                fields.remove("thumbnail_url");
                fields.remove("thumbnail2x_url");
            }
            let key = (event.thread_id.clone(), event.number);
            self.events.insert(key, Arc::new(event));
            changed += 1;
        }
        changed
    }

    fn detach_records(&mut self, thread: &ThreadId) {
        let detached = delete_where(&mut self.attached_records, |it| it.thread_id == *thread);
        let ids: Vec<AttachedRecordId> = detached.iter().map(|it| it.id.clone()).collect();
        for id in &ids {
            self.attached_records_by_id.remove(id);
        }
        let used = self.attached_records.values();
        let used: BTreeSet<RecordId> = used.map(|it| it.record.id.clone()).collect();
        for row in &detached {
            let record = &row.record.id;
            if !used.contains(record) {
                self.records.remove(record);
                retain_in(&mut self.record_keys, |(.., of)| of != record);
            }
        }
    }

    pub(super) fn delete_records_made_in(&mut self, thread: &ThreadId) {
        let attached = self.attached_records.values();
        let made = attached
            .filter(|it| it.thread_id == *thread && it.origin == RecordOrigin::Created)
            .map(|it| it.record.id.clone());
        let made: BTreeSet<RecordId> = made.collect();
        let taken = delete_where(&mut self.attached_records, |it| {
            made.contains(&it.record.id)
        });
        let ids: Vec<AttachedRecordId> = taken.iter().map(|it| it.id.clone()).collect();
        for id in &ids {
            self.attached_records_by_id.remove(id);
        }
        for record in &made {
            self.records.remove(record);
        }
        retain_in(&mut self.record_keys, |(.., of)| !made.contains(of));
    }

    pub(super) fn delete_mail_to(&mut self, recipient_hash: &str) {
        let is_theirs = |it: &OutgoingMail| it.recipient_hash == recipient_hash;
        delete_where(&mut self.outgoing_mail, is_theirs);
    }

    pub(super) fn delete_chat(&mut self, chat: &ChatId) -> Result<()> {
        if !self.threads_of(chat).is_empty() {
            return Err(orphan("thread.chat_id"));
        }
        self.delete_pushes(chat, |_| true);
        retain_in(&mut self.followers, |(of, _)| of != chat);
        self.forget_webhooks(|row| row.chat_id == *chat);
        if let Some(row) = self.chats.remove(chat) {
            self.chats_by_time
                .remove(&(row.last_thread_at, row.id.clone()));
            self.chats_by_customer.remove(&row.customer_id);
        }
        Ok(())
    }

    pub(super) fn delete_customer(&mut self, customer: &CustomerId) -> Result<()> {
        if self.chats_by_customer.contains_key(customer) {
            return Err(orphan("chat.customer_id"));
        }
        retain(&mut self.customers_by_visitor, |_, of| of != customer);
        retain(&mut self.customers_by_identity, |_, of| of != customer);
        self.entity_numbers
            .remove(&(EntityKind::Customer, customer.to_string()));
        self.customers.remove(customer);
        Ok(())
    }
}

/// Deletes the rows for which `goes` is true, and returns them.
fn delete_where<K: Ord + Clone, V>(
    table: &mut Table<K, V>,
    goes: impl Fn(&V) -> bool,
) -> Vec<Arc<V>> {
    let gone = table.iter().filter(|(_, row)| goes(row));
    let gone: Vec<K> = gone.map(|(key, _)| key.clone()).collect();
    gone.iter().filter_map(|key| table.remove(key)).collect()
}
