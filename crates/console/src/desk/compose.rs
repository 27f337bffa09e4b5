//! Replies: what is being written, and what is on its way. Every reply keeps its `custom_id` however
//! often it is sent, so that it is said once; of one chat one is on its way at a time, so that they
//! arrive in their order, and one that is held holds those behind it.

use parlor_wire::agent::{SendEvent, SendTypingIndicator};
use parlor_wire::event::Message;
use parlor_wire::limits::MESSAGE_TEXT_MAX_BYTES;
use parlor_wire::{AgentId, ChatId, CustomId, Event, EventBody, EventId, Visibility};

use super::chat::{Chat, Order};
use super::input::pause;
use super::templates::Picking;
use super::{Call, Desk, Errand, Fault, Millis, Notice, Part, Place, Reply, limits};

/// A reply that has not come back as an event yet.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) custom_id: CustomId,
    /// As it is sent.
    pub(super) event: Event,
    /// The newest event that its author had seen; none when that is not compared.
    pub(super) answers: Option<Order>,
    pub(super) state: Progress,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Progress {
    /// Somebody else wrote meanwhile: the person is asked.
    Held,
    /// Not on its way; goes then, or when the line is up again.
    Queued { at: Millis, failures: u32 },
    /// On its way.
    Sending { failures: u32 },
    /// Kept by the endpoint; asked for then, if it has not come by itself.
    Sent { event: EventId, ask_at: Millis },
    /// Not taken.
    Refused(Fault),
}

/// The visitor was told that I type.
#[derive(Debug)]
pub(super) struct MyTyping {
    told_at: Millis,
    pub(super) stop_at: Millis,
}

impl Desk {
    pub(super) fn write(&mut self, text: String) {
        let now = self.now;
        let Some((_, chat)) = self.selected_chat() else {
            return;
        };
        let empty = text.trim().is_empty();
        chat.draft.text = text;
        chat.draft_seen = chat.read;
        let visible = !chat.draft.note;
        self.shortcut_typed();
        let Some((id, chat)) = self.selected_chat() else {
            return;
        };
        let tell = match &mut chat.my_typing {
            _ if empty || !visible => return self.stop_typing(&id),
            Some(typing) => {
                typing.stop_at = now + limits::TYPING_STOPS_AFTER;
                typing.told_at + limits::TYPING_TOLD_EVERY <= now
            }
            None => true,
        };
        if tell && self.place_of(&id) == Some(Place::Mine) {
            if let Some(chat) = self.chats.get_mut(&id) {
                chat.my_typing = Some(MyTyping {
                    told_at: now,
                    stop_at: now + limits::TYPING_STOPS_AFTER,
                });
            }
            self.tell_typing(id, true);
        }
    }

    pub(super) fn note_mode(&mut self, on: bool) {
        if let Some((id, chat)) = self.selected_chat() {
            chat.draft.note = on;
            self.moved(Part::Draft);
            if on {
                self.stop_typing(&id);
            }
        }
    }

    /// Sends what is written; when nothing is, the reply that is held.
    pub(super) fn say(&mut self) {
        let Some((id, chat)) = self.selected_chat() else {
            return;
        };
        let text = chat.draft.text.trim().to_owned();
        if text.is_empty() {
            return self.send_anyway();
        }
        if !chat.is_active() {
            return;
        }
        if text.len() > MESSAGE_TEXT_MAX_BYTES {
            return self.tell(Notice::TooLong);
        }
        let seen = chat.draft_seen.take().or(chat.read);
        let answers = seen.and_then(|seen| chat.order_of(seen));
        let note = chat.draft.note;
        chat.draft.text.clear();
        chat.picking = Picking::default();
        // The message says by itself that the typing is over.
        chat.my_typing = None;
        self.moved.extend([Part::Draft, Part::Picker]);
        let event = Event::new(EventBody::Message(Message {
            text,
            postback: None,
        }));
        let custom_id = self.next_custom_id();
        self.dispatch(&id, custom_id, event, note, answers);
    }

    /// Sends something that needs no writing.
    pub(super) fn send_now(&mut self, event: Event) {
        let custom_id = self.next_custom_id();
        let Some((id, chat)) = self.selected_chat() else {
            return;
        };
        if chat.is_active() {
            let answers = chat.read.and_then(|read| chat.order_of(read));
            let note = chat.draft.note;
            self.dispatch(&id, custom_id, event, note, answers);
        }
    }

