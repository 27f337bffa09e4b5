//! Webhooks that are to be sent, and the numbers by which they name people and companies. Most
//! of these look through all rows: simulations have few.

use std::{collections::BTreeSet, sync::Arc};

use parlor_wire::id::ChatId;

use super::state::{State, at_most, copy, taken};
use crate::{
    clock::Timestamp,
    private::Private,
    store::{
        Result,
        row::{
            DueWebhook, EntityKind, NewWebhookDelivery, WebhookCounts, WebhookDelivery,
            WebhookQuery,
        },
    },
};

impl State {
    pub(super) fn add_webhook(&mut self, row: &NewWebhookDelivery) -> Result<()> {
        if self.webhooks_by_id.contains_key(&row.id) {
            return Err(taken("webhook_delivery.id"));
        }
        self.webhook_position += 1;
        let position = self.webhook_position;
        self.webhooks_by_id.insert(row.id.clone(), position);
        let none = || ChatId::from("");
        let row = WebhookDelivery {
            position,
            id: row.id.clone(),
            hook: row.hook.clone(),
            event: row.event.clone(),
            chat_id: row.chat_id.clone().unwrap_or_else(none),
            thread_id: row.thread_id.clone(),
            body: row.body.clone(),
            created_at: row.created_at,
            expires_at: row.expires_at,
            next_attempt_at: Some(row.created_at),
            attempts: 0,
            delivered_at: None,
            given_up_at: None,
            last_problem: None,
        };
        self.webhooks.insert(position, Arc::new(row));
        Ok(())
    }

    pub(super) fn webhook(&self, id: &str) -> Option<WebhookDelivery> {
        copy(self.webhooks.get(self.webhooks_by_id.get(id)?))
    }

    pub(super) fn update_webhook(&mut self, row: &WebhookDelivery) {
        let Some(known) = self.webhook(&row.id) else {
            return;
        };
        let changed = WebhookDelivery {
            body: row.body.clone(),
            expires_at: row.expires_at,
            next_attempt_at: row.next_attempt_at,
            attempts: row.attempts,
            delivered_at: row.delivered_at,
            given_up_at: row.given_up_at,
            last_problem: row.last_problem.clone(),
            ..known
        };
        self.webhooks.insert(changed.position, Arc::new(changed));
    }

    fn webhooks_of(&self, hook: &str) -> impl Iterator<Item = &WebhookDelivery> {
        let rows = self.webhooks.values().map(AsRef::as_ref);
        rows.filter(move |row: &&WebhookDelivery| row.hook == hook)
    }

    pub(super) fn due_webhooks(&self, hook: &str, now: Timestamp, limit: i64) -> Vec<DueWebhook> {
        let mut chats = BTreeSet::new();
        let mut due: Vec<(Timestamp, &WebhookDelivery)> = self
            .webhooks_of(hook)
            .filter_map(|row| Some((row.next_attempt_at?, row)))
            .filter(|(_, row)| chats.insert(&row.chat_id))
            .filter(|(at, _)| *at <= now)
            .collect();
        // By position already.
        due.sort_by_key(|(at, _)| *at);
        let named = due.into_iter().map(|(_, row)| DueWebhook {
            id: row.id.clone(),
            chat_id: row.chat_id.clone(),
        });
        named.take(at_most(limit)).collect()
    }

    pub(super) fn webhooks(&self, query: &WebhookQuery) -> Vec<WebhookDelivery> {
        self.webhooks
            .values()
            .rev()
            .filter(|row| query.hook.as_ref().is_none_or(|hook| row.hook == *hook))
            .filter(|row| {
                !query.is_given_up || (row.given_up_at.is_some() && !row.body.0.is_empty())
            })
            .take(at_most(query.limit))
            .map(|row| WebhookDelivery::clone(row))
            .collect()
    }

    pub(super) fn count_webhooks(&self, hook: &str) -> WebhookCounts {
        let mut counts = WebhookCounts::default();
        for row in self.webhooks_of(hook) {
            counts.waiting += i64::from(row.next_attempt_at.is_some());
            counts.delivered += i64::from(row.delivered_at.is_some());
            counts.given_up += i64::from(row.given_up_at.is_some());
        }
        counts
    }

    pub(super) fn give_up_webhooks(
        &mut self,
        hook: &str,
        problem: &str,
        now: Timestamp,
        limit: i64,
    ) {
        let waiting = self.webhooks_of(hook);
        let oldest: Vec<WebhookDelivery> = waiting
            .filter(|row| row.next_attempt_at.is_some())
            .take(at_most(limit))
            .cloned()
            .collect();
        for row in oldest {
            self.update_webhook(&WebhookDelivery {
                body: Private::default(),
                next_attempt_at: None,
                given_up_at: Some(now),
                last_problem: Some(problem.to_owned()),
                ..row
            });
        }
    }

    pub(super) fn delete_webhooks(&mut self, before: Timestamp, limit: i64) {
        let rows = self.webhooks.values();
        let mut old: Vec<(Timestamp, i64)> = rows
            .filter(|row| row.expires_at < before)
            .map(|row| (row.expires_at, row.position))
            .collect();
        old.sort_unstable();
        old.truncate(at_most(limit));
        self.remove_webhooks(old.into_iter().map(|(_, position)| position).collect());
    }

    pub(super) fn trim_webhooks(&mut self, hook: &str, keep: i64, limit: i64) {
        let done = self.webhooks_of(hook);
        let mut done: Vec<i64> = done
            .filter(|row| row.next_attempt_at.is_none())
            .map(|row| row.position)
            .collect();
        done.truncate(done.len().saturating_sub(at_most(keep)));
        done.reverse();
        done.truncate(at_most(limit));
        self.remove_webhooks(done);
    }

    pub(super) fn forget_webhooks(&mut self, goes: impl Fn(&WebhookDelivery) -> bool) {
        let rows = self.webhooks.values().filter(|row| goes(row));
        let gone = rows.map(|row| row.position).collect();
        self.remove_webhooks(gone);
    }

    fn remove_webhooks(&mut self, positions: Vec<i64>) {
        for position in positions {
            if let Some(row) = self.webhooks.remove(&position) {
                self.webhooks_by_id.remove(&row.id);
            }
        }
    }

    pub(super) fn entity_number(&mut self, kind: EntityKind, entity: &str) -> i64 {
        let key = (kind, entity.to_owned());
        if let Some(number) = self.entity_numbers.get(&key) {
            return *number;
        }
        self.entity_number += 1;
        self.entity_numbers.insert(key, self.entity_number);
        self.entity_number
    }
}
