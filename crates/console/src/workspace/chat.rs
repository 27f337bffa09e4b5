//! One chat as the workspace knows it: its users, its newest thread, and what only this page has
//! (draft, pending replies, uploads, what was read). Events are merged by id and ordered by their
//! place in the thread.

use std::collections::BTreeMap;

use parlor_wire::event::Properties;
use parlor_wire::{
    Access, AgentId, ChatId, ChatSummary, Customer, Event, EventBody, EventId, EventPlace, Queue,
    Record, ThreadId, User, UserId, Visibility,
};
use serde_json::Value;

use super::history::History;
use super::replies::{OwnTyping, PendingReply};
use super::templates::PickerState;
use super::uploads::Upload;
use super::{Draft, Millis, Offered, RatingView, limits, parse_timestamp};

/// Who is responsible for a chat, from this agent's point of view. Decides the list in which it is
/// shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChatStatus {
    /// No agent is in it.
    Waiting,
    /// This agent is in it.
    Mine,
    /// Only other agents are in it.
    Colleagues,
    /// Its thread has ended.
    Ended,
}

#[derive(Debug)]
pub(super) struct Chat {
    pub(super) id: ChatId,
    pub(super) users: Vec<User>,
    /// The groups of agents who see it, if they are known; 0 for all agents.
    pub(super) access: Vec<i64>,
    pub(super) thread: Option<Thread>,
    /// Whether all events of the thread have been loaded.
    pub(super) complete: bool,
    pub(super) fetch: Fetch,
    /// Where the next fetch goes on, when the events of the thread did not fit into one reply: only
    /// those before this one are missing.
    pub(super) fetch_before: Option<EventId>,
    pub(super) typing: Option<Typing>,
    /// The place of the newest event that this agent has seen. Decides what is unread.
    pub(super) seen: Option<EventPlace>,
    /// The last `seen_up_to` that was sent to the server.
    pub(super) seen_reported: Option<String>,
    /// The place of the newest event that has been on screen for `limits::READING_TAKES` since the
    /// chat was opened.
    pub(super) read_up_to: Option<EventPlace>,
    /// The newest event on screen that does not count as read yet, and when it will.
    pub(super) being_read: Option<(EventPlace, Millis)>,
    pub(super) draft: Draft,
    /// The value of `read_up_to` when the draft was last changed.
    pub(super) draft_seen: Option<EventPlace>,
    pub(super) picker: PickerState,
    pub(super) uploads: Vec<Upload>,
    /// The visitor was asked for a file and has not sent one since.
    pub(super) file_requested: bool,
    pub(super) history: History,
    pub(super) own_typing: Option<OwnTyping>,
    pub(super) pending: Vec<PendingReply>,
    /// The agent has accepted it, or takes it over from a colleague: not confirmed yet.
    pub(super) accepting: bool,
    /// It waits, and this agent is asked to accept it before others are.
    pub(super) offered_to_me: Option<Offered>,
    /// It came from another team, and is new to this agent.
    pub(super) transferred: bool,
    /// The agent joins it: not confirmed yet.
    pub(super) joining: bool,
    pub(super) ending: bool,
    /// The agent writes to the visitor although the thread has ended.
    pub(super) answering: bool,
    /// The thread that is shown although there may be a newer one that has ended: a message that
    /// was left.
    pub(super) shown: Option<ThreadId>,
    /// The thread that was this agent's when it ended: it stays in the list until the agent
    /// dismisses it.
    pub(super) kept: Option<ThreadId>,
}

#[derive(Debug)]
pub(super) struct Thread {
    pub(super) id: ThreadId,
    pub(super) created_at: String,
    pub(super) active: bool,
    pub(super) queue: Option<Queue>,
    pub(super) tags: Vec<String>,
    /// The visitor's rating.
    pub(super) rating: Option<RatingView>,
    /// The records that are attached to it.
    pub(super) records: Vec<Record>,
    /// Whether the visitor has an earlier thread.
    pub(super) has_previous: bool,
    pub(super) events: BTreeMap<EventKey, Event>,
}

