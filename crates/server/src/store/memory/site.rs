//! Organisation, deployments, buttons, groups.

use std::sync::Arc;

use parlor_wire::id::{ButtonId, DeploymentId};

use super::state::{State, copy, orphan, taken};
use crate::store::{
    Result,
    row::{Button, Deployment, Group, Organization},
};

impl State {
    pub(super) fn organization(&self) -> Option<Organization> {
        copy(self.organization.as_ref())
    }

    pub(super) fn put_organization(&mut self, row: &Organization) -> Result<()> {
        match &self.organization {
            Some(other) if other.id != row.id => Err(taken("organization")),
            _ => {
                self.organization = Some(Arc::new(row.clone()));
                Ok(())
            }
        }
    }

    pub(super) fn deployments(&self) -> Vec<Deployment> {
        self.deployments
            .values()
            .map(|row| Deployment::clone(row))
            .collect()
    }

    pub(super) fn deployment(&self, id: &DeploymentId) -> Option<Deployment> {
        copy(self.deployments.get(id))
    }

    pub(super) fn put_deployment(&mut self, row: &Deployment) -> Result<()> {
        self.deployments
            .insert(row.id.clone(), Arc::new(row.clone()));
        Ok(())
    }

    pub(super) fn buttons(&self) -> Vec<Button> {
        self.buttons
            .values()
            .map(|row| Button::clone(row))
            .collect()
    }

    pub(super) fn button(&self, id: &ButtonId) -> Option<Button> {
        copy(self.buttons.get(id))
    }

    pub(super) fn put_button(&mut self, row: &Button) -> Result<()> {
        if !self.deployments.contains_key(&row.deployment_id) {
            return Err(orphan("button.deployment_id"));
        }
        self.buttons.insert(row.id.clone(), Arc::new(row.clone()));
        Ok(())
    }

    pub(super) fn groups(&self) -> Vec<Group> {
        self.groups.values().map(|row| Group::clone(row)).collect()
    }

    pub(super) fn put_group(&mut self, row: &Group) {
        self.groups.insert(row.id, Arc::new(row.clone()));
    }
}
