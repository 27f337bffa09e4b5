//! The chats that have ended, the newest first, where agents find them again. The list is fetched
//! at each login, and a while after a chat has ended. A chat of this agent's that has ended stays
//! among theirs until they dismiss it.

use parlor_wire::agent::{ChatFilters, InitialChat, ListChats, ResumeChat};
use parlor_wire::{ChatId, ChatSummary, EventBody, User};

use super::chat::Chat;
use super::{
    Call, Fault, MessageList, MessageRow, Millis, Notice, Output, PendingCall, Reply, ViewPart,
    Workspace, limits, parse_timestamp,
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
            // It is in another list.
            let known = self.chats.get(&chat.id);
            let is_kept =
                known.is_some_and(|it| it.is_kept() && it.kept == Some(thread.id.clone()));
            if is_kept || self.is_open_message(&thread.id) {
                return None;
            }
            let shown = self.chats.get(&chat.id).and_then(|it| it.thread.as_ref());
            Some(MessageRow {
                chat: chat.id.clone(),
                thread: thread.id.clone(),
                name: visitor_name(chat),
                text: last_text(chat),
                at: parse_timestamp(&thread.created_at),
                is_due: false,
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

impl Workspace {
    /// Begins a new thread in the open chat. The push that says so shows it.
    pub(super) fn reopen(&mut self) {
        let Some((id, chat)) = self.selected_chat_mut() else {
            return;
        };
        if chat.accepting || chat.is_active() || chat.thread.is_none() {
            return;
        }
        chat.accepting = true;
        let call = ResumeChat {
            chat: InitialChat {
                id: Some(id.clone()),
                ..InitialChat::default()
            },
            active: None,
            continuous: None,
        };
        self.view_changed(ViewPart::OpenChat);
        self.call(PendingCall::Reopen(id), Call::ResumeChat(Box::new(call)));
    }

    pub(super) fn on_reopen_reply(&mut self, id: &ChatId, answer: Result<Reply, Fault>) {
        if let Some(chat) = self.chats.get_mut(id) {
            if let Err(fault) = answer {
                chat.accepting = false;
                self.show_notice(Notice::NotReopened(fault));
            } else if chat.accepting {
                // The push is late: the new thread is fetched.
                chat.shown = None;
                chat.request_fetch();
            }
        }
        self.chat_changed(id);
    }

    /// The open chat, which has ended, leaves the list. The focus goes to its neighbour.
    pub(super) fn dismiss(&mut self) {
        let Some(id) = self.selected.clone() else {
            return;
        };
        if !self.chats.get(&id).is_some_and(Chat::is_kept) {
            return;
        }
        let lists = self.lists();
        let rows: Vec<&ChatId> = lists.mine.iter().map(|row| &row.chat).collect();
        let at = rows.iter().position(|row| **row == id).unwrap_or_default();
        let neighbour = rows.get(at + 1).or_else(|| rows.get(at.checked_sub(1)?));
        self.outputs.push(match neighbour {
            Some(row) => Output::FocusRow((*row).clone()),
            None => Output::FocusConversation,
        });
        if let Some(chat) = self.chats.get_mut(&id) {
            chat.kept = None;
        }
        self.select(None);
    }

    /// Those that were kept longest leave the list when there are too many.
    pub(super) fn dismiss_oldest(&mut self) {
        let kept = self.chats.values().filter(|chat| chat.is_kept());
        let mut kept: Vec<(String, ChatId)> = kept
            .filter_map(|chat| Some((chat.thread.as_ref()?.created_at.clone(), chat.id.clone())))
            .collect();
        let over = kept.len().saturating_sub(limits::ENDED_KEPT);
        kept.sort();
        for (_, id) in kept.drain(..over) {
            if let Some(chat) = self.chats.get_mut(&id) {
                chat.kept = None;
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
