//! The lines of the conversation. Somebody at the end stays at the end;
//! somebody who reads above is not moved, and is told what has come.
//!
//! Must stay true: one correction of the scroll position a frame, made by the
//! browser's own notice that a size has changed, never one for each line.

use std::sync::Arc;

use leptos::{html, prelude::*};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{HtmlElement, ResizeObserver};

use super::{
    Room,
    icon::{DOWN, icon},
    message::message,
};
use crate::store::{Page, Row};

/// So near to the end counts as at the end.
const AT_END: i32 = 32;

pub(super) fn transcript(room: Room, follows: RwSignal<bool>) -> impl IntoView {
    let scroller = NodeRef::<html::Div>::new();
    let content = NodeRef::<html::Div>::new();
    let seen = RwSignal::new(0);
    let last_top = StoredValue::new(0);
    Effect::new(move || {
        if let (Some(scroller), Some(content)) = (scroller.get(), content.get()) {
            watch_sizes(scroller.into(), content.into(), follows);
        }
    });
    let to_end = move || {
        if let Some(scroller) = scroller.get_untracked() {
            scroller.set_scroll_top(scroller.scroll_height());
        }
    };
    Effect::new(move || {
        if follows.get() {
            to_end();
        }
    });
    // Only going up means that somebody reads there: growing lines move the
    // end away by themselves.
    let scrolled = move |_| {
        let Some(scroller) = scroller.get_untracked() else {
            return;
        };
        let top = scroller.scroll_top();
        let below = scroller.scroll_height() - top - scroller.client_height();
        let before = last_top.get_value();
        last_top.set_value(top);
        let follow = below <= AT_END || (top >= before && follows.get_untracked());
        if follow != follows.get_untracked() {
            seen.set(room.store.arrived.get_untracked());
            follows.set(follow);
        }
    };
    let unseen = Memo::new(move |_| match follows.get() {
        true => 0,
        false => room.store.arrived.get().saturating_sub(seen.get()),
    });
    let pill = move || {
        (unseen.get() > 0).then(|| {
            view! {
                <button type="button" class="transcript-pill" on:click=move |_| follows.set(true)>
                    {move || (room.text.new_messages)(unseen.get())}
                    {icon(DOWN)}
                </button>
            }
        })
    };
    let pages = room.store.transcript.pages;
    view! {
        <div class="transcript">
            <div
                class="transcript-scroll"
                role="log"
                aria-label=room.text.conversation
                aria-live="off"
                tabindex="0"
                node_ref=scroller
                on:scroll=scrolled
            >
                <div class="transcript-content" node_ref=content>
                    <For
                        each=move || pages.get()
                        key=page_key
                        children=move |it| page(room, it)
                    />
                    {typing(room)}
                </div>
            </div>
            {pill}
        </div>
    }
}

fn page(room: Room, page: Page) -> impl IntoView {
    let rows = page.rows;
    view! {
        <div class="transcript-page">
            <For each=move || rows.get() key=row_key children=move |row| message(room, row)/>
        </div>
    }
}

fn page_key(page: &Page) -> u32 {
    page.key
}

fn row_key(row: &Arc<Row>) -> u32 {
    row.key
}

fn typing(room: Room) -> impl IntoView {
    let name = move || {
        room.store
            .agent
            .with(|agent| Some(agent.as_ref()?.name.clone()))
    };
    view! {
        <div class="transcript-typing" class:on=move || room.store.agent_typing.get()>
            <span class="transcript-dots" aria-hidden="true"><i></i><i></i><i></i></span>
            <span>{move || (room.text.is_typing)(name().as_deref())}</span>
        </div>
    }
}

/// Keeps the end in view while somebody is there: told by the browser after
/// layout and before paint, so nothing is seen to jump.
fn watch_sizes(scroller: HtmlElement, content: HtmlElement, follows: RwSignal<bool>) {
    let (outer, inner) = (scroller.clone(), content.clone());
    let follow = Closure::<dyn Fn()>::new(move || {
        if follows.get_untracked() {
            scroller.set_scroll_top(scroller.scroll_height());
        }
    });
    let Ok(observer) = ResizeObserver::new(follow.as_ref().unchecked_ref()) else {
        return;
    };
    observer.observe(&outer);
    observer.observe(&inner);
    let kept = StoredValue::new_local((observer, follow));
    on_cleanup(move || {
        kept.try_with_value(|(observer, _)| observer.disconnect());
    });
}
