//! Statements of a unit of work that wait to be sent together.
//!
//! Each statement that is sent by itself crosses from the runtime's threads to
//! the connection's thread and back, which takes longer than most statements
//! do. So those whose result nobody needs wait for each other. They are sent in
//! order, before the unit reads anything and before it is committed.

use sqlx::{
    Arguments as _, AssertSqlSafe, Encode, Sqlite, SqliteConnection, Type, query_with,
    sqlite::SqliteArguments,
};

use crate::store::{Result, StoreError};

/// So many are sent together at most. A visitor's message takes six. The text of
/// each combination is prepared once and kept (`STATEMENTS`), and there are more
/// combinations of more statements.
const TOGETHER_MAX: usize = 8;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Writes {
    sql: String,
    arguments: SqliteArguments,
    count: usize,
    /// Why an argument cannot be bound.
    fault: Option<StoreError>,
}

/// A statement whose placeholders are not all bound yet.
pub(super) struct Statement<'a>(&'a mut Writes);

impl Writes {
    /// Adds a statement with placeholders `?`.
    pub(super) fn add(&mut self, sql: &'static str) -> Statement<'_> {
        self.sql.push_str(sql);
        self.sql.push(';');
        self.count += 1;
        Statement(self)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub(super) fn is_full(&self) -> bool {
        self.count >= TOGETHER_MAX
    }

    /// Sends them, in order.
    ///
    /// # Errors
    /// The error of the first statement that fails. Those before it are done, so
    /// that the unit has to be given up.
    pub(super) async fn send(&mut self, c: &mut SqliteConnection) -> Result<()> {
        let writes = std::mem::take(self);
        if let Some(fault) = writes.fault {
            return Err(fault);
        }
        // The text is made of texts of this program.
        query_with(AssertSqlSafe(writes.sql), writes.arguments)
            .execute(c)
            .await?;
        Ok(())
    }
}

impl Statement<'_> {
    /// Binds the next placeholder.
    pub(super) fn bind<'t, T>(self, value: T) -> Self
    where
        T: Encode<'t, Sqlite> + Type<Sqlite>,
    {
        if let Err(error) = self.0.arguments.add(value) {
            self.0.fault = Some(StoreError::Database(error.to_string()));
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use sqlx::{Connection as _, query_as, query_scalar, raw_sql, types::Json};

    use super::*;

    async fn open() -> SqliteConnection {
        let mut c = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        let tables = "CREATE TABLE a (n INTEGER UNIQUE, text TEXT); CREATE TABLE b (json TEXT)";
        raw_sql(tables).execute(&mut c).await.unwrap();
        c
    }

    fn add(writes: &mut Writes, n: i64, text: &str) {
        let sql = "INSERT INTO a (n, text) VALUES (?, ?)";
        writes.add(sql).bind(n).bind(text);
    }

    #[tokio::test]
    async fn each_statement_gets_its_own_arguments() {
        let (mut c, mut writes) = (open().await, Writes::default());
        add(&mut writes, 1, "one");
        writes.add("INSERT INTO b VALUES (?)").bind(Json([1, 2]));
        add(&mut writes, 2, "two; DROP TABLE b --");
        writes.add("DELETE FROM a WHERE n = ?").bind(1);
        writes.send(&mut c).await.unwrap();
        assert!(writes.is_empty());
        let rows: Vec<(i64, String)> = query_as("SELECT n, text FROM a")
            .fetch_all(&mut c)
            .await
            .unwrap();
        assert_eq!(rows, [(2, "two; DROP TABLE b --".to_owned())]);
        let json: String = query_scalar("SELECT json FROM b")
            .fetch_one(&mut c)
            .await
            .unwrap();
        assert_eq!(json, "[1,2]");
    }

    #[tokio::test]
    async fn the_error_of_a_statement_is_told_and_those_after_it_are_not_sent() {
        let (mut c, mut writes) = (open().await, Writes::default());
        for n in [1, 1, 2] {
            add(&mut writes, n, "");
        }
        writes.send(&mut c).await.unwrap_err();
        let n: Vec<i64> = query_scalar("SELECT n FROM a")
            .fetch_all(&mut c)
            .await
            .unwrap();
        assert_eq!(n, [1]);
    }
}
