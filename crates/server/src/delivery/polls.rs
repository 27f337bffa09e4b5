//! The polls that are open in this process: one a session, woken when there
//! may be mail. Lost with the process, which costs nothing: the clients poll
//! again.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use parlor_wire::SessionId;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Polls {
    slots: Arc<Mutex<BTreeMap<SessionId, Slot>>>,
}

#[derive(Debug, Default)]
struct Slot {
    message_queued: Arc<Notify>,
    closed: Arc<Notify>,
    open: Option<Open>,
    /// The greatest number that our own client's polls had.
    newest: Option<u64>,
    serial: u64,
    /// The session is over: the slot goes with its last poll.
    over: bool,
}

#[derive(Debug)]
struct Open {
    serial: u64,
    number: Option<u64>,
    superseded: CancellationToken,
}

/// Why a poll may not be opened.
#[derive(Debug)]
pub(crate) enum PollRefused {
    /// Another is open. Its end is told by this.
    Duplicate(Arc<Notify>),
    /// A newer one of the same client was here: this is a late copy.
    Stale,
}

/// An open poll; closed when dropped, also when the connection is gone.
#[derive(Debug)]
pub(crate) struct OpenPoll {
    slots: Arc<Mutex<BTreeMap<SessionId, Slot>>>,
    session: SessionId,
    serial: u64,
    pub(crate) message_queued: Arc<Notify>,
    pub(crate) superseded: CancellationToken,
}

impl Polls {
    /// A poll with a greater number than the open one relieves it: the client
    /// knows that it gave the older one up. Without numbers, two are one too
    /// many.
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

    /// There may be mail.
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

    /// A hand-over: the client may number its polls from anywhere. What is
    /// left over from before shows the token from before.
    pub(crate) fn restart(&self, session: &SessionId) {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = slots.get_mut(session) {
            slot.newest = None;
            slot.message_queued.notify_one();
        }
    }

    /// The session is over; nothing of it needs to be known any more, once the
    /// poll that is open now is closed.
    pub(crate) fn forget(&self, session: &SessionId) {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = slots.get_mut(session) {
            slot.over = true;
            if slot.open.is_none() {
                slots.remove(session);
            }
        }
    }

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
    fn two_polls_without_numbers_are_one_too_many() {
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
    fn a_greater_number_relieves_and_a_late_copy_is_stale() {
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
    fn nothing_is_kept_of_a_session_that_is_over() {
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
