//! Performs the outputs of the session, and returns the results to it as inputs. It is the only
//! asynchronous part of the widget. It does not know the stages of a conversation.
//!
//! Must stay true: outputs are performed in the order in which the session returned them, and
//! each call ends in one input with its id, unless it was aborted.

mod channel;
mod clock;
mod custom_event;
pub(crate) mod json;
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
    Boot, BrowserInfo, Change, Input, Intent, Millis, Output, Page, Report, RequestId, Saved,
    tabs::{self, Claim, Tab, TabId},
};
use parlor_wire::OrganizationId;
use web_sys::AbortController;

use crate::store::{News, Store};

pub(crate) use clock::now;
pub(crate) use storage::Storage;

/// A document that receives a message of a newer version reloads itself if it is older than this,
/// milliseconds. Not sooner: while an update is rolled out, or was rolled back, it would reload
/// over and over.
const OUTDATED_AFTER: Millis = 60_000;

/// How long lines are displayed in one turn, milliseconds. A whole page of lines would block a
/// slow device for so long that a person notices.
const TURN_MAX: Millis = 8;

/// The same for earlier lines, milliseconds. It is shorter because each turn of them is painted
/// before the next, and layout and paint take three times as long as building the lines.
const EARLIER_TURN_MAX: Millis = 4;

/// The longest wait for an animation frame, milliseconds. A document that is not rendered gets
/// none.
const FRAME_MAX: Millis = 100;

/// Gives callbacks the driver that is built after them. The driver lives as long as the document.
type DriverCell = Cell<Option<&'static Driver>>;

/// Called with each change, for the page around the window.
pub(crate) type OnChange = Box<dyn Fn(&Change)>;

/// Called with each piece of news, for the page around the window.
pub(crate) type OnNews = Box<dyn Fn(News)>;

/// Runs the tab's state machine in the browser.
pub(crate) struct Driver {
    nonce: String,
    tab: RefCell<Tab>,
    channel: channel::Channel,
    leadership: &'static leadership::Leadership,
    store: Store,
    storage: Storage,
    transport: transport::Transport,
    wake_timer: timer::Timer,
    /// Outputs that are not performed yet, in order.
    outputs: RefCell<VecDeque<tabs::Output>>,
    turn_timer: timer::Timer,
    /// Whether outputs wait until the views display the lines before them.
    waits_for_views: Cell<bool>,
    uploads: upload::Uploads,
    redaction: redaction::Redaction,
    storage_available: Cell<bool>,
    started_at: Millis,
    /// The open calls. They are few, and a map would add more code than it saves time.
    in_flight: RefCell<Vec<(RequestId, AbortController)>>,
    on_change: OnChange,
    on_news: OnNews,
}

/// The deployment and button of this chat, from the document's URL.
#[derive(Debug, Clone)]
pub(crate) struct Address {
    pub(crate) deployment_id: String,
    pub(crate) button_id: String,
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

    /// Boots the session, and subscribes to the document's visibility and to the clock.
    pub(crate) fn boot(
        &'static self,
        address: &Address,
        page: Option<Page>,
        referrer: Option<String>,
        identity_token: Option<String>,
    ) {
        self.handle(Input::Boot(Box::new(Boot {
            organization_id: OrganizationId::from(""),
            deployment_id: address.deployment_id.as_str().into(),
            button_id: address.button_id.clone(),
            nonce: self.nonce.clone(),
            seed: clock::seed(),
            browser: browser_info(page, referrer),
            identity_token,
            // The tab reads it from storage when it gets the lead.
            saved: None,
        })));
        self.set_storage_available(self.storage.consent);
        visibility::watch(|visible| self.visibility_changed(visible));
        visibility::on_leave(|| self.leave());
        let store = self.store;
        clock::tick(move |now| store.now.set(now));
    }

    /// Runs the tab on an input. A leader without a lock first checks that it still has the lease.
    pub(crate) fn handle(&'static self, input: impl Into<tabs::Input>) {
        if self.leads() && self.leadership.is_deposed() {
            self.run_tab(tabs::Input::LeadershipLost);
        }
        self.run_tab(input.into());
    }

