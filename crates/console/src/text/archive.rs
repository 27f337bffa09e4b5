//! The texts of the archive.

use super::fault_reason;
use crate::workspace::{Fault, Field, Meaning, Millis, QueryProblem};

/// What a field is for.
pub(crate) fn field(field: Field) -> &'static str {
    match field {
        Field::Timestamp => "when it began",
        Field::Department => "team",
        Field::Agent => "agent",
        Field::Rating => "good or bad",
        Field::Tags => "tag",
        Field::Missed => "nobody accepted it",
        Field::Unread => "waits for somebody",
        Field::Type => "chat or message",
        Field::VisitorName => "visitor's name",
        Field::VisitorEmail => "visitor's email",
        Field::EndTimestamp => "when it ended",
    }
}

/// What a suggestion stands for; empty if it explains itself.
pub(crate) fn meaning(meaning: Meaning) -> String {
    match meaning {
        Meaning::Field(of) => field(of).to_owned(),
        Meaning::Value => String::new(),
        Meaning::Today => "Today".to_owned(),
        Meaning::LastDays(days) => format!("Last {days} days"),
        Meaning::ThisMonth => "This month".to_owned(),
        Meaning::Chat => "Chats".to_owned(),
        Meaning::Message => "Messages that were left".to_owned(),
    }
}

/// Why the server cannot read a query: where, and what is wrong there.
pub(crate) fn problem(problem: &QueryProblem, query: &str) -> String {
    let Some(column) = problem.column else {
        return format!("This cannot be searched for: {}.", problem.problem);
    };
    let at = query.char_indices().nth(column.saturating_sub(1));
    let rest = at.and_then(|(at, _)| query.get(at..)).unwrap_or_default();
    let word: String = rest
        .chars()
        .take_while(|letter| !letter.is_whitespace())
        .take(24)
        .collect();
    match word.is_empty() {
        true => format!("Column {column}, at the end: {}.", problem.problem),
        false => format!("Column {column}, at “{word}”: {}.", problem.problem),
    }
}

/// How many conversations were found. Ten thousand stand for more.
pub(crate) fn found(total: u64) -> String {
    match total {
        0 => "Nothing was found".to_owned(),
        1 => "1 conversation".to_owned(),
        10_000.. => "More than 10,000 conversations".to_owned(),
        1_000.. => format!("{},{:03} conversations", total / 1_000, total % 1_000),
        _ => format!("{total} conversations"),
    }
}

pub(crate) fn not_found(fault: Fault) -> String {
    format!("The archive was not searched: {}.", fault_reason(fault))
}

pub(crate) fn not_loaded(fault: Fault) -> String {
    match fault {
        Fault::Gone => "This conversation is not in the archive any more.".to_owned(),
        _ => format!("The conversation was not loaded: {}.", fault_reason(fault)),
    }
}

/// `42 s`, `12 min`, `1 h 02 min`, `3 days`.
pub(crate) fn duration(millis: Millis) -> String {
    super::report::seconds(millis / 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_name_their_place() {
        let said = |column, query: &str| {
            let problem_ = QueryProblem {
                column,
                problem: "expected good or bad".to_owned(),
            };
            problem(&problem_, query)
        };
        assert_eq!(
            said(Some(8), "rating:goood x"),
            "Column 8, at “goood”: expected good or bad."
        );
        assert_eq!(
            said(Some(8), "rating:"),
            "Column 8, at the end: expected good or bad."
        );
        assert!(said(None, "x").ends_with("expected good or bad."));
        assert!(said(Some(3), "ü é").contains("“é”"));
    }

    #[test]
    fn counts_are_read_easily() {
        for (total, expected) in [
            (0, "Nothing was found"),
            (1, "1 conversation"),
            (999, "999 conversations"),
            (1_002, "1,002 conversations"),
            (10_000, "More than 10,000 conversations"),
        ] {
            assert_eq!(found(total), expected);
        }
    }
}
