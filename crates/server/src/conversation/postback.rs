//! Buttons of rich messages: who has one pressed, and messages that a press
//! sends. Pressed is a state of button and user, so that repeating a request
//! changes nothing.

use parlor_wire::{
    ChatId, EventId, ThreadId, UserId,
    agent::{IncomingRichMessagePostback, PushBody},
    event::{Button, EventBody, Postback, Toggled},
    limits::BUTTON_USERS_MAX,
};

use super::{
    Refusal, Result, UnitOfWork, access, annotations, event_number, invalid,
    recent_events::{is_visible, newest},
};
use crate::{
    presenter::{self, Annotations},
    store::row::{Agent, Event, Thread, Toggle},
};

/// Whether an agent or a visitor presses. They can press buttons of the events
/// they may see.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Side<'a> {
    Agent(&'a Agent),
    Visitor,
}

/// A button found by its event and postback id.
#[derive(Debug)]
pub(crate) struct PressedButton {
    /// The event of the rich message.
    row: Event,
    button: Button,
}

/// Finds a button in any thread of a chat.
///
/// # Errors
/// [`Refusal::NotFound`] for an event that does not exist or that the side may
/// not see, [`Refusal::Invalid`] when it has no such button.
pub(crate) async fn find_button(
    work: &mut UnitOfWork<'_>,
    chat: &ChatId,
    (thread, event): (&ThreadId, &EventId),
    postback_id: &str,
    side: Side<'_>,
) -> Result<PressedButton> {
    let (agent, sees_all) = match side {
        Side::Agent(agent) => (Some(agent), true),
        Side::Visitor => (None, false),
    };
    let row = find_event(work, agent, chat, (thread, event))
        .await?
        .filter(|row| sees_all || is_visible(row))
        .ok_or(Refusal::NotFound("event"))?;
    let event = presenter::event(&row, &Annotations::default())?;
    let EventBody::RichMessage(message) = &event.body else {
        return Err(invalid("event_id: not a rich message"));
    };
    let is_it = |button: &&Button| button.postback_id.as_deref() == Some(postback_id);
    let button = message.buttons().find(is_it).cloned();
    let button = button.ok_or_else(|| invalid("postback.id: no button of the event has it"))?;
    Ok(PressedButton { row, button })
}

/// Finds an event of a chat by the ids in a request. `agent`: who asks, if it is
/// an agent.
///
/// # Errors
/// [`Refusal::Forbidden`] for a thread of a group that is not the agent's.
pub(super) async fn find_event(
    work: &mut UnitOfWork<'_>,
    agent: Option<&Agent>,
    chat: &ChatId,
    (thread, event): (&ThreadId, &EventId),
) -> Result<Option<Event>> {
    let thread = work.tx.thread(thread).await?;
    let Some(thread) = thread.filter(|thread| thread.chat_id == *chat) else {
        return Ok(None);
    };
    if let Some(agent) = agent {
        access::require(agent, thread.group_id)?;
    }
    let number = event_number::by_id(work.tx.as_mut(), &thread, event).await?;
    let Some(number) = number else {
        return Ok(None);
    };
    let row = work.tx.event(&thread.id, number).await?;
    Ok(row.filter(|row| presenter::event_id(row) == *event))
}

/// Marks the button as pressed by `user`, or not pressed any more, and
/// publishes the change.
///
/// # Errors
/// [`Refusal::Invalid`] beyond `BUTTON_USERS_MAX` users.
pub(crate) async fn toggle(
    work: &mut UnitOfWork<'_>,
    PressedButton { row, .. }: &PressedButton,
    user: &UserId,
    postback: Toggled,
) -> Result<()> {
    let annotations = annotations::of_thread(work.tx.as_mut(), &row.thread_id).await?;
    let users = annotations.users(row, &postback.id);
    if users.contains(user) == postback.toggled {
        return Ok(());
    }
    let toggle = Toggle {
        thread_id: row.thread_id.clone(),
        number: row.number,
        postback_id: postback.id.clone(),
        user_id: user.clone(),
        created_at: work.now,
    };
    if !postback.toggled {
        work.tx.delete_toggle(&toggle).await?;
    } else if users.len() < BUTTON_USERS_MAX {
        work.tx.put_toggle(&toggle).await?;
    } else {
        return Err(invalid(format!(
            "postback: more than {BUTTON_USERS_MAX} people have the button pressed"
        )));
    }
    let audience = annotations::audience_of(work, row).await?;
    work.push(
        audience,
        &PushBody::IncomingRichMessagePostback(IncomingRichMessagePostback {
            user_id: user.clone(),
            chat_id: row.chat_id.clone(),
            thread_id: row.thread_id.clone(),
            event_id: presenter::event_id(row),
            postback,
        }),
    )
    .await?;
    annotations::publish_toggles(work, row).await
}

/// Checks that a message with a postback has the type and value of the button,
/// or neither.
pub(super) fn check_value(
    PressedButton { button, .. }: &PressedButton,
    postback: &Postback,
) -> Result<()> {
    let (Some(kind), Some(value)) = (&postback.kind, &postback.value) else {
        return Ok(());
    };
    let same = button.kind.as_ref().map(|kind| kind.as_str()) == Some(kind)
        && button.value.as_ref() == Some(value);
    if same {
        Ok(())
    } else {
        Err(invalid("postback.value: not that of the button"))
    }
}

/// The visitor's message of the same press, if the visitor has written nothing
/// since. Two presses in quick succession send one message, whatever their
/// `custom_id`s.
pub(super) async fn find_repeated_message(
    work: &mut UnitOfWork<'_>,
    thread: &Thread,
    visitor: &UserId,
    postback: &Postback,
) -> Result<Option<Event>> {
    let by_visitor = |row: &Event| row.author_id.as_ref() == Some(visitor);
    let last = newest(work.tx.as_mut(), thread, by_visitor).await?;
    let Some(last) = last else { return Ok(None) };
    let event = presenter::event(&last, &Annotations::default())?;
    let same = match &event.body {
        EventBody::Message(message) => message.postback.as_ref() == Some(postback),
        _ => false,
    };
    Ok(same.then_some(last))
}
