//! Agents, their tokens, and customers.

use parlor_wire::id::{AgentId, CustomerId};
use sqlx::{SqliteConnection, query, query_as, types::Json};

use super::{
    table_row::{read, readable},
    writes::Writes,
};
use crate::store::{
    Result, email_key,
    row::{Agent, Customer, Token},
};

macro_rules! select_agent {
    ($rest:literal) => {
        concat!(
            "SELECT id, email, name, password_hash, avatar, routing_status, role,
             concurrent_chats, created_at, removed_at,
             (SELECT json_group_array(group_id) FROM membership WHERE agent_id = agent.id)
                 AS group_ids_json
             FROM agent ",
            $rest
        )
    };
}

macro_rules! select_token {
    ($rest:literal) => {
        concat!(
            "SELECT hash, kind, name, agent_id, created_at, expires_at, last_used_at, role,
                 reads_private FROM token ",
            $rest
        )
    };
}

macro_rules! select_customer {
    ($rest:literal) => {
        concat!(
            "SELECT id, visitor_hash, name, email, email_verified, phone, notes, identity_hash,
                 created_at FROM customer ",
            $rest
        )
    };
}

pub(super) async fn agents(c: &mut SqliteConnection) -> Result<Vec<Agent>> {
    let rows = query(select_agent!("ORDER BY created_at, id"))
        .fetch_all(c)
        .await?;
    readable(&rows)
}

