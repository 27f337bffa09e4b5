//! Customers of whom everything was erased, or is to be.

use std::sync::Arc;

use parlor_wire::id::CustomerId;

use super::state::{State, at_most, copy};
use crate::store::row::Erasure;

impl State {
    pub(super) fn put_erasure(&mut self, row: &Erasure) {
        self.erasures
            .insert(row.customer_id.clone(), Arc::new(row.clone()));
    }

    pub(super) fn erasure(&self, customer: &CustomerId) -> Option<Erasure> {
        copy(self.erasures.get(customer))
    }

    pub(super) fn pending_erasures(&self, limit: i64) -> Vec<Erasure> {
        let pending = self.erasures.values().filter(|it| it.erased_at.is_none());
        let mut pending: Vec<Erasure> = pending.map(|it| Erasure::clone(it)).collect();
        // By id already.
        pending.sort_by_key(|it| it.requested_at);
        pending.truncate(at_most(limit));
        pending
    }
}
