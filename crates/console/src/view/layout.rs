//! The page of a signed-in agent. On a wide page lists, conversation and details are side by side;
//! on a narrow one only one of them is shown.

use leptos::prelude::*;

use super::{ViewContext, conversation, lists, notice, page_header, person};
use crate::text;

pub(super) fn layout(context: ViewContext) -> impl IntoView {
    let ViewContext {
        store,
        person_shown,
        ..
    } = context;
    let pane = move || match (store.open.with(Option::is_some), person_shown.get()) {
        (false, _) => "lists",
        (true, false) => "conversation",
        (true, true) => "person",
    };
    let spoken = move || store.announcement.get().map(text::announcement);
    view! {
        <a class="skip" href="#conversation">"Skip to the conversation"</a>
        <div class="workplace" data-pane=pane>
            {page_header::page_header(context)}
            <main class="panes">
                {lists::lists(context)}
                {conversation::conversation(context)}
                {person::person(context)}
            </main>
        </div>
        {notice::notice(context)}
        <p class="unseen" role="status">{spoken}</p>
    }
}
