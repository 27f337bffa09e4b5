//! What follows from the endpoint's answers, and from the messages in them.

use parlor_wire::{
    EventId,
    visitor::{Batch, Button, ChasitorSessionData, ChatEnded, Message, SessionIdReply, Settings},
};

use super::{
    Session,
    content::EventEffects,
    link::{Link, OpenLink, Phase},
};
use crate::{
    Millis,
    change::{Change, EndedBy, FailReason, Stage},
    lane::Lane,
    limits::{EMPTY_POLL_MIN, POLL_TIMEOUT, VISIBLE_POLL_PATIENCE},
    line::{Author, LineId, SendState},
    outbox::PostBody,
    saved::OutgoingEvent,
    session::{Credentials, Output, Posted, Reply, Report, RequestId},
    shared::Shared,
    transcript::Transcript,
    translate,
};

impl Session {
    pub(super) fn reply(&mut self, now: Millis, id: RequestId, reply: Reply) {
        if self.probe_settled(id, true) {
        } else if self.settings_lane.is_in_flight(id) {
            self.settings_reply(now, reply);
        } else if self.history.lane.is_in_flight(id) {
            self.history_reply(now, id, Some(reply));
        } else if self.history.watch.is_in_flight(id) {
            self.watch_reply(now, id, Some(reply));
        } else if self.goals.lane.is_in_flight(id) {
            self.goal_told();
        } else if self.link.is_opened_by(id) {
            self.link_reply(now, reply);
        } else if self.link.is_polled_by(id) {
            self.poll_reply(now, reply);
        } else if self.outbox.lane.is_in_flight(id) {
            self.post_reply(now, reply);
        }
    }

    fn settings_reply(&mut self, now: Millis, reply: Reply) {
        self.settings_lane.succeeded();
        match reply {
            Reply::Settings(settings) => {
                if self.link.is_closed() {
                    self.outage_over();
                }
                self.settings(now, *settings);
            }
            // The driver follows the organisation to its new address. The call is
            // repeated there after a pause, so that two addresses that name each
            // other cost little.
            Reply::SwitchServer(_) => {
                self.settings_lane.failed(now, &mut self.time.jitter, None);
            }
            _ => {
                self.unexpected("Settings");
                self.settings_lane.failed(now, &mut self.time.jitter, None);
            }
        }
    }

    fn link_reply(&mut self, now: Millis, reply: Reply) {
        // Failures still count: only later is it seen whether the hand-over worked.
        self.link.lane().map(Lane::cancel);
        match (reply, self.link.open_mut()) {
            (Reply::SessionId(reply), _) => self.session_opened(reply),
            (Reply::Reconnected(reply), Some(link)) => {
                link.handed_over_at = Some(now);
                link.credentials.affinity = reply.affinity_token;
                link.ack = -1;
                link.phase = Phase::AwaitingData;
                self.outbox.restart_numbers();
            }
            _ => {
                self.unexpected("SessionId");
                if let Some(lane) = self.link.lane() {
                    lane.failed(now, &mut self.time.jitter, None);
                }
            }
        }
    }

    fn poll_reply(&mut self, now: Millis, reply: Reply) {
        self.outage_over();
        let Some(link) = self.link.open_mut() else {
            return;
        };
        let poll = &mut link.poll;
        poll.lane.succeeded();
        let took = now.saturating_sub(poll.sent_at);
        match reply {
            Reply::Messages(batch) => self.batch(now, batch),
            // It was not to be held.
            Reply::NoMessages if poll.hold == Some(0) => {}
            Reply::NoMessages if took < EMPTY_POLL_MIN => {
                poll.lane.failed(now, &mut self.time.jitter, None);
            }
            Reply::NoMessages => {
                // The answer may have waited while this document was frozen.
                let was_frozen = self.time.wake_scheduled.is_some_and(|at| at < now);
                if let Some(hold) = poll.hold.filter(|_| !was_frozen) {
                    let delay = took.saturating_sub(hold);
                    self.watch.answer_delay = delay;
                    // An endpoint that ignores `hold` answers much later.
                    self.watch.endpoint_honours_hold = delay < VISIBLE_POLL_PATIENCE;
                }
            }
            _ => {
                poll.lane.failed(now, &mut self.time.jitter, None);
                self.unexpected("Messages");
            }
        }
    }

