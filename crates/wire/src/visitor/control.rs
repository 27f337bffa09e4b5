//! Custom events that are no events of the log (`docs/PROTOCOL.md`, 5): what a visitor
//! says of a button, of what they have seen, of the conversation and of themself, and
//! what a poll says of events that it brought before. Each is the `data` of a
//! `CustomEvent` of the type that is named here. All but one say a state, so that the
//! same again changes nothing.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::event::Toggled;
use crate::free::Free;
use crate::id::{CustomId, EventId, ThreadId, UserId};
use crate::word::words;

words! {
    /// The type of such a `CustomEvent`.
    pub enum Control {
        /// A visitor's [`Press`].
        RichMessagePostback => "rich_message_postback",
        /// A visitor's [`SeenUpTo`], and a poll's [`EventsSeen`].
        EventsMarkedAsSeen => "events_marked_as_seen",
        /// A visitor's [`Rating`].
        Rating => "rating",
        /// A visitor's [`SessionFields`].
        SessionFields => "session_fields",
        /// A visitor's [`TranscriptRequest`].
        TranscriptRequest => "transcript_request",
        /// A visitor's [`Identify`].
        Identify => "identify",
        /// In a poll: a whole event anew, since who has a button toggled, or its properties,
        /// changed.
        EventUpdated => "event_updated",
    }
}

/// A button was pressed, or let go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Press {
    /// The thread with the rich message.
    pub thread_id: ThreadId,
    /// The rich message.
    pub event_id: EventId,
    /// Which button, and how it is now.
    pub postback: Toggled,
}

/// An event as a visitor sends it: its body, and the visitor's own id for it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SentEvent<B> {
    /// The event's type.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Absent for what says a state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_id: Option<CustomId>,
    /// One of the bodies of [`crate::EventBody`].
    #[serde(flatten)]
    pub body: B,
}

/// The visitor has seen all events up to a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenUpTo {
    /// RFC 3339: the `created_at` of the newest event that was seen.
    pub seen_up_to: String,
}

/// An agent has seen all events up to a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventsSeen {
    /// Who.
    pub user_id: UserId,
    /// RFC 3339: the `created_at` of the newest event that was seen.
    pub seen_up_to: String,
}

words! {
    /// How it was.
    pub enum Score {
        /// The visitor is content.
        Good => "good",
        /// The visitor is not.
        Bad => "bad",
    }
}

/// What the visitor thinks of the conversation. The newest counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rating {
    /// How it was.
    pub score: Score,
    /// Why, in their own words; the one before stays when it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// The visitor wants the conversation by e-mail when it ends. The newest counts.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TranscriptRequest {
    /// Where to; absent for the address that they have given before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

/// The site vouches for the visitor of a conversation that has begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identify {
    /// As in [`ChasitorInit`](super::ChasitorInit).
    pub identity_token: String,
}

/// What the page says of the visitor (Agent Chat API, Customer).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct SessionFields {
    /// One key in each object, and the newest value of a key counts.
    pub session_fields: Vec<BTreeMap<String, Free>>,
}
