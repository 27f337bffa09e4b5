//! Compare and send: a reply answers what had been in front of its author for a moment when they
//! last touched it. Has the visitor or a colleague said something since, it is held, and the person
//! is asked once; what they confirm goes, whatever else is said. The endpoint compares too, for what
//! was not told here yet.

use parlor_wire::{AgentId, ChatId, Event, EventBody};

use super::chat::{Chat, Order};
use super::compose::Progress;
use super::{Announcement, Desk, Millis, Output, Part, limits};

impl Desk {
    /// What is in front of somebody for a moment was seen.
    pub(super) fn glances_due(&mut self) {
        let (now, watched) = (self.now, self.watched);
        if let Some((_, chat)) = self.selected_chat() {
            if watched {
                chat.glance_at(now);
            } else {
                chat.glance = None;
            }
        }
    }

    /// It goes after all, and so does what waits behind it.
    pub(super) fn send_anyway(&mut self) {
        let now = self.now;
        let Some((id, chat)) = self.selected_chat() else {
            return;
        };
        if let Some(held) = chat.held_mut() {
            held.answers = None;
            held.state = Progress::Queued {
                at: now,
                failures: 0,
            };
            self.chat_moved(&id);
            self.out.push(Output::FocusReply);
        }
    }

    /// It is written on, before anything that was begun since.
    pub(super) fn take_back(&mut self) {
        let Some((id, chat)) = self.selected_chat() else {
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
        self.moved(Part::Draft);
        self.chat_moved(&id);
        self.out.push(Output::FocusReply);
    }

    /// Says that a reply is held, to who does not see it.
    pub(super) fn tell_held(&mut self, id: &ChatId) {
        let Some(me) = self.my_id() else {
            return;
        };
        let who = self.chats.get(id).and_then(|chat| chat.wrote_meanwhile(me));
        self.out
            .push(Output::Announce(Announcement::Meanwhile(who)));
    }
}

impl Chat {
    /// All that is there when a chat is opened counts as seen; what comes later, once it was there
    /// for a moment.
    fn glance_at(&mut self, now: Millis) {
        let thread = self.thread.as_ref().filter(|_| self.whole);
        let Some(newest) = thread.and_then(|thread| thread.newest_number()) else {
            return;
        };
        let Some(read) = self.read else {
            self.read = Some(newest);
            return;
        };
        if let Some((number, due)) = self.glance
            && due <= now
        {
            self.read = Some(number.max(read));
            self.glance = None;
        }
        if self.read < Some(newest) && self.glance.is_none() {
            self.glance = Some((newest, now + limits::GLANCE_TAKES));
        }
    }

    /// The event of that number, to be told to the endpoint as the newest that was seen.
    pub(super) fn order_of(&self, number: u64) -> Option<Order> {
        let events = &self.thread.as_ref()?.events;
        let mut newest_first = events.keys().rev();
        newest_first.find(|order| order.0 == number).cloned()
    }

    /// The newest that anybody but me said after that.
    pub(super) fn said_since(&self, seen: &Order, me: &AgentId) -> Option<&Event> {
        let thread = self.thread.as_ref()?;
        let since = thread
            .events
            .iter()
            .rev()
            .take_while(|(order, _)| *order > seen);
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

    /// Who wrote while the held reply was being written, by name.
    pub(super) fn wrote_meanwhile(&self, me: &AgentId) -> Option<String> {
        let seen = self.held()?.answers.as_ref()?;
        let author = self.said_since(seen, me)?.author_id.as_ref()?;
        Some(self.name_of(author))
    }
}
