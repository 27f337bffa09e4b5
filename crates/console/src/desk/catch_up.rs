//! What we know, and whether it is all. Every push has a position; one that was seen is ignored, and
//! where some are missing everything is asked for again. An answer that was on its way while
//! something happened to the same chat is not trusted: that chat is asked for once more.

use std::collections::BTreeSet;

use parlor_wire::agent::{ChatFilters, GetChat, ListChats, LoggedIn, Push};
use parlor_wire::{ChatId, ChatSummary, decode_value};
use serde_json::Value;

use super::chat::{Chat, Fetch};
use super::input::pause;
use super::{Call, Chime, Desk, Errand, Fault, Millis, Place, Reply, limits};

#[derive(Debug, Default)]
pub(super) struct CatchUp {
    /// The newest position that was seen.
    position: Option<i64>,
    list: List,
    /// After a failure nothing is asked for before that.
    not_before: Millis,
    /// Failures in a row.
    failures: u32,
}

#[derive(Debug, Default)]
enum List {
    #[default]
    Idle,
    Wanted,
    Reading {
        page: u32,
        found: Vec<ChatSummary>,
        /// What happened meanwhile.
        touched: BTreeSet<ChatId>,
        /// Something was missed meanwhile: read it again after this.
        again: bool,
    },
}

impl CatchUp {
    pub(super) fn position(&self) -> Option<i64> {
        self.position
    }
}

impl Desk {
    /// The endpoint lets us in, and says from where it will go on.
    pub(super) fn welcome(&mut self, since: Option<i64>, payload: Value) {
        let told_fresh = payload.get("fresh").and_then(Value::as_bool) == Some(true);
        let told = decode_value::<LoggedIn>(payload).ok();
        let newest = told.as_ref().and_then(|told| told.position);
        let behind = newest
            .zip(since)
            .is_some_and(|(newest, since)| newest < since);
        let fresh = since.is_none() || newest.is_none() || told_fresh || behind;
        self.line_up();
        self.catching.not_before = self.now;
        self.catching.failures = 0;
        for chat in self.chats.values_mut() {
            chat.pending_soon(self.now);
        }
        if fresh {
            self.catching.position = newest;
            // A first picture at once; the list brings the rest.
            self.apply_summaries(told.map(|told| told.chats_summary).unwrap_or_default());
            self.ask_for_everything();
        }
    }

    pub(super) fn pushed(&mut self, push: Push) {
        if let Some(position) = push.position {
            match self.catching.position {
                Some(seen) if position <= seen => return,
                Some(seen) if position > seen + 1 => self.ask_for_everything(),
                _ => {}
            }
            self.catching.position = Some(position);
        }
        self.apply(push.body);
    }

    pub(super) fn ask_for_everything(&mut self) {
        match &mut self.catching.list {
            List::Reading { again, .. } => *again = true,
            list => *list = List::Wanted,
        }
    }

    /// Something about the chat itself happened: an answer on its way may be from before.
    pub(super) fn touched(&mut self, id: &ChatId) {
        if let List::Reading { touched, .. } = &mut self.catching.list {
            touched.insert(id.clone());
        }
        if let Some(chat) = self.chats.get_mut(id)
            && let Fetch::Reading { touched } = &mut chat.fetch
        {
            *touched = true;
        }
    }

    pub(super) fn listed(&mut self, answer: Result<Reply, Fault>) {
        let List::Reading {
            page,
            mut found,
            touched,
            again,
        } = std::mem::take(&mut self.catching.list)
        else {
            return;
        };
        match answer {
            Ok(Reply::Chats(list)) => {
                found.extend(list.chats_summary);
                if let Some(next) = list.next_page_id.filter(|_| page < limits::LIST_PAGES) {
                    self.read_list(page + 1, Some(next), found, touched, again);
                } else {
                    self.catching.failures = 0;
                    self.apply_list(found, touched);
                    if again {
                        self.catching.list = List::Wanted;
                    }
                }
            }
            Ok(_) | Err(_) => {
                self.catching.list = List::Wanted;
                self.failed();
            }
        }
    }

    pub(super) fn fetched(&mut self, id: &ChatId, answer: Result<Reply, Fault>) {
        let Some(chat) = self.chats.get_mut(id) else {
            return;
        };
        let touched = matches!(chat.fetch, Fetch::Reading { touched: true });
        chat.fetch = if touched { Fetch::Wanted } else { Fetch::Idle };
        match answer {
            Ok(Reply::Chat(snapshot)) => {
                self.catching.failures = 0;
                self.changing(id, |chat, me| chat.apply(*snapshot, me));
            }
            Err(fault) if !fault.passes() => {
                // Closed and put away, or not for us: it is nobody's any more.
                self.changing(id, |chat, _| chat.gone());
            }
            _ => {
                chat.fetch = Fetch::Wanted;
                self.failed();
            }
        }
        self.forget_ended();
    }

