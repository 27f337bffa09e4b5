//! The agent event stream.

use parlor_server::store::{Store, row::AgentStreamEvent};

use super::sample::{self, at};

fn positions(rows: &[AgentStreamEvent]) -> Vec<i64> {
    rows.iter().map(|row| row.position).collect()
}

pub(crate) async fn positions_increase(store: &dyn Store) {
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.agent_stream_range().await.unwrap(), (0, 0));
    let none = tx.agent_stream_events(0, 9).await.unwrap();
    assert_eq!((none.events, none.through, none.is_last), (vec![], 0, true));
    for n in 1..=4 {
        tx.append_agent_stream_event(&sample::push(n))
            .await
            .unwrap();
        assert_eq!(tx.agent_stream_range().await.unwrap(), (1, n));
    }
    let page = tx.agent_stream_events(1, 2).await.unwrap();
    let found = page.events;
    assert_eq!(positions(&found), [2, 3]);
    assert_eq!((page.through, page.is_last), (3, false));
    let rest = tx.agent_stream_events(3, 2).await.unwrap();
    assert_eq!((rest.through, rest.is_last), (4, true));
    let pushed = sample::push(2);
    assert_eq!(found[0].audience, pushed.audience);
    assert_eq!(found[0].action, pushed.action);
    assert_eq!(found[0].payload, pushed.payload);
    assert_eq!(found[0].created_at, pushed.created_at);
    assert_eq!(tx.agent_stream_range().await.unwrap(), (1, 4));
}

pub(crate) async fn positions_are_not_reused_after_trimming(store: &dyn Store) {
    let mut tx = store.begin().await.unwrap();
    for n in 1..=3 {
        tx.append_agent_stream_event(&sample::push(n))
            .await
            .unwrap();
    }
    tx.trim_agent_stream(at(3), 99).await.unwrap();
    assert_eq!(tx.agent_stream_range().await.unwrap(), (3, 3));
    tx.trim_agent_stream(at(99), 99).await.unwrap();
    assert_eq!(tx.agent_stream_range().await.unwrap(), (4, 3));
    tx.commit().await.unwrap();
    let mut tx = store.begin().await.unwrap();
    tx.append_agent_stream_event(&sample::push(5))
        .await
        .unwrap();
    let page = tx.agent_stream_events(0, 9).await.unwrap();
    assert_eq!(positions(&page.events), [4]);
    assert_eq!(tx.agent_stream_range().await.unwrap(), (4, 4));
}

pub(crate) async fn a_rolled_back_position_is_not_visible(store: &dyn Store) {
    let mut tx = store.begin().await.unwrap();
    tx.append_agent_stream_event(&sample::push(1))
        .await
        .unwrap();
    assert_eq!(tx.agent_stream_range().await.unwrap(), (1, 1));
    drop(tx);
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.agent_stream_range().await.unwrap(), (0, 0));
    tx.append_agent_stream_event(&sample::push(1))
        .await
        .unwrap();
    assert_eq!(tx.agent_stream_range().await.unwrap(), (1, 1));
}
