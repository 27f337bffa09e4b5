//! Opaque tokens of 256 random bits, of which only the hash is stored.
//!
//! Secrets are never compared: they are looked up by their hash, whose timing
//! tells an attacker nothing about the secret.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use parlor_wire::id::AgentId;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest, Sha256};

use crate::{
    clock::Timestamp,
    entropy::Entropy,
    store::{
        Result, Store,
        row::{Agent, Token, TokenKind},
    },
};

/// A month: somebody who works every day signs in again after a holiday.
const CONSOLE_LIFETIME: Duration = Duration::from_secs(30 * 24 * 3600);

/// A link that is printed in a terminal is used the same day, or not at all.
const LINK_LIFETIME: Duration = Duration::from_secs(24 * 3600);

/// The stored form of a token: SHA-256, hex.
pub fn hash_token(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

/// Creates a token. Returns its text, which only its owner may see, and the row
/// to store.
pub fn issue(
    entropy: &Entropy,
    now: Timestamp,
    kind: TokenKind,
    agent: Option<&AgentId>,
) -> (SecretString, Token) {
    let text = entropy.token();
    let lifetime = match kind {
        TokenKind::Console => Some(CONSOLE_LIFETIME),
        TokenKind::SignIn => Some(LINK_LIFETIME),
        TokenKind::Agent | TokenKind::Api => None,
    };
    let row = Token {
        hash: hash_token(&text),
        kind,
        name: None,
        agent_id: agent.cloned(),
        created_at: now,
        expires_at: lifetime.map(|lifetime| now.plus(lifetime)),
        last_used_at: (kind == TokenKind::Console).then_some(now),
        role: None,
        reads_private: false,
    };
    (text.into(), row)
}

/// Reads the token from an `Authorization` header: `Bearer <token>`, or `Basic
/// <base64 of account:token>` (`docs/PROTOCOL.md`, Agents).
pub fn token_from_header(header: &str) -> Option<SecretString> {
    let (scheme, rest) = header.trim().split_once(' ')?;
    let rest = rest.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        return (!rest.is_empty()).then(|| rest.into());
    }
    if scheme.eq_ignore_ascii_case("basic") {
        let pair = String::from_utf8(STANDARD.decode(rest).ok()?).ok()?;
        let (_account, token) = pair.split_once(':')?;
        return (!token.is_empty()).then(|| token.into());
    }
    None
}

/// The agent of a token. `None` for a token that is unknown or expired, of a
/// removed agent, or of a kind that cannot act as an agent.
///
/// # Errors
/// When the store fails.
pub async fn authenticate(
    store: &dyn Store,
    now: Timestamp,
    token: &SecretString,
) -> Result<Option<(Agent, TokenKind)>> {
    let mut tx = store.read_latest().await?;
    let Some(row) = tx.token(&hash_token(token.expose_secret())).await? else {
        return Ok(None);
    };
    let can_act = matches!(row.kind, TokenKind::Agent | TokenKind::Console);
    let (true, true, Some(id)) = (can_act, is_valid_at(&row, now), &row.agent_id) else {
        return Ok(None);
    };
    let agent = tx.agent(id).await?;
    Ok(agent
        .filter(|agent| agent.removed_at.is_none())
        .map(|agent| (agent, row.kind)))
}

/// The token of a back-office program. `None` for one that is unknown or expired, or of
/// another kind.
///
/// # Errors
/// When the store fails.
pub(crate) async fn authenticate_program(
    store: &dyn Store,
    now: Timestamp,
    token: &SecretString,
) -> Result<Option<Token>> {
    let mut tx = store.read_latest().await?;
    let row = tx.token(&hash_token(token.expose_secret())).await?;
    Ok(row.filter(|row| row.kind == TokenKind::Api && is_valid_at(row, now)))
}

pub(super) fn is_valid_at(token: &Token, now: Timestamp) -> bool {
    token.expires_at.is_none_or(|end| now < end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_found_in_both_schemes() {
        let basic = format!("Basic {}", STANDARD.encode("ada@example.com:to:ken"));
        for (header, token) in [
            ("Bearer abc", Some("abc")),
            ("bearer  abc ", Some("abc")),
            (basic.as_str(), Some("to:ken")),
            ("Bearer", None),
            ("Bearer ", None),
            ("Basic !!!", None),
            ("Basic YWJj", None),
            ("Digest abc", None),
            ("", None),
        ] {
            let found = token_from_header(header);
            let found = found.as_ref().map(|found| found.expose_secret());
            assert_eq!(found, token, "{header}");
        }
    }

    #[test]
    fn the_kept_hash_is_sha_256() {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hash_token("abc"), expected);
    }
}
