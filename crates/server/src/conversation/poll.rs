//! A poll looks into its mail.

use super::{Refusal, Result, UnitOfWork};
use crate::{
    app::App,
    delivery::{self, ServedBatch},
    store::row::Session,
};

/// What a poll found.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) batch: Option<ServedBatch>,
    /// The newest position of the session.
    pub(crate) latest: i64,
}

/// Looks once. A closed session whose mail is empty is gone.
pub(crate) async fn look(
    app: &App,
    credentials: &Credentials,
    ack: Option<i64>,
    first: bool,
) -> Result<Found> {
    let mut work = UnitOfWork::begin(app).await?;
    let before = session(&mut work, credentials).await?;
    let mut session = before.clone();
    if first {
        session.last_heard_at = work.now;
    }
    let batch = delivery::next_batch(work.tx.as_mut(), &mut session, ack).await?;
    let latest = session.position;
    let gone = batch.is_none() && session.closed_at.is_some();
    if session != before {
        work.tx.put_session(&session).await?;
    }
    work.commit().await?;
    if gone {
        return Err(Refusal::SessionGone);
    }
    Ok(Found { batch, latest })
}

/// What a request shows to be let into a session.
#[derive(Debug)]
pub(crate) struct Credentials {
    pub(crate) key_hash: String,
    /// None for clients that send none, or the literal `null`: the session's
    /// row says who serves it.
    pub(crate) affinity: Option<String>,
}

/// The session that a key opens, if this process serves it, and under this
/// token. Each hand-over gives a new token, so that what is left over from
/// before it cannot be taken for news.
pub(crate) async fn session(
    work: &mut UnitOfWork<'_>,
    credentials: &Credentials,
) -> Result<Session> {
    let session = work
        .tx
        .session_by_key(&credentials.key_hash)
        .await?
        .ok_or(Refusal::SessionGone)?;
    let current = credentials
        .affinity
        .as_ref()
        .is_none_or(|token| *token == session.affinity);
    if !current || !session.affinity.starts_with(&work.app.affinity) {
        return Err(Refusal::AffinityChanged);
    }
    Ok(session)
}
