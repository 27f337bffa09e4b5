//! What agents are sent: chats, threads, users and pushes in the types of the
//! Agent Chat API.

use std::collections::BTreeMap;

use parlor_wire::{
    ChatId, Loose, Record as WireRecord, RecordField, RecordId, RecordLink,
    RecordOrigin as WireOrigin,
    agent::{AgentGroupsUpdated, PushBody},
    chat::{
        Access, Chat as WireChat, ChatSummary, LastEvent, Offer, Queue, Thread as WireThread,
        ThreadSummary,
    },
    event::{Event as WireEvent, Properties},
    user::{
        Agent as WireAgent, Customer as WireCustomer, Geolocation, MyProfile,
        RoutingStatus as WireStatus, Statistics, User, UserKind, Visit, VisitedPage,
    },
};
use serde_json::Value;

use super::{AnnotatedEvents, readable_event};
use crate::{
    answer_size::{excess, json_bytes},
    clock::Timestamp,
    store::{
        StoreError,
        row::{
            Agent, AttachedRecord, Chat, Customer, Location, RecordOrigin, RoutingStatus, Thread,
            ThreadDetails, ThreadStatus,
        },
    },
};

/// A push to agents: action and payload.
#[derive(Debug, Clone)]
pub(crate) struct Push {
    /// The one chat of which it tells, if it does.
    pub(crate) chat_id: Option<ChatId>,
    pub(crate) action: String,
    pub(crate) payload: crate::private::Private<Value>,
}

impl Push {
    pub(crate) fn new(body: &PushBody) -> Result<Self, StoreError> {
        let payload = body.to_payload().map_err(|error| StoreError::Corrupt {
            table: "feed",
            reason: error.to_string(),
        })?;
        Ok(Self {
            chat_id: chat_named_in(body, &payload),
            action: body.action().to_owned(),
            payload: payload.into(),
        })
    }
}

/// Pushes name their chat in one of these places.
fn chat_named_in(body: &PushBody, payload: &Value) -> Option<ChatId> {
    let places = match body {
        PushBody::ChatAccessUpdated(_) => &["/id"][..],
        _ => &[
            "/chat_id",
            "/chat/id",
            "/active_chat/chat_id",
            "/message/chat_id",
        ],
    };
    let id = places.iter().find_map(|place| payload.pointer(place));
    id.and_then(Value::as_str).map(ChatId::from)
}

/// An agent's groups have changed.
pub(crate) fn groups_changed(row: &Agent) -> Result<Push, StoreError> {
    Push::new(&PushBody::AgentGroupsUpdated(AgentGroupsUpdated {
        agent_id: row.id.clone(),
        group_ids: row.group_ids.iter().copied().collect(),
    }))
}

pub(crate) fn status(from: RoutingStatus) -> WireStatus {
    WireStatus::from(from.as_str())
}

/// An agent as a user of a chat. `present`: answers in it now; `seen`: read the
/// events up to this time.
pub(crate) fn agent(row: &Agent, present: bool, seen: Option<Timestamp>) -> User {
    User::Agent(WireAgent {
        id: row.id.clone(),
        name: Some(row.name.clone()),
        email: Some(row.email.0.clone()),
        present: Some(present),
        events_seen_up_to: seen.map(Timestamp::to_rfc3339),
        avatar: row.avatar.clone(),
        visibility: Some(parlor_wire::event::Visibility::All),
        routing_status: None,
    })
}

/// The signed-in agent's own profile.
pub(crate) fn my_profile(row: &Agent) -> MyProfile {
    MyProfile {
        id: row.id.clone(),
        kind: UserKind::Agent,
        name: Some(row.name.clone()),
        email: Some(row.email.0.clone()),
        present: None,
        events_seen_up_to: None,
        avatar: row.avatar.clone(),
        routing_status: Some(status(row.routing_status)),
        permission: Some(row.role.as_str().to_owned()),
        group_ids: Some(row.group_ids.iter().copied().collect()),
    }
}

