//! What a person wants, and what follows at once.

use parlor_wire::visitor::ChasitorInit;

use super::{Link, Session};
use crate::{
    Millis,
    change::{Change, Stage},
    intent::Intent,
    limits::OUTBOX_MAX,
    line::{Author, Body, FailedBecause, Line, LineId, SendState},
    prechat::{self, Answer},
    saved::Pending,
};

impl Session {
    pub(super) fn intent(&mut self, now: Millis, intent: Intent) {
        match intent {
            Intent::StartConversation | Intent::StartAgain => {
                if matches!(
                    self.stage,
                    Stage::Hello | Stage::Ended(_) | Stage::Failed(_)
                ) {
                    self.begin();
                }
            }
            Intent::SubmitPrechat(answers) => self.submit_prechat(&answers),
            Intent::LeavePrechat => {
                if self.stage == Stage::Prechat {
                    self.enter(Stage::Hello);
                }
            }
            Intent::Draft(text) => {
                self.typing.draft(now, &text);
                self.draft = text;
            }
            Intent::Send(text) => self.send(&text),
            Intent::Retry(id) => self.retry(id),
            Intent::Delete(id) => {
                let failed = self
                    .transcript
                    .find(&id)
                    .is_some_and(|l| matches!(l.state, Some(SendState::Failed(_))));
                if failed {
                    self.outbox.remove(&id);
                    self.edit_transcript(|t, out| t.remove(&id, out));
                }
            }
            Intent::EndChat => {
                if self.in_conversation() {
                    self.outbox.end = true;
                }
            }
            Intent::WindowShown(shown) => {
                self.window_shown = shown;
                if shown && self.unread > 0 {
                    self.unread = 0;
                    self.change(Change::Unread(0));
                }
            }
        }
    }

    pub(super) fn in_conversation(&self) -> bool {
        matches!(
            self.stage,
            Stage::Starting | Stage::Waiting { .. } | Stage::Chatting | Stage::Resuming
        )
    }

    /// From hello or from an ended conversation to the next one.
    pub(super) fn begin(&mut self) {
        self.edit_transcript(|t, out| t.clear(out));
        let Some(welcome) = &self.welcome else {
            // What the deployment asks is not known yet.
            self.begin_when_welcome = true;
            return self.enter(Stage::Starting);
        };
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

    pub(super) fn submit_prechat(&mut self, answers: &[Answer]) {
        let form = self.welcome.as_ref().and_then(|w| w.prechat.clone());
        let (Stage::Prechat, Some(form)) = (&self.stage, form) else {
            return;
        };
        let errors = prechat::check(&form, answers);
        let fine = errors.is_empty();
        self.change(Change::PrechatErrors(errors));
        if fine {
            let mut init = self.request();
            prechat::fill(&form, answers, &mut init);
            self.start(init);
        }
    }

    pub(super) fn request(&self) -> ChasitorInit {
        ChasitorInit {
            organization_id: self.organization_id.to_string(),
            deployment_id: self.deployment_id.to_string(),
            button_id: self.button_id.clone(),
            user_agent: Some(self.device.user_agent.clone()),
            language: Some(self.device.language.clone()),
            screen_resolution: Some(self.device.screen_resolution.clone()),
            receive_queue_updates: true,
            is_post: true,
            visitor_id: self.visitor_id.clone(),
            url: self.device.url.clone(),
            referrer: self.device.referrer.clone(),
            ..ChasitorInit::default()
        }
    }

    pub(super) fn start(&mut self, init: ChasitorInit) {
        self.outbox.init = Some(Box::new(init));
        self.link = Link::Opening;
        self.enter(Stage::Starting);
        self.change(Change::Conversation(true));
    }

    pub(super) fn send(&mut self, text: &str) {
        let text = text.trim();
        if text.is_empty() || !self.in_conversation() {
            return;
        }
        self.next_line += 1;
        let pending = Pending {
            custom_id: format!("{}-{}", self.nonce, self.next_line),
            text: text.to_owned(),
        };
        let refused = if text.len() > parlor_wire::limits::MESSAGE_TEXT_MAX_BYTES {
            Some(FailedBecause::TooLong)
        } else if self.outbox.len() >= OUTBOX_MAX {
            Some(FailedBecause::OutboxFull)
        } else {
            None
        };
        self.place_own(
            &pending,
            refused.map_or(SendState::Queued, SendState::Failed),
        );
        if refused.is_none() {
            self.outbox.push(pending);
        }
        self.draft.clear();
        self.typing.sent();
    }

    pub(super) fn retry(&mut self, id: LineId) {
        let Some(line) = self.transcript.find(&id) else {
            return;
        };
        let again = matches!(
            line.state,
            Some(SendState::Failed(
                FailedBecause::Refused | FailedBecause::OutboxFull
            ))
        );
        if let (true, Body::Text(text)) = (again && self.in_conversation(), &line.body)
            && self.outbox.len() < OUTBOX_MAX
        {
            self.outbox.push(Pending {
                custom_id: id.0.clone(),
                text: text.clone(),
            });
            self.set_state(&id, SendState::Queued);
        }
    }

    pub(super) fn place_own(&mut self, pending: &Pending, state: SendState) {
        let line = Line {
            id: LineId(pending.custom_id.clone()),
            number: None,
            author: Author::Visitor,
            at: None,
            body: Body::Text(pending.text.clone()),
            state: Some(state),
        };
        self.place(line);
    }
}
