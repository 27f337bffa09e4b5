//! A visitor's device with its tabs. Each tab runs the real state machine, and all share one storage
//! and one channel, as in a browser. A tab handles one input at a time; inputs for a frozen tab wait.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::Duration,
};

use futures_util::{
    StreamExt as _,
    future::{AbortHandle, Aborted, LocalBoxFuture, abortable},
    stream::FuturesUnordered,
};
use parlor_session::{
    Answer, Author, Body, Boot, BrowserInfo, Change, FailedBecause, Fault, Input, Intent,
    LeftMessage, LineId, Mirror, Output, Request, RequestId, SendState, Stage,
    tabs::{
        self, Claim, Tab, TabId,
        lease::{self, Decision},
    },
};
use parlor_wire::event::CALLBACK_TYPE_FIELD;
use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use tokio::time::{Instant, sleep_until};

use crate::{
    network::{Answer as HttpAnswer, Counts, Network, count},
    plan::{Act, Plan},
    storage::Storage,
    wire::{self, Site},
};

/// The time at which every world begins, in milliseconds since 1970.
const START_MS: u64 = 1_767_225_600_000;

/// How often the simulated visitor reacts to what is displayed, beside the acts of the plan.
const VISITOR_ACTS_EVERY: Duration = Duration::from_millis(700);

/// A tab that runs more steps than these at one moment is in a loop.
const STEPS_MAX: usize = 2_000;

/// A visible tab leads within this time after the leader is gone.
const TAKE_OVER_MAX_MS: u64 = 1_000;

/// After this time, every tab has noticed that the clock was changed.
const CLOCK_SETTLES: Duration = Duration::from_secs(1);

/// A conversation has at most one open request of each kind, and some probes.
const OPEN_CALLS_MAX: usize = 16;

type Call = LocalBoxFuture<
    'static,
    (
        usize,
        RequestId,
        Request,
        Result<Option<HttpAnswer>, Aborted>,
    ),
>;

pub(crate) struct Device {
    network: Network,
    site: Site,
    rng: ChaCha8Rng,
    seed: u64,
    by_lease: bool,
    nobody: bool,
    /// See [`Plan::departures`].
    departures: bool,
    tabs: Vec<TabProcess>,
    storage: Storage,
    calls: FuturesUnordered<Call>,
    started: Instant,
    /// The error of the device's clock.
    clock_offset_ms: i64,
    asleep_until: Option<Instant>,
    storage_refuses_until: Option<Instant>,
    /// Texts of the visitor that wait for a conversation, with the tab in which they are written.
    unsent_texts: VecDeque<(usize, String)>,
    /// Callbacks that the visitor wants and that are not confirmed, by their notes.
    callbacks: VecDeque<String>,
    visitor_acts_at: Instant,
    /// The leading tab, if the device has refused to store its newest state.
    unsaved_leader: Option<usize>,
    /// Since when no tab leads although a visible one could.
    leaderless_since: Option<Instant>,
    clock_changed_at: Option<Instant>,
    counts: Counts,
    pub(crate) observed: Observations,
}

/// What the device records for the judge.
#[derive(Debug, Default)]
pub(crate) struct Observations {
    /// Violations that were found while the world ran.
    pub(crate) violations: Vec<String>,
    /// The texts that the visitor has sent, by the tab in which they were written.
    pub(crate) written: BTreeMap<usize, Vec<String>>,
    /// Texts that a tab has displayed as sent.
    pub(crate) displayed_as_sent: BTreeSet<String>,
    /// Texts that a tab has displayed as failed, at any time.
    pub(crate) displayed_as_failed: BTreeSet<String>,
    /// Texts that were displayed as lost with their conversation, and that the visitor sent again.
    pub(crate) sent_again: BTreeSet<String>,
    /// Texts that the device refused to store, so that a crash may lose them.
    pub(crate) may_be_lost: BTreeSet<String>,
    /// Whether a conversation was forgotten: the device had refused to store it, and a tab that did not
    /// know of it got the lead.
    pub(crate) conversation_forgotten: bool,
    /// The number of requests.
    pub(crate) calls: u64,
    /// How long visible tabs had no leader until one of them led, in milliseconds.
    pub(crate) take_overs: Vec<u64>,
}

struct TabProcess {
    tab: Tab,
    id: TabId,
    alive: bool,
    visible: bool,
    /// Whether the tab believes that the device stores data.
    storage_available: bool,
    frozen_until: Option<Instant>,
    inbox: VecDeque<(Instant, tabs::Input)>,
    wake_at: Option<Instant>,
    lease_at: Option<Instant>,
    calls: BTreeMap<RequestId, (AbortHandle, bool)>,
    states: BTreeMap<LineId, SendState>,
    answers: Vec<Answer>,
    /// The text in the composer, or in the form of a message.
    draft: String,
}

impl TabProcess {
    fn shows_draft(&self, text: &str) -> bool {
        let draft = Change::Draft(text.to_owned());
        self.tab.mirror().shows(&draft)
    }
}

