//! Handles intents of the visitor.

use parlor_wire::{ThreadId, visitor::ChasitorInit};

use super::{Seen, Session, link::Link};
use crate::{
    Millis,
    change::{Change, EndedBy, Stage},
    intent::Intent,
    lane::Lane,
    line::{Author, Body, Line, LineId, SendState},
    prechat::{self, Answer},
    saved::{OutgoingEvent, Pending},
    session::StateUpdate,
    translate,
};

impl Session {
    pub(super) fn intent(&mut self, now: Millis, intent: Intent) {
        match intent {
            Intent::Stay => {
                self.idle.stays(now);
                if self.display.stage == Stage::Chatting {
                    self.outbox.warned = Some(false);
                }
            }
            Intent::StartConversation | Intent::StartAgain => {
                if matches!(
                    self.display.stage,
                    Stage::Hello | Stage::Ended(_) | Stage::Failed(_)
                ) {
                    self.begin();
                }
            }
            Intent::SubmitPrechat(answers) => self.submit_prechat(&answers),
            Intent::LeaveMessage(message) => self.leave_message(now, message),
            Intent::BackToHello => match self.display.stage {
                Stage::MessageLeft => self.leave_left_message(),
                Stage::Prechat | Stage::Offline => self.enter(Stage::Hello),
                Stage::Hello => self.close_history(),
                _ => {}
            },
            Intent::Draft(text) => {
                self.typing.draft(now, &text);
                self.display.draft = text;
            }
            // Tabs give a message to `submit`, with the id of the command that sends it.
            // This is for a session that runs without tabs.
            Intent::Send(text) => {
                let custom_id = self.ids.line();
                self.submit_message(Pending {
                    custom_id,
                    text,
                    at: now,
                    ..Pending::default()
                });
            }
            Intent::Retry(id) => self.retry(now, id),
            Intent::Delete(id) => {
                if self.drop_upload(&id) {
                    return;
                }
                let failed = self
                    .conversation
                    .transcript
                    .find(&id)
                    .is_some_and(|l| matches!(l.state, Some(SendState::Failed(_))));
                if failed {
                    self.outbox.remove(&id);
                    self.forget_unsent(&id);
                    self.edit_transcript(|t, out| t.remove(&id, out));
                }
            }
            Intent::EndChat => {
                if self.in_conversation() {
                    self.outbox.end = true;
                }
            }
            Intent::WindowShown(shown) => {
                self.display.window_shown = shown;
                // An answer may have come to a message.
                if shown && self.awaits_answer.is_some() && self.display.stage == Stage::Hello {
                    self.ask_for_history();
                }
                if shown && self.display.unread > 0 {
                    self.display.unread = 0;
                    self.change(Change::Unread(0));
                }
            }
            Intent::Press {
                line,
                element,
                button,
            } => self.press(now, &line, element, button),
            Intent::SubmitForm { line, answers } => self.submit_form(now, line, &answers),
            Intent::Attach(attachment) => self.attach(attachment),
            Intent::Rate { good, comment } => {
                self.change(Change::Rated(Some(good)));
                self.outbox.push_state(StateUpdate::Rated { good, comment });
            }
            Intent::RequestTranscript(email) => self
                .outbox
                .push_state(StateUpdate::TranscriptRequested { email }),
            Intent::LoadEarlier(until) => self.load_earlier(until),
            Intent::SendCustom(content) => {
                self.send_event(now, String::new(), OutgoingEvent::Custom(content));
            }
            Intent::SetAttributes(fields) => {
                // If there is no session yet, they wait for it.
                self.outbox
                    .push_state(StateUpdate::VisitorAttributes(fields));
            }
            Intent::Track(goal) => self.goal_reached(goal),
            Intent::Page(page) => self.visit.is_on(page),
            Intent::Identify(token) => {
                self.identity.token = Some(token);
                self.ask_for_history();
            }
            // Without a conversation there is nothing to claim.
            Intent::Claim(token) if self.in_conversation() => {
                self.outbox.push_state(StateUpdate::Identified { token });
            }
            Intent::Claim(_) => {}
        }
    }

    pub(super) fn in_conversation(&self) -> bool {
        self.display.stage.is_conversation()
    }

    /// Begins a conversation, from the greeting or after one that has ended. One that broke off
    /// goes on.
    pub(super) fn begin(&mut self) {
        let goes_on = matches!(
            self.display.stage,
            Stage::Ended(EndedBy::Lost | EndedBy::VisitorTimeout)
        );
        self.leave_conversation(goes_on);
        self.offer_unsent();
        let Some(welcome) = &self.display.welcome else {
            // It is not known yet whether the deployment has a pre-chat form.
            self.display.begin_when_welcome = true;
            return self.enter(Stage::Starting);
        };
        if !self.display.available && self.takes_messages() {
            return self.offer_message_form();
        }
        let asks = welcome
            .prechat
            .as_ref()
            .is_some_and(|form| !form.fields.is_empty());
        if asks {
            self.enter(Stage::Prechat);
        } else {
            self.start(self.request());
        }
    }

