//! Moments at which the document may have come back to life: the network is there again, the
//! tab is visible again, a phone was unlocked. Timers that were due meanwhile may not have fired.

use std::rc::Rc;

use gloo_events::EventListener;
use web_sys::VisibilityState;

/// Calls `look` with whether the document is visible: now, and whenever that may have changed.
pub(super) fn watch(look: impl Fn(bool) + 'static) {
    let wake = Rc::new(move || look(is_looked_at()));
    wake();
    let listen = |target: &web_sys::EventTarget, name: &'static str| {
        let wake = wake.clone();
        EventListener::new(target, name, move |_| wake()).forget();
    };
    for name in ["online", "pageshow", "focus"] {
        listen(&leptos::prelude::window(), name);
    }
    listen(&leptos::prelude::document(), "visibilitychange");
}

/// Calls `leave` when the document is left, for ever or for the back/forward cache.
pub(super) fn on_leave(leave: impl Fn() + 'static) {
    EventListener::new(&leptos::prelude::window(), "pagehide", move |_| leave()).forget();
}

pub(super) fn is_looked_at() -> bool {
    leptos::prelude::document().visibility_state() == VisibilityState::Visible
}
