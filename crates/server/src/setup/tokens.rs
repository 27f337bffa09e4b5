//! The tokens of programs: made, listed and revoked. A token is named by the
//! beginning of its hash.

use std::time::Duration;

use secrecy::SecretString;

use super::{Setup, SetupError};
use crate::{
    auth::issue,
    private::Private,
    store::row::{Agent, Role, Token, TokenKind},
};

/// How much of a token's hash is shown: enough to tell all tokens apart.
const TOKEN_ID_CHARS: usize = 16;

/// The name of a token in lists.
pub(crate) fn token_id(row: &Token) -> &str {
    row.hash.get(..TOKEN_ID_CHARS).unwrap_or(&row.hash)
}

/// A token with the agent as whom its program acts.
#[derive(Debug, Clone)]
pub(crate) struct ProgramToken {
    pub(crate) row: Token,
    pub(crate) agent: Option<Agent>,
}

/// What the token of a back-office program is to allow.
#[derive(Debug, Clone, Copy, Default)]
pub struct NewApiToken {
    pub role: Option<Role>,
    /// Whether it shows what only agents see.
    pub reads_private: bool,
    /// `None` for one that does not expire.
    pub lifetime: Option<Duration>,
}

impl Setup<'_> {
    /// Makes a token with which a program reads and writes the archive.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn add_api_token(
        &self,
        name: &str,
        new: &NewApiToken,
    ) -> Result<SecretString, SetupError> {
        let (token, mut row) = issue(self.entropy, self.now, TokenKind::Api, None);
        row.name = Some(name.to_owned());
        row.role = new.role;
        row.reads_private = new.reads_private;
        row.expires_at = new.lifetime.map(|lifetime| self.now.plus(lifetime));
        let mut tx = self.store.begin().await?;
        tx.put_token(&row).await?;
        tx.commit().await?;
        Ok(token)
    }

    /// Makes a token with which a program acts as an agent. `lifetime`: `None`
    /// for one that does not expire.
    ///
    /// # Errors
    /// For somebody who is no agent, and when the store fails.
    pub async fn add_token(
        &self,
        email: &Private<String>,
        name: &str,
        lifetime: Option<Duration>,
    ) -> Result<SecretString, SetupError> {
        let mut tx = self.store.begin().await?;
        let agent = super::agents::known_agent(&mut *tx, email).await?;
        let (token, mut row) = issue(self.entropy, self.now, TokenKind::Agent, Some(&agent.id));
        row.name = Some(name.to_owned());
        row.expires_at = lifetime.map(|lifetime| self.now.plus(lifetime));
        tx.put_token(&row).await?;
        tx.commit().await?;
        Ok(token)
    }

    /// The tokens of programs, the oldest first. Those that have expired are left
    /// out.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn tokens(&self) -> Result<Vec<ProgramToken>, SetupError> {
        let mut tx = self.store.read().await?;
        let agents = tx.agents().await?;
        let rows = tx.program_tokens().await?.into_iter();
        let valid = rows.filter(|row| row.expires_at.is_none_or(|end| self.now < end));
        let with_agent = valid.map(|row| ProgramToken {
            agent: agents
                .iter()
                .find(|agent| row.agent_id.as_ref() == Some(&agent.id))
                .cloned(),
            row,
        });
        Ok(with_agent.collect())
    }

    /// Revokes the token of a program. `id`: the beginning of its name in the
    /// list.
    ///
    /// # Errors
    /// When it names no token or several, and when the store fails.
    pub async fn revoke_token(&self, id: &str) -> Result<(), SetupError> {
        let mut tx = self.store.begin().await?;
        let mut tokens = tx.program_tokens().await?;
        tokens.retain(|row| !id.is_empty() && row.hash.starts_with(id));
        match tokens.as_slice() {
            [] => return Err(SetupError::NoToken(id.to_owned())),
            [row] => tx.delete_token(&row.hash).await?,
            _ => return Err(SetupError::AmbiguousToken(id.to_owned())),
        };
        tx.commit().await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        auth::{Passwords, authenticate},
        clock::Timestamp,
        entropy::Entropy,
        setup::AgentDetails,
        store::memory::MemoryStore,
    };

    #[tokio::test]
    async fn tokens_are_listed_expire_and_are_revoked() {
        let (store, entropy) = (MemoryStore::default(), Entropy::seeded(1));
        let passwords = Passwords::default();
        let setup_at = |now| Setup {
            store: &store,
            entropy: &entropy,
            passwords: &passwords,
            now,
        };
        let setup = setup_at(Timestamp(1));
        let email = Private("ada@example.com".to_owned());
        let refused = setup.add_token(&email, "robot", None).await;
        assert!(matches!(refused, Err(SetupError::NoAgent(_))));
        let details = AgentDetails::default();
        setup.add_agent(&email, None, &details).await.unwrap();
        let robot = setup.add_token(&email, "robot", None).await.unwrap();
        let hour = Some(Duration::from_secs(3600));
        let visitor = setup.add_token(&email, "guest", hour).await.unwrap();
        let speaks = async |token, at| {
            let found = authenticate(&store, at, token).await;
            found.unwrap().is_some()
        };
        let later = Timestamp(1).plus(Duration::from_secs(3600));
        assert!(speaks(&visitor, Timestamp(2)).await);
        assert!(!speaks(&visitor, later).await);
        let names = async |now| -> Vec<(String, String)> {
            let tokens = setup_at(now).tokens().await.unwrap();
            let name = |it: ProgramToken| (it.row.name.unwrap(), it.agent.unwrap().name);
            tokens.into_iter().map(name).collect()
        };
        let mut all = names(Timestamp(2)).await;
        all.sort();
        let (robot_of, guest_of) = (("robot", "ada"), ("guest", "ada"));
        let owned = |(a, b): (&str, &str)| (a.to_owned(), b.to_owned());
        assert_eq!(all, [owned(guest_of), owned(robot_of)]);
        assert_eq!(names(later).await, [owned(robot_of)]);

        let tokens = setup_at(later).tokens().await.unwrap();
        for nothing in ["", "x"] {
            let refused = setup.revoke_token(nothing).await;
            assert!(matches!(refused, Err(SetupError::NoToken(_))), "{nothing}");
        }
        setup.revoke_token(token_id(&tokens[0].row)).await.unwrap();
        assert!(!speaks(&robot, Timestamp(2)).await);
        assert!(speaks(&visitor, Timestamp(2)).await);
    }
}
