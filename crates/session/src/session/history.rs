//! Loads what comes before the first line, in this conversation and in earlier ones: a
//! page at a time, when the visitor scrolls up.

use parlor_wire::ThreadId;

use super::{Session, content::EventEffects};
use crate::{
    Millis,
    change::{Change, EndedBy, History, PastThread, Stage},
    lane::Lane,
    limits::{EMPTY_POLL_MIN, HISTORY_HOLD, PAGE, POST_TIMEOUT, TRANSCRIPT_MAX},
    line::{Body, LineId},
    session::{
        Device, Fault, HistoryWait, Output, PastThreads, Reply, Request, RequestId, ThreadPage,
    },
    shared::Shared,
};

/// How far earlier lines are loaded.
#[derive(Debug, Default)]
pub(super) struct HistoryReader {
    /// What is displayed about it.
    pub(super) displayed: History,
    /// The list of conversations is to be requested.
    pub(super) wanted: bool,
    pub(super) lane: Lane,
    /// Earlier conversations of which lines are in the transcript.
    pub(super) read_threads: Vec<String>,
    /// The thread and number of the first line, if there are lines above it.
    pub(super) above: Option<(String, u64)>,
    /// The earlier conversation up to which everything is to be read.
    pub(super) until: Option<String>,
    /// The thread with an answer that is displayed now, and the time of its newest line, which
    /// the endpoint has not been told.
    pub(super) seen: Option<(String, String)>,
    /// Changes with the conversations; empty while it is not known.
    pub(super) version: String,
    /// The request that is answered when they have changed.
    pub(super) watch: Lane,
    pub(super) watched_at: Millis,
}

impl Session {
    /// The list of earlier conversations is to be requested, or requested again. A visitor
    /// who was never here has none.
    pub(super) fn ask_for_history(&mut self) {
        self.history.wanted = self.device().is_some();
    }

    /// None for a visitor who was never here.
    pub(super) fn device(&self) -> Option<Device> {
        let device = Device {
            visitor_id: self.identity.visitor_id.clone(),
            identity_token: self.identity.token.clone(),
        };
        (device != Device::default()).then_some(device)
    }

    pub(super) fn load_earlier(&mut self, until: Option<String>) {
        if !self.history.displayed.loading && self.history.displayed.more {
            self.history.until = until;
            self.history.displayed.loading = true;
            self.publish_history();
        }
    }

    fn publish_history(&mut self) {
        let room = self.conversation.transcript.lines().len() < TRANSCRIPT_MAX;
        let any = self.history.above.is_some() || !self.history.displayed.threads.is_empty();
        self.history.displayed.more = any && room;
        self.change(Change::History(self.history.displayed.clone()));
    }

    /// The first line of the current conversation has earlier ones above it; or none, if
    /// there is nothing above.
    pub(super) fn set_above(&mut self, first: Option<(ThreadId, u64)>) {
        let above = first.map(|(thread, number)| (thread.to_string(), number));
        if self.history.above != above {
            self.history.above = above;
            self.publish_history();
        }
    }

    /// Stops loading: an answer that still comes is not displayed.
    pub(super) fn stop_loading(&mut self) {
        self.history.until = None;
        if std::mem::take(&mut self.history.displayed.loading) {
            self.publish_history();
        }
    }

    /// Removes the lines of earlier conversations, and offers them again.
    pub(super) fn close_history(&mut self) {
        self.stop_loading();
        self.history.read_threads.clear();
        self.history.above = None;
        self.edit_transcript(|t, out| t.clear(out));
        self.ask_for_history();
    }

