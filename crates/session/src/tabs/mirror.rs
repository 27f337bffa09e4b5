//! What a tab shows, as data: the sum of all changes. A picture is the changes
//! that make it from nothing.

use std::collections::{BTreeMap, BTreeSet};

use parlor_wire::visitor::Welcome;

use crate::{
    change::{AgentCard, Change, Connection, History, Stage},
    limits::TRANSCRIPT_MAX,
    line::{Line, LineId, Press, SendState},
    prechat::FieldError,
};

#[derive(Debug, Clone, PartialEq)]
pub struct Mirror {
    /// None before anything was shown.
    pub stage: Option<Stage>,
    pub welcome: Option<Welcome>,
    pub available: Option<bool>,
    pub prechat_errors: Vec<(String, FieldError)>,
    pub lines: Vec<Line>,
    /// Buttons pressed, by the line they are in.
    pub pressed: BTreeMap<LineId, Vec<(String, Press)>>,
    /// Forms answered, by the line they are in; none is the one at the end.
    pub forms_done: BTreeSet<Option<LineId>>,
    pub history: History,
    pub rated: Option<bool>,
    pub agent: Option<AgentCard>,
    pub agent_typing: bool,
    pub sneak_peek: bool,
    pub connection: Connection,
    pub draft: String,
    pub unread: usize,
    pub conversation: bool,
    pub window_shown: bool,
    pub kept: bool,
}

impl Default for Mirror {
    fn default() -> Self {
        Self {
            stage: None,
            welcome: None,
            available: None,
            prechat_errors: Vec::new(),
            lines: Vec::new(),
            pressed: BTreeMap::new(),
            forms_done: BTreeSet::new(),
            history: History::default(),
            rated: None,
            agent: None,
            agent_typing: false,
            sneak_peek: false,
            connection: Connection::Connected,
            draft: String::new(),
            unread: 0,
            conversation: false,
            window_shown: false,
            kept: true,
        }
    }
}

fn put<T: PartialEq>(place: &mut T, value: T) -> bool {
    let moved = *place != value;
    *place = value;
    moved
}

impl Mirror {
    /// Applies one change; whether anything moved by it.
    pub fn apply(&mut self, change: &Change) -> bool {
        match change.clone() {
            Change::Stage(stage) => put(&mut self.stage, Some(stage)),
            Change::Welcome(welcome) => put(&mut self.welcome, Some(*welcome)),
            Change::Available(available) => put(&mut self.available, Some(available)),
            Change::PrechatErrors(errors) => put(&mut self.prechat_errors, errors),
            Change::Line { index, line } => self.place(index, *line),
            Change::LineState { id, state } => match self.line(&id) {
                Some(line) => put(&mut line.state, Some(state)),
                None => false,
            },
            Change::LineGone(id) => {
                let before = self.lines.len();
                self.lines.retain(|line| line.id != id);
                self.lines.len() < before
            }
            Change::TranscriptCleared => {
                let moved = !self.lines.is_empty();
                self.lines.clear();
                self.pressed.clear();
                self.forms_done.clear();
                moved
            }
            Change::Pressed { id, buttons } => {
                self.pressed.insert(id, buttons.clone()) != Some(buttons)
            }
            Change::FormDone(id) => self.forms_done.insert(id),
            Change::History(history) => put(&mut self.history, history),
            Change::Rated(rated) => put(&mut self.rated, rated),
            // They are over in a moment, and no tab that comes later asks.
            Change::FormErrors { .. } | Change::Progress { .. } => true,
            Change::Agent(agent) => put(&mut self.agent, agent),
            Change::AgentTyping(typing) => put(&mut self.agent_typing, typing),
            Change::SneakPeek(enabled) => put(&mut self.sneak_peek, enabled),
            Change::Connection(connection) => put(&mut self.connection, connection),
            Change::Draft(draft) => put(&mut self.draft, draft),
            Change::Unread(unread) => put(&mut self.unread, unread),
            Change::Conversation(conversation) => put(&mut self.conversation, conversation),
            Change::WindowShown(shown) => put(&mut self.window_shown, shown),
            Change::Kept(kept) => put(&mut self.kept, kept),
        }
    }

    /// What was sent stays sent, when a leader tells of it that has not heard
    /// so: another had the answer, and this tab saw it.
    pub(crate) fn keep_sent(&mut self, change: &mut Change) {
        match change {
            Change::Line { line, .. } => {
                let known = self.line(&line.id).filter(|known| known.is_sent());
                match known {
                    Some(known) if !line.is_sent() => **line = known.clone(),
                    Some(known) if known.state == Some(SendState::Seen) => line.state = known.state,
                    _ => {}
                }
            }
            Change::LineState { id, state } => {
                if let Some(known) = self.line(id).filter(|known| known.is_sent())
                    && *state != SendState::Seen
                {
                    *state = known.state.unwrap_or(*state);
                }
            }
            _ => {}
        }
    }

