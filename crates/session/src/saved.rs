//! The session's state that the device persists, so that a reload returns to the
//! conversation. The driver stores it as it is. If it is lost, the visitor begins a
//! new conversation; nothing is sent twice.

use parlor_wire::{
    event::{File, FilledForm, Postback},
    visitor::ChasitorInit,
};
use serde::{Deserialize, Serialize};

use crate::{Millis, line::FailedBecause, shared::Shared};

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Saved {
    /// Given by the endpoint; joins a visitor's conversations.
    pub visitor_id: Option<String>,
    pub session: Option<SavedSession>,
    /// The request for a chat, while there is no session to make it in.
    pub opening: Option<Shared<ChasitorInit>>,
    /// Messages that no answer has confirmed yet, in the order in which they are sent.
    #[serde(default)]
    pub outbox: Vec<Pending>,
    /// Messages that were given up, and are offered to the visitor again.
    #[serde(default)]
    pub unsent: Vec<Unsent>,
    /// The text in the composer.
    #[serde(default)]
    pub draft: String,
    /// When the visitor left a message of which they have not seen an answer yet.
    #[serde(default)]
    pub awaits_answer: Option<Millis>,
    /// Greater in each session than in all before it, and at least the time at which it
    /// began. State of an older term never replaces state of a newer one.
    #[serde(default)]
    pub term: u64,
}

impl Saved {
    /// Whether there is a conversation, or one is requested.
    pub(crate) fn has_conversation(&self) -> bool {
        self.session.is_some() || self.opening.is_some()
    }

    /// Whether persisting one instead of the other makes no difference, but for the draft. A message never
    /// changes under its id, only the session in which it was sent. A newer position
    /// alone is not worth a save with every line that is received: from an older one the
    /// endpoint sends some lines again, and they are recognized by their ids.
    pub(crate) fn is_equivalent(&self, other: &Self) -> bool {
        let waits = |it: &Pending, also: &Pending| {
            it.custom_id == also.custom_id
                && it.at == also.at
                && it.text == also.text
                && it.sent_in_session == also.sent_in_session
        };
        let session = match (&self.session, &other.session) {
            (Some(it), Some(also)) => it.is_equivalent(also),
            (None, None) => true,
            _ => false,
        };
        session
            && self.opening == other.opening
            && self.visitor_id == other.visitor_id
            && self.term == other.term
            && self.awaits_answer == other.awaits_answer
            && self.outbox.len() == other.outbox.len()
            && self.unsent.len() == other.unsent.len()
            && self
                .outbox
                .iter()
                .zip(&other.outbox)
                .all(|(it, also)| waits(it, also))
            && self
                .unsent
                .iter()
                .zip(&other.unsent)
                .all(|(it, also)| it.because == also.because && waits(&it.message, &also.message))
    }
}

impl SavedSession {
    fn is_equivalent(&self, other: &Self) -> bool {
        self.id == other.id
            && self.key == other.key
            && self.poll_timeout == other.poll_timeout
            && self.end == other.end
            && self.of_message == other.of_message
            && self.init == other.init
    }
}

/// The session with the endpoint.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedSession {
    pub id: String,
    pub key: String,
    /// Milliseconds.
    pub poll_timeout: u64,
    /// The newest position that was received.
    pub offset: Option<i64>,
    /// The request for a chat, while no answer has confirmed it.
    pub init: Option<Shared<ChasitorInit>>,
    /// "End chat" was pressed, and no answer has confirmed it.
    #[serde(default)]
    pub end: bool,
    /// It is of a message that is left, and not of a conversation.
    #[serde(default)]
    pub of_message: bool,
}

impl std::fmt::Debug for SavedSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SavedSession")
    }
}

/// A message of the visitor that no answer has confirmed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Pending {
    pub custom_id: String,
    /// The text that a person reads; empty if the event is more than a text.
    pub text: String,
    /// When it was written; 0 if that is not known.
    #[serde(default)]
    pub at: Millis,
    /// Stored as `said` by versions before this name.
    #[serde(default, alias = "said")]
    pub event: OutgoingEvent,
    /// The session in which it was sent, and may have arrived; empty if in none. Stored as
    /// `went_in` by versions before this name.
    #[serde(default, alias = "went_in")]
    pub sent_in_session: String,
}

/// The event of the wire that a message becomes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub enum OutgoingEvent {
    /// A text and nothing else.
    #[default]
    Text,
    /// A text that answers a button.
    Postback(Postback),
    /// The answers to a form.
    Filled(Shared<FilledForm>),
    /// A file that the endpoint has stored.
    File(Shared<File>),
    /// A custom event of the page, as JSON.
    Custom(String),
}

/// A message that is not sent unless the visitor tries it again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Unsent {
    pub message: Pending,
    pub because: FailedBecause,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A device may hold messages that a document of an older version stored.
    #[test]
    fn a_message_that_was_stored_under_older_names_keeps_its_event() {
        let stored = include_str!("../fixtures/saved_under_older_names.json");
        let saved: Saved = serde_json::from_str(stored).unwrap();
        let [custom, postback, text] = saved.outbox.as_slice() else {
            panic!("three messages were stored");
        };
        assert_eq!(custom.event, OutgoingEvent::Custom(r#"{"a":1}"#.into()));
        assert_eq!(custom.sent_in_session, "S");
        assert!(matches!(&postback.event, OutgoingEvent::Postback(it) if it.id == "yes"));
        assert_eq!(text.event, OutgoingEvent::Text);
        let file = &saved.unsent[0].message;
        assert!(matches!(&file.event, OutgoingEvent::File(it) if it.url == "https://f.example/a"));
        assert_eq!(file.sent_in_session, "R");
    }

    #[test]
    fn a_message_is_stored_under_its_names_of_today() {
        let message = Pending {
            custom_id: "n-1".into(),
            event: OutgoingEvent::Custom("7".into()),
            ..Pending::default()
        };
        let stored = serde_json::to_value(&message).unwrap();
        assert_eq!(stored["event"]["Custom"], "7");
        assert_eq!(serde_json::from_value::<Pending>(stored).unwrap(), message);
    }
}
