//! Replies: the draft, and the queue of pending replies. A reply keeps its `custom_id` however
//! often it is sent, so that the server stores it once. Of each chat one reply is sent at a time,
//! so that the order is kept, and a held reply blocks those behind it.

use parlor_wire::agent::{SendEvent, SendTypingIndicator};
use parlor_wire::event::Message;
use parlor_wire::limits::MESSAGE_TEXT_MAX_BYTES;
use parlor_wire::{AgentId, ChatId, CustomId, Event, EventBody, EventId, ThreadId, Visibility};

use super::chat::{Chat, EventKey};
use super::input::pause;
use super::templates::PickerState;
use super::{
    Call, ChatStatus, Fault, Millis, Notice, PendingCall, Reply, ViewPart, Workspace, limits,
};

/// A reply that has not arrived as an event yet.
#[derive(Debug)]
pub(super) struct PendingReply {
    pub(super) custom_id: CustomId,
    /// The event, as it is sent.
    pub(super) event: Event,
    /// The thread that it goes to although it has ended; `None` for the open one.
    pub(super) thread: Option<ThreadId>,
    /// The newest event that the agent had read when writing it; `None` if it is to be sent without
    /// a comparison.
    pub(super) seen_event: Option<EventKey>,
    pub(super) state: ReplyState,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum ReplyState {
    /// Somebody else wrote meanwhile: waits for the agent's decision.
    Held,
    /// Waiting to be sent: at this time, or as soon as the connection is up again.
    Queued { at: Millis, failures: u32 },
    /// The call is in flight.
    Sending { failures: u32 },
    /// Stored by the server. The chat is fetched at `ask_at` if the event has not arrived by then.
    Sent { event: EventId, ask_at: Millis },
    /// Refused by the server.
    Refused(Fault),
}

/// The visitor has been shown that this agent is typing.
#[derive(Debug)]
pub(super) struct OwnTyping {
    sent_at: Millis,
    pub(super) stop_at: Millis,
}

impl Workspace {
    pub(super) fn write(&mut self, text: String) {
        let now = self.now;
        let Some((_, chat)) = self.selected_chat_mut() else {
            return;
        };
        let empty = text.trim().is_empty();
        chat.draft.text = text;
        chat.draft_seen = chat.read_up_to;
        let visible = !chat.draft.note;
        self.update_picker();
        let Some((id, chat)) = self.selected_chat_mut() else {
            return;
        };
        let due = match &mut chat.own_typing {
            _ if empty || !visible => return self.stop_typing(&id),
            Some(typing) => {
                typing.stop_at = now + limits::TYPING_STOPS_AFTER;
                typing.sent_at + limits::TYPING_TOLD_EVERY <= now
            }
            None => true,
        };
        if due && self.status_of(&id) == Some(ChatStatus::Mine) {
            if let Some(chat) = self.chats.get_mut(&id) {
                chat.own_typing = Some(OwnTyping {
                    sent_at: now,
                    stop_at: now + limits::TYPING_STOPS_AFTER,
                });
            }
            self.send_typing(id, true);
        }
    }

    pub(super) fn note_mode(&mut self, on: bool) {
        if let Some((id, chat)) = self.selected_chat_mut() {
            chat.draft.note = on;
            self.view_changed(ViewPart::Draft);
            if on {
                self.stop_typing(&id);
            }
        }
    }

    /// Sends the draft; if it is empty, the held reply.
    pub(super) fn send_draft(&mut self) {
        let Some((id, chat)) = self.selected_chat_mut() else {
            return;
        };
        let text = chat.draft.text.trim().to_owned();
        if text.is_empty() {
            return self.send_anyway();
        }
        if !chat.takes_replies() {
            return;
        }
        if text.len() > MESSAGE_TEXT_MAX_BYTES {
            return self.show_notice(Notice::TooLong);
        }
        let seen = chat.draft_seen.take().or(chat.read_up_to);
        let seen_event = seen.and_then(|seen| chat.event_key(seen));
        let note = chat.draft.note;
        chat.draft.text.clear();
        chat.picker = PickerState::default();
        // The message itself ends the typing indicator.
        chat.own_typing = None;
        self.changed_parts
            .extend([ViewPart::Draft, ViewPart::Picker]);
        let event = Event::new(EventBody::Message(Message {
            text,
            postback: None,
        }));
        let custom_id = self.next_custom_id();
        self.queue_reply(&id, custom_id, event, note, seen_event);
    }

    /// Sends an event that was not typed.
    pub(super) fn send_event(&mut self, event: Event) {
        let custom_id = self.next_custom_id();
        let Some((id, chat)) = self.selected_chat_mut() else {
            return;
        };
        if chat.takes_replies() {
            let seen_event = chat.read_up_to.and_then(|read| chat.event_key(read));
            let note = chat.draft.note;
            self.queue_reply(&id, custom_id, event, note, seen_event);
        }
    }

