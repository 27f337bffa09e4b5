//! Which tab leads: terms, taking the lead, giving it up, and noticing that the
//! leader no longer answers.
//!
//! Must stay true: of two tabs that believe they lead, the one of the older term
//! gives up as soon as it receives or reads anything of the other.

use super::{Claim, Command, CommandId, Output, Persisted, Tab, TabId, TabPayload};
use crate::{
    Millis,
    change::Change,
    intent::Intent,
    saved::{OutgoingEvent, Saved, Unsent},
    session::{self, Boot, Session},
};

/// A follower that is visible, or waits for a command to be executed, pings the
/// leader this often. Two pings fit into [`LEADER_SILENT_MAX`].
pub const PING_EVERY: Millis = 250;

/// A leader that is silent for this long is frozen or gone, and another tab takes
/// over. Leaves 400 ms for the take-over, which must be done within a second, also by
/// a slow device.
pub const LEADER_SILENT_MAX: Millis = 600;

/// What a tab knows of the election.
#[derive(Debug, Default)]
pub(super) struct Election {
    /// The newest term that is known; the tab's own if it leads.
    pub(super) term: u64,
    /// The newest term that was known when this tab took the lead.
    pub(super) term_at_election: u64,
    /// When the leader was last heard, or when its silence began to matter. None
    /// while its silence does not matter.
    leader_heard_at: Option<Millis>,
    pinged_at: Millis,
}

impl Election {
    pub(super) fn leader_heard(&mut self, now: Millis) {
        if self.leader_heard_at.is_some() {
            self.leader_heard_at = Some(now);
        }
    }

    /// When the leader is to be pinged, or given up.
    fn next_check(&self) -> Option<Millis> {
        let silent_at = self.leader_heard_at?.saturating_add(LEADER_SILENT_MAX);
        Some(silent_at.min(self.pinged_at.saturating_add(PING_EVERY)))
    }
}

impl Tab {
    // Taking the lead.

    pub(super) fn take_lead(&mut self, device_now: Millis, persisted: Persisted) {
        if self.leads() {
            return;
        }
        let Some(boot) = self.boot.clone() else {
            return;
        };
        let newest = persisted.saved.as_ref().map_or(0, |saved| saved.term);
        // If no other tab has led since this one did, its own state is the newest:
        // the device may have refused to persist it.
        let own = self.unpersisted.take();
        let saved = own
            .filter(|own| own.term == self.election.term && newest <= self.election.term)
            .or(persisted.saved);
        self.begin_term(device_now, newest);
        let mut session = Session::new();
        session.take_over(&self.mirror, self.election.term);
        self.session = Some(Box::new(session));
        self.boot_session(device_now, Boot { saved, ..*boot });
        self.execute_all(device_now, persisted.commands);
        self.align_mirror();
        self.broadcast_snapshot();
    }

    /// A term is at least the clock's time, so that a tab that was frozen before
    /// anything was persisted has an older one, and does not overwrite what this
    /// tab persists.
    fn begin_term(&mut self, device_now: Millis, newest: u64) {
        self.election.term_at_election = self.election.term.max(newest);
        let next = self.election.term_at_election.saturating_add(1);
        self.election.term = next.max(device_now);
        let id = self.id.clone();
        self.sequence.leader = id.map(|id| (self.election.term, id));
    }

    /// The session learns what this tab knows beside what was persisted.
    fn boot_session(&mut self, device_now: Millis, boot: Boot) {
        // A draft that was typed in any open tab is newer than a persisted one.
        let typed = (self.draft_at > 0).then(|| self.mirror.draft());
        self.pass_to_session(device_now, session::Input::Boot(Box::new(boot)));
        if let Some(typed) = typed
            && self.apply(Change::Draft(typed.clone()))
        {
            self.pass_to_session(device_now, session::Input::Intent(Intent::Draft(typed)));
        }
        if !self.storage_available {
            self.pass_to_session(device_now, session::Input::StorageAvailable(false));
        }
        self.update_visibility(device_now);
        let shown = self.mirror.shows(&Change::WindowShown(true));
        let shown = Intent::WindowShown(shown);
        self.pass_to_session(device_now, session::Input::Intent(shown));
    }

    /// Executes what followers persisted and what this tab's own visitor wants, the
    /// commands of each tab in the order in which they were given.
    fn execute_all(&mut self, device_now: Millis, mut commands: Vec<Command>) {
        let own = std::mem::take(&mut self.forwarding.unconfirmed);
        commands.extend(own.iter().map(|command| command.copied()));
        commands.sort_by(|one, other| one.id.tab_and_number().cmp(&other.id.tab_and_number()));
        for command in commands {
            self.execute(device_now, command);
        }
    }

    // Two leaders.

