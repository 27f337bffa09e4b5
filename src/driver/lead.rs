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

#[cfg(test)]
#[cfg(target_arch = "wasm32")]
mod tests {
    use gloo_timers::future::TimeoutFuture;
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    /// One tab, and what it was told, in order.
    struct Tab {
        lead: &'static Lead,
        told: Rc<RefCell<Vec<bool>>>,
    }

    impl Tab {
        /// Of a visitor who has opened the chat.
        fn open(site: &str, id: &str) -> Self {
            let told = Rc::new(RefCell::new(Vec::new()));
            let log = told.clone();
            let tell = move |leads| log.borrow_mut().push(leads);
            let storage = Storage::new(site, true);
            let lead = Lead::new(TabId(id.into()), storage, Box::new(tell));
            lead.opened.set(true);
            Self { lead, told }
        }

        /// In a browser without locks.
        fn without_locks(site: &str, id: &str) -> Self {
            let tab = Self::open(site, id);
            tab.lead.locks.replace(None);
            tab
        }

        fn leads(&self) -> bool {
            self.told.borrow().last() == Some(&true)
        }

        /// Waits until it leads, or does not, for as long as the longest wait lasts.
        async fn comes_to(&self, leads: bool) {
            let patience = 4 * lease::LEASE_LASTS;
            for _ in 0..patience / 10 {
                if self.leads() == leads {
                    return;
                }
                TimeoutFuture::new(10).await;
            }
            panic!("told {:?}", self.told.borrow());
        }
    }

    async fn a_while() {
        TimeoutFuture::new(200).await;
    }

    #[wasm_bindgen_test]
    async fn of_two_tabs_one_leads_until_it_is_left() {
        let (first, second) = (Tab::open("turn", "a"), Tab::open("turn", "b"));
        first.lead.ask(Claim::Queue);
        first.comes_to(true).await;
        second.lead.ask(Claim::Queue);
        a_while().await;
        assert!(second.told.borrow().is_empty());
        first.lead.leave();
        second.comes_to(true).await;
        second.lead.leave();
    }

    #[wasm_bindgen_test]
    async fn a_tab_that_does_not_answer_is_told_that_it_leads_no_more() {
        let (frozen, other) = (Tab::open("steal", "a"), Tab::open("steal", "b"));
        frozen.lead.ask(Claim::Queue);
        frozen.comes_to(true).await;
        other.lead.ask(Claim::Steal);
        other.comes_to(true).await;
        frozen.comes_to(false).await;
        // In turn, it has it back.
        frozen.lead.ask(Claim::Queue);
        a_while().await;
        assert!(!frozen.leads());
        other.lead.leave();
        frozen.comes_to(true).await;
        frozen.lead.leave();
    }

    #[wasm_bindgen_test]
    async fn a_tab_that_is_left_asks_for_nothing_until_it_is_back() {
        let tab = Tab::open("left", "a");
        tab.lead.leave();
        tab.lead.ask(Claim::Queue);
        tab.lead.ask(Claim::Steal);
        a_while().await;
        assert!(tab.told.borrow().is_empty());
        assert!(tab.lead.come_back());
        assert!(!tab.lead.come_back());
        tab.lead.ask(Claim::Queue);
        tab.comes_to(true).await;
        tab.lead.leave();
    }

    #[wasm_bindgen_test]
    async fn a_tab_that_is_left_while_it_waits_lets_the_next_lead() {
        let (first, left, third) = (
            Tab::open("queue", "a"),
            Tab::open("queue", "b"),
            Tab::open("queue", "c"),
        );
        first.lead.ask(Claim::Queue);
        first.comes_to(true).await;
        left.lead.ask(Claim::Queue);
        third.lead.ask(Claim::Queue);
        left.lead.leave();
        first.lead.leave();
        third.comes_to(true).await;
        assert!(left.told.borrow().is_empty());
        third.lead.leave();
    }

    #[wasm_bindgen_test]
    async fn without_locks_a_lease_decides() {
        let (first, second) = (
            Tab::without_locks("lease-turn", "a"),
            Tab::without_locks("lease-turn", "b"),
        );
        first.lead.ask(Claim::Queue);
        first.comes_to(true).await;
        second.lead.ask(Claim::Queue);
        a_while().await;
        assert!(first.leads() && !second.leads());
        assert!(!first.lead.is_deposed());
        first.lead.leave();
        second.comes_to(true).await;
        assert!(first.lead.is_deposed());
        second.lead.leave();
    }

    #[wasm_bindgen_test]
    async fn nothing_is_stored_before_the_chat_is_opened() {
        let tab = Tab::without_locks("unopened", "a");
        tab.lead.opened.set(false);
        tab.lead.ask(Claim::Queue);
        a_while().await;
        assert!(tab.told.borrow().is_empty());
        assert_eq!(tab.lead.storage.lease(), None);
        tab.lead.opened.set(true);
        tab.lead.look(Claim::Queue);
        tab.comes_to(true).await;
        tab.lead.leave();
    }

    #[wasm_bindgen_test]
    async fn on_a_device_that_keeps_nothing_who_hears_no_leader_leads() {
        let told = Rc::new(RefCell::new(Vec::new()));
        let log = told.clone();
        let tell = move |leads| log.borrow_mut().push(leads);
        let refused = Storage::new("keeps-nothing", false);
        let lead = Lead::new(TabId("a".into()), refused, Box::new(tell));
        lead.opened.set(true);
        lead.locks.replace(None);
        lead.ask(Claim::Queue);
        assert!(told.borrow().is_empty());
        lead.ask(Claim::Steal);
        assert_eq!(*told.borrow(), [true]);
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
        tab.lead.locks.replace(Some(locks_that_refuse()));
        tab.lead.ask(Claim::Queue);
        tab.comes_to(true).await;
        let lease = tab.lead.storage.lease();
        assert_eq!(lease.map(|lease| lease.holder), Some(TabId("a".into())));
        tab.lead.leave();
        assert_eq!(tab.lead.storage.lease().map(|lease| lease.until), Some(0));
    }
}