impl Device {
    pub(crate) fn new(
        network: Network,
        site: Site,
        rng: ChaCha8Rng,
        plan: &Plan,
        counts: Counts,
    ) -> Self {
        let now = Instant::now();
        let mut device = Self {
            network,
            site,
            rng,
            seed: plan.seed,
            by_lease: plan.lease,
            nobody: plan.nobody,
            departures: plan.departures,
            tabs: Vec::new(),
            storage: Storage::default(),
            calls: FuturesUnordered::new(),
            started: now,
            clock_offset_ms: 0,
            asleep_until: None,
            storage_refuses_until: None,
            unsent_texts: VecDeque::new(),
            callbacks: VecDeque::new(),
            visitor_acts_at: now,
            unsaved_leader: None,
            leaderless_since: None,
            clock_changed_at: None,
            counts,
            observed: Observations::default(),
        };
        device.open();
        device
    }

    fn now_ms(&self) -> u64 {
        let elapsed = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(0);
        (START_MS + elapsed).saturating_add_signed(self.clock_offset_ms)
    }

    /// The moment at which the device's clock shows `at`, unless it is changed before.
    fn instant(&self, at: u64) -> Instant {
        Instant::now() + Duration::from_millis(at.saturating_sub(self.now_ms()))
    }

    // Tabs.

    fn open(&mut self) {
        let at = self.tabs.len();
        // Long enough for the id of a message that is left.
        let nonce = match self.nobody || self.departures {
            true => format!("{:0>16}t{at}", self.seed),
            false => format!("s{}t{at}", self.seed),
        };
        self.tabs.push(TabProcess {
            tab: Tab::new(),
            id: TabId(nonce.clone()),
            alive: true,
            visible: true,
            storage_available: true,
            frozen_until: None,
            inbox: VecDeque::new(),
            wake_at: None,
            lease_at: None,
            calls: BTreeMap::new(),
            states: BTreeMap::new(),
            answers: Vec::new(),
            draft: String::new(),
        });
        let boot = Boot {
            organization_id: self.site.organization_id.as_str().into(),
            deployment_id: self.site.deployment_id.as_str().into(),
            button_id: self.site.button_id.clone(),
            nonce,
            seed: self.seed ^ at as u64,
            browser: BrowserInfo::default(),
            identity_token: None,
            saved: None,
        };
        self.enqueue(at, Input::Boot(Box::new(boot)));
        // The new tab is visible, and no other.
        for other in 0..at {
            self.set_visible(other, false);
        }
        self.enqueue(at, Input::Visibility(true));
        if self.departures {
            // Who looks at the window learns who is there.
            self.enqueue(at, Input::Intent(Intent::WindowShown(true)));
        }
    }

    fn set_visible(&mut self, at: usize, visible: bool) {
        if let Some(process) = self.tabs.get_mut(at)
            && process.alive
        {
            process.visible = visible;
            self.enqueue(at, Input::Visibility(visible));
        }
        self.restart_take_over();
    }

    /// Closes a tab. With `runs_pagehide`, it still broadcasts, and releases the lease.
    fn close(&mut self, at: usize, runs_pagehide: bool) {
        let Some(process) = self.tabs.get_mut(at) else {
            return;
        };
        let led = process.tab.leads();
        process.alive = false;
        for (handle, _) in std::mem::take(&mut process.calls).into_values() {
            handle.abort();
        }
        process.inbox.clear();
        let id = process.id.clone();
        if runs_pagehide {
            // The driver does the same on `pagehide`.
            let hidden = tabs::Message {
                from: id.clone(),
                term: 0,
                payload: tabs::TabPayload::Visibility(false),
            };
            self.broadcast(at, &hidden);
            if self.storage.lease.as_ref().is_some_and(|l| l.holder == id) {
                self.storage.lease = Some(lease::released(&id));
            }
        }
        self.storage.queue.retain(|queued| *queued != at);
        if self.storage.holder == Some(at) {
            self.storage.holder = None;
            self.grant_lock();
        }
        if led {
            count(&self.counts, "leading tab gone");
            self.start_take_over();
        } else {
            self.restart_take_over();
        }
    }

    /// Another tab has become visible or hidden. If no tab leads, the time of the take-over is measured
    /// anew, and only if a tab is visible.
    fn restart_take_over(&mut self) {
        if self.leaderless_since.take().is_some() {
            self.start_take_over();
        }
    }

    fn start_take_over(&mut self) {
        let tabs = 0..self.tabs.len();
        let could_lead = |at: &usize| {
            let process = self.tabs.get(*at);
            process.is_some_and(|process| process.visible && !process.tab.leads())
        };
        if tabs
            .into_iter()
            .any(|at| could_lead(&at) && self.is_running(at))
        {
            self.leaderless_since = Some(Instant::now());
        }
    }

