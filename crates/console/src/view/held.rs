//! The question about a reply that is held. Enter in the empty field answers it with yes.

use leptos::prelude::*;

use super::Here;
use crate::desk::{Held, Intent};
use crate::driver::{REPLY, focus_soon};
use crate::text;

pub(super) fn held(here: Here) -> impl IntoView {
    let store = here.store;
    let held = Memo::new(move |_| {
        store
            .open
            .with(|open| open.as_ref().and_then(|open| open.held.clone()))
    });
    move || held.get().map(|held| question(here, held))
}

fn question(here: Here, held: Held) -> impl IntoView {
    let driver = here.driver;
    let Held {
        custom_id,
        who,
        editable,
    } = held;
    let edit = editable.then(|| {
        view! {
            <button type="button" class="button" on:click=move |_| driver.want(Intent::TakeBack)>
                "Edit"
            </button>
        }
    });
    view! {
        <div class="held" role="group" aria-label="A reply is held">
            <p class="held-question">{text::meanwhile(who)}</p>
            <button
                type="button"
                class="button button-main"
                on:click=move |_| driver.want(Intent::SendAnyway)
            >
                "Send anyway"
                <kbd aria-hidden="true">"↵"</kbd>
            </button>
            {edit}
            <button
                type="button"
                class="button button-quiet"
                on:click=move |_| {
                    driver.want(Intent::Discard(custom_id.clone()));
                    focus_soon(REPLY);
                }
            >
                "Delete"
            </button>
        </div>
    }
}
