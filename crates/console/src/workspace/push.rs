//! Applies pushes of the server to the known state. A push about an unknown chat, or about a thread
//! that is not the newest, makes the page fetch the chat.

use std::collections::BTreeMap;

use parlor_wire::agent::{
    ChatOffered, IncomingEvent, IncomingRichMessagePostback, PushBody, ThreadTag,
};
use parlor_wire::{AgentId, ChatId, EventBody, User, decode_value};
use serde::Deserialize;
use serde_json::Value;

use super::chat::{Chat, Fetch, Typing};
use super::sign_in::Stage;
use super::tags::Tagging;
use super::{
    Announcement, ChatStatus, Chime, NotificationKind, Offered, Output, ViewPart, Workspace, limits,
};

/// The visitor viewed another page, or the site has said who they are. These pushes are
/// additions of this server to the API.
const CUSTOMER_UPDATED: [&str; 2] = ["customer_page_updated", "customer_identified"];

#[derive(Debug, Deserialize)]
struct CustomerUpdated {
    chat_id: ChatId,
    customer: User,
}

impl Workspace {
    pub(super) fn apply_push(&mut self, body: PushBody) {
        match body {
            PushBody::IncomingChat(incoming) => {
                let id = incoming.chat.id.clone();
                // The push contains the complete chat.
                let chat = self.ensure_chat(&id, Fetch::Idle);
                chat.transferred = incoming.transferred_from.is_some();
                self.mark_fetch_stale(&id);
                self.update_chat(&id, |chat, me| chat.apply_snapshot(incoming.chat, me));
                if self.ended.remove(&id) {
                    self.view_changed(ViewPart::Messages);
                }
            }
            PushBody::IncomingEvent(incoming) => self.incoming_event(*incoming, false),
            PushBody::EventUpdated(incoming) => self.incoming_event(*incoming, true),
            PushBody::IncomingTypingIndicator(push) => {
                let indicator = push.typing_indicator;
                let until = self.now + limits::TYPING_LASTS;
                if self.is_me(&indicator.author_id) {
                    return;
                }
                self.update_typing(&push.chat_id, |chat| match &mut chat.typing {
                    Some(typing) if typing.who == indicator.author_id && indicator.is_typing => {
                        typing.until = until;
                    }
                    Some(typing) if typing.who == indicator.author_id => chat.typing = None,
                    typing if indicator.is_typing => {
                        *typing = Some(Typing {
                            who: indicator.author_id,
                            text: None,
                            until,
                        });
                    }
                    _ => {}
                });
            }
            PushBody::IncomingSneakPeek(push) => {
                let until = self.now + limits::TYPING_LASTS;
                self.update_typing(&push.chat_id, |chat| {
                    let text = Some(push.sneak_peek.text).filter(|text| !text.is_empty());
                    chat.typing = text.map(|text| Typing {
                        who: push.sneak_peek.author_id,
                        text: Some(text),
                        until,
                    });
                });
            }
            PushBody::ChatTransferred(push) => {
                self.mark_fetch_stale(&push.chat_id);
                self.update_chat(&push.chat_id, |chat, _| {
                    if let Some(thread) = &mut chat.thread {
                        thread.queue = push.queue;
                    }
                    // Users who join or leave have pushes of their own, in any order.
                    chat.request_fetch();
                });
            }
            PushBody::ChatOffered(push) => self.offered(push),
            PushBody::ChatAccessUpdated(push) => {
                self.update_chat(&push.id, |chat, _| chat.access = push.access.group_ids);
                self.drop_what_is_not_seen();
            }
            PushBody::AgentGroupsUpdated(push) => {
                if let Stage::SignedIn(me) = &mut self.stage
                    && me.id == push.agent_id
                {
                    me.group_ids = Some(push.group_ids);
                    self.drop_what_is_not_seen();
                    // The chats of the new groups are in the complete list.
                    self.resync();
                }
            }
            PushBody::ChatDeactivated(push) => {
                self.mark_fetch_stale(&push.chat_id);
                let by_me = push.user_id.as_ref().is_some_and(|user| self.is_me(user));
                self.update_chat(&push.chat_id, |chat, _| {
                    let same = chat.thread.as_ref().zip(push.thread_id.as_ref());
                    if same.is_none_or(|(thread, id)| thread.id == *id) {
                        chat.mark_ended();
                        chat.ending |= by_me;
                    }
                });
                self.forget_ended();
                self.ended
                    .request_fetch(self.now + limits::ENDED_LISTED_AFTER);
            }
            PushBody::ThreadDeleted(push) => self.on_thread_deleted(&push),
            PushBody::UserAddedToChat(push) => {
                self.ensure_chat(&push.chat_id, Fetch::Wanted);
                self.mark_fetch_stale(&push.chat_id);
                let user = push.user;
                self.update_chat(&push.chat_id, |chat, _| chat.user_added(user));
            }
            PushBody::UserRemovedFromChat(push) => {
                self.mark_fetch_stale(&push.chat_id);
                self.update_chat(&push.chat_id, |chat, _| chat.user_removed(&push.user_id));
            }
            PushBody::CustomerPresenceSet(push) => {
                self.mark_fetch_stale(&push.chat_id);
                self.update_chat(&push.chat_id, |chat, _| chat.set_present(push.present));
            }
            PushBody::EventsMarkedAsSeen(push) => {
                self.update_chat(&push.chat_id, |chat, me| {
                    chat.set_seen_up_to(&push.user_id, push.seen_up_to, me);
                });
            }
            PushBody::RoutingStatusSet(push) => {
                if let Stage::SignedIn(me) = &mut self.stage
                    && me.id == push.agent_id
                {
                    me.routing_status = Some(push.status);
                    self.view_changed(ViewPart::Me);
                }
            }
            PushBody::QueuePositionsUpdated(entries) => {
                for entry in entries {
                    self.update_chat(&entry.chat_id, |chat, _| {
                        let thread = chat.thread.as_mut();
                        if let Some(thread) = thread.filter(|thread| thread.id == entry.thread_id) {
                            let before = thread.queue.take().and_then(|queue| queue.queued_at);
                            thread.queue = Some(entry.queue);
                            if let Some(queue) = &mut thread.queue
                                && queue.queued_at.is_none()
                            {
                                queue.queued_at = before;
                            }
                        }
                    });
                }
            }
            PushBody::Unknown { action, payload }
                if CUSTOMER_UPDATED.contains(&action.as_str()) =>
            {
                let push = decode_value::<CustomerUpdated>(payload);
                if let Ok(push) = push {
                    self.mark_fetch_stale(&push.chat_id);
                    self.update_chat(&push.chat_id, |chat, _| chat.user_added(push.customer));
                }
            }
            PushBody::IncomingRichMessagePostback(push) => {
                self.mark_fetch_stale(&push.chat_id);
                let id = push.chat_id.clone();
                self.update_chat(&id, |chat, _| chat.pressed(&push));
            }
            PushBody::OfflineMessageUpdated(push) => self.on_message_updated(*push),
            PushBody::ThreadTagged(push) => self.tagged(tagging(push, true)),
            PushBody::ThreadUntagged(push) => self.tagged(tagging(push, false)),
            PushBody::CustomerSessionFieldsUpdated(push) => {
                let id = push.active_chat.chat_id;
                self.mark_fetch_stale(&id);
                self.update_chat(&id, |chat, _| chat.set_session_fields(push.session_fields));
            }
            PushBody::ThreadPropertiesUpdated(push) => {
                self.mark_fetch_stale(&push.chat_id);
                self.update_chat(&push.chat_id, |chat, _| {
                    let thread = chat.thread.as_mut();
                    if let Some(thread) =
                        thread.filter(|it| push.thread_id.as_ref() == Some(&it.id))
                    {
                        thread.rate(&push.properties);
                    }
                });
            }
            // Other properties are data of integrations, which the console does not show.
            PushBody::ChatPropertiesUpdated(_)
            | PushBody::ChatPropertiesDeleted(_)
            | PushBody::ThreadPropertiesDeleted(_)
            | PushBody::EventPropertiesUpdated(_)
            | PushBody::EventPropertiesDeleted(_)
            | PushBody::Unknown { .. } => {}
        }
    }

