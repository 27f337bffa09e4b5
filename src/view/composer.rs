//! Where the visitor writes: Enter sends, Shift and Enter begin a new line.

use leptos::{ev, html, prelude::*};
use parlor_session::Intent;
use parlor_wire::limits::MESSAGE_TEXT_MAX_BYTES;

use super::{
    Room,
    icon::{SEND, icon},
    part::{Part, holds, part, words},
};

/// From here on it is said how much room is left.
const NEARLY_FULL: usize = MESSAGE_TEXT_MAX_BYTES - 1024;

pub(super) fn composer(room: Room, follows: RwSignal<bool>) -> Part {
    let draft = room.store.draft;
    let area = NodeRef::<html::Textarea>::new();
    let size = Memo::new(move |_| draft.with(|draft| draft.trim().len()));
    let can_send = Memo::new(move |_| (1..=MESSAGE_TEXT_MAX_BYTES).contains(&size.get()));
    let write = move |event: ev::Event| {
        let text = event_target_value(&event);
        draft.set(text.clone());
        room.say(Intent::Draft(text));
    };
    let send = move || {
        if can_send.get_untracked() {
            let text = draft.get_untracked();
            draft.set(String::new());
            follows.set(true);
            room.say(Intent::Send(text));
        }
        if let Some(area) = area.get_untracked() {
            // Whether it takes the focus is the browser's to say.
            let _ = area.focus();
        }
    };
    let keys = move |event: ev::KeyboardEvent| {
        // Enter that ends a composition belongs to the input method; some
        // browsers say so only by the old code 229.
        let composing = event.is_composing() || event.key_code() == 229;
        if event.key() == "Enter" && !event.shift_key() && !composing {
            event.prevent_default();
            send();
        }
    };
    let room_left = move || match MESSAGE_TEXT_MAX_BYTES.checked_sub(size.get()) {
        None => Some((room.text.bytes_over)(size.get() - MESSAGE_TEXT_MAX_BYTES)),
        Some(left) if size.get() > NEARLY_FULL => Some((room.text.bytes_left)(left)),
        Some(_) => None,
    };
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        send();
    };
    let note = words(move || {
        let peek = || {
            let told = room.store.sneak_peek.get();
            told.then(|| room.text.sneak_peek.to_owned())
        };
        room_left().or_else(peek).unwrap_or_default()
    });
    let text = words(move || draft.get());
    let copy = words(move || draft.get() + " ");
    let empty = holds(move || !can_send.get());
    part(view! {
        <form class="composer" on:submit=submit>
            <p class="composer-note" id="composer-note">{note}</p>
            <div class="composer-box">
                <div class="composer-grow" data-text=copy>
                    <textarea
                        class="composer-area"
                        rows="1"
                        dir="auto"
                        enterkeyhint="send"
                        data-first=""
                        aria-label=room.text.message
                        aria-describedby="composer-note"
                        placeholder=room.text.placeholder
                        node_ref=area
                        prop:value=text
                        on:input=write
                        on:keydown=keys
                    ></textarea>
                </div>
                <button
                    type="submit"
                    class="composer-send"
                    class:empty=empty
                    aria-label=room.text.send
                    // The keyboard of a phone stays where it is.
                    on:mousedown=move |event| event.prevent_default()
                >
                    {icon(SEND)}
                </button>
            </div>
        </form>
    })
}
