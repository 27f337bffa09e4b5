//! Adds, changes and removes agents.
//!
//! What must stay true: while there are agents, one of them is an owner.

use std::collections::BTreeSet;

use parlor_wire::limits::URL_MAX_BYTES;
use secrecy::SecretString;

use super::{Setup, SetupError};
use crate::{
    auth::{end_sign_ins, issue},
    presenter::agent as agent_presenter,
    private::Private,
    store::{
        Tx,
        row::{Agent, Audience, NewAgentStreamEvent, Role, RoutingStatus, TokenKind},
    },
};

/// The limit of RFC 5321.
const EMAIL_MAX_BYTES: usize = 254;

/// What is to be different about an agent. `None` leaves it as it is; a new
/// agent has the default.
#[derive(Debug, Clone, Default)]
pub struct AgentDetails {
    /// By default the part of the e-mail address before the `@`.
    pub name: Option<String>,
    /// The address of a picture; empty for none, which is the default.
    pub avatar: Option<String>,
    /// The first agent is the owner, and others are agents.
    pub role: Option<Role>,
    /// Numbers or names. By default all groups there are.
    pub groups: Option<Vec<String>>,
    /// The most chats at a time; 0 for the setting of the site, which is the
    /// default.
    pub concurrent_chats: Option<i64>,
}

impl Setup<'_> {
    /// Adds an agent, or takes a removed one back. Without a password, also
    /// returns the token of a link that signs them in once.
    ///
    /// # Errors
    /// For somebody who is an agent already, an invalid e-mail address, password,
    /// avatar or group, and when the store fails.
    pub async fn add_agent(
        &self,
        email: &Private<String>,
        password: Option<&SecretString>,
        details: &AgentDetails,
    ) -> Result<(Agent, Option<SecretString>), SetupError> {
        let hash = self.new_hash(email, password).await?;
        let mut tx = self.store.begin().await?;
        let known = tx.agent_by_email(&email.0).await?;
        if known.is_some_and(|agent| agent.removed_at.is_none()) {
            return Err(SetupError::AgentExists(email.0.trim().to_owned()));
        }
        self.site(&mut *tx).await?;
        let agent = self.put_agent(&mut *tx, email, details, hash).await?;
        let link = match password {
            Some(_) => None,
            None => Some(self.put_link(&mut *tx, &agent).await?),
        };
        tx.commit().await?;
        Ok((agent, link))
    }

    /// Changes what is known of an agent.
    ///
    /// # Errors
    /// For somebody who is no agent, an invalid avatar or group, when no owner
    /// would be left, and when the store fails.
    pub async fn change_agent(
        &self,
        email: &Private<String>,
        details: &AgentDetails,
    ) -> Result<Agent, SetupError> {
        let mut tx = self.store.begin().await?;
        let before = known_agent(&mut *tx, email).await?;
        let agent = self.put_agent(&mut *tx, email, details, None).await?;
        require_owner(&mut *tx).await?;
        if agent.group_ids != before.group_ids {
            let push = agent_presenter::groups_changed(&agent)?;
            tx.append_agent_stream_event(&NewAgentStreamEvent {
                audience: Audience::only(agent.id.clone()),
                chat_id: None,
                action: push.action,
                payload: push.payload,
                created_at: self.now,
            })
            .await?;
        }
        tx.commit().await?;
        Ok(agent)
    }

    /// Takes an agent's access away. What they wrote stays.
    ///
    /// # Errors
    /// For somebody who is no agent, when no owner would be left, and when the
    /// store fails.
    pub async fn remove_agent(&self, email: &Private<String>) -> Result<Agent, SetupError> {
        let mut tx = self.store.begin().await?;
        let mut agent = known_agent(&mut *tx, email).await?;
        agent.removed_at = Some(self.now);
        agent.routing_status = RoutingStatus::Offline;
        agent.password_hash = None;
        agent.role = Role::Agent;
        tx.put_agent(&agent).await?;
        require_owner(&mut *tx).await?;
        tx.delete_tokens_of(&agent.id).await?;
        tx.commit().await?;
        Ok(agent)
    }

    /// Forgets an agent's password and signs them out everywhere. Returns the
    /// token of a link by which they choose a new one. Programs stay signed in.
    ///
    /// # Errors
    /// For somebody who is no agent, and when the store fails.
    pub async fn reset_password(
        &self,
        email: &Private<String>,
    ) -> Result<(Agent, SecretString), SetupError> {
        let mut tx = self.store.begin().await?;
        let mut agent = known_agent(&mut *tx, email).await?;
        agent.password_hash = None;
        tx.put_agent(&agent).await?;
        end_sign_ins(&mut *tx, &agent).await?;
        let link = self.put_link(&mut *tx, &agent).await?;
        tx.commit().await?;
        Ok((agent, link))
    }

    async fn put_link(&self, tx: &mut dyn Tx, agent: &Agent) -> Result<SecretString, SetupError> {
        let (link, row) = issue(self.entropy, self.now, TokenKind::SignIn, Some(&agent.id));
        tx.put_token(&row).await?;
        Ok(link)
    }

    /// Saves the agent. A new password revokes the agent's tokens.
    pub(super) async fn put_agent(
        &self,
        tx: &mut dyn Tx,
        email: &Private<String>,
        details: &AgentDetails,
        password_hash: Option<Private<String>>,
    ) -> Result<Agent, SetupError> {
        let email = email.0.trim();
        let short = local_part(email).ok_or(SetupError::Email)?;
        let known = tx.agent_by_email(email).await?;
        let is_back = known
            .as_ref()
            .is_none_or(|agent| agent.removed_at.is_some());
        let mut agent = known.unwrap_or_else(|| Agent {
            id: self.entropy.agent_id(),
            email: Private(email.to_owned()),
            name: short.to_owned(),
            password_hash: None,
            avatar: None,
            routing_status: RoutingStatus::AcceptingChats,
            role: Role::Agent,
            concurrent_chats: None,
            group_ids: BTreeSet::new(),
            created_at: self.now,
            removed_at: None,
        });
        if is_back {
            agent.removed_at = None;
            agent.routing_status = RoutingStatus::AcceptingChats;
            let others = tx.agents().await?;
            let is_first = others.iter().all(|other| other.removed_at.is_some());
            agent.role = if is_first { Role::Owner } else { Role::Agent };
            agent.group_ids = tx.groups().await?.iter().map(|group| group.id).collect();
        }
        apply(tx, &mut agent, details).await?;
        if password_hash.is_some() {
            tx.delete_tokens_of(&agent.id).await?;
            agent.password_hash = password_hash;
        }
        tx.put_agent(&agent).await?;
        Ok(agent)
    }
}

