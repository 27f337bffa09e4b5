//! Messages that visitors have left while nobody was there, and callbacks that they ask for. The
//! lists are fetched at each login and kept by pushes. An open one is a chat whose thread has ended and that this agent answers all the
//! same.

use std::collections::BTreeSet;

use parlor_wire::agent::{
    CallbackOutcome, ListOfflineMessages, OfflineMessage, OfflineMessageUpdated,
    UpdateOfflineMessage,
};
use parlor_wire::{ChatId, ThreadId, TimeWindow};

use super::chat::{Chat, Fetch};
use super::{
    Announcement, Call, CallbackView, Chime, Fault, MessageChange, MessageList, MessageRow, Millis,
    Notice, Notification, NotificationKind, Output, PendingCall, Reply, Section, ViewPart,
    Workspace, parse_timestamp,
};

/// The most callbacks that are remembered after they were closed: those of the last minutes, of
/// which an agent may still think otherwise.
const CLOSED_MAX: usize = 20;

/// The two lists, and what was closed meanwhile.
#[derive(Debug, Default)]
pub(super) struct Messages {
    left: OpenMessages,
    callbacks: OpenMessages,
    /// Callbacks, the last one at the end.
    closed: Vec<OfflineMessage>,
    /// The listed callbacks of which the agent was told that they are due, with the times at which
    /// they were: a callback may be put on the list again.
    told_due: BTreeSet<(ThreadId, String)>,
}

/// A list of those that are open.
#[derive(Debug, Default)]
struct OpenMessages {
    /// By the time at which they are due; the server lists a limited number.
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
    /// The lists may be incomplete: they are to be fetched.
    pub(super) fn request_fetch(&mut self) {
        self.left.fetch = ListFetch::Wanted;
        self.callbacks.fetch = ListFetch::Wanted;
    }

    pub(super) fn wants_fetch(&self) -> bool {
        self.left.fetch == ListFetch::Wanted || self.callbacks.fetch == ListFetch::Wanted
    }

    fn list(&mut self, callbacks: bool) -> &mut OpenMessages {
        match callbacks {
            true => &mut self.callbacks,
            false => &mut self.left,
        }
    }

    /// The message of this thread, if it is open or was closed just now.
    fn find(&self, thread: &ThreadId) -> Option<&OfflineMessage> {
        let mut all = self
            .left
            .listed
            .iter()
            .chain(&self.callbacks.listed)
            .chain(&self.closed);
        all.find(|it| it.thread_id == *thread)
    }

    /// The conversation was deleted.
    pub(super) fn remove(&mut self, thread: &ThreadId) {
        self.closed.retain(|it| it.thread_id != *thread);
        for list in [&mut self.left, &mut self.callbacks] {
            let before = list.listed.len();
            list.listed.retain(|it| it.thread_id != *thread);
            if list.listed.len() < before {
                list.total = list.total.saturating_sub(1);
            }
            if let ListFetch::InFlight { stale } = &mut list.fetch {
                *stale = true;
            }
        }
    }

    fn has(&self, thread: &ThreadId) -> bool {
        self.find(thread).is_some_and(|it| it.is_open)
    }

    fn apply(&mut self, message: OfflineMessage) {
        let is_callback = message.callback.is_some();
        if is_callback {
            self.closed.retain(|it| it.thread_id != message.thread_id);
            if !message.is_open {
                self.closed.push(message.clone());
                let over = self.closed.len().saturating_sub(CLOSED_MAX);
                self.closed.drain(..over);
            }
        }
        self.list(is_callback).apply(message);
    }
}

impl OpenMessages {
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
            self.listed.sort_by(|a, b| due(a).cmp(due(b)));
        } else if (self.listed.len() as u64) < self.total || !was_listed {
            // There are others that the server had not listed.
            self.fetch = ListFetch::Wanted;
        }
        if let ListFetch::InFlight { stale } = &mut self.fetch {
            *stale = true;
        }
    }
}

/// When it is to be answered.
fn due(message: &OfflineMessage) -> &str {
    message.due_at.as_ref().unwrap_or(&message.created_at)
}

impl Workspace {
    /// The messages that nobody has answered.
    pub fn messages(&self) -> MessageList {
        self.message_list(&self.messages.left)
    }

    /// The callbacks that nobody has made.
    pub fn callbacks(&self) -> MessageList {
        self.message_list(&self.messages.callbacks)
    }

    fn message_list(&self, list: &OpenMessages) -> MessageList {
        let row = |message: &OfflineMessage| MessageRow {
            chat: message.chat_id.clone(),
            thread: message.thread_id.clone(),
            name: message.name.clone(),
            text: message.text.clone(),
            at: parse_timestamp(due(message)),
            is_due: self.is_due(message),
            selected: self.shows_message(message),
        };
        MessageList {
            rows: list.listed.iter().map(row).collect(),
            total: list.total,
        }
    }

    /// The callback of this thread, if it is one that is open or was closed just now.
    pub(super) fn callback_of(&self, thread: &ThreadId) -> Option<CallbackView> {
        let message = self.messages.find(thread)?;
        let callback = message.callback.as_ref()?;
        let window = |window: &TimeWindow| {
            Some((
                parse_timestamp(&window.start)?,
                parse_timestamp(&window.end)?,
            ))
        };
        Some(CallbackView {
            phone: callback.phone.clone(),
            times: callback.preferred_time.iter().filter_map(window).collect(),
            due: parse_timestamp(due(message)),
            outcome: match message.is_open {
                true => None,
                false => Some(message.outcome.clone().unwrap_or(CallbackOutcome::Done)),
            },
        })
    }

