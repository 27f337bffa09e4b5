//! Carries what the session wants done, and tells it what came of it: the only
//! asynchronous part of the widget. It does not know stages, and decides
//! nothing but where each output goes.
//!
//! Must stay true: an output is carried in the order in which it was asked
//! for, and every call is answered under its id unless it was aborted.

mod channel;
mod clock;
mod custom_event;
mod json;
mod leadership;
mod redaction;
mod storage;
mod timer;
mod transport;
mod upload;
mod visibility;

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::Rc,
};

use leptos::{prelude::*, task::spawn_local};
use parlor_session::{
    Boot, BrowserInfo, Change, Input, Intent, Millis, Output, Report, RequestId, Saved,
    tabs::{self, Claim, Tab, TabId},
};
use parlor_wire::OrganizationId;
use web_sys::AbortController;

use crate::store::{News, Store};

pub(crate) use clock::now;
pub(crate) use storage::Storage;

/// A document that is older than this, and hears a newer version of itself, is
/// loaded anew. Not sooner: where an update is under way, or was taken back, it
/// would be loaded over and over.
const OUTDATED_AFTER: Millis = 60_000;

/// Lines are shown for so long in one turn, milliseconds: a page of them at once
/// holds up a slow device for longer than a person takes for "at once".
const TURN_MAX: Millis = 8;

/// The same for earlier lines, which come in where somebody reads: to lay them out and
/// paint them is three times the work that it is to make them.
const EARLIER_TURN_MAX: Millis = 4;

/// A frame is waited for so long, milliseconds: a window that is not shown has none.
const FRAME_MAX: Millis = 100;

/// It lives as long as the document: nothing of it is ever taken down.
type DriverCell = Cell<Option<&'static Driver>>;

/// OnChange of everything that changes, for the page around the window.
pub(crate) type OnChange = Box<dyn Fn(&Change)>;

/// OnChange of what has just happened, for the page around the window.
pub(crate) type OnNews = Box<dyn Fn(News)>;

