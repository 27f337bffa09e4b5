//! The tests of the suite, by subject.

pub(crate) mod agent_event_stream;
pub(crate) mod annotations;
pub(crate) mod archive;
pub(crate) mod chat;
pub(crate) mod conversion;
pub(crate) mod deletion;
pub(crate) mod disk;
pub(crate) mod event;
pub(crate) mod file;
pub(crate) mod group;
pub(crate) mod group_commit;
pub(crate) mod offline_message;
pub(crate) mod outgoing_mail;
pub(crate) mod people;
pub(crate) mod queue;
pub(crate) mod record;
pub(crate) mod sample;
pub(crate) mod session;
pub(crate) mod site;
pub(crate) mod transaction;
pub(crate) mod webhook;
