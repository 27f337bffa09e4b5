//! The bodies of `CustomEvent` (`docs/PROTOCOL.md`, 5): `type`, and `data` as a JSON
//! string.

use parlor_session::{OutgoingEvent, Pending, StateUpdate};
use parlor_wire::{
    event::{Custom, File, Message, Toggled},
    free::{self, Free},
    visitor::{
        CustomEvent,
        control::{
            Control, Identify, Press, Rating, Score, SeenUpTo, SentEvent, SessionFields,
            TranscriptRequest,
        },
    },
};
use serde::Serialize;

use super::json;

/// A message that is more than its text, as an event of the log.
pub(super) fn message(from: &Pending) -> CustomEvent {
    let id = Some(from.custom_id.as_str());
    let text_message = |postback| {
        let text = from.text.clone();
        event("message", id, Message { text, postback })
    };
    match &from.event {
        OutgoingEvent::Text => text_message(None),
        OutgoingEvent::Postback(postback) => text_message(Some(postback.clone())),
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
            let content = free_value(content).map(|Free(value)| value);
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
        } => control(
            &Control::RichMessagePostback,
            &Press {
                thread_id: thread.as_str().into(),
                event_id: event.as_str().into(),
                postback: Toggled {
                    id: postback.clone(),
                    toggled: *on,
                },
            },
        ),
        StateUpdate::SeenUpTo(time) => control(
            &Control::EventsMarkedAsSeen,
            &SeenUpTo {
                seen_up_to: time.clone(),
            },
        ),
        StateUpdate::Rated { good, comment } => control(
            &Control::Rating,
            &Rating {
                score: if *good { Score::Good } else { Score::Bad },
                comment: comment.clone(),
            },
        ),
        StateUpdate::TranscriptRequested { email } => control(
            &Control::TranscriptRequest,
            &TranscriptRequest {
                email: Some(email.clone()),
            },
        ),
        StateUpdate::Identified { token } => control(
            &Control::Identify,
            &Identify {
                identity_token: token.clone(),
            },
        ),
        StateUpdate::PostchatSubmitted(form) => event("filled_form", None, form),
        StateUpdate::VisitorAttributes(fields) => control(
            &Control::SessionFields,
            &SessionFields {
                session_fields: (fields.iter())
                    .filter_map(|(key, text)| Some([(key.clone(), free_value(text)?)].into()))
                    .collect(),
            },
        ),
    }
}

/// None if the text is no JSON, which would make the whole body unreadable.
fn free_value(text: &str) -> Option<Free> {
    json::parse(text).map(|_| Free(free::from_text(text)))
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

/// The endpoint handles each [`Control`], and writes a custom event of any other type into the log.
fn control<T: Serialize>(kind: &Control, data: &T) -> CustomEvent {
    paired(kind.as_str(), data)
}

fn paired<T: Serialize>(kind: &str, data: &T) -> CustomEvent {
    CustomEvent {
        kind: kind.to_owned(),
        data: json::write(data),
        event: None,
    }
}

#[cfg(test)]
#[cfg(target_arch = "wasm32")]
mod tests {
    use serde_json::{Value, json};
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    fn data(event: &CustomEvent) -> Value {
        serde_json::from_str(&event.data).unwrap()
    }

    #[wasm_bindgen_test]
    fn an_attribute_that_is_no_json_costs_only_itself() {
        let fields = ["{\"a\":[1,null]}", "", "1}", "\"Ada\"", "null"];
        let fields = fields.map(|value| ("key".to_owned(), value.to_owned()));
        let sent = data(&state(&StateUpdate::VisitorAttributes(fields.into())));
        let wanted = [json!({"a": [1, null]}), json!("Ada"), json!(null)];
        let wanted = wanted.map(|value| json!({"key": value}));
        assert_eq!(sent, json!({"session_fields": wanted}));
    }

    #[wasm_bindgen_test]
    fn a_custom_event_has_its_content_as_json() {
        for (content, wanted) in [
            (
                "{\"b\":\"1\"}",
                json!({"type": "custom", "custom_id": "n-1", "content": {"b": "1"}}),
            ),
            ("no JSON", json!({"type": "custom", "custom_id": "n-1"})),
        ] {
            let pending = Pending {
                custom_id: "n-1".into(),
                event: OutgoingEvent::Custom(content.into()),
                ..Pending::default()
            };
            assert_eq!(data(&message(&pending)), wanted);
        }
    }
}
