//! Pushes arrive in order and once, also across lost sockets.

use serde_json::{Value, json};

use crate::actors::{Console, TestServer, Visitor, positions};

/// The texts of pushed messages.
fn texts(pushes: &[Value]) -> Vec<String> {
    pushes
        .iter()
        .filter(|push| push["payload"]["event"]["type"] == "message")
        .map(|push| {
            push["payload"]["event"]["text"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect()
}

#[tokio::test]
async fn a_conversation_is_pushed_in_order() {
    let server = TestServer::new().await;
    let address = server.listen().await;
    let mut console = Console::of(address, &server.bob.token).await;
    let mut visitor = Visitor::waits(&server, "Jon").await;
    let id = server.ada.only_chat().await;
    server.ada.accept(&id).await;
    visitor.say("Hi").await;
    server.ada.note(&id, "A regular").await;
    let to_bob = json!({"id": id, "target": {"type": "agent", "ids": [server.bob.id]}});
    server.ada.done("transfer_chat", to_bob).await;
    visitor.end().await;
    let pushes = console.pushes_to("chat_deactivated").await;
    let actions: Vec<&str> = pushes
        .iter()
        .map(|push| push["action"].as_str().unwrap())
        .filter(|action| *action != "queue_positions_updated")
        .collect();
    assert_eq!(
        actions,
        [
            "incoming_chat",
            "incoming_event",
            "user_added_to_chat",
            "incoming_event",
            "incoming_event",
            "incoming_event",
            "chat_transferred",
            "incoming_event",
            "chat_deactivated",
        ]
    );
    assert_eq!(texts(&pushes), ["Hi", "A regular"]);
    let positions = positions(&pushes);
    assert_eq!(positions.len(), pushes.len());
    assert!(positions.is_sorted_by(|a, b| a + 1 == *b), "{positions:?}");
}

#[tokio::test]
async fn a_lost_socket_loses_and_doubles_nothing() {
    let server = TestServer::new().await;
    let address = server.listen().await;
    let mut visitor = Visitor::waits(&server, "Jon").await;
    let id = server.ada.only_chat().await;
    server.ada.accept(&id).await;

    let (mut console, welcome) = Console::since(address, &server.ada.token, None).await;
    let mut seen = vec![welcome["position"].as_i64().unwrap()];
    let mut heard = Vec::new();
    for round in 0..4 {
        visitor.say(&format!("{round} heard")).await;
        while heard.len() <= 2 * round {
            let push = console.next("incoming_event").await;
            seen.extend(positions(std::slice::from_ref(&push)));
            heard.extend(texts(&[push]));
        }
        // The connection breaks without a close frame.
        drop(console);
        visitor.say(&format!("{round} missed")).await;
        let welcome;
        (console, welcome) = Console::since(address, &server.ada.token, seen.last().copied()).await;
        assert_eq!(welcome["fresh"], false);
        assert_eq!(welcome["chats_summary"], json!([]));
        let pushes = console.so_far().await;
        seen.extend(positions(&pushes));
        heard.extend(texts(&pushes));
        assert_eq!(seen.last().copied(), welcome["position"].as_i64());
    }
    assert!(seen.is_sorted_by(|a, b| a + 1 == *b), "{seen:?}");
    let said: Vec<String> = (0..4)
        .flat_map(|round| [format!("{round} heard"), format!("{round} missed")])
        .collect();
    assert_eq!(heard, said);
}

#[tokio::test]
async fn a_long_absence_is_caught_up_in_order() {
    let server = TestServer::new().await;
    let address = server.listen().await;
    let (console, welcome) = Console::since(address, &server.ada.token, None).await;
    let position = welcome["position"].as_i64().unwrap();
    console.close().await;
    let mut visitor = Visitor::waits(&server, "Jon").await;
    let said: Vec<String> = (0..250).map(|n| n.to_string()).collect();
    for text in &said {
        visitor.say(text).await;
    }
    let (mut console, _) = Console::since(address, &server.ada.token, Some(position)).await;
    assert_eq!(texts(&console.so_far().await), said);
}

#[tokio::test]
async fn a_client_away_for_too_long_loads_everything() {
    let server = TestServer::new().await;
    let address = server.listen().await;
    let mut visitor = Visitor::waits(&server, "Jon").await;
    visitor.say("Hello").await;
    let mut tx = server.write().await;
    tx.trim_agent_stream(server.now(), 99).await.unwrap();
    tx.commit().await.unwrap();
    visitor.say("Still there?").await;
    let newest = Console::since(address, &server.ada.token, None).await.1["position"].clone();
    let newest = newest.as_i64().unwrap();

    // Trimmed, from another database, or nonsense.
    for position in [0, 1, newest + 1, i64::MAX, -1, i64::MIN] {
        let (mut console, welcome) =
            Console::since(address, &server.ada.token, Some(position)).await;
        assert_eq!(welcome["fresh"], true, "{position}");
        assert_eq!(welcome["chats_summary"].as_array().unwrap().len(), 1);
        assert_eq!(welcome["position"], newest);
        assert!(console.so_far().await.is_empty());
    }
    let (mut console, welcome) = Console::since(address, &server.ada.token, Some(newest - 1)).await;
    assert_eq!(welcome["fresh"], false);
    assert_eq!(texts(&console.so_far().await), ["Still there?"]);
}

#[tokio::test]
async fn summaries_and_pushes_equal_a_fresh_load() {
    let server = TestServer::new().await;
    let address = server.listen().await;
    let mut visitor = Visitor::waits(&server, "Jon").await;
    let (mut console, welcome) = Console::since(address, &server.ada.token, None).await;
    let id = welcome["chats_summary"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let mut events = server.ada.chat(&id).await["thread"]["events"].clone();
    let events = events.as_array_mut().unwrap();
    server.ada.accept(&id).await;
    visitor.say("Hi").await;
    server.bob.note(&id, "Careful").await;
    server.ada.say(&id, "Good day").await;
    for push in console.so_far().await {
        if push["action"] == "incoming_event" {
            events.push(push["payload"]["event"].clone());
        }
    }
    assert_eq!(
        server.ada.chat(&id).await["thread"]["events"],
        json!(events)
    );
}
