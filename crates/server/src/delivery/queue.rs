//! The queue of poll messages of one session (`docs/PROTOCOL.md`, 2.6 to 2.8).
//!
//! Positions count messages and only grow; batch numbers count answers. A batch
//! is kept, and served again under its number, until a poll acknowledges it.

use serde_json::Value;

use crate::store::{
    Result, Tx,
    row::{QueuedMessage, Session},
};

/// The most messages in one answer: at worst some hundred kilobytes, and more
/// than ever wait for a visitor who is connected.
const BATCH_MAX: i64 = 100;

/// The most messages that wait in one queue. Beyond that the queue is dropped
/// and the client is sent to `ReconnectSession`, which loads the whole
/// conversation. This bounds what a vanished visitor costs, and nothing is
/// lost.
const QUEUE_MAX: i64 = 2_000;

/// One answer of a poll.
#[derive(Debug)]
pub(crate) struct ServedBatch {
    /// Pairs of type and message, in order.
    pub(crate) messages: Vec<(String, Value)>,
    pub(crate) sequence: i64,
    pub(crate) offset: i64,
}

/// Appends a message. Messages of the kinds in `replaces` that were not served
/// yet are removed: the new one makes them outdated.
pub(crate) async fn enqueue(
    tx: &mut dyn Tx,
    session: &mut Session,
    kind: &str,
    message: Value,
    replaces: &[&str],
) -> Result<()> {
    for old in replaces {
        tx.delete_unserved_messages(&session.id, old).await?;
    }
    if tx.count_queued_messages(&session.id).await? >= QUEUE_MAX {
        tx.delete_messages_through(&session.id, session.position)
            .await?;
        // No process serves this affinity, so that the next poll is answered
        // 503 and the client reconnects.
        session.affinity = String::new();
    }
    session.position += 1;
    append(tx, session, kind, message).await
}

async fn append(tx: &mut dyn Tx, session: &Session, kind: &str, message: Value) -> Result<()> {
    tx.put_queued_message(&QueuedMessage {
        session_id: session.id.clone(),
        position: session.position,
        batch: 0,
        kind: kind.to_owned(),
        message: message.into(),
    })
    .await
}

/// The batch that answers a poll with this `ack`; `None` when the poll has to
/// wait.
pub(crate) async fn next_batch(
    tx: &mut dyn Tx,
    session: &mut Session,
    ack: Option<i64>,
) -> Result<Option<ServedBatch>> {
    // Enough for one batch that was served, and one that may follow.
    let waiting = tx.queued_messages(&session.id, 2 * BATCH_MAX).await?;
    if acknowledges(session, ack) {
        session.acknowledged = session.batch;
        if let Some(last) = waiting.iter().rev().find(|m| m.batch > 0) {
            tx.delete_messages_through(&session.id, last.position)
                .await?;
        }
    }
    let unacknowledged: Vec<QueuedMessage> = waiting
        .iter()
        .filter(|m| m.batch > session.acknowledged && m.batch > 0)
        .cloned()
        .collect();
    if !unacknowledged.is_empty() {
        return Ok(served(unacknowledged, session.batch));
    }
    let fresh: Vec<QueuedMessage> = waiting
        .into_iter()
        .filter(|m| m.batch == 0)
        .take(BATCH_MAX as usize)
        .collect();
    let Some(last) = fresh.last() else {
        return Ok(None);
    };
    session.batch += 1;
    tx.assign_batch(&session.id, last.position, session.batch)
        .await?;
    Ok(served(fresh, session.batch))
}

/// Whether the poll acknowledges the batch that was served last.
fn acknowledges(session: &mut Session, ack: Option<i64>) -> bool {
    let Some(ack) = ack else {
        // A client that sends no `ack` gets each message once.
        return true;
    };
    if session.batch == 0 {
        // Remembers where the client starts. One that starts below 0 and later
        // sends 0 counts by itself.
        session.acknowledged = ack.min(0);
        return false;
    }
    if session.counts_ack || ack == session.batch {
        return true;
    }
    // A client whose `ack` is greater than any batch, or the 0 that no batch
    // ever has, counts it up by one with each request, whatever it received.
    let counts = ack > session.batch || (ack == 0 && session.acknowledged != 0);
    session.counts_ack = counts;
    counts
}

fn served(messages: Vec<QueuedMessage>, sequence: i64) -> Option<ServedBatch> {
    let offset = messages.last()?.position;
    Some(ServedBatch {
        messages: messages
            .into_iter()
            .map(|m| (m.kind, m.message.0))
            .collect(),
        sequence,
        offset,
    })
}

/// A hand-over: drops messages up to `offset`, puts `first` in front, and
/// queues again what was served but not acknowledged, except what `first`
/// covers.
pub(crate) async fn rewind(
    tx: &mut dyn Tx,
    session: &mut Session,
    offset: Option<i64>,
    first: (&str, Value),
    is_covered: impl Fn(&QueuedMessage) -> bool,
) -> Result<()> {
    let waiting = tx.queued_messages(&session.id, QUEUE_MAX).await?;
    tx.delete_messages_through(&session.id, session.position)
        .await?;
    session.acknowledged = session.batch;
    let (kind, message) = first;
    session.position += 1;
    append(tx, session, kind, message).await?;
    for message in waiting {
        // `ChasitorSessionData` of an earlier hand-over is outdated by the new
        // one.
        if message.position > offset.unwrap_or(0) && message.kind != kind && !is_covered(&message) {
            session.position += 1;
            append(tx, session, &message.kind, message.message.0).await?;
        }
    }
    Ok(())
}