    /// Appends a reply to the pending replies of a chat, held if it is outdated.
    pub(super) fn queue_reply(
        &mut self,
        id: &ChatId,
        custom_id: CustomId,
        mut event: Event,
        note: bool,
        seen_event: Option<EventKey>,
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
        let ended = chat.thread.as_ref().filter(|thread| !thread.active);
        let thread = ended.map(|thread| thread.id.clone());
        chat.pending.push(PendingReply {
            custom_id,
            event,
            thread,
            // A private note does not answer anybody, so nothing is compared.
            seen_event: seen_event.filter(|_| !note),
            state: ReplyState::Queued {
                at: now,
                failures: 0,
            },
        });
        if me.is_some_and(|me| chat.hold_if_outdated(&me)) {
            self.announce_held(id);
        }
        self.chat_changed(id);
    }

    pub(super) fn next_custom_id(&mut self) -> CustomId {
        self.last_custom += 1;
        CustomId::from(format!("console-{:x}-{}", self.seed, self.last_custom))
    }

    pub(super) fn resend(&mut self, custom_id: &CustomId) {
        let now = self.now;
        if let Some((id, chat)) = self.selected_chat_mut() {
            for pending in &mut chat.pending {
                if pending.custom_id == *custom_id
                    && matches!(
                        pending.state,
                        ReplyState::Refused(_) | ReplyState::Queued { .. }
                    )
                {
                    pending.state = ReplyState::Queued {
                        at: now,
                        failures: 0,
                    };
                }
            }
            self.chat_changed(&id);
        }
    }

    pub(super) fn discard(&mut self, custom_id: &CustomId) {
        if let Some((id, chat)) = self.selected_chat_mut() {
            chat.pending.retain(|pending| {
                pending.custom_id != *custom_id
                    || !matches!(pending.state, ReplyState::Refused(_) | ReplyState::Held)
            });
            self.chat_changed(&id);
        }
    }

    pub(super) fn on_send_reply(
        &mut self,
        id: &ChatId,
        custom_id: &CustomId,
        answer: Result<Reply, Fault>,
    ) {
        let (now, seed) = (self.now, self.seed);
        let Some(chat) = self.chats.get_mut(id) else {
            return;
        };
        let Some(pending) = chat.pending.iter_mut().find(|p| p.custom_id == *custom_id) else {
            return;
        };
        let failures = match pending.state {
            ReplyState::Sending { failures } => failures + 1,
            _ => return,
        };
        pending.state = match answer {
            Ok(Reply::Sent(sent)) => ReplyState::Sent {
                event: sent.event_id,
                ask_at: now + limits::ECHO_TAKES,
            },
            Err(Fault::NewerEvents) => ReplyState::Held,
            Err(fault) if !fault.is_transient() => ReplyState::Refused(fault),
            _ => ReplyState::Queued {
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
        if pending.state == ReplyState::Held {
            // The newer event may not have arrived here yet.
            chat.request_fetch();
            self.announce_held(id);
        }
        if let Some(me) = self.my_id().cloned()
            && let Some(chat) = self.chats.get_mut(id)
        {
            chat.remove_confirmed(&me);
        }
        self.chat_changed(id);
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
                if let ReplyState::Sent { ask_at, .. } = &mut pending.state
                    && *ask_at <= now
                {
                    *ask_at = now + limits::ECHO_TAKES;
                    ask = true;
                }
            }
            if ask {
                chat.request_fetch();
            }
            if chat.pending.iter().any(PendingReply::is_on_its_way) {
                continue;
            }
            if chat.hold_if_outdated(&me) {
                held.push(chat.id.clone());
            }
            let next = chat.pending.iter_mut().find(|pending| pending.is_next());
            if let Some(pending) = next
                && let ReplyState::Queued { at, failures } = pending.state
                && at <= now
            {
                pending.state = ReplyState::Sending { failures };
                sends.push((
                    chat.id.clone(),
                    pending.thread.clone(),
                    pending.custom_id.clone(),
                    pending.event.clone(),
                    pending.seen_event.clone(),
                ));
            }
        }
        for id in held {
            self.announce_held(&id);
            self.chat_changed(&id);
        }
        for (id, thread_id, custom_id, event, seen_event) in sends {
            let call = SendEvent {
                chat_id: id.clone(),
                event,
                attach_to_last_thread: None,
                after_event_id: seen_event.map(|(_, id)| id),
                thread_id,
            };
            self.call(
                PendingCall::Send(id.clone(), custom_id),
                Call::SendEvent(Box::new(call)),
            );
            self.chat_changed(&id);
        }
    }

    pub(super) fn typing_due(&mut self) {
        let now = self.now;
        let mut over = Vec::new();
        let mut live = false;
        for chat in self.chats.values_mut() {
            live |= chat.typing.take_if(|typing| typing.until <= now).is_some();
            let stopped = chat.own_typing.as_ref();
            if stopped.is_some_and(|typing| typing.stop_at <= now) {
                over.push(chat.id.clone());
            }
        }
        if live {
            self.changed_parts
                .extend([ViewPart::Lists, ViewPart::TypingPreview]);
        }
        for id in over {
            self.stop_typing(&id);
        }
    }

