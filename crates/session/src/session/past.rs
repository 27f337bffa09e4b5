//! The conversations before this one: which there are, and their lines when
//! somebody reads up to them.

use super::{Link, Session};
use crate::{
    Millis,
    change::{Change, Stage},
    input::{Earlier, Reply},
    limits::POST_TIMEOUT,
    output::{Request, RequestId},
};

impl Session {
    /// To be asked, or asked again: there may be more than before. Who has no
    /// id yet has no past either.
    pub(super) fn ask_for_history(&mut self) {
        self.history_wanted = self.visitor_id.is_some();
    }

    pub(super) fn load_earlier(&mut self, until: Option<String>) {
        if !self.history.loading && !self.history.threads.is_empty() {
            self.history_until = until;
            self.history.loading = true;
            self.change(Change::History(self.history.clone()));
        }
    }

    /// Nobody waits for it any more: what still comes is not shown.
    pub(super) fn stop_loading(&mut self) {
        self.history_until = None;
        if std::mem::take(&mut self.history.loading) {
            self.change(Change::History(self.history.clone()));
        }
    }

    /// What was read is put away again, and offered as before.
    pub(super) fn leave_earlier(&mut self) {
        self.stop_loading();
        self.read_threads.clear();
        self.edit_transcript(|t, out| t.clear(out));
        self.ask_for_history();
    }

    pub(super) fn drive_history(&mut self, now: Millis) {
        let Some(visitor_id) = self.visitor_id.clone() else {
            return;
        };
        if self.welcome.is_none() || !self.history_lane.may_go(now) {
            return;
        }
        let wanted = self
            .history
            .threads
            .first()
            .filter(|_| self.history.loading);
        let request = match wanted {
            _ if self.history_wanted => Request::History { visitor_id },
            Some(thread) => Request::Thread {
                visitor_id,
                thread_id: thread.id.clone(),
            },
            None => return,
        };
        let id = self.call(request, None);
        self.history_lane.went(id, now, POST_TIMEOUT);
    }

    pub(super) fn past(&mut self, now: Millis, id: RequestId, reply: Option<Reply>) -> bool {
        if !self.history_lane.carries(id) {
            return false;
        }
        match reply {
            Some(Reply::History(mut threads)) => {
                self.history_lane.succeeded();
                self.history_wanted = false;
                let current = self.thread.as_ref().map(ToString::to_string);
                threads.retain(|thread| {
                    Some(&thread.id) != current.as_ref() && !self.read_threads.contains(&thread.id)
                });
                // The one that goes on is in the window already.
                if self.link != Link::Closed || self.stage == Stage::Resuming {
                    threads.retain(|thread| !thread.active);
                }
                self.history.threads = threads;
                self.change(Change::History(self.history.clone()));
            }
            Some(Reply::Earlier(earlier)) => {
                self.history_lane.succeeded();
                if self.history.loading {
                    self.earlier(earlier);
                }
            }
            // Reading on can wait; it is tried once more when it is asked for.
            _ => {
                self.history_lane.failed(now, &mut self.jitter, None);
                self.stop_loading();
            }
        }
        true
    }

    fn earlier(&mut self, earlier: Earlier) {
        let lines = earlier.lines();
        self.read_threads.push(earlier.thread_id.clone());
        let known = |thread: &crate::change::PastThread| thread.id != earlier.thread_id;
        self.history.threads.retain(known);
        let threads = &self.history.threads;
        let wanted = |until: &String| threads.iter().any(|it| it.id == *until);
        self.history.loading = self.history_until.as_ref().is_some_and(wanted);
        self.edit_transcript(|t, out| t.prepend(lines, out));
        self.change(Change::History(self.history.clone()));
    }
}
