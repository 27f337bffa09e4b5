//! The grammar of queries (Chats API, Search Chats):
//!
//! ```text
//! any       = all { "OR" all }
//! all       = not { ["AND"] not }
//! not       = "NOT" not | "(" any ")" | condition
//! condition = field ":" value | phrase | word
//! ```
//!
//! `AND`, `OR` and `NOT` are in capitals. A word that ends in a colon and is no field
//! is a word. Inside a word, quotes and pairs of parentheses stand for themselves.

use jiff::tz::TimeZone;
use winnow::{
    LocatingSlice,
    ascii::multispace0,
    combinator::{alt, eof, opt, peek, preceded, terminated},
    error::{ErrMode, ParserError},
    prelude::*,
    stream::Location as _,
    token::{any, take, take_till, take_while},
};

use super::{CONDITIONS_MAX, DEPTH_MAX, QueryError, fold, time};
use crate::{
    clock::Timestamp,
    store::archive::{ArchiveFilter, ArchiveKind, TextField, ThreadRating, TimeRange},
};

type Input<'a> = LocatingSlice<&'a str>;

/// Where reading has stopped, in bytes, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Problem {
    at: usize,
    text: &'static str,
}

impl<'a> ParserError<Input<'a>> for Problem {
    type Inner = Self;

    fn from_input(input: &Input<'a>) -> Self {
        Self {
            at: input.current_token_start(),
            text: "expected a word, a phrase in quotes, or a field",
        }
    }

    fn into_inner(self) -> Result<Self::Inner, Self> {
        Ok(self)
    }
}

type Parsed<T> = Result<T, ErrMode<Problem>>;

/// What goes wrong for good at a place.
fn wrong<T>(at: usize, text: &'static str) -> Parsed<T> {
    Err(ErrMode::Cut(Problem { at, text }))
}

pub(super) fn parse(query: &str, zone: &TimeZone) -> Result<ArchiveFilter, QueryError> {
    let mut reader = Reader {
        zone,
        depth: 0,
        conditions: 0,
    };
    let mut input = LocatingSlice::new(query);
    let blank = terminated(multispace0::<_, ErrMode<Problem>>, eof);
    let read = match peek(opt(blank)).parse_next(&mut input) {
        Ok(Some(_)) => return Ok(ArchiveFilter::All(Vec::new())),
        _ => reader.any_of(&mut input).and_then(|filter| {
            multispace0.parse_next(&mut input)?;
            match input.is_empty() {
                true => Ok(filter),
                // Nothing else ends a query too early.
                false => wrong(
                    input.current_token_start(),
                    "this parenthesis was not opened",
                ),
            }
        }),
    };
    read.map_err(|error| {
        let (ErrMode::Backtrack(problem) | ErrMode::Cut(problem)) = error else {
            return QueryError {
                column: 1,
                problem: "the query ends too early",
            };
        };
        let before = query.get(..problem.at).unwrap_or(query);
        QueryError {
            column: before.chars().count() + 1,
            problem: problem.text,
        }
    })
}

struct Reader<'z> {
    zone: &'z TimeZone,
    depth: usize,
    conditions: usize,
}