    /// Puts it behind what is on its way in that chat, or holds it.
    pub(super) fn dispatch(
        &mut self,
        id: &ChatId,
        custom_id: CustomId,
        mut event: Event,
        note: bool,
        answers: Option<Order>,
    ) {
        let (now, me) = (self.now, self.my_id().cloned());
        let Some(chat) = self.chats.get_mut(id) else {
            return;
        };
        event.custom_id = Some(custom_id.clone());
        event.visibility = Some(match note {
            true => Visibility::Agents,
            false => Visibility::All,
        });
        chat.pending.push(Pending {
            custom_id,
            event,
            // A note is no answer to anybody.
            answers: answers.filter(|_| !note),
            state: Progress::Queued {
                at: now,
                failures: 0,
            },
        });
        if me.is_some_and(|me| chat.hold_what_is_old(&me)) {
            self.tell_held(id);
        }
        self.chat_moved(id);
    }

    pub(super) fn next_custom_id(&mut self) -> CustomId {
        self.last_custom += 1;
        CustomId::from(format!("console-{:x}-{}", self.seed, self.last_custom))
    }

    pub(super) fn resend(&mut self, custom_id: &CustomId) {
        let now = self.now;
        if let Some((id, chat)) = self.selected_chat() {
            for pending in &mut chat.pending {
                if pending.custom_id == *custom_id
                    && matches!(
                        pending.state,
                        Progress::Refused(_) | Progress::Queued { .. }
                    )
                {
                    pending.state = Progress::Queued {
                        at: now,
                        failures: 0,
                    };
                }
            }
            self.chat_moved(&id);
        }
    }

    pub(super) fn discard(&mut self, custom_id: &CustomId) {
        if let Some((id, chat)) = self.selected_chat() {
            chat.pending.retain(|pending| {
                pending.custom_id != *custom_id
                    || !matches!(pending.state, Progress::Refused(_) | Progress::Held)
            });
            self.chat_moved(&id);
        }
    }

    pub(super) fn said(&mut self, id: &ChatId, custom_id: &CustomId, answer: Result<Reply, Fault>) {
        let (now, seed) = (self.now, self.seed);
        let Some(chat) = self.chats.get_mut(id) else {
            return;
        };
        let Some(pending) = chat.pending.iter_mut().find(|p| p.custom_id == *custom_id) else {
            return;
        };
        let failures = match pending.state {
            Progress::Sending { failures } => failures + 1,
            _ => return,
        };
        pending.state = match answer {
            Ok(Reply::Sent(sent)) => Progress::Sent {
                event: sent.event_id,
                ask_at: now + limits::ECHO_TAKES,
            },
            Err(Fault::Meanwhile) => Progress::Held,
            Err(fault) if !fault.passes() => Progress::Refused(fault),
            _ => Progress::Queued {
                at: now
                    + pause(
                        limits::BACKOFF_FIRST,
                        limits::BACKOFF_CEILING,
                        failures,
                        seed,
                    ),
                failures,
            },
        };
        if pending.state == Progress::Held {
            // What it was, perhaps nobody has told us yet.
            chat.want();
            self.tell_held(id);
        }
        if let Some(me) = self.my_id().cloned()
            && let Some(chat) = self.chats.get_mut(id)
        {
            chat.settle_pending(&me);
        }
        self.chat_moved(id);
    }

    pub(super) fn replies_due(&mut self) {
        let now = self.now;
        let Some(me) = self.my_id().cloned() else {
            return;
        };
        let mut sends = Vec::new();
        let mut held = Vec::new();
        for chat in self.chats.values_mut() {
            let mut ask = false;
            for pending in &mut chat.pending {
                if let Progress::Sent { ask_at, .. } = &mut pending.state
                    && *ask_at <= now
                {
                    *ask_at = now + limits::ECHO_TAKES;
                    ask = true;
                }
            }
            if ask {
                chat.want();
            }
            if chat.pending.iter().any(Pending::is_on_its_way) {
                continue;
            }
            if chat.hold_what_is_old(&me) {
                held.push(chat.id.clone());
            }
            let next = chat.pending.iter_mut().find(|pending| pending.is_next());
            if let Some(pending) = next
                && let Progress::Queued { at, failures } = pending.state
                && at <= now
            {
                pending.state = Progress::Sending { failures };
                sends.push((
                    chat.id.clone(),
                    pending.custom_id.clone(),
                    pending.event.clone(),
                    pending.answers.clone(),
                ));
            }
        }
        for id in held {
            self.tell_held(&id);
            self.chat_moved(&id);
        }
        for (id, custom_id, event, answers) in sends {
            let call = SendEvent {
                chat_id: id.clone(),
                event,
                attach_to_last_thread: None,
                after_event_id: answers.map(|(_, id)| id),
            };
            self.call(
                Errand::Say(id.clone(), custom_id),
                Call::SendEvent(Box::new(call)),
            );
            self.chat_moved(&id);
        }
    }

