//! All limits and durations of the workspace, each with its reason. Durations are in milliseconds.

use super::Millis;

/// A ping keeps proxies from closing an idle WebSocket (they allow a minute and more), and shows
/// soon that a connection is dead.
pub const PING_EVERY: Millis = 15_000;

/// A connection counts as lost after two pings without any frame.
pub const SILENCE_TIMEOUT: Millis = 30_000;

/// A socket that takes longer to open is given up: a handshake takes two round trips.
pub const OPENING_TAKES: Millis = 10_000;

/// First pause after a failure: a restarted server is back by then.
pub const BACKOFF_FIRST: Millis = 500;

/// The longest pause: while the agent sees "Reconnecting…", visitors are waiting.
pub const BACKOFF_CEILING: Millis = 15_000;

/// Chats fetched at the same time: a browser opens at most six connections to one host.
pub const FETCHES_AT_ONCE: usize = 4;

/// Events of one thread that are loaded, when they come in several replies. Nobody reads further
/// back.
pub const EVENTS_MAX: usize = 10_000;

/// A typing indicator ends after this long without news: a visitor who closes the laptop sends no
/// end.
pub const TYPING_LASTS: Millis = 30_000;

/// While the agent types, the indicator is sent again this often.
pub const TYPING_TOLD_EVERY: Millis = 10_000;

/// The indicator ends after this long without a key press.
pub const TYPING_STOPS_AFTER: Millis = 5_000;

/// A stored reply arrives as an event at once; after this long the chat is fetched instead.
pub const ECHO_TAKES: Millis = 5_000;

/// An event counts as read after this long on screen: about the time it takes to look up from the
/// keyboard and read a line.
pub const READING_TAKES: Millis = 1_500;

/// Canned replies shown at once, without scrolling.
pub const CANNED_SHOWN: usize = 8;

/// Uploads at the same time: two use the full bandwidth and leave the browser's other connections
/// free.
pub const UPLOADS_AT_ONCE: usize = 2;

/// Uploads of one chat that may be waiting or in progress.
pub const UPLOADS_MAX: usize = 20;

/// An upload without progress for this long is aborted and can be tried again.
pub const UPLOAD_STALLS: Millis = 30_000;

/// Earlier conversations per page; each comes with all its events.
pub const PAST_AT_ONCE: u64 = 5;

/// Drafts that survive a reload of the page: nobody writes to more visitors at the same time.
pub const DRAFTS_SAVED: usize = 20;

/// The longest draft that survives a reload, in bytes: four messages. With it, all drafts take less
/// than a third of what a browser stores for a site.
pub const DRAFT_SAVED_BYTES: usize = 64 * 1024;

/// A draft that was not changed for this long is not kept any more: a working day, and the night.
pub const DRAFT_LASTS: Millis = 24 * 60 * 60 * 1_000;

/// Chats of this agent that have ended and stay in the list until they are dismissed. The oldest
/// leaves when there are more; it is in the list of chats that have ended.
pub const ENDED_KEPT: usize = 50;

/// Results of the archive that are loaded at once: some screens, which the server finds in
/// milliseconds.
pub const ARCHIVE_PAGE: u64 = 50;

/// Names of agents, and tags, that filters offer: nobody reads a longer list.
pub const ARCHIVE_NAMES: usize = 200;

/// How long a notice is shown: long enough to be read twice.
pub const NOTICE_LASTS: Millis = 8_000;

/// Chats in the list of those that have ended: older ones are found by their visitor.
pub const ENDED_LISTED: u64 = 20;

/// So long after a chat has ended the list is fetched, once for all that end meanwhile.
pub const ENDED_LISTED_AFTER: Millis = 3_000;
