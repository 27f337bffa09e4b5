//! How far the client of one session has received its queue
//! (`docs/PROTOCOL.md`, 2.6 to 2.8).
//!
//! Positions count messages and only grow; batch numbers count answers. A batch
//! is served again under its number until a poll acknowledges it. All of this is
//! in memory, and written a moment later: after a restart every session is handed
//! over, and the client says from which position it goes on.

use serde_json::Value;

use crate::store::row::Session;

/// The greatest batch number that is taken from a client. Every JSON reader can
/// hold it.
const BATCH_NUMBER_MAX: i64 = 1 << 53;

/// A message that is not stored, such as a typing indicator. It is lost with the
/// process.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct VolatileMessage {
    /// The message's `type`.
    pub(crate) kind: String,
    pub(crate) body: Value,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// The newest position in the queue.
    queued: i64,
    /// The newest position that was served.
    served: i64,
    /// The newest position that was acknowledged. Messages up to it may be
    /// deleted.
    acknowledged: i64,
    /// The newest position up to which messages were deleted.
    deleted: i64,
    /// Number of the newest batch; 0 before the first.
    batch: i64,
    /// Number of the newest batch that was acknowledged. Before the first, the
    /// least `ack` of the client, 0 or less.
    acknowledged_batch: i64,
    /// The client counts `ack` up with each request (`docs/PROTOCOL.md`, 2.6).
    counts_ack: bool,
    /// Whether numbers go on from those of a process that served the session
    /// before.
    is_numbered: bool,
    volatile: Vec<VolatileMessage>,
    /// The volatile messages of the newest batch, while it is not acknowledged.
    volatile_served: Vec<VolatileMessage>,
}

/// Which stored messages a poll has to be answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// None: it has to wait.
    Nothing,
    /// The newest batch again: those after the first position, up to the second.
    Again(i64, i64),
    /// A new batch: those after this position.
    New(i64),
}

/// A batch to be served: its number, and the newest position in it.
#[derive(Debug, PartialEq)]
pub(super) struct Served {
    pub(super) sequence: i64,
    pub(super) offset: i64,
    pub(super) volatile: Vec<VolatileMessage>,
}

impl Progress {
    /// Progress of a session that nobody has polled yet.
    pub(super) fn new() -> Self {
        Self {
            is_numbered: true,
            ..Self::default()
        }
    }

    /// Progress of a session from its row, which may be a moment old.
    pub(super) fn resumed(row: &Session) -> Self {
        Self {
            queued: row.position,
            served: row.served,
            batch: row.batch,
            ..Self::default()
        }
    }

    pub(super) fn queued(&self) -> i64 {
        self.queued
    }

    pub(super) fn batch(&self) -> i64 {
        self.batch
    }

    /// The newest position that was served, at the least.
    pub(super) fn served(&self) -> i64 {
        self.served
    }

    /// Messages were queued up to `position`.
    pub(super) fn queued_through(&mut self, position: i64) {
        self.queued = self.queued.max(position);
    }

    /// Replaces volatile messages of these kinds that were not served yet.
    pub(super) fn replace_volatile(&mut self, kinds: &[&str], new: Option<VolatileMessage>) {
        self.volatile
            .retain(|message| !kinds.contains(&message.kind.as_str()));
        self.volatile.extend(new);
    }

    /// The position up to which acknowledged messages are still stored.
    pub(super) fn deletable(&self) -> Option<i64> {
        (self.acknowledged > self.deleted).then_some(self.acknowledged)
    }

    pub(super) fn acknowledged(&self) -> i64 {
        self.acknowledged
    }

    pub(super) fn deleted_through(&mut self, position: i64) {
        self.deleted = self.deleted.max(position);
    }

    /// The session was handed over: its queue begins anew after `position`, and
    /// its newest batch was at least `batch`.
    pub(super) fn begin_anew(&mut self, position: i64, batch: i64) {
        self.batch = self.batch.max(batch);
        self.served = position;
        self.acknowledged = position;
        self.deleted = position;
        self.queued_through(position);
        self.acknowledged_batch = self.batch;
        self.counts_ack = false;
        self.is_numbered = false;
        self.volatile.clear();
        self.volatile_served.clear();
    }

