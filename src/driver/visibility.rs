//! Events after which the document may run again: the network is back, the tab is visible again, a
//! phone was unlocked. Timers that were due before may not have fired.

use std::rc::Rc;

use gloo_events::EventListener;
use web_sys::VisibilityState;

/// Calls `on_change` with whether the document is visible: now, and whenever that may have changed.
pub(super) fn watch(on_change: impl Fn(bool) + 'static) {
    let check = Rc::new(move || on_change(is_visible()));
    check();
    let listen = |target: &web_sys::EventTarget, name: &'static str| {
        let check = check.clone();
        EventListener::new(target, name, move |_| check()).forget();
    };
    for name in ["online", "pageshow", "focus"] {
        listen(&leptos::prelude::window(), name);
    }
    listen(&leptos::prelude::document(), "visibilitychange");
}

/// Calls `on_leave` when the document is left, for good or for the back/forward cache.
pub(super) fn on_leave(on_leave: impl Fn() + 'static) {
    EventListener::new(&leptos::prelude::window(), "pagehide", move |_| on_leave()).forget();
}

pub(super) fn is_visible() -> bool {
    leptos::prelude::document().visibility_state() == VisibilityState::Visible
}
