//! What lies over the window until it is closed: a picture in full, or another site's page.
//! `later/sheet.js` shows it, and is fetched when it is first needed; here is decided what it
//! shows, and in which words.
//!
//! Must stay true: only addresses of the web are shown; callers check that.

use parlor_wire::event::WebviewHeight;
use wasm_bindgen::prelude::wasm_bindgen;

use super::context::ChatContext;

#[wasm_bindgen]
extern "C" {
    /// `boot.js` fetches the script that shows the sheet. Where that fails nothing is
    /// shown, and the next press tries again.
    #[wasm_bindgen(js_name = parlorSheet)]
    fn show(kind: &str, name: &str, address: &str, file: &str, words: &str);
}

/// Shows a picture in full: `description` says what is to be seen, `file` is the name that it is
/// downloaded as.
pub(super) fn open_picture(chat: ChatContext, description: &str, address: &str, file: &str) {
    let text = chat.text;
    let buttons = [
        text.close(),
        text.zoom_out(),
        text.zoom_in(),
        text.download(),
    ];
    show("picture", description, address, file, &buttons.join("\n"));
}

/// Shows another site's page in a frame of this height.
pub(super) fn open_webview(
    chat: ChatContext,
    name: &str,
    address: &str,
    height: Option<&WebviewHeight>,
) {
    let height = match height {
        Some(WebviewHeight::Full) => "full",
        Some(WebviewHeight::Tall) => "tall",
        _ => "compact",
    };
    show(height, name, address, "", chat.text.close());
}
