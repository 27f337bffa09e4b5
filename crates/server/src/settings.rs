//! The settings file (TOML): groups, and deployments with their buttons,
//! appearance, forms and rules, goals, and limits of the endpoint. It is read and
//! validated as a whole at start; then the database's settings are replaced by
//! the file's.
//!
//! What must stay true: an invalid file changes nothing, and is reported in one
//! sentence that names the line and the field.

mod agents;
mod archive;
mod deployment;
mod form;
mod geolocation;
mod goal;
mod group;
mod limits;
mod mail;
mod read;
mod routing;
mod webhook;
mod working_hours;

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::{Path, PathBuf},
};

use parlor_wire::{ButtonId, DeploymentId};
use secrecy::SecretSlice;

use crate::{
    geolocation::Geolocation,
    goals::Goal,
    limits::Limits,
    mail::{EmailAddress, MailConfig},
    presence::Grace,
    store::{
        Store, StoreError, Tx,
        row::{Button, Deployment, DeploymentSettings, EntityKind, Group, QueueKey, Role, Routing},
    },
    webhooks::WebhookConfig,
};
use goal::GoalEntry;
use group::GroupUse;
use read::{Source, Table, Value, nearest};

pub use archive::ArchiveRules;
pub use read::SettingsError;
pub use routing::RoutingRules;

/// The default file name, in the data folder.
pub const FILE: &str = "parlor.toml";

/// The most deployments of a site.
const DEPLOYMENTS_MAX: usize = 100;

/// The most groups of a site.
const GROUPS_MAX: usize = 100;

/// Longer ids are refused by the script that loads the chat.
const NEW_ID_MAX_BYTES: usize = 64;

/// The secrets of deployments for identity tokens.
pub type IdentitySecrets = BTreeMap<DeploymentId, SecretSlice<u8>>;

/// A valid settings file.
#[derive(Debug, Default)]
pub struct Settings {
    groups: Vec<Group>,
    deployments: Vec<DeploymentEntry>,
    /// How much clients may use.
    pub limits: Limits,
    /// After how long an agent of whom nothing is heard is no longer there.
    pub grace: Grace,
    /// How visitors come to agents.
    pub routing: RoutingRules,
    /// Where mail is sent; `None`: nowhere.
    pub mail: Option<MailConfig>,
    /// Who is told of conversations by webhooks.
    pub webhooks: Vec<WebhookConfig>,
    /// Where visitors' addresses are.
    pub geolocation: Geolocation,
    /// How the archive is searched.
    pub archive: ArchiveRules,
    /// What counts as a success of a chat.
    goals: Vec<GoalEntry>,
    /// The endpoint to which the site has moved.
    switch_url: Option<String>,
}

/// What follows from a settings file and is not in the database as a whole.
#[derive(Debug)]
pub struct Applied {
    pub identity_secrets: IdentitySecrets,
    /// With their numbers.
    pub goals: Vec<Goal>,
}

/// One deployment in the file.
#[derive(Debug)]
struct DeploymentEntry {
    /// `None`: the first deployment in the database.
    id: Option<DeploymentId>,
    /// With a name, a deployment that is not in the database is made.
    name: Option<String>,
    buttons: Vec<ButtonEntry>,
    /// The groups that its buttons and forms name.
    groups: Vec<GroupUse>,
    /// `None`: unchanged.
    allowed_origins: Option<Vec<String>>,
    settings: DeploymentSettings,
    identity_secret: Option<SecretSlice<u8>>,
    /// The error for a deployment that is not in the database.
    unknown: SettingsError,
}

/// One button in the file.
#[derive(Debug)]
struct ButtonEntry {
    id: ButtonId,
    name: String,
    group_id: i64,
    language: String,
    routing: Routing,
    /// The error for an id that another button has.
    taken: SettingsError,
}

