//! The cases, by subject.

pub(crate) mod agent_event_stream;
pub(crate) mod annotations;
pub(crate) mod disk;
pub(crate) mod file;
pub(crate) mod log;
pub(crate) mod people;
pub(crate) mod sample;
pub(crate) mod session;
pub(crate) mod site;
pub(crate) mod talk;
pub(crate) mod transaction;
