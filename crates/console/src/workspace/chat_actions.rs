//! Opening, accepting, transferring and ending chats, and the agent's status. A chat moves to
//! another list only when the server has confirmed it; until then the button shows that the action
//! is in progress.

use parlor_wire::agent::{
    AddUserToChat, DeactivateChat, DeclineChat, ListAgentsForTransfer, MarkEventsAsSeen,
    SetRoutingStatus, TargetKind, TransferChat, TransferTarget,
};
use parlor_wire::{AgentId, ChatId, Loose, RoutingStatus, UserKind, Visibility};

use super::chat::{Chat, Fetch};
use super::sign_in::Stage;
use super::{
    Announcement, Call, ChatStatus, Colleague, Fault, Notice, Offered, Output, PendingCall, Reply,
    Row, Section, Transfer, ViewPart, Workspace,
};

impl Workspace {
    pub(super) fn select(&mut self, id: Option<ChatId>) {
        if id.is_some() {
            self.enter_section(Section::Chats);
        }
        if self.selected == id {
            return;
        }
        if let Some(id) = &id
            && !self.chats.contains_key(id)
        {
            return;
        }
        if let Some(left) = self.selected.take() {
            self.stop_typing(&left);
            if let Some(chat) = self.chats.get_mut(&left) {
                chat.being_read = None;
                chat.answering = false;
                chat.shown = None;
            }
        }
        self.transfer = None;
        self.stepped_to = self
            .stepped_to
            .take()
            .filter(|chat| id.as_ref() == Some(chat));
        self.selected = id;
        self.forget_ended();
        if let Some((_, chat)) = self.selected_chat_mut() {
            // Everything that is loaded when the chat is opened counts as read.
            chat.read_up_to = None;
            chat.fetch_if_incomplete();
        }
        self.changed_parts.extend([
            ViewPart::Lists,
            ViewPart::Messages,
            ViewPart::OpenChat,
            ViewPart::Entries,
            ViewPart::TypingPreview,
            ViewPart::Draft,
            ViewPart::Person,
            ViewPart::Picker,
            ViewPart::Uploads,
            ViewPart::History,
            ViewPart::Transfer,
        ]);
    }

    /// Opens the next (1) or previous (-1) chat of the lists; does not wrap around.
    pub(super) fn select_relative(&mut self, by: isize) {
        let lists = self.lists();
        let ids: Vec<ChatId> = lists.rows().map(|row| row.chat.clone()).collect();
        let at = self
            .selected
            .as_ref()
            .and_then(|selected| ids.iter().position(|id| id == selected));
        let next = match at {
            Some(at) => at
                .saturating_add_signed(by)
                .min(ids.len().saturating_sub(1)),
            None => 0,
        };
        if let Some(id) = ids.get(next) {
            self.select(Some(id.clone()));
            self.outputs.push(Output::FocusRow(id.clone()));
        }
    }

    /// Opens the next chat that needs an answer: of this agent's chats the one whose visitor has
    /// waited longest for an answer, then who has waited longest for an agent. Pressed again, it goes
    /// to the one after, and from the last to the first.
    pub(super) fn select_next_unanswered(&mut self) {
        if self.me().is_none() {
            return;
        }
        let lists = self.lists();
        let is_unanswered = |row: &&Row| {
            let chat = self.chats.get(&row.chat);
            row.since.is_some() && !chat.is_some_and(Chat::is_being_answered)
        };
        let mut mine: Vec<&Row> = lists.mine.iter().filter(is_unanswered).collect();
        mine.sort_by_key(|row| row.since);
        let waiting = lists.waiting.iter().map(|row| (row, false));
        let rows = mine.into_iter().map(|row| (row, true)).chain(waiting);
        let rows: Vec<(&Row, bool)> = rows.collect();
        let open = rows.iter().position(|(row, _)| row.selected);
        let goes_on = self.selected.is_some() && self.selected == self.stepped_to;
        let next = match open {
            Some(at) if goes_on => at + 1,
            // The first one, but for the one that is open.
            Some(0) => 1,
            _ => 0,
        };
        let Some((row, is_mine)) = rows.get(next).or(rows.first()) else {
            return self.show_notice(Notice::NobodyWaits);
        };
        let id = row.chat.clone();
        self.stepped_to = Some(id.clone());
        self.select(Some(id.clone()));
        self.outputs
            .push(Output::Announce(Announcement::Opened(row.name.clone())));
        self.outputs.push(match is_mine {
            true => Output::FocusReply,
            false => Output::FocusRow(id),
        });
    }

