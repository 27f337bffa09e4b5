//! Names of things on the wire, one type each, so that a thread's name cannot stand
//! where a chat's is wanted. An id knows its text and nothing of what it names; any
//! text is an id, since other systems choose theirs as they like. Only `EventId` has
//! a form of its own, and an id of another form stays readable.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        #[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(transparent))]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        $(#[$doc])*
        pub struct $name(String);

        impl $name {
            /// The id as it stands on the wire.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    };
}

id! {
    /// A visitor's relation with the site; ours are ten characters `A-Z0-9`.
    #[cfg_attr(feature = "openapi", schema(max_length = 254, examples("PJ0MRSHTDG")))]
    ChatId
}
id! {
    /// One conversation within a chat; ours are ten characters `A-Z0-9`.
    #[cfg_attr(feature = "openapi", schema(max_length = 254, examples("K600PKZON8")))]
    ThreadId
}
id! {
    /// One event: ours are `<thread>_<n>`, n counted from 1 within the thread, and
    /// `<thread>_<n>.<k>` of events that only agents see, behind the event of that number
    /// (`docs/PROTOCOL.md`, section 1).
    #[cfg_attr(feature = "openapi", schema(examples("K600PKZON8_1", "K600PKZON8_1.1")))]
    EventId
}
id! {
    /// A visitor's open connection to one thread (Chat REST API, `SessionId.id`).
    SessionId
}
id! {
    /// Whose endpoint this is (Chat REST API, `organizationId`).
    OrganizationId
}
id! {
    /// One site on which the chat is embedded (Chat REST API, `deploymentId`).
    DeploymentId
}
id! {
    /// One way into the chat, with its own queue (Chat REST API, `buttonId`).
    ButtonId
}
id! {
    /// Somebody who answers; in the Agent Chat API an e-mail address, which may stand for an id.
    AgentId
}
id! {
    /// Somebody who asks.
    CustomerId
}
id! {
    /// An agent or a customer, where either may stand.
    UserId
}
id! {
    /// Something that the site keeps of a visitor, as a contact or a case; ours are UUIDs.
    RecordId
}
id! {
    /// A record as it is attached to one conversation (`attachedRecords`). It tells nothing of
    /// the record; ours are UUIDs.
    AttachedRecordId
}
id! {
    /// What a sender calls its own event: the same id again is the same event.
    #[cfg_attr(feature = "openapi", schema(max_length = 254))]
    CustomId
}

impl From<AgentId> for UserId {
    fn from(id: AgentId) -> Self {
        Self(id.0)
    }
}

impl From<CustomerId> for UserId {
    fn from(id: CustomerId) -> Self {
        Self(id.0)
    }
}

/// The place of an event in its thread. Places are ordered as the events are.
///
/// Events that only agents see are numbered apart from the others, so that the
/// numbers that a visitor knows do not tell how many of them there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct EventPlace {
    /// 1, 2, 3 … among the events that visitors see. An event that only agents
    /// see has the number of the one before it, or 0.
    pub number: u64,
    /// 1, 2, 3 … among the events of the thread that only agents see; 0 for the
    /// others.
    pub private: u64,
}

impl EventId {
    /// The id of the thread's event at a place.
    pub fn new(thread: &ThreadId, place: EventPlace) -> Self {
        match place {
            EventPlace { number, private: 0 } => Self(format!("{thread}_{number}")),
            EventPlace { number, private } => Self(format!("{thread}_{number}.{private}")),
        }
    }

    /// The place within the thread; none when the id is not of our form.
    pub fn place(&self) -> Option<EventPlace> {
        self.parts().map(|(_, place)| place)
    }

    /// The number of an event that visitors see; none for other ids.
    pub fn number(&self) -> Option<u64> {
        let place = self.place().filter(|place| place.private == 0);
        place.map(|place| place.number)
    }

    /// The thread the event belongs to; none when the id is not of our form.
    pub fn thread(&self) -> Option<ThreadId> {
        self.parts().map(|(thread, _)| ThreadId::from(thread))
    }

    fn parts(&self) -> Option<(&str, EventPlace)> {
        let (thread, place) = self.0.rsplit_once('_')?;
        let place = match place.split_once('.') {
            None => EventPlace {
                number: counted(place)?,
                private: 0,
            },
            Some((number, private)) => EventPlace {
                number: if number == "0" { 0 } else { counted(number)? },
                private: counted(private)?,
            },
        };
        (!thread.is_empty()).then_some((thread, place))
    }
}

/// A number from 1, in digits only and without zeros in front.
fn counted(text: &str) -> Option<u64> {
    let canonical = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    canonical.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn event_id_carries_its_thread_and_place() {
        let thread = ThreadId::from("K600PKZON8");
        for (number, private, text, visible) in [
            (12, 0, "K600PKZON8_12", Some(12)),
            (12, 3, "K600PKZON8_12.3", None),
            (0, 1, "K600PKZON8_0.1", None),
        ] {
            let place = EventPlace { number, private };
            let id = EventId::new(&thread, place);
            assert_eq!(id.as_str(), text);
            assert_eq!(id.place(), Some(place));
            assert_eq!(id.number(), visible);
            assert_eq!(id.thread(), Some(thread.clone()));
        }
    }

    #[test]
    fn places_are_in_the_order_of_the_events() {
        let places = ["T_0.1", "T_1", "T_1.2", "T_1.3", "T_2", "T_10"];
        let places = places.map(|id| EventId::from(id).place().unwrap());
        assert!(places.is_sorted(), "{places:?}");
    }

    #[test]
    fn event_id_of_another_form_has_neither() {
        for text in [
            "0affb00a-82d6-4e07-ae61-56ba5c36f743",
            "",
            "_",
            "_1",
            "T_",
            "T_0",
            "T_01",
            "T_+1",
            "T_-1",
            "T_1 ",
            "T_1.",
            "T_1.0",
            "T_1.02",
            "T_01.2",
            "T_.2",
            "T_1.2.3",
            "T_1.-2",
            "T_99999999999999999999999",
        ] {
            let id = EventId::from(text);
            assert_eq!((id.place(), id.thread()), (None, None), "{text:?}");
        }
    }

    #[test]
    fn thread_name_may_hold_underscores() {
        let id = EventId::from("a_b_3");
        assert_eq!(id.thread(), Some(ThreadId::from("a_b")));
        assert_eq!(id.number(), Some(3));
    }

    #[test]
    fn id_is_plain_text_in_json() {
        let id: ChatId = serde_json::from_str("\"PJ0MRSHTDG\"").unwrap();
        assert_eq!(serde_json::to_string(&id).unwrap(), "\"PJ0MRSHTDG\"");
    }
}
