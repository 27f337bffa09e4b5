//! The commands `parlor webhook list`, `test`, `deliveries` and `retry`.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand, value_parser};

use super::{Context, Data, print};
use crate::{
    clock::Clock,
    entropy::Entropy,
    settings::Settings,
    store::{
        Store as _,
        row::{WebhookDelivery, WebhookQuery},
        sqlite::SqliteStore,
    },
    webhooks::{self, Retried, WebhookConfig},
};

#[derive(Subcommand)]
pub(super) enum WebhookVerb {
    /// The receivers in the settings file, what they are sent, and how much waits for each
    List(ListArgs),
    /// Send a receiver a sample, once, and say what it answers
    Test(TestArgs),
    /// What was sent lately or is to be, the newest first
    Deliveries(DeliveriesArgs),
    /// Send again what waits or was given up
    Retry(RetryArgs),
}

/// The receivers, with their secrets.
#[derive(Args)]
struct File {
    /// The settings file; DIR/parlor.toml when absent
    #[arg(long, value_name = "FILE", env = "PARLOR_SETTINGS")]
    settings: Option<PathBuf>,
}

#[derive(Args)]
pub(super) struct ListArgs {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    file: File,
}

#[derive(Args)]
pub(super) struct TestArgs {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    file: File,
    /// The receiver
    name: String,
    /// One of its events; the first when absent
    #[arg(long, value_name = "EVENT")]
    event: Option<String>,
}

#[derive(Args)]
pub(super) struct DeliveriesArgs {
    #[command(flatten)]
    data: Data,
    /// Those of one receiver
    #[arg(long, value_name = "NAME")]
    hook: Option<String>,
    /// Only those that were given up and can be sent again
    #[arg(long)]
    given_up: bool,
    /// How many
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = value_parser!(u32).range(1..=10_000))]
    limit: u32,
}

#[derive(Args)]
pub(super) struct RetryArgs {
    #[command(flatten)]
    data: Data,
    /// The first column of the list
    #[arg(
        required_unless_present = "all_given_up",
        conflicts_with = "all_given_up"
    )]
    id: Option<String>,
    /// All that were given up
    #[arg(long)]
    all_given_up: bool,
    /// Of one receiver
    #[arg(long, value_name = "NAME", requires = "all_given_up")]
    hook: Option<String>,
}

pub(super) async fn run(verb: WebhookVerb) -> anyhow::Result<()> {
    match verb {
        WebhookVerb::List(args) => list(args).await,
        WebhookVerb::Test(args) => test(args).await,
        WebhookVerb::Deliveries(args) => deliveries(args).await,
        WebhookVerb::Retry(args) => retry(args).await,
    }
}

fn hooks(file: &File, data: &Path) -> anyhow::Result<Vec<WebhookConfig>> {
    let loaded = Settings::load(file.settings.as_deref(), data)?;
    let (path, settings) = loaded.context("there is no settings file: --settings names it")?;
    if settings.webhooks.is_empty() {
        bail!("there is no [[webhook]] in {}", path.display());
    }
    Ok(settings.webhooks)
}

async fn list(args: ListArgs) -> anyhow::Result<()> {
    let data = &args.data.data;
    let hooks = hooks(&args.file, data)?;
    let context = match SqliteStore::is_in(data) {
        true => Some(Context::open(data).await?),
        false => None,
    };
    for hook in &hooks {
        let events: Vec<&str> = hook.events.iter().copied().collect();
        print(&format!(
            "{}  {}  {}",
            hook.name,
            hook.url.0,
            events.join(",")
        ))?;
        if let Some(context) = &context {
            let counts = context
                .store
                .read()
                .await?
                .count_webhooks(&hook.name)
                .await?;
            print(&format!(
                "  {} waiting  {} delivered lately  {} given up",
                counts.waiting, counts.delivered, counts.given_up
            ))?;
        }
    }
    if let Some(context) = context {
        context.store.close().await;
    }
    Ok(())
}

async fn test(args: TestArgs) -> anyhow::Result<()> {
    let hooks = hooks(&args.file, &args.data.data)?;
    let Some(hook) = hooks.iter().find(|hook| hook.name == args.name) else {
        let names: Vec<&str> = hooks.iter().map(|hook| hook.name.as_str()).collect();
        bail!(
            "there is no webhook {:?}; there are {}",
            args.name,
            names.join(", ")
        );
    };
    let chosen = match &args.event {
        Some(event) => hook.events.iter().find(|known| *known == event),
        None => hook.events.first(),
    };
    let Some(event) = chosen else {
        bail!("{} is not sent this event", hook.name);
    };
    let now = Clock::system_after(Default::default()).now();
    match webhooks::send_sample(hook, event, &Entropy::os(), now).await {
        Ok(()) => print(&format!("{} has taken {event}", hook.name)),
        Err(failure) => bail!(
            "{} has not taken {event}: {}",
            hook.name,
            failure.describe()
        ),
    }
}

async fn deliveries(args: DeliveriesArgs) -> anyhow::Result<()> {
    let context = Context::open_existing(&args.data.data).await?;
    let query = WebhookQuery {
        hook: args.hook,
        is_given_up: args.given_up,
        limit: args.limit.into(),
    };
    let rows = context.store.read().await?.webhooks(&query).await?;
    context.store.close().await;
    for row in &rows {
        print(&line(row))?;
    }
    Ok(())
}

/// Nothing of what is sent.
fn line(row: &WebhookDelivery) -> String {
    let state = match (row.delivered_at, row.given_up_at, row.next_attempt_at) {
        (Some(at), ..) => format!("delivered {}", at.to_rfc3339()),
        (_, Some(at), _) => format!("given up {}", at.to_rfc3339()),
        (_, _, Some(at)) => format!("waiting, next {}", at.to_rfc3339()),
        (None, None, None) => "done".to_owned(),
    };
    let chat = match row.chat_id.as_ref() {
        "" => "-",
        chat => chat,
    };
    let problem = row.last_problem.as_deref().map(|it| format!("  {it}"));
    format!(
        "{}  {}  {}  {chat}  {state}  attempts {}{}",
        row.id,
        row.hook,
        row.event,
        row.attempts,
        problem.unwrap_or_default()
    )
}

async fn retry(args: RetryArgs) -> anyhow::Result<()> {
    let context = Context::open_existing(&args.data.data).await?;
    let (store, now) = (&context.store, context.clock.now());
    let words = match &args.id {
        Some(id) => match webhooks::retry(store, id, now).await? {
            Retried::Due => "due".to_owned(),
            Retried::Unknown => bail!("there is no delivery {id:?}"),
            Retried::Gone => {
                bail!("what it said is no longer there: it was delivered, or too many waited")
            }
        },
        None => {
            let count = webhooks::retry_all(store, args.hook.as_deref(), now).await?;
            format!("{count} due")
        }
    };
    context.store.close().await;
    print(&words)
}
