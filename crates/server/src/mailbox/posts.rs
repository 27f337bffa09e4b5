//! POSTs already done, by number (`docs/PROTOCOL.md`, 2.9 and 2.12): a repeat
//! is answered as the first time, and done once.

use parlor_wire::ThreadId;

use crate::store::{
    Result, Tx,
    row::{Post, Session},
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
pub(crate) async fn check(
    tx: &mut dyn Tx,
    session: &mut Session,
    number: Option<i64>,
    digest: &str,
) -> Result<Verdict> {
    let Some(number) = number.filter(|n| *n > 0) else {
        return Ok(Verdict::New);
    };
    let known = tx.post(&session.id, number).await?;
    if session.post_number_may_restart {
        session.post_number_may_restart = false;
        let repeats = known.as_ref().is_some_and(|post| post.digest == digest);
        if number == 1 && !repeats {
            tx.delete_posts(&session.id).await?;
            session.post_number = 0;
            return Ok(Verdict::New);
        }
    }
    if number > session.post_number {
        return Ok(Verdict::New);
    }
    Ok(Verdict::Repeat(known.and_then(|post| post.event)))
}

/// Notes that a POST was done.
pub(crate) async fn record(
    tx: &mut dyn Tx,
    session: &mut Session,
    number: Option<i64>,
    digest: String,
    event: Option<(ThreadId, i64)>,
) -> Result<()> {
    let Some(number) = number.filter(|n| *n > 0) else {
        return Ok(());
    };
    session.post_number = number;
    tx.put_post(&Post {
        session_id: session.id.clone(),
        number,
        digest,
        event,
    })
    .await
}
