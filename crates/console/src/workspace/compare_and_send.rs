//! Compare and send: a reply answers the events that its author had read when they last changed it.
//! If the visitor or a colleague has written something since, the reply is held and the agent is
//! asked once; a confirmed reply is sent without another comparison. The server compares as well
//! (`after_event_id`), for events that have not arrived here.

use parlor_wire::{AgentId, ChatId, Event, EventBody, EventPlace};

use super::chat::{Chat, EventKey};
use super::replies::ReplyState;
use super::{Announcement, Millis, Output, ViewPart, Workspace, limits};

impl Workspace {
    /// Counts events as read that have been on screen long enough.
    pub(super) fn reading_due(&mut self) {
        let (now, focused) = (self.now, self.looks_at_chats());
        if let Some((_, chat)) = self.selected_chat_mut() {
            if focused {
                chat.track_reading(now);
            } else {
                chat.being_read = None;
            }
        }
    }

    /// Sends the held reply, and those behind it.
    pub(super) fn send_anyway(&mut self) {
        let now = self.now;
        let Some((id, chat)) = self.selected_chat_mut() else {
            return;
        };
        if let Some(held) = chat.held_mut() {
            held.seen_event = None;
            held.state = ReplyState::Queued {
                at: now,
                failures: 0,
            };
            self.chat_changed(&id);
            self.outputs.push(Output::FocusReply);
        }
    }

    /// Moves the held reply back into the reply field, in front of what was typed since.
    pub(super) fn edit_held(&mut self) {
        let Some((id, chat)) = self.selected_chat_mut() else {
            return;
        };
        let Some(held) = chat.held_mut() else {
            return;
        };
        let EventBody::Message(message) = &held.event.body else {
            return;
        };
        let mut text = message.text.clone();
        let custom_id = held.custom_id.clone();
        if !chat.draft.text.is_empty() {
            text.push('\n');
            text.push_str(&chat.draft.text);
        }
        chat.pending
            .retain(|pending| pending.custom_id != custom_id);
        self.write(text);
        self.view_changed(ViewPart::Draft);
        self.chat_changed(&id);
        self.outputs.push(Output::FocusReply);
    }

    /// Announces to screen readers that a reply is held.
    pub(super) fn announce_held(&mut self, id: &ChatId) {
        let Some(me) = self.my_id() else {
            return;
        };
        let who = self.chats.get(id).and_then(|chat| chat.newer_author(me));
        self.outputs
            .push(Output::Announce(Announcement::ReplyHeld(who)));
    }
}

impl Chat {
    /// Events that are there when the chat is opened count as read at once; later ones after
    /// `limits::READING_TAKES` on screen.
    fn track_reading(&mut self, now: Millis) {
        let thread = self.thread.as_ref().filter(|_| self.complete);
        let Some(newest) = thread.and_then(|thread| thread.newest_place()) else {
            return;
        };
        let Some(read) = self.read_up_to else {
            self.read_up_to = Some(newest);
            return;
        };
        if let Some((place, due)) = self.being_read
            && due <= now
        {
            self.read_up_to = Some(place.max(read));
            self.being_read = None;
        }
        if self.read_up_to < Some(newest) && self.being_read.is_none() {
            self.being_read = Some((newest, now + limits::READING_TAKES));
        }
    }

    /// The key of the event at this place, which is sent to the server as the newest one read.
    pub(super) fn event_key(&self, place: EventPlace) -> Option<EventKey> {
        let events = &self.thread.as_ref()?.events;
        let mut newest_first = events.keys().rev();
        newest_first.find(|key| key.0 == place).cloned()
    }

    /// The newest message after `seen` by anybody but this agent.
    pub(super) fn newer_event_by_others(&self, seen: &EventKey, me: &AgentId) -> Option<&Event> {
        let thread = self.thread.as_ref()?;
        let since = thread
            .events
            .iter()
            .rev()
            .take_while(|(key, _)| *key > seen);
        let mut by_others = since.map(|(_, event)| event).filter(|event| {
            let said = !matches!(
                event.body,
                EventBody::SystemMessage(_) | EventBody::Custom(_)
            );
            let author = event.author_id.as_ref();
            said && author.is_some_and(|author| author.as_str() != me.as_str())
        });
        by_others.next()
    }

    /// The name of who wrote while the held reply was being written.
    pub(super) fn newer_author(&self, me: &AgentId) -> Option<String> {
        let seen = self.held()?.seen_event.as_ref()?;
        let author = self.newer_event_by_others(seen, me)?.author_id.as_ref()?;
        Some(self.name_of(author))
    }
}
