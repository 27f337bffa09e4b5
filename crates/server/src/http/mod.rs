//! One folder for each face. A handler reads a request, calls a use case, and
//! writes the answer in the words of its face; it decides nothing.

pub(crate) mod agent;
pub(crate) mod documents;
pub(crate) mod files;
pub(crate) mod operations;
mod upload;
pub(crate) mod visitor;
