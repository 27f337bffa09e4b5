//! Messages, typing indicators and transfers between visitor and agent.

use serde_json::{Value, json};

use crate::server::TestServer;

#[tokio::test(start_paused = true)]
async fn an_agent_who_accepts_is_introduced() {
    let server = TestServer::new().await;
    let mut visitor = server.waiting_visitor().await;
    let agent = server.agent();
    agent.accept().await;
    let established = visitor.poll().await.message("ChatEstablished");
    assert_eq!(established["name"], "Andy");
    assert_eq!(established["userId"], agent.id.as_str());
    assert_eq!(established["sneakPeekEnabled"], true);
    for spelling in ["chasitorIdletimeout", "chasitorIdleTimeout"] {
        assert_eq!(established[spelling]["isEnabled"], false, "{spelling}");
    }
}

#[tokio::test(start_paused = true)]
async fn messages_have_the_apis_fields_and_ours() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    let id = agent.say(&chat, "Hello, how can I help you?").await;
    let message = visitor.poll().await.message("ChatMessage");
    assert_eq!(message["name"], "Andy");
    assert_eq!(message["text"], "Hello, how can I help you?");
    assert_eq!(message["eventId"], id.as_str());
    assert_eq!(message["sequence"], 2);
    assert_eq!(message["agentId"], agent.id.as_str());
    assert!(message["createdAt"].as_str().unwrap().ends_with('Z'));
}

/// The visitor's own messages are not echoed.
#[tokio::test(start_paused = true)]
async fn messages_before_an_agent_joins_are_delivered() {
    let server = TestServer::new().await;
    let mut visitor = server.waiting_visitor().await;
    visitor.say("one").await.ok();
    visitor.post("ChasitorTyping", json!({})).await.ok();
    let peek = json!({ "position": 1, "text": "tw" });
    visitor.post("ChasitorSneakPeek", peek).await.ok();
    visitor.say("two").await.ok();
    let agent = server.agent();
    let chat = agent.accept().await;
    assert_eq!(agent.log(&chat).await, ["one", "two"]);
    assert_eq!(visitor.poll().await.kinds(), ["ChatEstablished"]);
}

#[tokio::test(start_paused = true)]
async fn typing_indicators_begin_and_end() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    agent.types(&chat, true).await;
    let typing = visitor.poll().await;
    assert_eq!(typing.kinds(), ["AgentTyping"]);
    assert_eq!(typing.message("AgentTyping")["name"], "Andy");
    agent.types(&chat, false).await;
    assert_eq!(visitor.poll().await.kinds(), ["AgentNotTyping"]);
    // A typing indicator that was not polled in time is dropped.
    for is_typing in [true, false, true] {
        agent.types(&chat, is_typing).await;
    }
    assert_eq!(visitor.poll().await.kinds(), ["AgentTyping"]);
    // Not every client hides the typing indicator when a message arrives.
    agent.types(&chat, false).await;
    agent.say(&chat, "one").await;
    assert_eq!(
        visitor.poll().await.kinds(),
        ["AgentNotTyping", "ChatMessage"]
    );
    // A typing indicator is dropped when the message comes first.
    agent.types(&chat, true).await;
    agent.say(&chat, "two").await;
    assert_eq!(visitor.poll().await.kinds(), ["ChatMessage"]);
}

#[tokio::test(start_paused = true)]
async fn a_transfer_names_the_new_agent() {
    let server = TestServer::new().await;
    let (mut visitor, andy, chat) = server.visitor_with_agent().await;
    let ryan = server.colleague("Ryan").await;
    andy.transfer(&chat, &ryan).await;
    let answer = visitor.poll().await;
    assert_eq!(answer.kinds(), ["ChatTransferred"]);
    let transferred = answer.message("ChatTransferred");
    assert_eq!(transferred["name"], "Ryan");
    assert_eq!(transferred["userId"], ryan.id.as_str());
    assert_eq!(transferred["sneakPeekEnabled"], true);
    for spelling in ["chasitorIdletimeout", "chasitorIdleTimeout"] {
        assert!(transferred[spelling].is_object());
    }
    ryan.say(&chat, "I take over").await;
    assert_eq!(visitor.poll().await.message("ChatMessage")["name"], "Ryan");
}

