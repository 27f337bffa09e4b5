//! Whose conversations this document displays. What the device stores of somebody for whom the
//! page vouches (`identify`) is apart from what it stores of others, so that people who share a
//! browser never see each other's lines. Another person means another document: it reloads itself.
//!
//! Must stay true: what was stored of a person who signs out of the site is gone from the device.

use std::cell::RefCell;

use serde::Deserialize;

use crate::driver::{Storage, json};

/// What the page says of its visitor.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) enum Identity {
    /// Nothing.
    #[default]
    Unknown,
    /// Nobody is signed in.
    SignedOut,
    /// The page vouches for the visitor by this signed token.
    Vouched(String),
}

impl Identity {
    pub(crate) fn token(&self) -> Option<String> {
        match self {
            Self::Vouched(token) => Some(token.clone()),
            Self::Unknown | Self::SignedOut => None,
        }
    }
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Person {
    storage: Storage,
    /// None for a visitor for whom nobody vouches.
    key: RefCell<Option<String>>,
}

/// What follows for the document from what the page says.
#[derive(Debug, PartialEq)]
pub(crate) enum Who {
    /// It is the same person.
    Same,
    /// The visitor has signed in, and what they have begun is theirs from now on.
    SignedIn,
    /// Somebody else is here, or nobody.
    Another,
}

impl Person {
    /// Finds out who is here. A conversation that goes on, and began before the visitor signed
    /// in, becomes theirs.
    pub(crate) fn of(identity: &Identity, deployment_id: &str, consent: bool) -> Self {
        let nameless = Storage::new(deployment_id, None, consent);
        match identity {
            Identity::Unknown => {}
            Identity::SignedOut => nameless.forget_persons(),
            Identity::Vouched(token) => {
                let key = key_of(token);
                let storage = Storage::new(deployment_id, Some(&key), consent);
                if nameless.has_conversation() && !storage.has_conversation() {
                    nameless.move_to(&storage);
                }
                let key = Some(key).into();
                return Self { storage, key };
            }
        }
        Self {
            storage: nameless,
            key: RefCell::default(),
        }
    }

    pub(crate) fn storage(&self) -> Storage {
        self.storage.clone()
    }

    /// Compares what the page says now with who this is. Where the device stores nothing, another
    /// document would lose the conversation of a visitor who signs in, so this one becomes theirs.
    pub(crate) fn compare(&self, identity: &Identity) -> Who {
        let known = self.key.borrow().clone();
        match (known, identity) {
            (_, Identity::Unknown) | (None, Identity::SignedOut) => Who::Same,
            (Some(_), Identity::SignedOut) => Who::Another,
            (None, Identity::Vouched(token)) if !self.storage.is_available() => {
                self.key.replace(Some(key_of(token)));
                Who::SignedIn
            }
            (known, Identity::Vouched(token)) if known == Some(key_of(token)) => Who::Same,
            (_, Identity::Vouched(_)) => Who::Another,
        }
    }
}

/// Of the claims in a token, the one by which the site names its user. Whether the token is good
/// is up to the endpoint.
#[derive(Deserialize)]
struct Claims {
    sub: String,
}

/// Names a person in the keys of what is stored: a hash, because a site may use an e-mail address
/// as the user's id.
fn key_of(token: &str) -> String {
    let claims = token.split('.').nth(1).unwrap_or_default();
    let claims = claims.replace('-', "+").replace('_', "/");
    let claims = leptos::prelude::window().atob(&claims).ok();
    let claims = claims.and_then(|claims| json::read::<Claims>(&claims));
    let name = claims.map_or_else(|| token.to_owned(), |claims| claims.sub);
    // FNV-1a: it is stored, and the standard library's hashes may change.
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    hash.to_string()
}

#[cfg(test)]
#[cfg(target_arch = "wasm32")]
mod tests {
    use parlor_session::{Saved, SavedSession};
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    /// A token that says no more than the user's id. Its signature is for the endpoint to read.
    fn vouched(claims: &str) -> Identity {
        let claims = leptos::prelude::window().btoa(claims).unwrap();
        let claims = claims.replace('+', "-").replace('/', "_");
        Identity::Vouched(format!("e30.{}.c2ln", claims.trim_end_matches('=')))
    }

    fn saved(key: &str, term: u64) -> Saved {
        Saved {
            session: Some(SavedSession {
                id: "S".into(),
                key: key.into(),
                poll_timeout: 40_000,
                offset: None,
                init: None,
                end: false,
                of_message: false,
            }),
            term,
            ..Saved::default()
        }
    }

