//! Numbers in the log of events that clients name. Clients know events by their
//! places ([`EventPlace`]), which number those apart that only agents see.

use parlor_wire::{EventId, EventPlace};

use super::Result;
use crate::store::{Tx, row::Thread};

/// The number of the thread's event with this id; `None` for the id of another
/// thread, or one that is not of our form. For an event that does not exist, it
/// is a number between those of the events around its place.
pub(crate) async fn by_id(tx: &mut dyn Tx, thread: &Thread, id: &EventId) -> Result<Option<i64>> {
    let is_of_thread = id.thread().as_ref() == Some(&thread.id);
    let Some(EventPlace { number, private }) = id.place().filter(|_| is_of_thread) else {
        return Ok(None);
    };
    let number = i64::try_from(number).unwrap_or(i64::MAX);
    if private == 0 {
        return visible(tx, thread, number).await.map(Some);
    }
    let private = i64::try_from(private).unwrap_or(i64::MAX);
    Ok(Some(number.saturating_add(private)))
}

/// The number of the thread's event that visitors know by the number `visible`.
pub(crate) async fn visible(tx: &mut dyn Tx, thread: &Thread, visible: i64) -> Result<i64> {
    let newest = thread.last_event.saturating_sub(thread.private_events);
    let private = match (thread.private_events, visible > newest) {
        (0, _) => 0,
        (all, true) => all,
        _ => tx.private_events_before(&thread.id, visible).await?,
    };
    Ok(visible.saturating_add(private))
}
