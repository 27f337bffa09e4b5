//! The open chat: header, transcript, typing preview and footer.

use leptos::prelude::*;

use super::{ViewContext, callback, chat_header, drop_zone, footer, transcript, typing_preview};
use crate::driver::CONVERSATION;

pub(super) fn conversation(context: ViewContext) -> impl IntoView {
    let open = Memo::new(move |_| {
        context
            .store
            .open
            .with(|open| open.as_ref().map(|open| open.chat.clone()))
    });
    let over = RwSignal::new(false);
    view! {
        <section
            class="conversation"
            class:is-over=move || over.get()
            on:dragover=move |event| drop_zone::on_drag_over(context, over, &event)
            on:dragleave=move |event| drop_zone::on_drag_leave(over, &event)
            on:drop=move |event| drop_zone::on_drop(context, over, &event)
            id=CONVERSATION
            aria-label="Open chat"
            tabindex="-1"
        >
            {move || match open.get() {
                Some(chat) => view! {
                    {chat_header::chat_header(context)}
                    {callback::callback(context)}
                    {transcript::transcript(context, chat)}
                    {typing_preview::typing_preview(context)}
                    {footer::footer(context)}
                }
                .into_any(),
                None => empty_state(context).into_any(),
            }}
            <Show when=move || over.get()>
                <p class="drop" aria-hidden="true">"Drop files to send them"</p>
            </Show>
        </section>
    }
}

fn empty_state(context: ViewContext) -> impl IntoView {
    let waiting = move || context.store.lists.with(|lists| lists.waiting.len());
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
