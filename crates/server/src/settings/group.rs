//! The `[[group]]` tables of the settings file, and the groups that the rest of
//! the file names.

use parlor_wire::limits::NAME_MAX_BYTES;

use super::{
    SettingsError, mail,
    read::{Result, Table, Value},
};
use crate::{mail::EmailAddress, store::row::Group};

/// Numbers that every program reads as a whole number.
const GROUP_ID_MAX: i64 = i32::MAX as i64;

/// A place in the file where a group is named.
#[derive(Debug)]
pub(super) struct GroupUse {
    id: i64,
    /// The error for a group that does not exist.
    unknown: SettingsError,
}

/// Parses a group, and who is told of its new messages, if it says that. `before`:
/// those that stand before it in the file.
pub(super) fn group(
    table: Table<'_>,
    before: &[Group],
) -> Result<(Group, Option<Vec<EmailAddress>>)> {
    let value = table.required("id")?;
    let id = value.integer(1..=GROUP_ID_MAX)?;
    if before.iter().any(|known| known.id == id) {
        return Err(value.error("another group has this id"));
    }
    let value = table.required("name")?;
    let name = value.non_empty_text(NAME_MAX_BYTES)?;
    if before.iter().any(|known| known.name == name) {
        return Err(value.error("another group has this name"));
    }
    let alerts = match table.value("alerts") {
        Some(list) => Some(mail::addresses(&list)?),
        None => None,
    };
    table.finish()?;
    Ok((Group { id, name }, alerts))
}

impl GroupUse {
    /// Reads the number of a group, which is noted in `all` to be checked once
    /// the groups of the database are known.
    pub(super) fn read(value: &Value<'_>, all: &mut Vec<Self>) -> Result<i64> {
        let id = value.integer(1..=GROUP_ID_MAX)?;
        let unknown = value.error("there is no such group");
        all.push(Self { id, unknown });
        Ok(id)
    }

    pub(super) fn check(&self, groups: &[Group]) -> Result<()> {
        if groups.iter().any(|group| group.id == self.id) {
            return Ok(());
        }
        let known: Vec<String> = groups
            .iter()
            .map(|group| format!("{} ({})", group.id, group.name))
            .collect();
        let mut error = self.unknown.clone();
        if !known.is_empty() {
            error.problem = format!("{}; known are {}", error.problem, known.join(", "));
        }
        Err(error)
    }
}
