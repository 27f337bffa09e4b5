//! Reads the tables of a TOML file key by key. It knows where values are and
//! their types; what a key means is up to the caller.
//!
//! What must stay true: every error names the line, the field and the mistake;
//! a key that nobody has read is an error.

use std::{cell::RefCell, collections::BTreeSet, fmt, ops::Range};

use serde_json::{Number, Value as Json};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// The similarity from which on an unknown key counts as a misspelling of a
/// known one.
const SIMILARITY_MIN: f64 = 0.7;

/// The word that was most likely meant.
pub(super) fn nearest<'k>(known: impl Iterator<Item = &'k str>, word: &str) -> Option<&'k str> {
    let similarity = |known: &&str| strsim::jaro_winkler(known, word);
    known
        .max_by(|a, b| similarity(a).total_cmp(&similarity(b)))
        .filter(|known| similarity(known) >= SIMILARITY_MIN)
}

/// A mistake in a settings file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct SettingsError {
    /// Line number, from 1.
    pub line: usize,
    /// For example `deployment[0].files.max_bytes`; empty for the file as a
    /// whole.
    pub field: String,
    pub problem: String,
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: ", self.line)?;
        if !self.field.is_empty() {
            write!(f, "{}: ", self.field)?;
        }
        f.write_str(&self.problem)
    }
}

pub(super) type Result<T> = std::result::Result<T, SettingsError>;

/// The text of the file, to convert offsets to line numbers.
#[derive(Clone, Copy)]
pub(super) struct Source<'s>(pub(super) &'s str);

impl<'s> Source<'s> {
    pub(super) fn parse(self) -> Result<Spanned<DeTable<'s>>> {
        DeTable::parse(self.0).map_err(|error| SettingsError {
            line: self.line(&error.span().unwrap_or_default()),
            field: String::new(),
            problem: error.message().trim_end_matches('.').replace('\n', ", "),
        })
    }

    fn line(self, at: &Range<usize>) -> usize {
        let before = self.0.get(..at.start).unwrap_or(self.0);
        before.bytes().filter(|byte| *byte == b'\n').count() + 1
    }
}

/// A value with its location.
#[derive(Clone)]
pub(super) struct Value<'a> {
    source: Source<'a>,
    field: String,
    at: Range<usize>,
    value: &'a DeValue<'a>,
}

impl<'a> Value<'a> {
    pub(super) fn error(&self, problem: impl Into<String>) -> SettingsError {
        SettingsError {
            line: self.source.line(&self.at),
            field: self.field.clone(),
            problem: problem.into(),
        }
    }

    fn expected(&self, what: &str) -> SettingsError {
        let article = match self.value {
            DeValue::Integer(_) | DeValue::Array(_) => "an",
            _ => "a",
        };
        self.error(format!(
            "expected {what}, found {article} {}",
            self.value.type_str()
        ))
    }

    pub(super) fn text(&self, max_bytes: usize) -> Result<String> {
        let text = self.value.as_str().ok_or_else(|| self.expected("a text"))?;
        if text.len() > max_bytes {
            return Err(self.error(format!("it has more than {max_bytes} bytes")));
        }
        Ok(text.to_owned())
    }

    /// A text that is not blank.
    pub(super) fn non_empty_text(&self, max_bytes: usize) -> Result<String> {
        let text = self.text(max_bytes)?;
        if text.trim().is_empty() {
            return Err(self.error("it must not be empty"));
        }
        Ok(text)
    }

    pub(super) fn flag(&self) -> Result<bool> {
        self.value
            .as_bool()
            .ok_or_else(|| self.expected("true or false"))
    }

    pub(super) fn integer(&self, range: std::ops::RangeInclusive<i64>) -> Result<i64> {
        let found = self
            .value
            .as_integer()
            .ok_or_else(|| self.expected("a whole number"))?;
        let number = i64::from_str_radix(found.as_str(), found.radix()).ok();
        number.filter(|n| range.contains(n)).ok_or_else(|| {
            self.error(format!(
                "expected a whole number from {} to {}",
                range.start(),
                range.end()
            ))
        })
    }

