//! The inputs of a tab: those of the session, and those that come from other
//! tabs and from the election of the leader.

use super::{Message, Persisted};
use crate::session;

#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// Something happened that concerns the session, or that the tab forwards
    /// to the leading tab.
    Session(session::Input),
    /// Another tab of the same visitor broadcast a message.
    Message(Box<Message>),
    /// This tab leads from now on. Carries what the device has persisted, read
    /// after the lock or lease was acquired.
    LeadershipGained(Box<Persisted>),
    /// This tab no longer leads, if it did.
    LeadershipLost,
}

impl From<session::Input> for Input {
    fn from(input: session::Input) -> Self {
        Self::Session(input)
    }
}
