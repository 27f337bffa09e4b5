//! The chats that have ended, the newest first, where agents find them again. The list is fetched
//! at each login, and a while after a chat has ended.

use parlor_wire::agent::{ChatFilters, ListChats};
use parlor_wire::{ChatId, ChatSummary, EventBody, User};

use super::{
    Call, Fault, MessageList, MessageRow, Millis, PendingCall, Reply, ViewPart, Workspace, limits,
    parse_timestamp,
};

#[derive(Debug, Default)]
pub(super) struct Ended {
    listed: Vec<ChatSummary>,
    /// When the list is to be fetched.
    fetch_at: Option<Millis>,
}

impl Ended {
    /// The list may be incomplete by then.
    pub(super) fn request_fetch(&mut self, at: Millis) {
        let at = self.fetch_at.map_or(at, |known| known.min(at));
        self.fetch_at = Some(at);
    }

    /// A new conversation of this chat has begun.
    pub(super) fn remove(&mut self, chat: &ChatId) -> bool {
        let before = self.listed.len();
        self.listed.retain(|it| it.id != *chat);
        self.listed.len() < before
    }
}

impl Workspace {
    /// The newest chats that have ended.
    pub fn ended(&self) -> MessageList {
        let row = |chat: &ChatSummary| {
            let thread = chat.last_thread_summary.as_ref()?;
            // It is in a list of its own.
            if self.is_open_message(&thread.id) {
                return None;
            }
            let shown = self.chats.get(&chat.id).and_then(|it| it.thread.as_ref());
            Some(MessageRow {
                chat: chat.id.clone(),
                thread: thread.id.clone(),
                name: visitor_name(chat),
                text: last_text(chat),
                at: parse_timestamp(&thread.created_at),
                selected: self.selected.as_ref() == Some(&chat.id)
                    && shown.is_some_and(|it| it.id == thread.id),
            })
        };
        let rows: Vec<MessageRow> = self.ended.listed.iter().filter_map(row).collect();
        MessageList {
            total: rows.len() as u64,
            rows,
        }
    }

    pub(super) fn ended_due(&mut self) {
        let is_due = self.ended.fetch_at.is_some_and(|at| at <= self.now);
        if !is_due || !self.may_fetch() {
            return;
        }
        self.ended.fetch_at = None;
        let call = ListChats {
            filters: Some(ChatFilters {
                include_active: Some(false),
                ..ChatFilters::default()
            }),
            limit: Some(limits::ENDED_LISTED),
            ..ListChats::default()
        };
        self.call(PendingCall::Ended, Call::ListChats(Box::new(call)));
    }

    /// Without a connection it waits for the login.
    pub(super) fn ended_deadline(&self) -> Option<Millis> {
        let at = self.ended.fetch_at.filter(|_| self.connection.is_up())?;
        Some(at.max(self.fetches_pause_until()))
    }

    pub(super) fn on_ended_reply(&mut self, answer: Result<Reply, Fault>) {
        match answer {
            Ok(Reply::Chats(list)) => {
                self.ended.listed = list.chats_summary;
                self.view_changed(ViewPart::Messages);
            }
            Err(fault) if !fault.is_transient() => {}
            _ => {
                self.ended.request_fetch(self.now);
                self.back_off_fetches();
            }
        }
    }
}

/// As given, or else the e-mail address.
fn visitor_name(chat: &ChatSummary) -> Option<String> {
    let mut users = chat.users.iter();
    let visitor = users.find_map(|user| match user {
        User::Customer(customer) => Some(customer),
        _ => None,
    })?;
    let is_some = |text: &&String| !text.trim().is_empty();
    let name = visitor.name.as_ref().filter(is_some);
    name.or(visitor.email.as_ref().filter(is_some)).cloned()
}

/// Of the newest message.
fn last_text(chat: &ChatSummary) -> String {
    let newest = chat.last_event_per_type.as_ref();
    let event = newest.and_then(|newest| newest.get("message")?.event.as_ref());
    match event.map(|event| &event.body) {
        Some(EventBody::Message(message)) => message.text.clone(),
        _ => String::new(),
    }
}
