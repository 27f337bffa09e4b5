//! What the device keeps: the session, so that a reload comes back to the
//! conversation, and the pre-chat answers until the tab is closed. A browser
//! may refuse any of it at any time; then it is kept in memory only, by the
//! session itself.

use parlor_session::{Answer, Saved};
use wasm_bindgen::JsValue;

use super::{json::Json, reading, writing};

#[derive(Debug, Clone)]
pub(crate) struct Storage {
    key: String,
}

impl Storage {
    pub(crate) fn new(deployment_id: &str) -> Self {
        Self {
            key: format!("parlor:{deployment_id}"),
        }
    }

    pub(super) fn saved(&self) -> Option<Saved> {
        let kept = JsValue::parse(&device()?.get_item(&self.key).ok()??)?;
        Some(reading::saved(&kept))
    }

    /// Whether it is kept: a device may refuse, or be full. This life of the
    /// document goes on without.
    pub(super) fn save(&self, saved: &Saved) -> bool {
        device().is_some_and(|device| device.set_item(&self.key, &writing::saved(saved)).is_ok())
    }

    pub(crate) fn answers(&self) -> Option<Vec<Answer>> {
        let kept = JsValue::parse(&tab()?.get_item(&self.key).ok()??)?;
        Some(reading::answers(&kept))
    }

    pub(crate) fn keep_answers(&self, answers: &[Answer]) {
        if let Some(tab) = tab() {
            let _ = tab.set_item(&self.key, &writing::answers(answers));
        }
    }
}

fn device() -> Option<web_sys::Storage> {
    leptos::prelude::window().local_storage().ok()?
}

fn tab() -> Option<web_sys::Storage> {
    leptos::prelude::window().session_storage().ok()?
}
