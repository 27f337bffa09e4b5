//! Decides whether this tab leads: by a Web Lock, or by a lease in storage if the browser has no
//! locks (pages without TLS) or refuses them.
//!
//! Must stay true: a document that is left releases the lead, and requests it only after it has
//! come back.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use gloo_events::EventListener;
use js_sys::{Function, Object, Promise, Reflect};
use parlor_session::tabs::{
    Claim, TabId,
    lease::{self, Decision},
};
use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Event, StorageEvent};

use super::{clock::now, storage::Storage, timer::Timer, visibility};

#[wasm_bindgen]
extern "C" {
    /// `LockManager`, which `web-sys` marks as unstable.
    type Locks;
    #[wasm_bindgen(method, catch)]
    fn request(
        this: &Locks,
        name: &str,
        options: &Object,
        granted: &Function,
    ) -> Result<Promise, JsValue>;
}

/// Called with whether this tab leads.
type OnChange = Box<dyn Fn(bool)>;

pub(super) struct Leadership {
    tab_id: TabId,
    storage: Storage,
    on_change: OnChange,
    /// None if a lease decides.
    locks: RefCell<Option<Locks>>,
    /// Resolves the promise that holds the lock, which releases it.
    release: RefCell<Option<Function>>,
    /// Whether a request for the lock is queued.
    is_queued: Cell<bool>,
    /// Whether the document was left. The back/forward cache may restore it.
    left: Cell<bool>,
    /// Whether the visitor has opened the chat, now or earlier. Nothing is stored before that.
    pub(super) opened: Cell<bool>,
    timer: Timer,
    _listener: EventListener,
}

impl Leadership {
    pub(super) fn new(tab_id: TabId, storage: Storage, on_change: OnChange) -> &'static Self {
        let navigator = leptos::prelude::window().navigator();
        let locks = Reflect::get(&navigator, &"locks".into()).unwrap_or_default();
        let cell: &'static Cell<Option<&'static Self>> = Box::leak(Box::default());
        let key = storage.lease_key();
        // Another tab has released or claimed the lease.
        let on_storage = move |event: &Event| {
            let event: &StorageEvent = event.unchecked_ref();
            if let (true, Some(lead)) = (event.key().as_ref() == Some(&key), cell.get()) {
                lead.check_lease(Claim::Queue);
            }
        };
        let lead: &'static Self = Box::leak(Box::new(Self {
            tab_id,
            on_change,
            locks: RefCell::new((!locks.is_undefined()).then(|| locks.unchecked_into())),
            release: RefCell::default(),
            is_queued: Cell::new(false),
            left: Cell::new(false),
            opened: Cell::new(storage.has_saved()),
            storage,
            timer: Timer::new(move || {
                if let Some(lead) = cell.get() {
                    lead.check_lease(Claim::Queue);
                }
            }),
            _listener: EventListener::new(&leptos::prelude::window(), "storage", on_storage),
        }));
        cell.set(Some(lead));
        lead
    }

    pub(super) fn request(&'static self, claim: Claim) {
        if self.left.get() {
            return;
        }
        if self.locks.borrow().is_some() {
            self.request_lock(claim);
        } else {
            self.check_lease(claim);
        }
    }

    /// Whether another tab has claimed the lease, for example while this one was frozen.
    pub(super) fn is_deposed(&self) -> bool {
        self.locks.borrow().is_none()
            && (self.storage.lease()).is_some_and(|lease| lease.holder != self.tab_id)
    }

    /// The document is left: releases the lead.
    pub(super) fn leave(&self) {
        self.left.set(true);
        self.release_lock();
        if self
            .storage
            .lease()
            .is_some_and(|it| it.holder == self.tab_id)
        {
            self.storage.write_lease(&lease::released(&self.tab_id));
        }
    }

    /// The document is visible. Returns whether it had been left before.
    pub(super) fn resume(&self) -> bool {
        self.left.replace(false)
    }

    fn request_lock(&'static self, claim: Claim) {
        // A tab that requests the lead does not lead.
        self.release_lock();
        let steal = claim == Claim::Steal;
        if !steal && self.is_queued.replace(true) {
            return;
        }
        let options = Object::new();
        // A new object accepts every property.
        let _ = Reflect::set(&options, &"steal".into(), &steal.into());
        let is_held = Rc::new(Cell::new(false));
        let held = is_held.clone();
        let on_granted = Closure::once_into_js(move || self.granted(steal, &held));
        let Some(Ok(released)) = (self.locks.borrow().as_ref())
            .map(|locks| locks.request(&self.storage.key, &options, on_granted.unchecked_ref()))
        else {
            return self.fall_back_to_lease(claim);
        };
        spawn_local(async move {
            let released = JsFuture::from(released).await;
            if released.is_err() && is_held.get() {
                // Another tab has stolen the lock.
                (self.on_change)(false);
            } else if released.is_err() {
                self.fall_back_to_lease(claim);
            }
        });
    }

    /// Returns a promise; the lock is held until it resolves.
    fn granted(&self, steal: bool, held: &Cell<bool>) -> JsValue {
        if !steal {
            self.is_queued.set(false);
        }
        if self.left.get() {
            return JsValue::UNDEFINED;
        }
        held.set(true);
        let until = Promise::new(&mut |release, _| {
            self.release.replace(Some(release));
        });
        (self.on_change)(true);
        until.into()
    }

    fn release_lock(&self) {
        if let Some(release) = self.release.take() {
            // The `resolve` function of a promise does not throw.
            let _ = release.call0(&JsValue::UNDEFINED);
        }
    }

    fn fall_back_to_lease(&self, claim: Claim) {
        self.locks.replace(None);
        self.check_lease(claim);
    }

    /// Reads the lease, and does what [`lease::decide`] returns. If the storage accepts no lease, a
    /// tab that receives no message of a leader leads.
    pub(super) fn check_lease(&self, claim: Claim) {
        if self.locks.borrow().is_some() || self.left.get() {
            return;
        }
        let stored = self.storage.lease();
        if stored.is_none() && !self.opened.get() {
            return;
        }
        let now = now();
        let decision = lease::decide(now, stored.as_ref(), &self.tab_id, visibility::is_visible());
        let (wait, leads) = match decision {
            Decision::Hold(lease) => {
                self.storage.write_lease(&lease);
                (lease::RENEW_EVERY, true)
            }
            Decision::Claim(lease) if self.storage.write_lease(&lease) => {
                (lease::CLAIM_SETTLES, false)
            }
            Decision::Claim(_) if claim == Claim::Steal => return (self.on_change)(true),
            Decision::Claim(_) => return,
            Decision::Wait(until) => {
                let wait = until.saturating_sub(now).min(lease::LEASE_LASTS);
                (wait, false)
            }
        };
        self.timer.set(now + wait);
        (self.on_change)(leads);
    }
}