async fn apply(
    tx: &mut dyn Tx,
    agent: &mut Agent,
    details: &AgentDetails,
) -> Result<(), SetupError> {
    let name = details.name.as_deref().map(str::trim);
    if let Some(name) = name.filter(|name| !name.is_empty()) {
        agent.name = name.to_owned();
    }
    match details.avatar.as_deref().map(str::trim) {
        None => {}
        Some("") => agent.avatar = None,
        Some(url) if url.starts_with("https://") && url.len() <= URL_MAX_BYTES => {
            agent.avatar = Some(url.to_owned());
        }
        Some(_) => return Err(SetupError::Avatar),
    }
    if let Some(role) = details.role {
        agent.role = role;
    }
    if let Some(names) = &details.groups {
        agent.group_ids = groups(tx, names).await?;
    }
    match details.concurrent_chats {
        None => {}
        Some(0) => agent.concurrent_chats = None,
        Some(most) => agent.concurrent_chats = Some(most),
    }
    Ok(())
}

/// The groups of these numbers or names.
async fn groups(tx: &mut dyn Tx, names: &[String]) -> Result<BTreeSet<i64>, SetupError> {
    let known = tx.groups().await?;
    let find = |name: &String| {
        let is_meant = |id: i64, of: &str| name.parse() == Ok(id) || of == name;
        let group = known.iter().find(|group| is_meant(group.id, &group.name));
        group.map(|group| group.id).ok_or_else(|| {
            let known: Vec<String> = known
                .iter()
                .map(|group| format!("{} ({})", group.id, group.name))
                .collect();
            SetupError::NoGroup(name.clone(), known.join(", "))
        })
    };
    names.iter().filter(|it| !it.is_empty()).map(find).collect()
}