impl Reader<'_> {
    fn any_of(&mut self, input: &mut Input<'_>) -> Parsed<ArchiveFilter> {
        let mut parts = vec![self.all_of(input)?];
        while opt(keyword("OR")).parse_next(input)?.is_some() {
            parts.push(self.all_of(input)?);
        }
        Ok(one_or(parts, ArchiveFilter::Any))
    }

    fn all_of(&mut self, input: &mut Input<'_>) -> Parsed<ArchiveFilter> {
        let mut parts = vec![self.not(input)?];
        loop {
            let has_more = opt(keyword("AND")).parse_next(input)?.is_some();
            let ends = alt((
                preceded(multispace0, eof).void(),
                preceded(multispace0, ')').void(),
                keyword("OR"),
            ));
            if !has_more && peek(opt(ends)).parse_next(input)?.is_some() {
                return Ok(one_or(parts, ArchiveFilter::All));
            }
            parts.push(self.not(input)?);
        }
    }

    fn not(&mut self, input: &mut Input<'_>) -> Parsed<ArchiveFilter> {
        multispace0.parse_next(input)?;
        let at = input.current_token_start();
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return wrong(at, "too many parentheses inside each other");
        }
        let filter = if opt(keyword("NOT")).parse_next(input)?.is_some() {
            ArchiveFilter::Not(Box::new(self.not(input)?))
        } else if opt('(').parse_next(input)?.is_some() {
            let inside = self.any_of(input)?;
            multispace0.parse_next(input)?;
            match opt(')').parse_next(input)? {
                Some(_) => inside,
                None => return wrong(at, "this parenthesis is not closed"),
            }
        } else {
            self.condition(input)?
        };
        self.depth -= 1;
        Ok(filter)
    }

    fn condition(&mut self, input: &mut Input<'_>) -> Parsed<ArchiveFilter> {
        let at = input.current_token_start();
        for word in ["AND", "OR"] {
            if peek(opt(keyword(word))).parse_next(input)?.is_some() {
                return wrong(
                    at,
                    "expected something before this word; in quotes, it is searched for",
                );
            }
        }
        if input.is_empty() {
            return wrong(at, "expected something after the last word");
        }
        if input.starts_with(')') {
            return wrong(at, "expected something before this parenthesis");
        }
        self.conditions += 1;
        if self.conditions > CONDITIONS_MAX {
            return wrong(at, "more than 50 conditions");
        }
        match opt(field).parse_next(input)? {
            Some(field) => self.value(field, input),
            None => text(None, at, literal(input)?),
        }
    }

    fn value(&self, field: Field, input: &mut Input<'_>) -> Parsed<ArchiveFilter> {
        multispace0.parse_next(input)?;
        let at = input.current_token_start();
        if input.is_empty() || input.starts_with(')') {
            return wrong(at, "expected a value after the field");
        }
        if matches!(field, Field::CreatedAt | Field::EndedAt) {
            let range = match input.starts_with('[') {
                true => self.range(input)?,
                false => self.time(at, literal(input)?)?,
            };
            return Ok(match field {
                Field::CreatedAt => ArchiveFilter::CreatedAt(range),
                _ => ArchiveFilter::EndedAt(range),
            });
        }
        let value = literal(input)?;
        let yes_or_no = || match value {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => wrong(at, "expected true or false"),
        };
        match field {
            Field::Text(field) => text(Some(field), at, value),
            Field::Kind => match value {
                "chat" => Ok(ArchiveFilter::Kind(ArchiveKind::Chat)),
                "offline_msg" => Ok(ArchiveFilter::Kind(ArchiveKind::OfflineMessage)),
                _ => wrong(at, "expected chat or offline_msg"),
            },
            Field::Rating => match value {
                "good" => Ok(ArchiveFilter::Rating(ThreadRating::Good)),
                "bad" => Ok(ArchiveFilter::Rating(ThreadRating::Bad)),
                _ => wrong(at, "expected good or bad"),
            },
            Field::Missed => Ok(ArchiveFilter::IsMissed(yes_or_no()?)),
            Field::Unread => Ok(ArchiveFilter::IsUnread(yes_or_no()?)),
            Field::CreatedAt | Field::EndedAt => wrong(at, "expected a time"),
        }
    }

    /// `[A TO B]`, where `*` leaves an end open.
    fn range(&self, input: &mut Input<'_>) -> Parsed<TimeRange> {
        let begin = input.current_token_start();
        any.parse_next(input)?;
        let inside: &str = take_till(0.., ']').parse_next(input)?;
        if opt(']').parse_next(input)?.is_none() {
            return wrong(begin, "this range is not closed: expected [A TO B]");
        }
        let Some((from, through)) = inside.split_once(" TO ") else {
            return wrong(
                begin,
                "expected a range as [2014-10-10 TO 2014-12-12], or with *",
            );
        };
        let edge = |text: &str| match text.trim() {
            "*" => Ok(None),
            text => self.time(begin, text).map(Some),
        };
        let (from, through) = (edge(from)?, edge(through)?);
        let range = TimeRange {
            from: from.map_or(Timestamp(i64::MIN), |it| it.from),
            through: through.map_or(Timestamp(i64::MAX), |it| it.through),
        };
        match range.from <= range.through {
            true => Ok(range),
            false => wrong(begin, "the range ends before it begins"),
        }
    }

    fn time(&self, at: usize, text: &str) -> Parsed<TimeRange> {
        match time::read(text, self.zone) {
            Some(range) => Ok(range),
            None => wrong(
                at,
                "expected a date or time, as 2014-10-10 or 2014-10-10T16:00:00Z",
            ),
        }
    }
}

