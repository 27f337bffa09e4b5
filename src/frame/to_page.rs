//! What the frame says to the page around it: plain objects, as `embed` reads
//! them. Nothing in them is of what was said in the chat.

use serde::Serialize;
use wasm_bindgen::JsValue;

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(super) enum ToPage<'a> {
    /// To the window, before there is a port: this is version 1 of what follows.
    Hello {
        parlor: u8,
    },
    Ready,
    Close,
    Unread {
        count: usize,
    },
    Typing {
        on: bool,
    },
    Shown {
        on: bool,
    },
    Conversation {
        open: bool,
    },
    /// For those who asked for it by `on(name, …)`.
    Event {
        name: &'static str,
        detail: Detail<'a>,
    },
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Detail<'a> {
    None {},
    Failed {
        reason: &'static str,
    },
    Rated {
        score: &'static str,
    },
    Line {
        id: &'a str,
    },
    Custom {
        id: &'a str,
        #[serde(with = "serde_wasm_bindgen::preserve")]
        content: JsValue,
    },
}

impl ToPage<'_> {
    pub(super) fn to_js(&self) -> JsValue {
        // Only what has no likeness in JavaScript fails, and all this has.
        serde_wasm_bindgen::to_value(self).unwrap_or_default()
    }
}
