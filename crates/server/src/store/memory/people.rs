//! Agents, their tokens, and customers.

use std::sync::Arc;

use parlor_wire::id::{AgentId, CustomerId};

use super::state::{State, copy, orphan, taken};
use crate::store::{
    Result, email_key,
    row::{Agent, Customer, Token, TokenKind},
};

impl State {
    pub(super) fn agents(&self) -> Vec<Agent> {
        let mut rows: Vec<Agent> = self.agents.values().map(|row| Agent::clone(row)).collect();
        rows.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
        rows
    }

    pub(super) fn agent(&self, id: &AgentId) -> Option<Agent> {
        copy(self.agents.get(id))
    }

    pub(super) fn agent_by_email(&self, email: &str) -> Option<Agent> {
        let id = self.agents_by_email.get(&email_key(email))?;
        copy(self.agents.get(id))
    }

    pub(super) fn put_agent(&mut self, row: &Agent) -> Result<()> {
        let key = email_key(&row.email.0);
        if self
            .agents_by_email
            .get(&key)
            .is_some_and(|id| *id != row.id)
        {
            return Err(taken("agent.email_key"));
        }
        if !row.group_ids.iter().all(|id| self.groups.contains_key(id)) {
            return Err(orphan("membership.group_id"));
        }
        if let Some(old) = self.agents.insert(row.id.clone(), Arc::new(row.clone())) {
            self.agents_by_email.remove(&email_key(&old.email.0));
        }
        self.agents_by_email.insert(key, row.id.clone());
        Ok(())
    }

    pub(super) fn program_tokens(&self) -> Vec<Token> {
        let tokens = self.tokens.values();
        let programs = tokens.filter(|it| matches!(it.kind, TokenKind::Agent | TokenKind::Api));
        let mut found: Vec<Token> = programs.map(|token| Token::clone(token)).collect();
        found.sort_by(|a, b| (a.created_at, &a.hash).cmp(&(b.created_at, &b.hash)));
        found
    }

    pub(super) fn token(&self, hash: &str) -> Option<Token> {
        copy(self.tokens.get(hash))
    }

    pub(super) fn put_token(&mut self, row: &Token) -> Result<()> {
        if let Some(agent) = &row.agent_id
            && !self.agents.contains_key(agent)
        {
            return Err(orphan("token.agent_id"));
        }
        self.tokens.insert(row.hash.clone(), Arc::new(row.clone()));
        Ok(())
    }

    pub(super) fn delete_token(&mut self, hash: &str) -> bool {
        self.tokens.remove(hash).is_some()
    }

    pub(super) fn tokens_of(&self, agent: &AgentId) -> Vec<Token> {
        let tokens = self.tokens.values();
        let theirs = tokens.filter(|token| token.agent_id.as_ref() == Some(agent));
        let mut theirs: Vec<Token> = theirs.map(|token| Token::clone(token)).collect();
        theirs.sort_by(|a, b| (a.created_at, &a.hash).cmp(&(b.created_at, &b.hash)));
        theirs
    }

    pub(super) fn delete_tokens_of(&mut self, agent: &AgentId) {
        let theirs: Vec<String> = self
            .tokens
            .values()
            .filter(|token| token.agent_id.as_ref() == Some(agent))
            .map(|token| token.hash.clone())
            .collect();
        for hash in &theirs {
            self.tokens.remove(hash);
        }
    }

    pub(super) fn customer(&self, id: &CustomerId) -> Option<Customer> {
        copy(self.customers.get(id))
    }

    pub(super) fn customers(&self, ids: &[CustomerId]) -> Vec<Customer> {
        ids.iter().filter_map(|id| self.customer(id)).collect()
    }

    pub(super) fn customer_by_visitor(&self, visitor_hash: &str) -> Option<Customer> {
        let id = self.customers_by_visitor.get(visitor_hash)?;
        copy(self.customers.get(id))
    }

    pub(super) fn customer_by_identity(&self, identity_hash: &str) -> Option<Customer> {
        let id = self.customers_by_identity.get(identity_hash)?;
        copy(self.customers.get(id))
    }

    pub(super) fn customers_by_email(&self, email: &str) -> Vec<Customer> {
        let wanted = email_key(email);
        let is_theirs = |row: &Customer| {
            let email = row.email.as_ref();
            email.is_some_and(|email| email_key(&email.0) == wanted)
        };
        let customers = self.customers.values().filter(|row| is_theirs(row));
        customers.map(|row| Customer::clone(row)).collect()
    }

    pub(super) fn add_visitor(&mut self, visitor_hash: &str, customer: &CustomerId) -> Result<()> {
        if !self.customers.contains_key(customer) {
            return Err(orphan("visitor.customer_id"));
        }
        match self.customers_by_visitor.get(visitor_hash) {
            Some(_) => Err(taken("visitor.hash")),
            None => {
                self.customers_by_visitor
                    .insert(visitor_hash.to_owned(), customer.clone());
                Ok(())
            }
        }
    }

    pub(super) fn put_customer(&mut self, row: &Customer) -> Result<()> {
        if let Some(hash) = &row.visitor_hash
            && self
                .customers_by_visitor
                .get(hash)
                .is_some_and(|id| *id != row.id)
        {
            return Err(taken("customer.visitor_hash"));
        }
        if let Some(hash) = &row.identity_hash
            && self
                .customers_by_identity
                .get(hash)
                .is_some_and(|id| *id != row.id)
        {
            return Err(taken("customer.identity_hash"));
        }
        let old = self.customers.insert(row.id.clone(), Arc::new(row.clone()));
        if let Some(hash) = old.as_ref().and_then(|old| old.visitor_hash.as_ref()) {
            self.customers_by_visitor.remove(hash);
        }
        if let Some(hash) = old.as_ref().and_then(|old| old.identity_hash.as_ref()) {
            self.customers_by_identity.remove(hash);
        }
        if let Some(hash) = &row.identity_hash {
            self.customers_by_identity
                .insert(hash.clone(), row.id.clone());
        }
        if let Some(hash) = &row.visitor_hash {
            self.customers_by_visitor
                .insert(hash.clone(), row.id.clone());
        }
        Ok(())
    }
}