    /// The chat of this id; an unknown one is added, to be fetched according to `fetch`.
    pub(super) fn ensure_chat(&mut self, id: &ChatId, fetch: Fetch) -> &mut Chat {
        self.chats
            .entry(id.clone())
            .or_insert_with(|| Chat::new(id.clone(), fetch))
    }

    /// Changes one chat and handles what follows from the change: its list, sounds and focus.
    pub(super) fn update_chat(&mut self, id: &ChatId, change: impl FnOnce(&mut Chat, &AgentId)) {
        let Some(me) = self.my_id().cloned() else {
            return;
        };
        let Some(chat) = self.chats.get_mut(id) else {
            return;
        };
        let before = chat.status(&me);
        change(chat, &me);
        let after = chat.status(&me);
        let mut news = None;
        if before != after {
            match after {
                ChatStatus::Waiting => news = Some(NotificationKind::Waiting),
                ChatStatus::Mine if !chat.accepting => {
                    let transferred = chat.transferred || before == ChatStatus::Colleagues;
                    news = Some(match transferred {
                        true => NotificationKind::Transferred,
                        false => NotificationKind::Assigned,
                    });
                }
                ChatStatus::Mine => {
                    chat.accepting = false;
                    if self.selected.as_ref() == Some(id) {
                        self.outputs.push(Output::FocusReply);
                    }
                }
                ChatStatus::Ended => {
                    if before == ChatStatus::Mine {
                        chat.kept = chat.thread.as_ref().map(|thread| thread.id.clone());
                    }
                    if chat.ending && self.selected.as_ref() == Some(id) {
                        self.outputs.push(Output::FocusConversation);
                    }
                }
                ChatStatus::Colleagues => {}
            }
            if after == ChatStatus::Mine {
                chat.fetch_if_incomplete();
            }
            if after != ChatStatus::Mine {
                chat.own_typing = None;
            }
            if after != ChatStatus::Waiting {
                chat.offered_to_me = None;
            }
            chat.accepting &= after == ChatStatus::Waiting;
            chat.ending &= after == ChatStatus::Mine;
            if self.transfer.as_ref().is_some_and(|t| t.chat == *id) && after != ChatStatus::Mine {
                self.transfer = None;
                self.view_changed(ViewPart::Transfer);
            }
            self.view_changed(ViewPart::Draft);
            self.withdraw_notification(id);
        }
        if let Some(news) = news.filter(|_| !self.chimes_suppressed) {
            self.chime(Chime::Waiting);
            self.notify(id, news);
            let name = self.chats.get(id).and_then(Chat::name);
            self.outputs
                .push(Output::Announce(Announcement::Waiting(name)));
        }
        self.chat_changed(id);
    }

