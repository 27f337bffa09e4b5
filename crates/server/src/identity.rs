//! Identity tokens: JWTs by which a site vouches for its users, signed with the
//! secret that it shares with its deployment (`docs/PROTOCOL.md`, 5, Identity).
//! It knows claims and signatures, not customers.
//!
//! What must stay true: HS256 and no other algorithm, whatever the token's
//! header says; a token is valid for a day at most, so that a leaked one does
//! not give access to a visitor's history for ever.

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, errors::ErrorKind};
use parlor_wire::limits::{ID_MAX_BYTES, IDENTITY_TOKEN_MAX_BYTES, NAME_MAX_BYTES};
use serde::Deserialize;
use serde_json::Value;

use crate::{clock::Timestamp, store::row::Company};

/// How far in the future `exp` may be.
const LIFETIME_MAX_S: i64 = 24 * 3600;

/// The tolerated difference between two servers' clocks.
const CLOCKS_DIFFER_S: i64 = 60;

/// The claims about the visitor. Has no `Debug`, because they are private.
#[derive(Deserialize)]
pub(crate) struct Identity {
    /// The site's user id.
    pub(crate) sub: String,
    /// Seconds since 1970.
    exp: f64,
    #[serde(default)]
    pub(crate) name: Option<String>,
    #[serde(default)]
    pub(crate) email: Option<String>,
    #[serde(default)]
    company: Option<Value>,
}

impl Identity {
    /// The company for which the visitor is there: a name, or an object with `name` and the
    /// site's own `identifier`. Anything else, and what is too long, is left out.
    pub(crate) fn company(&self) -> Option<Company> {
        let claim = self.company.as_ref()?;
        let text = |value: &Value| {
            let text = match value {
                Value::String(text) => text.trim().to_owned(),
                Value::Number(number) => number.to_string(),
                _ => return None,
            };
            (1..=NAME_MAX_BYTES.min(ID_MAX_BYTES))
                .contains(&text.len())
                .then_some(text)
        };
        Some(Company {
            name: text(claim.get("name").unwrap_or(claim))?,
            identifier: claim.get("identifier").and_then(text),
        })
    }
}

