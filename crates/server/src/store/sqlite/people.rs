//! Agents, their tokens, and customers.

use parlor_wire::id::{AgentId, CustomerId};
use sqlx::{SqliteConnection, query, sqlite::SqliteRow};

use super::{
    column::{Columns, json, micros_of, private_text_of, readable, text_of},
    writes::Writes,
};
use crate::{
    private::Private,
    store::{
        Result, email_key,
        row::{Agent, Customer, RoutingStatus, Token, TokenKind},
    },
};

pub(super) async fn agents(c: &mut SqliteConnection) -> Result<Vec<Agent>> {
    let rows = query(
        "SELECT id, email, name, password_hash, avatar, routing_status, created_at, removed_at
         FROM agent ORDER BY created_at, id",
    )
    .fetch_all(c)
    .await?;
    readable(&rows, &["id"], read_agent)
}

pub(super) async fn agent(c: &mut SqliteConnection, id: &AgentId) -> Result<Option<Agent>> {
    query(
        "SELECT id, email, name, password_hash, avatar, routing_status, created_at, removed_at
         FROM agent WHERE id = ?",
    )
    .bind(id.as_str())
    .fetch_optional(c)
    .await?
    .as_ref()
    .map(read_agent)
    .transpose()
}

pub(super) async fn agent_by_email(c: &mut SqliteConnection, email: &str) -> Result<Option<Agent>> {
    query(
        "SELECT id, email, name, password_hash, avatar, routing_status, created_at, removed_at
         FROM agent WHERE email_key = ?",
    )
    .bind(email_key(email))
    .fetch_optional(c)
    .await?
    .as_ref()
    .map(read_agent)
    .transpose()
}

fn read_agent(row: &SqliteRow) -> Result<Agent> {
    let r = Columns {
        table: "agent",
        row,
    };
    Ok(Agent {
        id: r.text("id")?,
        email: Private(r.text("email")?),
        name: r.text("name")?,
        password_hash: r.private_if("password_hash")?,
        avatar: r.text_if("avatar")?,
        routing_status: r.parsed("routing_status", RoutingStatus::parse)?,
        created_at: r.time("created_at")?,
        removed_at: r.time_if("removed_at")?,
    })
}

pub(super) async fn put_agent(c: &mut SqliteConnection, row: &Agent) -> Result<()> {
    query(
        "INSERT INTO agent (id, email, email_key, name, password_hash, avatar, routing_status,
             created_at, removed_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET email = excluded.email, email_key = excluded.email_key,
             name = excluded.name, password_hash = excluded.password_hash,
             avatar = excluded.avatar, routing_status = excluded.routing_status,
             created_at = excluded.created_at, removed_at = excluded.removed_at",
    )
    .bind(row.id.as_str())
    .bind(&row.email.0)
    .bind(email_key(&row.email.0))
    .bind(&row.name)
    .bind(private_text_of(&row.password_hash))
    .bind(&row.avatar)
    .bind(row.routing_status.as_str())
    .bind(row.created_at.0)
    .bind(micros_of(row.removed_at))
    .execute(c)
    .await?;
    Ok(())
}

pub(super) async fn token(c: &mut SqliteConnection, hash: &str) -> Result<Option<Token>> {
    let row = query(
        "SELECT hash, kind, agent_id, created_at, expires_at, last_used_at
         FROM token WHERE hash = ?",
    )
    .bind(hash)
    .fetch_optional(c)
    .await?;
    row.as_ref().map(read_token).transpose()
}

pub(super) async fn tokens_of(c: &mut SqliteConnection, agent: &AgentId) -> Result<Vec<Token>> {
    let rows = query(
        "SELECT hash, kind, agent_id, created_at, expires_at, last_used_at
         FROM token WHERE agent_id = ? ORDER BY created_at, hash",
    )
    .bind(agent.as_str())
    .fetch_all(c)
    .await?;
    rows.iter().map(read_token).collect()
}

fn read_token(row: &SqliteRow) -> Result<Token> {
    let r = Columns {
        table: "token",
        row,
    };
    Ok(Token {
        hash: r.text("hash")?,
        kind: r.parsed("kind", TokenKind::parse)?,
        agent_id: r.text_if("agent_id")?,
        created_at: r.time("created_at")?,
        expires_at: r.time_if("expires_at")?,
        last_used_at: r.time_if("last_used_at")?,
    })
}

