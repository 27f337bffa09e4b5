//! What survives a reload, in the `sessionStorage` of this tab: two tabs do not overwrite each
//! other's drafts, and nothing is left when the tab is closed. Where storage is not available,
//! nothing survives.

use leptos::prelude::window;
use web_sys::{Storage, StorageEvent};

use crate::workspace::Saved;

const SAVED: &str = "parlor.console.saved";

/// Written in `localStorage` when an agent signs out, so that the other tabs hear of it.
const SIGNED_OUT: &str = "parlor.console.signed-out";

/// What was stored before; something that cannot be read counts as nothing.
pub(super) fn read() -> Option<Box<Saved>> {
    let text = storage()?.get_item(SAVED).ok().flatten()?;
    serde_json::from_str(&text).ok()
}

pub(super) fn write(saved: &Saved) {
    let text = serde_json::to_string(saved).ok();
    if let (Some(storage), Some(text)) = (storage(), text) {
        // Rather nothing than something outdated.
        if storage.set_item(SAVED, &text).is_err() {
            forget();
        }
    }
}

pub(super) fn forget() {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(SAVED);
    }
}

pub(super) fn tell_signed_out() {
    if let Ok(Some(storage)) = window().local_storage() {
        // Only a change is told.
        let _ = storage.set_item(SIGNED_OUT, &js_sys::Date::now().to_string());
    }
}

/// Whether another tab has told that the agent has signed out.
pub(super) fn says_signed_out(event: &StorageEvent) -> bool {
    event.key().as_deref() == Some(SIGNED_OUT) && event.new_value().is_some()
}

fn storage() -> Option<Storage> {
    window().session_storage().ok().flatten()
}
