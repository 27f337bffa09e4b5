//! The countdown to the end of a conversation that the visitor does not answer, and the button by
//! which they say that they are still there.

use gloo_timers::callback::Interval;
use leptos::prelude::*;
use parlor_session::{Intent, Millis};

use super::context::chat;
use crate::{
    driver,
    erased::{Built, IntoBuilt, dynamic, text},
};

const SECOND: u32 = 1_000;

#[component]
pub(super) fn Idle() -> impl IntoView {
    let chat = chat();
    dynamic(move || match chat.store.ends_at.get() {
        Some(ends_at) => view! { <Countdown ends_at /> }.built(),
        None => Built::nothing(),
    })
}

#[component]
fn Countdown(ends_at: Millis) -> impl IntoView {
    let chat = chat();
    let now = RwSignal::new(driver::now());
    let ticks = StoredValue::new_local(Some(Interval::new(SECOND, move || now.set(driver::now()))));
    on_cleanup(move || drop(ticks.try_update_value(Option::take)));
    let left = move || {
        chat.text
            .conversation_ends_in(ends_at.saturating_sub(now.get()).div_ceil(SECOND.into()))
    };
    let stay = move |_| {
        chat.send(Intent::Stay);
        chat.request_focus();
    };
    view! {
        <section class="idle">
            <div class="idle-words">
                <p class="idle-headline" role="alert">
                    {chat.text.idle()}
                </p>
                <p class="idle-left" role="timer">
                    {text(left)}
                </p>
            </div>
            <button class="button idle-stay" type="button" on:click=stay>
                {chat.text.stay()}
            </button>
        </section>
    }
    .built()
}
