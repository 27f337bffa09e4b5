//! A visitor's device: the real machine in every tab, over one storage and one
//! channel, as the browser runs them. A tab handles one thing at a time; what
//! comes while it is frozen waits.

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
    Answer, Author, Body, Boot, BrowserInfo, Change, FailedBecause, Fault, Input, Intent, LineId,
    Mirror, Output, Request, RequestId, SendState, Stage,
    tabs::{
        self, Claim, Tab, TabId,
        lease::{self, Decision},
    },
};
use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use tokio::time::{Instant, sleep_until};

use crate::{
    network::{Answer as Carried, Counts, Network, count},
    plan::{Act, Plan},
    storage::Storage,
    wire::{self, Site},
};

/// Milliseconds since 1970 at which every world begins.
const BEGINNING: u64 = 1_767_225_600_000;

/// What a visitor does by themself is looked after this often.
const HABIT: Duration = Duration::from_millis(700);

/// More things than a tab can have to do at one moment.
const STEPS_MAX: usize = 2_000;

/// A tab that is looked at leads within this time when the leader is gone.
const TAKE_OVER_MAX_MS: u64 = 1_000;

/// Until every tab has noticed that the clock was put.
const CLOCK_SETTLES: Duration = Duration::from_secs(1);

/// A conversation has one request of each kind, and some probes.
const OPEN_CALLS_MAX: usize = 16;

type Call = LocalBoxFuture<'static, (usize, RequestId, Request, Result<Option<Carried>, Aborted>)>;

pub(crate) struct Device {
    network: Network,
    site: Site,
    rng: ChaCha8Rng,
    seed: u64,
    by_lease: bool,
    tabs: Vec<Process>,
    storage: Storage,
    calls: FuturesUnordered<Call>,
    started: Instant,
    /// How far the device's clock is off.
    off_ms: i64,
    asleep_until: Option<Instant>,
    refuses_until: Option<Instant>,
    /// Texts that wait for a conversation to be said in.
    to_say: VecDeque<(usize, String)>,
    next_habit: Instant,
    /// The tab that leads with what the device refused to keep.
    unkept_by: Option<usize>,
    /// Since when no tab leads, and one that is looked at could.
    leaderless_since: Option<Instant>,
    clock_put_at: Option<Instant>,
    counts: Counts,
    pub(crate) seen: Seen,
}

/// What is to be judged when all is over.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// What went wrong on the way.
    pub(crate) wrong: Vec<String>,
    /// The visitor's texts, by the tab in which they were written.
    pub(crate) said: BTreeMap<usize, Vec<String>>,
    /// Texts that a tab showed as sent.
    pub(crate) sent: BTreeSet<String>,
    /// Texts that a tab showed as failed at some time.
    pub(crate) failed: BTreeSet<String>,
    /// Texts of which a tab said that their conversation was lost, and that the
    /// visitor said again.
    pub(crate) said_again: BTreeSet<String>,
    /// Texts that the device refused to keep, so that a crash may cost them.
    pub(crate) excused: BTreeSet<String>,
    /// Another tab leads than the one that alone knew of a conversation, for the
    /// device had refused to keep it.
    pub(crate) forgot: bool,
    /// Requests made.
    pub(crate) calls: u64,
    /// How long a tab that was looked at was without a leader, in milliseconds.
    pub(crate) take_overs: Vec<u64>,
}

