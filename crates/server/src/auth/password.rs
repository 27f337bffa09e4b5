//! Password hashes by Argon2id with the parameters that OWASP recommends (19
//! MiB, two passes). Hashing is slow on purpose, so that it runs on blocking
//! threads, at most one for each core, and few wait for their turn.

use std::{
    collections::HashSet,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicUsize, Ordering},
    },
    thread::available_parallelism,
};

use argon2::{
    Argon2,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::{sync::Semaphore, task::spawn_blocking};

use crate::{entropy::Entropy, private::Private};

/// The fewest characters of a new password. With the waits between attempts,
/// nobody guesses one that is not among the common ones.
const PASSWORD_MIN_CHARS: usize = 10;

/// Common passwords of so many characters and more, one per line, in lower
/// case: what lists of leaked passwords have most often.
const COMMON_PASSWORDS: &str = include_str!("common_passwords.txt");

/// How many wait for their turn, so that the last one waits about a second.
const WAITING_MAX: usize = 32;

/// Nobody types longer ones, and they would only cost hashing time.
const PASSWORD_MAX_BYTES: usize = 1024;

/// See the module. Clones share the limit on concurrent hashes.
#[derive(Debug, Clone)]
pub struct Passwords {
    hashing_slots: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
}

/// Too many passwords are being checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many people sign in at once")]
pub struct Busy;

/// Why a password was not hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    #[error("a password must not be empty")]
    Empty,
    #[error("a password has at most {PASSWORD_MAX_BYTES} bytes")]
    TooLong,
    #[error("a password has at least {PASSWORD_MIN_CHARS} characters")]
    TooShort,
    #[error("this password is one of those that are tried first")]
    Common,
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
            waiting: Arc::default(),
        }
    }
}

impl Passwords {
    /// Hashes a new password of `owner`, an e-mail address, into a PHC string.
    ///
    /// # Errors
    /// When it is too short, too long or easily guessed.
    pub async fn hash(
        &self,
        entropy: &Entropy,
        owner: &Private<String>,
        password: &SecretString,
    ) -> Result<Private<String>, PasswordError> {
        check_new(owner, password)?;
        let (password, salt) = (password.clone(), entropy.salt());
        self.run_blocking(move || hash_blocking(password.expose_secret(), &salt))
            .await
            .ok()
            .flatten()
            .unwrap_or(Err(PasswordError::Failed))
            .map(Private)
    }

    /// Whether the password matches the hash. Without a hash it never does, in
    /// the same time.
    ///
    /// # Errors
    /// When too many are being checked already.
    pub async fn verify(
        &self,
        password: &SecretString,
        hash: Option<&Private<String>>,
    ) -> Result<bool, Busy> {
        if password.expose_secret().len() > PASSWORD_MAX_BYTES {
            return Ok(false);
        }
        let password = password.clone();
        let hash = hash.map(|hash| hash.0.clone());
        self.run_blocking(move || {
            let known = hash.is_some();
            let Some(hash) = hash.or_else(|| DUMMY_HASH.clone()) else {
                return false;
            };
            let matches = PasswordHash::new(&hash).is_ok_and(|hash| {
                Argon2::default()
                    .verify_password(password.expose_secret().as_bytes(), &hash)
                    .is_ok()
            });
            known && matches
        })
        .await
        .map(|matches| matches.unwrap_or(false))
    }

    /// `None` when the computation panicked.
    async fn run_blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<Option<T>, Busy> {
        let waiting = Waiting::begin(&self.waiting)?;
        let Ok(slot) = self.hashing_slots.clone().acquire_owned().await else {
            return Ok(None);
        };
        drop(waiting);
        // The computation continues when its caller is cancelled, and keeps its
        // slot.
        let done = spawn_blocking(move || {
            let _slot = slot;
            work()
        });
        Ok(done.await.ok())
    }
}

/// One who waits for a slot, until it is dropped.
struct Waiting<'p>(&'p AtomicUsize);

