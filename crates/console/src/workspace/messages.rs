//! Messages that visitors have left while nobody was there. The list is fetched at each login and
//! kept by pushes. An open one is a chat whose thread has ended and that this agent answers all the
//! same.

use parlor_wire::agent::{
    ListOfflineMessages, OfflineMessage, OfflineMessageUpdated, UpdateOfflineMessage,
};
use parlor_wire::{ChatId, ThreadId};

use super::chat::{Chat, Fetch};
use super::{
    Announcement, Call, Fault, MessageList, MessageRow, Notice, Output, PendingCall, Reply,
    ViewPart, Workspace, parse_timestamp,
};

#[derive(Debug, Default)]
pub(super) struct Messages {
    /// Oldest first; the server lists a limited number.
    listed: Vec<OfflineMessage>,
    total: u64,
    fetch: ListFetch,
}

#[derive(Debug, Default, PartialEq)]
enum ListFetch {
    #[default]
    Idle,
    Wanted,
    /// `stale`: something has changed since the call was made.
    InFlight {
        stale: bool,
    },
}

impl Messages {
    /// The list may be incomplete: it is to be fetched.
    pub(super) fn request_fetch(&mut self) {
        self.fetch = ListFetch::Wanted;
    }

    pub(super) fn wants_fetch(&self) -> bool {
        self.fetch == ListFetch::Wanted
    }

    fn has(&self, thread: &ThreadId) -> bool {
        self.listed.iter().any(|it| it.thread_id == *thread)
    }

    fn apply(&mut self, message: OfflineMessage) {
        let before = self.listed.len();
        self.listed.retain(|it| it.thread_id != message.thread_id);
        let was_listed = self.listed.len() < before;
        match (was_listed, message.is_open) {
            (false, true) => self.total += 1,
            (true, false) => self.total = self.total.saturating_sub(1),
            _ => {}
        }
        if message.is_open {
            self.listed.push(message);
            self.listed.sort_by(|a, b| a.created_at.cmp(&b.created_at));
        } else if (self.listed.len() as u64) < self.total || !was_listed {
            // There are others that the server had not listed.
            self.fetch = ListFetch::Wanted;
        }
        if let ListFetch::InFlight { stale } = &mut self.fetch {
            *stale = true;
        }
    }
}

impl Workspace {
    /// The messages that nobody has answered.
    pub fn messages(&self) -> MessageList {
        let row = |message: &OfflineMessage| MessageRow {
            chat: message.chat_id.clone(),
            thread: message.thread_id.clone(),
            name: message.name.clone(),
            text: message.text.clone(),
            at: parse_timestamp(&message.created_at),
            selected: self.shows_message(message),
        };
        MessageList {
            rows: self.messages.listed.iter().map(row).collect(),
            total: self.messages.total,
        }
    }

    fn shows_message(&self, message: &OfflineMessage) -> bool {
        let chat = self.chats.get(&message.chat_id);
        let shown = chat.and_then(|chat| chat.thread.as_ref());
        self.selected.as_ref() == Some(&message.chat_id)
            && shown.is_some_and(|thread| thread.id == message.thread_id)
    }

    /// Whether this thread is a message that nobody has answered.
    pub(super) fn is_open_message(&self, thread: &ThreadId) -> bool {
        self.messages.has(thread)
    }

    pub(super) fn messages_due(&mut self) {
        if !self.messages.wants_fetch() || !self.may_fetch() {
            return;
        }
        self.messages.fetch = ListFetch::InFlight { stale: false };
        let call = Call::ListOfflineMessages(ListOfflineMessages {});
        self.call(PendingCall::Messages, call);
    }

    pub(super) fn on_messages_reply(&mut self, answer: Result<Reply, Fault>) {
        let stale = self.messages.fetch == ListFetch::InFlight { stale: true };
        self.messages.fetch = ListFetch::Idle;
        match answer {
            Ok(Reply::OfflineMessages(list)) => {
                if stale {
                    self.messages.fetch = ListFetch::Wanted;
                }
                self.messages.listed = list.messages;
                self.messages.total = list.total;
                self.messages_changed();
            }
            Err(fault) if !fault.is_transient() => {}
            _ => {
                self.messages.fetch = ListFetch::Wanted;
                self.back_off_fetches();
            }
        }
    }

    pub(super) fn on_message_updated(&mut self, push: OfflineMessageUpdated) {
        let message = push.message;
        if message.is_open && !self.messages.has(&message.thread_id) {
            let left = Announcement::MessageLeft(message.name.clone());
            self.outputs.push(Output::Announce(left));
        }
        self.messages.apply(message);
        self.messages_changed();
    }

    fn messages_changed(&mut self) {
        self.view_changed(ViewPart::Messages);
        self.view_changed(ViewPart::OpenChat);
    }

    /// Opens the thread of a message. If the visitor chats at present, that is shown.
    pub(super) fn open_message(&mut self, id: &ChatId, thread: &ThreadId) {
        self.ensure_chat(id, Fetch::Wanted).show_thread(thread);
        if self.selected.as_ref() == Some(id) {
            self.chat_changed(id);
        } else {
            self.select(Some(id.clone()));
        }
        self.view_changed(ViewPart::Messages);
        self.outputs.push(Output::FocusConversation);
    }

    /// The agent writes to the visitor of a chat that has ended.
    pub(super) fn answer_ended(&mut self) {
        if let Some((id, chat)) = self.selected_chat_mut() {
            chat.answering = true;
            self.chat_changed(&id);
            self.outputs.push(Output::FocusReply);
        }
    }

    /// Marks the open message as done.
    pub(super) fn finish_message(&mut self) {
        let Some((chat_id, chat)) = self.selected_chat_mut() else {
            return;
        };
        let Some(thread_id) = chat.thread.as_ref().map(|thread| thread.id.clone()) else {
            return;
        };
        if self.messages.has(&thread_id) {
            let call = UpdateOfflineMessage {
                chat_id,
                thread_id,
                is_open: false,
            };
            self.call(PendingCall::FinishMessage, Call::UpdateOfflineMessage(call));
        }
    }

    pub(super) fn on_finish_reply(&mut self, answer: Result<Reply, Fault>) {
        if let Err(fault) = answer {
            self.show_notice(Notice::NotFinished(fault));
        }
    }
}

impl Chat {
    /// Shows this thread, and not a newer one that has ended, and lets the agent answer in it.
    fn show_thread(&mut self, thread: &ThreadId) {
        if self.is_active() {
            return;
        }
        self.answering = true;
        self.shown = Some(thread.clone());
        if self.thread.as_ref().is_none_or(|it| it.id != *thread) {
            self.thread = None;
            self.complete = false;
            self.seen = None;
            self.request_fetch();
        }
    }

    /// Whether the agent can write in it.
    pub(super) fn takes_replies(&self) -> bool {
        self.is_active() || (self.answering && self.thread.is_some())
    }
}
