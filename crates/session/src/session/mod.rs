//! The machine: one input, then everything that follows from it.
//!
//! Inputs change the state; after each, `drive` looks at the whole state and
//! sends whatever is due. So there is one place that decides what goes, and it
//! does not matter which input made it possible.

mod calls;
mod faults;
mod intents;
mod picture;
mod replies;

use parlor_wire::{DeploymentId, OrganizationId, visitor::Welcome};

use crate::{
    Millis,
    backoff::Jitter,
    change::{AgentCard, Change, Connection, Stage},
    input::{Boot, Device, Fault, Input},
    lane::Lane,
    limits::{POLL_BEHIND_MAX, POLL_TIMEOUT, TROUBLE_SHOWN_AFTER},
    line::SendState,
    outbox::Outbox,
    output::{Credentials, Output},
    saved::{Saved, SavedSession},
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
    device: Device,
    nonce: String,
    jitter: Jitter,
    next_request: u64,
    next_line: u64,

    stage: Stage,
    welcome: Option<Welcome>,
    /// A conversation is wanted before it is known what to ask first.
    begin_when_welcome: bool,
    visitor_id: Option<String>,
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
    /// Since when the endpoint is known to have more than we received.
    behind_since: Option<Millis>,

    settings_lane: Lane,
    link_lane: Lane,
    poll_lane: Lane,
    post_lane: Lane,
    outbox: Outbox,
    transcript: Transcript,
    typing: Typing,
    /// Since when nothing could be received.
    trouble_since: Option<Millis>,
    trouble_shown: bool,

    saved: Saved,
    woken_at: Option<Millis>,
    out: Vec<Output>,
}

impl Default for Session {
    fn default() -> Self {
        Self {
            organization_id: OrganizationId::from(""),
            deployment_id: DeploymentId::from(""),
            button_id: String::new(),
            device: Device::default(),
            nonce: String::new(),
            jitter: Jitter::default(),
            next_request: 0,
            next_line: 0,
            stage: Stage::Hello,
            welcome: None,
            begin_when_welcome: false,
            visitor_id: None,
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
            behind_since: None,
            settings_lane: Lane::default(),
            link_lane: Lane::default(),
            poll_lane: Lane::default(),
            post_lane: Lane::default(),
            outbox: Outbox::default(),
            transcript: Transcript::default(),
            typing: Typing::default(),
            trouble_since: None,
            trouble_shown: false,
            saved: Saved::default(),
            woken_at: None,
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
        match input {
            Input::Boot(boot) => self.boot(*boot),
            Input::Intent(intent) => self.intent(now, intent),
            Input::Reply {
                id,
                reply,
                latest_offset,
            } => {
                self.reply(now, id, *reply);
                self.compare(now, latest_offset);
            }
            Input::Fault { id, fault } => self.fault(now, id, &fault),
            Input::Wake => self.woken_at = None,
        }
        self.expire(now);
        self.drive(now);
        self.save();
        self.ask_to_be_woken();
        std::mem::take(&mut self.out)
    }

    fn boot(&mut self, boot: Boot) {
        self.organization_id = boot.organization_id;
        self.deployment_id = boot.deployment_id;
        self.button_id = boot.button_id;
        self.device = boot.device;
        self.nonce = boot.nonce;
        self.jitter = Jitter(boot.seed);
        let Some(saved) = boot.saved else {
            return self.show(Stage::Hello);
        };
        self.visitor_id.clone_from(&saved.visitor_id);
        if !saved.draft.is_empty() {
            self.draft.clone_from(&saved.draft);
            self.change(Change::Draft(saved.draft.clone()));
        }
        let Some(session) = saved.session.clone() else {
            self.saved = saved;
            return self.show(Stage::Hello);
        };
        self.session_id = session.id;
        self.credentials = Some(Credentials {
            key: session.key,
            affinity: "null".to_owned(),
        });
        self.poll_timeout = session.poll_timeout;
        self.offset = session.offset;
        for pending in &saved.outbox {
            self.place_own(pending, SendState::Queued);
        }
        self.outbox.restore(session.init, saved.outbox.clone());
        self.saved = saved;
        self.link = Link::Reconnecting;
        self.enter(Stage::Resuming);
        self.change(Change::Conversation(true));
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
            self.pause(now, &Fault::Network, Receiving::Poll);
        }
        if self.behind_until().is_some_and(|until| now >= until) {
            self.behind_since = None;
            if let Some(id) = self.poll_lane.let_go() {
                self.out.push(Output::Abort(id));
            }
        }
        if let Some(id) = self.post_lane.overdue(now) {
            self.out.push(Output::Abort(id));
            self.outbox.unanswered();
            self.pause_post(now, None);
        }
        if self.typing.agent_expired(now) {
            self.change(Change::AgentTyping(false));
        }
        if !self.trouble_shown && self.trouble_shows_at().is_some_and(|at| now >= at) {
            self.trouble_shown = true;
            self.change(Change::Connection(Connection::Reconnecting));
        }
    }

    /// The newest position of the session, as any answer may tell it.
    fn compare(&mut self, now: Millis, latest: Option<i64>) {
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

    fn trouble_shows_at(&self) -> Option<Millis> {
        self.trouble_since
            .map(|since| since.saturating_add(TROUBLE_SHOWN_AFTER))
    }

    fn ask_to_be_woken(&mut self) {
        let at = [
            self.settings_lane.due(),
            self.link_lane.due(),
            self.poll_lane.due(),
            self.post_lane.due(),
            self.behind_until(),
            self.typing.agent_due(),
            self.typing
                .due(self.sneak_peek)
                .filter(|_| self.signals_go()),
            self.trouble_shows_at().filter(|_| !self.trouble_shown),
        ]
        .into_iter()
        .flatten()
        .min();
        if let Some(at) = at
            && self.woken_at != Some(at)
        {
            self.woken_at = Some(at);
            self.out.push(Output::WakeAt(at));
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
            init: self.outbox.init.as_deref().cloned(),
        });
        let saved = Saved {
            visitor_id: self.visitor_id.clone(),
            session,
            outbox: self.outbox.messages().cloned().collect(),
            draft: self.draft.clone(),
        };
        if saved != self.saved {
            self.saved = saved.clone();
            self.out.push(Output::Save(Box::new(saved)));
        }
    }
}
