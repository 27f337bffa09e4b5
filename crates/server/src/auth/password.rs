//! Password hashes by Argon2id with the parameters that OWASP recommends (19
//! MiB, two passes). Hashing is slow on purpose, so that it runs on blocking
//! threads, at most one for each core.

use std::{
    sync::{Arc, LazyLock},
    thread::available_parallelism,
};

use argon2::{
    Argon2,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use tokio::{sync::Semaphore, task::spawn_blocking};

use crate::{entropy::Entropy, private::Private};

/// Nobody types longer ones, and they would only cost hashing time.
const PASSWORD_MAX_BYTES: usize = 1024;

/// See the module. Clones share the limit on concurrent hashes.
#[derive(Debug, Clone)]
pub struct Passwords {
    hashing_slots: Arc<Semaphore>,
}

/// Why a password was not hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    #[error("a password must not be empty")]
    Empty,
    #[error("a password has at most {PASSWORD_MAX_BYTES} bytes")]
    TooLong,
    /// Memory or a thread was not available.
    #[error("the password could not be hashed")]
    Failed,
}

/// A hash to compare with when there is none, so that the comparison takes as
/// long as a real one.
static DUMMY_HASH: LazyLock<Option<String>> =
    LazyLock::new(|| hash_blocking("", b"nobody has this!").ok());

/// Read once, because it reads files.
static CORES: LazyLock<usize> =
    LazyLock::new(|| available_parallelism().map_or(1, |cores| cores.get()));

impl Default for Passwords {
    fn default() -> Self {
        Self {
            hashing_slots: Arc::new(Semaphore::new(*CORES)),
        }
    }
}

impl Passwords {
    /// Hashes a password into a PHC string.
    pub async fn hash(
        &self,
        entropy: &Entropy,
        password: &Private<String>,
    ) -> Result<Private<String>, PasswordError> {
        if password.0.is_empty() {
            return Err(PasswordError::Empty);
        }
        if password.0.len() > PASSWORD_MAX_BYTES {
            return Err(PasswordError::TooLong);
        }
        let (password, salt) = (password.0.clone(), entropy.salt());
        self.run_blocking(move || hash_blocking(&password, &salt))
            .await
            .unwrap_or(Err(PasswordError::Failed))
            .map(Private)
    }

    /// Whether the password matches the hash. Without a hash it never does, in
    /// the same time.
    pub async fn verify(&self, password: &Private<String>, hash: Option<&Private<String>>) -> bool {
        if password.0.len() > PASSWORD_MAX_BYTES {
            return false;
        }
        let password = password.0.clone();
        let hash = hash.map(|hash| hash.0.clone());
        self.run_blocking(move || {
            let known = hash.is_some();
            let Some(hash) = hash.or_else(|| DUMMY_HASH.clone()) else {
                return false;
            };
            let matches = PasswordHash::new(&hash).is_ok_and(|hash| {
                Argon2::default()
                    .verify_password(password.as_bytes(), &hash)
                    .is_ok()
            });
            known && matches
        })
        .await
        .unwrap_or(false)
    }

    async fn run_blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let slot = self.hashing_slots.clone().acquire_owned().await.ok()?;
        // The computation continues when its caller is cancelled, and keeps its
        // slot.
        spawn_blocking(move || {
            let _slot = slot;
            work()
        })
        .await
        .ok()
    }
}

fn hash_blocking(password: &str, salt: &[u8; 16]) -> Result<String, PasswordError> {
    Argon2::default()
        .hash_password_with_salt(password.as_bytes(), salt)
        .map(|hash| hash.to_string())
        .map_err(|_| PasswordError::Failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_is_accepted() {
        let passwords = Passwords::default();
        let entropy = Entropy::seeded(1);
        let word = Private("correct horse".to_owned());
        let hash = passwords.hash(&entropy, &word).await.unwrap();
        assert!(hash.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert_ne!(hash, passwords.hash(&entropy, &word).await.unwrap());
        assert!(passwords.verify(&word, Some(&hash)).await);
        for wrong in ["", "correct hors", "correct horse "] {
            let wrong = Private(wrong.to_owned());
            assert!(!passwords.verify(&wrong, Some(&hash)).await);
        }
    }

    #[tokio::test]
    async fn an_agent_without_a_password_cannot_sign_in() {
        let passwords = Passwords::default();
        assert!(!passwords.verify(&Private(String::new()), None).await);
        let broken = Private("not a hash".to_owned());
        assert!(
            !passwords
                .verify(&Private("x".to_owned()), Some(&broken))
                .await
        );
    }

    #[tokio::test]
    async fn empty_and_too_long_passwords_are_refused() {
        let passwords = Passwords::default();
        let entropy = Entropy::seeded(1);
        let refused = |text: String| {
            let (passwords, entropy) = (passwords.clone(), entropy.clone());
            async move { passwords.hash(&entropy, &Private(text)).await.unwrap_err() }
        };
        assert_eq!(refused(String::new()).await, PasswordError::Empty);
        assert_eq!(refused("x".repeat(2000)).await, PasswordError::TooLong);
    }
}
