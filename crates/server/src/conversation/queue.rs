//! Places in queues. A visitor who enters a queue is sent their place at once,
//! in the same transaction. What that changes for others is only noted: they
//! are told later (`queue_updates`), so that leaving a long queue costs no more
//! than leaving a short one.

use parlor_wire::{
    agent::{PushBody, QueuePosition},
    chat::Queue,
    visitor::{Message, QueueUpdate},
};

use super::{Result, UnitOfWork};
use crate::{
    clock::Timestamp,
    routing,
    store::{
        Tx,
        row::{QueueKey, Session, Thread},
    },
};

/// Notes that places change in the queue of a thread, if it has one: it leaves
/// the queue, or has come in front of others.
pub(crate) fn changed(work: &mut UnitOfWork<'_>, thread: &Thread) {
    if let Some(queue) = thread.queue() {
        work.queue_changed(queue);
    }
}

/// Sends the place of a thread that waits again, or in another queue, to its
/// visitor and to the agents.
pub(crate) async fn entered(work: &mut UnitOfWork<'_>, thread: &Thread) -> Result<()> {
    let Some(queue) = describe_place(work.tx.as_mut(), thread, work.now).await? else {
        return Ok(());
    };
    for mut session in work.tx.sessions_of(&thread.id).await? {
        if session.receives_queue_updates && session.queue_position != queue.position {
            send_place(work, &mut session, &queue).await?;
        }
    }
    work.push(
        thread.audience(),
        &PushBody::QueuePositionsUpdated(vec![QueuePosition {
            chat_id: thread.chat_id.clone(),
            thread_id: thread.id.clone(),
            queue,
        }]),
    )
    .await
}

/// Queues a `QueueUpdate`, which replaces one that was not served yet.
pub(super) async fn send_place(
    work: &mut UnitOfWork<'_>,
    session: &mut Session,
    queue: &Queue,
) -> Result<()> {
    session.queue_position = queue.position;
    let update = Message::QueueUpdate(QueueUpdate {
        position: Some(queue.position),
        estimated_wait_time: Some(queue.wait_time),
    });
    work.send_to_session(session, &update, &["QueueUpdate"])
        .await
}

/// The thread's place in its queue, and the estimated waiting time; `None` when
/// it does not wait.
pub(crate) async fn describe_place(
    tx: &mut dyn Tx,
    thread: &Thread,
    now: Timestamp,
) -> Result<Option<Queue>> {
    let Some((queue, place)) = thread.queue().zip(tx.queue_place(thread).await?) else {
        return Ok(None);
    };
    let average = average_wait(tx, &queue).await?;
    Ok(Some(describe(place, thread.queued_at, average, now)))
}

/// A place and the waiting time by the average of the queue, in seconds.
pub(super) fn describe(
    position: i64,
    queued_at: Option<Timestamp>,
    average_s: Option<f64>,
    now: Timestamp,
) -> Queue {
    let waited = queued_at.map_or(0, |queued| now.seconds_since(queued));
    Queue {
        position,
        wait_time: routing::estimated_wait(average_s, waited),
        queued_at: queued_at.map(Timestamp::to_rfc3339),
        offer: None,
    }
}

/// The average waiting time of the queue's button in seconds, if it is known.
pub(super) async fn average_wait(tx: &mut dyn Tx, queue: &QueueKey) -> Result<Option<f64>> {
    let button = match &queue.button_id {
        Some(id) => tx.button(id).await?,
        None => None,
    };
    Ok(button.and_then(|button| button.average_wait_s))
}
