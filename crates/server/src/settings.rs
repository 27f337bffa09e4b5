//! The settings file (TOML): appearance, forms and rules of a site's
//! deployments, and limits of the endpoint. It is read and validated as a whole
//! at start; then the database's settings are replaced by the file's.
//!
//! What must stay true: an invalid file changes nothing, and is reported in one
//! sentence that names the line and the field.

mod deployment;
mod form;
mod limits;
mod read;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use parlor_wire::DeploymentId;
use secrecy::SecretSlice;

use crate::{
    limits::Limits,
    store::{Store, StoreError, row::DeploymentSettings},
};
use read::{Source, Table};

pub use read::SettingsError;

/// The default file name, in the data folder.
pub const FILE: &str = "parlor.toml";

/// The most deployments of a site.
const DEPLOYMENTS_MAX: usize = 100;

/// The secrets of deployments for identity tokens.
pub type IdentitySecrets = BTreeMap<DeploymentId, SecretSlice<u8>>;

/// A valid settings file.
#[derive(Debug, Default)]
pub struct Settings {
    deployments: Vec<DeploymentEntry>,
    /// How much clients may use.
    pub limits: Limits,
}

/// One deployment in the file.
#[derive(Debug)]
struct DeploymentEntry {
    /// `None`: the first deployment in the database.
    id: Option<DeploymentId>,
    /// `None`: unchanged.
    allowed_origins: Option<Vec<String>>,
    settings: DeploymentSettings,
    identity_secret: Option<SecretSlice<u8>>,
    /// The error for a deployment that is not in the database.
    unknown: SettingsError,
}

/// Where secrets come from, which are not in the file itself.
pub trait SecretSource {
    fn read_env(&self, name: &str) -> Option<SecretSlice<u8>>;
    /// Without trailing white space.
    fn read_file(&self, path: &Path) -> Option<SecretSlice<u8>>;
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
        let mut deployments: Vec<DeploymentEntry> = Vec::new();
        for table in root.tables("deployment", DEPLOYMENTS_MAX)? {
            let duplicate = table.error("this deployment is in the file already: give each its id");
            let entry = deployment::deployment(table, secrets)?;
            if deployments.iter().any(|known| known.id == entry.id) {
                return Err(duplicate);
            }
            deployments.push(entry);
        }
        let limits = match root.value("limits") {
            Some(value) => limits::limits(value.table()?)?,
            None => Limits::default(),
        };
        root.finish()?;
        Ok(Self {
            deployments,
            limits,
        })
    }

    /// Writes the settings to the database. Nothing else changes them.
    ///
    /// # Errors
    /// When a deployment does not exist or the store fails; nothing is changed
    /// then.
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
