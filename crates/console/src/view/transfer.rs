//! The list of agents to whom the chat can be transferred. A small dialog beside its button; Escape
//! closes it.

use leptos::prelude::*;

use super::ViewContext;
use crate::driver::focus_soon;
use crate::text;
use crate::workspace::{Colleague, Intent, Team};

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
                    {note(context)}
                    {move || teams(context)}
                    {move || colleagues(context)}
                </div>
            </Show>
        </div>
    }
}

/// The note for whoever gets the chat. The text field belongs to the agent.
fn note(context: ViewContext) -> impl IntoView {
    view! {
        <label class="unseen" for="transfer-note">"Note for them"</label>
        <input
            id="transfer-note"
            class="popover-field"
            type="text"
            autocomplete="off"
            placeholder="Note for them"
            on:input=move |event| {
                let note = event_target_value(&event);
                context.driver.dispatch(Intent::WriteTransferNote(note));
            }
        />
    }
}

fn teams(context: ViewContext) -> impl IntoView {
    let transfer = context.store.transfer.get();
    let transfer = transfer.map(|transfer| (transfer.teams, transfer.busy));
    let (teams, busy) = transfer.unwrap_or_default();
    let choice = move |team: Team| {
        let Team {
            id,
            name,
            available,
        } = team;
        view! {
            <button
                type="button"
                class="choice"
                aria-disabled=busy.to_string()
                on:click=move |_| context.driver.dispatch(Intent::TransferToTeam(id))
            >
                <span>{name}</span>" "
                <span class="choice-more">
                    {if available { "team" } else { "team, nobody takes chats" }}
                </span>
            </button>
        }
    };
    teams.into_iter().map(choice).collect_view()
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
