//! Hand-over: this process takes over a session of another process (Chat REST
//! API, `ReconnectSession`). A page that was reloaded comes back to its
//! conversation in the same way.

use parlor_wire::visitor::Message;

use super::{
    Refusal, Result, UnitOfWork, annotations, customer, file, maintenance::AWAY_AFTER, queue,
    recent_events::EVENTS_MAX, records,
};
use crate::{
    app::App,
    delivery,
    presenter::visitor::{ThreadView, system},
    store::row::{Customer, QueuedMessage, Session, Visibility},
};

/// Makes this process serve the session, under a new affinity token. Queued
/// messages up to the position `offset` are dropped. The next poll begins with
/// `ChasitorSessionData`, which holds the newest `recent` events (by default
/// [`EVENTS_MAX`]), or as many as fit into an answer. A client that sends
/// `recent` loads older events on demand, so that queued transcript entries are
/// not sent again behind it.
///
/// # Errors
/// [`Refusal::SessionGone`] for an unknown key.
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
    let heard_at = app.sessions.heard_at(&session.id);
    let heard_at = heard_at.unwrap_or_default().max(session.last_heard_at);
    let was_silent = heard_at < work.now.minus(AWAY_AFTER);
    session.affinity = format!("{}{}", app.affinity, app.entropy.affinity());
    session.post_number_may_restart = true;
    session.last_heard_at = work.now;
    let session_data = session_data(&mut work, &session, recent.unwrap_or(EVENTS_MAX)).await?;
    let body = session_data
        .body()
        .map_err(|error| crate::store::StoreError::Corrupt {
            table: "mail",
            reason: error.to_string(),
        })?;
    let begins_after = session.position;
    delivery::rewind(
        work.tx.as_mut(),
        &app.sessions,
        &mut session,
        offset,
        (session_data.kind(), body),
        |message| recent.is_some() && is_transcript_entry(message),
    )
    .await?;
    work.put_session(&session).await?;
    file::resend_request(&mut work, &session).await?;
    if let Some(told) = work.tx.session(&session.id).await? {
        session = told;
    }
    work.commit().await?;
    app.sessions.handed_over(&session, begins_after, was_silent);
    // A poll of the connection before the hand-over ends now.
    app.polls.restart(&session.id);
    Ok(session)
}

/// Whether a queued message only adds an event to the transcript.
fn is_transcript_entry(message: &QueuedMessage) -> bool {
    match message.kind.as_str() {
        "ChatMessage" => true,
        // An event that was updated may be older than those in
        // `ChasitorSessionData`.
        "CustomEvent" => message
            .message
            .0
            .get("type")
            .is_some_and(|it| it != "event_updated"),
        _ => false,
    }
}

pub(super) async fn session_data(
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
    let events = annotations::visible_events(work.tx.as_mut(), &thread, i64::MAX, recent).await?;
    let settings = work.settings_of(&thread).await?;
    let place = queue::describe_place(work.tx.as_mut(), &thread, work.now).await?;
    let attached_records = records::told(work.tx.as_mut(), &thread.id).await?;
    let view = ThreadView {
        thread: &thread,
        customer: &customer,
        agents: &agents,
        events: &events,
        place: place.as_ref(),
        settings: &settings,
        now: work.now,
        attached_records: &attached_records,
        is_offline_message: work.tx.offline_message(&thread.id).await?.is_some(),
    };
    Ok(view.session_data()?)
}

/// Notes for the agents that a visitor is connected again who was away (Chat REST API,
/// `ChasitorResyncState`). One who has opened another page, or whom another process serves
/// now, was there all the time.
pub(crate) async fn resync(work: &mut UnitOfWork<'_>, session: &Session) -> Result<()> {
    let Some(id) = &session.thread_id else {
        return Ok(());
    };
    let Some(mut thread) = work.tx.thread(id).await? else {
        return Ok(());
    };
    let was_silent = work.app.sessions.take_was_silent(&session.id);
    if session.closed_at.is_none() && was_silent {
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
