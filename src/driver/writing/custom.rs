//! The bodies of `CustomEvent` (`docs/PROTOCOL.md`, 5): `type`, and `data` as a JSON
//! string.

use parlor_session::{OutgoingEvent, Pending, StateUpdate};
use parlor_wire::event::{File, Postback};

use super::{Members, filled_form, list, object};

/// A message that is more than its text, as an event of the log.
pub(in crate::driver) fn said(from: &Pending) -> String {
    let kind = match &from.event {
        OutgoingEvent::Text | OutgoingEvent::Postback(_) => "message",
        OutgoingEvent::Filled(_) => "filled_form",
        OutgoingEvent::File(_) => "file",
        OutgoingEvent::Custom(_) => "custom",
    };
    // What a form writes of itself has the braces around it.
    let form = match &from.event {
        OutgoingEvent::Filled(form) => filled_form(form),
        _ => String::new(),
    };
    let mut members = Members::begin(&form);
    members.text("type", kind);
    members.text("custom_id", &from.custom_id);
    match &from.event {
        OutgoingEvent::Text => members.text("text", &from.text),
        OutgoingEvent::Postback(it) => {
            members.text("text", &from.text);
            members.raw("postback", &postback(it));
        }
        OutgoingEvent::Filled(_) => {}
        OutgoingEvent::File(it) => {
            members.text("url", &it.url);
            members.some("alternative_text", it.alternative_text.as_deref());
        }
        OutgoingEvent::Custom(content) => members.raw("content", content),
    }
    paired(kind, &members.end())
}

pub(super) fn postback(from: &Postback) -> String {
    object(|to| {
        to.text("id", &from.id);
        to.text("thread_id", from.thread_id.as_str());
        to.text("event_id", from.event_id.as_str());
        to.some("type", from.kind.as_deref());
        to.some("value", from.value.as_deref());
    })
}

/// How something is now.
pub(in crate::driver) fn state(from: &StateUpdate) -> String {
    match from {
        StateUpdate::ButtonPressed {
            thread,
            event,
            postback,
            on,
        } => {
            let button = object(|to| {
                to.text("id", postback);
                to.flag("toggled", *on);
            });
            let press = object(|to| {
                to.text("thread_id", thread);
                to.text("event_id", event);
                to.raw("postback", &button);
            });
            paired("rich_message_postback", &press)
        }
        StateUpdate::SeenUpTo(time) => paired(
            "events_marked_as_seen",
            &object(|to| to.text("seen_up_to", time)),
        ),
        StateUpdate::Rated { good, comment } => paired(
            "rating",
            &object(|to| {
                to.text("score", if *good { "good" } else { "bad" });
                to.some("comment", comment.as_deref());
            }),
        ),
        StateUpdate::PostchatSubmitted(form) => {
            let mut members = Members::begin(&filled_form(form));
            members.text("type", "filled_form");
            paired("filled_form", &members.end())
        }
        StateUpdate::VisitorAttributes(fields) => {
            let field = |(key, value): &(String, String)| object(|to| to.raw(key, value));
            paired(
                "session_fields",
                &object(|to| to.raw("session_fields", &list(fields, field))),
            )
        }
    }
}

fn paired(kind: &str, data: &str) -> String {
    object(|to| {
        to.text("type", kind);
        to.text("data", data);
    })
}

/// A file that the endpoint has stored, for the device to keep.
pub(super) fn file(from: &File) -> String {
    let count = |to: &mut Members, key: &str, count: Option<u64>| {
        if let Some(count) = count {
            to.raw(key, &count.to_string());
        }
    };
    object(|to| {
        to.text("url", &from.url);
        to.some("name", from.name.as_deref());
        to.some("content_type", from.content_type.as_deref());
        to.some("thumbnail_url", from.thumbnail_url.as_deref());
        to.some("thumbnail2x_url", from.thumbnail2x_url.as_deref());
        count(to, "size", from.size);
        count(to, "width", from.width);
        count(to, "height", from.height);
        to.some("alternative_text", from.alternative_text.as_deref());
    })
}