    fn is_due(&self, message: &OfflineMessage) -> bool {
        let at = message
            .callback
            .as_ref()
            .and_then(|_| parse_timestamp(due(message)));
        at.is_some_and(|at| at <= self.server_now())
    }

    /// Tells the agent of callbacks whose time has come. While the list may be outdated, a colleague
    /// may have made them.
    pub(super) fn callbacks_due(&mut self) {
        if !self.knows_callbacks() {
            return;
        }
        let listed = self.messages.callbacks.listed.iter();
        let is_due: Vec<&OfflineMessage> = listed.filter(|it| self.is_due(it)).collect();
        let key = |it: &&OfflineMessage| (it.thread_id.clone(), due(it).to_owned());
        let due_now: BTreeSet<_> = is_due.iter().map(key).collect();
        let new: Vec<_> = is_due
            .iter()
            .filter(|it| !self.messages.told_due.contains(&key(it)))
            .collect();
        let count = new.len();
        let first = new
            .first()
            .map(|it| (it.chat_id.clone(), it.thread_id.clone(), it.name.clone()));
        self.messages.told_due = due_now;
        let Some((chat, thread, name)) = first else {
            return;
        };
        let (told, kind) = match count {
            1 => (
                Announcement::CallbackDue(name.clone()),
                NotificationKind::CallbackDue,
            ),
            _ => (
                Announcement::CallbacksDue(count),
                NotificationKind::SeveralCallbacksDue(count),
            ),
        };
        self.outputs.push(Output::Announce(told));
        self.chime(Chime::Waiting);
        self.push_notification(Notification {
            kind,
            chat,
            thread: Some(thread),
            name,
            team: None,
        });
        self.view_changed(ViewPart::Messages);
    }

    /// When the next callback is due, by the browser's clock.
    pub(super) fn callbacks_deadline(&self) -> Option<Millis> {
        let listed = self.messages.callbacks.listed.iter();
        let later = listed.filter(|it| self.knows_callbacks() && !self.is_due(it));
        let at = later.filter_map(|it| parse_timestamp(due(it))).min()?;
        Some(at.saturating_add_signed(self.clock_offset.saturating_neg()))
    }

    fn knows_callbacks(&self) -> bool {
        self.connection.is_up() && self.messages.callbacks.fetch == ListFetch::Idle
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
        for callbacks in [false, true] {
            if self.messages.list(callbacks).fetch != ListFetch::Wanted || !self.may_fetch() {
                continue;
            }
            self.messages.list(callbacks).fetch = ListFetch::InFlight { stale: false };
            let call = Call::ListOfflineMessages(ListOfflineMessages { callbacks });
            self.call(PendingCall::Messages { callbacks }, call);
        }
    }

    pub(super) fn on_messages_reply(&mut self, callbacks: bool, answer: Result<Reply, Fault>) {
        let list = self.messages.list(callbacks);
        let stale = list.fetch == ListFetch::InFlight { stale: true };
        list.fetch = ListFetch::Idle;
        match answer {
            Ok(Reply::OfflineMessages(fetched)) => {
                if stale {
                    list.fetch = ListFetch::Wanted;
                }
                list.listed = fetched.messages;
                list.total = fetched.total;
                self.messages_changed();
            }
            Err(fault) if !fault.is_transient() => {}
            _ => {
                list.fetch = ListFetch::Wanted;
                self.back_off_fetches();
            }
        }
    }

    pub(super) fn on_message_updated(&mut self, push: OfflineMessageUpdated) {
        let message = push.message;
        if message.is_open && !self.messages.has(&message.thread_id) {
            let left = match message.callback {
                Some(_) => Announcement::CallbackWanted(message.name.clone()),
                None => Announcement::MessageLeft(message.name.clone()),
            };
            self.outputs.push(Output::Announce(left));
        }
        self.messages.apply(message);
        self.messages_changed();
    }

    fn messages_changed(&mut self) {
        self.view_changed(ViewPart::Messages);
        self.view_changed(ViewPart::OpenChat);
    }

    /// Opens the thread of a message, or of a chat that has ended. If the visitor chats at present,
    /// that is shown. `answers`: the agent writes in it at once.
    pub(super) fn open_thread(&mut self, id: &ChatId, thread: &ThreadId, answers: bool) {
        let chat = self.ensure_chat(id, Fetch::Wanted);
        chat.show_thread(thread);
        chat.answering = answers && !chat.is_active();
        if self.selected.as_ref() == Some(id) {
            self.enter_section(Section::Chats);
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

    /// Says what became of the open message or callback.
    pub(super) fn update_message(&mut self, change: MessageChange) {
        let Some((chat_id, chat)) = self.selected_chat_mut() else {
            return;
        };
        let Some(thread_id) = chat.thread.as_ref().map(|thread| thread.id.clone()) else {
            return;
        };
        if self.messages.find(&thread_id).is_none() {
            return;
        }
        let call = UpdateOfflineMessage {
            chat_id,
            thread_id,
            is_open: change == MessageChange::Again,
            outcome: (change == MessageChange::Missed).then_some(CallbackOutcome::Missed),
            due_at: None,
        };
        self.call(PendingCall::UpdateMessage, Call::UpdateOfflineMessage(call));
    }

    pub(super) fn on_message_update_reply(&mut self, answer: Result<Reply, Fault>) {
        if let Err(fault) = answer {
            self.show_notice(Notice::MessageNotUpdated(fault));
        }
    }
}

impl Chat {
    /// Shows this thread, and not a newer one that has ended.
    pub(super) fn show_thread(&mut self, thread: &ThreadId) {
        if self.is_active() {
            return;
        }
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
