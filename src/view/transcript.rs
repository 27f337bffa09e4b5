//! The lines of the conversation. Somebody at the end stays at the end;
//! somebody who reads above is not moved, and is told what has arrived.
//!
//! Must stay true: the scroll position is corrected once a frame, when the browser
//! reports that a size has changed, and never once for each line.

use gloo_timers::callback::Timeout;
use leptos::{html::Div, prelude::*};
use send_wrapper::SendWrapper;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{HtmlElement, ResizeObserver};

use super::{
    context::chat,
    earlier::{Anchor, ShowEarlier},
    icon::{DOWN, Icon},
    message::Message,
};
use crate::erased::{Built, IntoBuilt, KeyedList, dynamic, effect, text};
use crate::store::Page;

/// Pixels from the end that still count as at the end.
const AT_END: i32 = 32;

/// Milliseconds after which arrived lines have been painted and the scroll position corrected
/// for them: some frames.
const PAINTED_AFTER: u32 = 100;

/// Pixels from the top that still count as at the top.
const AT_TOP: i32 = 8;

#[component]
pub(super) fn Transcript(
    /// Whether the visitor is at the end, and stays there.
    at_end: RwSignal<bool>,
) -> impl IntoView {
    let chat = chat();
    let scroller = NodeRef::<Div>::new();
    let content = NodeRef::<Div>::new();
    // How many lines had arrived when the visitor was at the end last.
    let seen = RwSignal::new(chat.store.arrived.get_untracked());
    let anchor = StoredValue::new_local(Anchor::default());
    // Where the scroller was, or was put by a correction.
    let last_top = StoredValue::new(0);
    let load_earlier = move || {
        seen.set(chat.store.arrived.get_untracked());
        at_end.set(false);
        if let Some(scroller) = scroller.get_untracked() {
            anchor.with_value(|anchor| anchor.load(chat, &scroller));
        }
    };
    // Only going up means that somebody reads there: growing lines move the end away by themselves.
    let on_scroll = move |_| {
        let Some(scroller) = scroller.get_untracked() else {
            return;
        };
        let top = scroller.scroll_top();
        let below = scroller.scroll_height() - top - scroller.client_height();
        let before = last_top.get_value();
        last_top.set_value(top);
        let was_at_end = at_end.get_untracked();
        let is_at_end = below <= AT_END || (top >= before && was_at_end);
        if is_at_end != was_at_end {
            seen.set(chat.store.arrived.get_untracked());
            at_end.set(is_at_end);
        }
        anchor.with_value(|anchor| anchor.moved(top - before));
        if top <= AT_TOP && top < before {
            load_earlier();
        }
    };
    let correct = move || {
        let Some(scroller) = scroller.get_untracked() else {
            return;
        };
        if at_end.get_untracked() {
            scroller.set_scroll_top(scroller.scroll_height());
        } else if anchor.with_value(|anchor| anchor.hold(chat, &scroller)) {
            last_top.set_value(scroller.scroll_top());
        }
    };
    effect(move || {
        if at_end.get()
            && let Some(scroller) = scroller.get()
        {
            scroller.set_scroll_top(scroller.scroll_height());
        }
    });
    effect(move || {
        if let (Some(scroller), Some(content)) = (scroller.get(), content.get()) {
            watch_sizes(&scroller, &content, correct);
        }
    });
    // Whoever was at the very top while lines were loading can go no further up, and wants to.
    effect(move || {
        let loading = chat.store.history.with(|history| history.loading);
        if !loading && anchor.with_value(|anchor| anchor.wants_more.take()) {
            Timeout::new(PAINTED_AFTER, move || {
                let top = scroller.try_get_untracked().flatten();
                if top.is_some_and(|scroller| scroller.scroll_top() <= AT_TOP) {
                    load_earlier();
                }
            })
            .forget();
        }
    });
    view! {
        <div class="transcript">
            <div
                class="transcript-scroll"
                role="log"
                aria-label=chat.text.conversation()
                aria-live="off"
                tabindex="0"
                node_ref=scroller
                on:scroll=on_scroll
            >
                <div class="transcript-content" node_ref=content>
                    <ShowEarlier on_press=load_earlier />
                    <Pages />
                    <Typing />
                </div>
            </div>
            <NewMessages at_end seen />
        </div>
    }
    .built()
}

/// All lines: chapters of pages of rows.
#[component]
fn Pages() -> impl IntoView {
    let pages = chat().store.transcript.pages;
    let chapters = Memo::new(move |_| {
        pages.with(|pages| {
            let mut chapters: Vec<u32> = pages.iter().map(|page| page.chapter).collect();
            chapters.dedup();
            chapters
        })
    });
    view! {
        <div>
            <KeyedList
                each=move || chapters.get()
                key=|chapter| *chapter
                view=|chapter| view! { <Chapter chapter /> }.built()
            />
        </div>
    }
    .built()
}

#[component]
fn Chapter(chapter: u32) -> impl IntoView {
    let all = chat().store.transcript.pages;
    // Of all chapters only the one whose pages changed is updated.
    let pages = Memo::new(move |_| {
        all.with(|pages| {
            let own = pages.iter().filter(|page| page.chapter == chapter);
            own.cloned().collect::<Vec<Page>>()
        })
    });
    view! {
        <div class="transcript-page">
            <KeyedList
                each=move || pages.get()
                key=|page| page.key
                view=|page| view! { <Rows page /> }.built()
            />
        </div>
    }
    .built()
}

/// The rows of one page.
#[component]
fn Rows(page: Page) -> impl IntoView {
    view! {
        <div class="transcript-page">
            <KeyedList
                each=move || page.rows.get()
                key=|row| row.key
                view=|row| view! { <Message row /> }.built()
            />
        </div>
    }
    .built()
}

/// How many messages arrived below while somebody reads above. Pressed, it goes there.
#[component]
fn NewMessages(at_end: RwSignal<bool>, seen: RwSignal<usize>) -> impl IntoView {
    let chat = chat();
    let unseen = Memo::new(move |_| match at_end.get() {
        true => 0,
        false => chat.store.arrived.get().saturating_sub(seen.get()),
    });
    dynamic(move || match unseen.get() {
        0 => Built::nothing(),
        count => view! {
            <button class="transcript-pill" type="button" on:click=move |_| at_end.set(true)>
                {chat.text.new_messages(count)}
                <Icon path=DOWN />
            </button>
        }
        .built(),
    })
}

#[component]
fn Typing() -> impl IntoView {
    let chat = chat();
    let who = move || {
        chat.store.agent.with(|agent| {
            let name = agent.as_ref().map(|agent| agent.name.as_str());
            chat.text.is_typing(name)
        })
    };
    view! {
        <div class="transcript-typing" class:on=move || chat.store.agent_typing.get()>
            <span class="transcript-dots" aria-hidden="true">
                <i></i>
                <i></i>
                <i></i>
            </span>
            <span>{text(who)}</span>
        </div>
    }
    .built()
}

/// Calls `correct` when a size has changed: after layout and before paint, so nothing is seen to
/// jump. Ends with the current owner.
fn watch_sizes(scroller: &HtmlElement, content: &HtmlElement, correct: impl Fn() + 'static) {
    let correct = Closure::<dyn Fn()>::new(correct);
    let Ok(observer) = ResizeObserver::new(correct.as_ref().unchecked_ref()) else {
        return;
    };
    observer.observe(scroller);
    observer.observe(content);
    let watching = SendWrapper::new((observer, correct));
    on_cleanup(move || watching.0.disconnect());
}
