//! One tab: the session if it leads, a mirror of the session if it follows. Routes
//! inputs and messages; what follows from them stands in `election`, `leader`,
//! `follower` and `forwarding`.

use super::{
    Claim, Input, Message, Output, TabId, TabPayload, election::Election, follower::Sequence,
    forwarding::Forwarding,
};
use crate::{
    Millis,
    change::Change,
    clock::Clock,
    intent::Intent,
    mirror::Mirror,
    saved::Saved,
    session::{self, Boot, Session},
    visit::Page,
};

/// The machine of one tab. With a single tab it behaves as the [`Session`] does,
/// once it leads.
#[derive(Debug, Default)]
pub struct Tab {
    /// None before the document has booted.
    pub(super) boot: Option<Box<Boot>>,
    /// None before the document has booted.
    pub(super) id: Option<TabId>,
    clock: Clock,
    /// What this tab displays.
    pub(super) mirror: Mirror,
    /// When the text in the composer was typed, by the device's clock. Zero before
    /// anything was.
    pub(super) draft_at: Millis,
    /// The page around this tab's window.
    pub(super) page: Option<Page>,
    /// The device persists what it is given.
    pub(super) storage_available: bool,
    pub(super) visibility: Visibility,
    /// A message of another tab was received. Until then, a leader broadcasts its
    /// first snapshot and no changes.
    has_peers: bool,
    pub(super) election: Election,
    /// Some if this tab leads.
    pub(super) session: Option<Box<Session>>,
    /// The session's last state that the device has not persisted: this tab's own,
    /// after it gave up the lead, or the leader's.
    pub(super) unpersisted: Option<Saved>,
    pub(super) sequence: Sequence,
    pub(super) forwarding: Forwarding,
    pub(super) wake: Wake,
    pub(super) out: Vec<Output>,
}

/// Which tabs are visible.
#[derive(Debug, Default)]
pub(super) struct Visibility {
    pub(super) own: bool,
    pub(super) peers: Vec<TabId>,
}

/// Times by the device's clock.
#[derive(Debug, Default)]
pub(super) struct Wake {
    /// When the session wants to be woken.
    pub(super) session: Option<Millis>,
    /// The time of the last [`session::Output::WakeAt`].
    scheduled: Option<Millis>,
}

impl Tab {
    pub fn new() -> Self {
        Self {
            storage_available: true,
            ..Self::default()
        }
    }

    /// Takes one input and returns what follows from it, in order.
    pub fn handle(&mut self, device_now: Millis, input: Input) -> Vec<Output> {
        let now = self.clock.monotonic(device_now);
        match input {
            Input::Session(input) => self.on_session_input(device_now, input),
            Input::Message(message) => self.on_message(now, device_now, *message),
            Input::LeadershipGained(persisted) => self.take_lead(device_now, *persisted),
            Input::LeadershipLost => self.give_up_lead(device_now),
        }
        self.watch_leader(now);
        self.schedule_wake();
        std::mem::take(&mut self.out)
    }

    /// Whether this tab leads.
    pub fn leads(&self) -> bool {
        self.session.is_some()
    }

    /// Whether this tab holds the state of the newest term that the device refused
    /// to persist.
    pub fn has_unpersisted(&self) -> bool {
        let term = self.unpersisted.as_ref().map(|saved| saved.term);
        term == Some(self.election.term)
    }

    /// What this tab displays.
    pub fn mirror(&self) -> &Mirror {
        &self.mirror
    }

    fn on_session_input(&mut self, device_now: Millis, input: session::Input) {
        match input {
            session::Input::Boot(boot) => self.boot(boot),
            session::Input::Intent(intent) => self.on_intent(device_now, intent),
            session::Input::Visibility(visible) => {
                let was_visible = std::mem::replace(&mut self.visibility.own, visible);
                self.broadcast(TabPayload::Visibility(visible));
                if visible && (!was_visible || self.page.as_ref() != self.visitors_page()) {
                    self.announce_page(device_now);
                }
                self.update_visibility(device_now);
            }
            session::Input::StorageAvailable(available) => {
                self.storage_available = available;
                self.pass_to_session(device_now, session::Input::StorageAvailable(available));
                if available && self.leads() {
                    self.broadcast(TabPayload::Unpersisted(None));
                }
            }
            session::Input::Wake => {
                self.wake.scheduled = None;
                self.wake.session = self.wake.session.filter(|at| *at > device_now);
                self.pass_to_session(device_now, session::Input::Wake);
            }
            other => self.pass_to_session(device_now, other),
        }
    }

