//! Public information about the site: settings, availability, and the origins
//! that may use it.

use std::collections::BTreeSet;

use parlor_wire::{
    ButtonId, DeploymentId,
    visitor::{AvailabilityResult, Button as WireButton, FilePolicy, Presence, Settings, Welcome},
};

use super::{Result, callback, offline_message, staff};
use crate::{
    app::App,
    clock::Timestamp,
    goals,
    routing::{self, Staff},
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
    let staff = staff::load(tx.as_mut(), app).await?;
    let now = app.clock.now();
    // Outside of working hours nobody is there.
    let is_open = deployment.is_open(now);
    let back_at = deployment.back_at(now);
    let organization = tx.organization().await?;
    let mut all_buttons = tx.buttons().await?;
    all_buttons.retain(|b| b.deployment_id == deployment.id);
    let is_asked = |b: &&Button| button_ids.iter().any(|id| b.id.as_ref() == id);
    let asked: Vec<&Button> = all_buttons.iter().filter(is_asked).collect();
    let online = match asked.is_empty() {
        _ if !is_open => Vec::new(),
        true => online(&staff, all_buttons.iter()),
        false => online(&staff, asked.iter().copied()),
    };
    let callback = callback::offer(&deployment, now);
    let settings = deployment.settings;
    let buttons = asked
        .into_iter()
        .map(|b| {
            let urls = settings.button_urls.get(&b.id).cloned().unwrap_or_default();
            WireButton {
                id: b.id.to_string(),
                kind: "Standard".to_owned(),
                endpoint_url: urls.endpoint,
                prechat_url: urls.prechat,
                language: Some(b.language.clone()),
                is_available: is_open && staff.group_can_take(b.group_id),
                estimated_wait_time: with_wait.then(|| estimated_wait(b)),
                ..WireButton::default()
            }
        })
        .collect();
    Ok(Some(Settings {
        ping_rate: Some(PING_RATE_MS),
        content_server_url: settings
            .content_server_url
            .or_else(|| app.config.public_url.clone()),
        buttons,
        welcome: Some(Welcome {
            organization_id: organization.map(|o| o.id.to_string()).unwrap_or_default(),
            team_name: settings.team_name,
            greeting: settings.greeting,
            accent_color: settings.accent_color,
            offline_form: offline_message::form(settings.when_offline, settings.prechat.as_ref()),
            callback,
            back_at: back_at.map(Timestamp::to_rfc3339),
            prechat: settings.prechat,
            sneak_peek_enabled: settings.sneak_peek_enabled,
            online,
            files: file_policy(settings.files),
            postchat: settings.postchat,
            asks_rating: settings.asks_rating,
            mails_transcripts: app.config.mail.is_some(),
            sensitive_data_rules: settings.sensitive_data_rules,
            goals: goals::visible(
                &app.config.goals,
                &deployment.id,
                app.config.archive.conversion_window_days,
            ),
        }),
    }))
}

/// `None` when the deployment takes no files.
fn file_policy(policy: row::FilePolicy) -> Option<FilePolicy> {
    let row::FilePolicy { max_bytes, types } = policy;
    (!types.is_empty()).then_some(FilePolicy { max_bytes, types })
}

/// Those who accept chats and answer at one of these buttons.
fn online<'b>(staff: &Staff, buttons: impl Iterator<Item = &'b Button>) -> Vec<Presence> {
    let groups: BTreeSet<i64> = buttons.map(|button| button.group_id).collect();
    let answers = |agent: &&Agent| !agent.group_ids.is_disjoint(&groups);
    staff
        .agents()
        .iter()
        .filter(|a| routing::accepts(a))
        .filter(answers)
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

/// Whether buttons and agents accept chats and have room for one more (Chat REST
/// API, `Availability`). Every id asked for is listed, also unknown ones, and
/// buttons of another deployment than the one that is named.
pub(crate) async fn availability(
    app: &App,
    deployment: Option<&str>,
    ids: &[String],
    with_wait: bool,
) -> Result<Vec<AvailabilityResult>> {
    let mut tx = app.store.read().await?;
    let staff = staff::load(tx.as_mut(), app).await?;
    let mut buttons = tx.buttons().await?;
    buttons.retain(|b| deployment.is_none_or(|id| b.deployment_id.as_ref() == id));
    let now = app.clock.now();
    let deployments = tx.deployments().await?;
    let is_open = |button: &Button| {
        let mut deployments = deployments.iter();
        deployments.any(|it| it.id == button.deployment_id && it.is_open(now))
    };
    Ok(ids
        .iter()
        .map(|id| {
            let button = buttons.iter().find(|b| b.id == ButtonId::from(id.as_str()));
            let agent = staff.agents().iter().find(|a| a.id.as_ref() == id);
            AvailabilityResult {
                id: id.clone(),
                is_available: match (button, agent) {
                    (Some(button), _) => is_open(button) && staff.group_can_take(button.group_id),
                    (None, Some(agent)) => staff.can_take(agent),
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