    fn key_in(storage: &Storage) -> Option<String> {
        let saved = storage.persisted().saved?;
        Some(saved.session?.key)
    }

    #[wasm_bindgen_test]
    fn a_token_names_a_person_however_long_it_is_valid() {
        let ada = Person::of(&vouched(r#"{"sub":"ada","exp":1}"#), "names", true);
        let says = |claims: &str| ada.compare(&vouched(claims));
        assert_eq!(
            says(r#"{"exp":222222,"sub":"ada","name":"A>?"}"#),
            Who::Same
        );
        assert_eq!(ada.compare(&Identity::Unknown), Who::Same);
        assert_eq!(says(r#"{"sub":"bob","exp":1}"#), Who::Another);
        assert_eq!(
            ada.compare(&Identity::Vouched("nonsense".into())),
            Who::Another
        );
        assert_eq!(ada.compare(&Identity::SignedOut), Who::Another);
        let nobody = Person::of(&Identity::Unknown, "names", true);
        assert_eq!(nobody.compare(&Identity::SignedOut), Who::Same);
        assert_eq!(nobody.compare(&vouched(r#"{"sub":"ada"}"#)), Who::Another);
    }

    #[wasm_bindgen_test]
    fn where_nothing_is_stored_who_signs_in_keeps_the_document() {
        let (ada, bob) = (vouched(r#"{"sub":"ada"}"#), vouched(r#"{"sub":"bob"}"#));
        let person = Person::of(&Identity::Unknown, "unstored", false);
        assert_eq!(person.compare(&ada), Who::SignedIn);
        assert_eq!(person.compare(&ada), Who::Same);
        assert_eq!(person.compare(&bob), Who::Another);
        assert_eq!(person.compare(&Identity::SignedOut), Who::Another);
    }

    #[wasm_bindgen_test]
    fn people_who_share_a_browser_share_nothing() {
        let (ada, bob) = (vouched(r#"{"sub":"ada"}"#), vouched(r#"{"sub":"bob"}"#));
        let of = |identity: &Identity| Person::of(identity, "shared", true).storage();
        assert_eq!(of(&ada).save(&saved("of ada", 1)), Some(true));
        assert_eq!(key_in(&of(&bob)), None);
        assert_eq!(key_in(&of(&Identity::Unknown)), None);
        assert_eq!(of(&bob).save(&saved("of bob", 1)), Some(true));
        assert_eq!(key_in(&of(&ada)).as_deref(), Some("of ada"));
        // Whoever signs out leaves nothing behind.
        let person = Person::of(&ada, "shared", true);
        person.storage().forget();
        assert_eq!(key_in(&of(&ada)), None);
        assert_eq!(key_in(&of(&bob)).as_deref(), Some("of bob"));
        // Not even what the document that is about to go would still store.
        person.storage().save(&saved("late", 9));
        assert_eq!(key_in(&of(&ada)), None);
        // On a page where nobody is signed in.
        of(&Identity::SignedOut);
        assert_eq!(key_in(&of(&bob)), None);
    }

    #[wasm_bindgen_test]
    fn a_conversation_that_goes_on_is_of_who_signs_in() {
        let ada = vouched(r#"{"sub":"ada"}"#);
        let of = |identity: &Identity| Person::of(identity, "moves", true).storage();
        of(&Identity::Unknown).save(&saved("begun", 1));
        assert_eq!(key_in(&of(&ada)).as_deref(), Some("begun"));
        assert_eq!(key_in(&of(&Identity::Unknown)), None);
        // One that has a conversation keeps it, and what is over is nobody's.
        of(&Identity::Unknown).save(&saved("another", 1));
        assert_eq!(key_in(&of(&ada)).as_deref(), Some("begun"));
        let over = Saved {
            visitor_id: Some("v".into()),
            ..Saved::default()
        };
        let mut message = saved("of a message that was left", 2);
        if let Some(session) = &mut message.session {
            session.of_message = true;
        }
        let of = |identity: &Identity| Person::of(identity, "over", true).storage();
        for over in [over, message] {
            of(&Identity::Unknown).save(&over);
            assert_eq!(of(&ada).persisted().saved, None);
            assert_eq!(of(&Identity::Unknown).persisted().saved, Some(over));
        }
    }
}
