//! What is noted on events: read with them, and told to whom it concerns.

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

pub(crate) async fn of_thread(tx: &mut dyn Tx, thread: &ThreadId) -> Result<Annotations> {
    let toggles = tx.toggles(thread).await?;
    Ok(Annotations::new(
        toggles,
        tx.event_properties(thread).await?,
    ))
}

/// All events of a thread, as far as they are given at once.
pub(crate) async fn events_of(tx: &mut dyn Tx, thread: &Thread) -> Result<AnnotatedEvents> {
    Ok(AnnotatedEvents {
        rows: recent_events::newest_events(tx, thread).await?,
        annotations: of_thread(tx, &thread.id).await?,
    })
}

/// What a visitor may see of it below the number `before`, at most `limit`.
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

/// Who has a button of the event pressed has changed.
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

/// The event's properties have changed.
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

/// The visitor reads earlier threads too, and listens in the newest one.
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