/// The sort key of an event: place and id. An event without a place sorts last.
pub(super) type EventKey = (EventPlace, EventId);

const LAST: EventPlace = EventPlace {
    number: u64::MAX,
    private: u64::MAX,
};

/// Whether the complete chat is being fetched.
#[derive(Debug)]
pub(super) enum Fetch {
    Idle,
    Wanted,
    InFlight {
        /// Something happened to the chat since the call was made, so that its reply may be
        /// outdated.
        stale: bool,
    },
}

#[derive(Debug)]
pub(super) struct Typing {
    pub(super) who: UserId,
    /// The text typed so far, if the server sends it.
    pub(super) text: Option<String>,
    pub(super) until: Millis,
}

impl Chat {
    pub(super) fn new(id: ChatId, fetch: Fetch) -> Self {
        Self {
            id,
            users: Vec::new(),
            access: Vec::new(),
            thread: None,
            complete: false,
            fetch,
            fetch_before: None,
            typing: None,
            seen: None,
            seen_reported: None,
            read_up_to: None,
            being_read: None,
            draft: Draft::default(),
            draft_seen: None,
            picker: PickerState::default(),
            uploads: Vec::new(),
            file_requested: false,
            history: History::default(),
            own_typing: None,
            pending: Vec::new(),
            accepting: false,
            offered_to_me: None,
            transferred: false,
            joining: false,
            ending: false,
            answering: false,
            shown: None,
            kept: None,
        }
    }

    pub(super) fn status(&self, me: &AgentId) -> ChatStatus {
        match &self.thread {
            Some(thread) if thread.active => {
                let mut agents = self.present_agents().peekable();
                if agents.peek().is_none() {
                    ChatStatus::Waiting
                } else if agents.any(|agent| agent.id == *me) {
                    ChatStatus::Mine
                } else {
                    ChatStatus::Colleagues
                }
            }
            _ => ChatStatus::Ended,
        }
    }

    pub(super) fn is_active(&self) -> bool {
        self.thread.as_ref().is_some_and(|thread| thread.active)
    }

    /// Whether it was this agent's, has ended, and was not dismissed.
    pub(super) fn is_kept(&self) -> bool {
        let ended = self.thread.as_ref().filter(|thread| !thread.active);
        ended.is_some_and(|thread| self.kept.as_ref() == Some(&thread.id))
    }

    /// Whether it has unsent input that exists only on this page.
    pub(super) fn has_unsent_input(&self) -> bool {
        !self.pending.is_empty() || !self.uploads.is_empty() || !self.draft.text.is_empty()
    }

    pub(super) fn present_agents(&self) -> impl Iterator<Item = &parlor_wire::Agent> {
        self.users
            .iter()
            .filter_map(User::agent)
            .filter(|agent| agent.present != Some(false))
            // A supervising agent (visibility `agents`) does not answer.
            .filter(|agent| agent.visibility != Some(Visibility::Agents))
    }

    pub(super) fn customer(&self) -> Option<&Customer> {
        self.users.iter().find_map(User::customer)
    }

    pub(super) fn is_customer(&self, user: &UserId) -> bool {
        self.customer()
            .is_some_and(|customer| customer.id.as_str() == user.as_str())
    }

    pub(super) fn user(&self, id: &UserId) -> Option<&User> {
        self.users
            .iter()
            .find(|user| user.id().as_ref() == Some(id))
    }

    pub(super) fn events(&self) -> impl DoubleEndedIterator<Item = &Event> {
        self.thread.iter().flat_map(|thread| thread.events.values())
    }

    /// Requests a fetch. A reply that is already in flight counts as outdated.
    pub(super) fn request_fetch(&mut self) {
        self.fetch_before = None;
        match &mut self.fetch {
            Fetch::InFlight { stale } => *stale = true,
            fetch => *fetch = Fetch::Wanted,
        }
    }

