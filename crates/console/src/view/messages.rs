//! The lists of messages that visitors have left and nobody has answered and of callbacks that
//! nobody has made, by the time at which they are due, and of chats that have ended.

use leptos::prelude::*;
use parlor_wire::{ChatId, ThreadId};

use super::{ViewContext, clock, row::avatar};
use crate::store::Store;
use crate::text;
use crate::workspace::{Intent, MessageList, MessageRow, Millis};

/// How a list differs from the others.
#[derive(Debug, Clone, Copy)]
pub(super) struct ListKind {
    name: &'static str,
    /// What an empty one says.
    nobody: &'static str,
    rows: fn(Store) -> RwSignal<MessageList>,
    /// The time of a row, as of now.
    when: fn(Millis, Millis) -> String,
    /// What a press on a row means.
    open: fn(ChatId, ThreadId) -> Intent,
}

pub(super) const MESSAGES: ListKind = ListKind {
    name: "Messages",
    nobody: "Nobody has left a message.",
    rows: |store| store.messages,
    when: text::wait,
    open: Intent::OpenMessage,
};

/// Those that are due say so.
pub(super) const CALLBACKS: ListKind = ListKind {
    name: "Callbacks",
    nobody: "Nobody wants to be called back.",
    rows: |store| store.callbacks,
    when: |at, now| match at > now {
        true => clock::within_days(at),
        false => format!("due, {}", text::wait(at, now)),
    },
    open: Intent::OpenMessage,
};

pub(super) const ENDED: ListKind = ListKind {
    name: "Ended",
    nobody: "No chat has ended.",
    rows: |store| store.ended,
    when: text::wait,
    open: Intent::OpenEnded,
};

pub(super) fn list(context: ViewContext, kind: ListKind) -> impl IntoView {
    let ListKind { name, nobody, .. } = kind;
    let list = (kind.rows)(context.store);
    let total = Memo::new(move |_| list.with(|list| list.total));
    let threads = Memo::new(move |_| {
        list.with(|list| {
            let rows = list.rows.iter();
            rows.map(|row| row.thread.clone()).collect::<Vec<_>>()
        })
    });
    let any_due = Memo::new(move |_| list.with(|list| list.rows.iter().any(|row| row.is_due)));
    let slug = name.to_lowercase();
    view! {
        <section class="list" data-list=slug>
            <h2 class="list-head">
                {name}" "
                <span
                    class="count"
                    data-some=move || (total.get() > 0).to_string()
                    data-due=move || any_due.get().to_string()
                >
                    {move || total.get()}
                </span>
            </h2>
            <ul class="rows" role="list" aria-label=name>
                <For each=move || threads.get() key=|thread| thread.clone() let:thread>
                    {message(context, thread, kind)}
                </For>
            </ul>
            <Show when=move || threads.with(Vec::is_empty)>
                <p class="list-empty">{nobody}</p>
            </Show>
        </section>
    }
}

fn message(context: ViewContext, thread: ThreadId, kind: ListKind) -> impl IntoView {
    let ViewContext {
        store,
        driver,
        person_shown,
    } = context;
    let text_id = format!("{}-{thread}", kind.name.to_lowercase());
    let described = text_id.clone();
    let list = (kind.rows)(store);
    let row = Memo::new(move |_| {
        list.with(|list| list.rows.iter().find(|row| row.thread == thread).cloned())
    });
    let is_due = move || row.with(|row| row.as_ref().is_some_and(|row| row.is_due));
    let selected = move || row.with(|row| row.as_ref().is_some_and(|row| row.selected));
    let name = move || text::name(row.with(|row| row.as_ref().and_then(|row| row.name.clone())));
    let ago = move || {
        let at = row.with(|row| row.as_ref().and_then(|row| row.at))?;
        Some((kind.when)(at, store.now.get()))
    };
    let open = move |_| {
        if let Some(MessageRow { chat, thread, .. }) = row.get_untracked() {
            person_shown.set(false);
            driver.dispatch((kind.open)(chat, thread));
        }
    };
    view! {
        <li class="row" class:row-selected=selected class:row-due=is_due>
            {move || avatar(&name())}
            <div class="row-main">
                <div class="row-line">
                    <button
                        type="button"
                        class="row-pick"
                        aria-current=move || selected().to_string()
                        aria-describedby=described
                        on:click=open
                    >
                        {name}
                        {move || is_due().then(|| view! { <span class="unseen">", due"</span> })}
                    </button>
                    <span class="row-aside">{ago}</span>
                </div>
                <div class="row-line">
                    <span class="row-preview" id=text_id>
                        {move || row.with(|row| row.as_ref().map(preview))}
                    </span>
                </div>
            </div>
        </li>
    }
}

/// Only one line is shown.
fn preview(row: &MessageRow) -> String {
    row.text.chars().take(120).collect()
}
