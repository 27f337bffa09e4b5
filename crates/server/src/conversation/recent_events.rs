//! Reads a thread's events from its end, in chunks, because callers mostly want
//! one of the newest events.

use super::Result;
use crate::store::{
    Tx,
    row::{Event, Thread, Visibility},
};

/// Rows read per query. The event that a caller looks for is mostly among the
/// last few.
const CHUNK: i64 = 50;

/// The most events of one thread that are loaded at once. A conversation has
/// some dozens; this bounds the memory that a request can make the server use.
pub(crate) const EVENTS_MAX: usize = 10_000;

/// The number above which the newest [`EVENTS_MAX`] events of a thread are.
pub(super) fn before_newest(thread: &Thread) -> i64 {
    let limit = i64::try_from(EVENTS_MAX).unwrap_or(i64::MAX);
    thread.last_event.saturating_sub(limit).max(0)
}

/// The newest `limit` events that a visitor may see and whose number is below
/// `before`, oldest first.
pub(super) async fn visible_before(
    tx: &mut dyn Tx,
    thread: &Thread,
    before: i64,
    limit: usize,
) -> Result<Vec<Event>> {
    let mut end = thread.last_event.min(before.saturating_sub(1));
    let mut found = Vec::new();
    while end > 0 && found.len() < limit {
        let start = (end - CHUNK).max(0);
        let rows = tx.events(&thread.id, start, end - start).await?;
        found.extend(rows.into_iter().rev().filter(is_visible));
        end = start;
    }
    found.truncate(limit);
    found.reverse();
    Ok(found)
}

/// The newest event for which `wanted` is true.
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

/// Whether a visitor may see the event.
pub(super) fn is_visible(row: &Event) -> bool {
    row.visibility == Visibility::All
}
