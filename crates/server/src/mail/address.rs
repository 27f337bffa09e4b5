//! E-mail addresses to which mail can be sent.

use lettre::Address;
use url::Host;

use crate::{auth, private::Private, store::email_key};

/// The most bytes of an address (RFC 5321, 4.5.3.1.3, without the angle brackets).
const ADDRESS_MAX_BYTES: usize = 254;

/// A valid address in ASCII: a domain of other letters is in Punycode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailAddress(Private<String>);

/// Why mail cannot be sent to an address. The texts are safe to log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressProblem {
    #[error("it is no e-mail address")]
    Malformed,
    /// Few servers take such addresses (SMTPUTF8), and fewer pass them on.
    #[error("letters before the @ that are not ASCII are not supported")]
    LocalPart,
}

impl AddressProblem {
    /// The word in logs and metrics.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "malformed address",
            Self::LocalPart => "address not ascii",
        }
    }
}

impl EmailAddress {
    /// Parses `jon@example.com`, an address alone, as visitors write it.
    ///
    /// # Errors
    /// For what is no address, or one to which mail cannot be sent.
    pub fn parse(text: &str) -> Result<Self, AddressProblem> {
        let (local, domain) = text
            .trim()
            .rsplit_once('@')
            .ok_or(AddressProblem::Malformed)?;
        if !local.is_ascii() {
            return Err(AddressProblem::LocalPart);
        }
        let Ok(Host::Domain(domain)) = Host::parse(domain) else {
            return Err(AddressProblem::Malformed);
        };
        let address = Address::new(local, domain).map_err(|_| AddressProblem::Malformed)?;
        let address = address.to_string();
        // A mail server may read a quoted local part in more than one way, and
        // nobody has one.
        let is_plain = !local.contains(['"', '\\', '(', ')', '<', '>', ',', ';', ':']);
        match is_plain && address.len() <= ADDRESS_MAX_BYTES {
            true => Ok(Self(Private(address))),
            false => Err(AddressProblem::Malformed),
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0.0
    }

    /// By which the mails to an address are counted.
    pub(crate) fn hash(&self) -> String {
        auth::hash_token(&email_key(&self.0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_checked_and_become_ascii() {
        for (text, expected) in [
            (" jon@example.com ", Ok("jon@example.com")),
            ("jon+shop@Example.com", Ok("jon+shop@example.com")),
            ("jon@bücher.example", Ok("jon@xn--bcher-kva.example")),
            ("jön@example.com", Err(AddressProblem::LocalPart)),
            ("jon", Err(AddressProblem::Malformed)),
            ("@example.com", Err(AddressProblem::Malformed)),
            ("jon@", Err(AddressProblem::Malformed)),
            ("jon@127.0.0.1", Err(AddressProblem::Malformed)),
            ("jon@exa mple.com", Err(AddressProblem::Malformed)),
            (
                "jon@example.com\r\nBcc: a@b.c",
                Err(AddressProblem::Malformed),
            ),
            (
                "a@b.c\r\nRCPT TO:<x@y.z>@example.com",
                Err(AddressProblem::Malformed),
            ),
            ("\"jon doe\"@example.com", Err(AddressProblem::Malformed)),
            ("a@b.example,c@example.com", Err(AddressProblem::Malformed)),
            ("jon doe <jon@example.com>", Err(AddressProblem::Malformed)),
        ] {
            let found = EmailAddress::parse(text);
            let found = found.as_ref().map(EmailAddress::as_str).map_err(|it| *it);
            assert_eq!(found, expected, "{text}");
        }
        let long = format!("{}@{}.example.com", "a".repeat(60), "b.".repeat(96));
        assert!(EmailAddress::parse(&long).is_err());
    }

    #[test]
    fn an_address_is_counted_in_whatever_case_it_is_written() {
        let hash = |text| EmailAddress::parse(text).unwrap().hash();
        assert_eq!(hash("Jon@Example.com"), hash("jon@example.com"));
        assert_ne!(hash("jon@example.com"), hash("joe@example.com"));
    }
}