    /// Drops chats that have ended, unless they are open, listed or have unsent input.
    pub(super) fn forget_ended(&mut self) {
        self.dismiss_oldest();
        let selected = self.selected.clone();
        let before = self.chats.len();
        self.chats.retain(|id, chat| {
            chat.is_active()
                || chat.is_kept()
                || chat.has_pending_call()
                || selected.as_ref() == Some(id)
                || chat.has_unsent_input()
        });
        if self.chats.len() != before {
            self.view_changed(ViewPart::Lists);
        }
    }

    /// Clears all typing indicators: without a connection nothing would end them.
    pub(super) fn clear_typing(&mut self) {
        for chat in self.chats.values_mut() {
            chat.typing = None;
        }
        self.changed_parts
            .extend([ViewPart::Lists, ViewPart::TypingPreview]);
    }

    /// A waiting chat is offered to this agent or to a colleague, or to nobody any more.
    fn offered(&mut self, push: ChatOffered) {
        let id = push.chat_id;
        self.mark_fetch_stale(&id);
        let to_me = push.agent_id.is_some() && push.agent_id.as_ref() == self.my_id();
        let offered = to_me.then(|| Offered::until(push.until.as_deref()));
        self.update_chat(&id, |chat, _| chat.offered_to_me = offered);
        if to_me && self.status_of(&id) == Some(ChatStatus::Waiting) {
            self.chime(Chime::Waiting);
            self.notify(&id, NotificationKind::Offered);
            self.announce_offer(&id);
        }
    }

