//! `list_groups`: the groups with their numbers and names, so that a chat can be
//! given to one. Their names are no secret among agents.

use parlor_wire::agent::{Group, ListGroups};

use super::super::error::Result;
use crate::{app::App, conversation::staff, presenter, store::row::RoutingStatus};

pub(super) async fn list(app: &App, _: ListGroups) -> Result<Vec<Group>> {
    let mut tx = app.store.read().await?;
    let staff = staff::load(tx.as_mut(), app).await?;
    let status = |id: i64| match staff.group_accepts(id) {
        true => RoutingStatus::AcceptingChats,
        false => RoutingStatus::Offline,
    };
    let groups = tx.groups().await?.into_iter();
    Ok(groups
        .map(|group| Group {
            routing_status: Some(presenter::agent::status(status(group.id))),
            id: group.id,
            name: group.name,
        })
        .collect())
}