    fn boot(&mut self, boot: Box<Boot>) {
        self.id = Some(TabId(boot.nonce.clone()));
        self.page.clone_from(&boot.browser.page);
        self.boot = Some(boot);
        self.out.push(Output::RequestLeadership(Claim::Queue));
        self.broadcast(TabPayload::Hello);
    }

    fn on_message(&mut self, now: Millis, device_now: Millis, message: Message) {
        let Message {
            from,
            term,
            payload,
        } = message;
        if self.id.as_ref() == Some(&from) {
            return;
        }
        let by_leader = payload.is_by_leader();
        let is_first = !std::mem::replace(&mut self.has_peers, true);
        if is_first && self.leads() {
            // Whatever was broadcast before, that tab has not received.
            self.broadcast_snapshot();
        }
        if self.leads() {
            self.settle_rivalry(device_now, &from, term, by_leader);
        }
        let is_stale = term < self.election.term;
        self.election.term = self.election.term.max(term);
        let is_of_my_leader = by_leader && !self.leads() && !is_stale;
        if is_of_my_leader {
            self.election.leader_heard(now);
        }
        match payload {
            TabPayload::Draft { at, text } => self.on_draft(device_now, at, text),
            TabPayload::WindowShown(shown) => {
                self.apply(Change::WindowShown(shown));
                let intent = Intent::WindowShown(shown);
                self.pass_to_session(device_now, session::Input::Intent(intent));
            }
            TabPayload::Page(page) => self.visitor_is_on(device_now, page),
            TabPayload::Visibility(visible) => {
                self.visibility.peers.retain(|tab| *tab != from);
                if visible {
                    self.visibility.peers.push(from);
                }
                self.update_visibility(device_now);
            }
            TabPayload::Unpersisted(Some(saved)) if self.should_adopt(&saved) => {
                self.adopt(device_now, *saved);
            }
            payload if is_of_my_leader => {
                self.on_leader_message(device_now, (term, from), payload);
            }
            payload if self.leads() => self.on_request(device_now, payload),
            _ => {}
        }
    }

    /// The page that the visitor is on, as far as this tab knows.
    fn visitors_page(&self) -> Option<&Page> {
        self.boot.as_ref()?.browser.page.as_ref()
    }

    /// The visitor looks at this tab, so they are on its page.
    pub(super) fn announce_page(&mut self, device_now: Millis) {
        if let Some(page) = self.page.clone() {
            self.broadcast(TabPayload::Page(page.clone()));
            self.visitor_is_on(device_now, page);
        }
    }

    /// The page of the tab that the visitor looks at, also for a session that begins later.
    fn visitor_is_on(&mut self, device_now: Millis, page: Page) {
        if let Some(boot) = &mut self.boot {
            boot.browser.page = Some(page.clone());
        }
        self.pass_to_session(device_now, session::Input::Intent(Intent::Page(page)));
    }

    /// The visitor has typed in another tab.
    fn on_draft(&mut self, device_now: Millis, at: Millis, text: String) {
        // A tab that was frozen receives it late. If the clock was put back since,
        // the times cannot be compared.
        let is_older = at < self.draft_at && self.draft_at <= device_now;
        if is_older {
            return;
        }
        self.draft_at = at;
        if self.apply(Change::Draft(text.clone())) {
            self.pass_to_session(device_now, session::Input::Intent(Intent::Draft(text)));
        }
    }

    fn schedule_wake(&mut self) {
        let check = self.leader_check_due().map(|at| self.clock.on_device(at));
        let at = [self.wake.session, check].into_iter().flatten().min();
        if let Some(at) = at
            && self.wake.scheduled != Some(at)
        {
            self.wake.scheduled = Some(at);
            self.out.push(session::Output::WakeAt(at).into());
        }
    }

    /// Displays a change in this tab. Returns whether anything is different then.
    pub(super) fn apply(&mut self, mut change: Change) -> bool {
        self.mirror.preserve_sent(&mut change);
        let is_different = self.mirror.apply(&change);
        if is_different {
            self.out.push(session::Output::Change(change).into());
        }
        is_different
    }

    pub(super) fn broadcast(&mut self, payload: TabPayload) {
        let is_update = matches!(
            payload,
            TabPayload::Changes { .. } | TabPayload::Unpersisted(_)
        );
        // Without another tab nobody needs a leader's updates.
        let is_needed = self.has_peers || !is_update || !self.leads();
        if let Some(from) = self.id.clone().filter(|_| is_needed) {
            self.out.push(Output::Broadcast(Box::new(Message {
                from,
                term: self.election.term,
                payload,
            })));
        }
    }
}