/// Checks a token and returns its claims.
///
/// # Errors
/// What is wrong with the token, in words that are safe to send.
pub(crate) fn verify(token: &str, secret: &[u8], now: Timestamp) -> Result<Identity, &'static str> {
    if token.len() > IDENTITY_TOKEN_MAX_BYTES {
        return Err("identityToken is too long");
    }
    let mut rules = Validation::new(Algorithm::HS256);
    // Checked below against the server's own clock.
    rules.validate_exp = false;
    rules.validate_aud = false;
    rules.set_required_spec_claims(&["exp", "sub"]);
    let mut identity = decode::<Identity>(token, &DecodingKey::from_secret(secret), &rules)
        .map_err(|error| match error.kind() {
            ErrorKind::InvalidSignature => {
                "identityToken is not signed by this deployment's secret"
            }
            ErrorKind::InvalidAlgorithm | ErrorKind::InvalidAlgorithmName => {
                "identityToken is not signed by HS256"
            }
            ErrorKind::MissingRequiredClaim(_) | ErrorKind::Json(_) => {
                "identityToken does not have the claims sub and exp"
            }
            _ => "identityToken is not a token",
        })?
        .claims;
    let now_s = now.as_millis() / 1000;
    let exp = identity.exp as i64;
    if exp.saturating_add(CLOCKS_DIFFER_S) <= now_s {
        return Err("identityToken is expired");
    }
    if exp > now_s.saturating_add(LIFETIME_MAX_S + CLOCKS_DIFFER_S) {
        return Err("identityToken expires more than a day from now");
    }
    let sub = &identity.sub;
    if sub.is_empty() || sub.len() > ID_MAX_BYTES {
        return Err("identityToken has a sub that is empty or too long");
    }
    for (claim, max) in [
        (&mut identity.name, NAME_MAX_BYTES),
        (&mut identity.email, ID_MAX_BYTES),
    ] {
        *claim = claim.take().filter(|text| !text.trim().is_empty());
        if claim.as_ref().is_some_and(|text| text.len() > max) {
            return Err("identityToken has a name or an email that is too long");
        }
    }
    identity.email = identity.email.filter(|email| email.contains('@'));
    Ok(identity)
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{EncodingKey, Header, encode};
    use serde_json::json;

    use super::*;

    const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";
    const NOW: Timestamp = Timestamp(1_767_225_600_000_000);
    const NOW_S: i64 = 1_767_225_600;

    fn token(header: &Header, claims: &Value, secret: &[u8]) -> String {
        encode(header, claims, &EncodingKey::from_secret(secret)).unwrap()
    }

    fn why(token: &str) -> &'static str {
        match verify(token, SECRET, NOW) {
            Ok(_) => "taken",
            Err(why) => why,
        }
    }

    #[test]
    fn a_valid_token_is_accepted() {
        let claims =
            json!({"sub": "u1", "exp": NOW_S + 60, "name": "Jon", "email": "jon@example.com"});
        let identity = verify(&token(&Header::default(), &claims, SECRET), SECRET, NOW)
            .ok()
            .unwrap();
        assert_eq!(identity.sub, "u1");
        assert_eq!(identity.name.as_deref(), Some("Jon"));
        assert_eq!(identity.email.as_deref(), Some("jon@example.com"));
    }

    #[test]
    fn a_company_is_a_name_or_a_name_with_an_id() {
        let of = |company: Value| {
            let claims = json!({"sub": "u1", "exp": NOW_S + 60, "company": company});
            let token = token(&Header::default(), &claims, SECRET);
            let identity = verify(&token, SECRET, NOW).ok().unwrap();
            let company = identity.company();
            company.map(|it| (it.name.clone(), it.identifier().to_owned()))
        };
        let both = |name: &str, id: &str| Some((name.to_owned(), id.to_owned()));
        assert_eq!(of(json!("Hats Ltd")), both("Hats Ltd", "Hats Ltd"));
        assert_eq!(
            of(json!({"name": "Hats Ltd", "identifier": 7})),
            both("Hats Ltd", "7")
        );
        for none in [
            json!(null),
            json!(""),
            json!({"identifier": "7"}),
            json!(["Hats"]),
            json!("x".repeat(5_000)),
        ] {
            assert_eq!(of(none), None);
        }
    }

    #[test]
    fn a_bad_token_is_refused_with_its_reason() {
        let claims = |exp: i64| json!({"sub": "u1", "exp": exp});
        let good = claims(NOW_S + 60);
        let signed = |claims: &Value| token(&Header::default(), claims, SECRET);
        let other = Header::new(Algorithm::HS512);
        // {"alg":"none"}
        let none = format!(
            "eyJhbGciOiJub25lIn0.{}.",
            signed(&good).split('.').nth(1).unwrap()
        );
        for (token, words) in [
            (
                token(&Header::default(), &good, b"another secret"),
                "not signed by this",
            ),
            (token(&other, &good, SECRET), "HS256"),
            (none, "identityToken"),
            (signed(&claims(NOW_S - 61)), "expired"),
            (signed(&claims(NOW_S + 25 * 3600)), "more than a day"),
            (signed(&json!({"sub": "u1"})), "sub and exp"),
            (signed(&json!({"exp": NOW_S + 60})), "sub and exp"),
            (signed(&json!({"sub": "", "exp": NOW_S + 60})), "empty"),
            (signed(&json!({"sub": "x", "exp": "soon"})), "sub and exp"),
            ("nonsense".to_owned(), "not a token"),
            ("x".repeat(9000), "too long"),
        ] {
            let why = why(&token);
            assert!(why.contains(words), "{words}: {why}");
        }
    }
}
