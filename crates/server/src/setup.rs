//! Creates a site: organisation, deployment, button, and the first agent; changes
//! who answers, and the tokens of programs. It knows rows and defaults. It does
//! not know the command line.
//!
//! What must stay true: running it again creates nothing twice. Ids are kept,
//! origins are added, and the agent gets the given password.

mod agents;
mod tokens;

use parlor_wire::{
    event::{FieldKind, Form, FormField},
    id::{AgentId, ButtonId, DeploymentId, OrganizationId},
    limits::URL_MAX_BYTES,
};

use secrecy::SecretString;

use crate::{
    auth::{PasswordError, Passwords, issue},
    clock::Timestamp,
    entropy::Entropy,
    origin,
    private::Private,
    store::{
        Store, StoreError, Tx,
        row::{
            Button, Deployment, DeploymentSettings, Group, Organization, Role, Routing, TokenKind,
        },
    },
};

pub use agents::AgentDetails;
pub use tokens::NewApiToken;
pub(crate) use tokens::{ProgramToken, token_id};

/// The first agent, who signs in by the link that the first start prints.
const FIRST_AGENT_EMAIL: &str = "agent@localhost";
const FIRST_AGENT_NAME: &str = "Agent";

/// The name of the tokens that are made with a site.
const SETUP_TOKEN: &str = "parlor setup";

/// What to create or add.
#[derive(Debug, Clone)]
pub struct SetupRequest {
    pub email: Private<String>,
    /// `None`: an existing agent keeps their name, a new one is called by the
    /// part before the `@`.
    pub name: Option<String>,
    pub password: Option<SecretString>,
    pub allow_origins: Vec<String>,
}

/// The ids of the site, and new tokens, which are shown only here.
#[derive(Debug, Clone)]
pub struct Site {
    pub organization_id: OrganizationId,
    pub deployment_id: DeploymentId,
    pub button_id: ButtonId,
    pub agent_id: AgentId,
    pub agent_token: SecretString,
    pub api_token: SecretString,
}

/// Why a site was not set up. Each error is one sentence for a person.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Password(#[from] PasswordError),
    #[error("{0:?} is not an origin: write scheme, host and port alone, as https://shop.example")]
    Origin(String),
    #[error("this is not an e-mail address")]
    Email,
    #[error("{0} is an agent already")]
    AgentExists(String),
    #[error("{0} is not an agent")]
    NoAgent(String),
    #[error("there is no group {0:?}; known are {1}")]
    NoGroup(String, String),
    #[error("somebody else has to be an owner first: there would be none left")]
    LastOwner,
    #[error("an avatar is the https address of a picture, of at most {URL_MAX_BYTES} bytes")]
    Avatar,
    #[error("there is no token {0:?}: `parlor token list` lists them")]
    NoToken(String),
    #[error("{0:?} names several tokens: write more of it")]
    AmbiguousToken(String),
}

/// Sets up a site in a store.
#[derive(Debug, Clone, Copy)]
pub struct Setup<'a> {
    pub store: &'a dyn Store,
    pub entropy: &'a Entropy,
    pub passwords: &'a Passwords,
    pub now: Timestamp,
}

