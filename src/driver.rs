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
mod lead;
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
type Place = Cell<Option<&'static Driver>>;

/// Told of everything that changes, for the page around the window.
pub(crate) type Told = Box<dyn Fn(&Change)>;

/// Told of what has just happened, for the page around the window.
pub(crate) type Heard = Box<dyn Fn(News)>;

pub(crate) struct Driver {
    nonce: String,
    tab: RefCell<Tab>,
    channel: channel::Channel,
    lead: &'static lead::Lead,
    store: Store,
    storage: Storage,
    transport: transport::Transport,
    timer: timer::Timer,
    /// What the machine wants done and was not carried yet, in order.
    waiting: RefCell<VecDeque<tabs::Output>>,
    turn: timer::Timer,
    /// Lines wait for the views to show those before them.
    carrying: Cell<bool>,
    uploads: upload::Uploads,
    redaction: redaction::Redaction,
    keeps: Cell<bool>,
    born: Millis,
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
        store: Store,
        storage: Storage,
        told: Told,
        heard: Heard,
    ) -> &'static Self {
        let place: &'static Place = Box::leak(Box::default());
        let nonce = clock::nonce();
        let hear = move |said| in_place(place, |driver| driver.hear(said));
        let led = move |here| in_place(place, |driver| driver.led(here));
        let driver: &'static Self = Box::leak(Box::new(Self {
            tab: RefCell::new(Tab::new()),
            channel: channel::Channel::new(&storage.key, hear),
            lead: lead::Lead::new(TabId(nonce.clone()), storage.clone(), Box::new(led)),
            nonce,
            store,
            storage,
            transport: transport::Transport::new(address),
            timer: timer::Timer::new(move || {
                in_place(place, |driver| driver.feed(Input::Wake));
            }),
            waiting: RefCell::default(),
            turn: timer::Timer::new(move || in_place(place, Driver::carry_on)),
            carrying: Cell::new(false),
            uploads: upload::Uploads::new(),
            redaction: redaction::Redaction::default(),
            keeps: Cell::new(true),
            born: now(),
            in_flight: RefCell::default(),
            told,
            heard,
        }));
        place.set(Some(driver));
        driver
    }

    /// The first input, and from then on the world's.
    pub(crate) fn boot(&'static self, address: &Address, page: Page) {
        self.feed(Input::Boot(Box::new(Boot {
            organization_id: OrganizationId::from(""),
            deployment_id: address.deployment_id.as_str().into(),
            button_id: address.button_id.clone(),
            nonce: self.nonce.clone(),
            seed: clock::seed(),
            browser: browser_info(page),
            // What there is, is read by whoever leads.
            saved: None,
        })));
        self.keeps(self.storage.consent);
        visibility::watch(|now| self.looked(now));
        visibility::on_leave(|| self.leave());
        let store = self.store;
        clock::tick(move |now| store.now.set(now));
    }

    pub(crate) fn feed(&'static self, input: impl Into<tabs::Input>) {
        if self.leads() && self.lead.is_deposed() {
            self.handle(tabs::Input::LeadershipLost);
        }
        self.handle(input.into());
    }

    fn handle(&'static self, input: tabs::Input) {
        let outputs = self.tab.borrow_mut().handle(now(), input);
        self.waiting.borrow_mut().extend(outputs);
        self.carry_on();
    }

    /// Carries the outputs that wait: all up to the second line, and the rest after the views
    /// have shown the first. A slow device takes some milliseconds for one.
    fn carry_on(&'static self) {
        if !self.carry_some() && !self.carrying.replace(true) {
            spawn_local(async {
                self.carry_rest().await;
                self.carrying.set(false);
            });
        }
    }

    /// Carries outputs until all are carried, or one line that the views shall show before the
    /// next. Returns whether all are.
    fn carry_some(&'static self) -> bool {
        let mut carried_line = false;
        while let Some(output) = self.next() {
            let is_line = matches!(
                output,
                tabs::Output::Session(Output::Change(Change::Line { .. }))
            );
            if is_line && carried_line && visibility::is_looked_at() {
                self.waiting.borrow_mut().push_front(output);
                return false;
            }
            carried_line |= is_line;
            self.carry(output);
        }
        true
    }

    /// Carries lines for as long as nobody would notice, and the others in a turn of their own,
    /// with what follows them. Earlier lines arrive where somebody reads: each turn's are painted
    /// before the next, unless something else happens meanwhile.
    async fn carry_rest(&'static self) {
        let earlier = self.store.history.with_untracked(|history| history.loading);
        let until = now() + if earlier { EARLIER_TURN_MAX } else { TURN_MAX };
        loop {
            views_are_updated().await;
            if now() >= until {
                self.turn.set(until + if earlier { FRAME_MAX } else { 0 });
                if earlier {
                    request_animation_frame(|| self.turn.set(0));
                }
                return;
            }
            if self.carry_some() {
                return;
            }
        }
    }

    fn next(&self) -> Option<tabs::Output> {
        self.waiting.borrow_mut().pop_front()
    }

    /// Not in the middle of what the machine is telling us.
    fn feed_later(&'static self, input: impl Into<tabs::Input> + 'static) {
        spawn_local(async { self.feed(input) });
    }

    fn leads(&self) -> bool {
        self.tab.borrow().leads()
    }

    fn led(&'static self, here: bool) {
        match (self.leads(), here) {
            (false, true) => {
                self.handle(tabs::Input::LeadershipGained(Box::new(self.storage.kept())))
            }
            (true, false) => self.handle(tabs::Input::LeadershipLost),
            _ => {}
        }
    }

    fn hear(&'static self, said: channel::Said) {
        match said {
            channel::Said::Message(message) => self.feed(tabs::Input::Message(message)),
            channel::Said::File(id, file) => self.uploads.know(id, file),
            // The two would not understand each other, and only one of them can
            // lead.
            channel::Said::Newer if now() > self.born + OUTDATED_AFTER => {
                // Refused by no browser for one's own address.
                let _ = leptos::prelude::window().location().reload();
            }
            channel::Said::Newer => {}
        }
    }

    fn looked(&'static self, looked_at: bool) {
        if looked_at && self.lead.come_back() {
            self.lead.ask(Claim::Queue);
        }
        if looked_at {
            // The clock of the views stood.
            self.store.now.set(now());
        }
        self.feed(Input::Visibility(looked_at));
    }

    fn leave(&'static self) {
        self.feed(Input::Visibility(false));
        self.lead.leave();
        self.handle(tabs::Input::LeadershipLost);
        while let Some(output) = self.next() {
            self.carry(output);
        }
    }

    /// What a person wants, without what must not leave the browser.
    pub(crate) fn want(&'static self, intent: Intent) {
        if matches!(intent, Intent::WindowShown(true)) && !self.lead.opened.replace(true) {
            self.lead.look(Claim::Queue);
        }
        self.feed(Input::Intent(self.redaction.redact(intent)));
    }

    /// A file was chosen, dropped or pasted. Whichever tab leads may send it.
    pub(crate) fn attach(&'static self, file: web_sys::File) {
        let attachment = self.uploads.choose(file.clone());
        self.channel.share(attachment.id, &file);
        self.want(Intent::Attach(attachment));
    }

    fn carry(&'static self, output: tabs::Output) {
        match output {
            tabs::Output::Session(output) => self.carry_of_session(output),
            tabs::Output::PersistCommand(command) => self.keeps(self.storage.keep(&command)),
            tabs::Output::RemoveCommand(id) => self.storage.forget(&id),
            tabs::Output::Broadcast(message) => self.channel.tell(*message),
            tabs::Output::RequestLeadership(claim) => self.lead.ask(claim),
        }
    }

    fn carry_of_session(&'static self, output: Output) {
        match output {
            Output::Upload { id, credentials } => {
                let base = self.transport.base();
                let tell = |input: Input| self.feed(input);
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
                    self.redaction.set_rules(&welcome.sensitive_data_rules);
                }
                (self.told)(&change);
                if let Some(news) = self.store.apply(change) {
                    (self.heard)(news);
                }
            }
            Output::Report(report) => {
                leptos::logging::warn!("parlor: {}", told(&report));
            }
        }
    }

    fn save(&'static self, saved: &Saved) {
        match self.storage.save(saved) {
            Some(kept) => self.keeps(kept),
            None => self.feed_later(tabs::Input::LeadershipLost),
        }
    }

    /// Whether the device keeps things is the next that the machine hears.
    fn keeps(&'static self, kept: bool) {
        if self.keeps.replace(kept) != kept {
            self.feed_later(Input::StorageAvailable(kept));
        }
    }

    fn call(&'static self, call: parlor_session::Call) {
        let Ok(controller) = AbortController::new() else {
            return;
        };
        let (id, signal) = (call.id, controller.signal());
        self.in_flight.borrow_mut().push((id, controller));
        let answer = self.transport.carry(call, signal);
        spawn_local(async move {
            let answer = answer.await;
            // What was aborted meanwhile is not wanted any more.
            if self.landed(id).is_some() {
                self.feed(answer);
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

/// Resolves when the effects of all signals that were set have run: they were queued before.
async fn views_are_updated() {
    let nothing = js_sys::Promise::resolve(&wasm_bindgen::JsValue::UNDEFINED);
    // It resolves, and never rejects.
    let _ = wasm_bindgen_futures::JsFuture::from(nothing).await;
}

fn in_place(place: &'static Place, act: impl FnOnce(&'static Driver)) {
    if let Some(driver) = place.get() {
        act(driver);
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
