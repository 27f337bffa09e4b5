//! Every limit of the session, with the reason for its number.

use crate::Millis;

/// A POST without an answer after this time counts as lost and is repeated under
/// the same number. Three times what a small request takes on a bad mobile
/// connection.
pub const POST_TIMEOUT: Millis = 15_000;

/// How long a poll may take before `SessionId` has told `clientPollTimeout`. The
/// endpoint's own default.
pub const POLL_TIMEOUT: Millis = 40_000;

/// How old what the window says of who is there may be while somebody reads the greeting or waits:
/// agents come and go by the minute.
pub const AVAILABILITY_EVERY: Millis = 30_000;

/// A shorter outage is not shown: most are over sooner.
pub const OUTAGE_SHOWN_AFTER: Millis = 2_000;

/// If the endpoint has had something new for this long and the open poll did not
/// return it, the poll is dead, however it looks. Above [`OUTAGE_SHOWN_AFTER`], so
/// that the outage is shown at once, and below the five seconds within which a dead
/// connection must be shown.
pub const POLL_BEHIND_MAX: Millis = 3_000;

/// How long the endpoint is asked to hold a poll while the visitor looks. Nothing
/// else shows within seconds that answers no longer arrive. Costs twenty small
/// answers a minute.
pub const VISIBLE_POLL_HOLD: Millis = 3_000;

/// A poll whose answer is later than this, counted from the end of its hold, begins
/// an outage. With [`VISIBLE_POLL_HOLD`] it stays below five seconds; a slow mobile
/// connection takes about one.
pub const ANSWER_LATE_AFTER: Millis = 1_900;

/// A poll with a short hold is given up this long after the hold. Until then its
/// answer may still come: a connection slower than [`ANSWER_LATE_AFTER`] must work.
pub const VISIBLE_POLL_PATIENCE: Millis = 8_000;

/// In an outage that the visitor looks at, a small request is made this often. Any
/// answer to one shows that the network is back. Short, so that a person does not
/// notice the delay.
pub const PROBE_EVERY: Millis = 1_000;

/// A call that has been open for longer while probes are answered hangs in a dead
/// connection. Until then the endpoint may be slow: a hand-over is more work for it
/// than a probe.
pub const SLOW_ANSWER_MAX: Millis = 5_000;

/// Probes that may be in flight; the oldest is aborted for a new one. Browsers open
/// six connections to a server, and dead ones count: if a poll, a POST and
/// [`UPLOADS_AT_ONCE`] files hang, a probe must still get one.
pub const PROBES_MAX: usize = 2;

/// A wake-up that is later than this means that the device slept, the document was
/// frozen, or the clock was put forward. Longer than a busy browser delays a timer.
pub const SLEPT_AFTER: Millis = 10_000;

/// A hand-over sooner than this after the last one counts as a failure, unless a
/// message was confirmed or received in between: two servers that name each other
/// must not be asked in a loop.
pub const HAND_OVERS_APART: Millis = 10_000;

/// The longest pause before a hand-over. Shorter than [`BACKOFF_CEILING`], because the
/// endpoint answers and the visitor waits.
pub const HAND_OVER_CEILING: Millis = 8_000;

/// The first pause after a failure; it doubles up to the ceiling. Short enough that
/// a single lost request is hardly noticed.
pub const BACKOFF_FIRST: Millis = 500;

/// The longest pause between tries. A visitor who looks at "Reconnecting…" should not
/// wait longer, and the endpoint is still relieved by a factor of sixty.
pub const BACKOFF_CEILING: Millis = 30_000;

/// Messages that may wait to be sent. More are refused with a reason: nobody types
/// fifty messages without a connection, and the device's storage is small.
pub const OUTBOX_MAX: usize = 50;

/// Bytes of text that may wait to be sent. The device's storage has some megabytes for
/// the whole origin, at two bytes a letter, and refuses what is above.
pub const OUTBOX_MAX_BYTES: usize = 256 * 1024;

/// A message that has waited for longer is not sent without asking: nobody expects
/// yesterday's message to be sent when the laptop is opened.
pub const OUTBOX_MAX_AGE: Millis = 24 * 3_600_000;

/// Messages that were given up and are still offered. As many as may have waited.
pub const UNSENT_MAX: usize = OUTBOX_MAX;

/// State updates that may wait. Only presses of different buttons add up, and nobody
/// presses a hundred buttons without a connection.
pub const STATES_MAX: usize = 100;

/// Files that are chosen and not stored yet. More are refused: a person who drops a
/// whole folder has not meant it.
pub const UPLOADS_MAX: usize = 10;

/// Files that are sent at the same time. Few, so that messages are not held up
/// behind them.
pub const UPLOADS_AT_ONCE: usize = 2;

/// Lines in the transcript; the oldest are removed first. The window displays ten
/// thousand without a long task, and a conversation has some dozens.
pub const TRANSCRIPT_MAX: usize = 10_000;

/// Earlier lines that are requested at a time: what a tall window shows several times
/// over, and some milliseconds of work on a slow phone.
pub const PAGE: usize = 25;

/// The agent is told that the visitor stopped typing after this long without a key. A
/// person pauses for less between two words.
pub const TYPING_STOPS_AFTER: Millis = 5_000;

/// At most one sneak peek is sent in this time: an agent cannot follow faster, and each
/// is a request.
pub const SNEAK_PEEK_EVERY: Millis = 1_000;

/// At most one page is posted in this time: half of what the endpoint takes in the long run
/// (`pages_per_session`), which counts the visitor's attributes too. Of several pages in that time
/// agents see the last, as they could not follow anyway.
pub const PAGES_EVERY: Millis = 2_000;

/// So often a page is posted that gets no answer. Agents want to know where the visitor is now,
/// and the next page replaces it.
pub const PAGE_TRIES_MAX: u32 = 3;

/// The agent's typing indicator disappears after this long without a signal. The
/// signal that ends it may be lost.
pub const AGENT_TYPING_LASTS: Millis = 15_000;

/// For how long the endpoint may hold a request for something new in the visitor's
/// conversations, milliseconds. Proxies close connections that are idle for longer.
pub const HISTORY_HOLD: Millis = 20_000;

/// An empty poll that returned sooner was not held. A server that is stopping, or a
/// proxy, answers so, and must not be asked in a loop.
pub const EMPTY_POLL_MIN: Millis = 1_000;

/// A draft that changes is saved this often at most: each save writes everything that is
/// persisted, and a key press must not wait for it. A crash loses what was typed in the
/// last half second.
pub const DRAFT_SAVED_EVERY: Millis = 500;

/// For so long the next pages of the site look whether a message that was left has been
/// answered, which costs each of them the load of the chat: an answer comes within days, or never.
pub const ANSWER_AWAITED_FOR: Millis = 30 * 24 * 3600 * 1000;

/// A message is sent in so many further sessions if the endpoint does not know the one in which
/// it was to be left. Two may be lost by a restart and a long sleep of the device.
pub const OFFLINE_SESSIONS_MAX: u32 = 3;

/// Goals that wait to be told. A page reaches one, and one that reaches more at once than a site
/// has goals is in a loop.
pub const GOALS_MAX: usize = 10;

/// So often a goal is told that gets no answer, as the page is soon left.
pub const GOAL_TRIES_MAX: u32 = 3;
