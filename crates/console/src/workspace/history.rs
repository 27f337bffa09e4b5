//! Earlier conversations of the visitor, loaded page by page and only when the agent asks for them.

use parlor_wire::agent::ListThreads;
use parlor_wire::{AgentId, ChatId, Thread, ThreadId};

use super::chat::Chat;
use super::{
    Call, Entry, Fault, Millis, PendingCall, Reply, ViewPart, Workspace, limits, parse_timestamp,
};

#[derive(Debug, Default)]
pub(super) struct History {
    /// Newest first.
    threads: Vec<Thread>,
    state: State,
    /// The `page_id` of the next page.
    next_page_id: Option<String>,
}

impl History {
    /// The conversation was deleted.
    pub(super) fn remove(&mut self, thread: &ThreadId) {
        self.threads.retain(|it| it.id != *thread);
    }
}

#[derive(Debug, Default, PartialEq, Eq, Clone, Copy)]
enum State {
    #[default]
    NotLoaded,
    Loading,
    Failed,
    Loaded,
}

/// Earlier conversations, as they are shown.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HistoryView {
    /// There are more that have not been loaded.
    pub more: bool,
    /// They are being loaded.
    pub busy: bool,
    /// They could not be loaded.
    pub failed: bool,
    /// Newest first.
    pub threads: Vec<HistoryThread>,
}

/// One earlier conversation.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryThread {
    /// The id of the thread.
    pub key: String,
    /// When it began, in milliseconds since 1970.
    pub at: Option<Millis>,
    /// Its tags.
    pub tags: Vec<String>,
    /// Why its events are not shown, as the server says it (`restricted_access`).
    pub restricted: Option<String>,
    /// Its events.
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
            // A `page_id` excludes the other parameters.
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

    /// The earlier conversations of the open chat's visitor, as far as they have been loaded.
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
    /// The reply to an outstanding call will be ignored.
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