    pub(super) fn typing_due(&mut self) {
        let now = self.now;
        let mut over = Vec::new();
        let mut live = false;
        for chat in self.chats.values_mut() {
            live |= chat.typing.take_if(|typing| typing.until <= now).is_some();
            let stopped = chat.my_typing.as_ref();
            if stopped.is_some_and(|typing| typing.stop_at <= now) {
                over.push(chat.id.clone());
            }
        }
        if live {
            self.moved.extend([Part::Lists, Part::Live]);
        }
        for id in over {
            self.stop_typing(&id);
        }
    }

    pub(super) fn stop_typing(&mut self, id: &ChatId) {
        let told = self
            .chats
            .get_mut(id)
            .and_then(|chat| chat.my_typing.take());
        if told.is_some() && self.place_of(id) == Some(Place::Mine) {
            self.tell_typing(id.clone(), false);
        }
    }

    pub(super) fn selected_chat(&mut self) -> Option<(ChatId, &mut Chat)> {
        let id = self.selected.clone()?;
        let chat = self.chats.get_mut(&id)?;
        Some((id, chat))
    }

    fn tell_typing(&mut self, chat_id: ChatId, is_typing: bool) {
        let call = SendTypingIndicator {
            chat_id,
            is_typing,
            visibility: None,
        };
        self.call(Errand::Aside, Call::SendTypingIndicator(call));
    }
}

impl Pending {
    fn is_on_its_way(&self) -> bool {
        matches!(self.state, Progress::Sending { .. })
    }

    /// The first of its chat that is so goes, or holds the others up.
    fn is_next(&self) -> bool {
        matches!(self.state, Progress::Queued { .. } | Progress::Held)
    }
}

impl Chat {
    /// The reply about which the person is asked.
    pub(super) fn held(&self) -> Option<&Pending> {
        self.pending.iter().find(|it| it.state == Progress::Held)
    }

    pub(super) fn held_mut(&mut self) -> Option<&mut Pending> {
        self.pending
            .iter_mut()
            .find(|it| it.state == Progress::Held)
    }

    /// Holds the next reply when somebody else said something that its author had not seen. One
    /// that was sent before is not held: it may be in the log. Whether one is held now that was not.
    fn hold_what_is_old(&mut self, me: &AgentId) -> bool {
        let next = self.pending.iter().position(Pending::is_next);
        let old = next.filter(|at| {
            self.pending.get(*at).is_some_and(|pending| {
                let first = matches!(pending.state, Progress::Queued { failures: 0, .. });
                let seen = pending.answers.as_ref();
                first && seen.is_some_and(|seen| self.said_since(seen, me).is_some())
            })
        });
        let Some(pending) = old.and_then(|at| self.pending.get_mut(at)) else {
            return false;
        };
        pending.state = Progress::Held;
        true
    }

    /// Takes away what has come back as an event.
    pub(super) fn settle_pending(&mut self, me: &AgentId) {
        let Some(thread) = &self.thread else {
            return;
        };
        self.pending.retain(|pending| {
            !thread.events.values().any(|event| {
                let same_author = event
                    .author_id
                    .as_ref()
                    .is_some_and(|author| author.as_str() == me.as_str());
                let same_id = match &pending.state {
                    Progress::Sent { event: id, .. } => event.id.as_ref() == Some(id),
                    _ => false,
                };
                same_id || (same_author && event.custom_id.as_ref() == Some(&pending.custom_id))
            })
        });
    }

    /// The line is up: what waited for it need not wait.
    pub(super) fn pending_soon(&mut self, now: Millis) {
        for pending in &mut self.pending {
            if let Progress::Queued { at, .. } = &mut pending.state {
                *at = now;
            }
        }
    }

    /// No call will be answered any more.
    pub(super) fn nothing_awaited(&mut self, now: Millis) {
        if matches!(self.fetch, super::chat::Fetch::Reading { .. }) {
            self.fetch = super::chat::Fetch::Wanted;
        }
        for pending in &mut self.pending {
            if let Progress::Sending { failures } = pending.state {
                pending.state = Progress::Queued { at: now, failures };
            }
        }
        self.accepting = false;
        self.ending = false;
        self.my_typing = None;
    }

    pub(super) fn pending_deadline(&self) -> Option<Millis> {
        let asks = self
            .pending
            .iter()
            .filter_map(|pending| match pending.state {
                Progress::Sent { ask_at, .. } => Some(ask_at),
                _ => None,
            });
        // The others wait for the first, and the first for the one that is on its way.
        let on_its_way = self.pending.iter().any(Pending::is_on_its_way);
        let next = self.pending.iter().find(|pending| pending.is_next());
        let queued = next.and_then(|pending| match pending.state {
            Progress::Queued { at, .. } if !on_its_way => Some(at),
            _ => None,
        });
        asks.chain(queued).min()
    }
}
