//! The chat widget: the document that runs inside the frame, or by itself as
//! the "chat with us" page. Here its parts are put together; what each may
//! know is in ARCHITECTURE.md.
//!
//! Click → `Intent` → session → `Output` → driver → endpoint, and back as
//! `Input` → session → `Change` → store → view.

mod accent;
mod driver;
mod frame;
mod prefill;
mod store;
mod text;
mod view;

#[cfg(all(test, target_arch = "wasm32"))]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

use std::rc::Rc;

use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use parlor_session::Intent;
use web_sys::UrlSearchParams;

use driver::{Address, Driver, Page, Storage};
use frame::{Config, Frame, FromPage};
use store::Store;
use view::{Room, Window};

/// Puts the chat into the document and begins.
pub fn start() {
    let Some(query) = Query::read() else {
        leptos::logging::error!("parlor: the address names no deployment");
        return;
    };
    let owner = Owner::new();
    owner.set();
    let store: &'static Store = Box::leak(Box::new(Store::new(text::local_day)));
    let frame = Rc::new(Frame::default());
    let storage = Storage::new(&query.address.deployment_id, query.consent);
    let kept_answers = storage.clone();

    let (told, heard) = (frame.clone(), frame.clone());
    let driver = Driver::new(
        &query.address,
        store,
        storage,
        Box::new(move |change| told.changed(change)),
        Box::new(move |news| heard.happened(news)),
    );
    let framed = query.origin.is_some() && Frame::is_around();
    let leave = frame.clone();
    let room = Room::new(
        store,
        framed,
        Box::new(|intent| driver.want(intent)),
        Box::new(|file| driver.attach(file)),
        Box::new(move || leave.close()),
    );

    let address = query.address;
    let begin = move |config: Config| {
        color_scheme(&config.color_scheme);
        driver.boot(
            &address,
            Page {
                url: config.url,
                referrer: config.referrer,
            },
        );
        // Shut is what it is until somebody opens it, here or in another tab.
        if config.open {
            driver.want(Intent::WindowShown(true));
        }
    };
    keep_answers(store, kept_answers);
    accent::follow(&store.welcome);
    // In a turn of its own: a slow device has been busy for long enough, having
    // compiled all this for the first time.
    let show = move || {
        mount_to_body(move || view! { <Window room/> });
        match query.origin.filter(|_| framed) {
            Some(origin) => frame.clone().meet(origin, move |said| match said {
                FromPage::Connected(config) => {
                    begin(config);
                    frame.ready();
                }
                FromPage::Open => {
                    room.say(Intent::WindowShown(true));
                    room.ask_for_focus();
                }
                FromPage::Close => room.say(Intent::WindowShown(false)),
                FromPage::Identify(token) => room.say(Intent::Identify(token)),
                FromPage::SetAttributes(fields) => room.say(Intent::SetAttributes(fields)),
                FromPage::Prefill(values) => prefill::fill_in(room, values),
                FromPage::Custom(content) if frame.has_conversation() => {
                    room.say(Intent::SendCustom(content));
                }
                FromPage::Custom(_) => frame::too_early(),
                FromPage::HandlesCustom => store.page_handles_custom.set(true),
            }),
            None => begin(Config {
                open: true,
                url: window().location().href().ok(),
                referrer: Some(document().referrer()),
                ..Config::default()
            }),
        }
    };
    Timeout::new(0, move || {
        owner.with(show);
        // The document's life is the owner's.
        std::mem::forget(owner);
    })
    .forget();
}

/// What the document's address says.
struct Query {
    address: Address,
    /// Of the page around us; absent when opened by itself.
    origin: Option<String>,
    /// Whether things may be kept on the visitor's device.
    consent: bool,
}

impl Query {
    fn read() -> Option<Self> {
        let search = window().location().search().ok()?;
        let query = UrlSearchParams::new_with_str(&search).ok()?;
        Some(Self {
            address: Address {
                deployment_id: query.get("deployment")?,
                button_id: query.get("button").unwrap_or_default(),
            },
            origin: query.get("origin"),
            consent: query.get("consent").as_deref() != Some("required"),
        })
    }
}

/// Answers outlive a reload, not the tab.
fn keep_answers(store: &'static Store, storage: Storage) {
    store.answers.set(storage.answers().unwrap_or_default());
    store::follow(move || store.answers.with(|answers| storage.keep_answers(answers)));
}

fn color_scheme(wanted: &str) {
    if let Some(root) = document().document_element()
        && matches!(wanted, "light" | "dark")
    {
        // A fixed name and one of two words.
        let _ = root.set_attribute("data-color-scheme", wanted);
    }
}