/// Where secrets and other files come from, which are not in the file itself.
pub trait SecretSource {
    fn read_env(&self, name: &str) -> Option<SecretSlice<u8>>;
    /// Without trailing white space.
    fn read_file(&self, path: &Path) -> Option<SecretSlice<u8>>;
    /// The bytes of a file that is no secret.
    ///
    /// # Errors
    /// When there is no such file, or it cannot be read.
    fn read_bytes(&self, path: &Path) -> io::Result<Vec<u8>>;
}

/// The environment and files of this process. Relative paths start from the
/// settings file's folder.
#[derive(Debug)]
pub struct ProcessSecrets(pub PathBuf);

impl SecretSource for ProcessSecrets {
    fn read_env(&self, name: &str) -> Option<SecretSlice<u8>> {
        std::env::var(name)
            .ok()
            .map(|text| text.into_bytes().into())
    }

    fn read_file(&self, path: &Path) -> Option<SecretSlice<u8>> {
        let bytes = std::fs::read(self.0.join(path)).ok()?;
        Some(bytes.trim_ascii_end().to_vec().into())
    }

    fn read_bytes(&self, path: &Path) -> io::Result<Vec<u8>> {
        std::fs::read(self.0.join(path))
    }
}

/// Why the settings could not be loaded or applied.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error("cannot read {path}: {reason}")]
    Unreadable { path: String, reason: String },
    #[error("{path}, {error}")]
    Wrong { path: String, error: SettingsError },
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Settings {
    /// Loads a file. `None` means the default file in the data folder, which
    /// may be missing.
    ///
    /// # Errors
    /// When the file cannot be read or is invalid.
    pub fn load(file: Option<&Path>, data: &Path) -> Result<Option<(PathBuf, Self)>, LoadError> {
        let path = match file {
            Some(file) => file.to_owned(),
            None => data.join(FILE),
        };
        if file.is_none() && !path.exists() {
            return Ok(None);
        }
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(&path).map_err(|error| LoadError::Unreadable {
            path: shown.clone(),
            reason: error.to_string(),
        })?;
        let folder = path.parent().map(Path::to_owned).unwrap_or_default();
        let settings = Self::read(&text, &ProcessSecrets(folder))
            .map_err(|error| LoadError::Wrong { path: shown, error })?;
        Ok(Some((path, settings)))
    }

    /// Parses and validates the text of a settings file.
    ///
    /// # Errors
    /// The first mistake in it.
    pub fn read(text: &str, secrets: &dyn SecretSource) -> Result<Self, SettingsError> {
        let source = Source(text);
        let root = source.parse()?;
        let root = Table::of(source, &root);
        let mut groups: Vec<Group> = Vec::new();
        let mut group_alerts: BTreeMap<i64, Vec<EmailAddress>> = BTreeMap::new();
        let mut first_alerts = None;
        for table in root.tables("group", GROUPS_MAX)? {
            let without_mail = table.error("alerts need a [mail] table");
            let (group, alerts) = group::group(table, &groups)?;
            if let Some(alerts) = alerts {
                group_alerts.insert(group.id, alerts);
                first_alerts.get_or_insert(without_mail);
            }
            groups.push(group);
        }
        let mut deployments: Vec<DeploymentEntry> = Vec::new();
        let mut buttons = BTreeSet::new();
        for table in root.tables("deployment", DEPLOYMENTS_MAX)? {
            let duplicate = table.error("this deployment is in the file already: give each its id");
            let entry = deployment::deployment(table, secrets)?;
            if deployments.iter().any(|known| known.id == entry.id) {
                return Err(duplicate);
            }
            for button in &entry.buttons {
                if !buttons.insert(button.id.clone()) {
                    return Err(button.taken.clone());
                }
            }
            deployments.push(entry);
        }
        let limits = match root.value("limits") {
            Some(value) => limits::limits(value.table()?)?,
            None => Limits::default(),
        };
        let grace = match root.value("agents") {
            Some(value) => agents::grace(value.table()?)?,
            None => Grace::default(),
        };
        let routing = match root.value("routing") {
            Some(value) => routing::routing(value.table()?)?,
            None => RoutingRules::default(),
        };
        let mail = match (root.value("mail"), first_alerts) {
            (Some(value), _) => {
                let mut config = mail::mail(value.table()?, secrets)?;
                config.group_alerts = group_alerts;
                Some(config)
            }
            (None, Some(without_mail)) => return Err(without_mail),
            (None, None) => None,
        };

        let mut webhooks = Vec::new();
        for table in root.tables("webhook", webhook::WEBHOOKS_MAX)? {
            webhooks.push(webhook::webhook(table, secrets, &webhooks)?);
        }
        let geolocation = match root.value("geolocation") {
            Some(value) => geolocation::geolocation(value.table()?, secrets)?,
            None => Geolocation::default(),
        };
        let archive = match root.value("archive") {
            Some(value) => archive::archive(value.table()?)?,
            None => ArchiveRules::default(),
        };
        let mut goals = Vec::new();
        for table in root.tables("goal", goal::GOALS_MAX)? {
            goals.push(goal::goal(table, &goals)?);
        }
        let switch_url = match root.value("moved_to") {
            Some(value) => Some(moved_to(&value)?),
            None => None,
        };
        root.finish()?;
        Ok(Self {
            groups,
            deployments,
            limits,
            grace,
            routing,
            geolocation,
            archive,
            goals,
            mail,
            webhooks,
            switch_url,
        })
    }

    /// Whether the file makes deployments, and names none that must be there
    /// before.
    pub fn makes_its_deployments(&self) -> bool {
        let mut deployments = self.deployments.iter();
        !self.deployments.is_empty() && deployments.all(|it| it.id.is_some() && it.name.is_some())
    }

    /// Writes the settings to the database. Nothing else changes them. What the
    /// file does not name stays as it is.
    ///
    /// # Errors
    /// When a deployment or a group does not exist, a button belongs to another
    /// deployment, or the store fails; nothing is changed then.
    pub async fn apply(self, path: &Path, store: &dyn Store) -> Result<Applied, LoadError> {
        let wrong = |error| LoadError::Wrong {
            path: path.display().to_string(),
            error,
        };
        let mut secrets = IdentitySecrets::new();
        let mut tx = store.begin().await?;
        if let Some(mut organization) = tx.organization().await?
            && organization.switch_url != self.switch_url
        {
            organization.switch_url.clone_from(&self.switch_url);
            tx.put_organization(&organization).await?;
        }
        let known = tx.groups().await?;
        for group in &self.groups {
            tx.put_group(group).await?;
        }
        let groups = tx.groups().await?;
        let made = groups.iter().map(|group| group.id);
        let made = made.filter(|id| !known.iter().any(|group| group.id == *id));
        add_owners(tx.as_mut(), made.collect()).await?;
        let before = tx.deployments().await?;
        for mut entry in self.deployments {
            for named in &entry.groups {
                named.check(&groups).map_err(wrong)?;
            }
            let secret = entry.identity_secret.take();
            let buttons = std::mem::take(&mut entry.buttons);
            let row = entry.row(&before, !buttons.is_empty()).map_err(wrong)?;
            tx.put_deployment(&row).await?;
            for button in buttons {
                put_button(tx.as_mut(), &row, button)
                    .await?
                    .map_err(wrong)?;
            }
            if let Some(secret) = secret {
                secrets.insert(row.id, secret);
            }
        }
        let deployments = tx.deployments().await?;
        let mut goals = Vec::new();
        for entry in self.goals {
            entry.check(&deployments).map_err(wrong)?;
            let mut goal = entry.goal;
            goal.id = tx.entity_number(EntityKind::Goal, &goal.name).await?;
            goals.push(goal);
        }
        tx.commit().await?;
        Ok(Applied {
            identity_secrets: secrets,
            goals,
        })
    }
}

