//! One conversation on several devices of a visitor: whoever has an open thread and
//! requests a chat goes on in it, and what they write on one device appears on the
//! others (`docs/PROTOCOL.md`, 5, Identity).

use parlor_wire::{
    SessionId,
    event::EventBody,
    visitor::{Breadcrumb, ChasitorInit, Message, SensitiveDataRules},
};

use super::{
    Result, UnitOfWork, end, group_chooser, handover, hidden_details, queue, typing,
    unit_of_work::NewEvent, visitor_event::WrittenEvent,
};
use crate::{
    presenter,
    store::row::{Customer, EndReason, Event, Session, Thread},
};

/// The most open sessions of one thread: more than anybody has devices. With one more
/// the oldest is closed, so that a client that always begins anew costs little.
const SESSIONS_OF_THREAD_MAX: usize = 10;

/// How many of the newest events a device is sent at first. It can load the others.
const FIRST_EVENTS: usize = 50;

/// Makes the session one of the open thread. The device is sent the conversation, and
/// what it was asked before the chat is added to it.
pub(super) async fn join(
    work: &mut UnitOfWork<'_>,
    session: &Session,
    mut thread: Thread,
    (customer, visitor_id): (Customer, String),
    init: &ChasitorInit,
) -> Result<WrittenEvent> {
    thread.details.0.has_several_sessions = true;
    work.put_thread(&thread).await?;
    let mut others = work.tx.sessions_of(&thread.id).await?;
    others.truncate(others.len().saturating_sub(SESSIONS_OF_THREAD_MAX - 1));
    for mut oldest in others {
        work.close_session(&mut oldest).await?;
    }
    if let Some(form) = hidden_details::shown_form(init) {
        let author = Some(customer.id.as_ref().into());
        let new = NewEvent::new(author, EventBody::FilledForm(form.clone()));
        let row = work.append_new_event(&mut thread, new).await?;
        show(work, &thread, &session.id, &row).await?;
        group_chooser::follow(work, &mut thread, &form).await?;
    }
    if let Some(location) = init.url.clone() {
        let title = init.page_title.clone();
        typing::add_page(work, thread.clone(), Breadcrumb { location, title }).await?;
    }
    let mut session = session.clone();
    session.thread_id = Some(thread.id.clone());
    session.receives_queue_updates = init.receive_queue_updates;
    let place = queue::describe_place(work.tx.as_mut(), &thread, work.now).await?;
    session.queue_position = place.as_ref().map_or(0, |place| place.position);
    work.put_session(&session).await?;
    let settings = work.settings_of(&thread).await?;
    let success = presenter::visitor::request_success(
        &thread,
        &customer,
        place.as_ref(),
        Some(visitor_id),
        settings.post_chat_url,
    );
    work.send_to_session(&mut session, &success, &[]).await?;
    let rules = settings.sensitive_data_rules;
    if !rules.is_empty() {
        let rules = Message::SensitiveDataRules(SensitiveDataRules { rules });
        work.send_to_session(&mut session, &rules, &[]).await?;
    }
    let conversation = handover::session_data(work, &session, FIRST_EVENTS).await?;
    work.send_to_session(&mut session, &conversation, &[])
        .await?;
    Ok(None)
}

/// Shows what the visitor wrote in one session in the others of the thread.
pub(super) async fn show(
    work: &mut UnitOfWork<'_>,
    thread: &Thread,
    written_in: &SessionId,
    row: &Event,
) -> Result<()> {
    if !thread.details.0.has_several_sessions {
        return Ok(());
    }
    let line = presenter::visitor::own_line(row)?;
    for mut other in work.tx.sessions_of(&thread.id).await? {
        if other.id != *written_in {
            work.send_to_session(&mut other, &line, &[]).await?;
        }
    }
    Ok(())
}

/// A session is over, because its client is gone or broke the protocol. With the last
/// one of its thread the chat ends.
pub(crate) async fn session_over(
    work: &mut UnitOfWork<'_>,
    session: &Session,
    reason: EndReason,
) -> Result<()> {
    let others = match &session.thread_id {
        Some(thread) => work.tx.sessions_of(thread).await?,
        None => Vec::new(),
    };
    if session.closed_at.is_some() || others.iter().all(|other| other.id == session.id) {
        return end::by_visitor(work, session, reason).await;
    }
    let mut session = session.clone();
    let ended = presenter::visitor::ended(reason, work.now, &[]);
    work.send_to_session(&mut session, &Message::ChatEnded(ended), &[])
        .await?;
    work.close_session(&mut session).await
}
