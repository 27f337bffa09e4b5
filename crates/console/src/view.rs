//! The Leptos components. A view reads signals and sends intents; it decides nothing.

mod archive;
mod archive_filters;
mod archive_results;
mod archive_search;
mod archived;
mod callback;
mod chart;
mod chat_header;
mod clock;
mod composer;
mod conversation;
mod drop_zone;
mod event_content;
mod footer;
mod held_reply;
mod history;
mod icon;
mod keys;
mod layout;
mod links;
mod lists;
mod message;
mod messages;
mod new_password;
mod notice;
mod page_header;
mod person;
mod picker;
mod reports;
mod row;
mod sections;
mod sign_in;
mod sign_ins;
mod sign_out;
mod tags;
mod template_menu;
mod transcript;
mod transfer;
mod typing_preview;
mod uploads;

use leptos::prelude::*;

use crate::driver::Driver;
use crate::store::Store;
use crate::text;
use crate::workspace::SignInStage;

/// What every view needs. A cheap copy.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ViewContext {
    pub(crate) store: Store,
    pub(crate) driver: Driver,
    /// On narrow pages: whether the visitor's details are shown instead of the conversation.
    pub(crate) person_shown: RwSignal<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Screen {
    Loading,
    Unreachable,
    SignIn,
    NewPassword,
    SignedIn,
}

/// The whole page.
pub(crate) fn app(store: Store, driver: Driver) -> impl IntoView {
    let context = ViewContext {
        store,
        driver,
        person_shown: RwSignal::new(false),
    };
    Effect::new(move || document().set_title(&text::title(store.attention_count())));
    // The visitor's details are shown on request only, and of one chat.
    let chat = Memo::new(move |_| {
        store
            .open
            .with(|open| open.as_ref().map(|it| it.chat.clone()))
    });
    let archived = store.archive_results;
    let archived = Memo::new(move |_| archived.with(|results| results.opened.clone()));
    Effect::new(move || {
        chat.track();
        archived.track();
        context.person_shown.set(false);
    });
    keys::listen(context);
    drop_zone::prevent_page_drops();
    let shown = Memo::new(move |_| match store.sign_in_stage.get() {
        SignInStage::Checking => Screen::Loading,
        SignInStage::Unreachable => Screen::Unreachable,
        SignInStage::SignedOut { .. } => Screen::SignIn,
        SignInStage::NewPassword { .. } => Screen::NewPassword,
        SignInStage::SignedIn => Screen::SignedIn,
    });
    move || match shown.get() {
        Screen::Loading => view! { <main class="splash" aria-busy="true"></main> }.into_any(),
        Screen::Unreachable => view! {
            <main class="splash">
                <p role="status">"The server cannot be reached. Trying again…"</p>
            </main>
        }
        .into_any(),
        Screen::SignIn => sign_in::sign_in(context).into_any(),
        Screen::NewPassword => new_password::new_password(context).into_any(),
        Screen::SignedIn => layout::layout(context).into_any(),
    }
}
