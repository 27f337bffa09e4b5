//! Goals that visitors have reached.

use std::sync::Arc;

use parlor_wire::id::ThreadId;

use super::state::{State, at_most, orphan};
use crate::store::{
    CONVERSIONS_KEPT, Result,
    row::{Conversion, NewConversion},
};

impl State {
    pub(super) fn add_conversion(&mut self, row: &NewConversion) -> Result<()> {
        if !self.threads.contains_key(&row.thread_id) {
            return Err(orphan("conversion.thread_id"));
        }
        self.conversion_number += 1;
        let added = Conversion {
            number: self.conversion_number,
            what: row.clone(),
        };
        let key = (row.thread_id.clone(), added.number);
        self.conversions.insert(key, Arc::new(added));
        let of_thread = self.conversions_of(std::slice::from_ref(&row.thread_id));
        let excess = of_thread.len().saturating_sub(at_most(CONVERSIONS_KEPT));
        for old in of_thread.into_iter().take(excess) {
            self.conversions.remove(&(old.what.thread_id, old.number));
        }
        Ok(())
    }

    pub(super) fn conversions_of(&self, threads: &[ThreadId]) -> Vec<Conversion> {
        let mut threads = threads.to_vec();
        threads.sort();
        threads.dedup();
        let of_thread = |thread: ThreadId| {
            let rows = self.conversions.range((thread.clone(), i64::MIN)..);
            rows.take_while(move |((of, _), _)| *of == thread)
                .map(|(_, row)| Conversion::clone(row))
        };
        threads.into_iter().flat_map(of_thread).collect()
    }
}
