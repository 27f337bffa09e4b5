//! The command `parlor setup`.

use anyhow::bail;
use clap::Args;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

use super::{Address, Context, Data, print, private};
use crate::{
    private::Private,
    setup::{SetupRequest, Site},
    store::{Store as _, row::Button},
};

#[derive(Args)]
pub(super) struct SetupArgs {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    address: Address,
    /// E-mail of an agent; without one, nothing but the site is set up
    #[arg(long, value_name = "EMAIL", value_parser = private, required_unless_present = "allow_origin")]
    agent: Option<Private<String>>,
    /// The agent's password; ends what was signed in by another
    #[arg(
        long,
        value_name = "PASSWORD",
        env = "PARLOR_PASSWORD",
        hide_env_values = true
    )]
    password: Option<SecretString>,
    /// The agent's name, as visitors see it
    #[arg(long, value_name = "NAME", requires = "agent")]
    name: Option<String>,
    /// A site that may embed the chat, as https://shop.example; may be repeated
    #[arg(long, value_name = "ORIGIN")]
    allow_origin: Vec<String>,
    /// Print one JSON object
    #[arg(long, requires = "agent")]
    json: bool,
}

pub(super) async fn run(args: SetupArgs) -> anyhow::Result<()> {
    let context = Context::open(&args.data.data).await?;
    let site = match args.agent {
        Some(_) if args.password.is_none() => {
            bail!("the agent needs a password: write --password, or set PARLOR_PASSWORD");
        }
        Some(email) => Some(
            context
                .setup()
                .run(&SetupRequest {
                    email,
                    name: args.name,
                    password: args.password,
                    allow_origins: args.allow_origin,
                })
                .await?,
        ),
        None => {
            context.setup().allow_origins(&args.allow_origin).await?;
            None
        }
    };
    let buttons = context.store.read().await?.buttons().await?;
    context.store.close().await;
    match site {
        Some(site) if args.json => print(&json(&site)),
        site => print(&text(site.as_ref(), &buttons, &args.address.public_url)),
    }
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

fn text(site: Option<&Site>, buttons: &[Button], url: &str) -> String {
    let mut text = String::new();
    if let Some(site) = site {
        text += &format!(
            "organization  {}\n\
             deployment    {}\n\
             button        {}\n\
             agent         {}\n\
             agent token   {}\n\
             API token     {}\n\
             The tokens are shown this once.\n\
             Sign in at {url}/agent/\n\n",
            site.organization_id,
            site.deployment_id,
            site.button_id,
            site.agent_id,
            site.agent_token.expose_secret(),
            site.api_token.expose_secret(),
        );
    }
    text += "Put this into the pages that should have the chat:";
    for button in buttons {
        text += &format!(
            "\n\n<!-- {} -->\n<script async src=\"{url}/parlor.js\"\n        \
             data-deployment=\"{}\" data-button=\"{}\"></script>",
            comment(&button.name),
            button.deployment_id,
            button.id
        );
    }
    text
}

/// A text that does not end a comment of HTML.
fn comment(text: &str) -> String {
    text.replace("--", "—").replace('>', "")
}
