//! The conversations before this one: a list before a new one begins, and the
//! way up to them from the top of the transcript.
//!
//! Must stay true: what somebody reads stays where it is on their screen while
//! lines come in above it.

use std::{cell::Cell, rc::Rc};

use parlor_session::{Intent, PastThread};
use web_sys::{Element, HtmlElement};

use super::{
    Room,
    message::day_words,
    part::{Part, el, live, of_class},
};

/// On the hello stage: when each was, and its last line. Pressed, it is read.
pub(super) fn past_conversations(room: Room) -> Part {
    live(move || {
        room.store.history.with(|history| {
            let threads = history.threads.iter().map(|it| past(room, it));
            let list = of_class("ul", "earlier-list").children(threads);
            let title = of_class("h2", "earlier-title").text(room.text.earlier());
            let section = of_class("section", "earlier").child(title).child(list);
            (!history.threads.is_empty()).then(|| section.into())
        })
    })
}

fn past(room: Room, thread: &PastThread) -> Part {
    let day = thread.at.map(|at| day_words(room, at));
    let last = thread.last.as_deref();
    let id = thread.id.clone();
    let read = move || {
        room.reads.set(true);
        room.say(Intent::LoadEarlier(Some(id.clone())));
        room.ask_for_focus();
    };
    let button = of_class("button", "earlier-item")
        .attr("type", "button")
        .child(last.map(|last| {
            of_class("span", "earlier-last")
                .attr("dir", "auto")
                .text(last)
        }))
        .child(day.map(|day| of_class("span", "earlier-day").text(&day)))
        .press(read);
    el("li").child(button).into()
}

/// Above the first line, as long as there is more above it.
pub(super) fn show_earlier(room: Room, more: Rc<dyn Fn()>) -> Part {
    live(move || {
        let more = more.clone();
        let history = &room.store.history;
        let (any, loading) = history.with(|it| (it.more, it.loading));
        let button = of_class("button", "earlier-more")
            .attr("type", "button")
            .attr_some("aria-busy", loading.then_some("true"))
            .text(match loading {
                true => room.text.loading(),
                false => room.text.show_earlier(),
            })
            .press(move || more());
        (any || loading).then(|| button.into())
    })
}

/// Keeps what is read in its place while lines come in above it. The browser's
/// own way of doing so stands back meanwhile: it does nothing at the very top.
#[derive(Default)]
pub(super) struct Anchor {
    /// The line that was the first, and how far from the top of the screen it
    /// stood last.
    kept: Cell<Option<(Element, f64)>>,
    /// More was asked for while lines came.
    pub(super) more: Cell<bool>,
}

impl Anchor {
    /// Asks for what is above, and holds on to the first line.
    pub(super) fn load(&self, room: Room, scroller: &HtmlElement) {
        let (loading, more) = room
            .store
            .history
            .with_untracked(|it| (it.loading, it.more));
        self.more.set(loading);
        if loading || !more {
            return;
        }
        let first = scroller.query_selector(".message").ok().flatten();
        self.keep(scroller, first.map(|first| (first.clone(), top(&first))));
        room.say(Intent::LoadEarlier(None));
    }

    fn keep(&self, scroller: &HtmlElement, kept: Option<(Element, f64)>) {
        // Only an ill-formed class is refused.
        let _ = scroller
            .class_list()
            .toggle_with_force("held", kept.is_some());
        self.kept.set(kept);
    }

    /// Somebody scrolled so far down: the line stays where it is now. It is not
    /// looked at, since lines may have come above it already.
    pub(super) fn moved(&self, by: i32) {
        if let Some((line, before)) = self.kept.take() {
            self.kept.set(Some((line, before - f64::from(by))));
        }
    }

    /// Lines came: the screen goes along with the one that is kept, for the
    /// last time when all are there. Whether it moved.
    pub(super) fn hold(&self, room: Room, scroller: &HtmlElement) -> bool {
        let Some((line, before)) = self.kept.take() else {
            return false;
        };
        let by = top(&line) - before;
        let moves = by.abs() >= 1.0;
        if moves {
            scroller.scroll_by_with_x_and_y(0.0, by);
        }
        let more = room.store.history.with_untracked(|it| it.loading);
        self.keep(scroller, more.then_some((line, before)));
        moves
    }
}

fn top(element: &Element) -> f64 {
    element.get_bounding_client_rect().top()
}
