//! The list of canned replies above the reply field, while a shortcut is being typed. The focus
//! stays in the field, whose `aria-activedescendant` names the highlighted line for screen readers.

use leptos::ev::MouseEvent;
use leptos::prelude::*;

use super::ViewContext;
use crate::workspace::{CannedReply, Intent};

/// The id of the list.
pub(super) const LIST: &str = "canned";

pub(super) fn picker(context: ViewContext) -> impl IntoView {
    let store = context.store;
    let shown = Memo::new(move |_| store.picker.with(|it| !it.replies.is_empty()));
    view! {
        <Show when=move || shown.get()>
            <ul class="canned" id=LIST role="listbox" aria-label="Canned replies">
                {move || {
                    let picker = store.picker.get();
                    picker
                        .replies
                        .into_iter()
                        .enumerate()
                        .map(|(at, canned)| line(context, at, canned, at == picker.at))
                        .collect_view()
                }}
            </ul>
        </Show>
    }
}

/// The id of a line.
pub(super) fn line_id(at: usize) -> String {
    format!("canned-{at}")
}

fn line(context: ViewContext, at: usize, canned: CannedReply, marked: bool) -> impl IntoView {
    let pick = move |event: MouseEvent| {
        // Keeps the focus in the field.
        event.prevent_default();
        context.driver.dispatch(Intent::Pick(at));
    };
    view! {
        <li
            class="canned-line"
            id=line_id(at)
            role="option"
            aria-selected=marked.to_string()
            on:mousedown=pick
        >
            <span class="canned-shortcut">"/"{canned.shortcut}</span>
            " "
            <span class="canned-text" dir="auto">{canned.text}</span>
        </li>
    }
}
