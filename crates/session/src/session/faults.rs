//! What is done about a call that failed, decided by its fault.

use parlor_wire::visitor::ChasitorInit;

use super::{
    Session,
    link::{Link, Phase},
};
use crate::{
    Millis,
    change::{Change, EndedBy, FailReason, Stage},
    lane::Lane,
    limits::{HAND_OVER_CEILING, HAND_OVERS_APART},
    line::FailedBecause,
    outbox::PostBody,
    saved::Pending,
    session::{Fault, Output, Report, RequestId},
    shared::Shared,
    typing::Signal,
};

/// A call by which something would have been received.
#[derive(Debug, Clone, Copy)]
pub(super) enum Receiving {
    Settings,
    Link,
    Poll,
}

impl Session {
    pub(super) fn fault(&mut self, now: Millis, id: RequestId, fault: &Fault) {
        // The call has ended, so there is nothing to abort.
        if self.probe_settled(id, !matches!(fault, Fault::Network)) {
        } else if self.settings_lane.is_in_flight(id) {
            self.settings_lane.cancel();
            self.pause(now, fault, Receiving::Settings);
        } else if self.history_fault(now, id, fault) || self.goal_fault(now, id, fault) {
        } else if self.link.is_opened_by(id) {
            self.link.lane().map(Lane::cancel);
            match fault {
                Fault::SessionGone if self.link.is_in(Phase::Reconnecting) => self.lost(now),
                Fault::Refused if self.link.is_in(Phase::Reconnecting) => {
                    self.refused("ReconnectSession");
                    self.lost(now);
                }
                Fault::SessionGone | Fault::Refused if self.left_message().is_some() => {
                    self.message_not_taken();
                }
                Fault::SessionGone | Fault::Refused if self.link.is_opening() => {
                    self.close(Stage::Failed(FailReason::Refused));
                }
                _ => self.pause(now, fault, Receiving::Link),
            }
        } else if self.link.is_polled_by(id) {
            self.link.poll_lane().map(Lane::cancel);
            match fault {
                Fault::AffinityChanged => self.hand_over(now),
                Fault::SessionGone | Fault::DuplicatePoll => self.lost(now),
                Fault::Refused => {
                    self.refused("Messages");
                    self.lost(now);
                }
                _ => self.pause(now, fault, Receiving::Poll),
            }
        } else if self.outbox.lane.is_in_flight(id) {
            self.outbox.lane.cancel();
            self.post_fault(now, fault);
        }
    }

    /// A site whose token is not good, or is too old, turns nobody away: the visitor goes on as
    /// somebody whom it does not vouch for.
    fn request_without_token(&mut self, init: Option<Shared<ChasitorInit>>) {
        self.identity.token = None;
        self.outbox.init = init.map(|init| {
            let init = ChasitorInit {
                identity_token: None,
                ..ChasitorInit::clone(&init)
            };
            init.into()
        });
    }

    pub(super) fn post_fault(&mut self, now: Millis, fault: &Fault) {
        let passes = matches!(
            fault,
            Fault::Network | Fault::Unavailable { .. } | Fault::Unreadable
        );
        if let Link::Closed { ended } = &mut self.link
            && !passes
        {
            // The endpoint no longer takes updates about the conversation.
            self.outbox.done();
            *ended = None;
            return;
        }
        match fault {
            Fault::AffinityChanged => self.hand_over(now),
            Fault::SessionGone if self.link.is_in(Phase::Resyncing) => self.lost(now),
            Fault::SessionGone if self.left_message().is_some() => self.lost(now),
            // The chat has ended or is lost. The poll is about to tell which.
            Fault::SessionGone => {
                self.outbox.lane.succeeded();
                let current = self.current_message();
                match self.outbox.done() {
                    Some(PostBody::Init) => self.close(Stage::Failed(FailReason::Refused)),
                    Some(PostBody::Message(_)) => {
                        self.failed_current(current, FailedBecause::Ended)
                    }
                    _ => {}
                }
            }
            Fault::Refused | Fault::DuplicatePoll => {
                self.outbox.lane.succeeded();
                if let Some(link) = self.link.open_mut()
                    && link.phase == Phase::Resyncing
                {
                    link.phase = Phase::Up;
                    return self.refused("ChasitorResyncState");
                }
                if self.left_message().is_some() {
                    self.refused("ChasitorInit");
                    return self.message_not_taken();
                }
                let current = self.current_message();
                let init = self.outbox.init.clone();
                let is_vouched_for = init.as_ref().is_some_and(|it| it.identity_token.is_some());
                match self.outbox.done() {
                    Some(PostBody::Message(_)) => {
                        self.failed_current(current, FailedBecause::Refused)
                    }
                    Some(PostBody::StateUpdate(state)) => {
                        self.refused("CustomEvent");
                        self.state_settled(&state, false);
                    }
                    Some(PostBody::Init) if is_vouched_for => {
                        self.refused("identityToken");
                        self.request_without_token(init);
                    }
                    Some(PostBody::Init) => {
                        self.refused("ChasitorInit");
                        self.close(Stage::Failed(FailReason::Refused));
                    }
                    Some(PostBody::End) => {
                        self.refused("ChatEnd");
                        self.close(Stage::Ended(EndedBy::Visitor));
                    }
                    Some(PostBody::Warned(_)) => self.refused("ChasitorIdleTimeoutWarningEvent"),
                    Some(PostBody::Signal(Signal::Page(_))) => self.refused("Breadcrumb"),
                    Some(PostBody::Signal(_)) => self.refused("typing"),
                    None => {}
                }
            }
            Fault::OutOfSync { actual } => {
                self.outbox.renumber(*actual);
                self.pause_post(now, None);
            }
            Fault::Unavailable { retry_after } => {
                let is_signal = matches!(self.outbox.current(), Some(PostBody::Signal(_)));
                // A limit for pages holds up nothing else.
                let is_page = self.unanswered(now.saturating_add(retry_after.unwrap_or(0)));
                self.pause_post(now, retry_after.filter(|_| !is_page));
                // Nobody waits for "is typing".
                if let Some(pause) = retry_after
                    && !is_signal
                {
                    self.asked_to_wait(now, *pause);
                }
            }
            Fault::Network | Fault::Unreadable => {
                self.unanswered(now);
                self.pause_post(now, None);
            }
        }
    }

