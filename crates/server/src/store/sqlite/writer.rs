//! The writer: a task that owns the one connection that writes, and lends it to
//! one unit of work after another.
//!
//! A unit that finishes while others wait is not committed yet: the next unit
//! runs in the same transaction, inside a savepoint. Whoever finishes while
//! nobody waits ends the group. Then there is one `COMMIT`, which waits for the
//! disk once for all of them. A unit that runs alone is a transaction without
//! savepoints.
//!
//! What must stay true: a unit is confirmed only after the `COMMIT` that it is
//! part of; when that fails, none of the group is confirmed. A unit that fails
//! or is dropped, at whatever point, is undone alone. All statements that begin
//! and end units and groups run in this task, which no caller can cancel.

use std::time::{Duration, Instant};

use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, SqliteConnection, query, query_scalar,
    sqlite::SqliteConnectOptions,
};
use tokio::sync::{
    mpsc::{self, UnboundedReceiver, UnboundedSender},
    oneshot,
};

use super::{BUSY_TIMEOUT, queues::Committing};
use crate::store::{Result, StoreError};

/// A group is committed when it has so many units, so that a failing `COMMIT`
/// fails few of them, and the write-ahead log grows by a few hundred pages at a
/// time.
const GROUP_UNITS_MAX: usize = 128;

/// A group is committed when it is as old as the newest `COMMIT` took: its first
/// unit then waits at most about twice as long as it would alone, and at least
/// half of the time is for units, however slow the disk is. At least this old,
/// which is what a busy disk takes, so that a fast one has time for others too.
const GROUP_AGE_MIN: Duration = Duration::from_millis(20);

/// And at most this old, so that one `COMMIT` that took long does not delay the
/// next by as much.
const GROUP_AGE_MAX: Duration = Duration::from_millis(200);

/// Each unit but the first of a group begins at a savepoint. It stays until the
/// next unit begins, or until `COMMIT`, which releases it.
const MARK_SECOND: &str = "SAVEPOINT unit";
const MARK_NEXT: &str = "RELEASE unit; SAVEPOINT unit";
const UNDO_UNIT: &str = "ROLLBACK TO unit";

/// Gives units their turns. Clones are of the same writer; when the last is
/// dropped, the task closes the connection and ends.
#[derive(Debug, Clone)]
pub(super) struct Writer {
    // Unbounded: each entry belongs to a caller that waits for it, and is as
    // small as a pointer.
    requests: UnboundedSender<Request>,
}

#[derive(Debug)]
enum Request {
    Begin(oneshot::Sender<Result<Loan>>),
    TruncateLog(oneshot::Sender<Result<bool>>),
    Close(oneshot::Sender<()>),
}

impl Writer {
    pub(super) fn start(connection: SqliteConnection, options: SqliteConnectOptions) -> Self {
        let (requests, received) = mpsc::unbounded_channel();
        let lender = Lender {
            requests: received,
            options,
            connection: Some(connection),
            group_age_max: GROUP_AGE_MIN,
            truncate: Vec::new(),
            close: None,
        };
        tokio::spawn(lender.run());
        Self { requests }
    }

    /// Waits for the turn of a new unit of work.
    pub(super) async fn begin(&self) -> Result<Loan> {
        let (turn, given) = oneshot::channel();
        self.requests
            .send(Request::Begin(turn))
            .map_err(|_| closed())?;
        given.await.map_err(|_| closed())?
    }

    /// Copies the write-ahead log into the database and empties it, once no unit is
    /// running. Returns false when a reader still reads from it.
    pub(super) async fn truncate_log(&self) -> Result<bool> {
        let (done, truncated) = oneshot::channel();
        self.requests
            .send(Request::TruncateLog(done))
            .map_err(|_| closed())?;
        truncated.await.map_err(|_| closed())?
    }

    /// Waits for the units that have begun or wait, and closes the connection.
    pub(super) async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.requests.send(Request::Close(done)).is_ok() {
            let _ = closed.await;
        }
    }
}

/// The connection, lent to one unit. Dropped without [`Loan::commit`], the unit
/// is undone.
#[derive(Debug)]
pub(super) struct Loan {
    /// Present until it is given back.
    lent: Option<Lent>,
    /// The fault of the database that ended the unit.
    pub(super) fault: Option<StoreError>,
}

#[derive(Debug)]
struct Lent {
    connection: SqliteConnection,
    home: oneshot::Sender<Returned>,
}

