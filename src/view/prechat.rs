//! The deployment's form before a chat. What is wrong with an answer the
//! session says; here it is shown beside its field, and the first one gets the
//! focus.

use leptos::{ev, prelude::*};
use parlor_session::{FieldError, Intent};
use parlor_wire::event::FormField;

use super::{
    Room,
    field::field,
    part::{Part, part},
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
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        room.say(Intent::SubmitPrechat(room.store.answers.get_untracked()));
        match room.store.prechat_errors.with_untracked(Vec::is_empty) {
            true => room.ask_for_focus(),
            false => request_animation_frame(|| focus("[aria-invalid=true]")),
        }
    };
    let fields: Vec<_> = fields
        .into_iter()
        .enumerate()
        .map(|(n, it)| field(room, n, it))
        .collect();
    let marks = marks.then(|| part(view! { <p class="prechat-marks">{text.required_marks}</p> }));
    part(view! {
        <form class="prechat" novalidate on:submit=submit>
            <div class="prechat-fields">
                <h2 class="prechat-title">{text.prechat_title}</h2>
                <p class="prechat-lead">{text.prechat_lead}</p>
                {fields} {marks}
            </div>
            <div class="prechat-end">
                <button type="submit" class="button">{text.start_chat}</button>
            </div>
        </form>
    })
}

/// What is wrong with a field, for as long as it is.
pub(super) fn wrong(room: Room, id: &str) -> Option<FieldError> {
    room.store.prechat_errors.with(|errors| {
        let found = errors.iter().find(|(field, _)| field == id);
        found.map(|(_, error)| *error)
    })
}