    /// This tab leads, and another one may believe that it leads too.
    pub(super) fn settle_rivalry(
        &mut self,
        device_now: Millis,
        from: &TabId,
        term: u64,
        by_leader: bool,
    ) {
        let own = self.election.term;
        let yields = term > own || (term == own && by_leader && self.id.as_ref() < Some(from));
        if yields {
            self.give_up_lead(device_now);
            // The other tab has led since.
            self.unpersisted = None;
        } else if by_leader {
            // The other leader does not know of this one yet.
            self.broadcast_snapshot();
        }
    }

    /// Whether this leader, which has no conversation, should continue with this
    /// one: it comes from a lead that began after the terms known at the election.
    /// A conversation that was known then, and has ended, is not begun again.
    pub(super) fn should_adopt(&self, saved: &Saved) -> bool {
        let own = self.session.as_ref().map(|session| session.saved());
        own.is_some_and(|own| !own.has_conversation())
            && saved.has_conversation()
            && saved.term > self.election.term_at_election
    }

    /// Continues with the conversation of a tab that led before, was frozen
    /// meanwhile, and whose state the device had refused to persist.
    pub(super) fn adopt(&mut self, device_now: Millis, mut saved: Saved) {
        if let Some(mut session) = self.session.take() {
            let retired = session.retire();
            self.out
                .extend(retired.outputs.into_iter().map(Output::from));
            // A message that failed here for want of a conversation may still wait
            // in the adopted one.
            let is_waiting = |unsent: &Unsent| {
                let id = &unsent.message.custom_id;
                saved.outbox.iter().any(|it| it.custom_id == *id)
            };
            let unsent = retired.saved.unsent.into_iter();
            let unsent: Vec<Unsent> = unsent.filter(|it| !is_waiting(it)).collect();
            saved.unsent.extend(unsent);
        }
        let persisted = Persisted {
            saved: Some(saved),
            commands: Vec::new(),
        };
        self.take_lead(device_now, persisted);
    }

    /// Another tab leads. Messages that this tab's session had not got confirmed are
    /// forwarded to it.
    pub(super) fn give_up_lead(&mut self, device_now: Millis) {
        let Some(mut session) = self.session.take() else {
            return;
        };
        let retired = session.retire();
        self.out
            .extend(retired.outputs.into_iter().map(Output::from));
        // The new leader may have begun when nobody could tell it of this
        // conversation.
        self.broadcast_unpersisted(&retired.saved);
        self.unpersisted = Some(retired.saved);
        self.wake.session = None;
        self.sequence.leader = None;
        self.out.push(Output::RequestLeadership(Claim::Queue));
        self.broadcast(TabPayload::Hello);
        for pending in retired.unconfirmed {
            let id = CommandId(pending.custom_id.clone());
            self.forwarding.executed.retain(|executed| *executed != id);
            self.forward(Command {
                at: device_now,
                intent: match &pending.event {
                    OutgoingEvent::Text => Intent::Send(pending.text.clone()),
                    // Its line is displayed already.
                    _ => Intent::Retry(id.line()),
                },
                pending: Some(Box::new(pending)),
                id,
            });
        }
    }

    // The leader's silence.

    /// A follower that is visible, or waits for a command to be executed, finds out
    /// within a second that nobody leads any more.
    pub(super) fn watch_leader(&mut self, now: Millis) {
        if !self.depends_on_leader() {
            self.election.leader_heard_at = None;
            return;
        }
        let election = &mut self.election;
        // A tab that has not pinged for so long was asleep, and received nothing.
        let slept = now >= election.pinged_at.saturating_add(3 * LEADER_SILENT_MAX);
        let heard_at = election.leader_heard_at.filter(|_| !slept).unwrap_or(now);
        let pings = now >= election.pinged_at.saturating_add(PING_EVERY);
        let is_silent = now >= heard_at.saturating_add(LEADER_SILENT_MAX);
        election.leader_heard_at = Some(if is_silent { now } else { heard_at });
        if pings {
            election.pinged_at = now;
            self.broadcast(TabPayload::Ping);
        }
        if is_silent {
            self.out.push(Output::RequestLeadership(Claim::Steal));
        }
    }

    /// When [`Tab::watch_leader`] has something to do, by the tab's own clock.
    pub(super) fn leader_check_due(&self) -> Option<Millis> {
        self.election
            .next_check()
            .filter(|_| self.depends_on_leader())
    }

    fn depends_on_leader(&self) -> bool {
        let waits = !self.forwarding.unconfirmed.is_empty();
        !self.leads() && self.boot.is_some() && (self.visibility.own || waits)
    }
}

#[cfg(test)]
mod tests {
    use parlor_wire::visitor::{Batch, ChasitorSessionData, Message, ReconnectSession};

    use super::*;
    use crate::{
        Call, Input, Line, LineId, Reply, Request, SavedSession, SendState,
        line::{Author, Body, comparisons},
        tabs,
    };

