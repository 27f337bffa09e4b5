//! The commands `parlor agent add`, `set`, `list`, `reset` and `remove`.

use std::collections::BTreeMap;

use clap::{Args, Subcommand, value_parser};
use secrecy::{ExposeSecret as _, SecretString};

use super::{Address, Context, Data, print, private};
use crate::{
    private::Private,
    setup::AgentDetails,
    store::{
        Store as _,
        row::{Agent, Role},
    },
};

/// More would be no limit.
const CONCURRENT_CHATS_MAX: i64 = 1_000;

#[derive(Subcommand)]
pub(super) enum AgentVerb {
    /// Add somebody, or take somebody back; without a password, print a link that signs them in once
    Add(AddArgs),
    /// Change somebody's name, picture, role or groups
    Set(SetArgs),
    /// Who answers
    List(Data),
    /// Forget somebody's password, end their sign-ins, and print a link by which they choose a new one
    Reset(ResetArgs),
    /// Take somebody's access away; what they wrote stays
    Remove(RemoveArgs),
}

#[derive(Args)]
pub(super) struct AddArgs {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    address: Address,
    #[arg(value_parser = private)]
    email: Private<String>,
    #[arg(long, env = "PARLOR_PASSWORD", hide_env_values = true)]
    password: Option<SecretString>,
    #[command(flatten)]
    details: DetailArgs,
}

#[derive(Args)]
pub(super) struct SetArgs {
    #[command(flatten)]
    data: Data,
    #[arg(value_parser = private)]
    email: Private<String>,
    #[command(flatten)]
    details: DetailArgs,
}

#[derive(Args)]
struct DetailArgs {
    /// The name that visitors see
    #[arg(long)]
    name: Option<String>,
    /// The https address of a picture that visitors see; empty for none
    #[arg(long, value_name = "URL")]
    avatar: Option<String>,
    /// owner, administrator or agent; the first agent is the owner, others are agents
    #[arg(long, value_parser = role)]
    role: Option<Role>,
    /// Groups whose visitors they answer, by number or name, as in 1,Sales; all when a new agent is
    /// added without, and none when empty
    #[arg(long, value_name = "GROUPS", value_delimiter = ',')]
    groups: Option<Vec<String>>,
    /// The most chats they have at a time; 0 for the setting of the site
    #[arg(long, value_name = "N", value_parser = value_parser!(i64).range(0..=CONCURRENT_CHATS_MAX))]
    concurrent_chats: Option<i64>,
}

#[derive(Args)]
pub(super) struct ResetArgs {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    address: Address,
    #[arg(value_parser = private)]
    email: Private<String>,
}

#[derive(Args)]
pub(super) struct RemoveArgs {
    #[command(flatten)]
    data: Data,
    #[arg(value_parser = private)]
    email: Private<String>,
}

impl From<DetailArgs> for AgentDetails {
    fn from(args: DetailArgs) -> Self {
        Self {
            name: args.name,
            avatar: args.avatar,
            role: args.role,
            groups: args.groups,
            concurrent_chats: args.concurrent_chats,
        }
    }
}

fn role(text: &str) -> Result<Role, &'static str> {
    let known = Role::ALL.into_iter().find(|role| role.as_str() == text);
    known.ok_or("expected owner, administrator or agent")
}

pub(super) async fn run(verb: AgentVerb) -> anyhow::Result<()> {
    match verb {
        AgentVerb::Add(args) => add(args).await,
        AgentVerb::Set(args) => set(args).await,
        AgentVerb::List(data) => list(data).await,
        AgentVerb::Reset(args) => reset(args).await,
        AgentVerb::Remove(args) => remove(args).await,
    }
}

async fn add(args: AddArgs) -> anyhow::Result<()> {
    let context = Context::open(&args.data.data).await?;
    let details = args.details.into();
    let (agent, link) = context
        .setup()
        .add_agent(&args.email, args.password.as_ref(), &details)
        .await?;
    context.store.close().await;
    print(&format!("added {} <{}>", agent.name, agent.email.0))?;
    match link {
        Some(link) => print(&format!(
            "sign in, once, within a day, at {}/agent/#signin={}",
            args.address.public_url,
            link.expose_secret()
        )),
        None => Ok(()),
    }
}

async fn set(args: SetArgs) -> anyhow::Result<()> {
    let context = Context::open_existing(&args.data.data).await?;
    let details = args.details.into();
    let agent = context.setup().change_agent(&args.email, &details).await?;
    let groups = group_names(&context).await?;
    context.store.close().await;
    print(&line(&agent, &groups))
}

async fn list(data: Data) -> anyhow::Result<()> {
    let context = Context::open_existing(&data.data).await?;
    let agents = context.store.read().await?.agents().await?;
    let groups = group_names(&context).await?;
    context.store.close().await;
    for agent in agents.iter().filter(|agent| agent.removed_at.is_none()) {
        print(&line(agent, &groups))?;
    }
    Ok(())
}

async fn group_names(context: &Context) -> anyhow::Result<BTreeMap<i64, String>> {
    let groups = context.store.read().await?.groups().await?;
    Ok(groups
        .into_iter()
        .map(|group| (group.id, group.name))
        .collect())
}

fn line(agent: &Agent, groups: &BTreeMap<i64, String>) -> String {
    let names: Vec<&str> = agent
        .group_ids
        .iter()
        .filter_map(|id| groups.get(id).map(String::as_str))
        .collect();
    let groups = match names.is_empty() {
        true => "in no group".to_owned(),
        false => names.join(", "),
    };
    let (email, role) = (&agent.email.0, agent.role.as_str());
    format!("{}  {email}  {}  {role}  {groups}", agent.id, agent.name)
}

async fn reset(args: ResetArgs) -> anyhow::Result<()> {
    let context = Context::open_existing(&args.data.data).await?;
    let (agent, link) = context.setup().reset_password(&args.email).await?;
    context.store.close().await;
    print(&format!(
        "{} <{}> is signed out, and chooses a new password, once, within a day, at {}/agent/#reset={}",
        agent.name,
        agent.email.0,
        args.address.public_url,
        link.expose_secret()
    ))
}

async fn remove(args: RemoveArgs) -> anyhow::Result<()> {
    let context = Context::open_existing(&args.data.data).await?;
    let agent = context.setup().remove_agent(&args.email).await?;
    context.store.close().await;
    print(&format!("removed {} <{}>", agent.name, agent.email.0))
}