    fn open_tabs(&self) -> Vec<usize> {
        let all = self.tabs.iter().enumerate();
        all.filter(|(_, p)| p.alive).map(|(at, _)| at).collect()
    }

    fn nth(&self, tab: usize) -> Option<usize> {
        let open = self.open_tabs();
        open.get(tab % open.len().max(1)).copied()
    }

    /// Queues an input, which the tab handles when it runs.
    fn enqueue(&mut self, at: usize, input: impl Into<tabs::Input>) {
        let now = Instant::now();
        if let Some(process) = self.tabs.get_mut(at)
            && process.alive
        {
            process.inbox.push_back((now, input.into()));
        }
    }

    fn broadcast(&mut self, from: usize, message: &tabs::Message) {
        // Messages are transmitted as JSON.
        let transmitted = serde_json::to_string(message);
        let transmitted = transmitted.and_then(|text| serde_json::from_str(&text));
        let Ok(message) = transmitted.map(Box::<tabs::Message>::new) else {
            let violation = "a tab cannot read the message of another";
            return self.observed.violations.push(violation.to_owned());
        };
        let late = Duration::from_millis(self.rng.random_range(0..15));
        let at = Instant::now() + late;
        for (to, process) in self.tabs.iter_mut().enumerate() {
            if to != from && process.alive {
                // A channel keeps the order of messages.
                let after = process.inbox.back().map_or(at, |(last, _)| at.max(*last));
                process
                    .inbox
                    .push_back((after, tabs::Input::Message(message.clone())));
            }
        }
    }

    // Leadership.

    fn grant_lock(&mut self) {
        if self.storage.holder.is_none() && !self.storage.queue.is_empty() {
            let at = self.storage.queue.remove(0);
            self.storage.holder = Some(at);
            self.enqueue(at, tabs::Input::LeadershipGained(Box::default()));
        }
    }

    fn request_leadership(&mut self, at: usize, claim: Claim) {
        if self.by_lease {
            let now = Instant::now();
            if let Some(process) = self.tabs.get_mut(at) {
                process.lease_at = Some(now);
            }
            return;
        }
        // A tab that requests the lead does not lead.
        if self.storage.holder == Some(at) {
            self.storage.holder = None;
        }
        match claim {
            Claim::Queue => {
                if !self.storage.queue.contains(&at) {
                    self.storage.queue.push(at);
                }
                self.grant_lock();
            }
            Claim::Steal => {
                count(&self.counts, "lead taken from a silent tab");
                self.storage.queue.retain(|queued| *queued != at);
                if let Some(before) = self.storage.holder.replace(at).filter(|b| *b != at) {
                    self.enqueue(before, tabs::Input::LeadershipLost);
                }
                self.enqueue(at, tabs::Input::LeadershipGained(Box::default()));
            }
        }
    }

    /// Reads the lease, as a tab does when its timer fires or an input comes.
    fn check_lease(&mut self, at: usize) {
        let now = self.now_ms();
        let Some(process) = self.tabs.get_mut(at) else {
            return;
        };
        let decision = lease::decide(
            now,
            self.storage.lease.as_ref(),
            &process.id,
            process.visible,
        );
        let after = |ms: u64| Some(Instant::now() + Duration::from_millis(ms));
        let leads = process.tab.leads();
        let input = match decision {
            Decision::Hold(lease) => {
                self.storage.lease = Some(lease);
                process.lease_at = after(lease::RENEW_EVERY);
                (!leads).then(|| tabs::Input::LeadershipGained(Box::default()))
            }
            Decision::Claim(lease) => {
                self.storage.lease = Some(lease);
                process.lease_at = after(lease::CLAIM_SETTLES);
                leads.then_some(tabs::Input::LeadershipLost)
            }
            Decision::Wait(when) => {
                // A storage event would report a released lease earlier.
                process.lease_at = after(when.saturating_sub(now).min(lease::LEASE_LASTS));
                leads.then_some(tabs::Input::LeadershipLost)
            }
        };
        if let Some(input) = input {
            self.input(at, input);
        }
    }

    // Running.

    fn is_running(&self, at: usize) -> bool {
        let now = Instant::now();
        self.asleep_until.is_none_or(|until| until <= now)
            && self.tabs.get(at).is_some_and(|process| {
                process.alive && process.frozen_until.is_none_or(|until| until <= now)
            })
    }

    /// When the tab has something to do; none if it has nothing.
    fn due(&self, at: usize) -> Option<Instant> {
        let process = self.tabs.get(at).filter(|process| process.alive)?;
        let inbox = process.inbox.front().map(|(when, _)| *when);
        let next = [inbox, process.wake_at, process.lease_at];
        let next = next.into_iter().flatten().min()?;
        let runs = [self.asleep_until, process.frozen_until];
        runs.into_iter().flatten().chain([next]).max()
    }

