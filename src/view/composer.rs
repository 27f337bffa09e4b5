//! Where the visitor writes: Enter sends, Shift and Enter begin a new line.

use std::rc::Rc;

use parlor_session::Intent;
use parlor_wire::limits::MESSAGE_TEXT_MAX_BYTES;
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlTextAreaElement, KeyboardEvent};

use super::{
    Room,
    attach::{attach_button, takes_pasted},
    icon::{SEND, icon},
    part::{Part, of_class, value_of},
    transcript::Follows,
};
use crate::store::follow;

/// From here on it is said how much room is left.
const NEARLY_FULL: usize = MESSAGE_TEXT_MAX_BYTES - 1024;

pub(super) fn composer(room: Room, follows: Rc<Follows>) -> Part {
    let draft = &room.store.draft;
    let write = move |event: Event| {
        let text = value_of(&event);
        draft.set(text.clone());
        room.say(Intent::Draft(text));
    };
    let area = of_class("textarea", "composer-area")
        .attr("rows", "1")
        .attr("dir", "auto")
        .attr("enterkeyhint", "send")
        .attr("data-first", "")
        .attr("aria-label", room.text.message())
        .attr("aria-describedby", "composer-note")
        .attr("placeholder", room.text.placeholder())
        .on("input", write);
    let field: HtmlTextAreaElement = area.html().unchecked_into();
    let written = field.clone();
    follow(move || {
        draft.with(|draft| {
            // Setting what is there already would move the cursor.
            if written.value() != *draft {
                written.set_value(draft);
            }
        });
    });
    let send = Rc::new(move || {
        if can_send(draft.with_untracked(|draft| size(draft))) {
            let text = draft.get_untracked();
            draft.set(String::new());
            follows.set(true);
            room.say(Intent::Send(text));
        }
        // Whether it takes the focus is the browser's to say.
        let _ = field.focus();
    });
    let by_key = send.clone();
    let area = takes_pasted(room, area).on("keydown", move |event: Event| {
        let key = event.unchecked_ref::<KeyboardEvent>();
        // Enter that ends a composition belongs to the input method; some
        // browsers say so only by the old code 229.
        let composing = key.is_composing() || key.key_code() == 229;
        if key.key() == "Enter" && !key.shift_key() && !composing {
            event.prevent_default();
            by_key();
        }
    });
    let grows = of_class("div", "composer-grow")
        .attr_live("data-text", move || Some(draft.get() + " "))
        .child(area);
    let button = of_class("button", "composer-send")
        .attr("type", "submit")
        .attr("aria-label", room.text.send())
        .class_live("empty", move || !can_send(draft.with(|draft| size(draft))))
        // The keyboard of a phone stays where it is.
        .on("mousedown", |event| event.prevent_default())
        .child(icon(SEND));
    let note = of_class("p", "composer-note")
        .attr("id", "composer-note")
        .words(move || note(room));
    let field_and_buttons = of_class("div", "composer-box")
        .child(attach_button(room))
        .child(grows)
        .child(button);
    of_class("form", "composer")
        .on("submit", move |event| {
            event.prevent_default();
            send();
        })
        .child(note)
        .child(field_and_buttons)
        .into()
}

/// Bytes of UTF-8, of which there is a limit.
fn size(draft: &str) -> usize {
    draft.trim().len()
}

fn can_send(size: usize) -> bool {
    (1..=MESSAGE_TEXT_MAX_BYTES).contains(&size)
}

/// How much room is left, when it is little; else what a reload would cost, or
/// who sees what is written.
fn note(room: Room) -> String {
    let size = room.store.draft.with(|draft| size(draft));
    match MESSAGE_TEXT_MAX_BYTES.checked_sub(size) {
        None => room.text.bytes_over(size - MESSAGE_TEXT_MAX_BYTES),
        Some(left) if size > NEARLY_FULL => room.text.bytes_left(left),
        _ if !room.store.kept.get() => room.text.not_kept().to_owned(),
        _ if room.store.sneak_peek.get() => room.text.sneak_peek().to_owned(),
        _ => String::new(),
    }
}
