//! Where a line stands among its neighbours: which lines make one group, and
//! where a day begins. It looks at two lines at a time and at nothing else.

use parlor_session::{Author, Millis};

use super::transcript::Row;

/// Which day a moment is on, where the visitor is.
pub(crate) type Day = i64;

/// Tells days apart: the time zone is the driver's to know.
pub(crate) type LocalDay = fn(Millis) -> Day;

const MINUTE: Millis = 60_000;

/// In no time zone does a day begin within one; and asking for the zone costs.
const QUARTER_HOUR: Millis = 15 * MINUTE;

/// Whether `row` is said in one breath with the line before it: by the same
/// person in the same minute. A line that is not confirmed yet has no time and
/// stays with what is above it.
pub(super) fn continues(before: &Row, row: &Row) -> bool {
    let same_author = match (&before.line.author, &row.line.author) {
        (Author::Visitor, Author::Visitor) => true,
        (Author::Agent(one), Author::Agent(other)) => one.id == other.id && one.name == other.name,
        _ => false,
    };
    let same_minute = match (before.at(), row.at()) {
        (Some(one), Some(other)) => one / MINUTE == other / MINUTE,
        _ => true,
    };
    same_author && same_minute
}

/// Whether a day begins with `row`. What has no time begins none.
pub(super) fn begins_day(before: Option<&Row>, row: &Row, local_day: LocalDay) -> bool {
    let Some(at) = row.at() else {
        return false;
    };
    let parts = |earlier: Millis| {
        earlier / QUARTER_HOUR != at / QUARTER_HOUR && local_day(earlier) != local_day(at)
    };
    match before {
        None => true,
        Some(before) => before.at().is_some_and(parts),
    }
}
