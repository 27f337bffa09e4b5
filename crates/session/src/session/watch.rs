//! Notices that nothing is received, and recovers at once when the visitor looks, the
//! device wakes up, or a probe is answered.

use super::Session;
use crate::{
    Millis,
    change::{Change, Connection},
    limits::{
        ANSWER_LATE_AFTER, OUTAGE_SHOWN_AFTER, POST_TIMEOUT, PROBE_EVERY, PROBES_MAX,
        SLOW_ANSWER_MAX,
    },
    session::{Output, Request, RequestId},
};

/// Whether the endpoint can be reached, and whether the visitor looks.
#[derive(Debug, Default)]
pub(super) struct Watch {
    /// The visitor looks at the window.
    pub(super) visible: bool,
    /// When the deployment's settings came, which say who is there.
    pub(super) settings_at: Millis,
    /// The endpoint holds polls for as long as it is asked to.
    pub(super) endpoint_honours_hold: bool,
    /// How long after the end of its `hold` the last empty poll was answered.
    pub(super) answer_delay: Millis,
    /// Since when nothing could be received.
    pub(super) outage_since: Option<Millis>,
    /// The window says that it is reconnecting.
    pub(super) outage_shown: bool,
    /// Until when the window says that the endpoint is busy.
    pub(super) busy_until: Option<Millis>,
    /// Probes without an answer, the oldest first, each with its time.
    pub(super) probes: Vec<(RequestId, Millis)>,
    pub(super) probed_at: Millis,
    /// When the first probe was sent of those that were all answered.
    pub(super) network_works_since: Option<Millis>,
}

impl Session {
    pub(super) fn visibility_changed(&mut self, now: Millis, visible: bool) {
        self.watch.visible = visible;
        if visible {
            self.retry_all(now);
            // The poll was made with a long hold, so its silence means nothing.
            if self.watch.endpoint_honours_hold
                && let Some(link) = self.link.open_mut()
                && link.poll.hold.is_none()
            {
                let stale = link.poll.lane.retry_now(now.saturating_add(1));
                self.out.extend(stale.map(Output::Abort));
            }
        }
    }

    /// Ends all pauses, and replaces calls that have been open for longer than an answer
    /// takes: they may hang in a dead connection.
    pub(super) fn retry_all(&mut self, now: Millis) {
        self.replace_stale_calls(now.saturating_sub(ANSWER_LATE_AFTER));
    }

    /// Replaces calls that were made before `fresh`, and ends all pauses.
    pub(super) fn replace_stale_calls(&mut self, fresh: Millis) {
        let others = [&mut self.settings_lane, &mut self.outbox.lane];
        let lanes = self.link.lanes().chain(others);
        let stale = lanes.filter_map(|lane| lane.retry_now(fresh));
        self.out.extend(stale.map(Output::Abort));
    }

    /// When the open poll is late. Unknown if the endpoint does not hold polls as it is
    /// asked to.
    pub(super) fn poll_late_at(&self) -> Option<Millis> {
        let poll = &self.link.open()?.poll;
        let hold = poll.hold.filter(|_| self.watch.endpoint_honours_hold)?;
        let since = poll.lane.since()?;
        // On a slow connection, an answer that takes as long as the last one is not late.
        let late_after = self.watch.answer_delay.saturating_mul(2);
        let late_after = late_after.max(ANSWER_LATE_AFTER);
        Some(since.saturating_add(hold).saturating_add(late_after))
    }

    /// An endpoint that asked to wait can be reached, and is not to be asked more.
    fn probing(&self) -> bool {
        self.watch.visible
            && self.watch.outage_shown
            && self.watch.busy_until.is_none()
            && !self.link.is_closed()
    }

    /// When the next probe is due, or the oldest counts as lost.
    pub(super) fn probe_due(&self) -> Option<Millis> {
        let next = self.watch.probed_at.saturating_add(PROBE_EVERY);
        let lost = self
            .watch
            .probes
            .first()
            .map(|(_, at)| at.saturating_add(POST_TIMEOUT));
        let next = self.probing().then_some(next);
        [next, lost].into_iter().flatten().min()
    }

    /// Makes a small request that needs no session and changes nothing.
    pub(super) fn probe(&mut self, now: Millis) {
        if self.probing() && now >= self.watch.probed_at.saturating_add(PROBE_EVERY) {
            self.watch.probed_at = now;
            if self.watch.probes.len() >= PROBES_MAX {
                let (oldest, _) = self.watch.probes.remove(0);
                self.watch.network_works_since = None;
                self.out.push(Output::Abort(oldest));
            }
            let id = self.call(Request::Settings, None);
            self.watch.probes.push((id, now));
        }
    }

    /// Returns whether the call was a probe. `answered`: any answer came, also an error.
    pub(super) fn probe_settled(&mut self, id: RequestId, answered: bool) -> bool {
        let Some(at) = self.watch.probes.iter().position(|(probe, _)| *probe == id) else {
            return false;
        };
        let (_, sent) = self.watch.probes.remove(at);
        // A failed probe, or one before it without an answer.
        if !answered || at > 0 {
            self.watch.network_works_since = None;
        }
        if answered {
            // A call from before the network worked is replaced; one from since then may
            // only be slow.
            let fresh = self
                .watch
                .network_works_since
                .unwrap_or(sent.saturating_add(1));
            self.watch.network_works_since.get_or_insert(sent);
            self.replace_stale_calls(fresh.max(sent.saturating_sub(SLOW_ANSWER_MAX)));
        }
        true
    }

    pub(super) fn expire_probes(&mut self, now: Millis) {
        let all = std::mem::take(&mut self.watch.probes);
        let wanted = self.watch.outage_since.is_some() && self.watch.visible;
        for (id, sent) in all {
            if wanted && now < sent.saturating_add(POST_TIMEOUT) {
                self.watch.probes.push((id, sent));
            } else {
                self.out.push(Output::Abort(id));
            }
        }
    }

    pub(super) fn outage_over(&mut self) {
        self.watch.outage_since = None;
        self.watch.network_works_since = None;
        if std::mem::take(&mut self.watch.outage_shown) {
            self.show_connection();
        }
    }

    /// The endpoint asks to wait with a call. The window says so until the next attempt
    /// has been answered.
    pub(super) fn asked_to_wait(&mut self, now: Millis, pause: Millis) {
        let until = now.saturating_add(pause).saturating_add(OUTAGE_SHOWN_AFTER);
        let before = self.watch.busy_until;
        self.watch.busy_until = Some(before.map_or(until, |before| before.max(until)));
        if before.is_none() {
            self.show_connection();
        }
    }

    pub(super) fn expire_busy(&mut self, now: Millis) {
        if self.watch.busy_until.is_some_and(|until| now >= until) {
            self.busy_over();
        }
    }

    pub(super) fn busy_over(&mut self) {
        if self.watch.busy_until.take().is_some() {
            self.show_connection();
        }
    }

    pub(super) fn show_connection(&mut self) {
        let connection = match (self.watch.busy_until, self.watch.outage_shown) {
            (Some(_), _) => Connection::Busy,
            (None, true) => Connection::Reconnecting,
            (None, false) => Connection::Connected,
        };
        self.change(Change::Connection(connection));
    }
}
