//! Looking for something in a thread, from its end.

use super::Result;
use crate::store::{
    Tx,
    row::{Event, Thread, Visibility},
};

/// Read at a time: what is looked for is mostly among the last few.
const CHUNK: i64 = 50;

/// The newest event that is `wanted`.
pub(super) async fn newest(
    tx: &mut dyn Tx,
    thread: &Thread,
    wanted: impl Fn(&Event) -> bool + Send,
) -> Result<Option<Event>> {
    let mut end = thread.last_event;
    while end > 0 {
        let start = (end - CHUNK).max(0);
        let rows = tx.events(&thread.id, start, end - start).await?;
        let found = rows.into_iter().rev().find(|row| wanted(row));
        if found.is_some() {
            return Ok(found);
        }
        end = start;
    }
    Ok(None)
}

pub(super) fn is_visible(row: &Event) -> bool {
    row.visibility == Visibility::All
}