    /// Handles the `ack` of a poll.
    pub(super) fn acknowledge(&mut self, ack: Option<i64>) {
        if !self.is_numbered {
            self.is_numbered = true;
            // The greatest number that the client has seen, by whichever process.
            let seen = ack.unwrap_or(0).clamp(0, BATCH_NUMBER_MAX);
            self.batch = self.batch.max(seen);
        }
        if self.is_acknowledged(ack) {
            self.acknowledged_batch = self.batch;
            self.acknowledged = self.served;
            self.volatile_served.clear();
        }
    }

    fn is_acknowledged(&mut self, ack: Option<i64>) -> bool {
        let Some(ack) = ack else {
            // A client that sends no `ack` gets each message once.
            return true;
        };
        if self.batch == 0 {
            // Remembers where the client starts. One that starts below 0 and
            // later sends 0 counts by itself.
            self.acknowledged_batch = ack.min(0);
            return false;
        }
        if self.counts_ack || ack == self.batch {
            return true;
        }
        // A client whose `ack` is greater than any batch, or the 0 that no batch
        // ever has, counts it up by one with each request, whatever it received.
        self.counts_ack = ack > self.batch || (ack == 0 && self.acknowledged_batch != 0);
        self.counts_ack
    }

    pub(super) fn next(&self) -> Next {
        if self.served > self.acknowledged || !self.volatile_served.is_empty() {
            Next::Again(self.acknowledged, self.served)
        } else if self.queued > self.served || !self.volatile.is_empty() {
            Next::New(self.served)
        } else {
            Next::Nothing
        }
    }

    /// Serves the newest batch again. `None` if nothing of it is left, because
    /// newer messages have replaced it.
    pub(super) fn serve_again(&mut self, is_empty: bool) -> Option<Served> {
        if is_empty && self.volatile_served.is_empty() {
            self.acknowledged = self.served;
            return None;
        }
        Some(Served {
            sequence: self.batch,
            offset: self.served,
            volatile: self.volatile_served.clone(),
        })
    }

