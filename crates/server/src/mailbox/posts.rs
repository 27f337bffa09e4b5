//! POSTs already done, by number (`docs/PROTOCOL.md`, 2.9 and 2.12): a repeat
//! is answered as the first time, and done once.

use parlor_wire::ThreadId;

use crate::store::{
    POSTS_KEPT, Result, Tx,
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
/// `begins`: this is what clients post first after a hand-over, so that under
/// an old number it can only be a new count, also when the one before it began
/// with the same words.
pub(crate) async fn check(
    tx: &mut dyn Tx,
    session: &mut Session,
    number: Option<i64>,
    digest: &str,
    begins: bool,
) -> Result<Verdict> {
    let Some(number) = number.filter(|n| *n > 0) else {
        return Ok(Verdict::New);
    };
    let known = tx.post(&session.id, number).await?;
    if session.post_number_may_restart && number <= session.post_number {
        let starts_over = match &known {
            Some(post) => begins || post.digest != digest,
            None => begins || number == 1,
        };
        if starts_over {
            tx.delete_posts(&session.id).await?;
            session.post_number = 0;
        }
    }
    if number > session.post_number {
        session.post_number_may_restart = false;
        return Ok(Verdict::New);
    }
    Ok(match known {
        Some(post) => Verdict::Repeat(post.event),
        // Overtaken on the way by a later one, and never done.
        None if number > session.post_number.saturating_sub(POSTS_KEPT) => Verdict::New,
        None => Verdict::Repeat(None),
    })
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
    session.post_number = session.post_number.max(number);
    tx.put_post(&Post {
        session_id: session.id.clone(),
        number,
        digest,
        event,
    })
    .await
}