    fn step(&mut self, at: usize) {
        let now = Instant::now();
        let Some(process) = self.tabs.get_mut(at) else {
            return;
        };
        if process.lease_at.is_some_and(|when| when <= now) {
            process.lease_at = None;
            return self.check_lease(at);
        }
        if process.inbox.front().is_some_and(|(when, _)| *when <= now) {
            if let Some((_, input)) = process.inbox.pop_front() {
                self.checked_input(at, input);
            }
        } else if process.wake_at.is_some_and(|when| when <= now) {
            process.wake_at = None;
            self.checked_input(at, Input::Wake.into());
        }
    }

    /// Before a leader handles an input, it checks that it still has the lease.
    fn checked_input(&mut self, at: usize, input: tabs::Input) {
        let deposed = self.by_lease
            && self.tabs.get(at).is_some_and(|process| {
                let held = self.storage.lease.as_ref();
                process.tab.leads() && held.is_some_and(|lease| lease.holder != process.id)
            });
        if deposed {
            self.input(at, tabs::Input::LeadershipLost);
        }
        self.input(at, input);
    }

    fn input(&mut self, at: usize, mut input: tabs::Input) {
        // The tab reads the storage when it runs, which may be long after the lock was granted.
        if let tabs::Input::LeadershipGained(persisted) = &mut input {
            **persisted = self.storage.persisted();
        }
        let answered = match &input {
            tabs::Input::Session(Input::Reply { id, .. } | Input::Fault { id, .. }) => Some(*id),
            _ => None,
        };
        let now = self.now_ms();
        let Some(process) = self.tabs.get_mut(at) else {
            return;
        };
        // The answer to an aborted call is dropped.
        if answered.is_some_and(|id| process.calls.remove(&id).is_none()) {
            return;
        }
        let led = process.tab.leads();
        let has_unpersisted = process.tab.has_unpersisted();
        let outputs = process.tab.handle(now, input);
        if led {
            self.leaderless_since = None;
        } else if process.tab.leads() {
            // A change of the clock makes waiting tabs start over with their next input, at most a
            // third of a second later. Such a take-over is not measured.
            let settled = self.clock_changed_at.map(|at| at + CLOCK_SETTLES);
            let since = self.leaderless_since.take();
            let since = since.filter(|since| settled.is_none_or(|settled| *since > settled));
            let took = since.map(|since| since.elapsed().as_millis());
            let took = took.and_then(|ms| u64::try_from(ms).ok());
            self.observed.take_overs.extend(took);
            if let Some(ms) = took.filter(|ms| *ms > TAKE_OVER_MAX_MS) {
                let violation = format!("no tab led for {ms} ms, although one was visible");
                self.observed.violations.push(violation);
            }
            self.observed.conversation_forgotten |= self
                .unsaved_leader
                .is_some_and(|by| by != at && !has_unpersisted);
        }
        let mut deposed = false;
        for output in outputs {
            deposed |= self.perform(at, output);
        }
        if deposed {
            self.input(at, tabs::Input::LeadershipLost);
        }
        self.check_invariants(at);
    }

    /// Performs an output. True if the storage has the state of a newer leader.
    fn perform(&mut self, at: usize, output: tabs::Output) -> bool {
        match output {
            tabs::Output::Session(output) => return self.perform_session_output(at, output),
            tabs::Output::PersistCommand(command) => {
                if self.storage.refuses {
                    if let Intent::Send(text) = &command.intent {
                        self.observed.may_be_lost.insert(text.clone());
                    }
                } else {
                    self.storage
                        .commands
                        .insert(command.id.clone(), command.copied());
                }
                self.check_storage(at);
            }
            tabs::Output::RemoveCommand(id) => {
                self.storage.commands.remove(&id);
            }
            tabs::Output::Broadcast(message) => self.broadcast(at, &message),
            tabs::Output::RequestLeadership(claim) => self.request_leadership(at, claim),
        }
        false
    }

    fn perform_session_output(&mut self, at: usize, output: Output) -> bool {
        match output {
            Output::Call(call) => self.call(at, &call),
            Output::Abort(id) => {
                let found = self.tabs.get_mut(at).and_then(|p| p.calls.remove(&id));
                if let Some((handle, _)) = found {
                    handle.abort();
                }
            }
            Output::WakeAt(when) => {
                let when = self.instant(when);
                if let Some(process) = self.tabs.get_mut(at) {
                    process.wake_at = Some(when);
                }
            }
            Output::Save(saved) => {
                self.unsaved_leader = self.storage.refuses.then_some(at);
                if self.storage.refuses {
                    count(&self.counts, "write refused by the storage");
                    let waiting = saved.outbox.iter().map(|m| m.text.clone());
                    let given_up = saved.unsent.iter().map(|u| u.message.text.clone());
                    self.observed.may_be_lost.extend(waiting.chain(given_up));
                    let session = saved.session.as_ref().and_then(|it| it.init.as_ref());
                    let left = saved.opening.as_ref().or(session);
                    let left = left.and_then(|init| init.offline_message.as_ref());
                    let texts = left.into_iter().flat_map(|message| message.text.lines());
                    let texts = texts.map(str::to_owned);
                    self.observed.may_be_lost.extend(texts);
                }
                if !self.storage.save(*saved) {
                    return true;
                }
                self.check_storage(at);
            }
            Output::Change(change) => self.apply_change(at, change),
            // The simulated visitor sends no files.
            Output::Upload { .. } | Output::AbortUpload(_) => {}
            Output::Report(report) => {
                let text = format!("{report:?}");
                // The network may have damaged the reply; then the state machine is not at fault.
                if !text.starts_with("UnexpectedReply") {
                    self.observed.violations.push(text);
                }
            }
        }
        false
    }

