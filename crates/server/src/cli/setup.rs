//! The command `parlor setup`.

use clap::Args;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

use super::{Context, Data, print, private};
use crate::{
    private::Private,
    setup::{SetupRequest, Site},
};

#[derive(Args)]
pub(super) struct SetupArgs {
    #[command(flatten)]
    data: Data,
    /// E-mail of an agent
    #[arg(long, value_name = "EMAIL", value_parser = private)]
    agent: Private<String>,
    /// The agent's password; ends what was signed in by another
    #[arg(
        long,
        value_name = "PASSWORD",
        env = "PARLOR_PASSWORD",
        hide_env_values = true
    )]
    password: SecretString,
    /// The agent's name, as visitors see it
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// A site that may embed the chat, as https://shop.example; may be repeated
    #[arg(long, value_name = "ORIGIN")]
    allow_origin: Vec<String>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(args: SetupArgs) -> anyhow::Result<()> {
    let context = Context::open(&args.data.data).await?;
    let site = context
        .setup()
        .run(&SetupRequest {
            email: args.agent,
            name: args.name,
            password: Some(args.password),
            allow_origins: args.allow_origin,
        })
        .await?;
    context.store.close().await;
    print(&if args.json { json(&site) } else { text(&site) })
}

fn json(site: &Site) -> String {
    json!({
        "organizationId": site.organization_id,
        "deploymentId": site.deployment_id,
        "buttonId": site.button_id,
        "agentId": site.agent_id,
        "agentToken": site.agent_token.expose_secret(),
        "apiToken": site.api_token.expose_secret(),
    })
    .to_string()
}

fn text(site: &Site) -> String {
    format!(
        "organization  {}\n\
         deployment    {}\n\
         button        {}\n\
         agent         {}\n\
         agent token   {}\n\
         API token     {}\n\
         The tokens are shown this once.",
        site.organization_id,
        site.deployment_id,
        site.button_id,
        site.agent_id,
        site.agent_token.expose_secret(),
        site.api_token.expose_secret(),
    )
}
