//! Sessions of the visitor API: created here, and authenticated on each
//! request.

use parlor_wire::visitor::SessionIdReply;

use super::{Refusal, Result, UnitOfWork};
use crate::{app::App, auth, store::row::Session};

/// Creates a session without a conversation (Chat REST API, `SessionId`).
/// `origin` is the origin of the page that asked, if a page did.
pub(crate) async fn open(app: &App, origin: Option<String>) -> Result<SessionIdReply> {
    let mut work = UnitOfWork::begin(app).await?;
    let id = app.entropy.session_id();
    let key = app.entropy.session_key(work.now);
    let session = Session {
        id: id.clone(),
        key_hash: auth::hash_token(&key),
        affinity: app.affinity.clone(),
        thread_id: None,
        created_at: work.now,
        last_heard_at: work.now,
        closed_at: None,
        post_number: 0,
        post_number_may_restart: false,
        position: 0,
        batch: 0,
        acknowledged: 0,
        counts_ack: false,
        receives_queue_updates: false,
        queue_position: 0,
        origin,
    };
    work.tx.put_session(&session).await?;
    work.commit().await?;
    Ok(SessionIdReply {
        id: id.to_string(),
        key,
        affinity_token: app.affinity.clone(),
        client_poll_timeout: app.config.client_poll_timeout_s,
    })
}

/// The credentials of a request: session key and affinity token.
#[derive(Debug)]
pub(crate) struct Credentials {
    pub(crate) key_hash: String,
    /// `None` for clients that send none, or the literal `null`. Then the
    /// session's row decides which process serves it.
    pub(crate) affinity: Option<String>,
}

/// The session of a key, if this process serves it and the affinity token is
/// current. Each hand-over gives a new token, so that a request from before it
/// is refused.
///
/// # Errors
/// [`Refusal::SessionGone`] for an unknown key, [`Refusal::AffinityChanged`]
/// for a session of another process or an old token.
pub(crate) async fn authenticate(
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