/// What a query can name.
#[derive(Debug, Clone, Copy)]
enum Field {
    Text(TextField),
    Kind,
    Rating,
    CreatedAt,
    EndedAt,
    Missed,
    Unread,
}

/// The names that people and programs write. The last four are ours.
const FIELDS: [(&str, Field); 12] = [
    ("agent_names", Field::Text(TextField::AgentNames)),
    ("visitor_name", Field::Text(TextField::VisitorName)),
    ("visitor_email", Field::Text(TextField::VisitorEmail)),
    ("timestamp", Field::CreatedAt),
    ("end_timestamp", Field::EndedAt),
    ("chat_type", Field::Kind),
    ("type", Field::Kind),
    ("rating", Field::Rating),
    ("department_name", Field::Text(TextField::DepartmentName)),
    ("tags", Field::Text(TextField::Tags)),
    ("missed", Field::Missed),
    ("unread", Field::Unread),
];

fn field(input: &mut Input<'_>) -> Parsed<Field> {
    let name = take_while(1.., ('a'..='z', '_'));
    let name: &str = terminated(name, ':').parse_next(input)?;
    let known = FIELDS.iter().find(|(known, _)| *known == name);
    known
        .map(|(_, field)| *field)
        .ok_or_else(|| ErrMode::from_input(input))
}

/// A phrase in quotes, or a word.
fn literal<'a>(input: &mut Input<'a>) -> Parsed<&'a str> {
    let begin = input.current_token_start();
    if opt('"').parse_next(input)?.is_some() {
        let phrase: &str = take_till(0.., '"').parse_next(input)?;
        return match opt('"').parse_next(input)? {
            Some(_) => Ok(phrase),
            None => wrong(begin, "this quote is not closed"),
        };
    }
    take(word_length(input)).parse_next(input)
}

/// How many characters the word has with which the input begins: it ends at a blank, or
/// at a parenthesis that it has not opened.
fn word_length(input: &str) -> usize {
    let mut open: usize = 0;
    let is_inside = |character: &char| {
        match character {
            '(' => open += 1,
            ')' if open > 0 => open -= 1,
            ')' => return false,
            _ => {}
        }
        !character.is_whitespace()
    };
    input.chars().take_while(is_inside).count()
}

fn text(field: Option<TextField>, at: usize, typed: &str) -> Parsed<ArchiveFilter> {
    let phrase = fold(typed);
    match phrase.is_empty() {
        true => wrong(at, "there is nothing to search for"),
        false => Ok(ArchiveFilter::Text { field, phrase }),
    }
}

/// A word of the grammar, with the blanks before it.
fn keyword<'a>(word: &'static str) -> impl Parser<Input<'a>, (), ErrMode<Problem>> {
    let ends = alt((
        eof.void(),
        any.verify(|it: &char| it.is_whitespace() || "()".contains(*it))
            .void(),
    ));
    (multispace0, word, peek(ends)).void()
}

