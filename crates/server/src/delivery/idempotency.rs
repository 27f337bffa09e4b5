//! Idempotency of numbered POSTs (`X-LIVEAGENT-SEQUENCE`; `docs/PROTOCOL.md`,
//! 2.9 and 2.12): a repeat is answered like the first time, and carried out
//! once.

use parlor_wire::ThreadId;

use crate::store::{
    IDEMPOTENCY_RECORDS_KEPT, Result, Tx,
    row::{IdempotencyRecord, Session},
};

/// Whether a POST has to be carried out.
#[derive(Debug, PartialEq)]
pub(crate) enum Verdict {
    /// It is new: carry it out.
    New,
    /// It was carried out before, and wrote this event, if any. Answer with it.
    Repeat(Option<(ThreadId, i64)>),
}

/// Decides by the POST's number. `digest` is the hash of resource and body:
/// after a hand-over it distinguishes a repeat from a client that counts from 1
/// again. `begins`: the POST is what clients send first after a hand-over,
/// `ChasitorResyncState`; under a known number it always means that the client
/// counts anew.
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
    if number > session.post_number {
        session.post_number_may_restart = false;
        return Ok(Verdict::New);
    }
    let known = tx.idempotency_record(&session.id, number).await?;
    if session.post_number_may_restart {
        let starts_over = match &known {
            Some(record) => begins || record.digest != digest,
            None => begins || number == 1,
        };
        if starts_over {
            tx.delete_idempotency_records(&session.id).await?;
            session.post_number = 0;
            session.post_number_may_restart = false;
            return Ok(Verdict::New);
        }
    }
    Ok(match known {
        Some(record) => Verdict::Repeat(record.event),
        // It was overtaken by a later POST and has not been carried out yet.
        None if number > session.post_number.saturating_sub(IDEMPOTENCY_RECORDS_KEPT) => {
            Verdict::New
        }
        None => Verdict::Repeat(None),
    })
}

/// Records that a POST was carried out.
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
