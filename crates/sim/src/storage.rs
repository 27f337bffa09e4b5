//! What a device keeps for all its tabs, and who of them leads.

use std::collections::BTreeMap;

use parlor_session::{
    Saved,
    tabs::{Command, CommandId, Persisted, lease::Lease},
};

/// The storage of one origin, with its lock.
#[derive(Debug, Default)]
pub(crate) struct Storage {
    pub(crate) saved: Option<Saved>,
    pub(crate) commands: BTreeMap<CommandId, Command>,
    pub(crate) lease: Option<Lease>,
    /// Web Locks: who has it, and who waits for it in turn.
    pub(crate) holder: Option<usize>,
    pub(crate) waiting: Vec<usize>,
    /// It refuses whatever is written.
    pub(crate) refuses: bool,
}

impl Storage {
    pub(crate) fn kept(&self) -> Persisted {
        Persisted {
            saved: self.saved.clone(),
            commands: self.commands.values().cloned().collect(),
        }
    }

    /// False when a newer leader's is kept.
    pub(crate) fn save(&mut self, saved: Saved) -> bool {
        if self
            .saved
            .as_ref()
            .is_some_and(|kept| kept.term > saved.term)
        {
            return false;
        }
        if !self.refuses {
            self.saved = Some(saved);
        }
        true
    }
}
