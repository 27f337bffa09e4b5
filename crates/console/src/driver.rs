//! The only module with async tasks: it carries out the workspace's outputs in the browser and
//! returns what came of them as inputs. It decides nothing, and knows nothing about chats.

mod calls;
mod download;
mod files;
mod focus;
mod notifications;
mod preferences;
mod saved;
mod socket;
mod sound;
mod today;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use gloo_timers::callback::{Interval, Timeout};
use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::VisibilityState;

use crate::store::Store;
use crate::workspace::{Announcement, Input, Intent, Link, Millis, Output, Secret, Workspace};
use files::Files;
pub(crate) use focus::{
    CONVERSATION, REPLY, RESULTS, SEARCH, focus_soon, result as result_id, row as row_id,
};
use notifications::Notifications;
use socket::Socket;
use sound::Sound;
pub(crate) use today::{time_zone, today};

/// How long an announcement stays in the page: screen readers have read it by then and do not find
/// an outdated one later.
const ANNOUNCEMENT_LASTS_MS: u32 = 1_000;

/// Access to the workspace from every view. A cheap copy.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Driver(StoredValue<Rc<Inner>, LocalStorage>);

struct Inner {
    workspace: RefCell<Workspace>,
    store: Store,
    /// Inputs that arrived while another one was being handled.
    inputs: RefCell<VecDeque<Input>>,
    handling: Cell<bool>,
    socket: RefCell<Option<Socket>>,
    alarm: RefCell<Option<Timeout>>,
    announcement_timer: RefCell<Option<Timeout>>,
    files: Files,
    sound: Sound,
    notifications: Notifications,
    /// How far the server's clock is ahead of the browser's, in milliseconds.
    clock_offset: Cell<i64>,
}

impl Driver {
    pub(crate) fn start(store: Store) -> Self {
        let seed = (js_sys::Math::random() * 9_007_199_254_740_992.0) as u64;
        let origin = location().origin().unwrap_or_default();
        store.muted.set(preferences::muted());
        store.single_keys.set(preferences::single_keys());
        let notified = preferences::notified() && notifications::are_allowed();
        store.notifications.set(notified);
        let inner = Rc::new(Inner {
            workspace: RefCell::new(Workspace::new(seed, origin)),
            store,
            inputs: RefCell::new(VecDeque::new()),
            handling: Cell::new(false),
            socket: RefCell::new(None),
            alarm: RefCell::new(None),
            announcement_timer: RefCell::new(None),
            files: Files::default(),
            sound: Sound::default(),
            notifications: Notifications::default(),
            clock_offset: Cell::new(0),
        });
        inner.listen();
        inner.tick();
        inner.dispatch(Input::FocusChanged(has_focus()));
        inner.dispatch(Input::Start {
            link: link(),
            saved: saved::read(),
        });
        Self(StoredValue::new_local(inner))
    }

    /// Sends an intent to the workspace.
    pub(crate) fn dispatch(self, intent: Intent) {
        self.0
            .with_value(|inner| inner.dispatch(Input::Intent(intent)));
    }

    /// Keeps these files and sends `Intent::Attach`.
    pub(crate) fn attach(self, files: &web_sys::FileList) {
        self.0.with_value(|inner| {
            let chosen = inner.files.hold(files);
            inner.dispatch(Input::Intent(Intent::Attach(chosen)));
        });
    }

    /// Turns sounds off or on, and remembers that in this browser.
    pub(crate) fn mute(self, muted: bool) {
        self.0.with_value(|inner| inner.store.muted.set(muted));
        preferences::remember_muted(muted);
    }

    /// Turns desktop notifications on or off, and remembers that in this browser. Call it while a
    /// click is handled: the browser asks for its permission.
    pub(crate) fn notify(self, on: bool) {
        self.0.with_value(|inner| {
            if !on {
                inner.store.notifications.set(false);
                inner.notifications.close_all();
                return preferences::remember_notified(false);
            }
            let asked = notifications::ask();
            let inner = Rc::clone(inner);
            spawn_local(async move {
                match notifications::answer(asked).await {
                    Ok(()) => {
                        inner.store.notifications.set(true);
                        preferences::remember_notified(true);
                    }
                    Err(why) => inner.dispatch(Input::NotificationsRefused(why)),
                }
            });
        });
    }

    /// Turns single-key shortcuts on or off, and remembers that in this browser.
    pub(crate) fn use_single_keys(self, on: bool) {
        self.0.with_value(|inner| inner.store.single_keys.set(on));
        preferences::remember_single_keys(on);
    }
}

impl Inner {
    fn dispatch(self: &Rc<Self>, input: Input) {
        self.inputs.borrow_mut().push_back(input);
        if self.handling.replace(true) {
            return;
        }
        loop {
            let next = self.inputs.borrow_mut().pop_front();
            let Some(input) = next else {
                break;
            };
            let outputs = self.workspace.borrow_mut().handle(now(), input);
            for output in outputs {
                self.perform(output);
            }
        }
        self.handling.set(false);
    }

