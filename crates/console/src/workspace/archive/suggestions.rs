//! What can come next in the search box: the fields, and the values of the field before the caret.

use super::query::{self, Field, Kind};
use crate::workspace::Day;

/// The most suggestions at once: more are not read, and typing makes them fewer.
const SHOWN_MAX: usize = 11;

/// One line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// What is put into the query.
    pub insert: String,
    /// What it stands for.
    pub meaning: Meaning,
}

/// What a suggestion stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// A field, whose value comes next.
    Field(Field),
    /// A value that explains itself.
    Value,
    /// This day.
    Today,
    /// So many days, up to today.
    LastDays(i64),
    /// This month.
    ThisMonth,
    /// A chat.
    Chat,
    /// A message that was left.
    Message,
}

/// The names that are suggested as values.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Names {
    /// The agents who took part.
    pub agents: Vec<String>,
    /// The groups of agents.
    pub teams: Vec<String>,
    /// The tags of conversations that were found.
    pub tags: Vec<String>,
}

/// What can come at the caret (in bytes), and where it is put: from that byte to the caret.
pub(super) fn suggest(
    query: &str,
    caret: usize,
    names: &Names,
    today: Day,
) -> (usize, Vec<Suggestion>) {
    let Some(before) = query.get(..caret) else {
        return (caret, Vec::new());
    };
    let last = query::tokens(before).pop();
    let Some(last) = last.filter(|token| token.range.end == caret) else {
        return (caret, fields(""));
    };
    let begin = last.range.start;
    let found = match last.kind {
        Kind::Condition(field, value) => {
            let typed = before.get(value..).unwrap_or_default();
            values(field, typed.trim_start_matches('"'), names, today)
        }
        Kind::Word => fields(before.get(begin..).unwrap_or_default()),
        Kind::Parenthesis => return (caret, fields("")),
        Kind::And | Kind::Or | Kind::Not => Vec::new(),
    };
    (begin, found)
}

fn fields(typed: &str) -> Vec<Suggestion> {
    let typed = typed.to_lowercase();
    let fits = |field: &Field| field.name().contains(&typed);
    let mut fields: Vec<Field> = Field::ALL.into_iter().filter(fits).collect();
    fields.sort_by_key(|field| !field.name().starts_with(&typed));
    let field = |field: Field| Suggestion {
        insert: format!("{}:", field.name()),
        meaning: Meaning::Field(field),
    };
    fields.into_iter().map(field).collect()
}

fn values(field: Field, typed: &str, names: &Names, today: Day) -> Vec<Suggestion> {
    let words = |words: &[&str]| -> Vec<(String, Meaning)> {
        let words = words.iter();
        words
            .map(|word| ((*word).to_owned(), Meaning::Value))
            .collect()
    };
    let named = |names: &[String]| -> Vec<(String, Meaning)> {
        names
            .iter()
            .map(|it| (it.clone(), Meaning::Value))
            .collect()
    };
    let all = match field {
        Field::Rating => words(&["good", "bad"]),
        Field::Missed | Field::Unread => words(&["true", "false"]),
        Field::Type => vec![
            ("chat".to_owned(), Meaning::Chat),
            ("offline_msg".to_owned(), Meaning::Message),
        ],
        Field::Department => named(&names.teams),
        Field::Agent => named(&names.agents),
        Field::Tags => named(&names.tags),
        Field::Timestamp | Field::EndTimestamp => times(today),
        Field::VisitorName | Field::VisitorEmail => Vec::new(),
    };
    let typed = typed.to_lowercase();
    let fits = |(value, _): &(String, Meaning)| {
        let lower = value.to_lowercase();
        lower.contains(&typed) && lower != typed
    };
    let suggestion = |(value, meaning): (String, Meaning)| Suggestion {
        insert: format!("{}:{}", field.name(), query::literal(field, &value)),
        meaning,
    };
    let fitting = all.into_iter().filter(fits);
    fitting.take(SHOWN_MAX).map(suggestion).collect()
}

/// Spans of time, as values of a field.
pub(super) fn times(today: Day) -> Vec<(String, Meaning)> {
    let since = |day: Day| format!("[{day} TO {today}]");
    vec![
        (today.to_string(), Meaning::Today),
        (since(today.plus(-6)), Meaning::LastDays(7)),
        (since(today.plus(-29)), Meaning::LastDays(30)),
        (since(today.plus(-89)), Meaning::LastDays(90)),
        (since(today.month_begins()), Meaning::ThisMonth),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(query: &str, caret: usize) -> (usize, Vec<String>) {
        let names = Names {
            agents: vec!["Ada Byron".to_owned(), "Bea".to_owned()],
            teams: vec!["Support".to_owned()],
            tags: vec!["vip".to_owned()],
        };
        let today = Day::parse("2026-11-30").unwrap();
        let (at, list) = suggest(query, caret, &names, today);
        (at, list.into_iter().map(|it| it.insert).collect())
    }

    #[test]
    fn fields_come_first_and_then_their_values() {
        let (at, all) = shown("", 0);
        assert_eq!((at, all.len()), (0, Field::ALL.len()));
        assert_eq!(shown("dark ra", 7), (5, vec!["rating:".to_owned()]));
        assert_eq!(
            shown("name", 4).1,
            ["department_name:", "agent_names:", "visitor_name:"]
        );
        let ratings = ["rating:good", "rating:bad"].map(str::to_owned).to_vec();
        assert_eq!(shown("rating:", 7), (0, ratings));
        assert_eq!(shown("a rating:b", 10).1, ["rating:bad"]);
        assert_eq!(
            shown("agent_names:\"ad", 15).1,
            ["agent_names:\"Ada Byron\""]
        );
        assert_eq!(
            shown("timestamp:", 10).1.get(1).unwrap(),
            "timestamp:[2026-11-24 TO 2026-11-30]"
        );
        assert!(shown("rating:good", 11).1.is_empty(), "nothing to add");
        assert!(shown("chocolate", 9).1.is_empty());
        assert_eq!(shown("(", 1).0, 1);
        assert!(
            shown("é", 1).1.is_empty(),
            "not between the bytes of a letter"
        );
    }
}
