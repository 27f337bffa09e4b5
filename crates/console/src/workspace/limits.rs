//! Every bound of the desk, with its reason.

use super::Millis;

/// A WebSocket between two people who are silent is quiet: a ping keeps proxies from closing it
/// (they allow a minute and more) and tells soon that it is dead.
pub const PING_EVERY: Millis = 15_000;

/// Two pings without any sound from the other side.
pub const SILENCE_TIMEOUT: Millis = 30_000;

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

/// What has been in front of somebody for so long was seen: a glance from the keys to the page and
/// a line read take about this.
pub const GLANCE_TAKES: Millis = 1_500;

/// Canned replies that are shown: a list that is seen at once, without scrolling.
pub const CANNED_SHOWN: usize = 8;

/// Files that go up at once: two fill any line, and leave the browser's other connections free.
pub const UPLOADS_AT_ONCE: usize = 2;

/// Files of one chat that wait or go: what one drop of a folder's worth brings, and no more.
pub const UPLOADS_MAX: usize = 20;

/// A file that has not gone on for so long is given up, with a button to try again.
pub const UPLOAD_STALLS: Millis = 30_000;

/// Earlier conversations that are read at once: each comes with all that was said.
pub const PAST_AT_ONCE: u64 = 5;

/// Long enough to be read twice.
pub const NOTICE_LASTS: Millis = 8_000;