    /// Serves a new batch with the stored messages up to `last`, the newest of
    /// them, and, if `is_complete`, the volatile ones. `None` if there are none:
    /// the messages up to `queued` are gone, because others have replaced them.
    pub(super) fn serve_new(
        &mut self,
        last: Option<i64>,
        queued: i64,
        is_complete: bool,
    ) -> Option<Served> {
        self.served = self.served.max(last.unwrap_or(queued));
        if is_complete {
            self.volatile_served = std::mem::take(&mut self.volatile);
        }
        if last.is_none() && self.volatile_served.is_empty() {
            self.acknowledged = self.served;
            return None;
        }
        self.batch = self.batch.saturating_add(1);
        Some(Served {
            sequence: self.batch,
            offset: self.served,
            volatile: self.volatile_served.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typing(kind: &str) -> VolatileMessage {
        VolatileMessage {
            kind: kind.to_owned(),
            body: Value::Null,
        }
    }

    /// Polls with `ack`; all messages up to `queued` are still stored.
    fn poll(progress: &mut Progress, ack: Option<i64>) -> Option<(i64, i64)> {
        progress.acknowledge(ack);
        let served = match progress.next() {
            Next::Nothing => None,
            Next::Again(..) => progress.serve_again(false),
            Next::New(after) => {
                let queued = progress.queued();
                progress.serve_new((queued > after).then_some(queued), queued, true)
            }
        };
        served.map(|served| (served.sequence, served.offset))
    }

    #[test]
    fn a_batch_is_served_until_it_is_acknowledged() {
        let mut progress = Progress::new();
        assert_eq!(poll(&mut progress, Some(-1)), None);
        progress.queued_through(2);
        assert_eq!(poll(&mut progress, Some(-1)), Some((1, 2)));
        progress.queued_through(3);
        assert_eq!(poll(&mut progress, Some(-1)), Some((1, 2)));
        assert_eq!(progress.deletable(), None);
        assert_eq!(poll(&mut progress, Some(1)), Some((2, 3)));
        assert_eq!(progress.deletable(), Some(2));
        assert_eq!(poll(&mut progress, Some(2)), None);
        assert_eq!(progress.deletable(), Some(3));
        progress.deleted_through(3);
        assert_eq!(progress.deletable(), None);
        assert_eq!(poll(&mut progress, Some(2)), None);
    }

    #[test]
    fn a_client_without_ack_gets_each_message_once() {
        let mut progress = Progress::new();
        progress.queued_through(1);
        assert_eq!(poll(&mut progress, None), Some((1, 1)));
        assert_eq!(poll(&mut progress, None), None);
        progress.queued_through(2);
        assert_eq!(poll(&mut progress, None), Some((2, 2)));
    }

    #[test]
    fn a_client_that_counts_its_requests_gets_each_message_once() {
        let mut progress = Progress::new();
        assert_eq!(poll(&mut progress, Some(-1)), None);
        progress.queued_through(1);
        assert_eq!(poll(&mut progress, Some(0)), Some((1, 1)));
        progress.queued_through(2);
        assert_eq!(poll(&mut progress, Some(1)), Some((2, 2)));
        assert_eq!(poll(&mut progress, Some(2)), None);
        assert_eq!(poll(&mut progress, Some(3)), None);
        progress.queued_through(3);
        assert_eq!(poll(&mut progress, Some(4)), Some((3, 3)));
        progress.queued_through(4);
        assert_eq!(poll(&mut progress, Some(5)), Some((4, 4)));
    }

    #[test]
    fn numbers_go_on_after_a_restart() {
        // A client that counted up to 7 under the process before.
        let mut progress = Progress::default();
        progress.begin_anew(40, 0);
        progress.queued_through(41);
        assert_eq!(poll(&mut progress, Some(7)), Some((8, 41)));
        // The answer was lost.
        assert_eq!(poll(&mut progress, Some(7)), Some((8, 41)));
        assert_eq!(poll(&mut progress, Some(8)), None);
        // A client that starts from the beginning after it has reconnected.
        let mut progress = Progress::default();
        progress.begin_anew(40, 0);
        progress.queued_through(41);
        assert_eq!(poll(&mut progress, Some(-1)), Some((1, 41)));
        assert_eq!(poll(&mut progress, Some(-1)), Some((1, 41)));
        assert_eq!(poll(&mut progress, Some(1)), None);
    }

    #[test]
    fn a_session_that_was_forgotten_goes_on() {
        let mut progress = Progress {
            queued: 3,
            served: 2,
            batch: 4,
            ..Progress::default()
        };
        // Batch 4 was lost.
        assert_eq!(poll(&mut progress, Some(3)), Some((4, 2)));
        assert_eq!(poll(&mut progress, Some(4)), Some((5, 3)));
    }

    #[test]
    fn a_hostile_ack_does_no_harm() {
        let mut progress = Progress::default();
        progress.queued_through(1);
        for ack in [i64::MAX, i64::MIN, -1, 0, i64::MAX] {
            poll(&mut progress, Some(ack));
        }
        assert!(progress.batch <= BATCH_NUMBER_MAX + 5);
    }

    #[test]
    fn a_volatile_message_is_a_batch_of_its_own() {
        let mut progress = Progress::new();
        progress.queued_through(1);
        assert_eq!(poll(&mut progress, Some(-1)), Some((1, 1)));
        progress.replace_volatile(&["AgentTyping"], Some(typing("AgentTyping")));
        // Batch 1 comes first.
        assert_eq!(poll(&mut progress, Some(-1)), Some((1, 1)));
        assert_eq!(poll(&mut progress, Some(1)), Some((2, 1)));
        progress.replace_volatile(&["AgentTyping"], Some(typing("AgentNotTyping")));
        assert_eq!(progress.volatile_served, [typing("AgentTyping")]);
        assert_eq!(poll(&mut progress, Some(1)), Some((2, 1)));
        assert_eq!(poll(&mut progress, Some(2)), Some((3, 1)));
        assert_eq!(progress.volatile_served, [typing("AgentNotTyping")]);
        assert_eq!(poll(&mut progress, Some(3)), None);
    }

    #[test]
    fn a_newer_message_replaces_a_volatile_one() {
        let mut progress = Progress::new();
        progress.replace_volatile(&["AgentTyping"], Some(typing("AgentTyping")));
        progress.replace_volatile(&["AgentTyping"], None);
        assert_eq!(progress.next(), Next::Nothing);
    }

    #[test]
    fn messages_that_are_gone_are_not_waited_for() {
        let mut progress = Progress::new();
        progress.queued_through(3);
        assert_eq!(progress.next(), Next::New(0));
        assert_eq!(progress.serve_new(None, 3, true), None);
        assert_eq!(progress.next(), Next::Nothing);
        progress.queued_through(4);
        assert!(progress.serve_new(Some(4), 4, true).is_some());
        // Replaced after they were served, and the answer was lost.
        assert_eq!(progress.next(), Next::Again(3, 4));
        assert_eq!(progress.serve_again(true), None);
        assert_eq!(progress.next(), Next::Nothing);
    }
}
