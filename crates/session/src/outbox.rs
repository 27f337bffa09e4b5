//! Everything that is posted: in order, one POST at a time, each with a number. A
//! retry repeats the number. Only a hand-over restarts the numbers, and there the
//! endpoint recognizes a message by its own id.

use std::collections::VecDeque;

use parlor_wire::visitor::ChasitorInit;

use crate::{
    lane::Lane,
    limits::STATES_MAX,
    line::LineId,
    saved::{OutgoingEvent, Pending, Unsent},
    session::StateUpdate,
    shared::Shared,
    typing::Signal,
};

#[derive(Debug, Clone, Default)]
pub(crate) struct Outbox {
    /// The POST that is in flight, at most one.
    pub(crate) lane: Lane,
    /// Messages that were given up, and are offered to the visitor again.
    pub(crate) unsent: Vec<Unsent>,
    /// The request for a chat, or a message that is left, until it is confirmed.
    pub(crate) init: Option<Shared<ChasitorInit>>,
    /// In how many sessions the endpoint has not taken a message that is left.
    pub(crate) sessions_tried: u32,
    /// Messages that are not confirmed yet. The first may be the current POST.
    messages: VecDeque<Pending>,
    /// State updates that were not sent yet.
    states: VecDeque<StateUpdate>,
    /// Whether the visitor was warned that the conversation ends, or says that they are still
    /// there, where this was not sent yet.
    pub(crate) warned: Option<bool>,
    /// "End chat" was pressed, and is not confirmed yet.
    pub(crate) end: bool,
    /// The POST that was sent and has no answer yet.
    current: Option<Post>,
    /// The number of the last POST.
    number: u64,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Post {
    pub(crate) number: u64,
    pub(crate) body: PostBody,
}

/// The content of a POST; a message by the id of its line.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum PostBody {
    Init,
    Message(LineId),
    StateUpdate(Box<StateUpdate>),
    /// See [`Outbox::warned`].
    Warned(bool),
    Signal(Signal),
    End,
}

impl Outbox {
    pub(crate) fn restore(&mut self, init: Option<Shared<ChasitorInit>>, messages: Vec<Pending>) {
        self.init = init;
        self.messages = messages.into();
    }

    /// The content of the POST that has no answer yet.
    pub(crate) fn current(&self) -> Option<&PostBody> {
        self.current.as_ref().map(|post| &post.body)
    }

    pub(crate) fn push(&mut self, message: Pending) {
        self.messages.push_back(message);
    }

    pub(crate) fn len(&self) -> usize {
        self.messages.len()
    }

    pub(crate) fn messages(&self) -> impl Iterator<Item = &Pending> {
        self.messages.iter()
    }

    pub(crate) fn text(&self, id: &LineId) -> Option<&str> {
        self.messages
            .iter()
            .find(|m| m.custom_id == id.0)
            .map(|m| m.text.as_str())
    }

    pub(crate) fn find(&self, id: &LineId) -> Option<&Pending> {
        self.messages.iter().find(|m| m.custom_id == id.0)
    }

    /// The message is sent in this session, and from now on in no other without asking.
    pub(crate) fn mark_sent_in(&mut self, id: &LineId, session: &str) {
        let message = self.messages.iter_mut().find(|m| m.custom_id == id.0);
        if let Some(message) = message {
            session.clone_into(&mut message.sent_in_session);
        }
    }

    /// Replaces an update of the same thing that was not sent yet.
    pub(crate) fn push_state(&mut self, state: StateUpdate) {
        self.states.retain(|known| !known.is_replaced_by(&state));
        if self.states.len() < STATES_MAX {
            self.states.push_back(state);
        }
    }

    /// The pressed buttons of a rich message that are not confirmed.
    pub(crate) fn pressing(&self, line: &LineId) -> Vec<String> {
        let mut pressed = Vec::new();
        let mut look = |state: &StateUpdate| match state {
            StateUpdate::ButtonPressed {
                event, postback, ..
            } if *event == line.0 => pressed.push(postback.clone()),
            _ => {}
        };
        for state in &self.states {
            look(state);
        }
        if let Some(PostBody::StateUpdate(state)) = self.current() {
            look(state);
        }
        for message in &self.messages {
            match &message.event {
                OutgoingEvent::Postback(it) if it.event_id.as_str() == line.0 => {
                    pressed.push(it.id.clone())
                }
                _ => {}
            }
        }
        pressed
    }

