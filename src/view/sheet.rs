//! What lies over the window until it is closed: a picture in full, or somebody
//! else's page. `later/sheet.js` shows it, and is fetched when it is first
//! wanted; here is said what, and in which words.
//!
//! Must stay true: what is shown so is on the web and nowhere else; whoever
//! calls has seen to that.

use parlor_wire::event::WebviewHeight;
use wasm_bindgen::prelude::wasm_bindgen;

use super::Room;

#[wasm_bindgen]
extern "C" {
    /// `boot.js` fetches what shows it. Where that cannot be fetched nothing is
    /// shown, and the next press asks again.
    #[wasm_bindgen(js_name = parlorSheet)]
    fn show(kind: &str, name: &str, address: &str, file: &str, words: &str);
}

/// A picture in full: `words` say what is to be seen, and it is kept as `file`.
pub(super) fn viewer(room: Room, words: &str, address: &str, file: &str) {
    let text = room.text;
    let buttons = [
        text.close(),
        text.zoom_out(),
        text.zoom_in(),
        text.download(),
    ];
    show("picture", words, address, file, &buttons.join("\n"));
}

/// How high a page is to stand.
pub(super) fn height(height: Option<&WebviewHeight>) -> &'static str {
    match height {
        Some(WebviewHeight::Full) => "full",
        Some(WebviewHeight::Tall) => "tall",
        _ => "compact",
    }
}

/// A page, as high as it is to stand.
pub(super) fn webview(room: Room, name: &str, address: &str, height: &str) {
    show(height, name, address, "", room.text.close());
}