    pub(super) fn drive_history(&mut self, now: Millis) {
        let Some(of) = self.device() else {
            return;
        };
        self.drive_watch(now, &of);
        if self.display.welcome.is_none() || !self.history.lane.is_ready(now) {
            return;
        }
        let above = self
            .history
            .above
            .clone()
            .map(|(id, number)| (id, Some(number)));
        let next = self.history.displayed.threads.first();
        let wanted = above.or_else(|| next.map(|thread| (thread.id.clone(), None)));
        let request = match wanted.filter(|_| self.history.displayed.loading) {
            _ if self.history.wanted => Request::History { of, wait: None },
            Some((thread_id, before)) => Request::Thread {
                of,
                thread_id,
                before,
            },
            None => match self.history.seen.clone() {
                Some((thread_id, seen_up_to)) => Request::ThreadSeen {
                    of,
                    thread_id,
                    seen_up_to,
                },
                None => return,
            },
        };
        let id = self.call(request, None);
        self.history.lane.sent(id, now, POST_TIMEOUT);
    }

    /// While the visitor looks at a window without a conversation, an agent may begin one, or
    /// the visitor on another device.
    fn drive_watch(&mut self, now: Millis, of: &Device) {
        let waits = self.watch.visible && self.display.window_shown && self.awaits_beginning();
        if !waits || self.history.version.is_empty() {
            let given_up = self.history.watch.cancel();
            self.out.extend(given_up.map(Output::Abort));
            return;
        }
        if self.history.watch.is_ready(now) {
            let wait = HistoryWait {
                known: self.history.version.clone(),
                hold: HISTORY_HOLD,
            };
            let request = Request::History {
                of: of.clone(),
                wait: Some(wait),
            };
            self.history.watched_at = now;
            let id = self.call(request, None);
            let patience = HISTORY_HOLD.saturating_add(POST_TIMEOUT);
            self.history.watch.sent(id, now, patience);
        }
    }

    /// Whether a conversation that began elsewhere can be displayed.
    fn awaits_beginning(&self) -> bool {
        match self.display.stage {
            Stage::MessageLeft => true,
            Stage::Hello | Stage::Prechat | Stage::Offline | Stage::Failed(_) | Stage::Ended(_) => {
                self.link.is_closed()
            }
            _ => false,
        }
    }

    /// Returns whether it was the answer of the request that waits. None: it failed.
    pub(super) fn watch_reply(&mut self, now: Millis, id: RequestId, reply: Option<Reply>) -> bool {
        if !self.history.watch.is_in_flight(id) {
            return false;
        }
        match reply {
            Some(Reply::History(past)) => {
                let is_news = past.version != self.history.version;
                let took = now.saturating_sub(self.history.watched_at);
                if is_news || took >= EMPTY_POLL_MIN {
                    self.history.watch.succeeded();
                } else {
                    // It was not held.
                    self.history.watch.failed(now, &mut self.time.jitter, None);
                }
                if is_news {
                    self.past_threads(past);
                }
            }
            _ => self.history.watch.failed(now, &mut self.time.jitter, None),
        }
        true
    }

    /// Displays a conversation that began elsewhere.
    fn continue_conversation(&mut self) {
        if self.display.stage == Stage::MessageLeft {
            self.close_message_session();
        }
        // One that was lost here and goes on elsewhere comes whole.
        let is_another = match self.display.stage {
            Stage::Ended(by) => by != EndedBy::Lost,
            Stage::MessageLeft => true,
            _ => false,
        };
        self.leave_conversation(is_another);
        self.offer_unsent();
        let mut init = self.request();
        init.continue_only = true;
        self.start(init);
    }

    fn past_threads(
        &mut self,
        PastThreads {
            mut threads,
            version,
        }: PastThreads,
    ) {
        self.history.version = version;
        self.count_answers(&threads);
        let is_active = threads.iter().any(|thread| thread.active);
        let current = self.conversation.thread.as_ref().map(ToString::to_string);
        threads.retain(|thread| {
            Some(&thread.id) != current.as_ref() && !self.history.read_threads.contains(&thread.id)
        });
        // An active conversation is displayed already, or about to be.
        threads.retain(|thread| !thread.active);
        self.history.displayed.threads = threads;
        self.publish_history();
        if is_active && self.awaits_beginning() {
            self.continue_conversation();
        }
    }