    pub(super) fn announce_offer(&mut self, id: &ChatId) {
        let name = self.chats.get(id).and_then(Chat::name);
        self.outputs
            .push(Output::Announce(Announcement::Offered(name)));
    }

    fn incoming_event(&mut self, incoming: IncomingEvent, updated: bool) {
        let IncomingEvent {
            chat_id,
            thread_id,
            event,
        } = incoming;
        if updated {
            self.mark_fetch_stale(&chat_id);
        }
        let chat = self.ensure_chat(&chat_id, Fetch::Wanted);
        if chat
            .thread
            .as_ref()
            .is_none_or(|thread| thread.id != thread_id)
        {
            return chat.request_fetch();
        }
        let author = event.author_id.clone();
        let by_visitor = author
            .as_ref()
            .is_some_and(|author| chat.is_customer(author));
        let text = event.body.text_form();
        let news = !updated
            && chat
                .thread
                .as_ref()
                .is_some_and(|thread| !thread.has(&event));
        self.update_chat(&chat_id, |chat, me| chat.upsert_event(event, me));
        if !by_visitor || !news {
            return;
        }
        let looked_at = self.looks_at_chats() && self.selected.as_ref() == Some(&chat_id);
        if looked_at {
            let name = self.chats.get(&chat_id).and_then(Chat::name);
            self.outputs
                .push(Output::Announce(Announcement::Message { name, text }));
        } else if self.status_of(&chat_id) == Some(ChatStatus::Mine) {
            self.chime(Chime::Message);
            self.notify(&chat_id, NotificationKind::Message);
        }
    }

    fn update_typing(&mut self, id: &ChatId, change: impl FnOnce(&mut Chat)) {
        if let Some(chat) = self.chats.get_mut(id) {
            change(chat);
            self.view_changed(ViewPart::Lists);
            self.view_changed(ViewPart::TypingPreview);
        }
    }
}

impl Chat {
    /// A user has pressed a button, or has undone that.
    fn pressed(&mut self, push: &IncomingRichMessagePostback) {
        let thread = self.thread.as_mut();
        let Some(thread) = thread.filter(|thread| thread.id == push.thread_id) else {
            return;
        };
        let mut events = thread.events.values_mut();
        let event = events.find(|event| event.id.as_ref() == Some(&push.event_id));
        let Some(EventBody::RichMessage(rich)) = event.map(|event| &mut event.body) else {
            return;
        };
        let buttons = rich.buttons_mut();
        for button in buttons.filter(|it| it.postback_id.as_ref() == Some(&push.postback.id)) {
            let users = button.user_ids.get_or_insert_default();
            users.retain(|user| *user != push.user_id);
            if push.postback.toggled {
                users.push(push.user_id.clone());
            }
        }
    }

    /// The visitor is away, or back.
    fn set_present(&mut self, present: bool) {
        for user in &mut self.users {
            if let User::Customer(customer) = user {
                customer.present = Some(present);
            }
        }
    }

    /// The site has changed the session fields of the visitor.
    fn set_session_fields(&mut self, fields: Vec<BTreeMap<String, Value>>) {
        for user in &mut self.users {
            if let User::Customer(customer) = user {
                customer.session_fields = Some(fields);
                return;
            }
        }
    }
}

fn tagging(push: ThreadTag, added: bool) -> Tagging {
    Tagging {
        chat: push.chat_id,
        thread: push.thread_id,
        tag: push.tag,
        added,
    }
}
