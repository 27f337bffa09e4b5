//! What is looked at and clicked. A view reads signals and tells what the person wants; what comes
//! of it is decided elsewhere.

mod clock;
mod composer;
mod content;
mod conversation;
mod drop;
mod foot;
mod head;
mod header;
mod held;
mod icon;
mod keys;
mod linked;
mod lists;
mod live;
mod message;
mod notice;
mod past;
mod person;
mod picker;
mod row;
mod sign_in;
mod stock;
mod tags;
mod transcript;
mod transfer;
mod uploads;
mod workplace;

use leptos::prelude::*;

use crate::desk::Stage;
use crate::driver::Driver;
use crate::store::Store;
use crate::text;

/// What every view has at hand.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Here {
    pub(crate) store: Store,
    pub(crate) driver: Driver,
    /// On narrow pages: who the visitor is, in place of the conversation.
    pub(crate) person_shown: RwSignal<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Shown {
    Asking,
    Unreachable,
    SignIn,
    Workplace,
}

/// The whole page.
pub(crate) fn app(store: Store, driver: Driver) -> impl IntoView {
    let here = Here {
        store,
        driver,
        person_shown: RwSignal::new(false),
    };
    Effect::new(move || document().set_title(&text::title(store.wanting())));
    keys::listen(here);
    drop::keep_the_page();
    let shown = Memo::new(move |_| match store.stage.get() {
        Stage::Asking => Shown::Asking,
        Stage::Unreachable => Shown::Unreachable,
        Stage::SignedOut { .. } => Shown::SignIn,
        Stage::SignedIn => Shown::Workplace,
    });
    move || match shown.get() {
        Shown::Asking => view! { <main class="splash" aria-busy="true"></main> }.into_any(),
        Shown::Unreachable => view! {
            <main class="splash">
                <p role="status">"The server cannot be reached. Trying again…"</p>
            </main>
        }
        .into_any(),
        Shown::SignIn => sign_in::sign_in(here).into_any(),
        Shown::Workplace => workplace::workplace(here).into_any(),
    }
}
