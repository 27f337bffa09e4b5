//! Sounds and desktop notifications. A notification is shown only while the agent does not look at
//! the page, and says who and where, never what a visitor wrote: screens are shared. Whether the
//! browser may show it, and whether the agent wants it, is not known here.

use std::collections::BTreeSet;

use parlor_wire::{ChatId, RoutingStatus};

use super::chat::Fetch;
use super::{Chime, Notification, NotificationKind, Output, Workspace};

/// The chats about which a notification may be shown.
#[derive(Debug, Default)]
pub(super) struct Notifications(BTreeSet<ChatId>);

impl NotificationKind {
    fn is_callback(self) -> bool {
        matches!(self, Self::CallbackDue | Self::SeveralCallbacksDue(_))
    }
}

impl Workspace {
    pub(super) fn chime(&mut self, chime: Chime) {
        // At most one sound of a kind per input.
        if !self.is_away() && !self.outputs.contains(&Output::Chime(chime)) {
            self.outputs.push(Output::Chime(chime));
        }
    }

    /// Shows a notification about this chat, in place of the one before about the same.
    pub(super) fn notify(&mut self, id: &ChatId, kind: NotificationKind) {
        let Some(chat) = self.chats.get(id) else {
            return;
        };
        let notification = Notification {
            kind,
            chat: id.clone(),
            thread: chat.thread.as_ref().map(|thread| thread.id.clone()),
            name: chat.given_name(),
            team: self.team_of(chat),
        };
        self.push_notification(notification);
    }

    pub(super) fn push_notification(&mut self, notification: Notification) {
        if self.focused || self.is_away() {
            return;
        }
        self.notifications.0.insert(notification.chat.clone());
        self.outputs.push(Output::Notify(notification));
    }

    /// What was told about this chat is over.
    pub(super) fn withdraw_notification(&mut self, id: &ChatId) {
        if self.notifications.0.remove(id) {
            self.outputs.push(Output::CloseNotification(id.clone()));
        }
    }

    /// The agent looks at the page, or has signed out.
    pub(super) fn withdraw_notifications(&mut self) {
        for id in std::mem::take(&mut self.notifications.0) {
            self.outputs.push(Output::CloseNotification(id));
        }
    }

    /// The agent has clicked a notification: the chat is opened, whatever has become of it.
    pub(super) fn open_notified(&mut self, notification: Notification) {
        if self.me().is_none() {
            return;
        }
        let Notification {
            kind, chat, thread, ..
        } = notification;
        let is_known = self.chats.contains_key(&chat);
        match thread {
            Some(thread) if kind.is_callback() => {
                self.open_thread(&chat, &thread, true);
            }
            Some(thread) if !is_known => self.open_thread(&chat, &thread, false),
            _ => {
                self.ensure_chat(&chat, Fetch::Wanted);
                self.select(Some(chat));
                self.outputs.push(Output::FocusConversation);
            }
        }
    }

    /// Whether the agent has set their status to offline.
    fn is_away(&self) -> bool {
        self.me()
            .is_some_and(|me| me.routing_status == Some(RoutingStatus::Offline))
    }
}
