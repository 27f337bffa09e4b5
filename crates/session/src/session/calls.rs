//! Decides which calls are made now, by the whole state of the session.

use parlor_wire::visitor::{
    Breadcrumb, ChatEnd, ChatMessage, IdleTimeoutWarning, ResyncState, SneakPeek,
};

use super::{
    Session,
    link::{Link, OpenLink, Phase},
};
use crate::{
    Millis,
    change::Stage,
    limits::{AVAILABILITY_EVERY, POST_TIMEOUT, VISIBLE_POLL_HOLD, VISIBLE_POLL_PATIENCE},
    line::SendState,
    outbox::PostBody,
    saved::OutgoingEvent,
    session::{Call, Output, Request, RequestId},
    typing::Signal,
};

impl Session {
    pub(super) fn signals_allowed(&self) -> bool {
        self.display.stage == Stage::Chatting
            && self.display.agent.is_some()
            && self.link.is_in(Phase::Up)
    }

    /// Pages are posted while there is a conversation, or the visitor waits for one.
    pub(super) fn pages_allowed(&self) -> bool {
        matches!(self.display.stage, Stage::Chatting | Stage::Waiting { .. })
            && self.link.is_in(Phase::Up)
    }

    /// The only place that decides which calls are made.
    pub(super) fn drive(&mut self, now: Millis) {
        self.drive_settings(now);
        self.drive_link(now);
        self.drive_poll(now);
        self.probe(now);
        self.drive_uploads();
        self.drive_history(now);
        self.drive_goals(now);
        if self.outbox.lane.is_ready(now) {
            self.post(now);
        }
    }

    fn drive_settings(&mut self, now: Millis) {
        let is_missing = self.display.welcome.is_none() && !self.ids.nonce.is_empty();
        let is_old = self.settings_due().is_some_and(|due| now >= due);
        if (is_missing || is_old) && self.settings_lane.is_ready(now) {
            let id = self.call(Request::Settings, None);
            self.settings_lane.sent(id, now, POST_TIMEOUT);
        }
    }

    /// When to ask again who is there: while somebody reads the greeting, or waits.
    pub(super) fn settings_due(&self) -> Option<Millis> {
        let is_read = matches!(self.display.stage, Stage::Hello | Stage::Waiting { .. })
            && self.display.welcome.is_some()
            && self.display.window_shown
            && self.watch.visible;
        is_read.then(|| self.watch.settings_at.saturating_add(AVAILABILITY_EVERY))
    }

    fn drive_link(&mut self, now: Millis) {
        let request = match &self.link {
            Link::Opening(_) => Request::SessionId,
            Link::Open(link) if link.phase == Phase::Reconnecting => Request::ReconnectSession {
                offset: link.offset,
            },
            _ => return,
        };
        if !self.link.lane().is_some_and(|lane| lane.is_ready(now)) {
            return;
        }
        let id = self.call(request, None);
        if let Some(lane) = self.link.lane() {
            lane.sent(id, now, POST_TIMEOUT);
        }
    }

    fn drive_poll(&mut self, now: Millis) {
        let polls = |link: &&mut OpenLink| link.phase != Phase::Reconnecting;
        let Some(link) = self.link.open_mut().filter(polls) else {
            return;
        };
        if !link.poll.lane.is_ready(now) {
            return;
        }
        // Grows from poll to poll also if the clock was put back, and from one life of
        // the document to the next.
        link.poll.number = now.max(link.poll.number + 1);
        link.poll.sent_at = now;
        // While the visitor looks, a dead connection must be noticed within seconds; in
        // an outage, the first answer is wanted at once.
        link.poll.hold = match (self.watch.visible, self.watch.outage_since) {
            (false, _) => None,
            (true, None) => Some(VISIBLE_POLL_HOLD),
            (true, Some(_)) => Some(0),
        };
        let patience = match link.poll.hold {
            Some(_) if self.watch.endpoint_honours_hold => {
                VISIBLE_POLL_HOLD + VISIBLE_POLL_PATIENCE
            }
            _ => link.poll_timeout,
        };
        let request = Request::Messages {
            ack: link.ack,
            poll: link.poll.number,
            hold: link.poll.hold,
        };
        let id = self.call(request, None);
        if let Some(lane) = self.link.poll_lane() {
            lane.sent(id, now, patience);
        }
    }

