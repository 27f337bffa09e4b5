//! Who waits for something new in a customer's conversations without having one: a
//! window that is open, or a device on which the visitor has just signed in. This state
//! is in memory only: after a restart they simply ask again.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use parlor_wire::CustomerId;
use tokio::sync::Notify;

/// The most requests of one customer that wait at a time: more than anybody has windows
/// in sight.
const WATCHES_MAX: usize = 10;

type Slots = Arc<Mutex<BTreeMap<CustomerId, Slot>>>;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct HistoryWatches(Slots);

#[derive(Debug, Default)]
struct Slot {
    changed: Arc<Notify>,
    watches: usize,
}

/// A request that waits. Dropping it ends the watch, which also happens when the
/// connection breaks.
#[derive(Debug)]
pub(crate) struct HistoryWatch {
    slots: Slots,
    customer: CustomerId,
    /// All who wait are notified of a change.
    pub(crate) changed: Arc<Notify>,
}

impl HistoryWatches {
    /// Begins to watch; `None` where too many requests of the customer wait already.
    pub(crate) fn watch(&self, customer: &CustomerId) -> Option<HistoryWatch> {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = slots.entry(customer.clone()).or_default();
        if slot.watches >= WATCHES_MAX {
            return None;
        }
        slot.watches += 1;
        Some(HistoryWatch {
            slots: self.0.clone(),
            customer: customer.clone(),
            changed: slot.changed.clone(),
        })
    }

    /// The customer's conversations have changed.
    pub(crate) fn changed(&self, customer: &CustomerId) {
        let slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = slots.get(customer) {
            slot.changed.notify_waiters();
        }
    }
}

impl Drop for HistoryWatch {
    fn drop(&mut self) {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = slots.get_mut(&self.customer) {
            slot.watches -= 1;
            if slot.watches == 0 {
                slots.remove(&self.customer);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_watch_at_a_time_and_leave_nothing_behind() {
        let watches = HistoryWatches::default();
        let customer = CustomerId::from("U");
        let held: Vec<_> = (0..WATCHES_MAX)
            .map(|_| watches.watch(&customer).unwrap())
            .collect();
        assert!(watches.watch(&customer).is_none());
        assert!(watches.watch(&"V".into()).is_some());
        drop(held);
        assert!(watches.0.lock().unwrap().is_empty());
    }
}
