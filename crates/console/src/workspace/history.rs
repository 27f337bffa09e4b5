//! Earlier conversations of the same visitor, read a few at a time and only when somebody wants to
//! see them.

use parlor_wire::agent::ListThreads;
use parlor_wire::{AgentId, ChatId, Thread};

use super::chat::Chat;
use super::{
    Call, Entry, Fault, Millis, PendingCall, Reply, ViewPart, Workspace, limits, parse_timestamp,
};

#[derive(Debug, Default)]
pub(super) struct History {
    /// Newest first.
    threads: Vec<Thread>,
    state: State,
    /// The page after.
    next_page_id: Option<String>,
}

#[derive(Debug, Default, PartialEq, Eq, Clone, Copy)]
enum State {
    #[default]
    NotLoaded,
    Loading,
    Failed,
    Loaded,
}

/// Earlier conversations, to be looked at.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HistoryView {
    /// There are some that are not here.
    pub more: bool,
    /// They are on their way.
    pub busy: bool,
    /// They did not come.
    pub failed: bool,
    /// Newest first.
    pub threads: Vec<HistoryThread>,
}

/// One earlier conversation.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryThread {
    /// Names it.
    pub key: String,
    /// When it began.
    pub at: Option<Millis>,
    /// Its tags.
    pub tags: Vec<String>,
    /// Why it is not shown, in the endpoint's words.
    pub restricted: Option<String>,
    /// What was said.
    pub entries: Vec<Entry>,
}

impl Workspace {
    pub(super) fn load_history(&mut self) {
        let Some((id, chat)) = self.selected_chat_mut() else {
            return;
        };
        let page_id = match chat.history.state {
            State::Loading => return,
            State::Loaded if chat.history.next_page_id.is_none() => return,
            _ => chat.history.next_page_id.clone(),
        };
        chat.history.state = State::Loading;
        let call = ListThreads {
            chat_id: id.clone(),
            sort_order: None,
            // A page of an earlier listing excludes the rest.
            limit: page_id.is_none().then_some(limits::PAST_AT_ONCE),
            page_id,
            min_events_count: None,
            filters: None,
        };
        self.view_changed(ViewPart::History);
        self.call(PendingCall::History(id), Call::ListThreads(call));
    }

    pub(super) fn on_history_reply(&mut self, id: &ChatId, answer: Result<Reply, Fault>) {
        let Some(chat) = self.chats.get_mut(id) else {
            return;
        };
        match answer {
            Ok(Reply::Threads(list)) => {
                let current = chat.thread.as_ref().map(|thread| &thread.id);
                for thread in list.threads {
                    let known = chat.history.threads.iter().any(|it| it.id == thread.id);
                    if Some(&thread.id) != current && !known {
                        chat.history.threads.push(thread);
                    }
                }
                chat.history.next_page_id = list.next_page_id;
                chat.history.state = State::Loaded;
            }
            _ => chat.history.state = State::Failed,
        }
        self.view_changed(ViewPart::History);
    }

    /// Earlier conversations of who is in the open chat, as far as they were read.
    pub fn history(&self) -> HistoryView {
        let (Some(chat), Some(me)) = (self.selected_chat(), self.my_id()) else {
            return HistoryView::default();
        };
        let thread = chat.thread.as_ref();
        let history = &chat.history;
        HistoryView {
            more: match history.state {
                State::Loaded => history.next_page_id.is_some(),
                _ => thread.is_some_and(|thread| thread.has_previous),
            },
            busy: history.state == State::Loading,
            failed: history.state == State::Failed,
            threads: history
                .threads
                .iter()
                .map(|thread| chat.history_thread(thread, me, &self.origin))
                .collect(),
        }
    }
}

impl Chat {
    /// No call will be answered any more.
    pub(super) fn forget_pending_history_call(&mut self) {
        if self.history.state == State::Loading {
            self.history.state = State::Failed;
        }
    }

    fn history_thread(&self, thread: &Thread, me: &AgentId, origin: &str) -> HistoryThread {
        HistoryThread {
            key: thread.id.to_string(),
            at: parse_timestamp(&thread.created_at),
            tags: thread.tags.clone().unwrap_or_default(),
            restricted: thread.restricted_access.clone(),
            entries: thread
                .events
                .iter()
                .flatten()
                .map(|event| self.entry(event, me, None, origin))
                .collect(),
        }
    }
}