    fn perform(self: &Rc<Self>, output: Output) {
        match output {
            Output::ViewChanged(part) => self.store.refresh(part, &self.workspace.borrow()),
            Output::Call(id, call) => {
                let inner = Rc::clone(self);
                spawn_local(async move {
                    let reply = calls::send(call).await;
                    if let Some(offset) = reply.clock_offset {
                        inner.clock_offset.set(offset);
                        inner.dispatch(Input::ClockMeasured(offset));
                        inner.tick();
                    }
                    inner.dispatch(Input::CallReply(id, reply.result));
                });
            }
            Output::Upload(file) => self.files.send(file, self.input_sender()),
            Output::AbortUpload(file) => self.files.abort(file),
            Output::ForgetFile(file) => self.files.forget(file),
            Output::OpenSocket(number) => {
                self.socket
                    .replace(Socket::open(number, self.input_sender()));
                if self.socket.borrow().is_none() {
                    self.dispatch(Input::SocketClosed(number));
                }
            }
            Output::Transmit(request) => {
                if let Some(socket) = &*self.socket.borrow() {
                    socket.transmit(&request);
                }
            }
            Output::CloseSocket => {
                self.socket.take();
            }
            Output::WakeAt(at) => {
                let inner = Rc::clone(self);
                self.alarm.replace(at.map(|at| {
                    let pause = at.saturating_sub(now()).min(u64::from(u32::MAX >> 1));
                    Timeout::new(pause as u32, move || inner.dispatch(Input::Wake))
                }));
            }
            Output::Save(saved) => saved::write(&saved),
            Output::ForgetSaved => saved::forget(),
            Output::TellSignedOut => saved::tell_signed_out(),
            Output::Chime(chime) => {
                if !self.store.muted.get_untracked() {
                    self.sound.play(chime);
                }
            }
            Output::Notify(about) => {
                if self.store.notifications.get_untracked() {
                    self.notifications.show(&about, self.input_sender());
                }
            }
            Output::CloseNotification(chat) => self.notifications.close(&chat),
            Output::Announce(announcement) => self.announce(announcement),
            Output::FocusReply => focus_soon(REPLY),
            Output::FocusConversation => focus_soon(CONVERSATION),
            Output::FocusRow(chat) => focus_soon(&row_id(chat.as_str())),
            Output::FocusSearch => focus_soon(SEARCH),
            Output::FocusResult(thread) => focus_soon(&result_id(thread.as_str())),
            Output::ScrollResults => focus::scroll_to_top(RESULTS),
            Output::Download {
                name,
                kind,
                content,
            } => download::save(&name, kind, &content),
            Output::Print => download::print(),
        }
    }

    /// A function by which sockets and uploads send their inputs later.
    fn input_sender(self: &Rc<Self>) -> Rc<dyn Fn(Input)> {
        let inner = Rc::downgrade(self);
        Rc::new(move |input| {
            if let Some(inner) = inner.upgrade() {
                inner.dispatch(input);
            }
        })
    }

    fn announce(self: &Rc<Self>, announcement: Announcement) {
        let spoken = self.store.announcement;
        spoken.set(Some(announcement));
        let hush = Timeout::new(ANNOUNCEMENT_LASTS_MS, move || spoken.set(None));
        self.announcement_timer.replace(Some(hush));
    }

    /// Listens to the browser's events for the lifetime of the page.
    fn listen(self: &Rc<Self>) {
        let on = |inner: &Rc<Self>, input: fn() -> Input| {
            let inner = Rc::clone(inner);
            move || inner.dispatch(input())
        };
        let watched = || Input::FocusChanged(has_focus());
        let heard = on(self, || Input::Online);
        window_event_listener(ev::online, move |_| heard());
        let focused = on(self, watched);
        window_event_listener(ev::focus, move |_| focused());
        let blurred = on(self, watched);
        window_event_listener(ev::blur, move |_| blurred());
        let shown = on(self, watched);
        window_event_listener(ev::pageshow, move |_| shown());
        let turned = on(self, watched);
        window_event_listener(
            ev::Custom::new("visibilitychange"),
            move |_: web_sys::Event| {
                turned();
            },
        );
        let inner = Rc::clone(self);
        window_event_listener(ev::storage, move |event| {
            if saved::says_signed_out(&event) {
                inner.dispatch(Input::SignedOutElsewhere);
            }
        });
        // Browsers allow sounds only after the first user gesture.
        let inner = Rc::clone(self);
        window_event_listener(ev::pointerdown, move |_| inner.sound.allow());
        let inner = Rc::clone(self);
        window_event_listener(ev::keydown, move |_| inner.sound.allow());
        let inner = Rc::clone(self);
        Interval::new(1_000, move || inner.tick()).forget();
    }

    fn tick(&self) {
        self.store
            .now
            .set(now().saturating_add_signed(self.clock_offset.get()));
    }
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inner").finish_non_exhaustive()
    }
}

fn now() -> Millis {
    js_sys::Date::now() as Millis
}

fn has_focus() -> bool {
    let document = document();
    document.visibility_state() == VisibilityState::Visible && document.has_focus().unwrap_or(true)
}

/// The link by which the page was opened. Its token is removed from the address bar first, because
/// addresses are stored in the browser's history and are visible to others.
fn link() -> Option<Link> {
    let fragment = location().hash().ok()?;
    let (purpose, token) = fragment.split_once('=')?;
    let of: fn(Secret) -> Link = match purpose {
        "#signin" => Link::SignIn,
        "#reset" => Link::NewPassword,
        _ => return None,
    };
    let path = location().pathname().unwrap_or_default();
    let history = window().history().ok()?;
    let nothing = wasm_bindgen::JsValue::NULL;
    history
        .replace_state_with_url(&nothing, "", Some(&path))
        .ok()?;
    (!token.is_empty()).then(|| of(Secret(token.to_owned())))
}
