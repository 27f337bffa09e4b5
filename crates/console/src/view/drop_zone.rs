//! Files dragged onto the conversation. A file dropped beside it must not be opened by the browser
//! instead of the console, because everything typed would be lost.

use leptos::ev::{self, DragEvent};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::ViewContext;
use crate::workspace::ChatStatus;

/// Registers the listeners for the lifetime of the page.
pub(super) fn prevent_page_drops() {
    let refuse = |event: DragEvent| {
        if has_files(&event) {
            event.prevent_default();
        }
    };
    window_event_listener(ev::dragover, refuse);
    window_event_listener(ev::drop, refuse);
}

/// Whether files can be sent in the open chat.
fn accepts_files(context: ViewContext) -> bool {
    context.store.open.with_untracked(|open| {
        open.as_ref()
            .is_some_and(|open| open.status == ChatStatus::Mine)
    })
}

pub(super) fn on_drag_over(context: ViewContext, over: RwSignal<bool>, event: &DragEvent) {
    if accepts_files(context) && has_files(event) {
        event.prevent_default();
        over.set(true);
    }
}

/// Ends the highlight when the pointer leaves the whole drop zone, not only one of its children.
pub(super) fn on_drag_leave(over: RwSignal<bool>, event: &DragEvent) {
    let whole = event
        .current_target()
        .and_then(|it| it.dyn_into::<Element>().ok());
    let to = event
        .related_target()
        .and_then(|it| it.dyn_into::<Element>().ok());
    let within = whole.is_some_and(|whole| whole.contains(to.as_deref()));
    if to.is_none() || !within {
        over.set(false);
    }
}

pub(super) fn on_drop(context: ViewContext, over: RwSignal<bool>, event: &DragEvent) {
    over.set(false);
    if !accepts_files(context) {
        return;
    }
    if let Some(files) = event.data_transfer().and_then(|it| it.files())
        && files.length() > 0
    {
        event.prevent_default();
        context.driver.attach(&files);
    }
}

fn has_files(event: &DragEvent) -> bool {
    event
        .data_transfer()
        .is_some_and(|it| it.types().includes(&"Files".into(), 0))
}