    /// Requests the events before those of this reply, if they did not fit into it.
    pub(super) fn request_rest(&mut self, reply: &parlor_wire::Chat) {
        let loaded = self.thread.as_ref().map_or(0, |it| it.events.len());
        let cut = reply.thread.as_ref().filter(|it| it.has_earlier_events);
        let first = cut.and_then(|it| it.events.as_ref()?.first()?.id.clone());
        if first.is_some() && loaded < limits::EVENTS_MAX {
            self.fetch_before = first;
            self.fetch = Fetch::Wanted;
        }
    }

    /// Requests a fetch, unless the chat is complete or is being fetched.
    pub(super) fn fetch_if_incomplete(&mut self) {
        if !self.complete && matches!(self.fetch, Fetch::Idle) {
            self.fetch = Fetch::Wanted;
        }
    }

    /// Applies a fetched chat.
    pub(super) fn apply_snapshot(&mut self, snapshot: parlor_wire::Chat, me: &AgentId) {
        let thread = snapshot
            .threads()
            .max_by(|a, b| a.created_at.cmp(&b.created_at))
            .cloned();
        self.users = snapshot.users;
        self.set_access(snapshot.access);
        let Some(latest) = thread else {
            return;
        };
        let Some(thread) = self.switch_thread(
            latest.id,
            latest.created_at,
            latest.active,
            latest.queue,
            me,
        ) else {
            return;
        };
        thread.tags = latest.tags.unwrap_or_default();
        thread.rating = None;
        if let Some(properties) = &latest.properties {
            thread.rate(properties);
        }
        thread.records = latest.records.unwrap_or_default();
        thread.has_previous = latest.previous_thread_id.is_some();
        for event in latest.events.into_iter().flatten() {
            thread.upsert(event);
        }
        self.complete = true;
        self.remove_confirmed(me);
        if self.seen.is_none() {
            self.seen = Some(self.seen_by(me));
        }
    }

    pub(super) fn apply_summary(&mut self, summary: ChatSummary, me: &AgentId) {
        self.users = summary.users;
        self.set_access(summary.access);
        let Some(latest) = summary.last_thread_summary else {
            return;
        };
        let Some(thread) = self.switch_thread(
            latest.id,
            latest.created_at,
            latest.active,
            latest.queue,
            me,
        ) else {
            return;
        };
        thread.tags = latest.tags.unwrap_or_default();
        let mut missing = false;
        for last in summary.last_event_per_type.into_iter().flatten() {
            let (_, last) = last;
            if last.thread_id == thread.id
                && let Some(event) = last.event
            {
                missing |= thread.upsert(event);
            }
        }
        // There are events that this page has not received.
        if missing && self.complete {
            self.complete = false;
        }
        self.remove_confirmed(me);
    }

    fn set_access(&mut self, access: Option<Access>) {
        if let Some(access) = access {
            self.access = access.group_ids;
        }
    }

    /// Whether this agent takes part in it without answering the visitor.
    pub(super) fn is_joined_by(&self, me: &AgentId) -> bool {
        let mut agents = self.users.iter().filter_map(User::agent);
        self.is_active() && agents.any(|agent| agent.id == *me)
    }

    /// Makes this thread the current one. Returns `None` if the current one is newer.
    fn switch_thread(
        &mut self,
        id: ThreadId,
        created_at: String,
        active: bool,
        queue: Option<Queue>,
        me: &AgentId,
    ) -> Option<&mut Thread> {
        let is_shown = self.shown.as_ref() == Some(&id);
        if self.shown.is_some() && !is_shown && !active {
            return None;
        }
        if !is_shown {
            self.shown = None;
        }
        if let Some(thread) = &self.thread
            && thread.id != id
            && thread.created_at > created_at
            && !is_shown
        {
            return None;
        }
        if self.thread.as_ref().is_none_or(|thread| thread.id != id) {
            self.thread = None;
            self.complete = false;
            self.seen = None;
            self.seen_reported = None;
            self.typing = None;
            self.answering &= is_shown;
            self.read_up_to = None;
            self.being_read = None;
            self.draft_seen = None;
            self.file_requested = false;
            self.history = History::default();
        }
        if !active {
            self.typing = None;
        }
        let offer = queue.as_ref().and_then(|queue| queue.offer.as_ref());
        self.offered_to_me = offer
            .filter(|offer| offer.agent_id == *me)
            .map(|offer| Offered::until(Some(&offer.until)));
        let thread = self.thread.get_or_insert_with(|| Thread {
            id,
            created_at,
            active,
            queue: None,
            tags: Vec::new(),
            rating: None,
            records: Vec::new(),
            has_previous: false,
            events: BTreeMap::new(),
        });
        thread.active = active;
        thread.queue = queue;
        Some(thread)
    }