    /// A tab learns from each write whether the device stores data.
    fn check_storage(&mut self, at: usize) {
        let available = !self.storage.refuses;
        let process = self.tabs.get_mut(at);
        let before =
            process.map(|process| std::mem::replace(&mut process.storage_available, available));
        if before.is_some_and(|before| before != available) {
            self.enqueue(at, Input::StorageAvailable(available));
        }
    }

    fn call(&mut self, at: usize, call: &parlor_session::Call) {
        self.observed.calls += 1;
        let packet = wire::packet(call, &self.site);
        let network = self.network.clone();
        let (result, handle) = abortable(async move { network.send(packet).await });
        let is_poll = matches!(call.request, Request::Messages { .. });
        if let Some(process) = self.tabs.get_mut(at) {
            process.calls.insert(call.id, (handle, is_poll));
        }
        let (id, request) = (call.id, call.request.clone());
        self.calls
            .push(Box::pin(async move { (at, id, request, result.await) }));
    }

    fn receive(
        &mut self,
        at: usize,
        id: RequestId,
        request: &Request,
        result: Result<Option<HttpAnswer>, Aborted>,
    ) {
        let Ok(answer) = result else { return };
        if answer.as_ref().is_some_and(|a| a.status.as_u16() == 409) {
            self.observed
                .violations
                .push("the endpoint answered 409 to one of our calls".to_owned());
        }
        let reply = match &answer {
            Some(answer) => wire::reply(request, answer),
            None => Err(Fault::Network),
        };
        let input = match reply {
            Ok(reply) => Input::Reply {
                id,
                reply: Box::new(reply),
                latest_offset: answer.as_ref().and_then(wire::latest_offset),
            },
            Err(fault) => Input::Fault { id, fault },
        };
        self.enqueue(at, input);
    }

    fn apply_change(&mut self, at: usize, change: Change) {
        let Some(process) = self.tabs.get_mut(at) else {
            return;
        };
        let (id, state) = match change {
            Change::Line { line, .. } if line.author == Author::Visitor => (line.id, line.state),
            Change::LineState { id, state } => (id, Some(state)),
            // A leader that starts without state displays no lines at first.
            Change::LineGone(id) => {
                process.states.remove(&id);
                return;
            }
            Change::TranscriptCleared => {
                process.states.clear();
                return;
            }
            Change::Draft(text) => {
                process.draft = text;
                return;
            }
            Change::Welcome(welcome) => {
                let fields = welcome.prechat.iter().flat_map(|form| &form.fields);
                process.answers = fields
                    .filter(|field| field.required == Some(true))
                    .map(|field| Answer {
                        field_id: field.id.to_string(),
                        values: vec!["jon@example.com".to_owned()],
                    })
                    .collect();
                return;
            }
            _ => return,
        };
        let Some(state) = state else { return };
        let before = process.states.insert(id.clone(), state);
        if before.is_some_and(|before| confirmed(state) < confirmed(before)) {
            let violation = format!("a line was {before:?} and became {state:?}");
            self.observed.violations.push(violation);
        }
        let lines = process.tab.mirror().lines.iter();
        let text = lines
            .filter(|line| line.id == id)
            .find_map(|line| match &*line.body {
                Body::Text(text) => Some(text.clone()),
                _ => None,
            });
        match (state, text) {
            (SendState::Sent | SendState::Seen, Some(text)) => {
                // A message that was left may be of several texts.
                let texts = text.lines().map(str::to_owned);
                self.observed.displayed_as_sent.extend(texts);
            }
            (SendState::Failed(_), Some(text)) => {
                self.observed.displayed_as_failed.insert(text);
            }
            _ => {}
        }
    }

    /// Checks what must be true at every moment.
    fn check_invariants(&mut self, at: usize) {
        let Some(process) = self.tabs.get(at) else {
            return;
        };
        let polls = process.calls.values().filter(|(_, is_poll)| *is_poll);
        if polls.count() > 1 {
            self.observed
                .violations
                .push("two polls at once".to_owned());
        }
        if process.calls.len() > OPEN_CALLS_MAX {
            self.observed
                .violations
                .push("too many open calls".to_owned());
        }
        if !process.tab.leads() && !process.calls.is_empty() {
            self.observed
                .violations
                .push("a tab makes calls and does not lead".to_owned());
        }
    }

