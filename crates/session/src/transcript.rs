//! The lines, in the one order there is: by number, and behind them those that
//! have none yet, as they were written.

use crate::{
    change::Change,
    limits::TRANSCRIPT_MAX,
    line::{Line, LineId, SendState},
};

#[derive(Debug, Clone, Default)]
pub(crate) struct Transcript {
    lines: Vec<Line>,
}

impl Transcript {
    pub(crate) fn find(&self, id: &LineId) -> Option<&Line> {
        self.lines.iter().rev().find(|line| &line.id == id)
    }

    pub(crate) fn last_number(&self) -> u64 {
        self.lines.iter().rev().find_map(|l| l.number).unwrap_or(0)
    }

    /// Puts the line where it belongs; one of the same id is replaced. Nothing
    /// changes when it stands there already.
    pub(crate) fn place(&mut self, line: Line, out: &mut Vec<Change>) {
        if let Some(at) = self.lines.iter().rposition(|known| known.id == line.id) {
            if self.lines.get(at) == Some(&line) {
                return;
            }
            self.lines.remove(at);
        }
        let index = match line.number {
            Some(number) => self
                .lines
                .partition_point(|known| known.number.is_some_and(|n| n < number)),
            None => self.lines.len(),
        };
        self.lines.insert(index, line.clone());
        out.push(Change::Line {
            index,
            line: Box::new(line),
        });
        if self.lines.len() > TRANSCRIPT_MAX {
            let oldest = self.lines.remove(0);
            out.push(Change::LineGone(oldest.id));
        }
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
        let before = self.lines.len();
        self.lines.retain(|line| &line.id != id);
        if self.lines.len() < before {
            out.push(Change::LineGone(id.clone()));
        }
    }

    pub(crate) fn clear(&mut self, out: &mut Vec<Change>) {
        if !self.lines.is_empty() {
            self.lines.clear();
            out.push(Change::TranscriptCleared);
        }
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
    fn the_same_line_again_changes_nothing() {
        let (mut t, mut out) = (Transcript::default(), Vec::new());
        t.place(line("a", Some(1)), &mut out);
        out.clear();
        t.place(line("a", Some(1)), &mut out);
        assert_eq!(out, []);
    }
}
