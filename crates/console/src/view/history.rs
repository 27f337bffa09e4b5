//! Earlier conversations with the visitor, listed by date and collapsed.

use leptos::prelude::*;

use super::{ViewContext, clock, event_content};
use crate::text;
use crate::workspace::{Author, Entry, HistoryThread, HistoryView, Intent};

pub(super) fn history(context: ViewContext) -> impl IntoView {
    let ViewContext { store, driver, .. } = context;
    let any = move || {
        store.history.with(|history| {
            history.more || history.busy || history.failed || !history.threads.is_empty()
        })
    };
    let keys = move || {
        store.history.with(|history| {
            history
                .threads
                .iter()
                .map(|it| it.key.clone())
                .collect::<Vec<_>>()
        })
    };
    let asked = move |_| driver.dispatch(Intent::LoadHistory);
    let label = move || store.history.with(label);
    let more = move || {
        store
            .history
            .with(|history| history.more || history.busy || history.failed)
    };
    view! {
        <Show when=any>
            <section class="person-part">
                <h3>"Earlier conversations"</h3>
                <For each=keys key=Clone::clone let:key>
                    {move || {
                        store.history.with_untracked(|history| {
                            history.threads.iter().find(|it| it.key == key).cloned().map(thread)
                        })
                    }}
                </For>
                <Show when=more>
                    <button
                        type="button"
                        class="button past-more"
                        aria-disabled=move || store.history.with(|history| history.busy).to_string()
                        on:click=asked
                    >
                        {label}
                    </button>
                </Show>
            </section>
        </Show>
    }
}

fn label(history: &HistoryView) -> &'static str {
    match history {
        HistoryView { busy: true, .. } => "Loading…",
        HistoryView { failed: true, .. } => "Could not be loaded. Try again",
        HistoryView { threads, .. } if threads.is_empty() => "Show them",
        _ => "Show more",
    }
}

fn thread(thread: HistoryThread) -> impl IntoView {
    let HistoryThread {
        at,
        tags,
        restricted,
        entries,
        ..
    } = thread;
    let tags =
        (!tags.is_empty()).then(|| view! { <span class="past-tags">{tags.join(", ")}</span> });
    view! {
        <details class="past">
            <summary>
                {at.map(clock::date)}", "{at.map(clock::time)}
                {tags}
            </summary>
            {restricted.map(|why| view! { <p class="past-line">{why}</p> })}
            {entries.into_iter().map(entry).collect_view()}
        </details>
    }
}

fn entry(entry: Entry) -> impl IntoView {
    let who = match entry.author {
        Author::System => None,
        Author::Me => Some("You".to_owned()),
        _ => Some(text::name(entry.name)),
    };
    let note = entry
        .note
        .then(|| view! { <span class="message-note">" note"</span> });
    view! {
        <div class="past-line" class:is-note=entry.note>
            {who.map(|who| view! { <p class="past-who">{who}{note}</p> })}
            <div dir="auto">{event_content::content(entry.body)}</div>
        </div>
    }
}
