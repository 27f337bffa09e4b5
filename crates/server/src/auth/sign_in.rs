//! Signing in with a password, or with a link that works once and by which a
//! new password can be chosen.

use std::net::IpAddr;

use secrecy::{ExposeSecret as _, SecretString};

use super::{Busy, Passwords, Throttle, hash_token, token::is_valid_at};
use crate::{
    clock::{Clock, Timestamp},
    private::Private,
    store::{
        Result, Store, Tx,
        row::{Agent, TokenKind},
    },
};

/// When too many passwords are being checked: that takes about a second.
const BUSY_RETRY_AFTER_S: u64 = 2;

/// State for signing in.
#[derive(Debug, Default)]
pub struct SignIn {
    pub passwords: Passwords,
    pub throttle: Throttle,
}

/// The outcome of an attempt.
#[derive(Debug, Clone, PartialEq)]
pub enum SignInOutcome {
    /// Signed in as this agent.
    SignedIn(Agent),
    /// Refused: unknown e-mail address, wrong password, no password, or a
    /// removed agent. They are not distinguished.
    Refused,
    /// Too many attempts; the next one is allowed after this many seconds.
    Throttled(u64),
}

impl SignIn {
    /// Checks an e-mail address and a password. `address` is the client's IP
    /// address; `None` when it is unknown.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn by_password(
        &self,
        store: &dyn Store,
        clock: &Clock,
        address: Option<IpAddr>,
        email: &str,
        password: &SecretString,
    ) -> Result<SignInOutcome> {
        if let Err(seconds) = self.throttle.attempt(clock, email, address) {
            return Ok(SignInOutcome::Throttled(seconds));
        }
        let agent = store.read().await?.agent_by_email(email).await?;
        let agent = agent.filter(|agent| agent.removed_at.is_none());
        let hash = agent
            .as_ref()
            .and_then(|agent| agent.password_hash.as_ref());
        let verified = self.passwords.verify(password, hash).await;
        Ok(match (agent, verified) {
            (_, Err(Busy)) => SignInOutcome::Throttled(BUSY_RETRY_AFTER_S),
            (Some(agent), Ok(true)) => {
                self.throttle.record_success(email, address);
                SignInOutcome::SignedIn(agent)
            }
            _ => SignInOutcome::Refused,
        })
    }
}

/// Redeems the token of a sign-in link, once.
///
/// # Errors
/// When the store fails.
pub async fn redeem_link(
    store: &dyn Store,
    now: Timestamp,
    token: &SecretString,
) -> Result<Option<Agent>> {
    let mut tx = store.begin().await?;
    let agent = take_link(&mut *tx, now, token).await?;
    tx.commit().await?;
    Ok(agent)
}

/// The agent of a sign-in link, which stays valid.
///
/// # Errors
/// When the store fails.
pub async fn agent_of_link(
    store: &dyn Store,
    now: Timestamp,
    token: &SecretString,
) -> Result<Option<Agent>> {
    let mut tx = store.read().await?;
    find_link(&mut *tx, now, token).await
}

/// Redeems the token of a sign-in link and gives its agent a password. All of
/// their sign-ins end; programs stay signed in.
///
/// # Errors
/// When the store fails.
pub async fn redeem_link_for_password(
    store: &dyn Store,
    now: Timestamp,
    token: &SecretString,
    password_hash: Private<String>,
) -> Result<Option<Agent>> {
    let mut tx = store.begin().await?;
    let Some(mut agent) = take_link(&mut *tx, now, token).await? else {
        return Ok(None);
    };
    agent.password_hash = Some(password_hash);
    tx.put_agent(&agent).await?;
    end_sign_ins(&mut *tx, &agent).await?;
    tx.commit().await?;
    Ok(Some(agent))
}

/// Deletes what a person is, or can be, signed in with. Tokens of programs stay.
///
/// # Errors
/// When the store fails.
pub(crate) async fn end_sign_ins(tx: &mut dyn Tx, agent: &Agent) -> Result<()> {
    for token in tx.tokens_of(&agent.id).await? {
        if matches!(token.kind, TokenKind::Console | TokenKind::SignIn) {
            tx.delete_token(&token.hash).await?;
        }
    }
    Ok(())
}

async fn take_link(tx: &mut dyn Tx, now: Timestamp, token: &SecretString) -> Result<Option<Agent>> {
    let agent = find_link(tx, now, token).await?;
    if agent.is_some() {
        tx.delete_token(&hash_token(token.expose_secret())).await?;
    }
    Ok(agent)
}

