//! Group commit, for SQLite only: how often it waits for the disk, and what
//! happens when a `COMMIT` fails.

use std::{fs, path::Path};

use futures_util::{FutureExt, future::join_all};
use parlor_server::store::{Store, StoreError, sqlite::SqliteStore};

use super::{
    disk::raw,
    group::{thread, write, written},
    sample,
};

/// How many commits are in the write-ahead log: frames that end a transaction,
/// since the log was begun anew (<https://www.sqlite.org/fileformat2.html>, 4.1).
fn commits(folder: &Path) -> usize {
    let log = fs::read(folder.join("parlor.db-wal")).unwrap();
    let (header, frames) = log.split_at(32);
    let page = u32::from_be_bytes(header[8..12].try_into().unwrap()) as usize;
    frames
        .chunks_exact(24 + page)
        .filter(|frame| frame[8..16] == header[16..24] && frame[4..8] != [0; 4])
        .count()
}

pub(crate) async fn units_that_wait_are_committed_together() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path()).await.unwrap();
    thread(&store).await;
    let before = commits(folder.path());
    let first = store.begin().await.unwrap();
    let mut others = Box::pin(join_all((1..=50).map(|number| write(&store, number))));
    assert!(others.as_mut().now_or_never().is_none());
    let (first, others) = futures_util::join!(first.commit(), others);
    first.unwrap();
    others.into_iter().collect::<Result<(), _>>().unwrap();
    assert_eq!(written(&store).await, Vec::from_iter(1..=50));
    // A group is also committed when it is old: on a busy machine there are
    // several.
    let commits = commits(folder.path()) - before;
    assert!(commits <= 20, "{commits} commits for 50 units");
}

pub(crate) async fn a_unit_alone_is_one_commit() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path()).await.unwrap();
    thread(&store).await;
    let before = commits(folder.path());
    for number in 1..=5 {
        write(&store, number).await.unwrap();
        assert_eq!(commits(folder.path()) - before, number as usize);
    }
}

/// A constraint that is checked by `COMMIT` makes it fail, for all units of the
/// group.
pub(crate) async fn a_failing_commit_fails_the_group() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path()).await.unwrap();
    thread(&store).await;
    let mut other = raw(&folder).await;
    sqlx::raw_sql(
        "CREATE TABLE promise (kept TEXT REFERENCES agent (id) DEFERRABLE INITIALLY DEFERRED);
         CREATE TRIGGER broken AFTER INSERT ON event WHEN NEW.number = 3
             BEGIN INSERT INTO promise VALUES ('nobody'); END;",
    )
    .execute(&mut other)
    .await
    .unwrap();

    let first = store.begin().await.unwrap();
    let mut others = Box::pin(join_all((1..=5).map(|number| write(&store, number))));
    assert!(others.as_mut().now_or_never().is_none());
    let (first, others) = futures_util::join!(first.commit(), others);
    let there = written(&store).await;
    let confirmed: Vec<i64> = (1..)
        .zip(&others)
        .filter_map(|(number, result)| result.is_ok().then_some(number))
        .collect();
    assert_eq!(there, confirmed);
    assert!(
        matches!(&others[2], Err(StoreError::Database(reason)) if reason.contains("FOREIGN KEY"))
    );
    // On a busy machine a group ends early, so that the third may not be in the
    // first one's.
    if first.is_err() {
        assert!(!confirmed.contains(&1) && !confirmed.contains(&2));
    }

    write(&store, 10).await.unwrap();
    assert!(written(&store).await.contains(&10));
    write(&store, 3).await.unwrap_err();
    sqlx::raw_sql("DROP TRIGGER broken")
        .execute(&mut other)
        .await
        .unwrap();
    write(&store, 3).await.unwrap();
}

/// SQLite may roll back the whole transaction when a statement fails, as it does
/// when the disk is full. Then the units before are lost too, and are told.
pub(crate) async fn a_lost_transaction_fails_the_group() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path()).await.unwrap();
    thread(&store).await;
    sqlx::raw_sql(
        "CREATE TRIGGER broken AFTER INSERT ON event WHEN NEW.number = 3
             BEGIN SELECT RAISE(ROLLBACK, 'lost'); END;",
    )
    .execute(&mut raw(&folder).await)
    .await
    .unwrap();

    let first = store.begin().await.unwrap();
    let mut others = Box::pin(join_all((1..=5).map(|number| write(&store, number))));
    assert!(others.as_mut().now_or_never().is_none());
    let (first, others) = futures_util::join!(first.commit(), others);
    let confirmed: Vec<i64> = (1..)
        .zip(&others)
        .filter_map(|(number, result)| result.is_ok().then_some(number))
        .collect();
    assert_eq!(written(&store).await, confirmed);
    assert!(others[2].is_err() && others[3].is_ok() && others[4].is_ok());
    // Unless the group was committed before, because it was old.
    if let Err(error) = first {
        assert!(matches!(error, StoreError::Io(_)), "{error}");
    }
}

/// Closing waits for a unit that runs and for those that wait, and refuses
/// later ones.
pub(crate) async fn closing_waits_for_units() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path()).await.unwrap();
    thread(&store).await;
    let first = store.begin().await.unwrap();
    let mut second = Box::pin(write(&store, 1));
    assert!(second.as_mut().now_or_never().is_none());
    let (first, second, ()) = futures_util::join!(first.commit(), second, store.close());
    first.unwrap();
    second.unwrap();
    write(&store, 2).await.unwrap_err();
    let store = SqliteStore::open(folder.path()).await.unwrap();
    assert_eq!(written(&store).await, [1]);
    let mut tx = store.begin().await.unwrap();
    tx.put_organization(&sample::organization()).await.unwrap();
    tx.commit().await.unwrap();
}
