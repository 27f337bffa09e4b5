//! The commands `parlor token add`, `list` and `revoke`.

use std::time::Duration;

use clap::{Args, Subcommand, builder::PossibleValuesParser, value_parser};
use secrecy::ExposeSecret as _;

use super::{Context, Data, print, private};
use crate::{
    private::Private,
    setup::{NewApiToken, ProgramToken, token_id},
    store::row::Role,
};

/// A hundred years: practically unlimited.
const DAYS_MAX: i64 = 36_500;

const DAY: Duration = Duration::from_secs(24 * 3600);

#[derive(Subcommand)]
pub(super) enum TokenVerb {
    /// Make a token with which a program acts as an agent, and print it this once
    Add(AddArgs),
    /// Make a token with which a back-office program reads and writes the archive, and print it
    /// this once
    AddApi(AddApiArgs),
    /// The tokens of programs
    List(Data),
    /// End a token
    Revoke(RevokeArgs),
}

#[derive(Args)]
pub(super) struct AddArgs {
    #[command(flatten)]
    data: Data,
    /// The e-mail of the agent as whom the program acts
    #[arg(value_parser = private)]
    email: Private<String>,
    /// What it is for
    name: String,
    /// After how many days it expires; never when absent
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..=DAYS_MAX))]
    days: Option<u32>,
}

#[derive(Args)]
pub(super) struct AddApiArgs {
    #[command(flatten)]
    data: Data,
    /// What it is for
    name: String,
    /// What it allows: an agent leaves messages, the others do everything
    #[arg(long, value_name = "ROLE", default_value = "administrator", value_parser = PossibleValuesParser::new(Role::ALL.map(Role::as_str)))]
    role: String,
    /// It also shows what only agents see, as private notes
    #[arg(long)]
    reads_private: bool,
    /// After how many days it expires; never when absent
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..=DAYS_MAX))]
    days: Option<u32>,
}

#[derive(Args)]
pub(super) struct RevokeArgs {
    #[command(flatten)]
    data: Data,
    /// The first column of the list, or the beginning of it
    id: String,
}

pub(super) async fn run(verb: TokenVerb) -> anyhow::Result<()> {
    match verb {
        TokenVerb::Add(args) => add(args).await,
        TokenVerb::AddApi(args) => add_api(args).await,
        TokenVerb::List(data) => list(data).await,
        TokenVerb::Revoke(args) => revoke(args).await,
    }
}

async fn add(args: AddArgs) -> anyhow::Result<()> {
    let context = Context::open_existing(&args.data.data).await?;
    let lifetime = args.days.map(|days| DAY.saturating_mul(days));
    let setup = context.setup();
    let token = setup.add_token(&args.email, &args.name, lifetime).await?;
    context.store.close().await;
    print(token.expose_secret())
}

async fn add_api(args: AddApiArgs) -> anyhow::Result<()> {
    let context = Context::open_existing(&args.data.data).await?;
    let new = NewApiToken {
        role: Role::ALL.into_iter().find(|it| it.as_str() == args.role),
        reads_private: args.reads_private,
        lifetime: args.days.map(|days| DAY.saturating_mul(days)),
    };
    let token = context.setup().add_api_token(&args.name, &new).await?;
    context.store.close().await;
    print(token.expose_secret())
}

async fn list(data: Data) -> anyhow::Result<()> {
    let context = Context::open_existing(&data.data).await?;
    let tokens = context.setup().tokens().await?;
    context.store.close().await;
    for token in &tokens {
        print(&line(token))?;
    }
    Ok(())
}

fn line(ProgramToken { row, agent }: &ProgramToken) -> String {
    let agent = match (agent, row.role) {
        (Some(agent), _) => &agent.email.0,
        (None, Some(role)) if row.reads_private => &format!("archive, {}, private", role.as_str()),
        (None, Some(role)) => &format!("archive, {}", role.as_str()),
        (None, None) => "nobody",
    };
    let name = row.name.as_deref().unwrap_or("without a name");
    let end = match row.expires_at {
        Some(end) => format!("until {}", end.to_rfc3339()),
        None => "does not expire".to_owned(),
    };
    let made = row.created_at.to_rfc3339();
    format!("{}  {agent}  {name}  made {made}  {end}", token_id(row))
}

async fn revoke(args: RevokeArgs) -> anyhow::Result<()> {
    let context = Context::open_existing(&args.data.data).await?;
    context.setup().revoke_token(&args.id).await?;
    context.store.close().await;
    print("revoked")
}
