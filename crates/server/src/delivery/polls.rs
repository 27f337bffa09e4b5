//! The polls that are open in this process, one for each session. A poll is
//! woken when a message may have been queued. This state is in memory only:
//! after a restart the clients simply poll again.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use parlor_wire::SessionId;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// See the module. Clones share the state.
#[derive(Debug, Default)]
pub(crate) struct Polls {
    slots: Arc<Mutex<BTreeMap<SessionId, Slot>>>,
}

#[derive(Debug, Default)]
struct Slot {
    message_queued: Arc<Notify>,
    closed: Arc<Notify>,
    open: Option<Open>,
    /// The greatest `poll` number that the client has sent (`docs/PROTOCOL.md`,
    /// 5).
    newest: Option<u64>,
    serial: u64,
    /// The session has ended: the slot is removed with its last poll.
    over: bool,
}

#[derive(Debug)]
struct Open {
    serial: u64,
    number: Option<u64>,
    superseded: CancellationToken,
}

/// Why a poll is refused.
#[derive(Debug)]
pub(crate) enum PollRefused {
    /// Another poll is open. This is notified when it closes.
    Duplicate(Arc<Notify>),
    /// A poll with a greater number was open before: this is a delayed copy.
    Stale,
}

/// An open poll. Dropping it closes it, which also happens when the connection
/// breaks.
#[derive(Debug)]
pub(crate) struct OpenPoll {
    slots: Arc<Mutex<BTreeMap<SessionId, Slot>>>,
    session: SessionId,
    serial: u64,
    pub(crate) message_queued: Arc<Notify>,
    pub(crate) superseded: CancellationToken,
}

impl Polls {
    /// Opens a poll. One with a greater number supersedes the open one, because
    /// the client has given that up. Without numbers, a second poll is a
    /// duplicate.
    pub(crate) fn open(
        &self,
        session: &SessionId,
        number: Option<u64>,
    ) -> Result<OpenPoll, PollRefused> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = slots.entry(session.clone()).or_default();
        if let (Some(number), Some(newest)) = (number, slot.newest)
            && number <= newest
        {
            return Err(PollRefused::Stale);
        }
        if let Some(open) = &slot.open {
            match (number, open.number) {
                (Some(new), Some(old)) if new > old => open.superseded.cancel(),
                _ => return Err(PollRefused::Duplicate(slot.closed.clone())),
            }
        }
        slot.serial += 1;
        slot.newest = number.or(slot.newest);
        let superseded = CancellationToken::new();
        slot.open = Some(Open {
            serial: slot.serial,
            number,
            superseded: superseded.clone(),
        });
        Ok(OpenPoll {
            slots: self.slots.clone(),
            session: session.clone(),
            serial: slot.serial,
            message_queued: slot.message_queued.clone(),
            superseded,
        })
    }

    /// A message may have been queued for the session.
    pub(crate) fn wake(&self, session: &SessionId) {
        let slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = slots.get(session) {
            slot.message_queued.notify_one();
        }
    }

    pub(crate) fn is_open(&self, session: &SessionId) -> bool {
        let slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.get(session).is_some_and(|slot| slot.open.is_some())
    }

    /// After a hand-over the client may number its polls anew. An open poll of
    /// before is woken, and fails by its old affinity token.
    pub(crate) fn restart(&self, session: &SessionId) {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = slots.get_mut(session) {
            slot.newest = None;
            slot.message_queued.notify_one();
        }
    }

    /// The session has ended: its slot is removed, at the latest when its open
    /// poll closes.
    pub(crate) fn forget(&self, session: &SessionId) {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = slots.get_mut(session) {
            slot.over = true;
            if slot.open.is_none() {
                slots.remove(session);
            }
        }
    }

    /// The sessions of which a poll is open.
    pub(crate) fn open_sessions(&self) -> Vec<SessionId> {
        let slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let open = slots.iter().filter(|(_, slot)| slot.open.is_some());
        open.map(|(session, _)| session.clone()).collect()
    }

    /// How many polls are open, for the metrics.
    pub(crate) fn count(&self) -> usize {
        let slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.values().filter(|slot| slot.open.is_some()).count()
    }
}

impl Drop for OpenPoll {
    fn drop(&mut self) {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = slots.get_mut(&self.session)
            && slot.open.as_ref().is_some_and(|o| o.serial == self.serial)
        {
            slot.open = None;
            slot.closed.notify_waiters();
            if slot.over {
                slots.remove(&self.session);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_poll_without_a_number_is_a_duplicate() {
        let polls = Polls::default();
        let id = SessionId::from("s");
        let first = polls.open(&id, None).unwrap();
        assert!(matches!(
            polls.open(&id, None),
            Err(PollRefused::Duplicate(_))
        ));
        drop(first);
        assert!(polls.open(&id, None).is_ok());
    }

    #[test]
    fn a_greater_number_supersedes_and_a_delayed_copy_is_stale() {
        let polls = Polls::default();
        let id = SessionId::from("s");
        let first = polls.open(&id, Some(5)).unwrap();
        let second = polls.open(&id, Some(6)).unwrap();
        assert!(first.superseded.is_cancelled());
        drop(first);
        assert!(polls.is_open(&id));
        drop(second);
        assert!(matches!(polls.open(&id, Some(5)), Err(PollRefused::Stale)));
        polls.restart(&id);
        assert!(polls.open(&id, Some(5)).is_ok());
    }

    #[test]
    fn the_slot_of_an_ended_session_is_removed() {
        let polls = Polls::default();
        let id = SessionId::from("s");
        let last = polls.open(&id, None).unwrap();
        polls.forget(&id);
        assert!(polls.is_open(&id));
        drop(last);
        assert!(polls.slots.lock().unwrap().is_empty());
        drop(polls.open(&id, None).unwrap());
        polls.forget(&id);
        assert!(polls.slots.lock().unwrap().is_empty());
    }
}
