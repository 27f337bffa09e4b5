//! A session continues from what another one displayed and saved, and gives up what
//! it had open when another continues.

use super::{Session, link::Link};
use crate::{
    Millis,
    change::{Change, Connection},
    line::{FailedBecause, Line, LineId, SendState},
    mirror::Mirror,
    saved::{OutgoingEvent, Pending, Saved},
    session::{Output, RequestId},
    transcript::Transcript,
};

/// Leaves room for a million requests, or lines, of one session. A term is a time, which
/// has 41 bits.
const OF_ONE_LEAD_BITS: u32 = 20;

/// What a session leaves when another continues.
#[derive(Debug)]
pub(crate) struct Retired {
    /// Aborts what was open.
    pub(crate) outputs: Vec<Output>,
    /// Messages that no answer has confirmed.
    pub(crate) unconfirmed: Vec<Pending>,
    /// The state that was last given to the device to persist.
    pub(crate) saved: Saved,
}

impl Session {
    /// Starts from what is displayed already, so that nothing flickers. To be called before
    /// the first input. A state that the session keeps itself, and that neither the device
    /// nor the endpoint brings back, must be copied here: else it is lost when another tab
    /// takes the lead.
    pub(crate) fn take_over(&mut self, shown: &Mirror, term: u64) {
        self.storage.term = term;
        self.conversation.transcript = Transcript::of(&shown.lines, shown.earlier());
        self.take_over_uploads();
        for state in shown.states() {
            match state {
                Change::Stage(stage) => {
                    self.display.stage = stage.clone();
                    self.display.stage_restored = true;
                }
                Change::Welcome(welcome) => {
                    if !welcome.organization_id.is_empty() {
                        self.identity.organization_id = welcome.organization_id.as_str().into();
                        self.watch.endpoint_honours_hold = true;
                    }
                    self.display.welcome = Some(welcome.clone());
                }
                Change::Agent(agent) => self.display.agent.clone_from(agent),
                Change::SneakPeek(enabled) => self.display.sneak_peek = *enabled,
                Change::EndedAt(at) => self.display.ended_at = *at,
                Change::EndsAt(at) => self.idle.displays(*at),
                Change::Unread(unread) => self.display.unread = *unread,
                // Whether they belong to the first line's conversation or to an earlier
                // one, an empty page will tell.
                Change::History(history) if history.more => {
                    let first = shown.lines.first();
                    self.history.above =
                        first.and_then(|line| Some((line.id.thread()?.to_string(), line.number?)));
                }
                Change::Connection(connection) => {
                    self.watch.outage_shown = *connection == Connection::Reconnecting;
                    // Until when is unknown: it ends with the next input.
                    self.watch.busy_until = (*connection == Connection::Busy).then_some(0);
                }
                Change::Available(available) => self.display.available = *available,
                // The session has these from the device, learns them from the endpoint, or
                // needs none of them. Lines are no states.
                Change::PrechatErrors(_)
                | Change::Line { .. }
                | Change::LineState { .. }
                | Change::Pressed { .. }
                | Change::FormErrors { .. }
                | Change::FormDone(_)
                | Change::Progress { .. }
                | Change::History(_)
                | Change::Rated(_)
                | Change::LineGone(_)
                | Change::TranscriptCleared
                | Change::AgentTyping(_)
                | Change::Draft(_)
                | Change::Conversation(_)
                | Change::AwaitsAnswer(_)
                | Change::WindowShown(_)
                | Change::StorageAvailable(_) => {}
            }
        }
        // No session before this one has used these, and no command has such a number.
        self.ids.next_request = term << OF_ONE_LEAD_BITS;
        self.ids.next_line = term << OF_ONE_LEAD_BITS;
    }

    pub(crate) fn lines(&self) -> &[Line] {
        self.conversation.transcript.lines()
    }

    /// What the device was last asked to persist.
    pub(crate) fn saved(&self) -> &Saved {
        &self.storage.saved
    }

    /// Another session continues: aborts everything that is open.
    pub(crate) fn retire(&mut self) -> Retired {
        self.abort_all();
        self.restart_uploads();
        for (id, _) in std::mem::take(&mut self.watch.probes) {
            self.out.push(Output::Abort(id));
        }
        let mut abort = |id: Option<RequestId>| {
            if let Some(id) = id {
                self.out.push(Output::Abort(id));
            }
        };
        abort(self.settings_lane.cancel());
        abort(self.history.lane.cancel());
        abort(self.history.watch.cancel());
        abort(self.goals.lane.cancel());
        self.link = Link::default();
        Retired {
            outputs: std::mem::take(&mut self.out),
            unconfirmed: self.outbox.messages().cloned().collect(),
            saved: std::mem::take(&mut self.storage.saved),
        }
    }

    /// Sends a message that has an id already.
    pub(crate) fn submit(&mut self, device_now: Millis, mut message: Pending) -> Vec<Output> {
        let now = self.time.clock.monotonic(device_now);
        message.at = now;
        self.submit_message(message);
        self.finish(now)
    }

    /// A message that is known is not sent again, and one that cannot be sent is displayed
    /// as failed.
    pub(super) fn submit_message(&mut self, mut message: Pending) {
        let line = LineId(message.custom_id.clone());
        let known = self.conversation.transcript.find(&line).is_some_and(|l| {
            l.number.is_some() || self.outbox.text(&line).is_some() || self.is_unsent(&line)
        });
        let is_text = matches!(message.event, OutgoingEvent::Text);
        message.text = message.text.trim().to_owned();
        let empty = is_text && message.text.is_empty();
        // It may have arrived in another conversation, unknown to whoever began this one.
        // The visitor decides whether it is sent again.
        let session_id = self.link.open().map(|link| &link.session_id);
        let elsewhere =
            !message.sent_in_session.is_empty() && Some(&message.sent_in_session) != session_id;
        if !known && !empty {
            if elsewhere && self.in_conversation() {
                self.place_pending(&message, SendState::Queued);
                self.failed(message, FailedBecause::Lost);
            } else if self.in_conversation() && is_text {
                self.send_text(message);
            } else if self.in_conversation() {
                self.queue(message);
            } else {
                self.place_pending(&message, SendState::Queued);
                self.failed(message, FailedBecause::Ended);
            }
        }
    }
}
