//! The visitor's tabs: however many there are, one leads. The leading tab runs
//! the session; the others show what it tells them, and hand it what their
//! visitor wants.
//!
//! It knows neither channels nor locks: the driver carries [`Message`]s to all
//! other tabs, keeps a lock or a [`lease`], and says who leads.
//!
//! Must stay true: what a follower was asked to send is kept on the device
//! before it is shown, and until the leader has it; what is handed over twice
//! is done once; of two that believe they lead, the one of the older term lets
//! go as soon as it hears or reads of the other.

pub mod coded;
pub mod lease;
mod tab;

use serde::{Deserialize, Serialize};

use crate::{
    Millis,
    change::Change,
    intent::Intent,
    line::LineId,
    saved::{Pending, Saved},
    shared::Shared,
};

pub use tab::Tab;

/// A follower that is looked at, or waits for something, asks this often
/// whether the leader lives.
pub const PING_EVERY: Millis = 350;

/// A leader that says nothing for this long is frozen or gone: another takes
/// over, within the second in which that must have happened.
pub const LEADER_SILENT_MAX: Millis = 800;

/// What was typed stays for so long whatever the leader tells: it was told
/// before the leader heard of it.
pub const OWN_DRAFT_WINS_FOR: Millis = 1_000;

/// A click that the leader did not get within this time is not done any more:
/// the person has seen that nothing came of it. Messages do not grow old here.
pub const COMMAND_EXPIRES_AFTER: Millis = 10_000;

/// Things done that are remembered, so that they are not done again. A repeat
/// comes within seconds.
pub const EXECUTED_COMMANDS_MAX: usize = 256;

/// One life of the document in one tab: the nonce it was booted with.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TabId(pub String);

/// What a tab says to all others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    pub from: TabId,
    /// The newest term that the speaker knows, or its own if it leads.
    pub term: u64,
    pub payload: TabPayload,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum TabPayload {
    /// A tab has come, or has missed something, and wants the picture.
    Hello,
    /// The leader: everything, as the changes that make it from nothing.
    /// `number` is that of the change made last.
    Snapshot { number: u64, changes: Vec<Change> },
    /// The leader: what moved, and what was done of what was asked for.
    /// Numbered without gaps.
    Changes {
        number: u64,
        changes: Vec<Change>,
        executed: Vec<CommandId>,
    },
    /// A follower: is the leader there?
    Ping,
    /// The leader: it is, and the change made last was this.
    Pong { number: u64 },
    /// A follower's visitor wants something.
    Command(Shared<Command>),
    /// The composer of the tab that speaks holds this since then, by the device's
    /// clock: one that was frozen hears late what was older.
    Draft { at: Millis, text: String },
    /// The window was opened or closed in the tab that speaks.
    WindowShown(bool),
    /// The visitor looks at the tab that speaks, or no longer does.
    Visibility(bool),
    /// The leader: what the device refuses to keep; the next leader goes on from
    /// it. None where the device has it.
    Unpersisted(Option<Box<Saved>>),
}

/// Names what was asked for; a message has it for its id, for ever.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CommandId(pub String);

/// What a visitor wants of the leader.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Command {
    pub id: CommandId,
    /// When, by the device's clock.
    pub at: Millis,
    pub intent: Intent,
    /// What a tab that led before had of it.
    #[serde(default)]
    pub pending: Option<Box<Pending>>,
}

/// What the device keeps, read by a tab that has just taken the lead.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Persisted {
    pub saved: Option<Saved>,
    /// What followers asked for and no leader has taken yet, oldest first.
    pub commands: Vec<Command>,
}

impl Command {
    /// A message: never dropped, and kept on the device until a leader has it.
    pub(crate) fn is_message(&self) -> bool {
        self.pending.is_some() || matches!(self.intent, Intent::Send(_))
    }
}

impl CommandId {
    /// Which of its tab's it is, by age.
    pub(crate) fn age(&self) -> (&str, u64) {
        let (tab, n) = self.0.rsplit_once('-').unwrap_or((&self.0, "0"));
        (tab, n.parse().unwrap_or(0))
    }

    pub(crate) fn line(&self) -> LineId {
        LineId(self.0.clone())
    }
}
