//! Whom the chat can go to. A small dialog beside its button; Escape closes it.

use leptos::prelude::*;

use super::Here;
use crate::desk::{Colleague, Intent};
use crate::driver::focus_soon;
use crate::text;

pub(super) fn transfer(here: Here) -> impl IntoView {
    let Here { store, driver, .. } = here;
    let shown = Memo::new(move |_| store.transfer.with(Option::is_some));
    let close = move || {
        driver.want(Intent::CloseTransfer);
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
                        driver.want(Intent::OpenTransfer);
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
                    {move || colleagues(here)}
                </div>
            </Show>
        </div>
    }
}

fn colleagues(here: Here) -> AnyView {
    let Some(transfer) = here.store.transfer.get() else {
        return ().into_any();
    };
    match transfer.colleagues {
        None => view! { <p class="popover-note">"Looking…"</p> }.into_any(),
        Some(colleagues) if colleagues.is_empty() => {
            view! { <p class="popover-note">"No colleague takes chats now."</p> }.into_any()
        }
        Some(colleagues) => colleagues
            .into_iter()
            .map(|colleague| choice(here, colleague, transfer.busy))
            .collect_view()
            .into_any(),
    }
}

fn choice(here: Here, colleague: Colleague, busy: bool) -> impl IntoView {
    let Colleague { id, name, chats } = colleague;
    view! {
        <button
            type="button"
            class="choice"
            aria-disabled=busy.to_string()
            on:click=move |_| here.driver.want(Intent::TransferTo(id.clone()))
        >
            <span>{name}</span>" "
            <span class="choice-more">{text::chats(chats)}</span>
        </button>
    }
}