/// Clients add the resource to the address (Chat REST API, `SwitchServer`).
fn moved_to(value: &Value<'_>) -> Result<String, SettingsError> {
    let address = deployment::web_address(value)?;
    match address.ends_with("/chat") {
        true => Ok(address),
        false => {
            Err(value
                .error("expected the address of an endpoint, as https://chat.example.com/chat"))
        }
    }
}

/// Makes the owners of the site members of new groups: their visitors find
/// somebody.
async fn add_owners(tx: &mut dyn Tx, groups: Vec<i64>) -> Result<(), StoreError> {
    if groups.is_empty() {
        return Ok(());
    }
    for mut agent in tx.agents().await? {
        if agent.role == Role::Owner && agent.removed_at.is_none() {
            agent.group_ids.extend(&groups);
            tx.put_agent(&agent).await?;
        }
    }
    Ok(())
}

impl DeploymentEntry {
    /// The deployment as the file has it. `before`: all that the database has.
    fn row(self, before: &[Deployment], has_buttons: bool) -> Result<Deployment, SettingsError> {
        let known = match &self.id {
            Some(id) => before.iter().find(|row| row.id == *id),
            None => before.first(),
        };
        let mut row = match (known, self.id, self.name.clone()) {
            (Some(row), ..) => row.clone(),
            (None, Some(_), Some(_)) if !has_buttons => {
                let problem = "a new deployment needs a [[deployment.button]]".to_owned();
                return Err(SettingsError {
                    problem,
                    ..self.unknown
                });
            }
            (None, Some(id), Some(name)) => Deployment {
                id,
                name,
                allowed_origins: Vec::new(),
                settings: DeploymentSettings::default(),
            },
            (None, id, _) => {
                let ids = before.iter().map(|row| row.id.as_str());
                let similar = id.and_then(|id| nearest(ids, id.as_str()));
                let mut error = self.unknown;
                error.problem = match similar {
                    Some(similar) => format!("{}; did you mean {similar}?", error.problem),
                    None => format!(
                        "{}: with an id and a name, the file makes it",
                        error.problem
                    ),
                };
                return Err(error);
            }
        };
        if let Some(name) = self.name {
            row.name = name;
        }
        if let Some(origins) = self.allowed_origins {
            row.allowed_origins = origins;
        }
        row.settings = self.settings;
        Ok(row)
    }
}

