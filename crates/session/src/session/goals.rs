//! Goals of the site that the page says the visitor has reached, during a conversation or after
//! it. They are told one after the other, by the device's identity, because there may be no
//! session.
//!
//! Must stay true: of a visitor who was never here, nothing is told.

use std::collections::VecDeque;

use super::Session;
use crate::{
    Millis,
    change::Stage,
    lane::Lane,
    limits::{GOAL_TRIES_MAX, GOALS_MAX, POST_TIMEOUT},
    session::{Fault, Output, Report, Request, RequestId},
};

/// What is to be told.
#[derive(Debug, Default)]
pub(super) struct Goals {
    waiting: VecDeque<String>,
    pub(super) lane: Lane,
    /// How often the first was told without an answer.
    tries: u32,
}

impl Session {
    /// The visitor has reached this goal. Before a conversation it is of no interest.
    pub(super) fn goal_reached(&mut self, goal: String) {
        let waiting = &self.goals.waiting;
        let is_new = !waiting.contains(&goal) && waiting.len() < GOALS_MAX;
        if is_new && (self.device().is_some() || self.in_conversation()) {
            self.goals.waiting.push_back(goal);
        }
    }

    pub(super) fn drive_goals(&mut self, now: Millis) {
        // A conversation that is requested has to be there first.
        let is_early = self.display.stage == Stage::Starting;
        if is_early || !self.goals.lane.is_ready(now) {
            return;
        }
        if let (Some(of), Some(goal)) = (self.device(), self.goals.waiting.front().cloned()) {
            let id = self.call(Request::Goal { of, goal }, None);
            self.goals.lane.sent(id, now, POST_TIMEOUT);
        }
    }

    pub(super) fn goal_told(&mut self) {
        self.goals.lane.succeeded();
        self.next_goal();
    }

    fn next_goal(&mut self) {
        self.goals.waiting.pop_front();
        self.goals.tries = 0;
    }

    /// Returns whether the call told of a goal.
    pub(super) fn goal_fault(&mut self, now: Millis, id: RequestId, fault: &Fault) -> bool {
        if !self.goals.lane.is_in_flight(id) {
            return false;
        }
        let asked = match fault {
            Fault::Unavailable { retry_after } => *retry_after,
            Fault::Network => None,
            // The settings have no such goal, or the visitor is not known any more.
            _ => {
                self.goals.lane.succeeded();
                self.next_goal();
                let what = "a goal";
                self.out.push(Output::Report(Report::Refused { what }));
                return true;
            }
        };
        self.goals.lane.failed(now, &mut self.time.jitter, asked);
        self.goals.tries += 1;
        if self.goals.tries >= GOAL_TRIES_MAX {
            self.next_goal();
        }
        true
    }

    pub(super) fn expire_goal(&mut self, now: Millis) {
        if let Some(id) = self.goals.lane.overdue(now) {
            self.out.push(Output::Abort(id));
            self.goal_fault(now, id, &Fault::Network);
        }
    }
}
