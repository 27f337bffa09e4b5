//! The session as a state machine. An input changes the state; then `drive` looks at
//! the whole state and makes every call that is due. So one place decides which calls
//! are made, and it does not matter which input made them possible.

mod calls;
mod content;
mod display;
mod faults;
mod goals;
mod history;
mod input;
mod intents;
mod leadership;
mod link;
mod offline;
mod output;
mod replies;
mod unsent;
mod uploads;
mod watch;

pub use input::{
    Boot, BrowserInfo, Fault, Input, PastThreads, Posted, Reply, ThreadPage, UploadOutcome,
};
pub use output::{
    Call, Credentials, Device, HistoryWait, Output, Report, Request, RequestId, StateUpdate,
};

use parlor_wire::{CustomerId, DeploymentId, OrganizationId, ThreadId, visitor::Welcome};

use crate::{
    Millis,
    backoff::Jitter,
    change::{AgentCard, Change, Stage},
    clock::{self, Clock},
    idle::Idle,
    lane::Lane,
    limits::{DRAFT_SAVED_EVERY, OUTAGE_SHOWN_AFTER, POLL_BEHIND_MAX},
    line::{FailedBecause, LineId, Press},
    outbox::Outbox,
    saved::{Saved, SavedSession},
    shared::Shared,
    transcript::Transcript,
    typing::Typing,
    visit::{self, Visit},
};
use faults::Receiving;
use goals::Goals;
use history::HistoryReader;
use link::{Link, OpenLink, Phase};
use watch::Watch;

/// The visitor's session. See the crate's documentation.
#[derive(Debug, Default)]
pub struct Session {
    identity: Identity,
    ids: Ids,
    time: Time,
    display: Display,
    conversation: Conversation,
    link: Link,
    settings_lane: Lane,
    watch: Watch,
    outbox: Outbox,
    uploads: Vec<uploads::Upload>,
    history: HistoryReader,
    goals: Goals,
    seen: Seen,
    /// See [`Saved::awaits_answer`].
    awaits_answer: Option<Millis>,
    typing: Typing,
    visit: Visit,
    idle: Idle,
    storage: Storage,
    out: Vec<Output>,
}

/// Who the visitor is, and where they chat.
#[derive(Debug)]
struct Identity {
    organization_id: OrganizationId,
    deployment_id: DeploymentId,
    button_id: String,
    browser: BrowserInfo,
    /// Given by the endpoint; joins a visitor's conversations.
    visitor_id: Option<String>,
    /// The visitor in the `user_ids` of events, if the endpoint says so.
    customer_id: Option<CustomerId>,
    /// The signed token by which the page vouches for the visitor.
    token: Option<String>,
}

impl Default for Identity {
    fn default() -> Self {
        Self {
            organization_id: OrganizationId::from(""),
            deployment_id: DeploymentId::from(""),
            button_id: String::new(),
            browser: BrowserInfo::default(),
            visitor_id: None,
            customer_id: None,
            token: None,
        }
    }
}

/// The parts of the ids of requests and lines.
#[derive(Debug, Default)]
struct Ids {
    /// Of this life of the document. Empty before it has booted.
    nonce: String,
    next_request: u64,
    next_line: u64,
}

impl Ids {
    /// An id for something that the visitor writes. Never used again.
    fn line(&mut self) -> String {
        self.next_line += 1;
        format!("{}-{}", self.nonce, self.next_line)
    }
}

#[derive(Debug, Default)]
struct Time {
    clock: Clock,
    jitter: Jitter,
    /// The time of the last [`Output::WakeAt`], by the machine's clock.
    wake_scheduled: Option<Millis>,
}

/// What was displayed last, beside the lines.
#[derive(Debug, Default)]
struct Display {
    stage: Stage,
    /// The stage was displayed by an earlier session, and stays until this one has
    /// something else to display.
    stage_restored: bool,
    welcome: Option<Shared<Welcome>>,
    /// An agent can take a conversation.
    available: bool,
    /// The visitor wants a conversation, and it is not known yet what to ask first.
    begin_when_welcome: bool,
    /// The request that is made only continues a conversation, on this device.
    continues: bool,
    draft: String,
    window_shown: bool,
    unread: usize,
    agent: Option<AgentCard>,
    ended_at: Option<Millis>,
    sneak_peek: bool,
}

