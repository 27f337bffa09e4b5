//! The machine: one input, then everything that follows from it.
//!
//! Inputs change the state; after each, `drive` looks at the whole state and
//! sends whatever is due. So there is one place that decides what goes, and it
//! does not matter which input made it possible.

mod calls;
mod content;
mod display;
mod faults;
mod history;
mod input;
mod intents;
mod leadership;
mod output;
mod replies;
mod unsent;
mod uploads;
mod watch;

pub use input::{Boot, BrowserInfo, Fault, Input, Posted, Reply, ThreadPage, UploadOutcome};
pub use output::{Call, Credentials, Output, Report, Request, RequestId, StateUpdate};

use parlor_wire::{CustomerId, DeploymentId, OrganizationId, ThreadId, visitor::Welcome};

use crate::{
    Millis,
    backoff::Jitter,
    change::{AgentCard, Change, Connection, History, Stage},
    clock::{self, Clock},
    lane::Lane,
    limits::{POLL_BEHIND_MAX, POLL_TIMEOUT, TROUBLE_SHOWN_AFTER},
    line::{FailedBecause, LineId, Press},
    outbox::Outbox,
    saved::{Saved, SavedSession, Unsent},
    shared::Shared,
    transcript::Transcript,
    typing::Typing,
};
use faults::Receiving;

/// Where the session with the endpoint stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Link {
    /// There is none.
    #[default]
    Closed,
    /// One is asked for.
    Opening,
    /// Polls and posts go.
    Up,
    /// The endpoint gave the session to another server: asking where.
    Reconnecting,
    /// Polling for `ChasitorSessionData`; nothing is posted before it.
    AwaitingData,
    /// Telling the new server that we are there; nothing else is posted yet.
    Resyncing,
}

/// The visitor's session. See the crate's documentation.
#[derive(Debug)]
pub struct Session {
    organization_id: OrganizationId,
    deployment_id: DeploymentId,
    button_id: String,
    browser: BrowserInfo,
    nonce: String,
    jitter: Jitter,
    clock: Clock,
    next_request: u64,
    next_line: u64,

    stage: Stage,
    /// The stage is on screen already, from before this session began.
    stage_shown: bool,
    welcome: Option<Shared<Welcome>>,
    /// A conversation is wanted before it is known what to ask first.
    begin_when_welcome: bool,
    visitor_id: Option<String>,
    /// Whom the endpoint's `user_ids` call the visitor, where it says so.
    customer_id: Option<CustomerId>,
    draft: String,
    window_shown: bool,
    unread: usize,
    agent: Option<AgentCard>,
    sneak_peek: bool,

    link: Link,
    session_id: String,
    credentials: Option<Credentials>,
    poll_timeout: Millis,
    polled_at: Millis,
    poll_number: u64,
    ack: i64,
    offset: Option<i64>,
    /// The visitor looks at the window.
    visible: bool,
    /// The endpoint holds polls as shortly as it is asked to.
    endpoint_honours_hold: bool,
    /// How long the open poll is held, where that is known.
    poll_hold: Option<Millis>,
    /// Probes on their way, and when each was sent.
    probes: Vec<(RequestId, Millis)>,
    probed_at: Millis,
    /// Every probe was answered since this one was sent.
    network_works_since: Option<Millis>,
    /// When the last hand-over was that has not served us since.
    handed_over_at: Option<Millis>,
    /// Since when the endpoint is known to have more than we received.
    behind_since: Option<Millis>,

    settings_lane: Lane,
    link_lane: Lane,
    poll_lane: Lane,
    post_lane: Lane,
    outbox: Outbox,
    uploads: Vec<uploads::Upload>,
    /// Which buttons of rich messages are pressed, by their `postback_id`; of
    /// the few messages in which one was.
    pressed: Vec<(LineId, Vec<(String, Press)>)>,
    history: History,
    history_wanted: bool,
    history_lane: Lane,
    /// ThreadPage conversations whose lines are in the transcript, all or some.
    read_threads: Vec<String>,
    /// The conversation of the first line, and its number, where there are
    /// lines of it above.
    above: Option<(String, u64)>,
    /// The earlier conversation up to which all are being fetched.
    history_until: Option<String>,
    /// The page's word for who the visitor is.
    identity: Option<String>,
    /// The endpoint's time of the newest line of the other side, and the one
    /// that it was told of as seen.
    newest: Option<String>,
    seen: Option<String>,
    /// Of a session that is over: what is told of it still goes.
    after: Option<Credentials>,
    /// Given up, and offered again.
    unsent: Vec<Unsent>,
    transcript: Transcript,
    typing: Typing,
    /// Since when nothing could be received.
    outage_since: Option<Millis>,
    outage_shown: bool,

    /// Whether the device keeps what is to be saved.
    storage_available: bool,
    /// The device refused what was to be kept: once more.
    save_again: bool,
    /// Of the tab's lead; see [`Saved::term`].
    pub(crate) term: u64,
    saved: Saved,
    woken_at: Option<Millis>,
    /// Threads of conversations before this one, in this life.
    earlier_threads: Vec<ThreadId>,
    thread: Option<ThreadId>,
    out: Vec<Output>,
}