#[derive(Debug)]
struct Returned {
    connection: SqliteConnection,
    end: End,
}

#[derive(Debug)]
enum End {
    /// The unit is to be committed.
    Keep(Kept),
    /// It is to be undone, because of this fault, if there was one.
    Undo(Option<StoreError>),
}

/// A unit that is finished and not committed yet.
#[derive(Debug)]
struct Kept {
    /// Confirms the unit, or says why not.
    confirm: oneshot::Sender<Result<()>>,
    /// Its changes of the queues, which the next unit sees already.
    queues: Committing,
}

impl Loan {
    pub(super) fn connection(&mut self) -> Result<&mut SqliteConnection> {
        match &mut self.lent {
            Some(lent) => Ok(&mut lent.connection),
            None => Err(closed()),
        }
    }

    /// Ends the unit, and waits until it is on disk. Dropping this future then
    /// undoes nothing.
    pub(super) async fn commit(mut self, queues: Committing) -> Result<()> {
        let (confirm, confirmed) = oneshot::channel();
        self.give_back(End::Keep(Kept { confirm, queues }));
        confirmed.await.map_err(|_| closed())?
    }

    fn give_back(&mut self, end: End) {
        if let Some(Lent { connection, home }) = self.lent.take() {
            // The task is gone only when its runtime is: then the connection is
            // dropped, which rolls back.
            let _ = home.send(Returned { connection, end });
        }
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        let fault = self.fault.take();
        self.give_back(End::Undo(fault));
    }
}

/// The task.
struct Lender {
    requests: UnboundedReceiver<Request>,
    options: SqliteConnectOptions,
    /// `None` after a fault that left the connection in an unknown state: the
    /// next group opens another.
    connection: Option<SqliteConnection>,
    /// When the next group is committed at the latest.
    group_age_max: Duration,
    /// Those who wait until the log is emptied.
    truncate: Vec<oneshot::Sender<Result<bool>>>,
    /// Set when the store is to be closed: no further unit begins.
    close: Option<oneshot::Sender<()>>,
}

/// A group is over, with nothing more to do on this connection.
type Ended = (SqliteConnection, Result<()>);

impl Lender {
    async fn run(mut self) {
        while self.close.is_none() {
            match self.requests.recv().await {
                Some(Request::Begin(turn)) if turn.is_closed() => {}
                Some(Request::Begin(turn)) => self.group(turn).await,
                Some(Request::TruncateLog(done)) => self.truncate.push(done),
                Some(Request::Close(done)) => self.close = Some(done),
                None => break,
            }
            if !self.truncate.is_empty() {
                self.truncate_log().await;
            }
        }
        if let Some(connection) = self.connection.take() {
            let _ = connection.close().await;
        }
        if let Some(done) = self.close.take() {
            let _ = done.send(());
        }
    }

    /// The next unit that waits at this moment.
    fn next_turn(&mut self) -> Option<oneshot::Sender<Result<Loan>>> {
        while self.close.is_none() {
            match self.requests.try_recv().ok()? {
                Request::Begin(turn) if turn.is_closed() => {}
                Request::Begin(turn) => return Some(turn),
                // Between two groups.
                Request::TruncateLog(done) => {
                    self.truncate.push(done);
                    return None;
                }
                Request::Close(done) => self.close = Some(done),
            }
        }
        None
    }

    async fn truncate_log(&mut self) {
        let truncated = self.try_to_truncate_log().await;
        for done in self.truncate.drain(..) {
            let _ = done.send(truncated.clone());
        }
    }