/// Writes a button. The inner error is a mistake in the file.
async fn put_button(
    tx: &mut dyn Tx,
    deployment: &Deployment,
    entry: ButtonEntry,
) -> Result<Result<(), SettingsError>, StoreError> {
    let known = tx.button(&entry.id).await?;
    if let Some(other) = &known
        && other.deployment_id != deployment.id
    {
        return Ok(Err(entry.taken));
    }
    if known
        .as_ref()
        .is_some_and(|it| it.group_id != entry.group_id)
    {
        move_waiting(tx, &entry.id, entry.group_id).await?;
    }
    tx.put_button(&Button {
        id: entry.id,
        deployment_id: deployment.id.clone(),
        name: entry.name,
        group_id: entry.group_id,
        language: entry.language,
        routing: entry.routing,
        average_wait_s: known.and_then(|button| button.average_wait_s),
    })
    .await?;
    Ok(Ok(()))
}

/// Who waits for a button waits for the agents of its group.
async fn move_waiting(tx: &mut dyn Tx, button: &ButtonId, group_id: i64) -> Result<(), StoreError> {
    let queue = QueueKey {
        button_id: Some(button.clone()),
        agent_id: None,
    };
    for waiting in tx.waiting_threads(&queue, 0, usize::MAX).await? {
        if let Some(mut thread) = tx.thread(&waiting.thread_id).await? {
            thread.group_id = group_id;
            tx.put_thread(&thread).await?;
        }
        if let Some(mut chat) = tx.chat(&waiting.chat_id).await? {
            chat.group_id = group_id;
            tx.put_chat(&chat).await?;
        }
    }
    Ok(())
}

/// Whether the script that loads the chat accepts this as an id.
fn is_id(text: &str) -> bool {
    let clean = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    (1..=NEW_ID_MAX_BYTES).contains(&text.len()) && text.bytes().all(clean)
}
