//! Who is typing: the visitor, which the agent is told, and the agent, which the window
//! displays.

use crate::{
    Millis,
    limits::{AGENT_TYPING_LASTS, SNEAK_PEEK_EVERY, TYPING_STOPS_AFTER},
    visit::Page,
};

/// Tells the agent what the visitor does just now. One that is lost may be replaced, and is not
/// repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Signal {
    Typing,
    NotTyping,
    SneakPeek { position: i64, text: String },
    Page(Page),
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Typing {
    /// When the visitor last changed the draft; none if it is empty.
    touched: Option<Millis>,
    /// The agent was last told that the visitor is typing.
    reported_typing: bool,
    /// The text that the agent was sent last.
    reported_text: String,
    text: String,
    next_peek: Millis,
    peeks: i64,
    /// Until when the agent's typing indicator is displayed.
    agent_until: Option<Millis>,
}

impl Typing {
    pub(crate) fn draft(&mut self, now: Millis, text: &str) {
        text.clone_into(&mut self.text);
        self.touched = (!text.is_empty()).then_some(now);
    }

    /// The visitor sent the draft. The message itself tells the agent that typing is over.
    pub(crate) fn sent(&mut self) {
        self.text.clear();
        self.reported_text.clear();
        self.touched = None;
        self.reported_typing = false;
    }

    /// Another agent took over, who has been told nothing.
    pub(crate) fn reset_reported(&mut self) {
        self.reported_typing = false;
        self.reported_text.clear();
    }

    fn is_typing(&self, now: Millis) -> bool {
        self.touched
            .is_some_and(|t| now < t.saturating_add(TYPING_STOPS_AFTER))
    }

    /// The next thing to tell the agent; it counts as told.
    pub(crate) fn signal(&mut self, now: Millis, sneak_peek: bool) -> Option<Signal> {
        let typing = self.is_typing(now);
        if typing != self.reported_typing {
            self.reported_typing = typing;
            return Some(if typing {
                Signal::Typing
            } else {
                Signal::NotTyping
            });
        }
        if sneak_peek && self.text != self.reported_text && now >= self.next_peek {
            self.reported_text.clone_from(&self.text);
            self.next_peek = now.saturating_add(SNEAK_PEEK_EVERY);
            self.peeks += 1;
            return Some(Signal::SneakPeek {
                position: self.peeks,
                text: self.text.clone(),
            });
        }
        None
    }

    pub(crate) fn due(&self, sneak_peek: bool) -> Option<Millis> {
        let stops = self
            .touched
            .filter(|_| self.reported_typing)
            .map(|t| t.saturating_add(TYPING_STOPS_AFTER));
        let peek = (sneak_peek && self.text != self.reported_text).then_some(self.next_peek);
        [stops, peek].into_iter().flatten().min()
    }

    /// Returns whether the indicator changed.
    pub(crate) fn agent(&mut self, now: Millis, typing: bool) -> bool {
        let before = self.agent_until.is_some();
        self.agent_until = typing.then(|| now.saturating_add(AGENT_TYPING_LASTS));
        before != typing
    }

    /// Returns whether the indicator has timed out.
    pub(crate) fn agent_expired(&mut self, now: Millis) -> bool {
        let expired = self.agent_until.is_some_and(|until| now >= until);
        if expired {
            self.agent_until = None;
        }
        expired
    }

    pub(crate) fn agent_due(&self) -> Option<Millis> {
        self.agent_until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_is_told_once_and_its_end_once() {
        let mut t = Typing::default();
        t.draft(0, "H");
        assert_eq!(t.signal(0, false), Some(Signal::Typing));
        t.draft(100, "He");
        assert_eq!(t.signal(100, false), None);
        assert_eq!(t.due(false), Some(100 + TYPING_STOPS_AFTER));
        assert_eq!(
            t.signal(100 + TYPING_STOPS_AFTER, false),
            Some(Signal::NotTyping)
        );
        assert_eq!(t.signal(200 + TYPING_STOPS_AFTER, false), None);
        assert_eq!(t.due(false), None);
    }

    #[test]
    fn a_sneak_peek_goes_at_most_once_a_second_and_carries_the_newest() {
        let mut t = Typing::default();
        t.draft(0, "H");
        t.signal(0, true);
        let peek = |position, text: &str| {
            Some(Signal::SneakPeek {
                position,
                text: text.into(),
            })
        };
        assert_eq!(t.signal(0, true), peek(1, "H"));
        t.draft(10, "He");
        t.draft(20, "Hel");
        assert_eq!(t.signal(20, true), None);
        assert_eq!(t.due(true), Some(SNEAK_PEEK_EVERY));
        assert_eq!(t.signal(SNEAK_PEEK_EVERY, true), peek(2, "Hel"));
    }
}