impl Setup<'_> {
    /// Creates what is missing, and returns what exists then.
    ///
    /// # Errors
    /// For an invalid e-mail address, origin or password, and when the store
    /// fails.
    pub async fn run(&self, request: &SetupRequest) -> Result<Site, SetupError> {
        let origins = origins(&request.allow_origins)?;
        let hash = self
            .new_hash(&request.email, request.password.as_ref())
            .await?;

        let mut tx = self.store.begin().await?;
        let (organization, deployment, button) = self.site(&mut *tx).await?;
        let deployment = allow(&mut *tx, deployment, origins).await?;
        let details = AgentDetails {
            name: request.name.clone(),
            ..AgentDetails::default()
        };
        let agent = self
            .put_agent(&mut *tx, &request.email, &details, hash)
            .await?;
        let (agent_token, mut row) =
            issue(self.entropy, self.now, TokenKind::Agent, Some(&agent.id));
        row.name = Some(SETUP_TOKEN.to_owned());
        tx.put_token(&row).await?;
        let (api_token, mut row) = issue(self.entropy, self.now, TokenKind::Api, None);
        row.name = Some(SETUP_TOKEN.to_owned());
        row.role = Some(Role::Administrator);
        tx.put_token(&row).await?;
        tx.commit().await?;

        Ok(Site {
            organization_id: organization.id,
            deployment_id: deployment.id,
            button_id: button.id,
            agent_id: agent.id,
            agent_token,
            api_token,
        })
    }

    /// Creates what is missing of a site but an agent, and lets pages of these
    /// origins embed the chat.
    ///
    /// # Errors
    /// For an invalid origin, and when the store fails.
    pub async fn allow_origins(&self, origins: &[String]) -> Result<(), SetupError> {
        let origins = self::origins(origins)?;
        let mut tx = self.store.begin().await?;
        let (_, deployment, _) = self.site(&mut *tx).await?;
        allow(&mut *tx, deployment, origins).await?;
        tx.commit().await?;
        Ok(())
    }

    /// On an empty database creates a site with an agent, and returns the token
    /// of a link that signs them in once. `None` if there is a site.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn first_start(&self) -> Result<Option<SecretString>, SetupError> {
        let mut tx = self.store.begin().await?;
        if tx.organization().await?.is_some() {
            return Ok(None);
        }
        self.site(&mut *tx).await?;
        let email = Private(FIRST_AGENT_EMAIL.to_owned());
        let details = AgentDetails {
            name: Some(FIRST_AGENT_NAME.to_owned()),
            ..AgentDetails::default()
        };
        let agent = self.put_agent(&mut *tx, &email, &details, None).await?;
        let (link, row) = issue(self.entropy, self.now, TokenKind::SignIn, Some(&agent.id));
        tx.put_token(&row).await?;
        tx.commit().await?;
        Ok(Some(link))
    }

    /// The new password hash; `None` when no password is given or it is the
    /// same as before.
    async fn new_hash(
        &self,
        email: &Private<String>,
        password: Option<&SecretString>,
    ) -> Result<Option<Private<String>>, SetupError> {
        let Some(password) = password else {
            return Ok(None);
        };
        let agent = self.store.read().await?.agent_by_email(&email.0).await?;
        let now = agent.and_then(|agent| agent.password_hash);
        let same = self.passwords.verify(password, now.as_ref()).await;
        if now.is_some() && same == Ok(true) {
            return Ok(None);
        }
        let hash = self.passwords.hash(self.entropy, email, password);
        Ok(Some(hash.await?))
    }

    /// Loads the site and creates what is missing.
    async fn site(
        &self,
        tx: &mut dyn Tx,
    ) -> Result<(Organization, Deployment, Button), SetupError> {
        let organization = match tx.organization().await? {
            Some(row) => row,
            None => {
                let row = Organization {
                    id: self.entropy.organization_id(),
                    name: "My organisation".to_owned(),
                    switch_url: None,
                };
                tx.put_organization(&row).await?;
                row
            }
        };
        let deployment = match tx.deployments().await?.into_iter().next() {
            Some(row) => row,
            None => {
                let row = Deployment {
                    id: self.entropy.deployment_id(),
                    name: "Website".to_owned(),
                    allowed_origins: Vec::new(),
                    settings: default_settings(),
                };
                tx.put_deployment(&row).await?;
                row
            }
        };
        let buttons = tx.buttons().await?;
        let button = match buttons
            .into_iter()
            .find(|b| b.deployment_id == deployment.id)
        {
            Some(row) => row,
            None => {
                let row = Button {
                    id: self.entropy.button_id(),
                    deployment_id: deployment.id.clone(),
                    name: "Chat".to_owned(),
                    group_id: first_group(tx).await?.id,
                    language: "en_US".to_owned(),
                    routing: Routing::default(),
                    average_wait_s: None,
                };
                tx.put_button(&row).await?;
                row
            }
        };
        Ok((organization, deployment, button))
    }
}