/// A chat and everything that is shown with it.
pub(crate) struct ChatView<'a> {
    pub(crate) chat: &'a Chat,
    pub(crate) customer: &'a Customer,
    pub(crate) agents: &'a [Agent],
    /// All threads of the chat, oldest first.
    pub(crate) threads: &'a [Thread],
    pub(crate) queue: Option<Queue>,
    /// Whether the visitor has an open session.
    pub(crate) customer_present: bool,
    /// Whether the agent who asks follows the chat.
    pub(crate) followed: bool,
}

impl ChatView<'_> {
    /// The chat with one thread.
    pub(crate) fn chat(
        &self,
        thread: &Thread,
        events: &AnnotatedEvents,
        attached: &[AttachedRecord],
    ) -> Result<WireChat, StoreError> {
        Ok(WireChat {
            id: self.chat.id.clone(),
            thread: Some(self.thread(thread, Some(events), attached)?),
            threads: None,
            users: self.users(thread),
            properties: properties(&self.chat.properties),
            access: Some(access(self.chat.group_id)),
            is_followed: Some(self.followed),
        })
    }

    pub(crate) fn thread(
        &self,
        thread: &Thread,
        events: Option<&AnnotatedEvents>,
        attached: &[AttachedRecord],
    ) -> Result<WireThread, StoreError> {
        let at = self.threads.iter().position(|t| t.id == thread.id);
        let neighbour = |offset: usize, back: bool| {
            let at = at?;
            let at = if back {
                at.checked_sub(offset)?
            } else {
                at.checked_add(offset)?
            };
            self.threads.get(at).map(|t| t.id.clone())
        };
        Ok(WireThread {
            id: thread.id.clone(),
            created_at: thread.created_at.to_rfc3339(),
            active: thread.status != ThreadStatus::Ended,
            user_ids: thread.user_ids.clone(),
            restricted_access: None,
            events: events.map(wire_events).transpose()?,
            properties: some_properties(&thread.properties.0),
            access: Some(access(thread.group_id)),
            tags: tags(thread),
            queue: self.queue_of(thread),
            queues_duration: thread.details.0.waited_s.or_else(|| {
                // One that was accepted before its waiting times were summed.
                let (accepted, queued) = thread.accepted_at.zip(thread.queued_at)?;
                (accepted >= queued).then(|| accepted.seconds_since(queued))
            }),
            previous_thread_id: neighbour(1, true),
            next_thread_id: neighbour(1, false),
            previous_accessible_thread_id: None,
            next_accessible_thread_id: None,
            transcript_fields: Some(thread.details.0.transcript_fields())
                .filter(|fields| !fields.is_empty()),
            records: Some(records(attached)).filter(|records| !records.is_empty()),
            users: None,
            has_earlier_events: events.is_some_and(|events| events.has_earlier),
        })
    }

    /// The chat as an entry of a listing. `last_events`: the newest event of
    /// each type.
    pub(crate) fn summary(
        &self,
        thread: Option<&Thread>,
        last_events: &AnnotatedEvents,
    ) -> Result<ChatSummary, StoreError> {
        let mut per_type = BTreeMap::new();
        for row in &last_events.rows {
            let Some(event) = readable_event(row, &last_events.annotations)? else {
                continue;
            };
            per_type.insert(
                row.kind.clone(),
                LastEvent {
                    thread_id: row.thread_id.clone(),
                    thread_created_at: thread.map(|t| t.created_at.to_rfc3339()),
                    restricted_access: None,
                    event: Some(event),
                },
            );
        }
        Ok(ChatSummary {
            id: self.chat.id.clone(),
            last_thread_summary: thread.map(|t| ThreadSummary {
                id: t.id.clone(),
                created_at: t.created_at.to_rfc3339(),
                active: t.status != ThreadStatus::Ended,
                user_ids: t.user_ids.clone(),
                properties: some_properties(&t.properties.0),
                access: Some(access(t.group_id)),
                tags: tags(t),
                queue: self.queue_of(t),
            }),
            users: thread.map(|t| self.users(t)).unwrap_or_default(),
            last_event_per_type: Some(per_type),
            properties: properties(&self.chat.properties),
            access: Some(access(self.chat.group_id)),
            is_followed: Some(self.followed),
        })
    }

    fn queue_of(&self, thread: &Thread) -> Option<Queue> {
        let queue = self.queue.as_ref();
        let queue = queue.filter(|_| thread.status == ThreadStatus::Queued)?;
        Some(Queue {
            offer: offer(thread),
            ..queue.clone()
        })
    }

    fn users(&self, thread: &Thread) -> Vec<User> {
        let mut users = vec![self.customer_as_user(thread)];
        for id in &thread.user_ids {
            if let Some(row) = self.agents.iter().find(|a| a.id.as_ref() == id.as_ref()) {
                let present = thread.agent_id.as_ref() == Some(&row.id);
                users.push(agent(row, present, thread.seen_up_to.get(id).copied()));
            }
        }
        users
    }

    fn customer_as_user(&self, thread: &Thread) -> User {
        User::Customer(Box::new(self.customer(thread)))
    }

    /// What is known of the customer's visits: those in which they asked for a chat or left a
    /// message, with the last pages of each.
    fn statistics(&self) -> Statistics {
        let begun_by_customer = |it: &&Thread| it.queued_at.is_some() || it.accepted_at.is_none();
        let visits = self.threads.iter().filter(begun_by_customer);
        let pages = |it: &Thread| it.details.0.pages.len();
        Statistics {
            chats_count: Some(1),
            threads_count: u64::try_from(self.threads.len()).ok(),
            visits_count: u64::try_from(visits.count()).ok(),
            page_views_count: u64::try_from(self.threads.iter().map(pages).sum::<usize>()).ok(),
            ..Statistics::default()
        }
    }

    /// What the customer does; `None` for one who is not there.
    fn state(&self) -> Option<&'static str> {
        if !self.customer_present {
            return None;
        }
        Some(match Thread::current(self.threads)?.status {
            ThreadStatus::Queued => "queued",
            ThreadStatus::Active => "chatting",
            ThreadStatus::Ended => "browsing",
        })
    }

    pub(crate) fn customer(&self, thread: &Thread) -> WireCustomer {
        let details = &thread.details.0;
        let seen = thread
            .seen_up_to
            .iter()
            .find(|(id, _)| id.as_ref() == self.customer.id.as_ref())
            .map(|(_, at)| at.to_rfc3339());
        let answered = details
            .shown_to_agents()
            .map(|d| BTreeMap::from([(d.label.clone(), Value::String(d.value.clone()))]));
        let fields = answered.chain(details.session_fields.clone()).collect();
        WireCustomer {
            name: details
                .visitor_name
                .clone()
                .or_else(|| self.customer.name.clone().map(|n| n.0)),
            email: self.customer.email.clone().map(|e| e.0),
            email_verified: Some(self.customer.email_verified),
            last_visit: Some(Visit {
                started_at: Some(thread.created_at.to_rfc3339()),
                ended_at: thread.ended_at.map(Timestamp::to_rfc3339),
                referrer: details.referrer.clone(),
                ip: details.address.clone(),
                user_agent: details.user_agent.clone(),
                geolocation: details.location.as_ref().map(geolocation),
                last_pages: Some(
                    details
                        .pages
                        .iter()
                        .map(|page| VisitedPage {
                            opened_at: Some(Timestamp(page.opened_at).to_rfc3339()),
                            url: page.url.clone(),
                            title: page.title.clone(),
                        })
                        .collect(),
                ),
            }),
            session_fields: Some(fields),
            statistics: Some(self.statistics()),
            agent_last_event_created_at: newest(self.threads, |it| it.agent_wrote_at),
            customer_last_event_created_at: newest(self.threads, |it| it.customer_wrote_at),
            followed: Some(self.followed),
            online: Some(self.customer_present),
            group_ids: Some(vec![self.chat.group_id]),
            state: self.state().map(str::to_owned),
            created_at: Some(self.customer.created_at.to_rfc3339()),
            present: Some(self.customer_present),
            events_seen_up_to: seen,
            ..WireCustomer::named(self.customer.id.clone())
        }
    }
}

