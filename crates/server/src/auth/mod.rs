//! Authentication of agents: tokens, passwords, and a limit on attempts. It
//! knows rows and header values. It does not know requests or responses.
//!
//! What must stay true: tokens and passwords are only stored as hashes; an
//! unknown e-mail address is answered like a wrong password, in content and in
//! time; nothing here prints a secret or an e-mail address.

mod password;
mod sign_in;
mod throttle;
mod token;

pub use password::{Busy, PasswordError, Passwords};
pub(crate) use sign_in::end_sign_ins;
pub use sign_in::{SignIn, SignInOutcome, agent_of_link, redeem_link, redeem_link_for_password};
pub use throttle::Throttle;
pub(crate) use token::authenticate_program;
pub use token::{authenticate, hash_token, issue, token_from_header};
