//! E-mails that are to be sent. There are few: none of these needs an index.

use std::sync::Arc;

use parlor_wire::id::ThreadId;

use super::state::{State, at_most, copy};
use crate::{
    clock::Timestamp,
    store::row::{MailKind, OutgoingMail},
};

impl State {
    pub(super) fn outgoing_mail(&self, id: &str) -> Option<OutgoingMail> {
        copy(self.outgoing_mail.get(id))
    }

    pub(super) fn put_outgoing_mail(&mut self, row: &OutgoingMail) {
        self.outgoing_mail
            .insert(row.id.clone(), Arc::new(row.clone()));
    }

    fn waiting_mail(&self) -> impl Iterator<Item = (Timestamp, &OutgoingMail)> {
        self.outgoing_mail
            .values()
            .filter_map(|row| Some((row.next_attempt_at?, row.as_ref())))
    }

    pub(super) fn due_mail(&self, now: Timestamp, limit: i64) -> Vec<OutgoingMail> {
        let mut due: Vec<_> = self.waiting_mail().filter(|(at, _)| *at <= now).collect();
        // By id already.
        due.sort_by_key(|(at, _)| *at);
        due.into_iter()
            .take(at_most(limit))
            .map(|(_, row)| row.clone())
            .collect()
    }

    pub(super) fn untried_answer(&self, thread: &ThreadId) -> Option<OutgoingMail> {
        self.waiting_mail()
            .map(|(_, row)| row)
            .filter(|row| row.kind == MailKind::Answer && row.attempts == 0)
            .filter(|row| row.thread_id == *thread)
            .min_by_key(|row| (row.created_at, &row.id))
            .cloned()
    }

    pub(super) fn count_waiting_mail(&self) -> i64 {
        i64::try_from(self.waiting_mail().count()).unwrap_or(i64::MAX)
    }

    pub(super) fn count_mail_to(
        &self,
        recipient_hash: &str,
        kind: MailKind,
        since: Timestamp,
    ) -> i64 {
        let rows = self.outgoing_mail.values().filter(|row| {
            row.recipient_hash == recipient_hash && row.kind == kind && row.created_at >= since
        });
        i64::try_from(rows.count()).unwrap_or(i64::MAX)
    }

    pub(super) fn delete_mail(&mut self, before: Timestamp, limit: i64) {
        let mut old: Vec<_> = self
            .outgoing_mail
            .values()
            .filter(|row| row.created_at < before)
            .map(|row| (row.created_at, row.id.clone()))
            .collect();
        old.sort();
        for (_, id) in old.into_iter().take(at_most(limit)) {
            self.outgoing_mail.remove(&id);
        }
    }
}
