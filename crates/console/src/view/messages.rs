//! The lists of messages that visitors have left and nobody has answered, and of callbacks that
//! nobody has made, by the time at which they are due.

use leptos::prelude::*;
use parlor_wire::ThreadId;

use super::{ViewContext, clock, row::avatar};
use crate::text;
use crate::workspace::{Intent, MessageList, MessageRow, Millis};

pub(super) fn messages(context: ViewContext) -> impl IntoView {
    let list = context.store.messages;
    let ago = |at, now| text::wait(at, now);
    open_list(context, "Messages", "Nobody has left a message.", list, ago)
}

/// Those that are due are marked.
pub(super) fn callbacks(context: ViewContext) -> impl IntoView {
    let list = context.store.callbacks;
    let due = |at, now| match at > now {
        true => clock::moment(at),
        false => format!("due, {}", text::wait(at, now)),
    };
    open_list(
        context,
        "Callbacks",
        "Nobody wants to be called back.",
        list,
        due,
    )
}

fn open_list(
    context: ViewContext,
    name: &'static str,
    nobody: &'static str,
    list: RwSignal<MessageList>,
    when: fn(Millis, Millis) -> String,
) -> impl IntoView {
    let total = Memo::new(move |_| list.with(|list| list.total));
    let threads = Memo::new(move |_| {
        list.with(|list| {
            let rows = list.rows.iter();
            rows.map(|row| row.thread.clone()).collect::<Vec<_>>()
        })
    });
    let kind = name.to_lowercase();
    view! {
        <section class="list" data-list=kind>
            <h2 class="list-head">
                {name}" "
                <span class="count" data-some=move || (total.get() > 0).to_string()>
                    {move || total.get()}
                </span>
            </h2>
            <ul class="rows" role="list" aria-label=name>
                <For each=move || threads.get() key=|thread| thread.clone() let:thread>
                    {message(context, thread, list, when)}
                </For>
            </ul>
            <Show when=move || threads.with(Vec::is_empty)>
                <p class="list-empty">{nobody}</p>
            </Show>
        </section>
    }
}

fn message(
    context: ViewContext,
    thread: ThreadId,
    list: RwSignal<MessageList>,
    when: fn(Millis, Millis) -> String,
) -> impl IntoView {
    let ViewContext {
        store,
        driver,
        person_shown,
    } = context;
    let text_id = format!("message-{thread}");
    let described = text_id.clone();
    let row = Memo::new(move |_| {
        list.with(|list| list.rows.iter().find(|row| row.thread == thread).cloned())
    });
    let selected = move || row.with(|row| row.as_ref().is_some_and(|row| row.selected));
    let name = move || text::name(row.with(|row| row.as_ref().and_then(|row| row.name.clone())));
    let ago = move || {
        let at = row.with(|row| row.as_ref().and_then(|row| row.at))?;
        Some(when(at, store.now.get()))
    };
    let open = move |_| {
        if let Some(MessageRow { chat, thread, .. }) = row.get_untracked() {
            person_shown.set(false);
            driver.dispatch(Intent::OpenMessage(chat, thread));
        }
    };
    view! {
        <li class="row" class:row-selected=selected>
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
