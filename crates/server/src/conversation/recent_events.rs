//! Reads a thread's events from its end, in chunks, because callers mostly want
//! one of the newest events.

use super::Result;
use crate::{
    answer_size::Room,
    clock::Timestamp,
    store::{
        Tx,
        row::{Event, EventRange, Thread, Visibility},
    },
};

/// Rows read per query. The event that a caller looks for is mostly among the
/// last few.
const CHUNK: i64 = 50;

/// The most events of one thread that are loaded at once. A conversation has
/// some dozens; this bounds the memory that a request can make the server use.
pub(crate) const EVENTS_MAX: usize = 10_000;

/// The newest [`EVENTS_MAX`] events of a thread, of those with a number below
/// `before` if it is given.
pub(super) fn newest_of(thread: &Thread, before: Option<i64>) -> EventRange {
    let limit = i64::try_from(EVENTS_MAX).unwrap_or(i64::MAX);
    let through = before.map_or(thread.last_event, |before| {
        thread.last_event.min(before.saturating_sub(1))
    });
    EventRange {
        thread_id: thread.id.clone(),
        after: through.saturating_sub(limit).max(0),
        through,
    }
}

/// Events of a thread, oldest first.
#[derive(Debug, Default)]
pub(super) struct VisibleEvents {
    pub(super) rows: Vec<Event>,
    /// There are events before these.
    pub(super) has_earlier: bool,
}

/// The newest `limit` events that a visitor may see and whose number is below
/// `before`; fewer if they are larger than fit into an answer.
pub(super) async fn visible_before(
    tx: &mut dyn Tx,
    thread: &Thread,
    before: i64,
    limit: usize,
) -> Result<VisibleEvents> {
    let mut end = thread.last_event.min(before.saturating_sub(1));
    let mut rows = Vec::new();
    let mut has_earlier = false;
    let mut room = Room::in_answer();
    while end > 0 && !has_earlier {
        let start = (end - CHUNK).max(0);
        let chunk = tx.events(&thread.id, start, end - start).await?;
        for row in chunk.into_iter().rev().filter(is_visible) {
            let has_room = room.take(&row.body.0);
            has_earlier = rows.len() >= limit || !(has_room || rows.is_empty());
            if has_earlier {
                break;
            }
            rows.push(row);
        }
        end = start;
    }
    rows.reverse();
    Ok(VisibleEvents { rows, has_earlier })
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

/// How many events that were written after `since` are `wanted`; at most
/// [`EVENTS_MAX`] are looked at.
pub(super) async fn count_since(
    tx: &mut dyn Tx,
    thread: &Thread,
    since: Timestamp,
    wanted: impl Fn(&Event) -> bool + Send,
) -> Result<u64> {
    let mut end = thread.last_event;
    let mut count = 0;
    let oldest = newest_of(thread, None).after;
    while end > oldest {
        let start = (end - CHUNK).max(0);
        let rows = tx.events(&thread.id, start, end - start).await?;
        let mut newer = rows.iter().rev().take_while(|row| row.created_at > since);
        let mut newer_rows = 0;
        for row in newer.by_ref() {
            newer_rows += 1;
            count += u64::from(wanted(row));
        }
        if newer_rows < rows.len() {
            break;
        }
        end = start;
    }
    Ok(count)
}

/// Whether a visitor may see the event.
pub(super) fn is_visible(row: &Event) -> bool {
    row.visibility == Visibility::All
}
