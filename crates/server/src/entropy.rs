//! The source of randomness: ids and secrets that nobody can guess. The server
//! takes all randomness from here, so that a simulation can replay a run from
//! its seed.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use base64::{
    Engine as _,
    engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD},
};
use parlor_wire::id::{
    AgentId, AttachedRecordId, ButtonId, ChatId, CustomerId, DeploymentId, OrganizationId,
    RecordId, SessionId, ThreadId,
};
use rand::{Rng as _, RngExt as _, SeedableRng, rngs::StdRng};

use crate::clock::Timestamp;

/// Characters of chat and thread ids (Agent Chat API).
const CAPITALS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/// Characters of the ids of organisation, deployment, button and agent (Chat
/// REST API).
const LETTERS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// See the module. Clones share one generator.
#[derive(Clone)]
pub struct Entropy(Arc<Mutex<StdRng>>);

impl Entropy {
    /// Seeded by the operating system once; a ChaCha stream from there.
    pub fn os() -> Self {
        Self::from_rng(rand::make_rng())
    }

    /// Produces the same values in the same order for the same seed. For
    /// simulations and tests only: whoever knows the seed knows every secret.
    pub fn seeded(seed: u64) -> Self {
        Self::from_rng(StdRng::seed_from_u64(seed))
    }

    fn from_rng(source: StdRng) -> Self {
        Self(Arc::new(Mutex::new(source)))
    }

    pub fn session_id(&self) -> SessionId {
        self.uuid().into()
    }

    /// A session key (`X-LIVEAGENT-SESSION-KEY`): a UUID, the time, and 160
    /// random bits. It contains `!` and ends in `=`, as clients of this API
    /// expect.
    pub fn session_key(&self, now: Timestamp) -> String {
        let secret = URL_SAFE.encode(self.bytes::<20>());
        format!("{}!{}!{secret}", self.uuid(), now.as_millis())
    }

    /// A token of 256 bits: for agents, consoles, back-office programs, and
    /// files.
    pub fn token(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.bytes::<32>())
    }

    /// Identifies a process or a hand-over; 32 bits are enough to tell a few
    /// apart.
    pub fn affinity(&self) -> String {
        hex::encode(self.bytes::<4>())
    }

    pub fn chat_id(&self) -> ChatId {
        self.random_id("", 10, CAPITALS).into()
    }

    pub fn thread_id(&self) -> ThreadId {
        self.random_id("", 10, CAPITALS).into()
    }

    pub fn organization_id(&self) -> OrganizationId {
        self.random_id("00D", 12, LETTERS).into()
    }

    pub fn deployment_id(&self) -> DeploymentId {
        self.random_id("572", 12, LETTERS).into()
    }

    pub fn button_id(&self) -> ButtonId {
        self.random_id("573", 12, LETTERS).into()
    }

    pub fn agent_id(&self) -> AgentId {
        self.random_id("005", 12, LETTERS).into()
    }

    pub fn customer_id(&self) -> CustomerId {
        self.uuid().into()
    }

    pub fn record_id(&self) -> RecordId {
        self.uuid().into()
    }

    /// Whoever knows it knows nothing of the record.
    pub fn attached_record_id(&self) -> AttachedRecordId {
        self.uuid().into()
    }

    /// A visitor id: known to the visitor's device only, which is recognised by
    /// it in its next conversation.
    pub fn visitor_id(&self) -> String {
        self.uuid()
    }

    /// The id of an e-mail, of which its header `Message-ID` is made.
    pub fn mail_id(&self) -> String {
        self.uuid()
    }

    /// The id of a webhook, by which a receiver knows one that comes twice. It has no `.`, which
    /// stands behind it in what is signed (Standard Webhooks).
    pub fn webhook_id(&self) -> String {
        format!("msg_{}", self.uuid())
    }

    /// A number from 0 to 1, to spread what would happen at the same time.
    pub fn fraction(&self) -> f64 {
        self.draw(|source| source.random_range(0.0..1.0))
    }

    /// The salt of a password hash, 128 bits.
    pub fn salt(&self) -> [u8; 16] {
        self.bytes()
    }

    fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.draw(|source| source.fill_bytes(&mut bytes));
        bytes
    }

    /// A random UUID (RFC 9562, version 4).
    fn uuid(&self) -> String {
        let uuid = uuid::Builder::from_random_bytes(self.bytes()).into_uuid();
        uuid.to_string()
    }

    fn random_id(&self, prefix: &str, length: usize, letters: &[u8]) -> String {
        let mut id = prefix.to_owned();
        self.draw(|source| {
            for _ in 0..length {
                let at = source.random_range(0..letters.len());
                id.extend(letters.get(at).copied().map(char::from));
            }
        });
        id
    }

    fn draw<T>(&self, from: impl FnOnce(&mut StdRng) -> T) -> T {
        from(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for Entropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entropy")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn is_uuid(text: &str) -> bool {
        let parts: Vec<&str> = text.split('-').collect();
        parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12])
            && parts
                .concat()
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
            && parts[2].starts_with('4')
            && parts[3].starts_with(['8', '9', 'a', 'b'])
    }

    #[test]
    fn every_id_has_its_format() {
        let entropy = Entropy::os();
        for _ in 0..100 {
            assert!(is_uuid(entropy.session_id().as_str()));
            assert!(is_uuid(entropy.customer_id().as_str()));
            assert!(is_uuid(&entropy.visitor_id()));
            assert!(is_uuid(entropy.record_id().as_str()));
            assert!(is_uuid(entropy.attached_record_id().as_str()));

            let key = entropy.session_key(Timestamp(1_767_225_600_123_456));
            let parts: Vec<&str> = key.split('!').collect();
            assert!(is_uuid(parts[0]));
            assert_eq!(parts[1], "1767225600123");
            assert_eq!((parts.len(), parts[2].len()), (3, 28));
            assert!(key.ends_with('='));

            assert_eq!(entropy.token().len(), 43);
            assert_eq!(entropy.affinity().len(), 8);
            for id in [entropy.chat_id().as_str(), entropy.thread_id().as_str()] {
                assert_eq!(id.len(), 10);
                assert!(id.bytes().all(|b| CAPITALS.contains(&b)), "{id}");
            }
            for (id, prefix) in [
                (String::from(entropy.organization_id()), "00D"),
                (String::from(entropy.deployment_id()), "572"),
                (String::from(entropy.button_id()), "573"),
                (String::from(entropy.agent_id()), "005"),
            ] {
                assert_eq!(id.len(), 15);
                assert!(id.starts_with(prefix), "{id}");
            }
        }
    }

    #[test]
    fn a_seed_replays() {
        let names = |entropy: Entropy| (entropy.token(), entropy.chat_id(), entropy.visitor_id());
        assert_eq!(names(Entropy::seeded(7)), names(Entropy::seeded(7)));
        assert_ne!(names(Entropy::seeded(7)), names(Entropy::seeded(8)));
        assert_ne!(names(Entropy::os()), names(Entropy::os()));
    }

    #[test]
    fn ids_do_not_repeat() {
        let entropy = Entropy::seeded(1);
        let drawn: BTreeSet<_> = (0..10_000).map(|_| entropy.chat_id()).collect();
        assert_eq!(drawn.len(), 10_000);
    }
}
