//! Another process takes a session over (seed 001, ReconnectSession). Also how
//! a page that was loaded anew comes back to its conversation.

use parlor_wire::visitor::Message;

use super::{Refusal, Result, Work, look::EVENTS_MAX};
use crate::{
    app::App,
    desk,
    face::visitor::Picture,
    mailbox,
    store::row::{Customer, Session, Visibility},
};

/// From now on this process serves the session. Nothing up to `offset` comes
/// again; the next poll begins with the whole conversation.
pub(crate) async fn reconnect(app: &App, key_hash: &str, offset: Option<i64>) -> Result<Session> {
    let mut work = Work::begin(app).await?;
    let mut session = work
        .tx
        .session_by_key(key_hash)
        .await?
        .ok_or(Refusal::SessionGone)?;
    session.affinity = format!("{}{}", app.affinity, app.entropy.affinity());
    session.post_number_may_restart = true;
    session.counts_ack = false;
    session.last_heard_at = work.now;
    let picture = session_data(&mut work, &session).await?;
    let body = picture
        .body()
        .map_err(|error| crate::store::StoreError::Corrupt {
            table: "mail",
            reason: error.to_string(),
        })?;
    mailbox::rewind(
        work.tx.as_mut(),
        &mut session,
        offset,
        (picture.kind(), body),
    )
    .await?;
    work.tx.put_session(&session).await?;
    work.commit().await?;
    // A poll that is left over from before learns that it is.
    app.polls.restart(&session.id);
    Ok(session)
}

async fn session_data(work: &mut Work<'_>, session: &Session) -> Result<Message> {
    let thread = match &session.thread_id {
        Some(id) => work.tx.thread(id).await?,
        None => None,
    };
    let Some(thread) = thread else {
        return Ok(Message::ChasitorSessionData(Default::default()));
    };
    let chat = work.tx.chat(&thread.chat_id).await?;
    let chat = chat.ok_or(Refusal::SessionGone)?;
    let customer: Customer = work
        .tx
        .customer(&chat.customer_id)
        .await?
        .ok_or(Refusal::SessionGone)?;
    let agents = work.tx.agents().await?;
    let events = work.tx.events(&thread.id, 0, EVENTS_MAX).await?;
    let open = work.tx.open_threads().await?;
    let settings = work.settings_of(&thread).await?;
    let picture = Picture {
        thread: &thread,
        customer: &customer,
        agents: &agents,
        events: &events,
        queue_position: desk::position(&open, &thread),
        sneak_peek_enabled: settings.sneak_peek_enabled,
        markdown: settings.markdown,
    };
    Ok(picture.session_data()?)
}

/// Seed 001, ChasitorResyncState: the visitor is there again.
pub(crate) async fn resync(work: &mut Work<'_>, session: &Session) -> Result<()> {
    let Some(id) = &session.thread_id else {
        return Ok(());
    };
    let Some(mut thread) = work.tx.thread(id).await? else {
        return Ok(());
    };
    if session.closed_at.is_none() {
        work.note(
            &mut thread,
            "customer_reconnected",
            "The visitor is connected again".to_owned(),
            &[],
            Visibility::Agents,
        )
        .await?;
    }
    Ok(())
}
