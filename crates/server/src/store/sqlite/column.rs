//! Converts columns to values and back. A column that cannot be read is
//! [`StoreError::Corrupt`], which names the column and never its content.

use std::collections::BTreeMap;

use parlor_wire::id::UserId;
use serde::{Serialize, de::DeserializeOwned};
use sqlx::{Decode, Row as _, Sqlite, Type, sqlite::SqliteRow};

use crate::{
    clock::Timestamp,
    damaged_rows,
    private::Private,
    store::{Result, StoreError},
};

/// A row of `table`, read by column name.
pub(super) struct Columns<'r> {
    pub(super) table: &'static str,
    pub(super) row: &'r SqliteRow,
}

impl<'r> Columns<'r> {
    pub(super) fn plain<T>(&self, column: &str) -> Result<T>
    where
        T: Decode<'r, Sqlite> + Type<Sqlite>,
    {
        self.row
            .try_get(column)
            .map_err(|_| self.corrupt(column, "is not of its type"))
    }

    pub(super) fn text<T: From<String>>(&self, column: &str) -> Result<T> {
        Ok(T::from(self.plain::<String>(column)?))
    }

    pub(super) fn text_if<T: From<String>>(&self, column: &str) -> Result<Option<T>> {
        Ok(self.plain::<Option<String>>(column)?.map(T::from))
    }

    pub(super) fn private_if(&self, column: &str) -> Result<Option<Private<String>>> {
        Ok(self.text_if::<String>(column)?.map(Private))
    }

    pub(super) fn time(&self, column: &str) -> Result<Timestamp> {
        Ok(Timestamp(self.plain(column)?))
    }

    pub(super) fn time_if(&self, column: &str) -> Result<Option<Timestamp>> {
        Ok(self.plain::<Option<i64>>(column)?.map(Timestamp))
    }

    /// A value of an enum that is stored as text.
    pub(super) fn parsed<T>(&self, column: &str, parse: fn(&str) -> Option<T>) -> Result<T> {
        parse(self.plain(column)?).ok_or_else(|| self.corrupt(column, "is no known word"))
    }

    pub(super) fn parsed_if<T>(
        &self,
        column: &str,
        parse: fn(&str) -> Option<T>,
    ) -> Result<Option<T>> {
        match self.plain::<Option<&str>>(column)? {
            None => Ok(None),
            Some(_) => self.parsed(column, parse).map(Some),
        }
    }

    pub(super) fn json<T: DeserializeOwned>(&self, column: &str) -> Result<T> {
        serde_json::from_str(self.plain(column)?)
            .map_err(|_| self.corrupt(column, "is not the JSON it should be"))
    }

    fn corrupt(&self, column: &str, what: &str) -> StoreError {
        StoreError::Corrupt {
            table: self.table,
            reason: format!("{column} {what}"),
        }
    }
}

/// The text of a JSON column.
pub(super) fn json<T: Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value)
        .map_err(|_| StoreError::Database("a value cannot be written as JSON".to_owned()))
}

pub(super) fn text_of<T: AsRef<str>>(id: &Option<T>) -> Option<&str> {
    id.as_ref().map(T::as_ref)
}

pub(super) fn micros_of(time: Option<Timestamp>) -> Option<i64> {
    time.map(|time| time.0)
}

pub(super) fn private_text_of(value: &Option<Private<String>>) -> Option<&str> {
    value.as_ref().map(|Private(text)| text.as_str())
}

/// In microseconds since 1970.
pub(super) fn micros(times: &BTreeMap<UserId, Timestamp>) -> BTreeMap<&UserId, i64> {
    times.iter().map(|(user, time)| (user, time.0)).collect()
}

/// Those of the rows that can be read. The others are left out and reported by
/// the columns of `key`, whose values must not be private.
pub(super) fn readable<T>(
    rows: &[SqliteRow],
    key: &[&str],
    read: impl Fn(&SqliteRow) -> Result<T>,
) -> Result<Vec<T>> {
    let read = |row| damaged_rows::leave_out(read(row), || name_of(row, key)).transpose();
    rows.iter().filter_map(read).collect()
}

fn name_of(row: &SqliteRow, key: &[&str]) -> String {
    let value = |column: &&str| match row.try_get::<i64, _>(*column) {
        Ok(number) => number.to_string(),
        Err(_) => row.try_get(*column).unwrap_or_default(),
    };
    key.iter().map(value).collect::<Vec<_>>().join(" ")
}
