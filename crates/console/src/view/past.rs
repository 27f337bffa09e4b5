//! Earlier conversations with the same visitor: named by their day, opened when somebody wants to
//! read them.

use leptos::prelude::*;

use super::{Here, clock, content};
use crate::desk::{Author, Earlier, EarlierThread, Entry, Intent};
use crate::text;

pub(super) fn past(here: Here) -> impl IntoView {
    let Here { store, driver, .. } = here;
    let any = move || {
        store
            .past
            .with(|past| past.more || past.busy || past.failed || !past.threads.is_empty())
    };
    let keys = move || {
        store.past.with(|past| {
            past.threads
                .iter()
                .map(|it| it.key.clone())
                .collect::<Vec<_>>()
        })
    };
    let asked = move |_| driver.want(Intent::ReadPast);
    let label = move || store.past.with(label);
    let more = move || {
        store
            .past
            .with(|past| past.more || past.busy || past.failed)
    };
    view! {
        <Show when=any>
            <section class="person-part">
                <h3>"Earlier conversations"</h3>
                <For each=keys key=Clone::clone let:key>
                    {move || {
                        store.past.with_untracked(|past| {
                            past.threads.iter().find(|it| it.key == key).cloned().map(thread)
                        })
                    }}
                </For>
                <Show when=more>
                    <button
                        type="button"
                        class="button past-more"
                        aria-disabled=move || store.past.with(|past| past.busy).to_string()
                        on:click=asked
                    >
                        {label}
                    </button>
                </Show>
            </section>
        </Show>
    }
}

fn label(past: &Earlier) -> &'static str {
    match past {
        Earlier { busy: true, .. } => "Loading…",
        Earlier { failed: true, .. } => "Could not be loaded. Try again",
        Earlier { threads, .. } if threads.is_empty() => "Show them",
        _ => "Show more",
    }
}

fn thread(thread: EarlierThread) -> impl IntoView {
    let EarlierThread {
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
        Author::Nobody => None,
        Author::Me => Some("You".to_owned()),
        _ => Some(text::name(entry.name)),
    };
    let note = entry
        .note
        .then(|| view! { <span class="message-note">" note"</span> });
    view! {
        <div class="past-line" class:is-note=entry.note>
            {who.map(|who| view! { <p class="past-who">{who}{note}</p> })}
            <div dir="auto">{content::content(entry.body)}</div>
        </div>
    }
}
