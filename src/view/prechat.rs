//! The deployment's form before a chat. What is wrong with an answer the
//! session says; here it is shown beside its field, and the first one gets the
//! focus.

use leptos::prelude::request_animation_frame;
use parlor_session::{FieldError, Intent};
use parlor_wire::event::FormField;
use web_sys::Event;

use super::{
    Room,
    field::field,
    part::{Part, of_class},
    window::focus,
};

pub(super) fn prechat(room: Room) -> Part {
    let text = room.text;
    let fields: Vec<FormField> = room.store.welcome.with_untracked(|welcome| {
        let form = welcome
            .as_ref()
            .and_then(|welcome| welcome.prechat.as_ref());
        form.map(|form| form.fields.clone()).unwrap_or_default()
    });
    let marks = fields.iter().any(|field| field.required == Some(true));
    let submit = move |event: Event| {
        event.prevent_default();
        room.say(Intent::SubmitPrechat(room.store.answers.get_untracked()));
        match room.store.prechat_errors.with_untracked(Vec::is_empty) {
            true => room.ask_for_focus(),
            false => request_animation_frame(|| focus("[aria-invalid=true]")),
        }
    };
    let fields = fields
        .into_iter()
        .enumerate()
        .map(|(n, it)| field(room, n, it));
    let marks = marks.then(|| of_class("p", "prechat-marks").text(text.required_marks));
    let asked = of_class("div", "prechat-fields")
        .child(of_class("h2", "prechat-title").text(text.prechat_title))
        .child(of_class("p", "prechat-lead").text(text.prechat_lead))
        .children(fields)
        .child(marks);
    let start = of_class("button", "button")
        .attr("type", "submit")
        .text(text.start_chat);
    of_class("form", "prechat")
        .flag("novalidate", true)
        .on("submit", submit)
        .child(asked)
        .child(of_class("div", "prechat-end").child(start))
        .into()
}

/// What is wrong with a field, for as long as it is.
pub(super) fn wrong(room: Room, id: &str) -> Option<FieldError> {
    room.store.prechat_errors.with(|errors| {
        let found = errors.iter().find(|(field, _)| field == id);
        found.map(|(_, error)| *error)
    })
}