    fn post_reply(&mut self, now: Millis, reply: Reply) {
        self.outbox.lane.succeeded();
        let is_resync = self.link.is_in(Phase::Resyncing);
        match (reply, self.link.open_mut()) {
            (Reply::Posted(_), Some(link)) if is_resync => link.phase = Phase::Up,
            (Reply::Posted(posted), _) => self.posted(&posted),
            _ => {
                self.unexpected("POST");
                self.outbox.lane.failed(now, &mut self.time.jitter, None);
            }
        }
    }

    pub(super) fn unexpected(&mut self, to: &'static str) {
        self.out
            .push(Output::Report(Report::UnexpectedReply { to }));
    }

    pub(super) fn settings(&mut self, now: Millis, settings: Settings) {
        self.watch.settings_at = now;
        let button = settings
            .buttons
            .iter()
            .find(|it| it.id == self.identity.button_id);
        let welcome = Shared::from(settings.welcome.unwrap_or_default());
        // Where all who are there have their hands full, visitors wait.
        let is_available = |it: &Button| it.is_available || !welcome.online.is_empty();
        let available = button.is_some_and(is_available);
        self.display.available = available;
        self.change(Change::Available(available));
        // The page names its deployment, and only the endpoint knows the organization.
        if !welcome.organization_id.is_empty() {
            self.identity.organization_id = welcome.organization_id.as_str().into();
            // An endpoint that sends this also holds polls as it is asked to.
            self.watch.endpoint_honours_hold = true;
        }
        if self.display.welcome.as_ref() != Some(&welcome) {
            self.change(Change::Welcome(welcome.clone()));
            self.display.welcome = Some(welcome);
        }
        if std::mem::take(&mut self.display.begin_when_welcome) {
            self.begin();
        }
    }

    fn session_opened(&mut self, reply: SessionIdReply) {
        let credentials = Credentials {
            key: reply.key,
            affinity: reply.affinity_token,
        };
        let poll_timeout = u64::try_from(reply.client_poll_timeout)
            .ok()
            .filter(|seconds| (1..=600).contains(seconds))
            .map_or(POLL_TIMEOUT, |seconds| seconds * 1000);
        self.link = Link::Open(Box::new(OpenLink {
            poll_timeout,
            ..OpenLink::new(Phase::Up, reply.id, credentials)
        }));
    }

    pub(super) fn posted(&mut self, posted: &Posted) {
        let postback = self.outbox.current().and_then(|what| match what {
            PostBody::Message(id) => match &self.outbox.find(id)?.event {
                OutgoingEvent::Postback(postback) => Some(postback.clone()),
                _ => None,
            },
            _ => None,
        });
        if let Some(postback) = postback {
            self.postback_settled(&postback, true);
        }
        let left = self.left_message().map(|it| LineId(it.custom_id.clone()));
        let done = self.outbox.done();
        // The new server works. Not so if it was a draft: that is sent after each
        // hand-over, and two servers that name each other would never be noticed.
        if matches!(done, Some(PostBody::Init | PostBody::Message(_)))
            && let Some(link) = self.link.open_mut()
        {
            link.handed_over_at = None;
        }
        let id = match done {
            Some(PostBody::Message(id)) => id,
            Some(PostBody::Init) => match left {
                Some(id) => id,
                None => return,
            },
            Some(PostBody::StateUpdate(state)) => return self.state_settled(&state, true),
            _ => return,
        };
        let Some(mut line) = self.conversation.transcript.find(&id).cloned() else {
            return;
        };
        let next = self.conversation.transcript.last_number() + 1;
        line.number = Some(posted.position.unwrap_or(next));
        line.at = posted
            .created_at
            .as_deref()
            .and_then(translate::moment)
            .or(line.at);
        line.state = Some(SendState::Sent);
        let thread = posted.event_id.as_ref().and_then(EventId::thread);
        if let Some(thread) = &thread
            && self.conversation.earlier_threads.contains(thread)
        {
            // The message had arrived before that conversation was lost.
            return self.edit_transcript(|t, out| t.place_earlier(line, out));
        }
        self.set_thread(thread);
        self.place(line);
    }

