//! The grammar of the archive's search (docs/ARCHIVE.md), as far as the page has to know it: where
//! a condition begins and ends. The server alone decides what a query means.

use std::ops::Range;

/// The fields that are suggested, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// When the conversation began.
    Timestamp,
    /// The group of agents.
    Department,
    /// Who took part.
    Agent,
    /// The visitor's rating.
    Rating,
    /// A tag.
    Tags,
    /// Whether nobody accepted it.
    Missed,
    /// Whether it waits for somebody to deal with it.
    Unread,
    /// A chat, or a message that was left.
    Type,
    /// The visitor's name.
    VisitorName,
    /// The visitor's e-mail address.
    VisitorEmail,
    /// When it ended.
    EndTimestamp,
}

impl Field {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Timestamp,
        Self::Department,
        Self::Agent,
        Self::Rating,
        Self::Tags,
        Self::Missed,
        Self::Unread,
        Self::Type,
        Self::VisitorName,
        Self::VisitorEmail,
        Self::EndTimestamp,
    ];

    /// Its name in a query.
    pub fn name(self) -> &'static str {
        match self {
            Self::Timestamp => "timestamp",
            Self::Department => "department_name",
            Self::Agent => "agent_names",
            Self::Rating => "rating",
            Self::Tags => "tags",
            Self::Missed => "missed",
            Self::Unread => "unread",
            Self::Type => "type",
            Self::VisitorName => "visitor_name",
            Self::VisitorEmail => "visitor_email",
            Self::EndTimestamp => "end_timestamp",
        }
    }

    fn of_name(name: &str) -> Option<Self> {
        match name {
            "chat_type" => Some(Self::Type),
            _ => Self::ALL.into_iter().find(|field| field.name() == name),
        }
    }
}

/// A piece of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    /// Its place, in bytes.
    pub(super) range: Range<usize>,
    pub(super) kind: Kind,
    /// How many parentheses are open around it.
    depth: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A field with its value, which begins there, in bytes. It may be empty.
    Condition(Field, usize),
    Word,
    And,
    Or,
    Not,
    Parenthesis,
}

/// The pieces of a query. What is not closed ends with the query.
pub(super) fn tokens(query: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(letter) = query.get(at..).and_then(|rest| rest.chars().next()) {
        let begin = at;
        let kind = match letter {
            _ if letter.is_whitespace() => {
                at += letter.len_utf8();
                continue;
            }
            '(' => {
                depth += 1;
                at += 1;
                Kind::Parenthesis
            }
            ')' => {
                depth = depth.saturating_sub(1);
                at += 1;
                Kind::Parenthesis
            }
            _ => match field_at(query, at) {
                Some((field, value)) => {
                    at = literal_end(query, value);
                    Kind::Condition(field, value)
                }
                None => {
                    at = literal_end(query, at);
                    match query.get(begin..at) {
                        Some("AND") => Kind::And,
                        Some("OR") => Kind::Or,
                        Some("NOT") => Kind::Not,
                        _ => Kind::Word,
                    }
                }
            },
        };
        tokens.push(Token {
            range: begin..at,
            kind,
            depth,
        });
    }
    tokens
}

/// A field that begins there, and where its value begins.
fn field_at(query: &str, at: usize) -> Option<(Field, usize)> {
    let rest = query.get(at..)?;
    let name = rest.find(|it: char| !(it.is_ascii_lowercase() || it == '_'))?;
    let field = Field::of_name(rest.get(..name)?)?;
    let value = rest.get(name..)?.strip_prefix(':')?;
    // A value may come after spaces; without one the field ends behind the colon.
    let trimmed = value.trim_start();
    let has_value = !trimmed.is_empty() && !trimmed.starts_with(')');
    let spaces = if has_value {
        value.len() - trimmed.len()
    } else {
        0
    };
    Some((field, at + name + 1 + spaces))
}

/// Where a phrase, a range or a word ends that begins there.
fn literal_end(query: &str, at: usize) -> usize {
    let rest = query.get(at..).unwrap_or_default();
    let closed = |open: char, close: char| {
        let inside = rest.strip_prefix(open)?;
        Some(
            inside
                .find(close)
                .map_or(query.len(), |end| at + 1 + end + 1),
        )
    };
    if let Some(end) = closed('"', '"').or_else(|| closed('[', ']')) {
        return end;
    }
    let mut open = 0_usize;
    let ends = |letter: char| {
        match letter {
            '(' => open += 1,
            ')' if open == 0 => return true,
            ')' => open -= 1,
            _ => {}
        }
        letter.is_whitespace()
    };
    let mut ends = ends;
    rest.char_indices()
        .find(|(_, letter)| ends(*letter))
        .map_or(query.len(), |(end, _)| at + end)
}

/// The value of a field on which all results depend: not one of several choices, and not denied.
pub(super) fn filter(query: &str, field: Field) -> Option<String> {
    let (range, value) = find(query, field)?;
    let value = query.get(value..range.end)?.trim();
    let unquoted = value
        .strip_prefix('"')
        .map(|it| it.strip_suffix('"').unwrap_or(it));
    let value = unquoted.unwrap_or(value);
    (!value.is_empty()).then(|| value.to_owned())
}