    /// Lines of the visitor and of an agent in turns, and two that wait.
    fn conversation(length: u64) -> Vec<Line> {
        let line = |number: u64| Line {
            id: LineId(format!("T_{number}")),
            number: Some(number),
            author: match number % 2 {
                0 => Author::Visitor,
                _ => Author::Agent(Default::default()),
            },
            at: Some(number),
            body: Body::Text(format!("line {number}")).into(),
            state: number.is_multiple_of(2).then_some(SendState::Sent),
        };
        (1..=length).map(line).collect()
    }

    fn snapshot(lines: Vec<Line>) -> tabs::Message {
        let line = |(index, line)| Change::Line {
            index,
            line: Box::new(line),
        };
        tabs::Message {
            from: TabId("leader".into()),
            term: 1,
            payload: TabPayload::Snapshot {
                number: 1,
                changes: lines.into_iter().enumerate().map(line).collect(),
            },
        }
    }

    /// What the endpoint answers to the new leader: every line once more.
    fn session_data(lines: &[Line]) -> Reply {
        let entries: Vec<serde_json::Value> = lines
            .iter()
            .map(|line| {
                let own = line.author == Author::Visitor;
                serde_json::json!({"type": if own { "Chasitor" } else { "Agent" }, "name": "",
                    "content": format!("line {}", line.number.unwrap()), "timestamp": line.number,
                    "sequence": line.number, "eventId": line.id.0, "customId": line.id.0})
            })
            .collect();
        let data: ChasitorSessionData = serde_json::from_value(serde_json::json!({
            "chatMessages": entries, "agent": {"name": "Andy", "userId": "a"}}))
        .unwrap();
        Reply::Messages(Batch {
            messages: vec![Message::ChasitorSessionData(Box::new(data))],
            sequence: Some(1),
            offset: Some(1),
        })
    }

    fn persisted() -> Persisted {
        Persisted {
            saved: Some(Saved {
                session: Some(SavedSession {
                    id: "s".into(),
                    key: "k".into(),
                    poll_timeout: 40_000,
                    offset: None,
                    init: None,
                    end: false,
                    of_message: false,
                }),
                term: 1,
                ..Saved::default()
            }),
            commands: Vec::new(),
        }
    }

    fn call_of(outputs: &[Output], wanted: impl Fn(&Request) -> bool) -> Call {
        let calls = outputs.iter().filter_map(|output| match output {
            Output::Session(session::Output::Call(call)) => Some(call),
            _ => None,
        });
        let call = calls.into_iter().find(|call| wanted(&call.request));
        (**call.unwrap()).clone()
    }

    /// A tab displays so many lines, takes the lead, and receives all of them again.
    fn take_lead_of(length: u64) {
        let lines = conversation(length);
        let mut tab = Tab::new();
        let boot = Boot {
            organization_id: "o".into(),
            deployment_id: "d".into(),
            button_id: "b".into(),
            nonce: "tab".into(),
            seed: 1,
            browser: Default::default(),
            identity_token: None,
            saved: None,
        };
        tab.handle(1_000, Input::Boot(Box::new(boot)).into());
        let message = Box::new(snapshot(lines.clone()));
        tab.handle(1_000, tabs::Input::Message(message));
        tab.handle(1_000, Input::Intent(Intent::Send("one".into())).into());
        let input = tabs::Input::LeadershipGained(Box::new(persisted()));
        let outputs = tab.handle(2_000, input);
        let answer = |tab: &mut Tab, call: &Call, reply: Reply| {
            let reply = Box::new(reply);
            let (id, latest_offset) = (call.id, None);
            tab.handle(
                2_000,
                Input::Reply {
                    id,
                    reply,
                    latest_offset,
                }
                .into(),
            )
        };
        let call = call_of(&outputs, |it| {
            matches!(it, Request::ReconnectSession { .. })
        });
        let reconnected = ReconnectSession {
            reset_sequence: Some(true),
            affinity_token: "a".into(),
        };
        let outputs = answer(&mut tab, &call, Reply::Reconnected(reconnected));
        let poll = call_of(&outputs, |it| matches!(it, Request::Messages { .. }));
        answer(&mut tab, &poll, session_data(&lines));
        assert_eq!(tab.mirror.lines.len() as u64, length + 1);
    }

    /// Lines were looked up by searching for them: 10,000 lines took 10,000 times as
    /// long as one.
    #[test]
    fn taking_the_lead_is_linear_in_the_transcript() {
        let work = |length: u64| comparisons::of(|| take_lead_of(length));
        let (short, long) = (work(500), work(4_000));
        assert!(long <= 8 * short, "{short} comparisons, then {long}");
        assert!(long <= 40 * 4_000, "{long} comparisons");
    }
}