async fn find_link(tx: &mut dyn Tx, now: Timestamp, token: &SecretString) -> Result<Option<Agent>> {
    let Some(row) = tx.token(&hash_token(token.expose_secret())).await? else {
        return Ok(None);
    };
    let (TokenKind::SignIn, true, Some(id)) = (row.kind, is_valid_at(&row, now), &row.agent_id)
    else {
        return Ok(None);
    };
    let agent = tx.agent(id).await?;
    Ok(agent.filter(|agent| agent.removed_at.is_none()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        auth::{authenticate, issue},
        entropy::Entropy,
        store::{
            memory::MemoryStore,
            row::{Role, RoutingStatus},
        },
    };

    const PASSWORD: &str = "correct horse";

    struct World {
        store: MemoryStore,
        clock: Clock,
        entropy: Entropy,
        sign_in: SignIn,
    }

    impl World {
        async fn new() -> Self {
            let world = Self {
                store: MemoryStore::default(),
                clock: Clock::starting_at(Timestamp(0)),
                entropy: Entropy::seeded(1),
                sign_in: SignIn::default(),
            };
            for (id, email) in [("005A", "ada@example.com"), ("005L", "link@example.com")] {
                let password = PASSWORD.into();
                let owner = Private(email.to_owned());
                let passwords = &world.sign_in.passwords;
                let hash = passwords.hash(&world.entropy, &owner, &password);
                let hash = hash.await.unwrap();
                world
                    .put(&Agent {
                        id: id.into(),
                        email: Private(email.to_owned()),
                        name: "Ada".to_owned(),
                        password_hash: (id == "005A").then_some(hash),
                        avatar: None,
                        routing_status: RoutingStatus::Offline,
                        role: Role::Agent,
                        concurrent_chats: None,
                        group_ids: Default::default(),
                        created_at: Timestamp(0),
                        removed_at: None,
                    })
                    .await;
            }
            world
        }

        async fn put(&self, agent: &Agent) {
            let mut tx = self.store.begin().await.unwrap();
            tx.put_agent(agent).await.unwrap();
            tx.commit().await.unwrap();
        }

        async fn token(&self, kind: TokenKind, agent: Option<&str>) -> SecretString {
            let agent = agent.map(Into::into);
            let (text, row) = issue(&self.entropy, self.clock.now(), kind, agent.as_ref());
            let mut tx = self.store.begin().await.unwrap();
            tx.put_token(&row).await.unwrap();
            tx.commit().await.unwrap();
            text
        }

        async fn agent_of(&self, token: &SecretString) -> Option<String> {
            let found = authenticate(&self.store, self.clock.now(), token).await;
            found.unwrap().map(|(agent, _)| agent.id.into())
        }

        async fn sign_in(&self, email: &str, password: &str) -> SignInOutcome {
            let password = password.into();
            self.sign_in
                .by_password(&self.store, &self.clock, None, email, &password)
                .await
                .unwrap()
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_right_password_signs_in() {
        let world = World::new().await;
        let answer = world.sign_in("ADA@example.com", PASSWORD).await;
        assert!(matches!(answer, SignInOutcome::SignedIn(agent) if agent.id.as_str() == "005A"));
    }

    #[tokio::test(start_paused = true)]
    async fn every_refusal_is_the_same() {
        let world = World::new().await;
        let mut ada = world
            .store
            .read()
            .await
            .unwrap()
            .agents()
            .await
            .unwrap()
            .remove(0);
        for (email, password) in [
            ("ada@example.com", "wrong"),
            ("nobody@example.com", PASSWORD),
            ("link@example.com", ""),
        ] {
            assert_eq!(world.sign_in(email, password).await, SignInOutcome::Refused);
        }
        ada.removed_at = Some(Timestamp(1));
        world.put(&ada).await;
        assert_eq!(
            world.sign_in("ada@example.com", PASSWORD).await,
            SignInOutcome::Refused
        );
    }

    #[tokio::test(start_paused = true)]
    async fn throttling_applies_to_the_right_password_too() {
        let world = World::new().await;
        for _ in 0..5 {
            assert_eq!(
                world.sign_in("ada@example.com", "guess").await,
                SignInOutcome::Refused
            );
        }
        let waiting = world.sign_in("ada@example.com", PASSWORD).await;
        assert_eq!(waiting, SignInOutcome::Throttled(2));
        tokio::time::advance(Duration::from_secs(2)).await;
        let answer = world.sign_in("ada@example.com", PASSWORD).await;
        assert!(matches!(answer, SignInOutcome::SignedIn(_)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_link_works_once() {
        let world = World::new().await;
        let link = world.token(TokenKind::SignIn, Some("005L")).await;
        assert_eq!(world.agent_of(&link).await, None);
        let now = world.clock.now();
        let first = redeem_link(&world.store, now, &link).await.unwrap();
        assert_eq!(first.unwrap().id.as_str(), "005L");
        assert_eq!(redeem_link(&world.store, now, &link).await.unwrap(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn expired_links_and_other_tokens_do_not_sign_in() {
        let world = World::new().await;
        let link = world.token(TokenKind::SignIn, Some("005L")).await;
        let agent = world.token(TokenKind::Agent, Some("005A")).await;
        tokio::time::advance(Duration::from_secs(24 * 3600)).await;
        let now = world.clock.now();
        assert_eq!(redeem_link(&world.store, now, &link).await.unwrap(), None);
        assert_eq!(redeem_link(&world.store, now, &agent).await.unwrap(), None);
        assert_eq!(world.agent_of(&agent).await.as_deref(), Some("005A"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_is_valid_while_it_and_its_agent_are() {
        let world = World::new().await;
        let program = world.token(TokenKind::Agent, Some("005A")).await;
        let console = world.token(TokenKind::Console, Some("005A")).await;
        let api = world.token(TokenKind::Api, None).await;
        assert_eq!(world.agent_of(&program).await.as_deref(), Some("005A"));
        assert_eq!(world.agent_of(&console).await.as_deref(), Some("005A"));
        assert_eq!(world.agent_of(&api).await, None);
        assert_eq!(world.agent_of(&"nonsense".into()).await, None);

        tokio::time::advance(Duration::from_secs(31 * 24 * 3600)).await;
        assert_eq!(world.agent_of(&console).await, None);
        assert_eq!(world.agent_of(&program).await.as_deref(), Some("005A"));

        let mut ada = world
            .store
            .read()
            .await
            .unwrap()
            .agent(&"005A".into())
            .await;
        let ada = ada.as_mut().unwrap().as_mut().unwrap();
        ada.removed_at = Some(Timestamp(1));
        world.put(ada).await;
        assert_eq!(world.agent_of(&program).await, None);
    }
}
