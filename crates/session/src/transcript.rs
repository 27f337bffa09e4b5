//! The lines in their order: by number, then those that have none yet, as they were
//! written.

use parlor_wire::ThreadId;

use crate::{
    change::Change,
    limits::TRANSCRIPT_MAX,
    line::{Author, Body, Line, LineId, SendState},
};

#[derive(Debug, Clone, Default)]
pub(crate) struct Transcript {
    lines: Vec<Line>,
    /// How many of the first lines belong to earlier conversations. Their numbers cannot
    /// be compared with the others'.
    earlier: usize,
}

impl Transcript {
    /// Takes over what is displayed, except messages that are not confirmed: those come
    /// from the outbox. Files are nowhere else, so they are taken over.
    pub(crate) fn of(lines: &[Line], earlier: usize) -> Self {
        let stays = |line: &&Line| {
            line.number.is_some()
                || matches!(line.state, Some(SendState::Failed(_)))
                || matches!(*line.body, Body::Upload(_))
        };
        let (before, current) = lines.split_at(earlier.min(lines.len()));
        let mut kept: Vec<Line> = before.iter().filter(stays).cloned().collect();
        let earlier = kept.len();
        kept.extend(current.iter().filter(stays).cloned());
        Self {
            lines: kept,
            earlier,
        }
    }

    /// The lines, in their order.
    pub(crate) fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The line turns out to have arrived in an earlier conversation.
    pub(crate) fn place_earlier(&mut self, line: Line, out: &mut Vec<Change>) {
        self.lines.retain(|known| known.id != line.id);
        let index = self.earlier.min(self.lines.len());
        self.lines.insert(index, line.clone());
        self.earlier = index + 1;
        out.push(Change::Line {
            index,
            line: Box::new(line),
        });
    }

    /// Inserts lines above all others: of the current conversation, or of an earlier one.
    pub(crate) fn prepend(&mut self, lines: Vec<Line>, is_current: bool, out: &mut Vec<Change>) {
        let mut new: Vec<Line> = Vec::new();
        for line in lines {
            if self.find(&line.id).is_none() && new.iter().all(|it| it.id != line.id) {
                new.push(line);
            }
        }
        if !is_current {
            self.earlier += new.len();
        }
        out.extend(new.iter().enumerate().map(|(index, line)| Change::Line {
            index,
            line: Box::new(line.clone()),
        }));
        // At once: each insertion would move ten thousand lines.
        new.append(&mut self.lines);
        self.lines = new;
    }

    /// Lines are missing between those of the current conversation and those that come
    /// next. Removes the former; the visitor can scroll up to read them again.
    pub(crate) fn leave_gap(&mut self, out: &mut Vec<Change>) {
        let earlier = self.earlier;
        let mut at = 0;
        self.lines.retain(|line| {
            at += 1;
            let stays = at <= earlier || line.number.is_none();
            if !stays {
                out.push(Change::LineGone(line.id.clone()));
            }
            stays
        });
    }

    pub(crate) fn find(&self, id: &LineId) -> Option<&Line> {
        self.lines.iter().rev().find(|line| &line.id == id)
    }

    pub(crate) fn last_number(&self) -> u64 {
        let current = self.lines.get(self.earlier..).unwrap_or_default();
        current.iter().rev().find_map(|l| l.number).unwrap_or(0)
    }

    /// Whether the lines of the current conversation may belong to this thread.
    pub(crate) fn may_be_of(&self, thread: &ThreadId) -> bool {
        let current = self.lines.get(self.earlier..).unwrap_or_default();
        let named = current.iter().rev().find_map(|line| line.id.thread());
        named.is_none_or(|named| named == *thread)
    }

    /// All confirmed lines belong to conversations before the one that is requested.
    pub(crate) fn all_is_earlier(&mut self) {
        let newest = self.lines.iter().rposition(|line| line.number.is_some());
        self.earlier = newest.map_or(0, |at| at + 1);
    }

    /// A new conversation begins below. Removes lines that were never confirmed: they do
    /// not belong to the old one.
    pub(crate) fn become_earlier(&mut self, out: &mut Vec<Change>) {
        let (confirmed, not): (Vec<Line>, Vec<Line>) = std::mem::take(&mut self.lines)
            .into_iter()
            .partition(|line| line.number.is_some());
        out.extend(not.into_iter().map(|line| Change::LineGone(line.id)));
        self.earlier = confirmed.len();
        self.lines = confirmed;
    }

