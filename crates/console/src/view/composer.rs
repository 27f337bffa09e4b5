//! The reply form: text, files and templates. A private note looks different from a reply in every
//! state, so that the one is never taken for the other.

use leptos::ev::{ClipboardEvent, KeyboardEvent, SubmitEvent};
use leptos::html::{Input, Textarea};
use leptos::prelude::*;

use super::{ViewContext, held_reply, icon, picker, template_menu, uploads};
use crate::driver::REPLY;
use crate::workspace::Intent;

pub(super) fn composer(context: ViewContext) -> impl IntoView {
    let ViewContext { store, driver, .. } = context;
    let field = NodeRef::<Textarea>::new();
    let note = Memo::new(move |_| store.draft.with(|draft| draft.note));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        driver.dispatch(Intent::Send);
        if let Some(field) = field.get_untracked() {
            let _ = field.focus();
        }
    };
    view! {
        <form class="composer" class:is-note=move || note.get() on:submit=submit>
            {held_reply::held_reply(context)}
            {uploads::uploads(context)}
            {picker::picker(context)}
            <label class="unseen" for=REPLY>"Reply"</label>
            {reply(context, field, note)}
            <div class="composer-bar">
                {files(context)}
                {template_menu::template_menu(context)}
                <button
                    type="button"
                    class="button button-quiet composer-note"
                    aria-pressed=move || note.get().to_string()
                    on:click=move |_| driver.dispatch(Intent::NoteMode(!note.get_untracked()))
                >
                    {icon::lock()}
                    "Private note"
                </button>
                <p class="composer-hint" id="composer-hint">
                    {move || {
                        if note.get() {
                            view! { <strong>"Only agents see this"</strong> }.into_any()
                        } else {
                            "Enter sends, / finds canned replies".into_any()
                        }
                    }}
                </p>
                <button type="submit" class="button button-main">"Send"</button>
            </div>
        </form>
    }
}

fn reply(context: ViewContext, field: NodeRef<Textarea>, note: Memo<bool>) -> impl IntoView {
    let ViewContext { store, driver, .. } = context;
    // The text field belongs to the agent: it is changed only when the draft differs from it.
    Effect::new(move || {
        let text = store.draft.with(|draft| draft.text.clone());
        if let Some(field) = field.get()
            && field.value() != text
        {
            field.set_value(&text);
        }
    });
    let marked = Memo::new(move |_| {
        store
            .picker
            .with(|it| (!it.replies.is_empty()).then(|| picker::line_id(it.at)))
    });
    let picking = move || marked.with(Option::is_some);
    view! {
        <textarea
            node_ref=field
            id=REPLY
            class="composer-field"
            rows="2"
            dir="auto"
            aria-describedby="composer-hint"
            aria-autocomplete="list"
            aria-controls=move || picking().then_some(picker::LIST)
            aria-activedescendant=move || marked.get()
            placeholder=move || {
                if note.get() { "Write a note for your colleagues" } else { "Write a reply" }
            }
            on:input=move |event| driver.dispatch(Intent::Write(event_target_value(&event)))
            on:keydown=move |event| on_keydown(context, &event)
            on:paste=move |event| on_paste(context, &event)
        ></textarea>
    }
}

fn on_keydown(context: ViewContext, event: &KeyboardEvent) {
    if event.is_composing() || event.shift_key() {
        return;
    }
    let picking = context
        .store
        .picker
        .with_untracked(|picker| !picker.replies.is_empty());
    let intent = match event.key().as_str() {
        "Enter" => Intent::PressEnter,
        "Tab" if picking => Intent::PressEnter,
        "ArrowDown" if picking => Intent::PickNext,
        "ArrowUp" if picking => Intent::PickPrevious,
        "Escape" if picking => Intent::DismissPicker,
        _ => return,
    };
    event.prevent_default();
    context.driver.dispatch(intent);
}

/// Pasted files are sent; text is pasted as usual. Programs that copy a table or a page add an
/// image of it to the text; then only the text is pasted.
fn on_paste(context: ViewContext, event: &ClipboardEvent) {
    let Some(data) = event.clipboard_data() else {
        return;
    };
    let has_text = data.get_data("text/plain").is_ok_and(|it| !it.is_empty());
    if let Some(files) = data.files()
        && files.length() > 0
        && !has_text
    {
        event.prevent_default();
        context.driver.attach(&files);
    }
}

fn files(context: ViewContext) -> impl IntoView {
    let chooser = NodeRef::<Input>::new();
    let choose = move |_| {
        if let Some(chooser) = chooser.get_untracked() {
            chooser.click();
        }
    };
    let chosen = move |_| {
        if let Some(chooser) = chooser.get_untracked() {
            if let Some(files) = chooser.files() {
                context.driver.attach(&files);
            }
            // Reset, so that the same file can be chosen again.
            chooser.set_value("");
        }
    };
    view! {
        <input
            node_ref=chooser
            type="file"
            multiple
            hidden
            aria-label="Files to send"
            on:change=chosen
        />
        <button
            type="button"
            class="button button-quiet button-icon"
            aria-label="Send files"
            title="Send files"
            on:click=choose
        >
            {icon::attach()}
        </button>
    }
}
