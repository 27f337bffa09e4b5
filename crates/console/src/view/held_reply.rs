//! The question about a held reply. Enter in the empty reply field sends it.

use leptos::prelude::*;

use super::ViewContext;
use crate::driver::{REPLY, focus_soon};
use crate::text;
use crate::workspace::{HeldReply, Intent};

pub(super) fn held_reply(context: ViewContext) -> impl IntoView {
    let store = context.store;
    let held = Memo::new(move |_| {
        store
            .open
            .with(|open| open.as_ref().and_then(|open| open.held.clone()))
    });
    move || held.get().map(|held| question(context, held))
}

fn question(context: ViewContext, held: HeldReply) -> impl IntoView {
    let driver = context.driver;
    let HeldReply {
        custom_id,
        who,
        editable,
    } = held;
    let edit = editable.then(|| {
        view! {
            <button type="button" class="button" on:click=move |_| driver.dispatch(Intent::EditHeld)>
                "Edit"
            </button>
        }
    });
    view! {
        <div class="held" role="group" aria-label="A reply is held">
            <p class="held-question">{text::held_reply(who)}</p>
            <button
                type="button"
                class="button button-main"
                on:click=move |_| driver.dispatch(Intent::SendAnyway)
            >
                "Send anyway"
                <kbd aria-hidden="true">"↵"</kbd>
            </button>
            {edit}
            <button
                type="button"
                class="button button-quiet"
                on:click=move |_| {
                    driver.dispatch(Intent::Discard(custom_id.clone()));
                    focus_soon(REPLY);
                }
            >
                "Delete"
            </button>
        </div>
    }
}
