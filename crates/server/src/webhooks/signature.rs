//! Signatures of webhooks: HMAC-SHA256 over the bytes that are sent, as GitHub's
//! `X-Hub-Signature-256` has it, and over id, time and bytes, as Standard Webhooks has it
//! (<https://www.standardwebhooks.com>).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretSlice};
use sha2::Sha256;

/// Before a secret in the form of Standard Webhooks.
const PREFIX: &[u8] = b"whsec_";

/// As Standard Webhooks asks: 192 to 512 bits.
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// What is shared with a receiver.
#[derive(Debug, Clone)]
pub struct WebhookSecret(SecretSlice<u8>);

impl WebhookSecret {
    /// Reads `whsec_` and base64, whose bytes are the key; or any other text, which is the key
    /// itself.
    ///
    /// # Errors
    /// What is wrong with it, without the text.
    pub fn parse(text: &[u8]) -> Result<Self, String> {
        let key = match text.strip_prefix(PREFIX) {
            Some(base64) => STANDARD
                .decode(base64)
                .map_err(|_| "what follows whsec_ is not base64".to_owned())?,
            None => text.to_owned(),
        };
        if !SECRET_BYTES.contains(&key.len()) {
            return Err(format!(
                "the secret has {} bytes, expected {} to {}: make one by \
                 `echo whsec_$(openssl rand -base64 32)`",
                key.len(),
                SECRET_BYTES.start(),
                SECRET_BYTES.end()
            ));
        }
        Ok(Self(key.into()))
    }

    /// The value of `X-Hub-Signature-256`.
    pub fn hub_signature(&self, body: &[u8]) -> String {
        format!("sha256={}", hex::encode(self.hmac(&[body])))
    }

    /// The value of `webhook-signature`. `timestamp`: that of `webhook-timestamp`, seconds since
    /// 1970.
    pub fn standard_signature(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        let signed = format!("{id}.{timestamp}.");
        format!(
            "v1,{}",
            STANDARD.encode(self.hmac(&[signed.as_bytes(), body]))
        )
    }

    fn hmac(&self, parts: &[&[u8]]) -> [u8; 32] {
        // Any length makes a key.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.0.expose_secret()) else {
            return [0; 32];
        };
        for part in parts {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_standard_webhooks_is_signed_as_there() {
        let secret = WebhookSecret::parse(b"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signature = secret.standard_signature(
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            br#"{"test": 2432232314}"#,
        );
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn the_example_of_github_is_signed_as_there() {
        let secret = WebhookSecret(b"It's a Secret to Everybody".to_vec().into());
        assert_eq!(
            secret.hub_signature(b"Hello, World!"),
            "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
        );
    }

    #[test]
    fn a_bad_secret_is_refused_without_its_text() {
        for (text, words) in [
            ("whsec_not base64", "not base64"),
            ("whsec_c2hvcnQ=", "has 5 bytes"),
            ("short", "expected 24 to 64"),
            (&"x".repeat(65), "has 65 bytes"),
        ] {
            let why = WebhookSecret::parse(text.as_bytes()).unwrap_err();
            assert!(why.contains(words) && !why.contains(text), "{why}");
        }
    }
}
