//! Everything that is there once somebody is signed in. Side by side on a wide page; on a narrow
//! one the lists, or the conversation, or who it is.

use leptos::prelude::*;

use super::{Here, conversation, header, lists, notice, person};
use crate::text;

pub(super) fn workplace(here: Here) -> impl IntoView {
    let Here {
        store,
        person_shown,
        ..
    } = here;
    let pane = move || match (store.open.with(Option::is_some), person_shown.get()) {
        (false, _) => "lists",
        (true, false) => "conversation",
        (true, true) => "person",
    };
    let spoken = move || store.spoken.get().map(text::announcement);
    view! {
        <a class="skip" href="#conversation">"Skip to the conversation"</a>
        <div class="workplace" data-pane=pane>
            {header::header(here)}
            <main class="panes">
                {lists::lists(here)}
                {conversation::conversation(here)}
                {person::person(here)}
            </main>
        </div>
        {notice::notice(here)}
        <p class="unseen" role="status">{spoken}</p>
    }
}
