//! The tags of the conversation, and a field to add one.

use leptos::ev::SubmitEvent;
use leptos::html::Input;
use leptos::prelude::*;

use super::{ViewContext, icon};
use crate::driver::focus_soon;
use crate::workspace::{ChatStatus, Intent};

const FIELD: &str = "new-tag";

pub(super) fn tags(context: ViewContext) -> impl IntoView {
    let ViewContext { store, driver, .. } = context;
    let tags = Memo::new(move |_| {
        store
            .open
            .with(|open| open.as_ref().map(|open| open.tags.clone()))
            .unwrap_or_default()
    });
    let waiting = Memo::new(move |_| {
        store.open.with(|open| {
            open.as_ref()
                .is_none_or(|open| open.status == ChatStatus::Waiting)
        })
    });
    let hidden = Signal::derive(move || waiting.get() && tags.with(Vec::is_empty));
    tag_list(
        tags,
        hidden,
        move |tag| driver.dispatch(Intent::AddTag(tag)),
        move |tag| driver.dispatch(Intent::RemoveTag(tag)),
    )
}

/// Tags, and what adds and removes one.
pub(super) fn tag_list(
    tags: Memo<Vec<String>>,
    is_hidden: Signal<bool>,
    add: impl Fn(String) + 'static,
    remove: impl Fn(String) + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let field = NodeRef::<Input>::new();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if let Some(field) = field.get_untracked() {
            add(field.value());
            field.set_value("");
        }
    };
    view! {
        <section class="person-part" class:is-empty=move || is_hidden.get()>
            <h3 id="tags-title">"Tags"</h3>
            <ul class="tags" role="list" aria-labelledby="tags-title">
                <For each=move || tags.get() key=Clone::clone let:tag>
                    {tag_item(remove, tag)}
                </For>
            </ul>
            <form class="new-tag" on:submit=submit>
                <label class="unseen" for=FIELD>"Add a tag"</label>
                <input
                    node_ref=field
                    id=FIELD
                    class="field-small"
                    type="text"
                    autocomplete="off"
                    placeholder="Add a tag"
                    dir="auto"
                />
            </form>
        </section>
    }
}

fn tag_item(remove: impl Fn(String) + 'static, tag: String) -> impl IntoView {
    let (label, removed) = (tag.clone(), tag.clone());
    let remove = move |_| {
        remove(removed.clone());
        // The button is removed together with the tag.
        focus_soon(FIELD);
    };
    view! {
        <li class="tag">
            <span dir="auto">{tag}</span>
            <button type="button" class="tag-remove" title="Remove" on:click=remove>
                {icon::cross()}
                <span class="unseen">"Remove the tag "{label}</span>
            </button>
        </li>
    }
}
