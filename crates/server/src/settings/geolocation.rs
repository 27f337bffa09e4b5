//! The `[geolocation]` table of the settings file.

use std::path::Path;

use parlor_wire::limits::URL_MAX_BYTES;

use super::{
    SecretSource,
    read::{Result, Table},
};
use crate::geolocation::Geolocation;

/// Reads the file that the table names.
pub(super) fn geolocation(table: Table<'_>, files: &dyn SecretSource) -> Result<Geolocation> {
    let file = table.required("file")?;
    let path = file.non_empty_text(URL_MAX_BYTES)?;
    table.finish()?;
    let bytes = files
        .read_bytes(Path::new(&path))
        .map_err(|error| file.error(format!("it cannot be read: {error}")))?;
    Geolocation::from_bytes(bytes).map_err(|error| {
        file.error(format!(
            "it is no MaxMind database, or it is damaged: {error}"
        ))
    })
}
