//! The commands `parlor agent add`, `list` and `remove`.

use anyhow::bail;
use clap::{Args, Subcommand};
use secrecy::{ExposeSecret as _, SecretString};

use super::{Context, Data, print, private};
use crate::{
    private::Private,
    setup::SetupRequest,
    store::{
        Store as _,
        row::{Agent, RoutingStatus},
    },
};

#[derive(Subcommand)]
pub(super) enum AgentVerb {
    /// Add somebody, or take somebody back; without a password, print a link that signs them in once
    Add(AddArgs),
    /// Who answers
    List(Data),
    /// Take somebody's access away; what they wrote stays
    Remove(RemoveArgs),
}

#[derive(Args)]
pub(super) struct AddArgs {
    #[command(flatten)]
    data: Data,
    #[arg(value_parser = private)]
    email: Private<String>,
    /// The name that visitors see
    #[arg(long)]
    name: Option<String>,
    #[arg(long, env = "PARLOR_PASSWORD", hide_env_values = true)]
    password: Option<SecretString>,
}

#[derive(Args)]
pub(super) struct RemoveArgs {
    #[command(flatten)]
    data: Data,
    #[arg(value_parser = private)]
    email: Private<String>,
}

pub(super) async fn run(verb: AgentVerb) -> anyhow::Result<()> {
    match verb {
        AgentVerb::Add(args) => add(args).await,
        AgentVerb::List(data) => list(data).await,
        AgentVerb::Remove(args) => remove(args).await,
    }
}

async fn add(args: AddArgs) -> anyhow::Result<()> {
    let context = Context::open(&args.data.data).await?;
    let known = context
        .store
        .read()
        .await?
        .agent_by_email(&args.email.0)
        .await?;
    if known.is_some_and(|agent| agent.removed_at.is_none()) {
        bail!("{} is an agent already", args.email.0.trim());
    }
    let (agent, link) = context
        .setup()
        .add_agent(&SetupRequest {
            email: args.email,
            name: args.name,
            password: args.password,
            allow_origins: Vec::new(),
        })
        .await?;
    context.store.close().await;
    print(&format!("added {} <{}>", agent.name, agent.email.0))?;
    match link {
        Some(link) => print(&format!(
            "sign in, once, within a day, at /agent/#signin={}",
            link.expose_secret()
        )),
        None => Ok(()),
    }
}

async fn list(data: Data) -> anyhow::Result<()> {
    let context = Context::open_existing(&data.data).await?;
    let agents = context.store.read().await?.agents().await?;
    context.store.close().await;
    for agent in agents.iter().filter(|agent| agent.removed_at.is_none()) {
        print(&line(agent))?;
    }
    Ok(())
}

fn line(agent: &Agent) -> String {
    let status = match agent.routing_status {
        RoutingStatus::AcceptingChats => "accepts chats",
        RoutingStatus::NotAcceptingChats => "accepts no chats",
        RoutingStatus::Offline => "offline",
    };
    format!("{}  {}  {}  {status}", agent.id, agent.email.0, agent.name)
}

async fn remove(args: RemoveArgs) -> anyhow::Result<()> {
    let context = Context::open_existing(&args.data.data).await?;
    let mut tx = context.store.begin().await?;
    let agent = tx.agent_by_email(&args.email.0).await?;
    let Some(mut agent) = agent.filter(|agent| agent.removed_at.is_none()) else {
        bail!("{} is not an agent", args.email.0.trim());
    };
    agent.removed_at = Some(context.clock.now());
    agent.routing_status = RoutingStatus::Offline;
    agent.password_hash = None;
    tx.put_agent(&agent).await?;
    tx.delete_tokens_of(&agent.id).await?;
    tx.commit().await?;
    context.store.close().await;
    print(&format!("removed {} <{}>", agent.name, agent.email.0))
}