    /// Adds an event, or replaces the known one of the same id. Requests a fetch if places are
    /// missing in between.
    pub(super) fn upsert_event(&mut self, event: Event, me: &AgentId) {
        if matches!(event.body, EventBody::File(_))
            && event
                .author_id
                .as_ref()
                .is_some_and(|author| self.is_customer(author))
        {
            self.file_requested = false;
        }
        let Some(thread) = &mut self.thread else {
            return;
        };
        let place = event.id.as_ref().and_then(EventId::place);
        let gap = place.is_some_and(|place| thread.misses_events_before(place));
        if let Some(author) = &event.author_id
            && self
                .typing
                .as_ref()
                .is_some_and(|typing| typing.who == *author)
        {
            self.typing = None;
        }
        thread.upsert(event);
        if gap && self.complete {
            self.request_fetch();
        }
        self.remove_confirmed(me);
    }

    /// The server does not list the chat as active any more.
    pub(super) fn mark_ended(&mut self) {
        if let Some(thread) = &mut self.thread {
            thread.active = false;
            thread.queue = None;
        }
        self.typing = None;
        self.fetch = Fetch::Idle;
    }

    pub(super) fn user_added(&mut self, user: User) {
        // One who has joined it does not answer: the visitor waits as before.
        let answers = |agent: &parlor_wire::Agent| {
            agent.present != Some(false) && agent.visibility != Some(Visibility::Agents)
        };
        let agent = user.agent().is_some_and(answers);
        match self.users.iter_mut().find(|known| known.id() == user.id()) {
            Some(known) => *known = user,
            None => self.users.push(user),
        }
        if let Some(thread) = self.thread.as_mut().filter(|_| agent) {
            thread.queue = None;
        }
    }

    pub(super) fn user_removed(&mut self, id: &UserId) {
        if self.typing.as_ref().is_some_and(|typing| typing.who == *id) {
            self.typing = None;
        }
        for user in &mut self.users {
            match user {
                User::Agent(agent) if agent.id.as_str() == id.as_str() => {
                    agent.present = Some(false);
                }
                User::Customer(customer) if customer.id.as_str() == id.as_str() => {
                    customer.present = Some(false);
                }
                _ => {}
            }
        }
    }

    /// The number of the visitor's events that this agent has not seen.
    pub(super) fn unread(&self) -> usize {
        let seen = self.seen.unwrap_or_default();
        let of_visitor = |event: &Event| {
            event
                .author_id
                .as_ref()
                .is_some_and(|author| self.is_customer(author))
        };
        self.thread
            .iter()
            .flat_map(|thread| thread.events.iter().rev())
            .take_while(|((place, _), _)| *place > seen)
            .filter(|(_, event)| of_visitor(event))
            .count()
    }

    /// Since when the visitor has been waiting for an answer; `None` if the last public message is
    /// an agent's.
    pub(super) fn unanswered_since(&self) -> Option<Millis> {
        let mut since = None;
        for event in self.events().rev().filter(|event| event.is_public()) {
            match (&event.body, &event.author_id) {
                (EventBody::SystemMessage(_) | EventBody::FilledForm(_), _) | (_, None) => {}
                (_, Some(author)) if self.is_customer(author) => {
                    since = event.created_at.as_deref().and_then(parse_timestamp);
                }
                _ => break,
            }
        }
        since
    }