    // The visitor.

    pub(crate) fn act(&mut self, act: &Act) {
        let now = Instant::now();
        let after = |ms: u64| Some(now + Duration::from_millis(ms));
        let tab = |tab: &usize| self.nth(*tab);
        match act {
            Act::Send { tab: of, n } => {
                if let Some(at) = tab(of) {
                    self.unsent_texts.push_back((at, format!("visitor {n}")));
                }
            }
            Act::Draft { tab: of } => {
                if let Some(at) = tab(of) {
                    self.enqueue(at, Input::Intent(Intent::Draft("half a sen".to_owned())));
                }
            }
            Act::AskCallback { n, .. } => self.callbacks.push_back(format!("callback {n}")),
            Act::OpenTab => self.open(),
            Act::CloseTab { tab: of } => self.remove_tab(tab(of), true, false, "tab closed"),
            Act::KillTab { tab: of } => self.remove_tab(tab(of), false, false, "tab killed"),
            Act::Reload { tab: of } => self.remove_tab(tab(of), true, true, "tab reloaded"),
            Act::Freeze { tab: of, ms } => {
                let at = tab(of);
                if let Some(process) = at.and_then(|at| self.tabs.get_mut(at)) {
                    process.frozen_until = after(*ms);
                    let led = process.tab.leads();
                    count(&self.counts, "tab frozen");
                    if led && *ms > TAKE_OVER_MAX_MS {
                        self.start_take_over();
                    } else {
                        self.restart_take_over();
                    }
                }
            }
            Act::SetVisible { tab: of, visible } => {
                if let Some(at) = tab(of) {
                    self.set_visible(at, *visible);
                }
            }
            Act::Sleep { ms } => {
                count(&self.counts, "device asleep");
                self.leaderless_since = None;
                self.asleep_until = after(*ms);
                self.lose_connections();
            }
            Act::Clock { by_ms } => {
                count(&self.counts, "clock changed");
                self.clock_offset_ms += by_ms;
                self.clock_changed_at = Some(now);
            }
            Act::RefuseStorage { ms } => {
                self.storage_refuses_until = after(*ms);
                self.storage.refuses = true;
            }
            _ => {}
        }
    }

    fn remove_tab(
        &mut self,
        at: Option<usize>,
        runs_pagehide: bool,
        reopens: bool,
        kind: &'static str,
    ) {
        let Some(at) = at else { return };
        count(&self.counts, kind);
        self.close(at, runs_pagehide);
        // The visitor always has a tab open.
        if reopens || self.open_tabs().is_empty() {
            self.open();
        }
    }

    /// A sleep breaks all connections. The tab notices half of these breaks.
    fn lose_connections(&mut self) {
        for at in 0..self.tabs.len() {
            let Some(process) = self.tabs.get_mut(at) else {
                continue;
            };
            let mut noticed = Vec::new();
            for (id, (handle, _)) in &process.calls {
                handle.abort();
                noticed.push(*id);
            }
            for id in noticed {
                if self.rng.random_bool(0.5) {
                    let fault = Fault::Network;
                    self.enqueue(at, Input::Fault { id, fault });
                }
            }
        }
    }

    /// The visitor reacts to what is displayed: begins a conversation, fills the form, begins again
    /// after the end, and retries failed messages.
    fn visitor_acts(&mut self) {
        let now = Instant::now();
        self.visitor_acts_at = now + VISITOR_ACTS_EVERY;
        if self.storage_refuses_until.is_some_and(|until| until <= now) {
            self.storage_refuses_until = None;
            self.storage.refuses = false;
        }
        let Some(at) = self.open_tabs().into_iter().find(|at| self.is_running(*at)) else {
            return;
        };
        let Some(process) = self.tabs.get(at) else {
            return;
        };
        if self.nobody {
            let stage = process.tab.mirror().stage().cloned();
            return self.leaves_messages(at, stage);
        }
        if self.departures {
            return self.wants_an_answer(at);
        }
        let mut sent_again = None;
        let intent = match process.tab.mirror().stage() {
            Some(Stage::Hello) => Some(Intent::StartConversation),
            Some(Stage::Prechat) => Some(Intent::SubmitPrechat(process.answers.clone())),
            Some(Stage::Ended(_) | Stage::Failed(_)) => Some(Intent::StartAgain),
            Some(Stage::Chatting | Stage::Waiting { .. }) => {
                let mut lines = process.tab.mirror().lines.iter();
                let failed = lines.find(|line| {
                    matches!(line.state, Some(SendState::Failed(because))
                            if because != FailedBecause::TooLong)
                });
                sent_again = failed.and_then(|line| match (&*line.body, line.state) {
                    (Body::Text(text), Some(SendState::Failed(FailedBecause::Lost))) => {
                        Some(text.clone())
                    }
                    _ => None,
                });
                failed.map(|line| Intent::Retry(line.id.clone()))
            }
            _ => None,
        };
        self.observed.sent_again.extend(sent_again);
        if let Some(intent) = intent {
            self.enqueue(at, Input::Intent(intent));
        }
        self.send_texts();
    }