/// Who is asked to accept the thread before others are.
fn offer(thread: &Thread) -> Option<Offer> {
    let offer = thread.details.0.offer.as_ref()?;
    Some(Offer {
        agent_id: offer.agent_id.clone()?,
        until: offer.until.to_rfc3339(),
    })
}

/// The records that are attached to a thread, without what agents must not see. A field
/// that names a record which is attached to other threads alone is left out: this
/// conversation has nothing to do with it.
pub(crate) fn records(attached: &[AttachedRecord]) -> Vec<WireRecord> {
    let named = |id: &RecordId| {
        let row = attached.iter().find(|row| row.record.id == *id)?;
        Some(row.id.clone())
    };
    let shown = attached.iter().map(|row| WireRecord {
        id: row.id.clone(),
        record_id: row.record.id.clone(),
        entity_name: row.record.entity_name.clone(),
        origin: match row.origin {
            RecordOrigin::Created => WireOrigin::Created,
            RecordOrigin::Found => WireOrigin::Found,
            RecordOrigin::FoundByPrefix => WireOrigin::FoundByPrefix,
        },
        show_first: row.show_first,
        created_at: row.record.created_at.to_rfc3339(),
        fields: row
            .record
            .fields
            .0
            .iter()
            .filter(|field| !field.is_hidden)
            .map(|field| RecordField {
                name: field.name.clone(),
                label: field.label.clone(),
                value: field.value.clone(),
            })
            .collect(),
        transcript_field: row.transcript_field.clone(),
        links: row
            .record
            .links
            .iter()
            .filter_map(|(field_name, id)| {
                Some(RecordLink {
                    field_name: field_name.clone(),
                    id: named(id)?,
                })
            })
            .collect(),
    });
    shown.collect()
}

