//! The `[[goal]]` tables of the settings file.

use parlor_wire::{
    DeploymentId,
    limits::{ID_MAX_BYTES, LABEL_MAX_BYTES, NAME_MAX_BYTES},
};

use super::read::{Result, SettingsError, Table, nearest};
use crate::{
    goals::{Goal, PagePattern},
    store::row::Deployment,
};

/// They are part of what every visitor's window loads. A site has a handful.
pub(super) const GOALS_MAX: usize = 50;

/// The most deployments that one goal names.
const DEPLOYMENTS_MAX: usize = 100;

/// One goal in the file. It has no number yet.
#[derive(Debug)]
pub(super) struct GoalEntry {
    pub(super) goal: Goal,
    /// For each of its deployments, the error if there is none in the database.
    unknown: Vec<SettingsError>,
}

impl GoalEntry {
    /// # Errors
    /// For a deployment that there is not.
    pub(super) fn check(&self, deployments: &[Deployment]) -> Result<()> {
        for (id, error) in self.goal.deployments.iter().zip(&self.unknown) {
            if deployments.iter().any(|known| known.id == *id) {
                continue;
            }
            let mut error = error.clone();
            let known = deployments.iter().map(|known| known.id.as_str());
            if let Some(similar) = nearest(known, id.as_str()) {
                error.problem = format!("{}; did you mean {similar}?", error.problem);
            }
            return Err(error);
        }
        Ok(())
    }
}

/// Parses a goal. `before`: those above it in the file.
pub(super) fn goal(table: Table<'_>, before: &[GoalEntry]) -> Result<GoalEntry> {
    let value = table.required("name")?;
    let name = value.non_empty_text(NAME_MAX_BYTES)?;
    if before.iter().any(|known| known.goal.name == name) {
        return Err(value.error("another goal has this name"));
    }
    let description = match table.value("description") {
        Some(value) => value.text(LABEL_MAX_BYTES)?,
        None => String::new(),
    };
    let page = match table.value("page") {
        Some(value) => {
            let pattern = value.non_empty_text(LABEL_MAX_BYTES)?;
            Some(PagePattern::parse(&pattern).map_err(|why| value.error(why))?)
        }
        None => None,
    };
    let (mut deployments, mut unknown) = (Vec::new(), Vec::new());
    if let Some(list) = table.value("deployments") {
        for one in list.list(DEPLOYMENTS_MAX)? {
            deployments.push(DeploymentId::from(one.non_empty_text(ID_MAX_BYTES)?));
            unknown.push(one.error("there is no such deployment in the database"));
        }
        if deployments.is_empty() {
            return Err(list.error("expected at least one; without the line it is for all"));
        }
    }
    table.finish()?;
    Ok(GoalEntry {
        goal: Goal {
            id: 0,
            name,
            description,
            page,
            deployments,
        },
        unknown,
    })
}
