//! A message that is left while nobody is there, or with which a callback is asked for. It is a
//! request for a chat (`ChasitorInit`) that holds the message: so it is persisted, repeated and
//! handed from tab to tab as such a request is. It is confirmed by `ChatRequestSuccess`. The
//! session stays open as long as the endpoint lets it, so that an answer that comes
//! soon is received; later ones are found by `Visitor/History`.

use parlor_wire::{
    event::Form,
    visitor::{OfflineMessage, Welcome},
};

use super::{Session, link::Link};
use crate::{
    Millis, callback,
    change::{Change, Stage},
    intent::LeftMessage,
    lane::Lane,
    limits::{ANSWER_AWAITED_FOR, OFFLINE_SESSIONS_MAX},
    line::{Body, FailedBecause, LineId, SendState},
    prechat::{self, FieldError, MESSAGE_FIELD},
    saved::{OutgoingEvent, Pending},
};

impl Session {
    /// Whether a message can be left, or a callback asked for, while nobody is there.
    pub(super) fn takes_messages(&self) -> bool {
        let welcome = self.display.welcome.as_ref();
        welcome.is_some_and(|welcome| {
            let offer = welcome.callback.as_ref();
            welcome.offline_form.is_some() || offer.is_some_and(|offer| offer.offline)
        })
    }

    /// Displays the form. Texts that were written for a conversation go into it, and none
    /// of them is offered any more.
    pub(super) fn offer_message_form(&mut self) {
        let texts = self.take_unconfirmed_texts();
        self.prefill_message(texts);
        if !self.link.is_closed() {
            return self.close(Stage::Offline);
        }
        self.enter(Stage::Offline);
    }

    /// Removes the texts that were written for a conversation and are not confirmed.
    fn take_unconfirmed_texts(&mut self) -> Vec<String> {
        let waiting: Vec<Pending> = self.outbox.messages().cloned().collect();
        let unsent = self.outbox.unsent.iter().map(|it| it.message.clone());
        let texts: Vec<Pending> = unsent
            .chain(waiting)
            .filter(|it| it.event == OutgoingEvent::Text)
            .collect();
        for message in &texts {
            let id = LineId(message.custom_id.clone());
            self.outbox.remove(&id);
            self.forget_unsent(&id);
            self.edit_transcript(|t, out| t.remove(&id, out));
        }
        texts.into_iter().map(|it| it.text).collect()
    }

    /// Puts texts in front of what stands in the form.
    fn prefill_message(&mut self, mut texts: Vec<String>) {
        if texts.is_empty() {
            return;
        }
        let draft = std::mem::take(&mut self.display.draft);
        texts.extend((!draft.trim().is_empty()).then_some(draft));
        self.display.draft = texts.join("\n");
        self.change(Change::Draft(self.display.draft.clone()));
    }

    pub(super) fn leave_message(&mut self, now: Millis, message: LeftMessage) {
        let welcome = self.display.welcome.clone();
        let Some(form) = welcome
            .as_deref()
            .and_then(|it| self.left_form(it, &message))
        else {
            return;
        };
        let mut errors = match message.callback {
            true => callback::check(form, &message.answers),
            false => prechat::check(form, &message.answers),
        };
        errors.extend(prechat::check_message(&message.text));
        let fine = errors.is_empty();
        self.change(Change::PrechatErrors(errors));
        if !fine {
            return;
        }
        let mut init = self.request();
        init.receive_queue_updates = false;
        prechat::fill(form, &message.answers, &mut init);
        let custom_id = match message.custom_id.as_str() {
            "" => self.ids.line(),
            id => id.to_owned(),
        };
        let waited_in = self.link.open().map(|link| link.credentials.key.clone());
        let mut texts = self.take_unconfirmed_texts();
        texts.push(message.text.trim().to_owned());
        init.offline_message = Some(OfflineMessage {
            text: texts.join("\n"),
            custom_id,
            callback: message
                .callback
                .then(|| callback::read(form, &message.answers)),
            instead_of: waited_in,
        });
        self.display.draft.clear();
        self.change(Change::Draft(String::new()));
        let waited = !self.link.is_closed();
        if waited {
            self.close(Stage::Offline);
        }
        self.leave_conversation(waited);
        self.start(init);
        self.typing.sent();
        self.place_left_message(now);
    }