    /// Runs the tab's state machine on an input, and performs its outputs.
    fn run_tab(&'static self, input: tabs::Input) {
        let outputs = self.tab.borrow_mut().handle(now(), input);
        self.outputs.borrow_mut().extend(outputs);
        self.perform_outputs();
    }

    /// Performs the queued outputs up to the second line at once, and the others after the views
    /// have displayed the first. A slow device needs some milliseconds for a line.
    fn perform_outputs(&'static self) {
        if !self.perform_to_next_line() && !self.waits_for_views.replace(true) {
            spawn_local(async {
                self.perform_in_turns().await;
                self.waits_for_views.set(false);
            });
        }
    }

    /// Performs outputs until the queue is empty, or a second line is next. Returns whether the
    /// queue is empty.
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

    /// Performs outputs until the turn is over, and sets the timer for the next turn. Earlier lines
    /// are inserted where the visitor reads, so each turn of them is painted before the next
    /// begins, unless an input comes in between.
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

    /// Handles an input after the outputs that are being performed.
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
            // Tabs of two versions cannot read each other's messages, and only one can lead.
            channel::Received::NewerVersion if now() > self.started_at + OUTDATED_AFTER => {
                self.reload();
            }
            channel::Received::NewerVersion => {}
            channel::Received::Forgotten => {
                self.storage.forget_here();
                self.reload();
            }
        }
    }

    /// The page tells the new document what it has told this one.
    pub(crate) fn reload(&self) {
        spawn_local(async {
            // It never rejects.
            let _ = wasm_bindgen_futures::JsFuture::from(storage::settled()).await;
            // No browser refuses to reload a document.
            let _ = leptos::prelude::window().location().reload();
        });
    }

    fn visibility_changed(&'static self, visible: bool) {
        if visible && self.leadership.resume() {
            self.leadership.request(Claim::Queue);
        }
        if visible {
            // It was not updated while the document was hidden.
            self.store.now.set(now());
        }
        self.handle(Input::Visibility(visible));
    }

    /// The document is left: another tab may lead. Everything that waits is performed at once.
    fn leave(&'static self) {
        self.handle(Input::Visibility(false));
        self.leadership.leave();
        self.run_tab(tabs::Input::LeadershipLost);
        while let Some(output) = self.next_output() {
            self.perform(output);
        }
    }

    /// Redacts an intent of the visitor or the page, and handles it.
    pub(crate) fn dispatch(&'static self, intent: Intent) {
        if matches!(intent, Intent::WindowShown(true)) && !self.leadership.opened.replace(true) {
            self.leadership.check_lease(Claim::Queue);
        }
        self.handle(Input::Intent(self.redaction.redact(intent)));
    }

    /// Attaches a file that was chosen, dropped or pasted. All tabs get it, because the leading
    /// tab uploads it.
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

    /// Reports to the session whether the device stores data, if that has changed.
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
            // The session expects no input for a call that it has aborted.
            if self.take_in_flight(id).is_some() {
                self.handle(input);
            }
        });
    }

    /// Removes an open call; none if it has ended or was aborted.
    fn take_in_flight(&self, id: RequestId) -> Option<AbortController> {
        let mut in_flight = self.in_flight.borrow_mut();
        let index = in_flight.iter().position(|(open, _)| *open == id)?;
        Some(in_flight.swap_remove(index).1)
    }
}

/// Resolves after the effects of all signals that were set, which were queued before it.
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

/// The log's text for a report. A report contains nothing that a visitor wrote.
fn describe(report: &Report) -> String {
    match report {
        Report::UnexpectedReply { to } => format!("unexpected reply to {to}"),
        Report::UnknownMessage { kind } => format!("unknown message {kind}"),
        Report::Refused { what } => format!("{what} was refused"),
    }
}

fn browser_info(page: Option<Page>, referrer: Option<String>) -> BrowserInfo {
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
        page,
        referrer,
    }
}
