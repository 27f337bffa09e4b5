//! Earlier conversations of the same visitor, read a few at a time and only when somebody wants to
//! see them.

use parlor_wire::agent::ListThreads;
use parlor_wire::{AgentId, ChatId, Thread};

use super::chat::Chat;
use super::{Call, Desk, Entry, Errand, Fault, Millis, Part, Reply, limits, moment};

#[derive(Debug, Default)]
pub(super) struct Past {
    /// Newest first.
    threads: Vec<Thread>,
    state: State,
    /// The page after.
    next: Option<String>,
}

#[derive(Debug, Default, PartialEq, Eq, Clone, Copy)]
enum State {
    #[default]
    Unread,
    Reading,
    Failed,
    Read,
}

/// Earlier conversations, to be looked at.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Earlier {
    /// There are some that are not here.
    pub more: bool,
    /// They are on their way.
    pub busy: bool,
    /// They did not come.
    pub failed: bool,
    /// Newest first.
    pub threads: Vec<EarlierThread>,
}

/// One earlier conversation.
#[derive(Debug, Clone, PartialEq)]
pub struct EarlierThread {
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

impl Desk {
    pub(super) fn read_past(&mut self) {
        let Some((id, chat)) = self.selected_chat() else {
            return;
        };
        let page_id = match chat.past.state {
            State::Reading => return,
            State::Read if chat.past.next.is_none() => return,
            _ => chat.past.next.clone(),
        };
        chat.past.state = State::Reading;
        let call = ListThreads {
            chat_id: id.clone(),
            sort_order: None,
            // A page of an earlier listing excludes the rest.
            limit: page_id.is_none().then_some(limits::PAST_AT_ONCE),
            page_id,
            min_events_count: None,
            filters: None,
        };
        self.moved(Part::Past);
        self.call(Errand::Past(id), Call::ListThreads(call));
    }

    pub(super) fn told_past(&mut self, id: &ChatId, answer: Result<Reply, Fault>) {
        let Some(chat) = self.chats.get_mut(id) else {
            return;
        };
        match answer {
            Ok(Reply::Threads(list)) => {
                let current = chat.thread.as_ref().map(|thread| &thread.id);
                for thread in list.threads {
                    let known = chat.past.threads.iter().any(|it| it.id == thread.id);
                    if Some(&thread.id) != current && !known {
                        chat.past.threads.push(thread);
                    }
                }
                chat.past.next = list.next_page_id;
                chat.past.state = State::Read;
            }
            _ => chat.past.state = State::Failed,
        }
        self.moved(Part::Past);
    }

    /// Earlier conversations of who is in the open chat, as far as they were read.
    pub fn past(&self) -> Earlier {
        let (Some(chat), Some(me)) = (self.open_chat(), self.my_id()) else {
            return Earlier::default();
        };
        let thread = chat.thread.as_ref();
        let past = &chat.past;
        Earlier {
            more: match past.state {
                State::Read => past.next.is_some(),
                _ => thread.is_some_and(|thread| thread.has_previous),
            },
            busy: past.state == State::Reading,
            failed: past.state == State::Failed,
            threads: past
                .threads
                .iter()
                .map(|thread| chat.earlier(thread, me, &self.origin))
                .collect(),
        }
    }
}

impl Chat {
    /// No call will be answered any more.
    pub(super) fn past_not_awaited(&mut self) {
        if self.past.state == State::Reading {
            self.past.state = State::Failed;
        }
    }

    fn earlier(&self, thread: &Thread, me: &AgentId, origin: &str) -> EarlierThread {
        EarlierThread {
            key: thread.id.to_string(),
            at: moment(&thread.created_at),
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
