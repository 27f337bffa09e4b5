//! The part below the transcript: the accept button, the reply form, or why there is neither.

use leptos::prelude::*;

use super::{ViewContext, composer};
use crate::workspace::{ChatStatus, Intent};

pub(super) fn footer(context: ViewContext) -> impl IntoView {
    let store = context.store;
    let status = Memo::new(move |_| {
        store
            .open
            .with(|open| open.as_ref().map(|open| open.status))
    });
    move || match status.get() {
        Some(ChatStatus::Waiting) => accept(context).into_any(),
        Some(ChatStatus::Mine) => composer::composer(context).into_any(),
        Some(ChatStatus::Colleagues) => {
            let with = move || store.open.with(|open| open.as_ref()?.agent_name.clone());
            view! {
                <p class="foot foot-told">
                    {move || with().unwrap_or_else(|| "A colleague".to_owned())}
                    " answers this visitor."
                </p>
            }
            .into_any()
        }
        Some(ChatStatus::Ended) => {
            view! { <p class="foot foot-told">"This chat has ended."</p> }.into_any()
        }
        None => ().into_any(),
    }
}

fn accept(context: ViewContext) -> impl IntoView {
    let ViewContext { store, driver, .. } = context;
    let accepting = move || {
        store
            .open
            .with(|open| open.as_ref().is_some_and(|open| open.accepting))
    };
    view! {
        <div class="foot">
            <p class="foot-told">"This visitor waits for somebody to answer."</p>
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
