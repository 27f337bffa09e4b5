//! Delivery to one visitor session: the queue of poll messages, which are kept
//! until they are acknowledged; how far each client has received them; the
//! polls that are open, and who waits for a conversation to begin; and the
//! records of POSTs already done. It knows sequences, acknowledgements and open
//! polls. It does not know what a message means.

mod history_watch;
mod idempotency;
mod live_sessions;
mod polls;
mod progress;
mod queue;

pub(crate) use history_watch::HistoryWatches;
pub(crate) use idempotency::{Verdict, check_post, record_post};
pub(crate) use live_sessions::{Cached, LiveSessions, Unwritten};
pub(crate) use polls::{OpenPoll, PollRefused, Polls};
pub(crate) use progress::VolatileMessage;
pub(crate) use queue::{ServedBatch, enqueue, next_batch, rewind};
