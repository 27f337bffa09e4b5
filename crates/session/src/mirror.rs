//! What a window displays, as data: the sum of all changes so far.

use std::{
    collections::{BTreeMap, BTreeSet},
    mem::discriminant,
};

use crate::{
    change::{Change, Connection, History, Stage},
    limits::TRANSCRIPT_MAX,
    line::{Author, Line, LineId, SendState},
};

#[derive(Debug, Clone)]
pub struct Mirror {
    /// Everything but the lines: the newest change of each kind, or of each kind and
    /// line. The stage is last, so that what a new tab receives before it is not
    /// taken for news.
    states: Vec<Change>,
    pub lines: Vec<Line>,
}

impl Default for Mirror {
    /// An empty window. Each state that a snapshot resets in the other tabs has its first
    /// value here.
    fn default() -> Self {
        Self {
            states: vec![
                Change::PrechatErrors(Vec::new()),
                Change::History(History::default()),
                Change::Rated(None),
                Change::Agent(None),
                Change::AgentTyping(false),
                Change::SneakPeek(false),
                Change::EndedAt(None),
                Change::EndsAt(None),
                Change::Connection(Connection::Connected),
                Change::Draft(String::new()),
                Change::Unread(0),
                Change::Conversation(false),
                Change::AwaitsAnswer(false),
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

/// Whether the newer of the two changes replaces the older one.
fn same_matter(one: &Change, other: &Change) -> bool {
    discriminant(one) == discriminant(other) && line_of(one) == line_of(other)
}

/// The line that a change is about; none if there is only one of its kind.
fn line_of(change: &Change) -> Option<&LineId> {
    match change {
        Change::Line { line, .. } => Some(&line.id),
        Change::LineState { id, .. }
        | Change::Pressed { id, .. }
        | Change::Progress { id, .. }
        | Change::LineGone(id) => Some(id),
        Change::FormErrors { id, .. } | Change::FormDone(id) => id.as_ref(),
        Change::Stage(_)
        | Change::Welcome(_)
        | Change::Available(_)
        | Change::PrechatErrors(_)
        | Change::History(_)
        | Change::Rated(_)
        | Change::TranscriptCleared
        | Change::Agent(_)
        | Change::AgentTyping(_)
        | Change::SneakPeek(_)
        | Change::EndedAt(_)
        | Change::EndsAt(_)
        | Change::Connection(_)
        | Change::Draft(_)
        | Change::Unread(_)
        | Change::Conversation(_)
        | Change::AwaitsAnswer(_)
        | Change::WindowShown(_)
        | Change::StorageAvailable(_) => None,
    }
}

impl Mirror {
    /// Applies one change. Returns whether anything is different then.
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
            // They are soon over, and no tab that opens later needs them.
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

    /// A line that is displayed as sent stays so, even if the change comes from a
    /// leader that has not received the confirmation: another leader has.
    pub(crate) fn preserve_sent(&mut self, change: &mut Change) {
        match change {
            Change::Line { line, .. } => {
                if let Some(known) = self.line(&line.id) {
                    keep_sent(known, line);
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

    /// Everything but the lines, as changes.
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

    /// Makes these the lines, in this order, and returns the changes that do the same
    /// to a display that applies them one by one. Each line is looked up in a tree of
    /// ids: twice as many lines take twice the time, but for the logarithm.
    pub(crate) fn replace_lines(&mut self, mut lines: Vec<Line>) -> Vec<Change> {
        deduplicate(&mut lines);
        let mut changes = Vec::new();
        let wanted: BTreeSet<&str> = lines.iter().map(|line| line.id.0.as_str()).collect();
        let (kept, gone): (Vec<Line>, Vec<Line>) = std::mem::take(&mut self.lines)
            .into_iter()
            .partition(|line| wanted.contains(line.id.0.as_str()));
        changes.extend(gone.into_iter().map(|line| Change::LineGone(line.id)));
        let known: BTreeMap<&str, &Line> =
            kept.iter().map(|line| (line.id.0.as_str(), line)).collect();
        // Lines of `kept` that were moved up, in front of those that are next.
        let mut moved: BTreeSet<&str> = BTreeSet::new();
        let mut next = kept.iter().peekable();
        for (index, mut line) in lines.into_iter().enumerate() {
            while next
                .next_if(|it| moved.contains(it.id.0.as_str()))
                .is_some()
            {}
            let before = known.get(line.id.0.as_str()).copied();
            if let Some(before) = before {
                keep_sent(before, &mut line);
                if next.next_if(|it| std::ptr::eq(*it, before)).is_none() {
                    moved.insert(&before.id.0);
                }
            }
            let is_in_place = before.is_some_and(|it| !moved.contains(it.id.0.as_str()));
            if !is_in_place || before != Some(&line) {
                let line = Box::new(line.clone());
                changes.push(Change::Line { index, line });
            }
            self.lines.push(line);
        }
        changes
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

    /// Whether the newest change of this kind is this one.
    pub fn shows(&self, state: &Change) -> bool {
        self.states.contains(state)
    }

    /// How many of the first lines belong to earlier conversations: numbers rise
    /// within each conversation, and start again with the next.
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

/// `line` is a newer version of `known`, by a leader that may not have received the
/// confirmation of a message.
fn keep_sent(known: &Line, line: &mut Line) {
    if line.author != Author::Visitor || !known.is_sent() {
        return;
    }
    if !line.is_sent() {
        line.clone_from(known);
    } else if known.state == Some(SendState::Seen) {
        line.state = known.state;
    }
}

/// Of lines of the same id, the first stays.
fn deduplicate(lines: &mut Vec<Line>) {
    let mut ids = BTreeSet::new();
    let firsts: Vec<bool> = lines.iter().map(|line| ids.insert(&line.id.0)).collect();
    let mut firsts = firsts.into_iter();
    lines.retain(|_| firsts.next() == Some(true));
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

    /// The changes, applied one by one, give the same lines.
    fn check_replaced(from: &Mirror, to: &Mirror) {
        let (mut at_once, mut one_by_one) = (from.clone(), from.clone());
        for change in at_once.replace_lines(to.lines.clone()) {
            assert!(one_by_one.apply(&change), "{change:?} changes nothing");
        }
        assert_eq!(at_once.lines, to.lines);
        assert_eq!(one_by_one.lines, to.lines);
    }

    #[test]
    fn replaced_lines_are_the_same_wherever_the_changes_are_applied() {
        let a = with(&[("a", Some(1)), ("b", Some(2)), ("c", None)]);
        let b = with(&[("b", Some(2)), ("d", Some(3)), ("a", Some(4))]);
        let c = with(&[
            ("d", Some(1)),
            ("c", Some(2)),
            ("b", Some(3)),
            ("a", Some(4)),
        ]);
        let none = with(&[]);
        for from in [&a, &b, &c, &none] {
            for to in [&a, &b, &c, &none] {
                check_replaced(from, to);
            }
        }
    }

    #[test]
    fn a_line_that_comes_twice_is_there_once() {
        let mut mirror = with(&[("b", Some(1))]);
        let twice = ["a", "b", "a"].map(|id| line(id, Some(1)));
        mirror.replace_lines(twice.into());
        let ids: Vec<&str> = mirror.lines.iter().map(|line| line.id.0.as_str()).collect();
        assert_eq!(ids, ["a", "b"]);
    }

    #[test]
    fn a_line_that_was_sent_stays_so_when_lines_are_replaced() {
        let mut mirror = with(&[("a", Some(1))]);
        let mut queued = line("a", None);
        queued.state = Some(SendState::Queued);
        assert_eq!(mirror.replace_lines(vec![queued]), []);
        assert_eq!(mirror.lines, [line("a", Some(1))]);
    }

    #[test]
    fn lines_that_stay_where_they_are_change_nothing() {
        let mut mirror = with(&[("a", Some(1)), ("b", Some(2))]);
        let lines = mirror.lines.clone();
        assert_eq!(mirror.replace_lines(lines), []);
    }

    #[test]
    fn where_numbers_start_again_another_conversation_begins() {
        assert_eq!(with(&[("a", Some(1)), ("b", Some(2))]).earlier(), 0);
        let two = with(&[("a", Some(1)), ("b", Some(5)), ("c", Some(1)), ("d", None)]);
        assert_eq!(two.earlier(), 2);
    }
}
