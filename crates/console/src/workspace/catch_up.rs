//! Keeps the known state complete. Every push has a position, and known positions are ignored. Those
//! in between are of pushes for other agents: the server sends in order, and leaves out what is not
//! for this one. A fetch reply counts as outdated if something happened to the chat while it was in
//! flight; the chat is then fetched once more.

use std::collections::BTreeSet;

use parlor_wire::agent::{GetChat, LoggedIn, Push};
use parlor_wire::{ChatId, ChatSummary, EventId, MyProfile, RoutingStatus, decode_value};
use serde_json::Value;

use super::chat::{Chat, Fetch};
use super::input::pause;
use super::{
    Call, ChatStatus, Chime, Fault, Millis, NotificationKind, PendingCall, Reply, ViewPart,
    Workspace, limits,
};

#[derive(Debug, Default)]
pub(super) struct CatchUp {
    /// The newest position received; `None` if the known state cannot be continued.
    position: Option<i64>,
    /// No fetch is made before this time, after a failure.
    not_before: Millis,
    /// Failed fetches in a row.
    failures: u32,
}

impl CatchUp {
    pub(super) fn position(&self) -> Option<i64> {
        self.position
    }
}

impl Workspace {
    /// Handles the reply to `login`: the server either continues at the position that was sent
    /// (`since`), or sends the list of all active chats.
    pub(super) fn on_login(&mut self, since: Option<i64>, payload: Value) {
        let is_fresh = payload.get("fresh").and_then(Value::as_bool) == Some(true);
        let Ok(reply) = decode_value::<LoggedIn>(payload) else {
            return self.resync();
        };
        let behind = reply.position < since;
        self.restore_status(reply.my_profile);
        self.connection_up();
        self.catch_up.not_before = self.now;
        self.catch_up.failures = 0;
        for chat in self.chats.values_mut() {
            chat.send_pending_now(self.now);
        }
        self.templates.mark_stale();
        self.load_teams();
        self.messages.request_fetch();
        self.ended.request_fetch(self.now);
        if since.is_none() || is_fresh || behind {
            self.catch_up.position = reply.position;
            self.apply_list(reply.chats_summary);
            self.restore_saved();
        }
    }

    pub(super) fn on_push(&mut self, push: Push) {
        if let Some(position) = push.position {
            match self.catch_up.position {
                Some(seen) if position <= seen => return,
                _ => self.catch_up.position = Some(position),
            }
        }
        self.apply_push(push.body);
    }

    /// Something was missed: logs in again without a position, to get the complete list.
    pub(super) fn resync(&mut self) {
        self.catch_up.position = None;
        self.drop_connection();
    }

    /// Something happened to this chat: a fetch reply that is in flight may be outdated.
    pub(super) fn mark_fetch_stale(&mut self, id: &ChatId) {
        if let Some(chat) = self.chats.get_mut(id)
            && let Fetch::InFlight { stale } = &mut chat.fetch
        {
            *stale = true;
        }
    }

    pub(super) fn on_chat_reply(&mut self, id: &ChatId, answer: Result<Reply, Fault>) {
        let Some(chat) = self.chats.get_mut(id) else {
            return;
        };
        let stale = matches!(chat.fetch, Fetch::InFlight { stale: true });
        let of_rest = chat.fetch_before.take().is_some();
        chat.fetch = if stale { Fetch::Wanted } else { Fetch::Idle };
        match answer {
            Ok(Reply::Chat(snapshot)) => {
                self.catch_up.failures = 0;
                if !stale {
                    chat.request_rest(&snapshot);
                }
                self.update_chat(id, |chat, me| chat.apply_snapshot(*snapshot, me));
            }
            // Another thread may have begun meanwhile.
            Err(fault) if of_rest && !fault.is_transient() => chat.request_fetch(),
            Err(fault) if !fault.is_transient() => {
                // The chat has ended, or is not accessible to this agent.
                self.update_chat(id, |chat, _| chat.mark_ended());
                self.drop_unknown(id);
            }
            _ => {
                chat.fetch = Fetch::Wanted;
                self.back_off_fetches();
            }
        }
        self.forget_ended();
    }

    /// Drops a chat of which nothing could be loaded.
    fn drop_unknown(&mut self, id: &ChatId) {
        let is_unknown = |chat: &Chat| chat.thread.is_none() && !chat.has_pending_reply();
        if !self.chats.get(id).is_some_and(is_unknown) {
            return;
        }
        if self.selected.as_ref() == Some(id) {
            self.select(None);
        }
        self.chats.remove(id);
        self.view_changed(ViewPart::Lists);
    }

    /// Whether the server can be asked now.
    pub(super) fn may_fetch(&self) -> bool {
        self.connection.is_up() && self.now >= self.catch_up.not_before
    }