pub(crate) struct Driver {
    nonce: String,
    tab: RefCell<Tab>,
    channel: channel::Channel,
    leadership: &'static leadership::Leadership,
    store: Store,
    storage: Storage,
    transport: transport::Transport,
    wake_timer: timer::Timer,
    /// What the machine wants done and was not carried yet, in order.
    outputs: RefCell<VecDeque<tabs::Output>>,
    turn_timer: timer::Timer,
    /// Lines wait for the views to show those before them.
    waits_for_views: Cell<bool>,
    uploads: upload::Uploads,
    redaction: redaction::Redaction,
    storage_available: Cell<bool>,
    started_at: Millis,
    /// The few calls that are open. A list: a map would be more code than all that it finds.
    in_flight: RefCell<Vec<(RequestId, AbortController)>>,
    on_change: OnChange,
    on_news: OnNews,
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
        store: Store,
        storage: Storage,
        on_change: OnChange,
        on_news: OnNews,
    ) -> &'static Self {
        let cell: &'static DriverCell = Box::leak(Box::default());
        let nonce = clock::nonce();
        let on_receive = move |received| with_driver(cell, |driver| driver.receive(received));
        let on_leadership =
            move |leads| with_driver(cell, |driver| driver.leadership_changed(leads));
        let driver: &'static Self = Box::leak(Box::new(Self {
            tab: RefCell::new(Tab::new()),
            channel: channel::Channel::new(&storage.key, on_receive),
            leadership: leadership::Leadership::new(
                TabId(nonce.clone()),
                storage.clone(),
                Box::new(on_leadership),
            ),
            nonce,
            store,
            storage,
            transport: transport::Transport::new(address),
            wake_timer: timer::Timer::new(move || {
                with_driver(cell, |driver| driver.handle(Input::Wake));
            }),
            outputs: RefCell::default(),
            turn_timer: timer::Timer::new(move || with_driver(cell, Driver::perform_outputs)),
            waits_for_views: Cell::new(false),
            uploads: upload::Uploads::new(),
            redaction: redaction::Redaction::default(),
            storage_available: Cell::new(true),
            started_at: now(),
            in_flight: RefCell::default(),
            on_change,
            on_news,
        }));
        cell.set(Some(driver));
        driver
    }

    /// The first input, and from then on the world's.
    pub(crate) fn boot(&'static self, address: &Address, page: Page) {
        self.handle(Input::Boot(Box::new(Boot {
            organization_id: OrganizationId::from(""),
            deployment_id: address.deployment_id.as_str().into(),
            button_id: address.button_id.clone(),
            nonce: self.nonce.clone(),
            seed: clock::seed(),
            browser: browser_info(page),
            // What there is, is read by whoever leads.
            saved: None,
        })));
        self.set_storage_available(self.storage.consent);
        visibility::watch(|visible| self.visibility_changed(visible));
        visibility::on_leave(|| self.leave());
        let store = self.store;
        clock::tick(move |now| store.now.set(now));
    }

    pub(crate) fn handle(&'static self, input: impl Into<tabs::Input>) {
        if self.leads() && self.leadership.is_deposed() {
            self.run_tab(tabs::Input::LeadershipLost);
        }
        self.run_tab(input.into());
    }

    fn run_tab(&'static self, input: tabs::Input) {
        let outputs = self.tab.borrow_mut().handle(now(), input);
        self.outputs.borrow_mut().extend(outputs);
        self.perform_outputs();
    }

    /// Carries the outputs that wait: all up to the second line, and the rest after the views
    /// have shown the first. A slow device takes some milliseconds for one.
    fn perform_outputs(&'static self) {
        if !self.perform_to_next_line() && !self.waits_for_views.replace(true) {
            spawn_local(async {
                self.perform_in_turns().await;
                self.waits_for_views.set(false);
            });
        }
    }

    /// Carries outputs until all are carried, or one line that the views shall show before the
    /// next. Returns whether all are.
    fn perform_to_next_line(&'static self) -> bool {
        let mut performed_line = false;
        while let Some(output) = self.next_output() {
            let is_line = matches!(
                output,
                tabs::Output::Session(Output::Change(Change::Line { .. }))
            );
            if is_line && performed_line && visibility::is_visible() {
                self.outputs.borrow_mut().push_front(output);
                return false;
            }
            performed_line |= is_line;
            self.perform(output);
        }
        true
    }

    /// Carries lines for as long as nobody would notice, and the others in a turn of their own,
    /// with what follows them. Earlier lines arrive where somebody reads: each turn's are painted
    /// before the next, unless something else happens meanwhile.
    async fn perform_in_turns(&'static self) {
        let earlier = self.store.history.with_untracked(|history| history.loading);
        let until = now() + if earlier { EARLIER_TURN_MAX } else { TURN_MAX };
        loop {
            views_are_updated().await;
            if now() >= until {
                self.turn_timer
                    .set(until + if earlier { FRAME_MAX } else { 0 });
                if earlier {
                    request_animation_frame(|| self.turn_timer.set(0));
                }
                return;
            }
            if self.perform_to_next_line() {
                return;
            }
        }
    }

    fn next_output(&self) -> Option<tabs::Output> {
        self.outputs.borrow_mut().pop_front()
    }

    /// Not in the middle of what the machine is telling us.
    fn handle_later(&'static self, input: impl Into<tabs::Input> + 'static) {
        spawn_local(async { self.handle(input) });
    }

    fn leads(&self) -> bool {
        self.tab.borrow().leads()
    }

    fn leadership_changed(&'static self, leads: bool) {
        match (self.leads(), leads) {
            (false, true) => self.run_tab(tabs::Input::LeadershipGained(Box::new(
                self.storage.persisted(),
            ))),
            (true, false) => self.run_tab(tabs::Input::LeadershipLost),
            _ => {}
        }
    }

    fn receive(&'static self, received: channel::Received) {
        match received {
            channel::Received::Message(message) => self.handle(tabs::Input::Message(message)),
            channel::Received::File(id, file) => self.uploads.insert(id, file),
            // The two would not understand each other, and only one of them can
            // lead.
            channel::Received::NewerVersion if now() > self.started_at + OUTDATED_AFTER => {
                // Refused by no browser for one's own address.
                let _ = leptos::prelude::window().location().reload();
            }
            channel::Received::NewerVersion => {}
        }
    }

    fn visibility_changed(&'static self, visible: bool) {
        if visible && self.leadership.resume() {
            self.leadership.request(Claim::Queue);
        }
        if visible {
            // The clock of the views stood.
            self.store.now.set(now());
        }
        self.handle(Input::Visibility(visible));
    }

    fn leave(&'static self) {
        self.handle(Input::Visibility(false));
        self.leadership.leave();
        self.run_tab(tabs::Input::LeadershipLost);
        while let Some(output) = self.next_output() {
            self.perform(output);
        }
    }

    /// What a person wants, without what must not leave the browser.
    pub(crate) fn dispatch(&'static self, intent: Intent) {
        if matches!(intent, Intent::WindowShown(true)) && !self.leadership.opened.replace(true) {
            self.leadership.check_lease(Claim::Queue);
        }
        self.handle(Input::Intent(self.redaction.redact(intent)));
    }

    /// A file was chosen, dropped or pasted. Whichever tab leads may send it.
    pub(crate) fn attach(&'static self, file: web_sys::File) {
        let attachment = self.uploads.add(file.clone());
        self.channel.send_file(attachment.id, &file);
        self.dispatch(Intent::Attach(attachment));
    }

    fn perform(&'static self, output: tabs::Output) {
        match output {
            tabs::Output::Session(output) => self.perform_session_output(output),
            tabs::Output::PersistCommand(command) => {
                self.set_storage_available(self.storage.save_command(&command))
            }
            tabs::Output::RemoveCommand(id) => self.storage.remove_command(&id),
            tabs::Output::Broadcast(message) => self.channel.send(*message),
            tabs::Output::RequestLeadership(claim) => self.leadership.request(claim),
        }
    }

    fn perform_session_output(&'static self, output: Output) {
        match output {
            Output::Upload { id, credentials } => {
                let base = self.transport.base();
                let on_input = |input: Input| self.handle(input);
                self.uploads
                    .send(&base, id, &credentials, Rc::new(on_input));
            }
            Output::AbortUpload(id) => self.uploads.abort(id),
            Output::Call(call) => self.call(*call),
            Output::Abort(id) => {
                if let Some(controller) = self.take_in_flight(id) {
                    controller.abort();
                }
            }
            Output::WakeAt(at) => self.wake_timer.set(at),
            Output::Save(saved) => self.save(&saved),
            Output::Change(change) => {
                if let Change::Welcome(welcome) = &change {
                    self.redaction.set_rules(&welcome.sensitive_data_rules);
                }
                (self.on_change)(&change);
                if let Some(news) = self.store.apply(change) {
                    (self.on_news)(news);
                }
            }
            Output::Report(report) => {
                leptos::logging::warn!("parlor: {}", describe(&report));
            }
        }
    }

    fn save(&'static self, saved: &Saved) {
        match self.storage.save(saved) {
            Some(stored) => self.set_storage_available(stored),
            None => self.handle_later(tabs::Input::LeadershipLost),
        }
    }

    /// Whether the device keeps things is the next that the machine hears.
    fn set_storage_available(&'static self, available: bool) {
        if self.storage_available.replace(available) != available {
            self.handle_later(Input::StorageAvailable(available));
        }
    }

    fn call(&'static self, call: parlor_session::Call) {
        let Ok(controller) = AbortController::new() else {
            return;
        };
        let (id, signal) = (call.id, controller.signal());
        self.in_flight.borrow_mut().push((id, controller));
        let reply = self.transport.send(call, signal);
        spawn_local(async move {
            let input = reply.await;
            // What was aborted meanwhile is not wanted any more.
            if self.take_in_flight(id).is_some() {
                self.handle(input);
            }
        });
    }

    /// No longer in flight; none if it was not.
    fn take_in_flight(&self, id: RequestId) -> Option<AbortController> {
        let mut in_flight = self.in_flight.borrow_mut();
        let index = in_flight.iter().position(|(open, _)| *open == id)?;
        Some(in_flight.swap_remove(index).1)
    }
}

/// Resolves when the effects of all signals that were set have run: they were queued before.
async fn views_are_updated() {
    let nothing = js_sys::Promise::resolve(&wasm_bindgen::JsValue::UNDEFINED);
    // It resolves, and never rejects.
    let _ = wasm_bindgen_futures::JsFuture::from(nothing).await;
}

fn with_driver(cell: &'static DriverCell, act: impl FnOnce(&'static Driver)) {
    if let Some(driver) = cell.get() {
        act(driver);
    }
}

/// Words for the log; a report holds nothing private.
fn describe(report: &Report) -> String {
    match report {
        Report::UnexpectedReply { to } => format!("unexpected answer to {to}"),
        Report::UnknownMessage { kind } => format!("unknown message {kind}"),
        Report::Refused { what } => format!("{what} was refused"),
    }
}

fn browser_info(page: Page) -> BrowserInfo {
    let window = leptos::prelude::window();
    let navigator = window.navigator();
    let screen = window.screen().ok();
    let side = |side: Option<i32>| side.unwrap_or_default();
    BrowserInfo {
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