pub(super) async fn known_agent(
    tx: &mut dyn Tx,
    email: &Private<String>,
) -> Result<Agent, SetupError> {
    tx.agent_by_email(&email.0)
        .await?
        .filter(|agent| agent.removed_at.is_none())
        .ok_or_else(|| SetupError::NoAgent(email.0.trim().to_owned()))
}

async fn require_owner(tx: &mut dyn Tx) -> Result<(), SetupError> {
    let agents = tx.agents().await?;
    let mut present = agents.iter().filter(|agent| agent.removed_at.is_none());
    let is_empty = present.clone().next().is_none();
    match is_empty || present.any(|agent| agent.role == Role::Owner) {
        true => Ok(()),
        false => Err(SetupError::LastOwner),
    }
}

/// The part before the `@`; `None` when the text is no e-mail address.
fn local_part(email: &str) -> Option<&str> {
    let (local, domain) = email.rsplit_once('@')?;
    let whole = !local.is_empty() && !domain.is_empty() && email.len() <= EMAIL_MAX_BYTES;
    let clean = !email.chars().any(|c| c.is_whitespace() || c.is_control());
    (whole && clean).then_some(local)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        auth::{Passwords, redeem_link},
        clock::Timestamp,
        entropy::Entropy,
        store::{
            Store as _,
            memory::MemoryStore,
            row::{Group, Token},
        },
    };

    struct World {
        store: MemoryStore,
        entropy: Entropy,
        passwords: Passwords,
    }

    impl World {
        /// With the groups Support and Sales.
        async fn new() -> Self {
            let world = Self {
                store: MemoryStore::default(),
                entropy: Entropy::seeded(1),
                passwords: Passwords::default(),
            };
            let mut tx = world.store.begin().await.unwrap();
            for (id, name) in [(1, "Support"), (2, "Sales")] {
                let name = name.to_owned();
                tx.put_group(&Group { id, name }).await.unwrap();
            }
            tx.commit().await.unwrap();
            world
        }

        fn setup(&self) -> Setup<'_> {
            Setup {
                store: &self.store,
                entropy: &self.entropy,
                passwords: &self.passwords,
                now: Timestamp(1),
            }
        }

        async fn add(&self, name: &str, details: &AgentDetails) -> Result<Agent, SetupError> {
            let (email, setup) = (email(name), self.setup());
            Ok(setup.add_agent(&email, None, details).await?.0)
        }

        async fn change(&self, name: &str, details: &AgentDetails) -> Result<Agent, SetupError> {
            self.setup().change_agent(&email(name), details).await
        }

        async fn agent(&self, name: &str) -> Agent {
            let mut tx = self.store.read().await.unwrap();
            tx.agent_by_email(&email(name).0).await.unwrap().unwrap()
        }

        async fn tokens_of(&self, agent: &Agent) -> Vec<Token> {
            let mut tx = self.store.read().await.unwrap();
            tx.tokens_of(&agent.id).await.unwrap()
        }
    }

    fn email(name: &str) -> Private<String> {
        Private(format!("{name}@example.com"))
    }

    fn in_groups(names: &[&str]) -> AgentDetails {
        AgentDetails {
            groups: Some(names.iter().map(|&name| name.to_owned()).collect()),
            ..AgentDetails::default()
        }
    }

    fn with_role(role: Role) -> AgentDetails {
        AgentDetails {
            role: Some(role),
            ..AgentDetails::default()
        }
    }

    #[tokio::test]
    async fn the_first_agent_is_the_owner_and_others_are_agents_of_all_groups() {
        let world = World::new().await;
        let ada = world.add("ada", &AgentDetails::default()).await.unwrap();
        let bob = world.add("bob", &AgentDetails::default()).await.unwrap();
        assert_eq!((ada.role, bob.role), (Role::Owner, Role::Agent));
        assert_eq!(bob.group_ids, BTreeSet::from([1, 2]));
        let again = world.add("bob", &AgentDetails::default()).await;
        assert!(matches!(again, Err(SetupError::AgentExists(_))));
    }

    #[tokio::test]
    async fn groups_are_named_by_number_or_name() {
        let world = World::new().await;
        let ada = world.add("ada", &in_groups(&["Sales"])).await.unwrap();
        assert_eq!(ada.group_ids, BTreeSet::from([2]));
        for (names, expected) in [
            (&["1", "Sales"][..], BTreeSet::from([1, 2])),
            (&[], BTreeSet::new()),
        ] {
            let changed = world.change("ada", &in_groups(names)).await.unwrap();
            assert_eq!(changed.group_ids, expected);
        }
        let refused = world.change("ada", &in_groups(&["Sale"])).await;
        let refused = refused.unwrap_err().to_string();
        let words = "there is no group \"Sale\"; known are 1 (Support), 2 (Sales)";
        assert_eq!(refused, words);
    }

    #[tokio::test]
    async fn details_that_are_not_given_stay() {
        let world = World::new().await;
        let details = AgentDetails {
            name: Some("Ada L.".to_owned()),
            avatar: Some("https://shop.example/ada.png".to_owned()),
            concurrent_chats: Some(3),
            ..AgentDetails::default()
        };
        let before = world.add("ada", &details).await.unwrap();
        assert_eq!(before.name, "Ada L.");
        let changed = world.change("ada", &AgentDetails::default()).await;
        assert_eq!(changed.unwrap(), before);
        let nothing = AgentDetails {
            avatar: Some(String::new()),
            concurrent_chats: Some(0),
            ..AgentDetails::default()
        };
        let changed = world.change("ada", &nothing).await.unwrap();
        assert_eq!((changed.avatar, changed.concurrent_chats), (None, None));
        let wrong = AgentDetails {
            avatar: Some("javascript:alert()".to_owned()),
            ..AgentDetails::default()
        };
        let refused = world.change("ada", &wrong).await;
        assert!(matches!(refused, Err(SetupError::Avatar)));
    }

    #[tokio::test]
    async fn an_owner_is_left() {
        let world = World::new().await;
        let setup = world.setup();
        world.add("ada", &AgentDetails::default()).await.unwrap();
        world.add("bob", &AgentDetails::default()).await.unwrap();
        let refused = setup.remove_agent(&email("ada")).await;
        assert!(matches!(refused, Err(SetupError::LastOwner)));
        let refused = world.change("ada", &with_role(Role::Agent)).await;
        assert!(matches!(refused, Err(SetupError::LastOwner)));
        assert_eq!(world.agent("ada").await.role, Role::Owner);
        let owner = with_role(Role::Owner);
        world.change("bob", &owner).await.unwrap();
        setup.remove_agent(&email("ada")).await.unwrap();
        // Nobody is left who could need an owner.
        setup.remove_agent(&email("bob")).await.unwrap();
        let refused = setup.remove_agent(&email("bob")).await;
        assert!(matches!(refused, Err(SetupError::NoAgent(_))));
    }

    #[tokio::test]
    async fn a_removed_agent_returns_without_the_old_password() {
        let world = World::new().await;
        let password = "the old password".into();
        let (agent, link) = world
            .setup()
            .add_agent(&email("ada"), Some(&password), &AgentDetails::default())
            .await
            .unwrap();
        assert!(link.is_none());
        world.setup().remove_agent(&email("ada")).await.unwrap();
        let back = world.add("ada", &AgentDetails::default()).await.unwrap();
        assert_eq!(back.id, agent.id);
        assert_eq!((back.removed_at, back.password_hash), (None, None));
        assert_eq!(back.role, Role::Owner);
    }

    #[tokio::test]
    async fn a_reset_ends_sign_ins_and_keeps_programs() {
        let world = World::new().await;
        let ada = world.add("ada", &AgentDetails::default()).await.unwrap();
        let mut tx = world.store.begin().await.unwrap();
        for kind in [TokenKind::Console, TokenKind::Agent] {
            let (_, row) = issue(&world.entropy, Timestamp(1), kind, Some(&ada.id));
            tx.put_token(&row).await.unwrap();
        }
        tx.commit().await.unwrap();
        let (_, link) = world.setup().reset_password(&email("ada")).await.unwrap();
        let mut left: Vec<TokenKind> = Vec::new();
        left.extend(world.tokens_of(&ada).await.iter().map(|token| token.kind));
        assert_eq!(left.len(), 2, "{left:?}");
        assert!(left.contains(&TokenKind::Agent) && left.contains(&TokenKind::SignIn));
        let signed_in = redeem_link(&world.store, Timestamp(2), &link).await;
        assert_eq!(signed_in.unwrap().unwrap().id, ada.id);
    }
}
