//! The status of a conversation as the chat session webhook has it. It is derived from the
//! thread's row, so that no place that writes threads has to know of it.
//!
//! What must stay true: a conversation goes one of three ways, and a receiver is told each step:
//! created, handled, completed; created, missed; created, callback.

use serde::Serialize;
use serde_json::Value;

use crate::{
    clock::Timestamp,
    store::row::{Thread, ThreadStatus},
};

/// Of a conversation (chat session webhook, `ChatSessionStatus`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    /// The visitor waits for an agent, or has not answered the agent who has begun it.
    Created,
    /// Both are there, or were: it stays so when an agent leaves.
    Handled,
    /// It has ended before they were. So has a message that was left.
    Missed,
    /// It has ended.
    Completed,
    /// The visitor is to be called back.
    Callback,
}

impl Status {
    pub(crate) fn is_open(self) -> bool {
        matches!(self, Self::Created | Self::Handled)
    }

    pub(crate) fn is_handled(self) -> bool {
        matches!(self, Self::Handled | Self::Completed)
    }

    /// Those before it, as the documentation's sample has them: without the first.
    pub(crate) fn past(self) -> &'static [Self] {
        match self {
            Self::Completed => &[Self::Handled],
            Self::Created | Self::Handled | Self::Missed | Self::Callback => &[],
        }
    }
}

/// When agent and visitor have met: an agent has accepted the visitor, or the visitor has
/// answered the agent.
pub(crate) fn handled_at(thread: &Thread) -> Option<Timestamp> {
    let lifecycle = &thread.details.0.lifecycle;
    match lifecycle.begun_by {
        Some(_) => lifecycle.answered_at,
        None => thread.accepted_at,
    }
}

/// How a thread was before a unit of work wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Before {
    /// There was none.
    New,
    Open(Status),
    /// Nothing follows.
    Ended,
}

impl Before {
    pub(crate) fn of(thread: Option<&Thread>) -> Self {
        match thread.map(status_while_open) {
            None => Self::New,
            Some(Some(status)) => Self::Open(status),
            Some(None) => Self::Ended,
        }
    }
}

/// The status of a thread that has not ended.
pub(super) fn status_while_open(thread: &Thread) -> Option<Status> {
    match (thread.status, handled_at(thread)) {
        (ThreadStatus::Ended, _) => None,
        (_, Some(_)) => Some(Status::Handled),
        (_, None) => Some(Status::Created),
    }
}

/// The status of a thread. `is_callback`: the visitor asks for a callback in it.
pub(super) fn status(thread: &Thread, is_callback: bool) -> Status {
    let ended = || match (is_callback, handled_at(thread)) {
        (true, _) => Status::Callback,
        (false, Some(_)) => Status::Completed,
        (false, None) => Status::Missed,
    };
    status_while_open(thread).unwrap_or_else(ended)
}

/// The steps that a receiver is told.
pub(super) fn steps(before: Before, after: Status) -> Vec<Status> {
    let way: &[Status] = match after {
        Status::Created => &[Status::Created],
        Status::Handled => &[Status::Created, Status::Handled],
        Status::Missed => &[Status::Created, Status::Missed],
        Status::Completed => &[Status::Created, Status::Handled, Status::Completed],
        Status::Callback => &[Status::Created, Status::Callback],
    };
    let mut rest = way.iter().copied();
    match before {
        Before::New => {}
        // A status that is not on the way has nothing after it.
        Before::Open(before) => {
            rest.find(|step| *step == before);
        }
        Before::Ended => return Vec::new(),
    }
    rest.collect()
}

/// Whether an event of the visitor answers the agent. The form before the chat does not: the
/// window sends it by itself.
pub(crate) fn is_answer(kind: &str, form_id: Option<&Value>) -> bool {
    let form_id = form_id.and_then(Value::as_str);
    kind != "filled_form" || form_id != Some("prechat")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use Status::{Callback, Completed, Created, Handled, Missed};

    #[test]
    fn each_step_is_told_once() {
        for (before, after, expected) in [
            (Before::New, Created, vec![Created]),
            (Before::New, Handled, vec![Created, Handled]),
            (Before::New, Missed, vec![Created, Missed]),
            (Before::New, Callback, vec![Created, Callback]),
            (Before::New, Completed, vec![Created, Handled, Completed]),
            (Before::Open(Created), Created, vec![]),
            (Before::Open(Created), Handled, vec![Handled]),
            (Before::Open(Created), Missed, vec![Missed]),
            (Before::Open(Created), Completed, vec![Handled, Completed]),
            (Before::Open(Handled), Handled, vec![]),
            (Before::Open(Handled), Completed, vec![Completed]),
            (Before::Ended, Completed, vec![]),
        ] {
            assert_eq!(steps(before, after), expected, "{before:?} {after:?}");
        }
    }

    #[test]
    fn the_form_before_the_chat_is_no_answer() {
        assert!(is_answer("message", None));
        assert!(is_answer("filled_form", Some(&json!("survey"))));
        assert!(!is_answer("filled_form", Some(&json!("prechat"))));
    }
}
