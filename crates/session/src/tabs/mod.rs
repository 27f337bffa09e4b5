//! The visitor's tabs. However many are open, one leads: it runs the session. The
//! others display what the leader broadcasts, and forward their visitor's commands
//! to it.
//!
//! Nothing here knows of channels or locks: the driver carries [`Message`]s to all
//! other tabs, holds a lock or a [`lease`], and says which tab leads.

mod election;
mod follower;
mod forwarding;
mod input;
mod leader;
pub mod lease;
mod output;
mod tab;

use serde::{Deserialize, Serialize};

use crate::{
    Millis,
    change::Change,
    intent::Intent,
    line::LineId,
    saved::{Pending, Saved},
    shared::Shared,
    visit::Page,
};

pub use election::{LEADER_SILENT_MAX, PING_EVERY};
pub use follower::OWN_DRAFT_WINS_FOR;
pub use input::Input;
pub use leader::{COMMAND_EXPIRES_AFTER, EXECUTED_COMMANDS_MAX};
pub use output::{Claim, Output};
pub use tab::Tab;

/// The version of [`Message`], of a document. Tabs of one site may have been loaded before and after
/// an update of the endpoint. Whoever changes a type that messages hold raises it.
pub const VERSION: u32 = 13;

/// What crosses the channel between tabs: the version can be read whatever the message is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Envelope<T> {
    pub version: u32,
    pub message: T,
}

/// Names one life of the document in one tab: the nonce that it was booted with.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TabId(pub String);

/// A message from one tab to all others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    pub from: TabId,
    /// The newest term that the sender knows; its own if it leads.
    pub term: u64,
    pub payload: TabPayload,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum TabPayload {
    /// A tab has opened, or has missed changes: it asks the leader for a snapshot.
    Hello,
    /// The leader sends everything that is displayed, as the changes that make it
    /// from an empty window. `number` is that of the last change.
    Snapshot { number: u64, changes: Vec<Change> },
    /// The leader sends what changed, and which commands it has executed. Numbers
    /// have no gaps.
    Changes {
        number: u64,
        changes: Vec<Change>,
        executed: Vec<CommandId>,
    },
    /// A follower asks whether the leader is there.
    Ping,
    /// The leader answers a ping, with the number of its last change.
    Pong { number: u64 },
    /// A follower forwards a command of its visitor.
    Command(Shared<Command>),
    /// The visitor typed in the composer of the sending tab. `at` is the time of the
    /// device's clock: a frozen tab receives old drafts late.
    Draft { at: Millis, text: String },
    /// The window was opened or closed in the sending tab.
    WindowShown(bool),
    /// The visitor is on this page now, which is around the sending tab's window.
    Page(Page),
    /// The sending tab became visible, or hidden.
    Visibility(bool),
    /// The leader sends the session's state while the device refuses to persist it:
    /// the next leader continues from it. None once the device has persisted it.
    Unpersisted(Option<Box<Saved>>),
}

impl TabPayload {
    /// Whether only a leader sends this.
    fn is_by_leader(&self) -> bool {
        matches!(
            self,
            Self::Snapshot { .. } | Self::Changes { .. } | Self::Pong { .. } | Self::Unpersisted(_)
        )
    }
}

/// Names a command, as `<tab>-<number>`. The message that a command sends has the
/// same id for ever.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CommandId(pub String);

/// What a visitor wants the leading tab to do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Command {
    pub id: CommandId,
    /// When it was given, by the device's clock.
    pub at: Millis,
    pub intent: Intent,
    /// The message as a tab had it that led before, if one did.
    #[serde(default)]
    pub pending: Option<Box<Pending>>,
}

/// What the device has persisted, read by a tab that takes the lead.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Persisted {
    pub saved: Option<Saved>,
    /// Messages that followers have persisted and no leader has executed.
    pub commands: Vec<Command>,
}

impl Command {
    /// Whether it sends a message. Messages never expire, and are persisted until a
    /// leader has executed them.
    pub(crate) fn is_message(&self) -> bool {
        self.pending.is_some() || matches!(self.intent, Intent::Send(_))
    }
}

impl CommandId {
    /// Sorts the commands of each tab in the order in which they were given.
    pub(crate) fn tab_and_number(&self) -> (&str, u64) {
        let (tab, number) = self.0.rsplit_once('-').unwrap_or((&self.0, "0"));
        (tab, number.parse().unwrap_or(0))
    }

    pub(crate) fn line(&self) -> LineId {
        LineId(self.0.clone())
    }
}
