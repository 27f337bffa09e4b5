//! The bodies of `CustomEvent` (`docs/PROTOCOL.md`, 5): `type`, and `data` as a JSON
//! string.

use parlor_session::{OutgoingEvent, Pending, StateUpdate};
use parlor_wire::{
    Event, EventBody,
    event::{Custom, File, Message, Toggled},
    visitor::{
        CustomEvent,
        control::{self, Press, Rating, Score, SeenUpTo, SessionFields},
    },
};
use serde::Serialize;

use super::json;

/// A message that is more than its text, as an event of the log.
pub(super) fn message(from: &Pending) -> CustomEvent {
    let said = |postback| {
        EventBody::Message(Message {
            text: from.text.clone(),
            postback,
        })
    };
    let body = match &from.event {
        OutgoingEvent::Text => said(None),
        OutgoingEvent::Postback(postback) => said(Some(postback.clone())),
        OutgoingEvent::Filled(form) => EventBody::FilledForm((**form).clone()),
        // What else there is to say of it, the endpoint has found out itself.
        OutgoingEvent::File(file) => EventBody::File(File {
            alternative_text: file.alternative_text.clone(),
            ..File::at(file.url.clone())
        }),
        OutgoingEvent::Custom(content) => EventBody::Custom(Custom {
            content: json::read(content),
        }),
    };
    event(Event {
        custom_id: Some(from.custom_id.as_str().into()),
        ..Event::new(body)
    })
}

/// How something is now.
pub(super) fn state(from: &StateUpdate) -> CustomEvent {
    match from {
        StateUpdate::ButtonPressed {
            thread,
            event,
            postback,
            on,
        } => paired(
            control::RICH_MESSAGE_POSTBACK,
            &Press {
                thread_id: thread.as_str().into(),
                event_id: event.as_str().into(),
                postback: Toggled {
                    id: postback.clone(),
                    toggled: *on,
                },
            },
        ),
        StateUpdate::SeenUpTo(time) => paired(
            control::EVENTS_MARKED_AS_SEEN,
            &SeenUpTo {
                seen_up_to: time.clone(),
            },
        ),
        StateUpdate::Rated { good, comment } => paired(
            control::RATING,
            &Rating {
                score: if *good { Score::Good } else { Score::Bad },
                comment: comment.clone(),
            },
        ),
        StateUpdate::PostchatSubmitted(form) => {
            event(Event::new(EventBody::FilledForm((**form).clone())))
        }
        StateUpdate::VisitorAttributes(fields) => paired(
            control::SESSION_FIELDS,
            &SessionFields {
                session_fields: (fields.iter())
                    .filter_map(|(key, value)| Some([(key.clone(), json::read(value)?)].into()))
                    .collect(),
            },
        ),
    }
}

fn event(event: Event) -> CustomEvent {
    paired(event.body.kind(), &event)
}

fn paired<T: Serialize>(kind: &str, data: &T) -> CustomEvent {
    CustomEvent {
        kind: kind.to_owned(),
        data: json::write(data),
        event: None,
    }
}
