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
/// bring it: the poll is dead, whatever it looks like. Above
/// [`TROUBLE_SHOWN_AFTER`], so that it is said at once, and below the five
/// seconds in which it must have been said.
pub const POLL_BEHIND_MAX: Millis = 3_000;

/// How long a poll is held while the visitor looks: nothing else tells within
/// seconds that the way back is dead. Twenty small answers a minute.
pub const LOOKED_POLL_HOLD: Millis = 3_000;

/// An answer that is later than this, beyond the time its poll is held, is
/// trouble. With [`LOOKED_POLL_HOLD`] it makes less than five seconds; a slow
/// mobile link takes about one.
pub const ANSWER_LATE_AFTER: Millis = 1_900;

/// A poll that is held shortly is given up this long after its time. Until
/// then it may still come: a link slower than [`ANSWER_LATE_AFTER`] must work.
pub const LOOKED_POLL_PATIENCE: Millis = 8_000;

/// While the visitor looks at trouble, something small is asked this often;
/// whichever answer comes says that the network is back.
pub const PROBE_EVERY: Millis = 1_000;

/// A call that is open for longer, while probes are answered, hangs in a dead
/// connection. Until then the endpoint may be slow: to hand a session over is
/// more work than what is asked by a probe.
pub const SLOW_ANSWER_MAX: Millis = 5_000;

/// Probes that may be on their way at once; the oldest gives way to a new one.
/// Browsers open six connections to a server, and dead ones count: with a poll,
/// a POST and [`UPLOADS_AT_ONCE`] files hanging, a probe must still find one.
pub const PROBES_MAX: usize = 2;

/// A wake-up later than this after the time asked for: the device slept, the
/// document was frozen, or the clock was put forward.
pub const SLEPT_AFTER: Millis = 10_000;

/// A hand-over sooner than this after the one before it counts as a failure,
/// unless something was said in between: two servers that name each other must
/// not be asked in a loop.
pub const HAND_OVERS_APART: Millis = 10_000;

/// The longest pause before a hand-over: it is no outage, and somebody waits.
pub const HAND_OVER_CEILING: Millis = 8_000;

/// First pause after a failure; it doubles up to the ceiling.
pub const BACKOFF_FIRST: Millis = 500;

/// A visitor who looks at "Reconnecting…" is not asked to wait longer for the
/// next try; the endpoint still gets relief by a factor of sixty.
pub const BACKOFF_CEILING: Millis = 30_000;

/// Messages that wait to be sent. More are refused with a reason: nobody types
/// fifty messages into a dead line, and the device's storage is small.
pub const OUTBOX_MAX: usize = 50;

/// Bytes of the messages that wait: the device's storage holds some megabytes
/// for the whole origin, in two bytes a letter, and refuses what is above.
pub const OUTBOX_MAX_BYTES: usize = 256 * 1024;

/// A message that waited for longer is not sent by itself any more: nobody
/// expects yesterday's words to go out when the laptop is opened.
pub const OUTBOX_MAX_AGE: Millis = 24 * 3_600_000;

/// Messages kept that were given up, to be offered again. As many as can have
/// waited.
pub const UNSENT_MAX: usize = OUTBOX_MAX;

/// What waits to be told of how things are. Each kind is kept once but for
/// buttons; nobody presses a hundred while a line is dead.
pub const STATES_MAX: usize = 100;

/// Files chosen and not stored yet. More than these are said to be too many:
/// a person who drops a folder has not meant it.
pub const UPLOADS_MAX: usize = 10;

/// Files on their way at a time, so that what is written is not held up behind
/// them.
pub const UPLOADS_AT_ONCE: usize = 2;

/// Lines kept in the transcript; the oldest go first. The window shows ten
/// thousand without a long task, and a conversation has some dozens.
pub const TRANSCRIPT_MAX: usize = 10_000;

/// Lines that are asked for at a time: what a tall window shows several times
/// over, and some milliseconds' work on a slow phone.
pub const PAGE: usize = 25;

/// "Not typing" is told after this long without a key.
pub const TYPING_STOPS_AFTER: Millis = 5_000;

/// At most one sneak peek in this time.
pub const SNEAK_PEEK_EVERY: Millis = 1_000;

/// The agent's dots go by themselves after this long without news.
pub const AGENT_TYPING_LASTS: Millis = 15_000;

/// A poll that found nothing sooner than this was not held: what answers so
/// quickly is a server that stops, or a proxy, and must not be asked in a loop.
pub const EMPTY_POLL_MIN: Millis = 1_000;