    /// Makes room for another conversation. What `goes_on` continues below its lines.
    pub(super) fn leave_conversation(&mut self, goes_on: bool) {
        self.leave_thread();
        self.stop_loading();
        self.edit_transcript(|t, out| {
            if goes_on {
                t.become_earlier(out);
            } else {
                t.clear(out);
            }
        });
        if !goes_on {
            self.history.read_threads.clear();
            self.history.above = None;
            self.conversation.pressed.clear();
        }
        self.change(Change::Rated(None));
    }

    /// Remembers the thread of the conversation that is left: messages sent in it may turn
    /// out to have arrived there.
    pub(super) fn leave_thread(&mut self) {
        let mut of_lines = self.conversation.transcript.lines().iter().rev();
        let named = of_lines.find_map(|line| line.id.thread());
        let mut leave = |left: Option<ThreadId>| {
            if let Some(left) = left {
                self.conversation.earlier_threads.push(left);
            }
        };
        leave(self.conversation.thread.take());
        leave(named);
    }

    pub(super) fn submit_prechat(&mut self, answers: &[Answer]) {
        let welcome = self.display.welcome.clone();
        let form = welcome.as_deref().and_then(|it| it.prechat.as_ref());
        let (Stage::Prechat, Some(form)) = (&self.display.stage, form) else {
            return;
        };
        let errors = prechat::check(form, answers);
        let fine = errors.is_empty();
        self.change(Change::PrechatErrors(errors));
        if fine {
            let mut init = self.request();
            prechat::fill(form, answers, &mut init);
            self.start(init);
        }
    }

    pub(super) fn request(&self) -> ChasitorInit {
        let page = self.visit.page();
        ChasitorInit {
            organization_id: self.identity.organization_id.to_string(),
            deployment_id: self.identity.deployment_id.to_string(),
            button_id: self.identity.button_id.clone(),
            user_agent: Some(self.identity.browser.user_agent.clone()),
            language: Some(self.identity.browser.language.clone()),
            screen_resolution: Some(self.identity.browser.screen_resolution.clone()),
            receive_queue_updates: true,
            is_post: true,
            visitor_id: self.identity.visitor_id.clone(),
            identity_token: self.identity.token.clone(),
            url: page.map(|page| page.url.clone()),
            page_title: page.and_then(|page| page.title.clone()),
            referrer: self.identity.browser.referrer.clone(),
            ..ChasitorInit::default()
        }
    }

    pub(super) fn start(&mut self, init: ChasitorInit) {
        self.display.continues = init.continue_only;
        self.outbox.init = Some(init.into());
        self.visit.is_in_request();
        // What was seen before is of another conversation.
        self.seen = Seen::default();
        self.set_ended_at(None);
        self.ask_for_history();
        self.link = Link::Opening(Lane::default());
        self.enter_request();
    }

    /// Queues a text and clears the composer.
    pub(super) fn send_text(&mut self, message: Pending) {
        self.queue(message);
        self.display.draft.clear();
        self.typing.sent();
    }

    /// Displays a message and sends it in its turn; or displays why it is not sent.
    pub(super) fn queue(&mut self, pending: Pending) {
        let refused = self.room_for(&pending.text);
        self.place_pending(
            &pending,
            refused.map_or(SendState::Queued, SendState::Failed),
        );
        if refused.is_none() {
            self.outbox.push(pending);
            self.idle.answered();
        }
    }

    /// Sends a failed message again under the same id, so that it is not written twice if it
    /// had arrived.
    pub(super) fn retry(&mut self, now: Millis, id: LineId) {
        let Some(line) = self.conversation.transcript.find(&id) else {
            return;
        };
        let again = matches!(line.state, Some(SendState::Failed(because)) if because.may_retry());
        if !again || !self.in_conversation() {
            return;
        }
        let body = line.body.clone();
        let kept = self
            .outbox
            .unsent
            .iter()
            .find(|it| it.message.custom_id == id.0);
        let pending = match (kept, &*body) {
            (Some(unsent), _) => Pending {
                at: now,
                sent_in_session: String::new(),
                ..unsent.message.clone()
            },
            (None, Body::Text(text)) => Pending {
                custom_id: id.0.clone(),
                text: text.clone(),
                at: now,
                ..Pending::default()
            },
            (None, Body::Upload(attachment)) => return self.retry_upload(id, attachment.clone()),
            _ => return,
        };
        if self.room_for(&pending.text).is_none() {
            self.forget_unsent(&id);
            // It is sent after what waits by now, and displayed there.
            self.place_pending(&pending, SendState::Queued);
            self.outbox.push(pending);
            self.idle.answered();
        }
    }

    pub(super) fn place_pending(&mut self, pending: &Pending, state: SendState) {
        let line = Line {
            id: LineId(pending.custom_id.clone()),
            number: None,
            author: Author::Visitor,
            at: None,
            body: translate::own_body(pending).into(),
            state: Some(state),
        };
        self.place(line);
    }
}