impl<'p> Waiting<'p> {
    fn begin(count: &'p AtomicUsize) -> Result<Self, Busy> {
        let before = count.fetch_add(1, Ordering::Relaxed);
        let waiting = Self(count);
        if before < WAITING_MAX {
            Ok(waiting)
        } else {
            Err(Busy)
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Checks a password before it is set. Passwords that were set before are not
/// checked again.
fn check_new(owner: &Private<String>, password: &SecretString) -> Result<(), PasswordError> {
    static COMMON: LazyLock<HashSet<&str>> = LazyLock::new(|| COMMON_PASSWORDS.lines().collect());
    let password = password.expose_secret();
    if password.is_empty() {
        return Err(PasswordError::Empty);
    }
    if password.len() > PASSWORD_MAX_BYTES {
        return Err(PasswordError::TooLong);
    }
    if password.chars().count() < PASSWORD_MIN_CHARS {
        return Err(PasswordError::TooShort);
    }
    let lower = password.to_lowercase();
    let one_character = lower.chars().all(|c| lower.starts_with(c));
    let owner = owner.0.trim().to_lowercase();
    if one_character || lower == owner || COMMON.contains(lower.as_str()) {
        return Err(PasswordError::Common);
    }
    Ok(())
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
        let word = "correct horse".into();
        let owner = Private("ada@example.com".to_owned());
        let hash = passwords.hash(&entropy, &owner, &word).await.unwrap();
        assert!(hash.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        let again = passwords.hash(&entropy, &owner, &word).await.unwrap();
        assert_ne!(hash, again);
        assert_eq!(passwords.verify(&word, Some(&hash)).await, Ok(true));
        for wrong in ["", "correct hors", "correct horse "] {
            let wrong = wrong.into();
            assert_eq!(passwords.verify(&wrong, Some(&hash)).await, Ok(false));
        }
    }

    #[tokio::test]
    async fn an_agent_without_a_password_cannot_sign_in() {
        let passwords = Passwords::default();
        let nothing = "".into();
        assert_eq!(passwords.verify(&nothing, None).await, Ok(false));
        let broken = Private("not a hash".to_owned());
        let word = "x".into();
        assert_eq!(passwords.verify(&word, Some(&broken)).await, Ok(false));
    }

    #[test]
    fn a_new_password_is_long_and_not_common() {
        let owner = Private("Ada.Lovelace@example.com".to_owned());
        let check = |text: &str| check_new(&owner, &text.into());
        for good in ["correct horse", "größer als 9", "Xq8!Xq8!Xq"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        assert_eq!(check(""), Err(PasswordError::Empty));
        assert_eq!(check(&"xy".repeat(600)), Err(PasswordError::TooLong));
        for short in ["nine char", "größer!!!"] {
            assert_eq!(check(short), Err(PasswordError::TooShort), "{short}");
        }
        for common in [
            "aaaaaaaaaaaa",
            "1234567890",
            "Password123",
            "QWERTYUIOP",
            "ada.lovelace@example.com",
        ] {
            assert_eq!(check(common), Err(PasswordError::Common), "{common}");
        }
    }

    #[test]
    fn the_common_passwords_are_such_as_could_be_set() {
        for word in COMMON_PASSWORDS.lines() {
            assert!(word.chars().count() >= PASSWORD_MIN_CHARS, "{word}");
            assert_eq!(word, word.trim().to_lowercase());
        }
    }

    #[tokio::test]
    async fn few_wait_for_their_turn() {
        let passwords = Passwords::default();
        let word = "guess".into();
        let attempts = (0..1000).map(|_| passwords.verify(&word, None));
        let outcomes = futures_util::future::join_all(attempts).await;
        let checked = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        let (least, most) = (WAITING_MAX, WAITING_MAX + *CORES);
        assert!((least..=most).contains(&checked), "{checked}");
        assert_eq!(passwords.verify(&word, None).await, Ok(false));
    }
}