    fn line(&mut self, id: &LineId) -> Option<&mut Line> {
        self.lines.iter_mut().rev().find(|line| line.id == *id)
    }

    fn place(&mut self, index: usize, line: Line) -> bool {
        if let Some(at) = self.lines.iter().rposition(|known| known.id == line.id) {
            if at == index && self.lines.get(at) == Some(&line) {
                return false;
            }
            self.lines.remove(at);
        }
        let index = index.min(self.lines.len());
        self.lines.insert(index, line);
        self.lines.truncate(TRANSCRIPT_MAX + 1);
        true
    }

    /// The changes that make this from nothing.
    pub fn changes(&self) -> Vec<Change> {
        Self::default().changes_to(self)
    }

    /// The changes that make `other` from this.
    pub fn changes_to(&self, other: &Self) -> Vec<Change> {
        let mut now = self.clone();
        let mut out = Vec::new();
        let mut step = |change: Change| {
            if now.apply(&change) {
                out.push(change);
            }
        };
        other
            .welcome
            .iter()
            .for_each(|welcome| step(Change::Welcome(Box::new(welcome.clone()))));
        other
            .available
            .iter()
            .for_each(|available| step(Change::Available(*available)));
        other
            .stage
            .iter()
            .for_each(|stage| step(Change::Stage(stage.clone())));
        step(Change::PrechatErrors(other.prechat_errors.clone()));
        if self.lines != other.lines {
            if other.lines.is_empty() {
                step(Change::TranscriptCleared);
            }
            let stay: BTreeSet<&LineId> = other.lines.iter().map(|line| &line.id).collect();
            for line in &self.lines {
                if !stay.contains(&line.id) {
                    step(Change::LineGone(line.id.clone()));
                }
            }
            for (index, line) in other.lines.iter().enumerate() {
                step(Change::Line {
                    index,
                    line: Box::new(line.clone()),
                });
            }
        }
        for (id, buttons) in &other.pressed {
            step(Change::Pressed {
                id: id.clone(),
                buttons: buttons.clone(),
            });
        }
        for id in &other.forms_done {
            step(Change::FormDone(id.clone()));
        }
        step(Change::History(other.history.clone()));
        step(Change::Rated(other.rated));
        step(Change::Agent(other.agent.clone()));
        step(Change::AgentTyping(other.agent_typing));
        step(Change::SneakPeek(other.sneak_peek));
        step(Change::Connection(other.connection));
        step(Change::Draft(other.draft.clone()));
        step(Change::Unread(other.unread));
        step(Change::Conversation(other.conversation));
        step(Change::WindowShown(other.window_shown));
        step(Change::Kept(other.kept));
        out
    }

    /// How many of the first lines belong to conversations before the current
    /// one: numbers rise within each.
    pub(crate) fn earlier(&self) -> usize {
        let numbers: Vec<(usize, u64)> = self
            .lines
            .iter()
            .enumerate()
            .filter_map(|(at, line)| Some((at, line.number?)))
            .collect();
        numbers
            .windows(2)
            .filter_map(|pair| match pair {
                [(_, before), (at, after)] if after <= before => Some(*at),
                _ => None,
            })
            .next_back()
            .unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::{Author, Body};

    fn line(id: &str, number: Option<u64>) -> Line {
        Line {
            id: LineId(id.into()),
            number,
            author: Author::Visitor,
            at: None,
            body: Body::Text(id.into()),
            state: Some(SendState::Sent),
        }
    }

    fn with(ids: &[(&str, Option<u64>)]) -> Mirror {
        Mirror {
            stage: Some(Stage::Chatting),
            lines: ids.iter().map(|(id, n)| line(id, *n)).collect(),
            unread: 2,
            ..Mirror::default()
        }
    }

    #[test]
    fn a_picture_and_the_changes_to_it_make_the_same() {
        let a = with(&[("a", Some(1)), ("b", Some(2)), ("c", None)]);
        let b = with(&[("b", Some(2)), ("d", Some(3)), ("a", Some(4))]);
        for (from, to) in [
            (&a, &b),
            (&b, &a),
            (&Mirror::default(), &a),
            (&a, &Mirror::default()),
        ] {
            let mut made = from.clone();
            for change in from.changes_to(to) {
                made.apply(&change);
            }
            made.stage.clone_from(&to.stage);
            assert_eq!(made, *to);
        }
    }

    #[test]
    fn where_numbers_start_again_another_conversation_begins() {
        assert_eq!(with(&[("a", Some(1)), ("b", Some(2))]).earlier(), 0);
        let two = with(&[("a", Some(1)), ("b", Some(5)), ("c", Some(1)), ("d", None)]);
        assert_eq!(two.earlier(), 2);
    }
}
