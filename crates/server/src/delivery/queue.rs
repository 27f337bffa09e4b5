//! The queue of poll messages of one session (`docs/PROTOCOL.md`, 2.6 to 2.8).
//! The messages are in the store until they are acknowledged; how far the client
//! has received them is in [`Progress`](super::progress::Progress).

use serde_json::Value;

use super::{LiveSessions, progress::Next};
use crate::{
    answer_size::Room,
    store::{
        Result, Store, Tx,
        row::{QueuedMessage, Session},
    },
};

/// The most messages in one answer: more than ever wait for a visitor who is
/// connected.
const BATCH_MAX: usize = 100;

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
/// yet are removed: the new one makes them outdated. Acknowledged messages that
/// are still there are removed too.
pub(crate) async fn enqueue(
    tx: &mut dyn Tx,
    live: &LiveSessions,
    session: &mut Session,
    kind: &str,
    message: Value,
    replaces: &[&str],
) -> Result<()> {
    let served = live.served_through(&session.id);
    for old in replaces {
        tx.delete_messages_after(&session.id, served, old).await?;
    }
    if let Some(acknowledged) = live.deletable(&session.id) {
        tx.delete_messages_through(&session.id, acknowledged)
            .await?;
    }
    // No more wait than have positions that were not acknowledged.
    let may_be_full = session.position - live.acknowledged_through(&session.id) >= QUEUE_MAX;
    if may_be_full && tx.count_queued_messages(&session.id).await? >= QUEUE_MAX {
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
        kind: kind.to_owned(),
        message: message.into(),
    })
    .await
}

/// The batch that answers a poll with this `ack`; `None` when the poll has to
/// wait. Asks the store only when there is something to serve, and writes
/// nothing.
pub(crate) async fn next_batch(
    store: &dyn Store,
    live: &LiveSessions,
    session: &Session,
    ack: Option<i64>,
) -> Result<Option<ServedBatch>> {
    let id = &session.id;
    loop {
        let (next, queued) = live.acknowledge(id, ack);
        let (after, through) = match next {
            Next::Nothing => return Ok(None),
            Next::Again(after, through) => (after, through),
            Next::New(after) => (after, queued),
        };
        let mut rows = Vec::new();
        if through > after {
            // One more than a batch has shows whether others follow.
            let limit = i64::try_from(BATCH_MAX).unwrap_or(0) + 1;
            rows = store
                .read_latest()
                .await?
                .queued_messages(id, after, limit)
                .await?;
            rows.retain(|row| row.position <= through);
        }
        let count = as_many_as_fit(&rows);
        let is_complete = rows.len() <= count;
        rows.truncate(count);
        let last = rows.last().map(|row| row.position);
        let served = live.serve(id, next, |progress| match next {
            Next::Again(..) => progress.serve_again(rows.is_empty()),
            Next::New(_) | Next::Nothing => progress.serve_new(last, queued, is_complete),
        });
        // Otherwise what was to be served is gone, or another poll has served it.
        if let Some(Some(served)) = served {
            let volatile = served.volatile.into_iter().map(|it| (it.kind, it.body));
            // A message clears the typing indicator before it.
            let messages = volatile.chain(rows.into_iter().map(|row| (row.kind, row.message.0)));
            return Ok(Some(ServedBatch {
                messages: messages.collect(),
                sequence: served.sequence,
                offset: served.offset,
            }));
        }
    }
}

/// How many of these have room in one answer; the first always has.
fn as_many_as_fit(rows: &[QueuedMessage]) -> usize {
    let mut room = Room::in_answer();
    let fits = |row: &&QueuedMessage| room.take(&row.message.0);
    rows.iter().take(BATCH_MAX).take_while(fits).count().max(1)
}

/// A hand-over: drops messages that were acknowledged here, or are at or below
/// `offset`, puts `first` in front, and queues the others again, except what
/// `first` covers.
pub(crate) async fn rewind(
    tx: &mut dyn Tx,
    live: &LiveSessions,
    session: &mut Session,
    offset: Option<i64>,
    first: (&str, Value),
    is_covered: impl Fn(&QueuedMessage) -> bool,
) -> Result<()> {
    let received = offset
        .unwrap_or(0)
        .max(live.acknowledged_through(&session.id));
    let waiting = tx.queued_messages(&session.id, received, QUEUE_MAX).await?;
    tx.delete_messages_through(&session.id, session.position)
        .await?;
    let (kind, message) = first;
    session.position += 1;
    append(tx, session, kind, message).await?;
    for message in waiting {
        // `ChasitorSessionData` of an earlier hand-over is outdated by the new
        // one.
        if message.kind != kind && !is_covered(&message) {
            session.position += 1;
            append(tx, session, &message.kind, message.message.0).await?;
        }
    }
    Ok(())
}
