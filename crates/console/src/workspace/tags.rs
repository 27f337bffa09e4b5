//! Tags of a thread. A tag is shown when the server has confirmed it; adding or removing it twice
//! has no further effect.

use parlor_wire::agent::{TagThread, UntagThread};
use parlor_wire::limits::TAG_MAX_BYTES;
use parlor_wire::{ChatId, ThreadId};

use super::chat::Chat;
use super::{Call, Fault, Notice, PendingCall, Reply, Workspace};

/// A tag that is added to a thread (`added`), or removed from it.
#[derive(Debug, Clone)]
pub(super) struct Tagging {
    pub(super) chat: ChatId,
    pub(super) thread: ThreadId,
    pub(super) tag: String,
    pub(super) added: bool,
}

impl Workspace {
    pub(super) fn add_tag(&mut self, tag: &str) {
        let words: Vec<&str> = tag.split_whitespace().collect();
        let tag = words.join(" ");
        if tag.len() > TAG_MAX_BYTES {
            return self.show_notice(Notice::TagTooLong);
        }
        if !tag.is_empty() {
            self.request_tag(tag, true);
        }
    }

    pub(super) fn remove_tag(&mut self, tag: String) {
        self.request_tag(tag, false);
    }

    fn request_tag(&mut self, tag: String, added: bool) {
        let Some((chat_id, chat)) = self.selected_chat_mut() else {
            return;
        };
        let Some(thread) = &chat.thread else {
            return;
        };
        if thread.tags.contains(&tag) == added {
            return;
        }
        let tagging = Tagging {
            chat: chat_id,
            thread: thread.id.clone(),
            tag,
            added,
        };
        self.call_tag(tagging);
    }

    pub(super) fn call_tag(&mut self, tagging: Tagging) {
        let (chat_id, thread_id) = (tagging.chat.clone(), tagging.thread.clone());
        let tag = tagging.tag.clone();
        let call = match tagging.added {
            true => Call::TagThread(TagThread {
                chat_id,
                thread_id,
                tag,
            }),
            false => Call::UntagThread(UntagThread {
                chat_id,
                thread_id,
                tag,
            }),
        };
        self.call(PendingCall::Tag(tagging), call);
    }

    pub(super) fn on_tag_reply(&mut self, tagging: Tagging, answer: Result<Reply, Fault>) {
        match answer {
            Ok(_) => self.tagged(tagging),
            Err(fault) => self.show_notice(Notice::TagsNotChanged(fault)),
        }
    }

    pub(super) fn tagged(&mut self, tagging: Tagging) {
        self.mark_fetch_stale(&tagging.chat);
        if let Some(chat) = self.chats.get_mut(&tagging.chat) {
            chat.tag(&tagging);
        }
        self.chat_changed(&tagging.chat);
        self.archived_tagged(&tagging);
    }
}

impl Chat {
    pub(super) fn tag(&mut self, tagging: &Tagging) {
        let thread = self.thread.as_mut();
        let Some(thread) = thread.filter(|thread| thread.id == tagging.thread) else {
            return;
        };
        thread.tags.retain(|tag| *tag != tagging.tag);
        if tagging.added {
            thread.tags.push(tagging.tag.clone());
        }
    }
}