    /// The visitor leaves one text after the other. What stands in the form is typed anew if it is
    /// gone, and a text is left again until it is displayed as sent.
    fn leaves_messages(&mut self, at: usize, stage: Option<Stage>) {
        let sent = &self.observed.displayed_as_sent;
        self.unsent_texts.retain(|(_, text)| !sent.contains(text));
        let next = self.unsent_texts.front().map(|(_, text)| text.clone());
        let Some(process) = self.tabs.get(at) else {
            return;
        };
        let intent = match (stage, next) {
            (Some(Stage::Hello | Stage::Ended(_) | Stage::Failed(_)), Some(_)) => {
                Intent::StartConversation
            }
            (Some(Stage::Offline), Some(text)) if !process.shows_draft(&text) => {
                Intent::Draft(text)
            }
            (Some(Stage::Offline), Some(text)) => {
                let answers = process.answers.clone();
                self.observed
                    .written
                    .entry(at)
                    .or_default()
                    .push(text.clone());
                Intent::LeaveMessage(LeftMessage {
                    answers,
                    text,
                    ..LeftMessage::default()
                })
            }
            (Some(Stage::MessageLeft), Some(_)) => Intent::BackToHello,
            _ => return,
        };
        self.enqueue(at, Input::Intent(intent));
    }

    /// The visitor talks where somebody is there. Who waits for nobody, or finds nobody, leaves a
    /// message; and who wants to be called back asks for it wherever it is offered.
    fn wants_an_answer(&mut self, at: usize) {
        let sent = &self.observed.displayed_as_sent;
        self.callbacks.retain(|text| !sent.contains(text));
        let Some(process) = self.tabs.get(at) else {
            return;
        };
        let mirror = process.tab.mirror();
        let stage = mirror.stage().cloned();
        let nobody_is_there = mirror.shows(&Change::Available(false));
        let failed = mirror.lines.iter().find(|line| {
            matches!(line.state, Some(SendState::Failed(because))
                if because != FailedBecause::TooLong)
        });
        let failed = failed.map(|line| line.id.clone());
        let has_draft = !process.draft.trim().is_empty();
        self.unsent_texts.retain(|(_, text)| !sent.contains(text));
        let has_texts = !self.unsent_texts.is_empty();
        let callback = self.callbacks.front().cloned();
        let intent = match (stage, callback) {
            (
                Some(
                    Stage::Hello
                    | Stage::Prechat
                    | Stage::Waiting { .. }
                    | Stage::Offline
                    | Stage::Ended(_)
                    | Stage::Failed(_),
                ),
                Some(note),
            ) => self.left_message(at, Some(note)),
            (Some(Stage::Chatting), Some(_)) if !has_texts => Intent::EndChat,
            (Some(Stage::Offline), None) if has_texts || has_draft => self.left_message(at, None),
            (Some(Stage::Waiting { .. }), None) if nobody_is_there && has_texts => {
                self.left_message(at, None)
            }
            (Some(Stage::Offline), None) => Intent::BackToHello,
            (Some(Stage::Hello), None) if has_texts || has_draft => Intent::StartConversation,
            (Some(Stage::Prechat), _) => Intent::SubmitPrechat(process.answers.clone()),
            (Some(Stage::Ended(_) | Stage::Failed(_)), None)
                if has_texts || has_draft || failed.is_some() =>
            {
                Intent::StartAgain
            }
            (Some(Stage::MessageLeft), callback) if has_texts || callback.is_some() => {
                Intent::BackToHello
            }
            (stage, _) => {
                let talks = matches!(stage, Some(Stage::Chatting | Stage::Waiting { .. }));
                if let Some(line) = failed.filter(|_| talks) {
                    self.enqueue(at, Input::Intent(Intent::Retry(line)));
                }
                return self.send_texts();
            }
        };
        self.enqueue(at, Input::Intent(intent));
    }

    /// The form with what the visitor has written, for a message or a callback with this note. What
    /// was sent in a conversation and is not confirmed goes into it too.
    fn left_message(&mut self, at: usize, note: Option<String>) -> Intent {
        let Some(process) = self.tabs.get(at) else {
            return Intent::BackToHello;
        };
        let lines = process.tab.mirror().lines.iter();
        let again = lines.filter_map(|line| match (&*line.body, line.state) {
            (
                Body::Text(text),
                Some(SendState::Queued | SendState::Sending | SendState::Failed(_)),
            ) => Some(text.clone()),
            _ => None,
        });
        let draft = process.draft.lines().map(str::to_owned);
        let again: Vec<String> = draft.clone().chain(again).collect();
        self.observed.sent_again.extend(again);
        let is_callback = note.is_some();
        let mut texts: Vec<String> = draft.collect();
        let next = note.or_else(|| self.unsent_texts.front().map(|(_, text)| text.clone()));
        texts.extend(next.filter(|next| !process.draft.contains(next.as_str())));
        texts.retain(|text| !text.trim().is_empty());
        let mut answers = process.answers.clone();
        if is_callback {
            answers.push(Answer {
                field_id: CALLBACK_TYPE_FIELD.to_owned(),
                values: vec!["chat".to_owned()],
            });
        }
        let written = self.observed.written.entry(at).or_default();
        written.extend(texts.iter().cloned());
        Intent::LeaveMessage(LeftMessage {
            answers,
            text: texts.join("\n"),
            callback: is_callback,
            ..LeftMessage::default()
        })
    }

