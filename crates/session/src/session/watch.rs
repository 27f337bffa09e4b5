//! Knowing that nothing is received, and coming back at once when it can be:
//! the visitor looks, the device woke up, a probe was answered.

use super::{Link, Session};
use crate::{
    Millis,
    change::{Change, Connection},
    limits::{ANSWER_LATE_AFTER, POST_TIMEOUT, PROBE_EVERY, PROBES_MAX, SLOW_ANSWER_MAX},
    output::{Output, Request, RequestId},
};

impl Session {
    pub(super) fn looked(&mut self, now: Millis, looked_at: bool) {
        self.looked_at = looked_at;
        if looked_at {
            self.check_all(now);
            // Held for as long as nobody looked: its silence says nothing.
            if self.holds_as_asked && self.poll_hold.is_none() {
                let stale = self.poll_lane.nudge(now.saturating_add(1));
                self.out.extend(stale.map(Output::Abort));
            }
        }
    }

    /// Whatever waits tries at once, and what has been open for longer than an
    /// answer takes is begun anew: it may hang in a connection that is dead.
    pub(super) fn check_all(&mut self, now: Millis) {
        self.begin_anew(now.saturating_sub(ANSWER_LATE_AFTER));
    }

    /// The network was seen to work for a call made at `fresh`.
    pub(super) fn begin_anew(&mut self, fresh: Millis) {
        let stale = [
            self.settings_lane.nudge(fresh),
            self.link_lane.nudge(fresh),
            self.poll_lane.nudge(fresh),
            self.post_lane.nudge(fresh),
        ];
        self.out
            .extend(stale.into_iter().flatten().map(Output::Abort));
    }

    /// When the open poll is late. Known only where polls are held as asked.
    pub(super) fn late_at(&self) -> Option<Millis> {
        let hold = self.poll_hold.filter(|_| self.holds_as_asked)?;
        let since = self.poll_lane.since()?;
        Some(since.saturating_add(hold).saturating_add(ANSWER_LATE_AFTER))
    }

    pub(super) fn has_link(&self) -> bool {
        self.link != Link::Closed
    }

    fn probes_go(&self) -> bool {
        self.looked_at && self.trouble_shown && self.has_link()
    }

    /// When the next probe is to go.
    pub(super) fn probe_due(&self) -> Option<Millis> {
        let next = self.probed_at.saturating_add(PROBE_EVERY);
        let lost = self
            .probes
            .first()
            .map(|(_, at)| at.saturating_add(POST_TIMEOUT));
        let next = self.probes_go().then_some(next);
        [next, lost].into_iter().flatten().min()
    }

    /// Something small that needs no session and changes nothing.
    pub(super) fn probe(&mut self, now: Millis) {
        if self.probes_go() && now >= self.probed_at.saturating_add(PROBE_EVERY) {
            self.probed_at = now;
            if self.probes.len() >= PROBES_MAX {
                let (oldest, _) = self.probes.remove(0);
                self.works_since = None;
                self.out.push(Output::Abort(oldest));
            }
            let id = self.call(Request::Settings, None);
            self.probes.push((id, now));
        }
    }

    /// Whether the call was a probe; `answered` if anything came back at all.
    pub(super) fn probed(&mut self, id: RequestId, answered: bool) -> bool {
        let Some(at) = self.probes.iter().position(|(probe, _)| *probe == id) else {
            return false;
        };
        let (_, sent) = self.probes.remove(at);
        // One before it has no answer.
        if !answered || at > 0 {
            self.works_since = None;
        }
        if answered {
            // What was sent before the network worked is worth less than what
            // goes now; what was sent since may be slow.
            let fresh = self.works_since.unwrap_or(sent.saturating_add(1));
            self.works_since.get_or_insert(sent);
            self.begin_anew(fresh.max(sent.saturating_sub(SLOW_ANSWER_MAX)));
        }
        true
    }

    pub(super) fn expire_probes(&mut self, now: Millis) {
        let all = std::mem::take(&mut self.probes);
        let wanted = self.trouble_since.is_some() && self.looked_at;
        for (id, sent) in all {
            if wanted && now < sent.saturating_add(POST_TIMEOUT) {
                self.probes.push((id, sent));
            } else {
                self.out.push(Output::Abort(id));
            }
        }
    }

    pub(super) fn received(&mut self) {
        self.trouble_since = None;
        self.works_since = None;
        if std::mem::take(&mut self.trouble_shown) {
            self.change(Change::Connection(Connection::Connected));
        }
    }
}