#[tokio::test(start_paused = true)]
async fn an_agent_who_goes_leaves_the_session_alive() {
    let server = TestServer::new().await;
    let (mut visitor, andy, chat) = server.visitor_with_agent().await;
    andy.leave(&chat).await;
    assert_eq!(visitor.poll().await.kinds()[0], "AgentDisconnect");
    visitor.say("hello?").await.ok();
    let ryan = server.colleague("Ryan").await;
    ryan.accept().await;
    let answer = visitor.poll().await;
    assert_eq!(answer.message("ChatEstablished")["name"], "Ryan");
    ryan.say(&chat, "hello!").await;
    assert_eq!(visitor.poll().await.texts(), ["hello!"]);
}

#[tokio::test(start_paused = true)]
async fn rich_events_come_as_custom_events() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    let event = json!({ "type": "rich_message", "template_id": "quick_replies",
        "elements": [{ "title": "Which?", "buttons": [
            { "type": "message", "text": "This", "value": "this", "postback_id": "p1" }] }] });
    let id = agent.send(&chat, event).await;
    let custom = visitor.poll().await.message("CustomEvent");
    assert_eq!(custom["type"], "rich_message");
    let event: Value = serde_json::from_str(custom["data"].as_str().unwrap()).unwrap();
    assert_eq!(event["id"], id.as_str());
    assert_eq!(event["elements"][0]["title"], "Which?");
}

#[tokio::test(start_paused = true)]
async fn the_pages_own_custom_events_reach_the_agent() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    let event = json!({ "type": "PromptForCreditCard", "data": "Visa" });
    let answer = visitor.post("CustomEvent", event.clone()).await.ok();
    assert_eq!(answer.header("x-chat-position"), Some("2"));
    let thread = agent.thread(&chat).await;
    let last = thread["events"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(last["type"], "custom");
    assert_eq!(last["content"], event);
    // Authors in the event are ignored.
    let forged = json!({ "type": "message", "text": "forged", "visibility": "agents",
        "author_id": agent.id });
    let event = json!({ "type": "message", "data": forged.to_string() });
    visitor.post("CustomEvent", event).await.ok();
    let thread = agent.thread(&chat).await;
    let last = thread["events"].as_array().unwrap().last().unwrap().clone();
    assert_ne!(last["author_id"], agent.id.as_str());
    assert_eq!(last["visibility"], "all");
    for kind in ["system_message", "rich_message", "file"] {
        let data = json!({ "type": kind, "text": "x", "system_message_type": "x",
            "template_id": "cards", "elements": [], "url": "https://x.example" });
        let event = json!({ "type": kind, "data": data.to_string() });
        visitor.post("CustomEvent", event).await;
    }
    let notes = agent.notes(&chat).await;
    assert!(!notes.contains(&"x".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn an_idle_warning_is_shown_to_agents() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    for word in ["triggered", "cleared"] {
        let warning = json!({ "idleTimeoutWarningEvent": word });
        visitor
            .post("ChasitorIdleTimeoutWarningEvent", warning)
            .await
            .ok();
    }
    let notes = agent.notes(&chat).await;
    assert!(notes.ends_with(&["customer_idle".to_owned(), "customer_active".to_owned()]));
    visitor.poll().await.empty();
}

#[tokio::test(start_paused = true)]
async fn a_conversation_is_in_the_order_of_its_log() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    let mut positions = Vec::new();
    for n in 0..10 {
        let posted = visitor.say(&format!("v{n}")).await.ok();
        let position = posted.header("x-chat-position").unwrap();
        positions.push(position.parse::<i64>().unwrap());
        agent.say(&chat, &format!("a{n}")).await;
    }
    for (_, message) in visitor.fetch_all().await {
        positions.push(message["sequence"].as_i64().unwrap());
    }
    positions.sort_unstable();
    assert_eq!(positions, (2..22).collect::<Vec<_>>());
    let said: Vec<_> = (0..10)
        .flat_map(|n| [format!("v{n}"), format!("a{n}")])
        .collect();
    assert_eq!(agent.log(&chat).await, said);
}
