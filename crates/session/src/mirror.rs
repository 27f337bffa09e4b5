//! What a tab shows, as data: the sum of all changes. A picture is the changes
//! that make it from nothing.

use std::mem::discriminant;

use crate::{
    change::{Change, Connection, History, Stage},
    limits::TRANSCRIPT_MAX,
    line::{Author, Line, LineId, SendState},
};

#[derive(Debug, Clone)]
pub struct Mirror {
    /// How everything else than lines is: the newest change of each kind, and
    /// of each line where it is about one. The stage comes last: what comes
    /// before it is no news in a tab that has just opened.
    states: Vec<Change>,
    pub lines: Vec<Line>,
}

impl Default for Mirror {
    fn default() -> Self {
        Self {
            states: vec![
                Change::PrechatErrors(Vec::new()),
                Change::History(History::default()),
                Change::Rated(None),
                Change::Agent(None),
                Change::AgentTyping(false),
                Change::SneakPeek(false),
                Change::Connection(Connection::Connected),
                Change::Draft(String::new()),
                Change::Unread(0),
                Change::Conversation(false),
                Change::WindowShown(false),
                Change::StorageAvailable(true),
            ],
            lines: Vec::new(),
        }
    }
}

impl PartialEq for Mirror {
    fn eq(&self, other: &Self) -> bool {
        self.lines == other.lines
            && self.states.len() == other.states.len()
            && self.states.iter().all(|it| other.states.contains(it))
    }
}

/// Whether the newer of the two makes the other one old news.
fn same_matter(one: &Change, other: &Change) -> bool {
    match (one, other) {
        (Change::Pressed { id: one, .. }, Change::Pressed { id: other, .. }) => one == other,
        (Change::FormDone(one), Change::FormDone(other)) => one == other,
        _ => discriminant(one) == discriminant(other),
    }
}

impl Mirror {
    /// Applies one change; whether anything moved by it.
    pub fn apply(&mut self, change: &Change) -> bool {
        match change {
            Change::Line { index, line } => self.place(*index, line),
            Change::LineState { id, state } => {
                let line = self.line(id);
                line.is_some_and(|line| line.state.replace(*state) != Some(*state))
            }
            Change::LineGone(id) => {
                let before = self.lines.len();
                self.lines.retain(|line| line.id != *id);
                self.lines.len() < before
            }
            Change::TranscriptCleared => {
                self.states
                    .retain(|it| !matches!(it, Change::Pressed { .. } | Change::FormDone(_)));
                !std::mem::take(&mut self.lines).is_empty()
            }
            // They are over in a moment, and no tab that comes later asks.
            Change::FormErrors { .. } | Change::Progress { .. } => true,
            state => match self.states.iter_mut().find(|it| same_matter(it, state)) {
                Some(known) if known == state => false,
                Some(known) => {
                    known.clone_from(state);
                    true
                }
                None => {
                    let last = matches!(state, Change::Stage(_));
                    let at = if last { self.states.len() } else { 0 };
                    self.states.insert(at, state.clone());
                    true
                }
            },
        }
    }

    /// What was sent stays sent, when a leader tells of it that has not heard
    /// so: another had the answer, and this tab saw it.
    pub(crate) fn preserve_sent(&mut self, change: &mut Change) {
        match change {
            Change::Line { line, .. } if line.author == Author::Visitor => {
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

    fn place(&mut self, index: usize, line: &Line) -> bool {
        if let Some(at) = self.lines.iter().rposition(|known| known.id == line.id) {
            if at == index && self.lines.get(at) == Some(line) {
                return false;
            }
            self.lines.remove(at);
        }
        let index = index.min(self.lines.len());
        self.lines.insert(index, line.clone());
        self.lines.truncate(TRANSCRIPT_MAX + 1);
        true
    }

    /// How everything else than lines is.
    pub(crate) fn states(&self) -> &[Change] {
        &self.states
    }

    /// Everything, as changes.
    pub fn changes(&self) -> Vec<Change> {
        let lines = self.lines.iter().enumerate().map(|(index, line)| {
            let line = Box::new(line.clone());
            Change::Line { index, line }
        });
        lines.chain(self.states.iter().cloned()).collect()
    }

    /// What goes before the changes of a picture are shown here.
    pub(crate) fn removals_before(&self, picture: &[Change]) -> Vec<Change> {
        let is_line = |change: &Change, id: &LineId| match change {
            Change::Line { line, .. } => line.id == *id,
            _ => false,
        };
        if !picture.iter().any(|it| matches!(it, Change::Line { .. })) {
            return vec![Change::TranscriptCleared];
        }
        let ids = self.lines.iter().map(|line| &line.id);
        ids.filter(|id| !picture.iter().any(|change| is_line(change, id)))
            .map(|id| Change::LineGone(id.clone()))
            .collect()
    }

    /// None before anything was shown.
    pub fn stage(&self) -> Option<&Stage> {
        self.states.iter().find_map(|it| match it {
            Change::Stage(stage) => Some(stage),
            _ => None,
        })
    }

    pub(crate) fn draft(&self) -> String {
        let draft = self.states.iter().find_map(|it| match it {
            Change::Draft(text) => Some(text.clone()),
            _ => None,
        });
        draft.unwrap_or_default()
    }

    /// Whether what this change says is so.
    pub fn shows(&self, state: &Change) -> bool {
        self.states.contains(state)
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
    use crate::line::Body;

    fn line(id: &str, number: Option<u64>) -> Line {
        Line {
            id: LineId(id.into()),
            number,
            author: Author::Visitor,
            at: None,
            body: Body::Text(id.into()).into(),
            state: Some(SendState::Sent),
        }
    }

    fn with(ids: &[(&str, Option<u64>)]) -> Mirror {
        let mut mirror = Mirror {
            lines: ids.iter().map(|(id, n)| line(id, *n)).collect(),
            ..Mirror::default()
        };
        mirror.apply(&Change::Stage(Stage::Chatting));
        mirror.apply(&Change::Unread(2));
        mirror
    }

    #[test]
    fn a_picture_makes_the_same_wherever_it_is_shown() {
        let a = with(&[("a", Some(1)), ("b", Some(2)), ("c", None)]);
        let b = with(&[("b", Some(2)), ("d", Some(3)), ("a", Some(4))]);
        let none = with(&[]);
        for (from, to) in [(&a, &b), (&b, &a), (&Mirror::default(), &a), (&a, &none)] {
            let mut made = from.clone();
            let picture = to.changes();
            for change in made.removals_before(&picture).iter().chain(&picture) {
                made.apply(change);
            }
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
