//! Public information about the site: settings, availability, and the origins
//! that may use it.

use parlor_wire::{
    ButtonId, DeploymentId,
    visitor::{AvailabilityResult, Button as WireButton, FilePolicy, Presence, Settings, Welcome},
};

use super::Result;
use crate::{
    app::App,
    routing,
    store::row::{self, Agent, Button, Deployment},
};

/// Milliseconds between two pings of a client (Chat REST API, `Settings`).
const PING_RATE_MS: i64 = 50_000;

/// The most agents whose names are shown before a chat begins.
const ONLINE_SHOWN: usize = 3;

/// The new address, when the organisation has moved (Chat REST API,
/// `SwitchServer`).
pub(crate) async fn switch_url(app: &App) -> Result<Option<String>> {
    let mut tx = app.store.read().await?;
    Ok(tx.organization().await?.and_then(|o| o.switch_url))
}

/// The buttons asked for, and the texts and forms of our window (Chat REST API,
/// `Settings`). `None` for an unknown deployment.
pub(crate) async fn settings(
    app: &App,
    deployment: &DeploymentId,
    button_ids: &[String],
    with_wait: bool,
) -> Result<Option<Settings>> {
    let mut tx = app.store.read().await?;
    let Some(deployment) = tx.deployment(deployment).await? else {
        return Ok(None);
    };
    let agents = app.presence.with_status(tx.agents().await?);
    let organization = tx.organization().await?;
    let buttons = tx
        .buttons()
        .await?
        .into_iter()
        .filter(|b| button_ids.iter().any(|id| b.id.as_ref() == id))
        .map(|b| WireButton {
            id: b.id.to_string(),
            kind: "Standard".to_owned(),
            language: Some(b.language.clone()),
            is_available: routing::somebody_accepts(&agents),
            estimated_wait_time: with_wait.then(|| estimated_wait(&b)),
            ..WireButton::default()
        })
        .collect();
    let settings = deployment.settings;
    Ok(Some(Settings {
        ping_rate: Some(PING_RATE_MS),
        content_server_url: app.config.public_url.clone(),
        buttons,
        welcome: Some(Welcome {
            organization_id: organization.map(|o| o.id.to_string()).unwrap_or_default(),
            team_name: settings.team_name,
            greeting: settings.greeting,
            accent_color: settings.accent_color,
            prechat: settings.prechat,
            sneak_peek_enabled: settings.sneak_peek_enabled,
            online: online(&agents),
            files: file_policy(settings.files),
            postchat: settings.postchat,
            asks_rating: settings.asks_rating,
            sensitive_data_rules: settings.sensitive_data_rules,
        }),
    }))
}

/// `None` when the deployment takes no files.
fn file_policy(policy: row::FilePolicy) -> Option<FilePolicy> {
    let row::FilePolicy { max_bytes, types } = policy;
    (!types.is_empty()).then_some(FilePolicy { max_bytes, types })
}

fn online(agents: &[Agent]) -> Vec<Presence> {
    agents
        .iter()
        .filter(|a| routing::accepts(a))
        .take(ONLINE_SHOWN)
        .map(|a| Presence {
            name: a.name.clone(),
            avatar: a.avatar.clone(),
        })
        .collect()
}

/// How long a visitor who comes now will wait, in seconds; -1 when it is
/// unknown.
fn estimated_wait(button: &Button) -> i64 {
    routing::estimated_wait(button.average_wait_s, 0)
}

/// Whether buttons and agents accept chats (Chat REST API, `Availability`).
/// Every id asked for is listed, also unknown ones.
pub(crate) async fn availability(
    app: &App,
    ids: &[String],
    with_wait: bool,
) -> Result<Vec<AvailabilityResult>> {
    let mut tx = app.store.read().await?;
    let agents = app.presence.with_status(tx.agents().await?);
    let buttons = tx.buttons().await?;
    Ok(ids
        .iter()
        .map(|id| {
            let button = buttons.iter().find(|b| b.id == ButtonId::from(id.as_str()));
            let agent = agents.iter().find(|a| a.id.as_ref() == id);
            AvailabilityResult {
                id: id.clone(),
                is_available: match (button, agent) {
                    (Some(_), _) => routing::somebody_accepts(&agents),
                    (None, Some(agent)) => routing::accepts(agent),
                    (None, None) => false,
                },
                estimated_wait_time: with_wait.then(|| button.map_or(-1, estimated_wait)),
            }
        })
        .collect())
}

/// Whether any deployment allows pages of `origin` to call the visitor API.
pub(crate) async fn origin_is_known(app: &App, origin: &str) -> Result<bool> {
    let mut tx = app.store.read().await?;
    let deployments = tx.deployments().await?;
    Ok(deployments.iter().any(|d| allows_origin(d, origin)))
}

pub(crate) fn allows_origin(deployment: &Deployment, origin: &str) -> bool {
    deployment.allowed_origins.iter().any(|o| o == origin)
}
