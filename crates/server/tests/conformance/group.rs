//! Units of work that run at the same time, and may be committed together: each
//! is all or nothing by itself.

use std::{future::Future, pin::pin, task::Poll};

use futures_util::future::{join_all, poll_fn};
use parlor_server::store::{Result, Store};

use super::sample;

/// A unit of two rows, which are there both or not at all.
pub(crate) async fn write(store: &dyn Store, number: i64) -> Result<()> {
    let mut tx = store.begin().await?;
    tx.append_event(&sample::event("T", number)).await?;
    tx.append_agent_stream_event(&sample::push(number)).await?;
    tx.commit().await
}

/// The numbers of the units that are there, in order.
pub(crate) async fn written(store: &dyn Store) -> Vec<i64> {
    let mut tx = store.read().await.unwrap();
    let events = tx.events(&"T".into(), 0, i64::MAX).await.unwrap();
    let events: Vec<i64> = events.iter().map(|event| event.number).collect();
    let pushes = tx.agent_stream_events(0, i64::MAX).await.unwrap();
    let mut pushes: Vec<i64> = pushes
        .events
        .iter()
        .map(|push| (push.created_at.0 - sample::at(0).0) / 1_000_000)
        .collect();
    pushes.sort_unstable();
    assert_eq!(events, pushes, "half of a unit is there");
    events
}

pub(crate) async fn thread(store: &dyn Store) {
    sample::with_thread(store).await.commit().await.unwrap();
}

/// Polls a future so many times and drops it, wherever it is then.
async fn dropped_after(polls: usize, unit: impl Future) {
    let mut unit = pin!(unit);
    let mut left = polls;
    poll_fn(|context| {
        left -= 1;
        match unit.as_mut().poll(context) {
            Poll::Pending if left > 0 => Poll::Pending,
            _ => Poll::Ready(()),
        }
    })
    .await;
}

pub(crate) async fn units_that_fail_fail_alone(store: &dyn Store) {
    thread(store).await;
    let units = (1..=30).map(|number| async move {
        if number % 3 != 0 {
            return write(store, number).await;
        }
        let mut tx = store.begin().await?;
        tx.append_event(&sample::event("T", number)).await?;
        tx.put_button(&sample::button("573", "nowhere")).await?;
        tx.commit().await
    });
    for (number, result) in (1..).zip(join_all(units).await) {
        assert_eq!(result.is_err(), number % 3 == 0, "{number}: {result:?}");
    }
    let expected: Vec<i64> = (1..=30).filter(|number| number % 3 != 0).collect();
    assert_eq!(written(store).await, expected);
}

pub(crate) async fn a_unit_sees_what_the_one_before_it_wrote(store: &dyn Store) {
    thread(store).await;
    let units = (1..=20).map(|_| async {
        let mut tx = store.begin().await.unwrap();
        let events = tx.events(&"T".into(), 0, i64::MAX).await.unwrap();
        let number = 1 + events.len() as i64;
        tx.append_event(&sample::event("T", number)).await.unwrap();
        tx.append_agent_stream_event(&sample::push(number))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        // It is confirmed: whoever reads finds it.
        assert!(written(store).await.contains(&number));
    });
    join_all(units).await;
    assert_eq!(written(store).await, Vec::from_iter(1..=20));
}

/// Wherever a unit is dropped, also while a statement runs, those before and
/// after it are committed, without waiting for anybody else.
pub(crate) async fn a_dropped_unit_holds_up_nobody(store: &dyn Store) {
    thread(store).await;
    for polls in 1..=30 {
        let number = 10 * polls;
        let (before, (), after) = futures_util::join!(
            write(store, number),
            dropped_after(polls as usize, write(store, number + 1)),
            write(store, number + 2),
        );
        before.unwrap();
        after.unwrap();
        let there = written(store).await;
        assert!(there.contains(&number) && there.contains(&(number + 2)));
    }
}

pub(crate) async fn a_dropped_unit_is_undone(store: &dyn Store) {
    thread(store).await;
    let first = store.begin().await.unwrap();
    let second = async {
        let mut tx = store.begin().await.unwrap();
        tx.append_event(&sample::event("T", 1)).await.unwrap();
        drop(tx);
    };
    let ((), (), third) = futures_util::join!(
        async { first.commit().await.unwrap() },
        second,
        write(store, 2)
    );
    third.unwrap();
    assert_eq!(written(store).await, [2]);
}