/// The newest of such times in any of the conversations.
fn newest(
    threads: &[Thread],
    time: impl Fn(&ThreadDetails) -> Option<Timestamp>,
) -> Option<String> {
    let times = threads.iter().filter_map(|it| time(&it.details.0));
    times.max().map(Timestamp::to_rfc3339)
}

fn geolocation(location: &Location) -> Geolocation {
    // As the documentation's examples have them.
    let text = |degrees: f64| Loose::from(degrees.to_string().as_str());
    Geolocation {
        country: location.country.clone(),
        country_code: location.country_code.clone(),
        region: location.region.clone(),
        city: location.city.clone(),
        timezone: location.time_zone.clone(),
        latitude: location.latitude.map(text),
        longitude: location.longitude.map(text),
    }
}

fn access(group_id: i64) -> Access {
    Access {
        group_ids: vec![group_id],
    }
}

fn wire_events(events: &AnnotatedEvents) -> Result<Vec<WireEvent>, StoreError> {
    let wire = events
        .rows
        .iter()
        .filter_map(|row| readable_event(row, &events.annotations).transpose());
    wire.collect()
}

/// Leaves out the oldest events of a thread by which it is larger than so many
/// bytes.
pub(crate) fn shorten_thread(thread: &mut WireThread, over_bytes: usize) {
    let Some(events) = &mut thread.events else {
        return;
    };
    let max_bytes = json_bytes(events).saturating_sub(over_bytes);
    let excess = excess(events, max_bytes);
    events.drain(..excess);
    thread.has_earlier_events |= excess > 0;
}

fn tags(thread: &Thread) -> Option<Vec<String>> {
    Some(thread.tags.clone()).filter(|tags| !tags.is_empty())
}

/// The properties, or `None` when there are none.
fn some_properties(from: &Value) -> Option<Properties> {
    properties(from).filter(|properties| !properties.is_empty())
}

fn properties(from: &Value) -> Option<Properties> {
    serde_json::from_value(from.clone()).ok()
}
