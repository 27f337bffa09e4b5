//! Which of the visitor's tabs leads: by a lock of the browser's, or, where it
//! has none (pages without TLS) or refuses it, by a lease in storage.
//!
//! Must stay true: a tab that is left gives the lead back, and asks for none.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use gloo_events::EventListener;
use js_sys::{Function, Object, Promise, Reflect};
use leptos::task::spawn_local;
use parlor_session::tabs::{
    Claim, TabId,
    lease::{self, Decision},
};
use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Event, StorageEvent};

use super::{clock::now, storage::Storage, timer::Timer, visibility};

#[wasm_bindgen]
extern "C" {
    /// `LockManager`, which `web-sys` does not have yet.
    type Locks;
    #[wasm_bindgen(method, catch)]
    fn request(
        this: &Locks,
        name: &str,
        options: &Object,
        granted: &Function,
    ) -> Result<Promise, JsValue>;
}

/// Told whether this tab leads.
type Tell = Box<dyn Fn(bool)>;

pub(super) struct Lead {
    me: TabId,
    storage: Storage,
    tell: Tell,
    /// None: by a lease.
    locks: RefCell<Option<Locks>>,
    /// Resolves what a lock is held by.
    release: RefCell<Option<Function>>,
    /// A lock was asked for in turn, and is not granted yet.
    waits: Cell<bool>,
    /// Nobody looks at the document again, unless it is brought back.
    left: Cell<bool>,
    /// The visitor has opened the chat, here or earlier: things may be stored.
    pub(super) opened: Cell<bool>,
    timer: Timer,
    _listener: EventListener,
}

impl Lead {
    pub(super) fn new(me: TabId, storage: Storage, tell: Tell) -> &'static Self {
        let navigator = leptos::prelude::window().navigator();
        let locks = Reflect::get(&navigator, &"locks".into()).unwrap_or_default();
        let place: &'static Cell<Option<&'static Self>> = Box::leak(Box::default());
        let key = storage.key_of_lease();
        // A lease was given back, or taken.
        let hear = move |event: &Event| {
            let event: &StorageEvent = event.unchecked_ref();
            if let (true, Some(lead)) = (event.key().as_ref() == Some(&key), place.get()) {
                lead.look(Claim::Queue);
            }
        };
        let lead: &'static Self = Box::leak(Box::new(Self {
            me,
            tell,
            locks: RefCell::new((!locks.is_undefined()).then(|| locks.unchecked_into())),
            release: RefCell::default(),
            waits: Cell::new(false),
            left: Cell::new(false),
            opened: Cell::new(storage.has_any()),
            storage,
            timer: Timer::new(move || {
                if let Some(lead) = place.get() {
                    lead.look(Claim::Queue);
                }
            }),
            _listener: EventListener::new(&leptos::prelude::window(), "storage", hear),
        }));
        place.set(Some(lead));
        lead
    }

    pub(super) fn ask(&'static self, claim: Claim) {
        if self.left.get() {
            return;
        }
        if self.locks.borrow().is_some() {
            self.ask_for_lock(claim);
        } else {
            self.look(claim);
        }
    }

    /// Whether the lease went to another tab unnoticed.
    pub(super) fn is_deposed(&self) -> bool {
        self.locks.borrow().is_none()
            && (self.storage.lease()).is_some_and(|lease| lease.holder != self.me)
    }

    /// The document goes, and may come back.
    pub(super) fn leave(&self) {
        self.left.set(true);
        self.give_up_lock();
        if self.storage.lease().is_some_and(|it| it.holder == self.me) {
            self.storage.keep_lease(&lease::released(&self.me));
        }
    }

    /// True when it had gone.
    pub(super) fn come_back(&self) -> bool {
        self.left.replace(false)
    }

    fn ask_for_lock(&'static self, claim: Claim) {
        // Whoever asks does not lead.
        self.give_up_lock();
        let at_once = claim == Claim::Steal;
        if !at_once && self.waits.replace(true) {
            return;
        }
        let options = Object::new();
        // A plain object takes any member.
        let _ = Reflect::set(&options, &"steal".into(), &at_once.into());
        let is_held = Rc::new(Cell::new(false));
        let held = is_held.clone();
        let hold = Closure::once_into_js(move || self.granted(at_once, &held));
        let Some(Ok(over)) = (self.locks.borrow().as_ref())
            .map(|locks| locks.request(&self.storage.key, &options, hold.unchecked_ref()))
        else {
            return self.do_without_locks(claim);
        };
        spawn_local(async move {
            let over = JsFuture::from(over).await;
            if over.is_err() && is_held.get() {
                // Another tab took it.
                (self.tell)(false);
            } else if over.is_err() {
                self.do_without_locks(claim);
            }
        });
    }

    /// What this gives is waited for before the lock goes to the next.
    fn granted(&self, at_once: bool, held: &Cell<bool>) -> JsValue {
        if !at_once {
            self.waits.set(false);
        }
        if self.left.get() {
            return JsValue::UNDEFINED;
        }
        held.set(true);
        let until = Promise::new(&mut |release, _| {
            self.release.replace(Some(release));
        });
        (self.tell)(true);
        until.into()
    }

    fn give_up_lock(&self) {
        if let Some(release) = self.release.take() {
            // A promise's own function does not throw.
            let _ = release.call0(&JsValue::UNDEFINED);
        }
    }

    fn do_without_locks(&self, claim: Claim) {
        self.locks.replace(None);
        self.look(claim);
    }

    /// Looks at the lease, and does what it says. In storage that keeps none,
    /// whoever hears no leader leads.
    pub(super) fn look(&self, claim: Claim) {
        if self.locks.borrow().is_some() || self.left.get() {
            return;
        }
        let kept = self.storage.lease();
        if kept.is_none() && !self.opened.get() {
            return;
        }
        let now = now();
        let looked = lease::decide(now, kept.as_ref(), &self.me, visibility::is_looked_at());
        let (wait, leads) = match looked {
            Decision::Hold(lease) => {
                self.storage.keep_lease(&lease);
                (lease::RENEW_EVERY, true)
            }
            Decision::Claim(lease) if self.storage.keep_lease(&lease) => {
                (lease::CLAIM_SETTLES, false)
            }
            Decision::Claim(_) if claim == Claim::Steal => return (self.tell)(true),
            Decision::Claim(_) => return,
            Decision::Wait(until) => {
                let wait = until.saturating_sub(now).min(lease::LEASE_LASTS);
                (wait, false)
            }
        };
        self.timer.set(now + wait);
        (self.tell)(leads);
    }
}
