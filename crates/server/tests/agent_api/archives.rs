//! `list_archives`.

use serde_json::json;

use crate::actors::{TestServer, Visitor, ids};

#[tokio::test]
async fn every_thread_is_in_the_archive() {
    let server = TestServer::new().await;
    for n in 0..3 {
        let mut visitor = Visitor::waits(&server, &format!("V{n}")).await;
        visitor.say("Hello").await;
        visitor.end().await;
    }
    let all = server.ada.act("list_archives", json!({})).await;
    assert_eq!(all["found_chats"], 3);
    let chats = all["chats"].as_array().unwrap();
    assert_eq!(chats[0]["users"][0]["name"], "V2");
    assert_eq!(chats[0]["thread"]["events"][0]["text"], "Hello");
    assert_eq!(chats[0]["thread"]["active"], false);

    let first = json!({"limit": 2, "sort_order": "asc"});
    let first = server.ada.act("list_archives", first).await;
    let mut oldest = ids(&all["chats"]);
    oldest.reverse();
    assert_eq!(ids(&first["chats"]), oldest[..2]);
    let next = json!({"page_id": first["next_page_id"]});
    let second = server.ada.act("list_archives", next).await;
    assert_eq!(ids(&second["chats"]), oldest[2..]);
    assert_eq!(second["found_chats"], 3);
    let back = json!({"page_id": second["previous_page_id"]});
    assert_eq!(server.ada.act("list_archives", back).await, first);
}

#[tokio::test]
async fn the_archive_is_searched_by_time_and_agents() {
    let server = TestServer::new().await;
    let mut chats = Vec::new();
    for agent in [Some(&server.ada), Some(&server.bob), None] {
        let mut visitor = Visitor::waits(&server, "V").await;
        let waiting = server.ada.chats().await.remove(0);
        if let Some(agent) = agent {
            agent.accept(&waiting).await;
        }
        visitor.end().await;
        chats.push(waiting);
    }
    let found = |filters| {
        let payload = json!({"filters": filters, "sort_order": "asc"});
        let server = &server;
        async move { ids(&server.ada.act("list_archives", payload).await["chats"]) }
    };
    assert_eq!(
        found(json!({"agents": {"values": ["ADA@example.com"]}})).await,
        chats[..1]
    );
    let both = json!({"agents": {"values": [server.ada.id, server.bob.id]}});
    assert_eq!(found(both).await, chats[..2]);
    let others = json!({"agents": {"exclude_values": [server.ada.id]}});
    assert_eq!(found(others).await, chats[1..]);
    assert_eq!(
        found(json!({"agents": {"exists": false}})).await,
        chats[2..]
    );
    assert!(
        found(json!({"agents": {"values": ["nobody"]}}))
            .await
            .is_empty()
    );

    let second = server.ada.chat(&chats[1]).await["thread"]["created_at"].clone();
    assert_eq!(found(json!({ "from": second })).await, chats[1..]);
    assert_eq!(found(json!({ "to": second })).await, chats[..2]);
    assert_eq!(
        found(json!({"from": second, "to": second})).await,
        chats[1..2]
    );

    let first = json!({"filters": {"from": second}, "limit": 1});
    let first = server.ada.act("list_archives", first).await;
    assert_eq!(
        (&first["found_chats"], ids(&first["chats"])),
        (&json!(2), chats[2..].to_vec())
    );
    let next = json!({"page_id": first["next_page_id"]});
    let second = server.ada.act("list_archives", next).await;
    assert_eq!(ids(&second["chats"]), chats[1..2]);
}

#[tokio::test]
async fn an_unknown_filter_is_not_ignored() {
    let server = TestServer::new().await;
    for filters in [
        json!({"query": "secret"}),
        json!({"tags": {"values": ["a"]}}),
        json!({"colour": "red"}),
        json!({"from": "yesterday"}),
        json!({"agents": {}}),
        json!({"agents": {"values": [1]}}),
        json!({"agents": {"values": ["a"], "exists": true}}),
    ] {
        let payload = json!({ "filters": filters });
        server.ada.is_invalid("list_archives", payload).await;
    }
}
