//! What has this listener not seen? A queue of messages per session, kept until
//! acknowledged; the polls that wait for it; and the numbers of POSTs already
//! done. It knows sequences, acks and waiters; it does not know what a message
//! means.

mod polls;
mod posts;
mod queue;

pub(crate) use polls::{OpenPoll, Polls, Refused};
pub(crate) use posts::{Verdict, check, record};
pub(crate) use queue::{Taken, put, rewind, take};