/// What has been said, and to which threads it belongs.
#[derive(Debug, Default)]
struct Conversation {
    transcript: Transcript,
    /// The thread of the current conversation, once an event names it.
    thread: Option<ThreadId>,
    /// Threads of earlier conversations of this session.
    earlier_threads: Vec<ThreadId>,
    /// The pressed buttons of rich messages, by their `postback_id`; only of messages
    /// in which one was pressed.
    pressed: Vec<(LineId, Vec<(String, Press)>)>,
}

/// How far the visitor has read.
#[derive(Debug, Default)]
struct Seen {
    /// The endpoint's time of the newest line of an agent.
    newest: Option<String>,
    /// The time up to which the endpoint has been told that lines were seen.
    reported: Option<String>,
}

/// What the device persists.
#[derive(Debug)]
struct Storage {
    /// The device persists what it is given.
    available: bool,
    /// The device refused the last save: the same is saved once more.
    save_again: bool,
    /// See [`Saved::term`].
    term: u64,
    /// What was saved last.
    saved: Saved,
    saved_at: Millis,
}

impl Default for Storage {
    fn default() -> Self {
        Self {
            available: true,
            save_again: false,
            term: 0,
            saved: Saved::default(),
            saved_at: 0,
        }
    }
}

impl Session {
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes one input and returns what follows from it, in order.
    pub fn handle(&mut self, now: Millis, input: Input) -> Vec<Output> {
        let now = self.time.clock.monotonic(now);
        if clock::slept(self.time.wake_scheduled, now) {
            self.retry_all(now);
        }
        // A device that refused a save may have room again.
        self.storage.save_again |= !self.storage.available;
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
            Input::Wake => self.time.wake_scheduled = None,
            Input::Visibility(visible) => self.visibility_changed(now, visible),
            Input::StorageAvailable(kept) => {
                if self.storage.available != kept {
                    // Either the last save was refused, or it must be saved now that it
                    // can be.
                    self.storage.save_again = true;
                    self.storage.available = kept;
                    self.change(Change::StorageAvailable(kept));
                }
            }
        }
        self.finish(now)
    }

    /// Everything that may follow from any input, in order.
    fn finish(&mut self, now: Millis) -> Vec<Output> {
        self.expire(now);
        self.report_seen();
        self.drive(now);
        self.save(now);
        self.schedule_wake(now);
        std::mem::take(&mut self.out)
    }

    fn boot(&mut self, now: Millis, boot: Boot) {
        if !boot.organization_id.as_str().is_empty()
            || self.identity.organization_id.as_str().is_empty()
        {
            self.identity.organization_id = boot.organization_id;
        }
        self.identity.deployment_id = boot.deployment_id;
        self.identity.button_id = boot.button_id;
        let mut browser = boot.browser;
        browser.referrer = browser.referrer.and_then(visit::url_within_limits);
        if let Some(page) = browser.page.take() {
            self.visit.is_on(page);
        }
        self.identity.browser = browser;
        self.identity.token = boot.identity_token;
        self.ids.nonce = boot.nonce;
        self.time.jitter = Jitter(boot.seed);
        let saved = boot.saved;
        self.identity.visitor_id = saved.as_ref().and_then(|it| it.visitor_id.clone());
        self.ask_for_history();
        let Some(saved) = saved else {
            return self.nothing_to_resume();
        };
        if !saved.draft.is_empty() {
            self.display.draft.clone_from(&saved.draft);
            self.change(Change::Draft(saved.draft.clone()));
        }
        self.storage.term = self.storage.term.max(saved.term);
        if saved.opening.is_some() {
            self.conversation.transcript.all_is_earlier();
        }
        self.restore_unsent(&saved);
        self.restore_outbox(now, &saved);
        if let Some(since) = saved.awaits_answer {
            self.resume_awaiting(now, since);
        }
        self.place_left_message(now);
        // The session of a message that was left is continued by a tab that displays it.
        // After a reload the list of conversations tells of an answer.
        let session = saved.session.clone();
        let is_of_message = self.display.stage != Stage::MessageLeft
            && session
                .as_ref()
                .is_some_and(|session| session.of_message && session.init.is_none());
        let Some(session) = session.filter(|_| !is_of_message) else {
            if saved.opening.is_some() {
                self.link = Link::Opening(Lane::default());
                self.enter_request();
            } else {
                self.give_up(FailedBecause::Lost);
                self.nothing_to_resume();
            }
            self.storage.saved = saved;
            return;
        };
        let credentials = Credentials {
            key: session.key,
            affinity: "null".to_owned(),
        };
        self.link = Link::Open(Box::new(OpenLink {
            poll_timeout: session.poll_timeout,
            offset: session.offset,
            ..OpenLink::new(Phase::Reconnecting, session.id, credentials)
        }));
        self.outbox.end = session.end;
        self.storage.saved = saved;
        if self.left_message().is_some() {
            return self.enter_request();
        }
        if self.display.stage == Stage::MessageLeft {
            return;
        }
        if !self.in_conversation() {
            self.enter(Stage::Resuming);
        }
        self.change(Change::Conversation(true));
    }

    /// What is displayed stays, unless it needs a session.
    fn nothing_to_resume(&mut self) {
        self.give_up_uploads();
        if self.display.stage == Stage::LeavingMessage {
            self.recover_left_message();
        } else if !self.display.stage_restored || self.in_conversation() {
            self.show(Stage::Hello);
        }
    }

    fn expire(&mut self, now: Millis) {
        if let Some(id) = self.settings_lane.overdue(now) {
            self.out.push(Output::Abort(id));
            self.pause(now, &Fault::Network, Receiving::Settings);
        }
        if let Some(id) = self.link.lane().and_then(|lane| lane.overdue(now)) {
            self.out.push(Output::Abort(id));
            self.pause(now, &Fault::Network, Receiving::Link);
        }
        if let Some(link) = self.link.open_mut() {
            let sent_at = link.poll.sent_at;
            if let Some(id) = link.poll.lane.overdue(now) {
                self.out.push(Output::Abort(id));
                self.watch.outage_since.get_or_insert(sent_at);
                self.pause(now, &Fault::Network, Receiving::Poll);
            }
        }
        if let Some(link) = self.link.open_mut()
            && let Some(since) = link.behind_since
            && now >= since.saturating_add(POLL_BEHIND_MAX)
        {
            link.behind_since = None;
            self.watch.outage_since.get_or_insert(since);
            let dead = link.poll.lane.cancel();
            self.out.extend(dead.map(Output::Abort));
        }
        if self.poll_late_at().is_some_and(|at| now >= at)
            && let Some(link) = self.link.open()
        {
            self.watch.outage_since.get_or_insert(link.poll.sent_at);
        }
        if let Some(id) = self.history.watch.overdue(now) {
            self.out.push(Output::Abort(id));
            self.history.watch.failed(now, &mut self.time.jitter, None);
        }
        self.expire_goal(now);
        self.expire_probes(now);
        self.expire_outbox(now);
        if let Some(id) = self.outbox.lane.overdue(now) {
            self.out.push(Output::Abort(id));
            self.unanswered(now);
            self.outbox.lane.unanswered(now, &mut self.time.jitter);
        }
        if self.typing.agent_expired(now) {
            self.change(Change::AgentTyping(false));
        }
        if let Some(ends_at) = self.idle.change(now) {
            if ends_at.is_some() {
                self.outbox.warned = Some(true);
            }
            self.change(Change::EndsAt(ends_at));
        }
        if !self.watch.outage_shown && self.outage_shown_at().is_some_and(|at| now >= at) {
            self.watch.outage_shown = true;
            self.show_connection();
        }
        self.expire_busy(now);
    }

    /// Any answer may tell the newest position of the session.
    fn check_behind(&mut self, now: Millis, latest: Option<i64>) {
        let (Some(latest), Some(link)) = (latest, self.link.open_mut()) else {
            return;
        };
        if link.offset.unwrap_or(0) < latest {
            link.behind_since.get_or_insert(now);
        } else {
            link.behind_since = None;
        }
    }

    fn outage_shown_at(&self) -> Option<Millis> {
        self.watch
            .outage_since
            .map(|since| since.saturating_add(OUTAGE_SHOWN_AFTER))
    }

    fn schedule_wake(&mut self, now: Millis) {
        let behind = self.link.open().and_then(|link| link.behind_since);
        let link_due = self.link.lane().and_then(|lane| lane.due());
        let poll_due = self.link.poll_lane().and_then(|lane| lane.due());
        let mut next: Option<Millis> = None;
        [
            self.settings_lane.due(),
            self.settings_due(),
            link_due,
            poll_due,
            self.outbox.lane.due(),
            self.history.watch.due(),
            self.goals.lane.due(),
            behind.map(|since| since.saturating_add(POLL_BEHIND_MAX)),
            self.typing.agent_due(),
            self.idle.due(),
            self.typing
                .due(self.display.sneak_peek)
                .filter(|_| self.signals_allowed()),
            self.visit.due().filter(|_| self.pages_allowed()),
            self.outage_shown_at().filter(|_| !self.watch.outage_shown),
            self.watch.busy_until,
            self.poll_late_at()
                .filter(|_| self.watch.outage_since.is_none()),
            self.probe_due(),
            self.outbox_expires_at(),
            self.draft_due(),
        ]
        .into_iter()
        // What is due already waits for something else, not for a time.
        .for_each(|at| match (at, next) {
            (Some(at), Some(next)) if next <= at => {}
            (Some(at), _) if at > now => next = Some(at),
            _ => {}
        });
        if let Some(at) = next
            && self.time.wake_scheduled != Some(at)
        {
            self.time.wake_scheduled = Some(at);
            self.out.push(Output::WakeAt(self.time.clock.on_device(at)));
        }
    }

    /// When the draft is to be saved, if it has changed since the last save. It is saved at once
    /// if nobody looks at the document, which may not come back then.
    fn draft_due(&self) -> Option<Millis> {
        let is_saved = self.display.draft == self.storage.saved.draft;
        let due = self.storage.saved_at.saturating_add(DRAFT_SAVED_EVERY);
        (!is_saved && !self.ids.nonce.is_empty()).then_some(due)
    }

    fn save(&mut self, now: Millis) {
        if self.ids.nonce.is_empty() {
            return;
        }
        let session = self.link.open().map(|link| SavedSession {
            id: link.session_id.clone(),
            key: link.credentials.key.clone(),
            poll_timeout: link.poll_timeout,
            offset: link.offset,
            init: self.outbox.init.clone(),
            end: self.outbox.end,
            of_message: matches!(
                self.display.stage,
                Stage::LeavingMessage | Stage::MessageLeft
            ),
        });
        let opening = if session.is_none() {
            self.outbox.init.clone()
        } else {
            None
        };
        let saved = Saved {
            visitor_id: self.identity.visitor_id.clone(),
            session,
            opening,
            outbox: self.outbox.messages().cloned().collect(),
            unsent: self.outbox.unsent.clone(),
            draft: self.display.draft.clone(),
            awaits_answer: self.awaits_answer,
            term: self.storage.term,
        };
        let is_nothing = |saved: &Saved, term| {
            let nothing = Saved {
                term,
                ..Saved::default()
            };
            saved.is_equivalent(&nothing) && saved.draft.is_empty()
        };
        // Before there is a conversation, nothing is stored.
        if is_nothing(&saved, self.storage.term) && is_nothing(&self.storage.saved, 0) {
            return;
        }
        let is_draft_due = self
            .draft_due()
            .is_some_and(|due| now >= due || !self.watch.visible);
        let is_due = is_draft_due || !saved.is_equivalent(&self.storage.saved);
        if std::mem::take(&mut self.storage.save_again) || is_due {
            self.storage.saved_at = now;
            self.storage.saved = saved.clone();
            // First, so that whatever this input displays or sends is persisted by then.
            self.out.insert(0, Output::Save(Box::new(saved)));
        }
    }
}