    /// Fetches pause after one has failed.
    pub(super) fn fetches_pause_until(&self) -> Millis {
        self.catch_up.not_before
    }

    pub(super) fn fetches_due(&mut self) {
        if !self.may_fetch() {
            return;
        }
        let reading = |chat: &Chat| matches!(chat.fetch, Fetch::InFlight { .. });
        let running = self.chats.values().filter(|chat| reading(chat)).count();
        // The open chat comes first.
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
            let mut call = GetChat {
                chat_id: id.clone(),
                thread_id: None,
                events_before: None,
            };
            if let Some(chat) = self.chats.get_mut(&id) {
                chat.fetch = Fetch::InFlight { stale: false };
                let of_rest = chat.fetch_before.as_ref().and_then(EventId::thread);
                call.thread_id = of_rest.or_else(|| chat.shown.clone());
                call.events_before.clone_from(&chat.fetch_before);
            }
            self.call(PendingCall::Fetch(id), Call::GetChat(call));
        }
    }

    pub(super) fn fetch_deadline(&self) -> Option<Millis> {
        let wanted = |chat: &Chat| matches!(chat.fetch, Fetch::Wanted);
        let later = self.catch_up.not_before > self.now && self.connection.is_up();
        let any = self.messages.wants_fetch() || self.chats.values().any(wanted);
        (later && any).then_some(self.catch_up.not_before)
    }

    /// The replies to outstanding calls will be ignored: makes what they were for due again.
    pub(super) fn forget_pending_calls(&mut self) {
        for chat in self.chats.values_mut() {
            chat.forget_pending_calls(self.now);
            chat.forget_pending_history_call();
        }
        self.templates.forget_pending_call();
        self.forget_pending_archive_calls();
        self.forget_pending_report_calls();
        self.stop_uploads();
    }

    /// Applies the agent's own profile. The server sets agents to offline after their socket has
    /// been closed for a while; an agent whose page reconnects did not ask for that, so the status
    /// is set again.
    fn restore_status(&mut self, reply: MyProfile) {
        let before = self.me().and_then(|me| me.routing_status.clone());
        let taken_away =
            self.connection.was_up() && reply.routing_status == Some(RoutingStatus::Offline);
        self.update_profile(reply);
        if let Some(before) = before.filter(|before| *before != RoutingStatus::Offline)
            && taken_away
        {
            self.set_status(before);
        }
    }

    /// Applies the list of all active chats.
    fn apply_list(&mut self, open: Vec<ChatSummary>) {
        let before = self.lists().waiting.into_iter();
        let before: BTreeSet<ChatId> = before.map(|row| row.chat).collect();
        let offered = self.offered_to_me();
        let listed: BTreeSet<ChatId> = open.iter().map(|summary| summary.id.clone()).collect();
        self.chimes_suppressed = true;
        for summary in open {
            let id = summary.id.clone();
            let selected = self.selected.as_ref() == Some(&id);
            self.ensure_chat(&id, Fetch::Idle);
            self.update_chat(&id, |chat, me| {
                chat.apply_summary(summary, me);
                if selected || chat.status(me) == ChatStatus::Mine || chat.has_unsent_input() {
                    chat.request_fetch();
                }
            });
        }
        self.chimes_suppressed = false;
        for chat in self.chats.values_mut() {
            if !listed.contains(&chat.id) && chat.is_active() {
                // It has ended meanwhile. The fetch brings the rest of it.
                chat.request_fetch();
            }
        }
        self.forget_ended();
        self.view_changed(ViewPart::Lists);
        let waiting = self.lists().waiting;
        if waiting.len() > before.len() {
            self.chime(Chime::Waiting);
        }
        let mut new = waiting.iter().filter(|row| !before.contains(&row.chat));
        if let Some(first) = new.next() {
            let kind = match new.count() {
                0 => NotificationKind::Waiting,
                others => NotificationKind::SeveralWaiting(others + 1),
            };
            self.notify(&first.chat, kind);
        }
        for id in self.offered_to_me().difference(&offered) {
            self.announce_offer(id);
        }
    }

    fn offered_to_me(&self) -> BTreeSet<ChatId> {
        let chats = self.chats.values();
        let offered = chats.filter(|chat| chat.offered_to_me.is_some());
        offered.map(|chat| chat.id.clone()).collect()
    }

    pub(super) fn back_off_fetches(&mut self) {
        self.catch_up.failures = self.catch_up.failures.saturating_add(1);
        self.catch_up.not_before = self.now
            + pause(
                limits::BACKOFF_FIRST,
                limits::BACKOFF_CEILING,
                self.catch_up.failures,
                self.seed,
            );
    }
}