    /// A user has seen all events up to this time.
    pub(super) fn set_seen_up_to(&mut self, user: &UserId, up_to: String, me: &AgentId) {
        let mine = user.as_str() == me.as_str();
        for known in &mut self.users {
            match known {
                User::Agent(agent) if agent.id.as_str() == user.as_str() => {
                    agent.events_seen_up_to = Some(up_to.clone());
                }
                User::Customer(customer) if customer.id.as_str() == user.as_str() => {
                    customer.events_seen_up_to = Some(up_to.clone());
                }
                _ => {}
            }
        }
        if mine && self.complete {
            self.seen = self.seen.max(Some(self.seen_by(me)));
        }
    }

    /// The place of the newest event that this agent has seen, according to the server; the one
    /// before all events if none.
    fn seen_by(&self, me: &AgentId) -> EventPlace {
        let seen_up_to = self
            .users
            .iter()
            .filter_map(User::agent)
            .find(|agent| agent.id == *me)
            .and_then(|agent| agent.events_seen_up_to.as_deref())
            .and_then(parse_timestamp);
        let Some(seen_up_to) = seen_up_to else {
            return EventPlace::default();
        };
        let events = self.thread.iter().flat_map(|thread| &thread.events);
        events
            .filter(|(_, event)| {
                let at = event.created_at.as_deref().and_then(parse_timestamp);
                at.is_some_and(|at| at <= seen_up_to)
            })
            .map(|((place, _), _)| *place)
            .max()
            .unwrap_or_default()
    }

    pub(super) fn deadline(&self) -> Option<Millis> {
        let typing = self.typing.as_ref().map(|typing| typing.until);
        let mine = self.own_typing.as_ref().map(|typing| typing.stop_at);
        typing
            .into_iter()
            .chain(mine)
            .chain(self.being_read.map(|(_, due)| due))
            .chain(self.upload_deadline())
            .chain(self.pending_deadline())
            .min()
    }
}

impl Thread {
    /// Takes over the visitor's rating from properties of the thread.
    pub(super) fn rate(&mut self, properties: &Properties) {
        let value = |name: &str| properties.value("rating", name);
        let good = match value("score").and_then(Value::as_i64) {
            Some(0) => Some(false),
            Some(1) => Some(true),
            _ => None,
        };
        let comment = value("comment").and_then(Value::as_str).map(str::to_owned);
        if good.is_some() || comment.is_some() {
            let rating = self.rating.get_or_insert_default();
            rating.good = good.or(rating.good);
            rating.comment = comment.or(rating.comment.take());
        }
    }

    /// Adds or replaces an event and returns whether it was new.
    fn upsert(&mut self, event: Event) -> bool {
        let Some(id) = event.id.clone() else {
            return false;
        };
        let place = id.place().unwrap_or(LAST);
        self.events.insert((place, id), event).is_none()
    }

    pub(super) fn has(&self, event: &Event) -> bool {
        let id = event.id.as_ref();
        id.is_some_and(|id| {
            let place = id.place().unwrap_or(LAST);
            self.events.contains_key(&(place, id.clone()))
        })
    }

    /// Whether there are events before this place that this page has not received. A private event
    /// is not missed before the next one.
    fn misses_events_before(&self, place: EventPlace) -> bool {
        let Some(newest) = self.newest_place() else {
            return false;
        };
        if place.private == 0 {
            return place.number > newest.number + 1;
        }
        let mut newest_first = self.events.keys().rev().map(|(place, _)| place.private);
        let private = newest_first.find(|private| *private > 0).unwrap_or(0);
        place.number > newest.number || place.private > private + 1
    }

    pub(super) fn newest_place(&self) -> Option<EventPlace> {
        self.events.last_key_value().map(|((place, _), _)| *place)
    }

    /// The newest event's place and time.
    pub(super) fn newest(&self) -> Option<(EventPlace, &str)> {
        let ((place, _), event) = self.events.last_key_value()?;
        let created_at = event.created_at.as_deref()?;
        parse_timestamp(created_at)?;
        Some((*place, created_at))
    }
}
