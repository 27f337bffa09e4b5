//! Every bound of the machine, with its reason.

use crate::Millis;

/// A POST without an answer by then is taken for lost and repeated under its
/// own number. Three times what a bad mobile link takes for a small request.
pub const POST_TIMEOUT: Millis = 15_000;

/// Used until `SessionId` has told `clientPollTimeout`, in milliseconds.
pub const POLL_TIMEOUT: Millis = 40_000;

/// A trouble shorter than this is not shown: most are over sooner.
pub const TROUBLE_SHOWN_AFTER: Millis = 2_000;

/// The endpoint has had news for us for this long and the open poll did not
/// bring it: the poll is dead, whatever it looks like.
pub const POLL_BEHIND_MAX: Millis = 5_000;

/// First pause after a failure; it doubles up to the ceiling.
pub const BACKOFF_FIRST: Millis = 500;

/// A visitor who looks at "Reconnecting…" is not asked to wait longer for the
/// next try; the endpoint still gets relief by a factor of sixty.
pub const BACKOFF_CEILING: Millis = 30_000;

/// Messages that wait to be sent. More are refused with a reason: nobody types
/// fifty messages into a dead line, and the device's storage is small.
pub const OUTBOX_MAX: usize = 50;

/// Lines kept in the transcript; the oldest go first. The window shows ten
/// thousand without a long task, and a conversation has some dozens.
pub const TRANSCRIPT_MAX: usize = 10_000;

/// "Not typing" is told after this long without a key.
pub const TYPING_STOPS_AFTER: Millis = 5_000;

/// At most one sneak peek in this time.
pub const SNEAK_PEEK_EVERY: Millis = 1_000;

/// The agent's dots go by themselves after this long without news.
pub const AGENT_TYPING_LASTS: Millis = 15_000;

/// A poll that found nothing sooner than this was not held: what answers so
/// quickly is a server that stops, or a proxy, and must not be asked in a loop.
pub const EMPTY_POLL_MIN: Millis = 1_000;
