//! What the device keeps: the session, so that a reload comes back to the
//! conversation, and the pre-chat answers until the tab is closed. A browser
//! may refuse any of it at any time; then it is kept in memory only, by the
//! session itself.

use std::collections::BTreeMap;

use parlor_session::{Answer, Saved};

use super::{json, reading};

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
        reading::saved(json::read(&device()?.get_item(&self.key).ok()??)?)
    }

    pub(super) fn save(&self, saved: &Saved) {
        if let (Some(device), Some(text)) = (device(), json::write(saved)) {
            // Refused or full: this life of the document goes on without.
            let _ = device.set_item(&self.key, &text);
        }
    }

    pub(crate) fn answers(&self) -> Vec<Answer> {
        let kept = || reading::answers(json::read(&tab()?.get_item(&self.key).ok()??)?);
        kept()
            .unwrap_or_default()
            .into_iter()
            .map(|(field_id, values)| Answer { field_id, values })
            .collect()
    }

    pub(crate) fn keep_answers(&self, answers: &[Answer]) {
        let answers: BTreeMap<_, _> = answers.iter().map(|a| (&a.field_id, &a.values)).collect();
        if let (Some(tab), Some(text)) = (tab(), json::write(&answers)) {
            let _ = tab.set_item(&self.key, &text);
        }
    }
}

fn device() -> Option<web_sys::Storage> {
    leptos::prelude::window().local_storage().ok()?
}

fn tab() -> Option<web_sys::Storage> {
    leptos::prelude::window().session_storage().ok()?
}