fn one_or(
    mut parts: Vec<ArchiveFilter>,
    of: fn(Vec<ArchiveFilter>) -> ArchiveFilter,
) -> ArchiveFilter {
    match (parts.len(), parts.pop()) {
        (1, Some(part)) => part,
        (_, last) => {
            parts.extend(last);
            of(parts)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> String {
        match parse(query, &TimeZone::UTC) {
            Ok(filter) => shown(&filter),
            Err(error) => error.to_string(),
        }
    }

    /// A short form, for the tables below.
    fn shown(filter: &ArchiveFilter) -> String {
        let list = |parts: &[ArchiveFilter]| parts.iter().map(shown).collect::<Vec<_>>().join(" ");
        let range = |range: &TimeRange| match (range.from.0, range.through.0) {
            (i64::MIN, i64::MAX) => "* *".to_owned(),
            (i64::MIN, _) => format!("* {}", range.through.to_rfc3339()),
            (_, i64::MAX) => format!("{} *", range.from.to_rfc3339()),
            _ => format!("{} {}", range.from.to_rfc3339(), range.through.to_rfc3339()),
        };
        match filter {
            ArchiveFilter::All(parts) => format!("all({})", list(parts)),
            ArchiveFilter::Any(parts) => format!("any({})", list(parts)),
            ArchiveFilter::Not(part) => format!("not({})", shown(part)),
            ArchiveFilter::Text {
                field: None,
                phrase,
            } => format!("<{phrase}>"),
            ArchiveFilter::Text {
                field: Some(field),
                phrase,
            } => format!("{field:?}<{phrase}>"),
            ArchiveFilter::CreatedAt(it) => format!("created({})", range(it)),
            ArchiveFilter::EndedAt(it) => format!("ended({})", range(it)),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn the_queries_of_the_documentation_are_read() {
        for (query, expected) in [
            (
                "agent_names:Tom AND visitor_name:Harry",
                "all(AgentNames<tom> VisitorName<harry>)",
            ),
            ("type:chat AND chocolate", "all(Kind(Chat) <chocolate>)"),
            (
                "visitor_email:ada@shop.example AND timestamp:[2014-10-10 TO 2014-12-12]",
                "all(VisitorEmail<ada@shop.example> \
                 created(2014-10-10T00:00:00.000000Z 2014-12-12T23:59:59.999999Z))",
            ),
            (
                "timestamp:[2014-10-16 TO *] AND chocolate",
                "all(created(2014-10-16T00:00:00.000000Z *) <chocolate>)",
            ),
            (
                "end_timestamp:[2014-10-25 TO *] AND rating:good",
                "all(ended(2014-10-25T00:00:00.000000Z *) Rating(Good))",
            ),
            (
                "type:offline_msg AND timestamp:[2016-02-02T16:00:00 TO 2016-02-02T17:00:00.5]",
                "all(Kind(OfflineMessage) \
                 created(2016-02-02T16:00:00.000000Z 2016-02-02T17:00:00.500000Z))",
            ),
            ("chat_type:chat", "Kind(Chat)"),
            (
                "timestamp:2014-10-10",
                "created(2014-10-10T00:00:00.000000Z 2014-10-10T23:59:59.999999Z)",
            ),
            ("timestamp:[* TO *]", "created(* *)"),
            ("", "all()"),
            ("  ", "all()"),
        ] {
            assert_eq!(read(query), expected, "{query}");
        }
    }

    #[test]
    fn words_and_operators_are_told_apart() {
        for (query, expected) in [
            ("a b", "all(<a> <b>)"),
            ("a AND b OR c", "any(all(<a> <b>) <c>)"),
            ("a AND (b OR c)", "all(<a> any(<b> <c>))"),
            ("a NOT b", "all(<a> not(<b>))"),
            ("NOT a OR NOT NOT b", "any(not(<a>) not(not(<b>)))"),
            ("(a)(b)", "all(<a> <b>)"),
            ("\"two  Words\" third", "all(<two words> <third>)"),
            ("\"AND\"", "<and>"),
            (
                "ANDROID ORANGE NOTE and or not",
                "all(<android> <orange> <note> <and> <or> <not>)",
            ),
            ("visitor_name:\"Ada Lovelace\"", "VisitorName<ada lovelace>"),
            ("visitor_name: Ada", "VisitorName<ada>"),
            ("order: 4711", "all(<order:> <4711>)"),
            ("https://shop.example/a?b=c", "<https://shop.example/a?b=c>"),
            ("O'Neil", "<o'neil>"),
            ("100% a_b C++ -x *", "all(<100%> <a_b> <c++> <-x> <*>)"),
            ("f(x) 27\"", "all(<f(x)> <27\">)"),
            ("MÜLLER Müller", "all(<muller> <muller>)"),
            (
                "tags:vip missed:true unread:false",
                "all(Tags<vip> IsMissed(true) IsUnread(false))",
            ),
            ("[2014 TO 2015]", "all(<[2014> <to> <2015]>)"),
        ] {
            assert_eq!(read(query), expected, "{query}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_named_with_its_column() {
        for (query, column) in [
            ("\"O'Neil", 1),
            ("müß \"x", 5),
            ("AND", 1),
            ("a AND", 6),
            ("a OR", 5),
            ("OR a", 1),
            ("NOT", 4),
            ("a AND AND b", 7),
            ("(a", 1),
            ("a)", 2),
            ("()", 2),
            (")", 1),
            ("rating:fine", 8),
            ("type:email", 6),
            ("missed:maybe", 8),
            ("visitor_name:", 14),
            ("(visitor_name:)", 15),
            ("timestamp:yesterday", 11),
            ("timestamp:[2014-10-10", 11),
            ("timestamp:[2014-10-10 2014-12-12]", 11),
            ("timestamp:[2014-12-12 TO 2014-10-10]", 11),
            ("timestamp:[2014-13-12 TO *]", 11),
            ("\"\"", 1),
            ("\u{200b}", 1),
        ] {
            let error = parse(query, &TimeZone::UTC).expect_err(query);
            assert_eq!(error.column, column, "{query}: {error}");
        }
    }

    #[test]
    fn a_query_has_limits() {
        let nested = |n: usize| "(".repeat(n) + "a" + &")".repeat(n);
        assert!(parse(&nested(DEPTH_MAX - 1), &TimeZone::UTC).is_ok());
        assert!(parse(&nested(DEPTH_MAX), &TimeZone::UTC).is_err());
        assert!(parse(&nested(900), &TimeZone::UTC).is_err());
        assert!(parse(&"NOT ".repeat(400), &TimeZone::UTC).is_err());
        let words = |n: usize| "a ".repeat(n);
        assert!(parse(&words(CONDITIONS_MAX), &TimeZone::UTC).is_ok());
        let error = parse(&words(CONDITIONS_MAX + 1), &TimeZone::UTC).unwrap_err();
        assert!(error.problem.contains(&CONDITIONS_MAX.to_string()));
    }

    /// Texts made of everything that the grammar knows: each is a query or an error.
    #[test]
    fn no_text_stops_the_reader() {
        let parts = [
            "a",
            " ",
            "(",
            ")",
            "\"",
            "AND",
            "OR",
            "NOT",
            "timestamp:",
            "[",
            "]",
            " TO ",
            "*",
            "rating:",
            "good",
            ":",
            "2014-10-10",
            "ü",
            "\u{0}",
            "'",
            "\\",
            "%",
            "visitor_name:",
        ];
        let mut state: usize = 7;
        for _ in 0..20_000 {
            let mut query = String::new();
            for _ in 0..state % 9 {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_041);
                query.push_str(parts[(state >> 33) % parts.len()]);
            }
            state = state.wrapping_add(1);
            if let Err(error) = parse(&query, &TimeZone::UTC) {
                assert!(error.column <= query.chars().count() + 1, "{query}");
            }
        }
    }
}