    pub(super) fn fetches_due(&mut self) {
        if !self.line.is_up() || self.now < self.catching.not_before {
            return;
        }
        if matches!(self.catching.list, List::Wanted) {
            self.read_list(1, None, Vec::new(), BTreeSet::new(), false);
        }
        let reading = |chat: &Chat| matches!(chat.fetch, Fetch::Reading { .. });
        let running = self.chats.values().filter(|chat| reading(chat)).count();
        // The one that is looked at comes first.
        let selected = self.selected.as_ref();
        let mut wanted: Vec<ChatId> = self
            .chats
            .values()
            .filter(|chat| matches!(chat.fetch, Fetch::Wanted))
            .map(|chat| chat.id.clone())
            .collect();
        wanted.sort_by_key(|id| Some(id) != selected);
        for id in wanted
            .into_iter()
            .take(limits::FETCHES_AT_ONCE.saturating_sub(running))
        {
            if let Some(chat) = self.chats.get_mut(&id) {
                chat.fetch = Fetch::Reading { touched: false };
            }
            let call = GetChat {
                chat_id: id.clone(),
                thread_id: None,
            };
            self.call(Errand::Fetch(id), Call::GetChat(call));
        }
    }

    pub(super) fn fetch_deadline(&self) -> Option<Millis> {
        let wanted = matches!(self.catching.list, List::Wanted)
            || self
                .chats
                .values()
                .any(|chat| matches!(chat.fetch, Fetch::Wanted));
        let later = self.catching.not_before > self.now;
        (wanted && later && self.line.is_up()).then_some(self.catching.not_before)
    }

    /// No call will be answered any more: what was being read is to be read again.
    pub(super) fn nothing_awaited(&mut self) {
        if matches!(self.catching.list, List::Reading { .. }) {
            self.catching.list = List::Wanted;
        }
        for chat in self.chats.values_mut() {
            chat.nothing_awaited(self.now);
        }
    }

    fn read_list(
        &mut self,
        page: u32,
        page_id: Option<String>,
        found: Vec<ChatSummary>,
        touched: BTreeSet<ChatId>,
        again: bool,
    ) {
        self.catching.list = List::Reading {
            page,
            found,
            touched,
            again,
        };
        let call = match page_id {
            Some(page_id) => ListChats {
                page_id: Some(page_id),
                ..ListChats::default()
            },
            None => ListChats {
                filters: Some(ChatFilters {
                    include_active: Some(true),
                    ..ChatFilters::default()
                }),
                limit: Some(limits::LIST_PAGE),
                ..ListChats::default()
            },
        };
        self.call(Errand::List, Call::ListChats(call));
    }

    fn apply_list(&mut self, found: Vec<ChatSummary>, touched: BTreeSet<ChatId>) {
        let listed: BTreeSet<ChatId> = found.iter().map(|summary| summary.id.clone()).collect();
        let (stale, sound): (Vec<_>, Vec<_>) = found
            .into_iter()
            .partition(|summary| touched.contains(&summary.id));
        self.apply_summaries(sound);
        let stale: BTreeSet<ChatId> = stale.into_iter().map(|summary| summary.id).collect();
        for chat in self.chats.values_mut() {
            let missing = !listed.contains(&chat.id) && chat.is_active();
            if missing || stale.contains(&chat.id) {
                chat.want();
            }
        }
        self.forget_ended();
    }

    fn apply_summaries(&mut self, summaries: Vec<ChatSummary>) {
        let before = self.lists().waiting.len();
        self.quiet = true;
        for summary in summaries {
            self.apply_summary(summary);
        }
        self.quiet = false;
        if self.lists().waiting.len() > before {
            self.chime(Chime::Waiting);
        }
    }

    fn apply_summary(&mut self, summary: ChatSummary) {
        let id = summary.id.clone();
        let open = summary
            .last_thread_summary
            .as_ref()
            .is_some_and(|t| t.active);
        if !open && !self.chats.contains_key(&id) {
            return;
        }
        self.known(&id);
        self.changing(&id, |chat, me| {
            chat.apply_summary(summary, me);
            if chat.place(me) == Place::Mine || chat.is_being_written() {
                chat.want();
            }
        });
        if self.selected.as_ref() == Some(&id)
            && let Some(chat) = self.chats.get_mut(&id)
        {
            chat.want();
        }
    }

    fn failed(&mut self) {
        self.catching.failures = self.catching.failures.saturating_add(1);
        self.catching.not_before = self.now
            + pause(
                limits::BACKOFF_FIRST,
                limits::BACKOFF_CEILING,
                self.catching.failures,
                self.seed,
            );
    }
}