    pub(super) fn enter(&mut self) {
        let Some(id) = self.selected.clone() else {
            return;
        };
        match self.status_of(&id) {
            Some(ChatStatus::Waiting) => self.accept(),
            Some(ChatStatus::Mine) => self.outputs.push(Output::FocusReply),
            _ => {}
        }
    }

    pub(super) fn accept(&mut self) {
        let Some(me) = self.my_id().cloned() else {
            return;
        };
        let Some((id, chat)) = self.selected_chat_mut() else {
            return;
        };
        if chat.accepting || chat.status(&me) != ChatStatus::Waiting {
            return;
        }
        chat.accepting = true;
        let call = AddUserToChat {
            chat_id: id.clone(),
            user_id: me.into(),
            user_type: UserKind::Agent,
            visibility: Some(Visibility::All),
            ignore_requester_presence: None,
        };
        self.view_changed(ViewPart::OpenChat);
        self.call(PendingCall::Accept(id), Call::AddUserToChat(call));
    }

    pub(super) fn on_accept_reply(&mut self, id: &ChatId, answer: Result<Reply, Fault>) {
        if let Some(chat) = self.chats.get_mut(id) {
            // The push says who is in the chat now. Should it be late, the fetch does.
            chat.request_fetch();
            if let Err(fault) = answer {
                chat.accepting = false;
                self.show_notice(Notice::NotAccepted(fault));
            }
        }
        self.chat_changed(id);
    }

    pub(super) fn take_over(&mut self) {
        let Some(me) = self.my_id().cloned() else {
            return;
        };
        let Some((id, chat)) = self.selected_chat_mut() else {
            return;
        };
        if chat.accepting || chat.status(&me) != ChatStatus::Colleagues {
            return;
        }
        chat.accepting = true;
        let call = TransferChat {
            chat_id: id.clone(),
            target: Some(TransferTarget {
                kind: TargetKind::Agent,
                ids: vec![Loose::from(me.as_str())],
            }),
            ignore_agents_availability: Some(true),
            ignore_requester_presence: None,
            note: None,
        };
        self.view_changed(ViewPart::OpenChat);
        self.call(PendingCall::TakeOver(id), Call::TransferChat(call));
    }

    pub(super) fn on_take_over_reply(&mut self, id: &ChatId, answer: Result<Reply, Fault>) {
        if let Some(chat) = self.chats.get_mut(id) {
            chat.request_fetch();
            if let Err(fault) = answer {
                chat.accepting = false;
                self.show_notice(Notice::NotTakenOver(fault));
            }
        }
        self.chat_changed(id);
    }

    pub(super) fn decline(&mut self) {
        let Some((id, chat)) = self.selected_chat_mut() else {
            return;
        };
        // The answer to a click is shown at once.
        if let Some(offered) = chat.offered_to_me.take() {
            let call = DeclineChat {
                chat_id: id.clone(),
            };
            self.mark_fetch_stale(&id);
            self.chat_changed(&id);
            self.call(PendingCall::Decline(id, offered), Call::DeclineChat(call));
        }
    }

    pub(super) fn on_decline_reply(
        &mut self,
        id: &ChatId,
        offered: Offered,
        answer: Result<Reply, Fault>,
    ) {
        if let Err(fault) = answer {
            self.update_chat(id, |chat, _| chat.offered_to_me = Some(offered));
            self.show_notice(Notice::NotDeclined(fault));
        }
    }