/// The first group, which is made if there is none.
async fn first_group(tx: &mut dyn Tx) -> Result<Group, StoreError> {
    if let Some(group) = tx.groups().await?.into_iter().next() {
        return Ok(group);
    }
    let group = Group {
        id: 1,
        name: "Support".to_owned(),
    };
    tx.put_group(&group).await?;
    Ok(group)
}

async fn allow(
    tx: &mut dyn Tx,
    mut deployment: Deployment,
    origins: Vec<String>,
) -> Result<Deployment, StoreError> {
    for origin in origins {
        if !deployment.allowed_origins.contains(&origin) {
            deployment.allowed_origins.push(origin);
        }
    }
    tx.put_deployment(&deployment).await?;
    Ok(deployment)
}

/// The settings of a new site.
pub(crate) fn default_settings() -> DeploymentSettings {
    let field = |id: &str, kind, label: &str, required| FormField {
        kind,
        id: id.into(),
        label: label.to_owned(),
        required: Some(required),
        options: None,
    };
    DeploymentSettings {
        team_name: "Support".to_owned(),
        greeting: "Hi! How can we help?".to_owned(),
        accent_color: None,
        prechat: Some(Form {
            form_id: "prechat".into(),
            form_type: Some("prechat".to_owned()),
            fields: vec![
                field("name", FieldKind::Name, "Your name", true),
                field("email", FieldKind::Email, "Your e-mail", true),
                field("question", FieldKind::Textarea, "How can we help?", false),
            ],
        }),
        sneak_peek_enabled: true,
        ..DeploymentSettings::default()
    }
}