    /// Puts the line where it belongs, in place of one of the same id. Nothing changes if
    /// it looks the same.
    pub(crate) fn place(&mut self, line: Line, out: &mut Vec<Change>) {
        let index = line.number.map(|number| self.index_of(number));
        if let Some(at) = self.locate(&line, index) {
            let same = self.lines.get(at).is_some_and(|it| it.reads_as(&line));
            if same || at < self.earlier {
                return;
            }
            self.lines.remove(at);
        }
        let index = index.unwrap_or(self.lines.len());
        self.lines.insert(index, line.clone());
        out.push(Change::Line {
            index,
            line: Box::new(line),
        });
        if self.lines.len() > TRANSCRIPT_MAX {
            let oldest = self.lines.remove(0);
            self.earlier = self.earlier.saturating_sub(1);
            out.push(Change::LineGone(oldest.id));
        }
    }

    /// Whether a line of this id is here.
    pub(crate) fn has(&self, line: &Line) -> bool {
        let index = line.number.map(|number| self.index_of(number));
        self.locate(line, index).is_some()
    }

    /// Where a line of this number is in the current conversation, or belongs.
    fn index_of(&self, number: u64) -> usize {
        let current = self.lines.get(self.earlier..).unwrap_or_default();
        self.earlier + current.partition_point(|known| known.number.is_some_and(|n| n < number))
    }

    /// Where a line of this id is; `index` is where it belongs.
    fn locate(&self, line: &Line, index: Option<usize>) -> Option<usize> {
        let is_same = |known: &Line| known.id == line.id;
        // A line that is received again is at its place: found without a search.
        let at_place = index.filter(|at| self.lines.get(*at).is_some_and(is_same));
        if at_place.is_some() {
            return at_place;
        }
        // A line with a smaller number is another event. Only the visitor's own may
        // have been found in an earlier conversation.
        let theirs = index.filter(|_| line.author != Author::Visitor);
        let from = theirs.unwrap_or_default();
        let behind = self.lines.get(from..).unwrap_or_default();
        behind.iter().rposition(is_same).map(|at| from + at)
    }

    pub(crate) fn set_state(&mut self, id: &LineId, state: SendState, out: &mut Vec<Change>) {
        if let Some(line) = self.lines.iter_mut().rev().find(|line| &line.id == id)
            && line.state != Some(state)
        {
            line.state = Some(state);
            out.push(Change::LineState {
                id: id.clone(),
                state,
            });
        }
    }

    pub(crate) fn remove(&mut self, id: &LineId, out: &mut Vec<Change>) {
        if let Some(at) = self.lines.iter().rposition(|line| &line.id == id) {
            self.lines.remove(at);
            if at < self.earlier {
                self.earlier -= 1;
            }
            out.push(Change::LineGone(id.clone()));
        }
    }

    pub(crate) fn clear(&mut self, out: &mut Vec<Change>) {
        if !self.lines.is_empty() {
            self.lines.clear();
            self.earlier = 0;
            out.push(Change::TranscriptCleared);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    fn line(id: &str, number: Option<u64>) -> Line {
        Line {
            id: LineId(id.into()),
            number,
            author: Author::Visitor,
            at: None,
            body: Body::Text(id.into()).into(),
            state: None,
        }
    }

    fn order(transcript: &Transcript) -> Vec<&str> {
        transcript.lines.iter().map(|l| l.id.0.as_str()).collect()
    }

    #[test]
    fn a_line_that_is_confirmed_late_takes_the_place_of_its_number() {
        let (mut t, mut out) = (Transcript::default(), Vec::new());
        t.place(line("a", Some(1)), &mut out);
        t.place(line("mine", None), &mut out);
        t.place(line("b", Some(3)), &mut out);
        assert_eq!(order(&t), ["a", "b", "mine"]);
        t.place(line("mine", Some(2)), &mut out);
        assert_eq!(order(&t), ["a", "mine", "b"]);
    }

    #[test]
    fn lines_that_are_prepended_twice_are_there_once() {
        let (mut t, mut out) = (Transcript::default(), Vec::new());
        t.place(line("c", Some(3)), &mut out);
        let page = ["a", "b", "a", "c"].map(|id| line(id, Some(1)));
        t.prepend(page.into(), false, &mut out);
        assert_eq!(order(&t), ["a", "b", "c"]);
        assert_eq!(t.earlier, 2);
    }

    #[test]
    fn the_same_line_again_changes_nothing() {
        let (mut t, mut out) = (Transcript::default(), Vec::new());
        t.place(line("a", Some(1)), &mut out);
        out.clear();
        t.place(line("a", Some(1)), &mut out);
        assert_eq!(out, []);
    }
}