    /// Makes the next POST. After the conversation has ended, only state updates are left,
    /// which need no number.
    fn post(&mut self, now: Millis) {
        let next = match &self.link {
            Link::Open(link) if link.phase == Phase::Resyncing => {
                let organization_id = self.identity.organization_id.to_string();
                let state = ResyncState { organization_id };
                Some((Request::ResyncState(state), None))
            }
            Link::Open(link) if link.phase == Phase::Up => self.next_post(now),
            Link::Closed { ended: Some(_) } => self.next_post_after_end(),
            _ => None,
        };
        if let Some((request, number)) = next {
            let id = self.call(request, number);
            self.outbox.lane.sent(id, now, POST_TIMEOUT);
        }
    }

    fn next_post(&mut self, now: Millis) -> Option<(Request, Option<u64>)> {
        let (allowed, sneak_peek) = (self.signals_allowed(), self.display.sneak_peek);
        let pages_allowed = self.pages_allowed();
        let (typing, visit) = (&mut self.typing, &mut self.visit);
        let signal = || {
            let typing = allowed.then(|| typing.signal(now, sneak_peek)).flatten();
            typing.or_else(|| {
                let page = pages_allowed.then(|| visit.next(now))?;
                page.map(Signal::Page)
            })
        };
        let post = self.outbox.next(signal)?;
        let Some(request) = self.post_request(&post.body) else {
            self.outbox.done();
            return None;
        };
        if let PostBody::Message(id) = &post.body {
            let session_id = self.link.open().map_or("", |link| &link.session_id);
            self.outbox.mark_sent_in(id, session_id);
            self.set_state(id, SendState::Sending);
        }
        Some((request, Some(post.number)))
    }

    fn next_post_after_end(&mut self) -> Option<(Request, Option<u64>)> {
        let post = self.outbox.next(|| None)?;
        Some((self.post_request(&post.body)?, None))
    }

    pub(super) fn post_request(&self, body: &PostBody) -> Option<Request> {
        Some(match body {
            PostBody::Init => Request::Init {
                init: self.outbox.init.clone()?,
                session_id: self.link.open()?.session_id.clone(),
            },
            PostBody::Message(id) => {
                let message = self.outbox.find(id)?;
                match message.event {
                    OutgoingEvent::Text => Request::Message(ChatMessage {
                        text: message.text.clone(),
                        custom_id: Some(id.0.clone()),
                    }),
                    _ => Request::Event(Box::new(message.clone())),
                }
            }
            PostBody::StateUpdate(state) => Request::StateUpdate((**state).clone()),
            PostBody::Signal(Signal::Typing) => Request::Typing,
            PostBody::Signal(Signal::NotTyping) => Request::NotTyping,
            PostBody::Signal(Signal::SneakPeek { position, text }) => {
                Request::SneakPeek(SneakPeek {
                    position: *position,
                    text: text.clone(),
                })
            }
            PostBody::Signal(Signal::Page(page)) => Request::Breadcrumb(Breadcrumb {
                location: page.url.clone(),
                title: page.title.clone(),
            }),
            PostBody::Warned(is_warned) => {
                let event = if *is_warned { "triggered" } else { "cleared" };
                Request::IdleWarning(IdleTimeoutWarning {
                    idle_timeout_warning_event: event.to_owned(),
                })
            }
            PostBody::End => Request::ChatEnd(ChatEnd {
                kind: None,
                reason: Some("client".to_owned()),
            }),
        })
    }

    pub(super) fn call(&mut self, request: Request, number: Option<u64>) -> RequestId {
        self.ids.next_request += 1;
        let id = RequestId(self.ids.next_request);
        let credentials = match request {
            Request::Settings
            | Request::SessionId
            | Request::History { .. }
            | Request::Thread { .. }
            | Request::ThreadSeen { .. }
            | Request::Goal { .. } => None,
            _ => self.link.credentials().cloned(),
        };
        self.out.push(Output::Call(Box::new(Call {
            id,
            request,
            credentials,
            number,
        })));
        id
    }
}
