//! The part below the transcript: the buttons that accept a chat, take it over or join it, the reply
//! form, or why there is none of them.

use leptos::prelude::*;

use super::{ViewContext, composer};
use crate::store::Store;
use crate::workspace::{ChatStatus, Intent};

pub(super) fn footer(context: ViewContext) -> impl IntoView {
    let store = context.store;
    let status = Memo::new(move |_| {
        store
            .open
            .with(|open| open.as_ref().map(|open| (open.status, open.answering)))
    });
    let joined = Memo::new(move |_| {
        let open = store.open;
        open.with(|open| open.as_ref().is_some_and(|open| open.joined))
    });
    let composer = move || joined.get().then(|| composer::composer(context));
    move || match status.get() {
        Some((ChatStatus::Waiting, _)) => view! { {accept(context, joined)} {composer} }.into_any(),
        Some((ChatStatus::Mine, _) | (ChatStatus::Ended, true)) => {
            composer::composer(context).into_any()
        }
        Some((ChatStatus::Colleagues, _)) => {
            view! { {take_over(context, joined)} {composer} }.into_any()
        }
        Some((ChatStatus::Ended, false)) => ended(context).into_any(),
        None => ().into_any(),
    }
}

/// Whether the server has not yet confirmed that the chat is this agent's.
fn is_pending(store: Store) -> bool {
    let open = store.open;
    open.with(|open| open.as_ref().is_some_and(|open| open.accepting))
}

/// The visitor finds what is written to them later when they return.
fn ended(context: ViewContext) -> impl IntoView {
    let driver = context.driver;
    view! {
        <div class="foot">
            <p class="foot-told">"This chat has ended."</p>
            <button
                type="button"
                class="button"
                on:click=move |_| driver.dispatch(Intent::AnswerEnded)
            >
                "Write to the visitor"
            </button>
        </div>
    }
}

/// The button to take part in a chat without answering the visitor in place of somebody.
fn join(context: ViewContext, joined: Memo<bool>) -> impl IntoView {
    let ViewContext { store, driver, .. } = context;
    let joining = move || {
        let open = store.open;
        open.with(|open| open.as_ref().is_some_and(|open| open.joining))
    };
    view! {
        <Show when=move || !joined.get()>
            <button
                type="button"
                class="button"
                aria-disabled=move || joining().to_string()
                on:click=move |_| driver.dispatch(Intent::Join)
            >
                {move || if joining() { "Joining…" } else { "Join" }}
            </button>
        </Show>
    }
}

fn accept(context: ViewContext, joined: Memo<bool>) -> impl IntoView {
    let ViewContext { store, driver, .. } = context;
    let accepting = move || is_pending(store);
    let offered = move || {
        let open = store.open;
        open.with(|open| open.as_ref().is_some_and(|open| open.offered))
    };
    view! {
        <div class="foot">
            <p class="foot-told">
                {move || match offered() {
                    true => "This visitor is offered to you, and then to a colleague.",
                    false => "This visitor waits for somebody to answer.",
                }}
            </p>
            <Show when=offered>
                <button type="button" class="button" on:click=move |_| driver.dispatch(Intent::Decline)>
                    "Decline"
                </button>
            </Show>
            {join(context, joined)}
            <button
                type="button"
                class="button button-main"
                aria-disabled=move || accepting().to_string()
                on:click=move |_| driver.dispatch(Intent::Accept)
            >
                {move || if accepting() { "Accepting…" } else { "Accept" }}
                <kbd aria-hidden="true">"↵"</kbd>
            </button>
        </div>
    }
}

fn take_over(context: ViewContext, joined: Memo<bool>) -> impl IntoView {
    let ViewContext { store, driver, .. } = context;
    let taking_over = move || is_pending(store);
    let colleague = move || {
        let name = store.open.with(|open| open.as_ref()?.agent_name.clone());
        name.unwrap_or_else(|| "A colleague".to_owned())
    };
    view! {
        <div class="foot">
            <p class="foot-told">{colleague} " answers this visitor."</p>
            {join(context, joined)}
            <button
                type="button"
                class="button"
                aria-disabled=move || taking_over().to_string()
                on:click=move |_| driver.dispatch(Intent::TakeOver)
            >
                {move || if taking_over() { "Taking over…" } else { "Take over" }}
            </button>
        </div>
    }
}
