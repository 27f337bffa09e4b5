//! Files that the browser saves, and printing. Nothing is sent anywhere.

use gloo_timers::callback::Timeout;
use js_sys::Array;
use leptos::prelude::{document, window};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, BlobPropertyBag, HtmlElement, Url};

/// The browser has begun to read the file by then.
const READ_AFTER_MS: u32 = 30_000;

/// Lets the browser save a file of this name and media type.
pub(super) fn save(name: &str, kind: &str, content: &str) {
    let parts = Array::of1(&JsValue::from_str(content));
    let options = BlobPropertyBag::new();
    options.set_type(&format!("{kind};charset=utf-8"));
    let Ok(blob) = Blob::new_with_str_sequence_and_options(&parts, &options) else {
        return;
    };
    let Ok(url) = Url::create_object_url_with_blob(&blob) else {
        return;
    };
    let link = document().create_element("a").ok();
    if let Some(link) = link.and_then(|link| link.dyn_into::<HtmlElement>().ok()) {
        // These attributes are valid, so that setting them cannot fail.
        let _ = link.set_attribute("href", &url);
        let _ = link.set_attribute("download", name);
        link.click();
    }
    Timeout::new(READ_AFTER_MS, move || {
        let _ = Url::revoke_object_url(&url);
    })
    .forget();
}

/// Opens the browser's dialog for printing, once the views have been updated.
pub(super) fn print() {
    Timeout::new(0, || {
        let _ = window().print();
    })
    .forget();
}
