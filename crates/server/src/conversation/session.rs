//! Sessions of the visitor API: created here, and authenticated on each
//! request.

use std::{sync::Arc, time::Duration};

use parlor_wire::visitor::SessionIdReply;

use super::{Refusal, Result, UnitOfWork};
use crate::{app::App, auth, delivery::Cached, store::row::Session};

/// How long a cached row is trusted where another process may write to its queue
/// without telling this one: less than a poll is held, so that every poll looks.
const SHARED_ROW_TRUSTED_FOR: Duration = Duration::from_secs(10);

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
        served: 0,
        receives_queue_updates: false,
        queue_position: 0,
        origin,
    };
    work.put_session(&session).await?;
    work.commit().await?;
    app.sessions.created(session);
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
    if serves(work.app, &session, credentials) {
        Ok(session)
    } else {
        Err(Refusal::AffinityChanged)
    }
}

/// The same from memory, as far as this process serves the session and knows its
/// newest row. It writes nothing.
///
/// # Errors
/// As [`authenticate`].
pub(crate) async fn authenticate_live(
    app: &App,
    credentials: &Credentials,
) -> Result<Arc<Session>> {
    loop {
        let now = app.clock.now();
        let fresh_since = app
            .config
            .shares_store
            .then(|| now.minus(SHARED_ROW_TRUSTED_FOR));
        let version = match app.sessions.cached(&credentials.key_hash, fresh_since) {
            Cached::Row(session) if serves(app, &session, credentials) => return Ok(session),
            // Another process may have taken it over and given it back.
            Cached::Row(_) | Cached::Unknown => None,
            Cached::Stale(version) => Some(version),
        };
        let mut tx = app.store.read_latest().await?;
        let session = tx.session_by_key(&credentials.key_hash).await?;
        let session = session.ok_or(Refusal::SessionGone)?;
        if !serves(app, &session, credentials) {
            return Err(Refusal::AffinityChanged);
        }
        let session = Arc::new(session);
        match version {
            Some(version) => {
                app.sessions.cache(session.clone(), version, now);
                return Ok(session);
            }
            // It is read once more, so that no message is missed that is queued
            // in between.
            None => {
                app.sessions.begin(&session);
                app.sessions.outdated(&session.id, session.position);
            }
        }
    }
}

/// Whether this process serves the session, and the request knows of the last
/// hand-over.
fn serves(app: &App, session: &Session, credentials: &Credentials) -> bool {
    let current = credentials
        .affinity
        .as_ref()
        .is_none_or(|token| *token == session.affinity);
    current && session.affinity.starts_with(&app.affinity)
}