pub(super) async fn put_token(c: &mut SqliteConnection, row: &Token) -> Result<()> {
    query(
        "INSERT INTO token (hash, kind, agent_id, created_at, expires_at, last_used_at)
         VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (hash) DO UPDATE SET kind = excluded.kind, agent_id = excluded.agent_id,
             created_at = excluded.created_at, expires_at = excluded.expires_at,
             last_used_at = excluded.last_used_at",
    )
    .bind(&row.hash)
    .bind(row.kind.as_str())
    .bind(text_of(&row.agent_id))
    .bind(row.created_at.0)
    .bind(micros_of(row.expires_at))
    .bind(micros_of(row.last_used_at))
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
        .bind(agent.as_str())
        .execute(c)
        .await?;
    Ok(())
}

pub(super) async fn customer(
    c: &mut SqliteConnection,
    id: &CustomerId,
) -> Result<Option<Customer>> {
    query(
        "SELECT id, visitor_hash, name, email, email_verified, identity_hash, created_at
         FROM customer WHERE id = ?",
    )
    .bind(id.as_str())
    .fetch_optional(c)
    .await?
    .as_ref()
    .map(read_customer)
    .transpose()
}

pub(super) async fn customers(
    c: &mut SqliteConnection,
    ids: &[CustomerId],
) -> Result<Vec<Customer>> {
    let rows = query(
        "SELECT id, visitor_hash, name, email, email_verified, identity_hash, created_at
         FROM customer WHERE id IN (SELECT value FROM json_each(?))",
    )
    .bind(json(&ids)?)
    .fetch_all(c)
    .await?;
    readable(&rows, &["id"], read_customer)
}

pub(super) async fn customer_by_visitor(
    c: &mut SqliteConnection,
    visitor_hash: &str,
) -> Result<Option<Customer>> {
    query(
        "SELECT id, visitor_hash, name, email, email_verified, identity_hash, created_at
         FROM customer
         WHERE visitor_hash = ?1 OR id = (SELECT customer_id FROM visitor WHERE hash = ?1)
         LIMIT 1",
    )
    .bind(visitor_hash)
    .fetch_optional(c)
    .await?
    .as_ref()
    .map(read_customer)
    .transpose()
}

pub(super) async fn customer_by_identity(
    c: &mut SqliteConnection,
    identity_hash: &str,
) -> Result<Option<Customer>> {
    query(
        "SELECT id, visitor_hash, name, email, email_verified, identity_hash, created_at
         FROM customer WHERE identity_hash = ?",
    )
    .bind(identity_hash)
    .fetch_optional(c)
    .await?
    .as_ref()
    .map(read_customer)
    .transpose()
}

fn read_customer(row: &SqliteRow) -> Result<Customer> {
    let r = Columns {
        table: "customer",
        row,
    };
    Ok(Customer {
        id: r.text("id")?,
        visitor_hash: r.text_if("visitor_hash")?,
        name: r.private_if("name")?,
        email: r.private_if("email")?,
        email_verified: r.plain("email_verified")?,
        identity_hash: r.text_if("identity_hash")?,
        created_at: r.time("created_at")?,
    })
}

pub(super) fn put_customer(writes: &mut Writes, row: &Customer) {
    writes
        .add(
            "INSERT INTO customer (id, visitor_hash, name, email, email_verified, identity_hash,
             created_at)
         VALUES (?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET visitor_hash = excluded.visitor_hash,
             name = excluded.name, email = excluded.email,
             email_verified = excluded.email_verified, identity_hash = excluded.identity_hash,
             created_at = excluded.created_at",
        )
        .bind(row.id.as_str())
        .bind(&row.visitor_hash)
        .bind(private_text_of(&row.name))
        .bind(private_text_of(&row.email))
        .bind(row.email_verified)
        .bind(&row.identity_hash)
        .bind(row.created_at.0);
}

pub(super) fn add_visitor(writes: &mut Writes, visitor_hash: &str, customer: &CustomerId) {
    writes
        .add("INSERT INTO visitor (hash, customer_id) VALUES (?, ?)")
        .bind(visitor_hash)
        .bind(customer.as_str());
}
