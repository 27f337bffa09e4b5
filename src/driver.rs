//! Carries what the session wants done, and tells it what came of it: the only
//! asynchronous part of the widget. It does not know stages, and decides
//! nothing but where each output goes.
//!
//! Must stay true: an output is carried in the order in which it was asked
//! for, and every call is answered under its id unless it was aborted.

mod clock;
mod json;
mod mask;
mod reading;
mod storage;
mod timer;
mod transport;
mod upload;
mod visibility;
mod writing;

use std::{
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
};

use leptos::task::spawn_local;
use parlor_session::{
    Boot, Change, Device, Input, Intent, Output, Report, RequestId, Saved, Session,
};
use parlor_wire::OrganizationId;
use web_sys::AbortController;

use crate::store::{News, Store};

pub(crate) use clock::now;
pub(crate) use storage::Storage;

/// Told of everything that changes, for the page around the window.
pub(crate) type Told = Box<dyn Fn(&Change)>;

/// Told of what has just happened, for the page around the window.
pub(crate) type Heard = Box<dyn Fn(News)>;

pub(crate) struct Driver {
    this: Weak<Driver>,
    session: RefCell<Session>,
    store: &'static Store,
    storage: Storage,
    transport: transport::Transport,
    timer: timer::Timer,
    uploads: upload::Uploads,
    mask: mask::Mask,
    keeps: Cell<bool>,
    /// The few calls that are open. A list: a map would be more code than all that it finds.
    in_flight: RefCell<Vec<(RequestId, AbortController)>>,
    told: Told,
    heard: Heard,
}

/// Which chat this is: from the document's address.
#[derive(Debug, Clone)]
pub(crate) struct Address {
    pub(crate) deployment_id: String,
    pub(crate) button_id: String,
}

/// The page that the visitor is on.
#[derive(Debug, Clone, Default)]
pub(crate) struct Page {
    pub(crate) url: Option<String>,
    pub(crate) referrer: Option<String>,
}

impl Driver {
    pub(crate) fn new(
        address: &Address,
        store: &'static Store,
        storage: Storage,
        told: Told,
        heard: Heard,
    ) -> Rc<Self> {
        Rc::new_cyclic(|this: &Weak<Self>| {
            let woken = this.clone();
            Self {
                this: this.clone(),
                session: RefCell::new(Session::new()),
                store,
                storage,
                transport: transport::Transport::new(address),
                timer: timer::Timer::new(move || wake(&woken)),
                uploads: upload::Uploads::default(),
                mask: mask::Mask::default(),
                keeps: Cell::new(true),
                in_flight: RefCell::default(),
                told,
                heard,
            }
        })
    }

    /// The first input, and from then on the world's.
    pub(crate) fn boot(&self, address: &Address, page: Page) {
        self.feed(Input::Boot(Box::new(Boot {
            organization_id: OrganizationId::from(""),
            deployment_id: address.deployment_id.as_str().into(),
            button_id: address.button_id.clone(),
            nonce: clock::nonce(),
            seed: clock::seed(),
            device: device(page),
            saved: self.storage.saved(),
        })));
        let looked_at = self.this.clone();
        visibility::watch(move |looked_at_now| {
            if let Some(driver) = looked_at.upgrade() {
                driver.feed(Input::Looked(looked_at_now));
            }
        });
        let store = self.store;
        clock::tick(move |now| store.now.set(now));
    }

    pub(crate) fn feed(&self, input: Input) {
        let outputs = self.session.borrow_mut().handle(now(), input);
        for output in outputs {
            self.carry(output);
        }
    }

    /// What a person wants, without what must not leave the browser.
    pub(crate) fn want(&self, intent: Intent) {
        self.feed(Input::Intent(self.mask.intent(intent)));
    }

    /// A file was chosen, dropped or pasted.
    pub(crate) fn attach(&self, file: web_sys::File) {
        let attachment = self.uploads.choose(file);
        self.want(Intent::Attach(attachment));
    }

    fn carry(&self, output: Output) {
        match output {
            Output::Upload { id, credentials } => {
                let this = self.this.clone();
                let tell = move |input| {
                    if let Some(driver) = this.upgrade() {
                        driver.feed(input);
                    }
                };
                let base = self.transport.base();
                self.uploads.send(&base, id, &credentials, Rc::new(tell));
            }
            Output::AbortUpload(id) => self.uploads.abort(id),
            Output::Call(call) => self.call(*call),
            Output::Abort(id) => {
                if let Some(controller) = self.landed(id) {
                    controller.abort();
                }
            }
            Output::WakeAt(at) => self.timer.set(at),
            Output::Save(saved) => self.save(&saved),
            Output::Change(change) => {
                if let Change::Welcome(welcome) = &change {
                    self.mask.set(&welcome.sensitive_data_rules);
                }
                (self.told)(&change);
                if let Some(news) = self.store.apply(change) {
                    (self.heard)(news);
                }
            }
            // One tab is all there is, until tabs are carried too.
            Output::Keep(_) | Output::Forget(_) | Output::Tell(_) | Output::AskLeadership(_) => {}
            Output::Report(report) => {
                leptos::logging::warn!("parlor: {}", told(&report));
            }
        }
    }

    /// Whether the device keeps it is the next thing that the session hears.
    fn save(&self, saved: &Saved) {
        let kept = self.storage.save(saved);
        if self.keeps.replace(kept) != kept {
            let this = self.this.clone();
            spawn_local(async move {
                if let Some(driver) = this.upgrade() {
                    driver.feed(Input::Keeps(kept));
                }
            });
        }
    }

    fn call(&self, call: parlor_session::Call) {
        let Ok(controller) = AbortController::new() else {
            return;
        };
        let (this, id, signal) = (self.this.clone(), call.id, controller.signal());
        self.in_flight.borrow_mut().push((id, controller));
        let answer = self.transport.carry(call, signal);
        spawn_local(async move {
            let answer = answer.await;
            let Some(driver) = this.upgrade() else { return };
            // What was aborted meanwhile is not wanted any more.
            if driver.landed(id).is_some() {
                driver.feed(answer);
            }
        });
    }

    /// No longer in flight; none if it was not.
    fn landed(&self, id: RequestId) -> Option<AbortController> {
        let mut in_flight = self.in_flight.borrow_mut();
        let place = in_flight.iter().position(|(open, _)| *open == id)?;
        Some(in_flight.swap_remove(place).1)
    }
}

fn wake(driver: &Weak<Driver>) {
    if let Some(driver) = driver.upgrade() {
        driver.feed(Input::Wake);
    }
}

/// Words for the log; a report holds nothing private.
fn told(report: &Report) -> String {
    match report {
        Report::UnexpectedReply { to } => format!("unexpected answer to {to}"),
        Report::UnknownMessage { kind } => format!("unknown message {kind}"),
        Report::Refused { what } => format!("{what} was refused"),
    }
}

fn device(page: Page) -> Device {
    let window = leptos::prelude::window();
    let navigator = window.navigator();
    let screen = window.screen().ok();
    let side = |side: Option<i32>| side.unwrap_or_default();
    Device {
        user_agent: navigator.user_agent().unwrap_or_default(),
        language: navigator.language().unwrap_or_default(),
        screen_resolution: format!(
            "{}x{}",
            side(screen.as_ref().and_then(|screen| screen.width().ok())),
            side(screen.as_ref().and_then(|screen| screen.height().ok())),
        ),
        url: page.url,
        referrer: page.referrer,
    }
}