    /// The current POST got no answer; a page may be posted again from `at` on. Returns whether it
    /// was a page.
    pub(super) fn unanswered(&mut self, at: Millis) -> bool {
        let page = match self.outbox.current() {
            Some(PostBody::Signal(Signal::Page(page))) => Some(page.clone()),
            _ => None,
        };
        self.outbox.unanswered();
        if let Some(page) = &page {
            self.visit.unanswered(page, at);
        }
        page.is_some()
    }

    pub(super) fn refused(&mut self, what: &'static str) {
        self.out.push(Output::Report(Report::Refused { what }));
    }

    pub(super) fn pause_post(&mut self, now: Millis, asked: Option<Millis>) {
        self.outbox.lane.failed(now, &mut self.time.jitter, asked);
    }

    /// Pauses a call by which something would have been received.
    pub(super) fn pause(&mut self, now: Millis, fault: &Fault, receiving: Receiving) {
        let asked = match fault {
            Fault::Unavailable { retry_after } => *retry_after,
            _ => None,
        };
        let lane = match receiving {
            Receiving::Settings => Some(&mut self.settings_lane),
            Receiving::Link => self.link.lane(),
            Receiving::Poll => self.link.poll_lane(),
        };
        if let Some(lane) = lane {
            lane.failed(now, &mut self.time.jitter, asked);
        }
        self.watch.outage_since.get_or_insert(now);
        if let Some(pause) = asked {
            self.asked_to_wait(now, pause);
        }
    }

    pub(super) fn abort_all(&mut self) {
        let lanes = self.link.lanes().chain([&mut self.outbox.lane]);
        self.out
            .extend(lanes.filter_map(Lane::cancel).map(Output::Abort));
    }

    fn current_message(&self) -> Option<Pending> {
        let PostBody::Message(id) = self.outbox.current()? else {
            return None;
        };
        self.outbox
            .messages()
            .find(|m| m.custom_id == id.0)
            .cloned()
    }

    fn failed_current(&mut self, message: Option<Pending>, because: FailedBecause) {
        if let Some(message) = message {
            self.failed(message, because);
        }
    }

    /// Another server has the session (503): aborts every call, then asks which. At once,
    /// unless the last hand-over was just now. Nothing can be received until then.
    pub(super) fn hand_over(&mut self, now: Millis) {
        self.watch.outage_since.get_or_insert(now);
        self.abort_all();
        self.unanswered(now);
        self.restart_uploads();
        let Some(link) = self.link.open_mut() else {
            return;
        };
        let last = link.handed_over_at;
        if last.is_some_and(|last| now < last.saturating_add(HAND_OVERS_APART)) {
            link.reconnect
                .throttled(now, &mut self.time.jitter, HAND_OVER_CEILING);
        } else {
            link.reconnect.succeeded();
        }
        "null".clone_into(&mut link.credentials.affinity);
        link.phase = Phase::Reconnecting;
    }

    pub(super) fn lost(&mut self, now: Millis) {
        if !self.lost_with_message(now) {
            self.close(Stage::Ended(EndedBy::Lost));
        }
    }

    /// The session is over: aborts every call, and marks as failed what was never sent.
    pub(super) fn close(&mut self, stage: Stage) {
        self.abort_all();
        // The visitor may rate the conversation after its end.
        let ended = matches!(stage, Stage::Ended(by) if by != EndedBy::Lost);
        let link = std::mem::take(&mut self.link);
        if let (Link::Open(link), true) = (link, ended) {
            self.link = Link::Closed {
                ended: Some(link.credentials),
            };
        }
        self.give_up_uploads();
        self.give_up(match stage {
            Stage::Ended(EndedBy::Lost) => FailedBecause::Lost,
            _ => FailedBecause::Ended,
        });
        self.outage_over();
        self.busy_over();
        if self.typing.agent(0, false) {
            self.change(Change::AgentTyping(false));
        }
        self.set_agent(None);
        self.set_sneak_peek(false);
        // It may go on on another device, or an agent begin another one.
        if matches!(stage, Stage::Ended(_)) {
            self.ask_for_history();
        }
        self.enter(stage);
        self.change(Change::Conversation(false));
    }
}
