//! The bodies of `CustomEvent` (`docs/PROTOCOL.md`, 5): `type`, and `data` as a JSON
//! string.

use parlor_session::{OutgoingEvent, Pending, StateUpdate};
use parlor_wire::{
    event::{Custom, File, Message, Toggled},
    free::Free,
    visitor::{
        CustomEvent,
        control::{self, Press, Rating, Score, SeenUpTo, SentEvent, SessionFields},
    },
};
use serde::Serialize;

use super::json;

/// A message that is more than its text, as an event of the log.
pub(super) fn message(from: &Pending) -> CustomEvent {
    let id = Some(from.custom_id.as_str());
    let said = |postback| {
        let text = from.text.clone();
        event("message", id, Message { text, postback })
    };
    match &from.event {
        OutgoingEvent::Text => said(None),
        OutgoingEvent::Postback(postback) => said(Some(postback.clone())),
        OutgoingEvent::Filled(form) => event("filled_form", id, form),
        // What else there is to say of it, the endpoint has found out itself.
        OutgoingEvent::File(file) => {
            let alternative_text = file.alternative_text.clone();
            let url = file.url.clone();
            let file = File {
                alternative_text,
                ..File::at(url)
            };
            event("file", id, file)
        }
        OutgoingEvent::Custom(content) => {
            let content = json::parse(content).map(|_| content.as_str().into());
            event("custom", id, Custom { content })
        }
    }
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
        StateUpdate::PostchatSubmitted(form) => event("filled_form", None, form),
        StateUpdate::VisitorAttributes(fields) => paired(
            control::SESSION_FIELDS,
            &SessionFields {
                session_fields: (fields.iter())
                    .map(|(key, value)| [(key.clone(), Free(value.as_str().into()))].into())
                    .collect(),
            },
        ),
    }
}

fn event<B: Serialize>(kind: &'static str, custom_id: Option<&str>, body: B) -> CustomEvent {
    let custom_id = custom_id.map(Into::into);
    let event = SentEvent {
        kind,
        custom_id,
        body,
    };
    paired(kind, &event)
}

fn paired<T: Serialize>(kind: &str, data: &T) -> CustomEvent {
    CustomEvent {
        kind: kind.to_owned(),
        data: json::write(data),
        event: None,
    }
}
