//! Pushes are broadcast to all sockets: each gets all of them, in order.

use serde_json::{Value, json};

use crate::{
    actors::{Agent, Console, TestServer, positions},
    socket::advance,
};

/// Says so many numbers in a chat, each so many bytes long.
async fn count(agent: &Agent, chat: &str, to: usize, bytes: usize) {
    for n in 0..to {
        agent.note(chat, &format!("{n:0bytes$}")).await;
    }
}

/// The numbers of the next pushed messages, up to this one.
async fn counted(console: &mut Console, to: usize) -> (Vec<usize>, Vec<i64>) {
    let (mut numbers, mut at) = (Vec::new(), Vec::new());
    while numbers.last() != Some(&to) {
        let push = console.push().await;
        if let Value::String(text) = &push["payload"]["event"]["text"] {
            numbers.extend(text.parse::<usize>().ok());
        }
        at.extend(positions(&[push]));
    }
    (numbers, at)
}

#[tokio::test]
async fn every_socket_gets_all_pushes_in_order() {
    let server = TestServer::new().await;
    let address = server.listen().await;
    let chat = server.bob.act("start_chat", json!({})).await["chat_id"].clone();
    let chat = chat.as_str().unwrap();
    let mut consoles = Vec::new();
    for _ in 0..10 {
        consoles.push(Console::of(address, &server.ada.token).await);
    }
    count(&server.bob, chat, 200, 1).await;
    for console in &mut consoles {
        let (numbers, positions) = counted(console, 199).await;
        assert!(numbers.into_iter().eq(0..200));
        assert!(positions.is_sorted_by(|a, b| a + 1 == *b), "{positions:?}");
    }
}

/// A socket that is read slowly misses what is broadcast meanwhile, and reads
/// it from the store.
#[tokio::test]
async fn a_socket_that_falls_behind_catches_up() {
    let server = TestServer::new().await;
    let address = server.listen().await;
    let chat = server.bob.act("start_chat", json!({})).await["chat_id"].clone();
    let mut slow = Console::of(address, &server.ada.token).await;
    // More than the buffers of both ends and the broadcast hold. No time passes,
    // in which the socket would be closed as too slow.
    tokio::time::pause();
    count(&server.bob, chat.as_str().unwrap(), 1_500, 16_000).await;
    tokio::time::resume();
    let (numbers, positions) = counted(&mut slow, 1_499).await;
    assert!(numbers.into_iter().eq(0..1_500));
    assert!(positions.is_sorted_by(|a, b| a + 1 == *b), "{positions:?}");
    assert!(slow.so_far().await.is_empty());
}

/// Another process on the same database wakes nobody in this one.
#[tokio::test]
async fn what_another_process_appends_is_found() {
    let server = TestServer::new().await;
    let address = server.listen().await;
    let mut console = Console::of(address, &server.ada.token).await;
    let mut tx = server.write().await;
    tx.append_agent_stream_event(&parlor_server::store::row::NewAgentStreamEvent {
        audience: parlor_server::store::row::Audience::everybody(),
        chat_id: None,
        action: "routing_status_set".to_owned(),
        payload: json!({"agent_id": server.bob.id, "status": "offline"}).into(),
        created_at: server.now(),
    })
    .await
    .unwrap();
    tx.commit().await.unwrap();
    advance(20).await;
    let push = console.next("routing_status_set").await;
    assert_eq!(push["payload"]["agent_id"], server.bob.id.as_str());
}