pub(super) async fn agent(c: &mut SqliteConnection, id: &AgentId) -> Result<Option<Agent>> {
    query(select_agent!("WHERE id = ?"))
        .bind(id)
        .fetch_optional(c)
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

pub(super) async fn agent_by_email(c: &mut SqliteConnection, email: &str) -> Result<Option<Agent>> {
    query(select_agent!("WHERE email_key = ?"))
        .bind(email_key(email))
        .fetch_optional(c)
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

pub(super) async fn put_agent(c: &mut SqliteConnection, row: &Agent) -> Result<()> {
    query(
        "INSERT INTO agent (id, email, email_key, name, password_hash, avatar, routing_status,
             role, concurrent_chats, created_at, removed_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET email = excluded.email, email_key = excluded.email_key,
             name = excluded.name, password_hash = excluded.password_hash,
             avatar = excluded.avatar, routing_status = excluded.routing_status,
             role = excluded.role, concurrent_chats = excluded.concurrent_chats,
             created_at = excluded.created_at, removed_at = excluded.removed_at",
    )
    .bind(&row.id)
    .bind(&row.email)
    .bind(email_key(&row.email.0))
    .bind(&row.name)
    .bind(&row.password_hash)
    .bind(&row.avatar)
    .bind(row.routing_status)
    .bind(row.role)
    .bind(row.concurrent_chats)
    .bind(row.created_at)
    .bind(row.removed_at)
    .execute(&mut *c)
    .await?;
    let groups = Json(&row.group_ids);
    query(
        "DELETE FROM membership
         WHERE agent_id = ? AND group_id NOT IN (SELECT value FROM json_each(?))",
    )
    .bind(&row.id)
    .bind(groups)
    .execute(&mut *c)
    .await?;
    query(
        "INSERT INTO membership (agent_id, group_id) SELECT ?, value FROM json_each(?)
         WHERE TRUE ON CONFLICT DO NOTHING",
    )
    .bind(&row.id)
    .bind(groups)
    .execute(c)
    .await?;
    Ok(())
}

pub(super) async fn program_tokens(c: &mut SqliteConnection) -> Result<Vec<Token>> {
    let rows = query(select_token!(
        "WHERE kind IN ('agent', 'api') ORDER BY created_at, hash"
    ))
    .fetch_all(c)
    .await?;
    readable(&rows)
}

pub(super) async fn token(c: &mut SqliteConnection, hash: &str) -> Result<Option<Token>> {
    let row = query(select_token!("WHERE hash = ?"))
        .bind(hash)
        .fetch_optional(c)
        .await?;
    row.as_ref().map(read).transpose()
}

pub(super) async fn tokens_of(c: &mut SqliteConnection, agent: &AgentId) -> Result<Vec<Token>> {
    let rows = query(select_token!(
        "WHERE agent_id = ? ORDER BY created_at, hash"
    ))
    .bind(agent)
    .fetch_all(c)
    .await?;
    rows.iter().map(read).collect()
}

pub(super) async fn put_token(c: &mut SqliteConnection, row: &Token) -> Result<()> {
    query(
        "INSERT INTO token (hash, kind, name, agent_id, created_at, expires_at, last_used_at,
             role, reads_private)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (hash) DO UPDATE SET kind = excluded.kind, name = excluded.name,
             agent_id = excluded.agent_id,
             created_at = excluded.created_at, expires_at = excluded.expires_at,
             last_used_at = excluded.last_used_at, role = excluded.role,
             reads_private = excluded.reads_private",
    )
    .bind(&row.hash)
    .bind(row.kind)
    .bind(&row.name)
    .bind(&row.agent_id)
    .bind(row.created_at)
    .bind(row.expires_at)
    .bind(row.last_used_at)
    .bind(row.role)
    .bind(row.reads_private)
    .execute(c)
    .await?;
    Ok(())
}

pub(super) async fn delete_token(c: &mut SqliteConnection, hash: &str) -> Result<bool> {
    let done = query("DELETE FROM token WHERE hash = ?")
        .bind(hash)
        .execute(c)
        .await?;
    Ok(done.rows_affected() > 0)
}

pub(super) async fn delete_tokens_of(c: &mut SqliteConnection, agent: &AgentId) -> Result<()> {
    query("DELETE FROM token WHERE agent_id = ?")
        .bind(agent)
        .execute(c)
        .await?;
    Ok(())
}

pub(super) async fn customer(
    c: &mut SqliteConnection,
    id: &CustomerId,
) -> Result<Option<Customer>> {
    query(select_customer!("WHERE id = ?"))
        .bind(id)
        .fetch_optional(c)
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

pub(super) async fn customers(
    c: &mut SqliteConnection,
    ids: &[CustomerId],
) -> Result<Vec<Customer>> {
    let rows = query(select_customer!(
        "WHERE id IN (SELECT value FROM json_each(?))"
    ))
    .bind(Json(ids))
    .fetch_all(c)
    .await?;
    readable(&rows)
}

pub(super) async fn customer_by_visitor(
    c: &mut SqliteConnection,
    visitor_hash: &str,
) -> Result<Option<Customer>> {
    query(select_customer!(
        "WHERE visitor_hash = ?1 OR id = (SELECT customer_id FROM visitor WHERE hash = ?1) LIMIT 1"
    ))
    .bind(visitor_hash)
    .fetch_optional(c)
    .await?
    .as_ref()
    .map(read)
    .transpose()
}

pub(super) async fn customer_by_identity(
    c: &mut SqliteConnection,
    identity_hash: &str,
) -> Result<Option<Customer>> {
    query(select_customer!("WHERE identity_hash = ?"))
        .bind(identity_hash)
        .fetch_optional(c)
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// SQLite compares ASCII's letters only.
pub(super) async fn customers_by_email(
    c: &mut SqliteConnection,
    email: &str,
) -> Result<Vec<Customer>> {
    let wanted = email_key(email);
    let emails: Vec<(CustomerId, String)> =
        query_as("SELECT id, email FROM customer WHERE email IS NOT NULL ORDER BY id")
            .fetch_all(&mut *c)
            .await?;
    let theirs = emails
        .into_iter()
        .filter(|(_, email)| email_key(email) == wanted);
    let ids: Vec<CustomerId> = theirs.map(|(id, _)| id).collect();
    let mut found = customers(c, &ids).await?;
    found.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(found)
}

pub(super) fn put_customer(writes: &mut Writes, row: &Customer) {
    writes
        .add(
            "INSERT INTO customer (id, visitor_hash, name, email, email_verified, phone, notes,
             identity_hash, created_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET visitor_hash = excluded.visitor_hash,
             name = excluded.name, email = excluded.email,
             email_verified = excluded.email_verified, phone = excluded.phone,
             notes = excluded.notes, identity_hash = excluded.identity_hash,
             created_at = excluded.created_at",
        )
        .bind(&row.id)
        .bind(&row.visitor_hash)
        .bind(&row.name)
        .bind(&row.email)
        .bind(row.email_verified)
        .bind(&row.phone)
        .bind(&row.notes)
        .bind(&row.identity_hash)
        .bind(row.created_at);
}

pub(super) fn add_visitor(writes: &mut Writes, visitor_hash: &str, customer: &CustomerId) {
    writes
        .add("INSERT INTO visitor (hash, customer_id) VALUES (?, ?)")
        .bind(visitor_hash)
        .bind(customer);
}
