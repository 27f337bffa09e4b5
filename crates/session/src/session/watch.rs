//! Knowing that nothing is received, and coming back at once when it can be:
//! the visitor looks, the device woke up, a probe was answered.

use super::{Link, Session};
use crate::{
    Millis,
    change::{Change, Connection},
    limits::{ANSWER_LATE_AFTER, POST_TIMEOUT, PROBE_EVERY, PROBES_MAX, SLOW_ANSWER_MAX},
    session::{Output, Request, RequestId},
};

impl Session {
    pub(super) fn visibility_changed(&mut self, now: Millis, visible: bool) {
        self.visible = visible;
        if visible {
            self.retry_all(now);
            // Held for as long as nobody looked: its silence says nothing.
            if self.endpoint_honours_hold && self.poll_hold.is_none() {
                let stale = self.poll_lane.retry_now(now.saturating_add(1));
                self.out.extend(stale.map(Output::Abort));
            }
        }
    }

    /// Whatever waits tries at once, and what has been open for longer than an
    /// answer takes is begun anew: it may hang in a connection that is dead.
    pub(super) fn retry_all(&mut self, now: Millis) {
        self.replace_stale_calls(now.saturating_sub(ANSWER_LATE_AFTER));
    }

    /// The network was seen to work for a call made at `fresh`.
    pub(super) fn replace_stale_calls(&mut self, fresh: Millis) {
        let stale = [
            self.settings_lane.retry_now(fresh),
            self.link_lane.retry_now(fresh),
            self.poll_lane.retry_now(fresh),
            self.post_lane.retry_now(fresh),
        ];
        self.out
            .extend(stale.into_iter().flatten().map(Output::Abort));
    }

    /// When the open poll is late. Known only where polls are held as asked.
    pub(super) fn poll_late_at(&self) -> Option<Millis> {
        let hold = self.poll_hold.filter(|_| self.endpoint_honours_hold)?;
        let since = self.poll_lane.since()?;
        Some(since.saturating_add(hold).saturating_add(ANSWER_LATE_AFTER))
    }

    pub(super) fn has_link(&self) -> bool {
        self.link != Link::Closed
    }

    fn probing(&self) -> bool {
        self.visible && self.outage_shown && self.has_link()
    }

    /// When the next probe is to go.
    pub(super) fn probe_due(&self) -> Option<Millis> {
        let next = self.probed_at.saturating_add(PROBE_EVERY);
        let lost = self
            .probes
            .first()
            .map(|(_, at)| at.saturating_add(POST_TIMEOUT));
        let next = self.probing().then_some(next);
        [next, lost].into_iter().flatten().min()
    }

    /// Something small that needs no session and changes nothing.
    pub(super) fn probe(&mut self, now: Millis) {
        if self.probing() && now >= self.probed_at.saturating_add(PROBE_EVERY) {
            self.probed_at = now;
            if self.probes.len() >= PROBES_MAX {
                let (oldest, _) = self.probes.remove(0);
                self.network_works_since = None;
                self.out.push(Output::Abort(oldest));
            }
            let id = self.call(Request::Settings, None);
            self.probes.push((id, now));
        }
    }

    /// Whether the call was a probe; `answered` if anything came back at all.
    pub(super) fn probe_settled(&mut self, id: RequestId, answered: bool) -> bool {
        let Some(at) = self.probes.iter().position(|(probe, _)| *probe == id) else {
            return false;
        };
        let (_, sent) = self.probes.remove(at);
        // One before it has no answer.
        if !answered || at > 0 {
            self.network_works_since = None;
        }
        if answered {
            // What was sent before the network worked is worth less than what
            // goes now; what was sent since may be slow.
            let fresh = self.network_works_since.unwrap_or(sent.saturating_add(1));
            self.network_works_since.get_or_insert(sent);
            self.replace_stale_calls(fresh.max(sent.saturating_sub(SLOW_ANSWER_MAX)));
        }
        true
    }

    pub(super) fn expire_probes(&mut self, now: Millis) {
        let all = std::mem::take(&mut self.probes);
        let wanted = self.outage_since.is_some() && self.visible;
        for (id, sent) in all {
            if wanted && now < sent.saturating_add(POST_TIMEOUT) {
                self.probes.push((id, sent));
            } else {
                self.out.push(Output::Abort(id));
            }
        }
    }

    pub(super) fn outage_over(&mut self) {
        self.outage_since = None;
        self.network_works_since = None;
        if std::mem::take(&mut self.outage_shown) {
            self.change(Change::Connection(Connection::Connected));
        }
    }
}
