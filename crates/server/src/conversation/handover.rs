//! Another process takes a session over (seed 001, ReconnectSession). Also how
//! a page that was loaded anew comes back to its conversation.

use parlor_wire::visitor::Message;

use super::{Refusal, Result, UnitOfWork, annotations, customer, file, recent_events::EVENTS_MAX};
use crate::{
    app::App,
    delivery,
    presenter::visitor::{ThreadView, system},
    routing,
    store::row::{Customer, QueuedMessage, Session, Visibility},
};

/// From now on this process serves the session. Nothing up to `offset` comes
/// again; the next poll begins with the conversation as it is, as far as its
/// newest `recent` events tell it. Who says how many reads what is above them
/// when it is wanted, and is told no line behind the picture that it stands for.
pub(crate) async fn reconnect(
    app: &App,
    key_hash: &str,
    offset: Option<i64>,
    recent: Option<usize>,
) -> Result<Session> {
    let mut work = UnitOfWork::begin(app).await?;
    let mut session = work
        .tx
        .session_by_key(key_hash)
        .await?
        .ok_or(Refusal::SessionGone)?;
    session.affinity = format!("{}{}", app.affinity, app.entropy.affinity());
    session.post_number_may_restart = true;
    session.counts_ack = false;
    session.last_heard_at = work.now;
    let session_data = session_data(&mut work, &session, recent.unwrap_or(EVENTS_MAX)).await?;
    let body = session_data
        .body()
        .map_err(|error| crate::store::StoreError::Corrupt {
            table: "mail",
            reason: error.to_string(),
        })?;
    delivery::rewind(
        work.tx.as_mut(),
        &mut session,
        offset,
        (session_data.kind(), body),
        |message| recent.is_some() && is_transcript_entry(message),
    )
    .await?;
    work.tx.put_session(&session).await?;
    file::resend_request(&mut work, &session).await?;
    if let Some(told) = work.tx.session(&session.id).await? {
        session = told;
    }
    work.commit().await?;
    // A poll that is left over from before learns that it is.
    app.polls.restart(&session.id);
    Ok(session)
}

/// Whether it says nothing but a line of the conversation.
fn is_transcript_entry(message: &QueuedMessage) -> bool {
    match message.kind.as_str() {
        "ChatMessage" => true,
        // An event that was changed may stand above what the picture tells.
        "CustomEvent" => message
            .message
            .0
            .get("type")
            .is_some_and(|it| it != "event_updated"),
        _ => false,
    }
}

async fn session_data(
    work: &mut UnitOfWork<'_>,
    session: &Session,
    recent: usize,
) -> Result<Message> {
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
    // One more than wanted tells whether there are more.
    let limit = recent.saturating_add(1);
    let mut events =
        annotations::visible_events(work.tx.as_mut(), &thread, i64::MAX, limit).await?;
    let has_earlier = events.rows.len() > recent;
    if has_earlier {
        events.rows.remove(0);
    }
    let open = work.tx.open_threads().await?;
    let settings = work.settings_of(&thread).await?;
    let view = ThreadView {
        thread: &thread,
        customer: &customer,
        agents: &agents,
        events: &events,
        has_earlier,
        queue_position: routing::position(&open, &thread),
        sneak_peek_enabled: settings.sneak_peek_enabled,
        markdown: settings.markdown,
    };
    Ok(view.session_data()?)
}

/// Seed 001, ChasitorResyncState: the visitor is there again.
pub(crate) async fn resync(work: &mut UnitOfWork<'_>, session: &Session) -> Result<()> {
    let Some(id) = &session.thread_id else {
        return Ok(());
    };
    let Some(mut thread) = work.tx.thread(id).await? else {
        return Ok(());
    };
    if session.closed_at.is_none() {
        let name = customer::display_name(work, &thread).await?;
        let vars: Vec<_> = name
            .iter()
            .map(|name| ("customer", name.as_str()))
            .collect();
        work.append_system_message(
            &mut thread,
            system::RECONNECTED,
            "The visitor is connected again".to_owned(),
            &vars,
            Visibility::Agents,
        )
        .await?;
    }
    Ok(())
}