    /// Handles the messages of a batch in their order. A batch that was handled already is
    /// ignored: the endpoint sent it again.
    pub(super) fn batch(&mut self, now: Millis, batch: Batch) {
        let Some(link) = self.link.open_mut() else {
            return;
        };
        if batch.sequence.is_some_and(|n| n <= link.ack) {
            return;
        }
        if let Some(sequence) = batch.sequence {
            link.ack = sequence;
        }
        link.offset = batch.offset.or(link.offset);
        link.behind_since = None;
        let reached = self.conversation.transcript.last_number();
        for message in batch.messages {
            self.message(now, message);
        }
        let has_news = self.conversation.transcript.last_number() > reached;
        if let Some(link) = self.link.open_mut() {
            if link.phase == Phase::AwaitingData {
                link.phase = Phase::Resyncing;
            } else if has_news {
                link.handed_over_at = None;
            }
        }
    }

    pub(super) fn message(&mut self, now: Millis, message: Message) {
        let next = self.conversation.transcript.last_number() + 1;
        match message {
            Message::ChatRequestSuccess(success) => {
                if success.visitor_id.is_some() {
                    self.identity.visitor_id.clone_from(&success.visitor_id);
                }
                self.identity.customer_id = success.customer_id;
                if success.offline_message {
                    self.message_left(now);
                } else if matches!(self.display.stage, Stage::Starting | Stage::Resuming) {
                    self.queued(now, success.queue_position, success.estimated_wait_time);
                }
            }
            Message::QueueUpdate(update) => {
                if matches!(self.display.stage, Stage::Waiting { .. }) {
                    self.queued(now, update.position, update.estimated_wait_time);
                }
            }
            Message::ChatRequestFail(_) if self.left_message().is_some() => {
                self.message_not_taken();
            }
            // What was to be continued has ended meanwhile.
            Message::ChatRequestFail(_) if self.display.continues => self.close(Stage::Hello),
            // The last agent has left meanwhile.
            Message::ChatRequestFail(fail)
                if self.takes_messages() && translate::failed(&fail) == FailReason::Unavailable =>
            {
                self.display.available = false;
                self.change(Change::Available(false));
                self.offer_message_form();
            }
            Message::ChatRequestFail(fail) => self.close(Stage::Failed(translate::failed(&fail))),
            Message::ChatEstablished(established) => {
                let line = translate::joined(&established, next);
                self.place(line);
                self.set_agent(Some(translate::agent(&established)));
                let idle = established.chasitor_idle_timeout.as_ref();
                self.idle.set_times(idle);
                self.set_sneak_peek(established.sneak_peek_enabled);
                self.enter(Stage::Chatting);
            }
            Message::ChatTransferred(transferred) => {
                let line = translate::transferred(&transferred, next);
                self.place(line);
                self.agent_typing(now, false);
                self.set_agent(Some(translate::transferred_agent(&transferred)));
                let idle = transferred.chasitor_idle_timeout.as_ref();
                self.idle.set_times(idle);
                self.set_sneak_peek(transferred.sneak_peek_enabled);
            }
            Message::AgentDisconnect(gone) => {
                // The session continues, and another agent may come.
                let line = translate::left(&gone, next);
                self.place(line);
                self.agent_typing(now, false);
                self.set_agent(None);
            }
            Message::AgentTyping(_) => self.agent_typing(now, true),
            Message::AgentNotTyping(_) => self.agent_typing(now, false),
            Message::ChatMessage(message) => {
                self.agent_typing(now, false);
                self.seen.newest = message.created_at.clone().or(self.seen.newest.take());
                let line = translate::message(message, next);
                self.arrive(line);
                self.asked(now);
            }
            Message::CustomEvent(event) => self.custom_event(now, event, next),
            Message::FileTransfer(transfer) => self.file_transfer(&transfer, next),
            Message::ChasitorSessionData(data) => self.session_data(now, *data),
            Message::ChatEnded(_) if self.display.stage == Stage::MessageLeft => {
                self.close_message_session();
            }
            Message::ChatEnded(ended) => self.ended(now, &ended),
            Message::NewVisitorBreadcrumb(_)
            | Message::SensitiveDataRules(_)
            | Message::SwitchServer(_)
            | Message::ReconnectSession(_) => {}
            Message::Unknown { kind, .. } => {
                self.out
                    .push(Output::Report(Report::UnknownMessage { kind }));
            }
        }
    }

