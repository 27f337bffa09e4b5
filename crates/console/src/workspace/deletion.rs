//! Conversations that were deleted for good: nothing of them is shown any more.

use parlor_wire::ChatId;
use parlor_wire::agent::ThreadDeleted;

use super::{ViewPart, Workspace, limits};

impl Workspace {
    pub(super) fn on_thread_deleted(&mut self, push: &ThreadDeleted) {
        let ThreadDeleted {
            chat_id: id,
            thread_id,
            chat_deleted,
        } = push;
        self.messages.remove(thread_id);
        self.forget_archived(thread_id);
        if self.ended.remove(id) && !chat_deleted {
            // An older conversation of the chat is listed instead.
            let at = self.now + limits::ENDED_LISTED_AFTER;
            self.ended.request_fetch(at);
        }
        self.view_changed(ViewPart::Messages);
        let Some(chat) = self.chats.get_mut(id) else {
            return;
        };
        let shown = chat.thread.as_ref().map(|thread| &thread.id);
        if *chat_deleted || shown == Some(thread_id) {
            self.drop_chat(id);
            return;
        }
        chat.history.remove(thread_id);
        // A reply that is on its way may still contain it.
        chat.request_fetch();
        self.view_changed(ViewPart::OpenChat);
    }

    /// Shows a chat no more.
    pub(super) fn drop_chat(&mut self, id: &ChatId) {
        if self.selected.as_ref() == Some(id) {
            self.select(None);
        }
        self.chats.remove(id);
        self.withdraw_notification(id);
        self.view_changed(ViewPart::Lists);
    }
}
