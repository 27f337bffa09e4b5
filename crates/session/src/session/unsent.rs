//! Messages that the endpoint never confirmed: a limited number of them is kept, and none
//! is dropped without the visitor being told.

use super::Session;
use crate::{
    Millis,
    limits::{OUTBOX_MAX, OUTBOX_MAX_AGE, OUTBOX_MAX_BYTES, UNSENT_MAX},
    line::{FailedBecause, LineId, SendState},
    saved::{Pending, Saved, Unsent},
};

impl Session {
    pub(super) fn restore_outbox(&mut self, now: Millis, saved: &Saved) {
        let init = match &saved.session {
            Some(session) => session.init.clone(),
            None => saved.opening.clone(),
        };
        // A line that is displayed as confirmed was confirmed, even if older state still
        // has it among those that wait.
        let confirmed = |pending: &Pending| {
            let line = self
                .conversation
                .transcript
                .find(&LineId(pending.custom_id.clone()));
            line.is_some_and(|line| line.number.is_some())
        };
        let waiting: Vec<Pending> = saved
            .outbox
            .iter()
            .filter(|it| !confirmed(it))
            .cloned()
            .collect();
        self.outbox.restore(init, waiting.clone());
        for pending in &waiting {
            self.place_pending(pending, SendState::Queued);
        }
        self.expire_outbox(now);
    }

    pub(super) fn restore_unsent(&mut self, saved: &Saved) {
        self.outbox.unsent.clone_from(&saved.unsent);
        self.offer_unsent();
    }

    /// Displays the messages that were given up, so that the visitor can try them again.
    pub(super) fn offer_unsent(&mut self) {
        for unsent in self.outbox.unsent.clone() {
            self.place_pending(&unsent.message, SendState::Failed(unsent.because));
        }
    }

    /// Why this message may not wait; none if it may.
    pub(super) fn room_for(&self, text: &str) -> Option<FailedBecause> {
        let waiting: usize = self.outbox.messages().map(|m| m.text.len()).sum();
        if text.len() > parlor_wire::limits::MESSAGE_TEXT_MAX_BYTES {
            Some(FailedBecause::TooLong)
        } else if self.outbox.len() >= OUTBOX_MAX
            || waiting.saturating_add(text.len()) > OUTBOX_MAX_BYTES
        {
            Some(FailedBecause::OutboxFull)
        } else {
            None
        }
    }

    /// The message is not sent any more. Displays why; the visitor can try it again.
    pub(super) fn failed(&mut self, message: Pending, because: FailedBecause) {
        self.set_state(
            &LineId(message.custom_id.clone()),
            SendState::Failed(because),
        );
        self.outbox.unsent.push(Unsent { message, because });
        if self.outbox.unsent.len() > UNSENT_MAX {
            self.outbox.unsent.remove(0);
        }
    }

    pub(super) fn is_unsent(&self, id: &LineId) -> bool {
        self.outbox
            .unsent
            .iter()
            .any(|u| u.message.custom_id == id.0)
    }

    /// The message was tried again, deleted, or confirmed after all.
    pub(super) fn forget_unsent(&mut self, id: &LineId) {
        self.outbox.unsent.retain(|u| u.message.custom_id != id.0);
    }

    /// The session is over: no message that waits is sent without asking.
    pub(super) fn give_up(&mut self, because: FailedBecause) {
        for pending in self.outbox.give_up() {
            self.failed(pending, because);
        }
    }

    pub(super) fn outbox_expires_at(&self) -> Option<Millis> {
        let oldest = self.outbox.messages().map(|m| m.at).filter(|at| *at > 0);
        oldest.min().map(|at| at.saturating_add(OUTBOX_MAX_AGE))
    }

    pub(super) fn expire_outbox(&mut self, now: Millis) {
        if self.outbox_expires_at().is_none_or(|at| now < at) {
            return;
        }
        let old: Vec<Pending> = self
            .outbox
            .messages()
            .filter(|m| m.at > 0 && now >= m.at.saturating_add(OUTBOX_MAX_AGE))
            .cloned()
            .collect();
        for message in old {
            self.outbox.remove(&LineId(message.custom_id.clone()));
            self.failed(message, FailedBecause::TooOld);
        }
    }
}
