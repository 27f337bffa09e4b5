//! The list of agents to whom the chat can be transferred. A small dialog beside its button; Escape
//! closes it.

use leptos::prelude::*;

use super::ViewContext;
use crate::driver::focus_soon;
use crate::text;
use crate::workspace::{Colleague, Intent};

pub(super) fn transfer(context: ViewContext) -> impl IntoView {
    let ViewContext { store, driver, .. } = context;
    let shown = Memo::new(move |_| store.transfer.with(Option::is_some));
    let close = move || {
        driver.dispatch(Intent::CloseTransfer);
        focus_soon("transfer-button");
    };
    view! {
        <div
            class="transfer"
            on:keydown=move |event| {
                if event.key() == "Escape" && shown.get_untracked() {
                    event.prevent_default();
                    close();
                }
            }
        >
            <button
                type="button"
                class="button"
                id="transfer-button"
                aria-haspopup="dialog"
                aria-expanded=move || shown.get().to_string()
                on:click=move |_| {
                    if shown.get_untracked() {
                        close();
                    } else {
                        driver.dispatch(Intent::OpenTransfer);
                        focus_soon("transfer-dialog");
                    }
                }
            >
                "Transfer"
            </button>
            <Show when=move || shown.get()>
                <div
                    class="popover"
                    id="transfer-dialog"
                    role="dialog"
                    aria-label="Hand this chat on to"
                    tabindex="-1"
                >
                    <p class="popover-head" aria-hidden="true">"Hand this chat on to"</p>
                    {move || colleagues(context)}
                </div>
            </Show>
        </div>
    }
}

fn colleagues(context: ViewContext) -> AnyView {
    let Some(transfer) = context.store.transfer.get() else {
        return ().into_any();
    };
    match transfer.colleagues {
        None => view! { <p class="popover-note">"Looking…"</p> }.into_any(),
        Some(colleagues) if colleagues.is_empty() => {
            view! { <p class="popover-note">"No colleague takes chats now."</p> }.into_any()
        }
        Some(colleagues) => colleagues
            .into_iter()
            .map(|colleague| choice(context, colleague, transfer.busy))
            .collect_view()
            .into_any(),
    }
}

fn choice(context: ViewContext, colleague: Colleague, busy: bool) -> impl IntoView {
    let Colleague { id, name, chats } = colleague;
    view! {
        <button
            type="button"
            class="choice"
            aria-disabled=busy.to_string()
            on:click=move |_| context.driver.dispatch(Intent::TransferTo(id.clone()))
        >
            <span>{name}</span>" "
            <span class="choice-more">{text::chats(chats)}</span>
        </button>
    }
}
