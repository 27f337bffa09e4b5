//! What can be done next: take who waits, answer who is mine, or see why neither.

use leptos::prelude::*;

use super::{Here, composer};
use crate::desk::{Intent, Place};

pub(super) fn foot(here: Here) -> impl IntoView {
    let store = here.store;
    let place = Memo::new(move |_| store.open.with(|open| open.as_ref().map(|open| open.place)));
    move || match place.get() {
        Some(Place::Waiting) => accept(here).into_any(),
        Some(Place::Mine) => composer::composer(here).into_any(),
        Some(Place::Colleagues) => {
            let with = move || store.open.with(|open| open.as_ref()?.with.clone());
            view! {
                <p class="foot foot-told">
                    {move || with().unwrap_or_else(|| "A colleague".to_owned())}
                    " answers this visitor."
                </p>
            }
            .into_any()
        }
        Some(Place::Ended) => {
            view! { <p class="foot foot-told">"This chat has ended."</p> }.into_any()
        }
        None => ().into_any(),
    }
}

fn accept(here: Here) -> impl IntoView {
    let Here { store, driver, .. } = here;
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
                on:click=move |_| driver.want(Intent::Accept)
            >
                {move || if accepting() { "Accepting…" } else { "Accept" }}
                <kbd aria-hidden="true">"↵"</kbd>
            </button>
        </div>
    }
}
