//! Earlier conversations: a list of them before a new one begins, and the way to them from the
//! top of the transcript.
//!
//! Must stay true: the line that somebody reads stays where it is on their screen while lines
//! arrive above it.

use std::cell::Cell;

use leptos::prelude::*;
use parlor_session::{Intent, PastThread};
use web_sys::{Element, HtmlElement};

use super::context::{ChatContext, chat};
use crate::erased::{Built, IntoBuilt, dynamic};

/// On the hello stage: when each conversation was, and its last line. Pressed, it is shown.
#[component]
pub(super) fn PastConversations() -> impl IntoView {
    let chat = chat();
    dynamic(move || {
        let threads = chat.store.history.with(|history| history.threads.clone());
        if threads.is_empty() {
            return Built::nothing();
        }
        let threads = threads
            .into_iter()
            .map(|thread| view! { <PastConversation thread /> }.built())
            .collect::<Vec<_>>();
        view! {
            <section class="earlier">
                <h2 class="earlier-title">{chat.text.earlier()}</h2>
                <ul class="earlier-list">{threads}</ul>
            </section>
        }
        .built()
    })
}

#[component]
fn PastConversation(thread: PastThread) -> impl IntoView {
    let chat = chat();
    let day = thread.at.map(|at| chat.day(at));
    let unread = usize::try_from(thread.unread).unwrap_or(usize::MAX);
    let unread = (unread > 0).then(|| {
        view! { <span class="earlier-unread">{chat.text.new_messages(unread)}</span> }.built()
    });
    let id = thread.id;
    let open = move |_| {
        chat.reads_earlier.set(true);
        chat.send(Intent::LoadEarlier(Some(id.clone())));
        chat.request_focus();
    };
    view! {
        <li>
            <button class="earlier-item" type="button" on:click=open>
                {thread
                    .last
                    .map(|last| {
                        view! {
                            <span class="earlier-last" dir="auto">
                                {last}
                            </span>
                        }
                    })}
                {unread}
                {day.map(|day| view! { <span class="earlier-day">{day}</span> })}
            </button>
        </li>
    }
    .built()
}

/// Above the first line, as long as there are lines above it.
#[component]
pub(super) fn ShowEarlier(on_press: impl Fn() + Copy + Send + 'static) -> impl IntoView {
    let chat = chat();
    let state = Memo::new(move |_| {
        chat.store
            .history
            .with(|history| (history.more, history.loading))
    });
    dynamic(move || {
        let (more, loading) = state.get();
        if !more && !loading {
            return Built::nothing();
        }
        let label = match loading {
            true => chat.text.loading(),
            false => chat.text.show_earlier(),
        };
        view! {
            <button
                class="earlier-more"
                type="button"
                aria-busy=loading.then_some("true")
                on:click=move |_| on_press()
            >
                {label}
            </button>
        }
        .built()
    })
}

/// Keeps the line that is being read in its place while lines arrive above it. The browser's own
/// scroll anchoring is off meanwhile (class `held`): at the very top it does nothing.
#[derive(Default)]
pub(super) struct Anchor {
    /// The line that was the first one, and its distance from the top of the screen.
    kept: Cell<Option<(Element, f64)>>,
    /// Somebody wanted to go further up while lines were loading.
    pub(super) wants_more: Cell<bool>,
}

impl Anchor {
    /// Asks for the lines above, and holds on to the first line.
    pub(super) fn load(&self, chat: ChatContext, scroller: &HtmlElement) {
        let history = chat.store.history;
        let (loading, more) = history.with_untracked(|history| (history.loading, history.more));
        self.wants_more.set(loading);
        if loading || !more {
            return;
        }
        let first = scroller.query_selector(".message").ok().flatten();
        self.keep(scroller, first.map(|first| (first.clone(), top(&first))));
        chat.send(Intent::LoadEarlier(None));
    }

    fn keep(&self, scroller: &HtmlElement, kept: Option<(Element, f64)>) {
        // Only an ill-formed class is refused.
        let _ = scroller
            .class_list()
            .toggle_with_force("held", kept.is_some());
        self.kept.set(kept);
    }

    /// Somebody scrolled down by so many pixels, and the line stays where it is now. It is not
    /// measured: lines may have arrived above it already.
    pub(super) fn moved(&self, by: i32) {
        if let Some((line, before)) = self.kept.take() {
            self.kept.set(Some((line, before - f64::from(by))));
        }
    }

    /// Lines arrived: scrolls by as much as the held line was moved, for the last time when all
    /// have arrived. Returns whether it scrolled.
    pub(super) fn hold(&self, chat: ChatContext, scroller: &HtmlElement) -> bool {
        let Some((line, before)) = self.kept.take() else {
            return false;
        };
        let by = top(&line) - before;
        let moves = by.abs() >= 1.0;
        if moves {
            scroller.scroll_by_with_x_and_y(0.0, by);
        }
        let more = chat.store.history.with_untracked(|history| history.loading);
        self.keep(scroller, more.then_some((line, before)));
        moves
    }
}

fn top(element: &Element) -> f64 {
    element.get_bounding_client_rect().top()
}
