//! The open chat: its head, what was said, what is being typed, and what can be answered.

use leptos::prelude::*;

use super::{Here, drop, foot, head, live, transcript};
use crate::driver::CONVERSATION;

pub(super) fn conversation(here: Here) -> impl IntoView {
    let open = Memo::new(move |_| {
        here.store
            .open
            .with(|open| open.as_ref().map(|open| open.chat.clone()))
    });
    let over = RwSignal::new(false);
    view! {
        <section
            class="conversation"
            class:is-over=move || over.get()
            on:dragover=move |event| drop::over(here, over, &event)
            on:dragleave=move |event| drop::left(over, &event)
            on:drop=move |event| drop::dropped(here, over, &event)
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
            <Show when=move || over.get()>
                <p class="drop" aria-hidden="true">"Drop files to send them"</p>
            </Show>
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
