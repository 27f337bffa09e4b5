//! Moves the keyboard's focus, once what it goes to is on the page.

use gloo_timers::callback::Timeout;
use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// The reply's field.
pub(crate) const REPLY: &str = "reply";

/// The open chat, or the place for it.
pub(crate) const CONVERSATION: &str = "conversation";

/// A chat's row in the lists.
pub(crate) fn row(chat: &str) -> String {
    format!("row-{chat}")
}

/// After the page has been drawn anew, which is done before any timer.
pub(crate) fn soon(id: &str) {
    let id = id.to_owned();
    Timeout::new(0, move || {
        let element = document().get_element_by_id(&id);
        if let Some(element) = element.and_then(|it| it.dyn_into::<HtmlElement>().ok()) {
            let _ = element.focus();
        }
    })
    .forget();
}
