//! What the device keeps, so that a reload comes back to the conversation.
//! The driver stores it as it is; losing it costs a conversation's thread, not
//! correctness.

use parlor_wire::{
    event::{File, FilledForm, Postback},
    visitor::ChasitorInit,
};
use serde::{Deserialize, Serialize};

use crate::{Millis, line::FailedBecause, shared::Shared};

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Saved {
    /// Given by the endpoint; joins a visitor's conversations.
    pub visitor_id: Option<String>,
    pub session: Option<SavedSession>,
    /// The request for a chat, while there is no session to make it in.
    pub opening: Option<Shared<ChasitorInit>>,
    /// Messages that no answer has confirmed yet, in order.
    pub outbox: Vec<Pending>,
    /// Messages that were given up, and are offered again.
    pub unsent: Vec<Unsent>,
    /// What stands in the composer.
    pub draft: String,
    /// When the tab took the lead, and greater than any before: what an older
    /// leader still wants to keep is old news.
    pub term: u64,
}

impl Saved {
    /// There is a conversation, or one is asked for.
    pub(crate) fn has_conversation(&self) -> bool {
        self.session.is_some() || self.opening.is_some()
    }

    /// Whether it is the same to whoever keeps it. What is said under an id never
    /// changes, only where it went: looking at each part of it would be much code
    /// for nothing. The position alone is not worth a save with every message that
    /// is heard: from an older one the endpoint tells a few things again, and each
    /// has its id.
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
            && self.draft == other.draft
            && self.term == other.term
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
            && self.init == other.init
    }
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedSession {
    pub id: String,
    pub key: String,
    /// Milliseconds.
    pub poll_timeout: u64,
    /// The newest position that was received.
    pub offset: Option<i64>,
    /// The request, while no answer has confirmed it.
    pub init: Option<Shared<ChasitorInit>>,
    /// "End chat" was pressed, and no answer has confirmed it.
    #[serde(default)]
    pub end: bool,
}

impl std::fmt::Debug for SavedSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SavedSession")
    }
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Pending {
    pub custom_id: String,
    /// What a person reads of it; nothing where `said` has more.
    pub text: String,
    /// When it was written; 0 where that is not known.
    #[serde(default)]
    pub at: Millis,
    #[serde(default)]
    pub event: OutgoingEvent,
    /// The session in which it went, and may have arrived; empty where in none.
    #[serde(default)]
    pub sent_in_session: String,
}

/// What a message of the visitor's is besides its text.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub enum OutgoingEvent {
    #[default]
    Text,
    /// It answers a button.
    Postback(Postback),
    Filled(Shared<FilledForm>),
    /// A file that the endpoint has stored.
    File(Shared<File>),
    /// An event of the page's own, as JSON.
    Custom(String),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Unsent {
    pub message: Pending,
    pub because: FailedBecause,
}
