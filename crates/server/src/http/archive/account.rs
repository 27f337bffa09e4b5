//! `GET /account`, `/agents`, `/departments` and `/goals`: of whom, of which groups and of
//! which goals records tell.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use parlor_wire::AgentId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{caller::Program, error::Result};
use crate::{
    app::App, http::openapi::answers::ArchiveErrors, presenter::archive::seconds, store::row::Role,
};

/// The organisation.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Account {
    account_key: String,
    name: String,
    status: &'static str,
    /// In which bare dates of queries are days, as `Europe/Berlin`. Ours.
    time_zone: String,
}

/// Show the account
#[utoipa::path(
    get,
    path = "/account",
    tag = "account",
    responses(
        (status = 200, description = "The account.", body = Account),
        ArchiveErrors,
    ),
)]
pub(super) async fn account(State(app): State<Arc<App>>, _: Program) -> Result<Json<Account>> {
    let organization = app.store.read_latest().await?.organization().await?;
    let (account_key, name) = match organization {
        Some(it) => (it.id.to_string(), it.name),
        None => (String::new(), String::new()),
    };
    let time_zone = app.config.archive.time_zone.iana_name();
    Ok(Json(Account {
        account_key,
        name,
        status: "active",
        time_zone: time_zone.unwrap_or("UTC").to_owned(),
    }))
}

/// Somebody who answers visitors.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AgentEntry {
    id: AgentId,
    display_name: String,
    /// Whether they have not been removed.
    enabled: bool,
    departments: Vec<i64>,
    roles: AgentRoles,
    create_date: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct AgentRoles {
    owner: bool,
    administrator: bool,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct AgentsQuery {
    /// Agents whose ids come after this one.
    since_id: Option<String>,
}

/// List agents
///
/// All of them, in the order of their ids.
#[utoipa::path(
    get,
    path = "/agents",
    tag = "account",
    params(AgentsQuery),
    responses(
        (status = 200, description = "The agents.", body = Vec<AgentEntry>),
        ArchiveErrors,
    ),
)]
pub(super) async fn agents(
    State(app): State<Arc<App>>,
    program: Program,
    query: std::result::Result<Query<AgentsQuery>, QueryRejection>,
) -> Result<Json<Vec<AgentEntry>>> {
    program.require_administrator()?;
    let Query(query) = query?;
    let mut agents = app.store.read_latest().await?.agents().await?;
    agents.sort_by(|one, other| one.id.cmp(&other.id));
    if let Some(since) = query.since_id {
        agents.retain(|agent| agent.id.as_str() > since.as_str());
    }
    let entries = agents.into_iter().map(|agent| AgentEntry {
        id: agent.id,
        display_name: agent.name,
        enabled: agent.removed_at.is_none(),
        departments: agent.group_ids.into_iter().collect(),
        roles: AgentRoles {
            owner: agent.role == Role::Owner,
            administrator: agent.role == Role::Administrator,
        },
        create_date: seconds(agent.created_at),
    });
    Ok(Json(entries.collect()))
}

/// A group of agents.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Department {
    id: i64,
    name: String,
    enabled: bool,
    members: Vec<AgentId>,
}

/// List departments
#[utoipa::path(
    get,
    path = "/departments",
    tag = "account",
    responses(
        (status = 200, description = "The departments.", body = Vec<Department>),
        ArchiveErrors,
    ),
)]
pub(super) async fn departments(
    State(app): State<Arc<App>>,
    program: Program,
) -> Result<Json<Vec<Department>>> {
    program.require_administrator()?;
    let mut tx = app.store.read().await?;
    let agents = tx.agents().await?;
    let entries = tx.groups().await?.into_iter().map(|group| {
        let members = agents
            .iter()
            .filter(|agent| agent.removed_at.is_none() && agent.group_ids.contains(&group.id));
        Department {
            members: members.map(|agent| agent.id.clone()).collect(),
            id: group.id,
            name: group.name,
            enabled: true,
        }
    });
    Ok(Json(entries.collect()))
}

/// What counts as a success of a chat.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct GoalEntry {
    /// `goal_id` of conversions.
    id: i64,
    name: String,
    description: String,
    /// Whether visitors can reach it: always, as only goals of the settings file are listed.
    enabled: bool,
}

/// List goals
#[utoipa::path(
    get,
    path = "/goals",
    tag = "account",
    responses(
        (status = 200, description = "The goals.", body = Vec<GoalEntry>),
        ArchiveErrors,
    ),
)]
pub(super) async fn goals(
    State(app): State<Arc<App>>,
    program: Program,
) -> Result<Json<Vec<GoalEntry>>> {
    program.require_administrator()?;
    let entries = app.config.goals.iter().map(|goal| GoalEntry {
        id: goal.id,
        name: goal.name.clone(),
        description: goal.description.clone(),
        enabled: true,
    });
    Ok(Json(entries.collect()))
}