#[cfg(test)]
#[cfg(target_arch = "wasm32")]
mod tests {
    use gloo_timers::future::TimeoutFuture;
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    /// A tab, and the changes of its leadership in order.
    struct Tab {
        leadership: &'static Leadership,
        changes: Rc<RefCell<Vec<bool>>>,
    }

    impl Tab {
        /// A tab in which the visitor has opened the chat.
        fn open(site: &str, id: &str) -> Self {
            let changes = Rc::new(RefCell::new(Vec::new()));
            let log = changes.clone();
            let on_change = move |leads| log.borrow_mut().push(leads);
            let storage = Storage::new(site, None, true);
            let leadership = Leadership::new(TabId(id.into()), storage, Box::new(on_change));
            leadership.opened.set(true);
            Self {
                leadership,
                changes,
            }
        }

        /// The same in a browser without locks.
        fn without_locks(site: &str, id: &str) -> Self {
            let tab = Self::open(site, id);
            tab.leadership.locks.replace(None);
            tab
        }

        fn leads(&self) -> bool {
            self.changes.borrow().last() == Some(&true)
        }

        /// Waits until it leads, or until it does not.
        async fn until_leads(&self, leads: bool) {
            let timeout = 4 * lease::LEASE_LASTS;
            for _ in 0..timeout / 10 {
                if self.leads() == leads {
                    return;
                }
                TimeoutFuture::new(10).await;
            }
            panic!("leadership changed so: {:?}", self.changes.borrow());
        }
    }

    async fn a_while() {
        TimeoutFuture::new(200).await;
    }

    #[wasm_bindgen_test]
    async fn the_second_tab_leads_once_the_first_is_left() {
        let (first, second) = (Tab::open("turn", "a"), Tab::open("turn", "b"));
        first.leadership.request(Claim::Queue);
        first.until_leads(true).await;
        second.leadership.request(Claim::Queue);
        a_while().await;
        assert!(second.changes.borrow().is_empty());
        first.leadership.leave();
        second.until_leads(true).await;
        second.leadership.leave();
    }

