//! What we know, and whether it is all. Every push has a position; one that was seen is ignored, and
//! where some are missing the desk begins anew, with the endpoint's own picture. An answer that was
//! on its way while something happened to the same chat is not trusted: it is asked for once more.

use std::collections::BTreeSet;

use parlor_wire::agent::{GetChat, LoggedIn, Push};
use parlor_wire::{ChatId, ChatSummary, MyProfile, RoutingStatus, decode_value};
use serde_json::Value;

use super::chat::{Chat, Fetch};
use super::input::pause;
use super::{Call, Chime, Desk, Errand, Fault, Millis, Part, Place, Reply, limits};

#[derive(Debug, Default)]
pub(super) struct CatchUp {
    /// The newest position that was seen; none when what is known cannot be built upon.
    position: Option<i64>,
    /// After a failure nothing is asked for before that.
    not_before: Millis,
    /// Failures in a row.
    failures: u32,
}

impl CatchUp {
    pub(super) fn position(&self) -> Option<i64> {
        self.position
    }
}

impl Desk {
    /// The endpoint lets us in: it goes on from where we were, or shows all that is open now.
    pub(super) fn welcome(&mut self, since: Option<i64>, payload: Value) {
        let told_fresh = payload.get("fresh").and_then(Value::as_bool) == Some(true);
        let Ok(told) = decode_value::<LoggedIn>(payload) else {
            return self.begin_anew();
        };
        let behind = told.position < since;
        self.resume(told.my_profile);
        self.line_up();
        self.catching.not_before = self.now;
        self.catching.failures = 0;
        for chat in self.chats.values_mut() {
            chat.pending_soon(self.now);
        }
        self.templates.may_be_old();
        if since.is_none() || told_fresh || behind {
            self.catching.position = told.position;
            self.apply_list(told.chats_summary);
        }
    }

    pub(super) fn pushed(&mut self, push: Push) {
        if let Some(position) = push.position {
            match self.catching.position {
                Some(seen) if position <= seen => return,
                Some(seen) if position > seen + 1 => return self.begin_anew(),
                _ => self.catching.position = Some(position),
            }
        }
        self.apply(push.body);
    }

    /// Something was missed: what is known is no ground to build upon.
    pub(super) fn begin_anew(&mut self) {
        self.catching.position = None;
        self.drop_line();
    }

    /// Something about the chat itself happened: an answer on its way may be from before.
    pub(super) fn touched(&mut self, id: &ChatId) {
        if let Some(chat) = self.chats.get_mut(id)
            && let Fetch::Reading { touched } = &mut chat.fetch
        {
            *touched = true;
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
        let room = limits::FETCHES_AT_ONCE.saturating_sub(running);
        for id in wanted.into_iter().take(room) {
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
        let wanted = |chat: &Chat| matches!(chat.fetch, Fetch::Wanted);
        let later = self.catching.not_before > self.now && self.line.is_up();
        (later && self.chats.values().any(wanted)).then_some(self.catching.not_before)
    }

    /// No call will be answered any more: what was being read is to be read again.
    pub(super) fn nothing_awaited(&mut self) {
        for chat in self.chats.values_mut() {
            chat.nothing_awaited(self.now);
            chat.past_not_awaited();
        }
        self.templates.nothing_awaited();
        self.stop_uploads();
    }

    /// Who I am, as the endpoint has it. It takes away an agent's status when nobody sits there for
    /// a while; the one who comes back did not mean to leave.
    fn resume(&mut self, told: MyProfile) {
        let before = self.me().and_then(|me| me.routing_status.clone());
        let taken_away = self.line.was_up() && told.routing_status == Some(RoutingStatus::Offline);
        self.profile_told(told);
        if let Some(before) = before.filter(|before| *before != RoutingStatus::Offline)
            && taken_away
        {
            self.set_status(before);
        }
    }

    /// All chats that are open now, and no others.
    fn apply_list(&mut self, open: Vec<ChatSummary>) {
        let before = self.lists().waiting.len();
        let listed: BTreeSet<ChatId> = open.iter().map(|summary| summary.id.clone()).collect();
        self.quiet = true;
        for summary in open {
            let id = summary.id.clone();
            let selected = self.selected.as_ref() == Some(&id);
            self.known(&id, Fetch::Idle);
            self.changing(&id, |chat, me| {
                chat.apply_summary(summary, me);
                if selected || chat.place(me) == Place::Mine || chat.is_being_written() {
                    chat.want();
                }
            });
        }
        self.quiet = false;
        for chat in self.chats.values_mut() {
            if !listed.contains(&chat.id) && chat.is_active() {
                // It ended meanwhile: how, it says itself.
                chat.want();
            }
        }
        self.forget_ended();
        self.moved(Part::Lists);
        if self.lists().waiting.len() > before {
            self.chime(Chime::Waiting);
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
