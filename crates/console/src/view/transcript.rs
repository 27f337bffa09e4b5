//! The transcript, oldest entry first, grouped by author and minute, with a line for each day. It
//! follows the newest entry while it is scrolled to the end, and otherwise does not move.

use std::hash::{DefaultHasher, Hash, Hasher};

use leptos::html::Div;
use leptos::prelude::*;
use parlor_wire::ChatId;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, ResizeObserver};

use super::message::TranscriptLine;
use super::{ViewContext, clock, message};
use crate::workspace::{Author, Delivery, Entry, Millis};

/// Up to this distance from the end, in pixels, it counts as scrolled to the end.
const NEAR: i32 = 48;

pub(super) fn transcript(context: ViewContext, chat: ChatId) -> impl IntoView {
    let store = context.store;
    let log = NodeRef::<Div>::new();
    let at_end = RwSignal::new(true);
    let below = RwSignal::new(0_usize);
    let is_open = move || {
        store
            .open
            .with(|open| open.as_ref().is_some_and(|open| open.chat == chat))
    };
    let of_this = Memo::new(move |_| is_open());
    let lines =
        Memo::new(
            move |before: Option<&Vec<TranscriptLine>>| match (of_this.get(), before) {
                (true, _) => store.entries.with(|entries| lines(entries)),
                (false, before) => before.cloned().unwrap_or_default(),
            },
        );
    let to_end = move || {
        at_end.set(true);
        below.set(0);
        // In the next frame, after new entries have been rendered.
        request_animation_frame(move || {
            if let Some(log) = log.get_untracked() {
                log.set_scroll_top(log.scroll_height());
            }
        });
    };
    Effect::new(move |before: Option<usize>| {
        let count = lines.with(Vec::len);
        if at_end.get_untracked() {
            to_end();
        } else {
            let more = count.saturating_sub(before.unwrap_or(count));
            below.update(|below| *below += more);
        }
        count
    });
    // Only the agent scrolls up; new entries only move the end further down.
    let last_top = StoredValue::new(0);
    let scrolled = move |_| {
        if let Some(log) = log.get_untracked() {
            let top = log.scroll_top();
            if log.scroll_height() - top - log.client_height() <= NEAR {
                at_end.set(true);
                below.set(0);
            } else if top < last_top.get_value() {
                at_end.set(false);
            }
            last_top.set_value(top);
        }
    };
    // The reply field and the typing preview change its height.
    Effect::new(move || {
        if let Some(log) = log.get() {
            let observer = SizeObserver::watch(&log, move || {
                if at_end.get_untracked() {
                    to_end();
                }
            });
            let observer = StoredValue::new_local(observer);
            on_cleanup(move || observer.dispose());
        }
    });
    let whole = move || {
        store
            .open
            .with(|open| open.as_ref().is_some_and(|open| open.complete))
    };
    view! {
        <div class="transcript">
            <div
                class="log"
                role="log"
                aria-label="Conversation"
                aria-live="off"
                aria-busy=move || (!whole()).to_string()
                tabindex="0"
                node_ref=log
                on:scroll=scrolled
            >
                <For each=move || lines.get() key=|line| line.hash let:line>
                    {message::message(context, line)}
                </For>
                <Show when=move || whole() && lines.with(Vec::is_empty)>
                    <p class="log-empty">"Nothing has been said yet."</p>
                </Show>
            </div>
            <Show when=move || { below.get() > 0 }>
                <button type="button" class="pill" on:click=move |_| to_end()>
                    {move || match below.get() {
                        1 => "1 new message".to_owned(),
                        count => format!("{count} new messages"),
                    }}
                </button>
            </Show>
        </div>
    }
}

/// Calls a function whenever the size of an element changes, until it is dropped.
struct SizeObserver {
    observer: Option<ResizeObserver>,
    _callback: Closure<dyn FnMut()>,
}

impl SizeObserver {
    fn watch(element: &Element, on_resize: impl FnMut() + 'static) -> Self {
        let callback = Closure::<dyn FnMut()>::new(on_resize);
        let observer = ResizeObserver::new(callback.as_ref().unchecked_ref()).ok();
        if let Some(observer) = &observer {
            observer.observe(element);
        }
        Self {
            observer,
            _callback: callback,
        }
    }
}

impl Drop for SizeObserver {
    fn drop(&mut self) {
        if let Some(observer) = &self.observer {
            observer.disconnect();
        }
    }
}

pub(super) fn lines(entries: &[Entry]) -> Vec<TranscriptLine> {
    let last_seen = entries
        .iter()
        .rposition(|entry| entry.delivery == Delivery::Seen);
    let mut lines: Vec<TranscriptLine> = Vec::with_capacity(entries.len());
    for (at, entry) in entries.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| entries.get(at));
        let after = entries.get(at + 1);
        let day = entry.at.map(clock::day);
        let new_day = day.is_some() && day != before.and_then(|before| before.at).map(clock::day);
        let mut line = TranscriptLine {
            first: new_day || before.is_none_or(|before| !same_group(before, entry)),
            last: after.is_none_or(|after| !same_group(entry, after)),
            day: day.filter(|_| new_day),
            seen: last_seen == Some(at),
            entry: entry.clone(),
            hash: 0,
        };
        let mut hasher = DefaultHasher::new();
        line.hash(&mut hasher);
        line.hash = hasher.finish();
        lines.push(line);
    }
    lines
}

/// Whether two entries belong to one group: same author, same minute, same visibility.
fn same_group(one: &Entry, next: &Entry) -> bool {
    let minute = |at: Millis| at / 60_000;
    one.author == next.author
        && one.author != Author::System
        && one.name == next.name
        && one.note == next.note
        && match (one.at, next.at) {
            (Some(one), Some(next)) => minute(one) == minute(next),
            _ => true,
        }
}
