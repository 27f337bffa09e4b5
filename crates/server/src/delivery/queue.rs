//! The queue of one session (`docs/PROTOCOL.md`, 2.6 to 2.8).
//!
//! Positions count messages and never go back; batches count answers. A batch
//! is kept, and served again under its number, until a poll acknowledges it.

use serde_json::Value;

use crate::store::{
    Result, Tx,
    row::{QueuedMessage, Session},
};

/// Messages in one answer: some hundred kilobytes at the worst, and more than
/// ever wait for a visitor who is there.
const BATCH_MAX: i64 = 100;

/// Messages that wait for a session that does not fetch them. Who is that far
/// behind is brought up to date as a whole, by a hand-over: what a vanished
/// visitor costs is bounded, and nothing is lost.
const QUEUE_MAX: i64 = 2_000;

/// One answer of a poll.
#[derive(Debug)]
pub(crate) struct ServedBatch {
    /// `(type, message)`, in order.
    pub(crate) messages: Vec<(String, Value)>,
    pub(crate) sequence: i64,
    pub(crate) offset: i64,
}

/// Puts a message behind all others. Unserved messages of the kinds in
/// `replaces` are old news by it, and go.
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
        // Nobody's: the next poll is sent to ask for the whole conversation.
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

/// What a poll with this `ack` is to be answered; none when it must wait.
pub(crate) async fn next_batch(
    tx: &mut dyn Tx,
    session: &mut Session,
    ack: Option<i64>,
) -> Result<Option<ServedBatch>> {
    // One batch that was served, and one that may follow it.
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

/// Whether the poll says that the batch served last has arrived.
fn acknowledges(session: &mut Session, ack: Option<i64>) -> bool {
    let Some(ack) = ack else {
        // A client that never acknowledges gets each message once.
        return true;
    };
    if session.batch == 0 {
        // Where the client begins: who began below 0 has counted when at 0.
        session.acknowledged = ack.min(0);
        return false;
    }
    if session.counts_ack || ack == session.batch {
        return true;
    }
    // Who is ahead of us, or at the 0 that no batch ever has, counts `ack` up
    // by itself, whatever came.
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

/// A hand-over: nothing up to `offset` comes again; what was served and not
/// acknowledged comes again, behind `first`, unless it is `told` by that.
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
        // An earlier hand-over's picture of the whole is old news by this one.
        if message.position > offset.unwrap_or(0) && message.kind != kind && !is_covered(&message) {
            session.position += 1;
            append(tx, session, &message.kind, message.message.0).await?;
        }
    }
    Ok(())
}