    pub(super) fn list(&self, max: usize) -> Result<Vec<Value<'a>>> {
        let items = self
            .value
            .as_array()
            .ok_or_else(|| self.expected("a list"))?;
        if items.len() > max {
            return Err(self.error(format!("it has more than {max} elements")));
        }
        Ok(items
            .iter()
            .enumerate()
            .map(|(n, item)| Value {
                source: self.source,
                field: format!("{}[{n}]", self.field),
                at: item.span(),
                value: item.get_ref(),
            })
            .collect())
    }

    pub(super) fn table(&self) -> Result<Table<'a>> {
        let table = self
            .value
            .as_table()
            .ok_or_else(|| self.expected("a table"))?;
        Ok(Table {
            source: self.source,
            field: self.field.clone(),
            at: self.at.clone(),
            table,
            known_keys: RefCell::default(),
        })
    }

    /// The value as JSON, for types that are defined by serde.
    pub(super) fn json(&self) -> Result<Json> {
        Ok(match self.value {
            DeValue::String(text) => Json::String(text.clone().into_owned()),
            DeValue::Boolean(flag) => Json::Bool(*flag),
            DeValue::Integer(_) => Json::Number(self.integer(i64::MIN..=i64::MAX)?.into()),
            DeValue::Float(number) => {
                let number = number.as_str().parse().ok().and_then(Number::from_f64);
                Json::Number(number.ok_or_else(|| self.error("it is not a number"))?)
            }
            DeValue::Datetime(moment) => Json::String(moment.to_string()),
            DeValue::Array(_) => {
                let items = self.list(usize::MAX)?;
                let items = items.iter().map(Value::json).collect::<Result<_>>()?;
                Json::Array(items)
            }
            DeValue::Table(_) => {
                let table = self.table()?;
                let mut fields = serde_json::Map::new();
                for (key, _) in table.table.iter() {
                    if let Some(value) = table.get(key.get_ref()) {
                        fields.insert(key.get_ref().clone().into_owned(), value.json()?);
                    }
                }
                Json::Object(fields)
            }
        })
    }
}

/// A table whose keys are read one after another.
pub(super) struct Table<'a> {
    source: Source<'a>,
    field: String,
    at: Range<usize>,
    table: &'a DeTable<'a>,
    known_keys: RefCell<BTreeSet<&'static str>>,
}

impl<'a> Table<'a> {
    pub(super) fn of(source: Source<'a>, root: &'a Spanned<DeTable<'a>>) -> Self {
        Self {
            source,
            field: String::new(),
            at: 0..0,
            table: root.get_ref(),
            known_keys: RefCell::default(),
        }
    }

    pub(super) fn error(&self, problem: impl Into<String>) -> SettingsError {
        SettingsError {
            line: self.source.line(&self.at),
            field: self.field.clone(),
            problem: problem.into(),
        }
    }

    fn get(&self, key: &str) -> Option<Value<'a>> {
        let value = self.table.get(key)?;
        Some(Value {
            source: self.source,
            field: self.path(key),
            at: value.span(),
            value: value.get_ref(),
        })
    }

    fn path(&self, key: &str) -> String {
        match self.field.is_empty() {
            true => key.to_owned(),
            false => format!("{}.{key}", self.field),
        }
    }

    /// The value of a key, which counts as known from now on.
    pub(super) fn value(&self, key: &'static str) -> Option<Value<'a>> {
        self.known_keys.borrow_mut().insert(key);
        self.get(key)
    }

    pub(super) fn required(&self, key: &'static str) -> Result<Value<'a>> {
        self.value(key)
            .ok_or_else(|| self.error(format!("{key} is missing")))
    }

    /// The tables of a list; empty when the key is missing.
    pub(super) fn tables(&self, key: &'static str, max: usize) -> Result<Vec<Table<'a>>> {
        match self.value(key) {
            Some(value) => value.list(max)?.iter().map(Value::table).collect(),
            None => Ok(Vec::new()),
        }
    }

    /// Keys and values of a table whose keys are up to the owner.
    pub(super) fn entries(&self, max: usize) -> Result<Vec<(String, Value<'a>)>> {
        if self.table.len() > max {
            return Err(self.error(format!("it has more than {max} elements")));
        }
        let keys = self.table.iter().map(|(key, _)| key.get_ref());
        let entry = |key: &std::borrow::Cow<'a, str>| Some((key.to_string(), self.get(key)?));
        Ok(keys.filter_map(entry).collect())
    }

    /// Call it once all keys were read: any other key is a mistake.
    pub(super) fn finish(self) -> Result<()> {
        let known_keys = self.known_keys.borrow();
        for (key, _) in self.table.iter() {
            let name = key.get_ref().as_ref();
            if known_keys.contains(name) {
                continue;
            }
            let problem = match nearest(known_keys.iter().copied(), name) {
                Some(known) => format!("there is no such setting; did you mean {known}?"),
                None => {
                    let known: Vec<_> = known_keys.iter().copied().collect();
                    format!("there is no such setting; known are {}", known.join(", "))
                }
            };
            return Err(SettingsError {
                line: self.source.line(&key.span()),
                field: self.path(name),
                problem,
            });
        }
        Ok(())
    }
}
