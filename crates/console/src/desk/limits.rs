//! Every bound of the desk, with its reason.

use super::Millis;

/// A WebSocket between two people who are silent is quiet: a ping keeps proxies from closing it
/// (they allow a minute and more) and tells soon that it is dead.
pub const PING_EVERY: Millis = 15_000;

/// Two pings without any sound from the other side.
pub const SILENCE_IS_DEATH: Millis = 30_000;

/// A socket that takes longer to open is given up: a handshake is two round trips.
pub const OPENING_TAKES: Millis = 10_000;

/// First pause after a failure: an endpoint that was only started anew is back by then.
pub const BACKOFF_FIRST: Millis = 500;

/// An agent who looks at "Reconnecting…" has visitors waiting: never longer than this.
pub const BACKOFF_CEILING: Millis = 15_000;

/// Chats that are asked for at once: a browser holds six connections to one host.
pub const FETCHES_AT_ONCE: usize = 4;

/// Somebody types until they say otherwise, or until this long without news: a visitor who closes
/// the laptop says nothing.
pub const TYPING_LASTS: Millis = 30_000;

/// While the agent types, the visitor is told again this often.
pub const TYPING_TOLD_EVERY: Millis = 10_000;

/// An agent who has not touched a key for so long is not typing.
pub const TYPING_STOPS_AFTER: Millis = 5_000;

/// A reply that was answered comes back as an event at once; if not by then, it is asked for.
pub const ECHO_TAKES: Millis = 5_000;

/// Long enough to be read twice.
pub const NOTICE_LASTS: Millis = 8_000;
