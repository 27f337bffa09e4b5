//! Settings of the agent in this browser's `localStorage`. Nothing from chats is stored. Where
//! storage is not available, the defaults apply.

use leptos::prelude::window;

const MUTED: &str = "parlor.console.muted";
const NOTIFIED: &str = "parlor.console.notifications";
const SINGLE_KEYS: &str = "parlor.console.single-keys";

pub(super) fn muted() -> bool {
    read_bool(MUTED) == Some(true)
}

pub(super) fn remember_muted(muted: bool) {
    write_bool(MUTED, muted);
}

pub(super) fn notified() -> bool {
    read_bool(NOTIFIED) == Some(true)
}

pub(super) fn remember_notified(notified: bool) {
    write_bool(NOTIFIED, notified);
}

pub(super) fn single_keys() -> bool {
    read_bool(SINGLE_KEYS) != Some(false)
}

pub(super) fn remember_single_keys(on: bool) {
    write_bool(SINGLE_KEYS, on);
}

fn read_bool(key: &str) -> Option<bool> {
    let storage = window().local_storage().ok().flatten()?;
    let value = storage.get_item(key).ok().flatten()?;
    value.parse().ok()
}

fn write_bool(key: &str, value: bool) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.set_item(key, if value { "true" } else { "false" });
    }
}
