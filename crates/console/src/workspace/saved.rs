//! What survives a reload of the page: drafts, the open chat, and which chats are this agent's, so
//! that those that have ended stay listed until they are dismissed. It is applied after the first
//! login, and nothing is stored before that. It is removed when the agent signs out, because drafts
//! may hold what a visitor has told.

use std::collections::BTreeMap;

use parlor_wire::{AgentId, ChatId, ThreadId};
use serde::{Deserialize, Serialize};

use super::chat::{Chat, Fetch};
use super::{ChatStatus, Draft, Millis, Output, Workspace, limits};

/// What the driver stores for this page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Saved {
    /// Whose it is.
    pub agent: AgentId,
    /// The open chat.
    pub open: Option<SavedOpen>,
    /// The chats of this agent, and those that were and have ended since.
    pub mine: Vec<(ChatId, ThreadId)>,
    /// What was written and not sent, the newest first.
    pub drafts: Vec<SavedDraft>,
}

/// The open chat.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedOpen {
    /// The chat.
    pub chat: ChatId,
    /// Its thread, if that has ended.
    pub thread: Option<ThreadId>,
    /// Whether the agent writes in it although it has ended.
    pub answering: bool,
}

/// The content of the reply field of one chat.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedDraft {
    /// The chat.
    pub chat: ChatId,
    /// The text, as typed.
    pub text: String,
    /// Whether it is a private note.
    pub note: bool,
    /// When it was last changed.
    pub at: Millis,
}

#[derive(Debug, Default)]
pub(super) struct Saving {
    /// Read when the page was opened, and not applied yet.
    found: Option<Saved>,
    /// Whether `found` was applied: from then on what this page has is stored.
    is_on: bool,
    /// What is stored.
    stored: Option<Saved>,
    /// All drafts, also those that are not stored because there are newer ones.
    drafts: BTreeMap<ChatId, SavedDraft>,
}

impl Workspace {
    /// The page was opened, and this was stored before.
    pub(super) fn saved_found(&mut self, saved: Option<Box<Saved>>) {
        let Some(mut saved) = saved.map(|saved| *saved) else {
            return;
        };
        let drafts = saved.drafts.len();
        let is_recent =
            |draft: &SavedDraft| draft.at.saturating_add(limits::DRAFT_LASTS) > self.now;
        saved.drafts.retain(is_recent);
        if saved.drafts.len() < drafts {
            self.outputs.push(Output::Save(Box::new(saved.clone())));
        }
        self.saving.found = Some(saved);
    }

    /// This agent has signed in: what another one has left is removed.
    pub(super) fn keep_saved_of(&mut self, me: &AgentId) {
        let found = self.saving.found.take();
        self.saving = Saving {
            found: found.filter(|found| found.agent == *me),
            ..Saving::default()
        };
        if self.saving.found.is_none() {
            self.outputs.push(Output::ForgetSaved);
        }
    }

    /// The agent has signed out.
    pub(super) fn forget_saved(&mut self) {
        self.saving = Saving::default();
        self.outputs.push(Output::ForgetSaved);
    }

    /// Applies what was stored, once all active chats are known.
    pub(super) fn restore_saved(&mut self) {
        self.saving.is_on = true;
        let Some(saved) = self.saving.found.take() else {
            return;
        };
        for draft in saved.drafts {
            let chat = self.ensure_chat(&draft.chat, Fetch::Wanted);
            if chat.draft.text.is_empty() {
                chat.draft = Draft {
                    text: draft.text.clone(),
                    note: draft.note,
                };
                self.saving.drafts.insert(draft.chat.clone(), draft);
            }
        }
        for (id, thread) in saved.mine {
            let chat = self.ensure_chat(&id, Fetch::Wanted);
            if !chat.is_active() {
                chat.kept = Some(thread);
            }
        }
        if let Some(open) = saved.open.filter(|_| self.selected.is_none()) {
            let chat = self.ensure_chat(&open.chat, Fetch::Wanted);
            if let Some(thread) = open.thread.filter(|_| !chat.is_active()) {
                chat.show_thread(&thread);
                chat.answering = open.answering;
            }
            self.select(Some(open.chat));
        }
    }

    /// Has the driver store what has changed.
    pub(super) fn save(&mut self) {
        if !self.saving.is_on {
            return;
        }
        let Some(me) = self.my_id().cloned() else {
            return;
        };
        let saved = self.state_to_save(me);
        if self.saving.stored.as_ref() != Some(&saved) {
            self.outputs.push(Output::Save(Box::new(saved.clone())));
            self.saving.stored = Some(saved);
        }
    }

    fn state_to_save(&mut self, me: AgentId) -> Saved {
        let drafts = self.drafts_to_save();
        let is_mine = |chat: &Chat| chat.status(&me) == ChatStatus::Mine;
        let mine = |chat: &Chat| {
            let thread = match &chat.thread {
                Some(thread) if is_mine(chat) || chat.is_kept() => &thread.id,
                // It is still being fetched.
                None => chat.kept.as_ref()?,
                Some(_) => return None,
            };
            Some((chat.id.clone(), thread.clone()))
        };
        let open = |chat: &Chat| SavedOpen {
            chat: chat.id.clone(),
            thread: match &chat.thread {
                Some(thread) if thread.active => None,
                Some(thread) => Some(thread.id.clone()),
                None => chat.shown.clone(),
            },
            answering: chat.answering,
        };
        Saved {
            open: self.selected_chat().map(open),
            mine: self.chats.values().filter_map(mine).collect(),
            drafts,
            agent: me,
        }
    }

    /// The newest drafts.
    fn drafts_to_save(&mut self) -> Vec<SavedDraft> {
        let (now, known) = (self.now, &self.saving.drafts);
        let draft = |chat: &Chat| {
            let Draft { text, note } = &chat.draft;
            if text.is_empty() || text.len() > limits::DRAFT_SAVED_BYTES {
                return None;
            }
            let known = known.get(&chat.id);
            let same = known.filter(|it| it.text == *text && it.note == *note);
            let draft = SavedDraft {
                chat: chat.id.clone(),
                text: text.clone(),
                note: *note,
                at: same.map_or(now, |it| it.at),
            };
            Some((chat.id.clone(), draft))
        };
        self.saving.drafts = self.chats.values().filter_map(draft).collect();
        let mut drafts: Vec<SavedDraft> = self.saving.drafts.values().cloned().collect();
        drafts.sort_by_key(|draft| std::cmp::Reverse(draft.at));
        drafts.truncate(limits::DRAFTS_SAVED);
        drafts
    }
}
