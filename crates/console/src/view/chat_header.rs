//! The header of the open chat: the visitor's name, the state, and actions on the whole chat.

use leptos::prelude::*;

use super::{ViewContext, callback, icon, transfer};
use crate::driver::focus_soon;
use crate::text;
use crate::workspace::{ChatStatus, Intent, OpenChat};

pub(super) fn chat_header(context: ViewContext) -> impl IntoView {
    let ViewContext {
        store,
        driver,
        person_shown,
    } = context;
    let name = move || text::name(store.open.with(|open| open.as_ref()?.name.clone()));
    let status = Memo::new(move |_| {
        store
            .open
            .with(|open| open.as_ref().map(|open| open.status))
    });
    let away = Memo::new(move |_| {
        store
            .open
            .with(|open| open.as_ref().is_some_and(|open| open.away))
    });
    view! {
        <header class="head">
            <button
                type="button"
                class="button button-quiet button-icon narrow-only"
                aria-label="Back to the lists"
                on:click=move |_| driver.dispatch(Intent::Deselect)
            >
                {icon::back()}
            </button>
            <div class="head-who">
                <h2>{name}</h2>
                <p class="head-state">
                    {move || store.open.with(|open| open.as_ref().map(|open| state(open, store.now)))}
                    {move || {
                        let team = store.open.with(|open| open.as_ref()?.team.clone());
                        team.map(|team| format!(" · {team}"))
                    }}
                    {move || away.get().then_some(". The visitor is away.")}
                </p>
            </div>
            <button
                type="button"
                class="button button-quiet button-icon medium-only"
                aria-label="About the visitor"
                title="About the visitor"
                aria-pressed=move || person_shown.get().to_string()
                on:click=move |_| person_shown.update(|shown| *shown = !*shown)
            >
                {icon::person()}
            </button>
            <Show when=move || status.get() == Some(ChatStatus::Mine)>
                <div class="head-tools">{transfer::transfer(context)} {end(context)}</div>
            </Show>
            {callback::message_tools(context)}
        </header>
    }
}

fn state(open: &OpenChat, now: RwSignal<u64>) -> AnyView {
    let since = open.since;
    let wait = move || since.map(|since| text::wait(since, now.get()));
    let position = open
        .position
        .map(|position| format!(", number {position} in the queue"));
    match (open.status, open.agent_name.clone()) {
        (ChatStatus::Waiting, _) => view! { "Waiting "{wait}{position} }.into_any(),
        (ChatStatus::Mine, _) => "You answer".into_any(),
        (ChatStatus::Colleagues, Some(with)) => format!("{with} answers").into_any(),
        (ChatStatus::Colleagues, None) => "A colleague answers".into_any(),
        (ChatStatus::Ended, _) if open.callback.is_some() => match open.is_open_message {
            true => "Wants to be called back".into_any(),
            false => "A callback".into_any(),
        },
        (ChatStatus::Ended, _) if open.is_open_message => "Left a message".into_any(),
        (ChatStatus::Ended, _) => "The chat has ended".into_any(),
    }
}

/// The button to end a chat. It asks for confirmation in the same place, because ending cannot be
/// undone.
fn end(context: ViewContext) -> impl IntoView {
    let ViewContext { store, driver, .. } = context;
    let asked = RwSignal::new(false);
    let ending = move || {
        store
            .open
            .with(|open| open.as_ref().is_some_and(|open| open.ending))
    };
    move || {
        if !asked.get() {
            return view! {
                <button
                    type="button"
                    class="button"
                    id="end"
                    on:click=move |_| {
                        asked.set(true);
                        focus_soon("end-now");
                    }
                >
                    "End chat"
                </button>
            }
            .into_any();
        }
        let keep = move || {
            asked.set(false);
            focus_soon("end");
        };
        view! {
            <div
                class="sure"
                role="group"
                aria-label="End this chat for both?"
                on:keydown=move |event| {
                    if event.key() == "Escape" {
                        event.prevent_default();
                        keep();
                    }
                }
            >
                <span class="sure-question" aria-hidden="true">"For both?"</span>
                <button
                    type="button"
                    class="button button-danger"
                    id="end-now"
                    aria-disabled=move || ending().to_string()
                    on:click=move |_| driver.dispatch(Intent::End)
                >
                    "End chat"
                </button>
                <button type="button" class="button" on:click=move |_| keep()>"Keep"</button>
            </div>
        }
        .into_any()
    }
}