fn origins(texts: &[String]) -> Result<Vec<String>, SetupError> {
    texts
        .iter()
        .map(|text| origin::normal(text).ok_or_else(|| SetupError::Origin(text.clone())))
        .collect()
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;
    use crate::{
        auth::{authenticate, redeem_link},
        store::{
            memory::MemoryStore,
            row::{Agent, RoutingStatus},
        },
    };

    struct World {
        store: MemoryStore,
        entropy: Entropy,
        passwords: Passwords,
    }

    impl World {
        fn new() -> Self {
            Self {
                store: MemoryStore::default(),
                entropy: Entropy::seeded(1),
                passwords: Passwords::default(),
            }
        }

        fn setup(&self) -> Setup<'_> {
            Setup {
                store: &self.store,
                entropy: &self.entropy,
                passwords: &self.passwords,
                now: Timestamp(1),
            }
        }

        async fn speaks(&self, token: &SecretString) -> bool {
            let found = authenticate(&self.store, Timestamp(2), token).await;
            found.unwrap().is_some()
        }

        async fn agent(&self, email: &str) -> Agent {
            let found = self.store.read().await.unwrap().agent_by_email(email).await;
            found.unwrap().unwrap()
        }
    }

    fn wish(email: &str, password: Option<&str>, origins: &[&str]) -> SetupRequest {
        SetupRequest {
            email: Private(email.to_owned()),
            name: None,
            password: password.map(SecretString::from),
            allow_origins: origins.iter().map(|&origin| origin.to_owned()).collect(),
        }
    }

    #[tokio::test]
    async fn a_site_is_created_on_an_empty_store() {
        let world = World::new();
        let wish = wish(
            "ada@example.com",
            Some("a long password"),
            &["https://Shop.example/"],
        );
        let site = world.setup().run(&wish).await.unwrap();
        assert!(world.speaks(&site.agent_token).await);
        assert!(!world.speaks(&site.api_token).await);

        let mut tx = world.store.read().await.unwrap();
        let deployment = tx.deployment(&site.deployment_id).await.unwrap().unwrap();
        assert_eq!(deployment.allowed_origins, ["https://shop.example"]);
        let button = tx.button(&site.button_id).await.unwrap().unwrap();
        assert_eq!(button.deployment_id, site.deployment_id);
        let agent = tx.agent(&site.agent_id).await.unwrap().unwrap();
        assert_eq!(agent.name, "ada");
        assert_eq!(agent.routing_status, RoutingStatus::AcceptingChats);
        let hash = agent.password_hash.unwrap();
        let right = "a long password".into();
        assert_eq!(world.passwords.verify(&right, Some(&hash)).await, Ok(true));
    }

    #[tokio::test]
    async fn running_it_again_creates_nothing() {
        let world = World::new();
        let first = wish(
            "ada@example.com",
            Some("the old password"),
            &["https://a.example"],
        );
        let first = world.setup().run(&first).await.unwrap();
        let mut again = wish(
            "ADA@example.com",
            Some("the new password"),
            &["https://a.example", "https://b.example"],
        );
        again.name = Some("Ada L.".to_owned());
        let again = world.setup().run(&again).await.unwrap();

        assert_eq!(again.organization_id, first.organization_id);
        assert_eq!(again.deployment_id, first.deployment_id);
        assert_eq!(again.button_id, first.button_id);
        assert_eq!(again.agent_id, first.agent_id);
        assert!(!world.speaks(&first.agent_token).await);
        assert!(world.speaks(&again.agent_token).await);
        let mut tx = world.store.read().await.unwrap();
        let deployments = tx.deployments().await.unwrap();
        let origins = &deployments[0].allowed_origins;
        assert_eq!(origins, &["https://a.example", "https://b.example"]);
        let agent = world.agent("ada@example.com").await;
        assert_eq!(agent.name, "Ada L.");
        let new = "the new password".into();
        let verified = world
            .passwords
            .verify(&new, agent.password_hash.as_ref())
            .await;
        assert_eq!(verified, Ok(true));
    }

    #[tokio::test]
    async fn setting_the_same_password_keeps_tokens() {
        let world = World::new();
        let wish = wish("ada@example.com", Some("a long password"), &[]);
        let first = world.setup().run(&wish).await.unwrap();
        let again = world.setup().run(&wish).await.unwrap();
        assert_ne!(
            first.agent_token.expose_secret(),
            again.agent_token.expose_secret()
        );
        assert!(world.speaks(&first.agent_token).await);
        assert!(world.speaks(&again.agent_token).await);
    }

    #[tokio::test]
    async fn the_first_start_gives_one_link() {
        let world = World::new();
        let link = world.setup().first_start().await.unwrap().unwrap();
        assert!(world.setup().first_start().await.unwrap().is_none());
        let agent = redeem_link(&world.store, Timestamp(2), &link)
            .await
            .unwrap();
        assert_eq!(agent.unwrap().email.0, FIRST_AGENT_EMAIL);
    }

    #[tokio::test]
    async fn invalid_requests_are_refused_and_leave_nothing() {
        let world = World::new();
        for (wish, words) in [
            (wish("ada", Some("a long password"), &[]), "e-mail"),
            (
                wish("a da@example.com", Some("a long password"), &[]),
                "e-mail",
            ),
            (wish("ada@example.com", Some(""), &[]), "empty"),
            (
                wish(
                    "ada@example.com",
                    Some("a long password"),
                    &["shop.example"],
                ),
                "origin",
            ),
            (
                wish("ada@example.com", Some("a long password"), &["*"]),
                "origin",
            ),
        ] {
            let refused = world.setup().run(&wish).await.unwrap_err().to_string();
            assert!(refused.contains(words), "{refused}");
        }
        let mut tx = world.store.read().await.unwrap();
        assert_eq!(tx.organization().await.unwrap(), None);
    }
}
