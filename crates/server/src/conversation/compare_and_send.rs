//! Compare and send: an agent's reply names the newest event its author had
//! seen, and is refused when somebody else wrote since. The check runs in the
//! transaction that writes the reply, so that no event can come in between
//! (`docs/PROTOCOL.md`, Agents: ours).

use parlor_wire::{EventId, UserId};

use super::{Refusal, Result, UnitOfWork, event_number, invalid};
use crate::store::row::{Event, Thread};

/// Rows read per query. Few events arrive while an agent writes a reply.
const BATCH: i64 = 100;

/// Checks that nobody but `author` wrote in the thread after the event `seen`.
/// An event of an older thread counts as before every event of this one.
///
/// # Errors
/// [`Refusal::NewerEvents`] when somebody did, [`Refusal::Invalid`] when `seen`
/// is not an event id.
pub(crate) async fn ensure_no_newer_events(
    work: &mut UnitOfWork<'_>,
    thread: &Thread,
    author: &UserId,
    seen: &EventId,
) -> Result<()> {
    if seen.place().is_none() {
        return Err(invalid("after_event_id: expected the id of an event"));
    }
    let number = event_number::by_id(work.tx.as_mut(), thread, seen).await?;
    let mut after = number.unwrap_or(0);
    loop {
        let events = work.tx.events(&thread.id, after, BATCH).await?;
        if events
            .iter()
            .any(|event| is_message_of_another(event, author))
        {
            return Err(Refusal::NewerEvents);
        }
        match events.last() {
            Some(last) => after = last.number,
            None => return Ok(()),
        }
    }
}

/// System messages and custom events, which programs exchange, do not count as
/// something said.
fn is_message_of_another(event: &Event, author: &UserId) -> bool {
    let said = !matches!(event.kind.as_str(), "system_message" | "custom");
    said && event.author_id.as_ref().is_some_and(|by| by != author)
}
