//! What has this listener not seen? A queue of messages per session, kept until
//! acknowledged; the polls that wait for it; and the numbers of POSTs already
//! done. It knows sequences, acks and waiters; it does not know what a message
//! means.

mod idempotency;
mod polls;
mod queue;

pub(crate) use idempotency::{Verdict, check_post, record_post};
pub(crate) use polls::{OpenPoll, PollRefused, Polls};
pub(crate) use queue::{ServedBatch, enqueue, next_batch, rewind};