    #[wasm_bindgen_test]
    async fn a_tab_whose_lock_is_stolen_leads_no_more() {
        let (frozen, other) = (Tab::open("steal", "a"), Tab::open("steal", "b"));
        frozen.leadership.request(Claim::Queue);
        frozen.until_leads(true).await;
        other.leadership.request(Claim::Steal);
        other.until_leads(true).await;
        frozen.until_leads(false).await;
        // It gets the lock back when the other tab releases it.
        frozen.leadership.request(Claim::Queue);
        a_while().await;
        assert!(!frozen.leads());
        other.leadership.leave();
        frozen.until_leads(true).await;
        frozen.leadership.leave();
    }

    #[wasm_bindgen_test]
    async fn a_document_that_was_left_requests_nothing_until_it_is_back() {
        let tab = Tab::open("left", "a");
        tab.leadership.leave();
        tab.leadership.request(Claim::Queue);
        tab.leadership.request(Claim::Steal);
        a_while().await;
        assert!(tab.changes.borrow().is_empty());
        assert!(tab.leadership.resume());
        assert!(!tab.leadership.resume());
        tab.leadership.request(Claim::Queue);
        tab.until_leads(true).await;
        tab.leadership.leave();
    }

    #[wasm_bindgen_test]
    async fn a_queued_tab_that_is_left_is_skipped() {
        let (first, left, third) = (
            Tab::open("queue", "a"),
            Tab::open("queue", "b"),
            Tab::open("queue", "c"),
        );
        first.leadership.request(Claim::Queue);
        first.until_leads(true).await;
        left.leadership.request(Claim::Queue);
        third.leadership.request(Claim::Queue);
        left.leadership.leave();
        first.leadership.leave();
        third.until_leads(true).await;
        assert!(left.changes.borrow().is_empty());
        third.leadership.leave();
    }

    #[wasm_bindgen_test]
    async fn without_locks_a_lease_decides() {
        let (first, second) = (
            Tab::without_locks("lease-turn", "a"),
            Tab::without_locks("lease-turn", "b"),
        );
        first.leadership.request(Claim::Queue);
        first.until_leads(true).await;
        second.leadership.request(Claim::Queue);
        a_while().await;
        assert!(first.leads() && !second.leads());
        assert!(!first.leadership.is_deposed());
        first.leadership.leave();
        second.until_leads(true).await;
        assert!(first.leadership.is_deposed());
        second.leadership.leave();
    }

    #[wasm_bindgen_test]
    async fn nothing_is_stored_before_the_chat_is_opened() {
        let tab = Tab::without_locks("unopened", "a");
        tab.leadership.opened.set(false);
        tab.leadership.request(Claim::Queue);
        a_while().await;
        assert!(tab.changes.borrow().is_empty());
        assert_eq!(tab.leadership.storage.lease(), None);
        tab.leadership.opened.set(true);
        tab.leadership.check_lease(Claim::Queue);
        tab.until_leads(true).await;
        tab.leadership.leave();
    }

    #[wasm_bindgen_test]
    async fn without_storage_a_tab_that_steals_leads_at_once() {
        let changes = Rc::new(RefCell::new(Vec::new()));
        let log = changes.clone();
        let on_change = move |leads| log.borrow_mut().push(leads);
        let refused = Storage::new("keeps-nothing", None, false);
        let lead = Leadership::new(TabId("a".into()), refused, Box::new(on_change));
        lead.opened.set(true);
        lead.locks.replace(None);
        lead.request(Claim::Queue);
        assert!(changes.borrow().is_empty());
        lead.request(Claim::Steal);
        assert_eq!(*changes.borrow(), [true]);
    }

    #[wasm_bindgen(inline_js = "
        export function locks_that_refuse() {
            return { request: () => Promise.reject(new DOMException('no', 'SecurityError')) };
        }
    ")]
    extern "C" {
        fn locks_that_refuse() -> Locks;
    }

    #[wasm_bindgen_test]
    async fn where_locks_are_refused_a_lease_decides() {
        let tab = Tab::open("refused", "a");
        tab.leadership.locks.replace(Some(locks_that_refuse()));
        tab.leadership.request(Claim::Queue);
        tab.until_leads(true).await;
        let lease = tab.leadership.storage.lease();
        assert_eq!(lease.map(|lease| lease.holder), Some(TabId("a".into())));
        tab.leadership.leave();
        assert_eq!(
            tab.leadership.storage.lease().map(|lease| lease.until),
            Some(0)
        );
    }
}
