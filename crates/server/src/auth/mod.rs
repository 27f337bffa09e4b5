//! Who asks: tokens, passwords, and how often one may guess. It knows rows and
//! header texts; it does not know requests or replies.
//!
//! What must stay true: tokens and passwords are kept as hashes only; an
//! unknown e-mail is answered as a wrong password is, in words and in time;
//! nothing in here prints a secret or an e-mail.

mod password;
mod sign_in;
mod throttle;
mod token;

pub use password::{PasswordError, Passwords};
pub use sign_in::{SignIn, SignInOutcome, redeem_link};
pub use throttle::Throttle;
pub use token::{AGENT_COOKIE, authenticate, cookie, hash_token, issue, token_from_header};
