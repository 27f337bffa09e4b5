//! Organisation, deployments, buttons, groups.

use parlor_wire::id::{ButtonId, DeploymentId};
use sqlx::{SqliteConnection, query, types::Json};

use super::table_row::{read, readable};
use crate::store::{
    Result,
    row::{Button, Deployment, Group, Organization},
};

macro_rules! select_deployment {
    ($rest:literal) => {
        concat!(
            "SELECT id, name, allowed_origins_json, settings_json FROM deployment ",
            $rest
        )
    };
}
pub(super) use select_deployment;

pub(super) async fn organization(c: &mut SqliteConnection) -> Result<Option<Organization>> {
    let row = query("SELECT id, name, switch_url FROM organization")
        .fetch_optional(c)
        .await?;
    row.as_ref().map(read).transpose()
}

pub(super) async fn put_organization(c: &mut SqliteConnection, row: &Organization) -> Result<()> {
    query(
        "INSERT INTO organization (id, name, switch_url) VALUES (?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, switch_url = excluded.switch_url",
    )
    .bind(&row.id)
    .bind(&row.name)
    .bind(&row.switch_url)
    .execute(c)
    .await?;
    Ok(())
}

pub(super) async fn deployments(c: &mut SqliteConnection) -> Result<Vec<Deployment>> {
    let rows = query(select_deployment!("ORDER BY id"))
        .fetch_all(c)
        .await?;
    readable(&rows)
}

pub(super) async fn deployment(
    c: &mut SqliteConnection,
    id: &DeploymentId,
) -> Result<Option<Deployment>> {
    query(select_deployment!("WHERE id = ?"))
        .bind(id)
        .fetch_optional(c)
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

pub(super) async fn put_deployment(c: &mut SqliteConnection, row: &Deployment) -> Result<()> {
    query(
        "INSERT INTO deployment (id, name, allowed_origins_json, settings_json)
         VALUES (?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name,
             allowed_origins_json = excluded.allowed_origins_json,
             settings_json = excluded.settings_json",
    )
    .bind(&row.id)
    .bind(&row.name)
    .bind(Json(&row.allowed_origins))
    .bind(Json(&row.settings))
    .execute(c)
    .await?;
    Ok(())
}

pub(super) async fn buttons(c: &mut SqliteConnection) -> Result<Vec<Button>> {
    let rows = query(
        "SELECT id, deployment_id, name, group_id, language, routing, average_wait_s
         FROM button ORDER BY id",
    )
    .fetch_all(c)
    .await?;
    readable(&rows)
}

pub(super) async fn button(c: &mut SqliteConnection, id: &ButtonId) -> Result<Option<Button>> {
    query(
        "SELECT id, deployment_id, name, group_id, language, routing, average_wait_s
         FROM button WHERE id = ?",
    )
    .bind(id)
    .fetch_optional(c)
    .await?
    .as_ref()
    .map(read)
    .transpose()
}

pub(super) async fn put_button(c: &mut SqliteConnection, row: &Button) -> Result<()> {
    query(
        "INSERT INTO button (id, deployment_id, name, group_id, language, routing, average_wait_s)
         VALUES (?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET deployment_id = excluded.deployment_id,
             name = excluded.name, group_id = excluded.group_id,
             language = excluded.language, routing = excluded.routing,
             average_wait_s = excluded.average_wait_s",
    )
    .bind(&row.id)
    .bind(&row.deployment_id)
    .bind(&row.name)
    .bind(row.group_id)
    .bind(&row.language)
    .bind(row.routing)
    .bind(row.average_wait_s)
    .execute(c)
    .await?;
    Ok(())
}

pub(super) async fn groups(c: &mut SqliteConnection) -> Result<Vec<Group>> {
    let rows = query("SELECT id, name FROM agent_group ORDER BY id")
        .fetch_all(c)
        .await?;
    readable(&rows)
}

pub(super) async fn put_group(c: &mut SqliteConnection, row: &Group) -> Result<()> {
    query(
        "INSERT INTO agent_group (id, name) VALUES (?, ?)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name",
    )
    .bind(row.id)
    .bind(&row.name)
    .execute(c)
    .await?;
    Ok(())
}
