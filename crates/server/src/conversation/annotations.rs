//! Annotations of events (pressed buttons, properties): loaded with the events,
//! and sent to agents and visitors when they change.

use std::collections::BTreeMap;

use parlor_wire::{
    ChatId, ThreadId,
    agent::{IncomingEvent, PushBody},
    visitor::Message,
};

use super::{
    Refusal, Result, UnitOfWork,
    recent_events::{self, is_visible},
};
use crate::{
    limits::ANSWER_MAX_BYTES,
    presenter::{self, AnnotatedEvents, Annotations},
    store::{
        Tx,
        row::{Audience, Event, EventRange, Thread},
    },
};

/// The most bytes of events' bodies that are read for one answer. As JSON events
/// are larger than their bodies, so that this is more than fits.
pub(super) const BODIES_MAX_BYTES: i64 = ANSWER_MAX_BYTES as i64;

/// All annotations of a thread's events.
pub(crate) async fn of_thread(tx: &mut dyn Tx, thread: &ThreadId) -> Result<Annotations> {
    let threads = std::slice::from_ref(thread);
    Ok(Annotations::new(
        tx.toggles(threads).await?,
        tx.event_properties(threads).await?,
    ))
}

/// The newest events of the first of these threads with their annotations, then
/// those of the second, and so on, until there are too many for one answer. At
/// most `EVENTS_MAX` of each thread, by the thread's id. `before`: only those
/// with a number below.
pub(crate) async fn events_of<'a>(
    tx: &mut dyn Tx,
    threads: impl IntoIterator<Item = &'a Thread>,
    before: Option<i64>,
) -> Result<BTreeMap<ThreadId, AnnotatedEvents>> {
    let ranges: Vec<EventRange> = threads
        .into_iter()
        .map(|thread| recent_events::newest_of(thread, before))
        .collect();
    let threads: Vec<ThreadId> = ranges.iter().map(|it| it.thread_id.clone()).collect();
    let rows = tx.events_of_threads(&ranges, BODIES_MAX_BYTES).await?;
    let mut events = annotate(tx, &threads, rows).await?;
    for of_thread in events.values_mut() {
        // An agent sees all events, whose numbers begin with 1.
        of_thread.has_earlier = of_thread.rows.first().is_some_and(|row| row.number > 1);
    }
    Ok(events)
}

/// The newest event of each type in each of these threads, until there are too
/// many for one answer, with their annotations, by the thread's id.
pub(crate) async fn last_events_of(
    tx: &mut dyn Tx,
    threads: &[ThreadId],
) -> Result<BTreeMap<ThreadId, AnnotatedEvents>> {
    let rows = tx.last_events_per_type(threads, BODIES_MAX_BYTES).await?;
    annotate(tx, threads, rows).await
}

async fn annotate(
    tx: &mut dyn Tx,
    threads: &[ThreadId],
    rows: Vec<Event>,
) -> Result<BTreeMap<ThreadId, AnnotatedEvents>> {
    let mut toggles = by_thread(tx.toggles(threads).await?, |row| &row.thread_id);
    let mut properties = by_thread(tx.event_properties(threads).await?, |row| &row.thread_id);
    let mut events = by_thread(rows, |row| &row.thread_id);
    let annotated = threads.iter().map(|id| {
        let toggles = toggles.remove(id).unwrap_or_default();
        let properties = properties.remove(id).unwrap_or_default();
        let annotated = AnnotatedEvents {
            rows: events.remove(id).unwrap_or_default(),
            annotations: Annotations::new(toggles, properties),
            has_earlier: false,
        };
        (id.clone(), annotated)
    });
    Ok(annotated.collect())
}

/// Groups rows by their thread. The rows of a thread keep their order.
fn by_thread<T>(rows: Vec<T>, thread_of: impl Fn(&T) -> &ThreadId) -> BTreeMap<ThreadId, Vec<T>> {
    let mut groups: BTreeMap<ThreadId, Vec<T>> = BTreeMap::new();
    for row in rows {
        groups.entry(thread_of(&row).clone()).or_default().push(row);
    }
    groups
}

/// The newest `limit` events below the number `before` in the log that a visitor
/// may see, as far as they fit into an answer, with their annotations.
pub(crate) async fn visible_events(
    tx: &mut dyn Tx,
    thread: &Thread,
    before: i64,
    limit: usize,
) -> Result<AnnotatedEvents> {
    let visible = recent_events::visible_before(tx, thread, before, limit).await?;
    Ok(AnnotatedEvents {
        rows: visible.rows,
        annotations: of_thread(tx, &thread.id).await?,
        has_earlier: visible.has_earlier,
    })
}

/// Sends a rich message to agents and visitor after a button was pressed or
/// released.
pub(super) async fn publish_toggles(work: &mut UnitOfWork<'_>, row: &Event) -> Result<()> {
    let annotations = of_thread(work.tx.as_mut(), &row.thread_id).await?;
    let audience = audience_of(work, row).await?;
    work.push(
        audience,
        &PushBody::EventUpdated(Box::new(IncomingEvent {
            chat_id: row.chat_id.clone(),
            thread_id: row.thread_id.clone(),
            event: presenter::event(row, &annotations)?,
        })),
    )
    .await?;
    send_update_to_visitor(work, row, &annotations).await
}

/// The agents who may see the event.
pub(super) async fn audience_of(work: &mut UnitOfWork<'_>, row: &Event) -> Result<Audience> {
    let thread = work.tx.thread(&row.thread_id).await?;
    Ok(thread.ok_or(Refusal::NotFound("thread"))?.audience())
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
    send_to_current_thread(work, &row.chat_id, &message).await
}

/// The visitor may be looking at an earlier thread, but their sessions belong
/// to the current one.
async fn send_to_current_thread(
    work: &mut UnitOfWork<'_>,
    chat: &ChatId,
    message: &Message,
) -> Result<()> {
    match Thread::current(&work.tx.threads_of(chat).await?) {
        Some(thread) => work.send_to_visitor(thread, message, &[]).await,
        None => Ok(()),
    }
}
