//! Annotations of events (pressed buttons, properties): loaded with the events,
//! and sent to agents and visitors when they change.

use parlor_wire::{
    ChatId, ThreadId,
    agent::{IncomingEvent, PushBody},
    visitor::Message,
};

use super::{
    Result, UnitOfWork,
    recent_events::{self, is_visible},
};
use crate::{
    presenter::{self, AnnotatedEvents, Annotations},
    store::{
        Tx,
        row::{Event, Thread},
    },
};

/// All annotations of a thread's events.
pub(crate) async fn of_thread(tx: &mut dyn Tx, thread: &ThreadId) -> Result<Annotations> {
    let toggles = tx.toggles(thread).await?;
    Ok(Annotations::new(
        toggles,
        tx.event_properties(thread).await?,
    ))
}

/// The events of a thread with their annotations, at most `EVENTS_MAX`.
pub(crate) async fn events_of(tx: &mut dyn Tx, thread: &Thread) -> Result<AnnotatedEvents> {
    Ok(AnnotatedEvents {
        rows: recent_events::newest_events(tx, thread).await?,
        annotations: of_thread(tx, &thread.id).await?,
    })
}

/// The newest `limit` events below the number `before` that a visitor may see,
/// with their annotations.
pub(crate) async fn visible_events(
    tx: &mut dyn Tx,
    thread: &Thread,
    before: i64,
    limit: usize,
) -> Result<AnnotatedEvents> {
    Ok(AnnotatedEvents {
        rows: recent_events::visible_before(tx, thread, before, limit).await?,
        annotations: of_thread(tx, &thread.id).await?,
    })
}

/// Sends a rich message to agents and visitor after a button was pressed or
/// released.
pub(super) async fn publish_toggles(work: &mut UnitOfWork<'_>, row: &Event) -> Result<()> {
    let annotations = of_thread(work.tx.as_mut(), &row.thread_id).await?;
    work.push(&PushBody::EventUpdated(Box::new(IncomingEvent {
        chat_id: row.chat_id.clone(),
        thread_id: row.thread_id.clone(),
        event: presenter::event(row, &annotations)?,
    })))
    .await?;
    send_update_to_visitor(work, row, &annotations).await
}

/// Sends an event to the visitor after its properties changed. Agents get a
/// push of their own.
pub(super) async fn publish_properties(work: &mut UnitOfWork<'_>, row: &Event) -> Result<()> {
    let annotations = of_thread(work.tx.as_mut(), &row.thread_id).await?;
    send_update_to_visitor(work, row, &annotations).await
}

async fn send_update_to_visitor(
    work: &mut UnitOfWork<'_>,
    row: &Event,
    annotations: &Annotations,
) -> Result<()> {
    if !is_visible(row) {
        return Ok(());
    }
    let message = presenter::visitor::updated(row, annotations)?;
    send_to_newest_thread(work, &row.chat_id, &message).await
}

/// The visitor may be looking at an earlier thread, but their sessions belong
/// to the newest one.
async fn send_to_newest_thread(
    work: &mut UnitOfWork<'_>,
    chat: &ChatId,
    message: &Message,
) -> Result<()> {
    match work.tx.threads_of(chat).await?.pop() {
        Some(newest) => work.send_to_visitor(&newest, message, &[]).await,
        None => Ok(()),
    }
}
