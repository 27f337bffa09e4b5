//! The panel below a message that is left: whether it has arrived, and what happens next.

use leptos::{html, prelude::*};
use parlor_session::Stage;

use super::{context::chat, ended::focus_if_nothing_has};
use crate::erased::{IntoBuilt, text};

#[component]
pub(super) fn MessageLeft() -> impl IntoView {
    let chat = chat();
    let panel = NodeRef::<html::Section>::new();
    let has_arrived = move || chat.store.stage.with(|stage| *stage == Stage::MessageLeft);
    let headline = move || match has_arrived() {
        true if chat.asks_callback.get() => chat.text.callback_left().to_owned(),
        true => chat.text.message_left().to_owned(),
        false => chat.text.sending().to_owned(),
    };
    let hint = move || match has_arrived() {
        true if chat.asks_callback.get() => chat.text.callback_hint().to_owned(),
        true => format!("{} {}", chat.answer_later(), chat.text.find_answer()),
        false => String::new(),
    };
    focus_if_nothing_has(panel);
    view! {
        <section class="ended" tabindex="-1" data-first="" node_ref=panel>
            <div class="ended-words" role="status">
                <p class="ended-headline">{text(headline)}</p>
                <p class="ended-hint">{text(hint)}</p>
            </div>
        </section>
    }
    .built()
}