    /// Does not wait for readers: writers would wait too.
    async fn try_to_truncate_log(&mut self) -> Result<bool> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.options.connect().await?,
        };
        let timeout = |ms: u128| AssertSqlSafe(format!("PRAGMA busy_timeout = {ms}"));
        query(timeout(0)).execute(&mut connection).await?;
        let sql = "PRAGMA wal_checkpoint(TRUNCATE)";
        let is_busy = query_scalar::<_, i64>(sql).fetch_one(&mut connection).await;
        query(timeout(BUSY_TIMEOUT.as_millis()))
            .execute(&mut connection)
            .await?;
        self.connection = Some(connection);
        match is_busy.map_err(StoreError::from) {
            Ok(is_busy) => Ok(is_busy == 0),
            Err(StoreError::Busy(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Runs a group of units, commits it, and answers each.
    async fn group(&mut self, first: oneshot::Sender<Result<Loan>>) {
        let connection = match self.begin().await {
            Ok(connection) => connection,
            Err(error) => return self.refuse_all(first, &error),
        };
        let mut kept = Vec::new();
        let ended = self.units(connection, first, &mut kept).await;
        let result = match ended {
            Some((mut connection, result)) => {
                let clean = match &result {
                    Ok(()) => true,
                    Err(_) => run(&mut connection, "ROLLBACK").await.is_ok(),
                };
                self.connection = clean.then_some(connection);
                result
            }
            None => Err(StoreError::Io("the connection is lost".to_owned())),
        };
        metrics::counter!("parlor_writer_commits_total").increment(1);
        metrics::counter!("parlor_writer_units_total").increment(kept.len() as u64);
        for Kept { confirm, queues } in kept {
            match &result {
                Ok(()) => queues.confirmed(),
                // Before the next group begins, which then reads them anew.
                Err(_) => drop(queues),
            }
            // Who gave up waiting learns it from the rows.
            let _ = confirm.send(result.clone());
        }
    }

    async fn begin(&mut self) -> Result<SqliteConnection> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.options.connect().await?,
        };
        let begun = run(&mut connection, "BEGIN IMMEDIATE").await;
        match begun {
            Ok(()) => Ok(connection),
            Err(error) => {
                // A lock that another process holds is no fault of the
                // connection.
                if matches!(error, StoreError::Busy(_)) {
                    self.connection = Some(connection);
                }
                Err(error)
            }
        }
    }

    /// Refuses all that wait: the database cannot be written at present, and
    /// each would have to wait as long as the first, one after another.
    fn refuse_all(&mut self, first: oneshot::Sender<Result<Loan>>, error: &StoreError) {
        let mut refused = Some(first);
        while let Some(turn) = refused {
            let _ = turn.send(Err(error.clone()));
            refused = self.next_turn();
        }
    }

    /// Runs units until nobody waits or a limit is reached, and commits. Those
    /// to confirm are in `kept`. `None` when the connection was not given back.
    async fn units(
        &mut self,
        mut connection: SqliteConnection,
        first: oneshot::Sender<Result<Loan>>,
        kept: &mut Vec<Kept>,
    ) -> Option<Ended> {
        let begun = Instant::now();
        let mut marked = false;
        let mut turn = Some(first);
        while let Some(next) = turn {
            // The first unit can be undone by ending the transaction.
            if !kept.is_empty() {
                let mark = if marked { MARK_NEXT } else { MARK_SECOND };
                if let Err(error) = run(&mut connection, mark).await {
                    let _ = next.send(Err(error.clone()));
                    return Some((connection, Err(error)));
                }
                marked = true;
            }
            let returned = lend(connection, next).await?;
            connection = returned.connection;
            match returned.end {
                End::Keep(unit) => kept.push(unit),
                End::Undo(fault) if marked => {
                    // A fault such as a full disk can make SQLite roll back the
                    // whole transaction, and the savepoint with it.
                    if let Err(error) = run(&mut connection, UNDO_UNIT).await {
                        let lost = fault.filter(StoreError::ends_transaction);
                        let lost = lost.unwrap_or(StoreError::Io(error.to_string()));
                        return Some((connection, Err(lost)));
                    }
                }
                End::Undo(_) => {
                    let undone = run(&mut connection, "ROLLBACK").await;
                    return Some((connection, undone));
                }
            }
            let full = kept.len() >= GROUP_UNITS_MAX || begun.elapsed() >= self.group_age_max;
            turn = if full { None } else { self.next_turn() };
        }
        let begun = Instant::now();
        let committed = run(&mut connection, "COMMIT").await;
        self.group_age_max = begun.elapsed().clamp(GROUP_AGE_MIN, GROUP_AGE_MAX);
        Some((connection, committed))
    }
}

/// Lends the connection to a unit, and waits until it is given back: at once
/// when nobody waits for the turn any more.
async fn lend(
    connection: SqliteConnection,
    turn: oneshot::Sender<Result<Loan>>,
) -> Option<Returned> {
    let (home, returned) = oneshot::channel();
    let loan = Loan {
        lent: Some(Lent { connection, home }),
        fault: None,
    };
    // A loan that is not received is dropped, and so given back.
    drop(turn.send(Ok(loan)));
    returned.await.ok()
}

async fn run(connection: &mut SqliteConnection, statements: &'static str) -> Result<()> {
    query(statements).execute(connection).await?;
    Ok(())
}

fn closed() -> StoreError {
    StoreError::Database("the database is closed".to_owned())
}
