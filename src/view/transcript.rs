//! The lines of the conversation. Somebody at the end stays at the end;
//! somebody who reads above is not moved, and is told what has come.
//!
//! Must stay true: one correction of the scroll position a frame, made by the
//! browser's own notice that a size has changed, never one for each line.

use std::{cell::Cell, rc::Rc};

use gloo_timers::callback::Timeout;
use leptos::prelude::on_cleanup;
use send_wrapper::SendWrapper;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{HtmlElement, ResizeObserver};

use super::{
    Room,
    earlier::{Anchor, show_earlier},
    icon::{DOWN, icon},
    message::message,
    part::{Item, Part, el, of_class, switch},
};
use crate::store::{Page, Row, Slot, follow};

/// Whether somebody is at the end and stays there.
pub(super) type Follows = Slot<bool>;

/// So near to the end counts as at the end.
const AT_END: i32 = 32;

/// When what came has been painted, and the scroll position put right for it,
/// milliseconds: some frames.
const PUT_RIGHT_AFTER: u32 = 100;

/// So near to the top counts as at the top.
const AT_TOP: i32 = 8;

pub(super) fn transcript(room: Room, follows: Rc<Follows>) -> Part {
    let pages = &room.store.transcript.pages;
    let seen = Rc::new(Slot::new(room.store.arrived.get_untracked()));
    let anchor: Rc<Anchor> = Rc::default();
    let scroller = of_class("div", "transcript-scroll")
        .attr("role", "log")
        .attr("aria-label", room.text.conversation())
        .attr("aria-live", "off")
        .attr("tabindex", "0");
    let outer = scroller.html();
    let more = load_earlier(room, &outer, &follows, &seen, &anchor);
    go_on_at_top(room, &outer, &anchor, more.clone());
    let content = of_class("div", "transcript-content")
        .child(show_earlier(room, more.clone()))
        .child(el("div").list(move || {
            let mut chapters: Vec<Item> = Vec::new();
            pages.with(|pages| {
                for page in pages {
                    if chapters.last().is_none_or(|it| it.key != page.chapter) {
                        chapters.push(chapter(room, page.chapter));
                    }
                }
            });
            chapters
        }))
        .child(typing(room));
    stay_at_end(&outer, follows.clone());
    let held = anchor.clone();
    let (end, stays) = (outer.clone(), follows.clone());
    let last_top: Rc<Cell<i32>> = Rc::default();
    let put = last_top.clone();
    watch_sizes(&outer, &content.html(), move || {
        if stays.get_untracked() {
            end.set_scroll_top(end.scroll_height());
        } else if held.hold(room, &end) {
            put.set(end.scroll_top());
        }
    });
    let place = (outer, last_top);
    let scrolled = on_scroll(room, place, follows.clone(), seen.clone(), anchor, more);
    of_class("div", "transcript")
        .child(scroller.on("scroll", move |_| scrolled()).child(content))
        .child(pill(room, follows, seen))
        .into()
}

fn chapter(room: Room, key: u32) -> Item {
    let pages = &room.store.transcript.pages;
    page_of(key, move || {
        let mut its = Vec::new();
        pages.with(|pages| {
            for it in pages.iter().filter(|page| page.chapter == key) {
                its.push(page(room, it));
            }
        });
        its
    })
}

fn page(room: Room, page: &Page) -> Item {
    let rows = page.rows.clone();
    page_of(page.key, move || {
        rows.with(|rows| rows.iter().map(|it| row(room, it)).collect())
    })
}

fn page_of(key: u32, items: impl Fn() -> Vec<Item> + 'static) -> Item {
    let make = move || of_class("div", "transcript-page").list(items).into();
    Item {
        key,
        make: Box::new(make),
    }
}

fn row(room: Room, row: &Rc<Row>) -> Item {
    let (key, row) = (row.key, row.clone());
    Item {
        key,
        make: Box::new(move || message(room, &row)),
    }
}

fn stay_at_end(scroller: &HtmlElement, follows: Rc<Follows>) {
    let scroller = scroller.clone();
    follow(move || {
        if follows.get() {
            scroller.set_scroll_top(scroller.scroll_height());
        }
    });
}

