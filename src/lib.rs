//! The chat widget: the document that runs in the frame, or by itself as a page for a link to the
//! chat. This file connects its parts. ARCHITECTURE.md describes what each part may know.
//!
//! Click → `Intent` → session → `Output` → driver → endpoint, and back as
//! `Input` → session → `Change` → store → view.

mod accent;
mod driver;
mod erased;
mod frame;
mod person;
mod prefill;
mod store;
mod text;
mod view;

#[cfg(all(test, target_arch = "wasm32"))]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

use std::{
    cell::{OnceCell, RefCell},
    rc::Rc,
};

use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use parlor_session::{Intent, Page};
use web_sys::UrlSearchParams;

use driver::{Address, Driver, Storage};
use erased::effect;
use frame::{Config, Frame, FromPage};
use person::{Identity, Person, Who};
use store::Store;
use view::{ChatContext, Window};

/// Mounts the chat in the document's body, and starts it.
pub fn start() {
    let Some(query) = Query::read() else {
        leptos::logging::error!(
            "parlor: the URL of the chat document has no `deployment` parameter"
        );
        return;
    };
    let owner = Owner::new();
    owner.set();
    let store = Store::new(text::local_day);
    let frame = Rc::new(Frame::default());
    let driver: Rc<Started> = Rc::default();
    let (on_intent, on_attach) = (driver.clone(), driver.clone());
    let framed = query.origin.is_some() && Frame::is_around();
    let closing = frame.clone();
    let chat = ChatContext::new(
        store,
        framed,
        UnsyncCallback::new(move |intent| on_intent.dispatch(intent)),
        UnsyncCallback::new(move |file| on_attach.attach(file)),
        UnsyncCallback::new(move |()| closing.close()),
    );

    let (address, consent) = (query.address, query.consent);
    let (around, started) = (frame.clone(), driver.clone());
    let boot = move |config: Config| {
        color_scheme(&config.color_scheme);
        let person = Person::of(&config.identity, &address.deployment_id, consent);
        let storage = person.storage();
        let (on_change, on_news) = (around.clone(), around.clone());
        let driver = Driver::new(
            &address,
            store,
            storage.clone(),
            Box::new(move |change| on_change.on_change(change)),
            Box::new(move |news| on_news.on_news(news)),
        );
        let token = config.identity.token();
        let is_signed_out = config.identity == Identity::SignedOut;
        driver.boot(&address, config.page, config.referrer, token.clone());
        let has_saved = storage.has_saved();
        persist_answers(store, storage);
        started.start(driver, person);
        if let Some(token) = token {
            // The conversation may have begun before the visitor signed in.
            driver.dispatch(Intent::Claim(token));
        }
        // The window starts closed, until the visitor opens it in this tab or another.
        if config.open {
            driver.dispatch(Intent::WindowShown(true));
        }
        around.ready(has_saved, is_signed_out);
    };
    // In a task of its own: on a slow device the current task is long already, because the browser
    // has compiled the WebAssembly in it.
    let mount = move || {
        mount_to_body(move || view! { <Window chat /> });
        accent::follow(store.welcome);
        match query.origin.filter(|_| framed) {
            Some(origin) => frame.clone().greet(origin, move |message| match message {
                FromPage::Connected(config) => boot(config),
                FromPage::Open => {
                    chat.send(Intent::WindowShown(true));
                    chat.request_focus();
                }
                FromPage::Close => chat.send(Intent::WindowShown(false)),
                FromPage::Identify(identity) => driver.identify(identity),
                FromPage::SetAttributes(fields) => chat.send(Intent::SetAttributes(fields)),
                FromPage::Prefill(values) => prefill::fill_in(chat, values),
                FromPage::Custom(content) if frame.has_conversation() => {
                    chat.send(Intent::SendCustom(content));
                }
                FromPage::Custom(_) => frame::warn_no_conversation(),
                FromPage::Track(goal) => chat.send(Intent::Track(goal)),
                FromPage::Page(page) => chat.send(Intent::Page(page)),
                FromPage::HandlesCustom => store.page_handles_custom.set(true),
            }),
            None => boot(Config {
                open: true,
                page: window().location().href().ok().map(|url| Page {
                    url,
                    title: Some(document().title()),
                }),
                referrer: Some(document().referrer()),
                ..Config::default()
            }),
        }
    };
    Timeout::new(0, move || {
        owner.with(mount);
        // The owner lives as long as the document.
        std::mem::forget(owner);
    })
    .forget();
}

/// The driver, which starts when the page has connected and said who the visitor is.
#[derive(Default)]
struct Started {
    driver: OnceCell<(&'static Driver, Person)>,
    /// What the visitor wanted before that.
    early: RefCell<Vec<Intent>>,
}

impl Started {
    fn start(&self, driver: &'static Driver, person: Person) {
        // It is started once.
        let _ = self.driver.set((driver, person));
        let early = self.early.take();
        early.into_iter().for_each(|intent| driver.dispatch(intent));
    }

    fn dispatch(&self, intent: Intent) {
        match self.driver.get() {
            Some((driver, _)) => driver.dispatch(intent),
            None => self.early.borrow_mut().push(intent),
        }
    }

    /// Before there is a conversation, no file can be attached.
    fn attach(&self, file: web_sys::File) {
        if let Some((driver, _)) = self.driver.get() {
            driver.attach(file);
        }
    }

    /// The page says who the visitor is. The conversations of another person are displayed by
    /// another document.
    fn identify(&self, identity: Identity) {
        let Some((driver, person)) = self.driver.get() else {
            return;
        };
        let who = person.compare(&identity);
        if who == Who::Another {
            if identity == Identity::SignedOut {
                person.storage().forget();
            }
            return driver.reload();
        }
        let Some(token) = identity.token() else {
            return;
        };
        driver.dispatch(Intent::Identify(token.clone()));
        if who == Who::SignedIn {
            driver.dispatch(Intent::Claim(token));
        }
    }
}

/// The parameters in the document's URL.
struct Query {
    address: Address,
    /// The origin of the page around the document; none if the document is opened by itself.
    origin: Option<String>,
    /// Whether data may be stored on the visitor's device.
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

/// Stores the answers of forms until the tab is closed, so that they survive a reload.
fn persist_answers(store: Store, storage: Storage) {
    store.answers.set(storage.answers().unwrap_or_default());
    effect(move || store.answers.with(|answers| storage.save_answers(answers)));
}

fn color_scheme(wanted: &str) {
    if let Some(root) = document().document_element()
        && matches!(wanted, "light" | "dark")
    {
        // The name and both values are valid.
        let _ = root.set_attribute("data-color-scheme", wanted);
    }
}
