//! What is noted on events: read with them, and told to whom it concerns.

use parlor_wire::{
    ChatId, ThreadId,
    agent::{IncomingEvent, PushBody},
    visitor::Message,
};

use super::{
    Result, Work,
    back::{self, is_visible},
};
use crate::{
    face::{self, Log, Marks},
    store::{
        Tx,
        row::{Event, Thread},
    },
};

pub(crate) async fn of(tx: &mut dyn Tx, thread: &ThreadId) -> Result<Marks> {
    let toggles = tx.toggles(thread).await?;
    Ok(Marks::new(toggles, tx.event_properties(thread).await?))
}

/// All events of a thread, as far as they are given at once.
pub(crate) async fn log(tx: &mut dyn Tx, thread: &Thread) -> Result<Log> {
    Ok(Log {
        rows: back::events(tx, thread).await?,
        marks: of(tx, &thread.id).await?,
    })
}

/// What a visitor may see of it below the number `before`, at most `limit`.
pub(crate) async fn visible_log(
    tx: &mut dyn Tx,
    thread: &Thread,
    before: i64,
    limit: usize,
) -> Result<Log> {
    Ok(Log {
        rows: back::visible_before(tx, thread, before, limit).await?,
        marks: of(tx, &thread.id).await?,
    })
}

/// Who has a button of the event pressed has changed.
pub(super) async fn toggled(work: &mut Work<'_>, row: &Event) -> Result<()> {
    let marks = of(work.tx.as_mut(), &row.thread_id).await?;
    work.push(&PushBody::EventUpdated(Box::new(IncomingEvent {
        chat_id: row.chat_id.clone(),
        thread_id: row.thread_id.clone(),
        event: face::event(row, &marks)?,
    })))
    .await?;
    tell_visitor(work, row, &marks).await
}

/// The event's properties have changed.
pub(super) async fn renoted(work: &mut Work<'_>, row: &Event) -> Result<()> {
    let marks = of(work.tx.as_mut(), &row.thread_id).await?;
    tell_visitor(work, row, &marks).await
}

async fn tell_visitor(work: &mut Work<'_>, row: &Event, marks: &Marks) -> Result<()> {
    if !is_visible(row) {
        return Ok(());
    }
    let message = face::visitor::updated(row, marks)?;
    tell_chat(work, &row.chat_id, &message).await
}

/// The visitor reads earlier threads too, and listens in the newest one.
async fn tell_chat(work: &mut Work<'_>, chat: &ChatId, message: &Message) -> Result<()> {
    match work.tx.threads_of(chat).await?.pop() {
        Some(newest) => work.tell_visitor(&newest, message, &[]).await,
        None => Ok(()),
    }
}
