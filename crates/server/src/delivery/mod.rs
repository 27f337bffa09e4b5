//! Delivery to one visitor session: the queue of poll messages, which are kept
//! until they are acknowledged; the polls that are open; and the records of
//! POSTs already done. It knows sequences, acknowledgements and open polls. It
//! does not know what a message means.

mod idempotency;
mod polls;
mod queue;

pub(crate) use idempotency::{Verdict, check_post, record_post};
pub(crate) use polls::{OpenPoll, PollRefused, Polls};
pub(crate) use queue::{ServedBatch, enqueue, next_batch, rewind};
