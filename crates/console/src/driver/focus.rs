//! Moves the keyboard focus once the target element is in the page.

use gloo_timers::callback::Timeout;
use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// The id of the reply field.
pub(crate) const REPLY: &str = "reply";

/// The id of the conversation, whether a chat is open or not.
pub(crate) const CONVERSATION: &str = "conversation";

/// The id of a chat's row in the lists.
pub(crate) fn row(chat: &str) -> String {
    format!("row-{chat}")
}

/// The id of the archive's search box.
pub(crate) const SEARCH: &str = "archive-search";

/// The id of the archive's results, which scroll.
pub(crate) const RESULTS: &str = "archive-results";

/// The id of a conversation's row in the archive.
pub(crate) fn result(thread: &str) -> String {
    format!("result-{thread}")
}

/// Scrolls an element to its beginning.
pub(super) fn scroll_to_top(id: &str) {
    if let Some(element) = document().get_element_by_id(id) {
        element.set_scroll_top(0);
    }
}

/// Moves the focus after the views have been updated, which happens before any timer fires.
pub(crate) fn focus_soon(id: &str) {
    let id = id.to_owned();
    Timeout::new(0, move || {
        let element = document().get_element_by_id(&id);
        if let Some(element) = element.and_then(|it| it.dyn_into::<HtmlElement>().ok()) {
            let _ = element.focus();
        }
    })
    .forget();
}