    /// The form that was filled in, where it can be sent: a message while nobody is there or the
    /// visitor waits, a callback as long as no agent has joined. The window offers a message to
    /// one who waits when nobody is there; should somebody have come since, the visitor still
    /// decides.
    fn left_form<'a>(&self, welcome: &'a Welcome, message: &LeftMessage) -> Option<&'a Form> {
        match (&self.display.stage, message.callback) {
            (Stage::Offline | Stage::Waiting { .. }, false) => welcome.offline_form.as_ref(),
            (
                Stage::Hello
                | Stage::Prechat
                | Stage::Offline
                | Stage::Waiting { .. }
                | Stage::Ended(_)
                | Stage::Failed(_),
                true,
            ) => Some(&welcome.callback.as_ref()?.form),
            _ => None,
        }
    }

    /// The message in the request that no answer has confirmed.
    pub(super) fn left_message(&self) -> Option<&OfflineMessage> {
        self.outbox.init.as_ref()?.offline_message.as_ref()
    }

    /// The stage in which the request waits for its answer.
    pub(super) fn stage_of_request(&self) -> Stage {
        match self.left_message() {
            Some(_) => Stage::LeavingMessage,
            None => Stage::Starting,
        }
    }

    /// The request is made, or made again.
    pub(super) fn enter_request(&mut self) {
        self.enter(self.stage_of_request());
        self.change(match self.left_message() {
            Some(_) => Change::AwaitsAnswer(true),
            None => Change::Conversation(true),
        });
    }

    /// Displays the message as a line that is not confirmed.
    pub(super) fn place_left_message(&mut self, now: Millis) {
        let Some(left) = self.left_message() else {
            return;
        };
        let pending = Pending {
            custom_id: left.custom_id.clone(),
            text: left.text.clone(),
            at: now,
            ..Pending::default()
        };
        self.place_pending(&pending, SendState::Queued);
    }

    /// The endpoint has the message. The request stays in the outbox until its own answer
    /// gives the line its number.
    pub(super) fn message_left(&mut self, now: Millis) {
        if let Some(left) = self.left_message() {
            let id = LineId(left.custom_id.clone());
            self.set_state(&id, SendState::Sent);
        }
        self.outbox.sessions_tried = 0;
        self.await_answer(now);
        self.enter(Stage::MessageLeft);
    }

    /// The next pages of the site look for an answer.
    pub(super) fn await_answer(&mut self, now: Millis) {
        self.awaits_answer.get_or_insert(now);
        self.change(Change::AwaitsAnswer(true));
    }

    /// The endpoint does not know the session. The message, if it is not confirmed, is sent in
    /// another, and recognized there if it had arrived. Returns false if this session was for
    /// a conversation.
    pub(super) fn lost_with_message(&mut self, now: Millis) -> bool {
        match self.display.stage {
            Stage::MessageLeft => self.close_message_session(),
            Stage::LeavingMessage if self.outbox.init.is_none() => {
                self.close_message_session();
                self.message_left(now);
            }
            _ if self.left_message().is_some() => {
                self.outbox.sessions_tried += 1;
                if self.outbox.sessions_tried > OFFLINE_SESSIONS_MAX {
                    self.message_not_taken();
                    return true;
                }
                self.abort_all();
                self.outbox.restart_numbers();
                let mut lane = Lane::default();
                lane.failed(now, &mut self.time.jitter, None);
                self.link = Link::Opening(lane);
                self.enter(Stage::LeavingMessage);
            }
            _ => return false,
        }
        true
    }

    /// The endpoint refuses the message: it is in the form again.
    pub(super) fn message_not_taken(&mut self) {
        if self.display.stage == Stage::MessageLeft {
            return self.close_message_session();
        }
        let Some(left) = self.left_message().cloned() else {
            return;
        };
        let id = LineId(left.custom_id);
        self.edit_transcript(|t, out| t.remove(&id, out));
        self.prefill_message(vec![left.text]);
        self.close(Stage::Offline);
        self.change(Change::AwaitsAnswer(self.awaits_answer.is_some()));
        let error = (MESSAGE_FIELD.to_owned(), FieldError::NotTaken);
        self.change(Change::PrechatErrors(vec![error]));
    }

    /// Ends the polls of a message that was left. What is displayed stays.
    pub(super) fn close_message_session(&mut self) {
        self.abort_all();
        self.give_up_uploads();
        self.give_up(FailedBecause::Ended);
        self.link = Link::default();
        self.outage_over();
        self.busy_over();
    }

    /// "Back" below the message.
    pub(super) fn leave_left_message(&mut self) {
        self.close_message_session();
        self.leave_thread();
        self.edit_transcript(|t, out| t.clear(out));
        self.conversation.pressed.clear();
        self.history.read_threads.clear();
        self.history.above = None;
        self.ask_for_history();
        self.enter(Stage::Hello);
    }

    /// A message was left in an earlier life of the document.
    pub(super) fn resume_awaiting(&mut self, now: Millis, since: Millis) {
        let is_over = now >= since.saturating_add(ANSWER_AWAITED_FOR);
        self.awaits_answer = (!is_over).then_some(since);
        if !is_over {
            self.change(Change::AwaitsAnswer(true));
        }
    }

    /// The visitor has seen an answer: nothing is awaited any more.
    pub(super) fn answer_seen(&mut self) {
        if self.awaits_answer.take().is_some() {
            self.change(Change::AwaitsAnswer(false));
        }
    }

    /// A tab displayed the message as on its way, and nothing of it was saved: it is in the form
    /// again, and the visitor decides.
    pub(super) fn recover_left_message(&mut self) {
        let lines = self.conversation.transcript.lines().iter();
        let unconfirmed = lines
            .rev()
            .find_map(|line| match (&*line.body, line.state) {
                (Body::Text(text), Some(SendState::Queued | SendState::Sending)) => {
                    Some((line.id.clone(), text.clone()))
                }
                _ => None,
            });
        if let Some((id, text)) = unconfirmed {
            self.edit_transcript(|t, out| t.remove(&id, out));
            self.prefill_message(vec![text]);
        }
        self.show(Stage::Offline);
        self.change(Change::AwaitsAnswer(self.awaits_answer.is_some()));
    }
}
