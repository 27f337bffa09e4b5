//! POSTs already done, by number (`docs/PROTOCOL.md`, 2.9 and 2.12): a repeat
//! is answered as the first time, and done once.

use parlor_wire::ThreadId;

use crate::store::{
    IDEMPOTENCY_RECORDS_KEPT, Result, Tx,
    row::{IdempotencyRecord, Session},
};

/// What is to be done with a POST.
#[derive(Debug, PartialEq)]
pub(crate) enum Verdict {
    /// Do it.
    New,
    /// It was done, and wrote this event.
    Repeat(Option<(ThreadId, i64)>),
}

/// `digest` tells a repeat after a hand-over from a client that numbers anew.
/// `begins`: this is what clients post first after a hand-over, so that under
/// an old number it can only be a new count, also when the one before it began
/// with the same words.
pub(crate) async fn check_post(
    tx: &mut dyn Tx,
    session: &mut Session,
    number: Option<i64>,
    digest: &str,
    begins: bool,
) -> Result<Verdict> {
    let Some(number) = number.filter(|n| *n > 0) else {
        return Ok(Verdict::New);
    };
    let known = tx.idempotency_record(&session.id, number).await?;
    if session.post_number_may_restart && number <= session.post_number {
        let starts_over = match &known {
            Some(record) => begins || record.digest != digest,
            None => begins || number == 1,
        };
        if starts_over {
            tx.delete_idempotency_records(&session.id).await?;
            session.post_number = 0;
        }
    }
    if number > session.post_number {
        session.post_number_may_restart = false;
        return Ok(Verdict::New);
    }
    Ok(match known {
        Some(record) => Verdict::Repeat(record.event),
        // Overtaken on the way by a later one, and never done.
        None if number > session.post_number.saturating_sub(IDEMPOTENCY_RECORDS_KEPT) => {
            Verdict::New
        }
        None => Verdict::Repeat(None),
    })
}

/// Notes that a POST was done.
pub(crate) async fn record_post(
    tx: &mut dyn Tx,
    session: &mut Session,
    number: Option<i64>,
    digest: String,
    event: Option<(ThreadId, i64)>,
) -> Result<()> {
    let Some(number) = number.filter(|n| *n > 0) else {
        return Ok(());
    };
    session.post_number = session.post_number.max(number);
    tx.put_idempotency_record(&IdempotencyRecord {
        session_id: session.id.clone(),
        number,
        digest,
        event,
    })
    .await
}
