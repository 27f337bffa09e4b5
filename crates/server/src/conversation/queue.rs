//! Sends queue positions to waiting visitors and to agents.

use parlor_wire::{
    agent::{PushBody, QueuePosition},
    chat::Queue,
    visitor::{Message, QueueUpdate},
};

use super::{Result, UnitOfWork, site};
use crate::{
    clock::Timestamp,
    routing,
    store::{Tx, row::Thread},
};

/// Recomputes the queue that `thread` has just entered or left. Each visitor
/// whose position changed gets a `QueueUpdate`; agents get all positions.
pub(crate) async fn publish_positions(work: &mut UnitOfWork<'_>, thread: &Thread) -> Result<()> {
    let open = work.tx.open_threads().await?;
    let waiting: Vec<Thread> = routing::queue(&open, thread).cloned().collect();
    let mut positions = Vec::new();
    for other in &waiting {
        let queue = describe_place(work.tx.as_mut(), other, work.now).await?;
        let (Some(position), Some(queue)) = (routing::position(&open, other), queue) else {
            continue;
        };
        let wait = queue.wait_time;
        positions.push(QueuePosition {
            chat_id: other.chat_id.clone(),
            thread_id: other.id.clone(),
            queue,
        });
        for mut session in work.tx.sessions_of(&other.id).await? {
            if session.receives_queue_updates && session.queue_position != position {
                session.queue_position = position;
                let update = Message::QueueUpdate(QueueUpdate {
                    position: Some(position),
                    estimated_wait_time: Some(wait),
                });
                work.send_to_session(&mut session, &update, &["QueueUpdate"])
                    .await?;
            }
        }
    }
    if positions.is_empty() {
        return Ok(());
    }
    work.push(&PushBody::QueuePositionsUpdated(positions)).await
}

/// The position and waiting time of a thread as agents are shown them; `None`
/// when it does not wait.
pub(crate) async fn describe_place(
    tx: &mut dyn Tx,
    thread: &Thread,
    now: Timestamp,
) -> Result<Option<Queue>> {
    let (Some(position), wait) = site::queue_place(tx, thread, now).await? else {
        return Ok(None);
    };
    Ok(Some(Queue {
        position,
        wait_time: wait,
        queued_at: thread.queued_at.map(Timestamp::to_rfc3339),
    }))
}