    pub(super) fn join(&mut self) {
        let Some(me) = self.my_id().cloned() else {
            return;
        };
        let Some((id, chat)) = self.selected_chat_mut() else {
            return;
        };
        let status = chat.status(&me);
        let can_join = matches!(status, ChatStatus::Waiting | ChatStatus::Colleagues);
        if chat.joining || !can_join || chat.is_joined_by(&me) {
            return;
        }
        chat.joining = true;
        let call = AddUserToChat {
            chat_id: id.clone(),
            user_id: me.into(),
            user_type: UserKind::Agent,
            visibility: Some(Visibility::Agents),
            ignore_requester_presence: None,
        };
        self.view_changed(ViewPart::OpenChat);
        self.call(PendingCall::Join(id), Call::AddUserToChat(call));
    }

    pub(super) fn on_join_reply(&mut self, id: &ChatId, answer: Result<Reply, Fault>) {
        if let Some(chat) = self.chats.get_mut(id) {
            chat.joining = false;
            chat.request_fetch();
            match answer {
                Ok(_) if self.selected.as_ref() == Some(id) => {
                    self.outputs.push(Output::FocusReply);
                }
                Ok(_) => {}
                Err(fault) => self.show_notice(Notice::NotJoined(fault)),
            }
        }
        self.chat_changed(id);
    }

    pub(super) fn end(&mut self) {
        let Some((id, chat)) = self.selected_chat_mut() else {
            return;
        };
        if chat.ending || !chat.is_active() {
            return;
        }
        chat.ending = true;
        let call = DeactivateChat {
            chat_id: id.clone(),
            ignore_requester_presence: None,
        };
        self.view_changed(ViewPart::OpenChat);
        self.call(PendingCall::End(id), Call::DeactivateChat(call));
    }

    pub(super) fn on_end_reply(&mut self, id: &ChatId, answer: Result<Reply, Fault>) {
        if let Some(chat) = self.chats.get_mut(id) {
            chat.request_fetch();
            if let Err(fault) = answer {
                chat.ending = false;
                self.show_notice(Notice::NotEnded(fault));
            }
        }
        self.chat_changed(id);
    }

    pub(super) fn open_transfer(&mut self) {
        let Some(id) = self.selected.clone() else {
            return;
        };
        if self.status_of(&id) != Some(ChatStatus::Mine) {
            return;
        }
        self.transfer = Some(Transfer {
            teams: self.other_teams(&id),
            chat: id.clone(),
            colleagues: None,
            note: String::new(),
            busy: false,
        });
        self.view_changed(ViewPart::Transfer);
        self.load_teams();
        let call = ListAgentsForTransfer {
            chat_id: id.clone(),
        };
        self.call(
            PendingCall::Colleagues(id),
            Call::ListAgentsForTransfer(call),
        );
    }

    pub(super) fn close_transfer(&mut self) {
        self.transfer = None;
        self.view_changed(ViewPart::Transfer);
    }

    pub(super) fn on_colleagues_reply(&mut self, id: &ChatId, answer: Result<Reply, Fault>) {
        let me = self.my_id().cloned();
        let Some(transfer) = self.transfer.as_mut().filter(|t| t.chat == *id) else {
            return;
        };
        match answer {
            Ok(Reply::Agents(agents)) => {
                let agents = agents.into_iter();
                transfer.colleagues = Some(
                    agents
                        .filter(|agent| Some(&agent.agent_id) != me.as_ref())
                        .map(|agent| Colleague {
                            name: agent.name.unwrap_or_else(|| agent.agent_id.to_string()),
                            id: agent.agent_id,
                            chats: agent.total_active_chats,
                        })
                        .collect(),
                );
            }
            Ok(_) | Err(_) => {
                self.transfer = None;
                let fault = answer.err().unwrap_or(Fault::Refused);
                self.show_notice(Notice::NotTransferred(fault));
            }
        }
        self.view_changed(ViewPart::Transfer);
    }

