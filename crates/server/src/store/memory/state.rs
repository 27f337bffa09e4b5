//! The tables and their indices. Each index is maintained by the methods that
//! write its table.

use std::sync::Arc;

use imbl::{OrdMap, OrdSet};
use parlor_wire::id::{
    AgentId, AttachedRecordId, ButtonId, ChatId, CustomId, CustomerId, DeploymentId, RecordId,
    SessionId, ThreadId, UserId,
};

use super::{annotations::ToggleKey, archive::Archived, record::RecordKey};
use crate::{
    clock::Timestamp,
    store::{
        StoreError,
        row::{
            Agent, AgentStreamEvent, AttachedRecord, Button, Chat, Conversion, Customer,
            Deployment, EntityKind, Erasure, Event, EventProperties, File, Group,
            IdempotencyRecord, OfflineMessage, Organization, OutgoingMail, QueueKey, QueuedMessage,
            Record, Session, Thread, Toggle, Token, WebhookDelivery,
        },
    },
};

pub(super) type Table<K, V> = OrdMap<K, Arc<V>>;

#[derive(Clone, Default)]
pub(super) struct State {
    pub(super) organization: Option<Arc<Organization>>,
    pub(super) deployments: Table<DeploymentId, Deployment>,
    pub(super) buttons: Table<ButtonId, Button>,
    pub(super) groups: Table<i64, Group>,

    pub(super) agents: Table<AgentId, Agent>,
    pub(super) agents_by_email: OrdMap<String, AgentId>,
    pub(super) tokens: Table<String, Token>,
    pub(super) customers: Table<CustomerId, Customer>,
    pub(super) customers_by_visitor: OrdMap<String, CustomerId>,
    pub(super) customers_by_identity: OrdMap<String, CustomerId>,

    pub(super) erasures: Table<CustomerId, Erasure>,

    pub(super) chats: Table<ChatId, Chat>,
    pub(super) chats_by_time: OrdSet<(Timestamp, ChatId)>,
    pub(super) chats_by_customer: OrdMap<CustomerId, ChatId>,
    pub(super) threads: Table<ThreadId, Thread>,
    pub(super) threads_by_time: OrdSet<(Timestamp, ThreadId)>,
    pub(super) threads_by_chat: OrdSet<(ChatId, Timestamp, ThreadId)>,
    pub(super) threads_open: OrdMap<ChatId, ThreadId>,
    pub(super) threads_waiting: OrdSet<(QueueKey, Timestamp, ThreadId)>,

    pub(super) offline_messages: Table<ThreadId, OfflineMessage>,
    pub(super) offline_messages_by_custom_id: OrdMap<CustomId, ThreadId>,
    pub(super) offline_messages_open: OrdSet<(Timestamp, ThreadId)>,

    pub(super) conversions: Table<(ThreadId, i64), Conversion>,
    /// The newest number given.
    pub(super) conversion_number: i64,

    pub(super) archive: Table<i64, Archived>,
    pub(super) archive_numbers: OrdMap<ThreadId, i64>,
    /// The newest number given.
    pub(super) archive_number: i64,

    pub(super) outgoing_mail: Table<String, OutgoingMail>,

    /// By position.
    pub(super) webhooks: Table<i64, WebhookDelivery>,
    pub(super) webhooks_by_id: OrdMap<String, i64>,
    /// The newest position given.
    pub(super) webhook_position: i64,
    /// The newest number given.
    pub(super) entity_number: i64,
    pub(super) entity_numbers: OrdMap<(EntityKind, String), i64>,

    pub(super) records: Table<RecordId, Record>,
    pub(super) record_keys: OrdSet<RecordKey>,
    pub(super) attached_records: Table<(ThreadId, i64), AttachedRecord>,
    pub(super) attached_records_by_id: OrdMap<AttachedRecordId, (ThreadId, i64)>,

    pub(super) events: Table<(ThreadId, i64), Event>,
    pub(super) events_by_custom_id: OrdMap<(ChatId, UserId, CustomId), (ThreadId, i64)>,
    pub(super) toggles: Table<ToggleKey, Toggle>,
    pub(super) event_properties: Table<(ThreadId, i64), EventProperties>,
    pub(super) followers: OrdSet<(ChatId, AgentId)>,

    pub(super) sessions: Table<SessionId, Session>,
    pub(super) sessions_by_key: OrdMap<String, SessionId>,
    pub(super) sessions_open_by_thread: OrdSet<(ThreadId, Timestamp, SessionId)>,
    pub(super) sessions_open: OrdSet<(Timestamp, SessionId)>,
    pub(super) sessions_closed: OrdSet<(Timestamp, SessionId)>,
    pub(super) queued_messages: Table<(SessionId, i64), QueuedMessage>,
    pub(super) idempotency_records: Table<(SessionId, i64), IdempotencyRecord>,

    pub(super) files: Table<String, File>,
    pub(super) files_unsent: OrdSet<(Timestamp, String)>,
    /// With the number of the event.
    pub(super) files_sent_again: OrdMap<(String, ThreadId), i64>,

    pub(super) agent_stream_events: Table<i64, AgentStreamEvent>,
    /// Of which chat a push tells.
    pub(super) agent_stream_chats: OrdMap<i64, ChatId>,
    /// The newest position given.
    pub(super) agent_stream_position: i64,
}

/// A copy of a row, if there is one.
pub(super) fn copy<V: Clone>(row: Option<&Arc<V>>) -> Option<V> {
    row.map(|row| V::clone(row))
}

/// A row limit for `Iterator::take`.
pub(super) fn at_most(limit: i64) -> usize {
    usize::try_from(limit).unwrap_or(0)
}

/// Keeps the entries of a map for which `stays` is true.
pub(super) fn retain<K: Ord + Clone, V: Clone>(
    map: &mut OrdMap<K, V>,
    stays: impl Fn(&K, &V) -> bool,
) {
    let gone = map.iter().filter(|(key, value)| !stays(key, value));
    let gone: Vec<K> = gone.map(|(key, _)| key.clone()).collect();
    for key in &gone {
        map.remove(key);
    }
}

/// Keeps the entries of a set for which `stays` is true.
pub(super) fn retain_in<T: Ord + Clone>(set: &mut OrdSet<T>, stays: impl Fn(&T) -> bool) {
    let gone: Vec<T> = set.iter().filter(|it| !stays(it)).cloned().collect();
    for entry in &gone {
        set.remove(entry);
    }
}

/// The error of a violated unique key.
pub(super) fn taken(key: &str) -> StoreError {
    StoreError::Database(format!("UNIQUE constraint failed: {key}"))
}

/// The error of a violated foreign key.
pub(super) fn orphan(reference: &str) -> StoreError {
    StoreError::Database(format!("FOREIGN KEY constraint failed: {reference}"))
}
