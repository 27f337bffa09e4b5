//! Keeps what is displayed in step with the state.

use parlor_wire::ThreadId;

use super::Session;
use crate::{
    Millis,
    change::{AgentCard, Change, Stage},
    line::{Author, Line, LineId, SendState},
    session::Output,
    transcript::Transcript,
};

impl Session {
    pub(super) fn change(&mut self, change: Change) {
        self.out.push(Output::Change(change));
    }

    pub(super) fn enter(&mut self, stage: Stage) {
        if self.display.stage != stage {
            self.show(stage);
        }
    }

    pub(super) fn show(&mut self, stage: Stage) {
        self.display.stage = stage.clone();
        self.change(Change::Stage(stage));
    }

    pub(super) fn queued(&mut self, now: Millis, position: Option<i64>, wait: Option<i64>) {
        // 0 means that the position is unknown. Neither it nor an unknown wait is shown.
        let position = position
            .and_then(|p| u64::try_from(p).ok())
            .filter(|p| *p > 0);
        let served_at = wait
            .and_then(|seconds| u64::try_from(seconds).ok())
            .map(|seconds| now.saturating_add(seconds.saturating_mul(1000)));
        self.enter(Stage::Waiting {
            position,
            served_at,
        });
    }

    pub(super) fn set_agent(&mut self, agent: Option<AgentCard>) {
        if self.display.agent != agent {
            self.display.agent.clone_from(&agent);
            self.idle.answered();
            self.typing.reset_reported();
            self.change(Change::Agent(agent));
        }
    }

    pub(super) fn agent_typing(&mut self, now: Millis, typing: bool) {
        if self.typing.agent(now, typing) {
            self.change(Change::AgentTyping(typing));
        }
    }

    pub(super) fn set_sneak_peek(&mut self, enabled: bool) {
        if self.display.sneak_peek != enabled {
            self.display.sneak_peek = enabled;
            self.change(Change::SneakPeek(enabled));
        }
    }

    pub(super) fn set_ended_at(&mut self, at: Option<Millis>) {
        if self.display.ended_at != at {
            self.display.ended_at = at;
            self.change(Change::EndedAt(at));
        }
    }

    /// The agent said something that the visitor has not answered.
    pub(super) fn asked(&mut self, now: Millis) {
        if self.display.agent.is_some() {
            self.idle.asked(now, 0);
        }
    }

    /// A line arrived. An agent's counts as unread while the window is closed.
    pub(super) fn arrive(&mut self, line: Line) {
        let is_next = line.number > Some(self.conversation.transcript.last_number());
        let counts = matches!(line.author, Author::Agent(_))
            && !self.display.window_shown
            && (is_next || !self.conversation.transcript.has(&line));
        self.place(line);
        if counts && self.display.stage != Stage::Resuming {
            self.display.unread += 1;
            self.change(Change::Unread(self.display.unread));
        }
    }

    pub(super) fn place(&mut self, line: Line) {
        let thread = line.number.and_then(|_| line.id.thread());
        self.set_thread(thread);
        self.edit_transcript(|t, out| t.place(line, out));
    }

    /// A session that took over lines does not know whether they belong to the
    /// conversation that continues or to an earlier one. The first event tells.
    pub(super) fn set_thread(&mut self, thread: Option<ThreadId>) {
        let Some(thread) = thread else { return };
        if self.conversation.thread.is_none() && !self.conversation.transcript.may_be_of(&thread) {
            self.conversation.transcript.all_is_earlier();
        }
        self.conversation.earlier_threads.retain(|it| *it != thread);
        self.conversation.thread = Some(thread);
    }

    pub(super) fn set_state(&mut self, id: &LineId, state: SendState) {
        self.edit_transcript(|t, out| t.set_state(id, state, out));
    }

    pub(super) fn edit_transcript(&mut self, edit: impl FnOnce(&mut Transcript, &mut Vec<Change>)) {
        let mut changes = Vec::new();
        edit(&mut self.conversation.transcript, &mut changes);
        self.out.extend(changes.into_iter().map(Output::Change));
    }
}
