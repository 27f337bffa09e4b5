//! Groups of agents, which the page calls teams: their names, and which chats this agent sees.

use parlor_wire::ChatId;
use parlor_wire::agent::{Group, ListGroups};

use super::chat::Chat;
use super::{Call, Fault, PendingCall, Reply, Team, ViewPart, Workspace};

impl Workspace {
    pub(super) fn load_teams(&mut self) {
        self.call(PendingCall::Teams, Call::ListGroups(ListGroups {}));
    }

    /// Without them the page shows no names; they are loaded again at the next login.
    pub(super) fn on_teams_reply(&mut self, answer: Result<Reply, Fault>) {
        let Ok(Reply::Groups(groups)) = answer else {
            return;
        };
        self.groups = groups;
        let chat = self.transfer.as_ref().map(|transfer| transfer.chat.clone());
        let teams = chat.map(|chat| self.other_teams(&chat));
        if let (Some(transfer), Some(teams)) = (&mut self.transfer, teams) {
            transfer.teams = teams;
        }
        self.changed_parts
            .extend([ViewPart::Lists, ViewPart::OpenChat, ViewPart::Transfer]);
    }

    /// The name of the chat's team, where there are several.
    pub(super) fn team_of(&self, chat: &Chat) -> Option<String> {
        let several = self.groups.len() > 1;
        let id = chat.access.first().filter(|_| several)?;
        let group = self.groups.iter().find(|group| group.id == *id)?;
        Some(group.name.clone())
    }

    /// The teams to which a chat can be transferred: all but its own.
    pub(super) fn other_teams(&self, chat: &ChatId) -> Vec<Team> {
        let access = self.chats.get(chat).map(|chat| chat.access.clone());
        let is_other = |group: &&Group| {
            let known = access.as_ref();
            known.is_none_or(|access| !access.contains(&group.id))
        };
        let team = |group: &Group| Team {
            id: group.id,
            name: group.name.clone(),
            available: group.routing_status == Some(parlor_wire::RoutingStatus::AcceptingChats),
        };
        self.groups.iter().filter(is_other).map(team).collect()
    }

    /// Drops the chats that belong to other teams now.
    pub(super) fn drop_what_is_not_seen(&mut self) {
        let Some(mine) = self.me().and_then(|me| me.group_ids.clone()) else {
            return;
        };
        let sees = |chat: &Chat| {
            let mut access = chat.access.iter();
            chat.access.is_empty() || access.any(|id| *id == 0 || mine.contains(id))
        };
        let gone: Vec<ChatId> = self
            .chats
            .values()
            .filter(|chat| !sees(chat))
            .map(|chat| chat.id.clone())
            .collect();
        for id in gone {
            self.drop_chat(&id);
        }
    }
}