    fn ended(&mut self, now: Millis, ended: &ChatEnded) {
        let by = translate::ended(ended);
        self.set_ended_at(translate::ended_at(ended));
        self.close(Stage::Ended(by));
        // It became a message, which is answered later.
        if by == EndedBy::AgentTimeout {
            self.await_answer(now);
        }
    }

    /// If the data do not begin with the conversation: lines from before stay if no line is
    /// missing between them.
    fn make_room(&mut self, data: &ChasitorSessionData) {
        let named = data
            .chat_messages
            .iter()
            .find_map(|entry| entry.event_id.as_ref());
        self.set_thread(named.and_then(EventId::thread));
        let first = data.chat_messages.first().map(|entry| entry.sequence);
        let first = first.and_then(|number| u64::try_from(number).ok());
        let reached = self.conversation.transcript.last_number();
        let reaches = first.is_some_and(|first| reached > 0 && first <= reached + 1);
        if data.has_earlier && !reaches {
            self.edit_transcript(Transcript::leave_gap);
            self.set_above(self.conversation.thread.clone().zip(first));
        }
    }

    /// Merges the conversation, or the newest lines of it, into what is displayed: by id, so
    /// that no line is there twice.
    pub(super) fn session_data(&mut self, now: Millis, data: ChasitorSessionData) {
        self.make_room(&data);
        self.identity.customer_id = data.customer_id;
        for entry in data.chat_messages {
            let next = self.conversation.transcript.last_number() + 1;
            let effects = entry
                .event
                .as_ref()
                .map(EventEffects::of)
                .unwrap_or_default();
            if entry.kind == "Agent" {
                self.seen.newest = entry.created_at.clone().or(self.seen.newest.take());
            }
            let line = translate::entry(entry, next);
            let (id, own) = (line.id.clone(), line.author == Author::Visitor);
            let body = line.body.clone();
            if line.author == Author::Visitor {
                self.outbox.remove(&line.id);
                self.forget_unsent(&line.id);
            }
            self.arrive(line);
            self.apply_effects(&id, &body, effects, own);
        }
        self.seen_by_agent(data.seen_up_to.as_deref());
        self.agent_typing(now, false);
        if data.offline_message {
            return self.message_left(now);
        }
        if let Some(ended) = data.ended {
            return self.ended(now, &ended);
        }
        self.set_sneak_peek(data.sneak_peek_enabled);
        match data.agent {
            Some(agent) => {
                self.set_agent(Some(translate::agent(&agent)));
                self.idle.set_times(agent.chasitor_idle_timeout.as_ref());
                match data.unanswered_s.and_then(|it| u64::try_from(it).ok()) {
                    Some(seconds) => self.idle.asked(now, seconds.saturating_mul(1_000)),
                    None => self.idle.answered(),
                }
                self.enter(Stage::Chatting);
            }
            None if data.queue_position.is_some() => {
                self.set_agent(None);
                self.queued(now, data.queue_position, data.estimated_wait_time);
            }
            // Another vendor's endpoint says neither: the chat continues.
            None if self.display.stage == Stage::Resuming && self.outbox.init.is_some() => {
                self.enter(self.stage_of_request());
            }
            None if self.display.stage == Stage::Resuming => self.enter(Stage::Chatting),
            None => {}
        }
        self.typing.reset_reported();
    }
}