    pub(super) fn stop_typing(&mut self, id: &ChatId) {
        let was_typing = self
            .chats
            .get_mut(id)
            .and_then(|chat| chat.own_typing.take());
        if was_typing.is_some() && self.status_of(id) == Some(ChatStatus::Mine) {
            self.send_typing(id.clone(), false);
        }
    }

    pub(super) fn selected_chat_mut(&mut self) -> Option<(ChatId, &mut Chat)> {
        let id = self.selected.clone()?;
        let chat = self.chats.get_mut(&id)?;
        Some((id, chat))
    }

    fn send_typing(&mut self, chat_id: ChatId, is_typing: bool) {
        let call = SendTypingIndicator {
            chat_id,
            is_typing,
            visibility: None,
        };
        self.call(PendingCall::IgnoreReply, Call::SendTypingIndicator(call));
    }
}

impl PendingReply {
    fn is_on_its_way(&self) -> bool {
        matches!(self.state, ReplyState::Sending { .. })
    }

    /// Whether it is the next to be sent, if it is the first such reply of its chat.
    fn is_next(&self) -> bool {
        matches!(self.state, ReplyState::Queued { .. } | ReplyState::Held)
    }
}

impl Chat {
    pub(super) fn has_pending_reply(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Whether a reply to the visitor is on its way, and needs nothing from the agent.
    pub(super) fn is_being_answered(&self) -> bool {
        let goes_out = |pending: &PendingReply| match pending.state {
            ReplyState::Held | ReplyState::Refused(_) => false,
            ReplyState::Queued { .. } | ReplyState::Sending { .. } | ReplyState::Sent { .. } => {
                pending.event.is_public()
            }
        };
        self.pending.iter().any(goes_out)
    }

    /// The reply that waits for the agent's decision.
    pub(super) fn held(&self) -> Option<&PendingReply> {
        self.pending.iter().find(|it| it.state == ReplyState::Held)
    }

    pub(super) fn held_mut(&mut self) -> Option<&mut PendingReply> {
        self.pending
            .iter_mut()
            .find(|it| it.state == ReplyState::Held)
    }

    /// Holds the next reply if somebody else wrote something that its author had not read. A reply
    /// that was sent before is not held, because it may have been stored. Returns whether a reply
    /// was held now.
    fn hold_if_outdated(&mut self, me: &AgentId) -> bool {
        let next = self.pending.iter().position(PendingReply::is_next);
        let old = next.filter(|at| {
            self.pending.get(*at).is_some_and(|pending| {
                let first = matches!(pending.state, ReplyState::Queued { failures: 0, .. });
                let seen = pending.seen_event.as_ref();
                first && seen.is_some_and(|seen| self.newer_event_by_others(seen, me).is_some())
            })
        });
        let Some(pending) = old.and_then(|at| self.pending.get_mut(at)) else {
            return false;
        };
        pending.state = ReplyState::Held;
        true
    }

    /// Removes the pending replies that have arrived as events.
    pub(super) fn remove_confirmed(&mut self, me: &AgentId) {
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
                    ReplyState::Sent { event: id, .. } => event.id.as_ref() == Some(id),
                    _ => false,
                };
                same_id || (same_author && event.custom_id.as_ref() == Some(&pending.custom_id))
            })
        });
    }

    /// The connection is up: sends all waiting replies without further pause.
    pub(super) fn send_pending_now(&mut self, now: Millis) {
        for pending in &mut self.pending {
            if let ReplyState::Queued { at, .. } = &mut pending.state {
                *at = now;
            }
        }
    }

    /// The replies to outstanding calls will be ignored: makes what they were for due again.
    pub(super) fn forget_pending_calls(&mut self, now: Millis) {
        if matches!(self.fetch, super::chat::Fetch::InFlight { .. }) {
            self.fetch = super::chat::Fetch::Wanted;
        }
        for pending in &mut self.pending {
            if let ReplyState::Sending { failures } = pending.state {
                pending.state = ReplyState::Queued { at: now, failures };
            }
        }
        self.accepting = false;
        self.ending = false;
        self.own_typing = None;
    }

    pub(super) fn pending_deadline(&self) -> Option<Millis> {
        let asks = self
            .pending
            .iter()
            .filter_map(|pending| match pending.state {
                ReplyState::Sent { ask_at, .. } => Some(ask_at),
                _ => None,
            });
        // Only the first waiting reply has a time; the others wait for it, and it waits for the one
        // in flight.
        let on_its_way = self.pending.iter().any(PendingReply::is_on_its_way);
        let next = self.pending.iter().find(|pending| pending.is_next());
        let queued = next.and_then(|pending| match pending.state {
            ReplyState::Queued { at, .. } if !on_its_way => Some(at),
            _ => None,
        });
        asks.chain(queued).min()
    }
}