/// Only going up means that somebody reads there: growing lines move the end
/// away by themselves. `last_top` is where it was, or was put by us: who goes up
/// in that very moment has gone up all the same.
fn on_scroll(
    room: Room,
    (scroller, last_top): (HtmlElement, Rc<Cell<i32>>),
    follows: Rc<Follows>,
    seen: Rc<Slot<usize>>,
    anchor: Rc<Anchor>,
    more: Rc<dyn Fn()>,
) -> impl Fn() {
    move || {
        let top = scroller.scroll_top();
        let below = scroller.scroll_height() - top - scroller.client_height();
        let before = last_top.replace(top);
        let followed = follows.get_untracked();
        let now = below <= AT_END || (top >= before && followed);
        if now != followed {
            seen.set(room.store.arrived.get_untracked());
            follows.set(now);
        }
        anchor.moved(top - before);
        if top <= AT_TOP && top < before {
            more();
        }
    }
}

/// Somebody at the very top wants what is above it, and stays where they are.
fn load_earlier(
    room: Room,
    scroller: &HtmlElement,
    follows: &Rc<Follows>,
    seen: &Rc<Slot<usize>>,
    anchor: &Rc<Anchor>,
) -> Rc<dyn Fn()> {
    let scroller = scroller.clone();
    let (follows, seen, anchor) = (follows.clone(), seen.clone(), anchor.clone());
    Rc::new(move || {
        seen.set(room.store.arrived.get_untracked());
        follows.set(false);
        anchor.load(room, &scroller);
    })
}

/// Who has gone up to the very top while lines came in, and faster than they did,
/// can go no further up, and wants to.
fn go_on_at_top(room: Room, scroller: &HtmlElement, anchor: &Rc<Anchor>, more: Rc<dyn Fn()>) {
    let (scroller, anchor) = (scroller.clone(), anchor.clone());
    follow(move || {
        let loading = room.store.history.with(|it| it.loading);
        if !loading && anchor.more.take() {
            let (scroller, more) = (scroller.clone(), more.clone());
            let go_on = move || {
                if scroller.scroll_top() <= AT_TOP {
                    more();
                }
            };
            Timeout::new(PUT_RIGHT_AFTER, go_on).forget();
        }
    });
}

/// How much came below while somebody reads above; `seen` came before.
fn pill(room: Room, follows: Rc<Follows>, seen: Rc<Slot<usize>>) -> Part {
    let down = follows.clone();
    let unseen = move || match follows.get() {
        true => 0,
        false => room.store.arrived.get().saturating_sub(seen.get()),
    };
    switch(
        move || u32::try_from(unseen()).unwrap_or(u32::MAX),
        move |count| {
            let down = down.clone();
            let pill = of_class("button", "transcript-pill")
                .attr("type", "button")
                .text(&room.text.new_messages(count as usize))
                .child(icon(DOWN))
                .press(move || down.set(true));
            (count > 0).then(|| pill.into())
        },
    )
}

fn typing(room: Room) -> Part {
    let dots = of_class("span", "transcript-dots")
        .attr("aria-hidden", "true")
        .children((0..3).map(|_| el("i").into()));
    let who = move || {
        let agent = room.store.agent.get();
        room.text
            .is_typing(agent.as_ref().map(|agent| agent.name.as_str()))
    };
    of_class("div", "transcript-typing")
        .class_live("on", move || room.store.agent_typing.get())
        .child(dots)
        .child(el("span").words(who))
        .into()
}

/// Puts the scroll position right when anything has grown: told by the browser
/// after layout and before paint, so nothing is seen to jump.
fn watch_sizes(scroller: &HtmlElement, content: &HtmlElement, correct: impl Fn() + 'static) {
    let correct = Closure::<dyn Fn()>::new(correct);
    let Ok(observer) = ResizeObserver::new(correct.as_ref().unchecked_ref()) else {
        return;
    };
    observer.observe(scroller);
    observer.observe(content);
    let kept = SendWrapper::new((observer, correct));
    on_cleanup(move || kept.0.disconnect());
}
