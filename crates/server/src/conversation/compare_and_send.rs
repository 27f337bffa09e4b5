//! Compare and send: an agent's reply says what its author had seen, and is not
//! written when somebody else said something since. It looks within the
//! transaction that writes the reply, so that nothing comes in between.

use parlor_wire::{EventId, UserId};

use super::{Refusal, Result, UnitOfWork, invalid};
use crate::store::row::{Event, Thread};

/// Events looked at in one go: what came since the author last looked is few.
const BATCH: i64 = 100;

/// Refuses when anybody but `author` said something in the thread after `seen`.
/// An event of an older thread is before everything in this one.
pub(crate) async fn ensure_no_newer_events(
    work: &mut UnitOfWork<'_>,
    thread: &Thread,
    author: &UserId,
    seen: &EventId,
) -> Result<()> {
    let (Some(of), Some(number)) = (seen.thread(), seen.number()) else {
        return Err(invalid("after_event_id: expected the id of an event"));
    };
    let mut after = match of == thread.id {
        true => i64::try_from(number).unwrap_or(i64::MAX),
        false => 0,
    };
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

/// What the desk notes and what programs tell each other is nothing said.
fn is_message_of_another(event: &Event, author: &UserId) -> bool {
    let said = !matches!(event.kind.as_str(), "system_message" | "custom");
    said && event.author_id.as_ref().is_some_and(|by| by != author)
}
