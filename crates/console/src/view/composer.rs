//! Where a reply is written. A note for agents looks different from a reply in every state, for the
//! one must never be taken for the other.

use leptos::ev::{KeyboardEvent, SubmitEvent};
use leptos::html::Textarea;
use leptos::prelude::*;

use super::{Here, icon};
use crate::desk::Intent;
use crate::driver::REPLY;

pub(super) fn composer(here: Here) -> impl IntoView {
    let Here { store, driver, .. } = here;
    let field = NodeRef::<Textarea>::new();
    let note = Memo::new(move |_| store.draft.with(|draft| draft.note));
    // The field is the person's: it is written to only when there is another draft.
    Effect::new(move || {
        let text = store.draft.with(|draft| draft.text.clone());
        if let Some(field) = field.get()
            && field.value() != text
        {
            field.set_value(&text);
        }
    });
    let keyed = move |event: KeyboardEvent| {
        if event.key() == "Enter" && !event.shift_key() && !event.is_composing() {
            event.prevent_default();
            driver.want(Intent::Send);
        }
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        driver.want(Intent::Send);
        if let Some(field) = field.get_untracked() {
            let _ = field.focus();
        }
    };
    view! {
        <form class="composer" class:is-note=move || note.get() on:submit=submit>
            <label class="unseen" for=REPLY>"Reply"</label>
            <textarea
                node_ref=field
                id=REPLY
                class="composer-field"
                rows="2"
                dir="auto"
                aria-describedby="composer-hint"
                placeholder=move || {
                    if note.get() { "Write a note for your colleagues" } else { "Write a reply" }
                }
                on:input=move |event| driver.want(Intent::Write(event_target_value(&event)))
                on:keydown=keyed
            ></textarea>
            <div class="composer-bar">
                <button
                    type="button"
                    class="button button-quiet composer-note"
                    aria-pressed=move || note.get().to_string()
                    on:click=move |_| driver.want(Intent::NoteMode(!note.get_untracked()))
                >
                    {icon::lock()}
                    "Private note"
                </button>
                <p class="composer-hint" id="composer-hint">
                    {move || {
                        if note.get() {
                            view! { <strong>"Only agents see this"</strong> }.into_any()
                        } else {
                            "Enter sends, Shift+Enter begins a new line".into_any()
                        }
                    }}
                </p>
                <button type="submit" class="button button-main">"Send"</button>
            </div>
        </form>
    }
}
