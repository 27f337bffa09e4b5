//! The open chat: its head, what was said, what is being typed, and what can be answered.

use leptos::prelude::*;

use super::{Here, foot, head, live, transcript};
use crate::driver::CONVERSATION;

pub(super) fn conversation(here: Here) -> impl IntoView {
    let open = Memo::new(move |_| {
        here.store
            .open
            .with(|open| open.as_ref().map(|open| open.chat.clone()))
    });
    view! {
        <section
            class="conversation"
            id=CONVERSATION
            aria-label="Open chat"
            tabindex="-1"
        >
            {move || match open.get() {
                Some(chat) => view! {
                    {head::head(here)}
                    {transcript::transcript(here, chat)}
                    {live::live(here)}
                    {foot::foot(here)}
                }
                .into_any(),
                None => nothing(here).into_any(),
            }}
        </section>
    }
}

fn nothing(here: Here) -> impl IntoView {
    let waiting = move || here.store.lists.with(|lists| lists.waiting.len());
    view! {
        <div class="nothing">
            <h2>"No chat is open"</h2>
            <p>
                {move || match waiting() {
                    0 => "When a visitor waits, you see and hear it here.".to_owned(),
                    1 => "1 visitor is waiting for somebody.".to_owned(),
                    count => format!("{count} visitors are waiting for somebody."),
                }}
            </p>
        </div>
    }
}
