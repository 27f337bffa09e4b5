//! The commands of this tab's own visitor, on their way to the leading tab.
//!
//! Must stay true: a message is persisted before it is displayed, and until a
//! leader has executed it; a command that is forwarded twice is executed once.

use std::collections::BTreeSet;

use super::{Command, CommandId, Output, Tab, TabPayload, leader::EXECUTED_COMMANDS_MAX};
use crate::{
    Millis,
    change::Change,
    intent::Intent,
    line::{Author, Body, Line, SendState},
    session,
    shared::Shared,
};

#[derive(Debug, Default)]
pub(super) struct Forwarding {
    /// Commands of this tab's visitor that no leader has confirmed, oldest first.
    pub(super) unconfirmed: Vec<Shared<Command>>,
    next_number: u64,
    /// Commands of any tab that this one executed while it led, the newest last.
    pub(super) executed: Vec<CommandId>,
}

impl Forwarding {
    /// False if the command was executed before.
    pub(super) fn remember_executed(&mut self, id: &CommandId) -> bool {
        if self.executed.contains(id) {
            return false;
        }
        self.executed.push(id.clone());
        if self.executed.len() > EXECUTED_COMMANDS_MAX {
            self.executed.remove(0);
        }
        true
    }

    pub(super) fn confirm(&mut self, executed: &[CommandId]) {
        self.unconfirmed
            .retain(|command| !executed.contains(&command.id));
    }
}

impl Tab {
    pub(super) fn on_intent(&mut self, device_now: Millis, intent: Intent) {
        match intent {
            // Comes with each key, and the next one corrects it: needs no
            // confirmation.
            Intent::Draft(text) => {
                self.draft_typed(device_now, text.clone());
                self.pass_to_session(device_now, session::Input::Intent(Intent::Draft(text)));
            }
            // If nothing changes, it comes from another tab by way of the page.
            Intent::WindowShown(shown) => {
                if self.mirror.apply(&Change::WindowShown(shown)) {
                    self.broadcast(TabPayload::WindowShown(shown));
                    let intent = Intent::WindowShown(shown);
                    self.pass_to_session(device_now, session::Input::Intent(intent));
                }
            }
            Intent::Page(page) => {
                self.page = Some(page);
                if self.visibility.own {
                    self.announce_page(device_now);
                }
            }
            intent => {
                let sends = matches!(intent, Intent::Send(_));
                let command = self.command(device_now, intent);
                if self.leads() {
                    self.execute(device_now, command);
                } else {
                    self.forward(command);
                }
                if sends {
                    self.draft_typed(device_now, String::new());
                }
            }
        }
    }

    fn draft_typed(&mut self, at: Millis, text: String) {
        self.draft_at = at;
        self.mirror.apply(&Change::Draft(text.clone()));
        self.broadcast(TabPayload::Draft { at, text });
    }

    fn command(&mut self, at: Millis, intent: Intent) -> Command {
        self.forwarding.next_number += 1;
        let tab = self.id.as_ref().map_or("", |id| id.0.as_str());
        Command {
            id: CommandId(format!("{tab}-{}", self.forwarding.next_number)),
            at,
            intent,
            pending: None,
        }
    }

    /// Broadcasts the command until a leader confirms it. A message is persisted and
    /// displayed from now on.
    pub(super) fn forward(&mut self, command: Command) {
        let command = Shared::from(command);
        let unconfirmed = &mut self.forwarding.unconfirmed;
        unconfirmed.push(command.clone());
        if command.is_message() {
            // What the device refused before is persisted with this one: alone, this
            // one would be sent first.
            let first = if self.storage_available {
                unconfirmed.len() - 1
            } else {
                0
            };
            let all = unconfirmed.get(first..).unwrap_or_default();
            let messages = all.iter().filter(|it| it.is_message()).cloned();
            self.out.extend(messages.map(Output::PersistCommand));
        }
        self.show_unconfirmed();
        self.broadcast(TabPayload::Command(command));
    }

    /// Displays this visitor's messages that no leader has displayed yet, below all
    /// other lines.
    pub(super) fn show_unconfirmed(&mut self) {
        if self.forwarding.unconfirmed.is_empty() {
            return;
        }
        let shown = self.mirror.lines.iter().map(|line| line.id.0.as_str());
        let mut shown: BTreeSet<&str> = shown.collect();
        let commands = self.forwarding.unconfirmed.iter();
        let missing = commands.filter(|command| shown.insert(&command.id.0));
        let lines: Vec<Line> = missing.filter_map(|command| queued_line(command)).collect();
        for line in lines {
            let index = self.mirror.lines.len();
            let line = Box::new(line);
            self.apply(Change::Line { index, line });
        }
    }

    /// Messages between tabs may be lost, so commands are repeated when the leader
    /// is heard.
    pub(super) fn resend_unconfirmed(&mut self) {
        for command in self.forwarding.unconfirmed.clone() {
            self.broadcast(TabPayload::Command(command));
        }
    }
}

fn queued_line(command: &Command) -> Option<Line> {
    let Intent::Send(text) = &command.intent else {
        return None;
    };
    let text = text.trim();
    (!text.is_empty()).then(|| Line {
        id: command.id.line(),
        number: None,
        author: Author::Visitor,
        at: None,
        body: Body::Text(text.to_owned()).into(),
        state: Some(SendState::Queued),
    })
}
