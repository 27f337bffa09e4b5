//! The messages from the frame to the page around it: plain objects, which `embed/parlor.js` reads.
//! They contain no text of the conversation, except the content of custom events.

use parlor_wire::visitor::GoalPage;
use serde::Serialize;
use wasm_bindgen::JsValue;

/// A message to the page.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(super) enum ToPage<'a> {
    /// Posted to the page's window, before there is a port. `parlor` is the version of the messages
    /// that follow.
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
    /// Which pages reach goals of the site, for the time after the conversation; none of who has
    /// no conversation here.
    Goals {
        goals: Option<GoalsToPage<'a>>,
    },
    /// An event, for which the page may have listeners (`on(name, …)`).
    Event {
        name: &'static str,
        detail: Detail<'a>,
    },
}

/// See [`ToPage::Goals`].
#[derive(Debug, Serialize)]
pub(super) struct GoalsToPage<'a> {
    /// Milliseconds since 1970.
    pub(super) until: u64,
    pub(super) pages: &'a [GoalPage],
}

/// The detail of an event.
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
        // Every value in here can be represented in JavaScript.
        serde_wasm_bindgen::to_value(self).unwrap_or_default()
    }
}
