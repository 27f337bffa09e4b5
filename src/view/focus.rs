//! Moves the keyboard's focus to something that has just been drawn.

use crate::erased::effect;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// The first thing to do on a stage carries this attribute.
const FIRST: &str = "[data-first]";

/// Moves the focus to the first thing to do, whenever that is asked for.
pub(super) fn follow_requests(requests: RwSignal<u32>) {
    effect(move || {
        if requests.get() > 0 {
            request_animation_frame(|| {
                if let Some(body) = document().body() {
                    focus_first(&body, FIRST);
                }
            });
        }
    });
}

/// Focuses the first element inside `place` that the selector matches. An element that cannot
/// take the focus leaves it where it is.
pub(super) fn focus_first(place: &Element, selector: &str) {
    let found = place.query_selector(selector).ok().flatten();
    if let Some(element) = found.and_then(|found| found.dyn_into::<HtmlElement>().ok()) {
        focus(&element);
    }
}

/// Whether the element takes the focus is up to the browser.
pub(super) fn focus(element: &HtmlElement) {
    let _ = element.focus();
}
