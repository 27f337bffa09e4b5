//! What lies over the window until it is closed, by its button or by Escape.
//! The browser's own dialog keeps the focus inside, and gives it back to where
//! it was.

use leptos::prelude::document;
use parlor_wire::event::WebviewHeight;
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlDialogElement, KeyboardEvent};

use super::{
    Room,
    icon::CLOSE,
    part::{El, Part, el, of_class},
    window::button,
};

/// Shows `inside` under a bar with its name, `tools` and the way out; `keys`
/// hears what is typed in it.
pub(super) fn sheet(
    room: Room,
    class: &str,
    name: &str,
    tools: Vec<Part>,
    inside: El,
    keys: impl Fn(&str) + 'static,
) {
    let dialog = of_class("dialog", class).attr("aria-label", name);
    let place: HtmlDialogElement = dialog.html().unchecked_into();
    let (closed, gone) = (place.clone(), place.clone());
    let bar = of_class("div", "sheet-bar")
        .child(of_class("p", "sheet-name").attr("dir", "auto").text(name))
        .children(tools)
        .child(button("window-button", room.text.close, CLOSE).press(move || closed.close()));
    let _ = dialog
        .child(bar)
        .child(inside)
        // Here Escape closes the sheet and not the window below it.
        .on("keydown", move |event: Event| {
            event.stop_propagation();
            keys(&event.unchecked_ref::<KeyboardEvent>().key());
        })
        .on("close", move |_| gone.remove());
    if let Some(body) = document().body() {
        // Refused only for what is shown already, or stands nowhere.
        let _ = body.append_child(&place);
        let _ = place.show_modal();
    }
}

/// Somebody else's page in a sheet. It may run scripts and forms, and has
/// neither our origin nor any of its own: it reads nothing and keeps nothing.
pub(super) fn webview(room: Room, name: &str, address: &str, height: Option<&WebviewHeight>) {
    let class = match height {
        Some(WebviewHeight::Full) => "sheet full",
        Some(WebviewHeight::Tall) => "sheet tall",
        _ => "sheet compact",
    };
    let page = el("iframe")
        .attr("class", "sheet-page")
        .attr("title", name)
        .attr("sandbox", "allow-scripts allow-forms allow-popups")
        .attr("referrerpolicy", "no-referrer")
        // Last, so that it is never loaded without the walls around it.
        .attr("src", address);
    sheet(room, class, name, Vec::new(), page, |_| {});
}