impl Default for Session {
    fn default() -> Self {
        Self {
            organization_id: OrganizationId::from(""),
            deployment_id: DeploymentId::from(""),
            button_id: String::new(),
            browser: BrowserInfo::default(),
            nonce: String::new(),
            jitter: Jitter::default(),
            clock: Clock::default(),
            next_request: 0,
            next_line: 0,
            stage: Stage::Hello,
            stage_shown: false,
            welcome: None,
            begin_when_welcome: false,
            visitor_id: None,
            customer_id: None,
            draft: String::new(),
            window_shown: false,
            unread: 0,
            agent: None,
            sneak_peek: false,
            link: Link::Closed,
            session_id: String::new(),
            credentials: None,
            poll_timeout: POLL_TIMEOUT,
            polled_at: 0,
            poll_number: 0,
            ack: -1,
            offset: None,
            visible: false,
            endpoint_honours_hold: false,
            poll_hold: None,
            probes: Vec::new(),
            probed_at: 0,
            network_works_since: None,
            handed_over_at: None,
            behind_since: None,
            settings_lane: Lane::default(),
            link_lane: Lane::default(),
            poll_lane: Lane::default(),
            post_lane: Lane::default(),
            outbox: Outbox::default(),
            uploads: Vec::new(),
            pressed: Vec::new(),
            history: History::default(),
            history_wanted: false,
            history_lane: Lane::default(),
            read_threads: Vec::new(),
            above: None,
            history_until: None,
            identity: None,
            newest: None,
            seen: None,
            after: None,
            unsent: Vec::new(),
            transcript: Transcript::default(),
            typing: Typing::default(),
            outage_since: None,
            outage_shown: false,
            storage_available: true,
            save_again: false,
            term: 0,
            saved: Saved::default(),
            woken_at: None,
            earlier_threads: Vec::new(),
            thread: None,
            out: Vec::new(),
        }
    }
}

impl Session {
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes one input and says what follows from it, in order.
    pub fn handle(&mut self, now: Millis, input: Input) -> Vec<Output> {
        let now = self.clock.monotonic(now);
        if clock::slept(self.woken_at, now) {
            self.retry_all(now);
        }
        // A device that refused may have room again.
        self.save_again |= !self.storage_available;
        match input {
            Input::Boot(boot) => self.boot(now, *boot),
            Input::Intent(intent) => self.intent(now, intent),
            Input::Reply {
                id,
                reply,
                latest_offset,
            } => {
                self.reply(now, id, *reply);
                self.check_behind(now, latest_offset);
            }
            Input::Fault { id, fault } => self.fault(now, id, &fault),
            Input::UploadProgress { id, percent } => self.uploading(id, percent),
            Input::UploadFinished { id, outcome } => self.uploaded(now, id, outcome),
            Input::Wake => self.woken_at = None,
            Input::Visibility(visible) => self.visibility_changed(now, visible),
            Input::StorageAvailable(kept) => {
                if self.storage_available != kept {
                    // What was refused meanwhile is not there; or it is for the
                    // other tabs to have.
                    self.save_again = true;
                    self.storage_available = kept;
                    self.change(Change::StorageAvailable(kept));
                }
            }
        }
        self.finish(now)
    }

    /// What follows from any input, in order.
    fn finish(&mut self, now: Millis) -> Vec<Output> {
        self.expire(now);
        self.report_seen();
        self.drive(now);
        self.save();
        self.schedule_wake(now);
        std::mem::take(&mut self.out)
    }

    fn boot(&mut self, now: Millis, boot: Boot) {
        if !boot.organization_id.as_str().is_empty() || self.organization_id.as_str().is_empty() {
            self.organization_id = boot.organization_id;
        }
        self.deployment_id = boot.deployment_id;
        self.button_id = boot.button_id;
        self.browser = boot.browser;
        self.nonce = boot.nonce;
        self.jitter = Jitter(boot.seed);
        let Some(saved) = boot.saved else {
            return self.nothing_to_resume();
        };
        self.visitor_id.clone_from(&saved.visitor_id);
        self.ask_for_history();
        if !saved.draft.is_empty() {
            self.draft.clone_from(&saved.draft);
            self.change(Change::Draft(saved.draft.clone()));
        }
        self.term = self.term.max(saved.term);
        if saved.opening.is_some() {
            self.transcript.all_is_earlier();
        }
        self.restore_unsent(&saved);
        self.restore_outbox(now, &saved);
        let Some(session) = saved.session.clone() else {
            if saved.opening.is_some() {
                self.link = Link::Opening;
                self.enter(Stage::Starting);
                self.change(Change::Conversation(true));
            } else {
                self.give_up(FailedBecause::Lost);
                self.nothing_to_resume();
            }
            self.saved = saved;
            return;
        };
        self.session_id = session.id;
        self.credentials = Some(Credentials {
            key: session.key,
            affinity: "null".to_owned(),
        });
        self.poll_timeout = session.poll_timeout;
        self.offset = session.offset;
        self.outbox.end = session.end;
        self.saved = saved;
        self.link = Link::Reconnecting;
        if !self.in_conversation() {
            self.enter(Stage::Resuming);
        }
        self.change(Change::Conversation(true));
    }

