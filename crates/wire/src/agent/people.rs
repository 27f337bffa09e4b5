//! Actions about people: who is in a chat, who takes chats, whom a chat can go to.

use serde::{Deserialize, Serialize};

use super::{Action, Done};
use crate::event::Visibility;
use crate::id::{AgentId, ChatId, CustomerId, UserId};
use crate::lenient;
use crate::user::{Customer, RoutingStatus, UserKind};

/// Brings somebody into a chat. An agent who names themself takes a waiting visitor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AddUserToChat {
    /// Which chat.
    pub chat_id: ChatId,
    /// Whom.
    pub user_id: UserId,
    /// Which kind they are.
    pub user_type: UserKind,
    /// Who sees what they write; everybody when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visibility: Option<Visibility>,
    /// Also when the agent who asks is not in the chat; the default is false.
    #[serde(
        default,
        deserialize_with = "lenient::optional_boolean",
        skip_serializing_if = "Option::is_none"
    )]
    pub ignore_requester_presence: Option<bool>,
}

impl Action for AddUserToChat {
    const NAME: &'static str = "add_user_to_chat";
    type Reply = Done;
}

/// Takes somebody out of a chat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RemoveUserFromChat {
    /// Which chat.
    pub chat_id: ChatId,
    /// Whom.
    pub user_id: UserId,
    /// Which kind they are.
    pub user_type: UserKind,
    /// Also when the agent who asks is not in the chat; the default is false.
    #[serde(
        default,
        deserialize_with = "lenient::optional_boolean",
        skip_serializing_if = "Option::is_none"
    )]
    pub ignore_requester_presence: Option<bool>,
}

impl Action for RemoveUserFromChat {
    const NAME: &'static str = "remove_user_from_chat";
    type Reply = Done;
}

/// Ours: declines a waiting chat that is offered to the agent who asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeclineChat {
    /// Which chat.
    pub chat_id: ChatId,
}

impl Action for DeclineChat {
    const NAME: &'static str = "decline_chat";
    type Reply = Done;
}

/// What is known of a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GetCustomer {
    /// Which customer.
    pub id: CustomerId,
}

impl Action for GetCustomer {
    const NAME: &'static str = "get_customer";
    type Reply = Customer;
}

/// Says whether an agent takes new chats.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SetRoutingStatus {
    /// From now on.
    pub status: RoutingStatus,
    /// Which agent; the one who asks when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<AgentId>,
}

impl Action for SetRoutingStatus {
    const NAME: &'static str = "set_routing_status";
    type Reply = Done;
}

/// Who takes chats at present.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ListRoutingStatuses {
    /// Of whom; of all agents when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filters: Option<RoutingStatusFilters>,
}

impl Action for ListRoutingStatuses {
    const NAME: &'static str = "list_routing_statuses";
    type Reply = Vec<AgentStatus>;
}

/// Whose status to list.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RoutingStatusFilters {
    /// Agents of these groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_ids: Option<Vec<i64>>,
}

/// Whether one agent takes chats.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AgentStatus {
    /// Which agent.
    pub agent_id: AgentId,
    /// At present.
    pub status: RoutingStatus,
}

/// The groups of the site, to which chats can be handed on (Configuration API, `list_groups`).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ListGroups {}

impl Action for ListGroups {
    const NAME: &'static str = "list_groups";
    type Reply = Vec<Group>;
}

/// A group of agents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Group {
    /// Its number.
    #[serde(deserialize_with = "lenient::integer")]
    pub id: i64,
    /// Its name, as agents read it.
    pub name: String,
    /// Whether any of its agents takes chats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub routing_status: Option<RoutingStatus>,
}

/// To whom a chat can be handed on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ListAgentsForTransfer {
    /// Which chat.
    pub chat_id: ChatId,
}

impl Action for ListAgentsForTransfer {
    const NAME: &'static str = "list_agents_for_transfer";
    type Reply = Vec<AgentForTransfer>;
}

/// An agent to whom a chat can be handed on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AgentForTransfer {
    /// Which agent.
    pub agent_id: AgentId,
    /// How many they have at present: the list is sorted by it.
    #[serde(deserialize_with = "lenient::count")]
    pub total_active_chats: u64,
    /// Ours: the name, so that a list can be shown at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}
