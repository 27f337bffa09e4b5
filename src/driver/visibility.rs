//! When the window may have come back to life: the network is there again, the
//! tab is looked at again, a phone was unlocked. A timer that should have rung
//! meanwhile may not have.

use std::rc::Rc;

use gloo_events::EventListener;
use web_sys::VisibilityState;

/// Tells now, and whenever it may be otherwise, whether the document can be
/// looked at.
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

/// When the document goes, be it for ever or to come back.
pub(super) fn on_leave(leave: impl Fn() + 'static) {
    EventListener::new(&leptos::prelude::window(), "pagehide", move |_| leave()).forget();
}

pub(super) fn is_looked_at() -> bool {
    leptos::prelude::document().visibility_state() == VisibilityState::Visible
}