    /// Returns whether the call was for earlier conversations. What was refused is not asked again.
    pub(super) fn history_fault(&mut self, now: Millis, id: RequestId, fault: &Fault) -> bool {
        let is_refused = matches!(fault, Fault::SessionGone | Fault::Refused);
        let failed = self.history_reply(now, id, None) || self.watch_reply(now, id, None);
        if failed && is_refused {
            self.history.wanted = false;
            self.history.version.clear();
        }
        failed
    }

    pub(super) fn history_reply(
        &mut self,
        now: Millis,
        id: RequestId,
        reply: Option<Reply>,
    ) -> bool {
        if !self.history.lane.is_in_flight(id) {
            return false;
        }
        match reply {
            Some(Reply::History(past)) => {
                self.history.lane.succeeded();
                self.history.wanted = false;
                self.past_threads(past);
            }
            Some(Reply::Thread(page)) => {
                self.history.lane.succeeded();
                if self.history.displayed.loading {
                    self.thread_page(page);
                }
            }
            Some(Reply::Posted(_)) => {
                self.history.lane.succeeded();
                self.history.seen = None;
            }
            // Not repeated until the visitor scrolls up again.
            _ => {
                self.history.seen = None;
                self.history.lane.failed(now, &mut self.time.jitter, None);
                self.stop_loading();
            }
        }
        true
    }

    /// Answers that came while the visitor was not there count as unread lines.
    fn count_answers(&mut self, threads: &[PastThread]) {
        let unread: u64 = threads.iter().map(|thread| thread.unread).sum();
        let unread = usize::try_from(unread).unwrap_or(usize::MAX);
        if unread > 0 && !self.display.window_shown && self.link.is_closed() {
            self.display.unread = unread;
            self.change(Change::Unread(unread));
        }
    }

    /// The visitor reads a conversation with answers that they had not seen.
    fn answers_read(&mut self, page: &ThreadPage) {
        let threads = &self.history.displayed.threads;
        let is_unread = |thread: &PastThread| thread.id == page.thread_id && thread.unread > 0;
        if !threads.iter().any(is_unread) {
            return;
        }
        let newest = page
            .events
            .last()
            .and_then(|event| event.created_at.clone());
        self.history.seen = newest.map(|at| (page.thread_id.clone(), at));
        self.answer_seen();
    }

    fn thread_page(&mut self, mut page: ThreadPage) {
        self.answers_read(&page);
        let is_current =
            self.conversation.thread.as_ref().map(ThreadId::as_str) == Some(&page.thread_id);
        let came: Vec<EventEffects> = page.events.iter().map(EventEffects::of).collect();
        let lines = page.lines();
        let said = lines.iter().map(|it| (it.id.clone(), it.body.clone()));
        let said: Vec<(LineId, Shared<Body>)> = said.collect();
        let first = lines.first().and_then(|line| line.number);
        // There may be another page above a full one, and above one whose events
        // are so large that fewer fitted.
        self.history.above = first
            .filter(|_| lines.len() >= PAGE || page.has_earlier)
            .map(|number| (page.thread_id.clone(), number));
        if !is_current && !self.history.read_threads.contains(&page.thread_id) {
            self.history.read_threads.push(page.thread_id.clone());
        }
        let known = |thread: &PastThread| thread.id != page.thread_id;
        self.history.displayed.threads.retain(known);
        // If the page was empty, continues with the conversation above it.
        let threads = &self.history.displayed.threads;
        let wanted = |until: &String| threads.iter().any(|it| it.id == *until);
        self.history.displayed.loading = self.history.until.as_ref().is_some_and(wanted)
            || (lines.is_empty() && !threads.is_empty());
        self.edit_transcript(|t, out| t.prepend(lines, is_current, out));
        for ((id, body), effects) in said.into_iter().zip(came) {
            self.apply_effects(&id, &body, effects, false);
        }
        self.publish_history();
    }
}
