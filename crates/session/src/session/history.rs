//! What was said before the lines that are there, in this conversation and in
//! those before it: a page at a time, when somebody reads up to it.

use parlor_wire::ThreadId;

use super::{Link, Session, content::EventEffects};
use crate::{
    Millis,
    change::{Change, Stage},
    limits::{PAGE, POST_TIMEOUT, TRANSCRIPT_MAX},
    line::{Body, LineId},
    session::{Reply, Request, RequestId, ThreadPage},
    shared::Shared,
};

impl Session {
    /// To be asked, or asked again: there may be more than before. Who has no
    /// id yet has no past either.
    pub(super) fn ask_for_history(&mut self) {
        self.history_wanted = self.visitor_id.is_some();
    }

    pub(super) fn load_earlier(&mut self, until: Option<String>) {
        if !self.history.loading && self.history.more {
            self.history_until = until;
            self.history.loading = true;
            self.publish_history();
        }
    }

    fn publish_history(&mut self) {
        let room = self.transcript.lines().len() < TRANSCRIPT_MAX;
        let any = self.above.is_some() || !self.history.threads.is_empty();
        self.history.more = any && room;
        self.change(Change::History(self.history.clone()));
    }

    /// Of the conversation in the window only the newest is there, from its
    /// first line on; or all of it.
    pub(super) fn set_above(&mut self, first: Option<(ThreadId, u64)>) {
        let above = first.map(|(thread, number)| (thread.to_string(), number));
        if self.above != above {
            self.above = above;
            self.publish_history();
        }
    }

    /// Nobody waits for it any more: what still comes is not shown.
    pub(super) fn stop_loading(&mut self) {
        self.history_until = None;
        if std::mem::take(&mut self.history.loading) {
            self.publish_history();
        }
    }

    /// What was read is put away again, and offered as before.
    pub(super) fn close_history(&mut self) {
        self.stop_loading();
        self.read_threads.clear();
        self.above = None;
        self.edit_transcript(|t, out| t.clear(out));
        self.ask_for_history();
    }

    pub(super) fn drive_history(&mut self, now: Millis) {
        let Some(visitor_id) = self.visitor_id.clone() else {
            return;
        };
        if self.welcome.is_none() || !self.history_lane.is_ready(now) {
            return;
        }
        let above = self.above.clone().map(|(id, number)| (id, Some(number)));
        let next = self.history.threads.first();
        let wanted = above.or_else(|| next.map(|thread| (thread.id.clone(), None)));
        let request = match wanted.filter(|_| self.history.loading) {
            _ if self.history_wanted => Request::History { visitor_id },
            Some((thread_id, before)) => Request::Thread {
                visitor_id,
                thread_id,
                before,
            },
            None => return,
        };
        let id = self.call(request, None);
        self.history_lane.sent(id, now, POST_TIMEOUT);
    }

    pub(super) fn history_reply(
        &mut self,
        now: Millis,
        id: RequestId,
        reply: Option<Reply>,
    ) -> bool {
        if !self.history_lane.is_in_flight(id) {
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
                self.publish_history();
            }
            Some(Reply::Thread(page)) => {
                self.history_lane.succeeded();
                if self.history.loading {
                    self.thread_page(page);
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

    fn thread_page(&mut self, mut page: ThreadPage) {
        let is_current = self.thread.as_ref().map(ThreadId::as_str) == Some(&page.thread_id);
        let came: Vec<EventEffects> = page.events.iter().map(EventEffects::of).collect();
        let lines = page.lines();
        let said = lines.iter().map(|it| (it.id.clone(), it.body.clone()));
        let said: Vec<(LineId, Shared<Body>)> = said.collect();
        let first = lines.first().and_then(|line| line.number);
        // A full page may have another above it.
        self.above = first
            .filter(|_| lines.len() >= PAGE)
            .map(|number| (page.thread_id.clone(), number));
        if !is_current && !self.read_threads.contains(&page.thread_id) {
            self.read_threads.push(page.thread_id.clone());
        }
        let known = |thread: &crate::change::PastThread| thread.id != page.thread_id;
        self.history.threads.retain(known);
        // Where there was nothing, it goes on to what is above that.
        let threads = &self.history.threads;
        let wanted = |until: &String| threads.iter().any(|it| it.id == *until);
        self.history.loading = self.history_until.as_ref().is_some_and(wanted)
            || (lines.is_empty() && !threads.is_empty());
        self.edit_transcript(|t, out| t.prepend(lines, is_current, out));
        for ((id, body), effects) in said.into_iter().zip(came) {
            self.apply_effects(&id, &body, effects, false);
        }
        self.publish_history();
    }
}