struct Process {
    tab: Tab,
    me: TabId,
    alive: bool,
    looked_at: bool,
    /// What it knows of the device: that it keeps things.
    keeps: bool,
    frozen_until: Option<Instant>,
    inbox: VecDeque<(Instant, tabs::Input)>,
    wake_at: Option<Instant>,
    lease_at: Option<Instant>,
    calls: BTreeMap<RequestId, (AbortHandle, bool)>,
    states: BTreeMap<LineId, SendState>,
    answers: Vec<Answer>,
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
            tabs: Vec::new(),
            storage: Storage::default(),
            calls: FuturesUnordered::new(),
            started: now,
            off_ms: 0,
            asleep_until: None,
            refuses_until: None,
            to_say: VecDeque::new(),
            next_habit: now,
            unkept_by: None,
            leaderless_since: None,
            clock_put_at: None,
            counts,
            seen: Seen::default(),
        };
        device.open();
        device
    }

    fn now_ms(&self) -> u64 {
        let elapsed = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(0);
        (BEGINNING + elapsed).saturating_add_signed(self.off_ms)
    }

    /// When the device's clock will say `at`, as it is put now.
    fn instant(&self, at: u64) -> Instant {
        Instant::now() + Duration::from_millis(at.saturating_sub(self.now_ms()))
    }

    // Tabs.

    fn open(&mut self) {
        let at = self.tabs.len();
        let nonce = format!("s{}t{at}", self.seed);
        self.tabs.push(Process {
            tab: Tab::new(),
            me: TabId(nonce.clone()),
            alive: true,
            looked_at: true,
            keeps: true,
            frozen_until: None,
            inbox: VecDeque::new(),
            wake_at: None,
            lease_at: None,
            calls: BTreeMap::new(),
            states: BTreeMap::new(),
            answers: Vec::new(),
        });
        let boot = Boot {
            organization_id: self.site.organization_id.as_str().into(),
            deployment_id: self.site.deployment_id.as_str().into(),
            button_id: self.site.button_id.clone(),
            nonce,
            seed: self.seed ^ at as u64,
            browser: BrowserInfo::default(),
            saved: None,
        };
        self.post(at, Input::Boot(Box::new(boot)));
        // A new tab is the one that is looked at.
        for other in 0..at {
            self.look(other, false);
        }
        self.post(at, Input::Visibility(true));
    }

    fn look(&mut self, at: usize, looked_at: bool) {
        if let Some(process) = self.tabs.get_mut(at)
            && process.alive
        {
            process.looked_at = looked_at;
            self.post(at, Input::Visibility(looked_at));
        }
        self.heirs_are_others();
    }

    /// The tab is gone; `says`: it may give the lease back.
    fn close(&mut self, at: usize, says: bool) {
        let Some(process) = self.tabs.get_mut(at) else {
            return;
        };
        let led = process.tab.leads();
        process.alive = false;
        for (handle, _) in std::mem::take(&mut process.calls).into_values() {
            handle.abort();
        }
        process.inbox.clear();
        let me = process.me.clone();
        if says {
            // As `pagehide` does.
            let hidden = tabs::Message {
                from: me.clone(),
                term: 0,
                payload: tabs::TabPayload::Visibility(false),
            };
            self.tell(at, &hidden);
            if self.storage.lease.as_ref().is_some_and(|l| l.holder == me) {
                self.storage.lease = Some(lease::released(&me));
            }
        }
        self.storage.waiting.retain(|waiting| *waiting != at);
        if self.storage.holder == Some(at) {
            self.storage.holder = None;
            self.grant();
        }
        if led {
            count(&self.counts, "leading tab gone");
            self.leaderless();
        } else {
            self.heirs_are_others();
        }
    }

    /// While nobody leads, another tab is looked at: it watches from now on. Where
    /// nobody looks, nobody is in a hurry to lead.
    fn heirs_are_others(&mut self) {
        if self.leaderless_since.take().is_some() {
            self.leaderless();
        }
    }

    fn leaderless(&mut self) {
        let heirs = 0..self.tabs.len();
        let looked_at = |at: &usize| {
            let process = self.tabs.get(*at);
            process.is_some_and(|process| process.looked_at && !process.tab.leads())
        };
        if heirs.into_iter().any(|at| looked_at(&at) && self.runs(at)) {
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

    /// The tab handles this when it runs.
    fn post(&mut self, at: usize, input: impl Into<tabs::Input>) {
        let now = Instant::now();
        if let Some(process) = self.tabs.get_mut(at)
            && process.alive
        {
            process.inbox.push_back((now, input.into()));
        }
    }

    fn tell(&mut self, from: usize, message: &tabs::Message) {
        // As it crosses the channel.
        let crossed = serde_json::to_string(message);
        let crossed = crossed.and_then(|text| serde_json::from_str(&text));
        let Ok(message) = crossed.map(Box::<tabs::Message>::new) else {
            let wrong = "what a tab says is not understood by the others";
            return self.seen.wrong.push(wrong.to_owned());
        };
        let late = Duration::from_millis(self.rng.random_range(0..15));
        let at = Instant::now() + late;
        for (to, process) in self.tabs.iter_mut().enumerate() {
            if to != from && process.alive {
                // In the order in which they were said.
                let after = process.inbox.back().map_or(at, |(last, _)| at.max(*last));
                process
                    .inbox
                    .push_back((after, tabs::Input::Message(message.clone())));
            }
        }
    }

    // Who leads.

    fn grant(&mut self) {
        if self.storage.holder.is_none() && !self.storage.waiting.is_empty() {
            let at = self.storage.waiting.remove(0);
            self.storage.holder = Some(at);
            self.post(at, tabs::Input::LeadershipGained(Box::default()));
        }
    }

    fn ask_leadership(&mut self, at: usize, claim: Claim) {
        if self.by_lease {
            let now = Instant::now();
            if let Some(process) = self.tabs.get_mut(at) {
                process.lease_at = Some(now);
            }
            return;
        }
        // Whoever asks does not lead.
        if self.storage.holder == Some(at) {
            self.storage.holder = None;
        }
        match claim {
            Claim::Queue => {
                if !self.storage.waiting.contains(&at) {
                    self.storage.waiting.push(at);
                }
                self.grant();
            }
            Claim::Steal => {
                count(&self.counts, "lead taken from a silent tab");
                self.storage.waiting.retain(|waiting| *waiting != at);
                if let Some(before) = self.storage.holder.replace(at).filter(|b| *b != at) {
                    self.post(before, tabs::Input::LeadershipLost);
                }
                self.post(at, tabs::Input::LeadershipGained(Box::default()));
            }
        }
    }

    /// Looks at the lease, as a tab does when its timer or an input comes.
    fn look_at_lease(&mut self, at: usize) {
        let now = self.now_ms();
        let Some(process) = self.tabs.get_mut(at) else {
            return;
        };
        let looked = lease::decide(
            now,
            self.storage.lease.as_ref(),
            &process.me,
            process.looked_at,
        );
        let after = |ms: u64| Some(Instant::now() + Duration::from_millis(ms));
        let leads = process.tab.leads();
        let input = match looked {
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
                // A storage event tells of a lease that is given back.
                process.lease_at = after(when.saturating_sub(now).min(lease::LEASE_LASTS));
                leads.then_some(tabs::Input::LeadershipLost)
            }
        };
        if let Some(input) = input {
            self.input(at, input);
        }
    }

    // Running.

    fn runs(&self, at: usize) -> bool {
        let now = Instant::now();
        self.asleep_until.is_none_or(|until| until <= now)
            && self.tabs.get(at).is_some_and(|process| {
                process.alive && process.frozen_until.is_none_or(|until| until <= now)
            })
    }

    /// When the tab has something to do, if it ever has.
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
            return self.look_at_lease(at);
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

    /// A leader reads the lease before it does anything.
    fn checked_input(&mut self, at: usize, input: tabs::Input) {
        let deposed = self.by_lease
            && self.tabs.get(at).is_some_and(|process| {
                let held = self.storage.lease.as_ref();
                process.tab.leads() && held.is_some_and(|lease| lease.holder != process.me)
            });
        if deposed {
            self.input(at, tabs::Input::LeadershipLost);
        }
        self.input(at, input);
    }

    fn input(&mut self, at: usize, mut input: tabs::Input) {
        // Read when the tab runs, which may be long after the lock was granted.
        if let tabs::Input::LeadershipGained(kept) = &mut input {
            **kept = self.storage.kept();
        }
        let answered = match &input {
            tabs::Input::Session(Input::Reply { id, .. } | Input::Fault { id, .. }) => Some(*id),
            _ => None,
        };
        let now = self.now_ms();
        let Some(process) = self.tabs.get_mut(at) else {
            return;
        };
        // Nobody waits for the answer to a call that was aborted.
        if answered.is_some_and(|id| process.calls.remove(&id).is_none()) {
            return;
        }
        let led = process.tab.leads();
        let told = process.tab.has_unpersisted();
        let outputs = process.tab.handle(now, input);
        if led {
            self.leaderless_since = None;
        } else if process.tab.leads() {
            // Whoever watches while the clock is put begins anew with its next input,
            // a third of a second later at most: not counted.
            let settled = self.clock_put_at.map(|at| at + CLOCK_SETTLES);
            let since = self.leaderless_since.take();
            let since = since.filter(|since| settled.is_none_or(|settled| *since > settled));
            let took = since.map(|since| since.elapsed().as_millis());
            let took = took.and_then(|ms| u64::try_from(ms).ok());
            self.seen.take_overs.extend(took);
            if let Some(ms) = took.filter(|ms| *ms > TAKE_OVER_MAX_MS) {
                let wrong = format!("nobody led for {ms} ms, though somebody looked");
                self.seen.wrong.push(wrong);
            }
            self.seen.forgot |= self.unkept_by.is_some_and(|by| by != at && !told);
        }
        let mut deposed = false;
        for output in outputs {
            deposed |= self.carry(at, output);
        }
        if deposed {
            self.input(at, tabs::Input::LeadershipLost);
        }
        self.check(at);
    }

    /// True when a newer leader's is kept.
    fn carry(&mut self, at: usize, output: tabs::Output) -> bool {
        match output {
            tabs::Output::Session(output) => return self.carry_of_session(at, output),
            tabs::Output::PersistCommand(command) => {
                if self.storage.refuses {
                    if let Intent::Send(text) = &command.intent {
                        self.seen.excused.insert(text.clone());
                    }
                } else {
                    self.storage
                        .commands
                        .insert(command.id.clone(), command.copied());
                }
                self.keeps(at);
            }
            tabs::Output::RemoveCommand(id) => {
                self.storage.commands.remove(&id);
            }
            tabs::Output::Broadcast(message) => self.tell(at, &message),
            tabs::Output::RequestLeadership(claim) => self.ask_leadership(at, claim),
        }
        false
    }

    fn carry_of_session(&mut self, at: usize, output: Output) -> bool {
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
                self.unkept_by = self.storage.refuses.then_some(at);
                if self.storage.refuses {
                    count(&self.counts, "storage refused");
                    let waiting = saved.outbox.iter().map(|m| m.text.clone());
                    let given_up = saved.unsent.iter().map(|u| u.message.text.clone());
                    self.seen.excused.extend(waiting.chain(given_up));
                }
                if !self.storage.save(*saved) {
                    return true;
                }
                self.keeps(at);
            }
            Output::Change(change) => self.changed(at, change),
            // Nobody here sends files.
            Output::Upload { .. } | Output::AbortUpload(_) => {}
            Output::Report(report) => {
                let text = format!("{report:?}");
                // A request that nobody could read is no fault of the machine.
                if !text.starts_with("UnexpectedReply") {
                    self.seen.wrong.push(text);
                }
            }
        }
        false
    }

    /// A tab learns whether the device keeps things by asking it to.
    fn keeps(&mut self, at: usize) {
        let keeps = !self.storage.refuses;
        let knew = self.tabs.get_mut(at);
        let knew = knew.map(|process| std::mem::replace(&mut process.keeps, keeps));
        if knew.is_some_and(|knew| knew != keeps) {
            self.post(at, Input::StorageAvailable(keeps));
        }
    }

    fn call(&mut self, at: usize, call: &parlor_session::Call) {
        self.seen.calls += 1;
        let packet = wire::packet(call, &self.site);
        let network = self.network.clone();
        let (carried, handle) = abortable(async move { network.carry(packet).await });
        let is_poll = matches!(call.request, Request::Messages { .. });
        if let Some(process) = self.tabs.get_mut(at) {
            process.calls.insert(call.id, (handle, is_poll));
        }
        let (id, request) = (call.id, call.request.clone());
        self.calls
            .push(Box::pin(async move { (at, id, request, carried.await) }));
    }

    fn answered(
        &mut self,
        at: usize,
        id: RequestId,
        request: &Request,
        carried: Result<Option<Carried>, Aborted>,
    ) {
        let Ok(answer) = carried else { return };
        if answer.as_ref().is_some_and(|a| a.status.as_u16() == 409) {
            self.seen.wrong.push("409 by our own doing".to_owned());
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
        self.post(at, input);
    }

    fn changed(&mut self, at: usize, change: Change) {
        let Some(process) = self.tabs.get_mut(at) else {
            return;
        };
        let (id, state) = match change {
            Change::Line { line, .. } if line.author == Author::Visitor => (line.id, line.state),
            Change::LineState { id, state } => (id, Some(state)),
            // A leader that begins with nothing shows nothing at first.
            Change::LineGone(id) => {
                process.states.remove(&id);
                return;
            }
            Change::TranscriptCleared => {
                process.states.clear();
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
            let wrong = format!("a line was {before:?} and became {state:?}");
            self.seen.wrong.push(wrong);
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
                self.seen.sent.insert(text);
            }
            (SendState::Failed(_), Some(text)) => {
                self.seen.failed.insert(text);
            }
            _ => {}
        }
    }

    /// What must be true at every moment.
    fn check(&mut self, at: usize) {
        let Some(process) = self.tabs.get(at) else {
            return;
        };
        let polls = process.calls.values().filter(|(_, is_poll)| *is_poll);
        if polls.count() > 1 {
            self.seen.wrong.push("two polls at once".to_owned());
        }
        if process.calls.len() > OPEN_CALLS_MAX {
            self.seen.wrong.push("too many open calls".to_owned());
        }
        if !process.tab.leads() && !process.calls.is_empty() {
            self.seen.wrong.push("a follower calls".to_owned());
        }
    }

    // The visitor.

    pub(crate) fn act(&mut self, act: &Act) {
        let now = Instant::now();
        let after = |ms: u64| Some(now + Duration::from_millis(ms));
        let tab = |tab: &usize| self.nth(*tab);
        match act {
            Act::Say { tab: of, n } => {
                if let Some(at) = tab(of) {
                    self.to_say.push_back((at, format!("visitor {n}")));
                }
            }
            Act::Draft { tab: of } => {
                if let Some(at) = tab(of) {
                    self.post(at, Input::Intent(Intent::Draft("half a sen".to_owned())));
                }
            }
            Act::OpenTab => self.open(),
            Act::CloseTab { tab: of } => self.gone(tab(of), true, false, "tab closed"),
            Act::KillTab { tab: of } => self.gone(tab(of), false, false, "tab killed"),
            Act::Reload { tab: of } => self.gone(tab(of), true, true, "tab reloaded"),
            Act::Freeze { tab: of, ms } => {
                let at = tab(of);
                if let Some(process) = at.and_then(|at| self.tabs.get_mut(at)) {
                    process.frozen_until = after(*ms);
                    let led = process.tab.leads();
                    count(&self.counts, "tab frozen");
                    if led && *ms > TAKE_OVER_MAX_MS {
                        self.leaderless();
                    } else {
                        self.heirs_are_others();
                    }
                }
            }
            Act::Look { tab: of, looked_at } => {
                if let Some(at) = tab(of) {
                    self.look(at, *looked_at);
                }
            }
            Act::Sleep { ms } => {
                count(&self.counts, "device slept");
                self.leaderless_since = None;
                self.asleep_until = after(*ms);
                self.lose_connections();
            }
            Act::Clock { by_ms } => {
                count(&self.counts, "clock put");
                self.off_ms += by_ms;
                self.clock_put_at = Some(now);
            }
            Act::RefuseStorage { ms } => {
                self.refuses_until = after(*ms);
                self.storage.refuses = true;
            }
            _ => {}
        }
    }

    fn gone(&mut self, at: Option<usize>, says: bool, comes_back: bool, kind: &'static str) {
        let Some(at) = at else { return };
        count(&self.counts, kind);
        self.close(at, says);
        // A visitor without a tab is no visitor.
        if comes_back || self.open_tabs().is_empty() {
            self.open();
        }
    }

    /// What was open before a sleep is gone; some of it without a word.
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
                    self.post(at, Input::Fault { id, fault });
                }
            }
        }
    }

    /// Whoever wants to chat begins, fills the form, begins again, tries again.
    fn habit(&mut self) {
        let now = Instant::now();
        self.next_habit = now + HABIT;
        if self.refuses_until.is_some_and(|until| until <= now) {
            self.refuses_until = None;
            self.storage.refuses = false;
        }
        let Some(at) = self.open_tabs().into_iter().find(|at| self.runs(*at)) else {
            return;
        };
        let Some(process) = self.tabs.get(at) else {
            return;
        };
        let mut said_again = None;
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
                said_again = failed.and_then(|line| match (&*line.body, line.state) {
                    (Body::Text(text), Some(SendState::Failed(FailedBecause::Lost))) => {
                        Some(text.clone())
                    }
                    _ => None,
                });
                failed.map(|line| Intent::Retry(line.id.clone()))
            }
            _ => None,
        };
        self.seen.said_again.extend(said_again);
        if let Some(intent) = intent {
            self.post(at, Input::Intent(intent));
        }
        self.say();
    }

    fn say(&mut self) {
        let waiting = std::mem::take(&mut self.to_say);
        for (at, text) in waiting {
            // Its tab is gone: the visitor writes in another.
            let at = if self.tabs.get(at).is_some_and(|p| p.alive) {
                at
            } else {
                self.open_tabs().first().copied().unwrap_or(at)
            };
            let talks = self.tabs.get(at).is_some_and(|process| {
                let stage = process.tab.mirror().stage();
                matches!(
                    stage,
                    Some(Stage::Chatting | Stage::Waiting { .. } | Stage::Resuming)
                )
            });
            if talks && self.runs(at) {
                self.seen.said.entry(at).or_default().push(text.clone());
                self.checked_input(at, Input::Intent(Intent::Send(text)).into());
            } else {
                self.to_say.push_back((at, text));
            }
        }
    }

    /// The faults are over.
    pub(crate) fn mend(&mut self, looks: bool) {
        self.asleep_until = None;
        self.refuses_until = None;
        self.storage.refuses = false;
        for process in &mut self.tabs {
            process.frozen_until = None;
        }
        for (nth, at) in self.open_tabs().into_iter().enumerate() {
            self.look(at, looks && nth == 0);
        }
    }

    /// Runs until `until`.
    pub(crate) async fn run_until(&mut self, until: Instant) {
        let (mut moment, mut steps) = (Instant::now(), 0);
        loop {
            let now = Instant::now();
            if self.next_habit <= now {
                self.habit();
            }
            let next = (0..self.tabs.len())
                .filter_map(|at| Some((self.due(at)?, at)))
                .min();
            match next {
                Some((due, at)) if due <= now => {
                    steps = if now == moment { steps + 1 } else { 0 };
                    moment = now;
                    if steps > STEPS_MAX {
                        self.seen.wrong.push(format!("tab {at} spins"));
                        return;
                    }
                    self.step(at);
                    continue;
                }
                _ if until <= now => return,
                _ => {}
            }
            let due = next.map_or(until, |(due, _)| due.min(until));
            let due = due.min(self.next_habit);
            tokio::select! {
                biased;
                Some((at, id, request, carried)) = self.calls.next() => {
                    self.answered(at, id, &request, carried);
                }
                () = sleep_until(due) => {}
            }
        }
    }

    // For the judge.

    pub(crate) fn polls(&self) -> usize {
        let calls = self.tabs.iter().flat_map(|process| process.calls.values());
        calls.filter(|(_, is_poll)| *is_poll).count()
    }

    pub(crate) fn mirrors(&self) -> Vec<&Mirror> {
        let alive = self.tabs.iter().filter(|process| process.alive);
        alive.map(|process| process.tab.mirror()).collect()
    }

    pub(crate) fn leaders(&self) -> usize {
        let alive = self.tabs.iter().filter(|process| process.alive);
        alive.filter(|process| process.tab.leads()).count()
    }

    /// Nothing is left to be said.
    pub(crate) fn has_said_all(&self) -> bool {
        self.to_say.is_empty()
    }

    pub(crate) fn clock_was_put(&self) -> bool {
        self.clock_put_at.is_some()
    }

    /// All tabs are closed, and the site is opened anew.
    pub(crate) fn come_back(&mut self) {
        for at in self.open_tabs() {
            self.close(at, false);
        }
        self.open();
    }
}

/// How much of a line the endpoint has confirmed: that never becomes less.
fn confirmed(state: SendState) -> u8 {
    match state {
        SendState::Queued | SendState::Sending | SendState::Failed(_) => 0,
        SendState::Sent => 1,
        SendState::Seen => 2,
    }
}
