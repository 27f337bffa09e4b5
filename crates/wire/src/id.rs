//! Names of things on the wire, one type each, so that a thread's name cannot stand
//! where a chat's is wanted. An id knows its text and nothing of what it names; any
//! text is an id, since other systems choose theirs as they like. Only `EventId` has
//! a form of its own, and an id of another form stays readable.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
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
    ChatId
}
id! {
    /// One conversation within a chat; ours are ten characters `A-Z0-9`.
    ThreadId
}
id! {
    /// One event: ours are `<thread>_<n>`, n counted from 1 within the thread.
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
    /// Somebody who answers; in the Agent Chat API an e-mail address.
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
    /// What a sender calls its own event, so that a second sending is known as such.
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

impl EventId {
    /// The id of the thread's `number`-th event.
    pub fn new(thread: &ThreadId, number: u64) -> Self {
        Self(format!("{thread}_{number}"))
    }

    /// The place within the thread; none when the id is not of our form.
    pub fn number(&self) -> Option<u64> {
        self.parts().map(|(_, number)| number)
    }

    /// The thread the event belongs to; none when the id is not of our form.
    pub fn thread(&self) -> Option<ThreadId> {
        self.parts().map(|(thread, _)| ThreadId::from(thread))
    }

    fn parts(&self) -> Option<(&str, u64)> {
        let (thread, number) = self.0.rsplit_once('_')?;
        let canonical = number.bytes().all(|byte| byte.is_ascii_digit())
            && !number.starts_with('0')
            && !thread.is_empty();
        canonical
            .then(|| number.parse().ok())
            .flatten()
            .map(|number| (thread, number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn event_id_carries_its_thread_and_place() {
        let id = EventId::new(&ThreadId::from("K600PKZON8"), 12);
        assert_eq!(id.as_str(), "K600PKZON8_12");
        assert_eq!(id.number(), Some(12));
        assert_eq!(id.thread(), Some(ThreadId::from("K600PKZON8")));
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
            "T_99999999999999999999999",
        ] {
            let id = EventId::from(text);
            assert_eq!((id.number(), id.thread()), (None, None), "{text:?}");
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