    pub(super) fn transfer_to(&mut self, agent: AgentId) {
        self.transfer_chat(TransferTarget {
            kind: TargetKind::Agent,
            ids: vec![Loose::from(agent.as_str())],
        });
    }

    pub(super) fn transfer_to_team(&mut self, id: i64) {
        self.transfer_chat(TransferTarget {
            kind: TargetKind::Group,
            ids: vec![Loose::from(id)],
        });
    }

    pub(super) fn write_transfer_note(&mut self, note: String) {
        if let Some(transfer) = &mut self.transfer {
            transfer.note = note;
        }
    }

    fn transfer_chat(&mut self, target: TransferTarget) {
        let Some(transfer) = self.transfer.as_mut().filter(|transfer| !transfer.busy) else {
            return;
        };
        transfer.busy = true;
        let id = transfer.chat.clone();
        let note = Some(transfer.note.trim().to_owned());
        let call = TransferChat {
            chat_id: id.clone(),
            target: Some(target),
            ignore_agents_availability: None,
            ignore_requester_presence: None,
            note: note.filter(|note| !note.is_empty()),
        };
        self.view_changed(ViewPart::Transfer);
        self.call(PendingCall::Transfer(id), Call::TransferChat(call));
    }

    pub(super) fn on_transfer_reply(&mut self, id: &ChatId, answer: Result<Reply, Fault>) {
        if self
            .transfer
            .as_ref()
            .is_some_and(|transfer| transfer.chat == *id)
        {
            self.close_transfer();
        }
        if let Some(chat) = self.chats.get_mut(id) {
            chat.request_fetch();
        }
        if let Err(fault) = answer {
            self.show_notice(Notice::NotTransferred(fault));
        }
    }

    pub(super) fn set_status(&mut self, status: RoutingStatus) {
        let Stage::SignedIn(me) = &mut self.stage else {
            return;
        };
        let before = me.routing_status.replace(status.clone());
        self.view_changed(ViewPart::Me);
        let call = SetRoutingStatus {
            status,
            agent_id: None,
        };
        let before = before.unwrap_or(RoutingStatus::Offline);
        self.call(PendingCall::Status(before), Call::SetRoutingStatus(call));
    }

    pub(super) fn on_status_reply(&mut self, before: RoutingStatus, answer: Result<Reply, Fault>) {
        if let Err(fault) = answer {
            if let Stage::SignedIn(me) = &mut self.stage {
                me.routing_status = Some(before);
            }
            self.view_changed(ViewPart::Me);
            self.show_notice(Notice::StatusNotSet(fault));
        }
    }

    /// Marks the open chat as seen while the page is visible and focused, and tells the server.
    pub(super) fn mark_seen(&mut self) {
        if !self.looks_at_chats() || !self.connection.is_up() {
            return;
        }
        let Some(me) = self.my_id().cloned() else {
            return;
        };
        let Some((id, chat)) = self.selected_chat_mut() else {
            return;
        };
        let status = chat.status(&me);
        let newest = chat.thread.as_ref().and_then(|thread| thread.newest());
        let Some((place, created_at)) = newest.filter(|_| chat.complete) else {
            return;
        };
        let created_at = created_at.to_owned();
        if chat.seen < Some(place) && matches!(status, ChatStatus::Mine | ChatStatus::Ended) {
            chat.seen = Some(place);
            self.view_changed(ViewPart::Lists);
        }
        if status == ChatStatus::Mine
            && let Some(chat) = self.chats.get_mut(&id)
            && chat.seen_reported.as_ref() != Some(&created_at)
        {
            chat.seen_reported = Some(created_at.clone());
            let call = MarkEventsAsSeen {
                chat_id: id,
                seen_up_to: created_at,
            };
            self.call(PendingCall::IgnoreReply, Call::MarkEventsAsSeen(call));
        }
    }
}

impl Chat {
    /// Whether a reply about this chat is still expected.
    pub(super) fn has_pending_call(&self) -> bool {
        !matches!(self.fetch, Fetch::Idle) || self.ending
    }
}
