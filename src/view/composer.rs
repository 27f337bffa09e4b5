//! Where the visitor writes: Enter sends, Shift and Enter begin a new line.

use leptos::{
    ev::{KeyboardEvent, SubmitEvent},
    html,
    prelude::*,
};
use parlor_session::Intent;
use parlor_wire::limits::{MESSAGE_TEXT_MAX_BYTES, characters_left, characters_over};

use super::{
    attach::{AttachButton, attach_pasted},
    context::{ChatContext, chat},
    focus::focus,
    icon::{Icon, SEND},
};
use crate::{
    erased::{IntoBuilt, effect, text},
    text::Text,
};

/// Above this many bytes the note counts the characters that are left.
const NEARLY_FULL: usize = MESSAGE_TEXT_MAX_BYTES - 1024;

/// The code of a key whose press an input method has handled.
const KEY_OF_INPUT_METHOD: u32 = 229;

#[component]
pub(super) fn Composer(
    /// Called when a message is sent.
    on_send: impl Fn() + 'static,
) -> impl IntoView {
    let chat = chat();
    let draft = chat.store.draft;
    let area = NodeRef::<html::Textarea>::new();
    let on_send = UnsyncCallback::new(move |()| on_send());
    // Not `prop:value`: to set a value that is there already would move the cursor.
    effect(move || {
        if let Some(area) = area.get() {
            draft.with(|draft| {
                if area.value() != *draft {
                    area.set_value(draft);
                }
            });
        }
    });
    let write = move |event| {
        let text = event_target_value(&event);
        draft.set(text.clone());
        chat.send(Intent::Draft(text));
    };
    let send = move || {
        if draft.with_untracked(|draft| can_send(draft)) {
            let text = draft.get_untracked();
            draft.set(String::new());
            on_send.run(());
            chat.send(Intent::Send(text));
        }
        if let Some(area) = area.get_untracked() {
            focus(&area);
        }
    };
    let send_on_enter = move |event: KeyboardEvent| {
        // Enter that ends a composition belongs to the input method. Some browsers tell by the
        // key's code only.
        let composing = event.is_composing() || event.key_code() == KEY_OF_INPUT_METHOD;
        if event.key() == "Enter" && !event.shift_key() && !composing {
            event.prevent_default();
            send();
        }
    };
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        send();
    };
    view! {
        <form class="composer" on:submit=on_submit>
            <p class="composer-note" id="composer-note">
                {text(move || note(chat))}
            </p>
            <div class="composer-box">
                <AttachButton />
                <div class="composer-grow" data-text=move || draft.get() + " ">
                    <textarea
                        class="composer-area"
                        rows="1"
                        dir="auto"
                        enterkeyhint="send"
                        data-first=""
                        aria-label=chat.text.message()
                        aria-describedby="composer-note"
                        placeholder=chat.text.placeholder()
                        node_ref=area
                        on:input=write
                        on:paste=move |event| attach_pasted(chat, &event)
                        on:keydown=send_on_enter
                    ></textarea>
                </div>
                // The textarea keeps the focus, and a phone its keyboard on screen.
                <button
                    class="composer-send"
                    type="submit"
                    aria-label=chat.text.send()
                    class:empty=move || !draft.with(|draft| can_send(draft))
                    on:mousedown=move |event| event.prevent_default()
                >
                    <Icon path=SEND />
                </button>
            </div>
        </form>
    }
    .built()
}

fn can_send(draft: &str) -> bool {
    (1..=MESSAGE_TEXT_MAX_BYTES).contains(&draft.trim().len())
}

/// How much room is left, when it is little; else that a reload loses what is not sent yet, or
/// that the agent sees what is typed. Reactive.
fn note(chat: ChatContext) -> String {
    if let Some(room) = chat.store.draft.with(|draft| room(chat.text, draft)) {
        return room;
    }
    if !chat.store.kept.get() {
        chat.text.not_kept().to_owned()
    } else if chat.store.sneak_peek.get() {
        chat.text.sneak_peek().to_owned()
    } else {
        String::new()
    }
}

/// How much room is left, when it is little. The limit is in bytes of UTF-8, and a character has
/// one to four.
fn room(words: Text, draft: &str) -> Option<String> {
    let draft = draft.trim();
    if draft.len() <= NEARLY_FULL {
        return None;
    }
    Some(match characters_over(draft, MESSAGE_TEXT_MAX_BYTES) {
        0 => words.about_left(characters_left(draft, MESSAGE_TEXT_MAX_BYTES)),
        over => words.too_long_by(over),
    })
}

#[cfg(test)]
#[cfg(target_arch = "wasm32")]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;
    use crate::text::for_visitor;

    #[wasm_bindgen_test]
    fn the_note_counts_characters_and_not_their_bytes() {
        let note = |draft: &str| room(for_visitor(), draft).unwrap_or_default();
        for (character, bytes) in [("x", 1), ("ü", 2), ("😀", 4)] {
            let fits = MESSAGE_TEXT_MAX_BYTES / bytes;
            let draft = |characters| character.repeat(characters);
            assert_eq!(note(&draft(fits - 1024)), "");
            assert_eq!(note(&draft(fits - 3)), "About 3 characters left");
            assert_eq!(note(&draft(fits)), "About 0 characters left");
            let over = "Too long by 2 characters. Please send it in parts.";
            assert_eq!(note(&draft(fits + 2)), over);
            assert!(can_send(&draft(fits)) && !can_send(&draft(fits + 1)));
        }
    }
}