/// The query with this value of the field in place of the one that `filter` finds, or without one.
pub(super) fn with_filter(query: &str, field: Field, value: Option<&str>) -> String {
    let condition = value.map(|value| format!("{}:{}", field.name(), literal(field, value)));
    let joined = |parts: &[&str]| {
        let parts = parts.iter().map(|part| part.trim());
        let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
        parts.join(" ")
    };
    if let Some((range, _)) = find(query, field) {
        let before = query.get(..range.start).unwrap_or_default();
        let after = query.get(range.end..).unwrap_or_default();
        if condition.is_none() {
            // Nothing is left that AND would join.
            let before = before.trim();
            let without = before
                .strip_suffix("AND")
                .filter(|it| it.is_empty() || it.ends_with(char::is_whitespace));
            return match without {
                Some(before) => joined(&[before, after]),
                None => {
                    let after = after.trim();
                    let rest = after
                        .strip_prefix("AND")
                        .filter(|it| it.starts_with(char::is_whitespace));
                    joined(&[before, rest.filter(|_| before.is_empty()).unwrap_or(after)])
                }
            };
        }
        return joined(&[before, condition.as_deref().unwrap_or_default(), after]);
    }
    let Some(condition) = condition else {
        return query.to_owned();
    };
    match has_choice(query) {
        true => format!("({}) {condition}", query.trim()),
        false => joined(&[query, &condition]),
    }
}

/// Whether a query is a choice of several at its top.
fn has_choice(query: &str) -> bool {
    let is_or = |token: &Token| token.kind == Kind::Or && token.depth == 0;
    tokens(query).iter().any(is_or)
}

fn find(query: &str, wanted: Field) -> Option<(Range<usize>, usize)> {
    if has_choice(query) {
        return None;
    }
    let mut denied = false;
    for token in tokens(query) {
        if let Kind::Condition(field, value) = token.kind
            && field == wanted
            && token.depth == 0
            && !denied
        {
            return Some((token.range, value));
        }
        denied = token.kind == Kind::Not;
    }
    None
}

/// A value as it is written: in quotes, unless it is one plain word.
pub(super) fn literal(field: Field, value: &str) -> String {
    let is_time = matches!(field, Field::Timestamp | Field::EndTimestamp);
    let is_plain = !value.is_empty()
        && !matches!(value, "AND" | "OR" | "NOT")
        && value
            .chars()
            .all(|it| it.is_alphanumeric() || "._@-+".contains(it));
    match is_time || is_plain {
        true => value.to_owned(),
        false => format!("\"{}\"", value.replace('"', " ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_taken_to_pieces() {
        let query =
            r#"dark (a OR tags:"very important") timestamp:[2026-11-01 TO *] C++(x) rating:"#;
        let pieces: Vec<_> = tokens(query)
            .into_iter()
            .map(|token| (query.get(token.range).unwrap(), token.depth))
            .collect();
        assert_eq!(
            pieces,
            [
                ("dark", 0),
                ("(", 1),
                ("a", 1),
                ("OR", 1),
                (r#"tags:"very important""#, 1),
                (")", 0),
                ("timestamp:[2026-11-01 TO *]", 0),
                ("C++(x)", 0),
                ("rating:", 0),
            ]
        );
        for odd in [
            "\"",
            "tags:\"",
            "timestamp:[",
            ")",
            "((",
            "é:",
            "rating: ",
            "müller tags:ü",
        ] {
            let end = tokens(odd).last().map_or(0, |token| token.range.end);
            assert!(odd.is_char_boundary(end), "{odd}");
        }
    }

    #[test]
    fn a_filter_is_read_from_a_query() {
        for (query, wanted) in [
            ("rating:good", Some("good")),
            ("dark rating: bad more", Some("bad")),
            ("rating:\"good\"", Some("good")),
            ("NOT rating:good", None),
            ("rating:good OR tags:vip", None),
            ("(rating:good OR tags:vip)", None),
            ("rating:", None),
            ("\"rating:good\"", None),
            ("ratings:good", None),
        ] {
            assert_eq!(filter(query, Field::Rating).as_deref(), wanted, "{query}");
        }
        let query = "timestamp:[2026-11-01 TO *] chat_type:chat";
        assert_eq!(
            filter(query, Field::Timestamp).unwrap(),
            "[2026-11-01 TO *]"
        );
        assert_eq!(filter(query, Field::Type).unwrap(), "chat");
    }

    #[test]
    fn a_filter_is_written_into_a_query() {
        for (query, field, value, wanted) in [
            ("", Field::Rating, Some("good"), "rating:good"),
            (
                "dark",
                Field::Agent,
                Some("Ada Byron"),
                "dark agent_names:\"Ada Byron\"",
            ),
            (
                "rating:bad dark",
                Field::Rating,
                Some("good"),
                "rating:good dark",
            ),
            ("a rating:bad b", Field::Rating, None, "a b"),
            ("a AND rating:bad", Field::Rating, None, "a"),
            ("rating:bad AND b", Field::Rating, None, "b"),
            ("a AND rating:bad AND b", Field::Rating, None, "a AND b"),
            ("a OR b", Field::Tags, Some("vip"), "(a OR b) tags:vip"),
            (
                "NOT rating:bad",
                Field::Rating,
                Some("good"),
                "NOT rating:bad rating:good",
            ),
            (
                "a",
                Field::Timestamp,
                Some("[2026-11-01 TO *]"),
                "a timestamp:[2026-11-01 TO *]",
            ),
            ("a", Field::Tags, Some("12\" \"x"), "a tags:\"12   x\""),
            ("a", Field::Tags, Some("OR"), "a tags:\"OR\""),
            ("a", Field::Tags, None, "a"),
        ] {
            assert_eq!(with_filter(query, field, value), wanted, "{query}");
        }
    }
}
