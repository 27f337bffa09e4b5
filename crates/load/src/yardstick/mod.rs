//! What the endpoint is compared with, in the same run: programs that do one part of its work and
//! nothing else.

mod bare_server;
mod bare_writer;
mod long_poll;

pub(crate) use bare_server::serve;
pub(crate) use bare_writer::messages_a_second;
pub(crate) use long_poll::{BareCrowd, BareFigures};
