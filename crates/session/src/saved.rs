//! What the device keeps, so that a reload comes back to the conversation.
//! The driver stores it as it is; losing it costs a conversation's thread, not
//! correctness.

use parlor_wire::{
    event::{File, FilledForm, Postback},
    visitor::ChasitorInit,
};
use serde::{Deserialize, Serialize};

use crate::{Millis, line::FailedBecause};

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Saved {
    /// Given by the endpoint; joins a visitor's conversations.
    pub visitor_id: Option<String>,
    pub session: Option<SavedSession>,
    /// The request for a chat, while there is no session to make it in.
    pub opening: Option<ChasitorInit>,
    /// Messages that no answer has confirmed yet, in order.
    pub outbox: Vec<Pending>,
    /// Messages that were given up, and are offered again.
    pub unsent: Vec<Unsent>,
    /// What stands in the composer.
    pub draft: String,
    /// Grows with every tab that takes the lead: what an older leader still
    /// wants to keep is old news.
    pub term: u64,
}

impl Saved {
    /// A conversation is asked for, and no answer has confirmed it.
    pub(crate) fn begins(&self) -> bool {
        let session = self.session.as_ref();
        self.opening.is_some() || session.is_some_and(|session| session.init.is_some())
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
    pub init: Option<ChasitorInit>,
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
    pub said: Said,
}

/// What a message of the visitor's is besides its text.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub enum Said {
    #[default]
    Text,
    /// It answers a button.
    Postback(Postback),
    Filled(Box<FilledForm>),
    /// A file that the endpoint has stored.
    File(Box<File>),
    /// An event of the page's own, as JSON.
    Custom(String),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Unsent {
    pub message: Pending,
    pub because: FailedBecause,
}
