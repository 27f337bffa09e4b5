//! A tab that leads: it runs the session, broadcasts what changes, and executes
//! the commands of all tabs.

use super::{Command, CommandId, Output, Tab, TabPayload};
use crate::{
    Millis,
    change::{Change, Stage},
    intent::Intent,
    saved::{Pending, Saved},
    session,
};

/// A command that is no message and reaches the leader later than this is not
/// executed: the person has seen that nothing came of the click. Messages do not
/// expire here.
pub const COMMAND_EXPIRES_AFTER: Millis = 10_000;

/// Executed commands that are remembered, so that a repeated one is not executed
/// again. Repeats come within seconds, in which nobody gives so many.
pub const EXECUTED_COMMANDS_MAX: usize = 256;

impl Tab {
    /// A message of a follower that wants something of the leader.
    pub(super) fn on_request(&mut self, device_now: Millis, payload: TabPayload) {
        match payload {
            TabPayload::Hello => self.broadcast_snapshot(),
            TabPayload::Ping => self.broadcast(TabPayload::Pong {
                number: self.sequence.number,
            }),
            TabPayload::Command(command) => self.execute(device_now, command.copied()),
            _ => {}
        }
    }

    /// Executes a command, unless that was done already, and confirms it.
    pub(super) fn execute(&mut self, device_now: Millis, command: Command) {
        let id = command.id.clone();
        if self.forwarding.remember_executed(&id) {
            self.execute_once(device_now, command);
        }
        self.out.push(Output::RemoveCommand(id.clone()));
        self.process_outputs(Vec::new(), vec![id]);
    }

    fn execute_once(&mut self, device_now: Millis, mut command: Command) {
        if let Intent::LeaveMessage(message) = &mut command.intent {
            message.custom_id.clone_from(&command.id.0);
        }
        let message = match (command.pending, &command.intent) {
            (Some(pending), _) => Some(*pending),
            (None, Intent::Send(text)) => Some(Pending {
                custom_id: command.id.0,
                text: text.clone(),
                ..Pending::default()
            }),
            (None, _) => None,
        };
        if let Some(message) = message {
            if let Some(session) = &mut self.session {
                let outputs = session.submit(device_now, message);
                self.process_outputs(outputs, Vec::new());
            }
        } else if device_now < command.at.saturating_add(COMMAND_EXPIRES_AFTER) {
            self.pass_to_session(device_now, session::Input::Intent(command.intent));
        }
    }

    /// Hands an input to the session, if this tab leads.
    pub(super) fn pass_to_session(&mut self, device_now: Millis, input: session::Input) {
        if let Some(session) = &mut self.session {
            let outputs = session.handle(device_now, input);
            self.process_outputs(outputs, Vec::new());
        }
    }

    /// Passes on what the session wants done, and broadcasts what changed and which
    /// commands were executed.
    fn process_outputs(&mut self, outputs: Vec<session::Output>, executed: Vec<CommandId>) {
        let mut changes = Vec::new();
        let was_resuming = self.is_resuming();
        for output in outputs {
            match output {
                session::Output::Change(change) => {
                    if self.apply(change.clone()) {
                        changes.push(change);
                    }
                }
                session::Output::WakeAt(at) => self.wake.session = Some(at),
                session::Output::Save(saved) => {
                    self.broadcast_unpersisted(&saved);
                    self.out.push(session::Output::Save(saved).into());
                }
                other => self.out.push(other.into()),
            }
        }
        if !changes.is_empty() || !executed.is_empty() {
            self.sequence.number += 1;
            self.broadcast(TabPayload::Changes {
                number: self.sequence.number,
                changes,
                executed,
            });
        }
        // Followers ignore the lines of a leader that is resuming.
        if was_resuming && !self.is_resuming() {
            self.broadcast_snapshot();
        }
    }

    pub(super) fn is_resuming(&self) -> bool {
        self.mirror.shows(&Change::Stage(Stage::Resuming))
    }

    pub(super) fn broadcast_snapshot(&mut self) {
        self.broadcast(TabPayload::Snapshot {
            number: self.sequence.number,
            changes: self.mirror.changes(),
        });
        if let Some(saved) = self.session.as_ref().map(|it| it.saved().clone()) {
            self.broadcast_unpersisted(&saved);
        }
    }

    /// While the device refuses to persist the session's state, the other tabs
    /// hold it.
    pub(super) fn broadcast_unpersisted(&mut self, saved: &Saved) {
        if !self.storage_available {
            let saved = Some(Box::new(saved.clone()));
            self.broadcast(TabPayload::Unpersisted(saved));
        }
    }

    /// The session polls as if it were visible while any of the tabs is.
    pub(super) fn update_visibility(&mut self, device_now: Millis) {
        let any = self.visibility.own || !self.visibility.peers.is_empty();
        self.pass_to_session(device_now, session::Input::Visibility(any));
    }

    /// A new leader's mirror gets the session's lines in the session's order. Lines
    /// that the leader before had told of, and that nobody persisted, go. Followers
    /// place lines by index, so the order must be the same in every tab.
    pub(super) fn align_mirror(&mut self) {
        if let Some(session) = &self.session {
            let lines = session.lines().to_vec();
            let changes = self.mirror.replace_lines(lines);
            self.out.extend(changes.into_iter().map(display));
        }
    }
}

/// A change that the mirror has applied already.
pub(super) fn display(change: Change) -> Output {
    session::Output::Change(change).into()
}
