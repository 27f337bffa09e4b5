//! The outputs of a tab: those of the session, and those that are for other tabs
//! and for the election of the leader.

use super::{Command, CommandId, Message};
use crate::{session, shared::Shared};

#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// The session wants something done, or the display of this tab changed.
    Session(session::Output),
    /// Persist this message on the device, beside the session's state, until the
    /// leading tab has executed it. Comes before the message is displayed.
    PersistCommand(Shared<Command>),
    /// The leading tab has executed the command: remove it from the device.
    RemoveCommand(CommandId),
    /// Send this to all other tabs of the visitor.
    Broadcast(Box<Message>),
    /// Acquire the lock or lease, then give [`super::Input::LeadershipGained`].
    RequestLeadership(Claim),
}

/// How the lead is requested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// Wait until no other tab leads.
    Queue,
    /// Take it now: the tab that leads no longer answers.
    Steal,
}

impl From<session::Output> for Output {
    fn from(output: session::Output) -> Self {
        Self::Session(output)
    }
}
