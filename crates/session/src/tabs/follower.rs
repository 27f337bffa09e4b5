//! A tab that follows: it displays what the leader broadcasts, and notices when it
//! missed something.

use super::{TabId, TabPayload, leader::display};
use crate::{
    Millis,
    change::{Change, Stage},
    line::Line,
    tabs::Tab,
};

/// For this long after a visitor has typed, a draft from the leader does not
/// replace theirs: the leader sent it before it knew of the newer one. Longer than
/// a message takes between tabs, even if both are busy.
pub const OWN_DRAFT_WINS_FOR: Millis = 1_000;

/// Where this tab stands in the numbered changes of a leader.
#[derive(Debug, Default)]
pub(super) struct Sequence {
    /// The number of the change that was broadcast or applied last.
    pub(super) number: u64,
    /// Whose number it is: term and tab. Two tabs may believe that they lead in the
    /// same term, and each of them counts its own changes.
    pub(super) leader: Option<(u64, TabId)>,
}

impl Sequence {
    fn is_of(&self, leader: &(u64, TabId)) -> bool {
        self.leader.as_ref() == Some(leader)
    }

    /// Whether the leader has broadcast changes up to `number` that are missing here.
    fn is_behind(&self, leader: &(u64, TabId), number: u64) -> bool {
        !self.is_of(leader) || number > self.number
    }
}

impl Tab {
    /// A message of the tab that leads.
    pub(super) fn on_leader_message(
        &mut self,
        device_now: Millis,
        leader: (u64, TabId),
        payload: TabPayload,
    ) {
        match payload {
            TabPayload::Unpersisted(saved) => self.unpersisted = saved.map(|saved| *saved),
            // An older snapshot of the same leader arrived late.
            TabPayload::Snapshot { number, .. }
                if self.sequence.is_of(&leader) && number < self.sequence.number => {}
            TabPayload::Snapshot { number, changes } => {
                self.apply_snapshot(device_now, leader, number, changes);
            }
            TabPayload::Changes {
                number,
                changes,
                executed,
            } => {
                if self.sequence.is_of(&leader) && number == self.sequence.number + 1 {
                    self.sequence.number = number;
                    for change in changes {
                        self.apply_from_leader(device_now, change);
                    }
                } else if self.sequence.is_behind(&leader, number) {
                    self.broadcast(TabPayload::Hello);
                }
                self.forwarding.confirm(&executed);
                self.show_unconfirmed();
            }
            TabPayload::Pong { number } => {
                if self.sequence.is_behind(&leader, number) {
                    self.broadcast(TabPayload::Hello);
                }
                self.resend_unconfirmed();
            }
            _ => {}
        }
    }

    fn apply_snapshot(
        &mut self,
        device_now: Millis,
        leader: (u64, TabId),
        number: u64,
        changes: Vec<Change>,
    ) {
        // Another tab has led since; the new leader broadcasts what it holds next.
        self.unpersisted = None;
        // The lines of a conversation that a new tab joins are no news in it.
        if self.mirror.stage().is_none() {
            self.apply(Change::Stage(Stage::Resuming));
        }
        // A leader that is resuming may not have the lines yet. It sends another
        // snapshot when it has.
        let is_resuming = changes.contains(&Change::Stage(Stage::Resuming));
        if !is_resuming || self.is_resuming() {
            self.apply_lines_and_states(device_now, changes);
        }
        self.sequence.number = number;
        if !self.sequence.is_of(&leader) {
            // A new leader may not know that this tab is there.
            self.broadcast(TabPayload::Visibility(self.visibility.own));
        }
        self.sequence.leader = Some(leader);
        self.show_unconfirmed();
        self.resend_unconfirmed();
    }

    fn apply_lines_and_states(&mut self, device_now: Millis, changes: Vec<Change>) {
        let mut lines: Vec<Line> = Vec::new();
        let mut states: Vec<Change> = Vec::new();
        for change in changes {
            match change {
                Change::Line { line, .. } => lines.push(*line),
                state => states.push(state),
            }
        }
        if lines.is_empty() {
            self.apply_from_leader(device_now, Change::TranscriptCleared);
        } else {
            let changes = self.mirror.replace_lines(lines);
            self.out.extend(changes.into_iter().map(display));
        }
        for state in states {
            self.apply_from_leader(device_now, state);
        }
    }

    fn apply_from_leader(&mut self, device_now: Millis, change: Change) {
        let typed = device_now.abs_diff(self.draft_at) < OWN_DRAFT_WINS_FOR;
        match change {
            Change::Draft(of_leader) if typed => {
                let (at, text) = (self.draft_at, self.mirror.draft());
                // The leader may have come after this draft was broadcast.
                if text != of_leader {
                    self.broadcast(TabPayload::Draft { at, text });
                }
            }
            change => {
                self.apply(change);
            }
        }
    }
}