    /// Removes a message that was confirmed, refused or deleted.
    pub(crate) fn remove(&mut self, id: &LineId) {
        self.messages.retain(|m| m.custom_id != id.0);
        if matches!(self.current(), Some(PostBody::Message(current)) if current == id) {
            self.current = None;
        }
    }

    /// The POST to send now: the unanswered one again, or the next. Signals are sent
    /// only if nothing else waits.
    pub(crate) fn next(&mut self, signal: impl FnOnce() -> Option<Signal>) -> Option<Post> {
        if self.current.is_none() {
            let body = if self.init.is_some() {
                PostBody::Init
            } else if let Some(first) = self.messages.front() {
                PostBody::Message(LineId(first.custom_id.clone()))
            } else if let Some(state) = self.states.pop_front() {
                PostBody::StateUpdate(Box::new(state))
            } else if let Some(warned) = self.warned.take() {
                PostBody::Warned(warned)
            } else if self.end {
                PostBody::End
            } else {
                PostBody::Signal(signal()?)
            };
            self.number += 1;
            self.current = Some(Post {
                number: self.number,
                body,
            });
        }
        self.current.clone()
    }

    /// Removes the current POST: it was answered, or is given up.
    pub(crate) fn done(&mut self) -> Option<PostBody> {
        let body = self.current.take()?.body;
        match &body {
            PostBody::Init => self.init = None,
            PostBody::End => self.end = false,
            PostBody::Message(id) => self.messages.retain(|m| m.custom_id != id.0),
            PostBody::Signal(_) | PostBody::StateUpdate(_) | PostBody::Warned(_) => {}
        }
        Some(body)
    }

    /// The current POST got no answer. A signal is outdated by then; anything else is
    /// repeated under its number.
    pub(crate) fn unanswered(&mut self) {
        if let Some(Post {
            body: PostBody::Signal(_),
            ..
        }) = self.current
        {
            self.current = None;
        }
    }

    /// The last POST that the endpoint carried out had the number `actual`: continues
    /// from there.
    pub(crate) fn renumber(&mut self, actual: u64) {
        self.number = actual;
        if let Some(post) = &mut self.current {
            self.number += 1;
            post.number = self.number;
        }
    }

    /// A hand-over: numbers start again, and the current POST is sent anew.
    pub(crate) fn restart_numbers(&mut self) {
        match self.current.take().map(|post| post.body) {
            // It stays the first.
            Some(PostBody::StateUpdate(state)) => self.states.push_front(*state),
            Some(PostBody::Warned(warned)) => {
                self.warned.get_or_insert(warned);
            }
            _ => {}
        }
        self.number = 0;
    }

    /// The session is over: clears everything that waits, and returns the messages that
    /// were never confirmed.
    pub(crate) fn give_up(&mut self) -> Vec<Pending> {
        let messages = std::mem::take(&mut self.messages).into();
        *self = Self {
            lane: std::mem::take(&mut self.lane),
            unsent: std::mem::take(&mut self.unsent),
            ..Self::default()
        };
        messages
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(id: &str) -> Pending {
        Pending {
            custom_id: id.into(),
            text: "Hello".into(),
            ..Pending::default()
        }
    }

    #[test]
    fn a_repeat_has_the_number_of_the_first_time() {
        let mut outbox = Outbox::default();
        outbox.push(message("a"));
        outbox.push(message("b"));
        let first = outbox.next(|| None).unwrap();
        outbox.unanswered();
        assert_eq!(outbox.next(|| None), Some(first));
        assert_eq!(outbox.done(), Some(PostBody::Message(LineId("a".into()))));
        assert_eq!(outbox.next(|| None).unwrap().number, 2);
    }

    #[test]
    fn a_signal_is_not_repeated_and_its_number_is_spent() {
        let mut outbox = Outbox::default();
        assert_eq!(outbox.next(|| Some(Signal::Typing)).unwrap().number, 1);
        outbox.unanswered();
        outbox.push(message("a"));
        assert_eq!(outbox.next(|| Some(Signal::Typing)).unwrap().number, 2);
    }

    #[test]
    fn out_of_sync_goes_on_from_what_the_endpoint_did() {
        let mut outbox = Outbox::default();
        outbox.push(message("a"));
        outbox.next(|| None);
        outbox.renumber(7);
        assert_eq!(outbox.next(|| None).unwrap().number, 8);
    }
}
