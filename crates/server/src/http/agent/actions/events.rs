//! Actions within a chat: send an event, press a button, report typing, mark
//! events as seen.

use parlor_wire::{
    EventId, UserId,
    agent::{
        Done, EventSent, MarkEventsAsSeen, SendEvent, SendRichMessagePostback, SendTypingIndicator,
    },
    event::Visibility,
};

use super::{
    super::error::{ApiError, Result},
    find, users,
};
use crate::{
    app::App,
    clock::Timestamp,
    conversation::{
        self, Refusal, UnitOfWork, access, compare_and_send, offline_message,
        postback::{self, Side},
        seen, send_event, typing,
    },
    presenter,
    store::row::{Agent, ThreadStatus, Visibility as RowVisibility},
};

pub(super) async fn send(app: &App, agent: &Agent, request: SendEvent) -> Result<EventSent> {
    let mut work = UnitOfWork::begin(app).await?;
    let tx = work.tx.as_mut();
    let mut thread = match &request.thread_id {
        Some(id) => access::thread(tx, agent, &request.chat_id, id).await?,
        None => find::current_thread(tx, agent, &request.chat_id).await?,
    };
    if let Some(event_id) = find_repeat(&mut work, agent, &request).await? {
        return Ok(EventSent { event_id });
    }
    let attach = request.attach_to_last_thread == Some(true) || request.thread_id.is_some();
    if thread.status == ThreadStatus::Ended && !attach {
        return Err(Refusal::ChatInactive.into());
    }
    if let Some(seen) = &request.after_event_id {
        compare_and_send::ensure_no_newer_events(
            &mut work,
            &thread,
            &agent.id.clone().into(),
            seen,
        )
        .await?;
    }
    // Adds the author to the thread's users, so that colleagues see their name.
    users::supervise(&mut work, &mut thread, agent, agent).await?;
    let event = send_event::send_agent_event(&mut work, agent, &mut thread, request.event).await?;
    if event.visibility == RowVisibility::All {
        offline_message::set_open(&mut work, &thread, false).await?;
    }
    work.commit().await?;
    Ok(EventSent {
        event_id: presenter::event_id(&event),
    })
}

/// The event that the same `custom_id` wrote before, also when the chat has
/// ended meanwhile.
async fn find_repeat(
    work: &mut UnitOfWork<'_>,
    agent: &Agent,
    request: &SendEvent,
) -> conversation::Result<Option<EventId>> {
    let Some(custom_id) = &request.event.custom_id else {
        return Ok(None);
    };
    let author = UserId::from(agent.id.clone());
    let event = work
        .tx
        .event_by_custom_id(&request.chat_id, &author, custom_id)
        .await?;
    Ok(event.map(|event| presenter::event_id(&event)))
}

pub(super) async fn toggle_button(
    app: &App,
    agent: &Agent,
    request: SendRichMessagePostback,
) -> Result<Done> {
    let mut work = UnitOfWork::begin(app).await?;
    let names = (&request.thread_id, &request.event_id);
    let (chat, id) = (&request.chat_id, &request.postback.id);
    let pressed = postback::find_button(&mut work, chat, names, id, Side::Agent(agent)).await?;
    let user = UserId::from(agent.id.clone());
    postback::toggle(&mut work, &pressed, &user, request.postback).await?;
    work.commit().await?;
    Ok(Done {})
}

pub(super) async fn typing(app: &App, agent: &Agent, request: SendTypingIndicator) -> Result<Done> {
    let visibility = match request.visibility {
        None | Some(Visibility::All) => Visibility::All,
        Some(Visibility::Agents) => Visibility::Agents,
        Some(_) => return Err(ApiError::validation("visibility: expected all or agents")),
    };
    // Nothing is written.
    let mut work = UnitOfWork::begin_read(app).await?;
    let thread = find::open_thread(work.tx.as_mut(), agent, &request.chat_id).await?;
    typing::agent_typing(&mut work, agent, &thread, visibility, request.is_typing).await?;
    work.commit().await?;
    Ok(Done {})
}

pub(super) async fn seen(app: &App, agent: &Agent, request: MarkEventsAsSeen) -> Result<Done> {
    let up_to = Timestamp::parse(&request.seen_up_to)
        .ok_or_else(|| ApiError::validation("seen_up_to: expected a time of RFC 3339"))?;
    let mut work = UnitOfWork::begin(app).await?;
    let mut thread = find::current_thread(work.tx.as_mut(), agent, &request.chat_id).await?;
    seen::by_agent(&mut work, &mut thread, agent, up_to).await?;
    work.commit().await?;
    Ok(Done {})
}
