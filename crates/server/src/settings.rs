//! The settings file: what a site's deployments look like, ask and allow, in
//! TOML. It is read and checked whole at start; then the database's settings
//! are what the file says.
//!
//! What must stay true: a file that cannot be used changes nothing, and says in
//! one sentence which line and which field is wrong.

mod deployment;
mod form;
mod read;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use parlor_wire::DeploymentId;

use crate::{
    private::Private,
    store::{Store, StoreError, row::DeploymentSettings},
};
use read::{Source, Table};

pub use read::SettingsError;

/// The file that is looked for in the data folder.
pub const FILE: &str = "parlor.toml";

/// Deployments of one site.
const DEPLOYMENTS_MAX: usize = 100;

/// Secrets that deployments check identity tokens with.
pub type IdentitySecrets = BTreeMap<DeploymentId, Private<Vec<u8>>>;

/// A settings file that was read, and found good.
#[derive(Debug, Default)]
pub struct Settings {
    deployments: Vec<DeploymentEntry>,
}

/// What the file wants of one deployment.
#[derive(Debug)]
struct DeploymentEntry {
    /// None: the first one there is.
    id: Option<DeploymentId>,
    /// None: as they are.
    allowed_origins: Option<Vec<String>>,
    settings: DeploymentSettings,
    identity_secret: Option<Private<Vec<u8>>>,
    /// What to say when there is no such deployment.
    unknown: SettingsError,
}

/// Where secrets are kept, which are not in the file itself.
pub trait SecretSource {
    fn read_env(&self, name: &str) -> Option<Private<Vec<u8>>>;
    /// Space at the end is not part of it.
    fn read_file(&self, path: &Path) -> Option<Private<Vec<u8>>>;
}

/// The process's own; files are looked for from the settings file's folder.
#[derive(Debug)]
pub struct ProcessSecrets(pub PathBuf);

impl SecretSource for ProcessSecrets {
    fn read_env(&self, name: &str) -> Option<Private<Vec<u8>>> {
        std::env::var(name)
            .ok()
            .map(|text| Private(text.into_bytes()))
    }

    fn read_file(&self, path: &Path) -> Option<Private<Vec<u8>>> {
        let bytes = std::fs::read(self.0.join(path)).ok()?;
        Some(Private(bytes.trim_ascii_end().to_vec()))
    }
}

/// Why there are no settings.
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
    /// Reads a file; `None` asks for the one in the data folder, which need not
    /// be there.
    ///
    /// # Errors
    /// When the file cannot be read or is not as it should be.
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

    /// # Errors
    /// What is wrong first.
    pub fn read(text: &str, secrets: &dyn SecretSource) -> Result<Self, SettingsError> {
        let source = Source(text);
        let root = source.parse()?;
        let root = Table::of(source, &root);
        let mut deployments: Vec<DeploymentEntry> = Vec::new();
        for table in root.tables("deployment", DEPLOYMENTS_MAX)? {
            let duplicate = table.error("this deployment is in the file already: give each its id");
            let entry = deployment::deployment(table, secrets)?;
            if deployments.iter().any(|known| known.id == entry.id) {
                return Err(duplicate);
            }
            deployments.push(entry);
        }
        root.finish()?;
        Ok(Self { deployments })
    }

    /// Makes the database's settings what the file says. The one place where
    /// this happens.
    ///
    /// # Errors
    /// When a deployment is not there, or the store fails; then nothing is
    /// changed.
    pub async fn apply(self, path: &Path, store: &dyn Store) -> Result<IdentitySecrets, LoadError> {
        let mut secrets = IdentitySecrets::new();
        let mut tx = store.begin().await?;
        for entry in self.deployments {
            let row = match &entry.id {
                Some(id) => tx.deployment(id).await?,
                None => tx.deployments().await?.into_iter().next(),
            };
            let Some(mut row) = row else {
                return Err(LoadError::Wrong {
                    path: path.display().to_string(),
                    error: entry.unknown,
                });
            };
            if let Some(origins) = entry.allowed_origins {
                row.allowed_origins = origins;
            }
            row.settings = entry.settings;
            tx.put_deployment(&row).await?;
            if let Some(secret) = entry.identity_secret {
                secrets.insert(row.id, secret);
            }
        }
        tx.commit().await?;
        Ok(secrets)
    }
}
