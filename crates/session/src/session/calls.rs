//! Which call goes now. Looks at the whole state; it does not matter which
//! input made a call possible.

use parlor_wire::visitor::{ChatEnd, ChatMessage, ResyncState, SneakPeek};

use super::{Link, Session};
use crate::{
    Millis,
    change::Stage,
    limits::{LOOKED_POLL_HOLD, LOOKED_POLL_PATIENCE, POST_TIMEOUT},
    line::SendState,
    outbox::PostBody,
    saved::OutgoingEvent,
    session::{Call, Output, Request, RequestId},
    typing::Signal,
};

impl Session {
    pub(super) fn signals_allowed(&self) -> bool {
        self.stage == Stage::Chatting && self.agent.is_some() && self.link == Link::Up
    }

    pub(super) fn drive(&mut self, now: Millis) {
        if self.welcome.is_none() && !self.nonce.is_empty() && self.settings_lane.is_ready(now) {
            let id = self.call(Request::Settings, None);
            self.settings_lane.sent(id, now, POST_TIMEOUT);
        }
        let link = match self.link {
            Link::Opening => Some(Request::SessionId),
            Link::Reconnecting => Some(Request::ReconnectSession {
                offset: self.offset,
            }),
            _ => None,
        };
        if let Some(request) = link
            && self.link_lane.is_ready(now)
        {
            let id = self.call(request, None);
            self.link_lane.sent(id, now, POST_TIMEOUT);
        }
        let polls = matches!(self.link, Link::Up | Link::AwaitingData | Link::Resyncing);
        if polls && self.poll_lane.is_ready(now) {
            // Grows from poll to poll also when the clock was put back, and from
            // one life of the document to the next.
            self.poll_number = now.max(self.poll_number + 1);
            // Looked at, a dead way back must be known within seconds; in
            // trouble, the first answer is wanted at once.
            let hold = match (self.visible, self.outage_since) {
                (false, _) => None,
                (true, None) => Some(LOOKED_POLL_HOLD),
                (true, Some(_)) => Some(0),
            };
            self.poll_hold = hold;
            let request = Request::Messages {
                ack: self.ack,
                poll: self.poll_number,
                hold,
            };
            let id = self.call(request, None);
            self.polled_at = now;
            let patience = match hold {
                Some(_) if self.endpoint_honours_hold => LOOKED_POLL_HOLD + LOOKED_POLL_PATIENCE,
                _ => self.poll_timeout,
            };
            self.poll_lane.sent(id, now, patience);
        }
        self.probe(now);
        self.drive_uploads();
        self.drive_history(now);
        if self.post_lane.is_ready(now) {
            self.post(now);
        }
    }

    pub(super) fn post(&mut self, now: Millis) {
        let (request, number) = match self.link {
            Link::Resyncing => {
                let state = ResyncState {
                    organization_id: self.organization_id.to_string(),
                };
                (Request::ResyncState(state), None)
            }
            Link::Up => {
                let (signals_allowed, sneak_peek) = (self.signals_allowed(), self.sneak_peek);
                let typing = &mut self.typing;
                let signal = || {
                    signals_allowed
                        .then(|| typing.signal(now, sneak_peek))
                        .flatten()
                };
                let Some(post) = self.outbox.next(signal) else {
                    return;
                };
                let Some(request) = self.post_request(&post.body) else {
                    self.outbox.done();
                    return;
                };
                if let PostBody::Message(id) = &post.body {
                    self.outbox.mark_sent_in(id, &self.session_id);
                    self.set_state(id, SendState::Sending);
                }
                (request, Some(post.number))
            }
            // What is told of a conversation that is over says a state, and
            // needs no number.
            Link::Closed if self.after.is_some() => {
                let Some(post) = self.outbox.next(|| None) else {
                    return;
                };
                match self.post_request(&post.body) {
                    Some(request) => (request, None),
                    None => return,
                }
            }
            _ => return,
        };
        let id = self.call(request, number);
        self.post_lane.sent(id, now, POST_TIMEOUT);
    }

    pub(super) fn post_request(&self, body: &PostBody) -> Option<Request> {
        Some(match body {
            PostBody::Init => Request::Init {
                init: self.outbox.init.clone()?,
                session_id: self.session_id.clone(),
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
            PostBody::End => Request::ChatEnd(ChatEnd {
                kind: None,
                reason: Some("client".to_owned()),
            }),
        })
    }

    pub(super) fn call(&mut self, request: Request, number: Option<u64>) -> RequestId {
        self.next_request += 1;
        let id = RequestId(self.next_request);
        let credentials = match request {
            Request::Settings
            | Request::SessionId
            | Request::History { .. }
            | Request::Thread { .. } => None,
            _ => self.credentials.clone().or_else(|| self.after.clone()),
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