    /// What is on screen stays, unless it needs a session.
    fn nothing_to_resume(&mut self) {
        self.give_up_uploads();
        if !self.stage_shown || self.in_conversation() {
            self.show(Stage::Hello);
        }
    }

    fn expire(&mut self, now: Millis) {
        if let Some(id) = self.settings_lane.overdue(now) {
            self.out.push(Output::Abort(id));
            self.pause(now, &Fault::Network, Receiving::Settings);
        }
        if let Some(id) = self.link_lane.overdue(now) {
            self.out.push(Output::Abort(id));
            self.pause(now, &Fault::Network, Receiving::Link);
        }
        if let Some(id) = self.poll_lane.overdue(now) {
            self.out.push(Output::Abort(id));
            self.outage_since.get_or_insert(self.polled_at);
            self.pause(now, &Fault::Network, Receiving::Poll);
        }
        if let Some(since) = self.behind_since
            && now >= since.saturating_add(POLL_BEHIND_MAX)
        {
            self.behind_since = None;
            self.outage_since.get_or_insert(since);
            if let Some(id) = self.poll_lane.cancel() {
                self.out.push(Output::Abort(id));
            }
        }
        if self.poll_late_at().is_some_and(|at| now >= at) {
            self.outage_since.get_or_insert(self.polled_at);
        }
        self.expire_probes(now);
        self.expire_outbox(now);
        if let Some(id) = self.post_lane.overdue(now) {
            self.out.push(Output::Abort(id));
            self.outbox.unanswered();
            self.pause_post(now, None);
        }
        if self.typing.agent_expired(now) {
            self.change(Change::AgentTyping(false));
        }
        if !self.outage_shown && self.outage_shown_at().is_some_and(|at| now >= at) {
            self.outage_shown = true;
            self.change(Change::Connection(Connection::Reconnecting));
        }
    }

    /// The newest position of the session, as any answer may tell it.
    fn check_behind(&mut self, now: Millis, latest: Option<i64>) {
        let Some(latest) = latest else {
            return;
        };
        if self.offset.unwrap_or(0) < latest && self.credentials.is_some() {
            self.behind_since.get_or_insert(now);
        } else {
            self.behind_since = None;
        }
    }

    fn behind_until(&self) -> Option<Millis> {
        self.behind_since
            .map(|since| since.saturating_add(POLL_BEHIND_MAX))
    }

    fn outage_shown_at(&self) -> Option<Millis> {
        self.outage_since
            .map(|since| since.saturating_add(TROUBLE_SHOWN_AFTER))
    }

    fn schedule_wake(&mut self, now: Millis) {
        let mut next: Option<Millis> = None;
        [
            self.settings_lane.due(),
            self.link_lane.due(),
            self.poll_lane.due(),
            self.post_lane.due(),
            self.behind_until(),
            self.typing.agent_due(),
            self.typing
                .due(self.sneak_peek)
                .filter(|_| self.signals_allowed()),
            self.outage_shown_at().filter(|_| !self.outage_shown),
            self.poll_late_at().filter(|_| self.outage_since.is_none()),
            self.probe_due(),
            self.outbox_expires_at(),
        ]
        .into_iter()
        // What is due already waits for something else than time.
        .for_each(|at| match (at, next) {
            (Some(at), Some(next)) if next <= at => {}
            (Some(at), _) if at > now => next = Some(at),
            _ => {}
        });
        if let Some(at) = next
            && self.woken_at != Some(at)
        {
            self.woken_at = Some(at);
            self.out.push(Output::WakeAt(self.clock.on_device(at)));
        }
    }

    fn save(&mut self) {
        if self.nonce.is_empty() {
            return;
        }
        let session = self.credentials.as_ref().map(|credentials| SavedSession {
            id: self.session_id.clone(),
            key: credentials.key.clone(),
            poll_timeout: self.poll_timeout,
            offset: self.offset,
            init: self.outbox.init.clone(),
            end: self.outbox.end,
        });
        let opening = if session.is_none() {
            self.outbox.init.clone()
        } else {
            None
        };
        let saved = Saved {
            visitor_id: self.visitor_id.clone(),
            session,
            opening,
            outbox: self.outbox.messages().cloned().collect(),
            unsent: self.unsent.clone(),
            draft: self.draft.clone(),
            term: self.term,
        };
        let is_nothing = |saved: &Saved, term| {
            let nothing = Saved {
                term,
                ..Saved::default()
            };
            saved.is_equivalent(&nothing)
        };
        // Before there is a conversation, nothing is stored.
        if is_nothing(&saved, self.term) && is_nothing(&self.saved, 0) {
            return;
        }
        if !saved.is_equivalent(&self.saved) || std::mem::take(&mut self.save_again) {
            self.saved = saved.clone();
            // In front: what is shown or sent by this input is kept already.
            self.out.insert(0, Output::Save(Box::new(saved)));
        }
    }
}
