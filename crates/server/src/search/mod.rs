//! The search of the archive: the words that people type become an
//! [`ArchiveFilter`] (Chats API, Search Chats; `docs/ARCHIVE.md`). It knows no store
//! and no HTTP.
//!
//! What must stay true: words are folded by the same rules where they are typed and
//! where they were written ([`fold`]); every text is either a query or an error that
//! names the column.

mod excerpt;
pub(crate) mod fold;
mod grammar;
mod time;

pub(crate) use excerpt::{Excerpt, Part, excerpt, terms};
pub(crate) use fold::fold;

use jiff::tz::TimeZone;

use crate::store::archive::ArchiveFilter;

/// The longest query in bytes: more than anybody types, and what a program that
/// lists a few dozen values needs.
pub(crate) const QUERY_MAX_BYTES: usize = 2_000;

/// How many conditions a query has at most. Each costs a look into an index.
const CONDITIONS_MAX: usize = 50;

/// How deep parentheses are nested at most.
const DEPTH_MAX: usize = 20;

/// Why a text is not a query.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("column {column}: {problem}")]
pub(crate) struct QueryError {
    /// Counted in characters, from 1.
    pub(crate) column: usize,
    /// Does not repeat what was typed.
    pub(crate) problem: &'static str,
}

/// Reads a query. An empty one finds everything.
///
/// # Errors
/// For the first thing that cannot be read.
pub(crate) fn parse(query: &str, zone: &TimeZone) -> Result<ArchiveFilter, QueryError> {
    if query.len() > QUERY_MAX_BYTES {
        return Err(QueryError {
            column: 1,
            problem: "the query is longer than 2000 bytes",
        });
    }
    grammar::parse(query, zone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_of_a_long_query_names_the_limit() {
        let error = parse(&"a".repeat(QUERY_MAX_BYTES + 1), &TimeZone::UTC).unwrap_err();
        assert!(error.problem.contains(&QUERY_MAX_BYTES.to_string()));
        assert!(parse(&"a".repeat(QUERY_MAX_BYTES), &TimeZone::UTC).is_ok());
    }
}
