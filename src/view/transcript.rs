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
    part::{Item, Part, follow, holds, list, live, part, words},
};
use crate::store::{Page, Row};

/// So near to the end counts as at the end.
const AT_END: i32 = 32;

pub(super) fn transcript(room: Room, follows: RwSignal<bool>) -> Part {
    let scroller = NodeRef::<html::Div>::new();
    let content = NodeRef::<html::Div>::new();
    let seen = RwSignal::new(0);
    let last_top = StoredValue::new(0);
    follow(move || {
        if let (Some(scroller), Some(content)) = (scroller.get(), content.get()) {
            watch_sizes(scroller.into(), content.into(), follows);
        }
    });
    follow(move || {
        if let (true, Some(scroller)) = (follows.get(), scroller.get()) {
            scroller.set_scroll_top(scroller.scroll_height());
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
        let now = below <= AT_END || (top >= before && follows.get_untracked());
        if now != follows.get_untracked() {
            seen.set(room.store.arrived.get_untracked());
            follows.set(now);
        }
    };
    let pages = room.store.transcript.pages;
    let pages = list(move || pages.with(|pages| pages.iter().map(|it| page(room, it)).collect()));
    part(view! {
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
                    {pages} {typing(room)}
                </div>
            </div>
            {pill(room, follows, seen)}
        </div>
    })
}

fn page(room: Room, page: &Page) -> Item {
    let rows = page.rows.clone();
    let rows = move || rows.with(|rows| rows.iter().map(|it| row(room, it)).collect());
    let make = move || part(view! { <div class="transcript-page">{list(rows)}</div> });
    Item {
        key: page.key,
        make: Box::new(make),
    }
}

fn row(room: Room, row: &Arc<Row>) -> Item {
    let (key, row) = (row.key, row.clone());
    Item {
        key,
        make: Box::new(move || message(room, &row)),
    }
}

/// How much came below while somebody reads above; `seen` came before.
fn pill(room: Room, follows: RwSignal<bool>, seen: RwSignal<usize>) -> Part {
    let unseen = Memo::new(move |_| match follows.get() {
        true => 0,
        false => room.store.arrived.get().saturating_sub(seen.get()),
    });
    live(move || {
        let count = unseen.get();
        let words = (room.text.new_messages)(count);
        let go = move |_| follows.set(true);
        (count > 0).then(|| {
            part(view! {
                <button type="button" class="transcript-pill" on:click=go>
                    {words} {icon(DOWN)}
                </button>
            })
        })
    })
}

fn typing(room: Room) -> Part {
    let typing = holds(move || room.store.agent_typing.get());
    let who = words(move || {
        let agent = room.store.agent.get();
        (room.text.is_typing)(agent.as_ref().map(|agent| agent.name.as_str()))
    });
    part(view! {
        <div class="transcript-typing" class:on=typing>
            <span class="transcript-dots" aria-hidden="true"><i></i><i></i><i></i></span>
            <span>{who}</span>
        </div>
    })
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