    fn send_texts(&mut self) {
        let waiting = std::mem::take(&mut self.unsent_texts);
        for (at, text) in waiting {
            // If its tab is gone, the visitor writes in another.
            let at = if self.tabs.get(at).is_some_and(|p| p.alive) {
                at
            } else {
                self.open_tabs().first().copied().unwrap_or(at)
            };
            let is_chatting = self.tabs.get(at).is_some_and(|process| {
                let stage = process.tab.mirror().stage();
                matches!(
                    stage,
                    Some(Stage::Chatting | Stage::Waiting { .. } | Stage::Resuming)
                )
            });
            if is_chatting && self.is_running(at) {
                self.observed
                    .written
                    .entry(at)
                    .or_default()
                    .push(text.clone());
                self.checked_input(at, Input::Intent(Intent::Send(text)).into());
            } else {
                self.unsent_texts.push_back((at, text));
            }
        }
    }

    /// Ends all faults. With `visible`, one tab is visible from now on.
    pub(crate) fn end_faults(&mut self, visible: bool) {
        self.asleep_until = None;
        self.storage_refuses_until = None;
        self.storage.refuses = false;
        for process in &mut self.tabs {
            process.frozen_until = None;
        }
        for (nth, at) in self.open_tabs().into_iter().enumerate() {
            self.set_visible(at, visible && nth == 0);
        }
    }

    /// Runs the tabs until `until`.
    pub(crate) async fn run_until(&mut self, until: Instant) {
        let (mut moment, mut steps) = (Instant::now(), 0);
        loop {
            let now = Instant::now();
            if self.visitor_acts_at <= now {
                self.visitor_acts();
            }
            let next = (0..self.tabs.len())
                .filter_map(|at| Some((self.due(at)?, at)))
                .min();
            match next {
                Some((due, at)) if due <= now => {
                    steps = if now == moment { steps + 1 } else { 0 };
                    moment = now;
                    if steps > STEPS_MAX {
                        self.observed
                            .violations
                            .push(format!("tab {at} is in a loop"));
                        return;
                    }
                    self.step(at);
                    continue;
                }
                _ if until <= now => return,
                _ => {}
            }
            let due = next.map_or(until, |(due, _)| due.min(until));
            let due = due.min(self.visitor_acts_at);
            tokio::select! {
                biased;
                Some((at, id, request, result)) = self.calls.next() => {
                    self.receive(at, id, &request, result);
                }
                () = sleep_until(due) => {}
            }
        }
    }

    // What the judge reads.

    pub(crate) fn polls(&self) -> usize {
        let calls = self.tabs.iter().flat_map(|process| process.calls.values());
        calls.filter(|(_, is_poll)| *is_poll).count()
    }

    pub(crate) fn mirrors(&self) -> Vec<&Mirror> {
        let alive = self.tabs.iter().filter(|process| process.alive);
        alive.map(|process| process.tab.mirror()).collect()
    }

    /// The text in the composer or form of each tab.
    pub(crate) fn drafts(&self) -> impl Iterator<Item = &str> {
        let alive = self.tabs.iter().filter(|process| process.alive);
        alive.map(|process| process.draft.as_str())
    }

    pub(crate) fn leaders(&self) -> usize {
        let alive = self.tabs.iter().filter(|process| process.alive);
        alive.filter(|process| process.tab.leads()).count()
    }

    /// Whether every text of the plan was sent, and every callback asked for.
    pub(crate) fn has_sent_all(&self) -> bool {
        self.unsent_texts.is_empty() && self.callbacks.is_empty()
    }

    pub(crate) fn clock_was_changed(&self) -> bool {
        self.clock_changed_at.is_some()
    }

    /// Closes all tabs, and opens the site again.
    pub(crate) fn reopen_site(&mut self) {
        for at in self.open_tabs() {
            self.close(at, false);
        }
        self.open();
    }
}

/// How far the endpoint has confirmed a line. A line never goes back to a lower step.
fn confirmed(state: SendState) -> u8 {
    match state {
        SendState::Queued | SendState::Sending | SendState::Failed(_) => 0,
        SendState::Sent => 1,
        SendState::Seen => 2,
    }
}
