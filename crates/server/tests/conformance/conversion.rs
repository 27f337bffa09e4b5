//! Goals that visitors have reached.

use parlor_server::store::{
    CONVERSIONS_KEPT, Store, Tx,
    row::{Conversion, NewConversion},
};

use super::{
    sample::{self, at},
    transaction::refused,
};

pub(super) fn conversion(thread: &str, goal_id: i64) -> NewConversion {
    NewConversion {
        thread_id: thread.into(),
        goal_id,
        goal_name: format!("Goal {goal_id} ☺"),
        agent_id: None,
        group_id: 0,
        created_at: at(goal_id),
    }
}

async fn of(tx: &mut dyn Tx, threads: &[&str]) -> Vec<Conversion> {
    let threads: Vec<_> = threads.iter().map(|&id| id.into()).collect();
    tx.conversions_of(&threads).await.unwrap()
}

pub(crate) async fn conversions_are_kept_whole_in_order(store: &dyn Store) {
    let mut tx = sample::with_thread(store).await;
    let other = sample::thread("A", "C", 2);
    tx.put_thread(&other).await.unwrap();
    let whole = NewConversion {
        agent_id: Some("005A".into()),
        group_id: 7,
        ..conversion("T", 2)
    };
    // The same twice, as somebody may place two orders.
    let rows = [whole.clone(), conversion("A", 3), conversion("T", 1), whole];
    for row in &rows {
        tx.add_conversion(row).await.unwrap();
    }
    let found = of(tx.as_mut(), &["T", "A", "unknown"]).await;
    let expected = [&rows[1], &rows[0], &rows[2], &rows[3]];
    let what: Vec<&NewConversion> = found.iter().map(|row| &row.what).collect();
    assert_eq!(what, expected);
    let numbers: Vec<i64> = found.iter().map(|row| row.number).collect();
    assert!(numbers[1] < numbers[0] && numbers[0] < numbers[2] && numbers[2] < numbers[3]);
    tx.commit().await.unwrap();
    let mut tx = store.read().await.unwrap();
    assert_eq!(of(tx.as_mut(), &["A", "T"]).await, found);
    assert_eq!(of(tx.as_mut(), &[]).await, []);
    drop(tx);
    let row = conversion("unknown", 1);
    refused(store, async |tx| tx.add_conversion(&row).await).await;
}

pub(crate) async fn the_newest_conversions_of_a_thread_are_kept(store: &dyn Store) {
    let mut tx = sample::with_thread(store).await;
    tx.put_thread(&sample::thread("A", "C", 2)).await.unwrap();
    tx.add_conversion(&conversion("A", 1)).await.unwrap();
    for n in 1..=CONVERSIONS_KEPT + 5 {
        tx.add_conversion(&conversion("T", n)).await.unwrap();
    }
    let found = of(tx.as_mut(), &["T"]).await;
    let goals: Vec<i64> = found.iter().map(|row| row.what.goal_id).collect();
    assert_eq!(goals, (6..=CONVERSIONS_KEPT + 5).collect::<Vec<_>>());
    assert_eq!(of(tx.as_mut(), &["A"]).await.len(), 1);
    // A number is not given again.
    let newest = found.last().unwrap().number;
    tx.delete_thread(&"T".into()).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = store.begin().await.unwrap();
    tx.put_thread(&sample::thread("T", "C", 1)).await.unwrap();
    tx.add_conversion(&conversion("T", 1)).await.unwrap();
    let again = of(tx.as_mut(), &["T"]).await;
    assert_eq!(again.len(), 1);
    assert!(again[0].number > newest);
}
