//! The part below the transcript: the buttons that accept a chat, take it over or join it, the reply
//! form, or why there is none of them.

use leptos::prelude::*;

use super::{ViewContext, composer};
use crate::store::Store;
use crate::text;
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

/// The visitor finds what is written to them later when they return. A chat that is opened again is
/// a new conversation.
fn ended(context: ViewContext) -> impl IntoView {
    let ViewContext { store, driver, .. } = context;
    let kept = Memo::new(move |_| {
        let open = store.open;
        open.with(|open| open.as_ref().is_some_and(|open| open.kept))
    });
    let reopening = move || is_pending(store);
    view! {
        <div class="foot">
            <p class="foot-told">"This chat has ended."</p>
            <Show when=move || kept.get()>
                <button
                    type="button"
                    class="button"
                    title="Remove it from your chats"
                    on:click=move |_| driver.dispatch(Intent::Dismiss)
                >
                    "Dismiss"
                    {move || {
                        store.single_keys.get().then(|| view! { <kbd aria-hidden="true">"D"</kbd> })
                    }}
                </button>
            </Show>
            <button
                type="button"
                class="button"
                on:click=move |_| driver.dispatch(Intent::AnswerEnded)
            >
                "Write to the visitor"
            </button>
            <button
                type="button"
                class="button"
                title="Begin a new conversation with this visitor"
                aria-disabled=move || reopening().to_string()
                on:click=move |_| driver.dispatch(Intent::Reopen)
            >
                {move || if reopening() { "Opening…" } else { "Reopen" }}
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
    let offer = Memo::new(move |_| store.open.with(|open| open.as_ref()?.offered));
    let offered = move || offer.with(Option::is_some);
    view! {
        <div class="foot">
            <p class="foot-told">
                {move || match offer.get() {
                    Some(offer) => text::offered(offer, store.now.get()),
                    None => "This visitor waits for somebody to answer.".to_owned(),
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
