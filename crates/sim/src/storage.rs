//! The storage that all tabs of a device share, and the lock of the leading tab.

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
    /// Web Locks: the tab that holds the lock, and those that queue for it.
    pub(crate) holder: Option<usize>,
    pub(crate) queue: Vec<usize>,
    /// Whether it refuses every write.
    pub(crate) refuses: bool,
}

impl Storage {
    pub(crate) fn persisted(&self) -> Persisted {
        Persisted {
            saved: self.saved.clone(),
            commands: self.commands.values().cloned().collect(),
        }
    }

    /// False if the state of a newer term is persisted.
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
