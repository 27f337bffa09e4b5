//! HTTP handlers, one folder for each API. A handler parses the request, calls
//! a use case, and writes the response in the format of its API. It decides
//! nothing.

pub(crate) mod agent;
pub(crate) mod archive;
pub(crate) mod bodies;
pub(crate) mod documents;
pub(crate) mod files;
pub(crate) mod gate;
pub(crate) mod host;
pub(crate) mod limits;
pub(crate) mod openapi;
pub(crate) mod operations;
mod store_failure;
mod upload;
pub(crate) mod visitor;
